"""Which table, which header row, which column (`files.md` S2-S7, S44) and mapping files (S41)."""

from dataclasses import replace
from pathlib import Path

import pytest

from kg.schema import SCHEMA, Schema
from loaders.header_rows import table_by_content
from loaders.headers import HeaderBook, column_letter, normalise, table_by_name
from loaders.mapping import load_mapping
from loaders.reading import RefusedFileError
from loaders.sources.layout import column_index

BOOK = HeaderBook(SCHEMA, {})
TABLES = SCHEMA.by_key


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("企业", "enterprises"),
        ("enterprises", "enterprises"),
        ("Enterprises", "enterprises"),
        (" 企 业 ", "enterprises"),
        ("企业_2026年9月", "enterprises"),
        ("企业(2)", "enterprises"),
        ("企业（2）", "enterprises"),
        ("2026-09 企业", "enterprises"),
        ("企业2026年3季度", "enterprises"),
        ("企业 - 副本", "enterprises"),
        ("enterprises copy", "enterprises"),
        ("专业", "majors"),
        ("专业群", "major_groups"),
        ("专业开设_2026", "offerings"),
        ("人才技能", "talent_skills"),
        ("talent_skills_2026", "talent_skills"),
        ("职业对照", "occupation_crosswalk"),
        ("Sheet1", None),
        ("企业名单", None),
        ("合作企业", None),
        ("2026", None),
        ("", None),
    ],
)
def test_s2_tables_by_name(title: str, key: str | None) -> None:
    table = table_by_name(title, SCHEMA)
    assert (table.key if table else None) == key


@pytest.mark.parametrize(
    ("table", "header", "column"),
    [
        ("enterprises", "企业名称", "name"),
        ("enterprises", "name", "name"),
        ("enterprises", "NAME", "name"),
        ("enterprises", "企业 名称", "name"),
        ("enterprises", "企业\n名称", "name"),
        ("enterprises", "企业\u3000名\u200b称", "name"),
        ("enterprises", "*企业名称：", "name"),
        ("enterprises", "企业名称＊", "name"),
        ("enterprises", "企业名称（必填）", "name"),
        ("enterprises", "企业名称*（必填项）", "name"),
        ("enterprises", "企业名称（必填）*", "name"),
        ("enterprises", "简称(可多选)", "aliases"),
        ("enterprises", "所有制§", "ownership_type"),
        ("enterprises", "职工人数(人)", "staff"),
        ("enterprises", "职工人数（人）（选填）", "staff"),
        ("demands", "月薪(元)", "pay"),
        ("demands", "月薪（元／月）", "pay"),
        ("offerings", "取证率(%)", "certificate_rate"),
        ("offerings", "学制(年)", "years"),
        ("flex_needs", "酬金上限(元/小时)", "pay_max"),
        ("flex_needs", "总小时(小时)", "total_hours"),
        ("certificates", "发证日期(yyyy-mm-dd)", "issued"),
        ("certificates", "发证日期（YYYY/MM/DD）", "issued"),
        ("certificates", "发证日期(年月日)", "issued"),
        ("certificates", "人才编号", "person_id"),
        ("certificates", "证件号码", "id_number"),
        ("placements", "竞赛编号", "competition_id"),
        ("training_batches", "项目编号", "program_id"),
        ("enterprises", "原行号", ""),
        ("enterprises", "错误原因", ""),
        ("demands", "月薪(千元)", None),
        ("demands", "月薪(元/小时)", None),
        ("enterprises", "企业名称(全称)", None),
        ("enterprises", "企业名称(元)", None),
        ("enterprises", "经办人", None),
        ("enterprises", "", None),
    ],
)
def test_s4_header_texts(table: str, header: str, column: str | None) -> None:
    assert BOOK.meaning(TABLES[table], header) == column


def test_every_name_and_key_of_the_schema_is_a_header() -> None:
    for table in SCHEMA.tables:
        for column in table.columns:
            assert BOOK.meaning(table, column.zh) == column.key
            assert BOOK.meaning(table, column.key) == column.key


def test_s3_most_known_cells_first_of_equals() -> None:
    rows = [["企业登记表"], ["企业名称", "说明"], ["统一社会信用代码", "企业名称"], ["企业名称", "区划代码"]]
    assert BOOK.header_row(TABLES["enterprises"], rows) == 2


def test_s3_one_known_cell_is_no_header_unless_the_table_needs_one_column() -> None:
    assert BOOK.header_row(TABLES["enterprises"], [["企业名称"]]) is None
    assert BOOK.header_row(TABLES["skills"], [["技能", ""]]) == 0
    assert BOOK.header_row(TABLES["skills"], [["原行号", "错误列", "错误原因", "技能"]]) == 0
    assert BOOK.header_row(TABLES["skills"], [["技能", "其他"]]) is None


def test_s3_no_share_of_known_cells_is_asked() -> None:
    assert (
        BOOK.header_row(TABLES["enterprises"], [["企业名称", "区划代码", *(f"列{n}" for n in range(30))]])
        == 0
    )


def test_s3_only_the_first_20_rows() -> None:
    header = ["企业名称", "区划代码"]
    assert BOOK.header_row(TABLES["enterprises"], [*([["x"]] * 19), header]) == 19
    assert BOOK.header_row(TABLES["enterprises"], [*([["x"]] * 20), header]) is None


def test_s2_a_table_by_its_header() -> None:
    found = table_by_content(BOOK, [["统一社会信用代码", "企业名称", "区划代码"]], [])
    assert found is TABLES["enterprises"]
    assert table_by_content(BOOK, [["统一社会信用代码", "企业名称"]], []) is None
    assert table_by_content(BOOK, [["姓名", "单位"]], []) is None


def test_s2_most_known_columns_win_and_a_tie_is_undecided() -> None:
    both = ["证件号码", "职业代码", "等级", "起", "单位代码"]
    assert table_by_content(BOOK, [both], []) is TABLES["appointments"]
    twin = replace(TABLES["enterprises"], key="firms", zh="公司", kind="firm")
    twins = HeaderBook(Schema((TABLES["enterprises"], twin)), {})
    assert table_by_content(twins, [["统一社会信用代码", "企业名称", "区划代码"]], []) is None
    assert table_by_content(BOOK, [["credit_code", "name", "district"]], []) is None


def test_s7_a_person_may_be_given_by_id_number() -> None:
    assert [column.key for column in BOOK.missing(TABLES["talent_skills"], ["id_number", "skill"])] == []
    assert [column.key for column in BOOK.missing(TABLES["talent_skills"], ["skill"])] == ["person_id"]
    assert "person_id" in [
        column.key for column in BOOK.missing(TABLES["talents"], ["id_number", "name", "district"])
    ]


@pytest.mark.parametrize(
    ("index", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16383, "XFD")]
)
def test_letters(index: int, letters: str) -> None:
    assert column_letter(index) == letters
    assert column_index(letters) == index


def test_normalise() -> None:
    assert normalise(" *企业　名称（必填）: ") == "企业名称(必填)"


def written(folder: Path, text: str) -> Path:
    path = folder / "映射.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_s41_columns_and_values(tmp_path: Path) -> None:
    text = '[enterprises]\n"统一 代码" = "credit_code"\n"经办人" = ""\n[enterprises.values.status]\n"存续" = "正常"\n["专业"]\n"名" = "名称"\n'
    mapping = load_mapping(written(tmp_path, text), SCHEMA)
    book = HeaderBook(SCHEMA, mapping.columns)
    assert book.meaning(TABLES["enterprises"], "统一代码（必填）") == "credit_code"
    assert book.meaning(TABLES["enterprises"], "经办人") == ""
    assert book.meaning(TABLES["enterprises"], "企业名称") == "name"
    assert book.meaning(TABLES["majors"], "名") == "name"
    assert mapping.values["enterprises"] == {"status": {"存续": "正常"}}


@pytest.mark.parametrize(
    "text",
    [
        '[enterprises]\n"代码" = "no_such_column"\n',
        '[no_such_table]\n"a" = "b"\n',
        '[enterprises]\n"代码" = 3\n',
        '[enterprises.values.no_such_column]\n"a" = "b"\n',
        '[enterprises.values.status]\n"存续" = "存活"\n',
        '[enterprises.values]\nstatus = "正常"\n',
        "[enterprises]\nvalues = 3\n",
        'enterprises = "x"\n',
        "[enterprises\n",
    ],
)
def test_s41_bad_mappings(tmp_path: Path, text: str) -> None:
    with pytest.raises(RefusedFileError) as refused:
        load_mapping(written(tmp_path, text), SCHEMA)
    assert [finding.code for finding in refused.value.findings] == ["bad-mapping"]


def test_s41_a_mapping_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe\x00")
    for name in ("bad.toml", "absent.toml"):
        with pytest.raises(RefusedFileError, match="映射文件"):
            load_mapping(tmp_path / name, SCHEMA)
