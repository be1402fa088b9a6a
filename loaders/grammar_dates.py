"""Days and months (`files.md` S20); a month is its first day, in a *to* column its last."""

import re
from calendar import monthrange
from datetime import date, datetime
from typing import Final

from kg.schema import ColumnType
from loaders.grammar_numbers import FIRST_YEAR, LAST_YEAR
from loaders.grammar_text import fold_width, without_white
from loaders.parsed import ParsedCell, rejected

_OPEN_ENDS: Final = frozenset({"至今", "长期", "长期有效", "永久"})
_CLOCK: Final = re.compile(
    r"(?<=[0-9日号])(?:T|\s+)(?:[01]?[0-9]|2[0-4]):[0-5][0-9](?::[0-6][0-9](?:\.[0-9]+)?)?\s*(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_DAY: Final = re.compile(
    r"(?P<year>[0-9]{4})(?:"
    r"(?P<sign>[-/.])(?P<month>[0-9]{1,2})(?P=sign)(?P<day>[0-9]{1,2})"
    r"|年(?P<month_zh>[0-9]{1,2})月(?P<day_zh>[0-9]{1,2})[日号]"
    r"|(?P<month_plain>[0-9]{2})(?P<day_plain>[0-9]{2}))"
)
_MONTH: Final = re.compile(r"([0-9]{4})(?:[-/.]([0-9]{1,2})|年([0-9]{1,2})月|([0-9]{2}))")
_ADVICE: Final = "不是一个确定的日期，请填如 2026-09-01"


def parse_date(text: str, kind: ColumnType) -> ParsedCell:
    """Return a day as ISO text; an open end (`长期`, `至今`) in a *to* column is absent."""
    spelled = fold_width(text)
    if kind is ColumnType.DATE_TO and without_white(spelled) in _OPEN_ENDS:
        return ParsedCell(None)
    clock = _CLOCK.search(spelled)
    if clock is not None and clock.end() == len(spelled):
        spelled = spelled[: clock.start()]
    spelled = without_white(spelled)
    match = _DAY.fullmatch(spelled)
    if match is not None:
        parts = [match[name] for name in match.groupdict() if name != "sign" and match[name] is not None]
        year, month, day = (int(part) for part in parts)
        return _day(year, month, day)
    match = _MONTH.fullmatch(spelled)
    if match is None:
        return rejected("bad-date", _ADVICE)
    year, month = int(match[1]), int(match[2] or match[3] or match[4])
    if not 1 <= month <= 12:
        return rejected("bad-date", _ADVICE)
    return _day(year, month, monthrange(year or 1, month)[1] if kind is ColumnType.DATE_TO else 1)


def parse_day(value: date) -> ParsedCell:
    """Return the day of a date cell (its time of day is dropped)."""
    return _day(value.year, value.month, value.day)


def day_text(value: date) -> str:
    """Return how people see a date cell: the day, and the time unless it is midnight."""
    if isinstance(value, datetime) and (value.hour, value.minute, value.second) != (0, 0, 0):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return value.isoformat()[:10]


def _day(year: int, month: int, day: int) -> ParsedCell:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return rejected("bad-date", f"年份应在 {FIRST_YEAR} 到 {LAST_YEAR} 之间，请核对日期")
    try:
        return ParsedCell(date(year, month, day).isoformat())
    except ValueError:
        return rejected("bad-date", "没有这一天，请核对日期")
