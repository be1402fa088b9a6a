"""Reference cycles are collected while nobody waits: in mid-question, a collection can take as long as the question."""

import asyncio
import gc
from typing import Final

from starlette.applications import Starlette
from starlette.types import ASGIApp, Message, Receive, Scope, Send

AT_THE_LATEST: Final = (100_000, 20, 1_000)
"""When the collector looks of itself (`gc.set_threshold`): a service that is never quiet is to be collected, too."""
_WORTH: Final = 20_000
"""So many new objects are worth a look; older ones are looked at after so many looks:"""
_OLDER: Final = 20
_QUIET: Final = 0.02
"""Seconds without a request after which nobody is taken to wait."""


def collect_between_answers(app: Starlette) -> None:
    """Let cycles in this process be collected when nobody waits for an answer of `app`, or much later."""
    gc.set_threshold(*AT_THE_LATEST)
    app.add_middleware(CollectWhenQuiet)


class CollectWhenQuiet:
    """ASGI middleware that lets the collector look at new objects when the last answer under way has been sent."""

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._waiting = app, 0
        self._due: asyncio.TimerHandle | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request; whoever follows a stream waits for its beginning only."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        waits = True

        def answered() -> None:
            nonlocal waits
            if waits:
                waits = False
                self._answered()

        async def told(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.body":
                answered()

        self._waiting += 1
        try:
            await self._app(scope, receive, told)
        finally:
            answered()

    def _answered(self) -> None:
        self._waiting -= 1
        if not self._waiting:
            if self._due is not None:
                self._due.cancel()
            self._due = asyncio.get_running_loop().call_later(_QUIET, self._collect)

    def _collect(self) -> None:
        new, looks, _ = gc.get_count()
        if not self._waiting and new >= _WORTH:
            gc.collect(1 if looks >= _OLDER else 0)
