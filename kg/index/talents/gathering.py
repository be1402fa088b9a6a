"""Gathers the facts of all persons as they are read: packed by person, and column by column for the arrays.

Nothing else is kept of a row. Hundreds of thousands of small tuples, kept until all are read, would take more time
in memory far from the processor than making them.
"""

import marshal
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from kg.index.talents.reading import BY_NODE, FactReader
from kg.index.talents.records import Packed, Packs
from kg.model.graph import Row

Ints = NDArray[np.int32]

_STATED: Final = 3
"""The first columns of a fact say where it is written; no array needs them."""
_MOST_HELD: Final = 256
_PERSON: Final = attrgetter("person")
_pack = marshal.dumps


class Gathering:
    """The facts of one table as they come, person by person."""

    def __init__(self, count: int = 0) -> None:
        """`count` is the number of persons; more of them may be `put`."""
        self._block = bytearray()
        self._first, self._last = array("i", bytes(4 * count)), array("i", bytes(4 * count))
        self._places, self._counts = array("i"), array("i")
        self._columns: list[list[Any]] = []
        self._held: list[Packed] = []
        self._again: dict[int, list[Packed]] = {}

    def take(self, rows: Iterable[Row], read: FactReader, index: Mapping[str, int], *, ordered: bool) -> None:
        """Read rows; `ordered` says that rows without a node come in the order of their keys, of one source."""
        for person, run in groupby(rows, _PERSON):
            place = index.get(person, -1)
            if place >= 0:
                self._add(place, [fact for fact in map(read, run) if fact is not None], ordered=ordered)

    def put(self, place: int, fact: Packed) -> None:
        """Keep the one fact of a person; of several the last. Places are counted from 0 without gaps."""
        if place < len(self._first):
            self._again[place] = [fact]
            return
        self._first.append(0)
        self._last.append(0)
        self._write(place, [fact])

    def _add(self, place: int, facts: list[Packed], *, ordered: bool) -> None:
        """Keep the facts of a person that were read one after the other; more of them may come later."""
        if not facts:
            return
        if self._last[place]:
            if place not in self._again:
                packed = self._block[self._first[place] : self._last[place]]
                self._again[place] = list(marshal.loads(packed))  # noqa: S302 - our own bytes, never from outside
            self._again[place] += facts
            return
        if len(facts) > 1 and not (ordered and not facts[0][2]):
            facts.sort(key=BY_NODE)
        self._write(place, facts)

    def _write(self, place: int, facts: list[Packed]) -> None:
        self._first[place] = len(self._block)
        self._block += _pack(tuple(facts))
        self._last[place] = len(self._block)
        self._places.append(place)
        self._counts.append(len(facts))
        self._held += facts
        if len(self._held) >= _MOST_HELD:
            self._spread()

    def _spread(self) -> None:
        """Move the facts held into the columns."""
        columns = list(zip(*self._held, strict=True))[_STATED:]
        if not self._columns:
            self._columns = [[] for _ in columns]
        for column, values in zip(self._columns, columns, strict=True):
            column += values
        self._held.clear()

    def finish(self, rank: Ints | None = None) -> "Gathered":
        """Return all facts; `rank` maps the places by which they were taken to the final ones."""
        again = sorted(self._again.items())
        kept = np.ones(len(self._places) + len(again), dtype=np.bool_)
        kept[: len(self._places)] = ~np.isin(
            np.array(self._places, dtype=np.int32), [place for place, _ in again]
        )
        for place, facts in again:
            self._write(place, sorted(facts, key=BY_NODE))
        if self._held:
            self._spread()
        counts, places = np.array(self._counts, dtype=np.int32), np.array(self._places, dtype=np.int32)
        bounds = np.array([self._first, self._last], dtype=np.int32)
        if rank is not None:
            places, bounds = rank[places], bounds[:, np.argsort(rank)]
        wanted = np.repeat(kept, counts)
        talents = np.repeat(places, counts)
        order = np.argsort(talents, kind="stable")
        order = order[wanted[order]]
        return Gathered(Packs.of_block(bytes(self._block), *bounds), talents[order], order, self._columns)


class Gathered:
    """All facts of one table: packs by person, and columns whose entries are in the order of persons.

    A column is asked for by its place in a packed fact.
    """

    def __init__(
        self, packs: Packs, talents: Ints, order: NDArray[np.int64], columns: Sequence[Sequence[Any]]
    ) -> None:
        """`talents` is the person of each entry; entry `n` is the one at `order[n]` of each column."""
        self.packs, self.talents, self._order, self._columns = packs, talents, order, columns

    def values(self, column: int) -> Sequence[Any]:
        """Return the values as they were read."""
        found = self._raw(column)
        return [found[place] for place in self._order.tolist()]

    def array(
        self, column: int, kind: type[np.generic], meaning: Callable[[Any], Any] | None = None
    ) -> NDArray[Any]:
        """Return the values, or what each different one means, as an array of that kind."""
        found = self._raw(column)
        if meaning is not None:
            known = {word: meaning(word) for word in dict.fromkeys(found)}
            found = [known[word] for word in found]
        return np.array(found, dtype=kind)[self._order]

    def _raw(self, column: int) -> Sequence[Any]:
        return self._columns[column - _STATED] if self._columns else ()
