"""Groups of records that are one person: the strongest pairs first, never two different valid ID numbers in one group."""

from collections.abc import Iterable, Sequence

from kg.identity.comparing import Pair
from kg.identity.person_records import PersonRecord


class Groups:
    """Union-find over positions of records, with pairs that must stay apart."""

    def __init__(self, records: Sequence[PersonRecord], apart: Iterable[tuple[int, int]] = ()) -> None:
        self._parent = list(range(len(records)))
        self._cards = [{record.card} - {""} for record in records]
        self._registers = [{record.row.source} for record in records]
        self._members = [[place] for place in range(len(records))]
        self._apart: dict[int, set[int]] = {}
        for left, right in apart:
            self._apart.setdefault(left, set()).add(right)
            self._apart.setdefault(right, set()).add(left)
        first: dict[str, int] = {}
        for place, record in enumerate(records):
            self._join(first.setdefault(record.person, place), place)

    def find(self, place: int) -> int:
        """Return the group of a record, named by one of its positions."""
        while self._parent[place] != place:
            self._parent[place] = self._parent[self._parent[place]]
            place = self._parent[place]
        return place

    def members(self, place: int) -> list[int]:
        """Return the positions of everybody in the record's group, ascending."""
        return sorted(self._members[self.find(place)])

    def may_join(self, left: int, right: int) -> bool:
        """True unless two different valid ID numbers, or a decision to keep apart, stand between the two groups."""
        a, b = self.find(left), self.find(right)
        if len(self._cards[a] | self._cards[b]) > max(1, len(self._cards[a]), len(self._cards[b])):
            return False
        small, large = sorted((a, b), key=lambda group: len(self._members[group]))
        others = set(self._members[large])
        return not any(self._apart.get(place, set()) & others for place in self._members[small])

    def share_a_register(self, left: int, right: int) -> bool:
        """True when one register has rows in both groups: it gives two numbers, so it says two persons."""
        return not self._registers[self.find(left)].isdisjoint(self._registers[self.find(right)])

    def join(self, left: int, right: int) -> bool:
        """Make two groups one where they may be; return whether they are one now."""
        if self.find(left) == self.find(right):
            return True
        if not self.may_join(left, right):
            return False
        self._join(left, right)
        return True

    def _join(self, left: int, right: int) -> None:
        a, b = sorted((self.find(left), self.find(right)))
        if a != b:
            self._parent[b] = a
            self._cards[a] |= self._cards[b]
            self._registers[a] |= self._registers[b]
            self._members[a] += self._members[b]


def group(
    records: Sequence[PersonRecord],
    pairs: Iterable[Pair],
    *,
    from_probability: float,
    apart: Iterable[tuple[int, int]] = (),
) -> Groups:
    """Return the groups that pairs at or above that probability make, the most probable pair first.

    Two rows of one register are never joined here, however alike they are.
    """
    groups = Groups(records, apart)
    strongest = sorted(pairs, key=lambda pair: (-pair.probability, pair.left, pair.right))
    for pair in strongest:
        if pair.probability >= from_probability and not groups.share_a_register(pair.left, pair.right):
            groups.join(pair.left, pair.right)
    return groups
