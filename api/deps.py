"""What every route may ask for: the open graph, and who is asking."""

import hmac
from dataclasses import dataclass, field
from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import Depends, Query, Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from starlette.types import Scope

from api.accounts import Accounts
from api.imports import Imports
from api.streams import OpenStreams
from kg.bootstrap import Graph
from kg.errors import ForbiddenError, UnauthenticatedError
from kg.model.viewers import PUBLIC_VIEWER, Viewer
from kg.policy.rights import may_load
from kg.service import Service

COOKIE: Final = "jiangtu_session"
CSRF_HEADER: Final = "x-csrf-token"
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Deps:
    """The parts a running service is made of."""

    graph: Graph
    accounts: Accounts
    imports: Imports
    streams: OpenStreams = field(default_factory=OpenStreams)


def deps_of(request: Request) -> Deps:
    """Return the parts of the running service."""
    found = request.app.state.deps
    assert isinstance(found, Deps)
    return found


def session_of(request: Request) -> str | None:
    """Return the session token of the cookie."""
    return request.cookies.get(COOKIE)


def csrf_token(deps: Deps, session: str | None) -> str:
    """Return the token that forms of this session carry; another session cannot make it."""
    return deps.graph.sealer.token("csrf", session or "none")


def csrf_holds(deps: Deps, request: Request, given: str | None) -> bool:
    """True when the form or header carries the token of the session, and the browser names no other site."""
    if (
        given is None
        or request.headers.get("sec-fetch-site") == "cross-site"
        or not _from_here(deps, request)
    ):
        return False
    return hmac.compare_digest(given.encode(), csrf_token(deps, session_of(request)).encode())


def _from_here(deps: Deps, request: Request) -> bool:
    """True unless the browser names another site as the origin: before signing in, all visitors share one token."""
    origin = request.headers.get("origin")
    if origin is None:
        return True
    ours = (request.headers.get("host"), request.headers.get("x-forwarded-host"), _public_host(deps))
    host = origin.partition("://")[2]
    return bool(host) and host in ours


def _public_host(deps: Deps) -> str | None:
    return urlsplit(deps.graph.settings.public_url or "").netloc or None


def page_viewer(request: Request) -> Viewer:
    """Return who asks for a page: the session's user, else the public."""
    session = session_of(request)
    found = deps_of(request).accounts.viewer_of_session(session) if session else None
    return found or PUBLIC_VIEWER


def viewer_of(request: Request) -> Viewer:
    """Return who asks a JSON route: bearer token, else session cookie (unsafe methods need its CSRF token), else public."""
    header = request.headers.get("authorization")
    if header is not None:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise UnauthenticatedError("登录信息的写法不对，应为 Authorization: Bearer 令牌")
        return deps_of(request).accounts.viewer_of_token(token.strip())
    viewer = page_viewer(request)
    by_cookie = viewer is not PUBLIC_VIEWER and request.method not in _SAFE_METHODS
    if by_cookie and not csrf_holds(deps_of(request), request, request.headers.get(CSRF_HEADER)):
        raise ForbiddenError(f"请求缺少防伪标记：网页程序请带上 {CSRF_HEADER}，其他程序请用令牌", code="csrf")
    return viewer


def service_of(
    request: Request,
    min_revision: Annotated[int | None, Query(ge=0, description="答案至少要反映到的修订号")] = None,
) -> Service:
    """Return the service, its index not older than `min_revision`."""
    service = deps_of(request).graph.service
    if min_revision is not None:
        service.world(min_revision=min_revision)
    return service


def known_query(request: Request) -> None:
    """Refuse a query parameter that the route does not have: a misspelt `min_revision` is told, never left out."""
    if not request.query_params:
        return
    unknown = sorted(set(request.query_params) - _query_names(request.scope["route"].dependant))
    if unknown:
        raise RequestValidationError([
            {"type": "extra_forbidden", "loc": ("query", name)} for name in unknown
        ])


def _query_names(dependant: Dependant) -> set[str]:
    """Return the query parameters of a route and of all that it depends on."""
    names = {parameter.alias for parameter in dependant.query_params}
    return names.union(*(_query_names(one) for one in dependant.dependencies))


ViewerDep = Annotated[Viewer, Depends(viewer_of)]
ServiceDep = Annotated[Service, Depends(service_of)]
DepsDep = Annotated[Deps, Depends(deps_of)]


def may_upload(scope: Scope) -> bool:
    """True when a request comes from somebody who may import; asked before its body is read."""
    try:
        return may_load(viewer_of(Request({**scope, "method": "GET"})))
    except UnauthenticatedError:
        return False
