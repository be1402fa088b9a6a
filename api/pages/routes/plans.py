"""The plan pages: make one, read it with its certificate, check it, lay two side by side, take it away as a file."""

from collections.abc import Callable
from typing import Any, Final

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from api.pages.frame.rendering import SECURITY_HEADERS, Pages
from api.pages.parts.forms import Form, day, prefilled, whole
from api.pages.routes.shared import Route, page_number, signed_in
from api.pages.views import plans as views
from api.pages.views.results import Asked
from api.plan_files import FORMS, MEDIA_TYPES, plan_file
from kg.errors import ForbiddenError, InvalidInputError, NotFoundError
from kg.model.viewers import Role, Viewer
from kg.policy.rights import sees_all

_PATH: Final = "/plans"
_FIELDS: Final = {
    "cooperation": ("mode", "year", "district", "objective", "as_of"),
    "mobility": ("district", "k", "as_of"),
}
_NOTHING: Final = "没有这个方案，或您无权查看。请检查编号"


def routes(pages: Pages) -> list[Route]:
    """Return (method, path, handler) of this module."""
    plans = _Plans(pages)
    return [
        ("GET", _PATH, plans.start),
        ("POST", f"{_PATH}/cooperation", plans.cooperation),
        ("POST", f"{_PATH}/mobility", plans.mobility),
        ("GET", f"{_PATH}/compare", plans.compare),
        ("GET", f"{_PATH}/{{key}}", plans.show),
        ("GET", f"{_PATH}/{{key}}/export.{{form}}", plans.export),
        ("GET", f"{_PATH}/{{key}}/certificate.json", plans.certificate),
    ]


class _Plans:
    def __init__(self, pages: Pages) -> None:
        self._pages, self._service = pages, pages.deps.service

    def _planner(self, request: Request) -> Viewer:
        viewer = signed_in(self._pages.deps.viewer_of(request))
        if not viewer.has(Role.OFFICER, Role.PLANNER):
            raise ForbiddenError("您的角色不能编制市场方案：请用经办人员或规划人员账号登录")
        return viewer

    def start(self, request: Request, _: FormData) -> Response:
        return self._start(request, self._planner(request))

    def _start(
        self, request: Request, viewer: Viewer, forms: dict[str, Form] | None = None, status: int = 200
    ) -> Response:
        found = self._service.plans(viewer=viewer, limit=50)
        empty = {kind: Form(fields) for kind, fields in _FIELDS.items()}
        return self._pages.render(
            request, "plan_start.html", status=status, section=_PATH, forms=empty | (forms or {}), found=found,
            modes=views.MODES, objectives=list(views.OBJECTIVES.items()), title_of=views.title,
            officer=sees_all(viewer),
        )  # fmt: skip

    def cooperation(self, request: Request, form: FormData) -> Response:
        def make(asked: Form, viewer: Viewer) -> dict[str, Any]:
            question = {
                "mode": asked.value("mode"),
                "year": whole(asked, "year"),
                "district": asked.value("district").strip() or None,
                "objective": asked.value("objective") or None,
                "as_of": day(asked),
            }
            return self._service.plan_cooperation(question, viewer=viewer)

        return self._made(request, form, "cooperation", make)

    def mobility(self, request: Request, form: FormData) -> Response:
        def make(asked: Form, viewer: Viewer) -> dict[str, Any]:
            district = asked.value("district").strip() or None
            question = {"district": district, "k": whole(asked, "k"), "as_of": day(asked)}
            return self._service.plan_mobility(question, viewer=viewer)

        return self._made(request, form, "mobility", make)

    def _made(
        self,
        request: Request,
        form: FormData,
        kind: str,
        make: Callable[[Form, Viewer], dict[str, Any]],
    ) -> Response:
        viewer = self._planner(request)
        pairs = [(name, str(value)) for name, value in form.multi_items()]
        asked = prefilled(_FIELDS[kind], pairs)
        try:
            plan = make(asked, viewer)
        except InvalidInputError as error:
            return self._start(request, viewer, {kind: asked.with_error(error)}, status=422)
        return RedirectResponse(f"{_PATH}/{plan['id']}", status_code=303)

    def show(self, request: Request, _: FormData) -> Response:
        viewer = self._planner(request)
        key = str(request.path_params["key"])
        plan = self._service.plan(key, viewer=viewer)
        context: dict[str, Any] = {
            "section": _PATH, "plan": plan, "title": views.title(plan), "facts": views.facts(plan),
            "figures": views.figures(plan), "seats": plan["kind"] == "cooperation", "short": views.SHORT,
        }  # fmt: skip
        if plan.get("aggregated"):
            return self._pages.render(request, "plan_sums.html", **context)
        total = len(plan["allocation"])
        page = min(page_number(request, "page"), views.pages(total))
        checked = None
        if request.query_params.get("check"):
            checked = self._service.check_plan(
                self._service.plan_certificate(key, viewer=viewer), viewer=viewer
            )
        return self._pages.render(
            request, "plan.html", rows=views.rows(plan, (page - 1) * views.ROWS), total=total, page=page,
            pages=views.pages(total), asked=Asked(path=f"{_PATH}/{key}", params=()), checked=checked, forms=FORMS,
            named=lambda kind, one: views.named(plan["names"], kind, one),
            owner=lambda kind, one: views.owner(plan["names"], kind, one),
            others=[one for one in self._service.plans(viewer=viewer, kind=plan["kind"], limit=50)["items"]
                    if one["id"] != key],
            title_of=views.title, **context,
        )  # fmt: skip

    def compare(self, request: Request, _: FormData) -> Response:
        viewer = self._planner(request)
        keys = [request.query_params.get(name, "") for name in ("one", "other")]
        found = self._service.compare_plans(keys, viewer=viewer)
        one, other = found["plans"]
        total = len(found["moved"])
        page = min(page_number(request, "page"), views.pages(total))
        return self._pages.render(
            request, "plan_compare.html", section=_PATH, found=found, plans=found["plans"], title_of=views.title,
            columns=views.columns(one, other), rows=views.moved(found, (page - 1) * views.ROWS), total=total,
            page=page, pages=views.pages(total), seats=found["kind"] == "cooperation",
            asked=Asked(path=f"{_PATH}/compare", params=(("one", keys[0]), ("other", keys[1]))),
        )  # fmt: skip

    def export(self, request: Request, _: FormData) -> Response:
        viewer = self._planner(request)
        key, form = str(request.path_params["key"]), str(request.path_params["form"])
        if form not in FORMS or not sees_all(viewer):
            raise NotFoundError(_NOTHING)
        plan = self._service.plan(key, viewer=viewer)
        if form == "json":
            plan = {**plan, "certificate": self._service.plan_certificate(key, viewer=viewer)}
        return _file(
            plan_file(plan, form, self._pages.say(request) or str), MEDIA_TYPES[form], f"{plan['id']}.{form}"
        )

    def certificate(self, request: Request, _: FormData) -> Response:
        viewer = self._planner(request)
        key = str(request.path_params["key"])
        found = self._service.plan_certificate(key, viewer=viewer)
        return _file(plan_file(found, "json"), MEDIA_TYPES["json"], f"{key}-certificate.json")


def _file(content: bytes, media_type: str, name: str) -> Response:
    headers = {**SECURITY_HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)
