"""Deferred acceptance the other way round: enterprises offer, cohorts hold. The outcome is the enterprises' best one.

It serves where the cohorts' best plan leaves a closed class a coalition: here enterprises hold the best seats that any
stable plan gives them, so fewer classes can get together against it.
"""

import numpy as np

from kg.matching.plans.market import Ints, Market


def offer(market: Market) -> Ints:
    """Return the seats of each pair of the stable allocation (without class minima) that enterprises like best."""
    rows = _rows_by_enterprise(market)
    left: list[int] = market.bound.tolist()
    seats = np.zeros(len(market), dtype=np.int64)
    waiting = sorted(rows)
    while waiting:
        for enterprise in waiting:
            for pair, offered in _choice(market, enterprise, rows[enterprise], left):
                seats[pair] = offered
        waiting = _answer(market, seats, left)
    return seats


def _rows_by_enterprise(market: Market) -> dict[int, list[int]]:
    """Return the pairs of each enterprise, its best first."""
    owner = market.enterprise[market.post]
    order = np.lexsort((np.arange(len(market)), -market.a, owner))
    found: dict[int, list[int]] = {}
    for pair, enterprise in zip(order.tolist(), owner[order].tolist(), strict=True):
        found.setdefault(enterprise, []).append(pair)
    return found


def _choice(market: Market, enterprise: int, rows: list[int], left: list[int]) -> list[tuple[int, int]]:
    """Return (pair, seats) of what an enterprise offers: the best that was not turned down, under all its caps."""
    posts = {post: int(market.open[post]) for post in market.post[rows].tolist()}
    kinds = {kind: int(market.kind_cap[kind]) for kind in market.kind[list(posts)].tolist()}
    room, found = int(market.enterprise_cap[enterprise]), []
    for pair in rows:
        post = int(market.post[pair])
        kind = int(market.kind[post])
        taken = min(left[pair], posts[post], kinds[kind], room)
        posts[post] -= taken
        kinds[kind] -= taken
        room -= taken
        found.append((pair, taken))
    return found


def _answer(market: Market, seats: Ints, left: list[int]) -> list[int]:
    """Let each cohort keep its best offers and turn the others down; return the enterprises that were turned down."""
    turned: set[int] = set()
    over = np.flatnonzero(market.loads(seats).cohort > market.supply)
    for cohort in over.tolist():
        free = int(market.supply[cohort])
        for pair in market.wishes(cohort).tolist():
            kept = min(int(seats[pair]), free)
            free -= kept
            if kept < seats[pair]:
                left[pair] = kept
                seats[pair] = kept
                turned.add(int(market.enterprise[market.post[pair]]))
    return sorted(turned)
