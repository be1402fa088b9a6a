"""The modes of a need for many talents at once: rule of B4, travel of B7, and the mode in which each would serve.

Tables have a row for each mode of the need and a column for each talent.
"""

from typing import Final, NamedTuple

import numpy as np

from kg.index.talents.columns import MODES, STATUSES, Bools, Floats
from kg.index.world import World
from kg.matching.mobility.days import ways_to, year_of
from kg.matching.mobility.marks import FAIL, PASS, UNKNOWN, Marks, Places, marks
from kg.matching.mobility.occasion import PARTTIME, REHIRE, RETIRED, SHARE, WORKING
from kg.matching.mobility.question import Question
from kg.matching.quantities import SLACK
from kg.model.rules import MobilityRules, Policy

_SURE: Final = 2.0
"""What a mode that passes is worth beyond every unknown one: preferences lie in 0..1."""
_FAR: Final = 1e9
"""Hours on the road where they are unknown: more than any that are known."""


class Modes(NamedTuple):
    """What each mode is to each talent: preference, rule of B4, travel of B7, hours on the road.

    `listed` marks who has listed modes; all others offer each that does not fail its rule, with preference 0.
    """

    listed: Bools
    preference: Floats
    rule: Marks
    travel: Marks
    hours: Floats

    def offered(self) -> Marks:
        """Return the best rule of each talent, at most unknown for who has listed no modes."""
        best = self.rule.max(axis=0)
        return np.asarray(np.where(self.listed, best, np.minimum(best, UNKNOWN)))

    def reached(self) -> Marks:
        """Return the best travel of each talent among the modes that do not fail their rule."""
        return np.asarray(np.where(self.rule > FAIL, self.travel, FAIL).max(axis=0))

    def chosen(self) -> tuple[Floats, Floats]:
        """Return preference and hours on the road of the mode in which each talent would serve, nan where unknown.

        A mode that passes comes before any that is unknown, then higher preference, then less travel. Of a talent
        whose modes all fail nothing is told that means anything.
        """
        sure = np.minimum(self.rule, self.travel)
        worth = np.where(sure == FAIL, -1.0, self.preference + _SURE * (sure == PASS))
        best = worth == worth.max(axis=0)
        preference = np.where(best, self.preference, 0.0).max(axis=0)
        road = np.where(best, self.hours, np.inf).min(axis=0)
        return np.where(self.listed, preference, np.nan), np.where(road == _FAR, np.nan, road)


def modes_of(world: World, policy: Policy, question: Question, places: Places) -> Modes:
    """Return what the modes of the need are to some talents."""
    persons, modes = world.talents.arrays.persons, question.need.modes
    listed = persons.has_modes[places]
    preference = np.array([persons.modes[MODES.index(mode)][places] for mode in modes])
    rule = _rules_by_status(policy.query_b, question).take(persons.status[places], axis=1)
    rule = np.where(listed, rule * (preference > 0), np.where(rule == UNKNOWN, PASS, rule))
    return Modes(listed, preference, rule, *_roads(world, policy, question, places))


def _rules_by_status(rules: MobilityRules, question: Question) -> Marks:
    """Return what the rule of each mode says to people of each work status."""
    weekly = question.weekly if question.weekly is not None else question.hours / len(question.weeks)
    found = np.full((len(question.need.modes), len(STATUSES) + 1), PASS)
    for row, mode in zip(found, question.need.modes, strict=True):
        if mode == PARTTIME:
            row[:] = PASS if weekly <= rules.parttime_week_hours + SLACK else FAIL
        elif mode in (REHIRE, SHARE):
            row[:] = FAIL
            row[0] = UNKNOWN
            row[STATUSES[RETIRED if mode == REHIRE else WORKING]] = PASS
    return found


def _roads(world: World, policy: Policy, question: Question, places: Places) -> tuple[Marks, Floats]:
    """Return travel of B7 and hours on the road in each mode; those on site differ in whether trips are limited."""
    modes, limited = question.need.modes, policy.query_b.trip_modes
    travel, hours = np.full((len(modes), len(places)), PASS), np.zeros((len(modes), len(places)))
    on_site = [number for number, mode in enumerate(modes) if question.visits_of(mode) != 0]
    if on_site:
        free, counted, road = _on_site(world, policy, question, places)
        for number in on_site:
            travel[number] = counted if modes[number] in limited else free
        hours[on_site] = road
    return travel, hours


def _on_site(world: World, policy: Policy, question: Question, places: Places) -> tuple[Marks, Marks, Floats]:
    """Judge B7 for modes on site, of unlimited and of limited trips, and return hours on the road."""
    persons, visits = world.talents.arrays.persons, question.visits
    if visits is None:
        unknown = np.full(len(places), UNKNOWN)
        return unknown, unknown, np.full(len(places), _FAR)
    one, both = ways_to(world, question.district)
    district, year = persons.district[places], year_of(world, policy, question.first.year)
    hours, limit = visits * both[district], persons.travel[places] - year.hours[places]
    within = ~(hours > limit + SLACK)
    incomplete = within & ~np.isnan(limit) & ~year.hours_complete[places]
    free = marks(within, incomplete | persons.hidden_travel[places])
    within = year.trips[places] + visits <= policy.query_b.trips_per_year + SLACK
    trips = marks(within, within & ~year.trips_complete[places])
    trips[~(one[district] >= policy.query_b.trip_hours - SLACK)] = PASS
    unknown = np.isnan(hours)
    counted = np.minimum(free, trips)
    free[unknown] = counted[unknown] = UNKNOWN
    hours[unknown] = _FAR
    return free, counted, hours
