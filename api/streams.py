"""How many answers that stay open each user has: a stream holds a connection and asks the store again and again."""

from collections import Counter
from collections.abc import AsyncIterator
from threading import Lock
from typing import Final

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from kg.errors import BusyError

MOST_OPEN: Final = 8
"""Streams of one user at a time, in each process of the service; a browser opens one for each import on show."""
_WAIT_SECONDS: Final = 5


class OpenStreams:
    """Counts the open streams of each user."""

    def __init__(self, most: int = MOST_OPEN) -> None:
        self._most, self._open, self._lock = most, Counter[str](), Lock()

    def enter(self, name: str) -> None:
        """Count one more; BusyError when the user has too many."""
        with self._lock:
            if self._open[name] >= self._most:
                text = f"您同时打开的进度太多（最多 {self._most} 个），请关闭几个页面，或过几秒再看"
                raise BusyError(text, code="too-many-streams", retry_after=_WAIT_SECONDS)
            self._open[name] += 1

    def leave(self, name: str) -> None:
        """Count one less."""
        with self._lock:
            self._open[name] -= 1
            if self._open[name] <= 0:
                del self._open[name]

    def of(self, name: str) -> int:
        """Return how many streams of a user are open."""
        with self._lock:
            return self._open[name]


class CountedStream(StreamingResponse):
    """A stream that is counted until it has ended, however it ends; the one who makes it has entered it."""

    def __init__(
        self, content: AsyncIterator[bytes], streams: OpenStreams, name: str, media_type: str
    ) -> None:
        super().__init__(content, media_type=media_type)
        self._streams, self._name = streams, name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the stream."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._streams.leave(self._name)
