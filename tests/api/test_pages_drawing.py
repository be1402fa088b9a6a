"""Geometry of the drawings: lengths add like the numbers, unknown is never zero, nothing leaves its frame."""

import re

import pytest

from api.pages.parts.drawing import caliper, import_bar, ledger_bar, seat_bars, travel_bar, weeks_strip

ARITHMETIC = {
    "supply": 36,
    "open": 20,
    "staff_left": 42,
    "staff_text": "⌊0.10 × 420⌋ − 已用 0 ＝ 42",
    "post_left": 12,
    "post_text": "⌊0.20 × 60⌋ − 已用 0 ＝ 12",
    "legal": 12,
}


def _weeks(number: int, *, free: float = 10, signed: float = 4) -> list[dict[str, object]]:
    return [
        {"week": f"2026-W{w:02d}", "monday": "2026-11-30", "free": free, "signed": signed}
        for w in range(1, number + 1)
    ]


def test_the_pointer_stands_at_the_score() -> None:
    drawn = caliper(0.5, 0.5, 0.5)
    assert drawn.pointer.startswith("M46.0 ")
    assert (drawn.span, drawn.jaws) == (0.0, "")
    assert drawn.sentence == "得分 0.5000，无未知项"


def test_the_interval_lies_between_the_jaws() -> None:
    drawn = caliper(0.8060, 0.7660, 0.8425, width=220, large=True)
    assert (drawn.left, drawn.span) == (166.4, 16.2)
    assert drawn.jaws == "M166.4 10.0v10M182.6 10.0v10"
    assert "区间 0.7660 至 0.8425" in drawn.sentence


@pytest.mark.parametrize("score", [-1.0, 0.0, 1.0, 7.0])
def test_the_axis_is_never_left(score: float) -> None:
    place = float(re.match(r"M([\d.]+) ", caliper(score, score, score).pointer).group(1))
    assert 4 <= place <= 88


def test_lengths_of_the_ledger_add_like_the_numbers() -> None:
    parts = [(0.4, 0.374), (0.25, 0.16), (0.35, 0.2)]
    bars = [ledger_bar(weight, value, known=True, heaviest=0.4) for weight, value in parts]
    assert sum(bar.fill for bar in bars) == pytest.approx(480 * sum(value for _, value in parts), abs=0.2)
    assert max(bar.track for bar in bars) == 192.0


def test_a_heavy_weight_still_fits_its_column() -> None:
    assert ledger_bar(0.9, 0.9, known=True, heaviest=0.9).track == pytest.approx(192.0)


def test_the_binding_cap_is_named_and_cut() -> None:
    seats = seat_bars(ARITHMETIC)
    assert seats is not None
    assert [bar.label for bar in seats.bars if bar.binds] == ["同岗上限"]
    assert seats.bars[-1].formula == "min(42, 12, 36, 20) ＝ 12 人"
    assert seats.cut == 92 + seats.bars[-1].width
    assert max(bar.width for bar in seats.bars) == 330.0


def test_an_unknown_cap_is_drawn_as_unknown_and_does_not_bind() -> None:
    seats = seat_bars({**ARITHMETIC, "post_left": None, "post_text": "同岗人数未填"})
    assert seats is not None
    unknown = next(bar for bar in seats.bars if bar.label == "同岗上限")
    assert (unknown.value, unknown.binds, unknown.formula) == (None, False, "同岗人数未填")
    assert "同岗上限 未知" in seats.sentence
    assert seats.bars[-1].value == 20


def test_hidden_caps_are_told_as_one() -> None:
    hidden = {**ARITHMETIC, "staff_text": None, "post_text": None, "staff_left": None, "post_left": None}
    seats = seat_bars(hidden)
    assert seats is not None
    assert seats.bars[0].label == "法定上限"
    assert "60" not in seats.sentence


def test_a_cap_below_zero_gives_no_seats() -> None:
    seats = seat_bars({**ARITHMETIC, "post_left": -3})
    assert seats is not None
    assert seats.bars[-1].value == 0
    assert min(bar.width for bar in seats.bars) == 0.0


def test_nothing_known_draws_nothing() -> None:
    assert seat_bars({}) is None
    assert weeks_strip([], 24) is None
    assert weeks_strip([{"week": "2026-W01", "free": None}], 24) is None


@pytest.mark.parametrize("number", [1, 4, 8, 30, 60, 200])
def test_weeks_stay_inside_their_frame(number: int) -> None:
    strip = weeks_strip(_weeks(number), 24)
    assert strip is not None
    assert len(strip.weeks) == min(number, 60)
    for week in strip.weeks:
        for block in week.blocks:
            assert 42 <= block.x <= block.x + block.width <= 452
            assert 25 <= block.y <= block.y + block.height <= 104.1


def test_the_need_is_spread_evenly_and_what_is_left_is_drawn() -> None:
    strip = weeks_strip(_weeks(4), 24)
    assert strip is not None
    kinds = [(block.kind, block.text) for block in strip.weeks[0].blocks]
    assert kinds == [("busy", ""), ("use", "本次 6"), ("free", "余 4")]
    assert strip.sentence == "计入 4 周：已签 16.0 小时，空闲 40.0 小时，需要 24.0 小时"
    assert strip.weeks[0].name == "第 1 周"


def test_travel_hours_fill_the_year() -> None:
    bar = travel_bar({"visits": 3, "hours": 9.0, "limit": 30.0, "used": 4.0})
    assert bar is not None
    assert sum(block.width for block in bar.blocks) == pytest.approx(444, abs=0.3)
    assert "余 17.0 小时" in bar.sentence


@pytest.mark.parametrize("travel", [{}, {"visits": 0, "hours": 0.0, "limit": 3}, {"visits": 2, "limit": 3}])
def test_travel_without_numbers_is_told_in_words_only(travel: dict[str, object]) -> None:
    assert travel_bar(travel) is None


def test_travel_over_the_limit_stays_in_the_frame() -> None:
    bar = travel_bar({"visits": 3, "hours": 90.0, "limit": 30.0, "used": 4.0})
    assert bar is not None
    assert bar.blocks[-1].x + bar.blocks[-1].width <= 448.5


def test_a_rejected_row_is_never_invisible() -> None:
    blocks = import_bar({"inserted": 9999, "updated": 0, "unchanged": 0, "rejected": 1}, 10_000)
    assert [block.kind for block in blocks] == ["take", "rej"]
    assert blocks[-1].width == 2.0
