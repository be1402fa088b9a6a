"""Excel 97: what a second look at its records finds, and what it refuses before anybody opens the file."""

import struct
from pathlib import Path

import pytest
import xlwt

from loaders.reading import Limits, RefusedFileError
from loaders.sources.raw import CellMark, ErrorCell
from loaders.sources.xls_marks import read_old_marks
from loaders.sources.xlsx_marks import SCIENTIFIC
from tests.golden_files.builders import HEAD, firm, old_book
from tests.loaders.files_made import codes, read

CELLS = 50_000_000
ENTRY_OF_FIRST_FOLDER = 48


def saved(folder: Path, content: bytes) -> Path:
    path = folder / "企业.xls"
    path.write_bytes(content)
    return path


def test_marks_of_every_kind_of_record(tmp_path: Path) -> None:
    def fill(workbook: xlwt.Workbook) -> None:
        sheet = workbook.get_sheet(0)
        shown = xlwt.easyxf(num_format_str="0.00E+00")
        sheet.write(1, 0, 370785, shown)
        sheet.write(1, 1, 1.25e17, shown)
        sheet.write(2, 0, 60)
        sheet.write(2, 1, 60.0, xlwt.easyxf(num_format_str="YYYY-MM-DD"))
        sheet.write(2, 2, 61)
        for place, code in enumerate((0x00, 0x07, 0x0F, 0x17, 0x1D, 0x24, 0x2A)):
            sheet.row(3).set_cell_error(place, code)
        sheet.row(5).hidden = True
        sheet.col(2).hidden = sheet.col(3).hidden = True

    marks = read_old_marks(saved(tmp_path, old_book({"企业": [["甲"]], "第二": [["乙"]]}, fill)), "a", CELLS)
    assert sorted(marks) == ["企业", "第二"]
    assert marks["企业"].rows[2] == [(0, SCIENTIFIC), (1, SCIENTIFIC)]
    assert marks["企业"].rows[3] == [(0, CellMark.NO_SUCH_DAY), (1, CellMark.NO_SUCH_DAY)]
    shown = ["#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"]
    assert marks["企业"].rows[4] == [(place, ErrorCell(text)) for place, text in enumerate(shown)]
    assert (marks["企业"].layout.hidden_rows, marks["企业"].layout.hidden_columns) == (1, 2)
    assert marks["第二"].rows == {}


def test_a_used_range_above_the_limit_is_refused_at_once(tmp_path: Path) -> None:
    def far(workbook: xlwt.Workbook) -> None:
        workbook.get_sheet(0).write(60_000, 250, 1)

    path = saved(tmp_path, old_book({"企业": [HEAD, firm(1)]}, far))
    with pytest.raises(RefusedFileError) as refused:
        list(read(path, limits=Limits(grid_cells=1_000_000)))
    assert codes(refused.value.findings) == ["too-large"]
    (reading,) = read(path)
    assert [row.values["district"] for row in reading.sheets[0].rows][0:1] == ["370785"]


def test_a_chain_of_sectors_without_an_end_is_refused_at_once(tmp_path: Path) -> None:
    content = bytearray(old_book({"企业": [HEAD, firm(1)]}))
    (folder,) = struct.unpack_from("<I", content, ENTRY_OF_FIRST_FOLDER)
    (table,) = struct.unpack_from("<I", content, 76)
    struct.pack_into("<I", content, (table + 1) * 512 + folder * 4, folder)
    with pytest.raises(RefusedFileError) as refused:
        list(read(saved(tmp_path, bytes(content))))
    assert codes(refused.value.findings) == ["damaged-file"]


def test_a_cell_in_a_column_that_the_format_does_not_have_is_refused(tmp_path: Path) -> None:
    content = old_book(
        {"企业": [HEAD, firm(1)]}, lambda workbook: workbook.get_sheet(0).write(60_000, 255, 7)
    )
    place = struct.pack("<HHHH", 0x27E, 10, 60_000, 255)
    assert content.count(place) == 1
    path = saved(tmp_path, content)
    (reading,) = read(path)
    assert len(list(reading.sheets[0].rows)) == 2
    path.write_bytes(content.replace(place, struct.pack("<HHHH", 0x27E, 10, 60_000, 700)))
    with pytest.raises(RefusedFileError) as refused:
        list(read(path))
    assert codes(refused.value.findings) == ["damaged-file"]


@pytest.mark.parametrize("size", [0, 20, 60, 100, 512, 600, 3000])
def test_what_follows_no_format_has_no_marks(tmp_path: Path, size: int) -> None:
    content = old_book({"企业": [HEAD, firm(1)]})
    assert read_old_marks(saved(tmp_path, content[:size]), "a", CELLS) == {}
