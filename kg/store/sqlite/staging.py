"""Staging: rows wait under a batch that is not published, new rows already in their place, others beside it.

A row that nobody has yet is written where it will stay and becomes visible when its batch gets a revision: the bulk
of a first load is written once. A change of a row that exists waits in table `staged`.
"""

import sqlite3
from collections.abc import Sequence
from typing import Final

from kg.model.graph import NodeRef, RowChange, RowId
from kg.store import rules
from kg.store.codec import decode_links, decode_mark, encode_row, finger, to_json
from kg.store.holders import is_gone, this_process
from kg.store.sqlite.names import Names, nodes_of

CHUNK: Final = 8_000
KEEP_SECONDS: Final = 86_400.0
_OWN_NEW: Final = """
    SELECT row.id FROM json_each(?) AS wanted CROSS JOIN source_row AS row ON row.id = wanted.value
    WHERE row.batch = ? AND row.body IS NOT NULL"""
_ADD_STAGED: Final = """
    INSERT INTO staged (batch, row_id, body, mark, sealed) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (batch, row_id) DO UPDATE SET body = excluded.body, mark = excluded.mark,
        sealed = CASE WHEN excluded.sealed IS NULL AND excluded.mark = mark THEN sealed ELSE excluded.sealed END"""
_ADD_ROW: Final = """
    INSERT INTO source_row (id, tbl, key, source, batch, body, node, public, person, identity)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
ADD_EDGE: Final = "INSERT OR IGNORE INTO edge (src, relation, dst, row_id) VALUES (?, ?, ?, ?)"
DROP_EDGE: Final = "DELETE FROM edge WHERE src = ? AND relation = ? AND dst = ? AND row_id = ?"
ADD_SEALED: Final = "INSERT OR REPLACE INTO sealed (row_id, mark, data) VALUES (?, ?, ?)"
EMPTY_ROW: Final = """
    UPDATE source_row SET batch = ?, body = NULL, node = NULL, public = NULL, person = NULL, identity = NULL
    WHERE id = ?"""
_HIDDEN_ROWS: Final = """
    SELECT row.id, row.body FROM change CROSS JOIN source_row AS row ON row.id = change.row_id
    WHERE change.batch = ? LIMIT 5000"""


def open_batch(connection: sqlite3.Connection, staged: str, now: float) -> int:
    """Return the number of the staged batch of this name, made when new."""
    found = connection.execute("SELECT id FROM batch WHERE staged = ?", (staged,)).fetchone()
    if found is not None:
        return int(found[0])
    cursor = connection.execute(
        "INSERT INTO batch (staged, holder, began) VALUES (?, ?, ?)", (staged, this_process(), now)
    )
    return int(cursor.lastrowid or 0)


def stage_chunk(
    connection: sqlite3.Connection, batch: int, changes: Sequence[tuple[RowChange, str | None]]
) -> None:
    """Write one chunk of changes, each with its encoded row; no row twice."""
    names = Names(connection)
    known, free = names.rows(change.id for change, _ in changes)
    own = [number for (number,) in connection.execute(_OWN_NEW, (to_json(sorted(known.values())), batch))]
    demote(connection, batch, own)
    fresh = [(change, body) for change, body in changes if change.id in free]
    _add_new(connection, names, batch, free, fresh)
    places = known | free
    connection.executemany(
        _ADD_STAGED,
        [
            (batch, places[change.id], body, rules.seal_mark(change), change.sealed)
            for change, body in changes
            if change.id in known or body is None
        ],
    )


def _add_new(
    connection: sqlite3.Connection,
    names: Names,
    batch: int,
    free: dict[RowId, int],
    changes: Sequence[tuple[RowChange, str | None]],
) -> None:
    """Write rows that had no place yet, with edges, sealed parts and log; a retired one gets an empty place."""
    named: set[NodeRef] = set()
    for change, _ in changes:
        if change.row is not None:
            named |= nodes_of(change.row.links, change.row.node)
    nodes = names.nodes(sorted(named))
    rows: list[tuple[object, ...]] = []
    edges: list[tuple[int, int, int, int]] = []
    for change, body in changes:
        place, row = (free[change.id], *names.place(change.id)), change.row
        if row is None:
            rows.append((*place, 0, None, None, None, None, None))
            continue
        node = None if row.node is None else nodes[row.node]
        rows.append((*place, batch, body, node, row.public, finger(row.person), finger(row.identity)))
        edges += names.edges(place[0], row.links, nodes)
    connection.executemany(_ADD_ROW, rows)
    connection.executemany(ADD_EDGE, sorted(edges))
    live = [(batch, free[change.id]) for change, _ in changes if change.row is not None]
    connection.executemany("INSERT INTO change (batch, row_id) VALUES (?, ?)", live)
    parts = [
        (free[change.id], rules.seal_mark(change), change.sealed) for change, _ in changes if change.sealed
    ]
    connection.executemany(ADD_SEALED, parts)


def encode_changes(changes: Sequence[RowChange], staged: str) -> list[tuple[RowChange, str | None]]:
    """Return the changes with their encoded rows."""
    return [(change, None if change.row is None else encode_row(change.row, staged)) for change in changes]


def demote(connection: sqlite3.Connection, batch: int, rows: Sequence[int]) -> None:
    """Move new rows of a staged batch from their place to table `staged`, because the place is needed."""
    for number in rows:
        body: str = connection.execute("SELECT body FROM source_row WHERE id = ?", (number,)).fetchone()[0]
        part = connection.execute("SELECT data FROM sealed WHERE row_id = ?", (number,)).fetchone()
        drop_edges(connection, [(number, body)])
        connection.execute("DELETE FROM sealed WHERE row_id = ?", (number,))
        connection.execute("DELETE FROM change WHERE batch = ? AND row_id = ?", (batch, number))
        connection.execute(EMPTY_ROW, (0, number))
        connection.execute(
            "INSERT INTO staged (batch, row_id, body, mark, sealed) VALUES (?, ?, ?, ?, ?)",
            (batch, number, body, decode_mark(body), part and part[0]),
        )


def drop_edges(connection: sqlite3.Connection, rows: Sequence[tuple[int, str]]) -> None:
    """Remove the edges that these rows (number, body) state."""
    names = Names(connection)
    links = [(number, decode_links(body)) for number, body in rows]
    nodes = names.nodes({ref for _, stated in links for ref in nodes_of(stated, None)})
    for number, stated in links:
        connection.executemany(DROP_EDGE, names.edges(number, stated, nodes))


def discard_chunk(connection: sqlite3.Connection, batch: int) -> bool:
    """Remove some of what a staged batch wrote; return whether the batch is gone."""
    if (
        connection.execute("SELECT 1 FROM batch WHERE id = ? AND revision IS NULL", (batch,)).fetchone()
        is None
    ):
        return True
    rows = connection.execute(_HIDDEN_ROWS, (batch,)).fetchall()
    if not rows:
        drop_staged(connection, batch)
        connection.execute("DELETE FROM batch WHERE id = ?", (batch,))
        return True
    drop_edges(connection, rows)
    numbers = [(number,) for number, _ in rows]
    connection.executemany("DELETE FROM sealed WHERE row_id = ?", numbers)
    connection.executemany(
        "DELETE FROM change WHERE batch = ? AND row_id = ?", [(batch, *one) for one in numbers]
    )
    connection.executemany(EMPTY_ROW, [(0, *one) for one in numbers])
    connection.executemany(
        "DELETE FROM source_row WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM staged WHERE row_id = ?1)",
        numbers,
    )
    return False


def drop_staged(connection: sqlite3.Connection, batch: int) -> None:
    """Remove the waiting changes of a batch, and the places that were made for them and never filled."""
    connection.execute(
        """DELETE FROM source_row WHERE batch = 0 AND id IN (SELECT row_id FROM staged WHERE batch = ?1)
            AND id NOT IN (SELECT row_id FROM staged WHERE batch <> ?1)""",
        (batch,),
    )
    connection.execute("DELETE FROM staged WHERE batch = ?", (batch,))


def abandoned(connection: sqlite3.Connection, now: float) -> list[int]:
    """Return the staged batches whose process has ended, or that are older than a day."""
    found = connection.execute("SELECT id, holder, began FROM batch WHERE revision IS NULL").fetchall()
    return [number for number, holder, began in found if now - began > KEEP_SECONDS or is_gone(holder)]
