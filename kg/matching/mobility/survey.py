"""All talents against one need by arrays: exact first failing codes, then scores of those that are left.

The same rules as in `filters` and `factors`, in the same order of arithmetic; a test holds the two equal on every
talent of random worlds. The first three filters are judged over all; the others over those who are left. Absent
figures are nan.
"""

from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from kg.index.talents.columns import MODES, STATUSES, Bools, Floats, TalentArrays
from kg.index.world import World
from kg.matching.mobility.days import Day, day_of, ways_to, year_of
from kg.matching.mobility.everybody import consent_of, level_of, relevance_of
from kg.matching.mobility.marks import FAIL, PASS, UNKNOWN, Marks, Places, marks
from kg.matching.mobility.occasion import PARTTIME, REHIRE, RETIRED, SHARE, WORKING
from kg.matching.mobility.question import Question
from kg.matching.mobility.survey_rules import Entries, free_hours, restriction_status, signed_services
from kg.matching.quantities import SLACK
from kg.model.rules import Policy


@dataclass(slots=True)
class Survey:
    """The talents still in the running, and what has been worked out about them (one entry per place).

    `failed` counts those dropped by first failing code; `modes` maps a mode to its status in B4 and B7.
    """

    world: World
    policy: Policy
    question: Question
    as_of: date
    places: Places
    unsure: Bools
    level_unknown: Bools
    failed: dict[str, int] = field(default_factory=dict)
    figures: dict[str, Floats] = field(default_factory=dict)
    modes: dict[str, tuple[Marks, Marks]] = field(default_factory=dict)

    @property
    def arrays(self) -> TalentArrays:
        """The arrays."""
        return self.world.talents.arrays

    @property
    def day(self) -> Day:
        """The tables of the day."""
        return day_of(self.world, self.policy, self.as_of)

    def asking(self, question: Question) -> "Survey":
        """Return the same few for a need that is otherwise in what the first three filters do not read."""
        return replace(self, question=question, failed={**self.failed}, figures={**self.figures}, modes={})

    def settle(self, judged: dict[str, Marks]) -> None:
        """Drop who fails any of these filters, in checking order, counted under the first; remember who is unknown."""
        status = np.array(list(judged.values()))
        failing = status == FAIL
        gone = failing.any(axis=0)
        counts = np.bincount(failing.argmax(axis=0)[gone], minlength=len(judged))
        self.failed |= {code: n for code, n in zip(judged, counts.tolist(), strict=True) if n}
        kept = np.flatnonzero(~gone)
        self.places, self.level_unknown = self.places[kept], self.level_unknown[kept]
        self.unsure = self.unsure[kept] | (status[:, kept] == UNKNOWN).any(axis=0)
        self.figures = {name: values[kept] for name, values in self.figures.items()}
        self.modes = {mode: (rule[kept], road[kept]) for mode, (rule, road) in self.modes.items()}


def survey(world: World, policy: Policy, question: Question, as_of: date) -> Survey:
    """Return who is left after all filters, with the figures that scoring needs."""
    return left_of(few_of(world, policy, question, as_of))


def left_of(found: Survey) -> Survey:
    """Return who is left of few after the other filters."""
    signed = signed_services(found.arrays, found.places)
    found.settle({
        "B3": _employer(found),
        "B4": _modes(found),
        "B5": restriction_status(found.world, found.policy, found.question, found.places),
        "B6": _hours(found, signed),
        "B7": _travel(found),
        "B8": _services(found, signed),
        "B9": _pay(found),
    })
    return found


def few_of(world: World, policy: Policy, question: Question, as_of: date) -> Survey:
    """Return who is left after the first three filters: consent, relevance, level."""
    alive = world.talents.alive
    consent = consent_of(world, as_of, question.host.kind, question.host.code)
    inside = consent > FAIL
    relevance = relevance_of(world, policy, question, as_of, inside)
    level = level_of(world, policy, question, as_of)
    counts = [int(np.count_nonzero(alive)), int(np.count_nonzero(inside))]
    for status in (relevance.status, level):
        inside &= status > FAIL
        counts.append(int(np.count_nonzero(inside)))
    places = np.flatnonzero(inside)
    level_unknown = level[places] == UNKNOWN
    unsure = level_unknown | (consent[places] == UNKNOWN) | (relevance.status[places] == UNKNOWN)
    lost = {code: counts[n] - counts[n + 1] for n, code in enumerate(("B1", "B0", "B2"))}
    return Survey(
        world,
        policy,
        question,
        as_of,
        places,
        unsure,
        level_unknown,
        failed={code: number for code, number in lost.items() if number},
        figures=relevance.figures(places),
    )


def _employer(found: Survey) -> Marks:
    persons, host = found.arrays.persons, found.question.host.code
    employer, status = persons.employer[found.places], persons.status[found.places]
    find = found.arrays.organisations.find
    related = found.world.control.affiliates(host, found.as_of)
    result = marks(np.ones(len(employer), dtype=np.bool_), employer == 0)
    for code in related:
        if (number := find(code)) > 0:
            result[employer == number] = FAIL
    own = find(host)
    result[status >= STATUSES[RETIRED]] = PASS
    result[(employer == own) & (employer > 0)] = FAIL
    return result


def _modes(found: Survey) -> Marks:
    """Judge B4, and keep each mode's rule and preference for B7 and the choice of the mode."""
    persons, places = found.arrays.persons, found.places
    has_modes = persons.has_modes[places]
    best = np.full(len(places), FAIL)
    for mode in found.question.need.modes:
        rule = _mode_rule(found, mode)
        rule[~has_modes & (rule == UNKNOWN)] = PASS
        preference = _preference(found, mode)
        rule[has_modes & ~(preference > 0)] = FAIL
        found.modes[mode] = (rule, rule)
        best = np.maximum(best, rule)
    best[~has_modes & (best > FAIL)] = UNKNOWN
    refused = persons.home_refuses[places] & (persons.status[places] == STATUSES[WORKING])
    best[refused] = FAIL
    return best


def _preference(found: Survey, mode: str) -> Floats:
    """Return how much each talent likes a mode; 0 where he does not offer it or has named none."""
    liked: Floats = found.arrays.persons.modes[MODES.index(mode)][found.places]
    return liked


def _mode_rule(found: Survey, mode: str) -> Marks:
    question, status = found.question, found.arrays.persons.status[found.places]
    if mode == PARTTIME:
        weekly = question.weekly if question.weekly is not None else question.hours / len(question.weeks)
        allowed = weekly <= found.policy.query_b.parttime_week_hours + SLACK
        return np.full(len(status), PASS if allowed else FAIL)
    if mode not in (REHIRE, SHARE):
        return np.full(len(status), PASS)
    wanted = STATUSES[RETIRED if mode == REHIRE else WORKING]
    return marks(status == wanted, status == 0)


def _hours(found: Survey, signed: Entries) -> Marks:
    question, persons = found.question, found.arrays.persons
    least = found.policy.query_b.week_days
    free, complete = free_hours(found.arrays, question, found.places, signed, least)
    total = free.sum(axis=1)
    unknown = np.isnan(persons.weekly[found.places])
    found.figures["slack"] = np.where(
        unknown | ~complete, np.nan, np.clip((total - question.hours) / question.hours, 0.0, 1.0)
    )
    if question.weekly is None:
        enough = total >= question.hours - SLACK
    else:
        enough = (free >= question.weekly - SLACK).sum(axis=1) >= question.weeks_wanted
    return marks(enough, unknown | (enough & ~complete))


def _travel(found: Survey) -> Marks:
    question, persons, places = found.question, found.arrays.persons, found.places
    way, both = ways_to(found.world, question.district)
    district = persons.district[places]
    one, there = way[district], both[district]
    year = year_of(found.world, found.policy, question.first.year)
    best = np.full(len(places), FAIL)
    for mode, (rule, _) in found.modes.items():
        visits = question.visits_of(mode)
        if visits == 0:
            road = np.full(len(places), PASS)
        elif visits is None:
            road = np.full(len(places), UNKNOWN)
        else:
            limit = persons.travel[places] - year.hours[places]
            road = marks(~(visits * there > limit + SLACK))
            road[(road == PASS) & ~np.isnan(limit) & ~year.hours_complete[places]] = UNKNOWN
            road[persons.hidden_travel[places]] = UNKNOWN
            if mode in found.policy.query_b.trip_modes:
                road = np.minimum(road, _trips(found, one, visits))
            road[np.isnan(there)] = UNKNOWN
        found.modes[mode] = (rule, road)
        best = np.maximum(best, np.where(rule > FAIL, road, FAIL))
    found.figures["road"] = there
    return best


def _trips(found: Survey, one: Floats, visits: int) -> Marks:
    rules, places = found.policy.query_b, found.places
    year = year_of(found.world, found.policy, found.question.first.year)
    within = year.trips[places] + visits <= rules.trips_per_year + SLACK
    status = marks(within, within & ~year.trips_complete[places])
    status[~(one >= rules.trip_hours - SLACK)] = PASS
    return status


def _services(found: Survey, signed: Entries) -> Marks:
    arrays, question, (entries, owner) = found.arrays, found.question, signed
    services = arrays.services
    first, last = question.first.toordinal(), question.last.toordinal()
    inside = (services.first[entries] <= last) & (first <= services.last[entries])
    owner, entries = owner[inside], entries[inside]
    status = marks(np.bincount(owner, minlength=len(found.places)) < found.policy.query_b.concurrent)
    own = arrays.needs.find(question.need.key) if question.need.key else -1
    status[owner[services.need[entries] == own]] = FAIL
    return status


def _pay(found: Survey) -> Marks:
    need, persons = found.question.need, found.arrays.persons
    floor, hidden = persons.floor[found.places], persons.hidden_floor[found.places]
    if "pay_max" in need.hidden:
        return marks(np.isnan(floor) & ~hidden, hidden | ~np.isnan(floor))
    if need.pay_max is None:
        return np.full(len(found.places), PASS)
    return marks(~(need.pay_max < floor - SLACK), hidden)
