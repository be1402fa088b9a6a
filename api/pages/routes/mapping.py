"""Pages of sources: what their headers mean, kept for every later load; how old they are, and how often they deliver."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from api.import_drafts import Draft
from api.pages.frame.rendering import Pages
from api.pages.parts.forms import Form, whole
from api.pages.routes.history import keeper
from api.pages.routes.shared import Route
from api.pages.views.mapping import SheetChoice, chosen, proposed, view
from kg.errors import InvalidInputError


def routes(pages: Pages) -> list[Route]:
    """Return (method, path, handler) of this module; it stands before the page of a single import."""
    mapping = _Mapping(pages)
    return [
        ("GET", "/imports/sources", mapping.sources),
        ("POST", "/imports/sources", mapping.expect),
        ("GET", "/imports/mappings", mapping.listed),
        ("POST", "/imports/mappings", mapping.forget),
        ("GET", "/imports/mapping/{draft}", mapping.page),
        ("POST", "/imports/mapping/{draft}", mapping.decide),
    ]


class _Mapping:
    def __init__(self, pages: Pages) -> None:
        self._pages, self._deps = pages, pages.deps

    def page(self, request: Request, _: FormData) -> Response:
        draft = self._draft(request)
        return self._show(request, draft, proposed(draft, self._deps.schema, self._deps.mappings))

    def decide(self, request: Request, fields: FormData) -> Response:
        draft, viewer = self._draft(request), keeper(self._deps.viewer_of(request))
        found, changed = chosen(draft, self._deps.schema, self._deps.mappings, fields)
        if fields.get("do") == "again" or changed:
            for one in found:
                one.errors = []
            return self._show(request, draft, found)
        wanted = [one for one in found if one.table is not None]
        if not wanted or any(one.errors for one in wanted):
            problem = "" if wanted else "至少要为一张工作表选定是哪张表"
            return self._show(request, draft, found, problem=problem, status=422)
        for one in wanted:
            assert one.table is not None
            self._deps.mappings.save(
                draft.source, one.table.key, one.choices(), one.words, one.always, viewer=viewer
            )
        number = self._deps.import_draft(draft, viewer=viewer)
        return RedirectResponse(f"/imports/{number}", status_code=303)

    def _draft(self, request: Request) -> Draft:
        viewer = keeper(self._deps.viewer_of(request))
        return self._deps.drafts.open(str(request.path_params["draft"]), viewer=viewer)

    def _show(
        self,
        request: Request,
        draft: Draft,
        found: list[SheetChoice],
        *,
        problem: str = "",
        status: int = 200,
    ) -> Response:
        sheets: list[dict[str, Any]] = view(found, self._deps.schema)
        return self._pages.render(
            request,
            "import_mapping.html",
            status=status,
            section="/imports",
            draft=draft,
            sheets=sheets,
            problem=problem,
        )

    def sources(self, request: Request, _: FormData) -> Response:
        return self._sources(request, {})

    def _sources(self, request: Request, errors: Mapping[str, str]) -> Response:
        told = self._deps.sources(keeper(self._deps.viewer_of(request)))
        names = list(dict.fromkeys(item["source"] for item in told["items"]))
        return self._pages.render(
            request,
            "import_sources.html",
            status=422 if errors else 200,
            section="/imports",
            told=told,
            intervals=[(name, told["expected"].get(name), errors.get(name)) for name in sorted(names)],
        )

    def expect(self, request: Request, fields: FormData) -> Response:
        viewer, source = keeper(self._deps.viewer_of(request)), str(fields.get("source") or "")
        form = Form(("days",), (("days", str(fields.get("days") or "")),))
        try:
            self._deps.expect_source(source, whole(form, "days"), viewer=viewer)
        except InvalidInputError as error:
            return self._sources(request, {source: error.message})
        return RedirectResponse("/imports/sources", status_code=303)

    def listed(self, request: Request, _: FormData) -> Response:
        keeper(self._deps.viewer_of(request))
        return self._pages.render(
            request, "import_mappings.html", section="/imports", mappings=self._deps.mappings.listed()
        )

    def forget(self, request: Request, fields: FormData) -> Response:
        viewer = keeper(self._deps.viewer_of(request))
        self._deps.mappings.forget(str(fields.get("source") or ""), viewer=viewer)
        return RedirectResponse("/imports/mappings", status_code=303)
