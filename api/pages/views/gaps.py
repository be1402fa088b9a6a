"""What the gap page shows: the matrix of occupation × level, tiles of districts, and who could close a gap."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Any, Final

from kg.indicators.market import LEVELS

Json = Mapping[str, Any]
STEPS: Final = ((1.0, "s1"), (1.3, "g1"), (1.8, "g2"), (2.5, "g3"))
"""Shades by 求人倍率: below 1 is a surplus; 2.5 and more is the darkest."""
TOTAL: Final = "合计"
TILE: Final = (94, 68)


@dataclass(frozen=True, slots=True)
class GapCell:
    """One cell as it is drawn: `shade` is its class, "" for nothing, `hidden` for a small one that is not told."""

    item: Json | None
    shade: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class GapRow:
    """One occupation with its cells by level and its total."""

    key: str
    name: str
    code: str
    cells: tuple[GapCell, ...]
    total: GapCell


@dataclass(frozen=True, slots=True)
class Tile:
    """One district on the tile grid; `item` None: it has not reported."""

    name: str
    x: int
    y: int
    item: Json | None
    shade: str


def shade(item: Json | None) -> str:
    """Return the class of a cell by its plain ratio; "" where there is none, "hid" where it is hidden."""
    if item is None:
        return ""
    if item["suppressed"]:
        return "hid"
    ratio = item["ratio_simple"]
    if ratio is None:
        return ""
    return next((name for most, name in STEPS if ratio < most), "g4")


def matrix(
    cells: Sequence[Json], rows: Sequence[Json], *, chosen: tuple[str, str | None] | None
) -> tuple[list[str], list[GapRow]]:
    """Return the levels that occur and a row an occupation, in the order of `rows` (one item an occupation)."""
    found = {(item["occupation"]["key"], item["level"]): item for item in cells}
    levels = [level for level in LEVELS if any(key[1] == level for key in found)]
    return levels, [
        GapRow(
            key=row["occupation"]["key"],
            name=row["occupation"]["name"],
            code=row["occupation"]["key"].partition("@")[0],
            cells=tuple(_cell(found, row["occupation"]["key"], level, chosen) for level in levels),
            total=GapCell(row, shade(row)),
        )
        for row in rows
    ]


def _cell(
    found: Mapping[tuple[str, str], Json], key: str, level: str, chosen: tuple[str, str | None] | None
) -> GapCell:
    item = found.get((key, level))
    return GapCell(item, shade(item), chosen == (key, level))


def tiles(
    districts: Sequence[Json], places: Mapping[str, tuple[float, float]], names: Mapping[str, str]
) -> list[Tile]:
    """Return one square a district, north up and west left as far as coordinates tell; the others come last."""
    told = {item["district"]["key"]: item for item in districts}
    order = sorted(names, key=lambda code: (code not in places, -places.get(code, (0.0, 0.0))[1], code))
    width = max(1, ceil(sqrt(len(order))))
    found: list[Tile] = []
    for row in range(ceil(len(order) / width)):
        line = sorted(
            order[row * width : (row + 1) * width],
            key=lambda code: (code not in places, places.get(code, (0.0, 0.0))[0], code),
        )
        found += [
            Tile(names[code], column * TILE[0], row * TILE[1], told.get(code), shade(told.get(code)) or "un")
            for column, code in enumerate(line)
        ]
    return found
