"""Closed vocabularies: levels, modes and choices. Code on the left, Chinese label as data on the right."""

from kg.vocab.levels import EXIT_LEVELS, LEVEL_LABELS, SkillLevel, level_of
from kg.vocab.modes import COOPERATION_MODES, ENGAGEMENT_MODES, SEAT_MODES

__all__ = [
    "COOPERATION_MODES",
    "ENGAGEMENT_MODES",
    "EXIT_LEVELS",
    "LEVEL_LABELS",
    "SEAT_MODES",
    "SkillLevel",
    "level_of",
]
