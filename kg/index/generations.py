"""Keeps the index fresh: one generation in use, replaced when the store has published a newer revision."""

import gc
import threading
from collections.abc import Callable

from kg.errors import StoreError
from kg.index.delta import refreshed
from kg.index.world import World, build_world
from kg.model.rules import Policy
from kg.ports import GraphStore
from kg.schema import Schema


class Generations:
    """The newest generation of the index; asking for it costs one revision check when nothing has changed."""

    def __init__(
        self,
        store: GraphStore,
        policy: Policy,
        schema: Schema,
        *,
        warm: Callable[[World], None] = lambda _: None,
    ) -> None:
        """`warm` fills what questions derive from a new generation before the first of them waits for it."""
        self._store, self._policy, self._schema, self._warm = store, policy, schema, warm
        self._lock = threading.Lock()
        self._world: World | None = None

    def current(self, *, at_least: int | None = None) -> World:
        """Return a generation not older than the store's newest revision.

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
        with self._lock:
            world = self._world
            if world is None or world.revision < newest:
                known = None if world is None else refreshed(world, self._store, self._policy, self._schema)
                world = known or self._build()
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
        return build_world(self._store, self._policy, self._schema)
