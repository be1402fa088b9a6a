"""Golden B through tables and loaders: the printed numbers, the sentences behind them, and evidence that exists."""

from datetime import date, timedelta
from typing import Any

import pytest

from kg.index.world import build_world
from kg.model.answers import Item
from tests.golden import golden_b
from tests.oracle.world import World as Tables
from tests.unit.mobility_worlds import POLICY, ask, loaded, question_of, world_of


def first_item(tables: Tables, as_of: date = golden_b.AS_OF) -> Item:
    """The only item of a golden world."""
    world = world_of(tables)
    (item,) = ask(world, question_of(world, golden_b.NEED), as_of).items
    return item


def changed(table: str, **cells: Any) -> Tables:
    """The golden world with cells of the first row of one table changed."""
    tables = golden_b.golden_b()
    rows = tables["人社局"][table]
    rows[0] = {**rows[0], **cells}
    return tables


@pytest.mark.parametrize("name", sorted(golden_b.cases()))
def test_golden(name: str) -> None:
    case = golden_b.cases()[name]
    item = first_item(case.world)
    assert item.match.score == pytest.approx(case.score, abs=5e-5)
    assert (item.rank, item.tied, item.band.value, item.match.mode) == (1, False, "ranked", "consult")
    if case.sides is not None:
        sides = [side.score for side in item.match.sides.values()]
        assert sides == pytest.approx(case.sides, abs=5e-5)
    assert item.match.coverage == pytest.approx(1)
    assert item.match.interval == pytest.approx((item.match.score, item.match.score))


def test_sentences_tell_the_numbers() -> None:
    match = first_item(golden_b.golden_b()).match
    texts = {factor.code: factor.text for side in match.sides.values() for factor in side.factors}
    assert texts["skill"] == "数控车削 1.00 · 焊接机器人编程 0.70（可迁移） · 工艺编制 1.00"
    assert texts["productive"] == "24 ÷ (24 + 3 次 × 往返 3 小时)"
    assert texts["reputation"] == "5 次服务成功 4 次：(4 + 2) ÷ (5 + 4)"
    assert texts["pay"] == "(180 − 底线 100) ÷ (期望 200 − 底线 100)"
    assert texts["slack"] == "(空闲 40 − 需要 24) ÷ 24 小时"
    assert "往返共 9 小时" in match.summary
    assert [week["free"] for week in match.facts["weeks"]] == [10.0] * 4  # type: ignore[attr-defined]  # JSON
    assert [check["code"] for check in match.facts["checks"]] == ["evidence"]  # type: ignore[attr-defined]  # JSON


def test_evidence_and_paths_are_edges_of_the_store() -> None:
    store = loaded(golden_b.golden_b())
    world = build_world(store, POLICY)
    (item,) = ask(world, question_of(world, golden_b.NEED), golden_b.AS_OF).items
    shown = [e for side in item.match.sides.values() for factor in side.factors for e in factor.evidence]
    shown += [e for result in item.match.filters for e in result.evidence]
    shown += [e for path in item.match.paths for e in path.edges]
    assert len(shown) > 20
    for evidence in shown:
        stored = store.edges([evidence.link.start], direction="out", relation=evidence.link.relation)
        assert evidence.id in {edge.id for edge in stored}, evidence
    assert [len(path.edges) for path in item.match.paths] == [2, 3, 3]


def test_consent_holds_through_its_last_day() -> None:
    last = golden_b.AS_OF
    assert first_item(changed("consents", valid_to=last.isoformat())).match.first_failing is None
    world = world_of(changed("consents", valid_to=(last - timedelta(days=1)).isoformat()))
    answer = ask(world, question_of(world, golden_b.NEED), last)
    assert not answer.items
    assert answer.pool.failed == {"B1": 1}
    world = world_of(changed("consents", revoked=last.isoformat()))
    assert ask(world, question_of(world, golden_b.NEED), last).pool.failed == {"B1": 1}


@pytest.mark.parametrize(
    ("table", "cells", "code"),
    [
        ("talents", {"objects": True}, "B1"),
        ("flex_needs", {"min_level": "特级技师"}, "B2"),
        ("talents", {"employer": golden_b.HOST}, "B3"),
        ("talents", {"modes": ["teach=1"]}, "B4"),
        ("talents", {"weekly_hours": 5}, "B6"),
        ("talents", {"travel_hours": 8.9}, "B7"),
        ("talents", {"pay_floor": 181}, "B9"),
    ],
)
def test_each_filter_bites(table: str, cells: dict[str, Any], code: str) -> None:
    world = world_of(changed(table, **cells))
    answer = ask(world, question_of(world, golden_b.NEED), golden_b.AS_OF)
    assert answer.pool.failed == {code: 1}
    assert (answer.pool.considered, answer.pool.listed) == (1, 0)


@pytest.mark.parametrize(
    ("cells", "code", "check"),
    [
        ({"weekly_hours": None}, "B6", "每周可用小时"),
        ({"modes": None}, "B4", "服务方式"),
        ({"work_status": None}, "B3", "现单位"),
        ({"district": "370999"}, "B7", "行程"),
    ],
)
def test_unknown_goes_to_verify_and_says_what_to_check(cells: dict[str, Any], code: str, check: str) -> None:
    world = world_of(changed("talents", **cells))
    answer = ask(world, question_of(world, golden_b.NEED), golden_b.AS_OF)
    (item,) = answer.to_verify
    unknown = [result for result in item.match.filters if result.status == "unknown"]
    assert [result.code for result in unknown] == [code]
    assert check in unknown[0].check
    assert (item.band.value, item.rank) == ("to_verify", 1)


PROTECTED = {
    "sex": "女",
    "birth_date": "1960-02-29",
    "ethnicity": "汉族",
    "education": "高中",
    "identity": "工人",
    "hukou": "农村",
    "political": "群众",
    "work_years": 40,
    "phone": "13800000000",
}


def test_protected_cells_change_nothing() -> None:
    plain, full = first_item(golden_b.golden_b()), first_item(changed("talents", **PROTECTED))
    assert repr(plain.match.sides) == repr(full.match.sides)
    assert repr(plain.match.filters) == repr(full.match.filters)
    assert plain.match.summary == full.match.summary
