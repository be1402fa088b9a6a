"""Children that are killed: a script runs in a process of its own, says when it is ready, and is ended the hard way."""

import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run_and_kill(code: str, *words: object, seconds: float) -> list[str]:
    """Run a script, kill it `seconds` after its first line, which must be "ready"; return the whole lines after it."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, words)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    with process.stdin, process.stdout as lines:
        assert lines.readline() == "ready\n"
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        told = lines.read().split("\n")[:-1]
    assert process.wait() == -signal.SIGKILL
    return told
