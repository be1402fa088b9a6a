"""Stages changes behind the back of whoever makes them: SQLite writes while Python prepares the next rows."""

from collections.abc import Sequence
from queue import Queue
from threading import Thread
from typing import Final

from kg.model.graph import RowChange
from kg.ports import GraphStore

_WAITING_AT_MOST: Final = 2


class StagingThread:
    """Stages lists of changes in order, one thread, at most two lists waiting; `finish` before anything is published.

    What the store raises is raised by the next `put` or by `finish`; nothing is staged after that.
    """

    def __init__(self, store: GraphStore, batch: str) -> None:
        self._store, self._batch = store, batch
        self._queue: Queue[Sequence[RowChange] | None] = Queue(_WAITING_AT_MOST)
        self._thread: Thread | None = None
        self._error: BaseException | None = None

    def put(self, changes: Sequence[RowChange]) -> None:
        """Hand over a list of changes; it must not be changed any more."""
        self._raise()
        if self._thread is None:
            self._thread = Thread(target=self._run, name="jiangtu-staging", daemon=True)
            self._thread.start()
        self._queue.put(changes)

    def finish(self) -> None:
        """Wait until everything is staged."""
        self.stop()
        self._raise()

    def stop(self) -> None:
        """End the thread after what it was given, without telling of errors."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None

    def _raise(self) -> None:
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        while (changes := self._queue.get()) is not None:
            if self._error is None:
                try:
                    self._store.stage(self._batch, changes)
                except BaseException as error:
                    self._error = error
