"""What the arrays over all talents come to on one day, in one year, or from one district: made once, kept with them."""

from collections.abc import Callable
from datetime import date
from typing import NamedTuple, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from kg.index.talents.columns import ENDS, FOREVER, Bools, Floats, Ints, TalentArrays
from kg.index.talents.facts import BROKEN_OFF, FINISHED, SIGNED
from kg.index.talents.records import NO_LEVEL
from kg.index.talents.view import TalentView
from kg.index.world import World
from kg.matching.mobility.marks import Places
from kg.model.rules import Policy

_DAYS_PER_YEAR = 365.25
_MOST_KEPT = 1000
T = TypeVar("T")


class Day(NamedTuple):
    """Everything that depends on `as_of` alone.

    Trades are the distinct (talent, occupation) of valid proofs and declarations, sorted by occupation with
    `trade_bounds`; proofs are those with a level, sorted by occupation and level with `proof_bounds`;
    `unproved_level` is the declared level of who has none, else `NO_LEVEL`. Factor values are nan where unknown;
    `no_evidence` is factor evidence of who has no achievement that matters.
    """

    trade_talent: Ints
    trade_bounds: NDArray[np.int64]
    trade_count: Ints
    proof_talent: Ints
    proof_bounds: NDArray[np.int64]
    proof_level: NDArray[np.int8]
    unproved_level: NDArray[np.int8]
    achievement_worth: Floats
    no_evidence: Floats
    reputation: Floats
    honour: Floats


class Year(NamedTuple):
    """Travel of signed and finished services that start in one calendar year, by talent."""

    hours: Floats
    hours_complete: Bools
    trips: Floats
    trips_complete: Bools


def remember(keeper: TalentArrays | TalentView, key: tuple[object, ...], make: Callable[[], T]) -> T:
    """Return what is kept under the key, made now if it is not there.

    With the arrays is kept what follows from them, for every generation that has them; with the view what holds of
    one generation alone.
    """
    found = keeper.memo.get(key)
    if found is None:
        if len(keeper.memo) >= _MOST_KEPT:
            keeper.memo.clear()
        found = keeper.memo[key] = make()
    return cast(T, found)


def signed_of(arrays: TalentArrays) -> Places:
    """Return the services that are signed."""
    return remember(arrays, ("signed",), lambda: np.flatnonzero(arrays.services.status == ENDS[SIGNED]))


def prepare(world: World, policy: Policy, as_of: date) -> None:
    """Make the tables of a day and its year, so that its first question need not wait for them."""
    day_of(world, policy, as_of)
    year_of(world, policy, as_of.year)


def day_of(world: World, policy: Policy, as_of: date) -> Day:
    """Return the tables of a day."""
    arrays = world.talents.arrays
    return remember(arrays, ("day", as_of, policy.hash), lambda: _day(arrays, policy, as_of))


def _day(arrays: TalentArrays, policy: Policy, as_of: date) -> Day:
    day, count, proofs = as_of.toordinal(), arrays.count, arrays.proofs
    valid = (proofs.first <= day) & (day <= proofs.last)
    declared = np.flatnonzero(arrays.persons.occupation > 0)
    owners = np.concatenate([proofs.talent[valid], declared])
    occupations = np.concatenate([proofs.occupation[valid], arrays.persons.occupation[declared]])
    pairs = np.unique(occupations.astype(np.int64) * max(count, 1) + owners)
    pairs = pairs[pairs >= max(count, 1)]
    trade_occupation, trade_talent = np.divmod(pairs, max(count, 1))
    leveled = np.flatnonzero(valid & (proofs.level != NO_LEVEL))
    leveled = leveled[np.lexsort((proofs.level[leveled], proofs.occupation[leveled]))]
    unproved, places = arrays.persons.level.copy(), np.arange(len(arrays.occupations) + 1)
    unproved[proofs.talent[leveled]] = NO_LEVEL
    return Day(
        trade_talent=trade_talent.astype(np.int32),
        trade_bounds=np.searchsorted(trade_occupation, places),
        trade_count=np.bincount(trade_talent, minlength=count).astype(np.int32),
        proof_talent=proofs.talent[leveled],
        proof_bounds=np.searchsorted(proofs.occupation[leveled], places),
        proof_level=proofs.level[leveled],
        unproved_level=unproved,
        achievement_worth=_achievement_worth(arrays, policy, day),
        no_evidence=_no_evidence(arrays, day),
        reputation=_reputation(arrays, policy, day),
        honour=_honour(arrays, policy, as_of.year),
    )


def _decay(age_days: Floats | Ints, half_life_years: float) -> Floats:
    return np.asarray(0.5 ** (age_days / _DAYS_PER_YEAR / half_life_years), dtype=np.float64)


def _achievement_worth(arrays: TalentArrays, policy: Policy, day: int) -> Floats:
    """Return verification times age of each achievement, 0 for one of the future."""
    rules, achieved = policy.query_b, arrays.achieved
    age = np.where(achieved.day > 0, day - achieved.day, rules.undated_years * _DAYS_PER_YEAR)
    trust = np.where(achieved.verified, 1.0, rules.declared_value)
    future = achieved.day > day
    worth = trust * _decay(np.where(future, 0.0, age), rules.evidence_half_life_years)
    return np.where(future, 0.0, worth)


def _no_evidence(arrays: TalentArrays, day: int) -> Floats:
    """Return 0 for who has an achievement by that day or could have reported one, else nan."""
    known = arrays.persons.achievements_known.copy()
    known[arrays.achieved.talent[arrays.achieved.day <= day]] = True
    return np.where(known, 0.0, np.nan)


def _reputation(arrays: TalentArrays, policy: Policy, day: int) -> Floats:
    services, common = arrays.services, policy.common
    end = np.where(services.last == FOREVER, services.first, services.last)
    ended = np.isin(services.status, (ENDS[FINISHED], ENDS[BROKEN_OFF])) & (services.success > 0)
    ended &= (end <= day) & (end > 0)
    weight = _decay(day - end[ended], policy.query_b.reputation_half_life_years)
    talent, good = services.talent[ended], services.success[ended] == 1
    total = np.bincount(talent, weights=weight, minlength=arrays.count)
    successes = np.bincount(talent, weights=weight * good, minlength=arrays.count)
    seen = np.bincount(talent, minlength=arrays.count) > 0
    rate = (successes + common.prior_successes) / (total + common.prior_total)
    return np.where(seen, rate, np.nan)


def _honour(arrays: TalentArrays, policy: Policy, year: int) -> Floats:
    honoured = arrays.honoured
    counted = (honoured.year > 0) & (honoured.year <= year)
    talent = honoured.talent[counted]
    points = np.bincount(talent, weights=honoured.points[counted], minlength=arrays.count)
    seen = np.bincount(talent, minlength=arrays.count) > 0
    none = np.where(arrays.persons.honours_known, 0.0, np.nan)
    return np.where(seen, np.minimum(1.0, points / policy.query_b.honour_full), none)


def year_of(world: World, policy: Policy, year: int) -> Year:
    """Return the travel of a calendar year."""
    arrays = world.talents.arrays
    return remember(arrays, ("year", year, policy.hash), lambda: _year(world, arrays, year))


def _year(world: World, arrays: TalentArrays, year: int) -> Year:
    services, count = arrays.services, arrays.count
    first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    counted = np.isin(services.status, (ENDS[SIGNED], ENDS[FINISHED]))
    entries = np.flatnonzero(counted & (first <= services.first) & (services.first <= last))
    talent, told = services.talent[entries], ~np.isnan(services.trips[entries])
    trips = np.where(told, services.trips[entries], 0.0)
    ways = _past_ways(world, arrays, arrays.persons.district[talent], services.place[entries])
    known, limited = ~np.isnan(ways), services.counted[entries]
    hours = np.where(known, trips * np.where(known, ways, 0.0), 0.0)
    return Year(
        hours=_sums(talent, hours, count),
        hours_complete=np.bincount(talent[known & ~told], minlength=count) == 0,
        trips=_sums(talent[limited], trips[limited], count),
        trips_complete=np.bincount(talent[limited & ~told], minlength=count) == 0,
    )


def _sums(talent: Ints, values: Floats, count: int) -> Floats:
    return np.bincount(talent, weights=values, minlength=count).astype(np.float64)


def _past_ways(world: World, arrays: TalentArrays, start: Ints, end: Ints) -> Floats:
    """Return the round trip between numbered districts, nan where unknown."""
    words, size = arrays.districts, len(arrays.districts)
    pairs, inverse = np.unique(start.astype(np.int64) * size + end, return_inverse=True)
    hours = [
        world.travel.round_trip(words[pair // size] or None, words[pair % size] or None)
        for pair in pairs.tolist()
    ]
    return np.array([np.nan if found is None else found for found in hours], dtype=np.float64)[inverse]


def ways_to(world: World, district: str | None) -> tuple[Floats, Floats]:
    """Return hours one way to a district and there and back, by number of the start; nan where unknown."""
    arrays = world.talents.arrays

    def make() -> tuple[Floats, Floats]:
        there = [world.travel.one_way(word or None, district) for word in arrays.districts]
        both = [world.travel.round_trip(word or None, district) for word in arrays.districts]
        return (
            np.array([np.nan if trip is None else trip.hours for trip in there], dtype=np.float64),
            np.array([np.nan if hours is None else hours for hours in both], dtype=np.float64),
        )

    return remember(arrays, ("ways", district), make)
