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
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import IO, Any, Final

from kg.errors import KgError, StoreError, trail
from kg.index.talents.gathering import Gathered
from kg.index.talents.reading import FACT_TABLES
from kg.model.rules import Policy
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


def send(pipe: IO[bytes], message: bytes) -> None:
    """Write one message."""
    pipe.write(len(message).to_bytes(8, "big"))
    pipe.write(message)
    pipe.flush()


def receive(pipe: IO[bytes]) -> bytes:
    """Read one message; EOFError when there is no whole one."""
    size = int.from_bytes(pipe.read(8), "big")
    message = pipe.read(size)
    if not message or len(message) < size:
        raise EOFError
    return message


class Second:
    """The second process; OSError, EOFError and more when it is gone or does not answer what it was asked."""

    def __init__(self, reopen: Reopen, policy: Policy, schema: Schema) -> None:
        """Start it; it finds the modules that this process finds, and is told over its pipe what to open."""
        self._request = pickle.dumps((reopen, policy, schema))
        self._process = subprocess.Popen(  # noqa: S603 - our own words
            [sys.executable, "-P", "-m", MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **_ONE_THREAD, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            pipesize=_PIPE,
        )

    def begin(self, revision: int) -> list[str]:
        """Wait until it has opened the store and return all persons; StoreError if that is not of this revision."""
        persons: list[str]
        self._ask(self._request)
        found, persons = self._answer()
        if found != revision:
            raise StoreError(f"the second process has read revision {found}, not {revision}")
        return persons

    def gathered(self, table: str, count: int) -> tuple[Gathered, dict[str, list[str]]]:
        """Return the facts of a table by the places of these `count` persons, and all texts it has met until now."""
        self._ask(table.encode())
        plain, texts = self._answer()
        found = Gathered.of(plain)
        if found.count != count:
            raise ValueError(f"facts about {found.count} persons of {count}")
        return found, texts

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

    def __init__(
        self, second: Second | None = None, *, revision: int = 0, patience: float = PATIENCE
    ) -> None:
        """The second process must read that revision; `patience` is in seconds, see `PATIENCE`."""
        self.found: dict[str, Gathered] = {}
        self.texts: dict[str, list[str]] = {}
        self.persons: Sequence[str] = ()
        self._left = deque(FACT_TABLES)
        self._began, self._patience = time.monotonic(), patience
        self._over = False
        self._second = second
        self._thread: threading.Thread | None = None
        if second is not None:
            self._thread = threading.Thread(target=self._ask, args=(second, revision), daemon=True)
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

    def _ask(self, second: Second, revision: int) -> None:
        """Have the second process read one table after the other, until none is left."""
        try:
            self.persons = second.begin(revision)
            for table in _taken(self._left.popleft):
                found, self.texts = second.gathered(table, len(self.persons))
                self.found[table] = found
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
        if self._second is not None and self._thread is not None:
            self._over = True
            self._second.end()
            self._thread.join()


def started(reopen: Reopen, policy: Policy, schema: Schema) -> Second | None:
    """Return the second process; None where it would have no processor of its own, or cannot be started."""
    if processors() == 1:
        return None
    try:
        return Second(reopen, policy, schema)
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
