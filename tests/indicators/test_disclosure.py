"""Hidden cells attacked with everything that is told: linear algebra over all groupings at once, apart from the product's own."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.indicators.disclosure import determined, equations
from kg.indicators.market import ALL, DIMENSIONS
from kg.indicators.suppression import SMALLEST_TOLD, groupings, hidden_cells
from tests.indicators.test_market import QUARTER, market

Key = tuple[frozenset[str], tuple[int, ...]]
Rows = dict[tuple[int, int, int], tuple[float, float]]
FIGURES = st.one_of(st.integers(0, 15), st.integers(0, 200)).map(float)
CELLS = st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3))


class Attack:
    """What an outsider knows: every open cell of every grouping, and that margins are sums."""

    def __init__(self, rows: Rows) -> None:
        table = market(rows, occupations=4, districts=4)
        cells = groupings(table, QUARTER)
        marks = hidden_cells(table, cells)
        self.figures: dict[Key, tuple[float, float]] = {}
        self.hidden: set[Key] = set()
        self.lines: dict[Key, dict[str, list[Key]]] = {}
        for by, found in cells.items():
            for place, key in enumerate(found.keys.tolist()):
                cell: Key = (by, tuple(key))
                self.figures[cell] = (found.demand[place], found.supply[place])
                if marks[by][place]:
                    self.hidden.add(cell)
                for name in by:
                    upper = list(key)
                    upper[DIMENSIONS.index(name)] = ALL
                    line = self.lines.setdefault((by - {name}, tuple(upper)), {})
                    line.setdefault(name, []).append(cell)

    def worked_out(self) -> list[Key]:
        """Return the hidden cells that take one value in every solution of the equations."""
        unknown = sorted(self.hidden, key=lambda cell: (sorted(cell[0]), cell[1]))
        place = {cell: number for number, cell in enumerate(unknown)}
        rows = []
        for margin, line in self.lines.items():
            for members in line.values():
                row = np.zeros(len(unknown))
                for cell, sign in (*((member, 1.0) for member in members), (margin, -1.0)):
                    if cell in place:
                        row[place[cell]] = sign
                rows.append(row)
        _, sizes, free = np.linalg.svd(np.array(rows))
        basis = free[int((sizes > 1e-9).sum()) :]
        return [cell for cell in unknown if not len(basis) or np.abs(basis[:, place[cell]]).max() < 1e-9]

    def small_sums(self) -> list[tuple[Key, str]]:
        """Return the told margins less their told members that come to fewer than ten people."""
        return [
            (margin, name)
            for margin, line in self.lines.items()
            for name, members in line.items()
            if margin not in self.hidden
            and (shut := [self.figures[cell] for cell in members if cell in self.hidden])
            and min(map(sum, zip(*shut, strict=True))) < SMALLEST_TOLD
        ]


@settings(deadline=None, max_examples=150)
@given(st.dictionaries(CELLS, st.tuples(FIGURES, FIGURES), min_size=1, max_size=48))
def test_no_small_cell_can_be_worked_out(rows: Rows) -> None:
    attack = Attack(rows)
    small = {cell for cell, figures in attack.figures.items() if min(figures) < SMALLEST_TOLD}
    assert small <= attack.hidden
    if attack.hidden:
        assert not small & set(attack.worked_out())
    assert attack.small_sums() == []


def test_a_bridge_between_two_rings_is_seen() -> None:
    """Every line has two hidden members, and yet rows less columns of one ring leave the bridge alone."""
    ring = [(0, 0), (0, 1), (1, 0), (1, 1)]
    bridge, second = [(1, 2)], [(2, 2), (2, 3), (3, 2), (3, 3)]
    hidden = ring + bridge + second
    cells = np.arange(len(hidden))
    lines = [(np.array([place[axis] for place in hidden]) + 10 * axis, cells, 1) for axis in (0, 1)]
    found = determined(equations(lines), len(hidden))
    assert [place for place, is_known in zip(hidden, found, strict=True) if is_known] == bridge


def test_two_noughts_do_not_give_each_other_away() -> None:
    rows = {
        (0, level, 0): figures
        for level, figures in enumerate(((0.0, 50.0), (0.0, 60.0), (70.0, 80.0), (90.0, 90.0)))
    }
    attack = Attack(rows)
    assert sum(len(by) == len(DIMENSIONS) for by, _ in attack.hidden) == 3


@pytest.mark.parametrize("seed", range(3))
def test_what_is_large_enough_stays_told(seed: int) -> None:
    """Without a small cell nothing is hidden; with one, no more than its rows and columns ask for."""
    random = np.random.default_rng(seed)
    rows = {
        (o, lv, d): (float(random.integers(10, 99)), float(random.integers(10, 99)))
        for o in range(4) for lv in range(4) for d in range(4)
    }  # fmt: skip
    assert Attack(rows).hidden == set()
    rows[1, 1, 1] = (3.0, 50.0)
    assert 4 <= len(Attack(rows).hidden) <= 12, "little more than the corners of one cube"
