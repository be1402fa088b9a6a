"""Teams for a technical problem on a town where the answer is known."""

from pathlib import Path
from typing import Any

import pytest

from kg.errors import InvalidInputError, NotFoundError
from kg.model.viewers import CLI_VIEWER, Role, Viewer
from tests.api.world import OTHER, OWN
from tests.questions.test_further import FIRM, PLANNER, graph_of
from tests.questions.town import tables

HOST = Viewer(name="yi", roles=frozenset({Role.ENTERPRISE}), org=OTHER)
PROBLEM: dict[str, Any] = {
    "problem_id": "X1", "host": OTHER, "title": "振动", "skills": ["车削=3", "铣削=3", "磨削=3"], "total_hours": 60,
    "valid_from": "2026-11-30", "valid_to": "2026-12-27", "visits": 1, "max_per_firm": 1,
}  # fmt: skip


def content(**changes: Any) -> dict[str, Any]:
    """Return a town in which P1 and P2 of one firm, and P6 of none, can help; the last two cover everything."""
    town = tables()
    town["talent_skills"] = [
        {"person_id": person, "skill": skill, "level": 3, "basis": "核实"}
        for person, skill in (
            ("P1", "车削"), ("P1", "铣削"), ("P2", "磨削"), ("P6", "磨削"), ("P6", "铣削"), ("P3", "车削"), ("P3", "磨削"),
        )
    ]  # fmt: skip
    for talent in town["talents"]:
        if talent["person_id"] == "P6":
            talent |= {"work_status": "退休"}
            talent.pop("employer", None)
    town["problems"] = [{**PROBLEM, **changes}]
    return town


def members(told: dict[str, Any], place: int = 0) -> list[str]:
    return sorted(member["node"]["key"] for member in told["teams"][place]["members"])


def keys(graph: Any, *numbers: int) -> list[str]:
    found = graph.service.world().talents
    return sorted(found.of_register("库", f"P{number}") for number in numbers)


def test_the_smallest_team_keeps_within_hours_and_firms(tmp_path: Path) -> None:
    with graph_of(tmp_path, content()) as graph:
        told = graph.service.team("X1", viewer=CLI_VIEWER)
        assert members(told) == keys(graph, 1, 6), "P3 works for the host; P2 is a colleague of P1"
        assert (told["teams"][0]["hours"], told["teams"][0]["exact"]) == (80, True)
        assert [wanted["covering"] for wanted in told["wanted"]] == [1, 2, 2]
        assert len(told["teams"]) == 1, "without P1 nobody covers 车削"
        covers = {one["skill"] for member in told["teams"][0]["members"] for one in member["covers"]}
        assert covers == {"车削", "铣削", "磨削"}


def test_two_of_a_firm_may_come_where_the_problem_allows_it(tmp_path: Path) -> None:
    with graph_of(tmp_path, content(max_per_firm=2, total_hours=100)) as graph:
        told = graph.service.team("X1", viewer=CLI_VIEWER)
        assert members(told) == keys(graph, 1, 2, 6), "two have 80 hours, a third is needed"


def test_where_nobody_covers_a_skill_it_is_named(tmp_path: Path) -> None:
    with graph_of(tmp_path, content(skills=["车削=3", "焊接=3"])) as graph:
        told = graph.service.team("X1", viewer=CLI_VIEWER)
        assert told["teams"] == []
        assert "焊接" in told["text"]
        assert "车削" not in told["text"]


def test_the_host_sees_cards_and_no_employers_and_nobody_else_sees_anything(tmp_path: Path) -> None:
    with graph_of(tmp_path, content()) as graph:
        told = graph.service.team("X1", viewer=HOST)
        for member in told["teams"][0]["members"]:
            assert "employer" not in member
            assert member["node"]["name"].endswith("*")
            assert all(one["evidence"] == [] for one in member["covers"])
        for viewer in (FIRM, PLANNER):
            with pytest.raises(NotFoundError):
                graph.service.team("X1", viewer=viewer)
        with pytest.raises(NotFoundError):
            graph.service.team("none", viewer=CLI_VIEWER)


def test_a_consent_withdrawn_takes_the_person_out(tmp_path: Path) -> None:
    town = content()
    for consent in town["consents"]:
        if consent["person_id"] == "P6":
            consent["revoked"] = "2026-11-01"
    with graph_of(tmp_path, town) as graph:
        assert graph.service.team("X1", viewer=CLI_VIEWER)["teams"] == []


def test_a_masked_quantity_is_asked_for_and_not_guessed(tmp_path: Path) -> None:
    with (
        graph_of(tmp_path, content(total_hours="**")) as graph,
        pytest.raises(InvalidInputError, match="总小时"),
    ):
        graph.service.team("X1", viewer=CLI_VIEWER)
    assert OWN


TYPED = {name: value for name, value in PROBLEM.items() if name != "problem_id"}


def test_a_typed_problem_finds_the_team_of_the_registered_one(tmp_path: Path) -> None:
    with graph_of(tmp_path, content()) as graph:
        registered = graph.service.team("X1", viewer=CLI_VIEWER)
        typed = graph.service.team(viewer=CLI_VIEWER, inline=TYPED)
        assert (typed["teams"], typed["wanted"], typed["text"]) == (
            registered["teams"], registered["wanted"], registered["text"],
        )  # fmt: skip
        assert typed["problem"] is None
        assert typed["question"]["inline"]["title"] == "振动"
        assert typed["query_id"] != registered["query_id"]
        harder = graph.service.team(
            viewer=CLI_VIEWER, inline={**TYPED, "total_hours": 100, "max_per_firm": 2}
        )
        assert members(harder) == keys(graph, 1, 2, 6)


def test_only_officers_type_a_problem_in(tmp_path: Path) -> None:
    with graph_of(tmp_path, content()) as graph:
        for viewer in (HOST, FIRM, PLANNER):
            with pytest.raises(NotFoundError):
                graph.service.team(viewer=viewer, inline=TYPED)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"skills": []}, "skills"), ({"skills": ["车削=9"]}, "skills"), ({"total_hours": None}, "total_hours"),
        ({"total_hours": 0}, "total_hours"), ({"total_hours": float("nan")}, "total_hours"), ({"total_hours": "**"}, "total_hours"),
        ({"max_per_firm": 0}, "max_per_firm"), ({"max_per_firm": 1.5}, "max_per_firm"), ({"max_per_firm": True}, "max_per_firm"),
        ({"host": None}, "host"), ({"host": "没有这家"}, "host"), ({"host": 3}, "host"), ({"valid_from": None}, "valid_from"),
        ({"valid_to": "2026-01-01"}, "valid_to"), ({"status": "已解决"}, "status"), ({"visits": -1}, "visits"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_typed_problem_is_named(
    tmp_path: Path, changes: dict[str, Any], field: str
) -> None:
    with graph_of(tmp_path, content()) as graph, pytest.raises(InvalidInputError) as refused:
        graph.service.team(viewer=CLI_VIEWER, inline={**TYPED, **changes})
    assert refused.value.fields["field"] == field


def test_a_registered_problem_or_a_typed_one_and_not_both(tmp_path: Path) -> None:
    with graph_of(tmp_path, content()) as graph:
        for asked in ({}, {"problem": "X1", "inline": TYPED}):
            with pytest.raises(InvalidInputError):
                graph.service.team(viewer=CLI_VIEWER, **asked)


def test_a_member_of_a_team_is_not_decided_about_as_if_recommended(tmp_path: Path) -> None:
    with graph_of(tmp_path, content()) as graph:
        told = graph.service.team("X1", viewer=CLI_VIEWER)
        person = told["teams"][0]["members"][0]["node"]["key"]
        with pytest.raises(NotFoundError):
            graph.service.decide(told["query_id"], person, "adopted", viewer=CLI_VIEWER)
