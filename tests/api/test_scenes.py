"""Scenes, expansion, paths and edges as the explorer uses them."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from api.schemas import scenes as shapes
from kg.audit.exposures import Exposures
from tests.api.conftest import Site, load_tables
from tests.api.exploring import load_more
from tests.api.world import OTHER, OWN, SCHOOL

FIRM, NEED, TRADE = f"enterprise:{OWN}", "need:N1", "occupation:6-18-01-01@2022"


def _scene(site: Site, refs: list[str], viewer: str = "officer", **filters: Any) -> dict[str, Any]:
    answer = site.post("/scenes", {"nodes": refs, "filters": filters}, viewer)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def _expand(site: Site, node: str, shown: list[str], **more: Any) -> dict[str, Any]:
    answer = site.post("/scenes/expand", {"node": node, "shown": shown, **more})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def _paths(site: Site, start: str, end: str, **more: Any) -> Any:
    params = {"from": start, "to": end, **more}
    return site.client.get("/api/v1/paths", params=params, headers=site.headers("officer"))


@pytest.mark.parametrize(
    ("path", "body", "shape"),
    [
        ("/scenes", {"nodes": [FIRM, NEED, TRADE]}, shapes.SceneShape),
        ("/scenes/expand", {"node": NEED, "shown": [FIRM]}, shapes.ExpandShape),
        ("/scenes/evidence", {"talents": {"need": "N1"}}, shapes.EvidenceSceneShape),
    ],
)
def test_answers_have_their_shape(site: Site, path: str, body: Any, shape: type[BaseModel]) -> None:
    for viewer in ("officer", "enterprise"):
        answer = site.post(path, body, viewer)
        shape.model_validate_json(answer.content, strict=True)


def test_paths_and_edges_have_their_shape(site: Site) -> None:
    found = shapes.PathsShape.model_validate_json(_paths(site, NEED, f"school:{SCHOOL}").content, strict=True)
    edge = found.items[0].edges[0]
    shapes.EdgeShape.model_validate_json(site.get(f"/edges/{edge.id}").content, strict=True)


def test_edges_join_nodes_of_the_scene_and_only_these(site: Site) -> None:
    scene = _scene(site, [FIRM, NEED, TRADE, "talent:missing"])
    assert [node["ref"] for node in scene["nodes"]] == [FIRM, NEED, TRADE]
    drawn = {(edge["source"], edge["relation"], edge["target"]) for edge in scene["edges"]}
    assert drawn == {(NEED, "flex_needs.host", FIRM), (NEED, "flex_needs.occupations", TRADE)}
    assert scene["left_out"] == 1


def test_a_bare_code_and_a_full_name_are_the_same_node(site: Site) -> None:
    scene = _scene(site, ["occupation:6-18-01-01", TRADE, "enterprise:北湖轴承有限公司", FIRM])
    assert [node["ref"] for node in scene["nodes"]] == [TRADE, FIRM]


def test_two_registers_are_one_edge_with_both_rows(site: Site, tmp_path: Path) -> None:
    load_tables(site.graph, tmp_path, source="省库")
    (edge,) = _scene(site, [FIRM, "district:990101"])["edges"]
    assert edge["rows"] == len(edge["ids"]) == 2
    assert edge["registers"] == ["市库", "省库"]
    told = site.get(f"/edges/{edge['ids'][0]}").json()
    assert [one["id"] for one in told["also"]] == edge["ids"][1:]


def test_expanding_until_nothing_is_left_shows_every_neighbour(site: Site) -> None:
    around = site.get("/nodes/occupation/6-18-01-01@2022/neighbours?limit=200").json()["groups"]
    every = {f"{item['node']['kind']}:{item['node']['key']}" for group in around for item in group["items"]}
    shown, steps = [TRADE], 0
    while True:
        answer = _expand(site, TRADE, shown, limit=3)
        new = [node["ref"] for node in answer["nodes"]]
        assert not set(new) & set(shown)
        shown, steps = shown + new, steps + 1
        if not answer["left"]:
            break
        assert len(new) == 3
        assert steps < 20
    assert set(shown) - {TRADE} == every
    final = next(one for one in answer["counts"] if one["ref"] == TRADE)
    assert final["hidden_total"] == 0


def test_badges_after_an_expansion_are_those_of_the_scene_opened_anew(site: Site) -> None:
    answer = _expand(site, FIRM, [NEED, TRADE], limit=10)
    shown = [one["ref"] for one in answer["counts"]]
    scene = _scene(site, shown)
    assert {one["ref"]: one["hidden"] for one in answer["counts"]} == {
        node["ref"]: node["hidden"] for node in scene["nodes"]
    }
    before = {edge["id"] for edge in _scene(site, [FIRM, NEED, TRADE])["edges"]}
    assert before | {edge["id"] for edge in answer["edges"]} == {edge["id"] for edge in scene["edges"]}


def test_the_most_telling_come_first_and_say_why(site: Site) -> None:
    answer = _expand(site, TRADE, [NEED, FIRM], limit=20)
    scores = [node["relevance"]["score"] for node in answer["nodes"]]
    assert scores == sorted(scores, reverse=True)
    for node in answer["nodes"]:
        assert node["relevance"]["score"] == pytest.approx(sum(node["relevance"]["parts"].values()), abs=1e-3)
    joined = {node["ref"] for node in answer["nodes"] if "joined" in node["relevance"]["parts"]}
    assert "demand:D1" in joined
    assert "demand:D2" not in joined
    assert answer == _expand(site, TRADE, [NEED, FIRM], limit=20)


def test_expansion_by_relation_direction_and_kind(site: Site) -> None:
    answer = _expand(site, FIRM, [], relation="demands.enterprise", direction="in", limit=5)
    assert [node["ref"] for node in answer["nodes"]] == ["demand:D1"]
    assert answer["left"] == 0
    assert _expand(site, FIRM, [], relation="demands.enterprise", direction="out")["nodes"] == []
    kinds = {node["kind"] for node in _expand(site, TRADE, [], kind="talent", limit=50)["nodes"]}
    assert kinds == {"talent"}


def test_filters_leave_out_nodes_and_edges(site: Site) -> None:
    refs = [FIRM, NEED, TRADE, "skill:主轴修理", "cooperation:C1"]
    whole = _scene(site, refs)
    less = _scene(site, refs, kinds=["need", "enterprise"])
    assert {node["kind"] for node in less["nodes"]} == {"need", "enterprise"}
    assert less["filtered"] == len(whole["nodes"]) - 2
    assert {edge["relation"] for edge in less["edges"]} == {"flex_needs.host"}
    assert _scene(site, refs, relations=["cooperations.enterprise"])["edges"] != []
    past = _scene(site, refs, on="2025-04-01")
    assert {edge["relation"] for edge in past["edges"]} == {"cooperations.enterprise"}
    assert past["counts_ignore"] == ["on"]
    assert past["note"]
    assert _scene(site, refs, sources=["别处"])["edges"] == []
    assert _scene(site, refs, confidence=1)["edges"] == whole["edges"]
    assert site.post("/scenes", {"nodes": refs, "filters": {"kinds": ["nonsense"]}}).status_code == 422


def test_what_a_scene_cannot_hold_is_told_as_a_group(site: Site, tmp_path: Path) -> None:
    people = [
        {"person_id": f"M{n}", "name": "合成", "district": "990101", "work_status": "在职"}
        for n in range(505)
    ]
    load_more(site, tmp_path, {"talents": people})
    scene = _scene(site, ["district:990101"])
    (group,) = scene["groups"]
    assert (group["relation"], group["total"], group["hidden"]) == ("talents.district", 505, 505)
    body = {"node": "district:990101", **{name: group[name] for name in ("relation", "direction", "kind")}}
    parts = shapes.SplitShape.model_validate_json(site.post("/scenes/groups", body).content, strict=True)
    assert (parts.by, parts.total, parts.without, parts.parts) == ("talents.occupation", 505, 505, [])
    shown = ["district:990101"]
    first = _expand(site, "district:990101", shown, kind="talent", limit=1)
    assert (first["ranked"], first["ranked_all"], first["left"]) == (300, False, 504)
    assert "300" in first["note"]
    while True:
        answer = _expand(site, "district:990101", shown, kind="talent", limit=100)
        shown += [node["ref"] for node in answer["nodes"]]
        if not answer["nodes"]:
            break
    assert len(shown) == shapes.MOST_NODES
    assert answer["left"] == 505 - (shapes.MOST_NODES - 1)
    assert "500" in answer["note"]
    assert site.post("/scenes", {"nodes": [*shown, NEED]}).status_code == 422


def test_a_group_is_split_by_what_its_members_share(site: Site) -> None:
    body = {
        "node": "occupation:6-18-01-01",
        "relation": "demands.occupation",
        "direction": "in",
        "kind": "demand",
    }
    told = site.post("/scenes/groups", {**body, "by": "demands.enterprise"}).json()
    assert [(part["ref"], part["total"], part["first"]) for part in told["parts"]] == [
        (f"enterprise:{OTHER}", 2, ["demand:CANARYdemand", "demand:D2"]),
        (FIRM, 1, ["demand:D1"]),
    ]
    assert (told["total"], told["without"]) == (3, 0)
    public = site.post("/scenes/groups", {**body, "by": "demands.enterprise"}, "public").json()
    assert [part["total"] for part in public["parts"]] == [1, 1]
    hidden = {**body, "relation": "talents.occupation", "kind": "talent"}
    assert site.post("/scenes/groups", hidden, "enterprise").json()["total"] == 0
    assert site.post("/scenes/groups", {**body, "by": "nonsense"}).status_code == 422
    assert site.post("/scenes/groups", {**body, "node": "need:CANARYneed"}, "public").status_code == 404


def test_the_legend_counts_what_the_viewer_could_find(site: Site) -> None:
    assert _scene(site, [FIRM])["kinds"]["enterprise"]["total"] is None
    site.get("/search?q=湖")
    for viewer, demands in (("officer", 3), ("enterprise", 2), ("public", 2)):
        kinds = _scene(site, [FIRM, "demand:D1"], viewer)["kinds"]
        assert (kinds["enterprise"]["total"], kinds["enterprise"]["shown"]) == (2, 1)
        assert kinds["demand"]["total"] == demands


def test_evidence_of_an_item_is_a_scene(site: Site) -> None:
    answer = site.post("/recommendations/talents", {"need": "N1", "k": 1}).json()
    item = answer["items"][0]
    scene = site.post("/scenes/evidence", {"talents": {"need": "N1"}}).json()
    cited = {
        number
        for part in (*item["filters"], *(one for side in item["sides"].values() for one in side["factors"]))
        for number in part["evidence"]
    } | {edge["id"] for path in item["paths"] for edge in path["edges"]}
    assert {number for edge in scene["edges"] if edge["evidence"] for number in edge["ids"]} == cited
    assert scene["item"]["node"]["key"] == item["node"]["key"]
    assert scene["withheld"] == 0
    assert site.post("/scenes/evidence", {"talents": {"need": "N1"}, "rank": 99}).status_code == 404
    assert site.post("/scenes/evidence", {}).status_code == 422
    again = site.post("/scenes/evidence", {"edges": sorted(cited)}).json()
    assert {edge["id"] for edge in again["edges"] if edge["evidence"]} == {
        edge["id"] for edge in scene["edges"] if edge["evidence"]
    }


def test_opening_evidence_is_no_new_list(site: Site) -> None:
    (item,) = site.post("/recommendations/talents", {"need": "N1", "k": 1}).json()["items"]

    def appeared() -> int:
        return Exposures(site.graph.ledger).before(date(2026, 11, 24), 30)(item["node"]["key"])

    assert appeared() == 1
    site.post("/scenes/evidence", {"talents": {"need": "N1"}})
    assert appeared() == 1


def test_an_edge_says_why_it_is_there(site: Site) -> None:
    (edge,) = _scene(site, [NEED, FIRM])["edges"]
    told = site.get(f"/edges/{edge['id']}").json()
    assert told["sentence"] == "柔性需求“主轴修理 N1”由“北湖轴承有限公司”提出"
    assert (told["source"], told["batch"], told["batch_by"], told["row"]) == (
        "市库",
        "b-000001",
        "test",
        "N1",
    )
    assert told["origin"].endswith("行")
    assert (told["start"]["ref"], told["end"]["ref"]) == (NEED, FIRM)
    assert site.get(f"/edges/{edge['id']}", "public").json()["batch_by"] is None


def test_an_edge_written_after_the_index_was_made_is_found(site: Site, tmp_path: Path) -> None:
    (known,) = _scene(site, [NEED, FIRM])["edges"]
    assert site.get(f"/edges/{known['id']}").status_code == 200
    load_more(site, tmp_path, {"skills": [{"name": "新技能"}], "skill_relations": [{"skill": "新技能", "related": "主轴修理", "strength": 0.5, "kind": "可迁移"}]})  # fmt: skip
    (edge,) = _scene(site, ["skill:新技能", "skill:主轴修理"])["edges"]
    assert site.get(f"/edges/{edge['id']}").json()["end"]["name"] == "主轴修理"


def test_an_edge_that_is_gone_is_not_told(site: Site, tmp_path: Path) -> None:
    (edge,) = _scene(site, [FIRM, "district:990101"])["edges"]
    assert site.get(f"/edges/{edge['id']}").status_code == 200
    load_more(
        site,
        tmp_path,
        {"enterprises": [{"credit_code": OWN, "name": "北湖轴承有限公司", "district": "990102"}]},
    )
    assert site.get(f"/edges/{edge['id']}").status_code == 404


def test_paths_are_chains_of_edges_between_the_ends(site: Site) -> None:
    found = _paths(site, NEED, f"school:{SCHOOL}", k=10).json()
    assert found["items"]
    for path in found["items"]:
        refs = [node["ref"] for node in path["nodes"]]
        assert (refs[0], refs[-1]) == (found["from"]["ref"], found["to"]["ref"]) == (NEED, f"school:{SCHOOL}")
        assert len(set(refs)) == len(refs) == path["length"] + 1 <= 5
        for near, far, edge in zip(refs, refs[1:], path["edges"], strict=False):
            assert {near, far} == {edge["source"], edge["target"]}
            assert edge["forward"] == (edge["source"] == near)
        assert path["text"] == "；".join(edge["sentence"] for edge in path["edges"])
    weights = [path["weight"] for path in found["items"]]
    assert weights == sorted(weights)
    assert found == _paths(site, NEED, f"school:{SCHOOL}", k=10).json()


def test_the_same_paths_the_other_way(site: Site) -> None:
    there = _paths(site, NEED, f"school:{SCHOOL}", k=50).json()
    back = _paths(site, f"school:{SCHOOL}", NEED, k=50).json()
    assert there["total"] == back["total"]

    def ways(found: Any, step: int) -> set[tuple[str, ...]]:
        return {tuple(node["ref"] for node in path["nodes"])[::step] for path in found["items"]}

    assert ways(there, 1) == ways(back, -1)


def test_forbidden_nodes_relations_and_edges_are_not_used(site: Site) -> None:
    first = _paths(site, NEED, f"school:{SCHOOL}").json()["items"][0]
    middle, edge = first["nodes"][1]["ref"], first["edges"][0]
    for forbid in (middle, edge["relation"], edge["id"]):
        found = _paths(site, NEED, f"school:{SCHOOL}", forbid=[forbid], k=50).json()
        for path in found["items"]:
            used = {one["id"] for one in path["edges"]} | {one["relation"] for one in path["edges"]}
            assert forbid not in used | {node["ref"] for node in path["nodes"]}
    assert _paths(site, NEED, FIRM, forbid=[NEED]).status_code == 422
    assert _paths(site, NEED, FIRM, forbid=["nonsense"]).status_code == 422


def test_no_way_is_said_so(site: Site) -> None:
    found = _paths(site, NEED, f"enterprise:{OTHER}", max_length=1).json()
    assert (found["items"], found["total"]) == ([], 0)
    assert "没有找到" in found["note"]
    assert _paths(site, NEED, NEED).status_code == 422
    assert _paths(site, NEED, "nonsense").status_code == 422
    assert _paths(site, NEED, FIRM, k=0).status_code == 422
    assert _paths(site, NEED, FIRM, max_length=9).status_code == 422
