"""How rows and edges are written as numbers: one stands for each text, node and row of the embedded store."""

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import count
from typing import Final, LiteralString, TypeAlias

from kg.model.graph import NodeRef, RowId
from kg.store.codec import Stated, finger, to_json

Name: TypeAlias = tuple[int, str, int]
"""Table, key and source of a row."""
Edge: TypeAlias = tuple[int, int, int, int]
"""From node, relation, to node, and the row that states it."""
NOTHING: Final = (None, None, None, None, None)
_FIND_NODES: Final = """
    SELECT wanted.key, node.id FROM json_each(?) AS wanted
    CROSS JOIN node ON node.kind = json_extract(wanted.value, '$[0]')
        AND node.key = json_extract(wanted.value, '$[1]')"""
_FIND_ROWS: Final = """
    SELECT wanted.key, row.id FROM json_each(?) AS wanted
    CROSS JOIN source_row AS row ON row.tbl = json_extract(wanted.value, '$[0]')
        AND row.key = json_extract(wanted.value, '$[1]') AND row.source = json_extract(wanted.value, '$[2]')"""


class Numbers:
    """The numbers that one write transaction has learnt or given; they are not good for another one."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.terms = _Terms(connection)
        self._nodes: dict[NodeRef, int] = {}

    def names(self, rows: Iterable[RowId]) -> list[Name]:
        """Return the stored names of rows."""
        return [(self.terms[table], key, self.terms[source]) for source, table, key in rows]

    def places(self, names: Sequence[Name]) -> tuple[list[int], int]:
        """Return the number of each row, and the last one given so far: rows that are new count on from it."""
        return self._numbered(_FIND_ROWS, names, "SELECT MAX(id) FROM source_row")

    def known_places(self, rows: Iterable[RowId]) -> list[int]:
        """Return the numbers of those rows that have one."""
        return list(self._found(_FIND_ROWS, self.names(rows)).values())

    def content(self, body: str | None, one: Stated | None) -> tuple[object, ...]:
        """Return what the place of a row holds beside its batch; its edges were asked for before."""
        if one is None:
            return NOTHING
        node = None if one.node is None else self._nodes[one.node]
        return body, node, one.public, finger(one.person), finger(one.identity)

    def edges(self, rows: Collection[tuple[int, Stated]]) -> list[Edge]:
        """Return the edges that rows (by number) state; their nodes are made where new."""
        self._know(ref for _, one in rows for ref in _named(one))
        nodes, terms = self._nodes, self.terms
        return [
            (nodes[start], terms[relation], nodes[end], place)
            for place, one in rows
            for start, relation, end in one.links
        ]

    def _know(self, wanted: Iterable[NodeRef]) -> None:
        refs = [ref for ref in dict.fromkeys(wanted) if ref not in self._nodes]
        keys = [(self.terms[kind], key) for kind, key in refs]
        numbers, last = self._numbered(_FIND_NODES, keys, "SELECT MAX(id) FROM node")
        new = ((*key, number) for key, number in zip(keys, numbers, strict=True) if number > last)
        self._connection.executemany("INSERT INTO node (kind, key, id) VALUES (?, ?, ?)", new)
        self._nodes.update(zip(refs, numbers, strict=True))

    def _numbered(
        self, find: LiteralString, keys: Sequence[tuple[object, ...]], newest: LiteralString
    ) -> tuple[list[int], int]:
        found = self._found(find, keys)
        last = int(self._connection.execute(newest).fetchone()[0] or 0)
        following = count(last + 1)
        return [found[at] if at in found else next(following) for at in range(len(keys))], last

    def _found(self, query: LiteralString, keys: Sequence[tuple[object, ...]]) -> dict[int, int]:
        """Return the numbers of what exists, by the position of its key."""
        return dict(self._connection.execute(query, (to_json(keys),)).fetchall()) if keys else {}


class _Terms(dict[str, int]):
    """The numbers of sources, tables, kinds and relations; a new one is made when first asked for."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection.execute("SELECT text, id FROM term"))
        self._connection = connection

    def __missing__(self, text: str) -> int:
        made = self._connection.execute("INSERT INTO term (text) VALUES (?)", (text,))
        number = self[text] = int(made.lastrowid or 0)
        return number


def _named(one: Stated) -> Iterator[NodeRef]:
    """Yield every node that a row names."""
    if one.node is not None:
        yield one.node
    for start, _, end in one.links:
        if start is not one.node:
            yield start
        yield end
