"""What a flexible need asks for: window, weeks, hours, modes, place."""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from math import ceil

from tests.oracle.world import Row, day, is_masked, items, level, number, skill_items, text

WEEK_SHARE = Fraction(9, 10)
WEEK_DAYS_LEAST = 4


@dataclass(frozen=True)
class Need:
    """A need, read once."""

    row: Row
    key: str | None
    host: str
    host_kinds: frozenset[str]
    district: str | None
    first: date
    last: date
    weeks: tuple[date, ...]
    """The Mondays of the counted weeks."""
    hours_a_week: Fraction | None
    weeks_wanted: int
    hours: Fraction
    visits: Fraction | None
    """``None`` if masked; an absent cell is no visit."""
    modes: tuple[str, ...]
    occupations: tuple[str, ...]
    tags: list[str]
    skills: list[tuple[str, Fraction, Fraction]]
    min_level: int | None


class OutOfRangeError(ValueError):
    """A need that asks for more weeks than its window has, or for no hours."""


def counted_weeks(first: date, last: date) -> tuple[date, ...]:
    """Mondays of the ISO weeks with at least four days in the window, else of the fullest week."""
    monday, days_in = first - timedelta(days=first.weekday()), {}
    while monday <= last:
        sunday = monday + timedelta(days=6)
        days_in[monday] = (min(sunday, last) - max(monday, first)).days + 1
        monday += timedelta(days=7)
    full = tuple(week for week, days in days_in.items() if days >= WEEK_DAYS_LEAST)
    most = max(days_in.values())
    return full or (min(week for week, days in days_in.items() if days == most),)


def read_need(row: Row, places: dict[str, str | None], kinds: dict[str, frozenset[str]]) -> Need:
    """Read a row of flex_needs; ``places`` and ``kinds`` tell district and kind of organisations."""
    first, last, host = day(row, "valid_from"), day(row, "valid_to"), text(row, "host")
    if first is None or last is None or host is None:
        raise OutOfRangeError("a need has a host and a window")
    weeks = counted_weeks(first, last)
    q, total, wanted = number(row, "hours_per_week"), number(row, "total_hours"), number(row, "weeks")
    if (q is None and total is None) or (wanted is not None and wanted > len(weeks)):
        raise OutOfRangeError("a need has hours, and no more weeks than its window")
    number_of_weeks = int(wanted) if wanted is not None else len(weeks)
    hours = total if total is not None else (q or Fraction(0)) * number_of_weeks
    visits = None if is_masked(row, "visits") else number(row, "visits") or Fraction(0)
    return Need(
        row=row,
        key=text(row, "need_id"),
        host=host,
        host_kinds=kinds.get(host, frozenset()),
        district=_service_district(row, places),
        first=first,
        last=last,
        weeks=weeks,
        hours_a_week=q,
        weeks_wanted=int(wanted) if wanted is not None else ceil(WEEK_SHARE * len(weeks)),
        hours=hours,
        visits=visits,
        modes=tuple(item.partition("=")[0] for item in items(row, "modes")),
        occupations=tuple(items(row, "occupations")),
        tags=items(row, "tags"),
        skills=skill_items(row, "skills"),
        min_level=level(row, "min_level"),
    )


def _service_district(row: Row, places: dict[str, str | None]) -> str | None:
    if is_masked(row, "district"):
        return None
    return text(row, "district") or places.get(text(row, "host") or "")
