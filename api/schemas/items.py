"""Shapes of one line of an answer, for OpenAPI (contract §4): ledger, filters, evidence, counterfactuals, agreement."""

from typing import Any, Literal

from pydantic import Field

from api.schemas.reviews import DoubtShape
from api.schemas.shapes import NodeReference, Shape


class FactorShape(Shape):
    """One line of the ledger."""

    code: str
    label: str
    weight: float
    value: float
    known: bool
    contribution: float
    text: str
    evidence: list[str]


class SideShape(Shape):
    """One side: its score is the sum of the contributions."""

    score: float
    coverage: float
    factors: list[FactorShape]


class FilterShape(Shape):
    """One filter: pass, unknown or fail."""

    code: str
    status: str
    text: str
    evidence: list[str]


class PathEdgeShape(Shape):
    """One step of an evidence path."""

    id: str
    source: NodeReference
    relation: str
    target: NodeReference


class PathShape(Shape):
    """A chain of edges that connects the two ends, with its sentence."""

    text: str
    edges: list[PathEdgeShape]


class LegalShape(Shape):
    """The two caps on students in training; null where staff figures are unknown or not for the viewer."""

    staff_cap: int | None
    post_cap: int | None
    used_staff: int | None
    used_post: int | None
    legal: int | None


class AllocationShape(Shape):
    """Seats of one pair of offering and demand."""

    offering: str
    demand: str
    seats: int
    score: float
    surplus: float
    supply: int
    open: int
    legal: LegalShape


class EditShape(Shape):
    """One change: a cell (`column`, `from`, `to` of row `key` of `source`), a new `row`, or a `filter` that is verified.

    `source` and `key` are null for a need that was typed in: the cell is then a column of `inline`.
    """

    table: str | None = None
    source: str | None = None
    key: str | None = None
    column: str | None = None
    before: Any = Field(None, alias="from")
    to: Any = None
    row: dict[str, Any] | None = None
    filter: str | None = None


class CounterfactualShape(Shape):
    """What the item would be worth if only it were so edited; `rank` in this answer, `cost` in points of effort."""

    text: str
    what: str
    edits: list[EditShape]
    cost: float
    score: float
    rank: int
    band: str
    seats: int | None = None
    value: float | None = None


class AlternativeShape(Shape):
    """The next item in order, and the factor on which it loses most; null after the last."""

    node: NodeReference
    rank: int
    score: float
    side: str | None
    factor: str | None
    text: str


class WithoutShape(Shape):
    """What the item comes to without a row: the score anew, and whether its filters still pass."""

    score: float
    status: Literal["pass", "unknown", "fail"]


class EvidenceRowShape(Shape):
    """One cited edge with the row that states it.

    `without` is null for the rows that make the pair what it is: talent, need, cohort, post, major, school, enterprise.
    """

    id: str
    text: str
    relation: str
    relation_label: str
    start: NodeReference
    end: NodeReference
    source: str
    origin: str
    without: WithoutShape | None


class ChecklistShape(Shape):
    """One point that an agreement should settle; `filled` from the match, else a reminder."""

    code: str
    label: str
    text: str
    filled: bool


class ClauseShape(Shape):
    """A clause of the table `policies` that applies: of this subject, for this mode or any, in force on the day."""

    clause_id: str
    title: str
    text: str | None
    source: str | None
    valid_from: str | None
    valid_to: str | None


class ItemShape(Shape):
    """One recommended talent or partner."""

    rank: int
    tied: bool
    band: str
    node: NodeReference
    other: NodeReference | None
    score: float
    coverage: float
    interval: list[float]
    sides: dict[str, SideShape]
    filters: list[FilterShape]
    mode: str | None
    paths: list[PathShape]
    allocation: list[AllocationShape] | None
    counterfactuals: list[CounterfactualShape]
    alternative: AlternativeShape | None
    summary: str
    evidence_hidden: int
    tie_key: str | None = None
    pair: dict[str, str] | None = None
    seats: int | None = None
    value: float | None = None
    card: dict[str, Any] | None = None
    identity: DoubtShape | None = None
    evidence_rows: list[EvidenceRowShape] | None = None
    checklist: list[ChecklistShape] | None = None
    clauses: list[ClauseShape] | None = None
