"""Bodies and answers of decisions and follow-ups."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from api.schemas.requests import Day, Whole
from kg.decisions.followups import REASONS, STATES

_REASONS: Final = "；".join(
    f"{name} {'、'.join(REASONS[kind])}" for kind, name in (("talents", "人才"), ("partners", "伙伴"))
)
_KEY_BY_LABEL: Final = {label: key for key, label in STATES.items()}
State = Annotated[
    Literal["adopted", "rejected", "contacted", "agreed", "succeeded", "failed"],
    BeforeValidator(lambda given: _KEY_BY_LABEL.get(given, given) if isinstance(given, str) else given),
    Field(description="、".join(f"{key} {label}" for key, label in STATES.items()) + "；写中文也可以"),
]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="allow")


class TermsBody(BaseModel):
    """What was agreed; of a partner question mode defaults to the one asked for."""

    model_config = ConfigDict(extra="forbid")

    mode: Annotated[str, Field(max_length=50)] | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None
    hours_per_week: Annotated[float, Field(strict=True, ge=0, le=168, allow_inf_nan=False)] | None = None
    trips: Annotated[Whole, Field(ge=0, le=100_000)] | None = None
    seats: Annotated[Whole, Field(ge=0, le=100_000)] | None = None
    offering: Annotated[str, Field(max_length=200)] | None = None
    demand: Annotated[str, Field(max_length=200)] | None = None


class DecisionRequest(BaseModel):
    """One step with one item of an answer that was given."""

    model_config = ConfigDict(extra="forbid")

    query_id: Annotated[str, Field(min_length=1, max_length=64)]
    entity: Annotated[str, Field(min_length=1, max_length=400, description="该项节点的键")]
    state: State
    reason: Annotated[str, Field(max_length=50, description=f"不采纳、未达必填：{_REASONS}")] = ""
    note: Annotated[str, Field(max_length=500)] = ""
    terms: TermsBody | None = None


class UndoRequest(BaseModel):
    """The last step of one item, which is to be taken back: its `state` and `at` as the follow-up tells them."""

    model_config = ConfigDict(extra="forbid")

    query_id: Annotated[str, Field(min_length=1, max_length=64)]
    entity: Annotated[str, Field(min_length=1, max_length=400, description="该项节点的键")]
    state: State
    at: Annotated[
        str, Field(min_length=1, max_length=40, description="这一步的时间，照 GET /decisions 的 at")
    ]


class FollowupShape(_Shape):
    """One follow-up; `record` is the key of the row that an agreement left in the graph.

    `reversible`: its last step can be taken back.
    """

    query_id: str
    entity: str
    kind: Literal["talents", "partners"]
    name: str
    state: State
    label: str
    reason: str
    note: str
    terms: dict[str, Any]
    viewer: str
    at: datetime
    since: datetime
    record: str | None
    question: dict[str, Any]
    reversible: bool


class TakenShape(FollowupShape):
    """A follow-up after a step, with the revision from which the graph knows of it."""

    revision: int


class UndoneShape(_Shape):
    """How far an item is after its last step was taken back: its follow-up, or `state` null where none is left."""

    query_id: str
    entity: str
    name: str
    state: State | None
    reversible: bool
    revision: int


class DecisionsShape(_Shape):
    """Follow-ups, newest first, with counts by state, and the `reasons` of each kind."""

    items: list[FollowupShape]
    total: int
    total_is_exact: bool
    cursor: str | None
    counts: dict[str, int]
    states: dict[str, str]
    reasons: dict[str, list[str]]


class StepsShape(_Shape):
    """Every step of one follow-up."""

    items: list[dict[str, Any]]


class ShownShape(_Shape):
    """Who was shown how often; `groups` compares the first k of lists with their pools by skew and NDKL."""

    since: str
    lists: dict[str, int]
    shown: int
    distinct: int
    decisions: dict[str, int]
    k: int
    compared: int
    groups: dict[str, dict[str, Any]]
