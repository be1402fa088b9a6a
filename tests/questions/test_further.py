"""The further questions, each against an answer worked out by hand."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kg.bootstrap import Graph, open_graph
from kg.config import Settings
from kg.errors import ForbiddenError, NotFoundError
from kg.model.viewers import CLI_VIEWER, PUBLIC_VIEWER, Role, Viewer
from kg.questions.progress import TargetProgress, told_actuals
from kg.service.indicators import told_count
from tests.api.world import OTHER, OWN, SCHOOL
from tests.filling import load_into
from tests.questions.town import COLLEGE, MILLER, TURNER, tables

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
PLANNER = Viewer(name="guihua", roles=frozenset({Role.PLANNER}))
FIRM = Viewer(name="jia", roles=frozenset({Role.ENTERPRISE}), org=OWN)


def graph_of(folder: Path, content: dict[str, Any]) -> Graph:
    graph = open_graph(Settings(data=folder, store="memory:"), clock=lambda: NOW)
    path = folder / "town.json"
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    report = load_into(graph, [path], source="库", synthetic=True).to_json()
    assert report["status"] == "done", (report["errors"], report["rejects"])
    return graph


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[Graph]:
    with graph_of(tmp_path, tables()) as town:
        yield town


def key_of(graph: Graph, number: int) -> str:
    found = graph.service.world().talents.of_register("库", f"P{number}")
    assert found is not None
    return found


def test_peers_share_trade_and_skills_at_other_employers(graph: Graph) -> None:
    told = graph.service.peers(key_of(graph, 1), viewer=CLI_VIEWER)
    assert [item["node"]["key"] for item in told["items"]][:2] == [key_of(graph, 3), key_of(graph, 5)]
    assert [item["shared"] for item in told["items"]] == [["车削"], ["看图"], ["看图"]]
    assert [item["trade"] for item in told["items"]] == ["车工", "铣工", None], "铣工: same small group"
    assert told["total"] == 3, "P2 works for the same firm"
    assert told["items"][0]["overlap"] == pytest.approx(0.5, abs=0.06)


def test_the_next_step_that_opens_most_comes_first_and_keeps_its_promise(
    graph: Graph, tmp_path: Path
) -> None:
    person = key_of(graph, 1)
    told = graph.service.next_steps(person, viewer=CLI_VIEWER)
    first, second = told["items"][:2]
    assert (first["text"], [need["key"] for need in first["opens"]]) == ("取得车工技师证书", ["N1"])
    assert [one["key"] for one in first["programs"]] == ["K1"]
    assert (second["node"]["name"], second["opens"], second["raises"]) == ("磨削", [], 1)
    assert [one["key"] for one in second["programs"]] == ["K2"]
    assert told["needs_considered"] == 2
    before = graph.service.recommend_talents({"need": "N1"}, viewer=CLI_VIEWER)
    assert person not in {item["node"]["key"] for item in before["items"]}
    better = tables()
    better["certificates"].append({
        "person_id": "P1",
        "kind": "职业技能等级证书",
        "occupation": TURNER,
        "level": "技师",
        "issued": "2026-11-23",
    })
    folder = tmp_path / "after"
    folder.mkdir()
    with graph_of(folder, better) as after:
        listed = after.service.recommend_talents({"need": "N1"}, viewer=CLI_VIEWER)["items"]
        assert [item["node"]["key"] for item in listed] == [key_of(after, 1)]


def test_lineage_walks_both_ways_and_a_circle_ends(graph: Graph) -> None:
    told = graph.service.lineage(key_of(graph, 1), viewer=CLI_VIEWER)
    steps = [(one["generation"], one["mentor"]["key"], one["apprentice"]["key"]) for one in told["items"]]
    p1, p2, p3, p5 = (key_of(graph, number) for number in (1, 2, 3, 5))
    assert steps[:3] == [(-1, p2, p1), (-2, p3, p2), (-3, p5, p3)]
    assert (1, p1, p5) in steps
    assert not told["truncated"]
    assert all(one["edge"] for one in told["items"])


def test_transfers_lead_from_surplus_to_shortage_by_what_is_missing(graph: Graph) -> None:
    told = graph.service.transfers(viewer=PLANNER)
    assert len(told["items"]) == 1, "nothing of 车工 is asked for of a cook"
    way = told["items"][0]
    assert (way["from"]["key"], way["to"]["key"]) == (f"{TURNER}@2022", f"{MILLER}@2022")
    assert (way["missing"], way["surplus"], way["shortage"]) == (["铣削"], 20, 40)
    assert way["cover"] == pytest.approx(1 / 3), "看图 weighs 1 of 3"


def test_targets_stand_beside_what_was_issued(graph: Graph) -> None:
    told = graph.service.targets(viewer=CLI_VIEWER)["items"]
    assert [(one["key"], one["target"], one["actual"]) for one in told] == [("T0", 3, 0), ("T1", 10, 2)]
    assert [one["actual"] for one in graph.service.targets(viewer=PLANNER, year=2026)["items"]] == [None]


def test_pathways_lead_higher_in_the_same_trade(graph: Graph) -> None:
    told = graph.service.pathways(SCHOOL, viewer=PLANNER)["items"]
    assert [(one["from"]["offering"]["key"], one["to"]["offering"]["key"]) for one in told] == [("O1", "O2")]
    assert (told[0]["dual_certificate"], told[0]["hours"], told[0]["fit"]) == (True, 1.0, 1.0)
    assert graph.service.pathways(COLLEGE, viewer=CLI_VIEWER)["items"] == []


def test_an_alliance_is_completed_by_who_teaches_what_it_lacks(graph: Graph) -> None:
    told = graph.service.alliance_completions("A1", viewer=CLI_VIEWER)
    assert told["wanted"] == 12
    assert [(one["node"]["key"], one["posts"]) for one in told["items"]] == [(COLLEGE, 5)]
    (pair,) = told["pairs"]
    assert (pair["school"]["key"], pair["enterprise"]["key"], pair["posts"]) == (SCHOOL, OWN, 7)
    assert [one["name"] for one in pair["occupations"]] == ["车工"]


def test_carriers_of_the_trade_come_first_then_the_nearest(graph: Graph) -> None:
    told = graph.service.carriers_near("990101", viewer=PUBLIC_VIEWER, occupation=TURNER)
    assert [(one["node"]["key"], one["fit"], one["hours"]) for one in told["items"]] == [
        ("C2", 1.0, 1.0),
        ("C1", 0.7, 0.5),
    ]
    everything = graph.service.carriers_near("990101", viewer=PUBLIC_VIEWER)
    assert [one["node"]["key"] for one in everything["items"]] == ["C1", "C3", "C2"]


def test_a_competition_stands_in_its_chain(graph: Graph) -> None:
    told = graph.service.competition_chain("S", viewer=PUBLIC_VIEWER)
    assert [one["node"]["key"] for one in told["chain"]] == ["W", "S"]
    assert [one["node"]["key"] for one in told["below"]] == ["C"]
    assert [one["placed"] for one in told["chain"]] == [None, None], "fewer than ten people are for officers"
    seen = graph.service.competition_chain("S", viewer=CLI_VIEWER)
    assert [one["placed"] for one in (*seen["chain"], *seen["below"])] == [0, 1, 0]


def test_who_has_not_agreed_is_named_beside_nobody(tmp_path: Path) -> None:
    town = tables()
    for consent in town["consents"]:
        if consent["person_id"] in {"P2", "P3"}:
            consent["revoked"] = "2026-11-23"
    with graph_of(tmp_path, town) as graph:
        person, gone = key_of(graph, 1), {key_of(graph, 2), key_of(graph, 3)}
        told = graph.service.peers(person, viewer=CLI_VIEWER)
        assert told["total"] == len(told["items"]) == 2
        assert not gone & {one["node"]["key"] for one in told["items"]}
        steps = graph.service.lineage(person, viewer=CLI_VIEWER)["items"]
        assert [(one["generation"], one["apprentice"]["key"]) for one in steps] == [(1, key_of(graph, 5))]
        asked_about = graph.service.lineage(key_of(graph, 2), viewer=CLI_VIEWER)["items"]
        assert {one["generation"] for one in asked_about} == {1, 2}, (
            "the person asked about was named by the officer"
        )


def _target(key: str, count: int, *, district: str | None = None, level: str | None = None) -> TargetProgress:
    return TargetProgress(key, key, 2026, None, level, district, 100, count)


@pytest.mark.parametrize(
    ("targets", "told"),
    [
        (
            [_target("全", 60), _target("甲", 52, district="990101"), _target("乙", 8, district="990102")],
            {"全"},
        ),
        (
            [_target("全", 60), _target("甲", 30, district="990101"), _target("乙", 8, district="990102")],
            {"全", "甲"},
        ),
        ([_target("全", 12), _target("乙", 8, district="990102")], {"全"}),
        ([_target("全", 9), _target("甲", 9, district="990101")], set()),
        (
            [
                _target("全", 60),
                _target("甲", 20, district="990101"),
                _target("乙", 35, district="990102"),
                _target("丙", 5, district="990103"),
            ],
            {"全", "乙"},
        ),
    ],
)
def test_targets_do_not_give_a_small_count_away(targets: list[TargetProgress], told: set[str]) -> None:
    """What is told of a wider target less what is told of narrower ones leaves ten people, or nothing hidden."""
    found = told_actuals(targets, 10)
    assert set(found) == told
    for wide in targets:
        inside = [one for one in targets if one.district is not None and wide.district is None]
        if wide.key in found and any(one.key not in found for one in inside):
            assert wide.actual - sum(found.get(one.key, 0) for one in inside) >= 10


def test_counts_of_people_are_whole_tens_below_officer() -> None:
    assert [told_count(count, PLANNER) for count in (0, 9, 10, 19, 20, 25)] == [None, None, 10, 10, 20, 20]
    assert told_count(9, CLI_VIEWER) == 9


@pytest.mark.parametrize("viewer", [PLANNER, FIRM, PUBLIC_VIEWER])
def test_people_are_for_officers_only(graph: Graph, viewer: Viewer) -> None:
    for ask in (graph.service.peers, graph.service.next_steps, graph.service.lineage):
        for key in (key_of(graph, 1), "nobody"):
            with pytest.raises(NotFoundError):
                ask(key, viewer=viewer)


def test_the_planners_questions_are_for_planners(graph: Graph) -> None:
    for ask in (
        lambda: graph.service.transfers(viewer=FIRM),
        lambda: graph.service.targets(viewer=FIRM),
        lambda: graph.service.pathways(SCHOOL, viewer=FIRM),
        lambda: graph.service.alliance_completions("A1", viewer=FIRM),
    ):
        with pytest.raises(ForbiddenError):
            ask()
    assert OTHER != OWN
