"""Answer shapes, for OpenAPI (contract §3, §4). Answers are built by `kg.service`; these models document them."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Shape(BaseModel):
    model_config = ConfigDict(extra="allow")


class Problem(_Shape):
    """RFC 9457 problem document."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    field: str | None = None
    errors: list[dict[str, Any]] | None = None


class NodeReference(_Shape):
    """A node: kind (singular of its table), key, name (persons masked)."""

    kind: str
    key: str
    name: str


class FactorShape(_Shape):
    """One line of the ledger."""

    code: str
    label: str
    weight: float
    value: float
    known: bool
    contribution: float
    text: str
    evidence: list[str]


class SideShape(_Shape):
    """One side: its score is the sum of the contributions."""

    score: float
    coverage: float
    factors: list[FactorShape]


class FilterShape(_Shape):
    """One filter: pass, unknown or fail."""

    code: str
    status: str
    text: str
    evidence: list[str]


class PathEdgeShape(_Shape):
    """One step of an evidence path."""

    id: str
    source: NodeReference
    relation: str
    target: NodeReference


class PathShape(_Shape):
    """A chain of edges that connects the two ends, with its sentence."""

    text: str
    edges: list[PathEdgeShape]


class LegalShape(_Shape):
    """The two caps on students in training; null where staff figures are unknown or not for the viewer."""

    staff_cap: int | None
    post_cap: int | None
    used_staff: int | None
    used_post: int | None
    legal: int | None


class AllocationShape(_Shape):
    """Seats of one pair of offering and demand."""

    offering: str
    demand: str
    seats: int
    score: float
    surplus: float
    supply: int
    open: int
    legal: LegalShape


class EditShape(_Shape):
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


class CounterfactualShape(_Shape):
    """What the item would be worth if only it were so edited; `rank` in this answer, `cost` in points of effort."""

    text: str
    edits: list[EditShape]
    cost: float
    score: float
    rank: int
    band: str
    seats: int | None = None
    value: float | None = None


class AlternativeShape(_Shape):
    """The next item in order, and the factor on which it loses most; null after the last."""

    node: NodeReference
    rank: int
    score: float
    side: str | None
    factor: str | None
    text: str


class WithoutShape(_Shape):
    """What the item comes to without a row: the score anew, and whether its filters still pass."""

    score: float
    status: Literal["pass", "unknown", "fail"]


class EvidenceRowShape(_Shape):
    """One cited edge with the row that states it; `without` is null where the row cannot be left out alone."""

    id: str
    text: str
    relation: str
    relation_label: str
    start: NodeReference
    end: NodeReference
    source: str
    origin: str
    without: WithoutShape | None


class ChecklistShape(_Shape):
    """One point that an agreement should settle; `filled` from the match, else a reminder."""

    code: str
    label: str
    text: str
    filled: bool


class ClauseShape(_Shape):
    """A clause of the table `policies` that applies: of this subject, for this mode or any, in force on the day."""

    clause_id: str
    title: str
    text: str | None
    source: str | None
    valid_from: str | None
    valid_to: str | None


class ItemShape(_Shape):
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
    tie_key: str | None = None
    pair: dict[str, str] | None = None
    seats: int | None = None
    value: float | None = None
    card: dict[str, Any] | None = None
    evidence_rows: list[EvidenceRowShape] | None = None
    checklist: list[ChecklistShape] | None = None
    clauses: list[ClauseShape] | None = None


class PolicyReference(_Shape):
    """Which policy the numbers come from."""

    id: str
    hash: str


class PoolShape(_Shape):
    """considered = listed + to_verify + sum of failed."""

    considered: int
    listed: int
    to_verify: int
    failed: dict[str, int] | None = None


class KnownShape(_Shape):
    """A state of the store: its revision, and when that was recorded."""

    revision: int
    at: datetime | None


class ReplayShape(_Shape):
    """What an answer about the past rests on: the policy of today, in both languages."""

    policy: dict[str, str]
    text: str
    text_en: str


class RecommendationShape(_Shape):
    """An answer of one of the two headline questions."""

    query_id: str
    as_of: date
    known_at: KnownShape
    replay: ReplayShape | None
    policy: PolicyReference
    revision: int
    question: dict[str, Any]
    pool: PoolShape
    items: list[ItemShape]
    to_verify: list[ItemShape]
    synthetic: bool
    notice: str


class SearchItem(_Shape):
    """One hit."""

    node: NodeReference
    subtitle: str
    matched: dict[str, str]


class SearchShape(_Shape):
    """Search hits, best first."""

    items: list[SearchItem]
    total: int
    total_is_exact: bool


class PropertyShape(_Shape):
    """One property: how pages show it, the value itself, and the register that says so."""

    key: str
    label: str
    value: str
    data: bool | int | float | str | list[str] | None
    source: str | None


class SourceShape(_Shape):
    """Where a row comes from and when it holds."""

    source: str
    origin: str
    batch: str
    recorded_at: datetime
    valid_from: date | None
    valid_to: date | None
    confidence: float
    basis: str


class NodeShape(_Shape):
    """Properties of a node, with their sources."""

    node: NodeReference
    properties: list[PropertyShape]
    sources: list[SourceShape]
    holds: bool
    as_of: date | None
    known_at: KnownShape
    replay: ReplayShape | None


class NeighbourShape(_Shape):
    """One neighbour and the edge that leads to it."""

    node: NodeReference
    edge: dict[str, Any]


class GroupShape(_Shape):
    """Neighbours by one relation in one direction; `cursor` asks for the next page of this group."""

    relation: str
    direction: str
    kind: str
    total: int
    total_is_exact: bool
    items: list[NeighbourShape]
    cursor: str | None


class NeighboursShape(_Shape):
    """Neighbours in groups with exact totals."""

    node: NodeReference
    groups: list[GroupShape]
    as_of: date | None
    known_at: KnownShape
    replay: ReplayShape | None


class StartedShape(_Shape):
    """An import that was taken in; its report comes at GET /imports/{id}."""

    id: str
    status: Literal["running"]


class CountsShape(_Shape):
    """Rows: read = inserted + updated + unchanged + rejected; retired stands outside the sum."""

    read: int
    inserted: int
    updated: int
    unchanged: int
    rejected: int
    retired: int


class FindingShape(_Shape):
    """One wrong cell, warning or refusal; personal values are masked."""

    file: str | None
    sheet: str | None
    row: int | None
    column: str | None
    code: str
    message: str


class ImportShape(_Shape):
    """`{"id", "status": "running"}`, or the load report (`jiangtu.load/1`) with its id."""

    id: str
    status: Literal["running", "done", "done-with-rejects", "refused"]
    batch: str | None = None
    source: str | None = None
    dry_run: bool | None = None
    full: bool | None = None
    revision: int | None = None
    changed: bool | None = None
    files: list[dict[str, Any]] | None = None
    tables: dict[str, CountsShape] | None = None
    totals: CountsShape | None = None
    rejects: list[FindingShape] | None = None
    rejects_total: int | None = None
    rejects_truncated: bool | None = None
    warnings: list[FindingShape] | None = None
    errors: list[FindingShape] | None = None
    error_file: str | None = None


class AuditEntryShape(_Shape):
    """Who did what."""

    number: int
    at: datetime
    viewer: str
    action: str
    subject: str
    detail: dict[str, Any]


class AuditShape(_Shape):
    """A page of the audit trail; `cursor` asks for the next."""

    items: list[AuditEntryShape]
    total: int
    total_is_exact: bool
    cursor: str | None


class RulesShape(_Shape):
    """The policy: every number with its basis, every filter and factor with its label."""

    id: str
    hash: str
    effective_from: date
    sections: list[dict[str, Any]]
    factors: dict[str, dict[str, str]]
    filters: dict[str, list[dict[str, str]]]
    notice: str


class HealthShape(_Shape):
    """The process answers."""

    status: Literal["ok"]


class ReadyShape(_Shape):
    """Questions can be answered from this revision."""

    status: Literal["ready"]
    revision: int


class MeShape(_Shape):
    """Who asks and what he may see."""

    name: str
    roles: list[str]
    org: dict[str, str] | None
    kinds: dict[str, str]
    may_recommend: bool


class RevealShape(_Shape):
    """Name and phone of a talent; the look is in the audit log."""

    name: str | None
    phone: str | None
