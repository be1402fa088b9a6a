"""The workbook of rejected rows, bad cells coloured with the reason beside them; it loads again (`files.md` §1)."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell, WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import column_index_from_string

from kg.text import guard_formula
from loaders.reading import Mapping, original_rows
from loaders.report import Report
from loaders.rows import Finding, SheetReading

_OWN_HEADERS: Final = ("原行号", "错误列", "错误原因")
_OWN_COLUMNS: Final = len(_OWN_HEADERS)
_NO_SHEET_NAME: Final = re.compile(r"[\[\]:*?/\\]")
_SHEET_NAME_LENGTH: Final = 31
_MOST_COMMENTS: Final = 5_000
"""Comments beyond these would make the workbook slow to open; the reason stands in its column all the same."""
_COMMENT_LENGTH: Final = 500
_COMMENT_SIZE: Final = (90, 320)
_BAD: Final = PatternFill("solid", start_color="FFC7CE")
_HEAD: Final = PatternFill("solid", start_color="E7E6E6")
_AUTHOR: Final = "匠图"
_WIDTHS: Final = {"A": 8, "B": 20, "C": 46}
_WHOLE_ROW: Final = "*"
_TEXT_FORMAT: Final = "@"
_ADDRESS: Final = re.compile(r"([A-Z]+)\d+")


def safe_cell(value: object) -> str:
    """Return a cell as text that no spreadsheet runs and every spreadsheet can hold."""
    return guard_formula(ILLEGAL_CHARACTERS_RE.sub("", "" if value is None else str(value)))


def sheet_title(wanted: str, taken: Sequence[str]) -> str:
    """Return a legal sheet name that is not taken: at most 31 characters, none of `[]:*?/\\`."""
    base = _NO_SHEET_NAME.sub("_", wanted)[:_SHEET_NAME_LENGTH].strip("'") or "表"
    folded = {name.casefold() for name in taken}
    title, number = base, 1
    while title.casefold() in folded:
        number += 1
        title = f"{base[: _SHEET_NAME_LENGTH - 4]}({number})"
    return title


def write_error_workbook(report: Report, path: Path, *, mapping: Mapping | None = None) -> None:
    """Write the rejected rows of a load to `path`, a sheet per input sheet, in the order of the input.

    Each bad cell is coloured and carries its reason as a comment; where the file lacks the column, the cell of the
    reason is coloured. The original cells come from the files themselves, so these must still be where they were.
    Such a workbook, corrected in part and loaded, gives one of the same columns again.
    """
    workbook, pen = Workbook(write_only=True), _Pen()
    for reading in report.files:
        for sheet in reading.sheets:
            by_row = _by_row(report, sheet)
            if by_row and reading.path is not None:
                name = sheet.sheet or report.schema.by_key[sheet.table].zh
                target = workbook.create_sheet(sheet_title(name, workbook.sheetnames))
                pen.write(target, report, reading.path, sheet, by_row, mapping)
    workbook.save(path)


def _by_row(report: Report, sheet: SheetReading) -> dict[int, list[Finding]]:
    found: dict[int, list[Finding]] = {}
    for entry in report.sorted_rejects():
        if (entry.file, entry.sheet, entry.table) == (sheet.file, sheet.sheet, sheet.table) and entry.row:
            found.setdefault(entry.row, []).append(entry)
    return found


class _Pen:
    """Writes sheets of one workbook; counts the comments over all of them."""

    def __init__(self) -> None:
        self._comments = 0

    def write(
        self,
        target: Any,
        report: Report,
        path: Path,
        sheet: SheetReading,
        by_row: dict[int, list[Finding]],
        mapping: Mapping | None,
    ) -> None:
        header, rows = original_rows(
            path, sheet.sheet, set(by_row), schema=report.schema, table=sheet.table, mapping=mapping
        )
        for letter, width in _WIDTHS.items():
            target.column_dimensions[letter].width = width
        target.freeze_panes = "A2"
        ours = _OWN_COLUMNS if tuple(header[:_OWN_COLUMNS]) == _OWN_HEADERS else 0
        target.append([self._cell(target, text, fill=_HEAD) for text in (*_OWN_HEADERS, *header[ours:])])
        for number, cells in rows:
            target.append(self._row(target, sheet, number, cells[ours:], by_row[number], ours))

    def _row(
        self,
        target: Any,
        sheet: SheetReading,
        number: int,
        cells: Sequence[str],
        entries: list[Finding],
        left_out: int,
    ) -> list[Cell]:
        """Return a row; `left_out` columns of the input, those of an errors workbook, are not in `cells`."""
        columns = "；".join(dict.fromkeys(entry.header or entry.column or "" for entry in entries))
        reasons = "；".join(dict.fromkeys(entry.message for entry in entries))
        texts = [str(number), columns, reasons, *cells]
        bad: dict[int, list[str]] = {}
        for entry in entries:
            bad.setdefault(_place(sheet, entry, left_out), []).append(entry.message)
        texts += [""] * (max(bad) + 1 - len(texts))
        return [
            self._cell(target, text, fill=_BAD if place in bad else None, reasons=bad.get(place, ()))
            for place, text in enumerate(texts)
        ]

    def _cell(self, target: Any, text: str, *, fill: PatternFill | None, reasons: Sequence[str] = ()) -> Cell:
        cell = WriteOnlyCell(target, value=safe_cell(text))
        cell.data_type = "s"
        cell.number_format = _TEXT_FORMAT
        if fill is not None:
            cell.fill = fill
            cell.font = Font(bold=True) if fill is _HEAD else Font(color="9C0006")
            cell.alignment = Alignment(wrap_text=fill is _BAD, vertical="top")
        if reasons and self._comments < _MOST_COMMENTS:
            self._comments += 1
            cell.comment = Comment("\n".join(reasons)[:_COMMENT_LENGTH], _AUTHOR, *_COMMENT_SIZE)
        return cell


def _place(sheet: SheetReading, entry: Finding, left_out: int) -> int:
    """Return where in a row of the workbook the bad cell of an entry stands (from 0); the reason's where there is none."""
    _, letter = sheet.columns.get(entry.column or "", ("", ""))
    if entry.column == _WHOLE_ROW and entry.cell is not None:
        found = _ADDRESS.fullmatch(entry.cell)
        letter = found[1] if found else ""
    return _OWN_COLUMNS - left_out + column_index_from_string(letter) - 1 if letter else _OWN_COLUMNS - 1
