"""The planner's pages: they show what the routes tell, try changes without storing anything, and keep small numbers hidden."""

import json
import re
from pathlib import Path

import pytest

from api.pages.views.districts import figure, rows, squares
from api.pages.views.planning import code_of
from api.pages.views.shown import shares
from tests.api.conftest import Site, load_tables
from tests.api.page_reading import complaints, read
from tests.api.test_pages import INLINE, Browse, browse  # noqa: F401 - a fixture
from tests.api.world import SCHOOL

MARKET = {
    "market_stats": [
        {"quarter": "2026Q3", "occupation": "6-18-01-01", "level": "高级工", "district": code, "demand": demand, "supply": supply}
        for code, demand, supply in (("990101", 60, 20), ("990102", 30, 40))
    ],
    "targets": [
        {"target_id": "M1", "name": "新增技师", "year": 2026, "level": "技师", "count": 20},
    ],
}  # fmt: skip
PATHS = ("/planning", "/planning/what-if", "/planning/targets", "/planning/ways", "/shown", "/map")


@pytest.fixture
def market(site: Site, tmp_path: Path) -> Site:
    load_tables(site.graph, tmp_path, part=MARKET)
    return site


@pytest.mark.parametrize("name", ["officer", "planner"])
def test_planners_read_every_page(market: Site, browse: Browse, name: str) -> None:  # noqa: F811 - a fixture
    client = browse(name)
    for path in PATHS:
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert complaints(answer.text) == [], path
        assert "CANARY" not in answer.text or name == "officer", path


@pytest.mark.parametrize("name", ["enterprise", "school", "administrator"])
def test_others_do_not(browse: Browse, name: str) -> None:  # noqa: F811 - a fixture
    client = browse(name)
    for path in PATHS:
        assert client.get(path).status_code == (200 if path == "/map" else 403), path


def test_the_share_on_the_page_is_the_share_of_the_route(site: Site, browse: Browse) -> None:  # noqa: F811
    told = site.get("/indicators/alignment", "planner").json()
    text = browse("planner").get("/planning").text
    assert f"{told['share'] * 100:.2f} %" in text
    assert f"{told['aligned']:,} ÷ {told['seats']:,}" in text
    assert told["definition"] in text


def test_an_indicator_before_any_data_says_what_is_missing(browse: Browse) -> None:  # noqa: F811 - a fixture
    for path in ("/map", "/planning/ways"):
        answer = browse("planner").get(path)
        assert answer.status_code == 200
        assert complaints(answer.text) == []
        assert "没有" in answer.text


def test_a_change_is_tried_and_not_stored(site: Site, browse: Browse) -> None:  # noqa: F811 - a fixture
    client, before = browse("planner"), site.graph.service.revision()
    query = {"action1": "close", "major1": "数控加工（0101@2023）", "school1": "临澄技师学院",
             "try": "1", "action2": "add", "major2": "0101", "school2": SCHOOL, "students2": "40"}  # fmt: skip
    answer = client.get("/planning/what-if", params=query)
    assert answer.status_code == 200
    assert complaints(answer.text) == []
    changes = [
        {"action": "close", "major": "0101@2023", "school": SCHOOL},
        {"action": "add", "major": "0101", "school": SCHOOL, "students": 40},
    ]
    told = site.post("/what-if/majors", {"changes": changes}, "planner").json()
    page = read(answer.text)
    table = next(e for e in page.all("section") if e.attributes.get("aria-labelledby") == "s-difference").text
    assert f"{told['before']['seats']:,}{told['after']['seats']:,}" in re.sub(r"\s", "", table)
    assert site.graph.service.revision() == before


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"action1": "close", "major1": "", "school1": SCHOOL}, "major1"),
        ({"action1": "close", "major1": "0101", "school1": ""}, "school1"),
        ({"action2": "add", "major2": "0101", "school2": SCHOOL, "students2": "x"}, "students2"),
        ({"action1": "close", "major1": "没有", "school1": SCHOOL}, "major1"),
        ({"action3": "close", "major3": "0101", "school3": "没有"}, "school3"),
        ({"action1": "grow", "major1": "0101", "school1": SCHOOL, "students1": "999999"}, "students1"),
    ],
)
def test_a_wrong_change_is_told_at_its_field(browse: Browse, query: dict[str, str], field: str) -> None:  # noqa: F811
    answer = browse("planner").get("/planning/what-if", params={**query, "try": "1"})
    assert answer.status_code == 422
    assert complaints(answer.text) == []
    assert read(answer.text).all("input", name=field)[0].attributes["aria-invalid"] == "true"


def test_a_link_to_a_trial_fills_the_form_and_complains_of_nothing(browse: Browse) -> None:  # noqa: F811
    client = browse("planner")
    links = [e.attributes["href"] for e in read(client.get("/planning").text).all("a") if e.text == "试算"]
    assert links
    page = client.get(links[0])
    assert page.status_code == 200
    assert read(page.text).all("input", name="major1")[0].attributes["value"].startswith("数控加工（")
    assert "改动前后" not in page.text


def test_a_suggestion_is_taken_by_its_code() -> None:
    assert code_of("数控加工（0106@2018）") == "0106@2018"
    assert code_of("机床切削加工（车工）（0102@2018）") == "0102@2018"
    assert code_of("0106") == "0106"
    assert code_of("（0106）") == "（0106）"


def test_tiles_and_table_show_the_same(market: Site, browse: Browse) -> None:  # noqa: F811 - a fixture
    page = read(browse("officer").get("/map?measure=ratio").text)
    table = re.sub(r"\s+", "", page.all("table")[0].text)
    assert "北湖区403.006020" in table
    assert "南浦区−100.753040" in table
    drawn = next(e for e in page.all("svg") if "tiles" in e.attributes.get("class", "").split()).text
    assert "3.00" in drawn
    assert "60 / 20" in drawn


def test_the_map_of_the_bureau_takes_the_place_of_the_tiles(market: Site, browse: Browse) -> None:  # noqa: F811 - a fixture
    square = [[116.0, 36.0], [117.0, 36.0], [117.0, 37.0], [116.0, 36.0]]
    feature = {
        "type": "Feature",
        "properties": {"code": "990101"},
        "geometry": {"type": "Polygon", "coordinates": [square]},
    }
    supplied = {"type": "FeatureCollection", "approval": "测<b>S(2026)001号", "features": [feature]}
    path = market.graph.settings.data / "districts.geojson"
    path.write_text(json.dumps(supplied), encoding="utf-8")
    answer = browse("planner").get("/map?measure=ratio")
    assert complaints(answer.text) == []
    (drawn,) = (e for e in read(answer.text).all("svg") if "tiles" in e.attributes.get("class", "").split())
    assert answer.text.count('<path class="t g4" fill-rule="evenodd" d="M') == 1
    assert "北湖区" in drawn.text
    assert "3.00" in drawn.text
    assert "审图号：测&lt;b&gt;S(2026)001号" in answer.text
    path.write_text(json.dumps({**supplied, "approval": ""}), encoding="utf-8")
    for name, told in (("officer", True), ("planner", False)):
        text = browse(name).get("/map").text
        assert ("没有审图号" in text) is told
        assert "每个区县一格" in text


def test_a_small_number_is_neither_on_a_tile_nor_in_the_table() -> None:
    district = {"kind": "district", "key": "1", "name": "甲区"}
    other = {"kind": "district", "key": "2", "name": "乙区"}
    small = {
        "district": district,
        "suppressed": True,
        "ratio_simple": None,
        "gap": 3,
        "demand": 5,
        "supply": 2,
    }
    area = [{**district, "at": (120.0, 36.0)}, {**other, "at": None}]
    drawn = squares([small], area, "gap")
    assert [(one.main, one.small, one.tile.shade) for one in drawn] == [
        ("＊", "＊ / ＊", "hid"),
        ("未报送", "", "un"),
    ]
    assert figure(small, "ratio") == "＊"
    assert [one["key"] for one, _, _ in rows([small], area, "gap")] == ["1", "2"]


def test_the_shown_report_tells_both_shares(site: Site, browse: Browse) -> None:  # noqa: F811 - a fixture
    client = browse("officer")
    assert client.get(INLINE).status_code == 200
    told = site.get("/indicators/shown?days=30").json()
    page = client.get("/shown?days=30").text
    for name, count in told["groups"]["talents"]["district"]["shown"].items():
        assert name in page
        assert count
    tables = {table.key: table for table in shares(told["groups"])}
    assert set(tables) == {"talents-district", "talents-level", "partners-district", "partners-ownership"}
    assert {row.name for row in tables["talents-district"].rows} == set(
        told["groups"]["talents"]["district"]["pool"]
    )


def test_verdicts_of_the_shown_report() -> None:
    report = {
        "lists": 1, "ndkl": 0.5, "shown": {"甲": 9, "乙": 1}, "pool": {"甲": 45, "乙": 45, "丙": 10, "丁": None},
        "skew": {"甲": 0.69, "乙": -1.5, "丙": None, "丁": 0.1},
    }  # fmt: skip
    empty = {"lists": 0, "ndkl": None, "shown": {}, "pool": {}, "skew": {}}
    groups = {
        "talents": {"district": report, "level": empty},
        "partners": {"district": empty, "ownership": empty},
    }
    told = {row.name: (row.verdict, row.shown, row.pool) for row in shares(groups)[0].rows}
    assert told == {
        "甲": ("偏多", 9, 45), "乙": ("偏少", 1, 45), "丙": ("没有出现在前列", 0, 10), "丁": ("相当", 0, None),
    }  # fmt: skip
