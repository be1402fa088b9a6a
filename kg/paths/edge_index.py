"""Finds the row behind an edge id: digests of all edges in memory, sorted, each with the row that states it.

Ids are one-way (`kg.model.graph.edge_id`), so the store cannot be asked for them. A row found here is read from the
store again and its edges are digested once more: what has changed or gone since is never told.
"""

from array import array
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from kg.model.graph import Edge, Row, RowId, edge_id
from kg.ports import GraphStore

_PREFIX: Final = 16
"""Hex digits of an id that are kept: 64 bits, so two edges of a billion seldom meet; a meeting only costs one more look."""


@dataclass(frozen=True, slots=True)
class EdgeIndex:
    """Digests (sorted) and the place of their row; a row is its table and source by number and its key as bytes."""

    revision: int
    digests: NDArray[np.uint64]
    places: NDArray[np.uint32]
    registers: tuple[tuple[str, str], ...]
    numbers: NDArray[np.uint16]
    starts: NDArray[np.uint64]
    keys: bytes

    @classmethod
    def of(cls, store: GraphStore) -> Self:
        """Read all rows once and keep their edges' digests: about 12 bytes an edge and 10 and its key a row."""
        revision = store.revision()
        digests, places, numbers, starts = array("Q"), array("L"), array("H"), array("Q", [0])
        registers: dict[tuple[str, str], int] = {}
        keys = bytearray()
        for place, row in enumerate(store.rows()):
            numbers.append(registers.setdefault((row.id.source, row.id.table), len(registers)))
            keys += row.id.key.encode()
            starts.append(len(keys))
            for link in dict.fromkeys(row.links):
                digests.append(int(edge_id(row.id, link)[:_PREFIX], 16))
                places.append(place)
        found = np.frombuffer(digests, dtype=np.uint64) if digests else np.empty(0, np.uint64)
        order = np.argsort(found, kind="stable")
        return cls(
            revision,
            found[order],
            np.array(places, dtype=np.uint32)[order],
            tuple(registers),
            np.array(numbers, dtype=np.uint16),
            np.array(starts, dtype=np.uint64),
            bytes(keys),
        )

    def rows(self, wanted: str) -> list[RowId]:
        """Return the rows that may state the edge of that id (nearly always one or none)."""
        digest = np.uint64(int(wanted[:_PREFIX], 16))
        low, high = (int(np.searchsorted(self.digests, digest, side=side)) for side in ("left", "right"))
        return [self._row(int(place)) for place in self.places[low:high]]

    def _row(self, place: int) -> RowId:
        source, table = self.registers[int(self.numbers[place])]
        start, end = int(self.starts[place]), int(self.starts[place + 1])
        return RowId(source, table, self.keys[start:end].decode())

    @property
    def size(self) -> int:
        """Bytes in memory."""
        arrays = (self.digests, self.places, self.numbers, self.starts)
        return sum(part.nbytes for part in arrays) + len(self.keys)


def changed_edges(store: GraphStore, since: int) -> dict[str, RowId]:
    """Return the edges of rows written after revision `since`, by id."""
    found: dict[str, RowId] = {}
    for change in store.changes(since):
        if change.after is not None:
            found.update({edge_id(change.id, link): change.id for link in change.after.links})
    return found


def edge_of(row: Row, wanted: str) -> Edge | None:
    """Return the edge of that id which the row states, None if it states none such."""
    for link in row.links:
        if edge_id(row.id, link) == wanted:
            return Edge(id=wanted, link=link, row=row.id, provenance=row.provenance, values=row.values)
    return None
