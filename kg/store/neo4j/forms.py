"""How rows, edges, batches and rights are written for Neo4j, and read back."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from kg.errors import StoreError
from kg.model.graph import Batch, Row, RowChange, RowId
from kg.schema import Schema, Table, Visibility
from kg.store import rules
from kg.store.answers import read_batch
from kg.store.codec import encode_row, to_json
from kg.store.disk_store import Erasure

SEPARATOR: Final = "\0"
_LONGEST: Final = 4_000


def version_fields(change: RowChange, staged: str, schema: Schema) -> dict[str, object]:
    """Return the properties of a version; a retired row has no body."""
    row = change.row
    named: dict[str, object] = {"_row": name_of(change.id), **change.id._asdict()}
    named = {name if name == "_row" else f"_{name}": value for name, value in named.items()}
    if row is None:
        return named
    links = list(dict.fromkeys(row.links))
    shown = _shown(row, schema.by_key.get(row.id.table))
    return {
        **shown,
        **named,
        "_shown": list(shown),
        "_body": encode_row(row, staged),
        "_node": None if row.node is None else name_of(row.node),
        "_person": row.person or None,
        "_identity": row.identity or None,
        "_public": row.public,
        "_owners": list(row.owners),
        "_mark": row.seal_mark,
        "_sealed": change.sealed,
        "_starts": [name_of(link.start) for link in links],
        "_relations": [link.relation for link in links],
        "_ends": [name_of(link.end) for link in links],
    }


def batch_fields(batch: Batch, token: str, erasure: Erasure | None = None) -> dict[str, object]:
    """Return the properties of a batch, also which (source, table) an erasure took rows from, and the marks of whom."""
    return {
        "_name": batch.id,
        "_revision": batch.revision,
        "_token": token,
        "_source": batch.source,
        "_actor": batch.actor,
        "_at": batch.at.isoformat(),
        "_delivered": list(batch.delivered),
        "_synthetic": batch.synthetic,
        "_report": to_json(dict(batch.report)),
        "_erased": [SEPARATOR.join(pair) for pair in erasure.pairs] if erasure else [],
        "_about": to_json(erasure.about) if erasure else None,
    }


def name_of(value: object) -> str:
    """Return the one text of a row or a node that look-ups use; indexes take no longer ones."""
    match value:
        case RowId(source, table, key):
            text = SEPARATOR.join((table, key, source))
        case _:
            text = str(value)
    if len(text.encode()) > _LONGEST:
        raise StoreError(f"编号太长，Neo4j 存不下：{text[:40]}…", code="key-too-long")
    return text


def _shown(row: Row, table: Table | None) -> dict[str, object]:
    """Return what everyone may see of a row, as properties for people who read the graph itself."""
    named: dict[str, object] = {} if row.node is None or not row.label else {"name": row.label}
    if table is None:
        return named
    open_to_all = {Visibility.PUBLIC, Visibility.SCOPED}
    columns = (
        c.key for c in table.plain_columns() if not c.protected and table.visibility_of(c) in open_to_all
    )
    values = {key: row.values.get(key) for key in columns}
    small = {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in values.items()
        if value is not None and not (isinstance(value, int) and abs(value) >= 2**63)
    }
    return {**named, **small}


def read_told_batch(found: Any) -> Batch:
    """Return a batch from the properties of its node."""
    names = ("name", "source", "actor", "at", "delivered", "revision", "synthetic", "report")
    return read_batch([found[f"_{name}"] for name in names])


def erased_of(batches: Iterable[Any]) -> Iterator[list[Any]]:
    """Yield revision and entry of rows that were erased, told by table, source and marks only."""
    for batch in batches:
        for pair in batch["_erased"]:
            source, table = pair.split(SEPARATOR)
            yield [
                batch["_revision"],
                "",
                source,
                table,
                rules.ERASED_KEY,
                None,
                batch.get("_about"),
                None,
                None,
            ]
