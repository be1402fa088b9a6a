"""How an import goes on, as server-sent events: for a page or a program that waits for the report."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Path
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from api.deps import DepsDep, ServiceDep, ViewerDep
from api.imports import Imports
from api.routers.common import PROBLEMS, text_answer
from api.streams import CountedStream
from kg.policy.rights import demand_loader

router = APIRouter(tags=["records"], responses=PROBLEMS)
MEDIA_TYPE: Final = "text/event-stream"
_EVERY: Final = 0.2
_BEATS: Final = 15 * 60 * 5
"""A stream ends after a quarter of an hour; browsers ask again by themselves."""


@router.get(
    "/imports/{id}/events",
    response_class=StreamingResponse,
    responses={
        200: text_answer(MEDIA_TYPE, "event: progress（进度），最后 event: report（报告）；data 为 JSON")
    },
)
async def import_events(
    deps: DepsDep,
    _: ServiceDep,
    viewer: ViewerDep,
    number: Annotated[str, Path(alias="id", max_length=100, description="导入或批次的编号")],
) -> StreamingResponse:
    """Tell every step of a running import, and its report as the last event; at once if it is done.

    BusyError (429) when the user has too many open.
    """
    demand_loader(viewer)
    first = await run_in_threadpool(deps.imports.report, number)
    deps.streams.enter(viewer.name)
    return CountedStream(_events(deps.imports, number, first), deps.streams, viewer.name, MEDIA_TYPE)


async def _events(imports: Imports, number: str, report: Mapping[str, Any]) -> AsyncIterator[bytes]:
    """Yield an event whenever the step or its count has changed, and the report when it is there."""
    told: Mapping[str, Any] | None = None
    for _ in range(_BEATS):
        if report["status"] != "running":
            yield _event("report", report)
            return
        now = {**report, **imports.progress(number)}
        if now != told:
            told = now
            yield _event("progress", now)
        await asyncio.sleep(_EVERY)
        report = await run_in_threadpool(imports.report, number)


def _event(name: str, data: Mapping[str, Any]) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + orjson.dumps(dict(data)) + b"\n\n"
