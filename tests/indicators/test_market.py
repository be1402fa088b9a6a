"""Margins, both ratios and hidden cells, against plain loops and the published tables."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.indicators.market import ALL, DIMENSIONS, LEVELS, Market
from kg.indicators.ratios import official_ratio, simple_ratio
from kg.indicators.suppression import EVERY_GROUPING, SMALLEST_TOLD, groupings, hidden_cells
from kg.indicators.telling import MarketAnswers

QUARTER = "2026Q3"
CITY_ROWS = (
    (1435, 1188, "1.71"), (212, 329, "1.15"), (198, 220, "1.40"), (125, 179, "1.20"), (99, 164, "1.11"),
    (2104, 683, "3.58"), (346, 348, "1.46"), (93, 2, "47.08"),
)  # fmt: skip
"""Tianshui 2018Q1 (domain page S11): demand, supply, printed ratio; 3,870 posts ask for no level, 7,715 people seek."""
NATIONAL_ROWS = (
    (963966, 1001642, "1.42"), (536900, 519292, "1.49"), (180326, 136833, "1.78"), (100175, 56026, "2.25"),
    (39011, 28263, "1.84"), (549441, 501042, "1.56"), (248969, 213286, "1.63"),
)  # fmt: skip
"""A national quarter (domain page S10); D_none / S_total is .4597 by its own rows."""


def market(
    rows: dict[tuple[int, int, int], tuple[float, float]], occupations: int = 3, districts: int = 3
) -> Market:
    keys = np.array(sorted(rows), dtype=np.int32).reshape(-1, 3)
    figures = np.array([rows[key] for key in sorted(rows)], dtype=float).reshape(-1, 2)
    return Market(
        values={
            "occupation": tuple(f"6-18-01-0{n}" for n in range(occupations)),
            "level": LEVELS,
            "district": tuple(f"99010{n}" for n in range(districts)),
        },
        quarters=(QUARTER,),
        keys=keys,
        quarter=np.zeros(len(keys), dtype=np.int32),
        demand=figures[:, 0],
        supply=figures[:, 1],
        sources=(),
    )


@pytest.mark.parametrize(
    ("rows", "none", "total", "fitting"), [(CITY_ROWS, 3870, 7715, 6), (NATIONAL_ROWS, 4597, 10000, 7)]
)
def test_the_official_formula_reproduces_the_published_tables(
    rows: tuple[tuple[int, int, str], ...], none: int, total: int, fitting: int
) -> None:
    demand, supply = (np.array([row[n] for row in rows], dtype=float) for n in (0, 1))
    size = len(rows)
    ratios = official_ratio(demand, supply, np.full(size, float(none)), np.full(size, float(total)))
    assert sum(f"{ratio:.2f}" == row[2] for ratio, row in zip(ratios, rows, strict=True)) == fitting


def test_the_city_column_does_not_sum_to_what_is_printed() -> None:
    assert sum(row[0] for row in CITY_ROWS) + 3870 == 8482 != 8470


def test_ratios_of_nothing_are_unknown() -> None:
    ratio = simple_ratio(np.array([3.0, np.nan, 0.0]), np.array([0.0, 5.0, 5.0]))
    assert [np.isnan(value) for value in ratio] == [True, True, False]


Rows = st.dictionaries(
    st.tuples(st.integers(-1, 2), st.integers(-1, 3), st.integers(-1, 2)),
    st.tuples(st.integers(0, 60), st.integers(0, 60)),
    max_size=40,
)


def plain_margin(
    rows: dict[tuple[int, int, int], tuple[float, float]], key: tuple[int, int, int], told: tuple[bool, ...]
) -> tuple[float, float] | None:
    """Return what the rule says of one cell: the statement with most stated margins, earlier dimensions first."""
    open_places = [place for place, is_told in enumerate(told) if not is_told]
    ways = sorted(product((True, False), repeat=len(open_places)), key=lambda way: -sum(way))
    for way in ways:
        stated = dict(zip(open_places, way, strict=True))
        found = [
            figures
            for cell, figures in rows.items()
            if all(
                cell[place] == key[place] if told[place] else (cell[place] == ALL) == stated[place]
                for place in range(3)
            )
        ]
        if found:
            return sum(one[0] for one in found), sum(one[1] for one in found)
    return None


@settings(deadline=None)
@given(Rows)
def test_margins_are_stated_first_and_summed_else(
    rows: dict[tuple[int, int, int], tuple[float, float]],
) -> None:
    table = market(rows)
    for by in EVERY_GROUPING:
        told = tuple(name in by for name in DIMENSIONS)
        cells = table.cells(QUARTER, by) if rows else None
        wanted = {
            tuple(place if is_told else ALL for place, is_told in zip(cell, told, strict=True))
            for cell in rows
            if all(cell[n] != ALL for n in range(3) if told[n])
        }
        found = {} if cells is None else {
            tuple(key): (demand, supply)
            for key, demand, supply in zip(cells.keys.tolist(), cells.demand, cells.supply, strict=True)
        }  # fmt: skip
        assert found == {key: plain_margin(rows, key, told) for key in wanted}


@settings(deadline=None)
@given(Rows)
def test_no_hidden_cell_comes_back_by_subtraction(
    rows: dict[tuple[int, int, int], tuple[float, float]],
) -> None:
    if not rows:
        return
    table = market(rows)
    cells = groupings(table, QUARTER)
    hidden = hidden_cells(table, cells)
    for by, found in cells.items():
        small = np.minimum(found.demand, found.supply) < SMALLEST_TOLD
        assert not (small & ~hidden[by]).any()
        for name in by:
            column = DIMENSIONS.index(name)
            upper = cells[by - {name}]
            lines: dict[tuple[int, ...], list[bool]] = {
                tuple(key): [bool(mark)]
                for key, mark in zip(upper.keys.tolist(), hidden[by - {name}], strict=True)
            }
            for key, mark in zip(found.keys.tolist(), hidden[by], strict=True):
                key[column] = ALL
                lines[tuple(key)].append(bool(mark))
            for members in lines.values():
                assert sum(members) != 1 or len(members) == 1, "one hidden member is margin minus the rest"


def test_a_line_tells_both_ratios_and_the_quarter_before() -> None:
    rows = {
        (0, 2, 0): (30.0, 20.0), (0, 3, 0): (20.0, 10.0), (0, LEVELS.index("无要求"), 0): (12.0, 30.0),
    }  # fmt: skip
    answers = MarketAnswers(market(rows))
    lines = {
        line.names["level"]: line
        for line in answers.lines(QUARTER, frozenset({"occupation", "level"}), {}, open_to_all=False)
    }
    assert lines["中级工"].ratio_simple == pytest.approx(1.5)
    assert lines["中级工"].ratio_official == pytest.approx(1.5 + 12 / 60)
    assert lines["无要求"].ratio_official == pytest.approx(12 / 60)
    assert lines["中级工"].gap == 10
    assert lines["中级工"].previous is None


def test_the_official_ratio_is_hidden_with_what_it_is_made_of() -> None:
    rows = {
        (0, 2, 0): (300.0, 200.0), (0, 3, 0): (200.0, 100.0), (0, LEVELS.index("无要求"), 0): (4.0, 300.0),
    }  # fmt: skip
    answers = MarketAnswers(market(rows))
    lines = answers.lines(QUARTER, frozenset({"occupation", "level"}), {}, open_to_all=True)
    assert sum(line.hidden for line in lines) == 2, (
        "the small one, and one more so that it cannot be worked out"
    )
    assert all(line.ratio_official is None for line in lines)
    assert [line.demand for line in lines if not line.hidden] == [300.0]
