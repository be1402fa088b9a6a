"""Reading rows, log and batches of the embedded store."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, LiteralString

from kg.model.graph import Batch, Change, Row, RowId
from kg.store.answers import in_order, read_batch, read_change, read_row
from kg.store.codec import decode_rows, finger, from_json, to_json

_COLUMNS: Final[LiteralString] = """
    SELECT source.text, tbl.text, row.key, batch.name, CAST(row.body AS BLOB)"""
_JOINED: Final[LiteralString] = """
    CROSS JOIN batch ON batch.id = row.batch AND batch.revision IS NOT NULL
    CROSS JOIN term AS tbl ON tbl.id = row.tbl CROSS JOIN term AS source ON source.id = row.source"""
_ONE_TABLE: Final = (
    _COLUMNS
    + " FROM source_row AS row"
    + _JOINED
    + " WHERE row.tbl = ? AND row.body IS NOT NULL ORDER BY row.key, source.text"
)
_ONE_SOURCE: Final = """
    SELECT key, batch, CAST(body AS BLOB) FROM source_row
    WHERE tbl = ? AND source = (SELECT id FROM term WHERE text = ?) AND body IS NOT NULL ORDER BY key"""
_PUBLISHED: Final = "SELECT id, name FROM batch WHERE revision IS NOT NULL"
_BY_ID: Final = (
    _COLUMNS
    + """ FROM json_each(?) AS wanted
    CROSS JOIN term AS s ON s.text = json_extract(wanted.value, '$[0]')
    CROSS JOIN term AS t ON t.text = json_extract(wanted.value, '$[1]')
    CROSS JOIN source_row AS row ON row.tbl = t.id AND row.key = json_extract(wanted.value, '$[2]')
        AND row.source = s.id"""
    + _JOINED
    + " WHERE row.body IS NOT NULL"
)
_BY_NODE: Final = (
    _COLUMNS
    + """ FROM json_each(?) AS wanted
    CROSS JOIN term AS kind ON kind.text = json_extract(wanted.value, '$[0]')
    CROSS JOIN node ON node.kind = kind.id AND node.key = json_extract(wanted.value, '$[1]')
    CROSS JOIN source_row AS row ON row.node = node.id"""
    + _JOINED
    + " WHERE row.body IS NOT NULL"
)
_BY_PERSON: Final = (
    _COLUMNS
    + " FROM json_each(?) AS wanted CROSS JOIN source_row AS row ON row.person = wanted.value"
    + _JOINED
    + " WHERE row.body IS NOT NULL"
)
_BY_IDENTITY: Final = (
    _COLUMNS
    + " FROM json_each(?) AS wanted CROSS JOIN source_row AS row ON row.identity = wanted.value"
    + _JOINED
    + " WHERE row.body IS NOT NULL"
)
_TABLES: Final = """
    SELECT text, id FROM term WHERE EXISTS (SELECT 1 FROM source_row WHERE tbl = term.id) ORDER BY text"""
_CHANGES: Final = """
    SELECT source.text, tbl.text, row.key, earlier.name, change.before,
        CASE WHEN later.batch IS NULL THEN writer.name ELSE later_writer.name END,
        CASE WHEN later.batch IS NULL THEN row.body ELSE later.before END
    FROM batch CROSS JOIN change ON change.batch = batch.id
    CROSS JOIN source_row AS row ON row.id = change.row_id
    CROSS JOIN term AS tbl ON tbl.id = row.tbl CROSS JOIN term AS source ON source.id = row.source
    LEFT JOIN batch AS earlier ON earlier.id = change.before_batch
    LEFT JOIN change AS later ON later.row_id = change.row_id AND later.batch = (
        SELECT next.id FROM change AS c CROSS JOIN batch AS next ON next.id = c.batch
        WHERE c.row_id = change.row_id AND next.revision > batch.revision ORDER BY next.revision LIMIT 1)
    LEFT JOIN batch AS later_writer ON later_writer.id = later.before_batch
    LEFT JOIN batch AS writer ON writer.id = row.batch
    WHERE batch.revision = ? ORDER BY tbl.text, row.key, source.text"""
_SEALED: Final = """
    SELECT source.text, tbl.text, row.key, sealed.data FROM json_each(?) AS wanted
    CROSS JOIN term AS source ON source.text = json_extract(wanted.value, '$[0]')
    CROSS JOIN term AS tbl ON tbl.text = json_extract(wanted.value, '$[1]')
    CROSS JOIN live AS row ON row.tbl = tbl.id AND row.key = json_extract(wanted.value, '$[2]')
        AND row.source = source.id
    CROSS JOIN sealed ON sealed.row_id = row.id AND sealed.mark = json_extract(row.body, '$[11]')"""
_ALL_SEALED: Final = """
    SELECT source.text, tbl.text, row.key, sealed.mark, sealed.data FROM sealed
    CROSS JOIN source_row AS row ON row.id = sealed.row_id
    CROSS JOIN term AS tbl ON tbl.id = row.tbl CROSS JOIN term AS source ON source.id = row.source
    WHERE row.batch IN (SELECT id FROM batch WHERE revision IS NOT NULL)"""
_BATCHES: Final = """
    SELECT name, source, actor, at, delivered, revision, synthetic, report FROM batch
    WHERE revision > ? ORDER BY revision"""


def table_rows(connection: sqlite3.Connection, table: str | None, source: str | None) -> Iterator[Row]:
    """Stream the live rows of one table or of all, of one source or of all, in order."""
    published: dict[int, str] = dict(connection.execute(_PUBLISHED))
    for name, number in connection.execute(_TABLES).fetchall():
        if table is not None and name != table:
            continue
        if source is None:
            yield from map(read_row, connection.execute(_ONE_TABLE, (number,)))
        else:
            yield from decode_rows(connection.execute(_ONE_SOURCE, (number, source)), source, name, published)


def chosen_rows(
    connection: sqlite3.Connection,
    *,
    ids: Sequence[Sequence[str]] | None,
    nodes: Sequence[Sequence[str]] | None,
    persons: Sequence[str] | None,
    identities: Sequence[str] | None,
) -> list[Row]:
    """Return the live rows of the first condition given, in order; the caller checks the others."""
    if ids is not None:
        found = connection.execute(_BY_ID, (to_json(sorted(set(map(tuple, ids)))),))
    elif nodes is not None:
        found = connection.execute(_BY_NODE, (to_json(sorted(set(map(tuple, nodes)))),))
    elif persons is not None:
        found = connection.execute(_BY_PERSON, (_fingers(persons),))
    else:
        found = connection.execute(_BY_IDENTITY, (_fingers(identities or ()),))
    return in_order(map(read_row, found))


def changes_since(connection: sqlite3.Connection, since: int) -> Iterator[Change]:
    """Stream the log after a revision, one revision at a time."""
    for batch in all_batches(connection, since):
        yield from (read_change(batch, found) for found in connection.execute(_CHANGES, (batch.revision,)))


def sealed_parts(connection: sqlite3.Connection, ids: Sequence[RowId]) -> Mapping[RowId, bytes]:
    """Return the sealed bytes of live rows that have some."""
    found = connection.execute(_SEALED, (to_json(list(ids)),))
    return {RowId(source, table, key): data for source, table, key, data in found}


def all_sealed(connection: sqlite3.Connection) -> Iterator[tuple[RowId, str, bytes]]:
    """Stream row, mark and bytes of the sealed parts of published states."""
    for source, table, key, mark, data in connection.execute(_ALL_SEALED):
        yield RowId(source, table, key), mark, data


def all_batches(connection: sqlite3.Connection, since: int = 0) -> list[Batch]:
    """Return the batches published after a revision, oldest first."""
    found = connection.execute(_BATCHES, (since,)).fetchall()
    return [read_batch((*row[:4], from_json(row[4]), *row[5:])) for row in found]


def _fingers(tokens: Sequence[str]) -> str:
    return to_json(sorted({finger(token) for token in tokens if token}, key=lambda number: number or 0))
