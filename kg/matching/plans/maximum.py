"""The plan of greatest value by OR-Tools, beside the stable one: what stability costs in value and seats.

Without class minima the problem is one flow of least cost, solved exactly. Minima are branched on: a class that comes
too small is closed, or forced to its least number. The best bound still open is told when the search must stop early.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Final

import numpy as np

from kg.errors import RefusedError
from kg.matching.plans.market import Floats, Ints, Market
from kg.matching.plans.stability import too_small, value_of

if TYPE_CHECKING:
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

BRANCHES: Final = 200
"""The most flows that are solved for class minima."""
_LARGEST: Final = 1 << 61


@dataclass(frozen=True, slots=True)
class Best:
    """Seats by pair of a plan of great value; `bound` is what no plan can exceed, equal to its value when `exact`."""

    seats: Ints
    value: float
    bound: float
    exact: bool


@dataclass(frozen=True, slots=True)
class _Node:
    closed: frozenset[int]
    forced: frozenset[int]
    seats: Ints
    worth: int


def maximise(market: Market, gain: Floats, *, seconds: float = 20.0) -> Best:
    """Return the plan of greatest value, then most seats, under all caps and class minima.

    `gain` is the surplus of each pair; `seconds` limits the search over class minima only. One thread, no chance:
    the same market gives the same plan, unless the time runs out. Raises RefusedError without OR-Tools.
    """
    work = _Flow(market, gain)
    root = work.node(frozenset(), frozenset())
    assert root is not None  # nothing is forced: no seats at all is a flow
    best, bound, exact = _branch(work, root, monotonic() + seconds)
    value = value_of(best.seats, gain)
    return Best(best.seats, value, value if exact else max(value, work.value(bound)), exact)


def _branch(work: "_Flow", root: _Node, deadline: float) -> tuple[_Node, int, bool]:
    """Return the best plan found, the bound on all, and whether every branch was looked at."""
    nodes, best = [root], work.closed_down(root)
    solved = 1
    while nodes:
        nodes.sort(key=lambda node: node.worth)
        if nodes[-1].worth <= best.worth:
            return best, best.worth, True
        if solved >= BRANCHES or monotonic() > deadline:
            return best, nodes[-1].worth, False
        node = nodes.pop()
        small = work.small(node.seats)
        if not small:
            best = node
            continue
        for closed, forced in (
            (node.closed | {small[0]}, node.forced),
            (node.closed, node.forced | {small[0]}),
        ):
            child = work.node(closed, forced)
            solved += 1
            if child is not None and child.worth > best.worth:
                nodes.append(child)
    return best, best.worth, True


class _Flow:
    """The market as a network: source, cohorts, posts, kinds of post, enterprises, sink."""

    def __init__(self, market: Market, gain: Floats) -> None:
        self.market = market
        sizes = (len(market.cohorts), len(market.posts), len(market.kind_cap), len(market.enterprises))
        self.first = np.concatenate([[1], 1 + np.cumsum(sizes)]).tolist()
        self.most = int(market.supply.sum())
        self.base = self.most + 1
        self.scale = 10**9
        while self.scale > 1 and self.scale * self.base * (self.first[-1] + 2) > _LARGEST:
            self.scale //= 10
        self.weight = np.round(gain * self.scale).astype(np.int64) * self.base + 1

    def value(self, worth: int) -> float:
        """Return the most value that a worth can stand for."""
        return worth / (self.scale * self.base)

    def small(self, seats: Ints) -> list[int]:
        """Return the classes that come too small, the one nearest to its least number first."""
        loads = self.market.loads(seats)
        found = too_small(self.market, loads)
        missing = self.market.class_min - loads.cohort
        return sorted(found, key=lambda cohort: (missing[cohort], cohort))

    def closed_down(self, node: _Node) -> _Node:
        """Return a plan to start from: close what comes too small until nothing does."""
        while small := self.small(node.seats):
            found = self.node(node.closed | frozenset(small), node.forced)
            assert found is not None  # nothing is forced
            node = found
        return node

    def node(self, closed: frozenset[int], forced: frozenset[int]) -> _Node | None:
        """Return the best flow with some classes closed and some forced; None if these cannot all have their least."""
        market, size = self.market, len(self.market.cohorts)
        must = np.zeros(size, dtype=np.int64)
        must[list(forced)] = market.class_min[list(forced)]
        supply = market.supply.copy()
        supply[list(closed)] = 0
        if (must > supply).any():
            return None
        flow = _network()
        pairs = self._arcs(flow, supply - must)
        free = self.most - int(must.sum())
        flow.set_nodes_supplies(np.arange(1, size + 1), must)
        flow.set_nodes_supplies(np.array([0, self.first[-1]]), np.array([free, -self.most]))
        if flow.solve() != flow.OPTIMAL:
            return None
        seats = np.asarray(flow.flows(pairs), dtype=np.int64)
        return _Node(closed, forced, seats, sum(_products(seats, self.weight)))

    def _arcs(self, flow: "SimpleMinCostFlow", supply: Ints) -> Ints:
        """Add all arcs; return the numbers of those that stand for pairs."""
        market, (cohort, post, kind, firm, sink) = self.market, self.first
        numbers = [np.arange(begin, end) for begin, end in zip(self.first, self.first[1:], strict=False)]
        source, none = np.zeros(len(supply), dtype=np.int64), 0
        kind_owner = np.zeros(len(market.kind_cap), dtype=np.int64)
        kind_owner[market.kind] = market.enterprise
        add = flow.add_arcs_with_capacity_and_unit_cost
        pairs = add(cohort + market.cohort, post + market.post, market.bound, -self.weight)
        add(source, numbers[0], supply, np.full(len(supply), none))
        add(numbers[1], kind + market.kind, market.open, np.zeros(len(market.posts), dtype=np.int64))
        add(numbers[2], firm + kind_owner, market.kind_cap, np.zeros(len(kind_owner), dtype=np.int64))
        ends = np.full(len(market.enterprises), sink)
        add(numbers[3], ends, market.enterprise_cap, np.zeros(len(ends), dtype=np.int64))
        flow.add_arc_with_capacity_and_unit_cost(0, sink, self.most, 0)
        return np.asarray(pairs, dtype=np.int64)


def _products(seats: Ints, weight: Ints) -> Sequence[int]:
    """Return seats times weight as whole numbers of any size."""
    held = np.flatnonzero(seats)
    return [one * two for one, two in zip(seats[held].tolist(), weight[held].tolist(), strict=True)]


def _network() -> "SimpleMinCostFlow":
    try:
        from ortools.graph.python.min_cost_flow import SimpleMinCostFlow
    except ImportError as error:
        raise RefusedError(
            "最大价值方案需要 OR-Tools：请先安装（pip install 'jiangtu[plan]'），或改用 --objective stable",
            code="plan-solver-missing",
        ) from error
    return SimpleMinCostFlow()
