"""Publishing a staged batch, and erasing rows for good: the two writes that readers see."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from kg.errors import RefusedError
from kg.model.graph import Batch, NodeRef, RowId
from kg.model.reports import scrubbed
from kg.store import rules
from kg.store.codec import decode_index, decode_links, decode_node, from_json, to_json
from kg.store.sqlite.names import Names, nodes_of
from kg.store.sqlite.staging import (
    ADD_EDGE,
    ADD_SEALED,
    DROP_EDGE,
    EMPTY_ROW,
    demote,
    drop_edges,
    drop_staged,
)

_WAITING: Final = """
    SELECT staged.row_id, staged.body, staged.mark, staged.sealed, row.body, row.batch,
        row.batch <> 0 AND EXISTS (SELECT 1 FROM batch WHERE id = row.batch AND revision IS NULL)
    FROM staged CROSS JOIN source_row AS row ON row.id = staged.row_id
    WHERE staged.batch = ? AND staged.row_id > ? ORDER BY staged.row_id LIMIT 5000"""
_FILL_ROW: Final = """
    UPDATE source_row SET batch = ?, body = ?, node = ?, public = ?, person = ?, identity = ? WHERE id = ?"""
_ADD_CHANGE: Final = "INSERT INTO change (batch, row_id, before, before_batch) VALUES (?, ?, ?, ?)"
_PUBLISH: Final = """
    UPDATE batch SET staged = NULL, name = ?, revision = ?, source = ?, actor = ?, at = ?, delivered = ?,
        synthetic = ?, report = ? WHERE id = ?"""
_NEXT_REVISION: Final = """
    UPDATE meta SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT) WHERE name = 'revision'"""
REVISION: Final = "SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'revision'"
_DROP_UNNAMED_NODES: Final = """
    DELETE FROM node WHERE NOT EXISTS (SELECT 1 FROM source_row WHERE source_row.node = node.id)
        AND NOT EXISTS (SELECT 1 FROM edge WHERE edge.src = node.id)
        AND NOT EXISTS (SELECT 1 FROM edge WHERE edge.dst = node.id)"""


def publish(connection: sqlite3.Connection, batch: Batch, number: int) -> Batch:
    """Make the staged batch of this number the next revision, inside the caller's transaction."""
    rules.check_turn(batch, connection.execute(REVISION).fetchone()[0] + 1)
    for rows in _waiting(connection, number):
        _apply(connection, number, rows)
    drop_staged(connection, number)
    return _record(connection, batch, number)


def _record(connection: sqlite3.Connection, batch: Batch, number: int) -> Batch:
    if connection.execute("SELECT 1 FROM batch WHERE name = ?", (batch.id,)).fetchone() is not None:
        raise RefusedError(f"批次 {batch.id} 已经发布过；请换一个批次号。", batch=batch.id)
    connection.execute(_NEXT_REVISION)
    revision: int = connection.execute(REVISION).fetchone()[0]
    taken = () if batch.id else (name for (name,) in connection.execute("SELECT name FROM batch") if name)
    done = replace(batch, id=batch.id or rules.batch_name(revision, taken), revision=revision)
    described = (done.source, done.actor, done.at.isoformat(), to_json(done.delivered))
    connection.execute(
        _PUBLISH, (done.id, revision, *described, int(done.synthetic), to_json(dict(done.report)), number)
    )
    return done


def _waiting(connection: sqlite3.Connection, number: int) -> Iterator[list[Any]]:
    """Yield the staged changes in chunks, each with the row as it is now; places taken by others are freed."""
    last = 0
    while True:
        rows = connection.execute(_WAITING, (number, last)).fetchall()
        if not rows:
            return
        last = rows[-1][0]
        for place, *_, owner, hidden in rows:
            if hidden:
                demote(connection, owner, [place])
        yield [(*row[:4], None if row[6] else row[4], row[5]) for row in rows]


def _apply(connection: sqlite3.Connection, number: int, rows: Sequence[Any]) -> None:
    """Log and write staged changes of rows that have a place: (place, body, mark, sealed, before, before's batch)."""
    rows = [row for row in rows if row[1] is not None or row[4] is not None]
    connection.executemany(
        _ADD_CHANGE, [(number, place, before, before and writer) for place, _, _, _, before, writer in rows]
    )
    _move_edges(connection, [(place, before, body) for place, body, _, _, before, _ in rows])
    names = Names(connection)
    homes = {place: decode_node(body) for place, body, *_ in rows if body is not None}
    nodes = names.nodes(home for home in homes.values() if home is not None)
    filled: list[tuple[object, ...]] = []
    for place, body, *_ in rows:
        if body is not None:
            home = homes[place]
            filled.append((number, body, home and nodes[home], *decode_index(body), place))
    connection.executemany(_FILL_ROW, filled)
    connection.executemany(EMPTY_ROW, [(number, place) for place, body, *_ in rows if body is None])
    connection.executemany(ADD_SEALED, [(place, mark, data) for place, _, mark, data, _, _ in rows if data])


def _move_edges(connection: sqlite3.Connection, rows: Sequence[tuple[int, str | None, str | None]]) -> None:
    """Replace the edges of rows (place, text before, text after); what stays is not touched."""
    names = Names(connection)
    links = [
        (
            place,
            frozenset(decode_links(before) if before else ()),
            frozenset(decode_links(after) if after else ()),
        )
        for place, before, after in rows
    ]
    moved: set[NodeRef] = set()
    for _, old, new in links:
        moved |= nodes_of(old ^ new, None)
    nodes = names.nodes(moved)
    for place, old, new in links:
        connection.executemany(DROP_EDGE, names.edges(place, old - new, nodes))
        connection.executemany(ADD_EDGE, names.edges(place, new - old, nodes))


def erase(connection: sqlite3.Connection, ids: Sequence[RowId], batch: Batch) -> int:
    """Remove rows and their traces inside the caller's transaction; return how many were live."""
    names = Names(connection)
    places, _ = names.rows(dict.fromkeys(ids))
    live = 0
    tables: set[tuple[int, int]] = set()
    for row, place in places.items():
        body, owner = connection.execute(
            "SELECT body, batch FROM source_row WHERE id = ?", (place,)
        ).fetchone()
        if body is not None:
            drop_edges(connection, [(place, body)])
            if (
                connection.execute("SELECT revision FROM batch WHERE id = ?", (owner,)).fetchone()[0]
                is not None
            ):
                live += 1
                tables.add((names.term(row.table), names.term(row.source)))
        for statement in (
            "DELETE FROM change WHERE row_id = ?",
            "DELETE FROM staged WHERE row_id = ?",
            "DELETE FROM sealed WHERE row_id = ?",
            "DELETE FROM source_row WHERE id = ?",
        ):
            connection.execute(statement, (place,))
    connection.execute(_DROP_UNNAMED_NODES)
    _scrub_reports(connection, {row.table for row in ids}, {row.source for row in ids})
    if live:
        _log_erasure(connection, replace(batch, report={"erased": live}), tables)
    return live


def _scrub_reports(connection: sqlite3.Connection, tables: set[str], sources: set[str]) -> None:
    """Take what loads of these sources told of single cells of these tables out of their reports."""
    found = connection.execute("SELECT id, source, report FROM batch WHERE report IS NOT NULL").fetchall()
    for number, source, text in found:
        fresh = scrubbed(from_json(text), tables) if source in sources else None
        if fresh is not None:
            connection.execute("UPDATE batch SET report = ? WHERE id = ?", (to_json(fresh), number))


def _log_erasure(connection: sqlite3.Connection, batch: Batch, tables: set[tuple[int, int]]) -> None:
    """Record the erasure as a batch; for each table and source one entry without key stands for the rows."""
    cursor = connection.execute("INSERT INTO batch (began) VALUES (0)")
    number = int(cursor.lastrowid or 0)
    for table, source in sorted(tables):
        connection.execute(
            "INSERT OR IGNORE INTO source_row (tbl, key, source, batch) VALUES (?, ?, ?, 0)",
            (table, rules.ERASED_KEY, source),
        )
        connection.execute(
            "INSERT INTO change (batch, row_id) SELECT ?, id FROM source_row WHERE tbl = ? AND key = ? AND source = ?",
            (number, table, rules.ERASED_KEY, source),
        )
    _record(connection, batch, number)
