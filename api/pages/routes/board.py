"""The follow-up board: what was recommended, decided, contacted, agreed, and what became of it."""

from typing import Any, Final

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from api.pages.frame import notices
from api.pages.frame.rendering import Pages
from api.pages.parts.forms import Form
from api.pages.routes.shared import Route, signed_in
from api.pages.views.asked import about, as_then
from kg.decisions.followups import NEXT, REASONS, STATES
from kg.errors import InvalidInputError, RefusedError
from kg.vocab.modes import COOPERATION_MODES, ENGAGEMENT_MODES

_PATH: Final = "/board"
_FIELDS: Final = (
    "query_id", "entity", "state", "reason", "note", "mode", "valid_from", "valid_to", "hours_per_week", "trips", "seats",
)  # fmt: skip
_TERMS: Final = ("mode", "valid_from", "valid_to")
_NUMBERS: Final = ("hours_per_week", "trips", "seats")
_SHOWN: Final = 200


def routes(pages: Pages) -> list[Route]:
    """Return (method, path, handler) of this module."""
    board = _Board(pages)
    return [
        ("GET", _PATH, board.show),
        ("POST", _PATH, board.decide),
        ("POST", notices.UNDO_PATH, board.undo),
    ]


class _Board:
    def __init__(self, pages: Pages) -> None:
        self._pages, self._deps = pages, pages.deps

    def show(self, request: Request, _: FormData) -> Response:
        return self._show(request, Form(_FIELDS))

    def decide(self, request: Request, fields: FormData) -> Response:
        """Take a step; where it came from a list, that list is shown again."""
        viewer = signed_in(self._deps.viewer_of(request))
        pairs = tuple((name, str(fields.get(name) or "")) for name in _FIELDS)
        form = Form(_FIELDS, pairs)
        try:
            self._deps.service.decide(
                form.value("query_id"),
                form.value("entity"),
                form.value("state"),
                viewer=viewer,
                reason=form.value("reason") if form.value("state") != "adopted" else "",
                note=form.value("note"),
                terms=_terms(form) if form.value("state") == "agreed" else None,
            )
        except (InvalidInputError, RefusedError) as error:
            return self._show(request, form.with_error(error))
        answer = RedirectResponse(_back(str(fields.get("next") or "")), status_code=303)
        notices.leave(answer, request, "decision", form.value("query_id"), form.value("entity"))
        return answer

    def undo(self, request: Request, fields: FormData) -> Response:
        """Take the last step of one item back, if it is still the last one."""
        viewer = signed_in(self._deps.viewer_of(request))
        query, entity, state, at = (
            str(fields.get(name) or "") for name in ("query_id", "entity", "state", "at")
        )
        try:
            self._deps.service.take_back_decision(query, entity, viewer=viewer, state=state, at=at)
        except RefusedError as error:
            return self._show(request, Form(_FIELDS).with_error(error))
        answer = RedirectResponse(_back(str(fields.get("next") or "")), status_code=303)
        notices.leave(answer, request, "undone", query, entity)
        return answer

    def _show(self, request: Request, form: Form) -> Response:
        viewer = signed_in(self._deps.viewer_of(request))
        state = request.query_params.get("state") or None
        found = self._deps.service.decisions(viewer=viewer, state=state, limit=_SHOWN)
        context: dict[str, Any] = {
            "found": found,
            "state": state,
            "next_states": NEXT,
            "labels": STATES,
            "reasons": REASONS,
            "modes": {"talents": ENGAGEMENT_MODES, "partners": COOPERATION_MODES},
            "form": form,
            "about": lambda record: about(self._deps.service, record["question"], viewer),
            "as_then": as_then,
        }
        status = 422 if form.errors else 200
        return self._pages.render(request, "board.html", status=status, section=_PATH, **context)


def _terms(form: Form) -> dict[str, Any]:
    terms: dict[str, Any] = {name: form.value(name) or None for name in _TERMS}
    for name in _NUMBERS:
        text = form.value(name).strip()
        if not text:
            continue
        try:
            number = float(text)
        except ValueError as error:
            raise InvalidInputError("应是数字", field=name, value=text) from error
        terms[name] = int(number) if number.is_integer() else number
    return {name: value for name, value in terms.items() if value is not None}


def _back(path: str) -> str:
    """Return the page to go back to: one of this site, else the board."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else _PATH
