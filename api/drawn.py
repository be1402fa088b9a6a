"""Exports of what somebody saw: scenes and evidence as files, recommendations as reports; each one is in the audit trail."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from kg.bootstrap import Graph
from kg.model.viewers import Viewer
from kg.schema.column_types import Layer
from visualizations.graph_files import gexf, graphml
from visualizations.offline_page import offline_page
from visualizations.picture import Picture, Say, Stamp, in_chinese, picture_of
from visualizations.svg_file import svg
from visualizations.table_files import csv_table, workbook
from visualizations.theme import Outline, mark_of, outline_of

Json = Mapping[str, Any]
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEDIA_TYPES: Final[Mapping[str, str]] = {
    "graphml": "application/graphml+xml",
    "gexf": "application/gexf+xml",
    "csv": "text/csv; charset=utf-8",
    "xlsx": _XLSX,
    "html": "text/html; charset=utf-8",
    "svg": "image/svg+xml",
    "json": "application/json",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def stamp_of(
    graph: Graph, viewer: Viewer, title: str, *, revision: int, as_of: str, say: Say = in_chinese
) -> Stamp:
    """Return what an export of this moment carries, in the language of `say`."""
    return Stamp(
        viewer=viewer.name,
        at=graph.clock().astimezone(),
        policy=graph.policy.policy_id,
        policy_hash=graph.policy.hash,
        revision=revision,
        as_of=as_of,
        synthetic=graph.service.synthetic,
        title=title,
        say=say,
    )


def export_scene(
    graph: Graph,
    scene: Json,
    form: str,
    *,
    viewer: Viewer,
    title: str,
    positions: Mapping[str, Sequence[float]] | None = None,
    reasons: Sequence[tuple[str, str]] = (),
    say: Say = in_chinese,
) -> bytes:
    """Return a told scene as a file in the language of `say`, after noting the export in the audit trail."""
    stamp = stamp_of(graph, viewer, title, revision=scene["revision"], as_of=scene["as_of"], say=say)
    picture = picture_of(scene, stamp, positions)
    writers: Mapping[str, Callable[[], bytes]] = {
        "graphml": lambda: graphml(picture),
        "gexf": lambda: gexf(picture),
        "csv": lambda: csv_table(picture),
        "xlsx": lambda: workbook(picture),
        "html": lambda: offline_page(picture, reasons),
        "svg": lambda: svg(picture, _outlines(graph, picture)),
        "json": lambda: _as_json(scene, stamp),
    }
    content = writers[form]()
    counts = {"nodes": len(picture.nodes), "edges": len(picture.edges), "people": picture.shows_people}
    note_export(graph, viewer, f"scene.{form}", stamp, counts)
    return content


def note_drawn(graph: Graph, scene: Json, form: str, *, viewer: Viewer) -> Json:
    """Note that a picture drawn elsewhere of a told scene is taken along; return what it has to carry."""
    stamp = stamp_of(graph, viewer, "图谱", revision=scene["revision"], as_of=scene["as_of"])
    picture = picture_of(scene, stamp)
    counts = {"nodes": len(picture.nodes), "edges": len(picture.edges), "people": picture.shows_people}
    note_export(graph, viewer, f"drawn.{form}", stamp, counts)
    return {
        "parts": dict(stamp.lines()),
        "sentence": stamp.sentence,
        "policy": f"{stamp.policy} {stamp.policy_hash[:12]}",
        "people": picture.shows_people,
    }


def note_export(graph: Graph, viewer: Viewer, what: str, stamp: Stamp, detail: Mapping[str, object]) -> None:
    """Write into the audit trail who took what out of the service; no names, only numbers."""
    known = {"revision": stamp.revision, "policy": stamp.policy_hash, "as_of": stamp.as_of}
    graph.audit.record(viewer.name, "export", what, {**known, **detail})


def _outlines(graph: Graph, picture: Picture) -> Mapping[str, tuple[Outline, bool]]:
    marks = {kind: mark_of(graph.schema.by_kind[kind]) for kind in {node.kind for node in picture.nodes}}
    return {kind: (outline_of(mark), mark.layer is Layer.ACTOR) for kind, mark in marks.items()}


def _as_json(scene: Json, stamp: Stamp) -> bytes:
    carried = {"exported": dict(stamp.lines()), **scene}
    return json.dumps(carried, ensure_ascii=False, indent=1).encode("utf-8", "replace")
