"""Exact allocation of whole seats between one school and one enterprise (`scoring.md` §2, Value).

The three aims (value, then seats, then pairs in their order) are written into one whole number per seat, so one
maximum of whole numbers settles all of them without rounding. Caps are nested on the enterprise's side (post, kind of
post, enterprise), cohorts on the other: a flow. A cohort with a class minimum takes 0 seats or at least that many:
branches over closed and opened classes.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

UNITS: Final = 10**9
"""Surplus is taken at nine decimals, as whole units."""


@dataclass(frozen=True, slots=True)
class SeatPair:
    """A pair that may get seats, `gain` its surplus in units; pairs are given in the order that breaks ties."""

    offering: str
    demand: str
    kind: Hashable
    gain: int


@dataclass(frozen=True, slots=True)
class SeatCaps:
    """What binds: seats by cohort, post, kind of post, enterprise; None or missing does not bind, below 0 is no seat."""

    supply: Mapping[str, int]
    open: Mapping[str, int]
    kind: Mapping[Hashable, int | None]
    enterprise: int | None
    class_min: Mapping[str, int] = field(default_factory=dict)


def surplus_units(score: float, floor: float) -> int:
    """Return the surplus g of a score over the floor, at nine decimals, in units."""
    return round(round(max(0.0, score - floor) / (1 - floor), 9) * UNITS)


def allocate(pairs: Sequence[SeatPair], caps: SeatCaps) -> list[int]:
    """Return the seats of each pair: greatest value, then most seats, then earlier pairs first."""
    if not pairs:
        return []
    cohorts = {pair.offering for pair in pairs}
    needs = {key: least for key, least in caps.class_min.items() if key in cohorts and least > 1}
    nested = len(cohorts) == 1 or len({pair.demand for pair in pairs}) == 1
    if not nested:
        return _relaxed(pairs, caps, needs) or _branch(pairs, caps, needs)
    seats = _greedy(pairs, caps)
    if not _too_small(pairs, seats, needs):
        return seats
    return [0] * len(pairs) if len(cohorts) == 1 else _branch(pairs, caps, needs)


def _relaxed(pairs: Sequence[SeatPair], caps: SeatCaps, needs: Mapping[str, int]) -> list[int] | None:
    """Return the best seats without the caps of one side if they keep these caps all the same: then they are the best.

    Without the cohorts' supply, or without the enterprise's caps, what is left is nested and settled greedily.
    """
    endless = sum(max(0, seats) for seats in (*caps.supply.values(), *caps.open.values()))
    no_supply = SeatCaps(dict.fromkeys(caps.supply, endless), caps.open, caps.kind, caps.enterprise)
    no_posts = SeatCaps(caps.supply, dict.fromkeys(caps.open, endless), {}, None)
    for relaxed in (no_supply, no_posts):
        seats = _greedy(pairs, relaxed)
        if _keeps(pairs, seats, caps) and not _too_small(pairs, seats, needs):
            return seats
    return None


def _keeps(pairs: Sequence[SeatPair], seats: Sequence[int], caps: SeatCaps) -> bool:
    """Return whether seats keep the supply and all caps."""
    by: dict[Hashable, int] = {}
    for pair, seat in zip(pairs, seats, strict=True):
        for key in (("cohort", pair.offering), ("post", pair.demand), ("kind", pair.kind)):
            by[key] = by.get(key, 0) + seat
    limits: dict[Hashable, int | None] = {
        **{("cohort", key): value for key, value in caps.supply.items()},
        **{("post", key): value for key, value in caps.open.items()},
        **{("kind", key): value for key, value in caps.kind.items()},
    }
    return (caps.enterprise is None or sum(seats) <= max(0, caps.enterprise)) and all(
        limit is None or taken <= max(0, limit) for key, taken in by.items() for limit in (limits.get(key),)
    )


def value_units(pairs: Sequence[SeatPair], seats: Sequence[int]) -> int:
    """Return the value of an allocation in units."""
    return sum(pair.gain * seat for pair, seat in zip(pairs, seats, strict=True))


def _greedy(pairs: Sequence[SeatPair], caps: SeatCaps) -> list[int]:
    """Fill pairs by falling gain: exact when the caps are nested, that is for one cohort or for one post."""
    supply, open_ = dict(caps.supply), dict(caps.open)
    kind = {key: caps.kind.get(key) for key in dict.fromkeys(pair.kind for pair in pairs)}
    left = caps.enterprise
    seats = [0] * len(pairs)
    for place in sorted(range(len(pairs)), key=lambda place: (-pairs[place].gain, place)):
        pair = pairs[place]
        room = min(
            value
            for value in (supply[pair.offering], open_[pair.demand], kind[pair.kind], left)
            if value is not None
        )
        if room <= 0:
            continue
        seats[place] = room
        supply[pair.offering] -= room
        open_[pair.demand] -= room
        used = kind[pair.kind]
        kind[pair.kind] = None if used is None else used - room
        left = None if left is None else left - room
    return seats


def _too_small(pairs: Sequence[SeatPair], seats: Sequence[int], needs: Mapping[str, int]) -> list[str]:
    """Return the cohorts that come with fewer seats than their class needs, in order."""
    taken: dict[str, int] = {}
    for pair, seat in zip(pairs, seats, strict=True):
        taken[pair.offering] = taken.get(pair.offering, 0) + seat
    return [key for key, least in sorted(needs.items()) if 0 < taken.get(key, 0) < least]


def _branch(pairs: Sequence[SeatPair], caps: SeatCaps, needs: Mapping[str, int]) -> list[int]:
    """Branch on a cohort that comes too small: close it, or force it to its least number."""
    weights = _weights(pairs, caps)
    best, best_worth = [0] * len(pairs), 0
    open_nodes: list[tuple[frozenset[str], frozenset[str]]] = [(frozenset(), frozenset())]
    while open_nodes:
        closed, forced = open_nodes.pop()
        seats = _flow(pairs, weights, caps, closed, {key: needs[key] for key in forced})
        if seats is None:
            continue
        worth = sum(weight * seat for weight, seat in zip(weights, seats, strict=True))
        if worth <= best_worth:
            continue
        small = _too_small(pairs, seats, needs)
        if not small:
            best, best_worth = seats, worth
            continue
        open_nodes += [(closed | {small[0]}, forced), (closed, forced | {small[0]})]
    return best


def _weights(pairs: Sequence[SeatPair], caps: SeatCaps) -> list[int]:
    """Return one number per seat that holds all three aims; the base is more than all seats there can be."""
    base = 1 + sum(max(0, caps.supply[key]) for key in {pair.offering for pair in pairs})
    count = len(pairs)
    return [
        (pair.gain * base + 1) * base**count + base ** (count - 1 - place) for place, pair in enumerate(pairs)
    ]


@dataclass(slots=True)
class _Network:
    """A flow network; edge `i ^ 1` takes edge `i` back."""

    ends: list[tuple[int, int]] = field(default_factory=list)
    room: list[int] = field(default_factory=list)
    worth: list[int] = field(default_factory=list)
    names: dict[Hashable, int] = field(default_factory=dict)

    def node(self, name: Hashable) -> int:
        return self.names.setdefault(name, len(self.names))

    def edge(self, start: Hashable, end: Hashable, room: int, worth: int = 0) -> int:
        """Add an edge and return its number."""
        ends = self.node(start), self.node(end)
        self.ends += [ends, ends[::-1]]
        self.room += [max(0, room), 0]
        self.worth += [worth, -worth]
        return len(self.room) - 2

    def maximise(self, source: Hashable, sink: Hashable) -> None:
        """Push along the way of greatest worth while that is above 0 (successive best ways are exact)."""
        start, end = self.node(source), self.node(sink)
        while True:
            came = self._best_ways(start)
            reach, place = came.get(end, (0, -1))
            if reach <= 0:
                return
            way: list[int] = []
            node = end
            while node != start:
                way.append(came[node][1])
                node = self.ends[way[-1]][0]
            amount = min(self.room[place] for place in way)
            for place in way:
                self.room[place] -= amount
                self.room[place ^ 1] += amount

    def _best_ways(self, start: int) -> dict[int, tuple[int, int]]:
        """Return node -> (worth of the best way to it, last edge), by Bellman and Ford."""
        best: dict[int, tuple[int, int]] = {start: (0, -1)}
        edges = [
            (place, begin, end, self.worth[place])
            for place, (begin, end) in enumerate(self.ends)
            if self.room[place] > 0
        ]
        changed = True
        while changed:
            changed = False
            for place, begin, end, worth in edges:
                if begin in best and end != start:
                    reach = best[begin][0] + worth
                    if end not in best or reach > best[end][0]:
                        best[end] = (reach, place)
                        changed = True
        return best


def _flow(
    pairs: Sequence[SeatPair],
    weights: Sequence[int],
    caps: SeatCaps,
    closed: frozenset[str],
    least: Mapping[str, int],
) -> list[int] | None:
    """Return the best seats with some cohorts closed and some forced to a least number; None if that cannot be."""
    total = 1 + sum(max(0, caps.supply[key]) for key in {pair.offering for pair in pairs})
    bonus = 1 + sum(weights) * total
    net = _Network()
    forced: list[int] = []
    for cohort in sorted({pair.offering for pair in pairs} - closed):
        need = least.get(cohort, 0)
        if need > max(0, caps.supply[cohort]):
            return None
        if need:
            forced.append(net.edge("source", ("cohort", cohort), need, bonus))
        net.edge("source", ("cohort", cohort), caps.supply[cohort] - need)
    taken: dict[int, int] = {}
    for place, pair in enumerate(pairs):
        if pair.offering not in closed:
            taken[place] = net.edge(("cohort", pair.offering), ("post", pair.demand), total, weights[place])
    for demand, kind in dict.fromkeys((pair.demand, pair.kind) for pair in pairs):
        net.edge(("post", demand), ("kind", kind), caps.open[demand])
    for kind in dict.fromkeys(pair.kind for pair in pairs):
        room = caps.kind.get(kind)
        net.edge(("kind", kind), "enterprise", total if room is None else room)
    net.edge("enterprise", "sink", total if caps.enterprise is None else caps.enterprise)
    net.maximise("source", "sink")
    if any(net.room[place] > 0 for place in forced):
        return None
    return [net.room[taken[place] + 1] if place in taken else 0 for place in range(len(pairs))]
