"""What the arrays over all talents come to on one day, in one year, or from one district: made once, kept with them."""

from collections.abc import Callable
from datetime import date
from typing import NamedTuple, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from kg.index.lookups import Occupation
from kg.index.parsing import WantedSkill
from kg.index.talents.columns import ANYONE, ENDS, FOREVER, KIND_LABELS, Bools, Floats, Ints, TalentArrays
from kg.index.talents.facts import BROKEN_OFF, FINISHED, SIGNED
from kg.index.world import World
from kg.model.rules import Policy

_DAYS_PER_YEAR = 365.25
_MOST_KEPT = 600
T = TypeVar("T")


class Spans(NamedTuple):
    """Which entries belong to each talent: entries start[t]..start[t + 1] of arrays sorted by talent."""

    start: NDArray[np.int64]

    @classmethod
    def of(cls, talent: Ints, count: int) -> "Spans":
        """Return the spans of entries sorted by talent."""
        return cls(np.searchsorted(talent, np.arange(count + 1)).astype(np.int64))

    def gather(self, talents: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the entries of some talents, and for each entry the place of its talent among them."""
        first = self.start[talents]
        counts = self.start[talents + 1] - first
        owner = np.repeat(np.arange(len(talents)), counts)
        before = np.cumsum(counts) - counts
        return np.repeat(first - before, counts) + np.arange(len(owner)), owner


class Day(NamedTuple):
    """Everything that depends on `as_of` alone.

    Trades are the distinct (talent, occupation) of valid proofs and declarations, sorted by occupation with
    `trade_bounds`; proofs are those with a level. Factor values are nan where unknown.
    """

    trade_talent: Ints
    trade_bounds: NDArray[np.int64]
    trade_count: Ints
    proof_spans: Spans
    proof_occupation: Ints
    proof_level: NDArray[np.int8]
    achievement_worth: Floats
    has_achievement: Bools
    reputation: Floats
    honour: Floats


class Year(NamedTuple):
    """Travel of signed and finished services that start in one calendar year, by talent."""

    hours: Floats
    hours_complete: Bools
    trips: Floats
    trips_complete: Bools


def remember(arrays: TalentArrays, key: tuple[object, ...], make: Callable[[], T]) -> T:
    """Return what is kept under the key, made now if it is not there."""
    found = arrays.memo.get(key)
    if found is None:
        if len(arrays.memo) >= _MOST_KEPT:
            arrays.memo.clear()
        found = arrays.memo[key] = make()
    return cast(T, found)


def spans_of(arrays: TalentArrays, table: str) -> Spans:
    """Return which entries of "services" or "restrictions" belong to each talent."""
    talent = arrays.services.talent if table == "services" else arrays.restrictions.talent
    return remember(arrays, ("spans", table), lambda: Spans.of(talent, arrays.count))


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
    leveled = valid & (proofs.level != -1)
    return Day(
        trade_talent=trade_talent.astype(np.int32),
        trade_bounds=np.searchsorted(trade_occupation, np.arange(len(arrays.occupations) + 1)),
        trade_count=np.bincount(trade_talent, minlength=count).astype(np.int32),
        proof_spans=Spans.of(proofs.talent[leveled], count),
        proof_occupation=proofs.occupation[leveled],
        proof_level=proofs.level[leveled],
        achievement_worth=_achievement_worth(arrays, policy, day),
        has_achievement=np.bincount(
            arrays.achieved.talent[arrays.achieved.day <= day], minlength=count
        ).astype(np.bool_),
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


class Start(NamedTuple):
    """Who consents to be recommended to a host: places, which of them not for sure, place in these by talent or -1."""

    alive: Bools
    places: NDArray[np.int64]
    unsure: Bools
    positions: Ints


def start_of(world: World, as_of: date, kind: str, code: str) -> Start:
    """Return who passes B1 or may pass it; kept for hosts whom no consent names."""
    arrays, alive = world.talents.arrays, world.talents.alive
    if len(arrays.consents.recipients.of(code)):
        return _start(arrays, as_of, alive, (ANYONE, KIND_LABELS.get(kind, ""), code))
    kept: dict[str, Start] = remember(arrays, ("start", as_of, kind), dict)
    found = kept.get(kind)
    if found is None or found.alive is not alive:
        found = kept[kind] = _start(arrays, as_of, alive, (ANYONE, KIND_LABELS.get(kind, "")))
    return found


def _start(arrays: TalentArrays, as_of: date, alive: Bools, words: tuple[str, ...]) -> Start:
    sure, found = np.zeros(arrays.count, dtype=np.bool_), np.zeros(arrays.count, dtype=np.bool_)
    for word in words:
        _consent(arrays, word, as_of.toordinal(), sure, found)
    places = np.flatnonzero(found & alive & ~arrays.persons.objects)
    positions = np.full(arrays.count, -1, dtype=np.int32)
    positions[places] = np.arange(len(places))
    return Start(alive, places, ~sure[places], positions)


def _consent(arrays: TalentArrays, word: str, day: int, sure: Bools, found: Bools) -> None:
    consents = arrays.consents
    entries = consents.recipients.of(word)
    valid = (consents.first[entries] <= day) & (day <= consents.last[entries])
    entries = entries[valid & (consents.revoked[entries] > day)]
    found[consents.talent[entries]] = True
    sure[consents.talent[entries[~consents.hidden[entries]]]] = True


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


class Fits(NamedTuple):
    """How every occupation of the arrays fits one wanted occupation: numbers with a fit above 0, numbers unknown."""

    numbers: tuple[int, ...]
    values: tuple[float, ...]
    unknown: tuple[int, ...]


def fits_of(world: World, wanted: Occupation) -> Fits:
    """Return the fits of one wanted occupation; number 0 (no occupation) is left out."""
    arrays = world.talents.arrays

    def make() -> Fits:
        resolve, fit = world.occupations.resolve, world.occupations.fit
        found = [
            (number, fit(wanted, resolve(word))) for number, word in enumerate(arrays.occupations) if number
        ]
        near = [(number, value) for number, value in found if value]
        return Fits(
            tuple(number for number, _ in near),
            tuple(value for _, value in near),
            tuple(number for number, value in found if value is None),
        )

    return remember(arrays, ("fits", wanted), make)


class Trades(NamedTuple):
    """How the trades of every talent fit a need's occupations: `values[codes]`, nan where no fit is known."""

    values: Floats
    codes: NDArray[np.int16]


def trades_of(world: World, policy: Policy, as_of: date, wanted: tuple[Occupation, ...]) -> Trades:
    """Return the best known fit of each talent's valid proofs and declaration to one of the occupations."""
    day, count = day_of(world, policy, as_of), world.talents.arrays.count

    def of(number: int) -> Ints:
        return day.trade_talent[day.trade_bounds[number] : day.trade_bounds[number + 1]]

    def make() -> Trades:
        best, known = np.zeros(count), np.zeros(count, dtype=np.bool_)
        for occupation in wanted:
            fits, told = fits_of(world, occupation), day.trade_count.copy()
            for number, value in zip(fits.numbers, fits.values, strict=True):
                best[of(number)] = np.maximum(best[of(number)], value)
            for number in fits.unknown:
                told[of(number)] -= 1
            known |= told > 0
        values, codes = np.unique(np.where(known, best, np.nan), return_inverse=True)
        return Trades(values, codes.astype(np.int16))

    return remember(world.talents.arrays, ("trades", as_of, policy.hash, wanted), make)


def holders_of(world: World, wanted: WantedSkill) -> tuple[Ints, Floats]:
    """Return who covers a wanted skill at that level above 0, each once, and how far."""
    held, count = world.talents.arrays.held, world.talents.arrays.count

    def make() -> tuple[Ints, Floats]:
        best = np.zeros(count)
        for skill, similarity in sorted(world.skills.similar(wanted.skill).items()):
            start, end = held.postings.bounds.get(skill, (0, 0))
            cover = similarity * np.minimum(1.0, held.strength[start:end] / wanted.level)
            np.maximum.at(best, held.postings.owner[start:end], cover)
        talents = np.flatnonzero(best)
        return talents.astype(np.int32), best[talents]

    return remember(world.talents.arrays, ("holders", wanted.skill, wanted.level), make)
