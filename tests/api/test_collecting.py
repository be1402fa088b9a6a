"""Reference cycles are collected between answers, not in mid-question."""

import asyncio
import gc
from collections.abc import Awaitable, Callable

import pytest
from starlette.types import Message, Receive, Scope, Send

from api import collecting
from api.collecting import CollectWhenQuiet

MANY, FEW = 10**6, 10


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The generations that were looked at; there are always many new objects."""
    found = list[int]()
    monkeypatch.setattr(collecting, "_QUIET", 0.0)
    monkeypatch.setattr(gc, "get_count", lambda: (MANY, 0, 0))
    monkeypatch.setattr(gc, "collect", found.append)
    return found


async def receive() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def ask(app: CollectWhenQuiet, kind: str = "http") -> None:
    async def send(message: Message) -> None: ...

    await app({"type": kind, "path": "/"}, receive, send)


def answering(until: Callable[[], Awaitable[object]], *, first: bytes | None = None) -> CollectWhenQuiet:
    """Return an application that sends the `first` part of its answer, waits, and sends the rest."""

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        if first is not None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": first, "more_body": True})
        await until()
        await send({"type": "http.response.body", "body": b""})

    return CollectWhenQuiet(app)


async def a_while() -> None:
    """Let everything run that is due."""
    for _ in range(20):
        await asyncio.sleep(0)


def test_nothing_is_collected_while_somebody_waits(looks: list[int]) -> None:
    async def story() -> None:
        held, free = asyncio.Event(), asyncio.Event()
        events = iter((held, free))
        app = answering(lambda: next(events).wait())
        first, second = asyncio.create_task(ask(app)), asyncio.create_task(ask(app))
        await a_while()
        free.set()
        await second
        await a_while()
        assert looks == []
        held.set()
        await first
        await a_while()
        assert looks == [0]

    asyncio.run(story())


def test_a_question_that_comes_at_once_puts_it_off(looks: list[int]) -> None:
    async def story() -> None:
        held = asyncio.Event()
        asked = iter((asyncio.sleep, lambda _: held.wait()))
        app = answering(lambda: next(asked)(0))
        await ask(app)
        following = asyncio.create_task(ask(app))
        await a_while()
        assert looks == []
        held.set()
        await following
        await a_while()
        assert looks == [0]

    asyncio.run(story())


def test_who_follows_a_stream_waits_for_its_beginning_only(looks: list[int]) -> None:
    async def story() -> None:
        end = asyncio.Event()
        stream = asyncio.create_task(ask(answering(end.wait, first=b"data: 1")))
        await a_while()
        assert looks == [0]
        end.set()
        await stream
        await a_while()
        assert looks == [0]

    asyncio.run(story())


def test_an_answer_that_fails_is_no_longer_waited_for(looks: list[int]) -> None:
    async def fails() -> None:
        raise LookupError("gone")

    async def story() -> None:
        with pytest.raises(LookupError, match="gone"):
            await ask(answering(fails))
        await a_while()
        assert looks == [0]

    asyncio.run(story())


@pytest.mark.parametrize(
    ("counts", "looked"), [((FEW, 99, 0), []), ((MANY, 0, 0), [0]), ((MANY, 99, 0), [1])]
)
def test_only_what_is_worth_it_is_looked_at(
    looks: list[int], monkeypatch: pytest.MonkeyPatch, counts: tuple[int, int, int], looked: list[int]
) -> None:
    async def story() -> None:
        await ask(answering(a_while))
        await a_while()

    monkeypatch.setattr(gc, "get_count", lambda: counts)
    asyncio.run(story())
    assert looks == looked


def test_start_and_end_of_the_service_pass_through(looks: list[int]) -> None:
    async def story() -> None:
        await ask(answering(a_while), kind="lifespan")
        await a_while()

    asyncio.run(story())
    assert looks == []
