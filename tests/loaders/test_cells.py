"""Cells of any type: marks, masks, guards, texts and names (`files.md` S13-S18, S25, S31)."""

from datetime import date, datetime

import pytest

from kg.model.graph import MASKED
from loaders.cells import cell_parser, display, parse_cell
from loaders.sources.raw import CellMark, ErrorCell, RawValue, ScientificNumber
from tests.loaders.cells_seen import (
    CHOICE,
    CODE,
    COUNT,
    CSV,
    DAY,
    DISTRICT,
    KEY,
    LEVEL,
    NAME,
    OPTIONAL_NAME,
    PAY,
    PLAIN,
    SOFT_ORGANISATION,
    TEXT,
    TITLE,
    YES_NO,
    code_of,
    column_of,
    value_of,
    warnings_of,
)


@pytest.mark.parametrize("raw", ["", None, "  ", "\u3000", "\xa0", "\u200b\ufeff"])
@pytest.mark.parametrize("path", [NAME, TEXT, COUNT, DAY, LEVEL, CHOICE, YES_NO, CODE])
def test_blank_is_absent(path: str, raw: RawValue) -> None:
    assert value_of(path, raw) is None


MARKS = [
    "-",
    "—",
    "/",
    "无",
    "N/A",
    "n/a",
    "--",
    "——",
    "\\",
    "暂无",
    "不详",
    "未知",
    "未填",
    "NA",
    "null",
    "NULL",
    "－",
    "／",
    " 无 ",
]


@pytest.mark.parametrize("raw", MARKS)
@pytest.mark.parametrize(
    "path", [TEXT, COUNT, DAY, LEVEL, CHOICE, CODE, "demands.skills", "enterprises.aliases"]
)
def test_s17_absent_marks(path: str, raw: str) -> None:
    assert value_of(path, raw) is None


def test_s17_a_required_name_that_is_a_mark_is_absent_and_an_optional_one_is_text() -> None:
    assert value_of(NAME, "无") is None
    assert value_of(OPTIONAL_NAME, "无") == "无"
    assert value_of(TITLE, "未知") == "未知"


def test_s17_no_in_a_yes_no_column() -> None:
    assert value_of(YES_NO, "无") is False
    assert value_of(YES_NO, "-") is None


@pytest.mark.parametrize("raw", ["同上", "〃", '"', "″", " 同上 "])
@pytest.mark.parametrize("path", [NAME, TEXT, COUNT, DAY, CODE, "demands.skills"])
def test_s13_ditto_marks(path: str, raw: str) -> None:
    assert code_of(path, raw) == "ditto-mark"


@pytest.mark.parametrize(
    "raw", ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", ErrorCell("#REF!")]
)
@pytest.mark.parametrize("path", [NAME, TEXT, COUNT, DAY, CODE, "demands.skills"])
def test_s16_error_cells(path: str, raw: RawValue) -> None:
    assert code_of(path, raw) == "cell-error"


def test_s15_formula_without_value() -> None:
    assert code_of(TEXT, CellMark.FORMULA_WITHOUT_VALUE) == "formula-without-value"
    assert code_of(COUNT, CellMark.FORMULA_WITHOUT_VALUE) == "formula-without-value"


@pytest.mark.parametrize("raw", ["*", "***", "＊＊", " ** "])
@pytest.mark.parametrize(
    "path",
    [NAME, TEXT, COUNT, DAY, LEVEL, CHOICE, YES_NO, CODE, DISTRICT, SOFT_ORGANISATION, "demands.skills"],
)
def test_s18_masked(path: str, raw: str) -> None:
    assert value_of(path, raw) == MASKED
    assert warnings_of(path, raw) == []


def test_s18_a_masked_key_or_hard_reference_rejects() -> None:
    assert code_of("enterprises.credit_code", "***", KEY) == "masked-key"
    assert code_of("enterprises.credit_code", "9137**********0001", KEY) == "masked-key"
    assert code_of("certificates.person_id", "*") == "masked-key"
    assert code_of("demands.enterprise", "**") == "masked-key"


@pytest.mark.parametrize(
    ("path", "raw"),
    [
        (CODE, "139****1234"),
        ("talents.id_number", "3707**********123x"),
        (COUNT, "1**"),
        (PAY, "1.*万"),
        (DAY, "2026-**-01"),
        (DAY, "2026年*月"),
    ],
)
def test_s18_partly_masked(path: str, raw: str) -> None:
    assert value_of(path, raw) == MASKED
    assert warnings_of(path, raw) == ["partly-masked"]


def test_s18_a_partly_masked_name_is_text() -> None:
    assert value_of(NAME, "王*") == "王*"
    assert warnings_of(NAME, "王*") == ["partly-masked"]
    assert warnings_of(TITLE, "M8*20 螺栓") == []


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("'=SUM(A1)", "=SUM(A1)"),
        ("'+1", "+1"),
        ("'-x", "-x"),
        ("'@x", "@x"),
        ("'x", "'x"),
        ("''=x", "'=x"),
        ("‘引’", "‘引’"),
    ],
)
def test_s25_the_guard_of_texts(raw: str, expected: str) -> None:
    assert value_of(TEXT, raw) == expected


@pytest.mark.parametrize(
    "raw",
    [
        "'13900000000",
        "’13900000000",
        "‘13900000000",
        "\t13900000000",
        '="13900000000"',
        "１３９００００００００",
    ],
)
def test_s25_quotes_before_codes(raw: str) -> None:
    assert value_of(CODE, raw, CSV) == "13900000000"


def test_s25_only_csv_unwraps() -> None:
    assert value_of(CODE, '="139"') == '="139"'


@pytest.mark.parametrize(
    ("path", "raw", "expected"),
    [
        (NAME, "张　三", "张三"),
        (NAME, "张 \n 三", "张三"),
        (NAME, "John   Smith", "John Smith"),
        (NAME, "王 Tom", "王 Tom"),
        (NAME, "阿卜杜拉·买买提", "阿卜杜拉·买买提"),
        (NAME, "　无損檢測﨑 ", "无損檢測﨑"),
        (NAME, "ＡＢ公司", "ＡＢ公司"),
        (NAME, 370785.0, "370785"),
        (TITLE, "主轴 振动", "主轴 振动"),
        (TEXT, "第一行\r\n第二行\r第三行", "第一行\n第二行\n第三行"),
        (TEXT, "a  b", "a  b"),
        (TEXT, "👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        (TEXT, 1.5, "1.5"),
        (TEXT, 1e21, "1000000000000000000000"),
        (TEXT, True, "TRUE"),
        (TEXT, date(2026, 9, 1), "2026-09-01"),
        (TEXT, "\xa0x\u3000", "x"),
    ],
)
def test_s31_texts_and_names(path: str, raw: RawValue, expected: str) -> None:
    assert value_of(path, raw) == expected


@pytest.mark.parametrize(
    "sign", ["\u200b", "\u2060", "\ufeff", "\u00ad", "\u200e", "\u202e", "\u2066", "\u061c"]
)
def test_s31_invisible_characters_go_with_a_warning(sign: str) -> None:
    assert value_of(NAME, f"张{sign}三") == "张三"
    assert warnings_of(NAME, f"张{sign}三") == ["invisible-removed"]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("a\x00b", "control-character"),
        ("a\x07b", "control-character"),
        ("a\x85b", "control-character"),
        ("a\ufffdb", "damaged-text"),
        ("锟斤拷", "damaged-text"),
        ("a\ud800", "damaged-text"),
    ],
)
@pytest.mark.parametrize("path", [NAME, TEXT, COUNT, CODE, "demands.skills"])
def test_s31_characters_that_reject(path: str, raw: str, code: str) -> None:
    assert code_of(path, raw) == code


def test_s31_private_use_is_kept_with_a_warning() -> None:
    assert value_of(NAME, "张\ue123") == "张\ue123"
    assert warnings_of(NAME, "张\ue123") == ["private-use-character"]


@pytest.mark.parametrize(
    ("path", "longest"),
    [(NAME, 200), (TITLE, 200), (CODE, 200), (TEXT, 10_000), ("talent_skills.skill", 200)],
)
def test_s31_too_long(path: str, longest: int) -> None:
    assert value_of(path, "长" * longest) == "长" * longest
    assert code_of(path, "长" * (longest + 1)) == "too-long"


def test_a_memo_gives_the_same_answers() -> None:
    parse = cell_parser(column_of(COUNT), PLAIN)
    assert [parse(raw) for raw in ("12", "12", "x", "x")] == [
        parse_cell(column_of(COUNT), raw, PLAIN) for raw in ("12", "12", "x", "x")
    ]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (None, ""),
        (True, "TRUE"),
        (370785.0, "370785"),
        (1.5, "1.5"),
        (date(2026, 9, 1), "2026-09-01"),
        (datetime.fromisoformat("2026-09-01T08:30"), "2026-09-01 08:30:00"),
        (ErrorCell("#REF!"), "#REF!"),
        (["a", 1], "a;1"),
        (CellMark.FORMULA_WITHOUT_VALUE, ""),
        (ScientificNumber(3.70785e17), "3.70785E+17"),
    ],
)
def test_display_is_what_people_see(raw: RawValue, text: str) -> None:
    assert display(raw) == text
