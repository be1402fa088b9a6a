"""Small cells are not told below officer: primary (< 10) and complementary, over all groupings of a quarter at once.

A cell that is hidden must not come back by subtraction. In every line of cells and their margin, one hidden member
alone would be margin minus the rest, so a second one is hidden, the smallest that is left; so it is when the hidden
members of a line come to less than ten together (two noughts would give each other away). Then all lines are taken
together: what a chain of sums and subtractions still determines is covered by one more (`disclosure.py`).
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kg.indicators.disclosure import Places, determined, equations
from kg.indicators.market import ALL, DIMENSIONS, Cells, Market

SMALLEST_TOLD: Final = 10
_LINE_BY_LINE: Final = 20_000
Marks = NDArray[np.bool_]
Groupings = Mapping[frozenset[str], Cells]
Hidden = Mapping[frozenset[str], Marks]

EVERY_GROUPING: Final = tuple(
    frozenset(chosen) for size in range(len(DIMENSIONS), -1, -1) for chosen in combinations(DIMENSIONS, size)
)


def groupings(market: Market, quarter: str) -> dict[frozenset[str], Cells]:
    """Return every grouping of a quarter, the finest first."""
    return {by: market.cells(quarter, by) for by in EVERY_GROUPING}


class Line(NamedTuple):
    """The lines of one grouping along one dimension: `place` is the margin of each cell, `first` numbers the lines."""

    by: frozenset[str]
    upper: frozenset[str]
    place: Places
    first: int


def hidden_cells(market: Market, cells: Groupings) -> dict[frozenset[str], Marks]:
    """Return which cells of each grouping a viewer below officer may not be told; demand and supply go together."""
    small = {by: _small(found.demand) | _small(found.supply) for by, found in cells.items()}
    hidden = {by: marks.copy() for by, marks in small.items()}
    lines: list[Line] = []
    first = 0
    for by, fine in cells.items():
        for name in sorted(by):
            upper = cells[by - {name}]
            place = _margin_of(market, fine, upper, DIMENSIONS.index(name))
            lines.append(Line(by, by - {name}, place, first))
            first += len(upper)
    _close(cells, hidden, lines)
    while _cover(cells, hidden, lines, _worked_out(hidden, lines, small)):
        _close(cells, hidden, lines)
    return hidden


def _close(cells: Groupings, hidden: Hidden, lines: Sequence[Line]) -> None:
    """Hide until no line gives a hidden cell, or a sum under ten, by one subtraction."""
    changed = True
    while changed:
        changed = False
        for line in lines:
            by, upper, place, _ = line
            lonely = _lonely(cells[by], hidden[by], hidden[upper], place)
            changed |= _hide_another(cells, hidden, lines, line, lonely)


def _lonely(fine: Cells, marks: Marks, margin_marks: Marks, line: Places) -> Marks:
    """Return the lines of which one member alone is hidden, or members whose sum is small and the margin told."""
    size = len(margin_marks)
    members = np.bincount(line[marks], minlength=size)
    alone: Marks = members + margin_marks == 1
    for figures in (fine.demand, fine.supply):
        total = np.bincount(line[marks], np.nan_to_num(figures[marks], nan=np.inf), minlength=size)
        alone |= (members > 0) & ~margin_marks & (total < SMALLEST_TOLD)
    return alone


def _worked_out(hidden: Hidden, lines: Sequence[Line], small: Hidden) -> dict[frozenset[str], Marks]:
    """Return the small cells that all told cells together determine."""
    number: dict[frozenset[str], Places] = {}
    count = 0
    for by, marks in hidden.items():
        number[by] = np.cumsum(marks) - 1 + count
        count += int(marks.sum())
    parts: list[tuple[Places, Places, int]] = []
    for by, upper, place, first in lines:
        members, margins = np.flatnonzero(hidden[by]), np.flatnonzero(hidden[upper])
        parts.append((place[members] + first, number[by][members], 1))
        parts.append((margins + first, number[upper][margins], -1))
    found = determined(equations(parts), count)
    return {
        by: marks & small[by] & (found[np.minimum(number[by], count - 1)] if count else marks)
        for by, marks in hidden.items()
    }


def _cover(
    cells: Groupings, hidden: Hidden, lines: Sequence[Line], found: Mapping[frozenset[str], Marks]
) -> bool:
    """Hide one more near each cell that can be worked out; False when there is none, or nothing is left to hide.

    Where all lines of a cell are hidden already, those that meet them are taken, and so on.
    """
    left = {by: marks.copy() for by, marks in found.items()}
    count = -1
    while (now := sum(int(marks.sum()) for marks in left.values())) > max(count, 0):
        if _hide_beside(cells, hidden, lines, left):
            return True
        count = now
        for by, upper, place, _ in lines:
            met = left[upper].copy()
            met[place[left[by]]] = True
            left[by] |= met[place]
            left[upper] |= met
    return False


def _hide_beside(cells: Groupings, hidden: Hidden, lines: Sequence[Line], left: Hidden) -> bool:
    """Hide one more in the first line of each marked cell that has one to hide."""
    unserved = {by: marks.copy() for by, marks in left.items()}
    changed = False
    for line in lines:
        by, upper, place, _ = line
        wanted = np.zeros(len(hidden[upper]), dtype=bool)
        wanted[place[unserved[by]]] = True
        possible = ~hidden[upper]
        possible[place[~hidden[by]]] = True
        changed |= _hide_another(cells, hidden, lines, line, wanted)
        unserved[by] &= ~possible[place]
    return changed


def _small(values: NDArray[np.float64]) -> Marks:
    return np.nan_to_num(values, nan=float(SMALLEST_TOLD)) < SMALLEST_TOLD


def _margin_of(market: Market, fine: Cells, coarse: Cells, column: int) -> Places:
    """Return for each cell the place of the margin that sums its line over one dimension; every cell has one."""
    keys = fine.keys.copy()
    keys[:, column] = ALL
    return np.searchsorted(market.codes(coarse.keys), market.codes(keys))


def _hide_another(
    cells: Groupings, hidden: Hidden, lines: Sequence[Line], along: Line, wanted: Marks
) -> bool:
    """Hide one more of each line wanted: an open cell, else the margin itself.

    The cell that leaves fewest lines with itself alone is taken, then the smallest. Small groupings go line by line,
    since what one line hides serves the next; large ones all lines at once.
    """
    marks, margin_marks, place = hidden[along.by], hidden[along.upper], along.place
    candidates = np.flatnonzero(~marks & wanted[place])
    with_cells = np.zeros(len(margin_marks), dtype=bool)
    with_cells[place[candidates]] = True
    closed = wanted & ~with_cells & ~margin_marks
    margin_marks[closed] = True
    if len(candidates):
        if len(marks) <= _LINE_BY_LINE:
            candidates = candidates[place[candidates] == place[candidates].min()]
        fine = cells[along.by]
        size = np.nan_to_num(np.minimum(fine.demand, fine.supply)[candidates], nan=np.inf)
        fresh = _fresh_lines(hidden, lines, along.by)[candidates]
        order = candidates[np.lexsort((candidates, size, fresh, place[candidates]))]
        marks[order[np.unique(place[order], return_index=True)[1]]] = True
    return bool(len(candidates)) or bool(closed.any())


def _fresh_lines(hidden: Hidden, lines: Sequence[Line], by: frozenset[str]) -> Places:
    """Return for each cell of a grouping in how many of its lines nothing is hidden yet."""
    found = np.zeros(len(hidden[by]), dtype=np.intp)
    for one in lines:
        if by in (one.by, one.upper):
            none = ~hidden[one.upper]
            none[one.place[hidden[one.by]]] = False
            found += none[one.place] if by == one.by else none
    return found
