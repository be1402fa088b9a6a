"""The filters that leave few, over all talents at once: B1 consent, B0 relevance, B2 level (`scoring.md` §3).

One byte a talent each; what differs from person to person is worked out only for those who hold a wanted skill or
have an achievement with a wanted tag. All others stand as the class of their trade stands.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from kg.index.parsing import WantedSkill
from kg.index.talents.columns import ANYONE, KIND_LABELS, Bools, Floats, Ints, TalentArrays
from kg.index.talents.records import HIDDEN_LEVEL
from kg.index.world import World
from kg.matching.mobility.days import Day, day_of, remember
from kg.matching.mobility.marks import FAIL, PASS, UNKNOWN, Marks, Places, marks
from kg.matching.mobility.question import Question
from kg.matching.mobility.wanted import NOTHING_KNOWN, Trades, fit_status, holders_of, trades_of
from kg.matching.quantities import SLACK
from kg.model.rules import MobilityRules, Policy


def consent_of(world: World, as_of: date, kind: str, code: str) -> Marks:
    """Judge B1 for a host; kept for the hosts whom no consent names."""
    arrays = world.talents.arrays

    def of_kind() -> Marks:
        status = np.zeros(arrays.count, dtype=np.int8)
        for word in (ANYONE, KIND_LABELS.get(kind, "")):
            _consent(arrays, word, as_of.toordinal(), status)
        return _without_gone(world, status)

    found = remember(world.talents, ("consent", as_of, kind), of_kind)
    if not len(arrays.consents.recipients.of(code)):
        return found
    status = found.copy()
    _consent(arrays, code, as_of.toordinal(), status)
    return _without_gone(world, status)


def _without_gone(world: World, status: Marks) -> Marks:
    """Fail those who are no longer as the arrays have them, and those who object; the marks are changed in place."""
    status[~world.talents.alive | world.talents.arrays.persons.objects] = FAIL
    return status


def _consent(arrays: TalentArrays, word: str, day: int, status: Marks) -> None:
    """Raise the marks of those who consent to be recommended to that recipient."""
    consents = arrays.consents
    entries = consents.recipients.of(word)
    valid = (consents.first[entries] <= day) & (day <= consents.last[entries])
    entries = entries[valid & (consents.revoked[entries] > day)]
    hidden = consents.hidden[entries]
    unsure = consents.talent[entries[hidden]]
    status[unsure] = np.maximum(status[unsure], UNKNOWN)
    status[consents.talent[entries[~hidden]]] = PASS


class Skills(NamedTuple):
    """Factor skill over all: by class of trade for most, one by one for those who hold a wanted skill.

    `positions` gives the place of a talent in `values` or -1; `main` marks in the same order who covers a skill of at
    least the mean weight well.
    """

    by_trade: Floats
    holders: Places
    positions: Ints
    values: Floats
    main: Bools

    @classmethod
    def unwanted(cls, trades: Trades) -> "Skills":
        """Return the factor of a need without skills: unknown for everybody."""
        nobody = np.zeros(0, dtype=np.int64)
        positions = np.full(len(trades.codes), -1, dtype=np.int32)
        unknown, none = np.full(len(trades.values), np.nan), np.zeros(0)
        return cls(unknown, nobody, positions, none, none > 0)


class Relevance(NamedTuple):
    """B0 over all talents, with the factors that it rests on."""

    status: Marks
    trades: Trades
    skills: Skills
    evidence: Floats

    def figures(self, places: Places) -> dict[str, Floats]:
        """Return skill, trade and evidence of some talents, nan where unknown."""
        classes = self.trades.codes[places]
        skill, position = self.skills.by_trade[classes], self.skills.positions[places]
        own = position >= 0
        skill[own] = self.skills.values[position[own]]
        return {"skill": skill, "trade": self.trades.values[classes], "evidence": self.evidence[places]}


def relevance_of(world: World, policy: Policy, question: Question, as_of: date, inside: Bools) -> Relevance:
    """Judge B0; those outside are judged as if they held no skill."""
    rules, day, arrays = policy.query_b, day_of(world, policy, as_of), world.talents.arrays
    if question.need.occupations:
        trades = trades_of(world, policy, as_of, question.need.occupations)
    else:
        unknown = np.full(2, np.nan)
        trades = Trades(unknown, arrays.held.has_rows.astype(np.int8))
    skills = _skills(world, rules, question, trades, inside)
    proved, worth = _evidence(arrays, day, question.need.tags)
    status = trades.spread(_enough(rules, skills.by_trade, trades.values))
    own = _enough(rules, skills.values, trades.values[trades.codes[skills.holders]])
    own[skills.main] = PASS
    status[skills.holders] = own
    status[proved[worth >= rules.relevance_evidence - SLACK]] = PASS
    if question.need.skills and rules.relevance_cover <= SLACK:
        status[:] = PASS
    evidence = day.no_evidence.copy() if question.need.tags else np.full(arrays.count, np.nan)
    evidence[proved] = worth
    return Relevance(status, trades, skills, evidence)


def _enough(rules: MobilityRules, skill: Floats, trade: Floats) -> Marks:
    """Return whether skill and trade together are relevance enough; unknown where both are."""
    both = rules.relevance_skill * skill + rules.relevance_trade * trade
    value = np.where(np.isnan(skill), trade, np.where(np.isnan(trade), skill, both))
    return marks(value >= rules.relevance_floor - SLACK, np.isnan(value))


def _skills(world: World, rules: MobilityRules, question: Question, trades: Trades, inside: Bools) -> Skills:
    wanted, count = question.need.skills, len(inside)
    if not wanted:
        return Skills.unwanted(trades)
    talents, covered, places = _covers(world, wanted, inside)
    some = np.zeros(count, dtype=np.bool_)
    some[talents] = True
    holders = np.flatnonzero(some)
    positions = np.full(count, -1, dtype=np.int32)
    positions[holders] = np.arange(len(holders))
    implied = np.where(np.isnan(trades.values), 0.0, rules.trade_implied * trades.values)
    floor, owner = implied[trades.codes[holders]], positions[talents]
    weights = np.array([want.weight for want in wanted])
    total = weights.sum()
    more = weights[places] * np.maximum(0.0, covered - floor[owner])
    values = floor + np.bincount(owner, weights=more, minlength=len(holders)) / total
    heavy, main = weights >= total / len(wanted) - SLACK, np.zeros(len(holders), dtype=np.bool_)
    main[owner[heavy[places] & (covered >= rules.relevance_cover - SLACK)]] = True
    by_trade = np.minimum(1.0, implied)
    by_trade[NOTHING_KNOWN] = np.nan
    return Skills(by_trade, holders, positions, np.minimum(1.0, values), main)


def _covers(world: World, wanted: Sequence[WantedSkill], inside: Bools) -> tuple[Ints, Floats, Places]:
    """Return who of those inside covers a wanted skill, how far, and the place of the skill among the wanted."""
    held = [holders_of(world, want) for want in wanted]
    talents = np.concatenate([found for found, _ in held])
    kept = np.flatnonzero(inside[talents])
    covered = np.concatenate([cover for _, cover in held])[kept]
    places = np.repeat(np.arange(len(held)), [len(found) for found, _ in held])[kept]
    return talents[kept], covered, places


def _evidence(arrays: TalentArrays, day: Day, tags: tuple[str, ...]) -> tuple[Ints, Floats]:
    """Return who has an achievement with one of the tags, and factor evidence of each, nan where unknown."""
    if not tags:
        return np.zeros(0, dtype=np.int32), np.zeros(0)
    entries = np.concatenate([arrays.achieved.tags.of(tag) for tag in tags])
    near, shared = np.unique(entries, return_counts=True)
    talents, left = arrays.achieved.talent[near], np.ones(arrays.count)
    np.multiply.at(left, talents, 1.0 - shared / len(tags) * day.achievement_worth[near])
    return talents, 1.0 - left[talents] + day.no_evidence[talents]


def level_of(world: World, policy: Policy, question: Question, as_of: date) -> Marks:
    """Judge B2 for everybody."""
    need, count = question.need, world.talents.arrays.count
    if need.min_level is None:
        return np.full(count, UNKNOWN if "min_level" in need.hidden else PASS)
    day = day_of(world, policy, as_of)
    said = (day.unproved_level >= need.min_level) | (day.unproved_level == HIDDEN_LEVEL)
    status: Marks = said * UNKNOWN
    if not need.occupations:
        status[day.proof_talent[day.proof_level < 0]] = UNKNOWN
        status[day.proof_talent[day.proof_level >= need.min_level]] = PASS
        return status
    fits = fit_status(world, need, policy.query_b.level_fit)
    ends = np.array([0, need.min_level], dtype=day.proof_level.dtype)
    for fit in (UNKNOWN, PASS):
        for number in np.flatnonzero(fits == fit).tolist():
            first, last = day.proof_bounds[number], day.proof_bounds[number + 1]
            shown, enough = day.proof_level[first:last].searchsorted(ends)
            if shown:
                unsure = day.proof_talent[first : first + shown]
                status[unsure] = np.maximum(status[unsure], UNKNOWN)
            status[day.proof_talent[first + enough : last]] = fit
    return status
