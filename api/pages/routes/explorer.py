"""The page of the explorer: its frame and what its script starts with. Without script it is a plain page with links."""

import json
from collections.abc import Mapping
from typing import Any, Final

from fastapi import Request, Response
from starlette.datastructures import FormData

from api.pages.frame.rendering import Pages
from api.pages.parts.links import node_href
from api.pages.routes.shared import Route
from kg.errors import KgError, NotFoundError
from kg.model.viewers import Role
from kg.paths.relations import line_style, short_label
from kg.schema import Schema
from visualizations import explorer_files
from visualizations.theme import legend, mark_classes

Json = dict[str, Any]
_NEIGHBOURS: Final = 12
_MOST_EDGES: Final = 200
_WHOLE: Final = ("rank", "year")
_FOR_EVER: Final = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
}


def routes(pages: Pages) -> list[Route]:
    """Return (method, path, handler) of this module."""
    explorer = _Explorer(pages)
    return [
        ("GET", "/explorer", explorer.page),
        ("GET", "/static/explorer/{version}/{name:path}", explorer.file),
    ]


class _Explorer:
    def __init__(self, pages: Pages) -> None:
        self._pages, self._deps = pages, pages.deps

    def page(self, request: Request, _: FormData) -> Response:
        viewer = self._deps.viewer_of(request)
        start = start_of(request.query_params)
        around = self._around(start.get("node"), request)
        config = {
            "csrf": self._deps.csrf_of(request),
            "viewer": viewer.name,
            "signed_in": Role.PUBLIC not in viewer.roles,
            "now": self._deps.now().strftime("%Y-%m-%d %H:%M"),
            "today": self._deps.now().date().isoformat(),
            "revision": self._deps.service.revision(),
            "start": start,
            **looks(self._deps.schema),
            **self._pages.words(request),
        }
        return self._pages.render(
            request,
            "explorer.html",
            section="/explorer",
            config=json.dumps(config, ensure_ascii=False),
            around=around,
            base=f"/static/explorer/{explorer_files.version()}",
            modules=explorer_files.modules(),
            built=explorer_files.is_built(),
            people=Role.PUBLIC not in viewer.roles,
        )

    def _around(self, node: str | None, request: Request) -> Json | None:
        """Return the neighbours of the first node for readers without script; None where there is nothing to show."""
        kind, _, key = (node or "").partition(":")
        if not key:
            return None
        try:
            viewer = self._deps.viewer_of(request)
            found = self._deps.service.neighbours(kind, key, viewer=viewer, limit=_NEIGHBOURS)
        except KgError:
            return None
        return {**found, "href": node_href(found["node"])}

    def file(self, request: Request, _: FormData) -> Response:
        """One of the explorer's files, under an address that changes whenever any of them does."""
        found = explorer_files.content(str(request.path_params["name"]))
        if found is None or request.path_params["version"] != explorer_files.version():
            raise NotFoundError("没有这个文件")
        return Response(found[0], media_type=found[1], headers=_FOR_EVER)


def looks(schema: Schema) -> Json:
    """Return how kinds are drawn and relations are called, from the one declaration of both."""
    kinds = {
        entry.kind: {
            "zh": entry.zh,
            "en": entry.en,
            "glyph": entry.mark.glyph,
            "family": entry.mark.family.value,
            "classes": mark_classes(entry.mark),
            "path": entry.outline.path,
            "inner": entry.outline.inner,
            "y": entry.outline.baseline,
        }
        for entry in legend(schema)
    }
    relations = {
        relation.key: {"zh": short_label(relation), "en": relation.en, "style": line_style(schema, relation)}
        for relation in schema.relations.values()
    }
    return {"kinds": kinds, "relations": relations}


def start_of(params: Mapping[str, str]) -> Json:
    """Return what the first picture shows: a node, a saved view, or the evidence of an answer; texts stay texts."""
    start: Json = {name: params[name][:400] for name in ("node", "view") if params.get(name)}
    evidence = _evidence_of(params)
    return {**start, **({"evidence": evidence} if evidence else {})}


def _evidence_of(params: Mapping[str, str]) -> Json | None:
    if params.get("edges"):
        return {"edges": params["edges"].split(",")[:_MOST_EDGES]}
    numbers = {
        name: int(params[name])
        for name in _WHOLE
        if params.get(name, "").isascii() and params.get(name, "").isdigit()
    }
    item: Json = {"rank": numbers.get("rank", 1), "to_verify": params.get("to_verify") == "1"}
    as_of = {"as_of": params["as_of"]} if params.get("as_of") else {}
    if params.get("need"):
        return {**item, "talents": {"need": params["need"][:200], **as_of}}
    kind, _, key = params.get("anchor", "").partition(":")
    if key and params.get("mode"):
        year = {"year": numbers["year"]} if "year" in numbers else {}
        return {
            **item,
            "partners": {
                "anchor": {"kind": kind, "key": key[:200]},
                "mode": params["mode"][:50],
                **year,
                **as_of,
            },
        }
    return None
