"""Turns every refusal into a problem document, or into a page for those who asked for one."""

import logging
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import Scope

from api.errors import ADVICE, TITLES, invalid_fields, problem, problem_of
from api.pages.frame.errors import error_page
from kg.errors import KgError, trail

_LOG = logging.getLogger("jiangtu")
_BROKEN = "服务内部出错，已记入日志；请稍后再试，仍不行请联系管理员"


class Refusing:
    """The refusals of one application; paths under `api` never get a page."""

    def __init__(self, app: FastAPI, api: str) -> None:
        self._app, self._api = app, api

    def install(self) -> None:
        """Answer every known kind of refusal."""
        self._app.add_exception_handler(KgError, self._refused)
        self._app.add_exception_handler(RequestValidationError, self._invalid)
        self._app.add_exception_handler(HTTPException, self._http)

    def too_large(self, scope: Scope, limit: int) -> Response:
        """Return the answer to a body over the limit (bytes)."""
        size = f"{limit // 1024 // 1024} MB" if limit >= 1024 * 1024 else f"{limit} 字节"
        detail = f"内容超过 {size} 的上限，请分成几个文件，或在服务器上用 jiangtu load 装入"
        return self._answer(
            Request({**scope, "app": self._app}), problem(413, "too-large", detail, {"limit": limit}), detail
        )

    def broken(self, scope: Scope, error: Exception) -> Response:
        """Return the answer to an error that nothing else has caught; only the log gets to know more."""
        route = getattr(scope.get("route"), "path", "?")
        _LOG.error("unexpected %s on %s: %s", type(error).__name__, route, trail(error))
        plain = problem(500, "internal-error", _BROKEN)
        try:
            return self._answer(Request({**scope, "app": self._app}), plain, _BROKEN)
        except Exception:  # the page itself may be what is broken
            return plain

    def broken_off(self, scope: Scope, error: Exception) -> None:
        """Note an error in an answer that is on its way already; nobody can be told any more."""
        route = getattr(scope.get("route"), "path", "?")
        _LOG.error("answer broken off on %s: %s", route, trail(error))

    def _answer(self, request: Request, plain: JSONResponse, detail: str) -> Response:
        path, accepts = request.url.path, request.headers.get("accept", "")
        wants_page = not path.startswith(self._api) and "text/html" in accepts
        return error_page(request, plain.status_code, detail) if wants_page else plain

    def _refused(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, KgError)
        return self._answer(request, problem_of(error), error.message)

    def _invalid(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        detail, fields = invalid_fields(error.errors())
        return self._answer(request, problem(422, "invalid-input", detail, fields), detail)

    def _http(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        status = error.status_code
        code = HTTPStatus(status).phrase.lower().replace(" ", "-")
        detail = ADVICE.get(status) or TITLES.get(status, "请求未完成")
        return self._answer(request, problem(status, code, detail, headers=error.headers), detail)
