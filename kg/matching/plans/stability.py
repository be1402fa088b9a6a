"""Who would rather leave a plan: blocking pairs, moves to negotiate, coalitions of closed classes (`scoring.md` §4)."""

from dataclasses import dataclass

import numpy as np

from kg.matching.plans.exchange import Seat, most_together
from kg.matching.plans.market import INDIFFERENT, UNITS, Bools, Floats, Ints, Loads, Market


@dataclass(frozen=True, slots=True)
class Standing:
    """An allocation looked at from all sides; `closed` marks cohorts with a class minimum and no seat."""

    market: Market
    seats: Ints
    loads: Loads
    closed: Bools
    gains: Bools


def standing_of(market: Market, seats: Ints) -> Standing:
    """Return the allocation with the pairs whose enterprise would gain by one more seat on them."""
    loads = market.loads(seats)
    closed = (market.class_min > 0) & (loads.cohort == 0) & (np.diff(market.start) > 0)
    return Standing(market, seats, loads, closed, _enterprise_gains(market, seats, loads))


def too_small(market: Market, loads: Loads) -> list[int]:
    """Return the cohorts that have seats but fewer than their class needs."""
    return np.flatnonzero((loads.cohort > 0) & (loads.cohort < market.class_min)).tolist()


def _enterprise_gains(market: Market, seats: Ints, loads: Loads) -> Bools:
    """No set around the post is full, or the innermost full one holds a seat that is worth less; room on the pair."""
    held = np.flatnonzero(seats)
    post, value = market.post[held], market.a[held]
    levels = (
        (loads.enterprise >= market.enterprise_cap, market.enterprise),
        (loads.kind >= market.kind_cap, market.kind),
        (loads.post >= market.open, np.arange(len(market.posts))),
    )
    threshold = np.full(len(market.posts), -np.inf)
    for full, place in levels:
        least = np.full(len(full), np.inf)
        np.minimum.at(least, place[post], value)
        threshold = np.where(full[place], least[place], threshold)
    found: Bools = (threshold[market.post] < market.a - INDIFFERENT) & (seats < market.bound)
    return found


def blocking(found: Standing) -> Ints:
    """Return the pairs that block: both would gain. A closed class blocks as a coalition only."""
    market = found.market
    held = found.seats > 0
    least = np.full(len(market.cohorts), np.inf)
    np.minimum.at(least, market.cohort[held], market.b[held])
    free = found.loads.cohort < market.supply
    wants = free[market.cohort] | (least[market.cohort] < market.b - INDIFFERENT)
    return np.flatnonzero(wants & found.gains & ~found.closed[market.cohort])


def negotiable(found: Standing, blocks: Ints) -> list[tuple[int, int]]:
    """Return (held pair, wanted pair) of one cohort in one enterprise, where only its own seat is in the way."""
    market, loads = found.market, found.loads
    held = np.flatnonzero(found.seats > 0)
    kind_full = (loads.kind >= market.kind_cap)[market.kind]
    firm_full = (loads.enterprise >= market.enterprise_cap)[market.enterprise]
    ready = (loads.post < market.open) & (kind_full | firm_full)
    wanted = np.flatnonzero(ready[market.post] & (found.seats < market.bound))
    by_key: dict[int, list[int]] = {}
    for pair, key in zip(held.tolist(), _together_key(market, held).tolist(), strict=True):
        by_key.setdefault(key, []).append(pair)
    keys = _together_key(market, wanted)
    near = np.isin(keys, list(by_key)) & ~np.isin(wanted, blocks)
    moves: list[tuple[int, int]] = []
    for pair, key in zip(wanted[near].tolist(), keys[near].tolist(), strict=True):
        post = int(market.post[pair])
        for own in by_key[key]:
            other = int(market.post[own])
            same_kind = market.kind[other] == market.kind[post]
            if (
                other != post
                and market.b[own] < market.b[pair] - INDIFFERENT
                and (same_kind or not kind_full[post])
            ):
                moves.append((own, pair))
    return moves


def _together_key(market: Market, pairs: Ints) -> Ints:
    """Return one number for each cohort together with an enterprise."""
    return market.cohort[pairs] * len(market.enterprises) + market.enterprise[market.post[pairs]]


def coalitions(found: Standing) -> list[tuple[int, int]]:
    """Return (cohort, seats) of every closed class that could get its least number of seats together after all."""
    market = found.market
    result: list[tuple[int, int]] = []
    for cohort in np.flatnonzero(found.closed).tolist():
        seats = _together(found, cohort)
        if seats >= market.class_min[cohort]:
            result.append((cohort, seats))
    return result


def _together(found: Standing, cohort: int) -> int:
    """Return the seats that a closed class could get together; counting stops where they are surely too few."""
    market = found.market
    rows = np.arange(market.start[cohort], market.start[cohort + 1])
    rows = rows[found.gains[rows]]
    supply, least = int(market.supply[cohort]), int(market.class_min[cohort])
    if len(rows) == 0 or supply < least:
        return 0
    owner = market.enterprise[market.post[rows]]
    most = {int(one): _most(market, rows[owner == one]) for one in np.unique(owner)}
    hope, total = sum(most.values()), 0
    for one, bound in sorted(most.items(), key=lambda entry: (-entry[1], entry[0])):
        if total + hope < least or total >= supply:
            break
        own = _of_enterprise(found, one)
        total += most_together(_wanted(market, rows[owner == one]), own, *_rooms(found, one))
        hope -= bound
    return min(supply, total)


def _most(market: Market, rows: Ints) -> int:
    cap = int(market.enterprise_cap[market.enterprise[market.post[rows[0]]]])
    return min(cap, int(market.bound[rows].sum()))


def _wanted(market: Market, rows: Ints) -> list[Seat]:
    return [
        Seat(int(market.post[pair]), float(market.a[pair]), int(market.bound[pair])) for pair in rows.tolist()
    ]


def _of_enterprise(found: Standing, enterprise: int) -> list[Seat]:
    """Return the seats that an enterprise holds."""
    market = found.market
    held = np.flatnonzero((found.seats > 0) & (market.enterprise[market.post] == enterprise))
    return [
        Seat(int(market.post[pair]), float(market.a[pair]), int(found.seats[pair])) for pair in held.tolist()
    ]


def _rooms(found: Standing, enterprise: int) -> tuple[dict[int, int], dict[int, tuple[int, int]], int]:
    """Return kind by post, (room by kind, by number), room by post, of one enterprise."""
    market, loads = found.market, found.loads
    posts = np.flatnonzero(market.enterprise == enterprise).tolist()
    kind = {post: int(market.kind[post]) for post in posts}
    room = {post: (int(market.open[post] - loads.post[post]), 0) for post in posts}
    rooms = {
        post: (room[post][0], int(market.kind_cap[kind[post]] - loads.kind[kind[post]])) for post in posts
    }
    return kind, rooms, int(market.enterprise_cap[enterprise] - loads.enterprise[enterprise])


def value_of(seats: Ints, gain: Floats) -> float:
    """Return the sum of seats times surplus, exact at nine decimals."""
    held = seats > 0
    return int((np.round(gain[held] * UNITS).astype(np.int64) * seats[held]).sum()) / UNITS
