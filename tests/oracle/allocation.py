"""The best allocation of seats to the pairs of one school and one enterprise, exactly.

Every set of cohorts that may come is tried. Inside a set the caps are nested, so the seats are a
flow: school → cohort → pair → post → kind of post → enterprise. The three aims (value, seats, the
pairs in their order) are written into one whole number per seat, so that the heaviest flow is the
one best allocation, without rounding.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeAlias

GAIN_UNITS = 10**9
Edge: TypeAlias = list[int]
"""[from, to, room, weight]; the edge that takes it back stands next to it."""


@dataclass(frozen=True)
class Pair:
    """A pair that may get seats; pairs are given in their order."""

    offering: str
    demand: str
    kind: Hashable
    gain: float
    """Surplus g at nine decimals."""


@dataclass(frozen=True)
class Caps:
    """What binds; a number below 0 is no room."""

    supply: Mapping[str, int]
    open: Mapping[str, int]
    kind: Mapping[Hashable, int]
    enterprise: int
    class_min: Mapping[str, int]
    """Least seats of a cohort that comes at all (order classes only)."""


def best_allocation(pairs: Sequence[Pair], caps: Caps) -> list[int]:
    """Seats of each pair: greatest value, then most seats, then pairs in order."""
    weights = _weights(pairs, caps)
    cohorts = sorted({pair.offering for pair in pairs})
    plans = [_flow(pairs, weights, caps, set(coming)) for coming in _subsets(cohorts)]
    legal = [plan for plan in plans if plan is not None]
    return max(legal, key=lambda plan: sum(x * w for x, w in zip(plan, weights, strict=True)))


def _subsets(members: list[str]) -> Iterator[tuple[str, ...]]:
    for size in range(len(members) + 1):
        yield from combinations(members, size)


def _weights(pairs: Sequence[Pair], caps: Caps) -> list[int]:
    """One number per seat that holds all three aims; the base is more than all seats there are."""
    base = 1 + sum(max(0, caps.supply[pair.offering]) for pair in pairs)
    count = len(pairs)
    return [
        round(pair.gain * GAIN_UNITS) * base ** (count + 2)
        + base ** (count + 1)
        + base ** (count - 1 - place)
        for place, pair in enumerate(pairs)
    ]


def _flow(pairs: Sequence[Pair], weights: Sequence[int], caps: Caps, coming: set[str]) -> list[int] | None:
    """The heaviest flow of the coming cohorts, ``None`` if one stays under its least number."""
    bonus = 1 + sum(weights) * (1 + sum(max(0, room) for room in caps.supply.values()))
    names: dict[Hashable, int] = {"source": 0, "sink": 1}
    edges: list[Edge] = []

    def node(name: Hashable) -> int:
        return names.setdefault(name, len(names))

    def edge(start: Hashable, end: Hashable, room: int, weight: int = 0) -> int:
        edges.append([node(start), node(end), max(0, room), weight])
        edges.append([node(end), node(start), 0, -weight])
        return len(edges) - 2

    least = {cohort: caps.class_min.get(cohort, 0) for cohort in coming}
    if any(least[cohort] > max(0, caps.supply[cohort]) for cohort in coming):
        return None
    first = []
    for cohort in sorted(coming):
        first.append((edge("source", ("cohort", cohort), least[cohort], bonus), least[cohort]))
        edge("source", ("cohort", cohort), max(0, caps.supply[cohort]) - least[cohort])
    wanted = [pair for pair in pairs if pair.offering in coming]
    taken = {
        id(pair): edge(("cohort", pair.offering), ("post", pair.demand), caps.supply[pair.offering], weight)
        for pair, weight in zip(pairs, weights, strict=True)
        if pair.offering in coming
    }
    for demand, kind in sorted({(pair.demand, pair.kind) for pair in wanted}, key=str):
        edge(("post", demand), ("kind", kind), caps.open[demand])
    for kind in sorted({pair.kind for pair in wanted}, key=str):
        edge(("kind", kind), "enterprise", caps.kind[kind])
    edge("enterprise", "sink", caps.enterprise)
    _push(edges, len(names))
    if any(edges[place][2] > 0 for place, room in first if room > 0):
        return None
    return [edges[taken[id(pair)] + 1][2] if id(pair) in taken else 0 for pair in pairs]


def _push(edges: list[Edge], nodes: int) -> None:
    """Push along the heaviest way from node 0 to node 1 while that way adds weight."""
    while True:
        best: list[int | None] = [0] + [None] * (nodes - 1)
        came = [-1] * nodes
        for _ in range(nodes):
            for place, (start, end, room, weight) in enumerate(edges):
                reach = best[start]
                if room > 0 and reach is not None:
                    own = best[end]
                    if own is None or reach + weight > own:
                        best[end], came[end] = reach + weight, place
        gain = best[1]
        if gain is None or gain <= 0:
            return
        way, place = [], came[1]
        while place >= 0:
            way.append(place)
            place = came[edges[place][0]] if edges[place][0] != 0 else -1
        amount = min(edges[place][2] for place in way)
        for place in way:
            edges[place][2] -= amount
            edges[place ^ 1][2] += amount
