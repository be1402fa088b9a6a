"""What has to be taken back of the rows as they are now, to have them as they stood at an older revision."""

import sys
import threading
from array import array
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

from kg.history.packing import pack, unpack
from kg.model.graph import Change, Row, RowId
from kg.ports import GraphStore

Rights = tuple[tuple[str, ...], bool]
_GONE: Final = None


def row_order(row: RowId) -> tuple[str, str, str]:
    """Return the sort key of rows (`kg.ports`): table, key, source."""
    return row.table, row.key, row.source


def with_rights_of_today(row: Row, today: Rights | None) -> Row:
    """Return an old row that nobody may see who may not see it today.

    It is public only where it was and still is; its owners are those who own it still. Of a row that is gone only
    its owners are left: it may have been taken back because it should never have been shown.
    """
    owners, public = (row.owners, False) if today is _GONE else today
    kept = tuple(owner for owner in row.owners if owner in owners)
    return (
        row
        if (kept, row.public and public) == (row.owners, row.public)
        else replace(row, owners=kept, public=row.public and public)
    )


@dataclass(slots=True)
class _Taken:
    """The undo data of one reading of the log, row by row in order of first change.

    Replaced as a whole when an erasure makes it unfit. `places` finds rows by the hash of what they are looked up by;
    two things of one hash find the rows of both, and whoever asks looks at the rows.
    """

    number: dict[RowId, int] = field(default_factory=dict)
    ids: list[RowId] = field(default_factory=list)
    first: list[int] = field(default_factory=list)
    before: list[bytes | None] = field(default_factory=list)
    today: list[Rights | None] = field(default_factory=list)
    places: "dict[int, int | array[int]]" = field(default_factory=dict)
    until: int = 0

    def add(self, row: RowId, revision: int, before: Row | None) -> None:
        """Remember how a row was before its first change."""
        number = self.number[row] = len(self.first)
        self.ids.append(row)
        self.first.append(revision)
        self.before.append(None if before is None else pack(before))
        self.today.append(None if before is None else _rights(before))
        for place in () if before is None else _places(before):
            self._index(hash(place), number)

    def found(self, places: Iterable[tuple[str, object]]) -> set[int]:
        """Return the numbers of the rows that may be at these places."""
        numbers: set[int] = set()
        for place in places:
            at = self.places.get(hash(place))
            if at is not None:
                numbers.update((at,) if isinstance(at, int) else at)
        return numbers

    def _index(self, place: int, number: int) -> None:
        known = self.places.get(place)
        if known is None:
            self.places[place] = number
        elif isinstance(known, int):
            self.places[place] = array("I", (known, number))
        else:
            known.append(number)


class Undo:
    """The undo data of one revision, kept up with the log: the row before its first change since.

    Several threads may share it. `rights` counts how often the rights on an old row have changed; a state that was
    derived earlier is to be derived again when it has moved.
    """

    def __init__(self, store: GraphStore, revision: int) -> None:
        self.revision = revision
        self.rights = 0
        self._store = store
        self._lock = threading.Lock()
        self._taken = _Taken(until=revision)

    def catch_up(self) -> "Taken":
        """Read what was published since; whatever was read from the store before is older than the result."""
        with self._lock:
            newest = self._store.revision()
            if newest > self._taken.until:
                self._read(newest)
            return Taken(self._taken, self._taken.until, self._lock)

    def _read(self, newest: int) -> None:
        taken = self._taken
        for change in self._store.changes(taken.until):
            if change.id.key:
                self._take(taken, change)
                newest = max(newest, change.revision)
            elif (
                taken.until > self.revision
            ):  # erased rows are not named: what is held of them goes with all the rest
                taken = self._anew()
                newest = max(newest, taken.until)
                break
        taken.until = newest
        self._taken = taken

    def _anew(self) -> _Taken:
        taken = _Taken(until=self.revision)
        self.rights += 1
        for change in self._store.changes(self.revision):
            taken.until = max(taken.until, change.revision)
            if change.id.key:
                self._take(taken, change)
        return taken

    def _take(self, taken: _Taken, change: Change) -> None:
        row = change.id
        if row not in taken.number:
            taken.add(
                RowId(sys.intern(row.source), sys.intern(row.table), row.key), change.revision, change.before
            )
        number = taken.number[row]
        if taken.before[number] is not None:
            rights = _GONE if change.after is None else _rights(change.after)
            if rights != taken.today[number]:
                taken.today[number] = rights
                self.rights += 1


@lru_cache(maxsize=4096)
def _shared(rights: Rights) -> Rights:
    return rights


def _rights(row: Row) -> Rights:
    return _shared((row.owners, row.public))


def _places(row: Row) -> Iterator[tuple[str, object]]:
    """Yield what a row is looked up by."""
    yield "table", row.id.table
    if row.node is not None:
        yield "node", row.node
    if row.person is not None:
        yield "person", row.person
    if row.identity:
        yield "identity", row.identity
    for link in dict.fromkeys(row.links):
        yield "out", link.start
        yield "in", link.end


@dataclass(frozen=True, slots=True)
class Taken:
    """The undo data as far as one reader has it; what others read on meanwhile does not touch it."""

    _data: _Taken
    _until: int
    _lock: threading.Lock

    def __len__(self) -> int:
        """Return how many rows have changed since."""
        return len(self._data.first)

    def touched(self, row: RowId) -> bool:
        """True when the row has changed since: the row of today says nothing about then."""
        number = self._data.number.get(row)
        return number is not None and self._data.first[number] <= self._until

    def rows(self, place: str, keys: Collection[object] | None) -> Iterator[Row]:
        """Yield changed rows as they stood, ordered, with the rights of today: all that are at these places, perhaps more.

        `place` is table, node, person, identity, in or out (an end of an edge), or id; None means all of them.
        """
        with self._lock:
            found = [
                (key, packed, self._data.today[number])
                for key, number in self._numbered(place, keys)
                if self._data.first[number] <= self._until
                and (packed := self._data.before[number]) is not None
            ]
        found.sort(key=lambda one: row_order(one[0]))
        for key, packed, today in found:
            yield with_rights_of_today(unpack(packed, key), today)

    def _numbered(self, place: str, keys: Collection[object] | None) -> Iterable[tuple[RowId, int]]:
        data = self._data
        if keys is None:
            return data.number.items()
        if place == "id":
            return [(row, data.number[row]) for row in keys if isinstance(row, RowId) and row in data.number]
        return [(data.ids[number], number) for number in data.found((place, key) for key in keys)]
