"""Shares the reading of the tables about persons with a second and a third process, which open the same store.

Reading half a million facts is work of the interpreter, and a process has one. Whoever is ready takes the largest table
that is left, so all are busy until the end, whatever else they have to do. What another process answers is what this one
would have read itself; one that does not start, dies, hangs or answers nonsense costs nothing but time.
"""

import logging
import marshal
import os
import pickle
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from kg.errors import KgError, StoreError, trail
from kg.index.second import receive, send
from kg.index.talents.gathered import checked
from kg.index.talents.gathering import Plain
from kg.index.talents.reading import COLUMNS
from kg.index.talents.records import Context
from kg.ports import GraphStore
from kg.schema import Schema

Reopen = Callable[[], GraphStore]
"""Opens the store once more, in whatever process calls it: `pickle` can send it there."""

MODULE: Final = "kg.index.second"
"""What the second process runs."""
MOST: Final = 2
"""Other processes at most: with two of them the rest that only this one can do takes as long as their tables."""
MOST_ALONE: Final = 60_000
"""Rows that one process reads within a second: not worth the start of another one."""
PATIENCE: Final = 10.0
"""Seconds to wait at least for the last table of the second process; at most as long as everything before has taken."""
_PIPE: Final = 1 << 20
"""A pipe of that size, where the system has such: each time it is full, both ends wait for an interpreter."""

_ONE_THREAD: Final = {"OPENBLAS_NUM_THREADS": "1"}
"""What keeps numpy from starting threads, which would only take the processors of others."""

_log = logging.getLogger(__name__)


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


class Second:
    """A second (or third) process; OSError, EOFError and more when it is gone or does not answer what it was asked."""

    def __init__(self, reopen: Reopen) -> None:
        """Start it; it finds the modules that this process finds, and is told over its pipe what to open."""
        opening = pickle.dumps(reopen)
        self._process = subprocess.Popen(  # noqa: S603 - our own words
            [sys.executable, "-P", "-m", MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **_ONE_THREAD, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            pipesize=_PIPE,
        )
        self._ask(opening)

    def begin(self, revision: int, told: bytes) -> None:
        """Tell it how rows are read, and wait until it has opened the store; StoreError if that is not of this revision."""
        self._ask(told)
        found = self._answer()
        if found != revision:
            raise StoreError(f"the second process has read revision {found}, not {revision}")

    def gathered(self, table: str) -> tuple[Plain, dict[str, list[str]]]:
        """Return the facts of a table, and all texts it has met until now."""
        self._ask(table.encode())
        plain, texts = self._answer()
        return checked(plain), texts

    def end(self) -> None:
        """End it now, if it has not ended; whoever waits for an answer gets an EOFError."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Release the pipes; for the thread that uses them."""
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()

    def _ask(self, message: bytes) -> None:
        assert self._process.stdin is not None
        send(self._process.stdin, message)

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        return marshal.loads(receive(self._process.stdout))  # noqa: S302 - data only, from our own process


class Shared:
    """The tables about persons that are to be read, and what other processes, if there are any, have read of them."""

    def __init__(self, seconds: Sequence[Second] = (), *, patience: float = PATIENCE) -> None:
        """`patience` is in seconds, see `PATIENCE`."""
        self.found: dict[str, Plain] = {}
        self.texts: dict[Second, dict[str, list[str]]] = {}
        self._left = deque(COLUMNS)
        self._began, self._patience = time.monotonic(), patience
        self._over = False
        self._asked: dict[Second, threading.Thread | None] = dict.fromkeys(seconds)

    def begin(self, revision: int, ranks: Mapping[str, int], schema: Schema, context: Context) -> None:
        """Have the other processes begin: they must read that revision, the sources in the order of `ranks`."""
        told = pickle.dumps((ranks, schema, context)) if self._asked else b""
        for second in self._asked:
            thread = threading.Thread(target=self._ask, args=(second, revision, told), daemon=True)
            self._asked[second] = thread
            thread.start()

    def __enter__(self) -> "Shared":
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def own(self) -> Iterator[str]:
        """Yield the tables that must be read here; everything else is `found` when the last one has been taken."""
        mine = set()
        for table in self._taken():
            mine.add(table)
            yield table
        if not self.found.keys() | mine >= COLUMNS.keys():
            self._wait()
        self._end()
        yield from (table for table in COLUMNS if table not in self.found.keys() | mine)

    def _taken(self) -> Iterator[str]:
        """Yield what is left, one after the other; whoever is ready takes the next one."""
        with suppress(IndexError):
            while True:
                yield self._left.popleft()

    def _ask(self, second: Second, revision: int, told: bytes) -> None:
        """Have another process read one table after the other, until none is left."""
        try:
            second.begin(revision, told)
            for table in self._taken():
                self.found[table], self.texts[second] = second.gathered(table)
        except Exception as error:  # whatever it is, this process can do without
            if not self._over:
                _tell(error)
        finally:
            second.close()

    def _wait(self) -> None:
        """Wait for the last tables of the other processes."""
        until = time.monotonic() + max(self._patience, time.monotonic() - self._began)
        for thread in filter(None, self._asked.values()):
            thread.join(max(0.0, until - time.monotonic()))
            if thread.is_alive():
                _log.warning("the index is read without a second process: it does not answer")

    def _end(self) -> None:
        """End the other processes and the threads that ask them; nothing is found from now on."""
        self._over = True
        for second, thread in self._asked.items():
            second.end()
            if thread is None:
                second.close()
            else:
                thread.join()


def started(reopen: Reopen, most: int = MOST) -> list[Second]:
    """Return the other processes, at most that many: none without a processor of its own, or where none can be started."""
    found: list[Second] = []
    try:
        while len(found) < min(most, processors() - 1):
            found.append(Second(reopen))
    except Exception as error:  # whatever it is, this process can do without
        _tell(error)
    return found


def _tell(error: Exception) -> None:
    told = error if isinstance(error, KgError) else trail(error)
    _log.warning("the index is read without a second process: %s", told)
