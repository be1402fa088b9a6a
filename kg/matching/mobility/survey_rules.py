"""Array forms of the longer rules of query B: occupations that fit, restrictions, free hours by week."""

from datetime import date

import numpy as np

from kg.index.talents.columns import ENDS, Bools, Floats, Ints, Names, TalentArrays
from kg.index.talents.facts import SIGNED
from kg.index.world import World
from kg.matching.mobility.days import spans_of
from kg.matching.mobility.marks import FAIL, PASS, UNKNOWN, Marks, Places
from kg.matching.mobility.question import Question
from kg.matching.mobility.wanted import fit_status
from kg.model.graph import MASKED
from kg.model.rules import Policy


def restriction_status(world: World, policy: Policy, question: Question, places: Places) -> Marks:
    """Judge B5."""
    arrays, found = world.talents.arrays, world.talents.arrays.restrictions
    entries, owner = spans_of(arrays, "restrictions").gather(places)
    first, last = question.first.toordinal(), question.last.toordinal()
    inside = (found.first[entries] <= last) & (first <= found.last[entries])
    entries, owner = entries[inside], owner[inside]
    org, occupation, district = found.org[entries], found.occupation[entries], found.district[entries]
    match = np.minimum(
        _same(arrays.organisations, org, question.host.code),
        _same(arrays.district_names, district, question.district),
    )
    if question.need.occupations:
        fits = fit_status(world, question.need, policy.query_b.restriction_fit)
        match = np.minimum(match, np.where(occupation > 0, fits[occupation], PASS))
    vague = (occupation > 0) & (not question.need.occupations)
    competing, given = found.competing[entries], (org > 0) | (occupation > 0) | (district > 0)
    status = np.where(match == FAIL, PASS, np.where(competing & (match == PASS) & ~vague, FAIL, UNKNOWN))
    status = np.where(given, status, np.where(competing, FAIL, PASS)).astype(np.int8)
    result = np.full(len(places), PASS, dtype=np.int8)
    np.minimum.at(result, owner, status)
    return result


def _same(names: Names, given: Ints, wanted: str | None) -> Marks:
    """Whether a given word is the wanted one; pass where none is given, unknown where either cannot be known."""
    if wanted is None:
        return np.where(given > 0, UNKNOWN, PASS)
    equal = np.where(given == names.find(wanted), PASS, FAIL)
    equal = np.where(given == names.find(MASKED), UNKNOWN, equal)
    return np.where(given > 0, equal, PASS)


Entries = tuple[Places, Places]
"""Entries of an array sorted by talent, and for each the place of its talent among those asked about."""


def signed_services(arrays: TalentArrays, places: Places) -> Entries:
    """Return the signed services of some talents."""
    entries, owner = spans_of(arrays, "services").gather(places)
    signed = arrays.services.status[entries] == ENDS[SIGNED]
    return entries[signed], owner[signed]


def free_hours(
    arrays: TalentArrays, question: Question, places: Places, signed: Entries, least_days: int
) -> tuple[Floats, Bools]:
    """Return free hours by talent and counted week (0 without weekly hours), and whose sums are complete."""
    persons = arrays.persons
    mondays = np.array([week.toordinal() for week in question.weeks])
    weekly = persons.weekly[places]
    weekly[np.isnan(weekly)] = 0.0
    taken, complete = _taken(arrays, len(places), signed, question.weeks)
    free = np.maximum(0.0, weekly[:, None] - taken)
    first, last = persons.first[places], persons.last[places]
    absent = (first > mondays[0]) | (last < mondays[-1] + 6)
    if absent.any():
        start = np.maximum(mondays, first[absent, None])
        end = np.minimum(mondays + 6, last[absent, None])
        free[absent] = np.where(end - start + 1 >= least_days, free[absent], 0.0)
    return free, complete & ~persons.hidden_time[places]


def _taken(
    arrays: TalentArrays, talents: int, signed: Entries, weeks: tuple[date, ...]
) -> tuple[Floats, Bools]:
    """Return hours of signed services by talent and week, and who has no service of unknown hours among them.

    Counted weeks follow one another without a gap, so a service covers a run of them.
    """
    services, count = arrays.services, len(weeks)
    monday = weeks[0].toordinal()
    entries, owner = signed
    begin = np.maximum((services.first[entries] - monday) // 7, 0)
    end = np.minimum((services.last[entries] - monday) // 7, count - 1)
    kept = begin <= end
    entries, owner, begin, end = entries[kept], owner[kept], begin[kept], end[kept]
    told = ~np.isnan(services.hours[entries])
    complete = np.bincount(owner[~told], minlength=talents) == 0
    taken = np.zeros((talents, count))
    if len(entries):
        hours, size = np.where(told, services.hours[entries], 0.0), talents * (count + 1)
        steps = np.bincount(owner * (count + 1) + begin, weights=hours, minlength=size)
        steps -= np.bincount(owner * (count + 1) + end + 1, weights=hours, minlength=size)
        taken = np.cumsum(steps.reshape(talents, count + 1)[:, :-1], axis=1)
    return taken, complete
