"""The map of districts from the geometry that the bureau supplies: outlines as SVG paths, never without approval number.

Published maps of China need an approved source and its number (审图号; 地图管理条例, State Council decree 664, art. 15 and
18), so none is shipped: `districts.geojson` in the data folder is the bureau's. It is a GeoJSON FeatureCollection (RFC
7946) of Polygon and MultiPolygon features in degrees, each with the GB/T 2260 code as property `code` or `adcode`, and
the approval number as member `approval` of the collection.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import cos, isfinite, radians
from pathlib import Path
from typing import Any, Final, TypeAlias

import orjson

from kg.errors import SettingsError

FILE_NAME: Final = "districts.geojson"
WIDTH: Final = 640.0
"""Width of the picture in pixels; the height follows from the area."""
_MOST_BYTES: Final = 32_000_000
_TALLEST: Final = 2.0
_FINEST: Final = 1.0
"""Points nearer to the last one than this many pixels are left out."""
_CODE_DIGITS: Final = 6
_CORNERS: Final = 3

Point: TypeAlias = tuple[float, float]
Ring: TypeAlias = Sequence[Point]


@dataclass(frozen=True, slots=True)
class Outline:
    """One district: its code, the path of its borders (SVG, pixels), and the point where its figures stand."""

    code: str
    path: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class DistrictMap:
    """Outlines by code, the size of the picture in pixels, and the approval number that is printed below it."""

    outlines: Sequence[Outline]
    height: float
    approval: str
    width: float = WIDTH


def district_map(path: Path) -> DistrictMap | None:
    """Return the map of a file, None when there is none; SettingsError tells what is wrong with it."""
    try:
        stat = path.stat()
    except OSError:
        return None
    if stat.st_size > _MOST_BYTES:
        raise _wrong(path, f"有 {stat.st_size / 1e6:.0f} MB，上限 {_MOST_BYTES / 1e6:.0f} MB；请先简化边界")
    return _read(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=2)
def _read(path: Path, _changed: int, _size: int) -> DistrictMap:
    try:
        told = orjson.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise _wrong(path, "读不出来，不是 UTF-8 的 JSON") from error
    if not isinstance(told, dict) or told.get("type") != "FeatureCollection":
        raise _wrong(path, "不是 GeoJSON 的 FeatureCollection")
    approval = told.get("approval")
    if not isinstance(approval, str) or not approval.strip():
        raise _wrong(path, "没有审图号；请在文件最外层写上 approval，例如 “鲁S(2026)001号”")
    try:
        shapes: dict[str, list[Ring]] = {}
        for one in told["features"]:
            shapes.setdefault(_code(one), []).extend(_rings(one["geometry"]))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _wrong(
            path, "有要素缺少六位区划代码（code 或 adcode），或边界不是经纬度的 Polygon、MultiPolygon"
        ) from error
    if not any(shapes.values()):
        raise _wrong(path, "一个区县也没有")
    return _drawn(shapes, approval.strip())


def _wrong(path: Path, what: str) -> SettingsError:
    return SettingsError(f"地图文件 {path.name} {what}。改正前区县图用方格代替。", file=path.name)


def _code(feature: Mapping[str, Any]) -> str:
    known = feature["properties"]
    code = str(known.get("code") or known.get("adcode"))
    if len(code) != _CODE_DIGITS or not code.isdigit():
        raise ValueError(code)
    return code


def _rings(geometry: Mapping[str, Any]) -> Iterator[Ring]:
    """Yield every ring of a feature, outer ones and holes alike: the even-odd rule tells them apart."""
    polygons = {"Polygon": [geometry["coordinates"]], "MultiPolygon": geometry["coordinates"]}
    for polygon in polygons[geometry["type"]]:
        for ring in polygon:
            points = [(float(place[0]), float(place[1])) for place in ring]
            if not all(isfinite(x) and isfinite(y) and abs(x) <= 180 and abs(y) <= 90 for x, y in points):
                raise ValueError("not degrees")
            if len(points) < _CORNERS:
                raise ValueError("not a ring")
            yield points


def _drawn(shapes: Mapping[str, Sequence[Ring]], approval: str) -> DistrictMap:
    """Project onto a plane with true lengths on the middle parallel, the widest side filling the picture."""
    places = [place for rings in shapes.values() for ring in rings for place in ring]
    west, east = min(x for x, _ in places), max(x for x, _ in places)
    south, north = min(y for _, y in places), max(y for _, y in places)
    narrow = cos(radians((south + north) / 2))
    across, down = max((east - west) * narrow, 1e-9), max(north - south, 1e-9)
    scale = min(WIDTH / across, WIDTH * _TALLEST / down)

    def project(place: Point) -> Point:
        return (place[0] - west) * narrow * scale, (north - place[1]) * scale

    outlines = [
        _outline(code, [list(map(project, ring)) for ring in rings])
        for code, rings in sorted(shapes.items())
        if rings
    ]
    return DistrictMap(outlines, round(down * scale, 1), approval, round(across * scale, 1))


def _outline(code: str, rings: Sequence[Ring]) -> Outline:
    path = "".join(map(_path, rings))
    x, y = _centre(max(rings, key=lambda ring: abs(_area(ring))))
    return Outline(code, path, round(x, 1), round(y, 1))


def _path(ring: Ring) -> str:
    kept: list[Point] = []
    for x, y in ring:
        if not kept or abs(x - kept[-1][0]) + abs(y - kept[-1][1]) >= _FINEST:
            kept.append((x, y))
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in kept) + "Z"


def _area(ring: Ring) -> float:
    """Return the signed area of a ring (shoelace formula)."""
    turned = (*ring[1:], ring[0])
    return sum(x * next_y - next_x * y for (x, y), (next_x, next_y) in zip(ring, turned, strict=True)) / 2


def _centre(ring: Ring) -> Point:
    """Return the centroid of a ring, or the mean of its points where it has no area."""
    area = _area(ring)
    if abs(area) < _FINEST:
        return sum(x for x, _ in ring) / len(ring), sum(y for _, y in ring) / len(ring)
    x_sum = y_sum = 0.0
    for (x, y), (next_x, next_y) in zip(ring, (*ring[1:], ring[0]), strict=True):
        cross = x * next_y - next_x * y
        x_sum, y_sum = x_sum + (x + next_x) * cross, y_sum + (y + next_y) * cross
    return x_sum / (6 * area), y_sum / (6 * area)
