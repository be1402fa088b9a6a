"""Data rows: their cells by the parsers of their columns, then the checks of each row, told as findings (`files.md` §1)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any, Final, cast

from kg.model.graph import Value
from kg.schema import Column, Table
from kg.text import mask_value
from loaders.cells import CellParser, display
from loaders.checks import row_check
from loaders.grammar_text import is_blank
from loaders.headers import column_letter
from loaders.parsed import ParsedCell, Problem
from loaders.rows import Finding, ParsedRow
from loaders.sources.raw import RawFile, RawRow, RawSheet, RawValue

_SHOWN_AT_MOST: Final = 200
_WHOLE_ROW: Final = "*"
_HASHED: Final = frozenset({str, float})
"""The cells that parsers remember: not True, which equals 1, and no lists."""
_TEXTS: Final = frozenset({str})
_UNREAD: Final = object()
_Noted = dict[int, list[tuple[str, ParsedCell]]]
"""What is wrong or worth a warning in a chunk: place of the row -> column and cell, in the order of columns."""


@dataclass(frozen=True, slots=True)
class KnownColumn:
    """One column of a sheet that the schema knows: its place (from 0), header, letter and parser."""

    index: int
    column: Column
    header: str
    letter: str
    parse: CellParser


def showable(text: str) -> str:
    """Return a cell text as reports show it: at most 200 characters, and nothing that cannot be encoded."""
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= _SHOWN_AT_MOST else f"{text[:_SHOWN_AT_MOST]}…"


class RowParser:
    """Parses the rows of one sheet; `width` is the number of headers where a longer row is wrong (CSV, S43).

    `always` are the values of columns that the sheet lacks and every row has.
    """

    def __init__(
        self,
        raw: RawFile,
        sheet: RawSheet,
        table: Table,
        known: list[KnownColumn],
        width: int | None,
        always: Mapping[str, Value],
    ) -> None:
        self._file = raw.file
        self._sheet = sheet.name
        self._has_addresses = sheet.headers is None
        self._table = table
        self._known = known
        self._by_key = {item.column.key: item for item in known}
        self._reach = max((item.index + 1 for item in known), default=0)
        self._width = width
        self._is_personal = any(table.sealed_columns())
        self._always = dict(always)
        self._check = row_check(table, frozenset(self._by_key) | frozenset(self._always))

    def parse(self, chunk: Sequence[tuple[int, RawRow]]) -> list[ParsedRow]:
        """Return the rows, given with their numbers, with their values, or with everything that is wrong with them.

        The cells are read column by column: most of a column says what was said before.
        """
        if not chunk:
            return []
        rows = [row for _, row in chunk]
        if min(map(len, rows)) < self._reach:
            rows = [row if len(row) >= self._reach else _padded(row, self._reach) for row in rows]
        cells = list(zip(*rows, strict=False))
        noted: _Noted = {}
        columns = [self._column(item, cells[item.index], noted) for item in self._known]
        keys = [item.column.key for item in self._known]
        found: list[ParsedRow] = []
        table, file, sheet = self._table.key, self._file, self._sheet
        cells_said = list(zip(*columns, strict=True)) if columns else [()] * len(chunk)
        for place, (each, said) in enumerate(zip(chunk, cells_said, strict=True)):
            number, row = each
            values: dict[str, Value] = dict(zip(keys, said, strict=True))
            if self._always:
                values = self._always | values
            parsed = ParsedRow(table=table, file=file, sheet=sheet, number=number, values=values)
            found.append(parsed)
            if place in noted:
                self._tell(parsed, row, noted[place])
            self._check_row(parsed, row)
            if self._width is not None and len(row) > self._width:
                self._check_extra(parsed, row, self._width)
        return found

    def _column(self, item: KnownColumn, cells: Sequence[RawValue], noted: _Noted) -> list[Value]:
        """Return the values of one column of a chunk; what else is to be said of a cell goes to `noted` by row."""
        parse = item.parse
        kinds = set(map(type, cells))
        if parse.whole is not None and kinds == _TEXTS and parse.whole(cast("Sequence[str]", cells)):
            return list(cast("Sequence[str]", cells))
        values: list[Any] = (
            list(map(parse.values.get, cells, repeat(_UNREAD)))  # type: ignore[arg-type]  # texts and numbers
            if kinds <= _HASHED
            else [parse.values.get(raw, _UNREAD) if type(raw) in _HASHED else _UNREAD for raw in cells]  # type: ignore[arg-type]  # texts and numbers
        )
        if _UNREAD not in values:
            return values
        for place, value in enumerate(values):
            if value is not _UNREAD:
                continue
            raw = cells[place]
            known = parse.plain(raw) if parse.plain is not None and type(raw) is str else None
            if known is not None:
                values[place] = known
                continue
            cell = parse(raw)
            values[place] = cell.value
            if cell.reject is not None or cell.warnings:
                noted.setdefault(place, []).append((item.column.key, cell))
        return values

    def _tell(self, parsed: ParsedRow, row: RawRow, cells: Sequence[tuple[str, ParsedCell]]) -> None:
        for key, cell in cells:
            if cell.reject is not None:
                del parsed.values[key]
                parsed.rejects.append(self._finding(parsed.number, row, key, cell.reject))
            parsed.warnings += [self._finding(parsed.number, row, key, warning) for warning in cell.warnings]

    def _check_row(self, parsed: ParsedRow, row: RawRow) -> None:
        broken = (
            frozenset(finding.column for finding in parsed.rejects if finding.column)
            if parsed.rejects
            else _NONE
        )
        found = self._check(parsed.values, broken)
        if found is None:
            return
        if found.rejects:
            parsed.rejects += [
                self._finding(parsed.number, row, key, problem) for key, problem in found.rejects
            ]
            parsed.rejects.sort(key=self._place)
        parsed.warnings += [
            self._finding(parsed.number, row, key, problem) for key, problem in found.warnings
        ]

    def _place(self, finding: Finding) -> int:
        item = self._by_key.get(finding.column or "")
        return len(self._known) if item is None else item.index

    def _check_extra(self, parsed: ParsedRow, row: RawRow, width: int) -> None:
        for index in range(width, len(row)):
            text = display(row[index])
            if not is_blank(text):
                parsed.rejects.append(
                    Finding(
                        code="extra-cells",
                        message=f"第 {parsed.number} 行比表头多出内容，可能有逗号没有加引号，请核对后重报",
                        file=self._file,
                        sheet=self._sheet,
                        table=self._table.key,
                        row=parsed.number,
                        column=_WHOLE_ROW,
                        cell=f"{column_letter(index)}{parsed.number}",
                        value=mask_value(text) if self._is_personal else showable(text),
                    )
                )
                return

    def _finding(self, number: int, row: RawRow, key: str, problem: Problem) -> Finding:
        item = self._by_key.get(key)
        column = self._table.column(key)
        text = display(row[item.index]) if item is not None and item.index < len(row) else ""
        shown = showable(text)
        return Finding(
            code=problem.code,
            message=f"第 {number} 行“{' '.join(item.header.split()) if item else column.zh}”{problem.text}",
            file=self._file,
            sheet=self._sheet,
            table=self._table.key,
            row=number,
            column=key,
            header=item.header if item else None,
            cell=f"{item.letter}{number}" if item and self._has_addresses else None,
            value=mask_value(shown) if column.sealed else shown,
        )


def _padded(row: RawRow, reach: int) -> RawRow:
    return [*row, *repeat(None, reach - len(row))]


_NONE: Final[frozenset[str]] = frozenset()
