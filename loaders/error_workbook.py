"""The workbook of rejected rows, which loads again after correction (`files.md` §1)."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from kg.text import guard_formula
from loaders.reading import Mapping, original_rows
from loaders.report import Report
from loaders.rows import Finding, SheetReading

ROW_HEADER: Final = "原行号"
COLUMN_HEADER: Final = "错误列"
REASON_HEADER: Final = "错误原因"
_NO_SHEET_NAME: Final = re.compile(r"[\[\]:*?/\\]")
_SHEET_NAME_LENGTH: Final = 31


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

    The original cells come from the files themselves, so these must still be where they were.
    """
    workbook = Workbook(write_only=True)
    for reading in report.files:
        for sheet in reading.sheets:
            by_row = _by_row(report, sheet)
            if by_row and reading.path is not None:
                name = sheet.sheet or report.schema.by_key[sheet.table].zh
                target = workbook.create_sheet(sheet_title(name, workbook.sheetnames))
                for cells in _rows(report, reading.path, sheet, by_row, mapping):
                    target.append([safe_cell(cell) for cell in cells])
    workbook.save(path)


def _by_row(report: Report, sheet: SheetReading) -> dict[int, list[Finding]]:
    found: dict[int, list[Finding]] = {}
    for entry in report.sorted_rejects():
        if (entry.file, entry.sheet, entry.table) == (sheet.file, sheet.sheet, sheet.table) and entry.row:
            found.setdefault(entry.row, []).append(entry)
    return found


def _rows(
    report: Report,
    path: Path,
    sheet: SheetReading,
    by_row: dict[int, list[Finding]],
    mapping: Mapping | None,
) -> Iterator[list[str]]:
    header, rows = original_rows(
        path, sheet.sheet, set(by_row), schema=report.schema, table=sheet.table, mapping=mapping
    )
    yield [ROW_HEADER, COLUMN_HEADER, REASON_HEADER, *header]
    for number, cells in rows:
        entries = by_row[number]
        columns = "；".join(dict.fromkeys(entry.header or entry.column or "" for entry in entries))
        reasons = "；".join(dict.fromkeys(entry.message for entry in entries))
        yield [str(number), columns, reasons, *cells]
