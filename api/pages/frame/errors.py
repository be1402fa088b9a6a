"""Pages for everything that can be refused, in the frame of all pages: what happened, what to do."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from api.errors import status_of
from api.pages.frame.rendering import Pages
from api.pages.parts.links import local_path, with_params
from kg.errors import KgError, UnauthenticatedError

TITLES: Final[Mapping[int, str]] = {
    400: "请求有误",
    401: "请先登录",
    403: "没有权限",
    404: "没有找到",
    405: "不能这样打开这一页",
    409: "没有完成",
    413: "内容太大",
    415: "文件类型不支持",
    422: "填写有误",
    429: "请求太频繁",
    500: "内部错误",
    503: "数据暂时不可用",
}
ADVICE: Final[Mapping[int, str]] = {
    401: "登录后会回到刚才的页面。",
    403: "需要这项权限时，请联系管理员，或换一个账号登录。",
    404: "可以检查编号，或从搜索重新进入。您无权查看的记录也会显示为没有找到。",
    409: "数据没有任何改变，改好后可以再试。",
    413: "请把文件分成几个，分批提交。",
    422: "请返回上一页改正后再提交。",
    429: "请过几分钟再试。",
    500: "出错经过已记入日志。请稍后再试；仍不行，请告诉管理员打开的地址和时间。",
    503: "请稍后再试；仍不行，请联系管理员检查服务。",
}
_CODES: Final[Mapping[int, str]] = {404: "not-found", 422: "invalid-input", 500: "internal-error"}


def error_page(request: Request, status: int, detail: str) -> Response:
    """Return the page of an HTTP error of the whole application, in the frame that `mount_pages` left behind."""
    pages = request.app.state.pages
    assert isinstance(pages, Pages)
    return render_error(pages, request, status, detail)


def render_error(
    pages: Pages, request: Request, status: int, detail: str, *, code: str | None = None, **fields: Any
) -> Response:
    """Return the page of a refusal; `detail` is a sentence that says what to do (escaped)."""
    return pages.render(
        request,
        "error.html",
        status=status,
        section="",
        status_code=status,
        code=code or _CODES.get(status, f"http-{status}"),
        title=TITLES.get(status, "请求未完成"),
        message=detail,
        advice=ADVICE.get(status, ""),
        candidates=fields.get("candidates") or (),
        back=_back(request),
    )


def refusal(pages: Pages, request: Request, error: KgError) -> Response:
    """Return the page of an error; who is not signed in is sent to the sign-in page and back."""
    if isinstance(error, UnauthenticatedError) and request.method == "GET":
        here = with_params(request.url.path, request.query_params.multi_items())
        return RedirectResponse(with_params("/sign-in", (), next=here), status_code=303)
    fields = {"candidates": error.fields.get("candidates")}
    return render_error(pages, request, status_of(error), error.message, code=error.code, **fields)


def _back(request: Request) -> str:
    """Return the page that led here if it is one of ours and not this one."""
    try:
        came = urlsplit(request.headers.get("referer", ""))
    except ValueError:  # whatever a browser or an attacker writes there
        return "/"
    if came.netloc != request.url.netloc or came.path == request.url.path:
        return "/"
    return local_path(f"{came.path}?{came.query}" if came.query else came.path)
