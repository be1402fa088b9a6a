"""Body limits, security headers and the last net for errors, as plain ASGI middleware: for every route, also unknown ones."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_UPLOAD_PATH: Final = re.compile(r"^/(?:(?:api/v1/)?imports|check)/?$")
_DRAIN_BYTES: Final = 512 * 1024 * 1024
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """Most bytes of a body: uploads of those who show a sign-in, and everything else (`files.md` S36)."""

    upload: int = 200 * 1024 * 1024
    other: int = 1024 * 1024

    def of(self, scope: Scope, *, may_upload: Callable[[Scope], bool]) -> int:
        """Return the limit of a request; who may not import cannot make the service take in large files."""
        return self.upload if _UPLOAD_PATH.match(scope["path"]) and may_upload(scope) else self.other


class BodyTooLargeError(Exception):
    """The body is over the limit of its route."""


class BrokenOffError(Exception):
    """An answer failed after its first byte: why stands in the log, the server gets to know no value."""


class Refusals(Protocol):
    """Makes the answers that the guard gives itself: a problem document, or a page for those who asked for one."""

    def too_large(self, scope: Scope, limit: int) -> Response:
        """Return the answer to a body over the limit (bytes)."""
        ...

    def broken(self, scope: Scope, error: Exception) -> Response:
        """Return the answer to an error that nothing else has caught."""
        ...

    def broken_off(self, scope: Scope, error: Exception) -> None:
        """Note an error in an answer that is on its way already."""
        ...


class Guard:
    """Refuses bodies over the limit, also chunked ones without a length; puts the headers on every answer."""

    def __init__(
        self, app: ASGIApp, limits: BodyLimits, refusals: Refusals, may_upload: Callable[[Scope], bool]
    ) -> None:
        self._app, self._limits, self._refusals, self._may_upload = app, limits, refusals, may_upload

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limits.of(scope, may_upload=self._may_upload)
        body, answer = _Body(receive, limit), _Answer(scope, send)
        if _declared(scope) > limit:
            await self._too_large(scope, body, answer)
            return
        try:
            await self._app(scope, body.receive, lambda message: _pass(message, body, answer))
        except BodyTooLargeError:
            pass
        except Exception as error:
            if answer.started:
                self._refusals.broken_off(scope, error)
                raise BrokenOffError from None  # the server logs it, and closes the connection
            if not body.over:
                await self._refusals.broken(scope, error)(scope, receive, answer.send)
        if body.over and not answer.started:
            await self._too_large(scope, body, answer)

    async def _too_large(self, scope: Scope, body: "_Body", answer: "_Answer") -> None:
        """Read the rest and throw it away, so that ordinary clients get to read the answer."""
        await body.drain()
        await self._refusals.too_large(scope, body.limit)(scope, body.receive, answer.send)


class _Body:
    """Counts what comes in; `over` once it is more than the limit."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive, self.limit = receive, limit
        self._seen, self._ended, self.over = 0, False, False

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._seen += len(message.get("body", b""))
            self._ended = not message.get("more_body", False)
            if self._seen > self.limit:
                self.over = True
                raise BodyTooLargeError
        else:
            self._ended = True
        return message

    async def drain(self) -> None:
        while not self._ended and self._seen < self.limit + _DRAIN_BYTES:
            message = await self._receive()
            self._seen += len(message.get("body", b""))
            self._ended = message["type"] != "http.request" or not message.get("more_body", False)


class _Answer:
    """Puts the headers on the start of an answer."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._path, self._send, self.started = scope["path"], send, False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                if name != "Cache-Control" or not self._path.startswith("/static/"):
                    headers.setdefault(name, value)
        await self._send(message)


async def _pass(message: Message, body: _Body, answer: _Answer) -> None:
    """Pass an answer on, but not what a framework says about a body that was cut off: 413 follows."""
    if answer.started or not body.over:
        await answer.send(message)


def _declared(scope: Scope) -> int:
    text = Headers(scope=scope).get("content-length", "0")
    return int(text) if text.isascii() and text.isdigit() else 0
