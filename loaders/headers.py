"""Which table a sheet holds and which column each header means (`files.md` S2, S3, S4, S6, S7, S44)."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from kg.schema import Column, ColumnType, Schema, Table

HEADER_ROWS_SEARCHED: Final = 20
IGNORED: Final = ""
_KNOWN_CELLS_AT_LEAST: Final = 2
_HEADER_LENGTH: Final = 200
"""Longer ones are looked up as they stand; nobody takes a thousand brackets off one."""
_NOTHING: Final = re.compile("[\\s\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f]+")
_MARKS: Final = "*§:"
_BRACKET: Final = re.compile(r"(.+?)[(\[【〔]([^()\[\]【】〔〕]*)[)\]】〕]")
_HINTS: Final = frozenset({"必填", "选填", "可选", "必填项", "下拉选择", "可多选"})
_DATE_PATTERN: Final = re.compile(
    r"y{2,4}[-/.年]?m{1,2}(?:[-/.月]?d{1,2}日?|月)?|年月日?|年[-/.]月(?:[-/.]日)?", re.IGNORECASE
)
_DATES: Final = frozenset({ColumnType.DATE, ColumnType.DATE_FROM, ColumnType.DATE_TO})
_ERROR_WORKBOOK: Final = frozenset({"原行号", "错误列", "错误原因"})
_AROUND_A_NAME: Final = re.compile(
    r"(?:[0-9年月日季度_\-.()]|(?:第[0-9一二三四]|[一二三四])季度|q[1-4]|[上下]半年|的?副本|复件|拷贝|copy(?:of)?)*"
)
_PERSON: Final = ("person_id", "id_number")


def normalise(text: str) -> str:
    """Return a header in the form in which headers are compared: NFKC, no white space, no marks, case folded."""
    return _NOTHING.sub("", unicodedata.normalize("NFKC", _NOTHING.sub("", text))).strip(_MARKS).casefold()


@dataclass(frozen=True)
class HeaderBook:
    """What headers mean: the names and keys of the schema, and those of a mapping file before them."""

    schema: Schema
    mapped: Mapping[str, Mapping[str, str]]
    always: Mapping[str, Collection[str]] = field(default_factory=dict)
    """Columns that every row has by the mapping, by table: no file needs them."""

    @cached_property
    def _names(self) -> Mapping[str, Mapping[str, str]]:
        return {
            table.key: dict.fromkeys(_ERROR_WORKBOOK, IGNORED)
            | {normalise(name): column.key for column in table.columns for name in (column.key, column.zh)}
            | dict(self.mapped.get(table.key, {}))
            for table in self.schema.tables
        }

    @cached_property
    def _all_names(self) -> frozenset[str]:
        return frozenset(name for names in self._names.values() for name, key in names.items() if key)

    def meaning(self, table: Table, text: str) -> str | None:
        """Return the column key that a header means in a table, IGNORED, or None for an unknown header."""
        names, base, dropped = self._names[table.key], normalise(text), []
        if len(base) > _HEADER_LENGTH:
            return names.get(base)
        while base and base not in names:
            match = _BRACKET.fullmatch(base)
            if match is None:
                return None
            base = match[1].strip(_MARKS)
            dropped += [match[2]] if match[2] not in _HINTS else []
        key = names.get(base)
        if key is None or not dropped:
            return key
        return key if key and all(_is_own_unit(table.column(key), unit) for unit in dropped) else None

    def is_known(self, text: str) -> bool:
        """True when the header means a column of any table."""
        base = normalise(text)
        if base in self._all_names or _BRACKET.fullmatch(base) is None:
            return base in self._all_names
        return any(self.meaning(table, text) for table in self.schema.tables)

    def columns(self, table: Table, header: Sequence[str]) -> list[str | None]:
        """Return the meaning of each cell of a header row."""
        return [self.meaning(table, text) for text in header]

    def header_row(self, table: Table, rows: Sequence[Sequence[str]]) -> int | None:
        """Return the index of the header row among the first rows: most known cells, first of equals (S3)."""
        best, index = 0, None
        for position, row in enumerate(rows[:HEADER_ROWS_SEARCHED]):
            known = {key for key in self.columns(table, row) if key}
            enough = len(known) >= _KNOWN_CELLS_AT_LEAST or (known and self._is_single(table, row, known))
            if enough and len(known) > best:
                best, index = len(known), position
        return index

    def _is_single(self, table: Table, row: Sequence[str], known: set[str]) -> bool:
        required = {column.key for column in table.columns if column.required}
        cells = [text for text in row if text.strip() and self.meaning(table, text) != IGNORED]
        return len(required) == 1 and known == required and len(cells) == 1

    def missing(self, table: Table, keys: Sequence[str | None]) -> list[Column]:
        """Return the required columns that a header lacks; a person may be given by ID number (S7)."""
        return [
            column
            for column in table.columns
            if column.required
            and column.key not in keys
            and column.key not in self.always.get(table.key, ())
            and not (column.key == _PERSON[0] and table.key != "talents" and _PERSON[1] in keys)
        ]


def _is_own_unit(column: Column, text: str) -> bool:
    if column.type in _DATES:
        return _DATE_PATTERN.fullmatch(text) is not None
    return text in column.unit or (column.type is ColumnType.SHARE and text == "%")


def table_by_name(title: str, schema: Schema) -> Table | None:
    """Return the table that a sheet name, file stem or key names, alone or beside dates and copy marks (S2)."""
    name = _NOTHING.sub("", unicodedata.normalize("NFKC", title)).casefold()
    for table in schema.tables:
        if name in {table.key, table.zh}:
            return table
    for table in sorted(schema.tables, key=lambda table: -len(table.zh)):
        for word in (table.zh, table.key):
            rest = name.removeprefix(word) if name.startswith(word) else name.removesuffix(word)
            if rest != name and _AROUND_A_NAME.fullmatch(rest):
                return table
    return None


def column_letter(index: int) -> str:
    """Return the letters of a column counted from 0 (0 -> A, 26 -> AA)."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
