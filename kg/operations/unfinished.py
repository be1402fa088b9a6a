"""The mark of a restore into a server: until it is gone half of the store is missing, and only one program goes on with it."""

import os
import socket
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from kg.errors import KgError, RefusedError, StoreBusyError, StoreError
from kg.operations.archive import alive
from kg.operations.sites import OPERATIONS, UNFINISHED, Clock
from kg.ports import Ledger

_SIGN_SECONDS: Final = 20.0
_QUIET: Final = timedelta(seconds=120)
_HOLDER: Final = ("host", "process", "sign")


def begun_restore(ledger: Ledger) -> dict[str, Any] | None:
    """Return what the restore that was begun and not ended said of itself, None without one."""
    found = ledger.get(OPERATIONS, UNFINISHED)
    return None if found is None else {key: value for key, value in found.items() if key not in _HOLDER}


@contextmanager
def held(
    ledger: Ledger, clock: Clock, detail: Mapping[str, object], *, first: Callable[[], None]
) -> Generator[Callable[[], None], None, None]:
    """Hold the mark while the block runs, which ends what was begun; gives what raises when another took it over.

    `first` is asked before a new mark is set. When the block fails the mark stays, for whoever repeats the restore.
    Raises RefusedError `unfinished` when another restore was begun, StoreBusyError while another program does this one.
    """
    found = ledger.get(OPERATIONS, UNFINISHED)
    if found is None:
        first()
    else:
        _check(found, detail, clock())
    turn = _Turn(ledger, clock, detail)
    turn.take(found)
    try:
        yield turn.check
    except BaseException:
        turn.end(dict(detail))
        raise
    turn.end(None)


def _check(found: Mapping[str, Any], detail: Mapping[str, object], now: datetime) -> None:
    if {key: value for key, value in found.items() if key not in _HOLDER} != detail:
        raise RefusedError(
            f"另一份备份（{found.get('file')}）恢复到一半；请先用那一份做完。",
            code="unfinished",
        )
    if "host" not in found:
        return
    here = found["host"] == socket.gethostname()
    quiet = abs(now - datetime.fromisoformat(found["sign"])) > _QUIET
    if not quiet and not (here and not alive(str(found["process"]))):
        raise _taken(found)


def _taken(found: Mapping[str, Any]) -> StoreBusyError:
    return StoreBusyError(
        f"另一个程序（{found.get('host')}，进程 {found.get('process')}）正在做这次恢复；"
        "请等它结束，它已中断的话两分钟后再试。"
    )


class _Turn:
    """The mark as this program holds it, signed again and again while it works."""

    def __init__(self, ledger: Ledger, clock: Clock, detail: Mapping[str, object]) -> None:
        self._ledger, self._clock, self._detail = ledger, clock, detail
        self._over, self._lost = threading.Event(), False
        self._mine: dict[str, object] = {}
        self._thread = threading.Thread(target=self._sign, name="restore", daemon=True)

    def take(self, found: Mapping[str, object] | None) -> None:
        """Take the mark in the state in which it was found; StoreBusyError when somebody was faster."""
        mine = self._signed()
        if not self._ledger.put(OPERATIONS, UNFINISHED, mine, expect=found, fresh=found is None):
            raise _taken(self._ledger.get(OPERATIONS, UNFINISHED) or {})
        self._mine = mine
        self._thread.start()

    def check(self) -> None:
        """Raise StoreBusyError when another program has taken the mark over."""
        if self._lost:
            raise _taken(self._ledger.get(OPERATIONS, UNFINISHED) or {})

    def end(self, left: Mapping[str, object] | None) -> None:
        """Leave the mark in this state, None: none."""
        self._over.set()
        self._thread.join()
        try:
            self._ledger.put(OPERATIONS, UNFINISHED, left, expect=self._mine)
        except StoreError:
            if left is None:
                raise

    def _signed(self) -> dict[str, object]:
        return {
            **self._detail,
            "host": socket.gethostname(),
            "process": os.getpid(),
            "sign": self._clock().isoformat(),
        }

    def _sign(self) -> None:
        while not self._over.wait(_SIGN_SECONDS):
            mine = self._signed()
            try:
                if not self._ledger.put(OPERATIONS, UNFINISHED, mine, expect=self._mine):
                    self._lost = True
                    return
            except KgError:
                continue  # the server is away: the work itself will say so
            self._mine = mine
