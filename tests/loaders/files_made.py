"""Small input files for the tests of reading, and short ways to look at what was read."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl

from kg.schema import SCHEMA
from loaders.checks import uscc_check_character
from loaders.reading import Mapping, read_paths
from loaders.rows import FileReading, Finding, ParsedRow, SheetReading

HEADER = ("统一社会信用代码", "企业名称", "区划代码")


def credit_code(number: int) -> str:
    """Return a valid, plainly synthetic credit code."""
    first = f"91370785MA{number:07d}"
    return first + uscc_check_character(first)


def firm(number: int, *more: object) -> list[object]:
    """Return the cells of one valid enterprise."""
    return [credit_code(number), f"甲{number}公司", "370785", *more]


def csv_file(
    folder: Path, name: str, rows: Sequence[Sequence[object]], encoding: str = "utf-8", end: str = "\n"
) -> Path:
    """Write rows as plain CSV without quoting."""
    path = folder / name
    path.write_bytes("".join(",".join(str(cell) for cell in row) + end for row in rows).encode(encoding))
    return path


def workbook(folder: Path, name: str, sheets: dict[str, Sequence[Sequence[object]]]) -> Path:
    """Write a workbook; texts that begin with `=` become formulas without a cached value."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    path = folder / name
    book.save(path)
    return path


def read(
    *paths: Path, table: str | None = None, mapping: Mapping | None = None, **more: Any
) -> list[FileReading]:
    """Return the readings of files."""
    return list(read_paths(list(paths), schema=SCHEMA, table=table, mapping=mapping, **more))


def sheet_of(
    *paths: Path, table: str | None = None, mapping: Mapping | None = None
) -> tuple[SheetReading, list[ParsedRow]]:
    """Return the only sheet of the only file, with its rows consumed."""
    (reading,) = read(*paths, table=table, mapping=mapping)
    (sheet,) = reading.sheets
    return sheet, list(sheet.rows)


def codes(findings: Sequence[Finding]) -> list[str]:
    """Return the codes of findings in order."""
    return [finding.code for finding in findings]
