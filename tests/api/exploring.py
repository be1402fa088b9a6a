"""Every answer of the explorer and of the exports, as one viewer gets it, by a name that holds no canary of another's."""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from kg.model.graph import edge_id
from tests.api.conftest import Site
from tests.api.world import OTHER, OWN, SCHOOL
from tests.filling import load_into

FILES = ("graphml", "gexf", "csv", "xlsx", "html", "svg", "json")
QUESTIONS = (
    {"talents": {"need": "N1"}},
    {"talents": {"need": "N2"}},
    {"partners": {"anchor": {"kind": "enterprise", "key": OWN}, "mode": "internship"}},
    {"partners": {"anchor": {"kind": "enterprise", "key": OTHER}, "mode": "internship"}},
    {"partners": {"anchor": {"kind": "school", "key": SCHOOL}, "mode": "internship"}},
)


def edges_of(site: Site) -> list[tuple[str, str]]:
    """Return the id and the start of every edge that any row states."""
    return [
        (edge_id(row.id, link), str(link.start))
        for row in site.graph.store.rows()
        for link in dict.fromkeys(row.links)
    ]


def explored(site: Site, viewer: str, keys: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return the text of every answer by name."""
    return dict(_explored(site, viewer, [f"{kind}:{key}" for kind, found in keys.items() for key in found]))


def _explored(site: Site, viewer: str, refs: list[str]) -> Iterator[tuple[str, str]]:
    yield "scene", site.post("/scenes", {"nodes": refs}, viewer).text
    for ref in refs:
        body = {"node": ref, "shown": refs[:40], "limit": 100}
        yield f"expand {ref}", site.post("/scenes/expand", body, viewer).text
        yield (
            f"expand alone {ref}",
            site.post("/scenes/expand", {"node": ref, "shown": [], "limit": 100}, viewer).text,
        )
    for relation in site.graph.schema.relations.values():
        for kind, node in (
            ("occupation", "occupation:6-18-01-01@2022"),
            ("enterprise", f"enterprise:{OTHER}"),
        ):
            if kind in relation.target_kinds:
                body = {
                    "node": node,
                    "relation": relation.key,
                    "direction": "in",
                    "kind": relation.source_kinds[0],
                }
                yield f"split {relation.key} {kind}", site.post("/scenes/groups", body, viewer).text
    for number, (start, end) in enumerate(pairwise([*refs, *refs[::3]])):
        answer = site.client.get(
            "/api/v1/paths", params={"from": start, "to": end, "k": 20}, headers=site.headers(viewer)
        )
        yield f"path {number} {start} {end}", answer.text
    for number, (edge, start) in enumerate(edges_of(site)):
        yield f"edge {number}", site.get(f"/edges/{edge}", viewer).text
        hinted = site.client.get(
            f"/api/v1/edges/{edge}", params={"source": start}, headers=site.headers(viewer)
        )
        yield f"edge from {number}", hinted.text
    yield (
        "scene of edges",
        site.post("/scenes/evidence", {"edges": [edge for edge, _ in edges_of(site)][:200]}, viewer).text,
    )
    yield "drawn", site.post("/exports/drawn", {"form": "png", "nodes": refs}, viewer).text
    for form in FILES:
        content = site.post(f"/exports/scene.{form}", {"nodes": refs}, viewer)
        yield f"export {form}", text_of(content.content)
    for number, question in enumerate(QUESTIONS):
        yield f"evidence {number}", site.post("/scenes/evidence", question, viewer).text
        yield f"evidence graphml {number}", site.post("/exports/evidence.graphml", question, viewer).text
        ((kind, asked),) = question.items()
        for form in ("docx", "html"):
            report = site.post(f"/exports/recommendations/{kind}.{form}", asked, viewer)
            yield f"report {form} {number}", text_of(report.content)


def load_more(site: Site, folder: Path, tables: Mapping[str, Sequence[Mapping[str, object]]]) -> None:
    """Load further rows into the world of a site."""
    path = folder / "more.json"
    path.write_text(json.dumps(tables, ensure_ascii=False), encoding="utf-8")
    graph = site.graph
    report = load_into(graph, [path], source="市库", synthetic=True).to_json()
    assert report["status"] == "done", (report["errors"], report["rejects"])


def text_of(content: bytes) -> str:
    """Return what a file says; of a zipped one (workbook, Word file) the text of all its parts."""
    if not content.startswith(b"PK"):
        return content.decode()
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return "\n".join(parts.read(name).decode("utf-8", "replace") for name in parts.namelist())
