"""Class minima: which classes must close so that the others have a plan, and whether any plan is stable at all.

Without minima a stable allocation always exists. With them it may not, and finding out is hard in general: few classes
are searched through wholly, many are closed one after the other, worst filled first, and taken back where that helps.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

import numpy as np

from kg.matching.plans.deferred import allocate
from kg.matching.plans.market import INDIFFERENT, Floats, Ints, Market
from kg.matching.plans.reverse import offer
from kg.matching.plans.stability import coalitions, standing_of, too_small, value_of

WHOLE: Final = 8
"""Up to so many classes every choice of closed ones is tried."""
TAKEN_BACK: Final = 12
"""So many closed classes are tried again when the rest has settled."""
TIE_BREAKS: Final = 8
SMALL: Final = 5_000
"""In markets of at most so many pairs so many other ways to break ties are tried."""
SCHOOL, ENTERPRISE = "school", "enterprise"
"""The side for which the plan is the best of all stable ones."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Seats by pair, the classes taken out of the market, coalitions (cohort, seats), and how sure the search is.

    `stable` says that neither a pair nor a coalition blocks. `proved` says that every choice of closed classes was
    tried, for each the plan that is best for either side, and that nobody is indifferent. `favours` names the side whose best plan it is.
    """

    seats: Ints
    closed: tuple[int, ...]
    coalitions: tuple[tuple[int, int], ...]
    proved: bool
    favours: str = SCHOOL

    @property
    def stable(self) -> bool:
        """True when nobody can leave together."""
        return not self.coalitions


def settle(market: Market, gain: Floats) -> Outcome:
    """Return a stable allocation if the search finds one, else the plan that gives the most seats, then value.

    Equal values are broken by the order of pairs; where that leaves a coalition, a few other ways to break them are
    tried in small markets.
    """
    found = _settle(market, gain)
    if found.stable or not _has_ties(market):
        return found
    for seed in range(1, TIE_BREAKS + 1) if len(market) <= SMALL else ():
        nudged = _settle(_nudged(market, seed), gain)
        left = coalitions(standing_of(market, nudged.seats))
        if not left:
            return replace(nudged, coalitions=())
    return replace(found, proved=False)


def _has_ties(market: Market) -> bool:
    """Tell whether some cohort or some enterprise is indifferent between two of its pairs."""
    owner = market.enterprise[market.post]
    for side, value in ((market.cohort, market.b), (owner, market.a)):
        order = np.lexsort((value, side))
        same = np.diff(side[order]) == 0
        if (same & (np.diff(value[order]) <= INDIFFERENT)).any():
            return True
    return False


def _nudged(market: Market, seed: int) -> Market:
    """Return the market with values moved by less than a tenth of the step that counts: ties break by chance."""
    draw = np.random.default_rng(seed)
    a, b = (value + draw.uniform(0, INDIFFERENT / 10, len(market)) for value in (market.a, market.b))
    return replace(market, a=a, b=b)


def _settle(market: Market, gain: Floats) -> Outcome:
    first = _outcome(market, (), proved=True)
    if first is not None and first.stable:
        return first
    paired = np.diff(market.start) > 0
    classes = np.flatnonzero((market.class_min > 0) & paired & (market.supply > 0)).tolist()
    return _try_all(market, gain, classes) if len(classes) <= WHOLE else _one_by_one(market)


def _outcome(market: Market, closed: tuple[int, ...], *, proved: bool) -> Outcome | None:
    """Return what is left when these classes are closed; None where another one is still too small."""
    rest = market.without(closed) if closed else market
    seats = allocate(rest)
    if too_small(market, market.loads(seats)):
        return None
    found = coalitions(standing_of(market, seats))
    if found:
        other = offer(rest)
        fewer = coalitions(standing_of(market, other))
        if len(fewer) < len(found) and not too_small(market, market.loads(other)):
            return Outcome(other, closed, tuple(fewer), proved, ENTERPRISE)
    return Outcome(seats, closed, tuple(found), proved)


def _try_all(market: Market, gain: Floats, classes: list[int]) -> Outcome:
    """Try every choice, fewest closed first; without a stable one the most seats win, then value, then fewest closed."""
    best: tuple[tuple[float, ...], Outcome] | None = None
    for closed in _choices(classes):
        outcome = _outcome(market, closed, proved=True)
        if outcome is None:
            continue
        if outcome.stable:
            return outcome
        worth = (float(outcome.seats.sum()), value_of(outcome.seats, gain), -float(len(closed)))
        if best is None or worth > best[0]:
            best = (worth, outcome)
    assert best is not None  # all classes closed is always a plan
    return best[1]


def _choices(classes: list[int]) -> Iterator[tuple[int, ...]]:
    for size in range(len(classes) + 1):
        yield from combinations(classes, size)


def _one_by_one(market: Market) -> Outcome:
    """Close the worst filled classes until none is too small, then take back those that would leave together."""
    closed: tuple[int, ...] = ()
    while True:
        loads = market.loads(allocate(market.without(closed)))
        small = too_small(market, loads)
        if not small:
            break
        small.sort(key=lambda cohort: (loads.cohort[cohort] / market.class_min[cohort], cohort))
        closed = tuple(sorted((*closed, *small[: -(-len(small) // 3)])))
    outcome = _outcome(market, closed, proved=False)
    assert outcome is not None
    for cohort, _ in outcome.coalitions[:TAKEN_BACK]:
        if outcome.stable:
            break
        fewer = tuple(one for one in outcome.closed if one != cohort)
        other = _outcome(market, fewer, proved=False)
        if other is not None and len(other.coalitions) < len(outcome.coalitions):
            outcome = other
    return outcome
