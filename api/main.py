"""The web application: `create_app(open_graph(settings))` is the whole set-up."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

from fastapi import APIRouter, Depends, FastAPI
from fastapi.responses import JSONResponse, PlainTextResponse
from starlette.routing import BaseRoute

from api.accounts import Accounts
from api.deps import Deps, known_query, may_upload
from api.errors import problem_of
from api.heads import HeadAsGet
from api.imports import Imports
from api.limits import BodyLimits, Guard
from api.metrics import Measure, Metrics
from api.openapi import complete
from api.pages.mount import mount_pages
from api.refusals import Refusing
from api.routers import (
    decisions,
    exports,
    further,
    history,
    import_events,
    indicators,
    plans,
    recommendations,
    records,
    reviews,
    scenes,
    sources,
    teams,
    views,
)
from api.routers import graph as graph_routes
from api.routers.common import PROBLEM, Documented, text_answer
from api.schemas.answers import HealthShape, ReadyShape
from kg.bootstrap import Graph
from kg.errors import KgError

API = "/api/v1"


def create_app(graph: Graph, *, limits: BodyLimits | None = None) -> FastAPI:
    """Return the application over an open graph; `limits` are the most bytes of a body."""
    deps = Deps(graph, Accounts(graph.ledger, graph.clock), Imports(graph))
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        deps.imports.close()

    app = FastAPI(
        title="匠图 Jiangtu",
        version="1",
        summary="技能人才、技工院校、企业与产业的知识图谱服务",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.deps = deps
    app.router.routes.extend(_interface())
    _add_operations(app, deps, metrics)
    mount_pages(app, deps)
    refusing = Refusing(app, API)
    refusing.install()
    complete(app)
    app.add_middleware(Guard, limits=limits or BodyLimits(), refusals=refusing, may_upload=may_upload)
    app.add_middleware(Measure, metrics=metrics)
    app.add_middleware(HeadAsGet)
    return app


@cache
def _interface() -> tuple[BaseRoute, ...]:
    """Return the routes below `/api/v1`: every application of this process answers by the same, which take a while to make."""
    whole = APIRouter(dependencies=[Depends(known_query)])
    for router in (
        graph_routes.router,
        scenes.router,
        recommendations.router,
        indicators.router,
        decisions.router,
        further.router,
        teams.router,
        history.router,
        import_events.router,
        plans.router,
        exports.router,
        records.router,
        reviews.router,
        views.router,
        sources.router,
    ):
        whole.include_router(router, prefix=API)
    return tuple(whole.routes)


def _add_operations(app: FastAPI, deps: Deps, metrics: Metrics) -> None:
    @app.get(
        "/health", tags=["operations"], response_model=Documented, responses={200: {"model": HealthShape}}
    )
    def health() -> dict[str, str]:
        """Say that the process answers."""
        return {"status": "ok"}

    @app.get(
        "/ready",
        tags=["operations"],
        response_model=Documented,
        responses={200: {"model": ReadyShape}, 503: PROBLEM},
    )
    def ready() -> JSONResponse:
        """Say whether questions can be answered: the store is there and the index is built."""
        try:
            revision = deps.graph.service.world().revision
        except KgError as error:
            return problem_of(error)
        return JSONResponse({"status": "ready", "revision": revision})

    @app.get(
        "/metrics",
        tags=["operations"],
        response_class=PlainTextResponse,
        responses={200: text_answer("text/plain", "Prometheus 0.0.4"), 503: PROBLEM},
    )
    def measured() -> PlainTextResponse:
        """Return counters in Prometheus text form; they hold no names and no keys."""
        return PlainTextResponse(metrics.text(deps.graph.service), media_type="text/plain; version=0.0.4")
