"""The seat allocation against every legal allocation of tiny cases, with the three aims compared one by one."""

from itertools import product
from random import Random

import pytest

from kg.matching.cooperation.allocation import SeatCaps, SeatPair, allocate, surplus_units, value_units


def brute_force(pairs: list[SeatPair], caps: SeatCaps) -> list[int]:
    """Try everything; the best by value, then seats, then the pairs in their order."""
    best: tuple[int, int, tuple[int, ...]] = (-1, -1, ())
    bounds = [range(max(0, min(caps.supply[pair.offering], caps.open[pair.demand])) + 1) for pair in pairs]
    for seats in product(*bounds):
        if is_legal(pairs, seats, caps):
            best = max(best, (value_units(pairs, seats), sum(seats), seats))
    return list(best[2])


def is_legal(pairs: list[SeatPair], seats: tuple[int, ...], caps: SeatCaps) -> bool:
    def total(name: str, key: object) -> int:
        return sum(seat for pair, seat in zip(pairs, seats, strict=True) if getattr(pair, name) == key)

    for pair in pairs:
        taken = total("offering", pair.offering)
        kind = caps.kind.get(pair.kind)
        if taken > caps.supply[pair.offering] or 0 < taken < caps.class_min.get(pair.offering, 0):
            return False
        if total("demand", pair.demand) > caps.open[pair.demand]:
            return False
        if kind is not None and total("kind", pair.kind) > max(0, kind):
            return False
    return caps.enterprise is None or sum(seats) <= max(0, caps.enterprise)


def tiny(seed: int) -> tuple[list[SeatPair], SeatCaps]:
    draw = Random(seed)
    cohorts = [f"c{n}" for n in range(draw.choice((1, 2, 2, 3)))]
    posts = [f"p{n}" for n in range(draw.choice((1, 2, 2)))]
    kinds = {post: draw.choice("xy") for post in posts}
    gains = (0, 100, 250_000_000, 250_000_000, 612_088_964)
    pairs = [
        SeatPair(c, p, kinds[p], draw.choice(gains)) for c in cohorts for p in posts if draw.random() < 0.85
    ]
    draw.shuffle(pairs)
    return pairs, SeatCaps(
        supply={cohort: draw.randint(0, 4) for cohort in cohorts},
        open={post: draw.randint(0, 4) for post in posts},
        kind={kind: draw.choice((None, -1, 1, 2, 3, 5)) for kind in "xy"},
        enterprise=draw.choice((None, 0, 2, 3, 5, 7)),
        class_min={cohort: draw.randint(0, 4) for cohort in cohorts if draw.random() < 0.5},
    )


@pytest.mark.parametrize("seed", range(400))
def test_best_of_all(seed: int) -> None:
    pairs, caps = tiny(seed)
    assert allocate(pairs, caps) == brute_force(pairs, caps)


def test_surplus_is_taken_at_nine_decimals() -> None:
    assert surplus_units(0.8060444818572503, 0.5) == 612_088_964
    assert surplus_units(0.49, 0.5) == 0
    assert surplus_units(1.0, 0.5) == 10**9
