"""Certificate numbers: schemes, the inverted level digit, doubt that is kept with the row and never rejects it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.vocab.levels import LEVEL_LABELS, SkillLevel
from loaders.certificates import UNVERIFIED, basis_of, contradictions, read_number
from tests.loaders.batches import load_tables, memory_store, rows_of, talent


def number(level: int = 3, year: str = "25", kind: str = "S") -> str:
    return f"{kind}000037000001{year}{level}000001"


def test_the_level_digit_runs_against_the_order_of_the_levels() -> None:
    told = [read_number(number(level)) for level in (5, 4, 3, 2, 1)]
    assert [one.level for one in told if one] == ["初级工", "中级工", "高级工", "技师", "高级技师"]
    assert [LEVEL_LABELS[level] for level in sorted(SkillLevel)][1:6] == [one.level for one in told if one]


@pytest.mark.parametrize(
    ("text", "scheme"),
    [
        (number(kind="Y"), "level-22"), (number(kind="S"), "level-22"), ("TJ" + "1" * 20, "special-22"),
        ("2503000000300123", "legacy-16"), ("鲁人社2025-17", None), ("X" + "1" * 21, None), ("1" * 17, None),
        ("1" * 22, None), ("", None),
    ],
)  # fmt: skip
def test_schemes(text: str, scheme: str | None) -> None:
    told = read_number(text)
    assert (told.scheme if told else None) == scheme


def test_only_level_certificates_tell_a_level_and_a_year() -> None:
    for text in ("TJ" + "1" * 20, "2503000000300123"):
        told = read_number(text)
        assert told is not None
        assert (told.level, told.year) == (None, None)
        assert contradictions({"number": text, "level": "技师", "issued": "2001-01-01"}) == ()


def test_what_the_number_contradicts() -> None:
    row = {"number": number(3, "25"), "level": "高级工", "issued": "2025-05-01"}
    assert contradictions(row) == ()
    assert contradictions({**row, "level": "技师"}) == ("level",)
    assert contradictions({**row, "issued": "2024-05-01"}) == ("issued",)
    assert contradictions({**row, "number": number(9)}) == ("level",)
    assert contradictions({**row, "level": "*", "issued": None}) == ()


@given(st.text(max_size=30), st.sampled_from([*LEVEL_LABELS.values(), "*", None]))
def test_any_number_is_read_and_none_is_an_error(text: str, level: str | None) -> None:
    doubted = basis_of({"number": text, "level": level, "issued": "2025-01-01"})
    assert doubted in {"", UNVERIFIED}
    assert read_number(text) is not None or doubted == (UNVERIFIED if "*" not in text else "")


def test_doubtful_certificates_are_stored_and_flagged() -> None:
    base = {"kind": "职业技能等级证书", "occupation": "6-18-01-01", "level": "高级工", "issued": "2025-05-01"}
    rows = [
        {"person_id": "P1", "number": text, **base, "level": level}
        for text, level in (
            (number(3), "高级工"), (number(2), "高级工"), ("鲁-77", "高级工"), ("2503000000300123", "技师"),
        )
    ]  # fmt: skip
    rows.append({"person_id": "P1", "number": None, **base, "level": "技师"})
    store = memory_store()
    report = load_tables(store, {"talents": [talent("P1")], "certificates": rows})
    assert report.tables["certificates"].inserted == 5
    found = sorted((row.values["level"], row.provenance.basis) for row in rows_of(store, "certificates"))
    assert found == [
        ("技师", ""),
        ("技师", ""),
        ("高级工", ""),
        ("高级工", UNVERIFIED),
        ("高级工", UNVERIFIED),
    ]
