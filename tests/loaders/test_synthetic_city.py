"""The synthetic city: same input, same files; valid numbers; cited distributions; every cell passes the loaders."""

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path
from statistics import mean

import pytest

from kg.errors import InvalidInputError
from kg.schema.declaration import SCHEMA
from loaders.reading import read_paths
from loaders.synthetic.city import SIZES, City
from loaders.synthetic_city import SIZE_NAMES, generate, sources, write_city

DAY = date(2026, 11, 23)
MAIN, SECOND = sources("demo")
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def rows_of(size: str, table: str, *, source: str = MAIN, seed: int = 7, day: date = DAY) -> list[dict]:
    return next(list(rows) for key, rows in generate(size, seed=seed, day=day, source=source) if key == table)


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    write_city(folder, size="demo", seed=7, day=DAY)
    return folder


def test_same_size_seed_and_day_give_the_same_bytes(demo: Path, tmp_path: Path) -> None:
    write_city(tmp_path, size="demo", seed=7, day=DAY)
    assert digests(tmp_path) == digests(demo)


def test_another_seed_and_another_day_give_another_city(demo: Path, tmp_path: Path) -> None:
    write_city(tmp_path / "seed", size="demo", seed=8, day=DAY)
    write_city(tmp_path / "day", size="demo", seed=7, day=date(2027, 1, 4))
    talents = f"{MAIN}/人才.csv"
    assert len({digests(folder)[talents] for folder in (demo, tmp_path / "seed", tmp_path / "day")}) == 3


def test_every_table_of_the_schema_is_delivered(demo: Path) -> None:
    counts = write_city(demo, size="demo", seed=7, day=DAY)
    assert set(counts) == set(SCHEMA.by_key)
    assert min(counts.values()) > 0


@pytest.mark.parametrize("source", [MAIN, SECOND])
def test_the_loaders_find_nothing_to_reject_or_to_warn_of(demo: Path, source: str) -> None:
    findings = []
    tables = Counter()
    for reading in read_paths([demo / source], schema=SCHEMA):
        findings += reading.warnings
        for sheet in reading.sheets:
            assert not sheet.unknown_columns
            for row in sheet.rows:
                findings += row.rejects + row.warnings
                tables[row.table] += 1
    assert findings == []
    assert tables["talents"] > 10


def test_files_read_back_as_the_rows_that_were_generated(demo: Path) -> None:
    expected = {key: list(rows) for key, rows in generate("demo", seed=7, day=DAY)}
    for reading in read_paths([demo / MAIN], schema=SCHEMA):
        for sheet in reading.sheets:
            found = [
                {key: value for key, value in row.values.items() if value not in (None, ())}
                for row in sheet.rows
            ]
            assert found == [told(row) for row in expected[sheet.table]], sheet.table


def told(row: dict) -> dict:
    """Return the columns of a generated row that say something."""
    return {key: value for key, value in row.items() if value not in (None, ())}


def test_both_formats_run_through_the_loaders(demo: Path) -> None:
    formats = {reading.format for reading in read_paths([demo / MAIN], schema=SCHEMA)}
    assert formats == {"csv", "xlsx"}


def test_counts_are_those_of_the_size(demo: Path) -> None:
    size = SIZES["demo"]
    for table, count in (("talents", size.talents), ("schools", 12), ("offerings", 60), ("enterprises", 80)):
        assert len(rows_of("demo", table)) == count, table
    assert len(rows_of("demo", "demands")) == 200
    assert len(rows_of("demo", "flex_needs")) >= 25
    assert SIZES["city"].needs >= 400


def test_city_needs_are_drawn_in_number() -> None:
    assert len(rows_of("city", "flex_needs")) == SIZES["city"].needs


@pytest.mark.parametrize("table", ["enterprises", "schools", "intermediaries"])
def test_credit_codes_have_the_right_check_character_and_no_real_region(table: str) -> None:
    for row in rows_of("county", table):
        code = row["credit_code"]
        total = sum(
            USCC_ALPHABET.index(sign) * weight for sign, weight in zip(code[:17], USCC_WEIGHTS, strict=True)
        )
        assert code[17] == USCC_ALPHABET[(31 - total % 31) % 31]
        assert code[2:4] == "99"


def test_names_of_organisations_and_codes_are_unique() -> None:
    firms = City("city", 7, DAY).firms
    assert len({firm.code for firm in firms}) == len({firm.name for firm in firms}) == 4000
    assert all(firm.name.startswith("临澄") for firm in firms)


def test_province_plan_has_unique_firms_and_schools_in_ten_cities() -> None:
    city = City("province", 7, DAY)
    assert len({firm.name for firm in city.firms}) == SIZES["province"].enterprises
    assert (
        len({school.code for school in city.schools}) == len({school.name for school in city.schools}) == 224
    )
    assert len({firm.district[:4] for firm in city.firms}) == 10


def test_personal_numbers_are_valid_in_form_unique_and_of_no_region() -> None:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    people = rows_of("county", "talents")
    numbers = [row["id_number"] for row in people if row["id_number"]]
    assert len(set(numbers)) == len(numbers) > 4000
    for number in numbers:
        total = sum(int(sign) * weight for sign, weight in zip(number[:17], weights, strict=True))
        assert number[17] == "10X98765432"[total % 11]
        assert number.startswith("99")
    assert all(row["phone"] == "*" or row["phone"].startswith("100") for row in people)


def test_about_a_third_is_high_skilled_and_the_top_is_rare() -> None:
    levels = Counter(row["level"] for row in rows_of("county", "talents") if row["level"])
    total = levels.total()
    high = sum(levels[name] for name in ("高级工", "技师", "高级技师", "特级技师", "首席技师"))
    assert 0.30 < high / total < 0.37
    assert (levels["特级技师"] + levels["首席技师"]) / total < 0.01


def test_consent_to_recommendation_holds_for_about_six_of_ten() -> None:
    today = DAY.isoformat()
    valid = {
        row["person_id"]
        for row in rows_of("county", "consents")
        if row["purpose"] == "柔性推荐"
        and not row.get("revoked")
        and (row.get("valid_to") or "9999") >= today
    }
    assert 0.55 < len(valid) / SIZES["county"].talents < 0.68


def test_head_counts_have_a_heavy_tail_about_the_cited_mean() -> None:
    staff = [firm.staff for firm in City("city", 7, DAY).firms]
    assert 165 < mean(staff) < 215
    assert sorted(staff)[len(staff) // 2] < 110
    assert max(staff) > 2000


def test_schools_of_the_larger_sizes_have_about_two_thousand_students() -> None:
    students = Counter()
    for row in rows_of("city", "offerings"):
        students[row["school"]] += row["students"]
    assert 1600 < mean(students.values()) < 2400


def test_common_skills_of_a_trade_are_held_more_often() -> None:
    held = Counter(row["skill"] for row in rows_of("county", "talent_skills"))
    assert held["数控车削编程"] > 1.5 * held["车削中心"]


def test_an_unknown_size_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="county"):
        write_city(tmp_path, size="village", seed=1, day=DAY)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_source_is_refused() -> None:
    with pytest.raises(InvalidInputError, match=SECOND):
        next(generate("demo", seed=1, day=DAY, source="谁"))


def test_progress_tells_tables_and_people(tmp_path: Path) -> None:
    told_of: list[tuple[str, int]] = []
    write_city(
        tmp_path, size="county", seed=1, day=DAY, progress=lambda what, count: told_of.append((what, count))
    )
    assert ("offerings", 60) in told_of
    assert ("人员", 5000) in told_of


def test_sizes_are_the_four_tiers() -> None:
    assert SIZE_NAMES == ("demo", "county", "city", "province")


def headers(folder: Path) -> Iterator[list[str]]:
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as handle:
            yield next(csv.reader(handle))


def test_headers_are_chinese_column_names(demo: Path) -> None:
    known = {column.zh for table in SCHEMA.tables for column in table.columns}
    for header in headers(demo / MAIN):
        assert set(header) <= known
