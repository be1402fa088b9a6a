"""All talents against one need by arrays: exact first failing codes, then scores of those that are left.

The same rules as in `filters` and `factors`, equal but for the last bits of sums; a test holds the two together on
every talent of random worlds. The first three filters are judged over all; the others over those who are left. Absent
figures are nan.
"""

from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from kg.index.talents.columns import STATUSES, Bools, Floats, TalentArrays
from kg.index.world import World
from kg.matching.mobility.days import Day, day_of
from kg.matching.mobility.everybody import consent_of, level_of, relevance_of
from kg.matching.mobility.marks import FAIL, PASS, UNKNOWN, Marks, Places, held, marks
from kg.matching.mobility.occasion import RETIRED, WORKING
from kg.matching.mobility.question import Question
from kg.matching.mobility.survey_modes import Modes, modes_of
from kg.matching.mobility.survey_rules import Entries, free_hours, restriction_status, signed_services
from kg.matching.quantities import SLACK
from kg.model.rules import Policy


@dataclass(slots=True)
class Survey:
    """The talents still in the running, and what has been worked out about them (one entry per place).

    `failed` counts those dropped by first failing code.
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
        return replace(self, question=question, failed={**self.failed}, figures={**self.figures})

    def settle(self, judged: dict[str, Marks]) -> None:
        """Drop who fails any of these filters, in checking order, counted under the first; remember who is unknown."""
        running, unsure = np.ones(len(self.places), dtype=np.bool_), self.unsure
        for code, status in judged.items():
            before = np.count_nonzero(running)
            running &= status > FAIL
            if lost := int(before - np.count_nonzero(running)):
                self.failed[code] = lost
            unsure = unsure | (status == UNKNOWN)
        kept = np.flatnonzero(running)
        self.places, self.unsure = self.places[kept], unsure[kept]
        self.level_unknown = self.level_unknown[kept]
        self.figures = {name: values[kept] for name, values in self.figures.items()}


def survey(world: World, policy: Policy, question: Question, as_of: date) -> Survey:
    """Return who is left after all filters, with the figures that scoring needs."""
    return left_of(few_of(world, policy, question, as_of))


def left_of(found: Survey) -> Survey:
    """Return who is left of few after the other filters."""
    signed = signed_services(found.arrays, found.places)
    modes = modes_of(found.world, found.policy, found.question, found.places)
    found.figures["mode"], found.figures["road"] = modes.chosen()
    found.settle({
        "B3": _employer(found),
        "B4": _modes(found, modes),
        "B5": restriction_status(found.world, found.policy, found.question, found.places),
        "B6": _hours(found, signed),
        "B7": modes.reached(),
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


def _modes(found: Survey, modes: Modes) -> Marks:
    persons, status = found.arrays.persons, modes.offered()
    working = persons.status[found.places] == STATUSES[WORKING]
    status[working & persons.home_refuses[found.places]] = FAIL
    return status


def _hours(found: Survey, signed: Entries) -> Marks:
    question, places = found.question, found.places
    free = free_hours(found.arrays, question, places, signed, found.policy.query_b.week_days)
    unknown = np.isnan(found.arrays.persons.weekly[places])
    found.figures["slack"] = np.where(
        unknown | ~free.complete, np.nan, held((free.total - question.hours) / question.hours)
    )
    if question.weekly is None:
        enough = free.total >= question.hours - SLACK
    else:
        enough = free.enough >= question.weeks_wanted
    return marks(enough, unknown | (enough & ~free.complete))


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
