"""Bodies and answers of identity questions."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.shapes import NodeReference, Shape

State = Literal["open", "later", "merged", "apart"]
Kind = Literal["person", "organisation", "title"]


class ReviewRequest(BaseModel):
    """What is decided about a question."""

    model_config = ConfigDict(extra="forbid")

    decision: Annotated[
        Literal["merge", "apart", "later", "undo", "confirm"],
        Field(
            description="merge 同一个，apart 分开，later 稍后再看，undo 撤回上次的处理，confirm 确认自动的合并"
        ),
    ]
    choice: Annotated[str, Field(max_length=200, description="名称问题合并到哪个候选（其 key）")] | None = (
        None
    )
    note: Annotated[str, Field(max_length=500)] = ""


class WeightShape(Shape):
    """What one comparison says: positive bits speak for one person, negative ones against."""

    field: str
    label: str
    bits: float


class PersonNumberShape(Shape):
    """The number under which a register knows a person."""

    source: str
    person_id: str


class RegisterRowShape(PersonNumberShape):
    """Where a row of a side came from."""

    origin: str


class FactShape(Shape):
    """One column of a side as an officer sees it."""

    key: str
    label: str
    text: str


class ReviewSideShape(Shape):
    """One of the two persons; no sealed value."""

    node: NodeReference | None
    rows: list[RegisterRowShape]
    rows_total: int
    facts: list[FactShape]


class CandidateShape(Shape):
    """What a name may mean; `score` 0..1, 1 = the very name."""

    key: str
    name: str
    score: float


class StepShape(Shape):
    """One decision."""

    review: str
    decision: str
    by: str
    at: datetime
    note: str
    batch: str | None


class ReviewShape(Shape):
    """A question: of persons `sides` and `weights`, of names `text`, `count`, `tables` and `candidates`."""

    id: str
    kind: Kind
    kind_label: str
    state: State
    state_label: str
    reason: Literal["alike", "two-numbers", "unknown-organisation", "unknown-title"]
    probability: float | None
    since: datetime
    by: str | None
    at: datetime | None
    note: str | None
    batch: str | None
    choice: str | None
    undone: bool
    undone_by: str | None
    sides: list[ReviewSideShape] | None = None
    weights: list[WeightShape] | None = None
    text: str | None = None
    count: int | None = None
    tables: dict[str, int] | None = None
    candidates: list[CandidateShape] | None = None


class ReviewStepsShape(ReviewShape):
    """A question with every step that was taken, oldest first."""

    history: list[StepShape]


class DecidedShape(ReviewShape):
    """A question as the decision left it."""

    revision: int


class ReviewsShape(Shape):
    """Questions, the most probable first; `counts` by state over all of them."""

    items: list[ReviewShape]
    total: int
    total_is_exact: bool
    cursor: str | None
    counts: dict[str, int]
    states: dict[str, str]
    kinds: dict[str, str]


class ComparedShape(Shape):
    """What a comparison found: records compared, persons joined (`batch`), new and open questions."""

    records: int
    merged: int
    batch: str | None
    new: int
    open: int
    revision: int


class ConfirmedShape(Shape):
    """How many questions were decided at once, and how many rows that changed (`batch`); `left` stay open."""

    confirmed: int
    rows: int
    left: int
    batch: str | None
    revision: int


class JoinedRecordShape(RegisterRowShape):
    """One register row of a person, and why it belongs to him; `review` is the question that says so."""

    recorded_at: datetime
    basis: Literal["first", "same-number", "joined", "unknown"]
    basis_label: str
    review: str | None


class JoinShape(Shape):
    """One decided question: how probable it was (0..1), who decided when, what spoke for and against."""

    review: str
    probability: float
    automatic: bool
    by: str
    at: datetime
    note: str | None
    batch: str
    weights: list[WeightShape]
    sides: list[list[PersonNumberShape]]


class JoinedShape(Shape):
    """Why several rows are one person; `probability` is the lowest among joins that nobody has confirmed."""

    records: list[JoinedRecordShape]
    joins: list[JoinShape]
    probability: float | None


class DoubtShape(Shape):
    """What whoever decides should know of a person of several records: joins that nobody has confirmed, the least probable."""

    records: int
    unconfirmed: int
    probability: float
    text: str
