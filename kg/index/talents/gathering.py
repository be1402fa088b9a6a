"""Gathers the facts of all persons as they are read: packed by person, and column by column for the arrays.

Nothing else is kept of a row. Hundreds of thousands of small tuples, kept until all are read, would take more time
in memory far from the processor than making them.
"""

import marshal
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from itertools import chain, count, groupby
from operator import attrgetter
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from kg.index.talents.reading import BY_NODE, FactReader
from kg.index.talents.records import Packed, Packs
from kg.model.graph import Row

Ints = NDArray[np.int32]
PlainColumn = tuple[list[Any], bytes]
Plain = tuple[bytes, bytes, bytes, bytes, dict[int, PlainColumn]]
"""What was gathered of one table, as values that `marshal` takes."""

_MOST_HELD: Final = 256
_PERSON: Final = attrgetter("person")
_pack = marshal.dumps


class Column:
    """Values one after the other, each different one kept once: columns repeat few words, days and numbers."""

    def __init__(self) -> None:
        self._numbers: dict[Any, int] = defaultdict(count().__next__)
        self._entries = array("i")

    def extend(self, values: Iterable[Any]) -> None:
        """Take more values."""
        self._entries.extend(map(self._numbers.__getitem__, values))

    def plain(self) -> PlainColumn:
        """Return the different values, and which of them each entry is."""
        return list(self._numbers), self._entries.tobytes()


class Gathering:
    """The facts of one table as they come, person by person."""

    def __init__(self, columns: Iterable[int], *, single: bool = False) -> None:
        """`columns` are the places of what the arrays want of a fact; with `single` the last fact of a person is his only one."""
        self._block = bytearray()
        self._places, self._counts, self._sizes = array("i"), array("i"), array("i")
        self._columns = {place: Column() for place in columns}
        self._held: list[tuple[Packed, ...]] = []
        self._single = single

    def take(self, rows: Iterable[Row], read: FactReader, index: Mapping[str, int], *, ordered: bool) -> None:
        """Read rows; `ordered` says that rows without a node come in the order of their keys, of one source."""
        for person, run in groupby(rows, _PERSON):
            place = index.get(person, -1)
            if place >= 0:
                facts = [fact for fact in map(read, run) if fact is not None]
                if len(facts) > 1 and not (ordered and not facts[0][2]):
                    facts.sort(key=BY_NODE)
                if facts:
                    self.put(place, tuple(facts))

    def put(self, place: int, facts: tuple[Packed, ...]) -> None:
        """Keep some facts of a person; more of them may come later."""
        self._places.append(place)
        self._held.append(facts)
        if len(self._held) >= _MOST_HELD:
            self._pack()

    def _pack(self) -> None:
        """Move the facts held into packs and columns: many at a time, because then no step of it is one of Python."""
        packs = list(map(_pack, self._held))
        self._block += b"".join(packs)
        self._sizes.extend(map(len, packs))
        self._counts.extend(map(len, self._held))
        values = list(zip(*chain.from_iterable(self._held), strict=True))
        for place, column in self._columns.items() if values else ():
            column.extend(values[place])
        self._held.clear()

    def finish(self, count: int) -> "Gathered":
        """Return all facts of `count` persons, by the places under which they were taken."""
        self._pack()
        places = np.array(self._places, dtype=np.int32)
        alone = np.bincount(places, minlength=count)[places] == 1
        again = self._unpacked(np.flatnonzero(~alone))
        for place in sorted(again):
            self.put(place, tuple(sorted(again[place], key=BY_NODE)))
        self._pack()
        kept = np.concatenate([alone, np.ones(len(again), dtype=np.bool_)])
        places, counts, sizes = (
            np.array(one, dtype=np.int32) for one in (self._places, self._counts, self._sizes)
        )
        bounds, ends = np.zeros((2, count), dtype=np.int32), np.cumsum(sizes)
        bounds[:, places[kept]] = (ends - sizes)[kept], ends[kept]
        entries = np.flatnonzero(np.repeat(kept, counts)).astype(np.int32)
        columns = {place: column.plain() for place, column in self._columns.items()}
        talents = np.repeat(places, counts)[entries]
        return Gathered(bytes(self._block), bounds, talents, entries, columns).in_order()

    def _unpacked(self, packs: NDArray[np.intp]) -> dict[int, tuple[Packed, ...]]:
        """Return by place what lies in these packs."""
        found: dict[int, tuple[Packed, ...]] = {}
        ends = np.cumsum(np.array(self._sizes, dtype=np.int32))
        for pack in packs.tolist():
            place, end = self._places[pack], int(ends[pack])
            facts = marshal.loads(self._block[end - self._sizes[pack] : end])  # noqa: S302 - our own bytes, never from outside
            found[place] = facts if self._single else found.get(place, ()) + facts
        return found


class Gathered:
    """All facts of one table: packs by person, and columns whose entries are in the order of persons.

    A column is asked for by its place in a packed fact.
    """

    def __init__(
        self, block: bytes, bounds: Ints, talents: Ints, entries: Ints, columns: Mapping[int, PlainColumn]
    ) -> None:
        """`bounds` is where the pack of each person begins and ends; `talents` is whose the `entries` of each column are."""
        self.talents = talents
        self._block, self._bounds, self._entries, self._columns = block, bounds, entries, columns

    @classmethod
    def of(cls, plain: Plain) -> "Gathered":
        """Undo `plain`. ValueError or TypeError for what no `plain` has made."""
        block, bounds, talents, entries, columns = plain
        found = cls(block, _ints(bounds).reshape(2, -1), _ints(talents), _ints(entries), columns)
        if not found._fits():
            raise ValueError("what was gathered does not fit together")
        return found

    def _fits(self) -> bool:
        """Return whether every number is the place of something."""
        columns = [(len(words), _ints(numbers)) for words, numbers in self._columns.values()]
        return (
            len(self.talents) == len(self._entries)
            and _below(self.talents, self.count)
            and _below(self._bounds, len(self._block) + 1)
            and all(_below(self._entries, len(numbers)) for _, numbers in columns)
            and all(_below(numbers, count) for count, numbers in columns)
        )

    def plain(self) -> Plain:
        """Return everything as values that `marshal` takes."""
        bounds, talents, entries = (one.tobytes() for one in (self._bounds, self.talents, self._entries))
        return self._block, bounds, talents, entries, dict(self._columns)

    @property
    def count(self) -> int:
        """How many persons there are."""
        return len(self._bounds[0])

    @property
    def packs(self) -> Packs:
        """The packed facts by person."""
        return Packs.of_block(self._block, *self._bounds)

    def renumbered(self, places: Ints, count: int) -> "Gathered":
        """Return the same facts under other numbers of `count` persons; whose place is -1 is left out."""
        bounds = np.zeros((2, count), dtype=np.int32)
        bounds[:, places[places >= 0]] = self._bounds[:, places >= 0]
        talents = places[self.talents]
        known = talents >= 0
        return Gathered(self._block, bounds, talents[known], self._entries[known], self._columns).in_order()

    def in_order(self) -> "Gathered":
        """Return the same with the entries in the order of persons."""
        order = np.argsort(self.talents, kind="stable")
        return Gathered(self._block, self._bounds, self.talents[order], self._entries[order], self._columns)

    def array(
        self, column: int, kind: type[np.generic], meaning: Callable[[Any], Any] | None = None
    ) -> NDArray[Any]:
        """Return the values, or what each different one means, as an array of that kind."""
        words, numbers = self.words(column)
        return np.array(words if meaning is None else list(map(meaning, words)), dtype=kind)[numbers]

    def words(self, column: int) -> tuple[list[Any], Ints]:
        """Return the different values, and which of them each entry is."""
        words, numbers = self._columns[column]
        return words, _ints(numbers)[self._entries]


def _below(numbers: Ints, count: int) -> bool:
    return not len(numbers) or (numbers.min(initial=0) >= 0 and bool(numbers.max(initial=-1) < count))


def _ints(plain: bytes) -> Ints:
    return np.frombuffer(plain, dtype=np.int32)
