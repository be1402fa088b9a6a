"""The quiet line after a decision: what was recorded, and a button that takes it back; in a cookie until the next page.

The cookie only names what to look up: what is told and whether it can be undone is asked of the service, for this viewer.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Request, Response

from kg.decisions.followups import STATES
from kg.errors import KgError
from kg.identity.review_queue import OPEN
from kg.identity.review_queue import STATES as REVIEW_STATES
from kg.model.viewers import Viewer
from kg.service import Service

COOKIE: Final = "jiangtu_done"
UNDO_PATH: Final = "/board/undo"
_SECONDS: Final = 120
_LONGEST: Final = 2000


@dataclass(frozen=True, slots=True)
class Notice:
    """What was done to what; `action` takes it back with `fields` ("" where it cannot be taken back)."""

    what: str
    name: str
    undone: bool = False
    action: str = ""
    fields: tuple[tuple[str, str], ...] = ()


def leave(response: Response, request: Request, *words: str) -> None:
    """Leave word for the next page: ("decision", query, entity), ("review", id); "undone" in front for what was taken back."""
    value = base64.urlsafe_b64encode(json.dumps(words).encode("ascii")).decode("ascii")
    secure = request.url.scheme == "https"
    if len(value) <= _LONGEST:
        response.set_cookie(COOKIE, value, max_age=_SECONDS, httponly=True, samesite="lax", secure=secure)


def found(request: Request, service: Service, viewer: Viewer) -> Notice | None:
    """Return the notice that an earlier answer left for this page; None without one, or where it means nothing."""
    words = _words(request.cookies.get(COOKIE))
    try:
        match words:
            case ["decision", query, entity]:
                return _decided(service.decision(query, entity, viewer=viewer), undone=False)
            case ["undone", query, entity]:
                return _decided(service.decision(query, entity, viewer=viewer), undone=True)
            case ["review", review]:
                return _reviewed(service.review(review, viewer=viewer))
    except KgError:
        return None
    return None


def _words(cookie: str | None) -> list[str]:
    """Return the words of a cookie; whatever somebody else wrote into it is nothing."""
    try:
        words: Any = json.loads(base64.urlsafe_b64decode((cookie or "")[:_LONGEST].encode("ascii")))
    except (binascii.Error, ValueError):
        return []
    return words if isinstance(words, list) and all(isinstance(word, str) for word in words) else []


def _decided(told: dict[str, Any], *, undone: bool) -> Notice | None:
    state, name = told["state"], str(told["name"])
    if state is None:
        return Notice("还没有决定", name, undone=True) if undone else None
    if undone or not told["reversible"]:
        return Notice(STATES[state], name, undone=undone)
    fields = tuple((key, str(told[key])) for key in ("query_id", "entity", "state", "at"))
    return Notice(STATES[state], name, action=UNDO_PATH, fields=fields)


def _reviewed(told: dict[str, Any]) -> Notice:
    first = told["sides"][0]["node"] if told["kind"] == "person" else None
    name = str(first["name"]) if first else str(told.get("text") or told["id"])
    state = str(told["state"])
    if state == OPEN:
        return Notice(REVIEW_STATES[state], name, undone=True)
    return Notice(REVIEW_STATES[state], name, action=f"/reviews/{told['id']}", fields=(("decision", "undo"),))
