"""Golden cases: workbooks, new and old, as people lay them out."""

from collections.abc import Callable
from datetime import datetime, time
from typing import Any, Final

import xlwt
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import PatternFill
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from tests.golden_files.base import SCHOOL
from tests.golden_files.builders import DISTRICT, HEAD, TALENT, book, firm, first, old_book, repacked
from tests.golden_files.case import Case, Files
from tests.loaders.files_made import credit_code

F1, F2, F3 = credit_code(1), credit_code(2), credit_code(3)
ONE: Final = {"enterprises": (1, 1, 0, 0, 0)}
TWO: Final = {"enterprises": (2, 2, 0, 0, 0)}
OFFERING: Final = ("开设编号", "院校代码", "专业代码", "培养层次", "入学年份", "学制", "在校人数")
DAY: Final = datetime(2026, 9, 1)  # noqa: DTZ001 - a cell has no zone


def two_header_rows() -> Files:
    """A title, group headers over two rows, one column without a group."""

    def merge(workbook: Workbook) -> None:
        for cells in ("A1:E1", "A2:A3", "B2:B3", "C2:D2", "E2:E3"):
            first(workbook).merge_cells(cells)

    rows = [
        ["示例市企业登记表"], ["统一社会信用代码", "企业名称", "基本情况", None, "经营状态"], [None, None, "区划代码", "职工人数", None],
        [F1, "甲厂", DISTRICT, 12, "正常"], [F2, "乙厂", DISTRICT, 30, "正常"],
    ]  # fmt: skip
    return {"登记表.xlsx": book({"企业": rows}, merge)}


def merged_bodies() -> Files:
    """Words over several rows fill down, an amount over several rows is not shared out."""

    def merge(workbook: Workbook) -> None:
        for cells in ("B2:B5", "C2:C3", "G4:G5"):
            first(workbook).merge_cells(cells)

    rows = [
        OFFERING,
        ["O1", SCHOOL, "0101", "高级工", 2025, 3, 40],
        ["O2", None, None, "中级工", 2025, 3, 41],
        ["O3", None, "0101", "高级工", 2024, 3, 120],
        ["O4", None, "0101", "中级工", 2024, 3, None],
    ]
    return {"专业开设.xlsx": book({"专业开设": rows}, merge)}


def hidden_parts() -> Files:
    """A hidden row, a hidden column, a hidden and a very hidden sheet."""

    def hide(workbook: Workbook) -> None:
        first(workbook).row_dimensions[3].hidden = True
        first(workbook).column_dimensions["D"].hidden = True
        workbook["旧数据"].sheet_state = "hidden"
        workbook["字典"].sheet_state = "veryHidden"

    rows = [[*HEAD, "职工人数"], firm(1, 3), firm(2, 4)]
    return {"企业.xlsx": book({"企业": rows, "旧数据": rows, "字典": [["x"]]}, hide)}


def formulas_and_errors() -> Files:
    """A cached value, none, an error, an empty text, a link to another workbook."""
    rows = [[*HEAD, "职工人数"], *(firm(number, f"=1+{number}") for number in range(1, 6))]
    cached = {
        "one": ("<f>1+1</f><v></v>", "<f>1+1</f><v>2</v>"),
        "three": ('<c r="D4"><f>1+3</f><v></v></c>', '<c r="D4" t="e"><f>1/0</f><v>#DIV/0!</v></c>'),
        "four": ('<c r="D5"><f>1+4</f><v></v></c>', '<c r="D5" t="str"><f>T(1)</f><v></v></c>'),
        "five": ("<f>1+5</f><v></v>", "<f>[1]Sheet1!A1</f><v>7</v>"),
    }
    links = {"xl/externalLinks/externalLink1.xml": b"<externalLink/>"}
    return {"企业.xlsx": repacked(book({"企业": rows}, **cached), more=links)}


def rich_texts() -> Files:
    """A name in two colours, an escape of a Java exporter, a phone number that is a number."""

    def paint(workbook: Workbook) -> None:
        first(workbook)["B2"] = CellRichText("示例", TextBlock(InlineFont(b=True), "有限"), "公司")

    return {"企业.xlsx": book({"企业": [HEAD, firm(1), [F2, "乙_x000D_\n厂", 370785]]}, paint)}


def days_from_1904() -> Files:
    """Day cells of a workbook that counts from 1904."""

    def mac(workbook: Workbook) -> None:
        workbook.epoch = CALENDAR_MAC_1904
        first(workbook).append(["T1", "甲", DISTRICT, DAY])

    return {"人才.xlsx": book({"人才": [[*TALENT, "可用起"]]}, mac)}


def number_cells() -> Files:
    """Codes as numbers: scientific display, 18 digits, fractions; the day that never was; plain numbers as days."""

    def shape(workbook: Workbook) -> None:
        sheet = first(workbook)
        sheet["D2"].number_format = "0.00E+00"
        for cell in ("E2", "E3"):
            sheet[cell].number_format = "yyyy-mm-dd"

    rows = [
        [*TALENT, "手机", "可用起", "证件号码"],
        ["T1", "甲", 370785, 13900000000, 60, None],
        ["T2", "乙", 370785, 13900000000, 59, None],
        ["T3", "丙", 370785.5, None, 46266, 370785199003071234],
        ["T4", "丁", 370785, None, 20260901, None],
        ["T5", "戊", 370785, None, time(12, 30), None],
        ["T6", "己", DAY, None, DAY, None],
    ]
    return {"人才.xlsx": book({"人才": rows}, shape)}


def many_sheets() -> Files:
    """Two tables and a page of explanations."""
    return {
        "全部.xlsx": book({
            "说明": [["请按模板填写"]], "企业 2026年9月": [HEAD, firm(1)],
            "院校(2)": [["统一社会信用代码", "学校名称", "区划代码"], [credit_code(950), "新校", DISTRICT]],
        })
    }  # fmt: skip


def formatted_blank_rows() -> Files:
    """Five thousand rows that hold colours and nothing else, then one more row."""

    def paint(workbook: Workbook) -> None:
        fill = PatternFill("solid", start_color="FFFF00")
        for row in range(3, 5003):
            first(workbook).cell(row, 1).fill = fill
        for place, value in enumerate(firm(2), start=1):
            first(workbook).cell(5003, place, value)

    return {"企业.xlsx": book({"企业": [HEAD, firm(1)]}, paint)}


def old_layout() -> Files:
    """Excel 97: a title, merged words, day cells, number codes, an error cell."""

    def shape(workbook: Any) -> None:
        sheet = workbook.get_sheet(0)
        sheet.write_merge(2, 3, 2, 2, DISTRICT)
        sheet.row(3).set_cell_error(4, 0x2A)
        sheet.row(4).hidden = True
        sheet.col(4).hidden = True

    rows = [
        ["人才名册"], [*TALENT, "可用起", "每周可用小时"],
        ["T1", "甲", None, DAY, 8], ["T2", "乙", None, DAY, None], ["T3", "丙", 370785, "2026.9.1", 8.5],
    ]  # fmt: skip
    return {"人才.xls": old_book({"人才": rows}, shape)}


def old_from_1904() -> Files:
    """Excel 97 of a Macintosh, and a sheet nobody knows."""
    rows = [[*TALENT, "可用起"], ["T1", "甲", DISTRICT, DAY]]
    return {"人才.xls": old_book({"人才": rows, "杂项": [["x"]]}, mac=True)}


def old_numbers() -> Files:
    """Excel 97: long numbers whose digits are lost, a merged amount, a hidden sheet."""

    def shape(workbook: Any) -> None:
        sheet = workbook.get_sheet(0)
        sheet.write(1, 3, 13900000000, xlwt.easyxf(num_format_str="0.00E+00"))
        sheet.write(3, 5, 60, xlwt.easyxf(num_format_str="YYYY-MM-DD"))
        workbook.get_sheet(1).visibility = 1

    rows = [
        [*TALENT, "手机", "证件号码", "可用起"], ["T1", "甲", 370785], ["T2", "乙", 370785, 13900000000, 370785199003071234],
        ["T3", "丙", 370785, 13900000000],
    ]  # fmt: skip
    return {"人才.xls": old_book({"人才": rows, "旧": [["x"]]}, shape)}


def macros() -> Files:
    """A workbook with macros."""
    return {"企业.xlsm": repacked(book({"企业": [HEAD, firm(1)]}), more={"xl/vbaProject.bin": b"macro"})}


def late_columns() -> Files:
    """The table begins in column C and row 3; a remark stands far to the right."""

    def place(workbook: Workbook) -> None:
        sheet = first(workbook)
        for row, cells in ((3, HEAD), (4, firm(1)), (5, [F2, "乙厂", "x"])):
            for column, value in enumerate(cells, start=3):
                sheet.cell(row, column, str(value))
        sheet.cell(4, 9, "备注内容")

    return {"企业.xlsx": book({"企业": []}, place)}


BUILDERS: Final[tuple[Callable[[], Files], ...]] = (
    two_header_rows, merged_bodies, hidden_parts, formulas_and_errors, rich_texts, days_from_1904, number_cells,
    many_sheets, formatted_blank_rows, old_layout, old_from_1904, old_numbers, macros, late_columns,
)  # fmt: skip
STARTS: Final = {"available_from": "2026-09-01"}

CASES: Final = [
    Case(
        name="two header rows with merged groups under a title",
        rules="S5",
        files=two_header_rows(),
        counts=TWO,
        values={"enterprises": {F1: {"staff": 12, "status": "正常"}}},
        header_rows=[2, 3],
        skipped=[("1", "title")],
    ),
    Case(
        name="merged cells in the body",
        rules="S12",
        files=merged_bodies(),
        counts={"offerings": (4, 2, 0, 0, 2)},
        rejects=[(4, "students", "merged-number"), (5, "students", "merged-number")],
        values={"offerings": {"O2": {"school": SCHOOL, "major": "0101", "students": 41}}},
    ),
    Case(
        name="hidden rows, columns and sheets",
        rules="S14",
        files=hidden_parts(),
        counts=TWO,
        warnings={"hidden-rows": 1, "hidden-columns": 1, "hidden-sheet": 2},
        values={"enterprises": {F2: {"staff": 4}}},
    ),
    Case(
        name="formulas with and without a value, error cells, a link to another workbook",
        rules="S15 S16 §4",
        files=formulas_and_errors(),
        counts={"enterprises": (5, 3, 0, 0, 2)},
        rejects=[(3, "staff", "formula-without-value"), (4, "staff", "cell-error")],
        warnings={"external-link": 1},
        values={"enterprises": {F1: {"staff": 2}, credit_code(4): {"staff": None}, credit_code(5): {"staff": 7}}},
    ),
    Case(
        name="rich text, escapes of Java exporters, a code that is a number",
        rules="S31 S24",
        files=rich_texts(),
        counts=TWO,
        values={"enterprises": {F1: {"name": "示例有限公司"}, F2: {"name": "乙厂", "district": DISTRICT}}},
    ),
    Case(
        name="day cells that count from 1904",
        rules="S20",
        files=days_from_1904(),
        counts={"talents": (1, 1, 0, 0, 0)},
        values={"talents": {"T1": STARTS}},
    ),
    Case(
        name="number cells in columns of codes and days",
        rules="S20 S24 §4",
        files=number_cells(),
        counts={"talents": (6, 2, 0, 0, 4)},
        rejects=[
            (2, "phone", "digits-lost"), (2, "available_from", "bad-date"), (4, "district", "digits-lost"),
            (4, "available_from", "bad-date"), (4, "id_number", "digits-lost"), (6, "available_from", "bad-date"),
            (7, "district", "bad-code"),
        ],
        values={"talents": {"T2": {"available_from": "1900-02-28"}, "T4": STARTS}},
        sealed={"talents": {"T2": {"phone": "13900000000"}}},
    ),
    Case(
        name="a workbook of several tables and a page of explanations",
        rules="S2",
        files=many_sheets(),
        counts={"enterprises": (1, 1, 0, 0, 0), "schools": (1, 1, 0, 0, 0)},
        warnings={"unknown-sheet": 1},
    ),
    Case(
        name="five thousand formatted blank rows before the last row",
        rules="S10",
        files=formatted_blank_rows(),
        counts=TWO,
        skipped=[("3-5002", "blank")],
    ),
    Case(
        name="Excel 97 with title, merged words, days and an error cell",
        rules="S12 S14 S16 S20 S33",
        files=old_layout(),
        counts={"talents": (3, 2, 0, 0, 1)},
        rejects=[(4, "weekly_hours", "cell-error")],
        warnings={"hidden-rows": 1, "hidden-columns": 1},
        values={"talents": {"T1": {**STARTS, "district": DISTRICT, "weekly_hours": 8}, "T3": {**STARTS, "weekly_hours": 8.5}}},
        skipped=[("1", "title")],
    ),
    Case(
        name="Excel 97 of a Macintosh, days from 1904",
        rules="S20 S33",
        files=old_from_1904(),
        counts={"talents": (1, 1, 0, 0, 0)},
        warnings={"unknown-sheet": 1},
        values={"talents": {"T1": STARTS}},
    ),
    Case(
        name="Excel 97 with lost digits and a hidden sheet",
        rules="S24 S14",
        files=old_numbers(),
        counts={"talents": (3, 0, 0, 0, 3)},
        rejects=[(2, "phone", "digits-lost"), (3, "id_number", "digits-lost"), (4, "available_from", "bad-date")],
        warnings={"hidden-sheet": 1},
    ),
    Case(
        name="a workbook with macros",
        rules="S33",
        files=macros(),
        counts=ONE,
        warnings={"macros-ignored": 1},
    ),
    Case(
        name="a table that begins in column C, a remark without a header",
        rules="S1 S8",
        files=late_columns(),
        counts={"enterprises": (2, 1, 0, 0, 1)},
        rejects=[(5, "district", "bad-code")],
        warnings={"unknown-column": 1},
        header_rows=[3],
    ),
]  # fmt: skip
