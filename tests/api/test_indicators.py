"""The planner's routes: who may ask, what stays hidden, what a change of majors would do."""

from pathlib import Path

import pytest

from tests.api.conftest import Site
from tests.api.world import SCHOOL
from tests.filling import load_into

STATS = """职业代码,等级,区划代码,季度,需求人数,求职人数,来源
6-18-01-01,高级工,990101,2026Q2,40,20,市场
6-18-01-01,高级工,990101,2026Q3,60,20,市场
6-18-01-01,技师,990101,2026Q3,30,12,市场
6-18-01-01,无要求,990101,2026Q3,16,64,市场
6-18-01-01,高级技师,990101,2026Q3,5,4,市场
"""


@pytest.fixture
def stats(site: Site, tmp_path: Path) -> Site:
    path = tmp_path / "供求统计.csv"
    path.write_text(STATS, encoding="utf-8")
    graph = site.graph
    report = load_into(graph, [path], source="统计", synthetic=True).to_json()
    assert report["status"] == "done", report
    return site


def test_an_officer_sees_every_cell_with_both_ratios(stats: Site) -> None:
    told = stats.get("/indicators/demand-supply").json()
    assert told["quarter"] == "2026Q3"
    lines = {item["level"]: item for item in told["items"]}
    assert (lines["高级工"]["gap"], lines["高级工"]["ratio_simple"]) == (40, 3.0)
    assert lines["高级工"]["ratio_official"] == pytest.approx(3.0 + 16 / 100)
    assert lines["高级工"]["previous"] == {"demand": 40, "supply": 20, "gap": 20, "ratio_simple": 2.0}
    assert (lines["高级技师"]["demand"], told["suppressed"]) == (5, 0)
    assert told["totals"]["demand"] == 111
    assert [item["level"] for item in told["items"]] == ["高级工", "技师", "高级技师", "无要求"]


@pytest.mark.parametrize("viewer", ["planner", "enterprise", "school", "public", "administrator"])
def test_below_officer_small_cells_are_hidden_and_cannot_be_worked_out(stats: Site, viewer: str) -> None:
    told = stats.get("/indicators/demand-supply", viewer).json()
    hidden = [item for item in told["items"] if item["suppressed"]]
    assert sorted(item["level"] for item in hidden) == ["技师", "高级技师"]
    assert all(item[name] is None for item in hidden for name in ("demand", "supply", "gap", "ratio_simple"))
    shown = sum(item["demand"] or 0 for item in told["items"])
    assert told["totals"]["demand"] - shown not in {0, 5}


def test_a_cell_opens_to_posts_majors_and_schools_for_planners_only(stats: Site) -> None:
    path = "/indicators/demand-supply/cell?occupation=6-18-01-01&level=高级工"
    told = stats.get(path).json()
    assert told["cell"]["gap"] == 40
    assert [line["district"]["key"] for line in told["districts"]] == ["990101"]
    assert told["majors"]
    assert {school["key"] for school in told["schools"]} >= {SCHOOL}
    assert stats.get(path, "planner").json()["talents"] == {"count": None}
    for viewer in ("enterprise", "school", "administrator"):
        assert stats.get(path, viewer).status_code == 403


def test_alignment_and_what_if(site: Site) -> None:
    before = site.get(
        "/indicators/alignment", "planner"
    ).json()  # what a planner may see, as what is tried below
    assert before["seats"] == sum(major["seats"] for major in before["majors"])
    assert before["share"] == before["aligned"] / before["seats"]
    major = before["majors"][0]
    body = {"changes": [{"action": "grow", "major": major["key"], "school": SCHOOL, "students": 100}]}
    told = site.post("/what-if/majors", body, "planner").json()
    assert told["after"]["seats"] == before["seats"] + 100
    aligned = before["aligned"] + (100 if major["aligned"] else 0)
    assert told["gained"] == pytest.approx(aligned / (before["seats"] + 100) - before["share"])
    closing = {"changes": [{**body["changes"][0], "action": "close"}]}
    closed = site.post("/what-if/majors", closing, "planner").json()
    assert closed["after"]["seats"] < before["seats"]
    assert site.get("/indicators/alignment", "planner").json() == before
    assert site.post("/what-if/majors", body, "enterprise").status_code == 403
    wrong = {"changes": [{"action": "add", "major": "无此专业", "school": SCHOOL, "students": 10}]}
    assert site.post("/what-if/majors", wrong).status_code == 404


@pytest.mark.parametrize(
    "query", ["by=age", "quarter=2031Q1", "level=大师", "limit=0", "cursor=x", "order=best"]
)
def test_wrong_questions_are_refused(stats: Site, query: str) -> None:
    assert stats.get(f"/indicators/demand-supply?{query}").status_code == 422


def test_without_figures_the_answer_says_what_to_import(site: Site) -> None:
    if not list(site.graph.store.rows(table="market_stats")):
        answer = site.get("/indicators/demand-supply")
        assert (answer.status_code, "供求统计" in answer.json()["detail"]) == (404, True)
