"""Quantities that both questions share: decay with age, smoothed success rates, three-valued logic."""

from collections.abc import Iterable
from datetime import date

from kg.model.answers import FAIL, PASS, UNKNOWN, Status
from kg.model.rules import CommonRules

SLACK = 1e-9
"""Thresholds compare with this slack (`scoring.md` §1)."""

_DAYS_PER_YEAR = 365.25


def decay(day: date, as_of: date, half_life_years: float) -> float:
    """Return 0.5 ** (age / half-life), age in days / 365.25; callers leave out events after `as_of`."""
    return decay_years((as_of - day).days / _DAYS_PER_YEAR, half_life_years)


def decay_years(age_years: float, half_life_years: float) -> float:
    """Return 0.5 ** (age / half-life)."""
    return float(0.5 ** (age_years / half_life_years))


def success_rate(events: Iterable[tuple[float, float]], rules: CommonRules) -> float | None:
    """Return (r + 2) / (n + 4) over (n, r) pairs already decayed; None without any event."""
    total = successes = 0.0
    seen = False
    for n, r in events:
        total, successes, seen = total + n, successes + r, True
    return (successes + rules.prior_successes) / (total + rules.prior_total) if seen else None


def one_of(statuses: Iterable[Status]) -> Status:
    """Pass if one passes, else unknown if one is unknown, else fail."""
    found = FAIL
    for status in statuses:
        if status is PASS:
            return status
        if status is UNKNOWN:
            found = status
    return found


def all_of(statuses: Iterable[Status]) -> Status:
    """Fail if one fails, else unknown if one is unknown, else pass."""
    found = PASS
    for status in statuses:
        if status is FAIL:
            return status
        if status is UNKNOWN:
            found = status
    return found


def clip(value: float) -> float:
    """Return the value held within 0..1."""
    return min(1.0, max(0.0, value))
