"""Which sources deliver what and how often: noted with every load, told with what is overdue."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from kg.bootstrap import Graph
from kg.errors import InvalidInputError, NotFoundError
from kg.model.viewers import Viewer
from kg.policy.rights import demand_loader
from loaders.staleness import ages, delivered_by

COLLECTION: Final = "sources"
_DAYS_KEPT: Final = 24
_LONGEST: Final = 3650


def note_delivery(graph: Graph, document: Mapping[str, Any]) -> None:
    """Remember that a source has delivered today, also where nothing changed: the store keeps no batch of that."""
    if document["status"] == "refused" or document["dry_run"]:
        return
    source, today = str(document["source"]), graph.clock().date().isoformat()
    record = dict(graph.ledger.get(COLLECTION, source) or {})
    tables = {key: list(days) for key, days in _tables(record).items()}
    for table in document["tables"]:
        tables[table] = [*(day for day in tables.get(table, ()) if day != today), today][-_DAYS_KEPT:]
    graph.ledger.put(COLLECTION, source, {**record, "tables": tables})


def sources(graph: Graph, *, viewer: Viewer) -> dict[str, Any]:
    """Return every table of every source with its age, the most overdue first; for officers and administrators."""
    demand_loader(viewer)
    records = dict(graph.ledger.items(COLLECTION))
    deliveries = delivered_by(graph.store.batches())
    expected = {}
    for source, record in records.items():
        if isinstance(record.get("expected"), int):
            expected[source] = int(str(record["expected"]))
        for table, days in _tables(record).items():
            deliveries.setdefault((source, table), []).extend(map(date.fromisoformat, days))
    found = ages(deliveries, expected, graph.clock().date())
    names = {table.key: table.zh for table in graph.schema.tables}
    items = [{**one.to_json(), "table_label": names.get(one.table, one.table)} for one in found]
    return {
        "today": graph.clock().date().isoformat(),
        "items": items,
        "total": len(items),
        "total_is_exact": True,
        "old": sum(one.state == "old" for one in found),
        "expected": expected,
    }


def expect(graph: Graph, source: str, days: int | None, *, viewer: Viewer) -> None:
    """Set after how many days a source is overdue (1 to 3650), None to go by its rhythm again.

    Raises NotFoundError for a source that has never delivered, InvalidInputError for a number out of range.
    """
    demand_loader(viewer)
    if days is not None and not 1 <= days <= _LONGEST:
        raise InvalidInputError(f"报送间隔应是 1 到 {_LONGEST} 天", field="days", value=days)
    if source not in {one["source"] for one in sources(graph, viewer=viewer)["items"]}:
        raise NotFoundError(f"来源“{source}”还没有报送过，请核对名称")
    record = {
        key: value for key, value in (graph.ledger.get(COLLECTION, source) or {}).items() if key != "expected"
    }
    graph.ledger.put(COLLECTION, source, record if days is None else {**record, "expected": days})
    graph.audit.record(viewer.name, "source-interval", source, {"days": days})


def _tables(record: Mapping[str, object]) -> Mapping[str, list[str]]:
    told = record.get("tables")
    return (
        {str(key): [str(day) for day in days] for key, days in told.items()}
        if isinstance(told, Mapping)
        else {}
    )
