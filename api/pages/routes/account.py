"""Sign-in, one-time links, the account page, and the switches of the top bar."""

from typing import Final

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from api.pages.frame.look import COOKIE, Look
from api.pages.frame.rendering import Pages
from api.pages.parts.forms import Form
from api.pages.parts.labels import SIGHT_LABELS
from api.pages.parts.links import local_path
from api.pages.routes.shared import Route
from kg.errors import InvalidInputError, KgError, UnauthenticatedError

_YEAR: Final = 365 * 24 * 3600


def routes(pages: Pages) -> list[Route]:
    """Return (method, path, handler) of this module."""
    account = _Account(pages)
    return [
        ("GET", "/sign-in", account.sign_in_page),
        ("POST", "/sign-in", account.sign_in),
        ("POST", "/sign-out", account.sign_out),
        ("GET", "/sign-in/{token}", account.link_page),
        ("POST", "/sign-in/{token}", account.use_link),
        ("GET", "/me", account.me),
        ("POST", "/preferences", account.preferences),
    ]


class _Account:
    def __init__(self, pages: Pages) -> None:
        self._pages, self._deps = pages, pages.deps

    def sign_in_page(self, request: Request, _: FormData) -> Response:
        return self._ask(request, Form(("name", "password")), local_path(request.query_params.get("next")))

    def sign_in(self, request: Request, fields: FormData) -> Response:
        name, password = str(fields.get("name") or ""), str(fields.get("password") or "")
        target = local_path(str(fields.get("next") or "/"))
        answer = RedirectResponse(target, status_code=303)
        try:
            self._deps.sign_in(request, answer, name, password)
        except UnauthenticatedError as error:
            form = Form(("name", "password"), (("name", name),))
            return self._ask(request, form, target, message=error.message, status=401)
        return answer

    def _ask(
        self,
        request: Request,
        form: Form,
        target: str,
        *,
        message: str = "",
        welcome: str = "",
        status: int = 200,
    ) -> Response:
        return self._pages.render(
            request,
            "sign_in.html",
            status=status,
            section="",
            form=form,
            next=target,
            message=message,
            welcome=welcome,
        )

    def sign_out(self, request: Request, _: FormData) -> Response:
        answer = RedirectResponse("/", status_code=303)
        self._deps.sign_out(request, answer)
        return answer

    def link_page(self, request: Request, _: FormData) -> Response:
        try:
            return self._set_password(request)
        except UnauthenticatedError as error:
            return self._link_over(request, error)

    def use_link(self, request: Request, fields: FormData) -> Response:
        token = str(request.path_params["token"])
        password, again = str(fields.get("password") or ""), str(fields.get("again") or "")
        try:
            if self._deps.link_is_direct(token):
                answer = RedirectResponse("/", status_code=303)
                self._deps.enter_link(answer, token)
                return answer
            if password != again:
                raise InvalidInputError("两次输入的密码不一样，请重新输入", field="password")
            name = self._deps.redeem_link(token, password)
        except InvalidInputError as error:
            return self._set_password(request, error)
        except UnauthenticatedError as error:
            return self._link_over(request, error)
        form = Form(("name", "password"), (("name", name),))
        return self._ask(request, form, "/", welcome="密码已设好，请用它登录。")

    def _link_over(self, request: Request, error: UnauthenticatedError) -> Response:
        return self._ask(request, Form(("name", "password")), "/", message=error.message, status=401)

    def _set_password(self, request: Request, error: KgError | None = None) -> Response:
        return self._pages.render(
            request,
            "set_password.html",
            status=422 if error else 200,
            section="",
            form=Form(("password", "again")),
            direct=self._deps.link_is_direct(str(request.path_params["token"])),
            action=request.url.path,
            message=error.message if error else "",
        )

    def me(self, request: Request, _: FormData) -> Response:
        viewer = self._deps.viewer_of(request)
        me = self._deps.service.me(viewer=viewer)
        known = self._deps.schema.by_kind
        kinds = [
            (kind, known[kind].zh, SIGHT_LABELS.get(reach, reach))
            for kind, reach in me.get("kinds", {}).items()
            if kind in known
        ]
        return self._pages.render(request, "me.html", section="/me", me=me, kinds=kinds)

    def preferences(self, request: Request, fields: FormData) -> Response:
        look = Look.of(request.cookies.get(COOKIE)).toggled(str(fields.get("switch") or ""))
        answer = RedirectResponse(local_path(str(fields.get("next") or "/")), status_code=303)
        secure = request.url.scheme == "https"
        answer.set_cookie(COOKIE, look.cookie(), max_age=_YEAR, httponly=True, samesite="lax", secure=secure)
        return answer
