"""Gathers the facts of all persons as they are read: packed by person, and column by column for the arrays.

Nothing else is kept of a row. Hundreds of thousands of small tuples, kept until all are read, would take more time
in memory far from the processor than making them.
"""

import marshal
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from itertools import count, groupby
from operator import attrgetter
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from kg.index.talents.reading import BY_NODE, FactReader
from kg.index.talents.records import Packed, Packs
from kg.model.graph import Row

Ints = NDArray[np.int32]
PlainColumn = tuple[list[Any], bytes]
Plain = tuple[bytes, bytes, bytes, bytes, list[PlainColumn]]
"""What was gathered of one table, as values that `marshal` takes."""

_STATED: Final = 3
"""The first columns of a fact say where it is written; no array needs them."""
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

    def __init__(self, count: int = 0) -> None:
        """`count` is the number of persons; more of them may be `put`."""
        self._block = bytearray()
        self._first, self._last = array("i", bytes(4 * count)), array("i", bytes(4 * count))
        self._places, self._counts = array("i"), array("i")
        self._columns: list[Column] = []
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
            self._columns = [Column() for _ in columns]
        for column, values in zip(self._columns, columns, strict=True):
            column.extend(values)
        self._held.clear()

    def finish(self) -> "Gathered":
        """Return all facts, by the places under which they were taken."""
        again = sorted(self._again.items())
        kept = np.ones(len(self._places) + len(again), dtype=np.bool_)
        kept[: len(self._places)] = ~np.isin(
            np.array(self._places, dtype=np.int32), [place for place, _ in again]
        )
        for place, facts in again:
            self._write(place, sorted(facts, key=BY_NODE))
        if self._held:
            self._spread()
        counts = np.array(self._counts, dtype=np.int32)
        entries = np.flatnonzero(np.repeat(kept, counts)).astype(np.int32)
        return Gathered(
            bytes(self._block),
            np.array([self._first, self._last], dtype=np.int32),
            np.repeat(np.array(self._places, dtype=np.int32), counts)[entries],
            entries,
            [column.plain() for column in self._columns],
        ).in_order()


class Gathered:
    """All facts of one table: packs by person, and columns whose entries are in the order of persons.

    A column is asked for by its place in a packed fact.
    """

    def __init__(
        self, block: bytes, bounds: Ints, talents: Ints, entries: Ints, columns: list[PlainColumn]
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
        columns = [(len(words), _ints(numbers)) for words, numbers in self._columns]
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
        return self._block, bounds, talents, entries, self._columns

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

    def values(self, column: int) -> list[Any]:
        """Return the values as they were read."""
        words, numbers = self.words(column)
        return [words[number] for number in numbers.tolist()]

    def array(
        self, column: int, kind: type[np.generic], meaning: Callable[[Any], Any] | None = None
    ) -> NDArray[Any]:
        """Return the values, or what each different one means, as an array of that kind."""
        words, numbers = self.words(column)
        return np.array(words if meaning is None else list(map(meaning, words)), dtype=kind)[numbers]

    def words(self, column: int) -> tuple[list[Any], Ints]:
        """Return the different values, and which of them each entry is."""
        words, numbers = self._columns[column - _STATED] if self._columns else ([], b"")
        return words, _ints(numbers)[self._entries]


def _below(numbers: Ints, count: int) -> bool:
    return not len(numbers) or (numbers.min(initial=0) >= 0 and bool(numbers.max(initial=-1) < count))


def _ints(plain: bytes) -> Ints:
    return np.frombuffer(plain, dtype=np.int32)
