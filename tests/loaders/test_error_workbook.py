"""The workbook of rejected rows: bad cells coloured with their reasons; corrected and sent back, it loads."""

import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from kg.schema import SCHEMA
from loaders import error_workbook
from loaders.pipeline import load
from loaders.report import Report
from tests.loaders.batches import NOON, SEALER, memory_store, rows_of
from tests.loaders.files_made import credit_code, csv_file, workbook

BAD = "00FFC7CE"
HEADER = ["统一社会信用代码", "企业名称", "区划代码", "职工人数"]
WRONG = credit_code(7)[:-1] + ("1" if credit_code(7)[-1] != "1" else "2")


def _load(store: Any, *paths: Path, errors_to: Path | None = None, **more: Any) -> Report:
    return load(
        paths, store=store, sealer=SEALER, schema=SCHEMA, source="default", actor="test", clock=lambda: NOON,
        errors_to=errors_to, **more,
    )  # fmt: skip


def _sheet(path: Path, name: str | None = None) -> Any:
    book = load_workbook(path)
    return book[name] if name else book.worksheets[0]


def _coloured(sheet: Any) -> dict[str, str]:
    """Return the coloured data cells with their comments."""
    return {
        cell.coordinate: cell.comment.text if cell.comment else ""
        for row in sheet.iter_rows(min_row=2)
        for cell in row
        if cell.fill.start_color.rgb == BAD
    }


def test_bad_cells_are_coloured_and_say_why(tmp_path: Path) -> None:
    rows = [
        HEADER,
        [credit_code(1), "甲", "370785", "12"],
        [WRONG, "乙", "370785", "约 300"],
        ["", "丙", "370785", "1"],
    ]
    path = workbook(tmp_path, "企业.xlsx", {"企业": rows})
    report = _load(memory_store(), path, errors_to=tmp_path / "退回.xlsx")
    assert [entry.code for entry in report.rejects] == ["bad-check-digit", "bad-number", "missing-required"]
    found = _coloured(_sheet(tmp_path / "退回.xlsx"))
    assert sorted(found) == ["D2", "D3", "G2"]
    assert "校验码不对" in found["D2"]
    assert "约 300" not in found["G2"]
    assert "第 3 行" in found["G2"]
    assert "必填" in found["D3"]


def test_where_the_file_lacks_the_column_the_reason_is_coloured(tmp_path: Path) -> None:
    head = ["需求编号", "用人单位代码", "标题", "服务方式", "起", "止"]
    row = ["N1", credit_code(1), "修磨床", "顾问指导", "2026-01-01", "2026-02-01"]
    path = csv_file(tmp_path, "柔性需求.csv", [head, row])
    report = _load(memory_store(), path, errors_to=tmp_path / "e.xlsx")
    assert {entry.column for entry in report.rejects} >= {"hours_per_week"}
    assert "C2" in _coloured(_sheet(tmp_path / "e.xlsx"))


def test_too_many_cells_are_coloured_where_they_stand(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "区县.csv", [["区划代码", "名称"], ["370785", "高密市", "多出"]])
    _load(memory_store(), path, errors_to=tmp_path / "e.xlsx")
    assert list(_coloured(_sheet(tmp_path / "e.xlsx"))) == ["F2"]


def test_comments_stop_where_they_would_make_the_workbook_slow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(error_workbook, "_MOST_COMMENTS", 2)
    rows = [HEADER, *([WRONG, "甲", "370785", "x"] for _ in range(3))]
    _load(memory_store(), workbook(tmp_path, "企业.xlsx", {"企业": rows}), errors_to=tmp_path / "e.xlsx")
    found = _coloured(_sheet(tmp_path / "e.xlsx"))
    assert len(found) == 6
    assert sum(1 for text in found.values() if text) == 2


def _correct(path: Path, cells: dict[str, str]) -> None:
    book = load_workbook(path)
    for address, value in cells.items():
        book.worksheets[0][address].value = value
    book.save(path)


@pytest.mark.parametrize("form", ["xlsx", "gb18030", "json"])
def test_correcting_it_and_sending_it_back_works(tmp_path: Path, form: str) -> None:
    good, bad = [credit_code(1), "甲公司", "370785", "12"], [WRONG, "乙公司", "370785", "三十"]
    if form == "xlsx":
        path = workbook(
            tmp_path, "x.xlsx", {"企业": [["某市企业名册"], HEADER, good, bad, ["合计", "", "", 2]]}
        )
    elif form == "gb18030":
        path = csv_file(tmp_path, "企业.csv", [HEADER, good, bad], encoding="gb18030")
    else:
        path = tmp_path / "企业.json"
        path.write_text(
            json.dumps([dict(zip(HEADER, row, strict=True)) for row in (good, bad)]), encoding="utf-8"
        )
    store, errors = memory_store(), tmp_path / "退回.xlsx"
    assert _load(store, path, errors_to=errors).exit_code == 3
    assert {"D2", "G2"} == set(_coloured(_sheet(errors)))
    _correct(errors, {"D2": credit_code(7), "G2": "30"})
    again = _load(store, errors)
    assert (again.exit_code, again.totals().inserted) == (0, 1)
    assert not [entry for entry in again.warnings if entry.code == "unknown-column"]
    assert {row.id.key: row.values["staff"] for row in rows_of(store, "enterprises")}[credit_code(7)] == 30


def test_a_row_below_a_merged_cell_brings_its_word_along(tmp_path: Path) -> None:
    """The rejected row is the second of a merge: alone it must still say whose it is."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "岗位需求"
    for row in (
        ["需求编号", "企业代码", "职业代码", "人数"],
        ["D1", credit_code(1), "6-18-01-01", 2],
        ["D2", None, "6-18-01-01", "两人"],
    ):
        sheet.append(row)
    sheet.merge_cells("B2:B3")
    book.save(tmp_path / "岗位需求.xlsx")
    store = memory_store()
    _load(store, workbook(tmp_path, "企业.xlsx", {"企业": [HEADER[:3], [credit_code(1), "甲", "370785"]]}))
    errors = tmp_path / "退回.xlsx"
    report = _load(store, tmp_path / "岗位需求.xlsx", errors_to=errors)
    assert [entry.row for entry in report.rejects] == [3]
    assert _sheet(errors)["E2"].value == credit_code(1)
    _correct(errors, {"G2": "2"})
    assert _load(store, errors).totals().inserted == 1


def test_nothing_in_it_is_a_formula(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "企业.csv", [HEADER, [WRONG, "=1+1", "370785", "@SUM(A1)"]])
    _load(memory_store(), path, errors_to=tmp_path / "e.xlsx")
    sheet = _sheet(tmp_path / "e.xlsx")
    assert [sheet["E2"].value, sheet["G2"].value] == ["'=1+1", "'@SUM(A1)"]
    assert all(cell.data_type == "s" for row in sheet.iter_rows() for cell in row if cell.value is not None)


def test_corrected_in_part_it_gives_the_same_columns_again(tmp_path: Path) -> None:
    first, second = tmp_path / "一.xlsx", tmp_path / "二.xlsx"
    rows = [["区划代码", "名称"], ["370785", ""], ["370786", ""]]
    _load(memory_store(), csv_file(tmp_path, "区县.csv", rows), errors_to=first)
    book = load_workbook(first)
    book.worksheets[0]["E2"] = "示例市"
    book.save(first)
    report = _load(memory_store(), first, errors_to=second)
    assert (report.exit_code, report.totals().inserted) == (3, 1)
    found = [[cell.value for cell in row] for row in _sheet(second)]
    assert found[0] == ["原行号", "错误列", "错误原因", "区划代码", "名称"]
    assert [(row[0], row[3:]) for row in found[1:]] == [("3", ["370786", None])]
    assert list(_coloured(_sheet(second))) == ["E2"]
