"""The map of districts as tiles, and the same as a table: one square a district, placed as coordinates tell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from api.pages.views.gaps import Tile, shade, tiles

Json = Mapping[str, Any]
MEASURES: Final = {"gap": "缺口", "ratio": "求人倍率", "demand": "需求", "supply": "求职"}


@dataclass(frozen=True, slots=True)
class Square:
    """One tile with the two lines of figures that it bears."""

    tile: Tile
    code: str
    main: str
    small: str


def squares(items: Sequence[Json], area: Sequence[Json], measure: str) -> list[Square]:
    """Return the tiles of all districts of the area, the chosen measure large."""
    places = {one["key"]: one["at"] for one in area if one["at"]}
    names = {one["key"]: one["name"] for one in area}
    codes = {(item["district"] or {}).get("name"): (item["district"] or {}).get("key") for item in items}
    codes |= {name: code for code, name in names.items()}
    drawn = tiles(items, places, names)
    return [
        Square(one, str(codes.get(one.name, "")), figure(one.item, measure), _rest(one.item)) for one in drawn
    ]


def figure(item: Json | None, measure: str) -> str:
    """Return a figure as tiles and table write it: ＊ for a small one that is not told, 未报送 for none."""
    if item is None:
        return "未报送"
    if item["suppressed"]:
        return "＊"
    if measure == "ratio":
        return "—" if item["ratio_simple"] is None else f"{item['ratio_simple']:.2f}"
    value = item[measure]
    return "—" if value is None else f"{value:,.0f}".replace("-", "−")


def _rest(item: Json | None) -> str:
    return "" if item is None else f"{figure(item, 'demand')} / {figure(item, 'supply')}"


def rows(items: Sequence[Json], area: Sequence[Json], order: str) -> list[tuple[Json, Json | None, str]]:
    """Return (district, figures, shade) by the measure, the largest first; those without figures last, by code."""
    told = {item["district"]["key"]: item for item in items if item["district"]}
    name = "ratio_simple" if order == "ratio" else order

    def key(one: Json) -> tuple[bool, float, str]:
        item = told.get(one["key"])
        value = None if item is None or item["suppressed"] else item[name]
        return (value is None, -(value or 0.0), str(one["key"]))

    return [(one, told.get(one["key"]), shade(told.get(one["key"]))) for one in sorted(area, key=key)]
