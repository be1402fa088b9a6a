"""Small rows for the tests of stores: all made up."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime

from kg.model.graph import Batch, Link, NodeRef, Provenance, Row, RowChange, RowId, Sight, Value
from kg.ports import GraphStore

NOW = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)


def clock() -> datetime:
    return NOW


def node(text: str) -> NodeRef:
    return NodeRef.parse(text)


def row(
    key: str,
    *,
    table: str = "needs",
    source: str = "s1",
    at: str | None = None,
    links: Iterable[tuple[str, str, str]] = (),
    values: Mapping[str, Value] | None = None,
    batch: str = "",
    person: str | None = None,
    owners: tuple[str, ...] = (),
    public: bool = True,
    mark: str = "",
    identity: str = "",
) -> Row:
    """Return a row; `at` is its node as kind:key, links are (start, relation, end)."""
    return Row(
        id=RowId(source, table, key),
        node=node(at) if at else None,
        label=f"标签{key}",
        values={"title": f"名称{key}"} if values is None else values,
        links=tuple(Link(node(start), relation, node(end)) for start, relation, end in links),
        provenance=Provenance(
            batch=batch,
            origin=f"需求.xlsx / 需求 / 第 {key} 行",
            recorded_at=NOW,
            valid_from=date(2026, 1, 1),
            confidence=0.8,
            basis="核实",
        ),
        person=person,
        owners=owners,
        public=public,
        seal_mark=mark,
        identity=identity,
    )


def put(one: Row, sealed: bytes | None = None) -> RowChange:
    return RowChange(id=one.id, row=one, sealed=sealed)


def retire(row_id: RowId) -> RowChange:
    return RowChange(id=row_id, row=None)


def batch(name: str = "", source: str = "s1") -> Batch:
    return Batch(
        id=name,
        source=source,
        actor="cli",
        at=NOW,
        delivered=("needs", "talents"),
        report={"rows": 1, "列": [1]},
    )


def load(store: GraphStore, *changes: RowChange, name: str = "") -> Batch:
    """Stage and publish the changes; return the published batch."""
    store.stage("load", changes)
    return store.publish(batch(name), staged="load")


def sight(**parts: object) -> Sight:
    """Return a sight; the parts are iterables of names, and `org`."""
    org = parts.pop("org", None)
    sets = {key: frozenset(value) for key, value in parts.items()}  # type: ignore[call-overload]  # tests hand in sets
    return Sight(**{"kinds": frozenset(), **sets}, org=org)  # type: ignore[arg-type]  # same
