"""More of what is wanted never lowers a score, and what has nothing to do with a question changes nothing of its answer."""

import json
import random
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kg.index.parsing import HeldSkill
from kg.index.talents.facts import Talent
from kg.index.world import World
from kg.matching.cooperation.counterfactuals import PartnerAdvice
from kg.matching.cooperation.question import ask as checked
from kg.matching.cooperation.scorer import Figures, Scorer
from kg.matching.cooperation.small import scorer_of
from kg.matching.mobility.question import Question, parse_need, with_need
from kg.matching.mobility.recommendation import score_talent
from kg.model.answers import Match
from kg.model.graph import NodeRef
from tests.oracle.codes import credit_code
from tests.oracle.generate import random_questions, random_world
from tests.oracle.world import World as Tables
from tests.unit.cooperation_worlds import as_contract, ask_partners
from tests.unit.cooperation_worlds import loaded as partner_world
from tests.unit.mobility_worlds import POLICY, as_json, ask, world_of
from tests.unit.test_mobility_oracle import talent_questions

Change = Callable[[World, Question, Talent], tuple[Question, Talent] | None]
SEEDS = range(16)


def more_skill(world: World, question: Question, talent: Talent) -> tuple[Question, Talent] | None:
    """The first wanted skill held in full, and proven."""
    if not question.need.skills:
        return None
    wanted = question.need.skills[0]
    held = HeldSkill(wanted.skill, 5, 1.0, None)
    return question, replace(talent, skills={**talent.skills, wanted.skill: held})


def more_level(world: World, question: Question, talent: Talent) -> tuple[Question, Talent] | None:
    """Every certificate that has a level has the next one."""
    raised = tuple(
        one._replace(level=min(7, one.level + 1)) if one.level is not None else one
        for one in talent.certificates
    )
    return question, replace(talent, certificates=raised)


def more_hours(world: World, question: Question, talent: Talent) -> tuple[Question, Talent] | None:
    """Four hours a week more."""
    if talent.weekly_hours is None:
        return None
    return question, replace(talent, weekly_hours=talent.weekly_hours + 4)


def less_travel(world: World, question: Question, talent: Talent) -> tuple[Question, Talent] | None:
    """One visit less."""
    if not question.visits:
        return None
    fewer = replace(question.need, visits=question.visits - 1)
    return with_need(world, POLICY, question, fewer), talent


def more_pay(world: World, question: Question, talent: Talent) -> tuple[Question, Talent] | None:
    """Twenty yuan an hour more."""
    need = question.need
    if need.pay_max is None:
        return None
    return with_need(world, POLICY, question, replace(need, pay_max=need.pay_max + 20)), talent


READS = {
    more_skill: ("need", "skill"),
    more_level: ("need", "level"),
    more_hours: ("talent", "slack"),
    less_travel: ("need", "productive"),
    more_pay: ("talent", "pay"),
}


def known(match: Match, side: str, code: str) -> bool:
    """Whether a factor is known."""
    return next(factor.known for factor in match.sides[side].factors if factor.code == code)


def test_more_of_what_is_wanted_never_lowers_a_talent() -> None:
    """Where the factor is known before and after; a change of the chosen mode is a change of two factors at once."""
    compared: Counter[str] = Counter()
    for seed in SEEDS:
        tables = random_world(seed, mask_defaults=seed % 2 == 1)
        world = world_of(tables)
        for asked in talent_questions(tables, seed):
            question = parse_need(world, POLICY, asked["need"])
            for talent in world.talents:
                before = score_talent(world, POLICY, question, talent, as_of=asked["as_of"])
                for change, (side, code) in READS.items():
                    changed = change(world, question, talent)
                    if changed is None:
                        continue
                    asked_so, then = changed[0], replace(changed[1], key="")
                    after = score_talent(world, POLICY, asked_so, then, as_of=asked["as_of"])
                    if known(before, side, code) and known(after, side, code) and before.mode == after.mode:
                        assert after.score >= before.score - 1e-12, (seed, change.__name__, talent.key)
                        compared[change.__name__] += after.score > before.score
    assert all(compared[change.__name__] > 20 for change in READS if change is not more_level), compared


PARTNER_KINDS = ("course", "exit_level", "boarding", "mentor", "post")
FACTOR_OF = {
    "course": ("enterprise", "skill"),
    "exit_level": ("enterprise", "level"),
    "boarding": ("school", "travel"),
    "mentor": ("school", "post"),
    "post": ("enterprise", "fill"),
}


def test_more_of_what_is_wanted_never_lowers_a_partner(tmp_path: Path) -> None:
    """Courses, exit level, boarding, mentors that are counted already, and room on a post, pair by pair."""
    compared: Counter[str] = Counter()
    for seed in SEEDS:
        tables = random_world(seed, mask_defaults=seed % 2 == 1)
        world = partner_world(tables, tmp_path / str(seed))
        for asked in random_questions(tables, seed):
            if asked["kind"] != "partners":
                continue
            anchor, mode, as_of = asked["anchor"], asked["mode"], asked["as_of"]
            answer = ask_partners(world, anchor, mode, as_of, k=200)
            question = checked(world, anchor=NodeRef(*anchor), mode=mode, as_of=as_of)
            advice = PartnerAdvice(Scorer.of(world, POLICY, question), answer.rank_of)
            for item in answer.items:
                case = advice.case(item.match)
                before = case.scorer.figures(case.offering, case.demand)
                for option in case.options():
                    kind = option.kind.partition(":")[0]
                    if kind not in PARTNER_KINDS or (kind == "mentor" and case.demand.mentors is None):
                        continue
                    view = option.apply(case.view)
                    scorer = scorer_of(case.base, view)
                    pair = view.offerings[case.offering.id], view.demands[case.demand.id]
                    after = scorer.figures(*pair)
                    if _known(before, kind) and _known(after, kind):
                        assert after.score >= before.score - 1e-12, (seed, option.text)
                        compared[kind] += 1
    assert all(compared[kind] > 3 for kind in PARTNER_KINDS), compared


def _known(figures: Figures, kind: str) -> bool:
    side, code = FACTOR_OF[kind]
    return next(factor.known for factor in figures.sides[side].factors if factor.code == code)


UNRELATED = credit_code("370799", 77)


def with_unrelated(tables: Tables, chance: random.Random) -> Tables:
    """Rows that no question of these worlds reads: a place, a trade, a skill, a firm without posts, a contest."""
    more: dict[str, list[dict[str, Any]]] = {
        "districts": [{"code": "370799", "name": "无关区", "longitude": 119.0, "latitude": 37.0}],
        "occupations": [{"code": "4-99-99-99", "name": "无关工", "edition": "2022"}],
        "skills": [{"name": "无关技"}],
        "enterprises": [
            {
                "credit_code": UNRELATED,
                "name": "无关公司",
                "district": "370799",
                "staff": chance.randrange(900),
            }
        ],
        "competitions": [{"competition_id": "JW1", "name": "无关赛", "level": "市", "year": 2025}],
        "programs": [{"program_id": "PW1", "name": "无关班"}],
        "policies": [{"clause_id": "ZW1", "title": "无关条款", "subject": "奖励"}],
    }
    first = next(iter(tables))
    found = {source: {table: list(rows) for table, rows in named.items()} for source, named in tables.items()}
    for table, rows in more.items():
        found[first].setdefault(table, []).extend(rows)
    return found


@pytest.mark.parametrize("seed", range(5))
def test_unrelated_rows_change_nothing(seed: int, tmp_path: Path) -> None:
    tables = random_world(seed)
    other = with_unrelated(deepcopy(tables), random.Random(seed))
    worlds = world_of(tables), world_of(other)
    for asked in talent_questions(tables, seed):
        answers = []
        for world in worlds:
            question = parse_need(world, POLICY, asked["need"])
            answers.append(_bytes(as_json(world, ask(world, question, asked["as_of"], k=asked["k"]))))
        assert answers[0] == answers[1]
    partners = partner_world(tables, tmp_path / "one"), partner_world(other, tmp_path / "two")
    for put in random_questions(tables, seed):
        if put.pop("kind") == "partners":
            anchor, mode, as_of = (put.pop(name) for name in ("anchor", "mode", "as_of"))
            told = [_bytes(as_contract(ask_partners(w, anchor, mode, as_of, **put))) for w in partners]
            assert told[0] == told[1]


def _bytes(answer: dict[str, Any]) -> str:
    return json.dumps(answer, ensure_ascii=False, sort_keys=True, default=str)
