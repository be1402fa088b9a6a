"""HTTP status of every refusal, and its RFC 9457 problem document."""

from collections.abc import Mapping
from typing import Final

from fastapi.responses import JSONResponse

from kg import errors

STATUS: Final[Mapping[type[errors.KgError], int]] = {
    errors.InvalidInputError: 422,
    errors.NotFoundError: 404,
    errors.ForbiddenError: 403,
    errors.UnauthenticatedError: 401,
    errors.RefusedError: 409,
    errors.PolicyError: 500,
    errors.SettingsError: 500,
    errors.StoreError: 503,
}
TITLES: Final[Mapping[int, str]] = {
    400: "请求有误",
    401: "请先登录",
    403: "无权使用",
    404: "没有找到",
    405: "不支持这种请求",
    409: "未能完成",
    413: "内容太大",
    415: "文件类型不支持",
    422: "填写有误",
    429: "请求太频繁",
    500: "内部错误",
    503: "存储暂时不可用",
}


def status_of(error: errors.KgError) -> int:
    """Return the HTTP status of a refusal."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def problem(status: int, code: str, detail: str, fields: Mapping[str, object] | None = None) -> JSONResponse:
    """Return a problem document: `code` for programs, `title` and `detail` in Chinese for people."""
    body = {
        **{key: value for key, value in (fields or {}).items() if value is not None},
        "type": "about:blank",
        "title": TITLES.get(status, "请求未完成"),
        "status": status,
        "code": code,
        "detail": detail,
    }
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(body, status_code=status, media_type="application/problem+json", headers=headers)


def problem_of(error: errors.KgError) -> JSONResponse:
    """Return the problem document of a refusal."""
    return problem(status_of(error), error.code, error.message, error.fields)
