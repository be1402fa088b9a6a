"""Mapping files kept per source: what is written is read again, and no name of a source leads anywhere else."""

from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.schema import SCHEMA
from loaders.headers import normalise
from loaders.mapping import load_mapping
from loaders.rows import ParsedRow
from loaders.saved_mappings import (
    Choice,
    forget_mapping,
    listed_mappings,
    mapping_path,
    save_choices,
    saved_choices,
    saved_mapping,
)
from loaders.sketches import sketch_files
from loaders.sources.raw import RefusedFileError
from tests.loaders.files_made import csv_file, firm, sheet_of, workbook

CHOICES = (Choice("统一代码", "credit_code"), Choice("经办人", ""), Choice("单位\n名称", "name"))


def test_what_is_saved_is_read_again(tmp_path: Path) -> None:
    path = save_choices(tmp_path, "市库", "enterprises", CHOICES, SCHEMA, {"status": {"存续": "正常"}})
    found = load_mapping(path, SCHEMA)
    assert found.columns["enterprises"] == {"统一代码": "credit_code", "经办人": "", "单位名称": "name"}
    assert found.values["enterprises"]["status"] == {"存续": "正常"}
    assert saved_choices(found, "enterprises")["经办人"] == ("", False)


def test_a_second_table_and_a_changed_header_leave_the_rest(tmp_path: Path) -> None:
    save_choices(tmp_path, "市库", "enterprises", CHOICES, SCHEMA, {"status": {"存续": "正常"}})
    save_choices(tmp_path, "市库", "talents", [Choice("工种", "occupation", titles=True)], SCHEMA)
    save_choices(tmp_path, "市库", "enterprises", [Choice("经办人", "staff")], SCHEMA)
    found = saved_mapping(tmp_path, "市库", SCHEMA)
    assert found is not None
    assert found.columns["enterprises"]["经办人"] == "staff"
    assert found.columns["enterprises"]["统一代码"] == "credit_code"
    assert found.values["enterprises"]["status"] == {"存续": "正常"}
    assert found.titles["talents"] == {"工种": "occupation"}
    assert saved_choices(found, "talents") == {"工种": ("occupation", True)}


def test_titles_become_codes_again(tmp_path: Path) -> None:
    save_choices(tmp_path, "市库", "talents", [Choice("工种", "occupation", titles=True)], SCHEMA)
    save_choices(tmp_path, "市库", "talents", [Choice("工种", "occupation")], SCHEMA)
    found = saved_mapping(tmp_path, "市库", SCHEMA)
    assert found is not None
    assert found.titles.get("talents", {}) == {}
    assert found.columns["talents"] == {"工种": "occupation"}


@given(st.text(min_size=1, max_size=100), st.text(min_size=1, max_size=100))
def test_every_source_has_a_file_of_its_own_inside_the_folder(one: str, other: str) -> None:
    data = Path("data")
    path = mapping_path(data, one)
    assert path.parent == data / "mappings"
    assert len(path.name.encode()) < 200
    assert (path == mapping_path(data, other)) == (one == other)


@given(header=st.text(min_size=1, max_size=40))
def test_any_header_survives_the_file(header: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    data = tmp_path_factory.mktemp("data")
    header = header.encode("utf-8", "replace").decode()
    save_choices(data, header, "enterprises", [Choice(header, "name")], SCHEMA)
    found = saved_mapping(data, header, SCHEMA)
    assert found is not None
    assert found.columns["enterprises"] == {normalise(header): "name"}
    assert [source for source, _ in listed_mappings(data)] == [header]


def test_sources_are_listed_and_forgotten(tmp_path: Path) -> None:
    for source in ("乙库", "甲/库"):
        save_choices(tmp_path, source, "enterprises", CHOICES, SCHEMA)
    assert [source for source, _ in listed_mappings(tmp_path)] == ["乙库", "甲/库"]
    assert forget_mapping(tmp_path, "乙库")
    assert not forget_mapping(tmp_path, "乙库")
    assert [source for source, _ in listed_mappings(tmp_path)] == ["甲/库"]
    assert saved_mapping(tmp_path, "乙库", SCHEMA) is None


def test_titles_are_only_for_columns_of_occupations(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text('[talents.titles]\n"单位" = "employer_name"\n', encoding="utf-8")
    with pytest.raises(RefusedFileError) as refused:
        load_mapping(path, SCHEMA)
    assert refused.value.findings[0].code == "bad-mapping"


def test_a_sketch_finds_the_header_below_titles_and_joins_two_rows(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        "花名册.xlsx",
        {"Sheet1": [["某市企业花名册"], [], ["单位信用代码", "单位全称", "行政区划"], firm(1)]},
    )
    (sketch,) = sketch_files([path], schema=SCHEMA)
    assert (sketch.header_rows, sketch.table) == ((3,), "enterprises")
    assert [column.letter for column in sketch.columns] == ["A", "B", "C"]
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["人员姓名", "可用", None], [None, "起", "止"], ["王一", "2026-01-01", "2026-02-01"]):
        sheet.append(row)
    sheet.merge_cells("A1:A2")
    sheet.merge_cells("B1:C1")
    book.save(tmp_path / "两行.xlsx")
    (sketch,) = sketch_files([tmp_path / "两行.xlsx"], schema=SCHEMA, table="talents")
    assert sketch.header_rows == (1, 2)
    assert [column.header for column in sketch.columns] == ["人员姓名", "可用起", "可用止"]


def test_a_file_without_a_header_is_refused(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "数.csv", [[1, 2], [3, 4]])
    with pytest.raises(RefusedFileError) as refused:
        sketch_files([path], schema=SCHEMA)
    assert refused.value.findings[0].code == "missing-header"


ALWAYS = '[certificates]\n"证号" = "number"\n[certificates.always]\n"kind" = "职业技能等级证书"\n"level" = "技师"\n'


def _read_with(tmp_path: Path, text: str, mapping: str) -> list[ParsedRow]:
    path, toml = tmp_path / "证书.csv", tmp_path / "m.toml"
    path.write_text(text, encoding="utf-8")
    toml.write_text(mapping, encoding="utf-8")
    return sheet_of(path, mapping=load_mapping(toml, SCHEMA))[1]


def test_what_every_row_has_stands_in_for_a_column_that_the_file_lacks(tmp_path: Path) -> None:
    text = "人才编号,证号,职业代码,发证日期\nP1,S000037000001252000001,6-18-01-01,2025-05-01\n"
    (row,) = _read_with(tmp_path, text, ALWAYS)
    assert (row.values["kind"], row.values["level"], row.rejects) == ("职业技能等级证书", "技师", [])
    with pytest.raises(RefusedFileError) as refused:
        _read_with(tmp_path, text, '[certificates]\n"证号" = "number"\n')
    assert [finding.code for finding in refused.value.findings] == ["missing-column"]


def test_a_column_of_the_file_goes_before_it_also_where_it_is_empty(tmp_path: Path) -> None:
    text = "人才编号,证书类型,职业代码,发证日期,等级\nP1,国家职业资格证书,6-18-01-01,2025-05-01,\n"
    (row,) = _read_with(tmp_path, text, ALWAYS)
    assert row.values["kind"] == "国家职业资格证书"
    assert [(entry.code, entry.column) for entry in row.rejects] == [("missing-required", "level")]


def test_a_table_is_recognised_with_what_every_row_has(tmp_path: Path) -> None:
    path, toml = tmp_path / "Sheet1.csv", tmp_path / "m.toml"
    path.write_text("人才编号,职业代码,发证日期,等级\nP1,6-18-01-01,2025-05-01,技师\n", encoding="utf-8")
    toml.write_text(ALWAYS, encoding="utf-8")
    assert sheet_of(path, mapping=load_mapping(toml, SCHEMA))[0].table == "certificates"


@pytest.mark.parametrize(
    "section",
    ['[certificates.always]\n"kind" = "驾照"\n', '[demands.always]\n"demand_id" = "D1"\n', '[talents.always]\n"sex" = "男"\n',
     '[talents.always]\n"没有" = "x"\n', '[talents]\nalways = 3\n'],
)  # fmt: skip
def test_what_every_row_cannot_have_is_refused(tmp_path: Path, section: str) -> None:
    path = tmp_path / "m.toml"
    path.write_text(section, encoding="utf-8")
    with pytest.raises(RefusedFileError) as refused:
        load_mapping(path, SCHEMA)
    assert refused.value.findings[0].code == "bad-mapping"


def test_it_is_kept_with_the_rest(tmp_path: Path) -> None:
    save_choices(
        tmp_path, "市库", "certificates", [Choice("证号", "number")], SCHEMA, {}, {"kind": "特级技师证书"}
    )
    save_choices(tmp_path, "市库", "certificates", [Choice("日期", "issued")], SCHEMA)
    found = saved_mapping(tmp_path, "市库", SCHEMA)
    assert found is not None
    assert found.always["certificates"] == {"kind": "特级技师证书"}
    assert found.columns["certificates"] == {"证号": "number", "日期": "issued"}
