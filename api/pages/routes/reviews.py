"""Identity questions: both records side by side, what speaks for and against one person, three buttons."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from api.pages.frame import notices
from api.pages.frame.rendering import Pages
from api.pages.parts.forms import Form
from api.pages.parts.links import with_params
from api.pages.routes.shared import Route, signed_in
from api.pages.views.identities import HALF, bars, compared_rows
from kg.errors import KgError
from kg.identity.review_queue import AUTOMATIC, DECISIONS, KINDS, OPEN, STATES

Json = dict[str, Any]
_PATH: Final = "/reviews"
_PERSON: Final = "/nodes/talent/"
_FIELDS: Final = ("decision", "choice", "note")
_SHOWN: Final = 10
_ALL: Final = "all"
_STEPS: Final = {"merge": "合并", "apart": "分开", "later": "稍后", "undo": "撤回", "confirm": "确认"}


def routes(pages: Pages) -> list[Route]:
    """Return (method, path, handler) of this module."""
    reviews = _Reviews(pages)
    return [
        ("GET", _PATH, reviews.show),
        ("POST", _PATH, reviews.compare),
        ("POST", f"{_PATH}/exact", reviews.confirm),
        ("GET", f"{_PATH}/{{review}}", reviews.one),
        ("POST", f"{_PATH}/{{review}}", reviews.decide),
    ]


class _Reviews:
    def __init__(self, pages: Pages) -> None:
        self._pages, self._deps, self._service = pages, pages.deps, pages.deps.service

    def show(self, request: Request, _: FormData) -> Response:
        return self._show(request, Form(_FIELDS))

    def compare(self, request: Request, _: FormData) -> Response:
        """Compare all registers anew and say what was found."""
        viewer = signed_in(self._deps.viewer_of(request))
        try:
            told = self._service.find_identities(viewer=viewer)
        except KgError as error:
            return self._show(request, Form(_FIELDS).with_error(error))
        return self._show(request, Form(_FIELDS), told=told)

    def confirm(self, request: Request, _: FormData) -> Response:
        """Confirm all names that are the full name of one organisation, and say what that was."""
        viewer = signed_in(self._deps.viewer_of(request))
        try:
            confirmed = self._service.confirm_exact(viewer=viewer)
        except KgError as error:
            return self._show(request, Form(_FIELDS).with_error(error))
        return self._show(request, Form(_FIELDS), confirmed=confirmed)

    def one(self, request: Request, _: FormData) -> Response:
        return self._one(request, Form(_FIELDS))

    def decide(self, request: Request, fields: FormData) -> Response:
        """Decide a question; the list that it stood in is shown again."""
        viewer = signed_in(self._deps.viewer_of(request))
        form = Form(_FIELDS, tuple((name, str(fields.get(name) or "")) for name in _FIELDS))
        try:
            self._service.decide_review(
                str(request.path_params["review"]),
                form.value("decision"),
                viewer=viewer,
                choice=form.value("choice") or None,
                note=form.value("note"),
            )
        except KgError as error:
            if error.code == "not-found" or not isinstance(error.fields, Mapping):
                raise
            return self._one(request, form.with_error(error))
        answer = RedirectResponse(_back(str(fields.get("next") or "")), status_code=303)
        notices.leave(answer, request, "review", str(request.path_params["review"]))
        return answer

    def _show(
        self, request: Request, form: Form, told: Json | None = None, confirmed: Json | None = None
    ) -> Response:
        viewer = signed_in(self._deps.viewer_of(request))
        state, kind = request.query_params.get("state") or OPEN, request.query_params.get("kind") or None
        cursor = request.query_params.get("cursor") or None
        found = self._service.reviews(
            viewer=viewer, state=None if state == _ALL else state, kind=kind, limit=_SHOWN, cursor=cursor
        )
        more = found["cursor"]
        return self._render(
            request,
            form,
            found["items"],
            found=found,
            state=state,
            kind=kind,
            told=told,
            confirmed=confirmed,
            exact=self._service.exact_names(viewer=viewer),
            first=int(cursor or 0),
            state_href=lambda name: with_params(_PATH, (), state=name, kind=kind),
            kind_href=lambda name: with_params(_PATH, (), state=state, kind=name),
            more_href=None if more is None else with_params(_PATH, (), state=state, kind=kind, cursor=more),
        )

    def _one(self, request: Request, form: Form) -> Response:
        viewer = signed_in(self._deps.viewer_of(request))
        item = self._service.review(str(request.path_params["review"]), viewer=viewer)
        return self._render(request, form, [item], found=None, item=item, steps=_STEPS)

    def _render(self, request: Request, form: Form, items: Sequence[Json], **context: Any) -> Response:
        shown = [
            {**item, "bars": bars(item["weights"]), "lines": compared_rows(item["sides"])}
            if item["kind"] == "person"
            else item
            for item in items
        ]
        tables = {table.key: table.zh for table in self._deps.schema.tables}
        context |= {
            "items": shown,
            "labels": STATES,
            "kinds": KINDS,
            "tables": tables,
            "half": HALF,
            "automatic": AUTOMATIC,
        }
        status = 422 if form.errors else 200
        return self._pages.render(
            request,
            "reviews.html",
            status=status,
            section=_PATH,
            form=form,
            choices=tuple(DECISIONS),
            **context,
        )


def _back(path: str) -> str:
    """Return the list to go back to, or the page of the person on which it was decided; else the open questions.

    The place in it is kept: what stood behind the decided question stands there now, and takes the focus.
    """
    own = path.partition("#")[0] == _PATH or path.startswith((f"{_PATH}?", _PERSON))
    return path if own else _PATH
