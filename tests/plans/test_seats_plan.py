"""Plans of seats on tiny markets, against every whole allocation: stable ones exist, and are found or honestly not."""

import numpy as np
import pytest

from kg.errors import InvalidInputError
from kg.matching.plans.closing import ENTERPRISE, SCHOOL, settle
from kg.matching.plans.market import Market, surplus
from kg.matching.plans.maximum import maximise
from kg.matching.plans.seats_plan import plan_seats
from kg.matching.plans.stability import blocking, coalitions, negotiable, standing_of, value_of
from tests.plans.tiny import (
    blocking_pairs,
    drawn,
    has_coalition,
    is_legal,
    is_stable,
    legal_allocations,
    market,
    stable_allocations,
)

FLOOR = 0.5


def plan(one: Market, objective: str = "stable") -> dict[str, object]:
    return dict(plan_seats(one, FLOOR, objective=objective, seconds=10).told)


def small(one: Market) -> bool:
    return int(np.prod(one.bound + 1)) <= 3000


@pytest.mark.parametrize("steps", [4, 10**6])
@pytest.mark.parametrize("block", range(5))
def test_what_is_found_is_stable_and_what_is_not_found_does_not_exist(block: int, steps: int) -> None:
    unstable = 0
    for seed in range(block * 120, block * 120 + 120):
        one = drawn(seed, steps=steps)
        if not small(one):
            continue
        outcome = settle(one, surplus(one.score, FLOOR))
        seats = tuple(outcome.seats.tolist())
        assert is_legal(one, seats), seed
        assert blocking_pairs(one, seats) == set(), seed
        if outcome.stable:
            assert is_stable(one, seats), seed
            continue
        unstable += 1
        assert not outcome.proved or stable_allocations(one) == [], seed
    assert unstable <= 10


def test_every_statement_about_any_allocation_is_true() -> None:
    """Blocking pairs and coalitions are told rightly for plans that nobody would make, too."""
    looked = told = together = 0
    for seed in range(350):
        one = drawn(seed, steps=6)
        if not small(one):
            continue
        for number, seats in enumerate(legal_allocations(one)):
            if number % 7 != seed % 7:
                continue
            found = standing_of(one, np.array(seats, dtype=np.int64))
            pairs = {(int(one.cohort[p]), int(one.post[p])) for p in blocking(found).tolist()}
            assert pairs == blocking_pairs(one, seats), (seed, seats)
            closed = {cohort for cohort, _ in coalitions(found)}
            assert closed == {c for c in range(len(one.cohorts)) if has_coalition(one, seats, c)}, (
                seed,
                seats,
            )
            looked, told, together = looked + 1, told + len(pairs), together + len(closed)
    assert looked > 1000
    assert told > 1000
    assert together > 20


def test_of_all_stable_plans_the_cohorts_get_their_best() -> None:
    compared = 0
    for seed in range(300):
        one = drawn(seed, minima=False)
        if not small(one):
            continue
        seats = settle(one, surplus(one.score, FLOOR)).seats.tolist()
        for other in stable_allocations(one):
            for cohort in range(len(one.cohorts)):
                mine, theirs = (_held(one, found, cohort) for found in (seats, other))
                assert len(mine) == len(theirs), seed
                assert all(x >= y for x, y in zip(mine, theirs, strict=True)), seed
                compared += 1
    assert compared > 300


def _held(one: Market, seats: list[int], cohort: int) -> list[float]:
    values = [float(one.b[p]) for p, n in enumerate(seats) for _ in range(n) if one.cohort[p] == cohort]
    return sorted(values, reverse=True)


def test_lower_quotas_may_leave_no_stable_plan() -> None:
    """Two classes want the same two posts: A needs both seats, B one; the first post likes A better, the second B."""
    one = market(
        [(0, 0, 0.9, 0.9), (0, 1, 0.6, 0.7), (1, 0, 0.7, 0.9), (1, 1, 0.8, 0.7)],
        supply=[2, 1], open_=[1, 1], kind=[0, 1], enterprise=[0, 0], kind_cap=[5, 5], enterprise_cap=[5],
        class_min=[2, 1],
    )  # fmt: skip
    assert stable_allocations(one) == []
    told = plan(one)
    assert told["stable"] is False
    assert told["proved"] is True
    assert told["closed"] == ["C1"]
    assert told["coalitions"] == [{"offering": "C1", "seats": 1}]
    assert told["blocking"] == []
    assert told["seats"] == 2
    assert str(told["verdict"]).startswith("按这些班级下限没有稳定的方案；关闭 C1 后其余可以稳定")
    without = plan(market(
        [(0, 0, 0.9, 0.9), (0, 1, 0.6, 0.7)],
        supply=[2], open_=[1, 1], kind=[0, 1], enterprise=[0, 0], kind_cap=[5, 5], enterprise_cap=[5], class_min=[2],
    ))  # fmt: skip
    assert without["stable"] is True
    assert without["closed"] == []


def test_a_class_that_nobody_can_fill_closes_and_the_rest_is_stable() -> None:
    one = market(
        [(0, 0, 0.9, 0.9), (1, 0, 0.8, 0.8)],
        supply=[5, 3], open_=[3], kind=[0], enterprise=[0], kind_cap=[3], enterprise_cap=[3], class_min=[4, 0],
    )  # fmt: skip
    told = plan(one)
    assert (told["stable"], told["closed"], told["coalitions"]) == (True, ["C0"], [])
    assert told["allocation"][0]["offering"] == "C1"  # type: ignore[index]
    assert told["seats"] == 3


def test_a_firm_of_188_takes_18_so_a_class_of_45_is_split_over_three() -> None:
    """A tenth of 188 on the staff is 18 seats, whatever the firm would like."""
    room = 188 // 10
    one = market(
        [(0, firm, 0.8, 0.9 - firm / 100) for firm in range(4)],
        supply=[45], open_=[45] * 4, kind=[0, 1, 2, 3], enterprise=[0, 1, 2, 3], kind_cap=[45] * 4,
        enterprise_cap=[room] * 4,
    )  # fmt: skip
    told = plan(one)
    assert [entry["seats"] for entry in told["allocation"]] == [18, 18, 9]  # type: ignore[attr-defined]
    assert told["stable"]


def test_nested_caps_bind_at_every_level() -> None:
    """Post 4, kind 5 over two posts, enterprise 6 over two kinds: each level cuts what the one inside would allow."""
    rows = [(0, post, 0.9 - post / 100, 0.9 - post / 100) for post in range(4)]
    one = market(
        rows, supply=[20], open_=[4, 4, 4, 4], kind=[0, 0, 1, 1], enterprise=[0, 0, 0, 0], kind_cap=[5, 5],
        enterprise_cap=[6],
    )  # fmt: skip
    seats = settle(one, surplus(one.score, FLOOR)).seats.tolist()
    assert seats == [4, 1, 1, 0]


def test_a_full_kind_gives_way_to_a_better_seat_of_another_post() -> None:
    """The innermost full set decides: the kind is full, the post is not, so a worse seat of its other post goes."""
    one = market(
        [(0, 0, 0.5, 0.9), (1, 1, 0.9, 0.9)],
        supply=[2, 2], open_=[2, 2], kind=[0, 0], enterprise=[0, 0], kind_cap=[3], enterprise_cap=[9],
    )  # fmt: skip
    assert settle(one, surplus(one.score, FLOOR)).seats.tolist() == [1, 2]


def test_equal_values_block_nobody() -> None:
    """Values within 1e-9 are equal: the held seat stays; beyond that it goes."""
    rows = [(0, 0, 0.7, 0.9), (1, 0, 0.7 + 5e-10, 0.9)]
    caps = {
        "supply": [1, 1],
        "open_": [1],
        "kind": [0],
        "enterprise": [0],
        "kind_cap": [1],
        "enterprise_cap": [1],
    }
    near = standing_of(market(rows, **caps), np.array([1, 0]))
    assert blocking(near).tolist() == []
    apart = standing_of(market([rows[0], (1, 0, 0.7 + 2e-9, 0.9)], **caps), np.array([1, 0]))
    assert blocking(apart).tolist() == [1]


def test_room_that_only_the_own_move_would_free_is_negotiable() -> None:
    """The enterprise is full with this cohort at the worse post; it would not gain by another seat of smaller a."""
    one = market(
        [(0, 0, 0.9, 0.6), (0, 1, 0.6, 0.9)],
        supply=[2], open_=[2, 2], kind=[0, 1], enterprise=[0, 0], kind_cap=[2, 2], enterprise_cap=[2],
    )  # fmt: skip
    seats = np.array([2, 0])
    found = standing_of(one, seats)
    assert blocking(found).tolist() == []
    assert negotiable(found, blocking(found)) == [(0, 1)]
    other_firm = market(
        [(0, 0, 0.9, 0.6), (0, 1, 0.6, 0.9)],
        supply=[2], open_=[2, 2], kind=[0, 1], enterprise=[0, 1], kind_cap=[2, 2], enterprise_cap=[2, 2],
    )  # fmt: skip
    found = standing_of(other_firm, seats)
    assert blocking(found).tolist() == [1]
    assert negotiable(found, blocking(found)) == []


def test_where_the_cohorts_best_leaves_a_coalition_the_enterprises_best_is_tried() -> None:
    """Four seats of a kind. C1 would rather have three at P1, which the enterprise hardly wants: C0 could displace two.

    The enterprise's best holds three good seats of C1 at P0 and one at P1: C0, of at least two, finds only one.
    """
    one = market(
        [(0, 1, 0.57, 0.6), (1, 0, 0.89, 0.7), (1, 1, 0.1, 0.8)],
        supply=[3, 4], open_=[3, 3], kind=[0, 0], enterprise=[0, 0], kind_cap=[4], enterprise_cap=[5],
        class_min=[2, 0],
    )  # fmt: skip
    found = settle(one, surplus(one.score, FLOOR))
    assert (found.seats.tolist(), found.favours, found.stable) == ([0, 3, 1], ENTERPRISE, True)
    assert is_stable(one, (0, 3, 1))
    assert {settle(drawn(seed), surplus(drawn(seed).score, FLOOR)).favours for seed in range(20)} == {SCHOOL}


def test_many_classes_are_closed_one_after_the_other() -> None:
    """Twelve classes of at least 3 for ten seats: three open, nine close, and nobody can get together."""
    rows = [(c, 0, 0.9 - c / 50, 0.8) for c in range(12)]
    one = market(
        rows, supply=[3] * 12, open_=[10], kind=[0], enterprise=[0], kind_cap=[10], enterprise_cap=[10],
        class_min=[3] * 12,
    )  # fmt: skip
    told = plan(one)
    assert told["closed"] == [f"C{number}" for number in range(3, 12)]
    assert told["stable"] is True
    assert told["seats"] == 9


@pytest.mark.parametrize("block", range(3))
def test_the_greatest_value_is_the_greatest_of_all(block: int) -> None:
    compared = 0
    for seed in range(block * 60, block * 60 + 60):
        one = drawn(seed)
        if not small(one):
            continue
        gain = surplus(one.score, FLOOR)
        best = maximise(one, gain)
        seats = tuple(best.seats.tolist())
        assert is_legal(one, seats), seed
        worth = [(value_of(np.array(other), gain), sum(other)) for other in legal_allocations(one)]
        assert (best.value, sum(seats)) == pytest.approx(max(worth), abs=1e-9), seed
        assert best.exact
        assert best.bound == best.value
        stable = settle(one, gain)
        assert value_of(stable.seats, gain) <= best.value + 1e-9, seed
        compared += 1
    assert compared > 40


def test_the_bound_holds_when_the_search_stops_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """With no branch allowed, the bound of the open ones is told and is no less than the true greatest value."""
    cut = 0
    for seed in range(200):
        one = drawn(seed)
        gain = surplus(one.score, FLOOR)
        whole = maximise(one, gain)
        with monkeypatch.context() as patch:
            patch.setattr("kg.matching.plans.maximum.BRANCHES", 1)
            early = maximise(one, gain)
        assert early.bound >= whole.value - 1e-9, seed
        assert early.value <= whole.value + 1e-9, seed
        cut += not early.exact
    assert cut > 0


def test_a_plan_of_greatest_value_lists_its_blocking_pairs() -> None:
    listed = 0
    for seed in range(80):
        one = drawn(seed)
        told = plan(one, "max-value")
        seats = np.zeros(len(one), dtype=np.int64)
        names = {
            (one.cohorts[c], one.posts[p]): n
            for n, (c, p) in enumerate(zip(one.cohort, one.post, strict=True))
        }
        for entry in told["allocation"]:  # type: ignore[attr-defined]
            seats[names[entry["offering"], entry["demand"]]] = entry["seats"]
        expected = {(one.cohorts[c], one.posts[p]) for c, p in blocking_pairs(one, tuple(seats.tolist()))}
        assert {(b["offering"], b["demand"]) for b in told["blocking"]} == expected  # type: ignore[attr-defined]
        listed += len(expected)
    assert listed > 10


def test_the_same_market_gives_the_same_plan() -> None:
    for seed in range(30):
        one = drawn(seed, steps=4)
        assert plan(one) == plan(one)
        assert plan(one, "max-value") == plan(one, "max-value")


def test_an_unknown_objective_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="stable、max-value") as refused:
        plan(drawn(1), "fair")
    assert refused.value.fields["field"] == "objective"


def test_an_empty_market_has_an_empty_plan() -> None:
    none = np.empty(0, dtype=np.int64)
    empty = Market(
        cohorts=(), posts=(), enterprises=(), kind=none, enterprise=none, supply=none, class_min=none, open=none,
        kind_cap=none, enterprise_cap=none, cohort=none, post=none, a=np.empty(0), b=np.empty(0), score=np.empty(0),
        bound=none,
    )  # fmt: skip
    for objective in ("stable", "max-value"):
        told = plan(empty, objective)
        assert (told["allocation"], told["seats"], told["value"], told["stable"]) == ([], 0, 0.0, True)
