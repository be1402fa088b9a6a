"""Which process holds something in a store, and whether it is certainly gone."""

import os
import socket
from pathlib import Path


def this_process() -> str:
    """Return host, process id and the moment the process began, as one text."""
    own = os.getpid()
    return f"{socket.gethostname()}\t{own}\t{_started(own) or ''}"


def is_gone(holder: str) -> bool:
    """Return whether the process has certainly ended; one of another host may be alive."""
    host, pid, start = holder.split("\t")
    if host != socket.gethostname():
        return False
    now = _started(int(pid))
    if now is not None:
        return now != start
    if Path("/proc/self/stat").exists():
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _started(pid: int) -> str | None:
    """Return when a process began, in ticks since the machine started (Linux); None when it cannot be known."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return text.rpartition(")")[2].split()[19]
