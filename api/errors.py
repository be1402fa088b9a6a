"""HTTP status of every refusal, and its RFC 9457 problem document."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from fastapi.responses import JSONResponse

from kg import errors

STATUS: Final[Mapping[type[errors.KgError], int]] = {
    errors.UnsupportedTypeError: 415,
    errors.InvalidInputError: 422,
    errors.NotFoundError: 404,
    errors.ForbiddenError: 403,
    errors.UnauthenticatedError: 401,
    errors.RefusedError: 409,
    errors.BusyError: 429,
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
ADVICE: Final[Mapping[int, str]] = {
    400: "请求的内容读不懂：JSON 应是 UTF-8 的 application/json，文件用 multipart/form-data 上传，请改正后再试",
    404: "没有这个地址，请检查，或从首页重新进入",
    405: "这个地址不支持这种请求方法，请对照 /openapi.json",
    413: "内容太大，请分成几个文件",
}
"""What to do about refusals of the framework, which bring no sentence of ours."""

_WORDS: Final[Mapping[str, str]] = {
    "missing": "必填",
    "extra_forbidden": "没有这一项，请删去",
    "greater_than_equal": "不应小于 {ge}",
    "less_than_equal": "不应大于 {le}",
    "string_too_long": "最多 {max_length} 个字",
    "string_too_short": "不能为空",
    "string_type": "应是文字",
    "string_unicode": "含有不能使用的字符",
    "too_long": "最多 {max_length} 项",
    "int": "应是整数",
    "float": "应是数字",
    "finite_number": "应是数字",
    "bool": "应是 true 或 false",
    "date": "应是日期，如 2026-11-23",
    "literal_error": "应是 {expected} 之一",
    "string_pattern_mismatch": "写法不对",
    "dict_type": "应是一组“列: 值”",
    "list_type": "应是列表",
    "model_attributes_type": "应是 JSON 对象，并写明 Content-Type: application/json",
    "json_invalid": "不是合法的 JSON",
}


def status_of(error: errors.KgError) -> int:
    """Return the HTTP status of a refusal."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def problem(
    status: int,
    code: str,
    detail: str,
    fields: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Return a problem document: `code` for programs, `title` and `detail` in Chinese for people."""
    body = {
        **{key: value for key, value in (fields or {}).items() if value is not None},
        "type": "about:blank",
        "title": TITLES.get(status, "请求未完成"),
        "status": status,
        "code": code,
        "detail": detail,
    }
    sent = {**(headers or {}), **({"WWW-Authenticate": "Bearer"} if status == 401 else {})}
    return _Problem(body, status_code=status, headers=sent or None)


class _Problem(JSONResponse):
    """A problem document; half a character pair that was sent comes back as its escape."""

    media_type = "application/problem+json"

    def render(self, content: Any) -> bytes:
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(
            "utf-8", "backslashreplace"
        )


def problem_of(error: errors.KgError) -> JSONResponse:
    """Return the problem document of a refusal."""
    wait = error.fields.get("retry_after")
    headers = {} if wait is None else {"Retry-After": str(wait)}
    return problem(status_of(error), error.code, error.message, error.fields, headers=headers)


def invalid_fields(found: Iterable[Mapping[str, Any]]) -> tuple[str, dict[str, object]]:
    """Return (detail, fields) of values that do not fit their declared types, one entry for each."""
    listed = [{"field": _field(one), "code": str(one["type"]), "message": _sentence(one)} for one in found]
    detail = "；".join(dict.fromkeys(f"{one['field']}：{one['message']}" for one in listed))
    return f"{detail}。请改正后再试", {"field": listed[0]["field"], "errors": listed}


def _field(one: Mapping[str, Any]) -> str:
    parts = [] if one["type"] == "json_invalid" else one["loc"][1:]
    return ".".join(str(part) for part in parts) or "body"


def _sentence(one: Mapping[str, Any]) -> str:
    code, told = str(one["type"]), dict(one.get("ctx") or {})
    words = _WORDS.get(code) or _WORDS.get(code.partition("_")[0], "写法不对")
    if "expected" in told:
        told["expected"] = str(told["expected"]).replace(" or ", "、").replace(", ", "、").replace("'", "")
    return words.format_map(told)
