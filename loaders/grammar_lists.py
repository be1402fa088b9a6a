"""Lists of every kind (`files.md` S28): items, weights, proficiency, canonical item texts."""

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Final

from kg.schema import Column, ColumnType
from kg.text import fold
from loaders.grammar_codes import parse_code
from loaders.grammar_numbers import number_text
from loaders.grammar_text import NAME_LIMIT, TEXT_LIMIT, fold_width, too_long, without_white
from loaders.grammar_words import mode_key, unknown_mode
from loaders.parsed import ParsedCell, Problem, rejected

_SEPARATORS: Final = re.compile(r"[;；、\n\r]+")
_SUSPICIOUS: Final = re.compile(r"[,，|/]")
_SIGNS: Final = str.maketrans({"＝": "=", "＊": "*", "×": "*"})
_WEIGHT: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)(%?)")
_SHARE: Final = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?)(%?)")
_PROFICIENCY: Final = re.compile(r"([1-5])(?:\.0+)?")
_ADVICE: Final = {
    ColumnType.WEIGHTED_LIST: "应写成 名称=值（0 到 1），各项用分号隔开",
    ColumnType.WEIGHTED_MODE_LIST: "应写成 方式=意愿（0 到 1），各项用分号隔开",
    ColumnType.SKILL_LIST: "应写成 名称=水平（1 到 5 的整数），各项用分号隔开",
    ColumnType.SKILL_DEMAND: "应写成 名称=水平*权重（水平 1 到 5，权重大于 0），各项用分号隔开",
}


class BadItemError(ValueError):
    """An item that rejects the whole cell; `cell` is the rejection."""

    def __init__(self, cell: ParsedCell) -> None:
        super().__init__(cell.reject)
        self.cell = cell


def parse_list(text: str, column: Column) -> ParsedCell:
    """Return the items of a list cell in canonical form; one bad item rejects the cell."""
    if len(text) > TEXT_LIMIT:
        return too_long(TEXT_LIMIT)
    try:
        if column.type in {ColumnType.LIST, ColumnType.CHOICE_LIST}:
            longest = NAME_LIMIT if column.refers_to else TEXT_LIMIT
            return _with_warnings(_unique(_items(text, longest)), text)
        if column.type is ColumnType.CODE_LIST:
            return ParsedCell(_unique(_code(item, column) for item in _items(text)) or None)
        if column.type is ColumnType.MODE_LIST:
            return ParsedCell(_unique(_mode(item, column) for item in _items(text)) or None)
        return _with_warnings(_pairs(text, column), text if _is_free(column) else "")
    except BadItemError as error:
        return error.cell


def list_items(text: str) -> list[str]:
    """Return the items of a list cell as they stand, without empty ones."""
    return [item for part in _SEPARATORS.split(text) if (item := part.strip())]


def _items(text: str, longest: int = NAME_LIMIT) -> list[str]:
    """Return the items of a cell; those that name or refer to something are as short as names and codes (S31)."""
    items = list_items(text)
    if any(len(item) > longest for item in items):
        raise BadItemError(rejected("too-long", f"有一项超过 {longest} 个字符，请缩短或用分号隔开"))
    return items


def _unique(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))


def _is_free(column: Column) -> bool:
    return column.type in {ColumnType.SKILL_LIST, ColumnType.SKILL_DEMAND}


def _with_warnings(items: tuple[str, ...], text: str) -> ParsedCell:
    suspicious = _SUSPICIOUS.search(text)
    if suspicious is None:
        return ParsedCell(items or None)
    message = f"含有“{suspicious[0]}”，已作为一项的内容；如果是两项，请改用分号隔开"
    return ParsedCell(items or None, None, (Problem("suspicious-separator", message),))


def _code(item: str, column: Column) -> str:
    parsed = parse_code(item, column)
    if parsed.reject is not None:
        raise BadItemError(parsed)
    return str(parsed.value)


def _mode(item: str, column: Column) -> str:
    key = mode_key(item, column.modes)
    if key is None:
        raise BadItemError(unknown_mode(column))
    return key


def _pairs(text: str, column: Column) -> tuple[str, ...]:
    """Return `name=value` items; the same name twice with different values is refused."""
    split = _SPLITTERS[column.type]
    found: dict[str, tuple[str, str]] = {}
    for item in _items(text.translate(_SIGNS)):
        name, value = split(item, column)
        if name == "":
            raise _bad(column)
        if found.setdefault(fold(name), (name, value))[1] != value:
            raise BadItemError(rejected("bad-list", f"“{name}”出现了两次而且值不同，请只留一个"))
    return tuple(f"{name}={value}" for name, value in found.values())


def _bad(column: Column) -> BadItemError:
    return BadItemError(rejected("bad-list", _ADVICE[column.type]))


def _name_and_value(item: str, column: Column) -> tuple[str, str | None]:
    name, *values = (part.strip() for part in item.split("="))
    if len(values) > 1 or values == [""] or name == "":
        raise _bad(column)
    return name, fold_width(without_white(values[0])) if values else None


def _weighted(item: str, column: Column) -> tuple[str, str]:
    name, value = _name_and_value(item, column)
    if column.refers_to:
        name = _code(name, column)
    elif column.modes:
        name = _mode(name, column)
    if value is None:
        return name, "1"
    match = _SHARE.fullmatch(value)
    if match is None:
        raise _bad(column)
    weight = Decimal(match[1]) / (100 if match[2] else 1)
    if not 0 <= weight <= 1:
        raise BadItemError(rejected("out-of-range", "权重应在 0 到 1 之间，请核对后重填"))
    return name, number_text(weight)


def _skill(item: str, column: Column) -> tuple[str, str]:
    name, value = _name_and_value(item, column)
    if "*" in name:
        raise _bad(column)
    return name, _proficiency(value, column)


def _proficiency(value: str | None, column: Column) -> str:
    match = _PROFICIENCY.fullmatch("1" if value is None else value)
    if match is None:
        raise _bad(column)
    return match[1]


def _demanded_skill(item: str, column: Column) -> tuple[str, str]:
    name, value = _name_and_value(item, column)
    head, *weights = (value if value is not None else name).split("*")
    if len(weights) > 1:
        raise _bad(column)
    weight = "1" if not weights else fold_width(without_white(weights[0]))
    match = _WEIGHT.fullmatch(weight)
    if match is None or match[2] or not Decimal(match[1]):
        raise _bad(column)
    weight = number_text(Decimal(match[1]))
    if value is None:
        return head.strip(), f"1*{weight}"
    if "*" in name:
        raise _bad(column)
    return name, f"{_proficiency(head, column)}*{weight}"


_SPLITTERS: Final[dict[ColumnType, Callable[[str, Column], tuple[str, str]]]] = {
    ColumnType.WEIGHTED_LIST: _weighted,
    ColumnType.WEIGHTED_MODE_LIST: _weighted,
    ColumnType.SKILL_LIST: _skill,
    ColumnType.SKILL_DEMAND: _demanded_skill,
}
