"""Filters and factors by dimension as arrays, for one generation, policy, day and school year.

Every entry comes from the same functions that score a single pair; what cannot be known is nan. Filter codes: 0 pass,
1 unknown, 2 fail, so that "all of" is the greatest.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kg.index.cooperation.arrays import Bools, CooperationArrays, Floats, Ints, cooperation_arrays
from kg.matching.cooperation import filters
from kg.matching.cooperation.factors import Facts
from kg.matching.cooperation.fits import MajorFits, major_fits
from kg.matching.cooperation.question import PartnerQuestion
from kg.matching.cooperation.seats import Amount
from kg.matching.quantities import SLACK
from kg.model.answers import Status

Codes = NDArray[np.int8]
CODE: Final = {Status.PASS: 0, Status.UNKNOWN: 1, Status.FAIL: 2}
PASS: Final = 0
UNKNOWN: Final = 1
FAIL: Final = 2


@dataclass(slots=True)
class Amounts:
    """Amounts by row: `value` is inf where nothing is told (it does not bind), `known` where a factor may read it."""

    value: Floats
    known: Bools

    @classmethod
    def of(cls, amounts: Iterable[Amount]) -> "Amounts":
        """Return the arrays of amounts."""
        found = list(amounts)
        return cls(
            np.array([np.inf if one.value is None else one.value for one in found], dtype=np.float64),
            np.array([one.known for one in found], dtype=np.bool_),
        )


@dataclass(slots=True)
class Tables:
    """Everything that is known before a question names its anchor."""

    facts: Facts
    arrays: CooperationArrays
    fits: MajorFits
    enterprise_ok: Codes
    school_ok: Codes
    cohort_ok: Codes
    legal_ok: Codes
    supply_ok: Codes
    open_ok: Codes
    supply: Amounts
    open: Amounts
    staff_left: Amounts
    post_left: Amounts
    students: Floats
    outcome: Floats
    post: Floats
    hours: Floats
    boarding: Codes
    levels: Floats
    chains_told: Bools
    priority: Bools
    served: Bools
    ended: Floats
    ended_good: Floats
    own_enterprise: Ints
    own_school: Ints
    own_total: Floats
    own_good: Floats
    in_year: Bools
    _offers: dict[str, Codes] = field(default_factory=dict)

    def offers(self, question: PartnerQuestion) -> Codes:
        """Return A4 of every post (its part) for the question's mode."""
        found = self._offers.get(question.mode)
        if found is None:
            found = codes(filters.demand_offers(self.facts, question, one) for one in self.arrays.demands)
            self._offers[question.mode] = found
        return found

    def trade(self, *, in_seats: bool) -> Codes:
        """Return A3 of every major and occupation."""
        floor = self.facts.policy.query_a.fit_floor if in_seats else 2 * SLACK
        reached = self.fits.fit >= floor - SLACK
        return np.where(reached, 0, np.where(self.fits.unknown, UNKNOWN, FAIL)).astype(np.int8)


def codes(statuses: Iterable[Status]) -> Codes:
    """Return statuses as filter codes."""
    return np.fromiter((CODE[status] for status in statuses), dtype=np.int8)


def tables_of(facts: Facts) -> Tables:
    """Return the tables that belong to these facts, made at first use."""
    return facts.world.cooperation.remembered("tables", id(facts), lambda: _build(facts))


def _optional(values: Iterable[float | None]) -> Floats:
    return np.fromiter((np.nan if value is None else value for value in values), dtype=np.float64)


def _build(facts: Facts) -> Tables:
    view, seats = facts.world.cooperation, facts.seats
    arrays = cooperation_arrays(view, facts.world.skills)
    legal = [seats.legal[one.id] for one in arrays.demands]
    supply = [seats.supply[one.id] for one in arrays.offerings]
    open_ = [seats.open[one.id] for one in arrays.demands]
    chains = sorted(key for key, chain in view.chains.items() if chain.is_priority(facts.as_of))
    ended = _ended(facts, arrays)
    return Tables(
        facts=facts,
        arrays=arrays,
        fits=major_fits(facts.world, arrays),
        enterprise_ok=codes(
            filters.enterprise_standing(view.enterprise(code)) for code in arrays.enterprises
        ),
        school_ok=codes(filters.school_standing(facts, view.school(code)) for code in arrays.schools),
        cohort_ok=codes(filters.cohort(facts, one) for one in arrays.offerings),
        legal_ok=codes(filters.legal_room(one) for one in legal),
        supply_ok=codes(filters.at_least_one(one) for one in supply),
        open_ok=codes(filters.at_least_one(one) for one in open_),
        supply=Amounts.of(supply),
        open=Amounts.of(open_),
        staff_left=Amounts.of(one.staff_left for one in legal),
        post_left=Amounts.of(one.post_left for one in legal),
        students=_optional(one.students or None for one in arrays.offerings),
        outcome=_optional(facts.outcome(one.school, one.major).rate.value for one in arrays.offerings),
        post=_optional(facts.post(one).value for one in arrays.demands),
        hours=_hours(facts, arrays),
        boarding=np.fromiter(
            (1 if one.boarding else -1 if one.boarding_masked else 0 for one in arrays.demands), dtype=np.int8
        ),
        levels=_levels(facts),
        chains_told=np.array(
            [view.enterprise(code).chains is not None for code in arrays.enterprises], dtype=np.bool_
        ),
        priority=_among([view.enterprise(code).chains or () for code in arrays.enterprises], chains),
        served=_among([_served(facts, one.school, one.major) for one in arrays.offerings], chains),
        ended=ended[0],
        ended_good=ended[1],
        own_enterprise=ended[2],
        own_school=ended[3],
        own_total=ended[4],
        own_good=ended[5],
        in_year=np.array([seats.in_year[one.id] for one in arrays.demands], dtype=np.bool_),
    )


def _hours(facts: Facts, arrays: CooperationArrays) -> Floats:
    """Return hours one way by district of the school and district of the enterprise."""
    hours = np.full((len(arrays.districts), len(arrays.districts)), np.nan)
    for row, start in enumerate(arrays.districts):
        for column, end in enumerate(arrays.districts):
            trip = facts.world.travel.one_way(start, end)
            if trip is not None:
                hours[row, column] = trip.hours
    return hours


def _levels(facts: Facts) -> Floats:
    """Return the level factor by exit level and wanted level (8 none, 9 not told)."""
    base = facts.policy.query_a.level_base
    table = np.array(
        [[float(base ** max(0, wanted - own)) for wanted in range(8)] for own in range(8)], dtype=np.float64
    )
    whole = np.full((10, 10), np.nan)
    whole[:8, :8] = table
    whole[:, 8] = 1.0
    return whole


def _served(facts: Facts, school: str, major: str) -> set[str]:
    groups = facts.world.cooperation.groups.get(school, ())
    return {chain for group in groups if major in group.majors for chain in group.chains}


def _among(sets: list[tuple[str, ...]] | list[set[str]], members: list[str]) -> Bools:
    table = np.zeros((len(sets), len(members)), dtype=np.bool_)
    place = {member: number for number, member in enumerate(members)}
    for row, found in enumerate(sets):
        for one in found:
            if one in place:
                table[row, place[one]] = True
    return table


def _ended(facts: Facts, arrays: CooperationArrays) -> tuple[Floats, Floats, Ints, Ints, Floats, Floats]:
    """Return decayed (all, good) by enterprise, and the same by (enterprise, school) that share some."""
    total, good = np.zeros(len(arrays.enterprises)), np.zeros(len(arrays.enterprises))
    school = {code: number for number, code in enumerate(arrays.schools)}
    own: dict[tuple[int, int], list[float]] = {}
    for number, code in enumerate(arrays.enterprises):
        for share, one in facts.ended(code):
            total[number] += share
            good[number] += share * bool(one.outcome)
            if one.school in school:
                sums = own.setdefault((number, school[one.school]), [0.0, 0.0])
                sums[0] += share
                sums[1] += share * bool(one.outcome)
    return (
        total,
        good,
        np.array([key[0] for key in own], dtype=np.int32),
        np.array([key[1] for key in own], dtype=np.int32),
        np.array([sums[0] for sums in own.values()], dtype=np.float64),
        np.array([sums[1] for sums in own.values()], dtype=np.float64),
    )
