"""Parsers of canonical list items (`名称=3*2`, `名称=3`, `名称=0.8`); the loaders have checked the grammar before."""

from collections.abc import Iterable
from typing import NamedTuple

from kg.index.lookups import Skills
from kg.model.answers import Evidence


class WantedSkill(NamedTuple):
    """One wanted skill: id, proficiency 1..5, weight > 0."""

    skill: str
    level: int
    weight: float


class HeldSkill(NamedTuple):
    """One held skill: id, proficiency 1..5, the share at which its basis counts, and the edge that states it."""

    skill: str
    level: int
    beta: float
    evidence: Evidence | None


def split_item(item: str) -> tuple[str, str]:
    """Split `名称=值` at its last sign; the value is "" where there is none."""
    name, sign, value = item.rpartition("=")
    return (name.strip(), value.strip()) if sign else (item.strip(), "")


class WantedSkills(dict[str, WantedSkill]):
    """Reads `名称=水平*权重` items, proficiency and weight 1 where not given; each different text once.

    Raises ValueError for an item that is not of this form (stored items always are).
    """

    def __init__(self, skills: Skills) -> None:
        """`skills` resolves the names."""
        super().__init__()
        self._skills = skills

    def __missing__(self, item: str) -> WantedSkill:
        name, value = split_item(item)
        level, _, weight = value.partition("*")
        wanted = WantedSkill(self._skills.resolve(name), int(level or 1), float(weight or 1))
        if not name or not 1 <= wanted.level <= 5 or not 0 < wanted.weight < float("inf"):
            raise ValueError(f"a wanted skill is written 名称=水平*权重 (1..5, weight > 0), got {item!r}")
        self[item] = wanted
        return wanted

    def demand(self, items: Iterable[str] | None) -> tuple[WantedSkill, ...]:
        """Return what some items want, in their order."""
        return tuple([self[item] for item in items or ()])


def skill_demand(items: Iterable[str] | None, skills: Skills) -> tuple[WantedSkill, ...]:
    """Return the wanted skills of `名称=水平*权重` items, see `WantedSkills`."""
    return WantedSkills(skills).demand(items)


def skill_levels(items: Iterable[str] | None, skills: Skills) -> tuple[tuple[str, int], ...]:
    """Return (skill id, proficiency 1..5) of `名称=水平` items, proficiency 1 where not given.

    Raises ValueError for an item that is not of this form.
    """
    return tuple((wanted.skill, wanted.level) for wanted in skill_demand(items, skills))


def weighted_items(items: Iterable[str] | None) -> tuple[tuple[str, float], ...]:
    """Return (name, share) of `名称=0.8` items, share 1 where not given; ValueError if it is no number in 0..1."""
    found: list[tuple[str, float]] = []
    for item in items or ():
        name, value = split_item(item)
        share = float(value) if value else 1.0
        if not 0 <= share <= 1:
            raise ValueError(f"a share lies in 0..1, got {item!r}")
        found.append((name, share))
    return tuple(found)
