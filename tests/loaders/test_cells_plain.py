"""The short way to read common cells tells what the whole grammar tells, for every column of every table."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.schema import SCHEMA, Column
from loaders.cells import CellContext, cell_parser, parse_cell
from loaders.cells_plain import plain_reader, whole_reader
from tests.loaders.files_made import credit_code

COLUMNS = [column for table in SCHEMA.tables for column in table.columns]
NAMED = [(f"{table.key}.{column.key}", column) for table in SCHEMA.tables for column in table.columns]
TEXTS = (
    "同上", "暂无", "不详", "未知", "未填", "无", "NA", "null", "N/A", "甲", "甲厂", "合计", "锟斤拷", "大锟斤拷厂", "张三",
    "示例（集团）有限公司", "2026-09-01", "2026-02-30", "1899-01-01", "2200-01-01", "2026-W01-1", "20260901", "'2026-09-01",
    "1e+17", "3.70785E+17", "12345", "１２３４５", "99010119900307123X", "99010119900307123x", "990101900307123",
    "T00000001", "a*b", "***", "370785", "6-18-01-01", "TRUE", "#N/A", "S000099000000241234567", "1234567890123456",
    " T00000001", "T0000 0001", "é́́́́", "２０２６-０９-０１", credit_code(7), credit_code(7)[:-1] + "?", "x" * 61, "字" * 201,
)  # fmt: skip
SHAPED = st.one_of(
    st.sampled_from(TEXTS),
    st.from_regex(r"[0-9A-Za-z]{1,20}", fullmatch=True),
    st.from_regex(r"[0-9]{17}[0-9Xx]", fullmatch=True),
    st.from_regex(r"(?:18|19|20|21|22)[0-9]{2}-[0-9]{2}-[0-9]{2}", fullmatch=True),
    st.text(alphabet="甲乙同上暂无锟斤拷（）()12ab* 　'=", max_size=8),
    st.text(max_size=12),
)


def same(column: Column, text: str) -> None:
    plain = plain_reader(column)
    value = plain(text) if plain is not None else None
    if value is not None:
        assert parse_cell(column, text, CellContext()) == (value, None, ())
        assert parse_cell(column, text, CellContext(is_key=True, is_csv=True)) == (value, None, ())


@pytest.mark.parametrize("column", [column for _, column in NAMED], ids=[name for name, _ in NAMED])
def test_listed_texts(column: Column) -> None:
    parser = cell_parser(column, CellContext())
    for text in TEXTS * 2:
        same(column, text)
        assert parser(text) == parse_cell(column, text, CellContext())


@settings(max_examples=1500, deadline=None)
@given(st.sampled_from(COLUMNS), SHAPED)
def test_texts_of_every_shape(column: Column, text: str) -> None:
    same(column, text)


def test_what_is_remembered_is_told_again_and_true_is_not_one() -> None:
    column = SCHEMA.by_key["demands"].column("count")
    parser = cell_parser(column, CellContext())
    for raw in ("12", 12.0, "12.5", True, 1, 1.0, True, "约10", None, [1], "12"):
        assert parser(raw) == parse_cell(column, raw, CellContext()), raw
    assert dict(parser.values) == {"12": 12, 12.0: 12, 1.0: 1, "": None}
    assert all(type(seen) in {str, float} for seen in parser.values)


def test_the_words_of_a_mapping_file_come_first() -> None:
    column = SCHEMA.by_key["enterprises"].column("status")
    parser = cell_parser(column, CellContext(), {"存续": "正常", "1": "异常"})
    assert [parser(raw).value for raw in ("存续", " 存续", 1.0, "1", "正常", "存续")] == [
        "正常", "正常", "异常", "异常", "正常", "正常",
    ]  # fmt: skip
    assert parser("在营").reject is not None


@settings(max_examples=1500, deadline=None)
@given(st.sampled_from(COLUMNS), st.lists(SHAPED, max_size=4))
def test_many_texts_read_at_once_are_each_their_own_value(column: Column, texts: list[str]) -> None:
    whole, plain = whole_reader(column), plain_reader(column)
    if whole is not None and whole(texts):
        assert plain is not None
        assert [plain(text) for text in texts] == texts


def test_a_line_end_inside_a_text_is_no_second_text() -> None:
    whole = whole_reader(SCHEMA.by_key["talents"].column("phone"))
    assert whole is not None
    assert whole(["19912345678", "19912345679"])
    assert not whole(["19912345678\n19912345679"])
    assert not whole(["19912345678", ""])
    name = whole_reader(SCHEMA.by_key["talents"].column("name"))
    assert name is not None
    assert name(["张三", "示例机械有限公司"])
    assert not name(["张三", "暂无"])
    assert not name(["大锟斤拷厂"])
