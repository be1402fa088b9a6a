"""Foreign headers: what is proposed for each, on which grounds, and what of the cells is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.schema import SCHEMA
from loaders.checks import id_check_character
from loaders.proposals import (
    SURE,
    ColumnSketch,
    Proposal,
    foreign_words,
    likeliest_tables,
    missing,
    propose,
    shown_samples,
)
from loaders.synonyms import known_headers, synonyms_of, title_headers
from tests.loaders.files_made import credit_code

ID = "99010119900307123" + id_check_character("99010119900307123")
ROSTER = {
    "序号": ("1", "2"),
    "工号": ("G001", "G002"),
    "人员姓名": ("张三", "李四"),
    "身份证号": (ID, ID),
    "联系电话": ("13800138000", "13900139000"),
    "工作单位": ("甲机械公司", "乙机械公司"),
    "工种": ("数控车工", "电焊工"),
    "技能等级": ("三级/高级工", "技师"),
    "所属区县": ("370785", "370786"),
    "备注": ("退休返聘", "无"),
}


def _sketches(columns: dict[str, tuple[str, ...]]) -> list[ColumnSketch]:
    return [
        ColumnSketch(place, header, chr(ord("A") + place), cells)
        for place, (header, cells) in enumerate(columns.items())
    ]


def _proposed(table: str, columns: dict[str, tuple[str, ...]]) -> dict[str, Proposal]:
    found = propose(SCHEMA.by_key[table], _sketches(columns), SCHEMA, {})
    return {one.column.header: one for one in found}


def test_a_roster_of_another_office_is_understood() -> None:
    keys = {header: one.key for header, one in _proposed("talents", ROSTER).items()}
    assert keys == {
        "序号": "", "工号": "person_id", "人员姓名": "name", "身份证号": "id_number", "联系电话": "phone",
        "工作单位": "employer_name", "工种": "occupation", "技能等级": "level", "所属区县": "district", "备注": "",
    }  # fmt: skip
    assert not missing(SCHEMA.by_key["talents"], [key for key in keys.values() if key], SCHEMA)


def test_the_table_of_a_roster_is_found_by_its_columns() -> None:
    assert likeliest_tables(_sketches(ROSTER), SCHEMA)[0][0].key == "talents"


def test_words_in_a_column_of_occupations_are_titles_and_codes_are_not() -> None:
    assert _proposed("talents", ROSTER)["工种"].titles
    coded = _proposed("talents", {"工种代码": ("6-18-01-01", "6-18-02-04")})["工种代码"]
    assert (coded.key, coded.titles) == ("occupation", False)


def test_the_own_name_of_a_column_is_certain() -> None:
    one = _proposed("enterprises", {"企业名称": ("甲公司",)})["企业名称"]
    assert (one.key, one.score, one.reason) == ("name", 1.0, "exact")


def test_the_code_of_an_organisation_goes_before_its_name() -> None:
    found = _proposed(
        "demands", {"用人单位名称": ("甲公司",), "统一社会信用代码": (credit_code(1),), "序号": ("1",)}
    )
    assert {header: one.key for header, one in found.items()} == {
        "用人单位名称": "", "统一社会信用代码": "enterprise", "序号": "",
    }  # fmt: skip
    assert _proposed("demands", {"用人单位名称": ("甲公司",)})["用人单位名称"].key == "enterprise"


def test_cells_tell_what_a_strange_header_means() -> None:
    one = _proposed("enterprises", {"主体标识": (credit_code(1), credit_code(2))})["主体标识"]
    assert (one.key, one.reason) == ("credit_code", "shape")
    assert one.score < SURE


def test_cells_that_do_not_fit_keep_a_synonym_from_being_certain() -> None:
    one = _proposed("enterprises", {"统一代码": ("甲", "乙")})["统一代码"]
    assert one.key == "credit_code"
    assert one.score < SURE


def test_no_two_columns_mean_the_same() -> None:
    found = _proposed("enterprises", {"企业名称": ("甲公司",), "单位名称": ("甲公司",), "公司名称": ("甲",)})
    assert [one.key for one in found.values()].count("name") == 1
    assert found["企业名称"].key == "name"


def test_what_was_accepted_before_comes_first() -> None:
    saved = {"工号": ("", False), "备注": ("person_id", False)}
    found = propose(SCHEMA.by_key["talents"], _sketches(ROSTER), SCHEMA, saved)
    keys = {one.column.header: (one.key, one.reason) for one in found}
    assert keys["工号"] == ("", "saved")
    assert keys["备注"] == ("person_id", "saved")


def test_the_columns_of_an_error_workbook_mean_nothing() -> None:
    assert _proposed("enterprises", {"错误原因": ("第 2 行",)})["错误原因"].key == ""


def test_personal_cells_are_masked_whatever_the_column_is_called() -> None:
    table, found = (
        SCHEMA.by_key["talents"],
        _proposed("talents", {**ROSTER, "甲": (ID,), "乙": ("王五", "赵六")}),
    )
    shown = {header: shown_samples(table, one) for header, one in found.items()}
    texts = "".join(text for texts in shown.values() for text in texts)
    assert not [word for word in (ID, "张三", "王五", "13800138000", "退休返聘") if word in texts]
    assert shown["工种"] == ["数控车工", "电焊工"]
    assert shown["乙"] == ["**", "**"]


def test_words_of_another_office_for_a_choice_are_named() -> None:
    column = SCHEMA.by_key["enterprises"].column("status")
    assert foreign_words(column, ("存续", "正常", "吊销", "存续")) == ["存续", "吊销"]
    sealed = SCHEMA.by_key["talents"].column("sex")
    assert foreign_words(sealed, ("公", "母")) == []


@given(st.lists(st.tuples(st.text(max_size=12), st.lists(st.text(max_size=12), max_size=4)), max_size=6))
def test_any_header_and_any_cell_has_an_answer(columns: list[tuple[str, list[str]]]) -> None:
    sketches = [
        ColumnSketch(place, header, "A", tuple(cells)) for place, (header, cells) in enumerate(columns)
    ]
    found = propose(SCHEMA.by_key["talents"], sketches, SCHEMA, {})
    keys = [one.key for one in found if one.key]
    assert len(keys) == len(set(keys))
    assert all(0 <= one.score <= 1 for one in found)


@pytest.mark.parametrize("table", [table.key for table in SCHEMA.tables])
def test_no_synonym_is_the_name_of_another_column(table: str) -> None:
    """A header that is a column's own name must never be read as another column."""
    own = known_headers(SCHEMA)[table]
    for column in SCHEMA.by_key[table].columns:
        assert own[column.zh.casefold()] == column.key
        taken = {other.zh for other in SCHEMA.by_key[table].columns if other.key != column.key}
        assert not taken & set(synonyms_of(SCHEMA.by_key[table])[column.key])
    assert not set(title_headers(SCHEMA.by_key[table])) & {c.zh for c in SCHEMA.by_key[table].columns}
