"""One cell: raw value in, canonical value or findings out (`tables.md`, Cells; `files.md` S13-S31).

Pure: no state but a memo of texts seen in the same column. Order of the rules: what no column may hold (errors,
control characters, ditto marks), then masks, then absent marks, then the grammar of the column's type.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from kg.model.graph import MASKED, Value
from kg.schema import Column, ColumnType
from loaders.cells_plain import plain_reader, whole_reader
from loaders.checks import parse_certificate_number
from loaders.grammar_codes import DIGITS_LOST, code_of_number, is_scientific, parse_code
from loaders.grammar_dates import day_text, parse_date, parse_day
from loaders.grammar_lists import list_items, parse_list
from loaders.grammar_numbers import number_text, parse_number, parse_quarter, parse_year
from loaders.grammar_text import (
    NAME_LIMIT,
    TEXT_LIMIT,
    clean,
    fold_width,
    parse_name,
    parse_text,
    too_long,
    unguard_code,
    unguard_text,
    without_white,
)
from loaders.grammar_words import fold_word, parse_choice, parse_level, parse_mode, parse_yes_no
from loaders.parsed import ABSENT, ParsedCell, Problem, rejected
from loaders.sources.raw import CellMark, ErrorCell, RawValue, ScientificNumber

_T = ColumnType
_CODES: Final = frozenset({
    _T.CODE, _T.USCC, _T.DISTRICT_CODE, _T.OCCUPATION_CODE, _T.ID_NUMBER, _T.CERTIFICATE_NUMBER, _T.CODE_LIST,
})  # fmt: skip
_NUMBERS: Final = frozenset({_T.NUMBER, _T.INTEGER, _T.SHARE, _T.YEAR, _T.QUARTER})
_DATES: Final = frozenset({_T.DATE, _T.DATE_FROM, _T.DATE_TO})
_UNGUARDED: Final = _CODES | _NUMBERS | _DATES | {_T.LEVEL}
_MAY_BE_PARTLY_MASKED: Final = _UNGUARDED - {_T.CODE_LIST, _T.LEVEL}
_ABSENT: Final = frozenset({
    "-", "—", "/", "无", "n/a", "--", "——", "\\", "暂无", "不详", "未知", "未填", "na", "null",
})  # fmt: skip
_LONGEST_MARK: Final = 4
_NO: Final = "无"
_DITTO: Final = frozenset({"同上", "〃", '"', "＂", "″"})
_ERRORS: Final = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"})
_PARTLY_MASKED: Final = re.compile(r"[0-9Xx*万\-/.年月日号\s]+")
_DAY_NUMBER: Final = re.compile(r"[0-9]{8}")
_MEMO_SIZE: Final = 4_096
_MEMO_TEXT: Final = 64

_WRONG_TYPE: Final = {
    **dict.fromkeys(_CODES, rejected("bad-code", "不是一个代码，请以文本格式重新填写")),
    **dict.fromkeys(_NUMBERS, rejected("bad-number", "不是一个数，请只填一个数字")),
    **dict.fromkeys((*_DATES, _T.QUARTER), rejected("bad-date", "不是一个确定的日期，请填如 2026-09-01")),
    _T.LEVEL: rejected("bad-level", "不是可识别的等级，请填等级名称，如 高级工"),
    _T.CHOICE: rejected("bad-choice", "不在可选项中，请按模板的下拉选项填写"),
    _T.YES_NO: rejected("bad-yes-no", "请填 是 或 否"),
    _T.MODE: rejected("unknown-mode", "不是可识别的方式，请按模板的下拉选项填写"),
}
_NOT_A_LIST: Final = rejected("bad-list", "不是可以读取的内容，请填文字，各项用分号隔开")


@dataclass(frozen=True, slots=True)
class CellContext:
    """What a cell means beyond its column: whether it identifies the row (or the person), and of what a file it is.

    `unescape` decodes the characters that a workbook writes in another way.
    """

    is_key: bool = False
    is_csv: bool = False
    is_json: bool = False
    unescape: Callable[[str], str] | None = None


class CellParser:
    """`parse_cell` for one column of one file, with a bounded memo of the cells seen.

    `values` holds cells, texts and numbers, about which there is nothing to say but their value: callers may look
    there first, and then ask `plain` where there is one; `whole` tells of many texts at once that each is its own value.
    """

    __slots__ = ("_column", "_context", "_seen", "_words", "plain", "values", "whole")

    def __init__(self, column: Column, context: CellContext, words: Mapping[str, str]) -> None:
        self._column, self._context = column, context
        self._words = {fold_word(word): meaning for word, meaning in words.items()}
        self.plain = plain_reader(column) if not words else None
        self.whole = whole_reader(column) if not words else None
        self._seen: dict[str, ParsedCell] = {}
        self.values: dict[str | float, Value] = {} if words else {"": None}

    def __call__(self, raw: RawValue) -> ParsedCell:
        """Return the cell as `parse_cell` would, after the words of a mapping file (S41) are put in."""
        if isinstance(raw, str):
            return self._text(raw)
        parsed = self._parse(raw)
        if type(raw) is float and parsed.reject is None and not parsed.warnings:
            self._keep(raw, parsed.value)
        return parsed

    def _text(self, raw: str) -> ParsedCell:
        if raw in self.values:
            return ParsedCell(self.values[raw])
        if self.plain is not None:
            value = self.plain(raw)
            if value is not None:
                return ParsedCell(value)
        parsed = self._seen.get(raw)
        if parsed is None:
            parsed = self._parse(raw)
            if len(raw) <= _MEMO_TEXT:
                if parsed.reject is None and not parsed.warnings:
                    self._keep(raw, parsed.value)
                elif len(self._seen) < _MEMO_SIZE:
                    self._seen[raw] = parsed
        return parsed

    def _parse(self, raw: RawValue) -> ParsedCell:
        return parse_cell(self._column, self._read_as(raw) if self._words else raw, self._context)

    def _read_as(self, raw: RawValue) -> RawValue:
        """Return what a cell is read as by the words of the mapping file; in a list each item may be such a word."""
        whole = self._words.get(fold_word(display(raw)))
        if whole is not None or not self._column.type.is_list:
            return raw if whole is None else whole
        if isinstance(raw, list):
            return [self._item_read_as(item) if isinstance(item, str) else item for item in raw]
        return ";".join(map(self._item_read_as, list_items(raw))) if isinstance(raw, str) else raw

    def _item_read_as(self, item: str) -> str:
        name, sign, value = item.partition("=")
        return f"{self._words.get(fold_word(name), name)}{sign}{value}"

    def _keep(self, raw: str | float, value: Value) -> None:
        if len(self.values) < _MEMO_SIZE:
            self.values[raw] = value


def cell_parser(
    column: Column, context: CellContext, words: Mapping[str, str] = MappingProxyType({})
) -> CellParser:
    """Return the parser of one column of one file; `words` are those that a mapping file reads as others."""
    return CellParser(column, context, words)


def parse_cell(column: Column, raw: RawValue, context: CellContext) -> ParsedCell:
    """Return the canonical value of a cell, or why it rejects its row, and its warnings.

    `missing-required` is no matter of a cell: an absent value is None here.
    """
    if isinstance(raw, str):
        return _parse_text_cell(column, raw, context)
    if raw is None:
        return ABSENT
    if isinstance(raw, bool):
        return _parse_bool(column, raw, context)
    if isinstance(raw, int | float | Decimal | ScientificNumber):
        return _parse_number_cell(column, raw, context)
    if isinstance(raw, date):
        return _parse_date_cell(column, raw, context)
    if isinstance(raw, list):
        return _parse_items(column, raw, context)
    if column.type in {_T.TEXT, _T.NAME} and raw is not CellMark.NESTED and not isinstance(raw, ErrorCell):
        text = display(raw)
        return _parse_text_cell(column, text, context) if text else _parse_mark(column, raw)
    return _parse_mark(column, raw)


def _wrong_type(column: Column) -> ParsedCell:
    return _WRONG_TYPE.get(column.type, _NOT_A_LIST)


def _parse_mark(column: Column, raw: CellMark | ErrorCell | time | timedelta) -> ParsedCell:
    if isinstance(raw, ErrorCell):
        return _CELL_ERROR
    if raw is CellMark.FORMULA_WITHOUT_VALUE:
        return rejected("formula-without-value", "是没有计算结果的公式，请用表格软件打开并保存后重新导入")
    if raw is CellMark.MERGED_NUMBER:
        return rejected(
            "merged-number", "跨多行合并，分不清是合计还是每行的数，请取消合并、逐行填写后重新导入"
        )
    if raw is CellMark.NO_SUCH_DAY and column.type in _DATES:
        return rejected("bad-date", "是 1900-02-29，没有这一天，请核对日期")
    return _wrong_type(column)


_CELL_ERROR: Final = rejected("cell-error", "是表格的出错提示，请改正公式或直接填写内容")


def _parse_bool(column: Column, raw: bool, context: CellContext) -> ParsedCell:
    if column.type is _T.YES_NO:
        return ParsedCell(raw)
    if column.type in {_T.TEXT, _T.NAME}:
        return _parse_text_cell(column, "TRUE" if raw else "FALSE", context)
    return _wrong_type(column)


def _parse_number_cell(
    column: Column, raw: float | Decimal | ScientificNumber, context: CellContext
) -> ParsedCell:
    number: float | Decimal = raw.value if isinstance(raw, ScientificNumber) else raw
    if column.type in _CODES:
        if isinstance(raw, ScientificNumber) or not abs(float(number)) < 1e15:
            return DIGITS_LOST
        code = code_of_number(float(number))
        return _parse_text_cell(column, code, context) if isinstance(code, str) else code
    text = number_text(number)
    if column.type in _DATES and _DAY_NUMBER.fullmatch(text) is None:
        return rejected("bad-date", "是一个数而不是日期，请把该列设为日期格式，或填如 2026-09-01")
    return _parse_text_cell(column, text, context)


def _parse_date_cell(column: Column, raw: date | datetime, context: CellContext) -> ParsedCell:
    if column.type in _DATES:
        return parse_day(raw)
    if column.type in {_T.TEXT, _T.NAME}:
        return _parse_text_cell(column, day_text(raw), context)
    return _wrong_type(column)


def _parse_items(column: Column, raw: list[object], context: CellContext) -> ParsedCell:
    if not column.type.is_list:
        return _wrong_type(column)
    texts: list[str] = []
    for item in raw:
        if isinstance(item, bool | list | dict):
            return _NOT_A_LIST
        if isinstance(item, int | Decimal):
            texts.append(number_text(Decimal(item)))
        elif item is not None:
            texts.append(str(item))
    return _parse_text_cell(column, ";".join(texts), context)


def _parse_text_cell(column: Column, raw: str, context: CellContext) -> ParsedCell:
    kind = column.type
    if context.unescape is not None and "_x" in raw:
        raw = context.unescape(raw)
    cleaned = clean(raw)
    if cleaned.reject is not None:
        return cleaned
    text = str(cleaned.value)
    if kind in _UNGUARDED:
        text = unguard_code(text, unwrap=context.is_csv)
    elif not context.is_json:  # no spreadsheet runs JSON, so its export has no guards to take off
        text = unguard_text(text)
    if not text:
        return ParsedCell(None, None, cleaned.warnings)
    special = (
        _parse_special(column, text, context)
        if len(text) <= _LONGEST_MARK or "*" in text or "＊" in text or text[0] == "#"
        else None
    )
    parsed = _GRAMMAR[kind](text, column) if special is None else special
    if not cleaned.warnings:
        return parsed
    return parsed._replace(warnings=cleaned.warnings + parsed.warnings)


def _parse_special(column: Column, text: str, context: CellContext) -> ParsedCell | None:
    """Return the cell where it holds a mark instead of a value: ditto, error, mask, absent; None otherwise."""
    if without_white(text) in _DITTO:
        return rejected("ditto-mark", "写的是“同上”一类的记号，请填写实际内容")
    folded = fold_width(text)
    if folded.upper() in _ERRORS:
        return _CELL_ERROR
    if "*" in folded:
        is_masked, is_partly = _mask_of(column, folded, is_key=context.is_key)
        if is_masked or is_partly:
            if context.is_key or column.hard:
                return rejected("masked-key", "被遮盖，无法识别是哪一条，请填写完整内容")
            warning = Problem("partly-masked", "部分被遮盖，按遮盖处理")
            return ParsedCell(MASKED, None, (warning,) if is_partly else ())
    if folded.casefold() in _ABSENT:
        return _parse_absent_mark(column, text)
    return None


def _mask_of(column: Column, folded: str, *, is_key: bool) -> tuple[bool, bool]:
    if not folded.strip("*"):
        return True, False
    if (column.hard or is_key) and column.type in _CODES and not column.type.is_list:
        return False, True
    return False, column.type in _MAY_BE_PARTLY_MASKED and _PARTLY_MASKED.fullmatch(folded) is not None


def _parse_absent_mark(column: Column, text: str) -> ParsedCell | None:
    if column.type is _T.NAME:
        return ABSENT if column.required else None
    if column.type is _T.YES_NO and text == _NO:
        return None
    return ABSENT


def _parse_any_text(text: str, column: Column) -> ParsedCell:
    return parse_text(text, NAME_LIMIT if column.refers_to else TEXT_LIMIT)


def _parse_any_name(text: str, column: Column) -> ParsedCell:
    return parse_name(text, is_title=column.key == "title")


def _parse_id(text: str, _column: Column) -> ParsedCell:
    """Fold an ID number; its check needs the ID type of the row (`loaders.checks`)."""
    return _long_code(text) or ParsedCell(without_white(fold_width(text)).upper())


def _long_code(text: str) -> ParsedCell | None:
    if is_scientific(text):
        return DIGITS_LOST
    return too_long(NAME_LIMIT) if len(text) > NAME_LIMIT else None


def _parse_certificate(text: str, _column: Column) -> ParsedCell:
    return _long_code(text) or parse_certificate_number(text)


def _parse_day_text(text: str, column: Column) -> ParsedCell:
    return parse_date(text, column.type)


def _without_column(parse: Callable[[str], ParsedCell]) -> Callable[[str, Column], ParsedCell]:
    return lambda text, _column: parse(text)


_GRAMMAR: Final[dict[ColumnType, Callable[[str, Column], ParsedCell]]] = {
    _T.NAME: _parse_any_name,
    _T.TEXT: _parse_any_text,
    **dict.fromkeys((_T.CODE, _T.USCC, _T.DISTRICT_CODE, _T.OCCUPATION_CODE), parse_code),
    _T.ID_NUMBER: _parse_id,
    _T.CERTIFICATE_NUMBER: _parse_certificate,
    **dict.fromkeys((_T.NUMBER, _T.INTEGER, _T.SHARE), parse_number),
    _T.YEAR: _without_column(parse_year),
    _T.QUARTER: _without_column(parse_quarter),
    **dict.fromkeys(_DATES, _parse_day_text),
    _T.LEVEL: parse_level,
    _T.CHOICE: parse_choice,
    _T.YES_NO: _without_column(parse_yes_no),
    _T.MODE: parse_mode,
    **dict.fromkeys((kind for kind in ColumnType if kind.is_list), parse_list),
}


def display(raw: RawValue) -> str:
    """Return the text of a raw cell as people see it in the file."""
    if isinstance(raw, str):
        return raw
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, int | float | Decimal):
        return number_text(raw)
    if isinstance(raw, ScientificNumber):
        return f"{raw.value:.5E}"
    if isinstance(raw, date):
        return day_text(raw)
    if isinstance(raw, ErrorCell):
        return raw.text
    if isinstance(raw, list):
        return ";".join(str(item) for item in raw)
    return _MARK_TEXTS.get(raw, "") if isinstance(raw, CellMark) else str(raw)


_MARK_TEXTS: Final = {CellMark.NO_SUCH_DAY: "1900-02-29", CellMark.NESTED: "{…}"}
