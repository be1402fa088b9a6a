"""Working folders: seen by their owner only, gone at the end, and swept away by the next run where a process was killed.

Whoever works in a folder holds a lock on it, which the system takes back with the process, however that ends. It counts
also between containers that share a disk, where numbers of processes mean nothing.
"""

import errno
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import Final

if sys.platform != "win32":
    import fcntl

_PREFIX: Final = ".jiangtu-working-"


@contextmanager
def working_folder(parent: Path) -> Iterator[Path]:
    """Give an empty folder in `parent`, removed when the block ends; what killed runs left there goes before."""
    sweep(parent)
    folder, lock = _make(parent)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def sweep(parent: Path) -> None:
    """Remove the working folders in `parent` whose process is gone."""
    for left in sorted(parent.glob(f"{_PREFIX}*")):
        with suppress(OSError):  # of another user, or gone meanwhile
            lock = _hold(left)
            if lock is not None:
                shutil.rmtree(left, ignore_errors=True)
                os.close(lock)


def _make(parent: Path) -> tuple[Path, int | None]:
    """Make a folder and hold it; a sweeper may have taken it between the two, then there is another."""
    while True:
        folder = parent / f"{_PREFIX}{token_hex(8)}"
        folder.mkdir(mode=0o700)
        try:
            lock = _hold(folder)
        except FileNotFoundError:
            continue
        except OSError:  # a disk without such locks: nobody sweeps there
            return folder, None
        if lock is not None:
            return folder, lock


def _hold(folder: Path) -> int | None:
    """Return the handle that holds a folder until it is closed or the process ends; None where another one holds it."""
    if sys.platform == "win32":
        raise OSError(errno.ENOTSUP, "no locks on folders", str(folder))
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        folder.stat()
    except BlockingIOError:
        os.close(handle)
        return None
    except BaseException:
        os.close(handle)
        raise
    return handle
