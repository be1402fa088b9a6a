"""What the embedded store writes: staged batches become revisions, and rows are erased for good.

A row that nobody has yet is written where it will stay and becomes visible when its batch gets a revision: the bulk
of a first load is written once. A change of a row that exists waits in table `staged`.
"""

import sqlite3
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final, LiteralString

from kg.model.graph import Batch, RowChange, RowId
from kg.store import rules
from kg.store.codec import Entry, decode_stated, entry_of, to_json
from kg.store.disk_store import DiskStore, Erasure
from kg.store.sqlite.connections import Connections
from kg.store.sqlite.forms import Name, Numbers

_PAGE: Final = 5_000
_REVISION: Final = "SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'revision'"
_NEXT_REVISION: Final = "UPDATE meta SET value = CAST(? AS TEXT) WHERE name = 'revision'"
_NAMES: Final = "SELECT name FROM batch WHERE name >= ?"
_STAGINGS: Final = "SELECT staged, id, holder, began FROM batch WHERE revision IS NULL"
_OPEN: Final = "INSERT INTO batch (staged, holder, began) VALUES (?, ?, ?) ON CONFLICT (staged) DO UPDATE SET staged = staged RETURNING id"
_PUBLISH: Final = """
    UPDATE batch SET staged = NULL, name = ?, revision = ?, source = ?, actor = ?, at = ?, delivered = ?,
        synthetic = ?, report = ? WHERE id = ?"""
_REPORTS: Final = "SELECT id, report FROM batch WHERE source IN (SELECT value FROM json_each(?))"
_ADD_ROW: Final = """
    INSERT INTO source_row (tbl, key, source, batch, body, node, public, person, identity, id)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_FILL_ROW: Final = """
    UPDATE source_row SET batch = ?, body = ?, node = ?, public = ?, person = ?, identity = ? WHERE id = ?"""
_ADD_EDGE: Final = "INSERT OR IGNORE INTO edge (src, relation, dst, row_id) VALUES (?, ?, ?, ?)"
_DROP_EDGE: Final = "DELETE FROM edge WHERE src = ? AND relation = ? AND dst = ? AND row_id = ?"
_ADD_SEALED: Final = "INSERT INTO sealed (row_id, mark, data) VALUES (?, ?, ?)"
_ADD_STAGED: Final = """
    INSERT INTO staged (batch, row_id, body, mark, sealed) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (batch, row_id) DO UPDATE SET body = excluded.body, mark = excluded.mark,
        sealed = CASE WHEN excluded.sealed IS NULL AND excluded.mark = mark THEN sealed ELSE excluded.sealed END"""
_LOG: Final = "INSERT INTO change (batch, row_id) SELECT batch, id FROM source_row WHERE id > ? AND batch = ?"
# New rows of staged batches that stand in their places: at given places, or some of one batch.
_HIDDEN_AT: Final = """
    SELECT row.id, row.body, NULL FROM json_each(?) AS wanted CROSS JOIN source_row AS row ON row.id = wanted.value
    CROSS JOIN batch ON batch.id = row.batch AND batch.revision IS NULL"""
_SOME_HIDDEN: Final = """
    SELECT row.id, row.body, NULL FROM change CROSS JOIN source_row AS row ON row.id = change.row_id
    WHERE change.batch = ?1 AND row.batch = ?1 LIMIT ?2"""
_TO_STAGED: Final = """
    INSERT INTO staged (batch, row_id, body, mark, sealed)
    SELECT row.batch, row.id, row.body, json_extract(row.body, '$[11]'), sealed.data
    FROM source_row AS row LEFT JOIN sealed ON sealed.row_id = row.id
    WHERE row.id IN (SELECT value FROM json_each(?))"""
_WAITING: Final = """
    SELECT staged.row_id, row.body, staged.body FROM staged CROSS JOIN source_row AS row ON row.id = staged.row_id
    WHERE staged.batch = ? AND staged.row_id > ? ORDER BY staged.row_id LIMIT ?"""
_LOG_WAITING: Final = (
    """INSERT INTO change (batch, row_id, before, before_batch)
        SELECT staged.batch, row.id, row.body, IIF(row.body IS NULL, NULL, row.batch)
        FROM staged CROSS JOIN source_row AS row ON row.id = staged.row_id
        WHERE staged.batch = ? AND (staged.body IS NOT NULL OR row.body IS NOT NULL)""",
    """INSERT OR REPLACE INTO sealed (row_id, mark, data)
        SELECT row_id, mark, sealed FROM staged WHERE batch = ? AND sealed IS NOT NULL""",
)
_DROP_WAITING: Final = (
    """DELETE FROM source_row WHERE batch = 0 AND id IN (SELECT row_id FROM staged WHERE batch = ?1)
        AND id NOT IN (SELECT row_id FROM staged WHERE batch <> ?1)""",
    "DELETE FROM staged WHERE batch = ?1",
)
# What hangs on a place; then the changes that wait for it, and the place itself.
_DROP_TRACES: Final = (
    "DELETE FROM change WHERE row_id IN (SELECT value FROM json_each(?))",
    "DELETE FROM sealed WHERE row_id IN (SELECT value FROM json_each(?))",
)
_DROP_PLACES: Final = (
    *_DROP_TRACES,
    "DELETE FROM staged WHERE row_id IN (SELECT value FROM json_each(?))",
    "DELETE FROM source_row WHERE id IN (SELECT value FROM json_each(?))",
)
_BODIES: Final = "SELECT id, body, NULL FROM source_row WHERE id IN (SELECT value FROM json_each(?))"
_DROP_UNNAMED_NODES: Final = """
    DELETE FROM node WHERE NOT EXISTS (SELECT 1 FROM source_row WHERE source_row.node = node.id)
        AND NOT EXISTS (SELECT 1 FROM edge WHERE edge.src = node.id)
        AND NOT EXISTS (SELECT 1 FROM edge WHERE edge.dst = node.id)"""
_SET_MARKS: Final = "UPDATE change SET before = ? WHERE batch = ?"
# For each table and source one entry without key stands for rows of which nothing may be told any more.
MARKER: Final = (
    "INSERT OR IGNORE INTO source_row (tbl, key, source, batch) VALUES (?2, ?3, ?4, 0)",
    """INSERT OR IGNORE INTO change (batch, row_id)
        SELECT ?1, id FROM source_row WHERE tbl = ?2 AND key = ?3 AND source = ?4""",
)


class Publisher(DiskStore[int, Entry]):
    """What a store writes: staged batches, which it knows by their numbers, become revisions."""

    chunk = 20_000  # the larger, the less often the pages of random indexes are written

    def __init__(self, connections: Connections, *, clock: Callable[[], datetime]) -> None:
        super().__init__(clock)
        self._connections = connections

    def revision(self) -> int:
        """Return the newest revision: one read of one row, some microseconds."""
        return int(self._connections.ask(_REVISION)[0][0])

    def stage(self, batch: str, changes: Iterable[RowChange]) -> int:
        """Write changes under an unpublished batch, some thousands per transaction; return how many."""
        with self._connections.bulk():  # the pages of one transaction are those of the next
            return super().stage(batch, changes)

    def _entry(self, name: str, change: RowChange) -> Entry:
        return entry_of(change, name)

    def _stage(self, name: str, entries: Sequence[Entry]) -> int:
        with self._connections.writing() as connection:
            number = self._opened(name)
            _Writing(connection, number).stage(entries)
        return number

    @contextmanager
    def _turn(self, name: str, *, erasing: bool = False) -> Generator[tuple[int, int], None, None]:
        with self._connections.bulk(), self._connections.writing():
            yield self._opened(name), self.revision()
        if erasing:
            self._connections.rewrite()

    def _apply(self, token: int, batch: Batch) -> None:
        writing = _Writing(self._connections.mine(), token)
        writing.apply_waiting()
        writing.record(batch)

    def _erase(self, token: int, erasure: Erasure, batch: Batch | None) -> None:
        writing = _Writing(self._connections.mine(), token)
        writing.erase(erasure)
        if batch is None:
            writing.discard_some()
        else:
            writing.record(batch)

    def _names(self, first: str) -> Iterable[str]:
        return [name for (name,) in self._connections.ask(_NAMES, (first,))]

    def _reports(self, sources: Sequence[str]) -> Iterable[tuple[int, str]]:
        return self._connections.ask(_REPORTS, (to_json(sources),))

    def _stagings(self) -> Sequence[Any]:
        return self._connections.ask(_STAGINGS)

    def _remove(self, tokens: Sequence[int]) -> None:
        for number in tokens:
            done = False
            while not done:
                with self._connections.writing() as connection:
                    done = _Writing(connection, number).discard_some()

    def _opened(self, name: str) -> int:
        """Return the number of the staged batch of this name, made when new."""
        ((number,),) = self._connections.ask(_OPEN, (name, *self._holder()))
        return self._mine(name, int(number))


class _Writing:
    """One write transaction for one batch."""

    def __init__(self, connection: sqlite3.Connection, batch: int) -> None:
        self._connection, self._batch = connection, batch
        self._numbers = Numbers(connection)

    def stage(self, entries: Sequence[Entry]) -> None:
        """Write changes; no row twice."""
        names = self._numbers.names(entry.id for entry in entries)
        places, last = self._numbers.places(names)
        self._free([place for place in places if place <= last])
        told = list(zip(places, names, entries, strict=True))
        self._add_new([one for one in told if one[0] > last], last)
        waiting = (
            (self._batch, place, entry.body, entry.mark, entry.sealed)
            for place, _, entry in told
            if place <= last or entry.told is None
        )
        self._connection.executemany(_ADD_STAGED, waiting)

    def _add_new(self, new: Sequence[tuple[int, Name, Entry]], last: int) -> None:
        """Write rows that had no place yet, with edges, sealed parts and log; a retired one gets an empty place."""
        edges = self._numbers.edges([(place, one.told) for place, _, one in new if one.told is not None])
        rows = (
            (*name, 0 if one.told is None else self._batch, *self._numbers.content(one.body, one.told), place)
            for place, name, one in new
        )
        self._connection.executemany(_ADD_ROW, rows)
        self._connection.executemany(_ADD_EDGE, edges)
        self._connection.execute(_LOG, (last, self._batch))
        parts = ((place, one.mark, one.sealed) for place, _, one in new if one.sealed)
        self._connection.executemany(_ADD_SEALED, parts)

    def _free(self, places: Sequence[int]) -> None:
        """Let new rows of staged batches wait like any change, because their places are named again."""
        rows = self._connection.execute(_HIDDEN_AT, (to_json(places),)).fetchall() if places else []
        if rows:
            self._each((_TO_STAGED, *_DROP_TRACES), to_json([place for place, *_ in rows]))
            self._put(0, rows)

    def apply_waiting(self) -> None:
        """Log and write the staged changes of rows that have a place."""
        self._each(_LOG_WAITING, self._batch)
        rows: list[Any] = [(0,)]
        while rows:
            rows = self._connection.execute(_WAITING, (self._batch, rows[-1][0], _PAGE)).fetchall()
            self._put(self._batch, [row for row in rows if row[1:] != (None, None)])
        self._each(_DROP_WAITING, self._batch)

    def _put(self, writer: int, rows: Sequence[tuple[int, str | None, str | None]]) -> None:
        """Write what places hold from now on, and which batch wrote it: place, body before, body after; edges follow."""
        before = [(place, decode_stated(body)) for place, body, _ in rows if body is not None]
        after = {place: decode_stated(body) for place, _, body in rows if body is not None}
        gone, come = set(self._numbers.edges(before)), set(self._numbers.edges(after.items()))
        self._connection.executemany(_DROP_EDGE, sorted(gone - come))
        self._connection.executemany(_ADD_EDGE, sorted(come - gone))
        filled = ((writer, *self._numbers.content(body, after.get(place)), place) for place, _, body in rows)
        self._connection.executemany(_FILL_ROW, filled)

    def discard_some(self) -> bool:
        """Remove some of what the staged batch wrote; return whether it is gone. A published one stays."""
        own = self._connection.execute("SELECT revision FROM batch WHERE id = ?", (self._batch,)).fetchone()
        if own is None or own[0] is not None:
            return True
        rows = self._connection.execute(_SOME_HIDDEN, (self._batch, _PAGE)).fetchall()
        self._clear(rows)
        if not rows:
            self._each((*_DROP_WAITING, "DELETE FROM batch WHERE id = ?"), self._batch)
        return not rows

    def erase(self, erasure: Erasure) -> None:
        """Remove rows and their traces; an entry without key tells of each table and source that lost live ones."""
        places = to_json(self._numbers.known_places(erasure.rows))
        self._clear(self._connection.execute(_BODIES, (places,)).fetchall())
        self._connection.execute(_DROP_UNNAMED_NODES)
        self._connection.executemany("UPDATE batch SET report = ?2 WHERE id = ?1", erasure.reports)
        for source, table in erasure.pairs:
            ((place, key, origin),) = self._numbers.names([RowId(source, table, rules.ERASED_KEY)])
            for statement in MARKER:
                self._connection.execute(statement, (self._batch, place, key, origin))
        self._connection.execute(_SET_MARKS, (to_json(erasure.about), self._batch))

    def _clear(self, rows: Sequence[tuple[int, str | None, None]]) -> None:
        """Remove rows (place, body, None) and everything that hangs on their places."""
        self._put(0, rows)
        self._each(_DROP_PLACES, to_json([place for place, *_ in rows]))

    def record(self, batch: Batch) -> None:
        """Make everything that was written under the number of the batch visible."""
        self._connection.execute(_NEXT_REVISION, (batch.revision,))
        told = (batch.id, batch.revision, batch.source, batch.actor, batch.at.isoformat())
        more = (to_json(batch.delivered), int(batch.synthetic), to_json(dict(batch.report)))
        self._connection.execute(_PUBLISH, (*told, *more, self._batch))

    def _each(self, statements: Iterable[LiteralString], value: object) -> None:
        for statement in statements:
            self._connection.execute(statement, (value,))
