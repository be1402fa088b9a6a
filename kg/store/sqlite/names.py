"""The integer keys inside the store: terms, nodes and rows, found or made in bulk inside a write transaction."""

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Final

from kg.model.graph import Link, NodeRef, RowId
from kg.store.codec import to_json

_ALL_TERMS: Final = "SELECT text, id FROM term"
_FIND_NODES: Final = """
    SELECT wanted.key, node.id FROM json_each(?) AS wanted
    CROSS JOIN node ON node.kind = json_extract(wanted.value, '$[0]')
        AND node.key = json_extract(wanted.value, '$[1]')"""
_FIND_ROWS: Final = """
    SELECT wanted.key, row.id FROM json_each(?) AS wanted
    CROSS JOIN source_row AS row ON row.tbl = json_extract(wanted.value, '$[0]')
        AND row.key = json_extract(wanted.value, '$[1]') AND row.source = json_extract(wanted.value, '$[2]')"""
_LAST_NODE: Final = "SELECT COALESCE(MAX(id), 0) FROM node"
_LAST_ROW: Final = "SELECT COALESCE(MAX(id), 0) FROM source_row"
_ADD_NODE: Final = "INSERT INTO node (kind, key, id) VALUES (?, ?, ?)"


class Names:
    """Finds and makes integer keys; good for one transaction, because another process may remove nodes later."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._terms: dict[str, int] = dict(connection.execute(_ALL_TERMS))

    def term(self, text: str) -> int:
        """Return the number of a term, made when new."""
        number = self._terms.get(text)
        if number is None:
            cursor = self._connection.execute("INSERT INTO term (text) VALUES (?)", (text,))
            number = self._terms[text] = int(cursor.lastrowid or 0)
        return number

    def nodes(self, wanted: Iterable[NodeRef]) -> Mapping[NodeRef, int]:
        """Return the numbers of nodes, made where new."""
        refs = list(dict.fromkeys(wanted))
        keys = [(self.term(kind), key) for kind, key in refs]
        known: dict[NodeRef, int] = {
            refs[position]: number for position, number in self._found(_FIND_NODES, keys)
        }
        if len(known) < len(refs):
            number: int = self._connection.execute(_LAST_NODE).fetchone()[0]
            made: list[tuple[int, str, int]] = []
            for ref, (kind, key) in zip(refs, keys, strict=True):
                if ref not in known:
                    number += 1
                    known[ref] = number
                    made.append((kind, key, number))
            self._connection.executemany(_ADD_NODE, made)
        return known

    def rows(self, wanted: Iterable[RowId]) -> tuple[dict[RowId, int], dict[RowId, int]]:
        """Return the numbers of rows that have a place already, and free numbers for the others."""
        rows = list(wanted)
        places = [self.place(row) for row in rows]
        known: dict[RowId, int] = {
            rows[position]: number for position, number in self._found(_FIND_ROWS, places)
        }
        first: int = self._connection.execute(_LAST_ROW).fetchone()[0] + 1
        free = {row: first + offset for offset, row in enumerate(row for row in rows if row not in known)}
        return known, free

    def place(self, row: RowId) -> tuple[int, str, int]:
        """Return table, key and source of a row as they are stored."""
        return self.term(row.table), row.key, self.term(row.source)

    def edges(
        self, row: int, links: Iterable[Link], nodes: Mapping[NodeRef, int]
    ) -> list[tuple[int, int, int, int]]:
        """Return the stored form of links: from, relation, to, row."""
        return [(nodes[start], self.term(relation), nodes[end], row) for start, relation, end in links]

    def _found(self, query: str, keys: list[tuple[int, str]] | list[tuple[int, str, int]]) -> sqlite3.Cursor:
        return self._connection.execute(query, (to_json(keys),))


def nodes_of(links: Iterable[Link], node: NodeRef | None) -> set[NodeRef]:
    """Return every node that a row names."""
    named: set[NodeRef] = set() if node is None else {node}
    for start, _, end in links:
        named.add(start)
        named.add(end)
    return named
