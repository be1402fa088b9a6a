"""Small input files for the tests of reading, and short ways to look at what was read."""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl

from kg.schema import SCHEMA
from loaders.checks import uscc_check_character
from loaders.reading import Mapping, read_paths
from loaders.rows import FileReading, Finding, ParsedRow, SheetReading

_NS = "http://schemas.openxmlformats.org"
_REL = f"{_NS}/officeDocument/2006/relationships"
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


def xml_workbook(path: Path, title: str, rows: str, *, shared: str) -> Path:
    """Write a workbook of one sheet whose rows are this XML, and which has one shared text."""
    main = f'xmlns="{_NS}/spreadsheetml/2006/main"'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_NS}/package/2006/content-types"/>',
        "_rels/.rels": _links(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook {main} xmlns:r="{_REL}"><sheets><sheet name="{title}" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _links(
            ("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml")
        ),
        "xl/sharedStrings.xml": f"<sst {main}><si><t>{shared}</t></si></sst>",
        "xl/worksheets/sheet1.xml": f"<worksheet {main}><sheetData>{rows}</sheetData></worksheet>",
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return path


def _links(*parts: tuple[str, str]) -> str:
    each = "".join(
        f'<Relationship Id="rId{number}" Type="{_REL}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(parts, start=1)
    )
    return f'<Relationships xmlns="{_NS}/package/2006/relationships">{each}</Relationships>'


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
