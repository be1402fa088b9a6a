"""The log of questions, and how often an entity appeared in answered lists (it orders ties, `scoring.md` §1)."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from kg.ports import Ledger

JOURNAL: Final = "questions"


class Exposures:
    """Appearances by day, read from the log of questions; lies outside the change log and takes no revision."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._lock = threading.Lock()
        self._read = 0
        self._by_day: dict[date, Counter[str]] = {}

    def record(
        self, *, day: date, viewer: str, query_id: str, entities: Sequence[str], again: bool = False
    ) -> int:
        """Write that a list was answered on that day; return the number of the question.

        `again`: the asker opens one item of a list that he was told before; it is logged, but nobody appears twice.
        """
        return self._ledger.append(
            JOURNAL,
            {
                "day": day.isoformat(),
                "viewer": viewer,
                "query_id": query_id,
                "entities": [] if again else list(entities),
            },
        )

    def before(self, day: date, days: int) -> Callable[[str], int]:
        """Return a look-up: appearances in lists answered in the `days` days before `day`, that day excluded."""
        self._catch_up()
        wanted = [day - timedelta(days=back) for back in range(1, days + 1)]
        counts = [self._by_day[found] for found in wanted if found in self._by_day]
        return lambda entity: sum(count[entity] for count in counts)

    def _catch_up(self) -> None:
        with self._lock:
            for number, entry in self._ledger.entries(JOURNAL, after=self._read):
                self._count(entry)
                self._read = number

    def _count(self, entry: Mapping[str, object]) -> None:
        listed = entry["entities"]
        assert isinstance(listed, (list, tuple))
        day = date.fromisoformat(str(entry["day"]))
        self._by_day.setdefault(day, Counter()).update(map(str, listed))
