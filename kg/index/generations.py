"""Keeps the index fresh: one generation in use, replaced when the store has published a newer revision.

Every process asks the store for its revision before it answers, so what any process of a store publishes is in the
next answer of all of them, with these two ways from one generation to the next:

- Changes of any table that concern few persons are taken in the turn of whoever asks first, by the change log
  (`kg.index.delta`), and so is a new build of a small store (at most `MOST_IN_TURN` talents, cohorts and posts: some
  tenths of a second). An answer after such a write shows it.
- A larger store that must be built anew is built by a thread of its own. Questions go on meanwhile with the
  generation in use, whose revision their answers name; only who asks for `at_least` a revision waits for it.

An erasure is both: at once nothing of the rows is found any more, and some seconds later the generation is built anew,
so that nothing of them is left in memory either. Small changes are taken during that build, too.
"""

import ctypes
import gc
import logging
import sys
import threading
from collections.abc import Callable
from typing import Final

from kg.errors import KgError, StoreError, trail
from kg.index.delta import newest, refreshed
from kg.index.talents.sharing import Reopen
from kg.index.world import World, uncollected
from kg.model.rules import Policy
from kg.ports import GraphStore
from kg.schema import Schema

MOST_IN_TURN: Final = 4000
"""Talents, cohorts and posts of a store that is built anew in the turn of a question."""

CLEAN_SECONDS: Final = 10.0
"""So long after an erasure the index of a large store is built anew, with all that was erased meanwhile."""

_log = logging.getLogger(__name__)


class Generations:
    """The newest generation of the index; asking for it costs one revision check when nothing has changed."""

    def __init__(
        self,
        store: GraphStore,
        policy: Policy,
        schema: Schema,
        *,
        warm: Callable[[World], None] = lambda _: None,
        most_in_turn: int = MOST_IN_TURN,
        clean_after: float = CLEAN_SECONDS,
        reopen: Reopen | None = None,
    ) -> None:
        """`warm` fills what questions derive from a new generation before the first of them waits for it.

        `reopen` lets a second process help to build one, see `kg.index.talents.sharing`.
        """
        self._store, self._policy, self._schema, self._warm = store, policy, schema, warm
        self._most_in_turn, self._reopen = most_in_turn, reopen
        self._turn = threading.Condition()
        self._world: World | None = None
        self._building = False
        self._outrun: World | None = None
        self._clean_after, self._cleaning = clean_after, False
        self._failure: Exception | None = None

    @property
    def revision(self) -> int:
        """The revision of the generation in use; 0 before the first."""
        world = self._world
        return 0 if world is None else world.revision

    def current(self, *, at_least: int | None = None) -> World:
        """Return the newest generation that is there without a long wait, at least that of revision `at_least`.

        Raises StoreError when `at_least` is a revision that the store has not published.
        """
        newest = self._store.revision()
        if at_least is not None and newest < at_least:
            raise StoreError(
                f"要求的修订 {at_least} 还没有发布（现为 {newest}），请稍后再试",
                code="revision-not-reached",
                revision=newest,
            )
        world = self._world
        if world is not None and world.revision >= newest:
            return world
        with self._turn:
            world = self._advanced(newest)
            while at_least is not None and world.revision < at_least:
                self._turn.wait()
                if self._failure is not None:
                    raise self._failure
                world = self._advanced(at_least)
            return world

    def _advanced(self, newest: int) -> World:
        """Return the generation in use after what can be done in this turn; begins a new build where it cannot."""
        world = self._world
        if world is None:
            first = self._use(self._build())
            give_back()
            return first
        if world.revision >= newest or world is self._outrun:
            return world
        fresh = refreshed(world, self._store, self._policy, self._schema)
        if (fresh is None or fresh.unclean) and _size(world) <= self._most_in_turn:
            fresh = self._build()
        if fresh is None:
            self._outrun = world
        else:
            world = self._use(fresh)
        if fresh is None:
            self._begin()
        elif fresh.unclean:
            self._clean_later()
        return world

    def _clean_later(self) -> None:
        """Let a generation in which erased facts lie be built anew soon: once after several erasures."""
        if not self._cleaning:
            self._cleaning = True
            timer = threading.Timer(self._clean_after, self._clean)
            timer.daemon = True
            timer.start()

    def _clean(self) -> None:
        with self._turn:
            self._cleaning = False
            if self._world is not None and self._world.unclean:
                self._begin()

    def _begin(self) -> None:
        """Begin to build anew, unless somebody does."""
        if not self._building:
            self._building, self._failure = True, None
            threading.Thread(target=self._build_aside, name="index", daemon=True).start()

    def _use(self, world: World) -> World:
        with uncollected():
            self._warm(world)
        gc.freeze()
        self._world = world
        return world

    def _build(self) -> World:
        """Return a new generation, out of the sight of the collector of reference cycles.

        A generation is a million values without a cycle among them. Left in sight, every full collection walks over
        all of them, some tenths of a second in the middle of a question. What earlier generations and questions
        have left in cycles is found first.
        """
        gc.unfreeze()
        gc.collect()
        with uncollected():
            fresh = newest(self._store, self._policy, self._schema, reopen=self._reopen)
            gc.freeze()
        return fresh

    def _build_aside(self) -> None:
        """Build anew while questions go on: nothing here stops them, not even a full collection."""
        fresh, failure = None, None
        try:
            with uncollected():
                fresh = newest(self._store, self._policy, self._schema, reopen=self._reopen)
                self._warm(fresh)
                gc.freeze()
            give_back()
        except Exception as error:  # a thread has nobody to raise to: who waits gets it, and the log
            _log.warning(
                "the index was not rebuilt: %s", error if isinstance(error, KgError) else trail(error)
            )
            failure = error
        with self._turn:
            self._building, self._failure, self._outrun = False, failure, None
            fresh = fresh and self._caught_up(fresh)
            if fresh is not None:
                self._world = fresh
                if fresh.unclean:
                    self._clean_later()
            self._turn.notify_all()

    def _caught_up(self, fresh: World) -> World | None:
        """Return the new generation not older than the one in use, which has gone on; None where it cannot catch up."""
        world = self._world
        if world is None or fresh.revision >= world.revision:
            return fresh
        return refreshed(fresh, self._store, self._policy, self._schema)


def give_back() -> None:
    """Hand memory that building has freed back to the system, some tens of MB in a city; glibc keeps it otherwise.

    Elsewhere (musl, macOS, Windows) there is nothing to call, and nothing happens.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)


def _size(world: World) -> int:
    return len(world.talents) + len(world.cooperation.offerings) + len(world.cooperation.demands)
