"""Scores of many pairs at once, by the same rules and in the same order of adding as the ledger of one pair."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from kg.index.cooperation.arrays import Bools, Floats, Ints, ranges
from kg.matching.cooperation.grid import Pairs, hours_between
from kg.matching.cooperation.scorer import Scorer
from kg.matching.cooperation.tables import Tables
from kg.matching.quantities import SLACK

_PROFICIENCIES = 5


@dataclass(slots=True)
class Scores:
    """Score, coverage, (seat modes) seats of each pair on its own, and what it is worth to enterprise and school."""

    score: Floats
    coverage: Floats
    seats: Floats
    a: Floats
    b: Floats


def score_pairs(scorer: Scorer, tables: Tables, pairs: Pairs) -> Scores:
    """Return the scores of all pairs."""
    rules, arrays = scorer.policy.query_a, tables.arrays
    cohort, post, in_seats = pairs.cohort, pairs.post, scorer.question.in_seats
    one = np.ones(len(cohort))
    seats, room, known = _seats(tables, cohort, post)
    fill = np.divide(seats, room, out=np.zeros(len(cohort)), where=room > 0)
    major = tables.fits.value[arrays.major[cohort], arrays.occupation[post]]
    travel = _travel(scorer, tables, cohort, post)
    ours: dict[str, Floats] = {
        "major": major,
        "skill": _skill(tables, cohort, post),
        "level": tables.levels[arrays.exit_level[cohort], arrays.level[post]],
        "fill": np.where(known, fill, np.nan) if in_seats else one,
        "outcome": tables.outcome[cohort],
        "travel": travel,
    }
    theirs: dict[str, Floats] = {
        "major": major,
        "post": tables.post[post],
        "industry": _industry(scorer, tables, cohort, post),
        "volume": _volume(scorer, tables, cohort, post) if in_seats else one,
        "history": _history(scorer, tables, cohort, post),
        "travel": travel,
    }
    a, seen_a = _side(scorer, rules.enterprise_side, ours)
    b, seen_b = _side(scorer, rules.school_side, theirs)
    both = (a > 0) & (b > 0)
    score = np.divide(2 * a * b, a + b, out=np.zeros(len(cohort)), where=both)
    return Scores(score, np.minimum(seen_a, seen_b), seats, a, b)


def _side(
    scorer: Scorer, weights: Mapping[str, float], values: Mapping[str, Floats]
) -> tuple[Floats, Floats]:
    """Return sum and coverage of a side; unknown factors enter at their neutral value."""
    size = len(next(iter(values.values())))
    total, seen = np.zeros(size), np.zeros(size)
    for code, value in values.items():
        unknown = np.isnan(value)
        if unknown.any():
            value = np.where(unknown, scorer.policy.common.neutral_of(code), value)
            seen += np.where(unknown, 0.0, weights[code])
        else:
            seen += weights[code]
        total += weights[code] * value
    return total, seen


def _seats(tables: Tables, cohort: Ints, post: Ints) -> tuple[Floats, Floats, Bools]:
    """Return seats of each pair, what both sides want, and whether all of it is known."""
    supply, open_ = tables.supply, tables.open
    room = np.minimum(supply.value[cohort], open_.value[post])
    legal = np.minimum(tables.staff_left.value[post], tables.post_left.value[post])
    seats = np.maximum(0.0, np.minimum(room, legal))
    caps_known = tables.staff_left.known & tables.post_left.known
    known = supply.known[cohort] & open_.known[post] & caps_known[post]
    endless = np.isinf(room)
    return np.where(np.isinf(seats), 0.0, seats), np.where(endless, 0.0, room), known


def _travel(scorer: Scorer, tables: Tables, cohort: Ints, post: Ints) -> Floats:
    hours = hours_between(tables, cohort, post)
    near = np.maximum(0.0, 1 - hours / scorer.policy.query_a.travel_full_hours)
    boarding = tables.boarding[post]
    return np.where(boarding > 0, 1.0, np.where(boarding < 0, np.nan, near))


def _compact(numbers: Ints, count: int) -> tuple[Ints, Ints]:
    """Return the distinct numbers (of 0..count-1) in order, and the place of each given one among them."""
    present = np.zeros(count, dtype=np.bool_)
    present[numbers] = True
    place = np.cumsum(present, dtype=np.int32) - 1
    return np.flatnonzero(present).astype(np.int32), place[numbers]


def _skill(tables: Tables, cohort: Ints, post: Ints) -> Floats:
    """Return the skill cover of every pair: a table cohort x wanted skill x proficiency, then weighted sums."""
    arrays = tables.arrays
    lengths = arrays.wanted_start[post + 1] - arrays.wanted_start[post]
    told = arrays.has_courses[cohort] & (lengths > 0)
    found = np.full(len(cohort), np.nan)
    if not told.any():
        return found
    cohorts, row = _compact(cohort[told], len(arrays.offerings))
    posts, lengths = post[told], lengths[told]
    pair = np.repeat(np.arange(len(posts)), lengths)
    item = ranges(arrays.wanted_start[posts], arrays.wanted_start[posts + 1])
    skills, column = _compact(arrays.wanted_skill[item], arrays.skill_count)
    cover = _cover(tables, cohorts, skills)
    value = cover[row[pair], column, arrays.wanted_level[item] - 1]
    total = np.bincount(pair, weights=arrays.wanted_weight[item] * value, minlength=len(posts))
    found[told] = total / arrays.wanted_sum[posts]
    return found


def _cover(tables: Tables, cohorts: Ints, skills: Ints) -> Floats:
    """Return how far each cohort covers each wanted skill at each proficiency."""
    arrays = tables.arrays
    place = np.full(arrays.skill_count, -1, dtype=np.int32)
    place[skills] = np.arange(len(skills), dtype=np.int32)
    cover = np.zeros((len(cohorts), len(skills), _PROFICIENCIES))
    starts, ends = arrays.taught_start[cohorts], arrays.taught_start[cohorts + 1]
    row = np.repeat(np.arange(len(cohorts)), ends - starts)
    entry = ranges(starts, ends)
    column = place[arrays.taught_skill[entry]]
    kept = column >= 0
    row, column, entry = row[kept], column[kept], entry[kept]
    similarity, level = arrays.taught_similarity[entry], arrays.taught_level[entry]
    for wanted in range(1, _PROFICIENCIES + 1):
        value = similarity * np.minimum(1.0, level / wanted)
        np.maximum.at(cover[:, :, wanted - 1], (row, column), value)
    return cover


def _industry(scorer: Scorer, tables: Tables, cohort: Ints, post: Ints) -> Floats:
    rules, enterprise = scorer.policy.query_a, tables.arrays.enterprise[post]
    cohorts, row = _compact(cohort, len(tables.arrays.offerings))
    enterprises, column = _compact(enterprise, len(tables.arrays.enterprises))
    shared = tables.served[cohorts].astype(np.float32) @ tables.priority[enterprises].astype(np.float32).T
    priority: Bools = np.logical_or.reduce(tables.priority, axis=1)
    value = np.where(
        shared[row, column] > 0,
        rules.chain_served,
        np.where(priority[enterprise], rules.chain_priority, rules.chain_other),
    )
    return np.where(tables.chains_told[enterprise], value, np.nan)


def _volume(scorer: Scorer, tables: Tables, cohort: Ints, post: Ints) -> Floats:
    """Return the share of each cohort for which the enterprise's open places that fit its major suffice."""
    arrays = tables.arrays
    majors, row = _compact(arrays.major[cohort], len(arrays.majors))
    enterprises, column = _compact(arrays.enterprise[post], len(arrays.enterprises))
    rows = arrays.demands_of(enterprises)
    open_, known = tables.open.value[rows], tables.open.known[rows]
    usable = tables.in_year[rows] & ~(np.isfinite(open_) & (open_ < 1))
    fits = tables.fits.fit[np.ix_(majors, arrays.occupation[rows])]
    counted = (fits >= scorer.policy.query_a.volume_fit - SLACK) & usable[None, :]
    owner = np.searchsorted(enterprises, arrays.enterprise[rows])
    starts = np.searchsorted(owner, np.arange(len(enterprises)))
    if not len(rows):
        return np.empty(0)
    heads = np.add.reduceat(np.where(counted & np.isfinite(open_), open_, 0.0), starts, axis=1)
    hidden = (counted & ~known[None, :]).astype(np.int32)
    untold = np.add.reduceat(hidden, starts, axis=1)
    share = np.minimum(1.0, heads[row, column] / tables.students[cohort])
    return np.where(untold[row, column] > 0, np.nan, share)


def _history(scorer: Scorer, tables: Tables, cohort: Ints, post: Ints) -> Floats:
    arrays, rules = tables.arrays, scorer.policy.common
    enterprise = arrays.enterprise[post]
    total, good = tables.ended[enterprise], tables.ended_good[enterprise]
    if len(tables.own_enterprise):
        shares = np.zeros(len(arrays.enterprises), dtype=np.bool_)
        shares[tables.own_enterprise] = True
        some = np.flatnonzero(shares[enterprise])
        place = enterprise[some].astype(np.int64) * len(arrays.schools) + arrays.school[cohort[some]]
        own = tables.own_enterprise.astype(np.int64) * len(arrays.schools) + tables.own_school
        order = np.argsort(own)
        at = np.minimum(np.searchsorted(own[order], place), len(own) - 1)
        hit = np.equal(own[order][at], place)
        some, at = some[hit], order[at[hit]]
        extra = scorer.policy.query_a.history_own_weight - 1
        total[some] += extra * tables.own_total[at]
        good[some] += extra * tables.own_good[at]
    rate = (good + rules.prior_successes) / (total + rules.prior_total)
    return np.where(tables.ended[enterprise] > 0, rate, np.nan)
