"""What the modules of routes share: the shape of a route, who may open a page, the number of a page."""

from collections.abc import Callable
from typing import Final

from fastapi import Request, Response
from starlette.datastructures import FormData

from kg.errors import InvalidInputError, UnauthenticatedError
from kg.model.viewers import Role, Viewer

Route = tuple[str, str, Callable[[Request, FormData], Response]]
KINDS_OF_PERSONS: Final = frozenset({
    "talent", "certificate", "appointment", "achievement", "honour", "consent", "restriction", "engagement",
})  # fmt: skip


def signed_in(viewer: Viewer) -> Viewer:
    """Return the viewer; raises UnauthenticatedError (which leads to the sign-in page) for the public."""
    if Role.PUBLIC in viewer.roles:
        raise UnauthenticatedError("请先登录，再打开这一页")
    return viewer


def page_number(request: Request, name: str) -> int:
    """Return a page number of the query, 1 where there is none; raises InvalidInputError for other texts."""
    text = request.query_params.get(name) or "1"
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise InvalidInputError("页码应是数字", field=name, value=text)
    return max(1, int(text))
