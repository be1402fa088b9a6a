"""What a file is, its encoding and its limits (`files.md` S14-S16, S20, S24, S31-S33, S36, §4)."""

import zipfile
from pathlib import Path

import openpyxl
import pytest

from loaders.reading import Limits, RefusedFileError
from tests.loaders.files_made import HEADER, codes, credit_code, csv_file, firm, read, sheet_of, workbook


def read_all(path: Path, limits: Limits) -> None:
    for reading in read(path, limits=limits):
        for sheet in reading.sheets:
            list(sheet.rows)


def refusal(path: Path, limits: Limits | None = None) -> list[str]:
    with pytest.raises(RefusedFileError) as refused:
        read_all(path, limits or Limits())
    return codes(refused.value.findings)


def changed(path: Path, part: str, before: bytes, after: bytes) -> Path:
    """Rewrite one part of a workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert before in parts[part]
    parts[part] = parts[part].replace(before, after)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_s32_delimiters(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "企业.csv"
    path.write_text("\n".join(delimiter.join(map(str, row)) for row in (HEADER, firm(1))), encoding="utf-8")
    (reading,) = read(path)
    assert reading.delimiter == delimiter
    assert [row.values["credit_code"] for row in reading.sheets[0].rows] == [credit_code(1)]


def test_s32_utf16_without_a_mark_is_shown_by_its_nul_bytes(tmp_path: Path) -> None:
    for encoding in ("utf-16-le", "utf-16-be"):
        (reading,) = read(csv_file(tmp_path, "企业.csv", [HEADER, firm(1)], encoding))
        assert reading.encoding == encoding


def test_s32_no_encoding_fits(tmp_path: Path) -> None:
    path = tmp_path / "企业.csv"
    path.write_bytes(",".join(HEADER).encode() + b"\n\xff\xff,\xff\n" + bytes(range(128, 256)))
    assert refusal(path) == ["bad-encoding"]


def test_s32_a_few_damaged_bytes_are_no_gb18030(tmp_path: Path) -> None:
    path = tmp_path / "企业.csv"
    text = "\n".join(",".join(map(str, row)) for row in (HEADER, *(firm(n) for n in range(1, 9)))).encode()
    at = text.index("甲5".encode())
    path.write_bytes(text[:at] + b"\xe7\x94" + text[at + 3 :])
    with pytest.raises(RefusedFileError, match=f"第 {at} 字节，第 6 行") as refused:
        read(path)
    assert codes(refused.value.findings) == ["bad-encoding"]


def test_s32_a_quote_that_never_closes(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "企业.csv", [HEADER, firm(1), [credit_code(2), '"甲', "370785"], firm(3)])
    with pytest.raises(RefusedFileError, match="第 3 行") as refused:
        list(read(path)[0].sheets[0].rows)
    assert codes(refused.value.findings) == ["damaged-file"]
    late = csv_file(
        tmp_path, "院校.csv", [("credit_code", "name", "district"), *(firm(n) for n in range(1, 40)), ['"x']]
    )
    assert refusal(late) == ["damaged-file"]


def test_s36_a_field_that_is_too_large(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "企业.csv", [HEADER, firm(1), [credit_code(2), "甲" * 2000, "370785"]])
    assert refusal(path, Limits(field_bytes=1000)) == ["too-large"]


@pytest.mark.parametrize("tail", ["x" * 40_000, '"' + "x\n" * 20_000])
def test_s36_a_record_without_an_end_is_refused_before_it_is_held(tmp_path: Path, tail: str) -> None:
    path = csv_file(tmp_path, "企业.csv", [HEADER, firm(1), [credit_code(2), "乙", tail]])
    with pytest.raises(RefusedFileError, match="第 3 行") as refused:
        read_all(path, Limits(field_bytes=2000))
    assert codes(refused.value.findings) == ["too-large"]


def test_s36_file_sizes(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "企业.csv", [HEADER, firm(1)])
    assert refusal(path, Limits(csv_bytes=10)) == ["too-large"]
    assert refusal(workbook(tmp_path, "a.xlsx", {"企业": [HEADER]}), Limits(file_bytes=10)) == ["too-large"]


def test_s33_content_over_extension(tmp_path: Path) -> None:
    book = workbook(tmp_path, "企业.xlsx", {"企业": [HEADER, firm(1)]})
    (reading,) = read(book.rename(tmp_path / "企业.csv"))
    assert (reading.format, codes(reading.warnings)) == ("xlsx", ["extension-mismatch"])
    text = csv_file(tmp_path, "企业.xls", [HEADER, firm(1)])
    (reading,) = read(text)
    assert (reading.format, codes(reading.warnings)) == ("csv", ["extension-mismatch"])
    json = tmp_path / "skills.txt"
    json.write_text('[{"name": "a"}]', encoding="utf-8")
    (reading,) = read(json)
    assert (reading.format, codes(reading.warnings)) == ("json", ["extension-mismatch"])


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.xls", b"<html><table><tr><td>x</td></tr></table></html>", "unsupported-type"),
        ("a.xls", b'\xef\xbb\xbf\n<?xml version="1.0"?><Workbook/>', "unsupported-type"),
        ("a.pdf", b"%PDF-1.7", "unsupported-type"),
        ("a.png", b"\x89PNG\r\n", "unsupported-type"),
        ("a.rar", b"Rar!\x1a\x07", "unsupported-type"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "unsupported-type"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le"), "damaged-file"),
        ("a.xlsx", b"PK\x03\x04" + b"x" * 100, "damaged-file"),
        ("a.xlsx", b"\0\0\0\0", "damaged-file"),
        ("企业.csv", b"", "missing-header"),
        ("企业.csv", b"\n\n", "missing-header"),
    ],
)
def test_s33_what_is_never_read(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert refusal(path) == [code]


@pytest.mark.parametrize("part", ["xl/workbook.bin", "mimetype", "word/document.xml", "企业.csv"])
def test_s33_other_archives(tmp_path: Path, part: str) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(part, "x")
    assert refusal(path) == ["unsupported-type"]


def test_s33_a_truncated_workbook(tmp_path: Path) -> None:
    path = workbook(tmp_path, "企业.xlsx", {"企业": [HEADER, firm(1)]})
    path.write_bytes(path.read_bytes()[:-200])
    assert refusal(path) == ["damaged-file"]


def test_s33_macros_and_links_are_told(tmp_path: Path) -> None:
    path = workbook(tmp_path, "企业.xlsm", {"企业": [HEADER, firm(1)]})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
        archive.writestr("xl/externalLinks/externalLink1.xml", b"<x/>")
    (reading,) = read(path)
    assert (reading.format, codes(reading.warnings)) == ("xlsm", ["macros-ignored", "external-link"])


def archive_with(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("name", ["../x.xml", "/x.xml", "C:/x.xml", "xl\\..\\..\\x.xml"])
def test_s36_unsafe_names(tmp_path: Path, name: str) -> None:
    assert refusal(archive_with(tmp_path / "a.xlsx", {"xl/workbook.xml": b"<x/>", name: b"x"})) == [
        "unsafe-archive"
    ]


def test_s36_bombs(tmp_path: Path) -> None:
    bomb = archive_with(tmp_path / "a.xlsx", {"xl/workbook.xml": b"\0" * (11 << 20)})
    assert refusal(bomb) == ["unsafe-archive"]
    assert refusal(bomb, Limits(part_ratio=10_000, archive_bytes=1 << 20)) == ["too-large"]
    many = archive_with(tmp_path / "b.xlsx", {f"x{n}.xml": b"" for n in range(30)})
    assert refusal(many, Limits(archive_entries=20)) == ["unsafe-archive"]


def test_s36_no_dtd_in_any_part(tmp_path: Path) -> None:
    parts = {
        "xl/workbook.xml": b"<x/>",
        "xl/styles.xml": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x/>',
    }
    assert refusal(archive_with(tmp_path / "a.xlsx", parts)) == ["unsafe-archive"]


def test_s36_a_far_cell_is_refused_before_the_reader_sees_it(tmp_path: Path) -> None:
    path = workbook(tmp_path, "企业.xlsx", {"企业": [HEADER, firm(1)]})
    far = changed(
        path,
        SHEET,
        b"</sheetData>",
        b'<row r="1048576"><c r="XFD1048576" t="n"><v>1</v></c></row></sheetData>',
    )
    assert refusal(far) == ["too-large"]


def test_formatted_blank_rows_are_no_used_range(tmp_path: Path) -> None:
    path = workbook(tmp_path, "企业.xlsx", {"企业": [HEADER, firm(1)]})
    far = changed(
        path, SHEET, b"</sheetData>", b'<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'
    )
    assert len(sheet_of(far)[1]) == 1


def test_s15_s16_formulas_and_errors(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        "企业.xlsx",
        {
            "企业": [
                (*HEADER, "职工人数", "简称"),
                [*firm(1), "=1+1", "a"],
                [*firm(2), 3, "b"],
                [*firm(3), 4, "c"],
                [*firm(4), 5, "d"],
            ]
        },
    )
    changed(path, SHEET, b'<c r="D3" t="n"><v>3</v></c>', b'<c r="D3"><f>1+2</f><v>3</v></c>')
    changed(path, SHEET, b'<c r="D4" t="n"><v>4</v></c>', b'<c r="D4" t="e"><f>1/0</f><v>#DIV/0!</v></c>')
    changed(path, SHEET, b'<c r="D5" t="n"><v>5</v></c>', b'<c r="D5" t="str"><f>T(1)</f><v></v></c>')
    _, rows = sheet_of(path)
    assert [
        (row.values.get("staff", "?"), [(found.code, found.cell, found.value) for found in row.rejects])
        for row in rows
    ] == [
        ("?", [("formula-without-value", "D2", "")]),
        (3, []),
        ("?", [("cell-error", "D4", "#DIV/0!")]),
        (None, []),
    ]


def test_s20_s24_serial_60_and_scientific_formats(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "人才"
    sheet.append(["人才编号", "姓名", "区划代码", "手机", "可用起", "每周可用小时"])
    sheet.append(["p1", "张", 370785, 13900000000, 60, 12])
    sheet.append(["p2", "李", 370785, 13900000000, 59, 12])
    for cell, shape in (("D2", "0.00E+00"), ("F2", "0.0E+0"), ("E2", "yyyy-mm-dd"), ("E3", "yyyy-mm-dd")):
        sheet[cell].number_format = shape
    book.save(tmp_path / "人才.xlsx")
    _, (first, second) = sheet_of(tmp_path / "人才.xlsx")
    assert [(found.code, found.column) for found in first.rejects] == [
        ("digits-lost", "phone"),
        ("bad-date", "available_from"),
    ]
    assert first.values["weekly_hours"] == 12
    assert (second.values["phone"], second.values["available_from"]) == ("13900000000", "1900-02-28")


def test_s14_hidden_sheets_are_not_read_and_told(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(
        workbook(tmp_path, "a.xlsx", {"企业": [HEADER, firm(1)], "院校": [("x",)], "技能": [("y",)]})
    )
    book["院校"].sheet_state = "hidden"
    book["技能"].sheet_state = "veryHidden"
    book.save(tmp_path / "a.xlsx")
    (reading,) = read(tmp_path / "a.xlsx")
    assert [sheet.table for sheet in reading.sheets] == ["enterprises"]
    assert [(found.code, found.sheet) for found in reading.warnings] == [
        ("hidden-sheet", "院校"),
        ("hidden-sheet", "技能"),
    ]


def test_cells_are_where_the_sheet_has_them(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "企业"
    for row, cells in ((4, HEADER), (6, firm(1)), (7, ["x"])):
        for column, value in enumerate(cells, start=3):
            sheet.cell(row, column, str(value))
    book.save(tmp_path / "a.xlsx")
    read_sheet, rows = sheet_of(tmp_path / "a.xlsx")
    assert (read_sheet.header_rows, read_sheet.columns["credit_code"], rows[0].number) == (
        [4],
        (HEADER[0], "C"),
        6,
    )
    assert rows[1].rejects[0].cell == "C7"
    assert read_sheet.skipped == [("1-3", "title"), ("5", "blank")]


def test_s31_escapes_of_java_exporters(tmp_path: Path) -> None:
    path = workbook(tmp_path, "企业.xlsx", {"企业": [HEADER, [credit_code(1), "甲_x000D_\n乙", "370785"]]})
    assert sheet_of(path)[1][0].values["name"] == "甲乙"


def test_a_sheet_part_that_is_missing_is_not_silent(tmp_path: Path) -> None:
    path = workbook(tmp_path, "企业.xlsx", {"企业": [HEADER, firm(1)], "院校": [("x",)]})
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if not name.endswith("sheet2.xml")}
    assert refusal(archive_with(path, parts)) == ["damaged-file"]
