"""The embedded graph store: one SQLite file, write-ahead log, every commit on disk before it is acknowledged."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, LiteralString, cast

from kg.model.graph import Batch, Change, Row, RowId
from kg.store.answers import read_batch, read_change, read_row
from kg.store.codec import decode_rows, finger, from_json, to_json
from kg.store.disk_store import Values
from kg.store.sqlite import schema
from kg.store.sqlite.connections import Connections, translated
from kg.store.sqlite.operations.pruning import prune
from kg.store.sqlite.publishing import REVISION, Publisher

_COLUMNS: Final[LiteralString] = """
    SELECT source.text, tbl.text, row.key, batch.name, CAST(row.body AS BLOB) FROM """
_JOINED: Final[LiteralString] = """
    CROSS JOIN batch ON batch.id = row.batch AND batch.revision IS NOT NULL
    CROSS JOIN term AS tbl ON tbl.id = row.tbl CROSS JOIN term AS source ON source.id = row.source
    WHERE row.body IS NOT NULL"""
_ONE_TABLE: Final = (
    _COLUMNS + "source_row AS row" + _JOINED + " AND row.tbl = ? ORDER BY row.key, source.text"
)
# Some hundred rows a step, as JSON arrays: a step lets other threads run, and each may keep the interpreter a while.
_ONE_SOURCE: Final = """
    SELECT max(key), json_group_array(key), json_group_array(batch), CAST('[' || group_concat(body) || ']' AS BLOB)
    FROM (SELECT key, batch, body FROM source_row
        WHERE tbl = ? AND source = (SELECT id FROM term WHERE text = ?) AND body IS NOT NULL AND key > ?
        ORDER BY key LIMIT 200)"""
_PUBLISHED: Final = "SELECT id, name FROM batch WHERE revision IS NOT NULL"
_TABLES: Final = """
    SELECT text, id FROM term WHERE (?1 IS NULL OR text = ?1)
        AND EXISTS (SELECT 1 FROM source_row WHERE tbl = term.id) ORDER BY text"""
_WANTED: Final[LiteralString] = _COLUMNS + "json_each(?) AS wanted CROSS JOIN "
_BY_ID: Final[LiteralString] = (
    _WANTED
    + """term AS s ON s.text = json_extract(wanted.value, '$[0]')
    CROSS JOIN term AS t ON t.text = json_extract(wanted.value, '$[1]')
    CROSS JOIN source_row AS row ON row.tbl = t.id AND row.key = json_extract(wanted.value, '$[2]')
        AND row.source = s.id"""
    + _JOINED
)
_PART: Final[LiteralString] = """
    (SELECT data FROM sealed WHERE row_id = row.id AND mark = json_extract(row.body, '$[11]'))"""
_LOOK_UPS: Final[Mapping[str, LiteralString]] = {
    "id": _BY_ID,
    "sealed": _BY_ID.replace("batch.name, CAST(row.body AS BLOB)", _PART),
    "node": _WANTED
    + """term AS kind ON kind.text = json_extract(wanted.value, '$[0]')
    CROSS JOIN node ON node.kind = kind.id AND node.key = json_extract(wanted.value, '$[1]')
    CROSS JOIN source_row AS row ON row.node = node.id"""
    + _JOINED,
    "person": _WANTED + "source_row AS row ON row.person = wanted.value" + _JOINED,
    "identity": _WANTED + "source_row AS row ON row.identity = wanted.value" + _JOINED,
}
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
_ALL_SEALED: Final = """
    SELECT source.text, tbl.text, row.key, sealed.mark, sealed.data FROM sealed
    CROSS JOIN source_row AS row ON row.id = sealed.row_id
    CROSS JOIN term AS tbl ON tbl.id = row.tbl CROSS JOIN term AS source ON source.id = row.source
    WHERE row.batch IN (SELECT id FROM batch WHERE revision IS NOT NULL)"""
_BATCHES: Final = """
    SELECT name, source, actor, at, delivered, revision, synthetic, report FROM batch
    WHERE revision > ? ORDER BY revision"""

# A node is visible by its kind; else by its rows: all public, or one owned by the organisation.
_VISIBLE: Final[LiteralString] = """(
    :all OR END.kind IN (SELECT id FROM term WHERE text IN (SELECT value FROM json_each(:kinds)))
    OR (END.kind IN (SELECT id FROM term WHERE text IN (SELECT value FROM json_each(:scoped)))
        AND EXISTS (SELECT 1 FROM live WHERE live.node = END.id)
        AND NOT EXISTS (SELECT 1 FROM live WHERE live.node = END.id AND NOT live.public))
    OR (END.kind IN (SELECT id FROM term WHERE text IN (SELECT value FROM json_each(:own)))
        AND EXISTS (SELECT 1 FROM live, json_each(live.body, '$[9]') AS owner
            WHERE live.node = END.id AND owner.value = :org)))"""
_NEAR: Final[LiteralString] = """
    near AS MATERIALIZED (
        SELECT start.id, start.kind, start.key FROM json_each(:nodes) AS wanted
        CROSS JOIN term ON term.text = json_extract(wanted.value, '$[0]')
        CROSS JOIN node AS start ON start.kind = term.id AND start.key = json_extract(wanted.value, '$[1]')
        WHERE VISIBLE
    )""".replace("VISIBLE", _VISIBLE.replace("END", "start"))
# Staged rows have edges too; the look at the row is only needed while something is staged.
_WALKABLE: Final[LiteralString] = """
    ((SELECT COUNT(*) FROM batch WHERE revision IS NULL) = 0
        OR EXISTS (SELECT 1 FROM live WHERE live.id = edge.row_id))
    AND (:all OR edge.relation IN
        (SELECT id FROM term WHERE text IN (SELECT value FROM json_each(:relations))))
    AND VISIBLE""".replace("VISIBLE", _VISIBLE.replace("END", "other"))
_PAGE: Final[LiteralString] = """
    WITH NEAR_NODES,
    page AS MATERIALIZED (
        SELECT DISTINCT relation.text AS relation, kind.text AS kind, other.key AS key,
            edge.relation AS relation_id, other.id AS other_id
        FROM near CROSS JOIN edge ON edge.src = near.id
            AND edge.relation BETWEEN IFNULL(ASKED, 0) AND IFNULL(ASKED, IIF(:relation IS NULL, 1 << 62, -1))
        CROSS JOIN node AS other ON other.id = edge.dst
            AND other.kind = IIF(:kind IS NULL, other.kind, (SELECT id FROM term WHERE text = :kind))
        CROSS JOIN term AS relation ON relation.id = edge.relation
        CROSS JOIN term AS kind ON kind.id = other.kind
        WHERE WALKABLE AND (:after_kind IS NULL OR (kind.text, other.key) > (:after_kind, :after_key))
        ORDER BY relation.text, kind.text, other.key LIMIT :limit
    )
    SELECT page.relation, page.kind, page.key, near_kind.text, near.key,
        source.text, tbl.text, row.key, batch.name, row.body
    FROM page CROSS JOIN near
    CROSS JOIN edge ON edge.src = near.id AND edge.relation = page.relation_id AND edge.dst = page.other_id
    CROSS JOIN live AS row ON row.id = edge.row_id CROSS JOIN batch ON batch.id = row.batch
    CROSS JOIN term AS near_kind ON near_kind.id = near.kind
    CROSS JOIN term AS source ON source.id = row.source CROSS JOIN term AS tbl ON tbl.id = row.tbl""".replace(
    "ASKED", "(SELECT id FROM term WHERE text = :relation)"
)
_COUNT: Final[LiteralString] = """
    WITH NEAR_NODES
    SELECT relation.text, kind.text, COUNT(DISTINCT edge.dst)
    FROM near CROSS JOIN edge ON edge.src = near.id CROSS JOIN node AS other ON other.id = edge.dst
    CROSS JOIN term AS relation ON relation.id = edge.relation CROSS JOIN term AS kind ON kind.id = other.kind
    WHERE WALKABLE GROUP BY edge.relation, other.kind"""


def _both_ways(query: LiteralString) -> dict[str, LiteralString]:
    """Return the query completed, and turned so that it walks edges against their direction."""
    out = query.replace("NEAR_NODES", _NEAR).replace("WALKABLE", _WALKABLE)
    turned = out.replace("edge.src", "edge.NEAR").replace("edge.dst", "edge.src")
    return {"out": out, "in": turned.replace("edge.NEAR", "edge.dst")}


_PAGES: Final = _both_ways(_PAGE)
_COUNTS: Final = _both_ways(_COUNT)


class SqliteStore(Publisher):
    """`kg.ports.GraphStore` in one file. Threads and processes of one host may share it; a network drive may not."""

    @classmethod
    def open(
        cls, path: Path, *, key_fingerprint: str, clock: Callable[[], datetime], busy_seconds: float = 30.0
    ) -> "SqliteStore":
        """Open the store at `path`, made when missing, and discard what dead processes left staged.

        `busy_seconds` is how long a write waits for another one. Raises StoreError (no access, damaged, foreign
        file, SQLite too old), StoreNewerError, WrongKeyError, StoreBusyError.
        """
        schema.require_sqlite(sqlite3.sqlite_version_info)
        connections = Connections(path, busy_seconds=busy_seconds)
        store = cls(connections, clock=clock)
        try:
            with translated(path):
                schema.prepare(connections.mine(), path=str(path), key_fingerprint=key_fingerprint)
            store.clean()
        except BaseException:
            connections.close()
            raise
        return store

    def revision(self) -> int:
        """Return the newest revision: one read of one row, some microseconds."""
        with self._connections.reading() as connection:
            return int(connection.execute(REVISION).fetchone()[0])

    def batches(self) -> Sequence[Batch]:
        """Return the published batches, oldest first."""
        with self._connections.reading() as connection:
            return _batches(connection, since=0)

    def changes(self, since: int) -> Iterator[Change]:
        """Yield the change log after revision `since`, as of one moment."""
        with self._connections.snapshot() as connection:
            for batch in _batches(connection, since):
                found = connection.execute(_CHANGES, (batch.revision,))
                yield from (read_change(batch, told) for told in found)

    def sealed_history(self) -> Iterator[tuple[RowId, str, bytes]]:
        """Yield row, mark and sealed bytes of every state that is kept, also of retired rows: for copies of the store."""
        with self._connections.snapshot() as connection:
            for source, table, key, mark, data in connection.execute(_ALL_SEALED):
                yield RowId(source, table, key), mark, data

    def prune(self, until: int) -> int:
        """Forget the change log up to and with revision `until`; return how many entries went.

        Rows, batches and revisions stay. Repeating it changes nothing.
        """
        with self._connections.writing() as connection:
            return prune(connection, until)

    def close(self) -> None:
        """Close the connections of all threads."""
        self._connections.close()

    def _scan(self, table: str | None, source: str | None) -> Iterator[Row]:
        with self._connections.snapshot() as connection:
            published: dict[int, str] = dict(connection.execute(_PUBLISHED))
            for name, number in connection.execute(_TABLES, (table,)).fetchall():
                if source is None:
                    yield from map(read_row, connection.execute(_ONE_TABLE, (number,)))
                else:
                    yield from decode_rows(_some(connection, number, source), source, name, published)

    def _look_up(self, by: str, wanted: frozenset[object]) -> Iterable[Any]:
        keys = {finger(value) if isinstance(value, str) else value for value in wanted}
        with self._connections.reading() as connection:
            return connection.execute(_LOOK_UPS[by], (to_json(sorted(keys, key=str)),)).fetchall()

    def _page(self, direction: str, values: Values) -> Iterable[Any]:
        with self._connections.reading() as connection:
            return connection.execute(_PAGES[direction], _plain(values)).fetchall()

    def _counts(self, values: Values) -> Mapping[str, Iterable[Any]]:
        told = _plain(values)
        with self._connections.reading() as connection:
            return {way: connection.execute(query, told).fetchall() for way, query in _COUNTS.items()}


def _some(connection: sqlite3.Connection, table: int, source: str) -> Iterator[tuple[str, str, bytes]]:
    """Yield the live rows of a table of one source, some at a time: keys, numbers of batches and rows as JSON arrays."""
    last: str | None = ""
    while last is not None:
        last, *found = connection.execute(_ONE_SOURCE, (table, source, last)).fetchone()
        if last is not None:
            yield found[0], found[1], found[2]


def _batches(connection: sqlite3.Connection, since: int) -> list[Batch]:
    """Return the batches published after a revision, oldest first."""
    found = connection.execute(_BATCHES, (since,)).fetchall()
    return [read_batch((*row[:4], from_json(row[4]), *row[5:])) for row in found]


def _plain(values: Values) -> Values:
    """Return values of a query as SQLite takes them: lists as JSON."""
    lists = {name: to_json(cast("object", one)) for name, one in values.items() if isinstance(one, list)}
    return {**values, **lists}
