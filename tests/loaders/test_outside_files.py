"""What an examiner found who had read the pages on files and tables only."""

import zipfile
from pathlib import Path

import pytest

from kg.schema import SCHEMA
from loaders.cells import CellContext, cell_parser, parse_cell
from loaders.headers import table_by_name
from loaders.sources.raw import RefusedFileError
from tests.loaders.files_made import codes, credit_code, read, workbook, xml_workbook

ROWS = [["区划代码", "名称"], ["370785", "示例市"]]


def _refused(path: Path) -> list[str]:
    with pytest.raises(RefusedFileError) as refusal:
        read(path)
    return codes(refusal.value.findings)


def _with_cell(folder: Path, cell: str) -> Path:
    """Write districts whose only name is this cell; the file has one shared text."""
    header = "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in ROWS[0])
    rows = f'<row r="1">{header}</row><row r="2"><c r="A2"><v>370785</v></c>{cell}</row>'
    return xml_workbook(folder / "区县.xlsx", "区县", rows, shared="示例市")


def _name(path: Path) -> object:
    (reading,) = read(path)
    (row,) = reading.sheets[0].rows
    return row.values["name"]


@pytest.mark.parametrize("number", ["-1", "x", "1.0", "1"])
def test_a_number_that_is_no_shared_string_gives_no_other_text(tmp_path: Path, number: str) -> None:
    assert _name(_with_cell(tmp_path, '<c r="B2" t="s"><v>0</v></c>')) == "示例市"
    assert _refused(_with_cell(tmp_path, f'<c r="B2" t="s"><v>{number}</v></c>')) == ["damaged-file"]


@pytest.mark.parametrize(
    ("formula", "warnings"),
    [
        ("cmd|'/c calc'!A0", ["external-link"]),
        ("[1]表!A1", ["external-link"]),
        ("'D:\\册\\[名册.xlsx]表'!A1", ["external-link"]),
        ("区县!A1&amp;&quot;a|b&quot;", []),
        ("表[列]+区县!A1", []),
    ],
)
def test_formulas_that_point_elsewhere_are_told(tmp_path: Path, formula: str, warnings: list[str]) -> None:
    path = _with_cell(tmp_path, f'<c r="B2" t="str"><f>{formula}</f><v>示例市</v></c>')
    (reading,) = read(path)
    assert codes(reading.warnings) == warnings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
def test_a_dtd_is_found_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    path = workbook(tmp_path, "区县.xlsx", {"区县": ROWS})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("customXml/item1.xml", "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>".encode(encoding))
    assert _refused(path) == ["unsafe-archive"]


def test_an_old_workbook_cut_off_is_damaged_and_no_unknown_type(tmp_path: Path) -> None:
    head = bytearray(1024)
    head[:8], head[30], head[48:52] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 9, (7).to_bytes(4, "little")
    for name, content in {"a.xls": bytes(head), "b.xls": bytes(head[:40])}.items():
        (tmp_path / name).write_bytes(content)
        assert _refused(tmp_path / name) == ["damaged-file"]
    (tmp_path / "c.xls").write_bytes(bytes(head) + bytes(4096))
    assert _refused(tmp_path / "c.xls") == ["unsupported-type"]


def test_a_table_is_read_also_when_its_name_says_json(tmp_path: Path) -> None:
    path = tmp_path / "区县.json"
    path.write_text("区划代码,名称\n370785,示例市\n", encoding="utf-8")
    (reading,) = read(path)
    assert (reading.format, codes(reading.warnings)) == ("csv", ["extension-mismatch"])
    for text in ('"x", "y"', "12", "null", "[{'code': 1}]", "[1, 2]", '{"districts": 1,}'):
        path.write_text(text, encoding="utf-8")
        assert _refused(path) == ["bad-json"]


@pytest.mark.parametrize(
    "name",
    [
        "2026年第三季度企业",
        "企业三季度",
        "企业2026Q3",
        "企业2026年上半年",
        "Copy of enterprises",
        "企业_2026年第3季度",
    ],
)
def test_quarters_and_halves_of_a_year_may_stand_beside_the_name(name: str) -> None:
    table = table_by_name(name, SCHEMA)
    assert table is not None
    assert table.key == "enterprises"


@pytest.mark.parametrize("name", ["企业第三", "企业季报", "企业q5", "企业上", "of企业"])
def test_other_words_beside_the_name_say_nothing(name: str) -> None:
    assert table_by_name(name, SCHEMA) is None


def _cell(table: str, key: str, text: str) -> tuple[object, str | None]:
    parsed = parse_cell(SCHEMA.by_key[table].column(key), text, CellContext(is_csv=True))
    return parsed.value, parsed.reject.code if parsed.reject is not None else None


@pytest.mark.parametrize("mark", ["同 上", "同　上", "＂"])
def test_ditto_marks_are_seen_through_their_blanks(mark: str) -> None:
    assert _cell("enterprises", "tier", mark) == (None, "ditto-mark")


def test_a_time_that_no_clock_shows_is_no_date() -> None:
    for text in ("2026-09-01 25:00", "2026-09-01T08:61:00Z"):
        assert _cell("achievements", "date", text) == (None, "bad-date")
    assert _cell("achievements", "date", "2026-09-01 24:00") == ("2026-09-01", None)


def test_codes_with_a_comma_between_them_are_no_name_of_an_organisation() -> None:
    one, other = credit_code(1), credit_code(2)
    for sign in (",", "，", "|", "/"):
        assert _cell("alliances", "members", f"{one}{sign}{other}") == (None, "bad-code")
        assert _cell("talents", "employer", f"{one}{sign}{other}") == (None, "bad-code")
    assert _cell("alliances", "members", "甲厂，乙厂") == (None, "bad-code")
    assert _cell("talents", "employer", "示例 Co., Ltd.") == ("示例 Co., Ltd.", None)


def test_words_of_a_mapping_file_are_read_in_every_item_of_a_list() -> None:
    column = SCHEMA.by_key["talents"].column("modes")
    parse = cell_parser(column, CellContext(), {"技术咨询": "consult", "都行": "顾问指导；项目合作"})
    assert parse("技术咨询=0.5；项目合作").value == ("consult=0.5", "project=1")
    assert parse(["技术咨询", "project"]).value == ("consult=1", "project=1")
    assert parse("都行").value == ("consult=1", "project=1")
    assert parse("别的；技术咨询").reject is not None


@pytest.mark.parametrize(
    "rows",
    ['<c t="e">' * 60_000, '<c r="A1"><f>' * 60_000, f'<c r="A1"><f>{"a|[1]" * 60_000}</f></c>',
     '<c t="s" ' * 60_000, '<x:c r="A1"><x:f>' * 60_000, '<row hidden="1" ' * 60_000],
    ids=["errors", "formulas", "links", "strings", "prefixes", "rows"],
)  # fmt: skip
def test_a_sheet_of_things_never_closed_is_refused_at_once(tmp_path: Path, rows: str) -> None:
    path = xml_workbook(tmp_path / "企业.xlsx", "企业", rows, shared="x")
    assert set(_refused(path)) <= {"damaged-file", "missing-header"}


def test_long_names_and_headers_are_understood_at_once(tmp_path: Path) -> None:
    assert table_by_name("企业" + "1季度第1季度" * 40 + "x", SCHEMA) is None
    path = tmp_path / "区县.csv"
    path.write_text(f"区划代码,名称{'(必填)' * 2000}\n370785,示例市\n", encoding="utf-8")
    assert _refused(path) == ["missing-header"]
