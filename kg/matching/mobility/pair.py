"""What filters and factors of query B share about one talent beside one need, worked out once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import Final, NamedTuple

from kg.index.lookups import Occupation
from kg.index.talents.facts import FINISHED, SIGNED, Achievement, Appointment, Certificate, Engagement, Talent
from kg.matching.mobility.hours import FreeTime, free_time
from kg.matching.mobility.occasion import Fit, Occasion, Way
from kg.matching.mobility.standing import Standing, standing_of
from kg.matching.quantities import SLACK, all_of
from kg.matching.similarity import Cover, cover_of
from kg.model.answers import FAIL, PASS, UNKNOWN, Status


@dataclass(slots=True)
class Trade:
    """The best fit of the need's occupations to the talent's: by which certificate or appointment (None: declared)."""

    fit: float
    wanted: Occupation
    own: Occupation
    proof: Certificate | Appointment | None


@dataclass(slots=True)
class Budget:
    """Travel already spent in the calendar year of the window: hours on the road, and trips of the limited modes."""

    hours: float
    hours_complete: bool
    trips: float
    trips_complete: bool


@dataclass(slots=True)
class ModeVerdict:
    """One of the need's modes as this talent offers it: preference (None unknown), rule of B4, travel of B7, hours."""

    mode: str
    preference: float | None
    rule: Status
    travel: Status
    road: float | None


class Near(NamedTuple):
    """An achievement that shares tags with the need: these, and the share at which it counts by its age."""

    achievement: Achievement
    shared: list[str]
    age: float


@dataclass(slots=True)
class Pair:
    """One talent beside one need on one day, with the quantities that several rules read; made by the thousand.

    `near` are the achievements that share tags with the need; `chosen` the mode in which the talent would serve.
    """

    occasion: Occasion
    talent: Talent
    standing: Standing
    near: Sequence[Near]
    trade: Trade | None
    covers: tuple[Cover, ...]
    free: FreeTime
    way: Way
    budget: Budget
    modes: Sequence[ModeVerdict]
    chosen: ModeVerdict | None


def pair_up(occasion: Occasion, talent: Talent) -> Pair:
    """Return the talent beside the need."""
    need = occasion.need
    standing = standing_of(occasion.world, occasion.policy, talent, occasion.as_of, occasion.standings)
    way = occasion.ways[talent.district]
    budget = _budget(occasion, talent) if talent.engagements else _UNSPENT
    modes = _mode_verdicts(occasion, talent, way, budget)
    return Pair(
        occasion,
        talent,
        standing,
        _near(need.tags, standing),
        _trade(occasion, standing),
        tuple([cover_of(near, want, talent.skills) for want, near in occasion.wanted]),
        free_time(talent, standing.signed, occasion.calendar, occasion.whole_weeks),
        way,
        budget,
        modes,
        _chosen(modes),
    )


def shared_tags(wanted: Sequence[str], own: Sequence[str]) -> list[str]:
    """Return the wanted tags that are among one's own, in the order of the need."""
    return [tag for tag in wanted if tag in own]


def _near(tags: Sequence[str], standing: Standing) -> list[Near]:
    """Return the achievements that share a tag with the need."""
    found: list[Near] = []
    for achievement, age in zip(standing.achievements, standing.ages, strict=True):
        shared = shared_tags(tags, achievement.tags)
        if shared:
            found.append(Near(achievement, shared, age))
    return found


def _trade(occasion: Occasion, standing: Standing) -> Trade | None:
    """Return the best known fit: the need's first occupation among equals, of these proofs before the declaration."""
    best: Fit | None = None
    by: Certificate | Appointment | None = None
    for proof in standing.proofs:
        found = occasion.fits[proof.occupation]
        if _better(found, best):
            best, by = found, proof
    declared = occasion.fits[standing.talent.occupation]
    if _better(declared, best):
        best, by = declared, None
    own = standing.talent.occupation if by is None else by.occupation
    return None if best is None or own is None else Trade(best.value, best.wanted, own, by)


def _better(found: Fit | None, best: Fit | None) -> bool:
    if found is None or best is None:
        return found is not None
    return found.value > best.value or (found.value == best.value and found.place < best.place)


_UNSPENT: Final = Budget(0.0, True, 0.0, True)  # noqa: FBT003 - both sums are complete


def _budget(occasion: Occasion, talent: Talent) -> Budget:
    hours = trips = 0.0
    hours_complete = trips_complete = True
    travel, limited = occasion.world.travel, occasion.rules.trip_modes
    for engagement in _year_services(occasion.question.first.year, talent):
        taken = engagement.trips or 0.0
        round_trip = travel.round_trip(talent.district, engagement.place or None)
        if round_trip is not None:
            hours += taken * round_trip
            hours_complete = hours_complete and engagement.trips is not None
        if engagement.mode in limited:
            trips += taken
            trips_complete = trips_complete and engagement.trips is not None
    return Budget(hours, hours_complete, trips, trips_complete)


def _year_services(year: int, talent: Talent) -> Iterator[Engagement]:
    """Yield signed and finished services that start in the calendar year of the window's first day."""
    for engagement in talent.engagements:
        if engagement.status in (SIGNED, FINISHED) and engagement.first and engagement.first.year == year:
            yield engagement


def _mode_verdicts(occasion: Occasion, talent: Talent, way: Way, budget: Budget) -> list[ModeVerdict]:
    """Return the modes of both; a talent without modes offers all that do not fail their rule."""
    offered, found = talent.modes, []
    for mode, rule in zip(occasion.modes, occasion.rules_of_modes[talent.work_status], strict=True):
        name, on_site, limited = mode
        if offered is None:
            preference, rule = None, PASS if rule is UNKNOWN else rule
        elif name in offered:
            preference = offered[name]
        else:
            continue
        if on_site:
            travel, road = _travel(occasion, talent, way, budget, limited=limited)
        else:
            travel, road = PASS, 0.0
        found.append(ModeVerdict(name, preference, rule, travel, road))
    return found


def _travel(
    occasion: Occasion, talent: Talent, way: Way, budget: Budget, *, limited: bool
) -> tuple[Status, float | None]:
    """Judge B7 for a mode on site, and return its hours on the road."""
    visits, rules = occasion.question.visits, occasion.rules
    if visits is None or way.round_trip is None or way.one_way is None:
        return UNKNOWN, None
    hours = visits * way.round_trip
    verdict = _own_limit(talent, hours, budget)
    if limited and way.one_way >= rules.trip_hours - SLACK:
        within = budget.trips + visits <= rules.trips_per_year + SLACK
        verdict = all_of((verdict, _judged(within, complete=budget.trips_complete)))
    return verdict, hours


def _own_limit(talent: Talent, hours: float, budget: Budget) -> Status:
    limit = talent.travel_hours
    if limit is None:
        return UNKNOWN if "travel_hours" in talent.hidden else PASS
    return _judged(hours <= limit - budget.hours + SLACK, complete=budget.hours_complete)


def _judged(within: bool, *, complete: bool) -> Status:
    """Fail stays fail; a pass that rests on an incomplete sum is unknown."""
    if not within:
        return FAIL
    return PASS if complete else UNKNOWN


def _chosen(modes: Sequence[ModeVerdict]) -> ModeVerdict | None:
    """Return the mode in which the talent would serve; None when every mode fails B4 or B7."""
    best: ModeVerdict | None = None
    for found in modes:
        if found.rule is FAIL or found.travel is FAIL:
            continue
        if best is None or _worth(found) < _worth(best):
            best = found
    return best


def _worth(found: ModeVerdict) -> tuple[bool, float, float]:
    """Order modes: those that pass before the unknown, higher preference first, then less travel; the first of equals."""
    sure = found.rule is PASS and found.travel is PASS
    return not sure, -(found.preference or 0.0), inf if found.road is None else found.road
