"""Answer shapes, for OpenAPI (contract §3, §4). Answers are built by `kg.service`; these models document them."""

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict


class _Shape(BaseModel):
    model_config = ConfigDict(extra="allow")


class Problem(_Shape):
    """RFC 9457 problem document."""

    type: str
    title: str
    status: int
    code: str
    detail: str


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
    paths: list[dict[str, Any]]
    allocation: list[dict[str, Any]] | None
    counterfactuals: list[dict[str, Any]]
    summary: str


class PolicyReference(_Shape):
    """Which policy the numbers come from."""

    id: str
    hash: str


class PoolShape(_Shape):
    """considered = listed + to_verify + sum of failed."""

    considered: int
    listed: int
    to_verify: int


class RecommendationShape(_Shape):
    """An answer of one of the two headline questions."""

    query_id: str
    as_of: date
    policy: PolicyReference
    revision: int
    question: dict[str, Any]
    pool: PoolShape
    items: list[ItemShape]
    to_verify: list[ItemShape]
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


class NodeShape(_Shape):
    """Properties of a node, with their sources."""

    node: NodeReference
    properties: list[dict[str, Any]]
    sources: list[dict[str, Any]]


class NeighboursShape(_Shape):
    """Neighbours in groups with exact totals."""

    node: NodeReference
    groups: list[dict[str, Any]]


class ImportShape(_Shape):
    """`{"id", "status": "running"}`, or the load report (`jiangtu.load/1`) with its id."""

    id: str
    status: str


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
