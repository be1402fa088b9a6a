"""A market of seats: cohorts on one side, posts under nested caps on the other, and what both sides think of a pair.

Nothing here knows where the figures come from; a tiny market of a test and a whole city are the same thing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

INDIFFERENT: Final = 1e-9
"""Preferences that differ by no more than this are equal (`scoring.md` §4)."""


UNITS: Final = 10**9
"""Surplus is taken at nine decimals, as whole units."""


@dataclass(frozen=True)
class Market:
    """Cohorts, posts and their pairs by number. Every pair is one that passes all filters.

    `kind` and `enterprise` give the kind of post and the enterprise of each post; caps are whole seats left:
    `supply` by cohort, `open` by post, `kind_cap` and `enterprise_cap` by number. `class_min` is 0 where a cohort
    has none. Pairs are ordered by cohort, then post: `a` is what the pair is worth to the enterprise, `b` to the
    cohort, `score` both together, `bound` the most seats on it alone.
    """

    cohorts: tuple[str, ...]
    posts: tuple[str, ...]
    enterprises: tuple[str, ...]
    kind: Ints
    enterprise: Ints
    supply: Ints
    class_min: Ints
    open: Ints
    kind_cap: Ints
    enterprise_cap: Ints
    cohort: Ints
    post: Ints
    a: Floats
    b: Floats
    score: Floats
    bound: Ints

    def __len__(self) -> int:
        return len(self.cohort)

    @cached_property
    def start(self) -> Ints:
        """Where the pairs of each cohort begin; one more entry for the end."""
        return np.searchsorted(self.cohort, np.arange(len(self.cohorts) + 1)).astype(np.int64)

    @cached_property
    def _wishes(self) -> dict[int, Ints]:
        return {}

    def wishes(self, cohort: int) -> Ints:
        """Return a cohort's pairs in the order in which it wants them: falling b, then post."""
        found = self._wishes.get(cohort)
        if found is None:
            first, last = int(self.start[cohort]), int(self.start[cohort + 1])
            found = self._wishes[cohort] = first + np.argsort(-self.b[first:last], kind="stable")
        return found

    def loads(self, seats: Ints) -> "Loads":
        """Return how full everything is under these seats by pair."""
        held = np.flatnonzero(seats)
        taken, post = seats[held], self.post[held]
        return Loads(
            cohort=_summed(self.cohort[held], taken, len(self.cohorts)),
            post=_summed(post, taken, len(self.posts)),
            kind=_summed(self.kind[post], taken, len(self.kind_cap)),
            enterprise=_summed(self.enterprise[post], taken, len(self.enterprises)),
        )

    def without(self, closed: Sequence[int]) -> "Market":
        """Return the market in which these cohorts get nothing."""
        supply = self.supply.copy()
        supply[list(closed)] = 0
        rest = replace(self, supply=supply)
        rest.__dict__.update(start=self.start, _wishes=self._wishes)
        return rest


@dataclass(frozen=True, slots=True)
class Loads:
    """Seats taken by cohort, post, kind of post and enterprise."""

    cohort: Ints
    post: Ints
    kind: Ints
    enterprise: Ints


def _summed(places: Ints, seats: Ints, count: int) -> Ints:
    return np.bincount(places, weights=seats, minlength=count).astype(np.int64)


def surplus(score: Floats, floor: float) -> Floats:
    """Return g of each pair: its score above the floor as a share of what is above it, at nine decimals."""
    return np.round(np.maximum(0.0, score - floor) / (1 - floor), 9)
