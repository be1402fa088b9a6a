"""联合攻关: choose a technical problem, see the smallest team that covers it, who covers what, and what else would do."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from fastapi import Request, Response
from starlette.datastructures import FormData

from api.pages.forms import Form, day
from api.pages.links import with_params
from api.pages.rendering import Pages
from api.pages.routes_answers import asker
from api.pages.views_organisations import related
from api.pages.views_teams import board, rare
from kg.errors import InvalidInputError
from kg.model.viewers import Viewer
from kg.policy.rights import sees_all

Route = tuple[str, str, Callable[[Request, FormData], Response]]
_PATH: Final = "/teams"
_FOUND: Final = 20
_FACTS: Final = ("host", "total_hours", "valid_from", "valid_to", "visits", "district", "tags", "status")


def routes(pages: Pages) -> list[Route]:
    """Return (method, path, handler) of this module."""
    return [("GET", _PATH, _Teams(pages).show)]


class _Teams:
    def __init__(self, pages: Pages) -> None:
        self._pages, self._service = pages, pages.deps.service

    def show(self, request: Request, _: FormData) -> Response:
        viewer = asker(self._pages, request)
        form = Form(("problem", "as_of", "q"), tuple(request.query_params.multi_items()))
        words = form.value("q").strip()[:200]
        context: dict[str, Any] = {"told": None, "problem": None, "teams": (), "rare": ()}
        if form.value("problem"):
            try:
                context |= self._told(form, viewer)
            except InvalidInputError as error:
                context |= {"problem": self._service.node("problem", form.value("problem"), viewer=viewer)}
                form = form.with_error(error)
        return self._pages.render(
            request,
            "teams.html",
            status=422 if form.errors else 200,
            section=_PATH,
            form=form,
            q=words,
            found=self._found(words, viewer),
            choose_href=lambda node: with_params(_PATH, (), problem=node["key"]),
            facts=_FACTS,
            **context,
        )

    def _told(self, form: Form, viewer: Viewer) -> dict[str, Any]:
        key = form.value("problem")
        told = self._service.team(key, viewer=viewer, as_of=day(form))
        teams = [board(team, told["wanted"], number) for number, team in enumerate(told["teams"], start=1)]
        problem = self._service.node("problem", key, viewer=viewer)
        return {"told": told, "problem": problem, "teams": teams, "rare": rare(told["wanted"])}

    def _found(self, words: str, viewer: Viewer) -> list[Mapping[str, Any]]:
        """Return the problems that the words may mean; without words, an organisation's own."""
        if words:
            return list(self._service.search(words, "problem", _FOUND, viewer=viewer)["items"])
        if sees_all(viewer) or not viewer.org:
            return []
        kind = (
            "enterprise"
            if viewer.roles and any(role.value == "enterprise" for role in viewer.roles)
            else "school"
        )
        page = {"node": {"kind": kind, "key": viewer.org}}
        own, _ = related(self._service, page, "problems.host", viewer)
        return [{"node": node, "subtitle": ""} for node, _ in own]
