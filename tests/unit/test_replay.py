"""Explanations are replayed: what was cited is found again, and leaving one row out gives the score that was foretold."""

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from kg.bootstrap import Graph, open_graph
from kg.config import Settings
from kg.errors import InvalidInputError
from kg.model.graph import Batch, RowChange
from kg.model.viewers import CLI_VIEWER
from kg.paths.replay import cited_edges
from tests.filling import load_into
from tests.golden import golden_a, golden_b
from tests.oracle.generate import random_world
from tests.oracle.world import World as Tables
from tests.oracle.write_tables import write_world

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
PARTNERS = {"anchor": {"kind": "enterprise", "key": golden_a.ENTERPRISE}, "mode": "internship"}


def opened(tables: Tables) -> Graph:
    """A service over the tables, in memory."""
    graph = open_graph(Settings(store="memory:"), clock=lambda: NOW)
    with TemporaryDirectory() as folder:
        for source, home in write_world(tables, Path(folder)):
            report = load_into(graph, [home], source=source)
            assert report.to_json()["rejects"] == []
    return graph


def as_told(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer as a file holds it."""
    found: dict[str, Any] = json.loads(json.dumps(answer))
    return found


@pytest.fixture(scope="module")
def talents() -> Iterator[Graph]:
    with opened(golden_b.golden_b()) as graph:
        yield graph


@pytest.fixture(scope="module")
def partners() -> Iterator[Graph]:
    with opened(golden_a.golden_a()) as graph:
        yield graph


def talents_answer(graph: Graph) -> dict[str, Any]:
    """Golden B, told in full."""
    return as_told(
        graph.service.recommend_talents({"need": golden_b.NEED}, viewer=CLI_VIEWER, detail="first")
    )


def partners_answer(graph: Graph) -> dict[str, Any]:
    """Golden A, told in full."""
    return as_told(graph.service.recommend_partners(PARTNERS, viewer=CLI_VIEWER, detail="first"))


def test_a_fresh_answer_holds(talents: Graph, partners: Graph) -> None:
    for graph, answer in ((talents, talents_answer(talents)), (partners, partners_answer(partners))):
        found = graph.service.check_answer(answer, viewer=CLI_VIEWER)
        assert found["holds"], found["findings"]
        assert found["edges"] == sum(len(cited_edges(item)) for item in answer["items"]) > 5


@pytest.mark.parametrize("seed", range(3))
def test_answers_about_random_worlds_hold(seed: int) -> None:
    with opened(random_world(seed)) as graph:
        world, checked = graph.service.world(), 0
        for need in sorted(world.talents.needs):
            try:
                answer = graph.service.recommend_talents({"need": need}, viewer=CLI_VIEWER)
            except InvalidInputError:
                continue
            assert graph.service.check_answer(as_told(answer), viewer=CLI_VIEWER)["findings"] == []
            checked += 1
        for key in sorted(world.cooperation.schools):
            asked = {"anchor": {"kind": "school", "key": key}, "mode": "internship"}
            answer = graph.service.recommend_partners(asked, viewer=CLI_VIEWER)
            assert graph.service.check_answer(as_told(answer), viewer=CLI_VIEWER)["findings"] == []
        assert checked


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda item: item.update(score=0.9), "sum"),
        (lambda item: item["interval"].reverse() or item["interval"].insert(0, 0.1), "sum"),
        (lambda item: item["sides"]["need"]["factors"][0].update(value=1.0, contribution=0.28), "factor"),
        (lambda item: item["sides"]["need"]["factors"][0]["evidence"].append("0" * 20), "edge-missing"),
        (lambda item: item["sides"]["need"]["factors"][0]["evidence"].pop(), "evidence"),
        (lambda item: item["filters"][0].update(status="unknown"), "filter"),
        (lambda item: item["node"].update(key="nobody"), "gone"),
    ],
)
def test_whatever_is_altered_is_found(talents: Graph, change: Any, code: str) -> None:
    answer = talents_answer(talents)
    change(answer["items"][0])
    found = talents.service.check_answer(answer, viewer=CLI_VIEWER)
    assert not found["holds"]
    assert code in {one["code"] for one in found["findings"]}


def test_another_policy_is_told(talents: Graph) -> None:
    answer = talents_answer(talents)
    answer["policy"]["hash"] = "0" * 64
    found = talents.service.check_answer(answer, viewer=CLI_VIEWER)
    assert [one["code"] for one in found["findings"]] == ["policy"]


@pytest.mark.parametrize("broken", [{}, {"items": 1}, {"items": [{}], "to_verify": []}])
def test_what_is_no_answer_is_refused(talents: Graph, broken: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError):
        talents.service.check_answer(broken, viewer=CLI_VIEWER)


def test_a_retired_row_is_missed_now_and_found_as_known_then() -> None:
    with opened(golden_b.golden_b()) as graph:
        answer = talents_answer(graph)
        (row,) = [one for one in graph.store.rows(table="talent_skills") if one.values["skill"] == "数控车削"]
        graph.store.stage("retire", [RowChange(id=row.id, row=None)])
        batch = Batch(id="", source=row.id.source, actor="test", at=NOW, delivered=())
        graph.store.publish(batch, staged="retire")
        assert graph.service.check_answer(answer, viewer=CLI_VIEWER)["holds"]
        found = graph.service.check_answer(answer, viewer=CLI_VIEWER, now=True)
        assert {"edge-missing", "factor", "score"} <= {one["code"] for one in found["findings"]}


def test_an_answer_about_the_past_is_replayed_as_known_then() -> None:
    with opened(golden_b.golden_b()) as graph:
        before = graph.service.revision()
        with TemporaryDirectory() as folder:
            for source, home in write_world(golden_b.golden_b(visits=1), Path(folder)):
                load_into(graph, [home], source=source)
        asked = {"need": golden_b.NEED}
        past = graph.service.recommend_talents(asked, viewer=CLI_VIEWER, detail="first", known_at=before)
        assert past["items"][0]["score"] == pytest.approx(0.7938, abs=5e-5)
        assert any("3 次减为 1 次" in one["what"] for one in past["items"][0]["counterfactuals"])
        assert graph.service.check_answer(as_told(past), viewer=CLI_VIEWER)["findings"] == []
        found = graph.service.check_answer(as_told(past), viewer=CLI_VIEWER, now=True)
        assert {one["where"] for one in found["findings"]} == {"need.productive", "score"}


def test_edits_of_a_typed_need_are_made_in_what_was_typed(talents: Graph) -> None:
    row = golden_b.golden_b()["人社局"]["flex_needs"][0]
    inline = {column: value for column, value in row.items() if column != "need_id"}
    item = talents.service.recommend_talents({"inline": inline}, viewer=CLI_VIEWER)["items"][0]
    compared = 0
    for told in item["counterfactuals"]:
        if all(edit["table"] == "flex_needs" for edit in told["edits"]):
            assert {(edit["source"], edit["key"]) for edit in told["edits"]} == {(None, None)}
            changed = {**inline, **{edit["column"]: edit["to"] for edit in told["edits"]}}
            (then,) = talents.service.recommend_talents({"inline": changed}, viewer=CLI_VIEWER)["items"]
            assert then["score"] == pytest.approx(told["score"], abs=1e-12)
            compared += 1
    assert compared >= 3


def _left_out(tables: Tables, row: dict[str, Any]) -> Tables:
    """The tables without one row."""
    left = deepcopy(tables)
    for named in left.values():
        for table, rows in named.items():
            named[table] = [one for one in rows if one != row]
    return left


def test_leaving_out_a_cited_row_of_a_talent_gives_the_foretold_score(talents: Graph) -> None:
    tables = golden_b.golden_b()["人社局"]
    foretold = _foretold(talents_answer(talents))
    compared = 0
    own = ("talent_skills", "certificates", "achievements", "honours", "engagements", "consents")
    for table in (*own, "travel_times", "skill_relations"):
        for row in tables[table]:
            with opened(_left_out(golden_b.golden_b(), dict(row))) as graph:
                answer = talents_answer(graph)
            told = foretold[_origin(talents, table, row)]
            items = {"pass": answer["items"], "unknown": answer["to_verify"], "fail": []}[told["status"]]
            listed = [*answer["items"], *answer["to_verify"]]
            assert [one["score"] for one in listed] == [
                pytest.approx(told["score"], abs=1e-12) for _ in items
            ], row
            compared += 1
    assert compared == 15


def test_leaving_out_a_cited_row_of_a_partner_gives_the_foretold_score(partners: Graph) -> None:
    tables = golden_a.golden_a()["人社局"]
    foretold = _foretold(partners_answer(partners))
    compared = 0
    for table in ("cooperations", "major_groups", "travel_times", "wages"):
        for row in tables[table]:
            with opened(_left_out(golden_a.golden_a(), dict(row))) as graph:
                (item,) = partners_answer(graph)["items"]
            told = foretold[_origin(partners, table, row)]
            assert told == {"score": pytest.approx(item["score"], abs=1e-12), "status": "pass"}
            compared += 1
    assert compared == 6


def test_an_assessment_cites_the_organ_and_tells_what_it_would_be_without() -> None:
    tables = golden_a.golden_a()
    home = tables["人社局"]
    post = next(row for row in home["demands"] if row["demand_id"] == golden_a.DEMAND)
    post |= {"modes": None}
    organ = {"organ_code": "G1", "name": "示例技师学院", "occupations": [post["occupation"]]}
    with opened({**tables, "人社局": {**home, "organs": [{**organ, "max_level": "技师"}]}}) as graph:
        asked = {**PARTNERS, "mode": "assessment"}
        (item,) = graph.service.recommend_partners(asked, viewer=CLI_VIEWER, detail="first")["items"]
    (cited,) = [row for row in item["evidence_rows"] if row["table"] == "organs"]
    assert cited["without"]["status"] == "fail"
    (rule,) = [told for told in item["filters"] if told["code"] == "A4"]
    assert cited["id"] in rule["evidence"]


def _foretold(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Origin of a cited row -> what the item comes to without it."""
    return {
        row["origin"]: row["without"]
        for row in answer["items"][0]["evidence_rows"]
        if row["without"] is not None
    }


def _origin(graph: Graph, table: str, row: Any) -> str:
    """Where the stored row came from: what an answer shows of it."""
    (found,) = [
        one
        for one in graph.store.rows(table=table)
        if all(
            one.values.get(column) == (tuple(value) if isinstance(value, list) else value)
            for column, value in row.items()
            if column in one.values
        )
    ]
    return found.provenance.origin
