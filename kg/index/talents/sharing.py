"""Shares the reading of the tables about persons with a second process, which opens the same store by itself.

Reading half a million facts is work of the interpreter, and a process has one. The second process takes tables from
one end of the list and this one from the other, so both are busy until the end, whatever else either has to do. What
it answers is what this process would have read itself; a second process that does not start, dies, hangs or answers
nonsense costs nothing but time.
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
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

from kg.errors import KgError, StoreError, trail
from kg.index.second import receive, send
from kg.index.talents.gathered import checked
from kg.index.talents.gathering import Plain
from kg.index.talents.reading import FACT_TABLES
from kg.index.talents.records import Context
from kg.ports import GraphStore
from kg.schema import Schema

Reopen = Callable[[], GraphStore]
"""Opens the store once more, in whatever process calls it: `pickle` can send it there."""

MODULE: Final = "kg.index.second"
"""What the second process runs."""
MOST_ALONE: Final = 60_000
"""Rows that one process reads before a second one would be ready."""
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
    """The second process; OSError, EOFError and more when it is gone or does not answer what it was asked."""

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

    def begin(self, revision: int, ranks: Mapping[str, int], schema: Schema, context: Context) -> None:
        """Tell it how rows are read, and wait until it has opened the store; StoreError if that is not of this revision."""
        self._ask(pickle.dumps((ranks, schema, context)))
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
    """The tables about persons that are to be read, and what the second process, if there is one, has read of them."""

    def __init__(self, second: Second | None = None, *, patience: float = PATIENCE) -> None:
        """`patience` is in seconds, see `PATIENCE`."""
        self.found: dict[str, Plain] = {}
        self.texts: dict[str, list[str]] = {}
        self._left = deque(FACT_TABLES)
        self._began, self._patience = time.monotonic(), patience
        self._over = False
        self._second = second
        self._thread: threading.Thread | None = None

    def begin(self, revision: int, ranks: Mapping[str, int], schema: Schema, context: Context) -> None:
        """Have the second process begin; it must read that revision, and is told what `StoreRegisters` and readers need."""
        if self._second is not None:
            told = (self._second, revision, ranks, schema, context)
            self._thread = threading.Thread(target=self._ask, args=told, daemon=True)
            self._thread.start()

    def __enter__(self) -> "Shared":
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def own(self) -> Iterator[str]:
        """Yield the tables that must be read here; everything else is `found` when the last one has been taken."""
        mine = set()
        for table in _taken(self._left.pop):
            mine.add(table)
            yield table
        if not self.found.keys() | mine >= FACT_TABLES.keys():
            self._wait()
        self._end()
        yield from (table for table in FACT_TABLES if table not in self.found.keys() | mine)

    def _ask(
        self, second: Second, revision: int, ranks: Mapping[str, int], schema: Schema, context: Context
    ) -> None:
        """Have the second process read one table after the other, until none is left."""
        try:
            second.begin(revision, ranks, schema, context)
            for table in _taken(self._left.popleft):
                self.found[table], self.texts = second.gathered(table)
        except Exception as error:  # whatever it is, this process can do without
            if not self._over:
                _tell(error)
        finally:
            second.close()

    def _wait(self) -> None:
        """Wait for the last table of the second process."""
        if self._thread is not None:
            self._thread.join(max(self._patience, time.monotonic() - self._began))
            if self._thread.is_alive():
                _log.warning("the index is read without a second process: it does not answer")

    def _end(self) -> None:
        """End the second process and the thread that asks it; nothing is found from now on."""
        self._over = True
        if self._second is not None:
            self._second.end()
            if self._thread is None:
                self._second.close()
            else:
                self._thread.join()


def started(reopen: Reopen) -> Second | None:
    """Return the second process; None where it would have no processor of its own, or cannot be started."""
    if processors() == 1:
        return None
    try:
        return Second(reopen)
    except Exception as error:  # whatever it is, this process can do without
        _tell(error)
        return None


def _taken(take: Callable[[], str]) -> Iterator[str]:
    """Yield what is left, one after the other; another thread may take some, too."""
    with suppress(IndexError):
        while True:
            yield take()


def _tell(error: Exception) -> None:
    told = error if isinstance(error, KgError) else trail(error)
    _log.warning("the index is read without a second process: %s", told)
