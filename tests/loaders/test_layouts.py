"""Workbooks as offices make them: two header rows, merged cells, repeated headers, hidden rows (S5, S12, S14)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from kg.schema import SCHEMA
from loaders.reading import read_paths
from loaders.rows import SheetReading
from tests.api.world import credit_code

CODE, OTHER = credit_code("91990101MA0000001"), credit_code("91990101MA0000002")
SCHOOL = credit_code("12990101MA0000003")


def book(folder: Path, title: str, fill: Callable[[Worksheet], None]) -> Path:
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = title
    fill(sheet)
    path = folder / "登记表.xlsx"
    workbook.save(path)
    return path


def read(path: Path) -> tuple[SheetReading, list[dict[str, Any]], list[list[str]]]:
    """Return the only sheet, its values row by row, and the codes of the rejects of each row."""
    (reading,) = list(read_paths([path], schema=SCHEMA))
    (sheet,) = reading.sheets
    rows = list(sheet.rows)
    return sheet, [row.values for row in rows], [[finding.code for finding in row.rejects] for row in rows]


def enterprise_groups(sheet: Worksheet) -> None:
    """A title, a header of two rows with merged groups, two rows."""
    sheet.append(["企业登记表", None, None, None, None])
    sheet.merge_cells("A1:E1")
    sheet.append(["统一社会信用代码", "企业名称", "基本信息", None, "经营状态"])
    sheet.append([None, None, "区划代码", "职工人数", None])
    for merged in ("A2:A3", "B2:B3", "C2:D2", "E2:E3"):
        sheet.merge_cells(merged)
    sheet.append([CODE, "甲厂", "990101", 12, "正常"])
    sheet.append([OTHER, "乙厂", "990101", 30, "正常"])


def test_s5_two_header_rows_with_merged_groups(tmp_path: Path) -> None:
    sheet, values, _ = read(book(tmp_path, "企业", enterprise_groups))
    assert (sheet.header_rows, sheet.first_row, sheet.skipped) == ([2, 3], 4, [("1", "title")])
    assert sheet.columns["staff"] == ("职工人数", "D")
    assert [row["staff"] for row in values] == [12, 30]
    assert sheet.unknown_columns == []


def test_s5_the_upper_row_may_know_more_columns(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(["人才编号", "姓名", "区划代码", "现等级", "可用时间", None])
        sheet.append([None, None, None, None, "起", "止"])
        for merged in ("A1:A2", "B1:B2", "C1:C2", "D1:D2", "E1:F1"):
            sheet.merge_cells(merged)
        sheet.append(["P1", "张三", "990101", "技师", "2026-01-01", "2026-12-31"])

    def joined(sheet: Worksheet) -> None:
        fill(sheet)
        sheet["E1"] = "可用"

    sheet, values, _ = read(book(tmp_path, "人才", joined))
    assert sheet.header_rows == [1, 2]
    assert sheet.columns["available_from"] == ("可用起", "E")
    assert (values[0]["available_from"], values[0]["available_to"]) == ("2026-01-01", "2026-12-31")
    sheet, values, _ = read(book(tmp_path, "人才", fill))
    assert "available_from" not in values[0], "可用时间起 is no name of a column"


def test_s5_a_merged_title_above_one_header_row_stays_a_title(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(["全市企业名录", None, None])
        sheet.merge_cells("A1:C1")
        sheet.append(["统一社会信用代码", "企业名称", "区划代码"])
        sheet.append([CODE, "甲厂", "990101"])

    sheet, values, _ = read(book(tmp_path, "企业", fill))
    assert (sheet.header_rows, sheet.skipped, len(values)) == ([2], [("1", "title")], 1)


def test_a_header_printed_again_is_skipped(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        header = ["统一社会信用代码", "企业名称", "区划代码"]
        for row in (header, [CODE, "甲厂", "990101"], header, [OTHER, "乙厂", "990101"]):
            sheet.append(row)

    sheet, values, codes = read(book(tmp_path, "企业", fill))
    assert (len(values), codes, sheet.skipped) == (2, [[], []], [("3", "header")])


def offerings(sheet: Worksheet, students: list[Any]) -> None:
    sheet.append(["开设编号", "院校代码", "专业代码", "培养层次", "入学年份", "学制", "在校人数", "备案状态"])
    for number, count in enumerate(students, start=1):
        school = SCHOOL if number == 1 else None
        sheet.append([
            f"O{number}",
            school,
            "M1" if number == 1 else None,
            "高级工",
            2025,
            3,
            count,
            "已批准",
        ])
    sheet.merge_cells(start_row=2, end_row=1 + len(students), start_column=2, end_column=2)
    sheet.merge_cells(start_row=2, end_row=1 + len(students), start_column=3, end_column=3)


def test_s12_words_fill_down(tmp_path: Path) -> None:
    _, values, codes = read(book(tmp_path, "专业开设", lambda sheet: offerings(sheet, [40, 41, 42])))
    assert [row["major"] for row in values] == ["M1", "M1", "M1"]
    assert [row["students"] for row in values] == [40, 41, 42]
    assert codes == [[], [], []]


def test_s12_an_amount_over_several_rows_rejects_each_of_them(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        offerings(sheet, [120, None, None, 40])
        sheet.merge_cells("G2:G4")

    _, values, codes = read(book(tmp_path, "专业开设", fill))
    assert codes == [["merged-number"], ["merged-number"], ["merged-number"], []]
    assert values[3]["students"] == 40


def test_s12_an_amount_merged_with_blank_rows_is_one_amount(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append([
            "开设编号",
            "院校代码",
            "专业代码",
            "培养层次",
            "入学年份",
            "学制",
            "在校人数",
            "备案状态",
        ])
        sheet.append(["O1", SCHOOL, "M1", "高级工", 2025, 3, 120, "已批准"])
        sheet.append([None] * 8)
        sheet.merge_cells("G2:G3")

    _, values, codes = read(book(tmp_path, "专业开设", fill))
    assert (codes, values[0]["students"]) == ([[]], 120)


def test_s12_a_horizontal_merge_fills_its_first_column_only(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(["统一社会信用代码", "企业名称", "区划代码", "简称"])
        sheet.append([CODE, "甲厂", "990101", None])
        sheet.merge_cells("B2:D2")

    _, values, codes = read(book(tmp_path, "企业", fill))
    assert codes == [["missing-required"]]
    assert values[0]["name"] == "甲厂"


def test_s14_hidden_rows_and_columns_are_read_and_told(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(["统一社会信用代码", "企业名称", "区划代码", "职工人数"])
        sheet.append([CODE, "甲厂", "990101", 5])
        sheet.append([OTHER, "乙厂", "990101", 6])
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["D"].hidden = True

    sheet, values, _ = read(book(tmp_path, "企业", fill))
    assert [row["staff"] for row in values] == [5, 6]
    assert [(one.code, one.value) for one in sheet.warnings] == [
        ("hidden-rows", "1"),
        ("hidden-columns", "1"),
    ]


@pytest.mark.parametrize("reference", ["A2:XFD1048576", "A2:A1048576"])
def test_a_merge_over_everything_costs_nothing(tmp_path: Path, reference: str) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(["统一社会信用代码", "企业名称", "区划代码"])
        sheet.append([CODE, "甲厂", "990101"])

    path = book(tmp_path, "企业", fill)
    patch_merge(path, reference)
    _, values, codes = read(path)
    assert (len(values), codes) == (1, [[]])


def patch_merge(path: Path, reference: str) -> None:
    """Write a merged range into the sheet XML, which openpyxl itself would take gigabytes to make."""
    import zipfile

    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    part = "xl/worksheets/sheet1.xml"
    merge = f'<mergeCells count="1"><mergeCell ref="{reference}"/></mergeCells>'.encode()
    parts[part] = parts[part].replace(b"</sheetData>", b"</sheetData>" + merge)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
