"""What was gathered of one table, in the order of persons: packs, and columns for the arrays."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kg.index.talents.gathering import Plain

Ints = NDArray[np.int32]


class Packs:
    """Packed facts by place, None for none: one block of bytes, because many small ones would scatter the memory."""

    __slots__ = ("_block", "_first", "_last")

    def __init__(self, block: bytes, first: Ints, last: Ints) -> None:
        """The pack of each place lies in `block` from `first` to `last`."""
        self._block, self._first, self._last = block, first, last

    def __getitem__(self, place: int) -> bytes | None:
        first, last = self._first.item(place), self._last.item(place)
        return self._block[first:last] if last > first else None


class Gathered:
    """All facts of one table: packs by person, and columns whose entries are in the order of persons.

    A column is asked for by its place in a packed fact.
    """

    def __init__(self, index: Mapping[str, int], plains: Iterable[Plain]) -> None:
        """`index` gives persons their places, nobody else is taken; what the last of `plains` says of a person counts."""
        persons, blocks, owners, sizes, counts, self._columns = zip(*plains, strict=True)
        places = np.concatenate([
            np.array([index.get(person, -1) for person in named], dtype=np.int32)[_ints(numbers)]
            for named, numbers in zip(persons, owners, strict=True)
        ])
        known = np.flatnonzero(places >= 0)
        pack = np.full(len(index), -1)
        pack[places[known]] = known  # of several packs of a person the last
        held = np.flatnonzero(pack >= 0).astype(np.int32)
        self.packs = Packs(b"".join(blocks), *_bounds(_ints(b"".join(sizes)), pack, held))
        first, last = _bounds(_ints(b"".join(counts)), pack, held)
        lengths = (last - first)[held]
        self.talents = np.repeat(held, lengths)
        self._entries = np.repeat(first[held] - (np.cumsum(lengths) - lengths), lengths) + np.arange(
            lengths.sum()
        )

    def array(
        self, column: int, kind: type[np.generic], meaning: Callable[[Any], Any] | None = None
    ) -> NDArray[Any]:
        """Return the values, or what each different one means, as an array of that kind."""
        words, numbers = self.words(column)
        return np.array(words if meaning is None else list(map(meaning, words)), dtype=kind)[numbers]

    def words(self, column: int) -> tuple[list[Any], Ints]:
        """Return the different values, and which of them each entry is."""
        words: list[Any] = []
        numbers: list[Ints] = []
        for columns in self._columns:
            own, which = columns[column]
            numbers.append(_ints(which) + np.int32(len(words)))
            words += own
        return words, np.concatenate(numbers)[self._entries]


def checked(plain: Plain) -> Plain:
    """Return what was gathered. ValueError or TypeError for what nobody has gathered."""
    persons, block, *numbers, columns = plain
    owners, sizes, counts = map(_ints, numbers)
    if not (
        len(owners) == len(sizes) == len(counts)
        and _below(owners, len(persons))
        and _below(sizes, len(block) + 1)
        and _below(counts, len(block) + 1)
        and sizes.sum() == len(block)
        and all(len(_ints(which)) == counts.sum() for _, which in columns.values())
        and all(_below(_ints(which), len(words)) for words, which in columns.values())
    ):
        raise ValueError("what was gathered does not fit together")
    return plain


def _bounds(lengths: Ints, pack: NDArray[np.intp], held: Ints) -> tuple[Ints, Ints]:
    """Return from where to where the pack of each place reaches, where packs of these lengths follow one another."""
    ends = np.cumsum(lengths, dtype=np.int32)
    first, last = np.zeros((2, len(pack)), dtype=np.int32)
    first[held], last[held] = (ends - lengths)[pack[held]], ends[pack[held]]
    return first, last


def _below(numbers: Ints, count: int) -> bool:
    return not len(numbers) or (numbers.min(initial=0) >= 0 and bool(numbers.max(initial=-1) < count))


def _ints(plain: bytes) -> Ints:
    return np.frombuffer(plain, dtype=np.int32)
