"""How old each source is: when it last delivered each table, how often it should, and what is overdue."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from statistics import median
from typing import Final

from kg.model.batches import in_force
from kg.model.graph import Batch

DAYS_AT_LEAST: Final = 3
"""So many days with deliveries tell a rhythm: two gaps between them."""
GRACE: Final = 1.5
"""A rhythm that was only observed may be exceeded by half before anything is called old."""
STATES: Final[Mapping[str, str]] = {"fresh": "按期", "old": "逾期", "unknown": "未定"}

Deliveries = Mapping[tuple[str, str], Sequence[date]]
"""The days on which a source delivered a table, by (source, table)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Age:
    """One table of one source: the day of its last delivery, `days` since, and after how many days it is old.

    `allowed` is None where nobody has set an interval and deliveries are too few to tell one; `basis` is set, observed
    or none; `state` of `STATES`.
    """

    source: str
    table: str
    last: date
    days: int
    deliveries: int
    allowed: int | None
    basis: str
    state: str

    @property
    def due(self) -> date | None:
        """The last day on which the next delivery is in time."""
        return None if self.allowed is None else self.last + timedelta(days=self.allowed)

    def to_json(self) -> dict[str, object]:
        """Return it as routes and commands tell it."""
        return {
            "source": self.source, "table": self.table, "last": self.last.isoformat(), "days": self.days,
            "deliveries": self.deliveries, "allowed": self.allowed, "basis": self.basis, "state": self.state,
            "state_label": STATES[self.state], "due": None if self.due is None else self.due.isoformat(),
        }  # fmt: skip


def delivered_by(batches: Iterable[Batch]) -> dict[tuple[str, str], list[date]]:
    """Return the deliveries that the store knows of: batches that changed something and are in force, days in UTC."""
    found: dict[tuple[str, str], list[date]] = {}
    for batch in in_force(batches):
        for table in batch.delivered if batch.source else ():
            found.setdefault((batch.source, table), []).append(batch.at.date())
    return found


def ages(deliveries: Deliveries, expected: Mapping[str, int], today: date) -> list[Age]:
    """Return the age of every table of every source, the most overdue first, then by source and table.

    `expected` are the intervals in days that somebody has set, by source; the others go by the median of their gaps.
    """
    found = [
        _age(source, table, days, expected.get(source), today)
        for (source, table), days in deliveries.items()
        if days
    ]
    return sorted(found, key=lambda one: (-_overdue(one), one.source, one.table))


def _age(source: str, table: str, delivered: Sequence[date], expected: int | None, today: date) -> Age:
    days = sorted(set(delivered))
    allowed, basis = expected, "set" if expected is not None else "none"
    if allowed is None and len(days) >= DAYS_AT_LEAST:
        gaps = [(later - earlier).days for earlier, later in pairwise(days)]
        allowed, basis = max(round(median(gaps) * GRACE), 1), "observed"
    since = max((today - days[-1]).days, 0)
    state = "unknown" if allowed is None else "old" if since > allowed else "fresh"
    return Age(
        source=source, table=table, last=days[-1], days=since, deliveries=len(days), allowed=allowed, basis=basis,
        state=state,
    )  # fmt: skip


def _overdue(age: Age) -> int:
    return max(age.days - age.allowed, 0) if age.allowed is not None else 0
