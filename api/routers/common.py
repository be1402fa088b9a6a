"""What all JSON routers share."""

from typing import Any, Final

from api.schemas.answers import Problem

PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": Problem, "content": {"application/problem+json": {}}}
    for status in (401, 403, 404, 409, 413, 422, 503)
}
Documented: Final = None
"""Answers are JSON-ready already: documented by a model, not validated again on the way out."""
