"""The formula guard of spreadsheets."""

import pytest

from kg.text import guard_formula


@pytest.mark.parametrize(
    ("text", "guarded"),
    [("=1+1", "'=1+1"), ("'=1+1", "''=1+1"), ("'张三", "'张三"), ("@x", "'@x"), ("数控", "数控"), ("", "")],
)
def test_a_formula_is_guarded_and_a_guard_is_kept(text: str, guarded: str) -> None:
    assert guard_formula(text) == guarded
