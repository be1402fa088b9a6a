"""The integer keys inside the store: terms, nodes and rows, found or made in bulk inside a write transaction."""

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Final

from kg.model.graph import Link, NodeRef, RowId
from kg.store.codec import to_json

_ALL_TERMS: Final = "SELECT text, id FROM term"
_FIND_NODES: Final = """
    SELECT node.kind, node.key, node.id FROM json_each(?) AS wanted
    CROSS JOIN node ON node.kind = json_extract(wanted.value, '$[0]')
        AND node.key = json_extract(wanted.value, '$[1]')"""
_FIND_ROWS: Final = """
    SELECT row.tbl, row.key, row.source, row.id FROM json_each(?) AS wanted
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
        keys = {ref: (self.term(ref.kind), ref.key) for ref in wanted}
        known = {(kind, key): number for kind, key, number in self._found(_FIND_NODES, list(keys.values()))}
        missing = [pair for pair in keys.values() if pair not in known]
        first: int = self._connection.execute(_LAST_NODE).fetchone()[0] + 1
        made = {pair: first + offset for offset, pair in enumerate(missing)}
        self._connection.executemany(_ADD_NODE, [(*pair, number) for pair, number in made.items()])
        known |= made
        return {ref: known[pair] for ref, pair in keys.items()}

    def rows(self, wanted: Iterable[RowId]) -> tuple[dict[RowId, int], dict[RowId, int]]:
        """Return the numbers of rows that have a place already, and free numbers for the others."""
        keys = {row: self.place(row) for row in wanted}
        found = {
            (tbl, key, source): number
            for tbl, key, source, number in self._found(_FIND_ROWS, list(keys.values()))
        }
        known = {row: found[place] for row, place in keys.items() if place in found}
        first: int = self._connection.execute(_LAST_ROW).fetchone()[0] + 1
        free = {row: first + offset for offset, row in enumerate(row for row in keys if row not in known)}
        return known, free

    def place(self, row: RowId) -> tuple[int, str, int]:
        """Return table, key and source of a row as they are stored."""
        return self.term(row.table), row.key, self.term(row.source)

    def edges(
        self, row: int, links: Iterable[Link], nodes: Mapping[NodeRef, int]
    ) -> list[tuple[int, int, int, int]]:
        """Return the stored form of links: from, relation, to, row."""
        return [(nodes[link.start], self.term(link.relation), nodes[link.end], row) for link in links]

    def _found(self, query: str, keys: list[tuple[int, str]] | list[tuple[int, str, int]]) -> sqlite3.Cursor:
        return self._connection.execute(query, (to_json(keys),))


def nodes_of(links: Iterable[Link], node: NodeRef | None) -> set[NodeRef]:
    """Return every node that a row names."""
    named = {end for link in links for end in (link.start, link.end)}
    return named if node is None else named | {node}
