"""The router of all pages. Every page works without a script; refusals are pages too."""

from collections.abc import AsyncIterator, Callable
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from api.pages.frame.errors import refusal
from api.pages.frame.rendering import STATIC, Pages
from api.pages.routes import (
    account,
    answers,
    board,
    checking,
    compare,
    districts,
    explorer,
    gaps,
    history,
    imports,
    mapping,
    nodes,
    planning,
    plans,
    reviews,
    search,
    start,
    teams,
)
from kg.errors import KgError, NotFoundError

_TYPES: Final = {
    "jiangtu.css": "text/css; charset=utf-8",
    "desk.css": "text/css; charset=utf-8",
    "desk.js": "text/javascript; charset=utf-8",
    "mark.svg": "image/svg+xml",
    "import_progress.js": "text/javascript; charset=utf-8",
}
_MODULES: Final = (
    account,
    answers,
    board,
    checking,
    compare,
    explorer,
    gaps,
    search,
    history,
    mapping,
    imports,
    districts,
    nodes,
    planning,
    plans,
    reviews,
    start,
    teams,
)
Handler = Callable[[Request, FormData], Response]


def router_of(pages: Pages) -> APIRouter:
    """Return the router of an existing frame (the one that error pages of the application use, too)."""
    router = APIRouter(include_in_schema=False)
    for module in _MODULES:
        for method, path, handler in module.routes(pages):
            router.add_api_route(path, _guarded(pages, handler), methods=[method], response_model=None)
            pages.paths.add(path)
    router.add_api_route("/static/{name}", _guarded(pages, _static), methods=["GET"], response_model=None)
    return router


async def _form(request: Request) -> AsyncIterator[FormData]:
    """Yield the fields of a form; its files are closed when the answer is out."""
    if request.method != "POST":
        yield FormData()
        return
    async with request.form() as form:
        yield form


def _guarded(pages: Pages, handler: Handler) -> Callable[..., Response]:
    """Return an endpoint that answers a refusal with its page; handlers run in a thread of their own."""

    def endpoint(request: Request, form: Annotated[FormData, Depends(_form)]) -> Response:
        try:
            if request.method == "POST":
                pages.deps.check_csrf(request, str(form.get("csrf") or ""))
            return handler(request, form)
        except KgError as error:
            return refusal(pages, request, error)

    return endpoint


def _static(request: Request, _: FormData) -> Response:
    name = str(request.path_params["name"])
    if name not in _TYPES:
        raise NotFoundError("没有这个文件")
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
    return Response((STATIC / name).read_bytes(), media_type=_TYPES[name], headers=headers)
