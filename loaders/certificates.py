"""Certificate numbers by the scheme that made them (`files.md` S26): an unknown scheme is not an invalid number.

Each scheme says what can be read off a number of its; the next scheme is one more entry. No scheme has a check digit,
so a well-formed number proves nothing about existence.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kg.model.graph import MASKED, Value
from kg.vocab.levels import LEVEL_LABELS, SkillLevel

UNVERIFIED: Final = "未核实"
"""The basis of a certificate row whose number is of no known scheme or says something else than the row."""

_LEVEL_OF_DIGIT: Final = {
    "5": SkillLevel.JUNIOR,
    "4": SkillLevel.INTERMEDIATE,
    "3": SkillLevel.SENIOR,
    "2": SkillLevel.TECHNICIAN,
    "1": SkillLevel.SENIOR_TECHNICIAN,
}
"""The level digit of level certificates runs against the order of the levels: 1 is the highest."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """One way of numbering certificates: its key, the form of the whole number, and where year and level stand.

    `year` is the place (from 0) of two digits of the year of issue, `level` that of the level digit; None: not told.
    """

    key: str
    form: re.Pattern[str]
    year: int | None = None
    level: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a number says: its scheme, the level's Chinese name (None: not told, "" for a digit of no level), the year."""

    scheme: str
    level: str | None
    year: str | None


SCHEMES: Final = (
    Scheme("level-22", re.compile(r"[YS][0-9]{21}"), year=13, level=15),
    Scheme("special-22", re.compile(r"[A-Z]{2}[0-9]{20}")),
    Scheme("legacy-16", re.compile(r"[0-9]{16}")),
)
"""Level certificates of employers (Y) and evaluators (S); special technicians; the state certificates before them."""


def read_number(number: str) -> Reading | None:
    """Return what a folded number says, None where no known scheme made it."""
    for scheme in SCHEMES:
        if scheme.form.fullmatch(number):
            year = None if scheme.year is None else number[scheme.year : scheme.year + 2]
            return Reading(scheme.key, None if scheme.level is None else _level(number[scheme.level]), year)
    return None


def contradictions(values: Mapping[str, Value]) -> tuple[str, ...]:
    """Return the columns of a certificate row ("level", "issued") that its number contradicts."""
    number, level, issued = (values.get(key) for key in ("number", "level", "issued"))
    told = read_number(number) if isinstance(number, str) else None
    if told is None:
        return ()
    found = []
    if told.level is not None and isinstance(level, str) and level != MASKED and told.level != level:
        found.append("level")
    if told.year is not None and isinstance(issued, str) and issued != MASKED and issued[2:4] != told.year:
        found.append("issued")
    return tuple(found)


def basis_of(values: Mapping[str, Value]) -> str:
    """Return `UNVERIFIED` for a certificate row whose number is doubtful, else ""; without a number nothing is doubted."""
    number = values.get("number")
    if not isinstance(number, str) or MASKED in number:
        return ""
    return UNVERIFIED if read_number(number) is None or contradictions(values) else ""


def _level(digit: str) -> str:
    level = _LEVEL_OF_DIGIT.get(digit)
    return "" if level is None else LEVEL_LABELS[level]
