"""What the embedded store writes: staged batches become revisions, and rows are erased for good.

A row that nobody has yet is written where it will stay and becomes visible when its batch gets a revision: the bulk
of a first load is written once. A change of a row that exists waits in table `staged`.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final, LiteralString, TypeAlias

from kg.model.graph import Batch, Link, NodeRef, RowChange, RowId
from kg.model.marks import marks_of
from kg.model.reports import scrubbed
from kg.store import rules
from kg.store.codec import Entry, Stated, decode_stated, entry_of, finger, from_json, to_json
from kg.store.disk_store import DiskStore
from kg.store.sqlite.connections import Connections, rewrite

_PAGE: Final = 5_000
_Name: TypeAlias = tuple[int, str, int]
_NOTHING: Final = (None, None, None, None, None)

REVISION: Final = "SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'revision'"
_NEXT_REVISION: Final = "UPDATE meta SET value = CAST(? AS TEXT) WHERE name = 'revision'"
_NAMES: Final = "SELECT name FROM batch WHERE name >= ?"
_STAGINGS: Final = "SELECT staged, id, holder, began FROM batch WHERE revision IS NULL"
_OPEN: Final = "INSERT INTO batch (staged, holder, began) VALUES (?, ?, ?) ON CONFLICT (staged) DO UPDATE SET staged = staged RETURNING id"
_PUBLISH: Final = """
    UPDATE batch SET staged = NULL, name = ?, revision = ?, source = ?, actor = ?, at = ?, delivered = ?,
        synthetic = ?, report = ? WHERE id = ?"""
_FIND_NODES: Final = """
    SELECT wanted.key, node.id FROM json_each(?) AS wanted
    CROSS JOIN node ON node.kind = json_extract(wanted.value, '$[0]')
        AND node.key = json_extract(wanted.value, '$[1]')"""
_FIND_ROWS: Final = """
    SELECT wanted.key, row.id FROM json_each(?) AS wanted
    CROSS JOIN source_row AS row ON row.tbl = json_extract(wanted.value, '$[0]')
        AND row.key = json_extract(wanted.value, '$[1]') AND row.source = json_extract(wanted.value, '$[2]')"""
_ADD_NODE: Final = "INSERT INTO node (kind, key, id) VALUES (?, ?, ?)"
_ADD_ROW: Final = """
    INSERT INTO source_row (tbl, key, source, batch, body, node, public, person, identity, id)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_FILL_ROW: Final = """
    UPDATE source_row SET batch = ?, body = ?, node = ?, public = ?, person = ?, identity = ? WHERE id = ?"""
_ADD_EDGE: Final = "INSERT OR IGNORE INTO edge (src, relation, dst, row_id) VALUES (?, ?, ?, ?)"
_DROP_EDGE: Final = "DELETE FROM edge WHERE src = ? AND relation = ? AND dst = ? AND row_id = ?"
_ADD_SEALED: Final = "INSERT OR REPLACE INTO sealed (row_id, mark, data) VALUES (?, ?, ?)"
_ADD_CHANGE: Final = "INSERT INTO change (batch, row_id, before, before_batch) VALUES (?, ?, ?, ?)"
_LOG_NEW: Final = (
    "INSERT INTO change (batch, row_id) SELECT batch, id FROM source_row WHERE id > ? AND batch = ?"
)
_ADD_STAGED: Final = """
    INSERT INTO staged (batch, row_id, body, mark, sealed) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (batch, row_id) DO UPDATE SET body = excluded.body, mark = excluded.mark,
        sealed = CASE WHEN excluded.sealed IS NULL AND excluded.mark = mark THEN sealed ELSE excluded.sealed END"""
_WAITING: Final = """
    SELECT staged.row_id, staged.body, staged.mark, staged.sealed, row.body, row.batch,
        row.batch <> 0 AND EXISTS (SELECT 1 FROM batch WHERE id = row.batch AND revision IS NULL)
    FROM staged CROSS JOIN source_row AS row ON row.id = staged.row_id
    WHERE staged.batch = ? AND staged.row_id > ? ORDER BY staged.row_id LIMIT ?"""
# New rows of a staged batch that stand in their places: some of them, or those at given places.
_HIDDEN: Final[LiteralString] = """
    SELECT row.id, row.body, sealed.data FROM change CROSS JOIN source_row AS row ON row.id = change.row_id
    LEFT JOIN sealed ON sealed.row_id = row.id WHERE change.batch = ?1 AND row.batch = ?1 AND ONLY"""
_SOME_HIDDEN: Final = _HIDDEN.replace("ONLY", "TRUE LIMIT ?2")
_HIDDEN_AT: Final = _HIDDEN.replace("ONLY", "change.row_id IN (SELECT value FROM json_each(?2))")
_DROP_WAITING: Final = (
    """DELETE FROM source_row WHERE batch = 0 AND id IN (SELECT row_id FROM staged WHERE batch = ?1)
        AND id NOT IN (SELECT row_id FROM staged WHERE batch <> ?1)""",
    "DELETE FROM staged WHERE batch = ?1",
)
_DROP_PLACE: Final = """
    DELETE FROM source_row WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM staged WHERE row_id = ?1)"""
_STATE: Final = """
    SELECT row.tbl, row.source, row.body, batch.revision FROM source_row AS row
    LEFT JOIN batch ON batch.id = row.batch WHERE row.id = ?"""
# Whom the states of a row are about, and whom the other rows at its node are about.
_PERSONS: Final = """
    SELECT json_extract(body, '$[8]') FROM source_row WHERE id = ?1
    UNION SELECT json_extract(before, '$[8]') FROM change WHERE row_id = ?1
    UNION SELECT json_extract(other.body, '$[8]') FROM source_row AS row
        CROSS JOIN live AS other ON other.node = row.node WHERE row.id = ?1"""
_SET_MARKS: Final = "UPDATE change SET before = ? WHERE batch = ?"
_ERASE: Final = (
    "DELETE FROM change WHERE row_id = ?",
    "DELETE FROM staged WHERE row_id = ?",
    "DELETE FROM sealed WHERE row_id = ?",
    "DELETE FROM source_row WHERE id = ?",
)
_DROP_UNNAMED_NODES: Final = """
    DELETE FROM node WHERE NOT EXISTS (SELECT 1 FROM source_row WHERE source_row.node = node.id)
        AND NOT EXISTS (SELECT 1 FROM edge WHERE edge.src = node.id)
        AND NOT EXISTS (SELECT 1 FROM edge WHERE edge.dst = node.id)"""
_REPORTS: Final = "SELECT id, source, report FROM batch WHERE report IS NOT NULL"
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

    def _entry(self, name: str, change: RowChange) -> Entry:
        return entry_of(change, name)

    def stage(self, batch: str, changes: Iterable[RowChange]) -> int:
        """Write changes under an unpublished batch, some thousands per transaction; return how many."""
        with self._connections.bulk():  # the pages of one transaction are those of the next
            return super().stage(batch, changes)

    def _stage(self, name: str, entries: Sequence[Entry]) -> int:
        with self._connections.writing() as connection:
            number = self._opened(connection, name)
            _Writing(connection, number).stage(entries)
        return number

    def _publish(self, name: str, batch: Batch) -> Batch:
        with self._connections.bulk(), self._connections.writing() as connection:
            writing = _Writing(connection, self._opened(connection, name))
            published = writing.next_batch(batch)
            writing.apply_waiting()
            writing.record(published)
        return published

    def erase(self, ids: Sequence[RowId], *, actor: str) -> int:
        """Remove rows and every byte of them: the file is rewritten and the write-ahead log emptied.

        StoreBusyError means that the rows are gone for every reader, but that a long read kept old bytes in the log
        file: repeat the call with the same rows.
        """
        rows = [row for row in dict.fromkeys(ids) if row.key != rules.ERASED_KEY]
        with self._connections.writing() as connection:
            count = _Writing(connection, 0).erase(rows, actor, self._clock())
        with self._connections.reading() as connection:
            rewrite(connection)
        return count

    def _stagings(self) -> Sequence[Any]:
        with self._connections.reading() as connection:
            return connection.execute(_STAGINGS).fetchall()

    def _remove(self, tokens: Sequence[int]) -> None:
        for number in tokens:
            done = False
            while not done:
                with self._connections.writing() as connection:
                    done = _Writing(connection, number).discard_some()

    def _opened(self, connection: sqlite3.Connection, name: str) -> int:
        """Return the number of the staged batch of this name, made when new."""
        ((number,),) = connection.execute(_OPEN, (name, *self._holder())).fetchall()
        return self._mine(name, int(number))


class _Terms(dict[str, int]):
    """The numbers of sources, tables, kinds and relations; a new one is made when first asked for."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection.execute("SELECT text, id FROM term"))
        self._connection = connection

    def __missing__(self, text: str) -> int:
        made = self._connection.execute("INSERT INTO term (text) VALUES (?)", (text,))
        number = self[text] = int(made.lastrowid or 0)
        return number


class _Writing:
    """One write transaction for one batch; the numbers that it has learnt are not good for another one."""

    def __init__(self, connection: sqlite3.Connection, batch: int) -> None:
        self._connection, self._batch = connection, batch
        self._terms = _Terms(connection)
        self._nodes: dict[NodeRef, int] = {}

    def stage(self, entries: Sequence[Entry]) -> None:
        """Write changes; no row twice."""
        names = self._names(entry.id for entry in entries)
        places = self._found(_FIND_ROWS, names)
        if places:
            self._demote(self._batch, sorted(places.values()))
        last, new = self._number_new("SELECT MAX(id) FROM source_row", places, len(entries))
        self._add_new([(places[at], names[at], entries[at]) for at in new], last)
        self._many(
            _ADD_STAGED,
            [
                (self._batch, places[at], entry.body, entry.mark, entry.sealed)
                for at, entry in enumerate(entries)
                if places[at] <= last or entry.told is None
            ],
        )

    def _add_new(self, new: Sequence[tuple[int, _Name, Entry]], last: int) -> None:
        """Write rows that had no place yet, with edges, sealed parts and log; a retired one gets an empty place."""
        told = [(place, entry.told) for place, _, entry in new if entry.told is not None]
        self._know(ref for _, one in told for ref in _named(one))
        rows = (
            (*name, 0, *_NOTHING, place)
            if entry.told is None
            else (*name, self._batch, *self._content(entry.body, entry.told), place)
            for place, name, entry in new
        )
        self._many(_ADD_ROW, rows)
        self._many(_ADD_EDGE, self._edges((place, one.links) for place, one in told))
        self._connection.execute(_LOG_NEW, (last, self._batch))
        parts = ((place, entry.mark, entry.sealed) for place, _, entry in new if entry.sealed)
        self._many(_ADD_SEALED, parts)

    def apply_waiting(self) -> None:
        """Log and write the staged changes of rows that have a place; a place taken by another batch is freed."""
        rows: list[Any] = [(0,)]
        while rows:
            rows = self._connection.execute(_WAITING, (self._batch, rows[-1][0], _PAGE)).fetchall()
            for place, *_, writer, hidden in rows:
                if hidden:
                    self._demote(writer, [place])
            self._apply([(*row[:4], None if row[6] else row[4], row[5]) for row in rows])
        for statement in _DROP_WAITING:
            self._connection.execute(statement, (self._batch,))

    def _apply(self, rows: Iterable[Any]) -> None:
        """Write changes: place, body, mark and sealed part, then the body before and the batch that wrote it."""
        rows = [row for row in rows if row[1] is not None or row[4] is not None]
        log = ((self._batch, place, old, old and writer) for place, _, _, _, old, writer in rows)
        self._many(_ADD_CHANGE, log)
        before = {place: decode_stated(old) for place, *_, old, _ in rows if old is not None}
        after = {place: decode_stated(body) for place, body, *_ in rows if body is not None}
        self._know(ref for one in (*before.values(), *after.values()) for ref in _named(one))
        links = [
            (row[0], *(set(side[row[0]].links if row[0] in side else ()) for side in (before, after)))
            for row in rows
        ]
        self._many(_DROP_EDGE, self._edges((place, old - new) for place, old, new in links))
        self._many(_ADD_EDGE, self._edges((place, new - old) for place, old, new in links))
        filled = (
            (self._batch, *(_NOTHING if body is None else self._content(body, after[place])), place)
            for place, body, *_ in rows
        )
        self._many(_FILL_ROW, filled)
        self._many(_ADD_SEALED, ((place, mark, part) for place, _, mark, part, _, _ in rows if part))

    def _demote(self, batch: int, places: Sequence[int]) -> None:
        """Move new rows of a staged batch from these places to table `staged`, because the places are needed."""
        rows = self._connection.execute(_HIDDEN_AT, (batch, to_json(places))).fetchall()
        self._take_out(batch, rows)
        waiting = ((batch, place, body, decode_stated(body).mark, part) for place, body, part in rows)
        self._many(_ADD_STAGED, waiting)

    def _take_out(self, batch: int, rows: Sequence[tuple[int, str, bytes | None]]) -> None:
        """Leave the places of new rows of a staged batch (place, body, sealed part) empty."""
        self._drop_edges((place, body) for place, body, _ in rows)
        self._many("DELETE FROM sealed WHERE row_id = ?", ((place,) for place, *_ in rows))
        own = ((batch, place) for place, *_ in rows)
        self._many("DELETE FROM change WHERE batch = ? AND row_id = ?", own)
        self._many(_FILL_ROW, ((0, *_NOTHING, place) for place, *_ in rows))

    def discard_some(self) -> bool:
        """Remove some of what the staged batch wrote; return whether it is gone. A published one stays."""
        own = self._connection.execute("SELECT revision FROM batch WHERE id = ?", (self._batch,)).fetchone()
        if own is None or own[0] is not None:
            return True
        rows = self._connection.execute(_SOME_HIDDEN, (self._batch, _PAGE)).fetchall()
        self._take_out(self._batch, rows)
        self._many(_DROP_PLACE, ((place,) for place, *_ in rows))
        for statement in () if rows else (*_DROP_WAITING, "DELETE FROM batch WHERE id = ?"):
            self._connection.execute(statement, (self._batch,))
        return not rows

    def next_batch(self, batch: Batch) -> Batch:
        """Return the batch with its revision and name; StoreBusyError or RefusedError where it cannot have them."""
        return rules.next_batch(batch, self._number(REVISION), self._taken)

    def _taken(self, first: str) -> list[str]:
        return [name for (name,) in self._connection.execute(_NAMES, (first,))]

    def record(self, batch: Batch) -> None:
        """Make everything that was written under the number of the batch visible."""
        self._connection.execute(_NEXT_REVISION, (batch.revision,))
        told = (batch.id, batch.revision, batch.source, batch.actor, batch.at.isoformat())
        more = (to_json(batch.delivered), int(batch.synthetic), to_json(dict(batch.report)))
        self._connection.execute(_PUBLISH, (*told, *more, self._batch))

    def erase(self, rows: Sequence[RowId], actor: str, at: datetime) -> int:
        """Remove rows and their traces; return how many were live. Those make a batch of their own."""
        places = self._found(_FIND_ROWS, self._names(rows))
        states = {place: self._connection.execute(_STATE, (place,)).fetchone() for place in places.values()}
        persons = {person for place in states for (person,) in self._connection.execute(_PERSONS, (place,))}
        self._drop_edges((place, state[2]) for place, state in states.items() if state[2] is not None)
        for statement in _ERASE:
            self._many(statement, ((place,) for place in states))
        self._connection.execute(_DROP_UNNAMED_NODES)
        self._scrub_reports({row.table for row in rows}, {row.source for row in rows})
        live = [state[:2] for state in states.values() if state[2] is not None and state[3] is not None]
        if live:
            batch = self.next_batch(rules.erasure(actor, at, len(live)))
            ((self._batch,),) = self._connection.execute(_OPEN, (None, None, 0)).fetchall()
            for table, source in sorted(set(live)):
                for statement in MARKER:
                    self._connection.execute(statement, (self._batch, table, rules.ERASED_KEY, source))
            marks = to_json(marks_of(persons, batch.revision))
            self._connection.execute(_SET_MARKS, (marks, self._batch))
            self.record(batch)
        return len(live)

    def _scrub_reports(self, tables: set[str], sources: set[str]) -> None:
        """Take what loads of these sources told of single cells of these tables out of their reports."""
        for number, source, text in self._connection.execute(_REPORTS).fetchall():
            fresh = scrubbed(from_json(text), tables) if source in sources else None
            if fresh is not None:
                self._connection.execute("UPDATE batch SET report = ? WHERE id = ?", (to_json(fresh), number))

    def _names(self, rows: Iterable[RowId]) -> list[_Name]:
        """Return table, key and source of rows as they are stored."""
        return [(self._terms[table], key, self._terms[source]) for source, table, key in rows]

    def _know(self, wanted: Iterable[NodeRef]) -> None:
        """Learn the numbers of nodes, made where new."""
        refs = [ref for ref in dict.fromkeys(wanted) if ref not in self._nodes]
        keys = [(self._terms[kind], key) for kind, key in refs]
        found = self._found(_FIND_NODES, keys)
        _, new = self._number_new("SELECT MAX(id) FROM node", found, len(keys))
        self._many(_ADD_NODE, ((*keys[at], found[at]) for at in new))
        self._nodes.update((refs[at], number) for at, number in found.items())

    def _content(self, body: str | None, one: Stated) -> tuple[object, ...]:
        """Return what a row's place holds beside its batch."""
        node = None if one.node is None else self._nodes[one.node]
        return body, node, one.public, finger(one.person), finger(one.identity)

    def _edges(self, rows: Iterable[tuple[int, Iterable[Link]]]) -> list[tuple[int, int, int, int]]:
        """Return the stored form of links of rows (place, links) whose nodes are known: from, relation, to, row."""
        nodes, terms = self._nodes, self._terms
        return [
            (nodes[start], terms[relation], nodes[end], place)
            for place, links in rows
            for start, relation, end in links
        ]

    def _drop_edges(self, rows: Iterable[tuple[int, str]]) -> None:
        """Remove the edges that these rows (place, body) state."""
        links = [(place, decode_stated(body).links) for place, body in rows]
        self._know(ref for _, own in links for start, _, end in own for ref in (start, end))
        self._many(_DROP_EDGE, self._edges(links))

    def _found(self, query: str, keys: Sequence[tuple[object, ...]]) -> dict[int, int]:
        """Return the numbers of what exists, by the position of its key."""
        return dict(self._connection.execute(query, (to_json(keys),)).fetchall()) if keys else {}

    def _number_new(self, newest: str, found: dict[int, int], count: int) -> tuple[int, list[int]]:
        """Number what was not found of so many; return the last number before, and the positions of the new ones."""
        new, last = [at for at in range(count) if at not in found], self._number(newest)
        found.update(zip(new, range(last + 1, last + 1 + len(new)), strict=True))
        return last, new

    def _number(self, query: str) -> int:
        return int(self._connection.execute(query).fetchone()[0] or 0)

    def _many(self, query: str, rows: Iterable[tuple[object, ...]]) -> None:
        self._connection.executemany(query, rows)


def _named(one: Stated) -> Iterator[NodeRef]:
    """Yield every node that a row names."""
    if one.node is not None:
        yield one.node
    for start, _, end in one.links:
        if start is not one.node:
            yield start
        yield end
