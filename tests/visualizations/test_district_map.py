"""The geometry that a bureau supplies: drawn where it is in order, else told in words."""

import json
from pathlib import Path
from typing import Any

import pytest

from kg.errors import SettingsError
from visualizations.district_map import FILE_NAME, WIDTH, district_map

WEST = [[116.0, 36.0], [117.0, 36.0], [117.0, 37.0], [116.0, 37.0], [116.0, 36.0]]
EAST = [[117.0, 36.0], [118.0, 36.0], [118.0, 37.0], [117.0, 37.0], [117.0, 36.0]]
LAKE = [[116.4, 36.4], [116.6, 36.4], [116.6, 36.6], [116.4, 36.6], [116.4, 36.4]]


def feature(code: object, *rings: list[list[float]], name: str = "code") -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {name: code},
        "geometry": {"type": "Polygon", "coordinates": list(rings)},
    }


def collection(*features: dict[str, Any], **more: object) -> dict[str, Any]:
    return {"type": "FeatureCollection", "approval": "测S(2026)001号", "features": list(features), **more}


def written(folder: Path, told: object) -> Path:
    path = folder / FILE_NAME
    path.write_text(told if isinstance(told, str) else json.dumps(told), encoding="utf-8")
    return path


def test_no_file_is_no_map(tmp_path: Path) -> None:
    assert district_map(tmp_path / FILE_NAME) is None


def test_two_districts_side_by_side(tmp_path: Path) -> None:
    drawn = district_map(
        written(tmp_path, collection(feature("990102", EAST), feature(990101, WEST, LAKE, name="adcode")))
    )
    assert drawn is not None
    assert drawn.approval == "测S(2026)001号"
    assert [one.code for one in drawn.outlines] == ["990101", "990102"]
    west, east = drawn.outlines
    assert drawn.width == WIDTH
    # two degrees of longitude at 36.5° north against one of latitude
    assert drawn.height == pytest.approx(WIDTH / (2 * 0.8039), abs=0.5)
    assert (west.x, east.x) == (pytest.approx(WIDTH / 4, abs=0.2), pytest.approx(3 * WIDTH / 4, abs=0.2))
    assert west.y == pytest.approx(drawn.height / 2, abs=0.2)
    assert west.path.startswith(f"M0.0 {drawn.height}L{WIDTH / 2} {drawn.height}L")
    assert west.path.count("M") == west.path.count("Z") == 2


def test_north_is_up_and_a_long_area_keeps_in_bounds(tmp_path: Path) -> None:
    tall = [[116.0, 30.0], [116.1, 30.0], [116.1, 40.0], [116.0, 40.0], [116.0, 30.0]]
    top = [[116.0, 39.0], [116.1, 39.0], [116.1, 40.0], [116.0, 40.0], [116.0, 39.0]]
    drawn = district_map(written(tmp_path, collection(feature("990101", tall), feature("990102", top))))
    assert drawn is not None
    assert drawn.height == pytest.approx(2 * WIDTH)
    assert drawn.outlines[1].y < drawn.outlines[0].y


def test_several_parts_bear_their_figure_on_the_largest(tmp_path: Path) -> None:
    parts = {
        "type": "Feature",
        "properties": {"code": "990101"},
        "geometry": {"type": "MultiPolygon", "coordinates": [[LAKE], [EAST]]},
    }
    drawn = district_map(written(tmp_path, collection(parts)))
    assert drawn is not None
    assert drawn.outlines[0].x > WIDTH / 2


def test_points_that_nobody_sees_are_left_out(tmp_path: Path) -> None:
    fine = [[116 + step / 10_000, 36.0] for step in range(10_001)] + WEST[2:]
    drawn = district_map(written(tmp_path, collection(feature("990101", fine))))
    assert drawn is not None
    assert drawn.outlines[0].path.count("L") < WIDTH + 5


def test_a_new_file_is_read_anew(tmp_path: Path) -> None:
    first = district_map(written(tmp_path, collection(feature("990101", WEST))))
    second = district_map(written(tmp_path, collection(feature("990101", WEST), feature("990102", EAST))))
    assert first is not None
    assert second is not None
    assert len(second.outlines) == 2


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("{", "不是 UTF-8 的 JSON"),
        ([], "FeatureCollection"),
        (collection(feature("990101", WEST), approval=" "), "没有审图号"),
        (collection(feature("9901", WEST)), "六位区划代码"),
        (collection(feature("990101", [[500000.0, 4000000.0], [1.0, 1.0], [2.0, 2.0]])), "经纬度"),
        (collection({"type": "Feature", "properties": {"code": "990101"}, "geometry": None}), "Polygon"),
        (collection(feature("990101", [["x", "y"]])), "经纬度"),  # type: ignore[list-item]
        (collection(feature("990101", [])), "边界"),
        (collection(feature("990101")), "一个区县也没有"),
        (collection(), "一个区县也没有"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, told: object, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        district_map(written(tmp_path, told))
