"""The team page: the same team as the route gives, drawn as a coverage board, for officers and the host."""

from pathlib import Path

import pytest

from api.pages.views.teams import board, rare
from tests.api.conftest import Site, load_tables
from tests.api.page_reading import complaints, read
from tests.api.test_pages import Browse, browse  # noqa: F401 - a fixture
from tests.api.world import NAME, OWN

PROBLEM = "CANARYproblem"
OURS = {
    "problem_id": "Q1", "host": OWN, "title": "主轴振动", "skills": ["主轴修理=3"], "total_hours": 10,
    "valid_from": "2026-12-07", "valid_to": "2027-01-03", "visits": 1,
}  # fmt: skip


def test_the_board_shows_what_the_route_tells(site: Site, browse: Browse, tmp_path: Path) -> None:  # noqa: F811
    load_tables(site.graph, tmp_path, part={"problems": [OURS]})
    told = site.post("/teams", {"problem": "Q1"}).json()
    assert told["teams"], told["text"]
    answer = browse("officer").get("/teams?problem=Q1")
    assert answer.status_code == 200
    assert complaints(answer.text) == []
    page = read(answer.text)
    tables = [e for e in page.all("table") if "cov" in e.attributes["class"].split()]
    assert len(tables) == len(told["teams"])
    assert told["text"] in answer.text
    links = [e.attributes["href"] for e in page.all("a")]
    for team in told["teams"]:
        for member in team["members"]:
            assert f"/nodes/talent/{member['node']['key']}" in links
    assert 'class="wm"' in answer.text
    assert NAME not in answer.text


@pytest.mark.parametrize(
    ("name", "status"), [("other", 200), ("enterprise", 404), ("school", 404), ("planner", 403)]
)
def test_only_officers_and_the_host_see_a_team(browse: Browse, name: str, status: int) -> None:  # noqa: F811
    answer = browse(name).get(f"/teams?problem={PROBLEM}")
    assert answer.status_code == status
    assert complaints(answer.text) == []
    assert (PROBLEM in answer.text.partition("<main")[2]) == (status == 200)


def test_a_host_finds_its_own_problems_without_typing(browse: Browse) -> None:  # noqa: F811 - a fixture
    assert f"/teams?problem={PROBLEM}" in browse("other").get("/teams").text
    assert PROBLEM not in browse("enterprise").get("/teams").text


def test_an_officer_searches_and_is_told_when_there_is_nothing(browse: Browse) -> None:  # noqa: F811
    client = browse("officer")
    assert f"/teams?problem={PROBLEM}" in client.get("/teams?q=题").text
    assert "没有找到“没有这个”" in client.get("/teams?q=没有这个").text


def test_a_cover_below_the_least_is_a_dash_and_the_rarest_skill_comes_first() -> None:
    wanted = [
        {"skill": {"name": "甲"}, "level": 3, "covering": 4}, {"skill": {"name": "乙"}, "level": 2, "covering": 1},
    ]  # fmt: skip
    member = {
        "node": {"kind": "talent", "key": "t", "name": "王**"}, "card": {"level": "技师", "occupation": "车工"},
        "hours": 8.0, "travel": 1.0, "covers": [{"skill": "甲", "level": 3, "value": 1.0, "evidence": ["e1"]}],
    }  # fmt: skip
    team = {"members": [member], "hours": 8.0, "travel": 1.0, "exact": False, "bound": 1, "acquainted": []}
    shown = board(team, wanted, 1)
    assert [(name, covers[0].value, covers[0].shade, best) for name, _, covers, best in shown.rows] == [
        ("甲", 1.0, "cv2", 1.0), ("乙", None, "", 0.0),
    ]  # fmt: skip
    assert rare(wanted) == [("乙", 2, 1), ("甲", 3, 4)]


TYPED = f"/teams?inline=1&title=试一试&host={OWN}&skills=主轴修理%3D3&valid_from=2026-12-07&valid_to=2027-01-03&visits=1&total_hours=10"


def test_an_officer_types_a_problem_and_keeps_what_was_typed(site: Site, browse: Browse) -> None:  # noqa: F811
    client = browse("officer")
    answer = client.get(TYPED)
    assert (answer.status_code, complaints(answer.text)) == (200, [])
    page = read(answer.text)
    assert page.all("h1")[0].text == "试一试"
    columns = {
        "技能要求": "主轴修理=3", "单位代码": OWN, "起": "2026-12-07", "止": "2027-01-03", "到场次数": "1", "总小时": "10",
        "题目": "试一试",
    }  # fmt: skip
    told = site.post("/teams", {"inline": columns}).json()
    assert told["text"] in answer.text
    assert [e.attributes["value"] for e in page.all("input", name="total_hours")] == ["10"]
    picked = client.get(TYPED + "&find_skill=主轴")
    assert picked.status_code == 200
    assert "inline=1" in picked.text, "what was typed is not lost by picking"


def test_a_mistake_in_a_typed_problem_stands_at_its_field(browse: Browse) -> None:  # noqa: F811
    answer = browse("officer").get(TYPED.replace("total_hours=10", "total_hours=viel"))
    assert (answer.status_code, complaints(answer.text)) == (422, [])
    assert 'id="x-total_hours"' in answer.text


@pytest.mark.parametrize("name", ["enterprise", "other", "school", "planner"])
def test_others_have_no_form_for_it_and_get_nothing(site: Site, browse: Browse, name: str) -> None:  # noqa: F811
    client = browse(name)
    assert client.get(TYPED).status_code in {403, 404}
    assert 'name="inline"' not in client.get("/teams").text
    assert site.post("/teams", {"inline": {"host": OWN}}, name).status_code in {403, 404}
