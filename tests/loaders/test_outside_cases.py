"""Cases from outside: whole files against the sentences of the page on files, found by reading it line by line."""

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from kg.ports import GraphStore
from kg.schema import SCHEMA, ColumnType
from loaders.checks import parse_uscc
from loaders.export import export_tables
from loaders.templates import _EXAMPLES
from tests.loaders.batches import SEALER, load_files, memory_store
from tests.loaders.cells_seen import code_of, value_of
from tests.loaders.files_made import HEADER, credit_code, firm

Rows = Sequence[Sequence[object]]
FIRM, SCHOOL = credit_code(1), credit_code(900)
KIND, TRADE = "职业技能等级证书", "6-18-01-01"
CITY: dict[str, Rows] = {
    "区县": [["区划代码", "名称"], ["370785", "示例市"]],
    "职业": [["职业代码", "名称", "版本"], [TRADE, "车工", "2015"], [TRADE, "车工", "2022"]],
    "专业": [["专业代码", "名称", "面向职业"], ["0101", "机械加工", TRADE]],
    "企业": [HEADER, [FIRM, "甲机械有限公司", "370785"]],
    "院校": [["统一社会信用代码", "学校名称", "区划代码"], [SCHOOL, "示例技师学院", "370785"]],
    "人才": [["人才编号", "姓名", "区划代码"], ["P1", "王一", "370785"], ["P2", "王二", "370785"]],
    "竞赛": [["竞赛编号", "名称", "级别", "年度"], ["K1", "省赛", "省", "2025"]],
}


def _csv(rows: Rows) -> bytes:
    return "".join(",".join(map(str, row)) + "\n" for row in rows).encode()


def _xlsx(rows: Rows, title: str) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _loaded(store: GraphStore, folder: Path, tables: dict[str, Rows]) -> dict[str, Any]:
    return load_files(store, folder, {f"{name}.csv": _csv(rows) for name, rows in tables.items()})


@pytest.fixture
def city(tmp_path: Path) -> GraphStore:
    """A store with one of everything that others refer to."""
    store = memory_store()
    assert _loaded(store, tmp_path / "city", CITY)["status"] == "done"
    return store


def _found(document: dict[str, Any], what: str = "rejects") -> list[tuple[int | None, str | None, str]]:
    return [(entry["row"], entry["column"], entry["code"]) for entry in document[what]]


@pytest.mark.parametrize(
    "name", ["企业.xls", "企业.xlsm", "企业.csv", "企业.json", "企业.xlsb", "企业.dat", "企业"]
)
def test_s33_a_workbook_is_read_whatever_its_extension(tmp_path: Path, name: str) -> None:
    document = load_files(memory_store(), tmp_path, {name: _xlsx([HEADER, firm(1)], "企业")})
    assert (document["status"], document["totals"]["inserted"]) == ("done", 1)
    assert document["files"][0]["format"] == "xlsx"
    warnings = [entry["code"] for entry in document["warnings"]]
    assert warnings == ["extension-mismatch", "unknown-reference"]


@pytest.mark.parametrize("name", ["企业.xlsx", "企业.xls", "企业.xlsm"])
def test_s33_an_empty_workbook_file_is_damaged(tmp_path: Path, name: str) -> None:
    document = load_files(memory_store(), tmp_path, {name: b""})
    assert (document["status"], [entry["code"] for entry in document["errors"]]) == (
        "refused",
        ["damaged-file"],
    )


@pytest.mark.parametrize(
    ("encoding", "named"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("gb18030", "gb18030")]
)
def test_s32_holds_for_json_too(tmp_path: Path, encoding: str, named: str) -> None:
    text = json.dumps([dict(zip(HEADER, firm(1), strict=True))], ensure_ascii=False)
    document = load_files(memory_store(), tmp_path, {"企业.json": text.encode(encoding)})
    assert (document["status"], document["files"][0]["encoding"]) == ("done", named)


def test_s32_json_of_no_encoding_is_refused(tmp_path: Path) -> None:
    content = b'[{"credit_code": "\xff\xff"}]'
    document = load_files(memory_store(), tmp_path, {"企业.json": content})
    assert [(entry["code"], entry["row"]) for entry in document["errors"]] == [("bad-encoding", 1)]


def test_s30_a_certificate_whose_number_cannot_be_read_has_no_key(city: GraphStore, tmp_path: Path) -> None:
    header = ["人才编号", "证书编号", "证书类型", "职业代码", "等级", "发证日期"]
    rows = [["P1", number, KIND, TRADE, "高级工", "2024-05-01"] for number in ("3.7E+15", "")]
    document = _loaded(city, tmp_path, {"证书": [header, *rows]})
    assert _found(document) == [(2, "number", "digits-lost")]
    assert document["totals"]["inserted"] == 1


@pytest.mark.parametrize(
    ("table", "row", "column"),
    [
        (
            "岗位需求",
            {"需求编号": "D1", "企业代码": "甲*有限公司", "职业代码": TRADE, "人数": 1},
            "enterprise",
        ),
        ("师徒", {"师傅": "P*", "徒弟": "P2"}, "mentor"),
        ("竞赛名次", {"竞赛编号": "K*", "人才编号": "P1", "名次": "1"}, "competition_id"),
        (
            "专业开设",
            {
                "开设编号": "F1",
                "院校代码": SCHOOL,
                "专业代码": "M*1",
                "培养层次": "高级工",
                "入学年份": 2024,
                "学制": 3,
                "在校人数": 36,
            },
            "major",
        ),
    ],
)
def test_s18_a_hard_reference_that_is_partly_masked_finds_nobody(
    city: GraphStore, tmp_path: Path, table: str, row: dict[str, object], column: str
) -> None:
    document = _loaded(city, tmp_path, {table: [list(row), list(row.values())]})
    assert _found(document) == [(2, column, "masked-key")]


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("专业群", [["专业群编号", "名称", "院校代码", "专业代码"], ["G1", "群", SCHOOL, "9998；9999"]]),
        (
            "荣誉",
            [
                ["人才编号", "荣誉名称", "级别", "年度"],
                ["P9", "大师", "省", "2020"],
                ["P9", "大师", "省", "x"],
            ],
        ),
        ("人才技能", [["人才编号", "技能", "水平"], ["P9", "焊接", "1"], ["P9", "焊接", "2"]]),
        ("隶属关系", [["上级代码", "下级代码", "持股比例"], [FIRM, FIRM, "0.6"], [FIRM, FIRM, "0.7"]]),
    ],
)
def test_one_entry_per_wrong_cell(city: GraphStore, tmp_path: Path, table: str, rows: Rows) -> None:
    document = _loaded(city, tmp_path, {table: rows})
    cells = [(row, column) for row, column, _ in _found(document)]
    assert len(set(cells)) == len(cells)
    assert document["totals"]["rejected"] == len({row for row, _ in cells}) == len(rows) - 1


@pytest.mark.parametrize("form", ["json", "xlsx", "csv"])
def test_s45_one_code_bare_and_with_its_edition_comes_back_unchanged(
    city: GraphStore, tmp_path: Path, form: str
) -> None:
    both = f"{TRADE}=0.3；{TRADE}@2022=0.5；{TRADE}@2015"
    document = _loaded(city, tmp_path, {"专业": [CITY["专业"][0], ["0102", "双版本", both]]})
    assert document["status"] == "done"
    content = b"".join(export_tables(city, SEALER, SCHEMA, ["majors"], fmt=form, sealed=True))
    again = load_files(city, tmp_path, {f"专业.{form}": content})
    assert (again["status"], again["changed"], again["totals"]["unchanged"]) == ("done", False, 2)


@pytest.mark.parametrize("form", ["json", "xlsx"])
def test_s40_an_export_of_all_is_no_first_delivery_of_other_tables(
    city: GraphStore, tmp_path: Path, form: str
) -> None:
    content = b"".join(export_tables(city, SEALER, SCHEMA, None, fmt=form, sealed=True))
    again = load_files(city, tmp_path, {f"全部.{form}": content})
    assert (again["status"], again["changed"]) == ("done", False)
    assert len(again["tables"]) == len(CITY)


def test_a_sentence_of_a_plain_list_is_text_and_no_name() -> None:
    sentence = "长" * 201
    assert value_of("intermediaries.services", f"{sentence}；短") == (sentence, "短")
    assert value_of("enterprises.aliases", sentence) == (sentence,)
    assert code_of("flex_needs.tags", sentence) == "too-long"
    assert code_of("enterprises.chains", "c" * 201) == "too-long"
    assert code_of("intermediaries.services", "长" * 10_001) == "too-long"


@pytest.mark.parametrize(
    ("path", "raw", "code"),
    [
        ("market_stats.quarter", "1899Q4", "bad-date"),
        ("market_stats.quarter", "2200年第一季度", "bad-date"),
        ("talents.modes", "consult=-0.1", "out-of-range"),
        ("talents.modes", "consult=101%", "out-of-range"),
        ("talents.modes", "consult=.5", "bad-list"),
    ],
)
def test_numbers_out_of_their_range(path: str, raw: str, code: str) -> None:
    assert code_of(path, raw) == code


def test_s31_nought_is_written_in_its_shortest_form() -> None:
    assert value_of("policies.text", -0.0) == "0"


def test_years_of_study_are_required(city: GraphStore, tmp_path: Path) -> None:
    cells = {
        "开设编号": "F1",
        "院校代码": SCHOOL,
        "专业代码": "0101",
        "培养层次": "高级工",
        "入学年份": 2024,
        "在校人数": 36,
    }
    document = _loaded(city, tmp_path, {"专业开设": [list(cells), list(cells.values())]})
    assert [(entry["column"], entry["code"]) for entry in document["errors"]] == [("years", "missing-column")]
    document = _loaded(city, tmp_path, {"专业开设": [[*cells, "学制"], [*cells.values(), ""]]})
    assert _found(document) == [(2, "years", "missing-required")]


def test_the_credit_code_that_templates_show_is_valid() -> None:
    shown = _EXAMPLES[ColumnType.USCC].partition("，")[0]
    assert parse_uscc(shown).value == shown
