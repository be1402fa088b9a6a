"""The market of flexible service: open needs, talents that pass all filters of `scoring.md` §3, and what they can take on.

A need is served by one talent, whole. A talent may serve several: each of his needs must pass the filters of hours
(B6), travel (B7) and concurrent services (B8) with his other ones counted as if they were signed already.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from kg.matching.quantities import SLACK

_SUNDAY = timedelta(days=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenNeed:
    """A need to be served: `hours` in all, `weekly` a week if asked so, in `weeks_wanted` of the weeks (Mondays).

    `pace` is what it takes of each week that it touches once it is served. `priority` is 0..1.
    """

    key: str
    title: str
    host: str
    priority: float
    hours: float
    weekly: float | None
    weeks_wanted: int
    weeks: tuple[date, ...]
    first: date
    last: date

    @property
    def pace(self) -> float:
        """Hours a week of the service."""
        return self.hours / len(self.weeks) if self.weekly is None else self.weekly

    def touches(self, monday: date) -> bool:
        """True when the service has a day in that week."""
        return self.first <= monday + _SUNDAY and monday <= self.last


class Chance(NamedTuple):
    """A talent who passes all filters of a need: worth to the need (a) and to him (b), score, place in the arrays."""

    need: str
    talent: str
    a: float
    b: float
    score: float


class Terms(NamedTuple):
    """How a talent would serve a need: mode, visits on site, hours on the road, whether trips of it are limited.

    `counted` says that trips in this mode count for the year, `far` that the limit binds here. `free` are his hours a
    week before the plan; `travel_left` (None: no limit of his own) and `trips_left` are what his year still allows.
    """

    mode: str
    visits: int
    road: float
    counted: bool
    far: bool
    free: Mapping[date, float]
    travel_left: float | None
    trips_left: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursMarket:
    """Needs by key, chances by need (best first), services that talents have signed, and how to find their terms."""

    needs: Mapping[str, OpenNeed]
    chances: Mapping[str, Sequence[Chance]]
    signed: Callable[[str], Sequence[tuple[date, date]]]
    find_terms: Callable[[str, str], Terms]
    concurrent: int
    priority_weight: float
    left_out: Mapping[str, str] = field(default_factory=dict)
    known: dict[tuple[str, str], Terms] = field(default_factory=dict)

    def terms(self, need: str, talent: str) -> Terms:
        """Return the terms of a chance, worked out once."""
        found = self.known.get((need, talent))
        if found is None:
            found = self.known[need, talent] = self.find_terms(need, talent)
        return found

    def rank(self, chance: Chance) -> float:
        """Return what a need is worth to a talent in the plan: its priority first, then his own value of it."""
        return self.priority_weight * self.needs[chance.need].priority + chance.b

    def fits(self, talent: str, needs: Iterable[str]) -> bool:
        """Tell whether a talent can serve all these needs."""
        keys = list(needs)
        return all(self._fits(talent, key, [other for other in keys if other != key]) for key in keys)

    def _fits(self, talent: str, key: str, others: Sequence[str]) -> bool:
        own, terms = self.needs[key], self.terms(key, talent)
        beside = [(self.needs[other], self.terms(other, talent)) for other in others]
        return (
            self._concurrent(talent, own, [need for need, _ in beside])
            and _hours(own, terms, [need for need, _ in beside])
            and _travel(own, terms, beside)
        )

    def _concurrent(self, talent: str, own: OpenNeed, others: Sequence[OpenNeed]) -> bool:
        signed = sum(first <= own.last and own.first <= last for first, last in self.signed(talent))
        planned = sum(other.first <= own.last and own.first <= other.last for other in others)
        return signed + planned < self.concurrent


def _hours(own: OpenNeed, terms: Terms, others: Sequence[OpenNeed]) -> bool:
    left = [
        max(0.0, terms.free[week] - sum(other.pace for other in others if other.touches(week)))
        for week in own.weeks
    ]
    if own.weekly is None:
        return sum(left) >= own.hours - SLACK
    weekly = own.weekly
    return sum(free >= weekly - SLACK for free in left) >= own.weeks_wanted


def _travel(own: OpenNeed, terms: Terms, others: Sequence[tuple[OpenNeed, Terms]]) -> bool:
    if terms.visits == 0:
        return True
    same_year = [other for need, other in others if need.first.year == own.first.year]
    taken = sum(other.road for other in same_year)
    if terms.travel_left is not None and terms.road + taken > terms.travel_left + SLACK:
        return False
    trips = sum(other.visits for other in same_year if other.counted)
    return not terms.far or terms.visits + trips <= terms.trips_left + SLACK
