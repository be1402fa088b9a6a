"""Which hidden cells could be worked out all the same, from everything that is told together.

Hiding two members of every line keeps a single subtraction from giving a cell away, but not a chain of them: sums over
rows less sums over columns may leave one unknown alone. All lines are one system of linear equations in the hidden
cells; a cell is determined when no solution of the system without right-hand side moves it. One random such solution,
the projection of a random vector by conjugate gradients, shows that: only determined cells are zero in it.
"""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Places = NDArray[np.intp]
Map = Callable[[Numbers], Numbers]
_SEED: Final = 20261123
_STEPS: Final = 4_000
_CONVERGED: Final = 1e-9
_STILL: Final = 1e-6


class Equations(NamedTuple):
    """One entry each: the line, the hidden cell in it, and +1 for a member or -1 for the margin."""

    lines: Places
    cells: Places
    signs: Numbers


def equations(parts: Sequence[tuple[Places, Places, int]]) -> Equations:
    """Return the system of (line of each entry, its hidden cell, +1 for members or -1 for margins)."""
    lines = np.concatenate([part[0] for part in parts])
    cells = np.concatenate([part[1] for part in parts])
    signs = np.concatenate([np.full(len(part[0]), float(part[2])) for part in parts])
    return Equations(np.unique(lines, return_inverse=True)[1].reshape(-1), cells, signs)


def determined(system: Equations, count: int) -> NDArray[np.bool_]:
    """Return which of the `count` hidden cells have one possible value only."""
    start = np.random.default_rng(_SEED).standard_normal(count)
    size = int(system.lines.max()) + 1 if len(system.lines) else 0
    if not size:
        return np.zeros(count, dtype=bool)

    def sums(values: Numbers) -> Numbers:
        return _binned(system.lines, system.signs * values[system.cells], size)

    def spread(values: Numbers) -> Numbers:
        return _binned(system.cells, system.signs * values[system.lines], count)

    found: Numbers = start - spread(_solved(sums, spread, sums(start)))
    return np.abs(found) < _STILL


def _solved(sums: Map, spread: Map, wanted: Numbers) -> Numbers:
    """Return y with sums(spread(y)) = wanted, by conjugate gradients; the system is consistent by construction."""
    found = np.zeros(len(wanted))
    rest, step = wanted.copy(), wanted.copy()
    length = _product(rest, rest)
    least = length * _CONVERGED**2
    for _ in range(_STEPS):
        if length <= least:
            break
        moved = sums(spread(step))
        share = length / _product(step, moved)
        found += share * step
        rest -= share * moved
        before, length = length, _product(rest, rest)
        step = rest + (length / before) * step
    return found


def _binned(places: Places, values: Numbers, size: int) -> Numbers:
    return np.bincount(places, values, minlength=size).astype(np.float64, copy=False)


def _product(one: Numbers, other: Numbers) -> float:
    """Return the sum of products, without the threads of a BLAS: many short ones follow each other."""
    return float((one * other).sum())
