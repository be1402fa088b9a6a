"""Requests by route, method and status with their durations, for /metrics (Prometheus text form)."""

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kg.service import Service

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})


class Metrics:
    """The counters of one running service; its own registry, so two services in one process do not mix."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        labels = ("route", "method", "status")
        self._requests = Counter("jiangtu_requests", "Requests answered", labels, registry=self._registry)
        self._seconds = Histogram(
            "jiangtu_request_seconds", "Seconds a request took", ("route",), registry=self._registry
        )
        self._revision = Gauge("jiangtu_revision", "Newest published revision", registry=self._registry)
        self._index = Gauge("jiangtu_index_revision", "Revision of the index in use", registry=self._registry)

    def record(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self, service: Service) -> bytes:
        """Return the exposition text."""
        self._revision.set(service.revision())
        self._index.set(service.index_revision)
        return generate_latest(self._registry)


class Measure:
    """ASGI middleware that feeds `Metrics`; a route is named by its pattern, never by what was asked."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start, status = time.perf_counter(), 500

        async def watching(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watching)
        finally:
            route = getattr(scope.get("route"), "path", "unknown")
            method = (
                scope["method"] if scope["method"] in _METHODS else "other"
            )  # callers can make up any number
            self._metrics.record(route, method, status, time.perf_counter() - start)
