"""The gap page: occupation × level with drill-down by district, and the same as a workbook."""

from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Request, Response
from starlette.datastructures import FormData

from api.pages.export_answers import workbook_in
from api.pages.frame.rendering import SECURITY_HEADERS, Pages
from api.pages.parts.collation import ORDERS, by_name
from api.pages.routes.shared import Route, page_number
from api.pages.views.gaps import TOTAL, matrix, shade, tiles
from api.pages.views.results import Asked, pages_of
from api.routers.common import XLSX
from kg.errors import NotFoundError
from kg.indicators.ratios import FORMULAS, OFFICIAL, SIMPLE
from kg.model.viewers import Role, Viewer
from loaders.plain_sheets import workbook_of

_PATH: Final = "/gaps"
_ROWS: Final = 20
_WHOLE: Final = 20_000


def routes(pages: Pages) -> list[Route]:
    """Return (method, path, handler) of this module."""
    gaps = _Gaps(pages)
    return [("GET", _PATH, gaps.show), ("GET", f"{_PATH}.xlsx", gaps.workbook)]


class _Gaps:
    def __init__(self, pages: Pages) -> None:
        self._pages, self._service = pages, pages.deps.service

    def show(self, request: Request, _: FormData) -> Response:
        viewer = self._pages.deps.viewer_of(request)
        try:
            context = self._context(request, viewer)
        except NotFoundError as error:
            return self._pages.render(request, "gaps_empty.html", section=_PATH, message=error.message)
        return self._pages.render(request, "gaps.html", section=_PATH, **context)

    def workbook(self, request: Request, _: FormData) -> Response:
        viewer = self._pages.deps.viewer_of(request)
        told = self._service.demand_supply(
            viewer=viewer, quarter=request.query_params.get("quarter"), limit=_WHOLE, order="name"
        )
        head = (
            "职业代码",
            "职业",
            "等级",
            "季度",
            "需求",
            "求职",
            "缺口",
            "求人倍率",
            "官方分级口径",
            "上季缺口",
        )
        rows = [
            (
                item["occupation"]["key"], item["occupation"]["name"], item["level"], told["quarter"], item["demand"],
                item["supply"], item["gap"], item["ratio_simple"], item["ratio_official"],
                (item["previous"] or {}).get("gap"),
            )
            for item in told["items"]
        ]  # fmt: skip
        notes = [*FORMULAS.values(), f"修订 {told['revision']}", f"导出人 {viewer.name}"]
        content = workbook_of("供需", head, rows, notes=notes)
        headers = {**SECURITY_HEADERS, "Content-Disposition": 'attachment; filename="gaps.xlsx"'}
        return Response(workbook_in(content, self._pages.say(request)), media_type=XLSX, headers=headers)

    def _context(self, request: Request, viewer: Viewer) -> dict[str, Any]:
        query = request.query_params
        formula = OFFICIAL if query.get("formula") == OFFICIAL else SIMPLE
        quarter = query.get("quarter") or None
        chosen = (query["occupation"], query.get("level") or None) if query.get("occupation") else None
        rows = self._service.demand_supply(viewer=viewer, by=["occupation"], quarter=quarter, limit=_WHOLE)
        cells = self._service.demand_supply(viewer=viewer, quarter=quarter, limit=_WHOLE)
        sort = query.get("sort") if query.get("sort") in ORDERS else ""
        rows["items"] = by_name(rows["items"], sort or "", lambda item: str(item["occupation"]["name"]))
        columns = self._service.demand_supply(viewer=viewer, by=["level"], quarter=quarter, limit=_WHOLE)
        page, first, pages = pages_of(len(rows["items"]), page_number(request, "page"), _ROWS)
        levels, lines = matrix(cells["items"], rows["items"][first : first + _ROWS], chosen=chosen)
        foot = {item["level"]: item for item in columns["items"]}
        asked = {
            key: value for key, value in query.items() if key in {"quarter", "formula", "sort"} and value
        }
        return {
            "told": rows, "levels": levels, "rows": lines, "foot": foot, "formula": formula, "formulas": FORMULAS,
            "ratio": f"ratio_{formula}", "shade": shade, "total_label": TOTAL, "page": page, "pages": pages,
            "sort": sort, "orders": ORDERS,
            "asked": Asked(path=_PATH, params=tuple(asked.items())), "kept": urlencode(asked),
            "cell_href": lambda key, level: f"{_PATH}?{urlencode({**asked, 'page': page, 'occupation': key, 'level': level})}#cell",
            "asks_detail": viewer.has(Role.OFFICER, Role.PLANNER),
            "detail": self._detail(viewer, chosen, quarter),
        }  # fmt: skip

    def _detail(
        self, viewer: Viewer, chosen: tuple[str, str | None] | None, quarter: str | None
    ) -> dict[str, Any] | None:
        if chosen is None or not viewer.has(Role.OFFICER, Role.PLANNER):
            return None
        occupation, level = chosen
        told = self._service.demand_supply_cell(
            viewer=viewer, occupation=occupation, level=level, quarter=quarter
        )
        places = {one["key"]: one["at"] for one in told["area"] if one["at"]}
        names = {one["key"]: one["name"] for one in told["area"]}
        name = next((line["occupation"]["name"] for line in told["districts"]), occupation.partition("@")[0])
        return {
            **told,
            "title": " · ".join(part for part in (name, level) if part),
            "tiles": tiles(told["districts"], places, names),
        }
