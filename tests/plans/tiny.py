"""Tiny markets drawn by a seed, and what is stable in them by trying every whole allocation (`scoring.md` §4).

Written from the rules alone: nothing of the product but the market itself is used.
"""

from collections.abc import Iterator, Sequence
from itertools import product
from random import Random
from typing import Any

import numpy as np

from kg.matching.plans.market import Market

SLACK = 1e-9
Seats = tuple[int, ...]


def market(
    pairs: Sequence[tuple[int, int, float, float]],
    *,
    supply: Sequence[int],
    open_: Sequence[int],
    kind: Sequence[int],
    enterprise: Sequence[int],
    kind_cap: Sequence[int],
    enterprise_cap: Sequence[int],
    class_min: Sequence[int] = (),
) -> Market:
    """A market from (cohort, post, a, b); `kind` and `enterprise` are by post."""
    rows = sorted(pairs)
    columns: list[Any] = [np.array(column) for column in zip(*rows, strict=True)]
    cohort, post = columns[0].astype(np.int64), columns[1].astype(np.int64)
    a, b = columns[2].astype(float), columns[3].astype(float)
    kinds, owners = np.array(kind), np.array(enterprise)
    rooms = [np.array(room, dtype=np.int64) for room in (supply, open_, kind_cap, enterprise_cap)]
    bound = np.minimum.reduce([
        rooms[0][cohort],
        rooms[1][post],
        rooms[2][kinds[post]],
        rooms[3][owners[post]],
    ])
    return Market(
        cohorts=tuple(f"C{number}" for number in range(len(supply))),
        posts=tuple(f"P{number}" for number in range(len(open_))),
        enterprises=tuple(f"E{number}" for number in range(len(enterprise_cap))),
        kind=kinds,
        enterprise=owners,
        supply=rooms[0],
        class_min=np.array(class_min or [0] * len(supply), dtype=np.int64),
        open=rooms[1],
        kind_cap=rooms[2],
        enterprise_cap=rooms[3],
        cohort=cohort,
        post=post,
        a=a,
        b=b,
        score=2 * a * b / (a + b),
        bound=bound,
    )


def drawn(seed: int, *, most: int = 4, steps: int = 10**6, minima: bool = True) -> Market:
    """A market of at most 3 cohorts and few posts; few `steps` make many equal values."""
    draw = Random(seed)
    cohorts, firms = draw.choice((1, 2, 2, 3, 3)), draw.randint(1, 2)
    owners = [firm for firm in range(firms) for _ in range(draw.randint(1, 2))]
    kind = [number for number in range(len(owners)) for _ in range(draw.choice((1, 1, 2)))]
    posts = range(len(kind))
    pairs = [
        (c, p, draw.randint(1, steps) / steps, draw.randint(1, steps) / steps)
        for c in range(cohorts)
        for p in posts
        if draw.random() < 0.8
    ]
    pairs = draw.sample(pairs, min(len(pairs), 6))
    return market(
        pairs or [(0, 0, 0.5, 0.5)],
        supply=[draw.randint(2, most) for _ in range(cohorts)],
        open_=[draw.randint(1, 3) for _ in posts],
        kind=kind,
        enterprise=[owners[one] for one in kind],
        kind_cap=[draw.randint(1, 4) for _ in owners],
        enterprise_cap=[draw.randint(2, 6) for _ in range(firms)],
        class_min=[draw.choice((0, 0, 1, 2, 3)) if minima else 0 for _ in range(cohorts)],
    )


def legal_allocations(one: Market) -> Iterator[Seats]:
    """Every whole allocation that keeps all caps and class minima."""
    for seats in product(*(range(int(bound) + 1) for bound in one.bound)):
        if is_legal(one, seats):
            yield seats


def is_legal(one: Market, seats: Seats) -> bool:
    """Within cohort, post, kind and enterprise caps, and 0 or at least the class minimum."""
    if not _keeps_caps(one, seats):
        return False
    totals = [_taken(one, seats, cohort=c) for c in range(len(one.cohorts))]
    return all(total == 0 or total >= least for total, least in zip(totals, one.class_min, strict=True))


def _keeps_caps(one: Market, seats: Seats) -> bool:
    if any(n > bound for n, bound in zip(seats, one.bound, strict=True)):
        return False
    return (
        all(_taken(one, seats, cohort=c) <= one.supply[c] for c in range(len(one.cohorts)))
        and all(_taken(one, seats, post=p) <= one.open[p] for p in range(len(one.posts)))
        and all(_taken(one, seats, kind=k) <= one.kind_cap[k] for k in range(len(one.kind_cap)))
        and all(_taken(one, seats, firm=e) <= one.enterprise_cap[e] for e in range(len(one.enterprises)))
    )


def _taken(one: Market, seats: Seats, **where: int) -> int:
    return sum(n for place, n in enumerate(seats) if n and _inside(one, place, **where))


def _inside(one: Market, place: int, **where: int) -> bool:
    post = int(one.post[place])
    mine = {
        "cohort": int(one.cohort[place]),
        "post": post,
        "kind": int(one.kind[post]),
        "firm": int(one.enterprise[post]),
    }
    return all(mine[name] == number for name, number in where.items())


def blocking_pairs(one: Market, seats: Seats) -> set[tuple[int, int]]:
    """(cohort, post) of every pair that blocks; a closed class blocks as a coalition only."""
    found = set()
    for place in range(len(one)):
        cohort = int(one.cohort[place])
        shut = one.class_min[cohort] > 0 and _taken(one, seats, cohort=cohort) == 0
        if not shut and _cohort_gains(one, seats, place) and _firm_gains(one, seats, place):
            found.add((cohort, int(one.post[place])))
    return found


def _cohort_gains(one: Market, seats: Seats, place: int) -> bool:
    cohort = int(one.cohort[place])
    if _taken(one, seats, cohort=cohort) < one.supply[cohort]:
        return True
    return any(
        n and one.cohort[other] == cohort and one.b[other] < one.b[place] - SLACK
        for other, n in enumerate(seats)
    )


def _firm_gains(one: Market, seats: Seats, place: int) -> bool:
    if seats[place] >= one.bound[place]:
        return False
    post = int(one.post[place])
    kind, firm = int(one.kind[post]), int(one.enterprise[post])
    sets = (
        ({"post": post}, one.open[post]),
        ({"kind": kind}, one.kind_cap[kind]),
        ({"firm": firm}, one.enterprise_cap[firm]),
    )
    for where, cap in sets:
        if _taken(one, seats, **where) >= cap:
            return any(
                n and _inside(one, other, **where) and one.a[other] < one.a[place] - SLACK
                for other, n in enumerate(seats)
            )
    return True


def has_coalition(one: Market, seats: Seats, cohort: int) -> bool:
    """Whether a closed class can reach its minimum by seats on pairs that each gain: every exchange is tried.

    In each enterprise some seats come and some go; all caps hold afterwards, and each seat that goes makes room for
    one that is worth more, no two for the same one.
    """
    least = int(one.class_min[cohort])
    if least == 0 or _taken(one, seats, cohort=cohort):
        return False
    own = [p for p in range(len(one)) if one.cohort[p] == cohort and _firm_gains(one, seats, p)]
    for counts in product(*(range(int(one.bound[p]) + 1) for p in own)):
        if least <= sum(counts) <= one.supply[cohort] and _can_come(
            one, seats, dict(zip(own, counts, strict=True))
        ):
            return True
    return False


def _can_come(one: Market, seats: Seats, coming: dict[int, int]) -> bool:
    for left in product(*(range(n + 1) for n in seats)):
        after = tuple(coming.get(place, 0) + n for place, n in enumerate(left))
        if _keeps_caps(one, after) and _each_is_better(one, seats, left, coming):
            return True
    return False


def _each_is_better(one: Market, seats: Seats, left: Seats, coming: dict[int, int]) -> bool:
    for firm in range(len(one.enterprises)):
        gone = sorted(
            one.a[place]
            for place, (before, after) in enumerate(zip(seats, left, strict=True))
            for _ in range(before - after)
            if _inside(one, place, firm=firm)
        )
        come = sorted(
            one.a[place] for place, n in coming.items() for _ in range(n) if _inside(one, place, firm=firm)
        )
        if len(gone) > len(come):
            return False
        best = come[len(come) - len(gone) :]
        if any(old >= new - SLACK for old, new in zip(gone, best, strict=True)):
            return False
    return True


def is_stable(one: Market, seats: Seats) -> bool:
    """Legal, without a blocking pair, without a coalition."""
    return (
        is_legal(one, seats)
        and not blocking_pairs(one, seats)
        and not any(has_coalition(one, seats, cohort) for cohort in range(len(one.cohorts)))
    )


def stable_allocations(one: Market) -> list[Seats]:
    """Every stable allocation."""
    return [seats for seats in legal_allocations(one) if is_stable(one, seats)]
