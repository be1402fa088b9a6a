"""What an organisation tried with teams and the report of who is shown, and must not get."""

from pathlib import Path
from typing import Any

from kg.audit.fairness import group_report
from kg.model.viewers import Role, Viewer
from kg.service.shown import _told
from tests.api.conftest import Site, load_tables
from tests.api.world import OWN

_PROBLEM = {
    "problem_id": "Q1", "host": OWN, "title": "主轴振动", "skills": ["主轴修理=3"], "total_hours": 10,
    "valid_from": "2026-12-07", "valid_to": "2027-01-03", "visits": 1,
}  # fmt: skip
_WITHDRAWN = {
    "person_id": "P2", "purpose": "柔性推荐", "recipients": ["任意"], "valid_from": "2026-01-01", "revoked": "2026-08-01",
}  # fmt: skip


def test_who_has_withdrawn_is_in_no_team_of_an_organisation_about_the_past(
    site: Site, tmp_path: Path
) -> None:
    load_tables(site.graph, tmp_path, part={"problems": [_PROBLEM]})
    question = {"problem": "Q1", "as_of": "2026-03-01"}
    before = site.post("/teams", question, "enterprise").json()
    (member,) = before["teams"][0]["members"]
    load_tables(site.graph, tmp_path, part={"consents": [_WITHDRAWN]})
    after = site.post("/teams", question, "enterprise")
    officers = site.post("/teams", question).json()
    assert officers["teams"][0]["members"][0]["node"] == member["node"], "the past stays with the officers"
    assert after.json()["teams"] == []
    assert after.json()["pool"]["eligible"] == before["pool"]["eligible"] - 1
    assert after.json()["wanted"][0]["covering"] == before["wanted"][0]["covering"] - 1
    assert member["node"]["key"] not in after.text


def _told_of(small: int, viewer: Viewer) -> Any:
    pool = {"北湖区": 45, "南浦区": 45, "西岭区": small}
    return _told(group_report([(["北湖区", "南浦区"] * 5, pool)] * 2, k=10), viewer)


def test_shares_told_to_a_planner_do_not_give_small_counts_away() -> None:
    """With all their places, ln(5/10 : 45/95) and its like are fractions that say how many the hidden group has."""
    planner = Viewer(name="planner", roles=frozenset({Role.PLANNER}))
    officer = Viewer(name="officer", roles=frozenset({Role.OFFICER}))
    assert _told_of(5, officer) != _told_of(6, officer)
    assert _told_of(5, planner) == _told_of(6, planner)
    assert _told_of(5, planner)["skew"] == {"北湖区": 0.1, "南浦区": 0.1}


def test_a_distance_that_hidden_groups_made_is_not_told_to_a_planner() -> None:
    planner = Viewer(name="planner", roles=frozenset({Role.PLANNER}))
    report = group_report([(["北湖区"] * 9 + ["西岭区"], {"北湖区": 45, "西岭区": 3})] * 2, k=10)
    assert report.ndkl is not None
    assert _told(report, planner)["ndkl"] is None
