"""Promises that hold for every cell of every column: an answer, never an exception, and a canonical form that stays."""

from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kg.model.graph import Value
from kg.schema import SCHEMA, Column
from loaders.cells import CellContext, parse_cell
from loaders.checks import parse_id_number, parse_uscc
from loaders.sources.raw import CellMark, ErrorCell, RawValue, ScientificNumber

COLUMNS = [column for table in SCHEMA.tables for column in table.columns]
DIRTY = st.text(
    alphabet=st.sampled_from(
        "0123456789.,-/年月日级三高级工=*;；、 \t\n\u3000\u200b'％万元XYａ车#N/A无\ufffd\ue000\x00\r"
    ),
    max_size=24,
)
WORDS = st.sampled_from([
    "高级工",
    "三级",
    "2026-09",
    "20260901",
    "1.2万",
    "35%",
    "车削=3*2；铣削",
    "consult=0.5；项目合作",
    "6-18-01-01；6-18-01-02@2015",
    "370785",
    "是",
    "正常",
    "91370785QEFLCR63F0",
    "2026Q1",
    "面议",
    "长期",
    "'=1+1",
    "3*",
    "*",
])
RAW: st.SearchStrategy[RawValue] = st.one_of(
    DIRTY,
    WORDS,
    st.text(max_size=40),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(allow_nan=False),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
    st.lists(st.one_of(DIRTY, WORDS, st.integers(), st.none(), st.lists(st.none()))),
    st.sampled_from([*CellMark, ErrorCell("#REF!"), ScientificNumber(1.5)]),
)


def in_json(value: Value) -> RawValue:
    """Return a canonical value as a JSON export writes it and the JSON source reads it."""
    return list(value) if isinstance(value, tuple) else value


def is_canonical(column: Column, value: Value) -> bool:
    return isinstance(value, tuple) == column.type.is_list or value in {None, "*"}


@settings(max_examples=1500, deadline=None)
@given(
    column=st.sampled_from(COLUMNS),
    raw=RAW,
    context=st.builds(CellContext, is_key=st.booleans(), is_csv=st.booleans()),
)
@example(column=COLUMNS[0], raw=date.min, context=CellContext())
def test_every_cell_has_an_answer_and_its_canonical_form_stays(
    column: Column, raw: RawValue, context: CellContext
) -> None:
    parsed = parse_cell(column, raw, context)
    if parsed.reject is not None:
        assert parsed.reject.text
        return
    assert is_canonical(column, parsed.value)
    again = parse_cell(column, in_json(parsed.value), CellContext())
    assert (again.value, again.reject) == (parsed.value, None) or parsed.value == "*"


@pytest.mark.parametrize(
    "unit", ["*", "1", "1,", "a*", "=", "、", "a=", " ", "1 ", "张 ", "A1", "(", "'", "\u200b", "*1"]
)
def test_a_huge_cell_is_answered_in_linear_time(unit: str) -> None:
    """A CSV field may have a million characters; quadratic grammars would already take minutes here."""
    huge = unit * (200_000 // len(unit)) + "Z"
    for column in {column.type: column for column in COLUMNS}.values():
        parsed = parse_cell(column, huge, CellContext())
        assert parsed.reject is not None or len(str(parsed.value)) <= 200


@pytest.mark.parametrize("parse", [parse_uscc, parse_id_number])
@given(text=st.text(max_size=20))
def test_checks_answer_every_text(parse: object, text: str) -> None:
    assert callable(parse)
    assert parse(text) is not None
