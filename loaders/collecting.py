"""The collector of cyclic garbage, told to look seldom while very many rows pass: nearly none of them is in a cycle."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

_SELDOM: Final = (200_000, 50, 1_000)
"""New objects until the collector looks at them, and how often it looks at older ones (`gc.set_threshold`)."""
_lock: Final = Lock()
_before: list[tuple[int, int, int]] = []
"""What was set before the first of those who are in `rare_collections` now; one entry for each of them."""


@contextmanager
def rare_collections() -> Iterator[None]:
    """Let the whole process collect seldom until the end of the block; several threads may be in it at once.

    A load makes some hundred objects a row that all die by their counts: looking for cycles among them took a third
    of its time. What is set already, if it is rarer, stays.
    """
    with _lock:
        _before.append(gc.get_threshold())
        first = _before[0]
        gc.set_threshold(*(max(old, new) if old else 0 for old, new in zip(first, _SELDOM, strict=True)))
    try:
        yield
    finally:
        with _lock:
            first = _before[0]
            _before.pop()
            if not _before:
                gc.set_threshold(*first)
