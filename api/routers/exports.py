"""Exports of what the viewer sees: scenes and evidence as files, recommendations as reports."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from api.deps import DepsDep, ServiceDep, ViewerDep
from api.drawn import MEDIA_TYPES, export_scene, note_drawn
from api.inline_need import need_asked
from api.reports import export_report
from api.routers.common import PROBLEMS, Documented, Told, file_answer
from api.routers.scenes import asked_evidence, filters_of
from api.schemas.requests import Anchor, Day, PartnersRequest, TalentsRequest
from api.schemas.scenes import MOST_NODES, EvidenceRequest, FilterBody, Ref, SceneRequest
from visualizations.picture import in_chinese

router = APIRouter(prefix="/exports", tags=["exports"], responses=PROBLEMS)
Form = Literal["graphml", "gexf", "csv", "xlsx", "html", "svg", "json"]
ReportForm = Literal["docx", "html"]
_FILES = file_answer(
    *(MEDIA_TYPES[form] for form in ("graphml", "gexf", "csv", "xlsx", "html", "svg", "json"))
)
_REPORTS = file_answer(*(MEDIA_TYPES[form] for form in ("docx", "html")))
Coordinate = Annotated[float, Field(ge=-100_000, le=100_000, allow_inf_nan=False)]
Title = Annotated[str, Field(max_length=200, description="写在文件里的标题")]
K = Annotated[int | None, Query(ge=1, le=200)]
DayText = Annotated[Day | None, Query(description="以哪一天为准，如 2026-11-23")]


class SceneExport(SceneRequest):
    """A scene to be exported: as it stands, with the places that its nodes have on the screen."""

    title: Title = "图谱"
    language: Literal["zh", "en"] = Field(
        default="zh", description="文件里标题、表头和名称的语言；登记的内容不翻译"
    )
    positions: dict[Ref, tuple[Coordinate, Coordinate]] = Field(default_factory=dict, max_length=MOST_NODES)


class DrawnExport(SceneRequest):
    """A picture that the browser itself has drawn of a scene."""

    form: Literal["png", "svg", "print"]


class StampShape(BaseModel):
    """What the picture has to carry: label and value of each part, and all of them as one line."""

    parts: dict[str, str]
    sentence: str
    policy: str
    people: bool


def _file(content: bytes, name: str, form: str) -> Response:
    """Return a file that browsers save and never show as a page of this site."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return Response(content, media_type=MEDIA_TYPES[form], headers=headers)


@router.post("/scene.{form}", response_class=Response, responses={200: _FILES})
def scene(
    request: Request, deps: DepsDep, _: ServiceDep, viewer: ViewerDep, form: Form, body: SceneExport
) -> Response:
    """Return a scene as a file: what the viewer sees of it, with viewer, time, policy and revision."""
    told = deps.graph.service.scene(body.nodes, filters_of(body.filters), viewer=viewer)
    content = export_scene(
        deps.graph, told, form, viewer=viewer, title=body.title, positions=body.positions,
        say=request.app.state.pages.english if body.language == "en" else in_chinese,
    )  # fmt: skip
    return _file(content, "scene", form)


@router.get("/scene.{form}", response_class=Response, responses={200: _FILES})
def scene_by_address(
    deps: DepsDep,
    _: ServiceDep,
    viewer: ViewerDep,
    form: Form,
    nodes: Annotated[list[Ref], Query(max_length=MOST_NODES, description="kind:key，可多次")],
    title: Annotated[str, Query(max_length=200)] = "图谱",
) -> Response:
    """Return a scene as a file, asked for by an address alone: for links and for browsers without script."""
    told = deps.graph.service.scene(nodes, filters_of(FilterBody()), viewer=viewer)
    return _file(export_scene(deps.graph, told, form, viewer=viewer, title=title), "scene", form)


@router.post("/drawn", response_model=Documented, responses={200: {"model": StampShape}})
def drawn(deps: DepsDep, _: ServiceDep, viewer: ViewerDep, body: DrawnExport) -> Told:
    """Note that a picture drawn in the browser is taken along, and return what it has to carry."""
    told = deps.graph.service.scene(body.nodes, filters_of(body.filters), viewer=viewer)
    return Told(note_drawn(deps.graph, told, body.form, viewer=viewer))


@router.post("/evidence.{form}", response_class=Response, responses={200: _FILES})
def evidence(deps: DepsDep, _: ServiceDep, viewer: ViewerDep, form: Form, body: EvidenceRequest) -> Response:
    """Return the evidence graph of one item of an answer as a file."""
    told = deps.graph.service.evidence_scene(viewer=viewer, **asked_evidence(body))
    item = told["item"]
    title = "推荐依据" if item is None else f"推荐依据：{item['node']['name']}"
    content = export_scene(deps.graph, told, form, viewer=viewer, title=title, reasons=_reasons(item))
    return _file(content, "evidence", form)


def _reasons(item: dict[str, Any] | None) -> list[tuple[str, str]]:
    if item is None:
        return []
    told = [("名次", str(item["rank"])), ("得分", f"{item['score']:.4f}"), ("理由", item["summary"])]
    return [(label, text) for label, text in told if text]


@router.post("/recommendations/talents.{form}", response_class=Response, responses={200: _REPORTS})
def talents(
    deps: DepsDep, _: ServiceDep, viewer: ViewerDep, form: ReportForm, body: TalentsRequest
) -> Response:
    """Return the report of flexible talents for a need: Word in the layout of official documents, or a page to print."""
    return _report(deps, viewer, "talents", need_asked(body), form, _when(body))


@router.post("/recommendations/partners.{form}", response_class=Response, responses={200: _REPORTS})
def partners(
    deps: DepsDep, _: ServiceDep, viewer: ViewerDep, form: ReportForm, body: PartnersRequest
) -> Response:
    """Return the report of partners for a cooperation."""
    asked = body.model_dump(
        exclude={"k", "as_of", "known_at", "detail", "counterfactuals"}, exclude_none=True
    )
    return _report(deps, viewer, "partners", asked, form, _when(body))


def _when(body: TalentsRequest | PartnersRequest) -> dict[str, Any]:
    return body.model_dump(include={"k", "as_of", "known_at"}, exclude_none=True)


@router.get("/recommendations/talents.{form}", response_class=Response, responses={200: _REPORTS})
def talents_by_address(
    deps: DepsDep,
    _: ServiceDep,
    viewer: ViewerDep,
    form: ReportForm,
    need: Annotated[str, Query(max_length=200)],
    k: K = None,
    as_of: DayText = None,
) -> Response:
    """Return the report of flexible talents for a stored need, asked for by an address alone."""
    return _report(deps, viewer, "talents", {"need": need}, form, {"k": k, "as_of": as_of})


@router.get("/recommendations/partners.{form}", response_class=Response, responses={200: _REPORTS})
def partners_by_address(
    deps: DepsDep,
    _: ServiceDep,
    viewer: ViewerDep,
    form: ReportForm,
    anchor: Annotated[str, Query(max_length=200, pattern="^(enterprise|school|district):.+$")],
    mode: Annotated[str, Query(max_length=50)],
    year: Annotated[int | None, Query(ge=1900, le=2199)] = None,
    order: Literal["value", "seats", "score"] | None = None,
    occupations: Annotated[list[Annotated[str, Field(max_length=200)]] | None, Query(max_length=100)] = None,
    radius_hours: Annotated[float | None, Query(ge=0, le=1000, allow_inf_nan=False)] = None,
    k: K = None,
    as_of: DayText = None,
) -> Response:
    """Return the report of partners, asked for by an address alone."""
    kind, _colon, key = anchor.partition(":")
    named = Anchor.model_validate({"kind": kind, "key": key}).model_dump()
    asked = {
        "anchor": named,
        "mode": mode,
        "year": year,
        "order": order,
        "occupations": occupations,
        "radius_hours": radius_hours,
    }
    told = {name: value for name, value in asked.items() if value is not None}
    return _report(deps, viewer, "partners", told, form, {"k": k, "as_of": as_of})


def _report(
    deps: DepsDep, viewer: ViewerDep, question: str, asked: dict[str, Any], form: str, when: dict[str, Any]
) -> Response:
    content = export_report(deps.graph, question, asked, form, viewer=viewer, **when)
    return _file(content, question, form)
