"""Needs that can and cannot be asked."""

from datetime import date
from typing import Any

import pytest

from kg.errors import InvalidInputError, NotFoundError
from kg.index.world import World
from kg.matching.mobility.hours import counted_weeks
from kg.matching.mobility.recommendation import parse_need
from tests.golden import golden_b
from tests.unit.mobility_worlds import POLICY, ask, world_of

INLINE: dict[str, Any] = {
    "host": golden_b.HOST,
    "modes": ["consult"],
    "total_hours": 24,
    "valid_from": "2026-11-30",
    "valid_to": "2026-12-27",
}


@pytest.fixture(scope="module")
def world() -> World:
    """The golden world."""
    return world_of(golden_b.golden_b())


def test_typed_need_equals_the_stored_one(world: World) -> None:
    stored = dict(golden_b.golden_b()["人社局"]["flex_needs"][0])
    stored.pop("need_id")
    answer = ask(world, parse_need(world, POLICY, stored), golden_b.AS_OF)
    assert answer.items[0].match.score == pytest.approx(0.7938, abs=5e-5)
    assert answer.question == {"inline": stored}
    assert [len(path.edges) for path in answer.items[0].match.paths] == [1, 2, 2]


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        ({"total_hours": None}, "hours_per_week"),
        ({"total_hours": 0}, "total_hours"),
        ({"modes": []}, "modes"),
        ({"modes": ["flying"]}, "modes"),
        ({"modes": "consult"}, "modes"),
        ({"modes": "*"}, "modes"),
        ({"weeks": 5}, "weeks"),
        ({"weeks": 0}, "weeks"),
        ({"valid_to": "2026-11-01"}, "valid_to"),
        ({"valid_from": "2026-13-01"}, "valid_from"),
        ({"valid_from": None}, "valid_from"),
        ({"valid_to": "2226-11-01"}, "valid_to"),
        ({"host": "没有这家"}, "host"),
        ({"host": None}, "host"),
        ({"skills": ["车削=9"]}, "skills"),
        ({"skills": ["车削=3*0"]}, "skills"),
        ({"min_level": "很高"}, "min_level"),
        ({"visits": -1}, "visits"),
        ({"visits": 1.5}, "visits"),
        ({"pay_max": "很多"}, "pay_max"),
        ({"pay_max": float("nan")}, "pay_max"),
        ({"scope": "秘密"}, "scope"),
        ({"age": 30}, "age"),
    ],
)
def test_refusals_name_the_field(world: World, cells: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        parse_need(world, POLICY, {**INLINE, **cells})
    assert refused.value.fields["field"] == field
    assert any("\u4e00" <= sign <= "\u9fff" for sign in refused.value.message)


def test_unknown_key_is_not_found(world: World) -> None:
    with pytest.raises(NotFoundError):
        parse_need(world, POLICY, "没有")


def test_names_stand_for_keys(world: World) -> None:
    question = parse_need(world, POLICY, {**INLINE, "modes": ["顾问指导"], "host": "示例装备有限公司"})
    assert question.need.modes == ("consult",)
    assert question.host.code == golden_b.HOST


def test_hours_by_week(world: World) -> None:
    question = parse_need(world, POLICY, {**INLINE, "total_hours": None, "hours_per_week": 5})
    assert (question.hours, question.weeks_wanted, len(question.weeks)) == (20, 4, 4)
    question = parse_need(world, POLICY, {**INLINE, "total_hours": None, "hours_per_week": 5, "weeks": 2})
    assert (question.hours, question.weeks_wanted) == (10, 2)


@pytest.mark.parametrize(
    ("first", "last", "mondays"),
    [
        (date(2026, 11, 30), date(2026, 12, 27), 4),
        (date(2026, 12, 3), date(2026, 12, 27), 4),
        (date(2026, 12, 4), date(2026, 12, 27), 3),
        (date(2026, 12, 4), date(2026, 12, 6), 1),
        (date(2026, 12, 5), date(2026, 12, 8), 1),
    ],
)
def test_counted_weeks(first: date, last: date, mondays: int) -> None:
    weeks = counted_weeks(first, last, 4)
    assert len(weeks) == mondays
    assert all(week.weekday() == 0 for week in weeks)


def test_equally_full_weeks_take_the_earlier() -> None:
    assert counted_weeks(date(2026, 12, 5), date(2026, 12, 8), 4) == (date(2026, 11, 30),)


def test_two_spellings_of_one_skill_are_one_tag(world: World) -> None:
    asked = parse_need(world, POLICY, {**INLINE, "tags": ["数控编程", "PLC", "plc", "ＰＬＣ"]})
    assert asked.need.tags == ("数控编程", "plc")
