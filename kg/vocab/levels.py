"""The eight national vocational skill levels (新八级工) and the exit levels of technician colleges."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Final


class SkillLevel(IntEnum):
    """National vocational skill levels, ordered: a chief technician outranks a technician."""

    APPRENTICE = 0
    JUNIOR = 1
    INTERMEDIATE = 2
    SENIOR = 3
    TECHNICIAN = 4
    SENIOR_TECHNICIAN = 5
    SPECIAL_TECHNICIAN = 6
    CHIEF_TECHNICIAN = 7


LEVEL_LABELS: Final[Mapping[SkillLevel, str]] = {
    SkillLevel.APPRENTICE: "学徒工",
    SkillLevel.JUNIOR: "初级工",
    SkillLevel.INTERMEDIATE: "中级工",
    SkillLevel.SENIOR: "高级工",
    SkillLevel.TECHNICIAN: "技师",
    SkillLevel.SENIOR_TECHNICIAN: "高级技师",
    SkillLevel.SPECIAL_TECHNICIAN: "特级技师",
    SkillLevel.CHIEF_TECHNICIAN: "首席技师",
}
LEVEL_BY_LABEL: Final[Mapping[str, SkillLevel]] = {label: level for level, label in LEVEL_LABELS.items()}
PREPARATORY_TECHNICIAN: Final = "预备技师"
NO_LEVEL_REQUIRED: Final = "无要求"
EXIT_LEVELS: Final[Mapping[str, SkillLevel]] = {
    "中级工": SkillLevel.INTERMEDIATE,
    "高级工": SkillLevel.SENIOR,
    PREPARATORY_TECHNICIAN: SkillLevel.SENIOR,
}


def level_of(label: str | None) -> SkillLevel | None:
    """Return the level of a stored Chinese label; None for absent, masked, or 无要求."""
    if label is None:
        return None
    return LEVEL_BY_LABEL.get(label) if label != PREPARATORY_TECHNICIAN else SkillLevel.SENIOR
