"""The most telling paths between two nodes: few steps, sure edges, no node that everybody shares."""

import heapq
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice, pairwise
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from kg.model.graph import Edge, NodeRef
from kg.paths.relations import sentence, short_label
from kg.paths.scenes import Reader, node_json
from kg.paths.surroundings import HUB, Forbidden, Surroundings
from kg.schema.column_types import Layer

if TYPE_CHECKING:
    pass

Json = dict[str, Any]
Way = tuple[NodeRef, ...]
_MOST_WAYS: Final = 20_000
_MOST_TRIED: Final = 200
_SECONDS: Final = 1.5
"""How long the cheapest of too many paths are looked for; what was found by then is told, and that it was cut."""
_EXPIRED: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which paths are wanted: ends, how many, how long at most, what they may not use."""

    start: NodeRef
    end: NodeRef
    k: int
    max_length: int
    forbidden: Forbidden
    today: date


@dataclass(slots=True)
class _Map:
    """The surroundings with the cost of every step."""

    around: Surroundings
    asked: Asked
    steps: dict[tuple[NodeRef, NodeRef], tuple[float, Edge]]

    def weight(self, way: Way) -> float:
        return round(sum(self.steps[pair][0] for pair in pairwise(way)), 4)

    def signature(self, way: Way) -> tuple[str, ...]:
        """Return the way of relations and kinds that a path goes."""
        parts = []
        for near, far in pairwise(way):
            edge = self.steps[near, far][1]
            forward = self.around.reader.book.canonical(edge.link.start) == near
            parts += [f"{edge.link.relation}{'>' if forward else '<'}", far.kind]
        return tuple(parts)


def connect(reader: Reader, asked: Asked) -> Json:
    """Return the k most telling paths with their sentences; both ends are known to be visible."""
    around = Surroundings(reader, asked.forbidden)
    around.grow(asked.start, asked.end, asked.max_length)
    withheld = _without_consent(around, asked)
    around.drop(withheld)
    steps = _costs(around, asked)
    found = _Map(around, asked, steps)
    ways, whole = _ways(found)
    weights = {way: found.weight(way) for way in ways}
    ordered = sorted(ways, key=lambda way: (weights[way], way))
    alike = Counter(found.signature(way) for way in ordered)
    chosen = _varied(found, ordered, asked.k)
    cut = around.cut or bool(around.large) or not whole
    return {
        "from": node_json(reader.book, around.nodes[asked.start]),
        "to": node_json(reader.book, around.nodes[asked.end]),
        "items": [_told(found, way, weights[way], alike[found.signature(way)] - 1) for way in chosen],
        "total": len(ordered) if whole else max(len(ordered), _MOST_WAYS),
        "total_is_exact": not cut,
        "truncated": cut,
        "note": _note(found, ordered, len(withheld), whole=whole),
    }


def _without_consent(around: Surroundings, asked: Asked) -> list[NodeRef]:
    """Return the persons' nodes in between whose person has no consent in force: nobody is led past them."""
    talents = around.reader.book.world.talents
    ends = around.nodes[asked.start].persons | around.nodes[asked.end].persons
    agreed: dict[str, bool] = {}
    found: list[NodeRef] = []
    for ref, facts in around.nodes.items():
        for person in facts.persons - ends:
            if person not in agreed:
                talent = talents.talent(person)
                agreed[person] = talent is not None and any(
                    consent.valid_on(asked.today) for consent in talent.consents
                )
            if not agreed[person] and ref not in {asked.start, asked.end}:
                found.append(ref)
                break
    return found


def _costs(around: Surroundings, asked: Asked) -> dict[tuple[NodeRef, NodeRef], tuple[float, Edge]]:
    """Return for every step that can lie on a short path its cost and its best edge."""
    ours = around.distances(asked.start, asked.max_length)
    theirs = around.distances(asked.end, asked.max_length)
    kept = [ref for ref in ours if ref in theirs and ours[ref] + theirs[ref] <= asked.max_length]
    penalties = {ref: 0.0 if ref in {asked.start, asked.end} else around.penalty(ref) for ref in kept}
    ranks = around.reader.book.ranks
    found: dict[tuple[NodeRef, NodeRef], tuple[float, Edge]] = {}
    for near in kept:
        for far, edges in around.links.get(near, {}).items():
            if far in penalties:
                cost, _, edge = min(
                    (_doubt(edge, asked.today), (ranks.get(edge.row.source, len(ranks)), edge.id), edge)
                    for edge in edges
                ) if len(edges) > 1 else (_doubt(edges[0], asked.today), None, edges[0])  # fmt: skip
                found[near, far] = (1 + (penalties[near] + penalties[far]) / 2 + cost, edge)
    return found


def _doubt(edge: Edge, today: date) -> float:
    """Return what an edge costs beyond a sure one that holds today."""
    block = edge.provenance
    over = block.valid_to is not None and block.valid_to < today
    return 1 - block.confidence + (_EXPIRED if over else 0.0)


def _ways(found: _Map) -> tuple[list[Way], bool]:
    """Return the simple paths of at most `max_length` steps, and whether these are all of them."""
    ways = list(islice(_every_way(found), _MOST_WAYS + 1))
    if len(ways) <= _MOST_WAYS:
        return ways, True
    return _best_ways(found), False


def _every_way(found: _Map) -> Iterator[Way]:
    most = found.asked.max_length
    left = found.around.distances(found.asked.end, most)
    near: dict[NodeRef, list[NodeRef]] = {}
    for one, other in found.steps:
        near.setdefault(one, []).append(other)
    for others in near.values():
        others.sort(key=lambda ref: left.get(ref, most + 1))
    stack: list[Way] = [(found.asked.start,)]
    while stack:
        way = stack.pop()
        if way[-1] == found.asked.end:
            yield way
            continue
        for far in near.get(way[-1], ()):
            if len(way) + left.get(far, most + 1) > most:
                break
            if far not in way:
                stack.append((*way, far))


def _best_ways(found: _Map) -> list[Way]:
    """Return the cheapest paths, by Yen's algorithm, where there are too many to look at each."""
    import networkx as nx

    graph: nx.Graph[NodeRef] = nx.Graph()
    for (near, far), (cost, _) in sorted(found.steps.items(), key=lambda item: item[0]):
        graph.add_edge(near, far, weight=cost)
    paths = nx.shortest_simple_paths(graph, found.asked.start, found.asked.end, weight="weight")
    best: list[Way] = []
    stop = monotonic() + _SECONDS
    for number, way in enumerate(paths):
        if len(way) <= found.asked.max_length + 1:
            best.append(tuple(way))
        if number >= _MOST_TRIED or len(best) >= 2 * found.asked.k or monotonic() > stop:
            break
    return best


def _varied(found: _Map, ordered: Sequence[Way], k: int) -> list[Way]:
    """Return k paths: the best of each way of relations first, then the next best; told by weight."""
    first: dict[tuple[str, ...], Way] = {}
    for way in ordered:
        first.setdefault(found.signature(way), way)
    chosen = list(islice(first.values(), k))
    rest = (way for way in ordered if way not in set(chosen))
    chosen += islice(rest, k - len(chosen))
    place = {way: number for number, way in enumerate(ordered)}
    return sorted(chosen, key=place.__getitem__)


def _told(found: _Map, way: Way, weight: float, alike: int) -> Json:
    book = found.around.reader.book
    names = {ref: book.name(found.around.nodes[ref]) for ref in way}
    edges: list[Json] = []
    for near, far in pairwise(way):
        edge = found.steps[near, far][1]
        start, key, end = found.around.reader.triple(edge)
        relation = book.schema.relations[key]
        said = sentence(relation, book.schema.by_key[relation.table], names[start], names[end])
        edges.append({
            "id": edge.id,
            "source": str(start),
            "relation": key,
            "label": short_label(relation),
            "target": str(end),
            "sentence": said,
            "confidence": edge.provenance.confidence,
            "forward": start == near,
        })
    return {
        "length": len(edges),
        "weight": weight,
        "weak": _is_weak(found, way),
        "alike": alike,
        "text": "；".join(edge["sentence"] for edge in edges),
        "nodes": [node_json(book, found.around.nodes[ref]) for ref in way],
        "edges": edges,
    }


def _is_weak(found: _Map, way: Way) -> bool:
    """True when the ends only share words or places that very many share."""
    middle = way[1:-1]
    return bool(middle) and all(found.around.degree(ref) >= HUB and _is_word(found, ref) for ref in middle)


def _is_word(found: _Map, ref: NodeRef) -> bool:
    mark = found.around.reader.book.schema.by_kind[ref.kind].mark
    return mark is None or mark.layer is Layer.VOCABULARY


def _note(found: _Map, ordered: Sequence[Way], withheld: int, *, whole: bool) -> str:
    """Return what the reader has to know about the list."""
    around, book = found.around, found.around.reader.book
    told = []
    if not ordered:
        told.append(f"在 {found.asked.max_length} 步以内没有找到可显示的路径，可放宽步数或取消排除")
    elif all(_is_weak(found, way) for way in ordered[:1]):
        told.append("只有弱联系：两端只是同在一个常见的区县、职业或技能")
    if around.large:
        most = heapq.nlargest(2, sorted(around.large), key=around.degree) if around.nodes else []
        names = "、".join(
            f"{book.name(around.nodes[ref])}（{around.degree(ref):,}）" for ref in most if ref in around.nodes
        )
        told.append(
            f"邻居很多的节点只作经过、没有逐一展开：{names}" if names else "邻居很多的节点没有逐一展开"
        )
    if around.cut:
        told.append("两端周围的节点太多，只走了邻居较少的一部分")
    if not whole:
        told.append(f"路径超过 {_MOST_WAYS:,} 条，只列最短的")
    if withheld:
        told.append(f"{withheld} 个未获授权的个人节点不作连接")
    return "；".join(told)
