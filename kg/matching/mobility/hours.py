"""The calendar of a need: which ISO weeks count, and how many hours a person has free in each (`scoring.md` §3)."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from kg.index.talents.facts import Engagement, Talent
from kg.matching.quantities import SLACK

_WEEK = timedelta(days=7)
_TO_SUNDAY = timedelta(days=6)
_ENDS = ("available_from", "available_to")


class Calendar(NamedTuple):
    """The counted weeks of a need by their Mondays, hours asked in each (None: not by week), and days that make a week."""

    weeks: tuple[date, ...]
    hours: float | None
    least_days: int


class FreeWeek(NamedTuple):
    """One counted week: its Monday, hours taken by signed services, hours left, and whether the person is there."""

    monday: date
    signed: float
    free: float
    available: bool


class FreeTime(NamedTuple):
    """A person's counted weeks, `total` free hours in them, and in how many there are `enough` for the need.

    `enough` is None for a need that does not ask by week; `complete` False when hours of a counted service or an end
    of his time are unknown.
    """

    weeks: tuple[FreeWeek, ...]
    total: float
    enough: int | None
    complete: bool


def counted_weeks(first: date, last: date, least_days: int) -> tuple[date, ...]:
    """Return the Mondays of the ISO weeks with at least `least_days` days in the window, else of its fullest week."""
    found = list(_weeks(first, last))
    counted = tuple(monday for monday, days in found if days >= least_days)
    fullest = max(found, key=lambda week: week[1])
    return counted or (fullest[0],)


def _weeks(first: date, last: date) -> Iterator[tuple[date, int]]:
    monday = first - timedelta(days=first.weekday())
    while monday <= last:
        yield monday, days_within(monday, first, last)
        monday += _WEEK


def days_within(monday: date, first: date | None, last: date | None) -> int:
    """Return how many days of a week lie in a period, open where an end is absent."""
    sunday = monday + _TO_SUNDAY
    start = monday if first is None else max(monday, first)
    end = sunday if last is None else min(sunday, last)
    return max(0, (end - start).days + 1)


def free_time(
    talent: Talent,
    signed: Sequence[Engagement],
    calendar: Calendar,
    whole: Callable[[float], FreeTime],
) -> FreeTime:
    """Return the free hours of each counted week beside the signed services; without weekly hours none are free.

    `whole` returns the weeks of who has so many hours in each: the same for many.
    """
    complete, weeks = talent.hidden.isdisjoint(_ENDS), calendar.weeks
    if not signed and _always_there(talent, weeks):
        kept = whole(talent.weekly_hours or 0.0)
        return kept if complete else kept._replace(complete=False)
    found: list[FreeWeek] = []
    for monday in weeks:
        taking = [engagement for engagement in signed if engagement.overlaps(monday, monday + _TO_SUNDAY)]
        complete = complete and all(engagement.hours is not None for engagement in taking)
        found.append(_week(talent, monday, taking, calendar.least_days))
    return _summed(calendar, found, complete=complete)


def whole_weeks(calendar: Calendar, hours: float) -> FreeTime:
    """Return weeks in which nothing is taken."""
    weeks = [FreeWeek(monday, 0.0, hours, True) for monday in calendar.weeks]  # noqa: FBT003 - he is there
    return _summed(calendar, weeks, complete=True)


def _summed(calendar: Calendar, weeks: list[FreeWeek], *, complete: bool) -> FreeTime:
    free, asked = [week.free for week in weeks], calendar.hours
    enough = None if asked is None else len([hours for hours in free if hours >= asked - SLACK])
    return FreeTime(tuple(weeks), sum(free), enough, complete)


def _always_there(talent: Talent, weeks: Sequence[date]) -> bool:
    """True when every day of every counted week lies in the person's time."""
    first, last = talent.available_from, talent.available_to
    return (first is None or first <= weeks[0]) and (last is None or last >= weeks[-1] + _TO_SUNDAY)


def _week(talent: Talent, monday: date, taking: Sequence[Engagement], least_days: int) -> FreeWeek:
    taken = sum((engagement.hours or 0.0 for engagement in taking), 0.0)
    there = days_within(monday, talent.available_from, talent.available_to) >= least_days
    left = max(0.0, (talent.weekly_hours or 0.0) - taken) if there else 0.0
    return FreeWeek(monday, taken, left, there)
