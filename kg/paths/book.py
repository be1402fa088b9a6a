"""What is known of the nodes that somebody looks at: their rows, the edges they state, their exact degrees; kept per revision."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from kg.index.names import canonical, name_of, spellings
from kg.index.world import World
from kg.model.graph import Degree, Edge, NodeRef, Row, Sight, edge_id
from kg.model.viewers import Viewer
from kg.paths.naming import name_of_row
from kg.paths.relations import line_style
from kg.policy.rights import owns, sees_all, sees_row
from kg.ports import GraphStore
from kg.schema import Schema, Visibility

_MOST_NODES_KEPT: Final = 8_000
_MOST_DEGREES_KEPT: Final = 40_000
_MOST_JOINED: Final = 2_000


@dataclass(frozen=True, slots=True)
class Facts:
    """One node: every key under which rows name it, its own rows in source order, the edges that leave it."""

    ref: NodeRef
    spelled: tuple[NodeRef, ...]
    rows: tuple[Row, ...]
    out: tuple[Edge, ...]

    @property
    def persons(self) -> frozenset[str]:
        """The talents to whom the node belongs, itself included."""
        own = {self.ref.key} if self.ref.kind == "talent" else set[str]()
        return frozenset(own | {row.person for row in self.rows if row.person is not None})


@dataclass(slots=True)
class Book:
    """Facts of nodes at one revision. What is kept is nobody's view: rights are applied where it is read."""

    store: GraphStore
    schema: Schema
    world: World
    ranks: Mapping[str, int]
    styles: Mapping[str, str] = field(init=False)
    _facts: dict[NodeRef, Facts] = field(default_factory=dict)
    _degrees: dict[tuple[NodeRef, Sight | None], tuple[Degree, ...]] = field(default_factory=dict)
    _named: dict[NodeRef, NodeRef] = field(default_factory=dict)

    def __post_init__(self) -> None:
        relations = self.schema.relations.items()
        self.styles = {key: line_style(self.schema, relation) for key, relation in relations}

    def canonical(self, ref: NodeRef) -> NodeRef:
        """Return the node that a written reference means."""
        found = self._named.get(ref)
        if found is None:
            if len(self._named) > 4 * _MOST_NODES_KEPT:
                self._named.clear()
            found = self._named[ref] = canonical(self.world, ref)
        return found

    def facts(self, refs: Iterable[NodeRef]) -> dict[NodeRef, Facts]:
        """Return the facts of canonical nodes, in the order asked; nodes of no known kind are left out."""
        wanted = [ref for ref in dict.fromkeys(refs) if ref.kind in self.schema.by_kind]
        known = self._facts
        found = {ref: facts for ref in wanted if (facts := known.get(ref)) is not None}
        missing = [ref for ref in wanted if ref not in found]
        if missing:
            if len(known) + len(missing) > _MOST_NODES_KEPT:
                known = self._facts = {}
            read = self._read(missing)
            known.update(read)
            found |= read
        return {ref: found[ref] for ref in wanted}

    def _read(self, refs: Sequence[NodeRef]) -> dict[NodeRef, Facts]:
        spelled = {ref: spellings(self.world, ref) for ref in refs}
        rows: dict[NodeRef, list[Row]] = {}
        for row in self.store.rows(nodes=refs):
            if row.node is not None:
                rows.setdefault(row.node, []).append(row)
        found: dict[NodeRef, Facts] = {}
        for ref in refs:
            own = sorted(
                rows.get(ref, ()), key=lambda row: (self.ranks.get(row.id.source, len(self.ranks)), row.id)
            )
            stated = [edge for row in own for edge in _edges_of(row)]
            found[ref] = Facts(ref, spelled[ref], tuple(own), (*stated, *self._joined(ref, spelled[ref])))
        return found

    def _joined(self, ref: NodeRef, spelled: Sequence[NodeRef]) -> list[Edge]:
        """Return the edges that rows of relation tables state from this node."""
        found: list[Edge] = []
        for relation in self.schema.relations.values():
            if relation.column is None and ref.kind in relation.source_kinds:
                found += self.store.edges(spelled, direction="out", relation=relation.key, limit=_MOST_JOINED)
        return found

    def degrees(self, facts: Facts, sight: Sight | None) -> tuple[Degree, ...]:
        """Return the exact degrees of a node as `sight` sees them."""
        key = (facts.ref, sight)
        found = self._degrees.get(key)
        if found is None:
            if len(self._degrees) >= _MOST_DEGREES_KEPT:
                self._degrees.clear()
            found = self._degrees[key] = tuple(self.store.degrees(facts.spelled, sight=sight))
        return found

    def name(self, facts: Facts) -> str:
        """Return what everyone who sees the node may be shown as its name; persons are masked where they are stored."""
        if not facts.rows:
            return name_of(self.world, facts.ref)
        return name_of_row(facts.rows[0], self.schema.by_kind[facts.ref.kind], self._vocabulary_name)

    def _vocabulary_name(self, ref: NodeRef) -> str:
        own = self.canonical(ref)
        return self.name(self.facts([own])[own])

    def subtitle(self, facts: Facts) -> str:
        """Return kind and district, as in search."""
        table = self.schema.by_kind[facts.ref.kind]
        district = facts.rows[0].values.get("district") if facts.rows else None
        place = self.world.travel.name(district) if isinstance(district, str) else ""
        return " · ".join(part for part in (table.zh, place) if part)


def _edges_of(row: Row) -> list[Edge]:
    block, values = row.provenance, row.values
    return [
        Edge(id=edge_id(row.id, link), link=link, row=row.id, provenance=block, values=values)
        for link in dict.fromkeys(row.links)
    ]


def visible(viewer: Viewer, schema: Schema, facts: Facts) -> bool:
    """True when the viewer may know of the node: as the store's Sight, seen from its rows."""
    table = schema.by_kind[facts.ref.kind]
    if sees_all(viewer) or table.visibility is Visibility.PUBLIC:
        return True
    owned = any(owns(viewer, row.owners) for row in facts.rows)
    if table.visibility is Visibility.SCOPED:
        return bool(facts.rows) and (owned or all(row.public for row in facts.rows))
    return table.visibility is Visibility.ORGANISATION and owned


def may_walk(viewer: Viewer, schema: Schema, sight: Sight | None, facts: Facts, edge: Edge) -> bool:
    """True when the viewer may know that this edge leaves a node that he sees: its relation, and the row behind it."""
    if sight is None:
        return True
    if edge.link.relation not in sight.relations:
        return False
    row = next((row for row in facts.rows if row.id == edge.row), None)
    return row is None or sees_row(viewer, schema.by_key[row.id.table], row)
