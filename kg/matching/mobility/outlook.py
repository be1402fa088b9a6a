"""The most that edits of a talent or a need could come to, told from the ledger as it is: nobody is scored for it."""

from collections.abc import Iterable, Mapping
from typing import Final

from kg.index.talents.facts import Talent
from kg.matching.quantities import SLACK
from kg.model.answers import Factor, Side, harmonic

MOVES: Final[Mapping[str, frozenset[str]]] = {
    "visit": frozenset({"productive", "mode"}),
    "remote": frozenset({"productive", "mode"}),
    "mode": frozenset({"productive", "mode"}),
    "pay": frozenset({"pay"}),
    "week": frozenset({"productive", "mode", "slack"}),
    "skill": frozenset({"skill"}),
    "certificate": frozenset({"skill", "trade", "level"}),
}
"""The factors that read what an option edits, by kind: the chosen mode hangs on visits and weekly hours, the skill
factor on the trade that stands in for it. All others stay as they are."""


def moved_by(kinds: Iterable[str]) -> frozenset[str]:
    """Return the factors that options of these kinds can move together."""
    return frozenset[str]().union(*(MOVES[kind.partition(":")[0]] for kind in kinds))


def most(sides: Mapping[str, Side], moved: frozenset[str], talent: Talent) -> float:
    """Return a score that nothing exceeds in which only these factors have moved."""
    first, second = (
        sum(one.weight * (_limit(one, talent) if one.code in moved else one.value) for one in side.factors)
        for side in sides.values()
    )
    return harmonic(first, second) + SLACK  # the last bits of sums


def _limit(factor: Factor, talent: Talent) -> float:
    """Return how far a factor can go: no mode is worth more than the one that the talent likes best."""
    if factor.code != "mode":
        return 1.0
    return max([factor.value, *(talent.modes or {}).values()])
