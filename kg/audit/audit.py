"""The audit trail: who did what to whom, as a chain of entries in which no entry can be changed unseen."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from json import dumps
from typing import Final

from kg.ports import Ledger

JOURNAL: Final = "audit"


class Audit:
    """Records and checks audit entries; `clock` tells the time (UTC) of each."""

    def __init__(self, ledger: Ledger, clock: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._clock = clock

    def record(
        self, viewer: str, action: str, subject: str, detail: Mapping[str, object], *, chain: bool = True
    ) -> int:
        """Write one entry and return its number; `detail` holds JSON values and no personal ones."""
        entry = {
            "at": self._clock().isoformat(),
            "viewer": viewer,
            "action": action,
            "subject": subject,
            "detail": dict(detail),
        }
        return self._ledger.append(JOURNAL, entry, chain=chain)

    def entries(self, after: int = 0, limit: int | None = None) -> Iterator[tuple[int, Mapping[str, object]]]:
        """Yield number and entry of those after number `after`, oldest first."""
        return self._ledger.entries(JOURNAL, after=after, limit=limit)

    def newest(self) -> int:
        """Return the number of the newest entry, which is also how many there are (0 for none)."""
        low, step = 0, 1
        while self._has_after(low + step - 1):
            low, step = low + step, step * 2
        high = low + step - 1
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self._has_after(middle) else (low, middle)
        return low

    def _has_after(self, number: int) -> bool:
        return next(self._ledger.entries(JOURNAL, after=number, limit=1), None) is not None

    def verify(self) -> list[int]:
        """Return the numbers of entries that do not follow from the one before; [] when the whole trail holds.

        A changed entry is reported itself; after a removed, swapped or inserted one, the first that no longer fits.
        What is cut off at the end is only seen by comparing with the newest hash noted elsewhere.
        """
        broken: list[int] = []
        previous, expected = "", 1
        for number, entry in self._ledger.entries(JOURNAL):
            stored = entry.get("hash")
            content = {key: value for key, value in entry.items() if key != "hash"}
            fits = stored is None or stored == _hash(previous, content)
            if number != expected or not fits:
                broken.append(number)
            previous, expected = str(stored or ""), number + 1
        return broken


def _hash(previous: str, entry: Mapping[str, object]) -> str:
    text = dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return sha256((previous + text).encode()).hexdigest()
