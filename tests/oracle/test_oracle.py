"""The oracle reproduces both golden cases, and its allocation is the best of all allocations."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import product
from random import Random
from typing import Any

import pytest

from tests.golden import golden_a, golden_b
from tests.oracle.allocation import GAIN_UNITS, Caps, Pair, best_allocation
from tests.oracle.partners import answer_partners
from tests.oracle.talents import answer_talents

PRINTED = pytest.approx


@pytest.mark.parametrize("name", golden_a.cases())
def test_golden_a(name: str) -> None:
    case = golden_a.cases()[name]
    answer = answer_partners(case.world, case.anchor, case.mode, as_of=case.as_of)
    (item,) = answer["items"]
    assert item["pair"] == {"offering": golden_a.OFFERING, "demand": golden_a.DEMAND}
    assert item["score"] == PRINTED(case.score, abs=1e-4)
    if case.sides is not None and case.interval is not None:
        assert [item["sides"][name]["score"] for name in ("enterprise", "school")] == PRINTED(
            case.sides, abs=1e-4
        )
        assert item["interval"] == PRINTED(case.interval, abs=1e-4)
        assert item["coverage"] == PRINTED(0.85)
        assert item["allocation"][0]["legal"]["legal"] == 12


@pytest.mark.parametrize("name", golden_b.cases())
def test_golden_b(name: str) -> None:
    case = golden_b.cases()[name]
    answer = answer_talents(case.world, case.need, as_of=case.as_of)
    (item,) = answer["items"]
    assert item["score"] == PRINTED(case.score, abs=1e-4)
    assert item["coverage"] == PRINTED(1)
    if case.sides is not None:
        assert [item["sides"][name]["score"] for name in ("need", "talent")] == PRINTED(case.sides, abs=1e-4)


@pytest.mark.parametrize("seed", range(40))
def test_allocation_is_the_best_of_all(seed: int) -> None:
    """Against every legal allocation of a tiny case, with the three aims compared one by one."""
    draw = Random(seed)
    cohorts, posts = ["c1", "c2"], ["p1", "p2"]
    kinds = {"p1": "k1", "p2": draw.choice(["k1", "k2"])}
    pairs = [
        Pair(c, p, kinds[p], draw.choice([0.0, 0.1, 0.25, 0.25, 0.612345678])) for c in cohorts for p in posts
    ]
    draw.shuffle(pairs)
    caps = Caps(
        supply={c: draw.randint(1, 4) for c in cohorts},
        open={p: draw.randint(1, 4) for p in posts},
        kind={kind: draw.randint(1, 5) for kind in ("k1", "k2")},
        enterprise=draw.randint(1, 7),
        class_min={c: draw.choice([0, 2, 3, 4]) for c in cohorts},
    )
    tried = product(*(range(caps.supply[pair.offering] + 1) for pair in pairs))
    best = max(plan for plan in map(_aims(pairs, caps), tried) if plan is not None)
    assert best_allocation(pairs, caps) == list(best[2:])


def _aims(pairs: list[Pair], caps: Caps) -> Callable[[tuple[int, ...]], tuple[Fraction | int, ...] | None]:
    """A plan's value, seats and own numbers; ``None`` if it is not legal."""

    def total(plan: tuple[int, ...], name: str, key: object) -> int:
        return sum(x for x, pair in zip(plan, pairs, strict=True) if getattr(pair, name) == key)

    def is_legal(plan: tuple[int, ...]) -> bool:
        for cohort, least in caps.class_min.items():
            if 0 < total(plan, "offering", cohort) < least:
                return False
        limits: dict[str, Mapping[Any, int]] = {
            "offering": caps.supply,
            "demand": caps.open,
            "kind": caps.kind,
        }
        within = (
            total(plan, name, key) <= room for name, table in limits.items() for key, room in table.items()
        )
        return all(within) and sum(plan) <= caps.enterprise

    def aims(plan: tuple[int, ...]) -> tuple[Fraction | int, ...] | None:
        value = sum(Fraction(round(pair.gain * GAIN_UNITS)) * x for x, pair in zip(plan, pairs, strict=True))
        return (value, sum(plan), *plan) if is_legal(plan) else None

    return aims
