"""Deferred acceptance over splittable seats (Gale and Shapley 1962; choices of laminar caps are substitutes).

Cohorts ask, enterprises hold the best seats by their own value under nested caps. Among all stable allocations the
outcome is the best one for the cohorts (with strict preferences); what an enterprise once turned down it never wants
again, so every pair is asked at most a few times.
"""

import heapq
from collections import deque

import numpy as np

from kg.matching.plans.market import Ints, Market

_BLOCK = 256
_Wish = tuple[int, int, float, int]
"""Pair, post, value to the enterprise, most seats."""
_Held = tuple[float, int]
"""Value to the enterprise, and the negative number of the pair: of equal values the earlier pair is better."""


def allocate(market: Market) -> Ints:
    """Return the seats of each pair of a stable allocation without class minima; equal values go to the earlier pair."""
    return _Run(market).settle()


class _Run:
    """One run: room left in every set, held seats by pair, and the lists of wishes read block by block.

    `bars` keep what the worst seat of a full set was worth when it last turned somebody down; standards only rise.
    """

    def __init__(self, market: Market) -> None:
        self.market = market
        self.seats: dict[int, int] = {}
        self.free: list[int] = market.supply.tolist()
        self.place: list[int] = [0] * len(self.free)
        self.read: list[int] = [0] * len(self.free)
        self.last: list[int] = np.diff(market.start).tolist()
        self.kind: list[int] = market.kind.tolist()
        self.owner: list[int] = market.enterprise.tolist()
        rooms = (market.open, market.kind_cap, market.enterprise_cap)
        self.rooms: tuple[list[int], ...] = tuple(room.tolist() for room in rooms)
        self.worst: tuple[list[list[_Held]], ...] = tuple([[] for _ in room] for room in self.rooms)
        self.bars = tuple(np.full(len(room), -np.inf) for room in self.rooms)
        self.blocks: list[list[_Wish]] = [[] for _ in self.free]

    def settle(self) -> Ints:
        """Let everybody with free seats ask until nobody wants to, in turn: fewer seats change hands than at the last's."""
        waiting = deque(number for number, free in enumerate(self.free) if free > 0)
        while waiting:
            cohort = waiting.popleft()
            while self.free[cohort] > 0:
                wish = self._next(cohort)
                if wish is None:
                    break
                waiting += self._ask(cohort, wish)
        found = np.zeros(len(self.market), dtype=np.int64)
        if self.seats:
            found[list(self.seats)] = list(self.seats.values())
        return found

    def _next(self, cohort: int) -> _Wish | None:
        """Return the pair that the cohort wants most among those whose enterprise would take a seat now.

        The place in the list moves on for good: what is turned down once is turned down always.
        """
        seats, place, block = self.seats, self.place[cohort], self.blocks[cohort]
        while True:
            while place < len(block):
                wish = block[place]
                if seats.get(wish[0], 0) < wish[3] and self._takes(wish):
                    self.place[cohort] = place
                    return wish
                place += 1
            if self.read[cohort] >= self.last[cohort]:
                self.place[cohort] = place
                return None
            block = self.blocks[cohort] = self._block(cohort)
            place = 0

    def _block(self, cohort: int) -> list[_Wish]:
        """Read on in a cohort's list, and leave out what is surely turned down: worth less than all of a full set."""
        market, start = self.market, self.read[cohort]
        self.read[cohort] += _BLOCK
        pairs = market.wishes(cohort)[start : start + _BLOCK]
        post, value = market.post[pairs], market.a[pairs]
        posts, kinds, owners = self.bars
        able = (value >= posts[post]) & (value >= kinds[market.kind[post]])
        able &= value >= owners[market.enterprise[post]]
        columns = (pairs[able], post[able], value[able], market.bound[pairs[able]])
        return list(zip(*(column.tolist() for column in columns), strict=True))

    def _takes(self, wish: _Wish) -> bool:
        """Tell whether no set around the post is full, or the innermost full one holds a worse seat."""
        pair, post, value, _ = wish
        level, number = self._full(post)
        if level < 0:
            return True
        heap = self.worst[level][number]
        while heap and not self.seats[-heap[0][1]]:
            heapq.heappop(heap)
        if heap and heap[0] < (value, -pair):
            return True
        self.bars[level][number] = heap[0][0] if heap else np.inf
        return False

    def _full(self, post: int) -> tuple[int, int]:
        """Return level and number of the innermost full set around a post, (-1, -1) without one."""
        posts, kinds, owners = self.rooms
        if posts[post] <= 0:
            return 0, post
        if kinds[self.kind[post]] <= 0:
            return 1, self.kind[post]
        return (2, self.owner[post]) if owners[self.owner[post]] <= 0 else (-1, -1)

    def _sets(self, post: int) -> tuple[int, int, int]:
        return post, self.kind[post], self.owner[post]

    def _ask(self, cohort: int, wish: _Wish) -> list[int]:
        """Take what is free, or the place of the worst seat; return the cohort that loses seats to it."""
        pair, post, _, bound = wish
        wanted = min(self.free[cohort], bound - self.seats.get(pair, 0))
        level, number = self._full(post)
        sets = self._sets(post)
        rooms = [self.rooms[inner][sets[inner]] for inner in range(3 if level < 0 else level)]
        if level < 0:
            self._add(wish, cohort, min(wanted, *rooms))
            return []
        other = -self.worst[level][number][0][1]
        there = self._sets(int(self.market.post[other]))
        rooms = [room for room, one, two in zip(rooms, sets, there, strict=False) if one != two]
        taken = min(wanted, self.seats[other], *rooms)
        self.seats[other] -= taken
        for inner, one in enumerate(there):
            self.rooms[inner][one] += taken
        loser = int(self.market.cohort[other])
        self.free[loser] += taken
        self._add(wish, cohort, taken)
        return [] if loser == cohort else [loser]

    def _add(self, wish: _Wish, cohort: int, taken: int) -> None:
        pair, post, value, _ = wish
        held = self.seats.get(pair, 0)
        for level, number in enumerate(self._sets(post)):
            self.rooms[level][number] -= taken
            if not held:
                heapq.heappush(self.worst[level][number], (value, -pair))
        self.seats[pair] = held + taken
        self.free[cohort] -= taken
