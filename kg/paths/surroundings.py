"""The bounded piece of the graph between two nodes: grown from both ends through the store, as the viewer may walk it."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from kg.model.graph import Edge, NodeRef
from kg.paths.book import Facts, may_walk
from kg.paths.scenes import Reader

_LARGE_GROUP: Final = 150
"""A larger group of neighbours (everybody of a district) is not walked into; it can still be met from the other side."""
_MOST_EXPANDED: Final = 500
_MOST_NODES: Final = 4_000
_QUIET: Final = 8
"""A node with so few neighbours costs nothing to pass."""
HUB: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Forbidden:
    """What no path may use."""

    nodes: frozenset[NodeRef] = frozenset()
    relations: frozenset[str] = frozenset()
    edges: frozenset[str] = frozenset()

    def allows(self, edge: Edge) -> bool:
        """True when the edge itself may be walked."""
        return edge.link.relation not in self.relations and edge.id not in self.edges


@dataclass(slots=True)
class Surroundings:
    """Nodes and undirected edges between two ends; `large` names the nodes that were not walked into."""

    reader: Reader
    forbidden: Forbidden
    nodes: dict[NodeRef, Facts] = field(default_factory=dict)
    links: dict[NodeRef, dict[NodeRef, list[Edge]]] = field(default_factory=dict)
    large: set[NodeRef] = field(default_factory=set)
    cut: bool = False
    _expanded: set[NodeRef] = field(default_factory=set)

    def grow(self, start: NodeRef, end: NodeRef, max_length: int) -> None:
        """Walk half of `max_length` from each end, nodes with few neighbours first."""
        self._take([start, end])
        fronts = [[start], [end]]
        for step in range(max_length):
            side = step % 2
            if step // 2 >= (max_length + 1) // 2:
                break
            fronts[side] = self._widen(fronts[side])
        for facts in list(self.nodes.values()):
            self._walk_out(facts, among=True)

    def _widen(self, front: Iterable[NodeRef]) -> list[NodeRef]:
        """Expand every node of a front and return what is new."""
        known = set(self.nodes)
        todo = [ref for ref in front if ref in self.nodes and ref not in self._expanded]
        for ref in sorted(todo, key=lambda ref: (self.degree(ref), ref)):
            if len(self._expanded) >= _MOST_EXPANDED or len(self.nodes) >= _MOST_NODES:
                self.cut = True
                break
            self._expanded.add(ref)
            self._walk_out(self.nodes[ref], among=False)
            self._walk_in(self.nodes[ref])
        return sorted(set(self.nodes) - known)

    def degree(self, ref: NodeRef) -> int:
        """Return how many neighbours the viewer sees at a node."""
        return sum(one.total for one in self.reader.book.degrees(self.nodes[ref], self.reader.sight))

    def penalty(self, ref: NodeRef) -> float:
        """Return what passing a node costs: 0 for a quiet one, more for one that everybody shares."""
        return math.log2(max(1.0, self.degree(ref) / _QUIET))

    def _walk_out(self, facts: Facts, *, among: bool) -> None:
        reader, schema = self.reader, self.reader.book.schema
        edges = [
            edge
            for edge in facts.out
            if self.forbidden.allows(edge) and may_walk(reader.viewer, schema, reader.sight, facts, edge)
        ]
        if not among:
            self._take(reader.book.canonical(edge.link.end) for edge in edges)
        for edge in edges:
            self._join(edge)

    def _walk_in(self, facts: Facts) -> None:
        book, sight = self.reader.book, self.reader.sight
        for degree in book.degrees(facts, sight):
            if degree.direction != "in" or degree.relation in self.forbidden.relations:
                continue
            if degree.total > _LARGE_GROUP:
                self.large.add(facts.ref)
                continue
            edges = book.store.edges(
                facts.spelled,
                direction="in",
                relation=degree.relation,
                kind=degree.kind,
                sight=sight,
                limit=_LARGE_GROUP,
            )
            allowed = [edge for edge in edges if self.forbidden.allows(edge)]
            self._take(book.canonical(edge.link.start) for edge in allowed)
            for edge in allowed:
                self._join(edge)

    def _take(self, refs: Iterable[NodeRef]) -> None:
        new = [
            ref for ref in dict.fromkeys(refs) if ref not in self.nodes and ref not in self.forbidden.nodes
        ]
        self.nodes.update(self.reader.nodes(new))

    def _join(self, edge: Edge) -> None:
        start, _, end = self.reader.triple(edge)
        if start == end or start not in self.nodes or end not in self.nodes:
            return
        for near, far in ((start, end), (end, start)):
            edges = self.links.setdefault(near, {}).setdefault(far, [])
            if all(one.id != edge.id for one in edges):
                edges.append(edge)

    def drop(self, refs: Iterable[NodeRef]) -> None:
        """Take nodes out again, with their edges."""
        for ref in refs:
            self.nodes.pop(ref, None)
            for other in self.links.pop(ref, {}):
                self.links.get(other, {}).pop(ref, None)

    def distances(self, end: NodeRef, most: int) -> Mapping[NodeRef, int]:
        """Return how many steps each node is from `end`, as far as `most`."""
        found, front = {end: 0}, [end]
        for step in range(1, most + 1):
            front = [far for ref in front for far in self.links.get(ref, ()) if far not in found]
            found.update(dict.fromkeys(front, step))
        return found
