"""What an organisation tried with teams and the report of who is shown, and must not get."""

from pathlib import Path

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
