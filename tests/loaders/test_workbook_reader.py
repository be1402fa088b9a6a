"""Workbooks are opened in a process of their own: what it tells, its limits, and its end."""

import gc
import os
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest

from loaders.reading import Limits, RefusedFileError
from loaders.sources.raw import CellMark, ErrorCell, ScientificNumber
from loaders.sources.workbook_reader import WorkbookReader
from loaders.sources.xlsx_marks import read_marks
from tests.loaders.files_made import HEADER, codes, firm, read, workbook

CELLS = 50_000_000
SHEET = "xl/worksheets/sheet1.xml"


def opened(path: Path, **more: float) -> WorkbookReader:
    return WorkbookReader(path, path.name, "xlsx", **{"cells_at_most": CELLS, **more})  # type: ignore[arg-type]


def with_sheet(path: Path, data: str) -> Path:
    """Replace the rows of the first sheet by this XML."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    head, _, rest = parts[SHEET].partition(b"<sheetData>")
    parts[SHEET] = (
        head + b"<sheetData>" + data.encode() + b"</sheetData>" + rest.partition(b"</sheetData>")[2]
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def test_cells_of_every_kind_come_through(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    moments = [datetime(2026, 9, 1, 12, 30, 5), date(2026, 9, 1), time(8, 30), timedelta(hours=30)]  # noqa: DTZ001
    sheet.append(["文字", 1.5, True, None, *moments])
    book.save(tmp_path / "a.xlsx")
    reader = opened(tmp_path / "a.xlsx")
    assert reader.sheets() == [("Sheet", True, True)]
    (row,) = reader.rows(0)
    assert list(row[:4]) == ["文字", 1.5, True, ""]
    assert [str(cell)[:10] for cell in row[4:6]] == ["2026-09-01", "2026-09-01"]
    assert type(row[4]) is datetime
    assert row[6] == time(8, 30)


def test_two_readings_at_once_and_one_that_is_given_up(tmp_path: Path) -> None:
    rows = [[f"甲{n}", n] for n in range(2500)]
    reader = opened(workbook(tmp_path, "a.xlsx", {"一": rows, "二": rows[:40][::-1]}))
    given_up = reader.rows(0)
    assert next(given_up)[0] == "甲0"
    pairs = list(zip(reader.rows(0), reader.rows(1), strict=False))
    assert [(one[0], other[0]) for one, other in pairs] == [(f"甲{n}", f"甲{39 - n}") for n in range(40)]
    assert [row[1] for row in reader.rows(0)] == list(range(2500))
    assert [row[1] for row in given_up] == list(range(1, 2500))


def test_a_file_that_needs_more_memory_than_allowed(tmp_path: Path) -> None:
    path = workbook(tmp_path, "企业.xlsx", {"企业": [HEADER, firm(1)]})
    far = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    reader = opened(with_sheet(path, far))
    with pytest.raises(RefusedFileError) as refused:
        list(reader.rows(0))
    assert codes(refused.value.findings) == ["too-large"]


def test_a_used_range_above_the_limit_is_refused_where_the_scan_was_led_astray(tmp_path: Path) -> None:
    """The cell says another row than the one that it stands in, so only the one who opens it knows."""
    path = workbook(tmp_path, "企业.xlsx", {"企业": [HEADER, firm(1)]})
    lying = '<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="C90000"><v>1</v></c></row>'
    with pytest.raises(RefusedFileError) as refused:
        list(read(with_sheet(path, lying), limits=Limits(grid_cells=100_000)))
    assert codes(refused.value.findings) == ["too-large"]


def test_an_answer_that_does_not_come_in_time(tmp_path: Path) -> None:
    path = workbook(tmp_path, "a.xlsx", {"一": [["甲"]]})
    reader = opened(path, seconds=0.0)
    with pytest.raises(RefusedFileError) as refused:
        reader.sheets()
    assert codes(refused.value.findings) == ["too-large"]


def test_a_cell_longer_than_any_program_allows(tmp_path: Path) -> None:
    path = workbook(tmp_path, "企业.xlsx", {"企业": [HEADER, firm(1)]})
    data = "".join(f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>{text}</t></is></c></row>'
                   for n, text in enumerate(["甲" * 32_767, "甲" * 32_768], start=1))  # fmt: skip
    rows = opened(with_sheet(path, data)).rows(0)
    with pytest.raises(RefusedFileError) as refused:
        list(rows)
    assert codes(refused.value.findings) == ["too-large"]


def test_the_process_ends_with_the_reader(tmp_path: Path) -> None:
    reader = opened(workbook(tmp_path, "a.xlsx", {"一": [["甲"]] * 5000}))
    process = reader._process
    assert next(reader.rows(0))[0] == "甲"
    del reader
    gc.collect()
    assert process.returncode is not None
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


def test_marks_are_found_whatever_the_spelling(tmp_path: Path) -> None:
    cells = (
        '<row r="1"><c r="A1" t="e"><v>#REF!</v></c><c r="B1"><f>1+1</f></c><c r="C1"><v>60</v></c>'
        '<c r="D1" t="s"><v>60</v></c><c r="E1"><v>160</v></c><c r="F1"><f>2</f><v>2</v></c></row>'
    )
    path = workbook(tmp_path, "企业.xlsx", {"企业": [HEADER]})
    expected = [
        (0, ErrorCell("#REF!")), (1, CellMark.FORMULA_WITHOUT_VALUE), (2, CellMark.NO_SUCH_DAY), (3, CellMark.NO_SUCH_DAY),
    ]  # fmt: skip
    plain = read_marks(with_sheet(path, cells), "a", CELLS)["企业"]
    spaced = read_marks(with_sheet(path, cells.replace("<c ", "<c\n")), "a", CELLS)["企业"]
    prefixed = cells.replace("<c ", "<x:c ").replace("</c>", "</x:c>").replace("<f>", "<x:f>")
    other = read_marks(with_sheet(path, prefixed), "a", CELLS)["企业"]
    assert plain.rows == spaced.rows == {1: expected}
    assert [column for column, _ in other.rows[1]] == [0, 1, 2, 3]
    marked = plain.laid_over(1, ["", "", date(1900, 2, 28), "甲", 160.0, 2.0])
    assert list(marked) == [expected[0][1], expected[1][1], CellMark.NO_SUCH_DAY, "甲", 160.0, 2.0]
    assert ScientificNumber(1.0).value == 1.0


def test_a_row_without_an_end_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path, "企业.xlsx", {"企业": [HEADER]})
    with_sheet(path, '<row r="1">' + '<c r="A1"/>' * 6_500_000)
    with zipfile.ZipFile(path) as archive:
        assert archive.getinfo(SHEET).file_size > 64 << 20
    with pytest.raises(RefusedFileError) as refused:
        read_marks(path, "a.xlsx", CELLS)
    assert codes(refused.value.findings) == ["too-large"]


def test_a_wide_and_empty_range_takes_no_room(tmp_path: Path) -> None:
    path = workbook(tmp_path, "企业.xlsx", {"企业": [HEADER]})
    data = "".join(
        f'<row r="{n}"><c r="A{n}"><v>{n}</v></c>{f"""<c r="XFD{n}"><v>7</v></c>""" if n == 900 else ""}</row>'
        for n in range(1, 1501)
    )
    rows = list(opened(with_sheet(path, data)).rows(0))
    assert [len(row) for row in rows] == [16_384 if n == 900 else 1 for n in range(1, 1501)]
    assert [row[0] for row in rows] == list(range(1, 1501))
