"""Expanding a node of a scene: which of its hidden neighbours come first, and why."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from kg.errors import InvalidInputError
from kg.model.graph import Degree, Edge, NodeRef
from kg.paths.book import Facts
from kg.paths.scenes import MOST_NODES, Filters, Reader, Scene

Json = dict[str, Any]
COMPARED: Final = 300
"""So many hidden neighbours of one relation, direction and kind are compared; of more, the first in order of keys."""
_LOOKED_AT_CLOSELY: Final = 60
_MOST_COUNTED: Final = 6
_YEAR: Final = 365.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be expanded: one node, perhaps only one relation, direction and kind of neighbour."""

    node: NodeRef
    relation: str | None
    direction: str | None
    kind: str | None
    limit: int

    def wants(self, degree: Degree) -> bool:
        """True when neighbours of this group are asked for."""
        return (
            self.relation in {None, degree.relation}
            and self.direction in {None, degree.direction}
            and self.kind in {None, degree.kind}
        )


@dataclass(slots=True)
class Candidate:
    """A neighbour that could be shown: the edges that join it to the expanded node, and how common that kind of edge is there."""

    ref: NodeRef
    edges: list[Edge] = field(default_factory=list)
    rarest: int = 0


@dataclass(frozen=True, slots=True)
class Expansion:
    """What an expansion brings: the scene afterwards, the new nodes in order, how many were compared."""

    scene: Scene
    node: NodeRef
    added: tuple[NodeRef, ...]
    compared: int
    ranked_all: bool
    left: int


def expand(reader: Reader, wish: Wish, shown: list[NodeRef], filters: Filters, today: date) -> Expansion:
    """Return the scene with at most `wish.limit` more neighbours of a node, the most telling first."""
    before = Scene.of(reader, [wish.node, *shown], replace(filters, kinds=None))
    node = reader.book.canonical(wish.node)
    if node not in before.nodes:
        raise InvalidInputError("要展开的节点不在图里", field="node", value=wish.node)
    found, compared, ranked_all = _candidates(reader, wish, before, filters)
    why = {ref: _relevance(candidate, today) for ref, candidate in found.items()}
    room = max(0, MOST_NODES - len(before.nodes))
    if len(found) <= _LOOKED_AT_CLOSELY:
        _look_closer(reader, before, found, why)
    best = sorted(found, key=lambda ref: (-why[ref]["score"], ref))[: min(wish.limit, room)]
    added = reader.nodes(best)
    nodes = {**before.nodes, **added}
    edges = [*before.edges, *reader.edges(nodes, touching=added)]
    scene = Scene(reader, filters, nodes, edges, relevance={ref: why[ref] for ref in added})
    scene.count_shown()
    left = sum(
        one["hidden"]
        for one in scene.hidden(node)
        if wish.wants(Degree(one["relation"], one["direction"], one["kind"], one["total"]))
    )
    return Expansion(scene, node, tuple(added), compared, ranked_all, left)


def _candidates(
    reader: Reader, wish: Wish, before: Scene, filters: Filters
) -> tuple[dict[NodeRef, Candidate], int, bool]:
    """Return the hidden neighbours that pass the filters, how many were looked at, and whether these were all."""
    facts = before.nodes[reader.book.canonical(wish.node)]
    found: dict[NodeRef, Candidate] = {}
    looked, everything = 0, True
    for degree in reader.book.degrees(facts, reader.sight):
        passes = (filters.kinds is None or degree.kind in filters.kinds) and (
            filters.relations is None or degree.relation in filters.relations
        )
        if not (wish.wants(degree) and passes):
            continue
        most = COMPARED + before.shown_of(facts.ref, degree)
        everything = everything and degree.total <= most
        looked += min(degree.total, most)
        for edge in _edges(reader, facts, degree, most):
            if not filters.keep(edge):
                continue
            other = edge.link.end if degree.direction == "out" else edge.link.start
            ref = reader.book.canonical(other)
            if ref in before.nodes or ref.kind not in reader.book.schema.by_kind:
                continue
            candidate = found.setdefault(ref, Candidate(ref, rarest=degree.total))
            candidate.edges.append(edge)
            candidate.rarest = min(candidate.rarest, degree.total)
    return found, looked, everything


def _edges(reader: Reader, facts: Facts, degree: Degree, most: int) -> list[Edge]:
    return list(
        reader.book.store.edges(
            facts.spelled,
            direction=degree.direction,
            relation=degree.relation,
            kind=degree.kind,
            sight=reader.sight,
            limit=most,
        )
    )


def _relevance(candidate: Candidate, today: date) -> Json:
    """Return why a neighbour is telling: how well it is stated, how recent, how rare; the score is the sum of the parts."""
    rows = len({edge.row for edge in candidate.edges})
    relations = len({edge.link.relation for edge in candidate.edges})
    sure = max(edge.provenance.confidence for edge in candidate.edges)
    newest = max(_day(edge) for edge in candidate.edges)
    parts = {
        "evidence": round(min(rows + relations, _MOST_COUNTED) / 2 - 1 + sure, 4),
        "recent": round(1 / (1 + max(0.0, (today - newest).days / _YEAR)), 4),
        "rare": round(_rarity(candidate.rarest), 4),
    }
    text = f"{rows} 行依据；最近 {newest.isoformat()}；同类 {candidate.rarest:,} 个"
    return {"score": round(sum(parts.values()), 4), "parts": parts, "text": text}


def _rarity(total: int) -> float:
    return 1 / (1 + math.log2(max(1, total)))


def _day(edge: Edge) -> date:
    return edge.provenance.valid_from or edge.provenance.recorded_at.date()


def _look_closer(
    reader: Reader, before: Scene, found: Mapping[NodeRef, Candidate], why: Mapping[NodeRef, Json]
) -> None:
    """Let neighbours that are joined to more of the scene, or that have few neighbours of their own, come first."""
    known = reader.nodes(found)
    joined: dict[NodeRef, set[NodeRef]] = {}
    for edge in reader.edges({**before.nodes, **known}, touching=known):
        start, _, end = reader.triple(edge)
        for near, far in ((start, end), (end, start)):
            if near in known and far in before.nodes:
                joined.setdefault(near, set()).add(far)
    for ref, facts in known.items():
        total = sum(degree.total for degree in reader.book.degrees(facts, reader.sight))
        others, parts = len(joined.get(ref, ())) - 1, why[ref]["parts"]
        parts["rare"] = round((parts["rare"] + _rarity(total)) / 2, 4)
        if others > 0:
            parts["joined"] = round(min(others, _MOST_COUNTED) / 2, 4)
            why[ref]["text"] += f"；与图中另外 {others} 个节点相连"
        why[ref]["score"] = round(sum(parts.values()), 4)
