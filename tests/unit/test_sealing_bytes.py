"""The bytes that marks are made of never change: a mark of years ago is compared with one of today."""

import json

from hypothesis import given
from hypothesis import strategies as st

from kg.sealing import sealer

VALUES = st.one_of(
    st.none(),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=3).map(tuple),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
)


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), VALUES, max_size=6))
def test_both_encoders_write_the_same_bytes(values: dict[str, str | tuple[str, ...] | float | None]) -> None:
    plain = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    assert sealer._canonical(values) == plain


def test_a_mark_is_what_it_was() -> None:
    values = {"name": "张三\n\x7f\u2028", "phone": "19900000000", "work_years": 12.5, "note": None}
    assert sealer.Sealer(b"k" * 32).mark(values) == MARK


MARK = "70866bf15c2bedd1a696d4df345b1f13"
