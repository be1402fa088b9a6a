"""Gathers the facts of all persons as they are read: packed by person, and column by column for the arrays.

Nothing else is kept of a row. Hundreds of thousands of small tuples, kept until all are read, would take more time
in memory far from the processor than making them.
"""

import marshal
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate, chain, count, groupby
from operator import attrgetter
from typing import Any, Final, Protocol

from kg.index.talents.reading import (
    BY_NODE,
    COLUMNS,
    FACT_TABLES,
    PERSONS,
    REGISTERS,
    FactReader,
    person_reader,
)
from kg.index.talents.records import Context, Packed
from kg.index.views import AnyRow, View

PlainColumn = tuple[list[Any], bytes]
"""The different values of a column, and which of them each entry is."""
Plain = tuple[list[str], bytes, bytes, bytes, bytes, dict[int, PlainColumn]]
"""What was gathered of one table, as values that `marshal` takes: persons, the packs one after the other; of each pack
the number of its person, its bytes and its facts; and columns, by the place in a fact. Of several packs of a person
the last counts."""

_MOST_HELD: Final = 256
_PERSON: Final = attrgetter("person")
_pack = marshal.dumps


class Registers(Protocol):
    """The registers as one, see `StoreRegisters`."""

    def rows(self, table: str) -> tuple[Iterator[AnyRow], Iterator[AnyRow]]:
        """Return the rows that no other one changes, by key, and rows that each stand for several; take the first first."""
        ...


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

    def __init__(self, columns: Iterable[int]) -> None:
        """`columns` are the places of what the arrays want of a fact."""
        self._numbers: dict[str, int] = defaultdict(count().__next__)
        self._block = bytearray()
        self._places, self._sizes, self._counts = array("i"), array("i"), array("i")
        self._columns = {place: Column() for place in columns}
        self._held: list[tuple[Packed, ...]] = []

    def take(self, rows: Iterable[AnyRow], read: FactReader, *, ordered: bool) -> None:
        """Read rows; `ordered` says that rows without a node come in the order of their keys, of one source."""
        for person, run in groupby(rows, _PERSON):
            facts = [fact for fact in map(read, run) if fact is not None]
            if len(facts) > 1 and not (ordered and not facts[0][2]):
                facts.sort(key=BY_NODE)
            if facts:
                self.put(person or "", tuple(facts))

    def put(self, person: str, facts: tuple[Packed, ...]) -> None:
        """Keep the facts of a person."""
        self._places.append(self._numbers[person])
        self._held.append(facts)
        if len(self._held) >= _MOST_HELD:
            self._pack()

    def join(self) -> None:
        """Put together what was taken of a person in several goes."""
        self._pack()
        several = {place for place, packs in Counter(self._places).items() if packs > 1}
        found: dict[int, list[Packed]] = {place: [] for place in sorted(several)}
        for place, size, end in zip(self._places, self._sizes, accumulate(self._sizes), strict=True):
            if place in several:
                found[place] += marshal.loads(self._block[end - size : end])  # noqa: S302 - our own bytes, never from outside
        persons = list(self._numbers)
        for place, facts in found.items():
            self.put(persons[place], tuple(sorted(facts, key=BY_NODE)))

    def plain(self) -> Plain:
        """Return everything that was taken."""
        self._pack()
        places, sizes, counts = (one.tobytes() for one in (self._places, self._sizes, self._counts))
        columns = {place: column.plain() for place, column in self._columns.items()}
        return list(self._numbers), bytes(self._block), places, sizes, counts, columns

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


def gather(read: Registers, table: str, context: Context) -> Plain:
    """Return what a table says of everybody: the persons' own records, or facts about them."""
    return _gathered(*read.rows(table), table, context)


def gather_views(read: Callable[[str], Iterable[View]], table: str, context: Context) -> Plain:
    """Return what the views of a table say, in whatever order they come."""
    return _gathered((), map(View.one, read(table)), table, context)


def _gathered(alone: Iterable[AnyRow], together: Iterable[AnyRow], table: str, context: Context) -> Plain:
    gathering = Gathering(COLUMNS[table])
    if table == PERSONS:
        read_person = person_reader(context)
        for row in chain(alone, together):
            gathering.put(row.person or "", (read_person(row),))
    else:
        read = FACT_TABLES[table](context)
        gathering.take(alone, read, ordered=True)
        gathering.take(together, read, ordered=False)
        gathering.join()
    return gathering.plain()


def doubled(persons: Plain) -> list[str]:
    """Return the persons who have several rows of their own in one register, by what was gathered of the persons."""
    keys, _, places, _, _, columns = persons
    owners, (listed, which) = array("i", places), columns[REGISTERS]
    found = {place for place, packs in Counter(owners).items() if packs > 1}
    for place, number in zip(owners, array("i", which), strict=True):
        numbers = listed[number]
        if len(numbers) > 1 and len({source for source, _ in numbers}) < len(numbers):
            found.add(place)
    return sorted(keys[place] for place in found)
