"""联合攻关: choose a technical problem, see the smallest team that covers it, who covers what, and what else would do."""

from collections.abc import Mapping
from typing import Any, Final

from fastapi import Request, Response
from starlette.datastructures import FormData

from api.pages.frame.rendering import Pages
from api.pages.parts.forms import PROBLEM_FIELDS, Form, day, inline_problem, prefilled
from api.pages.parts.links import with_params
from api.pages.routes.answers import asker
from api.pages.routes.shared import Route
from api.pages.views import forms
from api.pages.views.organisations import related
from api.pages.views.questions import talent_head
from api.pages.views.teams import board, rare
from kg.errors import InvalidInputError
from kg.model.viewers import Viewer
from kg.policy.rights import sees_all

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
        pairs = request.query_params.multi_items()
        form = prefilled(PROBLEM_FIELDS, pairs)
        words = form.value("q").strip()[:200]
        context: dict[str, Any] = {"told": None, "problem": None, "typed": None, "teams": (), "rare": ()}
        try:
            context |= self._told(form, viewer)
        except InvalidInputError as error:
            if form.value("problem"):
                context["problem"] = self._service.node("problem", form.value("problem"), viewer=viewer)
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
            officer=sees_all(viewer),
            picks=forms.picks(self._service, form, pairs, viewer, _PATH),
            **context,
        )

    def _told(self, form: Form, viewer: Viewer) -> dict[str, Any]:
        """Return the teams for a registered problem or a typed one; nothing where neither was asked."""
        key = form.value("problem")
        if key:
            told = self._service.team(key, viewer=viewer, as_of=day(form))
            asked: dict[str, Any] = {"problem": self._service.node("problem", key, viewer=viewer)}
        elif form.value("inline"):
            told = self._service.team(viewer=viewer, as_of=day(form), inline=inline_problem(form))
            asked = {"typed": talent_head(told, self._service, viewer)}
        else:
            return {}
        teams = [board(team, told["wanted"], number) for number, team in enumerate(told["teams"], start=1)]
        return {"told": told, "teams": teams, "rare": rare(told["wanted"]), **asked}

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
