"""Free ports on this machine that nobody else takes: below those that the system gives away by itself."""

import itertools
import os
import re
import socket
from pathlib import Path
from typing import Final

_GIVEN_AWAY: Final = Path("/proc/sys/net/ipv4/ip_local_port_range")
_SLICE: Final = 600
_WORKERS: Final = 16
_counted = itertools.count(os.getpid() * 7)


def free_port() -> int:
    """Return a loopback port that is free and stays so: each process of a test run takes from a slice of its own.

    A port of the system's choice may be given to the next connection of anybody before a server has taken it.
    """
    worker = int(re.sub(r"\D", "", os.environ.get("PYTEST_XDIST_WORKER", "")) or _WORKERS - 1) % _WORKERS
    first = _first_given_away() - (worker + 1) * _SLICE
    for _ in range(_SLICE):
        port = first + next(_counted) % _SLICE
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError(f"no port of {first} to {first + _SLICE} is free")


def _first_given_away() -> int:
    try:
        return int(_GIVEN_AWAY.read_text(encoding="ascii").split()[0])
    except OSError:
        return 32768
