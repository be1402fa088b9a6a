"""Exports over HTTP: attachments of what the viewer sees, each of them in the audit trail."""

import io
import json
from typing import Any

import networkx as nx
import pytest
from docx import Document

from api.drawn import MEDIA_TYPES
from tests.api.conftest import Site
from tests.api.exploring import FILES
from tests.api.world import OTHER, OWN

NODES = [f"enterprise:{OWN}", "need:N1", "occupation:6-18-01-01@2022", "cooperation:CANARYcoop"]
TALENTS = {"need": "N1", "k": 2}
PARTNERS = {"anchor": {"kind": "enterprise", "key": OWN}, "mode": "internship", "k": 2}


def _exports(site: Site) -> list[dict[str, Any]]:
    return [entry for entry in site.get("/audit?limit=200").json()["items"] if entry["action"] == "export"]


@pytest.mark.parametrize("form", FILES)
def test_a_scene_is_an_attachment_of_its_type(site: Site, form: str) -> None:
    answer = site.post(f"/exports/scene.{form}", {"nodes": NODES, "title": "试图"}, "enterprise")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == MEDIA_TYPES[form]
    assert answer.headers["content-disposition"] == f'attachment; filename="scene.{form}"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    (entry,) = _exports(site)
    assert (entry["viewer"], entry["subject"]) == ("enterprise", f"scene.{form}")
    assert entry["detail"]["nodes"] == 3
    assert entry["detail"]["revision"] == 1
    assert entry["detail"]["policy"]


def test_an_export_holds_what_the_scene_holds(site: Site) -> None:
    for viewer in ("public", "officer"):
        scene = site.post("/scenes", {"nodes": NODES}, viewer).json()
        content = site.post("/exports/scene.graphml", {"nodes": NODES}, viewer).content
        graph = nx.read_graphml(io.BytesIO(content), force_multigraph=True)
        assert set(graph.nodes) == {node["ref"] for node in scene["nodes"]}
        assert {key for _, _, key in graph.edges(keys=True)} == {edge["id"] for edge in scene["edges"]}
        assert graph.graph["导出人"] == viewer
        assert graph.graph["策略"].endswith(site.graph.policy.hash)


def test_a_link_gives_the_same_file_as_a_form(site: Site) -> None:
    params = {"nodes": NODES, "title": "试图"}
    linked = site.client.get("/api/v1/exports/scene.svg", params=params, headers=site.headers("officer"))
    assert linked.content == site.post("/exports/scene.svg", params).content


def test_filters_and_places_of_the_screen_are_kept(site: Site) -> None:
    places = {ref: [number * 100, 7] for number, ref in enumerate(NODES)}
    body = {"nodes": NODES, "positions": places, "filters": {"kinds": ["enterprise", "need"]}}
    graph = nx.read_graphml(
        io.BytesIO(site.post("/exports/scene.graphml", body).content), force_multigraph=True
    )
    assert {(data["x"], data["y"]) for _, data in graph.nodes(data=True)} == {(0.0, 7.0), (100.0, 7.0)}


@pytest.mark.parametrize("form", ["html", "svg", "csv"])
def test_the_evidence_of_an_item_can_be_taken_along(site: Site, form: str) -> None:
    answer = site.post(f"/exports/evidence.{form}", {"talents": {"need": "N1"}})
    assert answer.status_code == 200
    text = answer.content.decode("utf-8-sig")
    assert "合***" in text
    assert "主轴修理" in text
    assert _exports(site)[0]["detail"]["people"] is True


@pytest.mark.parametrize("form", ["docx", "html"])
@pytest.mark.parametrize(("question", "asked"), [("talents", TALENTS), ("partners", PARTNERS)])
def test_reports_tell_what_the_answer_tells(
    site: Site, question: str, asked: dict[str, Any], form: str
) -> None:
    answer = site.post(f"/recommendations/{question}", asked).json()
    report = site.post(f"/exports/recommendations/{question}.{form}", asked)
    assert report.status_code == 200, report.text
    text = _text(report.content, form)
    assert answer["query_id"] in text
    for item in answer["items"]:
        assert f"{item['score']:.4f}" in text
        assert item["node"]["name"] in text
    (entry,) = _exports(site)
    assert entry["subject"] == f"{question}.{form}"
    assert entry["detail"]["query_id"] == answer["query_id"]


def _text(content: bytes, form: str) -> str:
    if form == "html":
        return content.decode()
    document = Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def test_reports_by_an_address_alone(site: Site) -> None:
    for path in (
        "/exports/recommendations/talents.html?need=N1&k=2",
        f"/exports/recommendations/partners.html?anchor=enterprise:{OWN}&mode=internship&k=2",
        f"/exports/recommendations/partners.html?anchor=enterprise:{OWN}&mode=internship&radius_hours=2&occupations=6-18-01-01",
    ):
        assert site.get(path).status_code == 200
    assert site.get("/exports/recommendations/talents.html").status_code == 422
    assert site.get("/exports/recommendations/talents.pdf?need=N1").status_code == 422


def test_who_may_not_ask_gets_no_report(site: Site) -> None:
    for form in ("docx", "html"):
        for viewer in ("public", "planner", "administrator"):
            assert site.post(f"/exports/recommendations/talents.{form}", TALENTS, viewer).status_code == 403
        foreign = {**PARTNERS, "anchor": {"kind": "enterprise", "key": OTHER}}
        assert (
            site.post(f"/exports/recommendations/partners.{form}", foreign, "enterprise").status_code == 404
        )
    assert _exports(site) == []


def test_a_card_stays_a_card_in_the_report(site: Site) -> None:
    text = site.post("/exports/recommendations/talents.html", TALENTS, "enterprise").content.decode()
    assert "按权限不列出" in text
    assert "未通过" not in text
    assert OTHER not in text


def test_the_json_of_a_scene_carries_its_stamp(site: Site) -> None:
    told = json.loads(site.post("/exports/scene.json", {"nodes": NODES}).content)
    assert told["exported"]["导出人"] == "officer"
    assert len(told["nodes"]) == 4


def test_a_file_that_no_page_shows_well_is_refused(site: Site) -> None:
    body = {"nodes": [f"skill:技能{number}" for number in range(501)]}
    assert site.post("/exports/scene.html", body).status_code == 422


def test_a_picture_drawn_in_the_browser_is_noted_and_stamped(site: Site) -> None:
    told = site.post("/exports/drawn", {"form": "png", "nodes": NODES}, "enterprise").json()
    assert told["parts"]["导出人"] == "enterprise"
    assert told["parts"]["数据修订"] == "1"
    assert site.graph.policy.hash[:12] in told["sentence"]
    assert told["people"] is False
    (entry,) = _exports(site)
    assert (entry["subject"], entry["viewer"], entry["detail"]["nodes"]) == ("drawn.png", "enterprise", 3)
    assert site.post("/exports/drawn", {"form": "exe", "nodes": NODES}).status_code == 422
