"""The planner's pages: majors against industry, what-if, targets, ways between trades, and who is shown how often."""

from collections.abc import Callable
from typing import Any, Final

from fastapi import Request, Response
from starlette.datastructures import FormData

from api.pages.frame.rendering import Pages
from api.pages.parts.collation import ORDERS, by_name
from api.pages.parts.forms import Form, whole
from api.pages.parts.sections import Section
from api.pages.routes.shared import Route, signed_in
from api.pages.views import planning as views
from api.pages.views.organisations import targets
from api.pages.views.people import ways
from api.pages.views.shown import shares
from kg.errors import ForbiddenError, InvalidInputError, KgError, NotFoundError
from kg.model.viewers import Role, Viewer

_PATH: Final = "/planning"
_SHOWN: Final = "/shown"
_TABS: Final = (
    (_PATH, "对口程度"),
    (f"{_PATH}/what-if", "增减专业试算"),
    (f"{_PATH}/targets", "目标与实际"),
    (f"{_PATH}/ways", "转岗方向"),
)
_FILTERS: Final = ("year", "district", "school", "sort")
_FIELDS: Final = (
    "year", *(f"{name}{number}" for number in range(1, views.LINES + 1) for name in ("action", "major", "school", "students")),
)  # fmt: skip
_DAYS: Final = (30, 90, 366)
_WAYS: Final = 40


def routes(pages: Pages) -> list[Route]:
    """Return (method, path, handler) of this module."""
    planning = _Planning(pages)
    return [
        ("GET", _PATH, planning.alignment),
        ("GET", f"{_PATH}/what-if", planning.what_if),
        ("GET", f"{_PATH}/targets", planning.targets),
        ("GET", f"{_PATH}/ways", planning.ways),
        ("GET", _SHOWN, planning.shown),
    ]


class _Planning:
    def __init__(self, pages: Pages) -> None:
        self._pages, self._deps, self._service = pages, pages.deps, pages.deps.service

    def _planner(self, request: Request) -> Viewer:
        viewer = signed_in(self._deps.viewer_of(request))
        if not viewer.has(Role.OFFICER, Role.PLANNER):
            raise ForbiddenError("只有经办人员和规划人员可以看规划指标")
        return viewer

    def _page(self, request: Request, template: str, path: str, **context: Any) -> Response:
        form: Form = context["form"]
        return self._pages.render(
            request, template, status=422 if form.errors else 200, section=_PATH, tabs=_TABS, tab=path, **context
        )  # fmt: skip

    def alignment(self, request: Request, _: FormData) -> Response:
        viewer = self._planner(request)
        form = Form(_FILTERS, tuple(request.query_params.multi_items()))
        try:
            found = self._service.alignment(
                viewer=viewer,
                year=whole(form, "year"),
                district=form.value("district").strip() or None,
                school=views.code_of(form.value("school").strip()) or None,
            )
        except InvalidInputError as error:
            form = form.with_error(error)
            found = self._service.alignment(viewer=viewer)
        base = [("year", str(found["year"]))]
        sort = form.value("sort")
        found["majors"] = by_name(found["majors"], sort, lambda one: str(one["name"]))
        return self._page(
            request, "planning.html", _PATH, form=form, found=found, share=views.definition_parts(found),
            majors=views.majors(found, base), closing=views.closing(found, base),
            side=[views.uncovered(found), views.chains(found)], orders=ORDERS,
        )  # fmt: skip

    def what_if(self, request: Request, _: FormData) -> Response:
        viewer = self._planner(request)
        form = Form(_FIELDS, tuple(request.query_params.multi_items()))
        outcome: list[Section] = []
        told = None
        try:
            asked = "try" in request.query_params
            year, wanted = whole(form, "year"), views.changes(form) if asked else []
            if wanted:
                told = self._service.what_if_majors(wanted, viewer=viewer, year=year)
                outcome = [views.difference(told), views.changed_majors(told), views.newly_covered(told)]
        except NotFoundError as error:
            form = form.with_error(InvalidInputError(error.message, field=_wrong(form, error)))
        except InvalidInputError as error:
            form = form.with_error(error)
        now = told["before"] if told else self._service.alignment(viewer=viewer)
        return self._page(
            request, "what_if.html", f"{_PATH}/what-if", form=form, outcome=outcome, told=told,
            actions=[("", "不改动"), *views.ACTIONS.items()], lines=range(1, views.LINES + 1),
            options=views.major_options(now),
        )  # fmt: skip

    def targets(self, request: Request, _: FormData) -> Response:
        return self._one(request, "targets", lambda viewer: targets(self._service, viewer))

    def ways(self, request: Request, _: FormData) -> Response:
        def told(viewer: Viewer) -> Section:
            found = self._service.transfers(viewer=viewer, k=_WAYS)
            return ways(found["items"], str(found["quarter"]), empty="本季度没有技能相近的富余与短缺职业。")

        return self._one(request, "ways", told)

    def _one(self, request: Request, name: str, tell: Callable[[Viewer], Section]) -> Response:
        viewer = self._planner(request)
        try:
            section = tell(viewer)
        except KgError as error:
            section = Section(
                key=name, title=dict(_TABS)[f"{_PATH}/{name}"], head=(("", ""),), empty=error.message
            )
        return self._page(request, "planning_one.html", f"{_PATH}/{name}", form=Form(()), answer=section)

    def shown(self, request: Request, _: FormData) -> Response:
        viewer = self._planner(request)
        days = next((one for one in _DAYS if request.query_params.get("days") == str(one)), _DAYS[0])
        told = self._service.shown_report(viewer=viewer, days=days)
        return self._pages.render(
            request,
            "shown.html",
            section=_SHOWN,
            told=told,
            days=days,
            periods=_DAYS,
            tables=shares(told["groups"]),
        )


def _wrong(form: Form, error: KgError) -> str:
    """Return the field whose text the refusal names: the service tells the code, not the place on the page."""
    kind = "major" if "专业" in error.message else "school"
    for number in range(1, views.LINES + 1):
        name = f"{kind}{number}"
        text = views.code_of(form.value(name).strip())
        if text and repr(text) in error.message:
            return name
    return f"{kind}1"
