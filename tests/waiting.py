"""Waiting for a state instead of for a time: a busy machine only makes it longer."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")
HANG: Final = 300.0
"""Seconds after which something hangs; nothing takes a tenth of it, not even on a machine with too much to do."""


def until(told: Callable[[], T], what: str = "the wanted state", *, seconds: float = HANG) -> T:
    """Ask again and again until the answer is true, and return it; AssertionError when it never is."""
    end = time.monotonic() + seconds
    while not (found := told()):
        assert time.monotonic() < end, f"{what} never came"
        time.sleep(0.01)
    return found
