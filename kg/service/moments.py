"""The two times of a question: what was known (a revision of the store) and the day it asks about."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, tzinfo
from typing import Final

from kg.errors import RefusedError
from kg.history.moments import Known, known_of, known_when
from kg.history.past import PastStore
from kg.history.undo import Undo
from kg.index.delta import refreshed
from kg.index.world import World, build_world
from kg.model.batches import in_force, log_begins
from kg.model.graph import Batch
from kg.model.rules import Policy
from kg.ports import GraphStore
from kg.schema import Schema

KEPT: Final = 2
"""States of the past that are kept for the next question about them."""
MOST_TALENTS: Final = 100_000
"""All kept states together hold at most so many talents, one state excepted: a city takes some 300 MB."""
MOST_TOUCHED: Final = 2_000
"""A state that differs from the newest in at most so many rows is made from it; one further away is built anew."""
KEPT_SECONDS: Final = 300.0
"""A state is built anew after that time: rows that were retired and then erased by another process leave no mark."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What a question is answered from. `asked` is True when somebody asked for what was known at a time."""

    store: GraphStore
    world: World
    known: Known
    asked: bool

    def on(self, day: date | None) -> GraphStore:
        """Return the store of which only edges that hold on that day are walked; None asks nothing."""
        if day is None:
            return self.store
        if isinstance(self.store, PastStore):
            return self.store.on(day)
        return PastStore(self.store, Undo(self.store, self.world.revision), day=day)


@dataclass(slots=True)
class _Kept:
    undo: Undo
    world: World
    rights: int
    born: float


class Moments:
    """Finds the state that a question is about; a few states of the past are kept."""

    def __init__(
        self, store: GraphStore, policy: Policy, schema: Schema, *, current: Callable[[], World]
    ) -> None:
        """`current` returns the newest generation of the index."""
        self._store, self._policy, self._schema, self._current = store, policy, schema, current
        self._lock = threading.Lock()
        self._kept: OrderedDict[int, _Kept] = OrderedDict()
        self._newest: Known | None = None

    def now(self) -> Moment:
        """Return the newest state."""
        world = self._current()
        newest = self._newest
        if newest is None or newest.revision != world.revision:
            newest = self._newest = known_of(self._store.batches(), world.revision)
        return Moment(self._store, world, newest, asked=False)

    def at(self, asked: int | str, zone: tzinfo | None) -> Moment:
        """Return the state that was known then.

        Raises InvalidInputError for a text that is no moment, RefusedError `history-gone` for a state before the log.
        """
        known = known_when(self._store.batches(), asked, zone)
        world = self._current()
        if known.revision == world.revision:
            return Moment(PastStore(self._store, Undo(self._store, known.revision)), world, known, asked=True)
        kept = self._state(known.revision)
        begins = log_begins(self._store.batches())  # looked at last: the log may have been cut meanwhile
        if known.revision < begins:
            self.forget()
            text = f"修订 {begins} 以前的状态已超过保留期，不能再看；请写 {begins} 或更新的修订，或更晚的日期"
            raise RefusedError(text, code="history-gone", revision=known.revision, begins=begins)
        return Moment(PastStore(self._store, kept.undo), kept.world, known, asked=True)

    def forget(self) -> None:
        """Drop the kept states: after an erasure nothing of them is used again."""
        with self._lock:
            self._kept.clear()

    def _state(self, revision: int) -> _Kept:
        """Return the state of a revision; one is built at a time, and the oldest asked for makes room."""
        with self._lock:
            kept = self._kept.get(revision)
            if kept is None or time.monotonic() - kept.born > KEPT_SECONDS:
                self._kept.pop(revision, None)
                kept = self._kept[revision] = self._built(Undo(self._store, revision))
            else:
                kept.undo.catch_up()
                if kept.undo.rights != kept.rights:
                    del self._kept[revision]
                    kept = self._kept[revision] = self._built(kept.undo)
            self._kept.move_to_end(revision)
            self._make_room()
            return kept

    def _built(self, undo: Undo) -> _Kept:
        if len(self._current().talents) > MOST_TALENTS:
            self._kept.clear()  # room before the work, not after it
        few = len(undo.catch_up()) <= MOST_TOUCHED
        rights = undo.rights
        past = PastStore(self._store, undo)
        near = self._from_current(past) if few else None
        world = near or build_world(past, self._policy, self._schema)
        return _Kept(undo, world, rights, time.monotonic())

    def _from_current(self, past: PastStore) -> World | None:
        """Return the state made from the newest generation by what has changed since; None where that is not right."""
        world = self._current()
        until = [batch for batch in self._store.batches() if batch.revision <= world.revision]
        if _sources(until) != _sources(past.batches()):
            return None
        arrays = replace(world.talents.arrays, memo={})  # what is kept of a past day goes with that state
        apart = replace(world, talents=replace(world.talents, arrays=arrays, unpacked={}, memo={}))
        return refreshed(apart, past, self._policy, self._schema)

    def _make_room(self) -> None:
        while len(self._kept) > 1 and (
            len(self._kept) > KEPT
            or sum(len(kept.world.talents) for kept in self._kept.values()) > MOST_TALENTS
        ):
            self._kept.popitem(last=False)


def _sources(batches: Sequence[Batch]) -> list[str]:
    """Return the sources in order of first delivery."""
    return list(dict.fromkeys(batch.source for batch in in_force(batches)))
