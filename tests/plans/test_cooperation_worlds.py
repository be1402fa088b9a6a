"""Plans of random worlds that went through the loaders: the market equals the oracle's, the plan is stable by hand."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from kg.errors import InvalidInputError
from kg.matching.plans.cooperation_market import market_of, plan_question
from kg.matching.plans.seats_plan import plan_seats
from tests.oracle.draw import TODAY
from tests.oracle.generate import random_world
from tests.oracle.plan_market import PlanPair, passing_pairs
from tests.plans.tiny import blocking_pairs, has_coalition, is_legal
from tests.unit.cooperation_worlds import POLICY, loaded

Pairs = Mapping[tuple[str, str], PlanPair]
MODES = ("internship", "order_class", "apprentice_modern")
CHUNKS = [pytest.param(start, marks=() if start < 20 else pytest.mark.slow) for start in range(0, 120, 20)]


@pytest.mark.parametrize("start", CHUNKS)
def test_markets_equal_the_oracle_and_plans_are_stable(start: int, tmp_path: Path) -> None:
    pairs = seats = classes = 0
    for seed in range(start, start + 20):
        tables = random_world(seed, mask_defaults=seed % 3 == 1)
        world = loaded(tables, tmp_path / str(seed))
        mode = MODES[seed % 3]
        year = TODAY.year - (TODAY.month < 9) + seed % 2
        expected = passing_pairs(tables, mode, as_of=TODAY, year=year)
        market = market_of(world, POLICY, plan_question(world, mode=mode, as_of=TODAY, year=year))
        names = [
            (market.cohorts[c], market.posts[p]) for c, p in zip(market.cohort, market.post, strict=True)
        ]
        assert set(names) == set(expected), seed
        ends = [(world.cooperation.offerings[c].school, c, expected[c, p].enterprise, p) for c, p in names]
        assert ends == sorted(ends)
        for place, name in enumerate(names):
            one = expected[name]
            kind, firm = market.kind[market.post[place]], market.enterprise[market.post[place]]
            assert market.a[place] == pytest.approx(one.a, abs=1e-12), (seed, name)
            assert market.b[place] == pytest.approx(one.b, abs=1e-12), (seed, name)
            assert market.score[place] == pytest.approx(one.score, abs=1e-12), (seed, name)
            assert market.bound[place] == one.bound, (seed, name)
            assert market.supply[market.cohort[place]] == one.supply
            assert market.open[market.post[place]] == one.open
            assert (market.kind_cap[kind], market.enterprise_cap[firm]) == (one.kind_cap, one.enterprise_cap)
            assert market.class_min[market.cohort[place]] == one.class_min
        _same_sets(
            expected, names, market.kind[market.post].tolist(), market.enterprise[market.post].tolist()
        )
        plan = plan_seats(market, POLICY.query_a.surplus_floor, objective="stable", seconds=5)
        given = tuple(plan.seats.tolist())
        assert is_legal(market, given), seed
        assert blocking_pairs(market, given) == set(), seed
        together = {
            c for c in range(len(market.cohorts)) if _few(market, c) and has_coalition(market, given, c)
        }
        told = {market.cohorts.index(one["offering"]) for one in plan.told["coalitions"]}
        assert {c for c in told if _few(market, c)} == together, seed
        pairs, seats = pairs + len(market), seats + sum(given)
        classes += int((market.class_min > 0).sum())
    assert pairs > 50
    assert seats > 50
    assert classes > 0


def _few(market: object, cohort: int) -> bool:
    """Whether a coalition of the cohort can be tried by hand."""
    bounds = market.bound[market.cohort == cohort]  # type: ignore[attr-defined]
    return int((bounds + 1).prod()) <= 200 and len(market) <= 12  # type: ignore[arg-type]


def _same_sets(expected: Pairs, names: list[tuple[str, str]], kinds: list[int], firms: list[int]) -> None:
    """Kinds and enterprises part the pairs in the same way."""
    for numbers, sets in (
        (kinds, [expected[name].kind for name in names]),
        (firms, [expected[name].enterprise for name in names]),
    ):
        assert len(set(zip(numbers, sets, strict=True))) == len(set(numbers)) == len(set(sets))


def test_a_district_takes_the_posts_of_its_enterprises(tmp_path: Path) -> None:
    narrowed = 0
    for seed in range(12):
        tables = random_world(seed)
        world = loaded(tables, tmp_path / str(seed))
        for district in sorted(world.travel.listed):
            expected = passing_pairs(tables, "internship", as_of=TODAY, district=district)
            asked = plan_question(world, mode="internship", as_of=TODAY, district=district)
            market = market_of(world, POLICY, asked)
            found = {
                (market.cohorts[c], market.posts[p]) for c, p in zip(market.cohort, market.post, strict=True)
            }
            assert found == set(expected), (seed, district)
            narrowed += bool(found)
    assert narrowed > 3


@pytest.mark.parametrize(
    ("asked", "field"),
    [({"mode": "base"}, "mode"), ({"mode": "internship", "year": 1900}, "year"), ({"mode": "internship", "district": "1"}, "district")],
)  # fmt: skip
def test_questions_that_cannot_be_asked(tmp_path: Path, asked: dict[str, object], field: str) -> None:
    world = loaded(random_world(0), tmp_path)
    with pytest.raises(InvalidInputError) as refused:
        plan_question(world, as_of=date(2026, 11, 23), **asked)  # type: ignore[arg-type]
    assert refused.value.fields["field"] == field
