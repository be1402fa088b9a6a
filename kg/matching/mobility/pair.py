"""What filters and factors of query B share about one talent beside one need, worked out once."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from kg.index.lookups import Occupation, Trip
from kg.index.talents.facts import FINISHED, SIGNED, Achievement, Appointment, Certificate, Engagement, Talent
from kg.index.world import World
from kg.matching.mobility.hours import FreeTime, free_time
from kg.matching.mobility.question import Question
from kg.matching.mobility.standing import Standing, standing_of
from kg.matching.quantities import SLACK, all_of
from kg.matching.similarity import Cover, covers
from kg.model.answers import Status
from kg.model.rules import MobilityRules, Policy


class Trade(NamedTuple):
    """The best fit of the need's occupations to the talent's: by which certificate or appointment (None: declared)."""

    fit: float
    wanted: Occupation
    own: Occupation
    proof: Certificate | Appointment | None


class Budget(NamedTuple):
    """Travel already spent in the calendar year of the window: hours on the road, and trips of the limited modes."""

    hours: float
    hours_complete: bool
    trips: float
    trips_complete: bool


class ModeVerdict(NamedTuple):
    """One of the need's modes as this talent offers it: preference (None unknown), rule of B4, travel of B7, hours."""

    mode: str
    preference: float | None
    rule: Status
    travel: Status
    road: float | None


class Pair(NamedTuple):
    """One talent beside one need on one day, with the quantities that several rules read.

    `near` are the achievements that share tags with the need, each with these; `round_trip` is hours there and back, None when unknown; `chosen` the mode in which the talent would serve.
    """

    world: World
    policy: Policy
    rules: MobilityRules
    question: Question
    talent: Talent
    as_of: date
    standing: Standing
    near: tuple[tuple[Achievement, list[str]], ...]
    trade: Trade | None
    covers: tuple[Cover, ...]
    free: FreeTime
    way: Trip | None
    way_back: Trip | None
    budget: Budget
    modes: tuple[ModeVerdict, ...]
    round_trip: float | None
    chosen: ModeVerdict | None


def _chosen(modes: Sequence[ModeVerdict]) -> ModeVerdict | None:
    """Return the mode in which the talent would serve; None when every mode fails B4 or B7."""
    fail, sure = Status.FAIL, Status.PASS
    open_modes = [found for found in modes if found.rule is not fail and found.travel is not fail]
    best = [found for found in open_modes if found.rule is sure and found.travel is sure]
    return min(best or open_modes, key=_worth, default=None)


def _worth(found: ModeVerdict) -> tuple[float, float]:
    """Order modes: higher preference first, then less travel; `min` keeps the need's order among equals."""
    return -(found.preference or 0.0), float("inf") if found.road is None else found.road


def pair_up(world: World, policy: Policy, question: Question, talent: Talent, as_of: date) -> Pair:
    """Return the talent beside the need on that day."""
    standing = standing_of(world, policy, talent, as_of)
    way = world.travel.one_way(talent.district, question.district)
    back = world.travel.one_way(question.district, talent.district)
    budget = _budget(world, policy.query_b, question, talent)
    round_trip = None if way is None or back is None else way.hours + back.hours
    road = _Road(policy.query_b, question, talent, way, round_trip, budget)
    modes = tuple(_mode_verdicts(policy.query_b, question, talent, road))
    return Pair(
        world=world,
        policy=policy,
        rules=policy.query_b,
        question=question,
        talent=talent,
        as_of=as_of,
        standing=standing,
        near=_near(question.need.tags, standing.achievements),
        trade=_trade(world, question, standing),
        covers=covers(world.skills, question.need.skills, talent.skills),
        free=free_time(talent, question.weeks, policy.query_b.week_days),
        way=way,
        way_back=back,
        budget=budget,
        modes=modes,
        round_trip=round_trip,
        chosen=_chosen(modes),
    )


def shared_tags(wanted: Sequence[str], own: Sequence[str]) -> list[str]:
    """Return the wanted tags that are among one's own, in the order of the need."""
    return [tag for tag in wanted if tag in own]


def _near(
    tags: Sequence[str], achievements: Sequence[Achievement]
) -> tuple[tuple[Achievement, list[str]], ...]:
    """Return the achievements that share a tag with the need, with the shared tags."""
    found = [(achievement, shared_tags(tags, achievement.tags)) for achievement in achievements]
    return tuple([pair for pair in found if pair[1]])


def _trade(world: World, question: Question, standing: Standing) -> Trade | None:
    """Return the best known fit; proofs come before the declared occupation among equals."""
    best: Trade | None = None
    own: list[tuple[Occupation | None, Certificate | Appointment | None]] = [
        *[(proof.occupation, proof) for proof in standing.certificates],
        *[(proof.occupation, proof) for proof in standing.appointments],
        (standing.talent.occupation, None),
    ]
    for wanted in question.need.occupations:
        for occupation, proof in own:
            fit = None if occupation is None else world.occupations.fit(wanted, occupation)
            if fit is not None and occupation is not None and (best is None or fit > best.fit):
                best = Trade(fit, wanted, occupation, proof)
    return best


def year_services(question: Question, talent: Talent) -> Iterator[Engagement]:
    """Yield signed and finished services that start in the calendar year of the window's first day."""
    year = question.first.year
    for engagement in talent.engagements:
        if engagement.status in (SIGNED, FINISHED) and engagement.first and engagement.first.year == year:
            yield engagement


def _budget(world: World, rules: MobilityRules, question: Question, talent: Talent) -> Budget:
    hours = trips = 0.0
    hours_complete = trips_complete = True
    for engagement in year_services(question, talent):
        taken = engagement.trips or 0.0
        round_trip = world.travel.round_trip(talent.district, engagement.place or None)
        if round_trip is not None:
            hours += taken * round_trip
            hours_complete = hours_complete and engagement.trips is not None
        if engagement.mode in rules.trip_modes:
            trips += taken
            trips_complete = trips_complete and engagement.trips is not None
    return Budget(hours, hours_complete, trips, trips_complete)


class _Road(NamedTuple):
    """Judges B7 for one mode."""

    rules: MobilityRules
    question: Question
    talent: Talent
    way: Trip | None
    round_trip: float | None
    budget: Budget

    def hours(self, mode: str) -> float | None:
        """Hours on the road in that mode; None when unknown."""
        visits = self.question.visits_of(mode)
        if visits == 0:
            return 0.0
        return None if visits is None or self.round_trip is None else visits * self.round_trip

    def judge(self, mode: str) -> Status:
        """Whether the talent may still travel that much this year."""
        visits, hours = self.question.visits_of(mode), self.hours(mode)
        if visits == 0:
            return Status.PASS
        if visits is None or hours is None or self.way is None:
            return Status.UNKNOWN
        found = [self._own_limit(hours)]
        if mode in self.rules.trip_modes and self.way.hours >= self.rules.trip_hours - SLACK:
            within = self.budget.trips + visits <= self.rules.trips_per_year + SLACK
            found.append(_judged(within, complete=self.budget.trips_complete))
        return all_of(found)

    def _own_limit(self, hours: float) -> Status:
        limit = self.talent.travel_hours
        if limit is None:
            return Status.UNKNOWN if "travel_hours" in self.talent.hidden else Status.PASS
        return _judged(hours <= limit - self.budget.hours + SLACK, complete=self.budget.hours_complete)


def _judged(within: bool, *, complete: bool) -> Status:
    """Fail stays fail; a pass that rests on an incomplete sum is unknown."""
    if not within:
        return Status.FAIL
    return Status.PASS if complete else Status.UNKNOWN


def _mode_verdicts(
    rules: MobilityRules, question: Question, talent: Talent, road: _Road
) -> Iterator[ModeVerdict]:
    """Yield the modes of both; a talent without modes offers all that do not fail their rule."""
    for mode in question.need.modes:
        if talent.modes is not None and mode not in talent.modes:
            continue
        rule = _mode_rule(rules, question, talent, mode)
        if talent.modes is None and rule is Status.UNKNOWN:
            rule = Status.PASS
        preference = None if talent.modes is None else talent.modes[mode]
        yield ModeVerdict(mode, preference, rule, road.judge(mode), road.hours(mode))


PARTTIME, REHIRE, SHARE = "parttime", "rehire", "share"
WORKING, RETIRED = "在职", "退休"
"""Keys and words of the tables that the rules of modes name."""


def _mode_rule(rules: MobilityRules, question: Question, talent: Talent, mode: str) -> Status:
    if mode == PARTTIME:
        weekly = question.weekly if question.weekly is not None else question.hours / len(question.weeks)
        return Status.PASS if weekly <= rules.parttime_week_hours + SLACK else Status.FAIL
    wanted = RETIRED if mode == REHIRE else WORKING if mode == SHARE else None
    if wanted is None:
        return Status.PASS
    if talent.work_status is None:
        return Status.UNKNOWN
    return Status.PASS if talent.work_status == wanted else Status.FAIL
