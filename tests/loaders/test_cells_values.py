"""Numbers, dates, levels, choices, years (`files.md` S19-S21, S38, S39)."""

from datetime import date, datetime, time
from decimal import Decimal

import pytest

from loaders.sources.raw import CellMark, RawValue
from tests.loaders.cells_seen import (
    CHOICE,
    COUNT,
    DAY,
    FROM,
    LEVEL,
    NUMBER,
    PAY,
    QUARTER,
    SHARE,
    TO,
    YEAR,
    YES_NO,
    code_of,
    value_of,
    warnings_of,
)


@pytest.mark.parametrize(
    ("path", "raw", "expected"),
    [
        (COUNT, "1,234", 1234),
        (COUNT, "1,234,567", 1234567),
        (COUNT, "1.2万", 12000),
        (COUNT, "0.3亿", 30_000_000),
        (COUNT, "12.0", 12),
        (COUNT, "１２", 12),
        (COUNT, "1 2", 12),
        (COUNT, " '7", 7),
        (COUNT, 12.0, 12),
        (COUNT, 12, 12),
        (NUMBER, "1.5", 1.5),
        (NUMBER, 0.1, 0.1),
        (NUMBER, Decimal("2.50"), 2.5),
        (NUMBER, 1e-7, 1e-7),
        (SHARE, "35%", 0.35),
        (SHARE, "３５％", 0.35),
        (SHARE, "100%", 1),
        (SHARE, 0.35, 0.35),
        ("districts.longitude", "-12.5", -12.5),
    ],
)
def test_s19_numbers(path: str, raw: RawValue, expected: float) -> None:
    value = value_of(path, raw)
    assert (value, type(value)) == (expected, type(expected))


@pytest.mark.parametrize(
    "raw",
    [
        "8000-10000", "约100", "100+", "10以上", "十二", "1/2", "nan", "inf", "1_000", "0x10", "1,23", "12,34,567", "1e5", "+5",
        "①", "²", "١٢", "1,234,", "12.", "1.2.3", "百", "100美元", "１２，３", True, date(2026, 9, 1), [1], CellMark.NESTED, time(8, 30),
        Decimal("1e400"),
    ],
)  # fmt: skip
def test_s19_everything_else_is_no_number(raw: RawValue) -> None:
    assert code_of(NUMBER, raw) == "bad-number"


@pytest.mark.parametrize("raw", ["12.5", 12.5, "35%", "1.23456万"])
def test_s19_whole_number_columns_refuse_fractions(raw: RawValue) -> None:
    assert code_of(COUNT, raw) == "bad-number"


@pytest.mark.parametrize(
    ("path", "raw"),
    [
        (COUNT, "-1"),
        (PAY, "-0.5"),
        (NUMBER, -3.0),
        (SHARE, "35"),
        (SHARE, "101%"),
        (SHARE, 1.5),
        ("flex_needs.priority", "2"),
        ("talent_skills.level", "6"),
        ("talents.weekly_hours", "169"),
        ("districts.latitude", 91.0),
    ],
)
def test_s19_out_of_range(path: str, raw: RawValue) -> None:
    assert code_of(path, raw) == "out-of-range"


@pytest.mark.parametrize(
    ("path", "raw", "expected"),
    [
        (PAY, "6000元", 6000),
        (PAY, "6000元/月", 6000),
        (PAY, "1.2万元", 12000),
        (COUNT, "12人", 12),
        (COUNT, "3名", 3),
        (COUNT, "3 个", 3),
        (NUMBER, "24小时", 24),
        ("flex_needs.weeks", "4周", 4),
        ("flex_needs.visits", "3次", 3),
        ("offerings.years", "3年", 3),
        ("flex_needs.pay_max", "200元/小时", 200),
    ],
)
def test_s19_own_unit_is_stripped_with_a_warning(path: str, raw: str, expected: int) -> None:
    assert value_of(path, raw) == expected
    assert warnings_of(path, raw) == ["unit-stripped"]


def test_s19_another_unit_is_no_number() -> None:
    assert code_of(PAY, "200元/小时") == "bad-number"
    assert code_of(COUNT, "3次") == "bad-number"


def test_s19_negotiable_pay_is_absent() -> None:
    assert value_of(PAY, "面议") is None
    assert warnings_of(PAY, "面议") == ["negotiable"]
    assert code_of(COUNT, "面议") == "bad-number"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("2026-09-01", "2026-09-01"),
        ("2026/9/1", "2026-09-01"),
        ("2026.9.1", "2026-09-01"),
        ("2026年9月1日", "2026-09-01"),
        ("2026年9月1号", "2026-09-01"),
        ("2026 年 9 月 1 日", "2026-09-01"),
        ("２０２６－０９－０１", "2026-09-01"),
        ("20260901", "2026-09-01"),
        (20260901.0, "2026-09-01"),
        (20260901, "2026-09-01"),
        ("2026/9/1 0:00:00", "2026-09-01"),
        ("2026-09-01T23:30:00+08:00", "2026-09-01"),
        ("2026-09-01T23:30:00.000Z", "2026-09-01"),
        ("20260901 08:00", "2026-09-01"),
        ("'2026-09-01", "2026-09-01"),
        ("2024-02-29", "2024-02-29"),
        (date(2026, 9, 1), "2026-09-01"),
        (datetime.fromisoformat("2026-09-01T23:59"), "2026-09-01"),
    ],
)
@pytest.mark.parametrize("path", [DAY, FROM, TO])
def test_s20_days(path: str, raw: RawValue, expected: str) -> None:
    assert value_of(path, raw) == expected


@pytest.mark.parametrize(
    "raw", ["2028-02", "2028/2", "2028.02", "202802", "2028年2月", "2028年02月", " 2028-2 "]
)
def test_s20_a_month_is_its_first_day_and_in_a_to_column_its_last(raw: str) -> None:
    assert [value_of(path, raw) for path in (DAY, FROM, TO)] == ["2028-02-01", "2028-02-01", "2028-02-29"]


@pytest.mark.parametrize("raw", ["至今", "长期", "长期有效", "永久"])
def test_s20_an_open_end_only_in_a_to_column(raw: str) -> None:
    assert value_of(TO, raw) is None
    assert code_of(FROM, raw) == "bad-date"
    assert code_of(DAY, raw) == "bad-date"


@pytest.mark.parametrize(
    "raw",
    [
        "26-09-01", "9/1/2026", "2026", "2026年", "2026-02-30", "1900-02-29", "1899-12-31", "2200-01-01", "二〇二六年九月一日", "46266", 46266.0, 2026.1, 2026.0,
        202609.0, "2026-09-01至2026-10-01", "2026-13", "2026-00", "2026-9.1", "20261301", "0026-09-01", "明天", CellMark.NO_SUCH_DAY, True, time(8, 30), [],
    ],
)  # fmt: skip
def test_s20_no_certain_day(raw: RawValue) -> None:
    assert code_of(FROM, raw) == "bad-date"


LEVELS = {
    "初级工": (
        "五级",
        "5级",
        "Ⅴ级",
        "五级/初级工",
        "初级工/五级",
        "初级工(五级)",
        "五级（初级工）",
        "五级初级工",
    ),
    "高级工": (
        "高级工",
        "三级",
        "3级",
        "３级",
        "Ⅲ级",
        "III级",
        "三级/高级工",
        "高级工／三级",
        "高级工（三级）",
        "三级(高级工)",
        "三级高级工",
        "国家职业资格三级",
        "职业资格3级",
        "职业技能等级三级/高级工",
        " 高 级 工 ",
    ),
    "技师": ("技师", "二级", "二级/技师"),
    "高级技师": ("高级技师", "一级", "Ⅰ级", "一级高级技师"),
    "学徒工": ("学徒工",),
    "特级技师": ("特级技师",),
    "首席技师": ("首席技师",),
}


@pytest.mark.parametrize(("level", "raw"), [(level, raw) for level, forms in LEVELS.items() for raw in forms])
def test_s21_levels(level: str, raw: str) -> None:
    assert value_of(LEVEL, raw) == level


@pytest.mark.parametrize("raw", ["3", "３", 3.0, 3, "3.0", "Ⅲ", "III", "'3"])
def test_s21_a_bare_digit_is_ambiguous(raw: RawValue) -> None:
    assert code_of(LEVEL, raw) == "ambiguous-level"


@pytest.mark.parametrize(
    "raw",
    [
        "初级",
        "中级",
        "高级",
        "三级/技师",
        "技师(三级)",
        "六级",
        "专家",
        "预备技师",
        "无要求",
        3.5,
        True,
        date(2026, 9, 1),
    ],
)
def test_s21_bad_levels(raw: RawValue) -> None:
    assert code_of(LEVEL, raw) == "bad-level"


def test_s21_levels_of_two_columns_only() -> None:
    assert value_of("offerings.exit_level", "预备技师") == "预备技师"
    assert value_of("offerings.exit_level", "三级") == "高级工"
    assert code_of("offerings.exit_level", "技师") == "bad-level"
    assert value_of("market_stats.level", "无要求") == "无要求"


@pytest.mark.parametrize("raw", ["正常", " 正常 ", "\u3000正常"])
def test_s38_choices(raw: str) -> None:
    assert value_of(CHOICE, raw) == "正常"


@pytest.mark.parametrize("raw", ["存续", "在营", "正 常 的", 1.0, True, date(2026, 9, 1), ["正常"]])
def test_s38_bad_choices(raw: RawValue) -> None:
    assert code_of(CHOICE, raw) == "bad-choice"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [(raw, True) for raw in ("是", "有", "1", "true", "TRUE", "√", "✓", "Y", "ｙ", "yes", 1.0, 1, True)]
    + [(raw, False) for raw in ("否", "无", "0", "false", "×", "N", "no", 0.0, False)],
)
def test_s38_yes_no(raw: RawValue, expected: bool) -> None:
    assert value_of(YES_NO, raw) is expected


@pytest.mark.parametrize("raw", ["对", "2", "可以", 2.0])
def test_s38_bad_yes_no(raw: RawValue) -> None:
    assert code_of(YES_NO, raw) == "bad-yes-no"


@pytest.mark.parametrize("raw", ["2026", "2026年", "2026年度", "2026级", "２０２６", 2026.0, 2026])
def test_s39_years(raw: RawValue) -> None:
    assert value_of(YEAR, raw) == 2026


@pytest.mark.parametrize("raw", ["26", "2026-09", "二〇二六", 2026.5, date(2026, 1, 1)])
def test_s39_bad_years(raw: RawValue) -> None:
    assert code_of(YEAR, raw) == "bad-number"


@pytest.mark.parametrize(
    "raw", ["2026Q1", "2026q1", "2026-Q1", "2026年第一季度", "2026年一季度", "2026年1季度", "２０２６Ｑ１"]
)
def test_s39_quarters(raw: str) -> None:
    assert value_of(QUARTER, raw) == "2026Q1"


@pytest.mark.parametrize("raw", ["2026Q5", "2026", "一季度", 20261.0])
def test_s39_bad_quarters(raw: RawValue) -> None:
    assert code_of(QUARTER, raw) == "bad-date"
