"""Files to parsed rows, end to end (`files.md` S1, S3, S6-S11, S37, S40, S43, S46)."""

from pathlib import Path

import pytest

from kg.errors import InvalidInputError, NotFoundError
from kg.schema import SCHEMA
from loaders.reading import RefusedFileError, load_mapping, original_rows
from tests.loaders.files_made import HEADER, codes, credit_code, csv_file, firm, read, sheet_of, workbook


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_clean_csv(tmp_path: Path, encoding: str) -> None:
    path = csv_file(tmp_path, "企业.csv", [HEADER, firm(1), firm(2)], encoding)
    (reading,) = read(path)
    (sheet,) = reading.sheets
    rows = list(sheet.rows)
    assert (reading.file, reading.format, reading.encoding, reading.delimiter) == (
        "企业.csv",
        "csv",
        encoding,
        ",",
    )
    assert reading.path == path
    assert (sheet.sheet, sheet.table, sheet.header_rows, sheet.first_row, sheet.last_row) == (
        None,
        "enterprises",
        [1],
        2,
        3,
    )
    assert sheet.columns == {
        "credit_code": (HEADER[0], "A"),
        "name": (HEADER[1], "B"),
        "district": (HEADER[2], "C"),
    }
    assert [row.values for row in rows] == [
        {"credit_code": credit_code(n), "name": f"甲{n}公司", "district": "370785"} for n in (1, 2)
    ]
    assert all(not row.rejects and not row.warnings for row in rows)


def test_a_clean_workbook_says_the_same(tmp_path: Path) -> None:
    in_csv = sheet_of(csv_file(tmp_path, "企业.csv", [HEADER, firm(1)]))[1]
    sheet, in_xlsx = sheet_of(
        workbook(tmp_path, "登记.xlsx", {"企业": [HEADER, [credit_code(1), "甲1公司", 370785]]})
    )
    assert [row.values for row in in_xlsx] == [row.values for row in in_csv]
    assert (sheet.sheet, in_xlsx[0].sheet, in_xlsx[0].number) == ("企业", "企业", 2)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_s1_row_numbers_in_csv(tmp_path: Path, end: str) -> None:
    rows = [HEADER, firm(1), [""], [credit_code(2), f'"甲{end}乙"', "370785"], ["", " ", "\u3000"], firm(3)]
    sheet, parsed = sheet_of(csv_file(tmp_path, "企业.csv", rows, end=end))
    assert [row.number for row in parsed] == [2, 4, 6]
    assert [row.values["name"] for row in parsed] == ["甲1公司", "甲乙", "甲3公司"]
    assert sheet.skipped == [("3", "blank"), ("5", "blank")]


def test_s1_mixed_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "企业.csv"
    lines = [",".join(map(str, row)) for row in (HEADER, firm(1), firm(2), firm(3))]
    path.write_bytes("{}\r{}\r\n{}\n{}".format(*lines).encode())
    assert [row.number for row in sheet_of(path)[1]] == [2, 3, 4]


def test_titles_footers_and_blanks_are_listed(tmp_path: Path) -> None:
    rows = [
        ["企业登记表"],
        ["填报日期：2026-09-01"],
        HEADER,
        firm(1),
        ["合 计", "", "3"],
        [""],
        [""],
        ["注：以上为初步数据"],
        firm(2),
        ["制表人：张"],
    ]
    sheet, parsed = sheet_of(csv_file(tmp_path, "企业.csv", rows))
    assert sheet.header_rows == [3]
    assert (sheet.first_row, sheet.last_row) == (4, 10)
    assert sheet.skipped == [
        ("1-2", "title"),
        ("5", "footer"),
        ("6-7", "blank"),
        ("8", "footer"),
        ("10", "footer"),
    ]
    assert [row.number for row in parsed] == [4, 9]


def test_s11_a_firm_whose_name_begins_like_a_note_is_a_row(tmp_path: Path) -> None:
    rows = [
        ("企业名称", "统一社会信用代码", "区划代码"),
        ("合计", credit_code(1), "370785"),
        ("合计科技有限公司", "", "370785"),
        ("注册公司", "", "370785"),
    ]
    _, parsed = sheet_of(csv_file(tmp_path, "企业.csv", rows))
    assert [row.number for row in parsed] == [2, 3, 4]


def test_s10_many_blank_rows_are_not_the_end(tmp_path: Path) -> None:
    sheet, parsed = sheet_of(csv_file(tmp_path, "企业.csv", [HEADER, firm(1), *([["", ""]] * 500), firm(2)]))
    assert [row.number for row in parsed] == [2, 503]
    assert sheet.skipped == [("3-502", "blank")]


def test_s40_header_without_rows(tmp_path: Path) -> None:
    sheet, parsed = sheet_of(csv_file(tmp_path, "企业.csv", [HEADER]))
    assert (parsed, sheet.first_row, sheet.last_row) == ([], None, None)


def test_all_wrong_cells_of_a_row_are_told(tmp_path: Path) -> None:
    path = csv_file(
        tmp_path, "企业.csv", [(*HEADER, "职工人数"), (credit_code(1)[:-1] + "I", "", "37", "十二")]
    )
    _, (row,) = sheet_of(path)
    assert [(found.code, found.column, found.cell, found.value) for found in row.rejects] == [
        ("bad-code", "credit_code", "A2", credit_code(1)[:-1] + "I"),
        ("missing-required", "name", "B2", ""),
        ("bad-code", "district", "C2", "37"),
        ("bad-number", "staff", "D2", "十二"),
    ]
    assert row.rejects[1].message == "第 2 行“企业名称”是必填项，请补填"
    assert all(
        found.message.startswith("第 2 行“") and found.row == 2 and found.table == "enterprises"
        for found in row.rejects
    )
    assert row.values == {"name": None}


def test_protected_values_are_masked_in_findings(tmp_path: Path) -> None:
    rows = [
        ("人才编号", "姓名", "证件号码", "区划代码"),
        ("p1", "张三", "370785199001010011", "370785"),
        ("p2", "张\ufffd", "", "370785"),
    ]
    _, parsed = sheet_of(csv_file(tmp_path, "人才.csv", rows))
    values = [found.value for row in parsed for found in row.rejects]
    assert values == ["3707*************1", "**"]
    assert not any("370785199001010011" in found.message for row in parsed for found in row.rejects)


def test_s6_duplicate_columns_are_refused_with_both_letters(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "企业.csv", [(*HEADER, "name"), firm(1, "x")])
    with pytest.raises(RefusedFileError, match="B、D") as refused:
        read(path)
    assert codes(refused.value.findings) == ["duplicate-column"]


def test_s7_all_refusals_of_a_file_at_once(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        "x.xlsx",
        {"企业": [("企业名称", "简称", "简称")], "院校": [("a", "b")], "技能": [("技能",)]},
    )
    with pytest.raises(RefusedFileError) as refused:
        read(path)
    found = [(finding.code, finding.sheet, finding.column) for finding in refused.value.findings]
    assert found == [
        ("duplicate-column", "企业", "aliases"),
        ("missing-column", "企业", "credit_code"),
        ("missing-column", "企业", "district"),
        ("missing-header", "院校", None),
    ]


def test_s8_unknown_columns_are_warned_once_each(tmp_path: Path) -> None:
    sheet, parsed = sheet_of(
        csv_file(
            tmp_path, "企业.csv", [("经办人", *HEADER, "经办人"), ("x", *firm(1), "y"), ("x", *firm(2), "y")]
        )
    )
    assert [(found.code, found.cell, found.value) for found in sheet.warnings] == [
        ("unknown-column", "A1", "经办人"),
        ("unknown-column", "E1", "经办人"),
    ]
    assert sheet.unknown_columns == [("经办人", "A"), ("经办人", "E")]
    assert set(parsed[0].values) == {"credit_code", "name", "district"}


def test_the_columns_of_an_errors_workbook_are_known_and_left_out(tmp_path: Path) -> None:
    sheet, _ = sheet_of(
        csv_file(tmp_path, "企业.csv", [("原行号", "错误列", "错误原因", *HEADER), (7, "a", "b", *firm(1))])
    )
    assert sheet.warnings == []
    assert list(sheet.columns) == ["credit_code", "name", "district"]


def test_s9_columns_in_the_file_have_a_value_and_others_none_at_all(tmp_path: Path) -> None:
    _, (row,) = sheet_of(csv_file(tmp_path, "企业.csv", [(*HEADER, "职工人数"), firm(1, "")]))
    assert row.values["staff"] is None
    assert "status" not in row.values


def test_a_column_without_a_header_is_not_silent(tmp_path: Path) -> None:
    in_csv, _ = sheet_of(
        csv_file(
            tmp_path,
            "企业.csv",
            [
                (HEADER[0], "", *HEADER[1:]),
                (credit_code(1), "x", "甲", "370785"),
                (credit_code(2), "y", "乙", "370785"),
            ],
        )
    )
    in_xlsx, rows = sheet_of(workbook(tmp_path, "a.xlsx", {"企业": [HEADER, firm(1), firm(2, "", "x")]}))
    assert in_csv.unknown_columns == [("", "B")]
    assert in_xlsx.unknown_columns == [("", "E")]
    assert [row.rejects for row in rows] == [[], []]


def test_s43_more_cells_than_headers(tmp_path: Path) -> None:
    path = csv_file(
        tmp_path, "企业.csv", [(*HEADER, "", ""), firm(1, "", "", ""), firm(2, "x"), firm(3)[:3], firm(4)[:2]]
    )
    _, parsed = sheet_of(path)
    assert [[(found.code, found.column, found.cell) for found in row.rejects] for row in parsed] == [
        [],
        [("extra-cells", "*", "D3")],
        [],
        [("missing-required", "district", "C5")],
    ]


def test_s2_undecided_sheets_are_warned_and_a_batch_of_them_refused(tmp_path: Path) -> None:
    book = workbook(tmp_path, "a.xlsx", {"企业": [HEADER, firm(1)], "Sheet2": [], "说明": [["请如实填写"]]})
    (reading,) = read(book)
    assert [(found.code, found.sheet) for found in reading.warnings] == [
        ("unknown-sheet", "Sheet2"),
        ("unknown-sheet", "说明"),
    ]
    with pytest.raises(RefusedFileError) as refused:
        read(csv_file(tmp_path, "杂项.csv", [("a", "b")]))
    assert codes(refused.value.findings) == ["unknown-table"]


def test_s2_by_content_and_by_option(tmp_path: Path) -> None:
    by_content, _ = sheet_of(csv_file(tmp_path, "导出.csv", [HEADER, firm(1)]))
    assert by_content.table == "enterprises"
    by_option, _ = sheet_of(csv_file(tmp_path, "a.csv", [("技能",), ("车削",)]), table="技能")
    assert by_option.table == "skills"
    with pytest.raises(InvalidInputError):
        read(tmp_path / "a.csv", table="没有的表")
    with pytest.raises(InvalidInputError):
        read(tmp_path, table="skills")


def test_s2_a_lone_sheet_may_be_named_by_its_file(tmp_path: Path) -> None:
    with pytest.raises(RefusedFileError) as refused:
        read(workbook(tmp_path, "企业.xlsx", {"Sheet1": [("企业名称", "区划代码")]}))
    assert codes(refused.value.findings) == ["missing-column"]


def test_folders_are_expanded_sorted_without_hidden_files(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / ".git").mkdir()
    for name in ("企业_2.csv", "企业_1.csv", "b/企业.csv", ".hidden.csv", "~$企业.csv", ".git/x.csv"):
        csv_file(tmp_path, name, [HEADER, firm(1)])
    assert [reading.file for reading in read(tmp_path)] == ["b/企业.csv", "企业_1.csv", "企业_2.csv"]


def test_nothing_to_read(tmp_path: Path) -> None:
    with pytest.raises(RefusedFileError) as refused:
        read(tmp_path)
    assert codes(refused.value.findings) == ["no-rows"]
    with pytest.raises(NotFoundError):
        read(tmp_path / "没有.csv")


def test_s41_a_mapping_file_end_to_end(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(
        '[enterprises]\n"代码"="credit_code"\n"经办人"=""\n[enterprises.values.status]\n"存续"="正常"\n',
        encoding="utf-8",
    )
    path = csv_file(
        tmp_path,
        "企业.csv",
        [
            ("代码", "企业名称", "区划代码", "经办人", "经营状态"),
            firm(1, "x", " 存续 "),
            firm(2, "x", "异常"),
        ],
    )
    sheet, rows = sheet_of(path, mapping=load_mapping(tmp_path / "m.toml", SCHEMA))
    assert sheet.warnings == []
    assert [row.values["status"] for row in rows] == ["正常", "异常"]


def json_file(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_s37_one_array(tmp_path: Path) -> None:
    path = json_file(
        tmp_path,
        "skills.json",
        '[{"技能": "车削", "aliases": ["车", "cut"]}, {"name2": 1, "技能": "铣削", "aliases": null}]',
    )
    sheet, rows = sheet_of(path)
    assert [row.values for row in rows] == [
        {"name": "车削", "aliases": ("车", "cut")},
        {"name": "铣削", "aliases": None},
    ]
    assert [row.number for row in rows] == [1, 2]
    assert (sheet.sheet, sheet.header_rows) == (None, [])
    assert codes(sheet.warnings) == ["unknown-column"]


def test_s37_an_object_of_arrays_and_empty_ones(tmp_path: Path) -> None:
    (reading,) = read(
        json_file(tmp_path, "x.json", '{"skills": [{"name": "车削"}], "企业": [], "other": []}')
    )
    assert [(sheet.table, len(list(sheet.rows))) for sheet in reading.sheets] == [
        ("skills", 1),
        ("enterprises", 0),
    ]
    assert codes(reading.warnings) == ["unknown-sheet"]


@pytest.mark.parametrize(
    "text",
    [
        '[{"name": "a", "name": "b"}]',
        '[{"name": NaN}]',
        '[{"name": Infinity}]',
        '[{"name": "a"}] x',
        '[{"name": "a"',
        "[1, 2]",
        '"a"',
        '{"skills": 3}',
        "[" * 65 + "]" * 65,
        f'[{{"name": {"9" * 5000}}}]',
    ],
)
def test_s37_bad_json(tmp_path: Path, text: str) -> None:
    with pytest.raises(RefusedFileError) as refused:
        read(json_file(tmp_path, "skills.json", text))
    assert codes(refused.value.findings) == ["bad-json"]


def test_original_rows_are_as_people_see_them(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        "a.xlsx",
        {
            "企业": [["标题"], (*HEADER, "职工人数"), firm(1, 12), firm(2, "十二")],
            "技能": [("技能",), ("车削",)],
        },
    )
    header, rows = original_rows(path, "企业", {4}, schema=SCHEMA, table="enterprises")
    assert header == [*HEADER, "职工人数"]
    assert list(rows) == [(4, [credit_code(2), "甲2公司", "370785", "十二"])]
    json = json_file(tmp_path, "x.json", '{"skills": [{"name": "a"}, {"name": "b"}], "企业": []}')
    header, rows = original_rows(json, None, {2}, schema=SCHEMA, table="skills")
    assert (header, list(rows)) == (["name"], [(2, ["b"])])
    header, rows = original_rows(path, "企业", set(), schema=SCHEMA, table="enterprises")
    assert list(rows) == []
