"""Small cells are not told below officer: primary (< 10) and complementary, over all groupings of a quarter at once.

A cell that is hidden must not come back by subtraction: in every line of cells and their margin, one hidden member
alone would be margin minus the rest, so a second one is hidden, the smallest that is left.
"""

from collections.abc import Mapping
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kg.indicators.market import ALL, DIMENSIONS, Cells, Market

SMALLEST_TOLD: Final = 10
Marks = NDArray[np.bool_]
Groupings = Mapping[frozenset[str], Cells]

EVERY_GROUPING: Final = tuple(
    frozenset(chosen) for size in range(len(DIMENSIONS), -1, -1) for chosen in combinations(DIMENSIONS, size)
)


def groupings(market: Market, quarter: str) -> dict[frozenset[str], Cells]:
    """Return every grouping of a quarter, the finest first."""
    return {by: market.cells(quarter, by) for by in EVERY_GROUPING}


def hidden_cells(market: Market, cells: Groupings) -> dict[frozenset[str], Marks]:
    """Return which cells of each grouping a viewer below officer may not be told; demand and supply go together."""
    hidden = {by: _small(found.demand) | _small(found.supply) for by, found in cells.items()}
    lines = [
        (by, by - {name}, _margin_of(market, fine, cells[by - {name}], DIMENSIONS.index(name)))
        for by, fine in cells.items()
        for name in sorted(by)
    ]
    changed = True
    while changed:
        changed = False
        for by, upper, line in lines:
            changed |= _hide_second(cells[by], hidden[by], hidden[upper], line)
    return hidden


def _small(values: NDArray[np.float64]) -> Marks:
    return np.nan_to_num(values, nan=float(SMALLEST_TOLD)) < SMALLEST_TOLD


def _margin_of(market: Market, fine: Cells, coarse: Cells, column: int) -> NDArray[np.intp]:
    """Return for each cell the place of the margin that sums its line over one dimension; every cell has one."""
    keys = fine.keys.copy()
    keys[:, column] = ALL
    return np.searchsorted(market.codes(coarse.keys), market.codes(keys))


def _hide_second(fine: Cells, marks: Marks, margin_marks: Marks, line: NDArray[np.intp]) -> bool:
    """Hide a second member of each line that has exactly one hidden: the smallest open cell, else the margin itself."""
    lonely = np.bincount(line[marks], minlength=len(margin_marks)) + margin_marks == 1
    candidates = np.flatnonzero(~marks & lonely[line])
    with_cells = np.zeros(len(margin_marks), dtype=bool)
    with_cells[line[candidates]] = True
    closed = lonely & ~with_cells & ~margin_marks
    margin_marks[closed] = True
    size = np.nan_to_num(np.minimum(fine.demand, fine.supply)[candidates], nan=np.inf)
    order = candidates[np.lexsort((candidates, size, line[candidates]))]
    marks[order[np.unique(line[order], return_index=True)[1]]] = True
    return bool(len(candidates)) or bool(closed.any())
