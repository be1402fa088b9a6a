"""The planner's questions."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from api.deps import ServiceDep, ViewerDep
from api.routers.common import PROBLEMS, Documented, Told
from api.schemas.indicators import (
    AlignmentShape,
    ClosingShape,
    DemandSupplyShape,
    WhatIfRequest,
    WhatIfShape,
)
from api.schemas.requests import Day
from kg.indicators.market import DIMENSIONS

router = APIRouter(tags=["indicators"], responses=PROBLEMS)
Code = Annotated[str | None, Query(max_length=200)]
Quarter = Annotated[str | None, Query(max_length=10, description="如 2026Q3；不写为最新一季")]
Year = Annotated[int | None, Query(ge=1900, le=2199)]
By = Annotated[
    list[Literal["occupation", "level", "district"]] | None, Query(description="、".join(DIMENSIONS))
]


@router.get(
    "/indicators/demand-supply", response_model=Documented, responses={200: {"model": DemandSupplyShape}}
)
def demand_supply(
    service: ServiceDep,
    viewer: ViewerDep,
    by: By = None,
    quarter: Quarter = None,
    occupation: Code = None,
    level: Code = None,
    district: Code = None,
    order: Literal["gap", "ratio", "demand", "name"] = "gap",
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
    cursor: Annotated[str | None, Query(max_length=20)] = None,
) -> Told:
    """Return demand, supply, gap and 求人倍率 by both formulae; small cells are hidden below officer."""
    return Told(
        service.demand_supply(
            viewer=viewer,
            by=by or ["occupation", "level"],
            quarter=quarter,
            occupation=occupation,
            level=level,
            district=district,
            order=order,
            limit=limit,
            cursor=cursor,
        )
    )


@router.get(
    "/indicators/demand-supply/cell", response_model=Documented, responses={200: {"model": ClosingShape}}
)
def cell(
    service: ServiceDep,
    viewer: ViewerDep,
    occupation: Annotated[str, Query(max_length=200)],
    level: Code = None,
    district: Code = None,
    quarter: Quarter = None,
) -> Told:
    """Return one cell by district, and the posts, majors and schools that could close its gap."""
    return Told(
        service.demand_supply_cell(
            viewer=viewer, occupation=occupation, level=level, district=district, quarter=quarter
        )
    )


@router.get("/indicators/alignment", response_model=Documented, responses={200: {"model": AlignmentShape}})
def alignment(
    service: ServiceDep,
    viewer: ViewerDep,
    as_of: Day | None = None,
    year: Year = None,
    district: Code = None,
    school: Code = None,
) -> Told:
    """Return the share of seats whose major meets the priority chains."""
    return Told(service.alignment(viewer=viewer, as_of=as_of, year=year, district=district, school=school))


@router.post("/what-if/majors", response_model=Documented, responses={200: {"model": WhatIfShape}})
def what_if_majors(service: ServiceDep, viewer: ViewerDep, body: WhatIfRequest) -> Told:
    """Return alignment before and after adding, growing or closing majors; nothing is stored."""
    changes = [change.model_dump() for change in body.changes]
    return Told(service.what_if_majors(changes, viewer=viewer, as_of=body.as_of, year=body.year))
