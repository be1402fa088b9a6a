"""What has to be taken back of the rows as they are now, to have them as they stood at an older revision."""

import sys
import threading
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

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
    """The undo data of one reading of the log; replaced as a whole when an erasure makes it unfit."""

    first: dict[RowId, int] = field(default_factory=dict)
    before: dict[RowId, Row] = field(default_factory=dict)
    today: dict[RowId, Rights | None] = field(default_factory=dict)
    places: dict[tuple[str, object], dict[RowId, None]] = field(default_factory=dict)
    until: int = 0


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
        if row not in taken.first:
            row = RowId(sys.intern(row.source), sys.intern(row.table), row.key)
            taken.first[row] = change.revision
            if change.before is not None:
                taken.before[row] = change.before
                taken.today[row] = (change.before.owners, change.before.public)
                for place in _places(change.before):
                    taken.places.setdefault(place, {})[row] = None
        if row in taken.before:
            after = change.after
            rights = _GONE if after is None else (after.owners, after.public)
            if rights != taken.today[row]:
                taken.today[row] = rights
                self.rights += 1


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
        first = self._data.first.get(row)
        return first is not None and first <= self._until

    def rows(self, place: str, keys: Collection[object] | None) -> list[Row]:
        """Return the changed rows as they stood, ordered, with the rights of today.

        `place` is table, node, person, identity, in or out (an end of an edge), or id; None means all of them.
        """
        data = self._data
        with self._lock:
            if keys is None:
                found = list(data.before)
            elif place == "id":
                found = [row for row in data.before if row in keys] if len(keys) > len(data.before) else [
                    row for row in keys if isinstance(row, RowId) and row in data.before
                ]  # fmt: skip
            else:
                found = [row for key in dict.fromkeys(keys) for row in data.places.get((place, key), ())]
            rows = {
                row: with_rights_of_today(data.before[row], data.today[row])
                for row in found
                if data.first[row] <= self._until
            }
        return [rows[row] for row in sorted(rows, key=row_order)]
