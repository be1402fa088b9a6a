"""The most seats that a closed class could get together in one enterprise, found by trying numbers of seats by post.

For given numbers the seats that must go are chosen from the worst upwards, post by post, then by kind, then in the
enterprise: nobody can choose worse ones. They can be replaced when, both sorted, each is worth less than its successor.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

EPSILON: Final = 1e-9
MOST_TRIED: Final = 20_000


class Offer(NamedTuple):
    """Equal seats: post, value to the enterprise, how many."""

    post: int
    value: float
    number: int


class TooManyError(Exception):
    """There are too many numbers of seats to try."""


def greatest_together(
    wanted: Sequence[Offer],
    held: Sequence[Offer],
    open_: Sequence[int],
    kind: Sequence[int],
    kind_cap: Sequence[int],
    cap: int,
) -> int:
    """Return the greatest number of wanted seats that fit together, each in free room or in place of a worse one.

    Raises TooManyError after `MOST_TRIED` tries.
    """
    caps = _Caps(held, open_, kind, kind_cap, cap)
    best = tried = 0

    def search(place: int, chosen: list[Offer], taken: int) -> None:
        nonlocal best, tried
        if place == len(wanted):
            tried += 1
            if tried > MOST_TRIED:
                raise TooManyError
            if taken > best and caps.fits(chosen):
                best = taken
            return
        rest = sum(one.number for one in wanted[place + 1 :])
        for count in range(min(wanted[place].number, cap - taken), -1, -1):
            if min(cap, taken + count + rest) <= best:
                return
            search(place + 1, [*chosen, wanted[place]._replace(number=count)], taken + count)

    search(0, [], 0)
    return best


class _Caps:
    """The seats that an enterprise holds, and what binds them."""

    def __init__(
        self,
        held: Sequence[Offer],
        open_: Sequence[int],
        kind: Sequence[int],
        kind_cap: Sequence[int],
        cap: int,
    ) -> None:
        self.held = sorted(held, key=lambda one: one.value)
        self.open, self.kind, self.kind_cap, self.cap = open_, kind, kind_cap, cap

    def fits(self, chosen: Sequence[Offer]) -> bool:
        """Tell whether these seats can come: the caps hold after worse ones have gone."""
        coming = [one for one in chosen if one.number > 0]
        posts = {one.post for one in coming}
        kinds = {self.kind[post] for post in posts}
        everywhere = posts | {one.post for one in self.held}
        sets = [
            *(({post}, self.open[post]) for post in sorted(posts)),
            *(
                ({post for post in everywhere if self.kind[post] == kind}, self.kind_cap[kind])
                for kind in sorted(kinds)
            ),
            (everywhere, self.cap),
        ]
        left = [one.number for one in self.held]
        gone: list[float] = []
        for inside, cap in sets:
            load = sum(one.number for one in coming if one.post in inside)
            load += sum(n for one, n in zip(self.held, left, strict=True) if one.post in inside)
            if not self._let_go(inside, load - cap, left, gone):
                return False
        values = sorted((one.value for one in coming for _ in range(one.number)), reverse=True)
        gone.sort(reverse=True)
        return len(gone) <= len(values) and all(
            old < new - EPSILON for old, new in zip(gone, values, strict=False)
        )

    def _let_go(self, inside: set[int], excess: int, left: list[int], gone: list[float]) -> bool:
        """Take the worst seats of some posts away until the cap holds; False if there are not enough."""
        for place, one in enumerate(self.held):
            if excess <= 0:
                break
            if one.post in inside and left[place]:
                taken = min(excess, left[place])
                left[place] -= taken
                excess -= taken
                gone += [one.value] * taken
        return excess <= 0
