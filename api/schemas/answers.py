"""Answer shapes, for OpenAPI (contract §3, §4). Answers are built by `kg.service`; these models document them."""

from datetime import date, datetime
from typing import Any, Literal

from api.schemas.items import ItemShape
from api.schemas.reviews import JoinedShape
from api.schemas.shapes import NodeReference, Shape


class Problem(Shape):
    """RFC 9457 problem document."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    field: str | None = None
    errors: list[dict[str, Any]] | None = None


class PolicyReference(Shape):
    """Which policy the numbers come from."""

    id: str
    hash: str


class PoolShape(Shape):
    """considered = listed + to_verify + sum of failed."""

    considered: int
    listed: int
    to_verify: int
    failed: dict[str, int] | None = None


class KnownShape(Shape):
    """A state of the store: its revision, and when that was recorded."""

    revision: int
    at: datetime | None


class ReplayShape(Shape):
    """What an answer about the past rests on: the policy of today, in both languages."""

    policy: dict[str, str]
    text: str
    text_en: str


class RecommendationShape(Shape):
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


class SearchItem(Shape):
    """One hit."""

    node: NodeReference
    subtitle: str
    matched: dict[str, str]


class SearchShape(Shape):
    """Search hits, best first."""

    items: list[SearchItem]
    total: int
    total_is_exact: bool


class PropertyShape(Shape):
    """One property: how pages show it, the value itself, and the register that says so."""

    key: str
    label: str
    value: str
    data: bool | int | float | str | list[str] | None
    source: str | None


class SourceShape(Shape):
    """Where a row comes from and when it holds."""

    source: str
    origin: str
    batch: str
    recorded_at: datetime
    valid_from: date | None
    valid_to: date | None
    confidence: float
    basis: str


class NodeShape(Shape):
    """Properties of a node, with their sources; `joined` for officers, of a person of several rows."""

    node: NodeReference
    properties: list[PropertyShape]
    sources: list[SourceShape]
    holds: bool
    as_of: date | None
    known_at: KnownShape
    replay: ReplayShape | None
    joined: JoinedShape | None = None


class NeighbourShape(Shape):
    """One neighbour and the edge that leads to it."""

    node: NodeReference
    edge: dict[str, Any]


class GroupShape(Shape):
    """Neighbours by one relation in one direction; `cursor` asks for the next page of this group."""

    relation: str
    direction: str
    kind: str
    total: int
    total_is_exact: bool
    items: list[NeighbourShape]
    cursor: str | None


class NeighboursShape(Shape):
    """Neighbours in groups with exact totals."""

    node: NodeReference
    groups: list[GroupShape]
    as_of: date | None
    known_at: KnownShape
    replay: ReplayShape | None


class StartedShape(Shape):
    """An import that was taken in; its report comes at GET /imports/{id}."""

    id: str
    status: Literal["running"]


class CountsShape(Shape):
    """Rows: read = inserted + updated + unchanged + rejected; retired stands outside the sum."""

    read: int
    inserted: int
    updated: int
    unchanged: int
    rejected: int
    retired: int


class FindingShape(Shape):
    """One wrong cell, warning or refusal; personal values are masked."""

    file: str | None
    sheet: str | None
    row: int | None
    column: str | None
    code: str
    message: str


class ImportShape(Shape):
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
    changes: dict[str, Any] | None = None
    titles: list[dict[str, Any]] | None = None


class ImportComparisonShape(Shape):
    """What the comparison after an import found; counts with `done`, code and sentence with skipped and failed."""

    id: str
    status: Literal["none", "running", "done", "skipped", "failed"]
    records: int | None = None
    merged: int | None = None
    new: int | None = None
    batch: str | None = None
    open: int | None = None
    revision: int | None = None
    code: str | None = None
    message: str | None = None


class AuditEntryShape(Shape):
    """Who did what."""

    number: int
    at: datetime
    viewer: str
    action: str
    subject: str
    detail: dict[str, Any]


class AuditShape(Shape):
    """A page of the audit trail; `cursor` asks for the next."""

    items: list[AuditEntryShape]
    total: int
    total_is_exact: bool
    cursor: str | None


class RulesShape(Shape):
    """The policy: every number with its basis, every filter and factor with its label."""

    id: str
    hash: str
    effective_from: date
    sections: list[dict[str, Any]]
    factors: dict[str, dict[str, str]]
    filters: dict[str, list[dict[str, str]]]
    notice: str


class HealthShape(Shape):
    """The process answers."""

    status: Literal["ok"]


class ReadyShape(Shape):
    """Questions can be answered from this revision."""

    status: Literal["ready"]
    revision: int


class MeShape(Shape):
    """Who asks and what he may see."""

    name: str
    roles: list[str]
    org: dict[str, str] | None
    kinds: dict[str, str]
    may_recommend: bool


class RevealShape(Shape):
    """Name and phone of a talent; the look is in the audit log."""

    name: str | None
    phone: str | None
