"""Codes and references by code (`files.md` S24, S27, S45): shapes only, nothing is looked up here."""

import re
from typing import Final

from kg.schema import Column, ColumnType
from loaders.checks import fold_uscc, looks_like_uscc, parse_uscc
from loaders.grammar_text import NAME_LIMIT, fold_width, parse_name, too_long, without_white
from loaders.parsed import ParsedCell, rejected

DIGITS_LOST: Final = rejected("digits-lost", "是数字格式，位数已经丢失，请把该列设为文本格式后重新填写")
_SEVERAL_CODES: Final = rejected("bad-code", "含有逗号、竖线或斜线，不是一个代码；多个代码请用分号隔开")
_DIGITS_AT_MOST: Final = 15
_SCIENTIFIC: Final = re.compile(r"[0-9]\.[0-9]+[eE]\+?[0-9]+|[0-9][eE]\+[0-9]+")
_DISTRICT: Final = re.compile(r"[0-9]{6}")
_OCCUPATION: Final = re.compile(r"[0-9]-[0-9]{2}-[0-9]{2}(?:-[0-9]{2}){0,2}(?:@.+)?")
_FREE: Final = re.compile(r"[^,，|/]+")
_FORMS: Final = {ColumnType.DISTRICT_CODE: _DISTRICT, ColumnType.OCCUPATION_CODE: _OCCUPATION}
_TABLE_FORMS: Final = {"districts": _DISTRICT, "occupations": _OCCUPATION}
_NOT_IN_REFERENCES: Final = re.compile(r"[,，|/]")
_ORGANISATIONS: Final = frozenset({"enterprises", "schools"})


def code_of_number(value: float) -> ParsedCell | str:
    """Return the digits of a number cell in a code column, or the rejection `digits-lost` (S24)."""
    if value != int(value) or len(str(abs(int(value)))) > _DIGITS_AT_MOST:
        return DIGITS_LOST
    return str(int(value))


def is_occupation_code(text: str) -> bool:
    """True for a text of the shape of an occupation code, with or without an edition."""
    return _OCCUPATION.fullmatch(text) is not None


def has_form(column: Column, table: str, code: str) -> bool:
    """True for a code of the form that references of a column to a table have (S45)."""
    return (_TABLE_FORMS.get(table) or _FORMS.get(column.type, _FREE)).fullmatch(code) is not None


def is_scientific(text: str) -> bool:
    """True for a code that a spreadsheet has turned into `3.70785E+17` (S24)."""
    return _SCIENTIFIC.fullmatch(text) is not None


def parse_code(text: str, column: Column) -> ParsedCell:
    """Return a code of the type of its column, folded; a reference by name (organisations) as the name given."""
    if is_scientific(text):
        return DIGITS_LOST
    if column.type is ColumnType.DISTRICT_CODE or column.refers_to == ("districts",):
        return _of_shape(text, _DISTRICT, "不是区划代码（六位数字），请核对")
    if column.type is ColumnType.OCCUPATION_CODE or column.refers_to == ("occupations",):
        return _of_shape(text, _OCCUPATION, "不是职业代码（如 6-18-01-01），请核对")
    if column.type is ColumnType.USCC or _ORGANISATIONS.issuperset(column.refers_to or ("",)):
        return _organisation(text, column)
    return _plain(text, column)


def _of_shape(text: str, shape: re.Pattern[str], message: str) -> ParsedCell:
    code = without_white(fold_width(text))
    return ParsedCell(code) if shape.fullmatch(code) else rejected("bad-code", message)


def _organisation(text: str, column: Column) -> ParsedCell:
    if not column.refers_to or looks_like_uscc(fold_uscc(text)):
        return parse_uscc(text)
    parts = _NOT_IN_REFERENCES.split(text)
    if len(parts) > 1 and (column.type.is_list or any(looks_like_uscc(fold_uscc(part)) for part in parts)):
        return _SEVERAL_CODES
    return parse_name(text, is_title=False)


def _plain(text: str, column: Column) -> ParsedCell:
    code = fold_width(text)
    if len(code) > NAME_LIMIT:
        return too_long(NAME_LIMIT)
    is_soft = bool(column.refers_to) and not column.hard
    if (is_soft or column.type.is_list) and _NOT_IN_REFERENCES.search(code):
        return _SEVERAL_CODES
    return ParsedCell(code)
