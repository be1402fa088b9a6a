"""The web application: `create_app(open_graph(settings))` is the whole set-up."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from starlette.exceptions import HTTPException

from api.accounts import Accounts
from api.deps import Deps
from api.errors import TITLES, problem, problem_of, status_of
from api.imports import Imports
from api.limits import Guard
from api.metrics import Measure, Metrics
from api.pages.errors import error_page
from api.pages.mount import mount_pages
from api.routers import graph as graph_routes
from api.routers import recommendations, records
from kg.bootstrap import Graph
from kg.errors import KgError

_LOG = logging.getLogger("jiangtu")
API = "/api/v1"


def create_app(graph: Graph) -> FastAPI:
    """Return the application over an open graph."""
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
    for router in (graph_routes.router, recommendations.router, records.router):
        app.include_router(router, prefix=API)
    _add_operations(app, deps, metrics)
    mount_pages(app, deps)
    _add_error_handlers(app)
    app.add_middleware(Measure, metrics=metrics)
    app.add_middleware(Guard)
    return app


def _add_operations(app: FastAPI, deps: Deps, metrics: Metrics) -> None:
    @app.get("/health", tags=["operations"])
    def health() -> dict[str, str]:
        """Say that the process answers."""
        return {"status": "ok"}

    @app.get("/ready", tags=["operations"])
    def ready() -> JSONResponse:
        """Say whether questions can be answered: the store is there and the index is built."""
        try:
            revision = deps.graph.service.world().revision
        except KgError as error:
            return problem_of(error)
        return JSONResponse({"status": "ready", "revision": revision})

    @app.get("/metrics", tags=["operations"], response_class=PlainTextResponse)
    def measured() -> PlainTextResponse:
        """Return counters in Prometheus text form; they hold no names and no keys."""
        return PlainTextResponse(metrics.text(deps.graph.service), media_type="text/plain; version=0.0.4")


def _add_error_handlers(app: FastAPI) -> None:
    """Turn every refusal into a problem document, or into a page for those who asked for one."""

    def answer(request: Request, status: int, plain: JSONResponse, detail: str) -> Response:
        wants_page = not request.url.path.startswith(API) and "text/html" in request.headers.get("accept", "")
        return error_page(request, status, detail) if wants_page else plain

    @app.exception_handler(KgError)
    def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, KgError)
        return answer(request, status_of(error), problem_of(error), error.message)

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        found = [
            {"field": ".".join(str(part) for part in one["loc"][1:]), "code": one["type"]}
            for one in error.errors()
        ]
        names = "、".join(sorted({one["field"] or "内容" for one in found}))
        detail = f"这些填写项不对：{names}。请改正后再试"
        return answer(request, 422, problem(422, "invalid-input", detail, {"errors": found}), detail)

    @app.exception_handler(HTTPException)
    def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        status = error.status_code
        code = HTTPStatus(status).phrase.lower().replace(" ", "-")
        detail = (
            "没有这个地址，请检查，或从首页重新进入" if status == 404 else TITLES.get(status, "请求未完成")
        )
        return answer(request, status, problem(status, code, detail), detail)

    @app.exception_handler(Exception)
    def broken(request: Request, error: Exception) -> Response:
        _LOG.error(
            "unexpected %s on %s",
            type(error).__name__,
            getattr(request.scope.get("route"), "path", "?"),
            exc_info=error,
        )
        detail = "服务内部出错，已记入日志；请稍后再试，仍不行请联系管理员"
        return answer(request, 500, problem(500, "internal-error", detail), detail)
