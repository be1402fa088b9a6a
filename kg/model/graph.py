"""Nodes, edges and the stored unit: the row of one source."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import NamedTuple

Value = None | bool | int | float | str | tuple[str, ...]
"""A canonical value of `files.md` §2: None absent, "*" masked, dates ISO, levels and choices by Chinese name, modes by key."""

MASKED = "*"


class NodeRef(NamedTuple):
    """A node: kind and key (contract §5); `str()` is `kind:key`, which splits at the first colon."""

    kind: str
    key: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.key}"

    @classmethod
    def parse(cls, text: str) -> "NodeRef":
        """Return the reference written as `kind:key`; ValueError without a colon."""
        kind, colon, key = text.partition(":")
        if not colon or not kind or not key:
            raise ValueError(f"a node is written kind:key, got {text!r}")
        return cls(kind, key)


class RowId(NamedTuple):
    """The identity of a stored row: source, table, natural key inside that source (`files.md` S30)."""

    source: str
    table: str
    key: str


class Link(NamedTuple):
    """One edge that a row states: from a node, by a relation of the schema, to a node (which may not be known yet)."""

    start: NodeRef
    relation: str
    end: NodeRef


def edge_id(row: RowId, link: Link) -> str:
    """Return the stable id of an edge: 20 hex digits that depend on row and ends, never on order of loading."""
    return flat_edge_id((*row, *link.start, link.relation, *link.end))


def flat_edge_id(parts: Sequence[str]) -> str:
    """Return the id of an edge laid flat: source, table and key of the row, start, relation, end."""
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=10).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a row came from and when it holds: the common block of every node and edge.

    `origin` is file, sheet and row as people see them ("企业.xlsx / 企业 / 第 7 行"); `recorded_at` is when we
    learnt it (UTC); `valid_from` and `valid_to` when it is true, last day included, None open; `confidence` 0..1;
    `basis` the word of the source (证书, 核实, 自述) or "".
    """

    batch: str
    origin: str
    recorded_at: datetime
    valid_from: date | None = None
    valid_to: date | None = None
    confidence: float = 1.0
    basis: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Row:
    """One stored row without its sealed part.

    `node` is the node of which the row is one view (None for a relation table). `label` is what everyone may
    be shown as its name (persons masked). `values` holds the plain columns that are present; an absent column is
    missing. `seal_mark` is a keyed digest of the sealed columns ("" without any): equal mark, equal content.
    Rows compare by value; a store may hand out a subclass that decodes `links` and `provenance` when first asked.
    `identity` is the keyed token of a person's ID number ("" without one): equal token, one person.
    `person` is the talent key the row belongs to. `owners` are credit codes; `public` False for 仅经办.
    """

    id: RowId
    node: NodeRef | None
    label: str
    values: Mapping[str, Value]
    links: tuple[Link, ...]
    provenance: Provenance
    person: str | None = None
    owners: tuple[str, ...] = ()
    public: bool = True
    seal_mark: str = ""
    identity: str = ""

    def target(self, relation: str) -> str:
        """Return the key of the first node to which the row links by that relation, "" for none."""
        return next(iter(self.targets(relation)), "")

    def targets(self, relation: str) -> list[str]:
        """Return the keys of the nodes to which the row links by that relation."""
        return [link.end.key for link in self.links if link.relation == relation]

    def flat_edges(self) -> list[tuple[str, ...]]:
        """Return the edges that the row states, laid flat: relation, then kind and key of the end and of the start."""
        return [(relation, *end, *start) for start, relation, end in self.links]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Row) and all(
            getattr(self, name) == getattr(other, name) for name in _ROW_FIELDS
        )

    def __hash__(self) -> int:
        return hash(self.id)


_ROW_FIELDS = tuple(field.name for field in fields(Row))


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChange:
    """What a batch does to one row: `row` is the new state (None retires it), `sealed` its new sealed bytes.

    `sealed` None keeps the stored sealed part as it is.
    """

    id: RowId
    row: Row | None
    sealed: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One entry of the change log: `before` is the row as it was (None: it was not there): undo data.

    `about` are the marks of whom erased rows were about (`kg.model.marks`); None where that is not told (any more).
    It is for readers of this store alone, and no part of what a copy of it must hold.
    """

    revision: int
    batch: str
    actor: str
    at: datetime
    id: RowId
    before: Row | None
    after: Row | None
    about: tuple[int, ...] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One publication: `id` b-000123, the source, who, when, the report (JSON of `files.md` §1) and the revision.

    `delivered` are the tables that the batch held, also empty ones.
    """

    id: str
    source: str
    actor: str
    at: datetime
    delivered: tuple[str, ...]
    revision: int = 0
    synthetic: bool = False
    report: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """An edge as read from the store: its link, the row that states it, and the provenance of that row."""

    id: str
    link: Link
    row: RowId
    provenance: Provenance
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Degree:
    """How many distinct neighbours of one kind a node has by one relation in one direction ("out" or "in")."""

    relation: str
    direction: str
    kind: str
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """Which rows a viewer may see: None everywhere = sees all.

    `kinds` are seen whole, `scoped` where public or owned by `org`, `owned` only where owned by `org`;
    `relations` are the relations that may be walked. A kind in none of the three is not seen.
    """

    kinds: frozenset[str]
    scoped: frozenset[str] = frozenset()
    owned: frozenset[str] = frozenset()
    relations: frozenset[str] = frozenset()
    org: str | None = None
