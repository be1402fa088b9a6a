"""Rules that look at several cells of one row (`files.md` S20 bad-period, S23, S26, S46; `tables.md`, persons)."""

from datetime import date
from pathlib import Path

import pytest

from kg.schema import SCHEMA, ColumnType, Table
from loaders.checks import counted_weeks, id_check_character, row_check
from tests.loaders.files_made import codes, credit_code, csv_file, sheet_of

_FIRST = "37078519900101001"
ID = _FIRST + id_check_character(_FIRST)
WRONG_ID = _FIRST + ("0" if ID[-1] != "0" else "1")


def findings(folder: Path, table: str, **cells: str) -> tuple[list[tuple[str, str | None]], list[str]]:
    """Return (code, column) of the rejects and the codes of the warnings of one row."""
    _, (row,) = sheet_of(csv_file(folder, f"{table}.csv", [tuple(cells), tuple(cells.values())]))
    return [(found.code, found.column) for found in row.rejects], codes(row.warnings)


def need(folder: Path, **cells: str) -> list[tuple[str, str | None]]:
    base = {
        "need_id": "n1",
        "host": credit_code(1),
        "title": "t",
        "modes": "consult",
        "valid_from": "2026-11-30",
        "valid_to": "2026-12-27",
        "total_hours": "24",
    }
    return findings(folder, "flex_needs", **(base | cells))[0]


def certificate(folder: Path, **cells: str) -> tuple[list[tuple[str, str | None]], list[str]]:
    base = {
        "person_id": "p1",
        "kind": "职业技能等级证书",
        "occupation": "6-18-01-01",
        "level": "高级工",
        "issued": "2025-06-01",
    }
    return findings(folder, "certificates", **(base | cells))


def talent(folder: Path, **cells: str) -> tuple[list[tuple[str, str | None]], list[str]]:
    return findings(folder, "talents", **({"person_id": "p1", "name": "张三", "district": "370785"} | cells))


PERIODS = [
    ("demands", {"demand_id": "d", "enterprise": credit_code(1), "occupation": "6-18-01-01", "count": "1"}, "valid_from", "valid_to"),
    ("talents", {"person_id": "p", "name": "张", "district": "370785"}, "available_from", "available_to"),
    ("schools", {"credit_code": credit_code(1), "name": "校", "district": "370785"}, "licence_from", "licence_to"),
    ("chains", {"chain_id": "c", "name": "链"}, "priority_from", "priority_to"),
    ("certificates", {"person_id": "p", "kind": "专项职业能力证书", "occupation": "6-18-01-01"}, "issued", "expires"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "cells", "first", "last"), PERIODS)
def test_bad_period(tmp_path: Path, table: str, cells: dict[str, str], first: str, last: str) -> None:
    def rejects(start: str, end: str) -> list[tuple[str, str | None]]:
        return findings(tmp_path, table, **cells, **{first: start, last: end})[0]

    assert rejects("2026-09-02", "2026-09-01") == [("bad-period", last)]
    assert rejects("2026-09-01", "2026-09-01") == []
    assert rejects("2026-09", "2026-09") == []
    assert rejects("2026-09-01", "") == []
    assert rejects("2026-09-01", "***") == []
    assert rejects("2026-09-01", "长期") == []


def test_s23_the_id_number_of_a_talent(tmp_path: Path) -> None:
    assert talent(tmp_path, id_number=ID) == ([], [])
    assert talent(tmp_path, id_number="") == ([], [])
    assert talent(tmp_path, id_number="*") == ([], [])
    assert talent(tmp_path, id_number=WRONG_ID) == ([("bad-check-digit", "id_number")], [])
    assert talent(tmp_path, id_number=WRONG_ID, id_type="居民身份证") == (
        [("bad-check-digit", "id_number")],
        [],
    )
    assert talent(tmp_path, id_number="E12345678", id_type="") == ([("bad-code", "id_number")], [])


def test_s23_other_papers_are_not_checked(tmp_path: Path) -> None:
    assert talent(tmp_path, id_number="E12345678", id_type="护照") == ([], [])


def test_s23_the_birth_date_is_compared(tmp_path: Path) -> None:
    assert talent(tmp_path, id_number=ID, birth_date="1990-01-01") == ([], [])
    assert talent(tmp_path, id_number=ID, birth_date="1990-01-02") == ([], ["birth-date-mismatch"])
    assert talent(tmp_path, id_number=ID, birth_date="*") == ([], [])


def test_s23_legacy_numbers_become_the_long_form(tmp_path: Path) -> None:
    cells = {"person_id": "p1", "name": "张", "district": "370785", "id_number": ID[:6] + ID[8:17]}
    _, (row,) = sheet_of(csv_file(tmp_path, "talents.csv", [tuple(cells), tuple(cells.values())]))
    assert row.values["id_number"] == ID


def test_a_person_by_number_or_by_id(tmp_path: Path) -> None:
    assert findings(tmp_path, "talent_skills", person_id="p", id_number="", skill="车削")[0] == []
    assert findings(tmp_path, "talent_skills", person_id="", id_number=ID, skill="车削")[0] == []
    assert findings(tmp_path, "talent_skills", person_id="p", id_number=ID, skill="车削")[0] == []
    assert findings(tmp_path, "talent_skills", id_number=ID, skill="车削")[0] == []
    assert findings(tmp_path, "talent_skills", person_id="", id_number="", skill="车削")[0] == [
        ("missing-required", "person_id")
    ]
    assert findings(tmp_path, "talent_skills", id_number="", skill="车削")[0] == [
        ("missing-required", "id_number")
    ]
    assert findings(tmp_path, "talent_skills", id_number="3707**********0011", skill="车削")[0] == [
        ("masked-key", "id_number")
    ]
    assert findings(tmp_path, "talent_skills", id_number=WRONG_ID, skill="车削")[0] == [
        ("bad-check-digit", "id_number")
    ]
    assert findings(tmp_path, "talents", person_id="", id_number=ID, name="张", district="370785")[0] == [
        ("missing-required", "person_id")
    ]


def test_s46_a_need_has_hours(tmp_path: Path) -> None:
    assert need(tmp_path) == []
    assert need(tmp_path, total_hours="", hours_per_week="6") == []
    assert need(tmp_path, total_hours="*") == []
    assert need(tmp_path, total_hours="", hours_per_week="") == [("missing-required", "hours_per_week")]
    assert need(tmp_path, total_hours="") == [("missing-required", "hours_per_week")]
    assert need(tmp_path, total_hours="约24") == [("bad-number", "total_hours")]


def test_the_highest_pay_is_not_below_the_lowest(tmp_path: Path) -> None:
    assert need(tmp_path, pay_min="120", pay_max="120") == []
    assert need(tmp_path, pay_min="120", pay_max="119.5") == [("out-of-range", "pay_max")]
    assert need(tmp_path, pay_min="120", pay_max="*") == []
    assert need(tmp_path, pay_min="面议", pay_max="100") == []


PAIRS = [
    (table, first.key, last)
    for table in SCHEMA.tables
    for first in table.columns
    for ending, other in (("_from", "_to"), ("_min", "_max"))
    if first.key.endswith(ending)
    and (last := first.key.removesuffix(ending) + other) in {column.key for column in table.columns}
]


@pytest.mark.parametrize(("table", "first", "last"), PAIRS, ids=lambda one: getattr(one, "key", one))
def test_every_pair_of_a_table_is_in_order(table: Table, first: str, last: str) -> None:
    is_day = table.column(first).type is ColumnType.DATE_FROM
    low, high, code = ("2026-01-01", "2026-01-02", "bad-period") if is_day else (1, 2, "out-of-range")
    check = row_check(table, frozenset({first, last}))
    assert check({first: low, last: low, "total_hours": 8}, frozenset()) is None
    found = check({first: high, last: low, "total_hours": 8}, frozenset())
    assert found is not None
    assert [(one.column, one.problem.code) for one in found.rejects] == [(last, code)]


def test_s46_weeks_fit_into_the_window(tmp_path: Path) -> None:
    assert need(tmp_path, weeks="4") == []
    assert need(tmp_path, weeks="5") == [("out-of-range", "weeks")]
    assert need(tmp_path, weeks="0") == [("out-of-range", "weeks")]
    assert need(tmp_path, weeks="5", valid_to="2026-11-01") == [("bad-period", "valid_to")]


@pytest.mark.parametrize(
    ("first", "last", "weeks"),
    [
        ("2026-11-30", "2026-12-27", 4),
        ("2026-12-03", "2026-12-06", 1),
        ("2026-12-04", "2026-12-10", 1),
        ("2026-12-03", "2026-12-10", 2),
        ("2026-12-04", "2026-12-06", 1),
    ],
)
def test_counted_weeks(first: str, last: str, weeks: int) -> None:
    assert counted_weeks(date.fromisoformat(first), date.fromisoformat(last)) == weeks


def test_s46_the_level_of_a_certificate(tmp_path: Path) -> None:
    assert certificate(tmp_path)[0] == []
    assert certificate(tmp_path, level="")[0] == [("missing-required", "level")]
    assert certificate(tmp_path, level="", kind="专项职业能力证书")[0] == []
    assert certificate(tmp_path, level="初级")[0] == [("bad-level", "level")]
    assert certificate(tmp_path, level="", kind="证")[0] == [("bad-choice", "kind")]


def number(level: str = "3", year: str = "25") -> str:
    return f"Y00003700000{'0'}{year}{level}000001"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (number(), []),
        (number(level="4"), ["level-mismatch"]),
        (number(level="9"), ["level-mismatch"]),
        (number(year="24"), ["level-mismatch"]),
        (number(level="1", year="19"), ["level-mismatch"] * 2),
        ("鲁-1", ["unknown-certificate-scheme"]),
        ("2500000000000001", []),
    ],
)
def test_s26_level_and_year_of_the_number(tmp_path: Path, text: str, expected: list[str]) -> None:
    assert certificate(tmp_path, number=text) == ([], expected)


def test_consents_name_words_or_codes(tmp_path: Path) -> None:
    def rejects(recipients: str) -> list[tuple[str, str | None]]:
        cells = {"person_id": "p", "purpose": "联系", "valid_from": "2026-01-01", "recipients": recipients}
        return findings(tmp_path, "consents", **cells)[0]

    assert rejects(f"企业；院校；任意；{credit_code(1)}") == []
    assert rejects("某某") == [("bad-choice", "recipients")]
    assert rejects("企业，院校") == [("bad-code", "recipients")]
    assert rejects(credit_code(1)[:-1]) == [("bad-code", "recipients")]
    assert rejects("") == [("missing-required", "recipients")]
    assert rejects("*") == [("masked-key", "recipients")]
