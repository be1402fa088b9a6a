"""Children that are killed with SIGKILL at a moment of their own work.

Moments are counted in lines that a child has told and in seconds of processor that it has spent since, never by the
clock: however busy the machine is, a kill comes where it was meant to come.
"""

import math
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Final

ROOT: Final = Path(__file__).parents[2]
NEVER: Final = math.inf
_ENDED: Final = "-- ended "
_BROODING: Final = """
import os, sys, traceback
from tests.crash.killing import Child
{imports}
for line in sys.stdin:
    after, seconds, *words = line.rstrip("\\n").split("\\t")
    number = os.fork()
    if not number:
        try:
            child = Child(int(after), float(seconds))
            exec(sys.argv[1])
            child.end()
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
    print({ended!r} + str(os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])), flush=True)
"""


class Child:
    """What a child knows of its end: so many seconds of its processor after so many lines that it tells."""

    def __init__(self, after: int, seconds: float) -> None:
        self._left, self._seconds = after, seconds
        self._begun = 0.0

    def ready(self) -> None:
        """Say that the work begins; the moment counts from here, or from the lines after it."""
        self._begun = time.process_time()
        if not self._left:
            self.end_in(self._seconds)

    def tell(self, *words: object) -> None:
        """Say something that the parent will know even if the child dies right after."""
        os.write(1, (" ".join(map(str, words)) + "\n").encode())  # at one go: no line is told by half
        self._left -= 1
        if not self._left:
            self.end_in(self._seconds)

    def spent(self) -> float:
        """Return the seconds of processor since the work began."""
        return time.process_time() - self._begun

    def end_in(self, seconds: float) -> None:
        """End after so many seconds of processor, in the middle of whatever goes on then."""
        if seconds <= 0:
            self.end()
        if seconds != NEVER:
            threading.Thread(target=self._watch, args=(time.process_time() + seconds,), daemon=True).start()

    def _watch(self, end: float) -> None:
        while time.process_time() < end:
            time.sleep(0.0005)
        self.end()

    @staticmethod
    def end() -> None:
        """End the hard way: nothing is closed, nothing is written any more."""
        os.kill(os.getpid(), signal.SIGKILL)


class Brood:
    """Children with the same work, forked one after the other from a process that has imported what they need."""

    def __init__(self, imports: str, work: str) -> None:
        """`work` is a script that finds its words in `words` and calls `child.ready` and `child.tell`."""
        self._process = subprocess.Popen(
            [sys.executable, "-c", _BROODING.format(imports=imports, ended=_ENDED), work],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def __enter__(self) -> "Brood":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def kill(self, *words: object, seconds: float, after: int = 0) -> list[str]:
        """Let a child work until `seconds` of its processor after it is ready, or after so many lines that it told.

        Returns the lines. One whose work ends before is killed then.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\t".join(map(str, (after, seconds, *words))) + "\n")
        self._process.stdin.flush()
        told: list[str] = []
        for line in self._process.stdout:
            if line.startswith(_ENDED):
                assert line == f"{_ENDED}{-signal.SIGKILL}\n", "it went wrong before it was killed"
                return told
            told.append(line.removesuffix("\n"))
        raise AssertionError("the process that bears the children has ended")
