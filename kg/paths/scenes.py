"""A scene: nodes that somebody looks at, the edges among them, and exactly how much of each node is not in it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from kg.errors import InvalidInputError
from kg.model.graph import Degree, Edge, NodeRef, Sight
from kg.model.viewers import Viewer
from kg.paths.book import Book, Facts, may_walk, visible
from kg.paths.relations import family_of, glyph_of, is_inferred, short_label

Json = dict[str, Any]
USUAL_NODES: Final = 300
MOST_NODES: Final = 500
Triple = tuple[NodeRef, str, NodeRef]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What of a scene is drawn; None is no limit. `on` is a day on which an edge must hold."""

    kinds: frozenset[str] | None = None
    relations: frozenset[str] | None = None
    on: date | None = None
    confidence: float | None = None
    sources: frozenset[str] | None = None

    def keep(self, edge: Edge) -> bool:
        """True when the edge passes."""
        block = edge.provenance
        if self.relations is not None and edge.link.relation not in self.relations:
            return False
        if self.confidence is not None and block.confidence < self.confidence:
            return False
        if self.sources is not None and edge.row.source not in self.sources:
            return False
        return self.on is None or (
            (block.valid_from is None or block.valid_from <= self.on)
            and (block.valid_to is None or self.on <= block.valid_to)
        )

    @property
    def unknown_to_counts(self) -> list[str]:
        """The filters in use that totals over all neighbours do not know."""
        used = {"on": self.on, "confidence": self.confidence, "sources": self.sources}
        return [name for name, value in used.items() if value is not None]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads the book: the viewer, and what the store lets him walk."""

    book: Book
    viewer: Viewer
    sight: Sight | None

    def nodes(self, refs: Iterable[NodeRef]) -> dict[NodeRef, Facts]:
        """Return the visible nodes among `refs` under their own keys; the unknown and the hidden are left out alike."""
        meant = dict.fromkeys(self.book.canonical(ref) for ref in refs)
        return {ref: facts for ref, facts in self.book.facts(meant).items() if self._is_there(facts)}

    def _is_there(self, facts: Facts) -> bool:
        if not visible(self.viewer, self.book.schema, facts):
            return False
        return bool(facts.rows) or bool(self.book.degrees(facts, self.sight))

    def edges(self, scene: Mapping[NodeRef, Facts], touching: Iterable[NodeRef] | None = None) -> list[Edge]:
        """Return the edges among the nodes of a scene, only those that touch `touching` when given."""
        spelled = {name: ref for ref, facts in scene.items() for name in facts.spelled}
        wanted = None if touching is None else set(touching)
        schema, canonical = self.book.schema, self.book.canonical
        found: list[Edge] = []
        for ref, facts in scene.items():
            near = wanted is None or ref in wanted
            for edge in facts.out:
                end = spelled.get(edge.link.end) or canonical(edge.link.end)
                if (
                    end in scene
                    and end != ref
                    and (near or (wanted is not None and end in wanted))
                    and may_walk(self.viewer, schema, self.sight, facts, edge)
                ):
                    found.append(edge)
        return found

    def triple(self, edge: Edge) -> Triple:
        """Return between which nodes an edge is drawn."""
        start, relation, end = edge.link
        return self.book.canonical(start), relation, self.book.canonical(end)


@dataclass(slots=True)
class Scene:
    """The nodes of a scene and its drawn edges, ready to be told."""

    reader: Reader
    filters: Filters
    nodes: dict[NodeRef, Facts]
    edges: list[Edge]
    cited: frozenset[str] = frozenset()
    relevance: Mapping[NodeRef, Json] = field(default_factory=dict)
    _shown: dict[tuple[NodeRef, str, str, str], set[NodeRef]] = field(default_factory=dict)
    _hidden: dict[NodeRef, list[Json]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        reader: Reader,
        refs: Iterable[NodeRef],
        filters: Filters,
        *,
        edges: Sequence[Edge] | None = None,
        cited: frozenset[str] = frozenset(),
    ) -> "Scene":
        """Read the visible ones of `refs` (at most MOST_NODES) with the edges among them."""
        found = reader.nodes(refs)
        if len(found) > MOST_NODES:
            raise InvalidInputError(
                f"一张图最多 {MOST_NODES} 个节点，请分开看", field="nodes", value=len(found)
            )
        kept = {
            ref: facts for ref, facts in found.items() if filters.kinds is None or ref.kind in filters.kinds
        }
        among = reader.edges(kept) if edges is None else list(edges)
        scene = cls(reader, filters, kept, among, cited)
        scene.count_shown()
        return scene

    def count_shown(self) -> None:
        """Note which neighbours of a node are in the scene, by the keys under which rows write them."""
        canonical = self.reader.book.canonical
        for edge in self.edges:
            start, relation, end = edge.link
            self._shown.setdefault((canonical(start), relation, "out", end.kind), set()).add(end)
            self._shown.setdefault((canonical(end), relation, "in", start.kind), set()).add(start)

    def shown_of(self, ref: NodeRef, degree: Degree) -> int:
        """Return how many neighbours of one relation, direction and kind the scene holds."""
        return len(self._shown.get((ref, degree.relation, degree.direction, degree.kind), ()))

    def hidden(self, ref: NodeRef) -> list[Json]:
        """Return the exact number of neighbours by relation, direction and kind, and how many are not in the scene."""
        known = self._hidden.get(ref)
        if known is not None:
            return known
        filters, told = self.filters, []
        for degree in self.reader.book.degrees(self.nodes[ref], self.reader.sight):
            if (filters.kinds is not None and degree.kind not in filters.kinds) or (
                filters.relations is not None and degree.relation not in filters.relations
            ):
                continue
            shown = self.shown_of(ref, degree)
            told.append({
                "relation": degree.relation,
                "direction": degree.direction,
                "kind": degree.kind,
                "total": degree.total,
                "hidden": degree.total - shown,
            })
        self._hidden[ref] = told
        return told

    def badge(self, ref: NodeRef) -> Json:
        """Return the badge of one node."""
        hidden = self.hidden(ref)
        return {"ref": str(ref), "hidden_total": sum(one["hidden"] for one in hidden), "hidden": hidden}

    def node(self, ref: NodeRef) -> Json:
        """Return one node of the scene."""
        return {**node_json(self.reader.book, self.nodes[ref]), **self.badge(ref), **self._why(ref)}

    def _why(self, ref: NodeRef) -> Json:
        return {"relevance": self.relevance[ref]} if ref in self.relevance else {}

    def told_edges(self, among: Sequence[Edge] | None = None) -> list[Json]:
        """Return the edges that pass the filters, one for each pair of ends and relation."""
        grouped: dict[Triple, list[Edge]] = {}
        for edge in self.edges if among is None else among:
            if self.filters.keep(edge):
                grouped.setdefault(self.reader.triple(edge), []).append(edge)
        return [self._edge(triple, rows) for triple, rows in sorted(grouped.items())]

    def _edge(self, triple: Triple, rows: list[Edge]) -> Json:
        ranks = self.reader.book.ranks
        if len(rows) > 1:
            rows = sorted(rows, key=lambda edge: (ranks.get(edge.row.source, len(ranks)), edge.row))
        best = rows[0]
        block = best.provenance
        return {
            "id": best.id,
            "ids": [edge.id for edge in rows],
            "source": str(triple[0]),
            "target": str(triple[2]),
            "relation": triple[1],
            "style": self.reader.book.styles[triple[1]],
            "inferred": all(is_inferred(edge) for edge in rows),
            "confidence": max(edge.provenance.confidence for edge in rows),
            "basis": block.basis,
            "registers": sorted({edge.row.source for edge in rows}),
            "valid_from": None if block.valid_from is None else block.valid_from.isoformat(),
            "valid_to": None if block.valid_to is None else block.valid_to.isoformat(),
            "recorded_at": block.recorded_at.isoformat(),
            "rows": len(rows),
            "evidence": any(edge.id in self.cited for edge in rows),
        }

    def groups(self) -> list[Json]:
        """Return what the scene cannot hold as groups: more neighbours of one kind than there is room for."""
        room = MOST_NODES - len(self.nodes)
        return [
            self.group(ref, one) for ref in self.nodes for one in self.hidden(ref) if one["hidden"] > room
        ]

    def group(self, ref: NodeRef, one: Json) -> Json:
        """Return a group of hidden neighbours as one super-node."""
        schema = self.reader.book.schema
        label = short_label(schema.relations[one["relation"]])
        text = f"{schema.by_kind[one['kind']].zh} {one['hidden']:,} 个未画出（{label}），可按条件展开"
        number = f"{ref}|{one['relation']}|{one['direction']}|{one['kind']}"
        return {"id": number, "node": str(ref), **one, "text": text}

    def _drawn(self) -> dict[str, int]:
        """Return how many edges of each relation are drawn."""
        drawn = {self.reader.triple(edge) for edge in self.edges if self.filters.keep(edge)}
        counts: dict[str, int] = {}
        for _, relation, _ in drawn:
            counts[relation] = counts.get(relation, 0) + 1
        return counts

    def legend(self, totals: Mapping[str, int]) -> Json:
        """Return the kinds and relations of the scene with their labels and counts."""
        schema = self.reader.book.schema
        kinds: Json = {}
        named = {ref.kind for ref in self.nodes}
        shown_relations = self._drawn()
        relations = dict.fromkeys(shown_relations)
        for ref in self.nodes:
            for one in self.hidden(ref):
                relations.setdefault(one["relation"])
                named.add(one["kind"])
        for kind in sorted(named):
            table = schema.by_kind[kind]
            shown = sum(ref.kind == kind for ref in self.nodes)
            kinds[kind] = {"label": table.zh, "family": family_of(table), "glyph": glyph_of(table), "shown": shown, "total": totals.get(kind)}  # fmt: skip
        return {
            "kinds": kinds,
            "relations": {
                key: {
                    "label": short_label(schema.relations[key]),
                    "style": self.reader.book.styles[key],
                    "shown": shown_relations.get(key, 0),
                }
                for key in sorted(relations)
            },
        }


def node_json(book: Book, facts: Facts) -> Json:
    """Return a node as scenes and paths tell it."""
    ref = facts.ref
    return {
        "ref": str(ref),
        "kind": ref.kind,
        "key": ref.key,
        "name": book.name(facts),
        "subtitle": book.subtitle(facts),
        "family": family_of(book.schema.by_kind[ref.kind]),
    }
