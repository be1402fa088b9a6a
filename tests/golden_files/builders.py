"""Files as offices make them, from rows: the same bytes every time, none of them kept in the repository."""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import xlwt
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from loaders.checks import id_check_character
from tests.loaders.files_made import credit_code

Rows = Sequence[Sequence[Any]]
MOMENT: Final = datetime(2026, 1, 1, tzinfo=UTC)
_MODIFIED: Final = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")
_SHEET_1: Final = "xl/worksheets/sheet1.xml"

HEAD: Final = ("统一社会信用代码", "企业名称", "区划代码")
TALENT: Final = ("人才编号", "姓名", "区划代码")
DISTRICT: Final = "370785"


def firm(number: int, *more: object) -> list[object]:
    """Return the cells of one valid enterprise, its number in code and name."""
    return [credit_code(number), f"第{number}示例有限公司", DISTRICT, *more]


def identity(first_17: str) -> str:
    """Return a valid ID number of a district that does not exist."""
    return first_17 + id_check_character(first_17)


def text(rows: Rows, encoding: str = "utf-8", *, end: str = "\n", delimiter: str = ",") -> bytes:
    """Return rows as a CSV with quotes where they are needed."""
    target = io.StringIO()
    csv.writer(target, delimiter=delimiter, lineterminator=end).writerows(rows)
    return target.getvalue().encode(encoding)


def book(
    sheets: Mapping[str, Rows], edit: Callable[[Workbook], None] = lambda _: None, **parts: tuple[str, str]
) -> bytes:
    """Return a workbook; `edit` may change anything before it is written.

    `parts` maps any name to (text, replacement) in the XML of the first sheet, for what openpyxl does not write.
    """
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    workbook.properties.created = MOMENT.replace(tzinfo=None)
    for title, rows in sheets.items():
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    edit(workbook)
    target = io.BytesIO()
    workbook.save(target)
    return repacked(target.getvalue(), {_SHEET_1: list(parts.values())})


def first(workbook: Workbook) -> Worksheet:
    """Return the first sheet."""
    return workbook.worksheets[0]


def repacked(
    content: bytes,
    changes: Mapping[str, Sequence[tuple[str, str]]] | None = None,
    more: Mapping[str, bytes] | None = None,
) -> bytes:
    """Return an archive with replaced texts and further parts, without the hour at which it was written."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name, replacements in (changes or {}).items():
        for before, after in replacements:
            assert before.encode() in parts[name], before
            parts[name] = parts[name].replace(before.encode(), after.encode())
    parts["docProps/core.xml"] = _MODIFIED.sub(rb"\g<1>2026-01-01T00:00:00Z", parts["docProps/core.xml"])
    return packed({**parts, **(more or {})})


def packed(parts: Mapping[str, bytes]) -> bytes:
    """Return an archive of these parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, date_time=(2026, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return target.getvalue()


def old_book(
    sheets: Mapping[str, Rows], edit: Callable[[Any], None] = lambda _: None, *, mac: bool = False
) -> bytes:
    """Return a workbook of Excel 97; a day is written as a date cell, `mac` counts days from 1904."""
    workbook = xlwt.Workbook(encoding="utf-8")
    workbook.dates_1904 = mac
    day = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for title, rows in sheets.items():
        sheet = workbook.add_sheet(title)
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                if cell is not None:
                    sheet.write(number, place, cell, *([day] if isinstance(cell, datetime) else []))
    edit(workbook)
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()
