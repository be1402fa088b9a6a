"""Bodies and answers of market plans, for OpenAPI (contract §3)."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.requests import Day, Whole

_District = Annotated[str, Field(min_length=1, max_length=20, description="区划代码；不写为全区域")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Shape(BaseModel):
    model_config = ConfigDict(extra="allow")


class CooperationPlanRequest(_Body):
    """A plan of seats for all cohorts and posts of a mode and a school year."""

    mode: str = Field(
        max_length=50, description="占席位的合作方式：internship、order_class、apprentice_modern"
    )
    year: Annotated[Whole, Field(ge=1900, le=2199, description="学年：9 月开始的年份")] | None = None
    district: _District | None = None
    objective: Literal["stable", "max-value"] | None = None
    as_of: Day | None = None
    seconds: Annotated[Whole, Field(ge=1, le=300, description="价值最大方案最多算几秒")] | None = None
    priced: bool = Field(default=True, description="同时算出另一种方案，得到稳定的代价")


class MobilityPlanRequest(_Body):
    """A plan of hours for all open needs."""

    district: _District | None = None
    k: Annotated[Whole, Field(ge=1, le=200, description="每条需求最多考虑几位人才")] | None = None
    as_of: Day | None = None


class PlanPolicyShape(_Shape):
    """The policy that a plan follows."""

    id: str
    hash: str


class PriceShape(_Shape):
    """What stability costs: the plan of greatest value less the stable one."""

    value: float
    value_share: float
    seats: int
    greatest_value: float
    greatest_seats: int
    blocking: int
    exact: bool
    bound: float


class DigestShape(_Shape):
    """The certificate in short; `complete` says whether it holds every pair."""

    algorithm: str
    digest: str
    pairs: int
    complete: bool
    address: str


class PlanShape(_Shape):
    """A plan. Officers see it whole; planners get `aggregated` sums without allocation and certificate.

    Seats: allocation of {offering, demand, seats, a, b, score, surplus}. Hours: {need, talent, hours, mode, …}.
    """

    id: str
    kind: Literal["cooperation", "mobility"]
    objective: Literal["stable", "max-value"]
    favours: Literal["school", "enterprise", "need"] | None
    question: dict[str, Any]
    as_of: date
    policy: PlanPolicyShape
    revision: int
    made_at: datetime
    verdict: str
    value: float
    stable: bool
    proved: bool
    market: dict[str, float]
    notice: str
    seats: int | None = None
    hours: float | None = None
    price: PriceShape | None = None
    price_note: str = ""
    allocation: list[dict[str, Any]] | None = None
    closed: list[str] | None = None
    coalitions: list[dict[str, Any]] | None = None
    blocking: list[dict[str, Any]] | None = None
    negotiable: list[dict[str, str]] | None = None
    unserved: list[str] | None = None
    certificate: DigestShape | None = None
    aggregated: bool = False
    cohorts: list[dict[str, Any]] | None = None


class PlanLineShape(_Shape):
    """A stored plan in one line."""

    id: str
    kind: Literal["cooperation", "mobility"]
    objective: str
    question: dict[str, Any]
    as_of: date
    revision: int
    made_at: datetime
    verdict: str
    value: float
    stable: bool
    allocations: int
    blocking: int
    negotiable: int
    closed: int


class PlansShape(_Shape):
    """Stored plans, newest first."""

    items: list[PlanLineShape]
    total: int
    total_is_exact: bool
    cursor: str | None


class CertificateShape(_Shape):
    """Everything that is needed to check a plan without believing the solver."""

    format: str
    kind: Literal["cooperation", "mobility"]
    indifference: float
    pairs: Any
    rankings: dict[str, Any]
    allocation: list[dict[str, Any]]
    blocking: list[dict[str, Any]]
    stable: bool


class PlanProblemShape(_Shape):
    """One statement that does not hold."""

    code: str
    text: str


class VerdictShape(_Shape):
    """What the independent check found; `valid` when every statement of the certificate holds."""

    valid: bool
    problems: list[PlanProblemShape]
    problems_total: int
    facts: dict[str, Any]
    notes: list[str]


class ComparisonShape(_Shape):
    """Two plans side by side; differences are the second less the first."""

    kind: Literal["cooperation", "mobility"]
    plans: list[PlanLineShape]
    moved: list[dict[str, Any]]
    same: float
    differences: dict[str, float]
    names: dict[str, Any]
