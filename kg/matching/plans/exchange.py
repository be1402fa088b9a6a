"""How many seats of one closed class an enterprise would take together, each in free room or in place of a worse seat.

The seats that come and the seats that go must keep all caps (post, kind, enterprise), and each seat that goes is
replaced by one that is worth more. Both conditions are nested families of sets, so the greatest number is a greatest
circulation, which cancelling of cycles finds in whole numbers.
"""

from collections.abc import Hashable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from kg.matching.plans.market import INDIFFERENT

_ENDLESS = 1 << 40


class Seat(NamedTuple):
    """Some equal seats: their post, what each is worth to the enterprise, how many."""

    post: int
    value: float
    number: int


def most_together(
    wanted: Sequence[Seat],
    held: Sequence[Seat],
    kind: Mapping[int, int],
    rooms: Mapping[int, tuple[int, int]],
    free: int,
) -> int:
    """Return the greatest number of wanted seats; `rooms` are free seats of post and kind, `free` of the enterprise."""
    net = _Net()
    levels = sorted({seat.value for seat in (*wanted, *held)}, reverse=True)
    net.arc("out", "firm", free)
    net.arc("firm", "out", _ENDLESS)
    for number in sorted({kind[seat.post] for seat in (*wanted, *held)}):
        room = next(rooms[post][1] for post in rooms if kind[post] == number)
        net.arc("firm", ("kind", number), room)
        net.arc(("kind", number), "firm", _ENDLESS)
    for post in sorted({seat.post for seat in (*wanted, *held)}):
        net.arc(("kind", kind[post]), ("post", post), rooms[post][0])
        net.arc(("post", post), ("kind", kind[post]), _ENDLESS)
    for upper, lower in pairwise(levels):
        net.arc(("level", upper), ("level", lower), _ENDLESS)
    net.arc(("level", levels[-1]), "out", _ENDLESS)
    counted = [net.arc(("post", seat.post), ("level", seat.value), seat.number, worth=1) for seat in wanted]
    for seat in held:
        below = next((level for level in reversed(levels) if level > seat.value + INDIFFERENT), None)
        if below is not None:
            net.arc(("level", below), ("post", seat.post), seat.number)
    net.circulate()
    return sum(net.room[arc + 1] for arc in counted)


class _Net:
    """A network; arc `i ^ 1` takes arc `i` back."""

    def __init__(self) -> None:
        self.names: dict[Hashable, int] = {}
        self.start: list[int] = []
        self.end: list[int] = []
        self.room: list[int] = []
        self.worth: list[int] = []

    def arc(self, start: Hashable, end: Hashable, room: int, worth: int = 0) -> int:
        """Add an arc and return its number."""
        one, other = (self.names.setdefault(name, len(self.names)) for name in (start, end))
        self.start += [one, other]
        self.end += [other, one]
        self.room += [max(0, room), 0]
        self.worth += [worth, -worth]
        return len(self.room) - 2

    def circulate(self) -> None:
        """Push along cycles that are worth something until there is none."""
        while (cycle := self._cycle()) is not None:
            amount = min(self.room[arc] for arc in cycle)
            for arc in cycle:
                self.room[arc] -= amount
                self.room[arc ^ 1] += amount

    def _cycle(self) -> list[int] | None:
        """Return the arcs of a cycle with room and worth above 0 (Bellman and Ford), None if there is none."""
        size = len(self.names)
        reach, came = [0] * size, [-1] * size
        arcs = [arc for arc, room in enumerate(self.room) if room > 0]
        changed = -1
        for _ in range(size + 1):
            changed = -1
            for arc in arcs:
                better = reach[self.start[arc]] + self.worth[arc]
                if better > reach[self.end[arc]]:
                    reach[self.end[arc]], came[self.end[arc]] = better, arc
                    changed = self.end[arc]
            if changed < 0:
                return None
        for _ in range(size):
            changed = self.start[came[changed]]
        cycle, node = [came[changed]], self.start[came[changed]]
        while node != changed:
            cycle.append(came[node])
            node = self.start[came[node]]
        return cycle
