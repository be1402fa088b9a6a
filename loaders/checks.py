"""Check digits, and the rules that look at several cells of one row (`files.md` S22, S23, S26, S46, bad-period)."""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from operator import mul
from typing import Final, NamedTuple

from kg.model.graph import MASKED, Value
from kg.schema import Column, Table
from loaders.certificates import contradictions, read_number
from loaders.grammar_text import fold_width, without_white
from loaders.parsed import ParsedCell, Problem, rejected

_USCC_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_VALUES: Final = {character: value for value, character in enumerate(_USCC_ALPHABET)}
_USCC_SHAPE: Final = re.compile(rf"[{_USCC_ALPHABET}]{{2}}[0-9]{{6}}[{_USCC_ALPHABET}]{{10}}")
_USCC_WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_USCC_LENGTH: Final = 18
_LOOKS_LIKE_CODE: Final = re.compile(r"[0-9A-Z]{18}|[0-9]{6,}|(?=(?:[A-Z]*[0-9]){8})[0-9A-Z]{15,}")
_MISREAD: Final = str.maketrans({"O": "0", "I": "1"})
_ID_SHAPE: Final = re.compile(r"[1-9][0-9]{16}[0-9X]|[1-9][0-9]{14}")
_ID_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS: Final = "10X98765432"
_ID_LENGTH: Final = 18
_LEGACY_ID_LENGTH: Final = 15
_IDENTITY_CARDS: Final = frozenset({"身份证", "居民身份证"})
_NO_LEVEL_KIND: Final = "专项职业能力证书"
_CONTRADICTED: Final = {
    "level": Problem("level-mismatch", "与证书编号第 16 位表示的等级不一致，按未核实处理"),
    "issued": Problem("level-mismatch", "与证书编号中的年份不一致，按未核实处理"),
}
_PERIODS: Final = (
    ("valid_from", "valid_to"),
    ("available_from", "available_to"),
    ("licence_from", "licence_to"),
    ("priority_from", "priority_to"),
    ("issued", "expires"),
)
_RANGES: Final = (("pay_min", "pay_max"),)
"""Numbers of which the first is the least. A wished pay below the lowest one is none of them: `scoring.md` §3 reads it."""
_RECIPIENT_WORDS: Final = frozenset({"企业", "院校", "任意"})
_DAYS_OF_A_COUNTED_WEEK: Final = 4


class RowProblem(NamedTuple):
    """A finding about a row: the column it is told of, and what."""

    column: str
    problem: Problem


class RowFindings(NamedTuple):
    """What the checks of one row found."""

    rejects: list[RowProblem]
    warnings: list[RowProblem]


RowCheck = Callable[[dict[str, Value], frozenset[str]], RowFindings | None]


def uscc_check_character(first_17: str) -> str:
    """Return the check character of GB 32100 for the first 17 characters of a credit code."""
    total = sum(map(mul, map(_USCC_VALUES.__getitem__, first_17), _USCC_WEIGHTS))
    return _USCC_ALPHABET[-total % 31]


def is_valid_uscc(text: str) -> bool:
    """True for a credit code in canonical form: shape and check character (S22)."""
    return _USCC_SHAPE.fullmatch(text) is not None and uscc_check_character(text[:-1]) == text[-1]


def fold_uscc(text: str) -> str:
    """Return a credit code folded, without white space, upper-cased (S22)."""
    return without_white(fold_width(text)).upper()


def looks_like_uscc(folded: str) -> bool:
    """True when a folded text is meant as a code and not as the name of an organisation."""
    return _LOOKS_LIKE_CODE.fullmatch(folded) is not None


def parse_uscc(text: str) -> ParsedCell:
    """Return a unified social credit code; rejects `bad-code` for its shape, `bad-check-digit` for its check."""
    code = fold_uscc(text)
    if _USCC_SHAPE.fullmatch(code) is None:
        return rejected(
            "bad-code", f"不是统一社会信用代码（18 位，不含 I、O、S、V、Z）{_proposal(code)}，请核对后重报"
        )
    if uscc_check_character(code[:-1]) != code[-1]:
        return rejected("bad-check-digit", "校验码不对，请核对后重报")
    return ParsedCell(code)


def _proposal(code: str) -> str:
    reading = code.translate(_MISREAD)
    if (
        reading != code
        and _USCC_SHAPE.fullmatch(reading)
        and uscc_check_character(reading[:-1]) == reading[-1]
    ):
        return f"；如果把字母 O、I 读作数字 0、1，则是 {reading}"
    return ""


def id_check_character(first_17: str) -> str:
    """Return the check character of GB 11643 for the first 17 digits of an ID number."""
    return _ID_CHECKS[sum(map(mul, map(int, first_17), _ID_WEIGHTS)) % 11]


def parse_id_number(text: str) -> ParsedCell:
    """Return an ID number in its 18-character form; 15 legacy digits are brought up to it (S23)."""
    number = text if _ID_SHAPE.fullmatch(text) else without_white(fold_width(text)).upper()
    if _ID_SHAPE.fullmatch(number) is None:
        return rejected("bad-code", "不是居民身份证号码（18 位），请核对；其他证件请在“证件类型”中写明")
    is_legacy = len(number) == _LEGACY_ID_LENGTH
    if is_legacy:
        number = f"{number[:6]}19{number[6:]}"
        number += id_check_character(number)
    if birth_date_of(number) is None:
        return rejected("bad-code", "其中的出生日期不存在，请核对后重报")
    if not is_legacy and id_check_character(number[:-1]) != number[-1]:
        return rejected("bad-check-digit", "校验码不对，请核对后重报")
    return ParsedCell(number)


def _is_valid_id(number: str) -> bool:
    """True for an 18-character ID number in canonical form; looks up the parts, which many numbers share."""
    return (
        len(number) == _ID_LENGTH
        and (_weighed_place(number[:6]) + _weighed_day(number[6:14]) + _weighed_end(number[14:])) % 11 == 1
    )


_NEVER: Final = float("nan")
"""What a part contributes that no valid number has: the sum is no sum then."""


@lru_cache(maxsize=16_384)
def _weighed_place(digits: str) -> float:
    return _weighed(digits, 0) if digits.isascii() and digits.isdigit() and digits[0] != "0" else _NEVER


@lru_cache(maxsize=65_536)
def _weighed_day(digits: str) -> float:
    if not digits.isascii() or not digits.isdigit():
        return _NEVER
    try:
        date.fromisoformat(digits)
    except ValueError:
        return _NEVER
    return _weighed(digits, 6)


@lru_cache(maxsize=16_384)
def _weighed_end(signs: str) -> float:
    """Return what the last four signs contribute, the check character with the weight 1."""
    if not signs.isascii() or not signs[:3].isdigit() or signs[3] not in _ID_CHECKS:
        return _NEVER
    return _weighed(signs[:3], 14) + (10 if signs[3] == "X" else int(signs[3]))


def _weighed(digits: str, place: int) -> int:
    """Return what digits from that place (from 0) on contribute to the check sum."""
    return sum(map(mul, map(int, digits), _ID_WEIGHTS[place:]))


def birth_date_of(number: str) -> date | None:
    """Return the birth date inside an 18-character ID number, None when there is no such day."""
    try:
        return date.fromisoformat(number[6:14])
    except ValueError:
        return None


def parse_certificate_number(text: str) -> ParsedCell:
    """Return a certificate number; an unknown scheme is kept and warned (S26)."""
    number = without_white(fold_width(text)).upper()
    if read_number(number) is not None:
        return ParsedCell(number)
    return ParsedCell(
        number, None, (Problem("unknown-certificate-scheme", "不是已知的编号规则，已按原样保存"),)
    )


def counted_weeks(first: date, last: date) -> int:
    """Return the ISO weeks with at least 4 days in first..last, at least 1 (`scoring.md` §3)."""
    monday = first - timedelta(days=first.weekday())
    weeks = 0
    while monday <= last:
        days = (min(last, monday + timedelta(days=6)) - max(first, monday)).days + 1
        weeks += days >= _DAYS_OF_A_COUNTED_WEEK
        monday += timedelta(days=7)
    return max(weeks, 1)


def row_check(table: Table, columns: frozenset[str]) -> RowCheck:
    """Return the check of rows of one table in one file; `columns` are those of the file.

    The check takes the values of a row, which lack the cells rejected before, and the columns of those; it returns
    None where nothing is wrong. It brings an ID number in `values` to its canonical form.
    """
    rule = _RULES.get(table.key)
    periods = [pair for pair in _PERIODS if set(pair) <= columns]
    ranges = [pair for pair in _RANGES if set(pair) <= columns]
    has_id = "id_number" in columns
    person = table.is_person_table and table.key != "talents"
    required = [
        column.key
        for column in table.columns
        if column.required and column.key in columns and not (person and column.key == "person_id")
    ]
    person_columns = [key for key in ("person_id", "id_number") if person and key in columns]

    found = RowFindings([], [])

    def check(values: dict[str, Value], broken: frozenset[str]) -> RowFindings | None:
        nonlocal found
        for key in required:
            if values.get(key, "") is None:
                found.rejects.append(RowProblem(key, _MISSING))
        if person_columns and all(values.get(key, "") is None for key in person_columns):
            found.rejects.append(RowProblem(person_columns[0], _MISSING_PERSON))
        if has_id:
            _check_id(values, found)
        for first, last in periods:
            _check_period(values, first, last, found)
        for least, most in ranges:
            _check_range(values, table.column(least), most, found)
        if rule is not None:
            rule(values, broken, found)
        if not found.rejects and not found.warnings:
            return None
        given, found = found, RowFindings([], [])
        return given

    return check


_MISSING: Final = Problem("missing-required", "是必填项，请补填")
_MISSING_PERSON: Final = Problem("missing-required", "没有填写，人才编号和证件号码至少要填一个，请补填")


def _check_period(values: Mapping[str, Value], first: str, last: str, found: RowFindings) -> None:
    start, end = values.get(first), values.get(last)
    if isinstance(start, str) and isinstance(end, str) and MASKED not in {start, end} and end < start:
        found.rejects.append(RowProblem(last, Problem("bad-period", f"早于开始日期 {start}，请核对起止日期")))


def _check_range(values: Mapping[str, Value], least: Column, most: str, found: RowFindings) -> None:
    low, high = values.get(least.key), values.get(most)
    if isinstance(low, int | float) and isinstance(high, int | float) and high < low:
        found.rejects.append(RowProblem(most, Problem("out-of-range", f"低于“{least.zh}” {low:g}，请核对")))


def _check_id(values: dict[str, Value], found: RowFindings) -> None:
    number, kind = values.get("id_number"), values.get("id_type")
    if not isinstance(number, str) or number == MASKED or (kind is not None and kind not in _IDENTITY_CARDS):
        return
    if not _is_valid_id(number):
        parsed = parse_id_number(number)
        if parsed.reject is not None:
            found.rejects.append(RowProblem("id_number", parsed.reject))
            del values["id_number"]
            return
        number = values["id_number"] = str(parsed.value)
    stated = values.get("birth_date")
    if isinstance(stated, str) and stated != MASKED and stated.replace("-", "") != number[6:14]:
        found.warnings.append(
            RowProblem("birth_date", Problem("birth-date-mismatch", "与证件号码中的出生日期不一致，请核对"))
        )


def _check_certificate(values: Mapping[str, Value], broken: frozenset[str], found: RowFindings) -> None:
    kind, level = values.get("kind"), values.get("level")
    if kind not in {None, MASKED, _NO_LEVEL_KIND} and level is None and "level" not in broken:
        found.rejects.append(
            RowProblem(
                "level", Problem("missing-required", f"是必填项（只有{_NO_LEVEL_KIND}可以不填），请补填")
            )
        )
    found.warnings.extend(RowProblem(column, _CONTRADICTED[column]) for column in contradictions(values))


def _check_need(values: Mapping[str, Value], broken: frozenset[str], found: RowFindings) -> None:
    hours = ("hours_per_week", "total_hours")
    if all(values.get(key) is None for key in hours) and broken.isdisjoint(hours):
        found.rejects.append(
            RowProblem("hours_per_week", Problem("missing-required", "和“总小时”至少要填一个，请补填"))
        )
    weeks, start, end = values.get("weeks"), values.get("valid_from"), values.get("valid_to")
    if not isinstance(weeks, int) or not isinstance(start, str) or not isinstance(end, str):
        return
    if MASKED in {start, end} or end < start:
        return
    at_most = counted_weeks(date.fromisoformat(start), date.fromisoformat(end))
    if weeks > at_most:
        found.rejects.append(
            RowProblem("weeks", Problem("out-of-range", f"起止日期之间只有 {at_most} 周，请核对周数或日期"))
        )


def _check_consent(values: dict[str, Value], _broken: frozenset[str], found: RowFindings) -> None:
    """Recipients are the three words or credit codes; the codes are brought to their canonical form."""
    recipients = values.get("recipients")
    if not isinstance(recipients, tuple):
        return
    checked: list[str] = []
    for item in recipients:
        parsed = ParsedCell(item) if item in _RECIPIENT_WORDS else parse_uscc(item)
        if parsed.reject is not None:
            is_word = item.isalpha() and not item.isascii()
            problem = (
                Problem("bad-choice", "应是 企业、院校、任意 或统一社会信用代码，请核对")
                if is_word
                else parsed.reject
            )
            found.rejects.append(RowProblem("recipients", problem))
            del values["recipients"]
            return
        checked.append(str(parsed.value))
    values["recipients"] = tuple(dict.fromkeys(checked))


_Rule = Callable[[dict[str, Value], frozenset[str], RowFindings], None]
_RULES: Final[Mapping[str, _Rule]] = {
    "certificates": _check_certificate,
    "flex_needs": _check_need,
    "consents": _check_consent,
}
