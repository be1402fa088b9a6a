"""One data row: its cells by their parsers, then the checks of the row, told as findings (`files.md` §1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kg.model.graph import Value
from kg.schema import Column, Table
from kg.text import mask_value
from loaders.cells import CellParser, display
from loaders.checks import row_check
from loaders.grammar_text import is_blank
from loaders.headers import column_letter
from loaders.parsed import Problem
from loaders.rows import Finding, ParsedRow
from loaders.sources.raw import RawFile, RawRow, RawSheet

_SHOWN_AT_MOST: Final = 200
_WHOLE_ROW: Final = "*"
_HASHED: Final = frozenset({str, float})
"""The cells that parsers remember: not True, which equals 1, and no lists."""


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
        self._parsers = [
            (item.index, item.column.key, item.parse.values, item.parse.plain, item.parse) for item in known
        ]
        self._width = width
        self._is_personal = any(table.sealed_columns())
        self._always = dict(always)
        self._check = row_check(table, frozenset(self._by_key) | frozenset(self._always))

    def parse(self, number: int, row: RawRow) -> ParsedRow:
        """Return the row with its values, or with everything that is wrong with it."""
        values: dict[str, Value] = self._always.copy()
        parsed_row = ParsedRow(
            table=self._table.key, file=self._file, sheet=self._sheet, number=number, values=values
        )
        length = len(row)
        for index, key, seen, plain, parse in self._parsers:
            if index >= length:
                values[key] = None
                continue
            raw = row[index]
            if type(raw) in _HASHED and raw in seen:
                values[key] = seen[raw]  # type: ignore[index]  # a text or a number
                continue
            if plain is not None and type(raw) is str:
                known = plain(raw)
                if known is not None:
                    values[key] = known
                    continue
            cell = parse(raw)
            if cell.reject is None:
                values[key] = cell.value
            else:
                parsed_row.rejects.append(self._finding(number, row, key, cell.reject))
            if cell.warnings:
                parsed_row.warnings += [self._finding(number, row, key, warning) for warning in cell.warnings]
        self._check_row(parsed_row, row)
        if self._width is not None and length > self._width:
            self._check_extra(parsed_row, row, self._width)
        return parsed_row

    def _check_row(self, parsed: ParsedRow, row: RawRow) -> None:
        broken = (
            frozenset(finding.column for finding in parsed.rejects if finding.column)
            if parsed.rejects
            else _NONE
        )
        found = self._check(parsed.values, broken)
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


_NONE: Final[frozenset[str]] = frozenset()
