"""Body limits and security headers, as plain ASGI middleware: they hold for every route, also the unknown ones."""

import re
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import problem

UPLOAD_BYTES: Final = 200 * 1024 * 1024
BODY_BYTES: Final = 1024 * 1024
_UPLOAD_PATH: Final = re.compile(r"^/(api/v1/)?imports/?$")
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}


class BodyTooLargeError(Exception):
    """The body is over the limit of its route."""


class Guard:
    """Refuses bodies over the limit, also chunked ones without a length, and puts the headers on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def guarded_send(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    if name != "Cache-Control" or not scope["path"].startswith("/static/"):
                        headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, _counted(scope, receive), guarded_send)
        except BodyTooLargeError:
            if started:
                raise
            detail = f"内容超过 {_limit(scope) // 1024 // 1024} MB 的上限，请分成几个文件，或在服务器上用 jiangtu load 装入"
            await problem(413, "too-large", detail)(scope, receive, guarded_send)


def _limit(scope: Scope) -> int:
    return UPLOAD_BYTES if _UPLOAD_PATH.match(scope["path"]) else BODY_BYTES


def _counted(scope: Scope, receive: Receive) -> Receive:
    limit, seen = _limit(scope), 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > limit:
                raise BodyTooLargeError
        return message

    return counted
