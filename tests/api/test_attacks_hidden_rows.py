"""Cohorts and posts for officers only: nobody below learns of them from a list that is made of them."""

from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import Site, load_tables
from tests.api.test_indicators import stats  # noqa: F401 - a fixture
from tests.api.test_pages import Browse, browse  # noqa: F401 - a fixture
from tests.api.world import OTHER, SCHOOL

_FEEDER = {
    "offering_id": "K7", "school": SCHOOL, "major": "0101", "exit_level": "中级工", "intake_year": 2024, "years": 3,
    "students": 30, "approved": "已批准",
}  # fmt: skip
_PAGE = "/gaps?occupation=6-18-01-01"


def test_a_cell_names_no_hidden_post_and_no_hidden_cohort_to_a_planner(
    stats: Site,  # noqa: F811
    browse: Browse,  # noqa: F811
) -> None:
    path = "/indicators/demand-supply/cell?occupation=6-18-01-01"
    officers, planners = stats.get(path), stats.get(path, "planner")
    for canary in ("CANARYdemand", "CANARYoffer"):
        assert canary in officers.text
        assert canary not in planners.text
    assert officers.json()["posts"]["count"] == planners.json()["posts"]["count"] + 12
    assert "CANARYdemand" in browse("officer").get(_PAGE).text
    assert "CANARYdemand" not in browse("planner").get(_PAGE).text


@pytest.mark.parametrize("viewer", ["planner", "school"])
def test_ways_on_lead_to_no_hidden_cohort(site: Site, tmp_path: Path, viewer: str) -> None:
    load_tables(site.graph, tmp_path, part={"offerings": [_FEEDER]})
    path = f"/schools/{SCHOOL}/pathways"

    def onward(asker: str) -> set[str]:
        return {item["to"]["offering"]["name"] for item in site.get(path, asker).json()["items"]}

    assert onward("officer") == {"K2", "CANARYoffer"}
    assert onward(viewer) == {"K2"}


def test_an_alliance_counts_no_hidden_post_for_a_planner(site: Site, tmp_path: Path) -> None:
    alliance = {"alliance_id": "A1", "name": "数控联合体", "members": [OTHER, SCHOOL]}
    load_tables(site.graph, tmp_path, part={"alliances": [alliance]})

    def told(viewer: str) -> Any:
        answer = site.get("/alliances/A1/completions", viewer).json()
        return answer["wanted"], [pair["posts"] for pair in answer["pairs"]]

    assert told("officer") == (24, [24])
    assert told("planner") == (12, [12])


def test_alignment_and_what_if_count_no_hidden_cohort_and_no_hidden_post_for_a_planner(site: Site) -> None:
    def seats(told: Any) -> dict[str, int]:
        return {line["key"]: line["seats"] for line in told["majors"]}

    def posts(told: Any) -> int:
        return sum(line["posts"] for line in told["majors"]) + sum(one["posts"] for one in told["uncovered"])

    def told(viewer: str) -> tuple[Any, Any]:
        change = {"action": "add", "major": "0101", "school": SCHOOL, "students": 7}
        answer = site.post("/what-if/majors", {"changes": [change]}, viewer)
        return site.get("/indicators/alignment", viewer).json(), answer.json()

    (officers, their_trial), (planners, trial) = told("officer"), told("planner")
    listed = site.get("/exports/tables/offerings.json", "planner").json()
    assert (
        sum(seats(planners).values())
        == sum(row["students"] for row in listed)
        < sum(seats(officers).values())
    )
    assert planners["seats"] == sum(seats(planners).values())
    assert posts(planners) < posts(officers)
    assert trial["before"]["seats"] == planners["seats"]
    assert trial["after"]["seats"] == planners["seats"] + 7
    assert their_trial["after"]["seats"] == officers["seats"] + 7
    school = f"/indicators/alignment?school={SCHOOL}"
    assert site.get(school, "planner").json()["seats"] <= site.get(school).json()["seats"]
