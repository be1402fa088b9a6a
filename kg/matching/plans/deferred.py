"""Deferred acceptance over splittable seats (Gale and Shapley 1962; choices of laminar caps are substitutes).

Cohorts ask, enterprises hold the best seats by their own value under nested caps. Among all stable allocations the
outcome is the best one for the cohorts (with strict preferences); what an enterprise once turned down it never wants
again, so every pair is asked at most a few times.
"""

import heapq
from collections import deque

import numpy as np

from kg.matching.plans.market import Floats, Ints, Market

_BLOCK = 256
_Wish = tuple[int, int, float, int]
"""Pair, post, value to the enterprise, most seats."""
_Held = tuple[float, int, int, int]
"""Value to the enterprise, the negative number of the pair (of equal values the earlier pair is better), post, cohort."""


def allocate(market: Market) -> Ints:
    """Return the seats of each pair of a stable allocation without class minima; equal values go to the earlier pair."""
    return _Run(market).settle()


def _members(sets: Ints) -> list[list[int]]:
    """Return the posts of every set."""
    found: list[list[int]] = [[] for _ in range(int(sets.max(initial=-1)) + 1)]
    for post, number in enumerate(sets.tolist()):
        found[number].append(post)
    return found


class _Run:
    """One run: room left in every set, held seats by pair, and the lists of wishes read block by block.

    `bars` keep, by post, what the worst seat of a full set around it was worth when it last turned somebody down:
    standards only rise, so whoever is worth less is turned down without a look at the set.
    """

    def __init__(self, market: Market) -> None:
        self.market = market
        self.seats: dict[int, int] = {}
        self.free: list[int] = market.supply.tolist()
        self.place: list[int] = [0] * len(self.free)
        self.read: list[int] = [0] * len(self.free)
        self.last: list[int] = np.diff(market.start).tolist()
        sets = (np.arange(len(market.posts)), market.kind, market.enterprise)
        self.sets: list[tuple[int, ...]] = list(zip(*(one.tolist() for one in sets), strict=True))
        self.inside = tuple([_members(one) for one in sets])
        rooms = (market.open, market.kind_cap, market.enterprise_cap)
        self.rooms: tuple[list[int], ...] = tuple(room.tolist() for room in rooms)
        self.worst: tuple[list[list[_Held]], ...] = tuple([[] for _ in room] for room in self.rooms)
        self.bars = np.full(len(market.posts), -np.inf)
        self.bar: list[float] = self.bars.tolist()
        self.lists: list[tuple[Ints, Ints, Floats] | None] = [None] * len(self.free)
        self.blocks: list[list[_Wish]] = [[] for _ in self.free]

    def settle(self) -> Ints:
        """Let everybody with free seats ask until nobody wants to, in turn: fewer seats change hands than at the last's.

        The outcome is the same in any order.
        """
        waiting = deque(number for number in self._turns() if self.free[number] > 0)
        while waiting:
            cohort = waiting.popleft()
            while self.free[cohort] > 0:
                wish = self._next(cohort)
                if wish is None:
                    break
                waiting += self._ask(cohort, *wish)
        found = np.zeros(len(self.market), dtype=np.int64)
        if self.seats:
            found[list(self.seats)] = list(self.seats.values())
        return found

    def _turns(self) -> list[int]:
        """Return the cohorts, those first that are worth most to enterprises: fewer of them lose seats again."""
        count, pairs = len(self.free), self.market.cohort
        worth = np.bincount(pairs, self.market.a, count) / np.maximum(1, np.bincount(pairs, minlength=count))
        turns: list[int] = np.argsort(-worth, kind="stable").tolist()
        return turns

    def _next(self, cohort: int) -> tuple[_Wish, int, int] | None:
        """Return the pair that the cohort wants most among those whose enterprise would take a seat now, and what is full.

        The place in the list moves on for good: what is turned down once is turned down always.
        """
        seats, bar, place, block = self.seats, self.bar, self.place[cohort], self.blocks[cohort]
        while True:
            while place < len(block):
                wish = pair, post, value, bound = block[place]
                if value >= bar[post] and seats.get(pair, 0) < bound:
                    level, number = self._full(post)
                    if level < 0 or self._better(wish, level, number):
                        self.place[cohort] = place
                        return wish, level, number
                place += 1
            if self.read[cohort] >= self.last[cohort]:
                self.place[cohort] = place
                return None
            block = self.blocks[cohort] = self._block(cohort)
            place = 0

    def _block(self, cohort: int) -> list[_Wish]:
        """Read on in a cohort's list, and leave out what is surely turned down: worth less than all of a full set."""
        start = self.read[cohort]
        self.read[cohort] = end = start + _BLOCK
        pairs, posts, values = (column[start:end] for column in self._list(cohort))
        able = np.flatnonzero(values >= self.bars[posts])
        pairs = pairs[able]
        columns = (pairs, posts[able], values[able], self.market.bound[pairs])
        return list(zip(*(column.tolist() for column in columns), strict=True))

    def _list(self, cohort: int) -> tuple[Ints, Ints, Floats]:
        """Return pairs, posts and values to the enterprise in the order in which a cohort wants them."""
        found = self.lists[cohort]
        if found is None:
            pairs = self.market.wishes(cohort)
            found = self.lists[cohort] = pairs, self.market.post[pairs], self.market.a[pairs]
        return found

    def _better(self, wish: _Wish, level: int, number: int) -> bool:
        """Tell whether a full set holds a seat that is worth less; if not, raise the bar of all its posts."""
        pair, _, value, _ = wish
        heap = self.worst[level][number]
        while heap and not self.seats[-heap[0][1]]:
            heapq.heappop(heap)
        if heap and heap[0][:2] < (value, -pair):
            return True
        least = heap[0][0] if heap else np.inf
        for post in self.inside[level][number]:
            if self.bar[post] < least:
                self.bar[post] = self.bars[post] = least
        return False

    def _full(self, post: int) -> tuple[int, int]:
        """Return level and number of the innermost full set around a post, (-1, -1) without one."""
        for level, number in enumerate(self.sets[post]):
            if self.rooms[level][number] <= 0:
                return level, number
        return -1, -1

    def _ask(self, cohort: int, wish: _Wish, level: int, number: int) -> list[int]:
        """Take what is free, or the place of the worst seat of a full set; return the cohort that loses seats to it."""
        pair, post, _, bound = wish
        taken = min(self.free[cohort], bound - self.seats.get(pair, 0))
        if level < 0:
            taken = min(taken, *(room[one] for room, one in zip(self.rooms, self.sets[post], strict=True)))
            self._add(wish, cohort, taken)
            return []
        _, other, there, loser = self.worst[level][number][0]
        taken = min(taken, self.seats[-other])
        for room, one, two in zip(self.rooms[:level], self.sets[post], self.sets[there], strict=False):
            if one != two:
                taken = min(taken, room[one])
        self.seats[-other] -= taken
        for room, two in zip(self.rooms, self.sets[there], strict=True):
            room[two] += taken
        self.free[loser] += taken
        self._add(wish, cohort, taken)
        return [] if loser == cohort else [loser]

    def _add(self, wish: _Wish, cohort: int, taken: int) -> None:
        pair, post, value, _ = wish
        sets, held = self.sets[post], self.seats.get(pair, 0)
        for room, number in zip(self.rooms, sets, strict=True):
            room[number] -= taken
        if not held:
            entry = (value, -pair, post, cohort)
            for heaps, number in zip(self.worst, sets, strict=True):
                heapq.heappush(heaps[number], entry)
        self.seats[pair] = held + taken
        self.free[cohort] -= taken
