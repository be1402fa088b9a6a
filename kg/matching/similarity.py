"""Skill cover: how far what is held covers what is wanted (`scoring.md` §1); one implementation for both questions."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from kg.index.lookups import Skills
from kg.index.parsing import HeldSkill, WantedSkill


class Cover(NamedTuple):
    """How one wanted skill is covered: 0..1, by which held skill (None: by none)."""

    wanted: WantedSkill
    value: float
    by: HeldSkill | None


def covers(skills: Skills, wanted: Sequence[WantedSkill], held: Mapping[str, HeldSkill]) -> tuple[Cover, ...]:
    """Return the cover of each wanted skill: max over held of sim * min(1, level' * beta / level)."""
    return tuple([cover_of(skills.similar(want.skill), want, held) for want in wanted])


def cover_of(near: Mapping[str, float], want: WantedSkill, held: Mapping[str, HeldSkill]) -> Cover:
    """Return the cover of a wanted skill, of which `near` tells everything similar; order of what is held does not matter."""
    best, by = 0.0, None
    for skill, similarity in near.items():
        have = held.get(skill)
        if have is None:
            continue
        share = have.level * have.beta / want.level
        value = similarity * (share if share < 1.0 else 1.0)
        if value > best or (value == best and by is not None and have.skill < by.skill):
            best, by = value, have
    return Cover(want, best, by)


def weighted_mean(values: Sequence[tuple[float, float]]) -> float | None:
    """Return the weighted mean of (weight, value) pairs; None for no pairs."""
    total = sum(weight for weight, _ in values)
    return sum(weight * value for weight, value in values) / total if total > 0 else None
