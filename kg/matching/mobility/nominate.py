"""Finds who can stand among the first of either list, exactly: the arrays nominate, one plain function scores."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import numpy as np

from kg.index.talents.columns import Bools, Floats
from kg.index.world import World
from kg.matching.mobility.days import remember
from kg.matching.mobility.marks import Places, held
from kg.matching.mobility.question import Question
from kg.matching.mobility.survey import Survey, survey
from kg.model.rules import Policy

MARGIN = 2e-6
"""Everybody this near the last place is nominated: 1e-6 for rounding, the rest for the last bits of sums."""


class Scored(NamedTuple):
    """Scores of all who are left after the filters, and both sides of them; `unsure` marks those to verify."""

    places: Places
    unsure: Bools
    score: Floats
    coverage: Floats
    a: Floats
    b: Floats


class Nominated(NamedTuple):
    """Who must be scored (places in the arrays), the counts of all: listed, to verify, failed by first code; and all scores."""

    places: Places
    listed: int
    to_verify: int
    failed: dict[str, int]
    scored: Scored


def nominate(world: World, policy: Policy, question: Question, *, as_of: date, k: int) -> Nominated:
    """Return everybody who can be among the first `k` of either list, or tie with the last of them."""
    found = survey(world, policy, question, as_of)
    scored = score_all(found)
    ranked = scored.coverage >= policy.common.coverage_floor - 1e-9
    listed, unsure = np.flatnonzero(~scored.unsure), np.flatnonzero(scored.unsure)
    key = scored.score + 2.0 * ranked
    best = np.concatenate([listed[_first(key[listed], k)], unsure[_first(scored.score[unsure], k)]])
    return Nominated(scored.places[best], len(listed), len(unsure), found.failed, scored)


def _first(keys: Floats, k: int) -> Bools:
    """Mark the first `k` and everybody within the margin of the last of them."""
    if len(keys) <= k:
        return np.ones(len(keys), dtype=np.bool_)
    last = np.partition(keys, len(keys) - k)[len(keys) - k]
    return np.asarray(keys >= last - MARGIN, dtype=np.bool_)


def score_all(found: Survey) -> Scored:
    """Return score and coverage of everybody left."""
    need = {
        "skill": found.figures["skill"],
        "trade": found.figures["trade"],
        "evidence": found.figures["evidence"],
        "productive": found.question.hours / (found.question.hours + found.figures["road"]),
        "reputation": found.day.reputation[found.places],
        "honour": found.day.honour[found.places],
        "level": np.where(found.level_unknown, np.nan, 1.0),
    }
    talent = {
        "mode": found.figures["mode"],
        "pay": _pay(found),
        "slack": found.figures["slack"],
        "topic": _topic(found),
    }
    a, a_coverage = _side(found, found.policy.query_b.need_side, need)
    b, b_coverage = _side(found, found.policy.query_b.talent_side, talent)
    both = (a > 0) & (b > 0)
    score = np.where(both, 2 * a * b / np.where(both, a + b, 1.0), 0.0)
    return Scored(found.places, found.unsure, score, np.minimum(a_coverage, b_coverage), a, b)


def _side(found: Survey, side: Mapping[str, float], values: dict[str, Floats]) -> tuple[Floats, Floats]:
    """Return the sums of contributions and of known weights."""

    def make() -> tuple[Floats, Floats]:
        neutral = [[neutral_of(found, code)] for code in values]
        return np.array([side[code] for code in values]), np.array(neutral)

    key = ("side", tuple(values), found.policy.hash)
    weights, neutral = remember(found.world.talents, key, make)
    figures = np.array(list(values.values()))
    known = ~np.isnan(figures)
    return weights @ np.where(known, figures, neutral), weights @ known.astype(np.float64)


def neutral_of(found: Survey, code: str) -> float:
    """Return the value at which an unknown factor enters; 0 where no source tells anybody apart."""
    table = {"evidence": "achievements", "honour": "honours"}.get(code)
    if table is not None and not found.world.delivered.get(table):
        return 0.0
    return found.policy.common.neutral_of(code)


def _pay(found: Survey) -> Floats:
    need, persons = found.question.need, found.arrays.persons
    offer = need.pay_min if need.pay_max is None else need.pay_max
    if offer is None or "pay_max" in need.hidden:
        return np.full(len(found.places), np.nan)
    floor, wish = persons.floor[found.places], persons.wish[found.places]
    wish = np.where(np.isnan(wish), floor, wish)
    above = wish > floor
    part = held((offer - floor) / np.where(above, wish - floor, 1.0))
    value = np.where(above, part, np.where(offer >= floor - 1e-9, 1.0, 0.0))
    return np.where(np.isnan(floor) | persons.hidden_wish[found.places], np.nan, value)


def _topic(found: Survey) -> Floats:
    tags, arrays = found.question.need.tags, found.arrays
    if not tags:
        return np.full(len(found.places), np.nan)
    positions = np.full(arrays.count, -1, dtype=np.int32)
    positions[found.places] = np.arange(len(found.places))
    place = positions[np.concatenate([arrays.interests.of(tag) for tag in tags])]
    shared = np.bincount(place[place >= 0], minlength=len(found.places))
    return np.where(arrays.persons.has_interests[found.places], shared / len(tags), np.nan)
