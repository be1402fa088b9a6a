"""What a recommendation is made of (contract §4). The explanation is the computation: scores are sums of factors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from kg.model.graph import Link, NodeRef, RowId, flat_edge_id

_MOST_IDS: Final = 8_000


class Status(StrEnum):
    """The three values of a filter."""

    PASS = "pass"  # noqa: S105 - not a password
    UNKNOWN = "unknown"
    FAIL = "fail"


PASS: Final = Status.PASS
UNKNOWN: Final = Status.UNKNOWN
FAIL: Final = Status.FAIL
"""The members by their own names: through the class each look-up takes ten times as long, and filters make thousands."""


class Band(StrEnum):
    """The three bands of an answer."""

    RANKED = "ranked"
    LOW_COVERAGE = "low_coverage"
    TO_VERIFY = "to_verify"


class Evidence(NamedTuple):
    """One edge that a reason rests on, laid flat: the row that states it, and the two ends of the edge."""

    source: str
    table: str
    key: str
    start_kind: str
    start_key: str
    relation: str
    end_kind: str
    end_key: str

    @classmethod
    def of(cls, row: RowId, link: Link) -> "Evidence":
        """Return the edge that a row states."""
        return cls(*row, *link.start, link.relation, *link.end)

    @property
    def row(self) -> RowId:
        """The row that states the edge."""
        return RowId(self.source, self.table, self.key)

    @property
    def start(self) -> NodeRef:
        """The node from which the edge goes."""
        return NodeRef(self.start_kind, self.start_key)

    @property
    def end(self) -> NodeRef:
        """The node to which the edge goes."""
        return NodeRef(self.end_kind, self.end_key)

    @property
    def link(self) -> Link:
        """The edge itself."""
        return Link(self.start, self.relation, self.end)

    @property
    def id(self) -> str:
        """The stable id of the edge."""
        return _id_of(self)


@lru_cache(maxsize=_MOST_IDS)
def _id_of(evidence: Evidence) -> str:
    """Return the id of an edge; those lately told are kept, because the same edges are cited again and again."""
    return flat_edge_id(evidence)


class Factor(NamedTuple):
    """One line of the ledger: `value` in 0..1 (the neutral value where unknown), `contribution = weight * value`."""

    code: str
    weight: float
    value: float
    known: bool
    text: str = ""
    evidence: tuple[Evidence, ...] = ()

    @property
    def contribution(self) -> float:
        """What the factor adds to its side."""
        return self.weight * self.value


class Side:
    """The value of a match for one side: the sums of its ledger, made once."""

    __slots__ = ("coverage", "factors", "high", "low", "score")

    def __init__(self, factors: tuple[Factor, ...]) -> None:
        """`score` sums the contributions in the order of the ledger, `coverage` the known weights.

        `low` and `high` are the score with every unknown factor at 0 and at 1.
        """
        score: float = 0
        coverage: float = 0
        low: float = 0
        high: float = 0
        for _, weight, value, known, _, _ in factors:
            part = weight * value
            score += part
            if known:
                coverage += weight
                low += part
                high += part
            else:
                high += weight
        self.factors, self.score, self.coverage = factors, score, coverage
        self.low, self.high = low, high

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Side) and self.factors == other.factors

    def __hash__(self) -> int:
        return hash(self.factors)

    def __repr__(self) -> str:
        return f"Side({self.factors!r})"


def harmonic(a: float, b: float) -> float:
    """Return 2ab/(a+b), 0 if either is 0 (`scoring.md` §1)."""
    return 2 * a * b / (a + b) if a > 0 and b > 0 else 0.0


class FilterResult(NamedTuple):
    """The outcome of one filter with its sentence; `check` says what an official must verify by hand ("" for nothing)."""

    code: str
    status: Status
    text: str = ""
    check: str = ""
    evidence: tuple[Evidence, ...] = ()


class EvidencePath(NamedTuple):
    """A chain of edges that connects the two ends of a match, with its sentence."""

    text: str
    edges: tuple[Evidence, ...]


@dataclass(frozen=True, kw_only=True)
class Match:
    """One scored pair before ranking: both sides and all filters, nothing left out.

    `sides` maps the name of a side ("need", "talent" or "enterprise", "school") to it, the asking side first.
    `facts` are short labelled facts for pages (hours by week, seat arithmetic), JSON-ready.
    """

    node: NodeRef
    label: str
    sides: Mapping[str, Side]
    filters: tuple[FilterResult, ...]
    mode: str | None = None
    other: NodeRef | None = None
    pair: Mapping[str, str] | None = None
    paths: tuple[EvidencePath, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)
    summary: str = ""

    @property
    def score(self) -> float:
        """Harmonic mean of the two sides, 0..1."""
        first, second = self.sides.values()
        return harmonic(first.score, second.score)

    @property
    def coverage(self) -> float:
        """The smaller coverage of the two sides."""
        first, second = self.sides.values()
        return min(first.coverage, second.coverage)

    @property
    def interval(self) -> tuple[float, float]:
        """The score with every unknown factor at 0, and at 1."""
        first, second = self.sides.values()
        return harmonic(first.low, second.low), harmonic(first.high, second.high)

    @property
    def status(self) -> Status:
        """Fail if any filter fails, else unknown if any is unknown, else pass."""
        return self._status()

    def _status(self) -> Status:
        found = PASS
        for result in self.filters:
            status = result.status
            if status is FAIL:
                return status
            if status is UNKNOWN:
                found = status
        return found

    @property
    def first_failing(self) -> str | None:
        """The code of the first filter that fails, in checking order."""
        return next((result.code for result in self.filters if result.status is FAIL), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """Seats given to one pair of a partner item. `legal` is None where both caps are unknown; caps None = unknown.

    The labels name cohort and post as people do.
    """

    offering: str
    demand: str
    seats: int
    score: float
    surplus: float
    supply: int
    open: int
    staff_cap: int | None
    post_cap: int | None
    used_staff: int
    used_post: int
    legal: int | None
    offering_label: str
    demand_label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of an answer: a match with its place."""

    match: Match
    rank: int
    tied: bool
    band: Band
    tie_key: str | None = None
    allocation: tuple[Allocation, ...] | None = None
    seats: int | None = None
    value: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """What was looked at: considered = listed + to_verify + sum of failed (by first failing code)."""

    considered: int
    listed: int
    to_verify: int
    failed: Mapping[str, int]


Placing = Callable[[Band, tuple[float, ...], str], int]
"""The rank that an entity would have in an answer with this band and these rounded figures, all others as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A whole answer, before rights are applied; `placing` ranks an edited item in the list of all its rivals."""

    query_id: str
    as_of: date
    question: Mapping[str, object]
    pool: Pool
    items: tuple[Item, ...]
    to_verify: tuple[Item, ...]
    placing: Placing | None = field(default=None, compare=False, repr=False)

    def rank_of(self, band: Band, order: tuple[float, ...], entity: str) -> int:
        """Return the rank by `placing`; ValueError in an answer that was made without it."""
        if self.placing is None:
            raise ValueError("this answer was made without its rivals: nobody can be placed in it")
        return self.placing(band, order, entity)
