"""Lines of an answer about demand and supply, each with both ratios, the quarter before, and what stays hidden."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from kg.errors import InvalidInputError, NotFoundError
from kg.indicators.market import ALL, DIMENSIONS, LEVELS, Cells, Market
from kg.indicators.ratios import official_ratio, simple_ratio
from kg.indicators.suppression import Groupings, Marks, groupings, hidden_cells
from kg.vocab.levels import NO_LEVEL_REQUIRED

_NO_LEVEL: Final = LEVELS.index(NO_LEVEL_REQUIRED)
_LEVEL: Final = DIMENSIONS.index("level")
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One cell as it is told: None where unknown, masked or hidden."""

    names: Mapping[str, str]
    demand: float | None
    supply: float | None
    ratio_simple: float | None
    ratio_official: float | None
    stated: bool
    hidden: bool
    previous: "Line | None" = None

    @property
    def gap(self) -> float | None:
        """Demand minus supply."""
        return None if self.demand is None or self.supply is None else self.demand - self.supply

    def figures(self) -> dict[str, Any]:
        """Return the numbers as answers carry them; counts are whole."""
        before = self.previous
        return {
            "demand": _whole(self.demand),
            "supply": _whole(self.supply),
            "gap": _whole(self.gap),
            "ratio_simple": self.ratio_simple,
            "ratio_official": self.ratio_official,
            "basis": "stated" if self.stated else "summed",
            "suppressed": self.hidden,
            "previous": None
            if before is None
            else {
                "demand": _whole(before.demand),
                "supply": _whole(before.supply),
                "gap": _whole(before.gap),
                "ratio_simple": before.ratio_simple,
            },
        }


@dataclass(slots=True)
class MarketAnswers:
    """The market of one generation, with groupings and hidden cells of each quarter made when first asked."""

    market: Market
    _groupings: dict[str, Groupings] = field(default_factory=dict)
    _hidden: dict[str, Mapping[frozenset[str], Marks]] = field(default_factory=dict)

    def quarter(self, wanted: str | None) -> str:
        """Return the quarter asked for, or the newest; NotFoundError where nobody has delivered figures."""
        quarters = self.market.quarters
        if not quarters:
            raise NotFoundError("还没有供求统计：请先导入“供求统计”表")
        if wanted is None:
            return quarters[-1]
        if wanted not in quarters:
            raise InvalidInputError(
                f"没有 {wanted} 的统计，现有 {'、'.join(quarters[-8:])}", field="quarter", value=wanted
            )
        return wanted

    def lines(
        self, quarter: str, by: frozenset[str], filters: Mapping[str, str], *, open_to_all: bool
    ) -> list[Line]:
        """Return the cells of a grouping that meet the filters; with `open_to_all` small ones are hidden."""
        found = self._lines(quarter, by, filters, open_to_all)
        place = self.market.quarters.index(quarter)
        if place == 0:
            return list(found.values())
        before = self._lines(self.market.quarters[place - 1], by, filters, open_to_all)
        return [
            Line(
                names=line.names, demand=line.demand, supply=line.supply, ratio_simple=line.ratio_simple,
                ratio_official=line.ratio_official, stated=line.stated, hidden=line.hidden, previous=before.get(key),
            )
            for key, line in found.items()
        ]  # fmt: skip

    def _lines(
        self, quarter: str, by: frozenset[str], filters: Mapping[str, str], open_to_all: bool
    ) -> dict[tuple[int, ...], Line]:
        cells = self._grouping(quarter)[by]
        hidden = self._hidden_cells(quarter)[by] if open_to_all else np.zeros(len(cells), dtype=bool)
        chosen = self._chosen(cells, filters)
        ratio = simple_ratio(cells.demand, cells.supply)
        official, open_official = self._official(quarter, by, cells, open_to_all)
        found: dict[tuple[int, ...], Line] = {}
        for place in chosen.tolist():
            key = tuple(cells.keys[place].tolist())
            shut = bool(hidden[place])
            found[key] = Line(
                names={
                    name: self.market.values[name][number]
                    for name, number in zip(DIMENSIONS, key, strict=True)
                    if number != ALL
                },
                demand=_told(cells.demand[place], shut),
                supply=_told(cells.supply[place], shut),
                ratio_simple=_told(ratio[place], shut),
                ratio_official=_told(official[place], shut or not open_official[place]),
                stated=bool(cells.stated[place]),
                hidden=shut,
            )
        return found

    def _chosen(self, cells: Cells, filters: Mapping[str, str]) -> NDArray[np.intp]:
        fits = np.ones(len(cells), dtype=bool)
        for name, value in filters.items():
            values = self.market.values[name]
            number = values.index(value) if value in values else -2
            fits &= cells.keys[:, DIMENSIONS.index(name)] == number
        return np.flatnonzero(fits)

    def _official(
        self, quarter: str, by: frozenset[str], cells: Cells, open_to_all: bool
    ) -> tuple[Numbers, Marks]:
        """Return the official ratio of each cell with a level, and whether all that it is made of may be told."""
        nothing = np.full(len(cells), np.nan)
        if "level" not in by:
            return nothing, np.zeros(len(cells), dtype=bool)
        upper = self._grouping(quarter)[by - {"level"}]
        without, total = cells.keys.copy(), cells.keys.copy()
        without[:, _LEVEL], total[:, _LEVEL] = _NO_LEVEL, ALL
        at_none, has_none = self._places(cells, without)
        at_total, has_total = self._places(upper, total)
        unasked = np.where(has_none, cells.demand[at_none], 0.0)
        everyone = np.where(has_total, upper.supply[at_total], np.nan)
        own = np.where(cells.keys[:, _LEVEL] == _NO_LEVEL, 0.0, cells.demand)
        supply = np.where(cells.keys[:, _LEVEL] == _NO_LEVEL, 1.0, cells.supply)
        found = official_ratio(own, supply, unasked, everyone)
        if not open_to_all:
            return found, np.ones(len(cells), dtype=bool)
        hidden = self._hidden_cells(quarter)
        return found, ~((has_none & hidden[by][at_none]) | hidden[by - {"level"}][at_total])

    def _places(self, cells: Cells, keys: NDArray[np.int32]) -> tuple[NDArray[np.intp], Marks]:
        """Return where the keys stand among the cells, and which of them do."""
        if not len(cells):
            return np.zeros(len(keys), dtype=np.intp), np.zeros(len(keys), dtype=bool)
        codes, wanted = self.market.codes(cells.keys), self.market.codes(keys)
        place = np.minimum(np.searchsorted(codes, wanted), len(codes) - 1)
        return place, codes[place] == wanted

    def _grouping(self, quarter: str) -> Groupings:
        found = self._groupings.get(quarter)
        if found is None:
            found = self._groupings[quarter] = groupings(self.market, quarter)
        return found

    def _hidden_cells(self, quarter: str) -> Mapping[frozenset[str], Marks]:
        found = self._hidden.get(quarter)
        if found is None:
            found = self._hidden[quarter] = hidden_cells(self.market, self._grouping(quarter))
        return found


def _told(value: np.float64, hidden: bool) -> float | None:
    return None if hidden or np.isnan(value) else float(value)


def _whole(value: float | None) -> float | int | None:
    return int(value) if value is not None and value.is_integer() else value
