"""Bodies and answers of the planner's indicators."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.requests import Day, Whole
from api.schemas.shapes import NodeReference


class _Shape(BaseModel):
    model_config = ConfigDict(extra="allow")


class MajorChangeBody(BaseModel):
    """One change to the plan of majors: `students` seats are added by add and grow, ignored by close."""

    model_config = ConfigDict(extra="forbid")

    action: Literal["add", "grow", "close"]
    major: Annotated[str, Field(min_length=1, max_length=200, description="专业代码，可带 @版本")]
    school: Annotated[str, Field(min_length=1, max_length=200, description="院校统一社会信用代码")]
    students: Whole = 0


class WhatIfRequest(BaseModel):
    """What happens when these majors are added, grown or closed; nothing is stored."""

    model_config = ConfigDict(extra="forbid")

    changes: Annotated[list[MajorChangeBody], Field(min_length=1, max_length=50)]
    year: Annotated[Whole, Field(ge=1900, le=2199)] | None = None
    as_of: Day | None = None


class MarketLineShape(_Shape):
    """One cell: None where a figure is unknown, masked or hidden; `basis` stated or summed."""

    occupation: NodeReference | None
    level: str | None
    district: NodeReference | None
    demand: float | None
    supply: float | None
    gap: float | None
    ratio_simple: float | None
    ratio_official: float | None
    basis: Literal["stated", "summed"]
    suppressed: bool
    previous: dict[str, float | None] | None


class DemandSupplyShape(_Shape):
    """Demand and supply of a quarter by the dimensions asked for."""

    quarter: str
    quarters: list[str]
    by: list[str]
    items: list[MarketLineShape]
    total: int
    total_is_exact: bool
    cursor: str | None
    totals: MarketLineShape | None
    suppressed: int
    smallest_told: int | None
    formulas: dict[str, str]
    sources: list[str]
    reported: dict[str, Any]
    revision: int


class ClosingShape(_Shape):
    """One cell by district, and who could close its gap; `talents.count` None: hidden, fewer than ten."""

    quarter: str
    cell: MarketLineShape | None
    districts: list[MarketLineShape]
    area: list[dict[str, Any]]
    posts: dict[str, Any]
    talents: dict[str, int | None]
    majors: list[dict[str, Any]]
    schools: list[dict[str, Any]]
    revision: int


class AlignedShape(_Shape):
    """Share of seats whose major meets the priority chains; None without seats."""

    share: float | None
    seats: int
    aligned: int
    majors: list[dict[str, Any]]
    uncovered: list[dict[str, Any]]


class AlignmentShape(AlignedShape):
    """Alignment of a year, with the definition that was used."""

    as_of: str
    year: int
    definition: str
    chains_without_group: list[dict[str, Any]]
    revision: int


class WhatIfShape(_Shape):
    """Alignment before and after the changes."""

    as_of: str
    year: int
    definition: str
    before: AlignedShape
    after: AlignedShape
    gained: float | None
    revision: int
