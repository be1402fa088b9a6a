"""The start page: search, questions, work that waits; an enterprise's and a school's own portal."""

from typing import Any

from fastapi import Request, Response
from starlette.datastructures import FormData

from api.pages.frame.rendering import Pages
from api.pages.routes.shared import Route
from api.pages.views import start
from kg.errors import KgError
from kg.model.viewers import Viewer
from kg.policy.rights import may_load, may_recommend, sees_all
from visualizations.theme import legend


def routes(pages: Pages) -> list[Route]:
    """Return (method, path, handler) of this module."""
    return [("GET", "/", _Start(pages).show)]


class _Start:
    def __init__(self, pages: Pages) -> None:
        self._pages, self._deps, self._service = pages, pages.deps, pages.deps.service

    def show(self, request: Request, _: FormData) -> Response:
        viewer = self._deps.viewer_of(request)
        return self._pages.render(
            request,
            "home.html",
            section="/",
            officer=sees_all(viewer),
            questions=start.questions(viewer, self._pages.paths),
            portal=self._portal(viewer),
            legend=() if may_recommend(viewer) else legend(self._deps.schema),
            **self._work(viewer),
        )

    def _portal(self, viewer: Viewer) -> Any:
        try:
            return start.portal(self._service, viewer)
        except KgError:  # the organisation of the account has not been loaded yet
            return None

    def _work(self, viewer: Viewer) -> dict[str, Any]:
        """Return the lists of work; empty for those who do not decide."""
        asks, loads = may_recommend(viewer), may_load(viewer)
        return {
            "asked": start.asked(self._service, viewer) if asks else None,
            "recent": start.recent(self._service, viewer) if asks else None,
            "tasks": start.tasks(self._service, viewer, self._pages.paths) if asks else (),
            "fresh": start.freshness(self._service, viewer, self._deps.now()) if loads else (),
        }
