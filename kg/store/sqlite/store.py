"""The embedded graph store: one SQLite file, write-ahead log, every commit on disk before it is acknowledged."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from heapq import merge
from pathlib import Path
from typing import Any, Final, LiteralString, cast

from kg.model.graph import Batch, Change, Row, RowId
from kg.store.answers import read_batch, read_change
from kg.store.codec import decode_rows, finger, from_json, to_json
from kg.store.disk_store import Values
from kg.store.rules import row_order
from kg.store.sqlite import schema
from kg.store.sqlite.connections import Connections
from kg.store.sqlite.operations.pruning import prune
from kg.store.sqlite.publishing import Publisher

_COLUMNS: Final[LiteralString] = """
    SELECT source.text, tbl.text, row.key, batch.name, CAST(row.body AS BLOB)
    FROM json_each(?) AS wanted CROSS JOIN """
_JOINED: Final[LiteralString] = """
    CROSS JOIN batch ON batch.id = row.batch AND batch.revision IS NOT NULL
    CROSS JOIN term AS tbl ON tbl.id = row.tbl CROSS JOIN term AS source ON source.id = row.source
    WHERE row.body IS NOT NULL"""
# Some hundred rows a step, as JSON arrays: a step lets other threads run, and each may keep the interpreter a while.
_SOME: Final = """
    SELECT max(key), json_group_array(key), json_group_array(batch), CAST('[' || group_concat(body) || ']' AS BLOB)
    FROM (SELECT key, batch, body FROM source_row
        WHERE tbl = ? AND source = ? AND body IS NOT NULL AND key > ? ORDER BY key LIMIT 200)"""
_PUBLISHED: Final = "SELECT id, name FROM batch WHERE revision IS NOT NULL"
_TABLES: Final = """
    SELECT text, id FROM term WHERE (?1 IS NULL OR text = ?1)
        AND EXISTS (SELECT 1 FROM source_row WHERE tbl = term.id) ORDER BY text"""
_SOURCES: Final = """
    SELECT text, id FROM term
    WHERE CASE WHEN ?2 IS NULL THEN id IN (SELECT source FROM source_row WHERE tbl = ?1) ELSE text = ?2 END"""
_PART: Final[LiteralString] = """
    (SELECT data FROM sealed WHERE row_id = row.id AND mark = json_extract(row.body, '$[11]'))"""
_FOUND_BY: Final[Mapping[str, LiteralString]] = {
    "id": """term AS s ON s.text = json_extract(wanted.value, '$[0]')
        CROSS JOIN term AS t ON t.text = json_extract(wanted.value, '$[1]')
        CROSS JOIN source_row AS row ON row.tbl = t.id AND row.key = json_extract(wanted.value, '$[2]')
            AND row.source = s.id""",
    "node": """term AS kind ON kind.text = json_extract(wanted.value, '$[0]')
        CROSS JOIN node ON node.kind = kind.id AND node.key = json_extract(wanted.value, '$[1]')
        CROSS JOIN source_row AS row ON row.node = node.id""",
    "person": "source_row AS row ON row.person = wanted.value",
    "identity": "source_row AS row ON row.identity = wanted.value",
}
_ROWS: Final[Mapping[str, LiteralString]] = {
    by: _COLUMNS + found + _JOINED for by, found in _FOUND_BY.items()
}
# Whom the states of rows are about, and whom the other rows at their nodes are about.
_ABOUT: Final[LiteralString] = """
    WITH place AS MATERIALIZED (SELECT row.id, row.node, row.body FROM json_each(?) AS wanted CROSS JOIN PLACE)
    SELECT json_extract(body, '$[8]') FROM place
    UNION SELECT json_extract(before, '$[8]') FROM place CROSS JOIN change ON change.row_id = place.id
    UNION SELECT json_extract(live.body, '$[8]') FROM place CROSS JOIN live ON live.node = place.node"""
_LOOK_UPS: Final[Mapping[str, LiteralString]] = {
    **_ROWS,
    "sealed": _ROWS["id"].replace("batch.name, CAST(row.body AS BLOB)", _PART),
    "about": _ABOUT.replace("PLACE", _FOUND_BY["id"]),
}
_CHANGES: Final = """
    SELECT source.text, tbl.text, row.key, earlier.name, change.before,
        writer.name, IIF(later.batch IS NULL, row.body, later.before)
    FROM batch CROSS JOIN change ON change.batch = batch.id
    CROSS JOIN source_row AS row ON row.id = change.row_id
    CROSS JOIN term AS tbl ON tbl.id = row.tbl CROSS JOIN term AS source ON source.id = row.source
    LEFT JOIN batch AS earlier ON earlier.id = change.before_batch
    LEFT JOIN change AS later ON later.row_id = change.row_id AND later.batch = (
        SELECT next.id FROM change AS c CROSS JOIN batch AS next ON next.id = c.batch
        WHERE c.row_id = change.row_id AND next.revision > batch.revision ORDER BY next.revision LIMIT 1)
    LEFT JOIN batch AS writer ON writer.id = IIF(later.batch IS NULL, row.batch, later.before_batch)
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
# Staged rows have edges too; the look at the row is only needed while something is staged.
_AROUND: Final[LiteralString] = """
    WITH near AS MATERIALIZED (
        SELECT start.id, start.kind, start.key FROM json_each(:nodes) AS wanted
        CROSS JOIN term ON term.text = json_extract(wanted.value, '$[0]')
        CROSS JOIN node AS start ON start.kind = term.id AND start.key = json_extract(wanted.value, '$[1]')
        WHERE NEAR_SEEN),
    found AS (
        SELECT edge.relation, kind.text AS kind, other.key, other.id
        FROM near CROSS JOIN edge ON edge.NEAR = near.id
            AND edge.relation BETWEEN IFNULL(ASKED, 0) AND IFNULL(ASKED, IIF(:relation IS NULL, 1 << 62, -1))
        CROSS JOIN node AS other ON other.id = edge.FAR
            AND other.kind = IIF(:kind IS NULL, other.kind, (SELECT id FROM term WHERE text = :kind))
        CROSS JOIN term AS kind ON kind.id = other.kind
        WHERE (:after_kind IS NULL OR (kind.text, other.key) > (:after_kind, :after_key))
            AND ((SELECT COUNT(*) FROM batch WHERE revision IS NULL) = 0
                OR EXISTS (SELECT 1 FROM live WHERE live.id = edge.row_id))
            AND (:all OR edge.relation IN
                (SELECT id FROM term WHERE text IN (SELECT value FROM json_each(:relations))))
            AND OTHER_SEEN)"""
_PAGE: Final[LiteralString] = """AROUND, page AS MATERIALIZED (
        SELECT DISTINCT term.text AS name, found.* FROM found CROSS JOIN term ON term.id = found.relation
        ORDER BY name, found.kind, found.key LIMIT :limit)
    SELECT page.name, page.kind, page.key, near_kind.text, near.key,
        source.text, tbl.text, row.key, batch.name, row.body
    FROM page CROSS JOIN near
    CROSS JOIN edge ON edge.NEAR = near.id AND edge.relation = page.relation AND edge.FAR = page.id
    CROSS JOIN live AS row ON row.id = edge.row_id CROSS JOIN batch ON batch.id = row.batch
    CROSS JOIN term AS near_kind ON near_kind.id = near.kind
    CROSS JOIN term AS source ON source.id = row.source CROSS JOIN term AS tbl ON tbl.id = row.tbl"""
_COUNT: Final[LiteralString] = """AROUND
    SELECT term.text, found.kind, COUNT(DISTINCT found.id) FROM found CROSS JOIN term ON term.id = found.relation
    GROUP BY found.relation, found.kind"""


def _both_ways(query: LiteralString) -> dict[str, LiteralString]:
    """Return the query completed, once along the edges and once against them."""
    seen = _AROUND.replace("NEAR_SEEN", _VISIBLE.replace("END", "start"))
    whole = query.replace("AROUND", seen.replace("OTHER_SEEN", _VISIBLE.replace("END", "other")))
    whole = whole.replace("ASKED", "(SELECT id FROM term WHERE text = :relation)")
    return {
        "out": whole.replace("edge.NEAR", "edge.src").replace("edge.FAR", "edge.dst"),
        "in": whole.replace("edge.NEAR", "edge.dst").replace("edge.FAR", "edge.src"),
    }


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
            with connections.writing() as connection:
                schema.prepare(connection, path=str(path), key_fingerprint=key_fingerprint)
            store.clean()
        except BaseException:
            connections.close()
            raise
        return store

    def batches(self) -> Sequence[Batch]:
        """Return the published batches, oldest first."""
        with self._connections.snapshot() as connection:
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
                parts = [
                    decode_rows(_some(connection, number, one), text, name, published)
                    for text, one in connection.execute(_SOURCES, (number, source)).fetchall()
                ]
                yield from parts[0] if len(parts) == 1 else merge(*parts, key=lambda row: row_order(row.id))

    def _look_up(self, by: str, wanted: frozenset[object]) -> Iterable[Any]:
        keys = {finger(value) if isinstance(value, str) else value for value in wanted}
        return self._connections.ask(_LOOK_UPS[by], (to_json(sorted(keys, key=str)),))

    def _page(self, direction: str, values: Values) -> Iterable[Any]:
        return self._connections.ask(_PAGES[direction], _plain(values))

    def _counts(self, values: Values) -> Mapping[str, Iterable[Any]]:
        told = _plain(values)
        return {way: self._connections.ask(query, told) for way, query in _COUNTS.items()}


def _some(connection: sqlite3.Connection, table: int, source: int) -> Iterator[tuple[str, str, bytes]]:
    """Yield the live rows of a table of one source, some at a time: keys, numbers of batches and rows as JSON arrays."""
    last: str | None = ""
    while last is not None:
        last, *found = connection.execute(_SOME, (table, source, last)).fetchone()
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
