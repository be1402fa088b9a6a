"""Single sentences of the rules, each with a world of its own and values worked out by hand."""

from pathlib import Path
from typing import Any, Final

import pytest

from kg.model.answers import Answer, Band
from tests.golden.hand_made import AS_OF, HOST, NEED, Case, partner_tables, talent_tables
from tests.golden.hand_made_partners import PARTNER_CASES
from tests.golden.hand_made_talents import TALENT_CASES
from tests.unit.cooperation_worlds import ask_partners
from tests.unit.cooperation_worlds import loaded as partner_world
from tests.unit.mobility_worlds import ask, question_of, world_of

NEED_SIDE = {"skill": 0.28, "trade": 0.12, "evidence": 0.25, "productive": 0.15, "reputation": 0.10}
NEED_SIDE |= {"honour": 0.05, "level": 0.05}
TALENT_SIDE = {"mode": 0.30, "pay": 0.30, "slack": 0.20, "topic": 0.20}
ENTERPRISE_SIDE = {"major": 0.30, "skill": 0.20, "level": 0.15, "fill": 0.15, "outcome": 0.15, "travel": 0.05}
SCHOOL_SIDE = {"major": 0.25, "post": 0.25, "industry": 0.20, "volume": 0.10, "history": 0.15, "travel": 0.05}
NEUTRAL = dict.fromkeys(("skill", "pay", "topic", "slack", "evidence", "honour"), 0.3)
TALENT: Final[dict[str, float | None]] = {
    "skill": 1,
    "trade": 1,
    "evidence": 0.5,
    "productive": 20 / 22,
    "reputation": None,
    "honour": 0.25,
    "level": 1,
    "mode": 0.8,
    "pay": 0.5,
    "slack": 1,
    "topic": 0.5,
}
PARTNER: Final[dict[str, float | None]] = {
    "major": 0.9,
    "skill": 1,
    "level": 1,
    "fill": 1,
    "outcome": None,
    "travel": 1 - 0.5 / 3,
    "post": (5 / 6 + 0.5 + 1 + 1) / 4,
    "industry": 1,
    "volume": 10 / 40,
    "history": None,
}
BANDS = {"listed": Band.RANKED, "low": Band.LOW_COVERAGE, "verify": Band.TO_VERIFY}


@pytest.mark.parametrize("case", TALENT_CASES, ids=lambda case: case.name)
def test_talents(case: Case) -> None:
    world = world_of(case.world(talent_tables()))
    answer = ask(world, question_of(world, NEED), AS_OF)
    check(answer, case, {"need": NEED_SIDE, "talent": TALENT_SIDE}, TALENT | case.factors)


@pytest.mark.parametrize("case", PARTNER_CASES, ids=lambda case: case.name)
def test_partners(case: Case, tmp_path: Path) -> None:
    world = partner_world(case.world(partner_tables()), tmp_path)
    answer = ask_partners(world, ("enterprise", HOST), case.mode or "internship", AS_OF)
    sides = {"enterprise": ENTERPRISE_SIDE, "school": SCHOOL_SIDE}
    check(answer, case, sides, PARTNER | case.factors)


def check(
    answer: Answer, case: Case, weights: dict[str, dict[str, float]], expected: dict[str, float | None]
) -> None:
    """Compare an answer about one pair with what was worked out."""
    pool = answer.pool
    assert pool.considered == pool.listed + pool.to_verify + sum(pool.failed.values())
    if case.fate not in BANDS:
        assert case.fate in pool.failed
        assert (answer.items, answer.to_verify) == ((), ())
        return
    found = [*answer.items, *answer.to_verify]
    assert [item.band for item in found] == [BANDS[case.fate]], pool
    match = found[0].match
    doubtful = tuple(one.code for one in match.filters if one.status.value != "pass")
    assert doubtful == case.unknown
    if case.mode and match.mode is not None:
        assert match.mode == case.mode
    sums = []
    for name, side in weights.items():
        told = {factor.code: (factor.value, factor.known) for factor in match.sides[name].factors}
        wanted = {code: value_of(code, expected[code]) for code in side}
        assert {code: known for code, (_, known) in told.items()} == {
            c: expected[c] is not None for c in side
        }
        assert {code: value for code, (value, _) in told.items()} == pytest.approx(wanted, abs=1e-9)
        sums.append(sum(weight * wanted[code] for code, weight in side.items()))
    assert match.score == pytest.approx(2 * sums[0] * sums[1] / sum(sums), abs=1e-9)


def value_of(code: str, value: float | None) -> Any:
    """The value that enters a side: an unknown factor enters with its neutral one."""
    return NEUTRAL.get(code, 0.5) if value is None else value
