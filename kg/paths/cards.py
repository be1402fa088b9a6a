"""The card of a talent: occupation, level, skills, district, hours - no name beyond the mask, no employer (contract §5)."""

from typing import Any

from kg.index.talents.facts import Talent
from kg.index.world import World
from kg.vocab.levels import LEVEL_LABELS, SkillLevel


def talent_card(talent: Talent, world: World) -> dict[str, Any]:
    """Return what an enterprise or school sees of a talent inside its own question."""
    return {
        "occupation": None if talent.occupation is None else world.occupations.name(talent.occupation),
        "level": None if talent.level is None else LEVEL_LABELS[SkillLevel(talent.level)],
        "skills": [world.skills.label(skill) for skill in sorted(talent.skills)],
        "district": world.travel.name(talent.district),
        "weekly_hours": talent.weekly_hours,
    }
