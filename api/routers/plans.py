"""Market plans: make, list, read, check, compare, export."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response

from api.deps import ServiceDep, ViewerDep
from api.plan_files import MEDIA_TYPES, plan_file
from api.routers.common import PROBLEMS, XLSX, Documented, Told, file_answer
from api.schemas.plans import (
    CertificateShape,
    ComparisonShape,
    CooperationPlanRequest,
    MobilityPlanRequest,
    PlanShape,
    PlansShape,
    VerdictShape,
)
from kg.policy.rights import sees_all

router = APIRouter(prefix="/plans", tags=["plans"], responses=PROBLEMS)
_KEY = Annotated[str, Query(min_length=1, max_length=100, description="方案编号")]
Number = Annotated[str, Path(alias="id", max_length=100, description="方案编号")]


@router.post("/cooperation", response_model=Documented, responses={200: {"model": PlanShape}})
def cooperation(service: ServiceDep, viewer: ViewerDep, body: CooperationPlanRequest) -> Told:
    """Which cohort gets which seats, so that no cohort and enterprise would both rather have it otherwise?"""
    return Told(service.plan_cooperation(body.model_dump(), viewer=viewer))


@router.post("/mobility", response_model=Documented, responses={200: {"model": PlanShape}})
def mobility(service: ServiceDep, viewer: ViewerDep, body: MobilityPlanRequest) -> Told:
    """Which talent serves which open need, key projects first, so that no two would rather have it otherwise?"""
    return Told(service.plan_mobility(body.model_dump(), viewer=viewer))


@router.get("", response_model=Documented, responses={200: {"model": PlansShape}})
def plans(
    service: ServiceDep,
    viewer: ViewerDep,
    kind: Literal["cooperation", "mobility"] | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
    cursor: Annotated[str | None, Query(max_length=20)] = None,
) -> dict[str, Any]:
    """Return the stored plans, newest first."""
    return service.plans(viewer=viewer, kind=kind, limit=limit, cursor=cursor)


@router.get("/compare", response_model=Documented, responses={200: {"model": ComparisonShape}})
def comparison(service: ServiceDep, viewer: ViewerDep, one: _KEY, other: _KEY) -> Told:
    """Return two stored plans of one kind side by side: what moved, value, blocking pairs."""
    return Told(service.compare_plans([one, other], viewer=viewer))


@router.get("/{id}", response_model=Documented, responses={200: {"model": PlanShape}})
def plan(service: ServiceDep, viewer: ViewerDep, key: Number) -> Told:
    """Return a stored plan."""
    return Told(service.plan(key, viewer=viewer))


@router.get("/{id}/certificate", response_model=Documented, responses={200: {"model": CertificateShape}})
def certificate(service: ServiceDep, viewer: ViewerDep, key: Number) -> Told:
    """Return the whole certificate of a stored plan; `jiangtu check plan FILE` checks it."""
    return Told(service.plan_certificate(key, viewer=viewer))


@router.get("/{id}/check", response_model=Documented, responses={200: {"model": VerdictShape}})
def check(service: ServiceDep, viewer: ViewerDep, key: Number) -> dict[str, Any]:
    """Check a stored plan pair by pair, independently of the solver, with preferences worked out anew."""
    return service.check_plan(service.plan_certificate(key, viewer=viewer), viewer=viewer)


@router.get(
    "/{id}/export.{form}",
    response_class=Response,
    responses={200: file_answer("application/json", "text/csv", XLSX)},
)
def export(
    service: ServiceDep, viewer: ViewerDep, key: Number, form: Literal["xlsx", "csv", "json"]
) -> Response:
    """Return a stored plan as a workbook, as CSV of its allocation, or as JSON with its certificate."""
    certificate = service.plan_certificate(key, viewer=viewer)
    plan = service.plan(key, viewer=viewer)
    whole = {**plan, "certificate": certificate} if form == "json" and sees_all(viewer) else plan
    headers = {"Content-Disposition": f'attachment; filename="{plan["id"]}.{form}"'}
    return Response(plan_file(whole, form), media_type=MEDIA_TYPES[form], headers=headers)
