"""Numbers, years and quarters (`files.md` S19, S39): exact decimal arithmetic, nothing guessed."""

import re
from decimal import Decimal
from typing import Final

from kg.schema import Column, ColumnType
from loaders.grammar_text import fold_width, without_white
from loaders.parsed import ParsedCell, Problem, rejected

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2199
_NUMBER: Final = re.compile(r"(-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?)([万亿%]?)")
_FACTORS: Final = {"": Decimal(1), "万": Decimal(10_000), "亿": Decimal(100_000_000), "%": Decimal("0.01")}
_DIGITS_AT_MOST: Final = 15
_YEAR: Final = re.compile(r"([0-9]{4})(?:年度|年|级)?")
_QUARTER: Final = re.compile(r"([0-9]{4})(?:-?[Qq]([1-4])|年第?([1-4一二三四])季度)")
_QUARTER_NUMBERS: Final = {"一": "1", "二": "2", "三": "3", "四": "4"}
_NEGOTIABLE: Final = "面议"
_PAY_UNIT: Final = "元"


def number_text(value: float | Decimal) -> str:
    """Return the shortest decimal form of a number cell, without exponent (`370785`, `1.5`)."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    if not exact.is_finite() or abs(exact.adjusted()) > 2 * _DIGITS_AT_MOST:
        return str(exact)
    if not exact:
        return "0"
    text = format(exact, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def plain_number(value: Decimal) -> int | float:
    """Return the canonical number: whole ones without point."""
    return int(value) if value == value.to_integral_value() else float(value)


def decimal_of(text: str) -> Decimal | None:
    """Return the number that a text without white space spells, None for everything else (S19)."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    value = Decimal(match[1].replace(",", "")) * _FACTORS[match[2]]
    return value if not value or value.adjusted() < _DIGITS_AT_MOST else None


def parse_number(text: str, column: Column) -> ParsedCell:
    """Return a number inside the bounds of its column."""
    spelled = without_white(fold_width(text))
    if spelled == _NEGOTIABLE and _PAY_UNIT in column.unit:
        return ParsedCell(None, None, (Problem("negotiable", "写的是“面议”，按未填处理"),))
    warnings: tuple[Problem, ...] = ()
    for unit in sorted(column.unit, key=len, reverse=True):
        if spelled.endswith(unit):
            spelled = spelled.removesuffix(unit)
            warnings = (Problem("unit-stripped", f"数字后的“{unit}”已去掉"),)
            break
    value = decimal_of(spelled)
    if value is None:
        return rejected("bad-number", "不是一个确定的数，请只填一个数字（不填范围、约数、汉字或其他单位）")
    if column.type is ColumnType.INTEGER and value != value.to_integral_value():
        return rejected("bad-number", "应是整数，请改填整数")
    if (column.minimum is not None and value < Decimal(str(column.minimum))) or (
        column.maximum is not None and value > Decimal(str(column.maximum))
    ):
        return rejected("out-of-range", f"超出允许的范围（{_range(column)}），请核对后重填")
    return ParsedCell(plain_number(value), None, warnings)


def _range(column: Column) -> str:
    low = "" if column.minimum is None else f"{column.minimum:g}"
    high = "" if column.maximum is None else f"{column.maximum:g}"
    if low and high:
        return f"{low} 到 {high}"
    return f"不小于 {low}" if low else f"不大于 {high}"


def parse_year(text: str) -> ParsedCell:
    """Return a calendar year of 1900..2199 (`2026`, `2026年`, `2026年度`, `2026级`)."""
    match = _YEAR.fullmatch(without_white(fold_width(text)))
    if match is None:
        return rejected("bad-number", "不是年份，请填四位数字，如 2026")
    year = int(match[1])
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return rejected("out-of-range", f"年份应在 {FIRST_YEAR} 到 {LAST_YEAR} 之间，请核对")
    return ParsedCell(year)


def parse_quarter(text: str) -> ParsedCell:
    """Return a quarter as `2026Q1`."""
    match = _QUARTER.fullmatch(without_white(fold_width(text)))
    if match is None:
        return rejected("bad-date", "不是季度，请填如 2026Q1 或 2026年第一季度")
    if not FIRST_YEAR <= int(match[1]) <= LAST_YEAR:
        return rejected("bad-date", f"年份应在 {FIRST_YEAR} 到 {LAST_YEAR} 之间，请核对季度")
    quarter = match[2] or match[3]
    return ParsedCell(f"{match[1]}Q{_QUARTER_NUMBERS.get(quarter, quarter)}")
