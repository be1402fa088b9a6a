"""Levels, choices, yes and no, modes (`files.md` S21, S28, S38)."""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from kg.schema import Column
from kg.vocab.levels import LEVEL_LABELS, NO_LEVEL_REQUIRED, PREPARATORY_TECHNICIAN, SkillLevel
from loaders.grammar_text import without_white
from loaders.parsed import ParsedCell, rejected

_GRADES: Final[Mapping[SkillLevel, tuple[str, ...]]] = {
    SkillLevel.JUNIOR: ("五", "5", "V"),
    SkillLevel.INTERMEDIATE: ("四", "4", "IV"),
    SkillLevel.SENIOR: ("三", "3", "III"),
    SkillLevel.TECHNICIAN: ("二", "2", "II"),
    SkillLevel.SENIOR_TECHNICIAN: ("一", "1", "I"),
}
_PREFIXES: Final = ("国家职业资格", "职业资格", "职业技能等级")
_BARE_GRADE: Final = re.compile(r"[0-9]+(?:\.0+)?|[IVXivx]+")
_YES: Final = frozenset({"是", "有", "1", "true", "√", "✓", "y", "yes"})
_NO: Final = frozenset({"否", "无", "0", "false", "×", "n", "no"})


@lru_cache(maxsize=1)
def _level_forms() -> Mapping[str, str]:
    forms = {label: label for label in (*LEVEL_LABELS.values(), PREPARATORY_TECHNICIAN, NO_LEVEL_REQUIRED)}
    for level, numerals in _GRADES.items():
        name = LEVEL_LABELS[level]
        for grade in (f"{numeral}级" for numeral in numerals):
            pairs = ("{g}", "{g}/{n}", "{n}/{g}", "{n}({g})", "{g}({n})", "{g}{n}")
            forms |= {pair.format(g=grade, n=name): name for pair in pairs}
    return forms


def parse_level(text: str, column: Column) -> ParsedCell:
    """Return the Chinese name of a skill level; `column.choices` limit it (培养层次) or add 无要求."""
    spelled = without_white(unicodedata.normalize("NFKC", text))
    if _BARE_GRADE.fullmatch(spelled):
        return rejected("ambiguous-level", "只有数字，分不清是几级，请填等级名称，如 高级工 或 三级")
    for prefix in _PREFIXES:
        if spelled.startswith(prefix):
            spelled = spelled.removeprefix(prefix)
            break
    level = _level_forms().get(spelled)
    allowed = column.choices or tuple(LEVEL_LABELS.values())
    if level is None or level not in allowed:
        return rejected("bad-level", f"不是可识别的等级，请填 {'、'.join(allowed)} 之一")
    return ParsedCell(level)


def fold_word(text: str) -> str:
    """Return the form in which words of a closed list are compared."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def parse_choice(text: str, column: Column) -> ParsedCell:
    """Return one of the listed words, exactly as listed."""
    if text in column.choices:
        return ParsedCell(text)
    word = fold_word(text)
    for choice in column.choices:
        if fold_word(choice) == word:
            return ParsedCell(choice)
    return rejected("bad-choice", f"不在可选项中，请填 {'、'.join(column.choices)} 之一")


def parse_yes_no(text: str) -> ParsedCell:
    """Return True or False."""
    word = fold_word(text)
    if word in _YES:
        return ParsedCell(True)  # noqa: FBT003 - the value of the cell
    if word in _NO:
        return ParsedCell(False)  # noqa: FBT003 - the value of the cell
    return rejected("bad-yes-no", "请填 是 或 否")


def mode_key(text: str, modes: Mapping[str, str]) -> str | None:
    """Return the key of a mode given by key or name, None when there is none."""
    if text in modes:
        return text
    word = fold_word(text)
    return next((key for key, name in modes.items() if word in {key, fold_word(name)}), None)


def parse_mode(text: str, column: Column) -> ParsedCell:
    """Return the key of one mode."""
    key = mode_key(text, column.modes)
    return unknown_mode(column) if key is None else ParsedCell(key)


def unknown_mode(column: Column) -> ParsedCell:
    """Return the rejection of a mode that is not in the list of the column."""
    return rejected("unknown-mode", f"不是可识别的方式，请填 {'、'.join(column.modes.values())} 之一")
