"""Array forms of the longer rules of query B: occupations that fit, restrictions, free hours by week."""

from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kg.index.talents.columns import Bools, Floats, Ints, Names, TalentArrays
from kg.index.world import World
from kg.matching.mobility.days import signed_of
from kg.matching.mobility.marks import FAIL, PASS, UNKNOWN, Marks, Places, marks
from kg.matching.mobility.question import Question
from kg.matching.mobility.wanted import fit_status
from kg.matching.quantities import SLACK
from kg.model.graph import MASKED
from kg.model.rules import Policy


def restriction_status(world: World, policy: Policy, question: Question, places: Places) -> Marks:
    """Judge B5."""
    arrays, found = world.talents.arrays, world.talents.arrays.restrictions
    first, last = question.first.toordinal(), question.last.toordinal()
    entries, owner = _of(found.talent, places, arrays.count)
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
    result = marks((given == names.find(wanted)) | (given == 0))
    result[given == names.find(MASKED)] = UNKNOWN
    return result


Entries = tuple[Places, Places]
"""Entries of an array sorted by talent, and for each the place of its talent among those asked about."""


def signed_services(arrays: TalentArrays, places: Places) -> Entries:
    """Return the signed services of some talents."""
    signed = signed_of(arrays)
    found, owner = _of(arrays.services.talent[signed], places, arrays.count)
    return signed[found], owner


def _of(talents: Ints, places: Places, count: int) -> Entries:
    """Return which entries of an array are about some talents of all, and for each the place of its talent among them."""
    asked = np.zeros(count, dtype=np.bool_)
    asked[places] = True
    found = np.flatnonzero(asked[talents])
    return found, places.searchsorted(talents[found])


class Free(NamedTuple):
    """Free hours in the counted weeks, in how many weeks a need's hours a week are free, and whose sums are complete."""

    total: Floats
    enough: NDArray[np.int64]
    complete: Bools


def free_hours(
    arrays: TalentArrays, question: Question, places: Places, signed: Entries, least_days: int
) -> Free:
    """Return what some talents have free (nothing without weekly hours): week by week only where weeks differ."""
    persons, weeks, (entries, owner) = arrays.persons, question.weeks, signed
    monday, sunday = weeks[0].toordinal(), weeks[-1].toordinal() + 6
    weekly, least = persons.weekly[places], (question.weekly or 0.0) - SLACK
    weekly[np.isnan(weekly)] = 0.0
    complete = ~persons.hidden_time[places]
    total, enough = weekly * len(weeks), (weekly >= least) * len(weeks)
    differ = (persons.first[places] > monday) | (persons.last[places] < sunday)
    differ[owner] = True
    some = np.flatnonzero(differ)
    taken, told = _taken(arrays, len(some), (entries, np.searchsorted(some, owner)), weeks)
    there = _there(arrays, places[some], weeks, least_days)
    free = np.where(there, np.maximum(0.0, weekly[some, None] - taken), 0.0)
    total[some], enough[some] = free.sum(axis=1), (free >= least).sum(axis=1)
    complete[some] &= told
    return Free(total, enough, complete)


def _there(arrays: TalentArrays, places: Places, weeks: tuple[date, ...], least_days: int) -> Bools:
    """Return in which weeks some talents are there on days enough."""
    mondays = np.array([week.toordinal() for week in weeks])
    start = np.maximum(mondays, arrays.persons.first[places, None])
    end = np.minimum(mondays + 6, arrays.persons.last[places, None])
    return np.asarray(end - start + 1 >= least_days)


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
