"""The factors of query A: one value per dimension, each with the parts that its sentence and evidence need.

A value None is unknown. The parts are computed once per dimension (major x occupation, school x major,
enterprise, ...) and shared by the scorer of one pair and by the arrays that look at all pairs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from kg.index.cooperation.entities import (
    STATUSES_ENDED,
    Cooperation,
    Demand,
    Enterprise,
    MajorGroup,
    MajorOccupation,
    Offering,
    School,
    Wage,
)
from kg.index.lookups import Occupation, Trip
from kg.index.world import World
from kg.matching.cooperation.seats import Amount, Legal, SeatYear, least
from kg.matching.quantities import SLACK, clip, decay, success_rate
from kg.matching.similarity import Cover, covers, weighted_mean
from kg.model.answers import FAIL, PASS, UNKNOWN, Status
from kg.model.rules import Policy


class MajorFit(NamedTuple):
    """A major against an occupation: `value` weighted best, `fit` unweighted best, both over the known ones."""

    value: float | None
    fit: float | None
    best: MajorOccupation | None
    unknown: bool


class Rate(NamedTuple):
    """A smoothed success rate with the decayed sums and the events behind it."""

    value: float | None
    total: float
    successes: float


class Outcome(NamedTuple):
    """Training outcome of a school in a major; `cohorts` are the counted ones, one per year."""

    rate: Rate
    cohorts: tuple[Offering, ...]


class History(NamedTuple):
    """Ended cooperations of an enterprise as they count for one school."""

    rate: Rate
    counted: tuple[Cooperation, ...]


class Post(NamedTuple):
    """Quality of a post: the mean of its known parts (None: unknown)."""

    value: float | None
    pay: float | None
    mentors: float | None
    safety: float | None
    rotation: float | None
    wage: Wage | None


class Industry(NamedTuple):
    """Industry priority: the chain that decides, and the major group that serves it."""

    value: float | None
    chain: str | None
    group: MajorGroup | None


class Volume(NamedTuple):
    """Open places of the enterprise that fit the major; value None when some are not told."""

    heads: int | None
    places: tuple[int, ...]


class Travel(NamedTuple):
    """Travel from school to enterprise."""

    value: float | None
    trip: Trip | None
    boarding: bool


class Fill(NamedTuple):
    """How much of what both want the law allows."""

    value: float | None
    seats: int
    room: int | None


@dataclass(slots=True)
class Facts:
    """Computes and remembers the parts for one generation, policy, day and school year."""

    world: World
    policy: Policy
    as_of: date
    seats: SeatYear
    _fits: dict[tuple[str, Occupation], MajorFit] = field(default_factory=dict)
    _outcomes: dict[tuple[str, str], Outcome] = field(default_factory=dict)
    _ended: dict[str, tuple[tuple[float, Cooperation], ...]] = field(default_factory=dict)
    _posts: dict[str, Post] = field(default_factory=dict)
    _trips: dict[tuple[str | None, str | None], Trip | None] = field(default_factory=dict)
    _volumes: dict[tuple[str, str], Volume] = field(default_factory=dict)

    def over(self, world: World, seats: SeatYear) -> "Facts":
        """Return the parts of a small edited world: fits, ways, training outcomes and ended agreements are shared.

        No edit may touch those: majors, districts, statistics of cohorts, agreements.
        """
        self.ended("")  # filled from this whole world before a part of it could fill it
        return Facts(
            world,
            self.policy,
            self.as_of,
            seats,
            _fits=self._fits,
            _outcomes=self._outcomes,
            _ended=self._ended,
            _trips=self._trips,
        )

    def school(self, offering: Offering) -> School:
        """Return the school of a cohort."""
        return self.world.cooperation.school(offering.school)

    def enterprise(self, demand: Demand) -> Enterprise:
        """Return the enterprise of a post."""
        return self.world.cooperation.enterprise(demand.enterprise)

    def fit(self, major: str, occupation: Occupation) -> MajorFit:
        """Return how a major fits an occupation."""
        key = (major, occupation)
        found = self._fits.get(key)
        if found is None:
            found = self._fits[key] = self._fit(major, occupation)
        return found

    def _fit(self, major: str, occupation: Occupation) -> MajorFit:
        entry = self.world.cooperation.major(major)
        value = fit = best = None
        unknown = not entry.told
        for lead in entry.occupations:
            own = self.world.occupations.fit(lead.occupation, occupation)
            if own is None:
                unknown = True
                continue
            fit = own if fit is None else max(fit, own)
            if value is None or lead.weight * own > value:
                value, best = lead.weight * own, lead
        return MajorFit(value, fit, best, unknown)

    def fits_at_least(self, found: MajorFit, floor: float) -> Status:
        """Return whether the best fit reaches a floor: one of."""
        if found.fit is not None and found.fit >= floor - SLACK:
            return PASS
        return UNKNOWN if found.unknown else FAIL

    def skill(self, offering: Offering, demand: Demand) -> tuple[float | None, tuple[Cover, ...]]:
        """Return the cover of the skills wanted by those taught; None where either side tells none."""
        if offering.skills is None or not demand.skills:
            return None, ()
        found = covers(self.world.skills, demand.skills, offering.skills)
        return weighted_mean([(cover.wanted.weight, cover.value) for cover in found]), found

    def level(self, offering: Offering, demand: Demand) -> float | None:
        """Return 1 where the exit level is enough, else less by each level that lacks."""
        if demand.level is None:
            return None if demand.level_masked else 1.0
        if offering.exit_level is None:
            return None
        gap = max(0, int(demand.level) - int(offering.exit_level))
        return float(self.policy.query_a.level_base**gap)

    def fill(self, offering: Offering, demand: Demand) -> Fill:
        """Return the share of what both sides want that the caps allow."""
        supply, open_ = self.seats.supply[offering.id], self.seats.open[demand.id]
        legal: Legal = self.seats.legal[demand.id]
        room = least((supply.value, open_.value))
        seats = max(0, least((room, legal.left)) or 0)
        if not (supply.known and open_.known and legal.known) or room is None:
            return Fill(None, seats, room)
        return Fill(seats / room if room > 0 else 0.0, seats, room)

    def outcome(self, school: str, major: str) -> Outcome:
        """Return the smoothed success of a school's cohorts of one major."""
        key = (school, major)
        found = self._outcomes.get(key)
        if found is None:
            found = self._outcomes[key] = self._outcome(school, major)
        return found

    def _outcome(self, school: str, major: str) -> Outcome:
        by_year: dict[int, Offering] = {}
        for row in self.world.cooperation.offerings_of.get(school, ()):
            if row.major != major or row.stat_year is None or not row.sample or not row.rates:
                continue
            held = by_year.get(row.stat_year)
            if held is None or (-row.sample, row.id) < (-(held.sample or 0), held.id):
                by_year[row.stat_year] = row
        cohorts = tuple(row for year, row in sorted(by_year.items()) if date(year, 12, 31) <= self.as_of)
        half_life = self.policy.query_a.outcome_half_life_years
        events = [
            (share * (row.sample or 0), share * (row.sample or 0) * (sum(row.rates) / len(row.rates)))
            for row in cohorts
            for share in (decay(date(row.stat_year or 0, 12, 31), self.as_of, half_life),)
        ]
        return Outcome(self._rate(events), cohorts)

    def _rate(self, events: Sequence[tuple[float, float]]) -> Rate:
        total, successes = sum(n for n, _ in events), sum(r for _, r in events)
        return Rate(success_rate(events, self.policy.common), total, successes)

    def ended(self, enterprise: str) -> tuple[tuple[float, Cooperation], ...]:
        """Return the ended cooperations of an enterprise that count on the day, with their decay."""
        if not self._ended:
            self._ended.update(self._all_ended())
        return self._ended.get(enterprise, ())

    def _all_ended(self) -> dict[str, tuple[tuple[float, Cooperation], ...]]:
        found: dict[str, list[tuple[float, Cooperation]]] = {"": []}
        half_life = self.policy.query_a.history_half_life_years
        for one in self.world.cooperation.cooperations:
            day = one.end or one.start
            if one.status in STATUSES_ENDED and one.outcome is not None and day and day <= self.as_of:
                found.setdefault(one.enterprise, []).append((decay(day, self.as_of, half_life), one))
        return {enterprise: tuple(events) for enterprise, events in found.items()}

    def history(self, school: str, enterprise: str) -> History:
        """Return the smoothed success of the enterprise with schools, this one counted more."""
        own = self.policy.query_a.history_own_weight
        ended = self.ended(enterprise)
        events = [
            (weight, weight * bool(one.outcome))
            for share, one in ended
            for weight in (share * own if one.school == school else share,)
        ]
        return History(self._rate(events), tuple(one for _, one in ended))

    def travel(self, offering: Offering, demand: Demand) -> Travel:
        """Return the travel value; who offers boarding is always near."""
        trip = self.trip(offering, demand)
        if demand.boarding:
            return Travel(1.0, trip, boarding=True)
        if trip is None or demand.boarding_masked:
            return Travel(None, trip, boarding=False)
        return Travel(max(0.0, 1 - trip.hours / self.policy.query_a.travel_full_hours), trip, boarding=False)

    def trip(self, offering: Offering, demand: Demand) -> Trip | None:
        """Return the way from school to enterprise; None when unknown."""
        key = (self.school(offering).district, self.enterprise(demand).district)
        if key not in self._trips:
            self._trips[key] = self.world.travel.one_way(*key)
        return self._trips[key]

    def post(self, demand: Demand) -> Post:
        """Return the quality of a post."""
        found = self._posts.get(demand.id)
        if found is None:
            found = self._posts[demand.id] = self._post(demand)
        return found

    def _post(self, demand: Demand) -> Post:
        rules = self.policy.query_a
        enterprise = self.enterprise(demand)
        wage = self.world.cooperation.wage(demand.occupation, enterprise.district)
        open_ = self.seats.open[demand.id]
        pay = mentors = rotation = None
        if demand.pay is not None and wage is not None:
            pay = clip(demand.pay / wage.median)
        if demand.mentors is not None and open_.known and (open_.value or 0) >= 1:
            mentors = clip(demand.mentors * rules.students_per_mentor / (open_.value or 1))
        if demand.rotation is not None:
            rotation = clip(demand.rotation / rules.rotation_full)
        safety = None if enterprise.safety is None else rules.safety.get(enterprise.safety)
        known = [part for part in (pay, mentors, safety, rotation) if part is not None]
        return Post(sum(known) / len(known) if known else None, pay, mentors, safety, rotation, wage)

    def industry(self, offering: Offering, enterprise: Enterprise) -> Industry:
        """Return whether the enterprise is in a priority chain, and whether the school serves it with this major."""
        rules = self.policy.query_a
        if enterprise.chains is None:
            return Industry(None, None, None)
        priority = self.priority_chains(enterprise)
        for group in self.world.cooperation.groups.get(offering.school, ()):
            served = [chain for chain in priority if chain in group.chains]
            if served and offering.major in group.majors:
                return Industry(rules.chain_served, served[0], group)
        if priority:
            return Industry(rules.chain_priority, priority[0], None)
        return Industry(rules.chain_other, None, None)

    def priority_chains(self, enterprise: Enterprise) -> list[str]:
        """Return the chains of an enterprise that are a priority on the day, in the order of its row."""
        chains = self.world.cooperation.chains
        return [
            key for key in enterprise.chains or () if key in chains and chains[key].is_priority(self.as_of)
        ]

    def volume(self, enterprise: str, major: str) -> Volume:
        """Return the open places of an enterprise in the year that fit a major."""
        key = (enterprise, major)
        found = self._volumes.get(key)
        if found is None:
            found = self._volumes[key] = self._volume(enterprise, major)
        return found

    def _volume(self, enterprise: str, major: str) -> Volume:
        places: list[int] = []
        told = True
        for row in self.world.cooperation.demands_of.get(enterprise, ()):
            if not self.seats.in_year[row.id] or not self.counts(self.fit(major, row.occupation)):
                continue
            open_: Amount = self.seats.open[row.id]
            if open_.value is not None and open_.value < 1:
                continue
            told = told and open_.known
            places.append(open_.value or 0)
        return Volume(sum(places) if told else None, tuple(places))

    def counts(self, found: MajorFit) -> bool:
        """True when a fit is good enough to count towards the volume."""
        return found.fit is not None and found.fit >= self.policy.query_a.volume_fit - SLACK

    def volume_value(self, offering: Offering, volume: Volume) -> float | None:
        """Return the share of a cohort for which there is room; None when unknown."""
        if volume.heads is None or not offering.students:
            return None
        return min(1.0, volume.heads / offering.students)
