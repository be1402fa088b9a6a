"""More cases from outside: what whole files showed that the page on files says otherwise."""

import io
import json
import zipfile
from pathlib import Path

import openpyxl

from tests.loaders.batches import load_files, memory_store
from tests.loaders.files_made import HEADER, credit_code

DISTRICTS = "区划代码,名称\n370785,示例市\n".encode()


def _named(folder: Path, *names: str) -> list[str | None]:
    """Return the names that enterprises have in the store after they came in a workbook as those texts."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "企业"
    for row in [HEADER, *([credit_code(n), name, "370785"] for n, name in enumerate(names))]:
        sheet.append(list(row))
    content = io.BytesIO()
    book.save(content)
    store = memory_store()
    load_files(store, folder, {"区县.csv": DISTRICTS, "企业.xlsx": content.getvalue()})
    found = {row.id.key: str(row.values["name"]) for row in store.rows(table="enterprises")}
    return [found.get(credit_code(n)) for n in range(len(names))]


def test_every_character_that_a_workbook_writes_as_a_number_is_decoded(tmp_path: Path) -> None:
    names = _named(
        tmp_path, "_x4E00__x0041_厂", "_xD83D__xDE00_厂", "_x4e00_厂_x000D_", "x_X4E00_", "_x41_", "_xD83D_厂"
    )
    assert names == ["一A厂", "😀厂", "一厂", "x_X4E00_", "_x41_", None]


def test_an_underscore_that_is_written_out_stays_one(tmp_path: Path) -> None:
    assert _named(tmp_path, "_x005F_x4E00_", "_x005F_x0041_") == ["_x4E00_", "_x0041_"]


def test_the_order_of_recipients_makes_no_other_consent(tmp_path: Path) -> None:
    store = memory_store()
    people = "人才编号,姓名,区划代码\nP1,王一,370785\n".encode()
    head = "人才编号,用途,接收方,起\n"
    first = f"{head}P1,联系,企业；院校,2020-01-01\nP1,联系,院校;企业,2020-01-01\n".encode()
    found = load_files(store, tmp_path, {"区县.csv": DISTRICTS, "人才.csv": people, "授权.csv": first})
    assert (found["status"], found["tables"]["consents"]["inserted"]) == ("done", 1)
    assert [entry["code"] for entry in found["warnings"]] == ["duplicate-row"]
    again = load_files(store, tmp_path, {"授权.csv": f"{head}P1,联系,院校;企业,2020-01-01\n".encode()})
    assert again["totals"]["unchanged"] == 1


def test_equal_rows_of_two_files_are_named_with_their_file(tmp_path: Path) -> None:
    rows = f"{','.join(HEADER)}\n{credit_code(1)},甲厂,370785\n".encode()
    found = load_files(memory_store(), tmp_path, {"区县.csv": DISTRICTS, "企业.csv": rows, "企业2.csv": rows})
    (warning,) = found["warnings"]
    assert (warning["file"], warning["row"]) == ("企业2.csv", 2)
    assert "企业.csv / 第 2 行" in warning["message"]


def test_objects_have_no_addresses(tmp_path: Path) -> None:
    firms = [
        {"credit_code": credit_code(1), "name": "甲厂", "district": "370785", "industry": "C34", "staff": "x"}
    ]
    firms.append(firms[0] | {"credit_code": credit_code(2), "staff": "1"})
    found = load_files(
        memory_store(),
        tmp_path,
        {"区县.csv": DISTRICTS, "企业.json": json.dumps(firms, ensure_ascii=False).encode()},
    )
    assert [(entry["code"], entry["cell"]) for entry in found["rejects"]] == [("bad-number", None)]
    assert {(entry["code"], entry["cell"]) for entry in found["warnings"]} == {("unknown-reference", None)}


def test_an_archive_without_anything_says_so_by_its_name(tmp_path: Path) -> None:
    content = io.BytesIO()
    zipfile.ZipFile(content, "w").close()
    found = load_files(memory_store(), tmp_path, {"登记.zip": content.getvalue()})
    (error,) = found["errors"]
    assert (found["status"], error["code"]) == ("refused", "no-rows")
    assert "“登记.zip”" in error["message"]
    assert str(tmp_path) not in error["message"]
