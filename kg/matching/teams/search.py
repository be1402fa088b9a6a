"""The smallest team that covers every wanted skill, gives the hours and takes no firm's people beyond its limit.

Exact by branch and bound over what can matter: of people who cover the same skills, only those are kept that fewer
others (of other firms) equal or beat in hours and travel than a team has places; whoever is left out could always be
exchanged for one of those. Where the search would take too long it stops and says so, with a bound.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final

MOST_STEPS: Final = 200_000
"""Partial teams that are looked at before the search gives the best found with a bound."""
_SLACK: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Member:
    """One who could be in the team: the skills covered (bits), free hours, travel hours, and the firm (None: none)."""

    key: str
    skills: int
    hours: float
    travel: float
    firm: str | None


@dataclass(frozen=True, slots=True)
class Team:
    """A team: `exact` when no smaller one and none of less travel exists, else `bound` is the least possible size."""

    members: tuple[Member, ...]
    exact: bool
    bound: int

    @property
    def hours(self) -> float:
        """Free hours of all."""
        return sum(member.hours for member in self.members)

    @property
    def travel(self) -> float:
        """Hours on the road of all."""
        return sum(member.travel for member in self.members)


@dataclass(slots=True)
class _Search:
    wanted: int
    hours: float
    per_firm: int
    size: int
    least: Mapping[int, int]
    acquainted: Collection[frozenset[str]]
    steps: int = 0
    best: tuple[float, int, tuple[str, ...]] | None = None
    team: tuple[Member, ...] = ()
    stopped: bool = False
    by_skill: dict[int, list[Member]] = field(default_factory=dict)
    by_hours: list[Member] = field(default_factory=list)

    def walk(self, team: tuple[Member, ...], covered: int, hours: float, travel: float) -> None:
        self.steps += 1
        if self.steps > MOST_STEPS:
            self.stopped = True
            return
        missing = self.wanted & ~covered
        left = self.size - len(team)
        if not missing and hours >= self.hours - _SLACK:
            self._keep(team, travel)
            return
        if not left or self.least.get(missing, left + 1) > left or self._too_far(travel):
            return
        for member in self._next(missing, hours, left):
            if member in team or not self._fits(team, member):
                continue
            if missing or not team or _fewer_hours(team[-1], member) or self._filled(team):
                self.walk(
                    (*team, member), covered | member.skills, hours + member.hours, travel + member.travel
                )
            if self.stopped:
                return

    def _next(self, missing: int, hours: float, left: int) -> Sequence[Member]:
        """Return who can come next: who covers the rarest missing skill, else whoever gives hours, most first.

        Who only gives hours comes in falling order: the first of those left must give at least the mean of what lacks.
        """
        if missing:
            bits = [1 << place for place in range(missing.bit_length()) if missing >> place & 1]
            return self.by_skill[min(bits, key=lambda bit: (len(self.by_skill[bit]), bit))]
        lacking = self.hours - hours
        return [one for one in self.by_hours if one.hours * left >= lacking - _SLACK]

    def _filled(self, team: tuple[Member, ...]) -> bool:
        """True right after the skills were covered: who only gives hours may come in any order after that."""
        covered = 0
        for member in team[:-1]:
            covered |= member.skills
        return bool(self.wanted & ~covered)

    def _fits(self, team: tuple[Member, ...], member: Member) -> bool:
        return member.firm is None or sum(one.firm == member.firm for one in team) < self.per_firm

    def _too_far(self, travel: float) -> bool:
        return self.best is not None and travel > self.best[0] + _SLACK

    def _keep(self, team: tuple[Member, ...], travel: float) -> None:
        strangers = -sum(frozenset((a.key, b.key)) in self.acquainted for a, b in combinations(team, 2))
        rank = (round(travel, 9), strangers, tuple(sorted(member.key for member in team)))
        if self.best is None or rank < self.best:
            self.best, self.team = rank, team


def smallest_team(
    people: Iterable[Member],
    *,
    wanted: int,
    hours: float,
    per_firm: int,
    most: int,
    acquainted: Collection[frozenset[str]] = frozenset(),
) -> Team | None:
    """Return the team with fewest members, then least travel, then most pairs who know each other.

    `wanted` are the skills as bits, `hours` what all together must have free, `per_firm` how many of one employer,
    `most` the largest team. None where no team within `most` does it.
    """
    useful = [one for one in people if one.skills & wanted or one.hours > 0]
    members = _worthwhile(useful, wanted, most, {key for pair in acquainted for key in pair})
    by_skill = {
        1 << place: [one for one in members if one.skills >> place & 1]
        for place in range(wanted.bit_length())
        if wanted >> place & 1
    }
    if any(not found for found in by_skill.values()):
        return None
    least = _least_sizes({one.skills & wanted for one in members}, wanted)
    first = max(least.get(wanted, most + 1), _least_by_hours(members, hours), 1)
    for size in range(first, most + 1):
        search = _Search(wanted, hours, per_firm, size, least, acquainted)
        search.by_skill = {bit: sorted(found, key=_near_first) for bit, found in by_skill.items()}
        search.by_hours = sorted(members, key=_near_first)
        search.walk((), 0, 0.0, 0.0)
        if search.team or search.stopped:
            return (
                Team(_in_order(search.team), exact=not search.stopped, bound=first)
                if search.team
                else _greedy(members, wanted, hours, per_firm, most, first)
            )
    return None


def _fewer_hours(before: Member, member: Member) -> bool:
    """True where a member may follow another: of the same people in another order only one is looked at."""
    return (-member.hours, member.key) > (-before.hours, before.key)


def _near_first(member: Member) -> tuple[float, float, str]:
    return member.travel, -member.hours, member.key


def _in_order(team: Iterable[Member]) -> tuple[Member, ...]:
    return tuple(sorted(team, key=lambda member: member.key))


def _worthwhile(
    people: list[Member], wanted: int, most: int, acquainted: Collection[str] = frozenset()
) -> list[Member]:
    """Return who can matter: beaten by fewer others of different firms than a team has places.

    Who knows somebody is beaten by less travel only: among equals the acquainted are preferred.
    """
    order = sorted(people, key=lambda one: (one.travel, -one.hours, one.key))
    kept: list[Member] = []
    for one in order:
        better: set[str] = set()
        for other in kept:
            nearer = other.travel < one.travel or one.key not in acquainted
            if (
                nearer
                and (other.skills & one.skills & wanted) == one.skills & wanted
                and other.hours >= one.hours
            ):
                better.add(other.firm or other.key)
                if len(better) >= most:
                    break
        else:
            kept.append(one)
    return kept


def _least_sizes(masks: Collection[int], wanted: int) -> dict[int, int]:
    """Return for every set of missing skills how many people are needed at least, whoever they work for."""
    subsets = [part for part in range(wanted + 1) if part & ~wanted == 0]
    least = {0: 0}
    useful = [mask for mask in masks if mask]
    for part in subsets[1:]:
        found = [least[part & ~mask] for mask in useful if part & mask and part & ~mask in least]
        if found:
            least[part] = 1 + min(found)
    return least


def _least_by_hours(members: Sequence[Member], hours: float) -> int:
    total, count = 0.0, 0
    for member in sorted(members, key=lambda one: -one.hours):
        if total >= hours - _SLACK:
            break
        total += member.hours
        count += 1
    return count


def _greedy(
    members: Sequence[Member], wanted: int, hours: float, per_firm: int, most: int, bound: int
) -> Team | None:
    """Return a team by taking whoever covers most of what is missing; used where the exact search stopped."""
    team: list[Member] = []
    while len(team) < most:
        covered = 0
        for one in team:
            covered |= one.skills
        missing = wanted & ~covered
        if not missing and sum(one.hours for one in team) >= hours - _SLACK:
            return Team(_in_order(team), exact=False, bound=bound)
        free = [
            one
            for one in members
            if one not in team
            and (one.firm is None or sum(other.firm == one.firm for other in team) < per_firm)
            and (not missing or one.skills & missing)
        ]
        if not free:
            return None
        team.append(
            min(
                free,
                key=lambda one: (
                    -(one.skills & missing).bit_count(),
                    -one.hours if not missing else one.travel,
                    one.key,
                ),
            )
        )
    return None
