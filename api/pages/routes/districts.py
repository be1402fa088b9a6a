"""The map of districts with its table beside it: drawn from the geometry the bureau supplies, else as a tile grid."""

from typing import Any, Final

from fastapi import Request, Response
from starlette.datastructures import FormData

from api.pages.frame.rendering import Pages
from api.pages.parts.collation import ORDERS, by_name
from api.pages.parts.forms import Form
from api.pages.routes.shared import Route
from api.pages.views.districts import MEASURES, figure, rows, squares
from api.pages.views.planning import code_of
from kg.errors import InvalidInputError, NotFoundError, SettingsError
from kg.indicators.market import LEVELS
from kg.policy.rights import sees_all
from visualizations.district_map import DistrictMap

_PATH: Final = "/map"
_FIELDS: Final = ("quarter", "occupation", "level", "measure", "sort")


def routes(pages: Pages) -> list[Route]:
    """Return (method, path, handler) of this module."""
    return [("GET", _PATH, _Map(pages).show)]


class _Map:
    def __init__(self, pages: Pages) -> None:
        self._pages, self._service = pages, pages.deps.service

    def show(self, request: Request, _: FormData) -> Response:
        viewer = self._pages.deps.viewer_of(request)
        form = Form(_FIELDS, tuple(request.query_params.multi_items()))
        measure = form.value("measure") if form.value("measure") in MEASURES else "gap"
        asked: dict[str, Any] = {
            "occupation": code_of(form.value("occupation").strip()) or None,
            "level": form.value("level") or None,
            "quarter": form.value("quarter") or None,
        }
        try:
            told = self._service.demand_supply(viewer=viewer, by=["district"], limit=2000, **asked)
        except NotFoundError as error:
            return self._pages.render(request, "gaps_empty.html", section=_PATH, message=error.message)
        except InvalidInputError as error:
            form = form.with_error(error)
            told = self._service.demand_supply(viewer=viewer, by=["district"], limit=2000)
        area = self._area()
        drawn, fault = self._drawn()
        tiles = squares(told["items"], area, measure)
        return self._pages.render(
            request,
            "map.html",
            status=422 if form.errors else 200,
            section=_PATH,
            form=form,
            told=told,
            measure=measure,
            measures=MEASURES,
            levels=[("", "全部等级"), *((level, level) for level in LEVELS)],
            squares=tiles,
            drawn=drawn,
            fault=fault if sees_all(viewer) else "",
            by_code={one.code: one for one in tiles},
            rows=by_name(
                rows(told["items"], area, measure), form.value("sort"), lambda row: str(row[0]["name"])
            ),
            orders=ORDERS,
            figure=figure,
            officer=sees_all(viewer),
            named=self._named(asked["occupation"]),
        )

    def _drawn(self) -> tuple[DistrictMap | None, str]:
        """Return the map of the bureau, if there is one, and what is wrong with its file."""
        try:
            return self._pages.deps.districts(), ""
        except SettingsError as error:
            return None, error.message

    def _area(self) -> list[dict[str, Any]]:
        """Return the districts of the area with coordinates, which everybody may read."""
        travel = self._service.world().travel
        return [
            {"kind": "district", "key": code, "name": name, "at": travel.coordinates.get(code)}
            for code, name in sorted(travel.names.items())
        ]

    def _named(self, code: str | None) -> str:
        if code is None:
            return "全部职业"
        occupations = self._service.world().occupations
        return occupations.name(occupations.resolve(code))
