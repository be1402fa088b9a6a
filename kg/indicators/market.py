"""Demand and supply as the sources state them, in arrays: one cell an occupation, level, district and quarter.

A row with an empty dimension states a margin (all occupations, all levels, all districts). A margin that a source
states is told as stated; where none states it, it is the sum of the finest cells below it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kg.index.lookups import Occupations
from kg.index.views import View
from kg.vocab.levels import LEVEL_LABELS, NO_LEVEL_REQUIRED

DIMENSIONS: Final = ("occupation", "level", "district")
LEVELS: Final = (*LEVEL_LABELS.values(), NO_LEVEL_REQUIRED)
ALL: Final = -1
Index = NDArray[np.int32]
Numbers = NDArray[np.float64]
Marks = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Cells:
    """One grouping of one quarter: a row a cell. `keys` has a column a dimension (index into its values, ALL = margin).

    `demand` and `supply` are NaN where masked; `stated` is True where a source states the cell itself.
    """

    keys: Index
    demand: Numbers
    supply: Numbers
    stated: Marks

    def __len__(self) -> int:
        return len(self.demand)


@dataclass(frozen=True, slots=True)
class Market:
    """All stated cells. `values` maps a dimension to what its indices stand for; `quarters` are in order of time."""

    values: Mapping[str, tuple[str, ...]]
    quarters: tuple[str, ...]
    keys: Index
    quarter: Index
    demand: Numbers
    supply: Numbers
    sources: tuple[str, ...]

    def cells(self, quarter: str, by: frozenset[str]) -> Cells:
        """Return the cells of a quarter with the dimensions of `by` told and the others as margins, in key order."""
        chosen = np.flatnonzero(self.quarter == self.quarters.index(quarter))
        keys, demand, supply = self.keys[chosen], self.demand[chosen], self.supply[chosen]
        told = [name in by for name in DIMENSIONS]
        usable = np.ones(len(chosen), dtype=bool)
        for column, is_told in enumerate(told):
            if is_told:
                usable &= keys[:, column] != ALL
        keys, demand, supply = keys[usable], demand[usable], supply[usable]
        codes = self.codes(np.where(told, keys, np.int32(ALL)))
        _, first, place = np.unique(codes, return_index=True, return_inverse=True)
        names = np.where(told, keys[first], np.int32(ALL))
        return _best(names, place.reshape(-1), keys, told, demand, supply)

    def districts(self, quarter: str) -> frozenset[str]:
        """Return the districts for which figures of the quarter are stated."""
        if quarter not in self.quarters:
            return frozenset()
        column = DIMENSIONS.index("district")
        numbers = np.unique(self.keys[self.quarter == self.quarters.index(quarter), column])
        return frozenset(self.values["district"][number] for number in numbers.tolist() if number != ALL)

    def codes(self, keys: Index) -> NDArray[np.int64]:
        """Return one number a key, in the order of the keys."""
        found = np.zeros(len(keys), dtype=np.int64)
        for column, name in enumerate(DIMENSIONS):
            found = found * (len(self.values[name]) + 1) + keys[:, column] + 1
        return found


def _best(
    names: Index, place: NDArray[np.intp], keys: Index, told: Sequence[bool], demand: Numbers, supply: Numbers
) -> Cells:
    """Return for every group the statement with most stated margins; what is left open is summed."""
    size = len(names)
    best_demand, best_supply = np.full(size, np.nan), np.full(size, np.nan)
    open_groups, stated = np.ones(size, dtype=bool), np.zeros(size, dtype=bool)
    margins = [column for column, is_told in enumerate(told) if not is_told]
    ways = sorted(product((True, False), repeat=len(margins)), key=lambda way: -sum(way))
    for way in ways:
        fits = np.ones(len(keys), dtype=bool)
        for column, is_stated in zip(margins, way, strict=True):
            fits &= (keys[:, column] == ALL) == is_stated
        rows = np.flatnonzero(fits)
        found = np.bincount(place[rows], minlength=size) > 0
        taken = found & open_groups
        best_demand[taken] = np.bincount(place[rows], demand[rows], minlength=size)[taken]
        best_supply[taken] = np.bincount(place[rows], supply[rows], minlength=size)[taken]
        stated[taken] = all(way)
        open_groups &= ~found
    return Cells(names, best_demand, best_supply, stated)


def read_market(views: Iterable[View], occupations: Occupations) -> Market:
    """Return the market from the merged rows of `market_stats`; the first register, then the first 来源, speaks for a cell."""
    places: dict[str, dict[str, int]] = {name: {} for name in ("occupation", "district")}
    places["level"] = {label: number for number, label in enumerate(LEVELS)}
    quarters: dict[str, int] = {}
    rows: dict[tuple[int, int, int, int], tuple[str, float, float]] = {}
    sources: set[str] = set()
    for view in views:
        reference = view.text("occupation")
        code = None if reference is None else _key(occupations, reference)
        cell = (
            _place(places["occupation"], code),
            _place(places["level"], view.text("level")),
            _place(places["district"], view.text("district")),
            _place(quarters, view.text("quarter")),
        )
        source = view.text("source") or view.row.source
        sources.add(source)
        held = rows.get(cell)
        if held is None or source < held[0]:
            rows[cell] = (source, _number(view, "demand"), _number(view, "supply"))
    return _market(places, quarters, rows, sources)


def _market(
    places: Mapping[str, Mapping[str, int]],
    quarters: Mapping[str, int],
    rows: Mapping[tuple[int, int, int, int], tuple[str, float, float]],
    sources: set[str],
) -> Market:
    order = sorted(quarters)
    renumbered = np.array([order.index(text) for text in quarters], dtype=np.int32)
    table = np.array(sorted(rows), dtype=np.int32).reshape(-1, 4)
    figures = np.array([rows[cell][1:] for cell in sorted(rows)], dtype=np.float64).reshape(-1, 2)
    return Market(
        values={name: tuple(places[name]) for name in DIMENSIONS},
        quarters=tuple(order),
        keys=table[:, :3].copy(),
        quarter=renumbered[table[:, 3]] if len(table) else table[:, 3],
        demand=figures[:, 0].copy(),
        supply=figures[:, 1].copy(),
        sources=tuple(sorted(sources)),
    )


def _key(occupations: Occupations, reference: str) -> str:
    found = occupations.resolve(reference)
    return f"{found.code}@{found.edition}" if found.edition else found.code


def _place(places: dict[str, int], value: str | None) -> int:
    return ALL if value is None else places.setdefault(value, len(places))


def _number(view: View, column: str) -> float:
    value = view.raw(column)
    return float(value) if isinstance(value, (int, float)) else float("nan")
