"""结构性矛盾: from an occupation with more seekers than posts to a short one, by the fewest missing skills."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kg.index.lookups import Occupation
from kg.index.parsing import HeldSkill, WantedSkill, skill_demand
from kg.index.views import View
from kg.index.world import World
from kg.matching.similarity import covers, weighted_mean


@dataclass(frozen=True, slots=True)
class Transfer:
    """A way from one occupation to another: the share of what is asked for that is there, and what is missing."""

    start: Occupation
    end: Occupation
    cover: float
    missing: tuple[str, ...]
    surplus: float
    shortage: float


def typical_skills(views: Iterable[View], world: World) -> dict[Occupation, tuple[WantedSkill, ...]]:
    """Return the typical skills of each occupation that lists some, from the rows of `occupations`."""
    found: dict[Occupation, tuple[WantedSkill, ...]] = {}
    for view in views:
        wanted = skill_demand(view.items("skills"), world.skills)
        if wanted:
            reference = (
                f"{view.text('code')}@{view.text('edition')}" if view.text("edition") else view.text("code")
            )
            found[world.occupations.resolve(reference or "")] = wanted
    return found


def transfers(
    world: World,
    skills: Mapping[Occupation, tuple[WantedSkill, ...]],
    gaps: Mapping[Occupation, float],
    *,
    k: int,
) -> list[Transfer]:
    """Return the best ways from surplus (gap < 0) to shortage (gap > 0): most cover, then the larger shortage."""
    surplus = [one for one in sorted(skills) if gaps.get(one, 0) < 0]
    short = [one for one in sorted(skills) if gaps.get(one, 0) > 0]
    found = [_transfer(world, skills, gaps, start, end) for start in surplus for end in short]
    found.sort(key=lambda one: (-round(one.cover, 9), -one.shortage, one.start, one.end))
    return [one for one in found if one.cover > 0][:k]


def _transfer(
    world: World,
    skills: Mapping[Occupation, tuple[WantedSkill, ...]],
    gaps: Mapping[Occupation, float],
    start: Occupation,
    end: Occupation,
) -> Transfer:
    held = {one.skill: HeldSkill(one.skill, one.level, 1.0, None) for one in skills[start]}
    judged = covers(world.skills, skills[end], held)
    missing = tuple(world.skills.label(one.wanted.skill) for one in judged if one.value < 1 - 1e-9)
    cover = weighted_mean([(one.wanted.weight, one.value) for one in judged]) or 0.0
    return Transfer(start, end, cover, missing, -gaps[start], gaps[end])
