"""Splits a group of neighbours that no scene can hold by what its members have in common: exact counts, and the first of each part."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from kg.errors import InvalidInputError
from kg.model.graph import NodeRef
from kg.paths.book import may_walk
from kg.paths.relations import short_label
from kg.paths.scenes import Reader, node_json

Json = dict[str, Any]
MOST_MEMBERS: Final = 20_000
MOST_PARTS: Final = 100
_PAGE: Final = 2_000
_FIRST: Final = 20
_PREFERRED: Final = ("occupation", "district", "chain", "major", "industry", "skill")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The neighbours of one kind that a node has by one relation in one direction."""

    node: NodeRef
    relation: str
    direction: str
    kind: str


@dataclass(slots=True)
class _Part:
    total: int = 0
    first: list[NodeRef] = field(default_factory=list)


def split(reader: Reader, group: Group, by: str | None) -> Json:
    """Return the group in parts by the node that its members point to with relation `by`, largest part first.

    Without `by`: by the first relation of occupation, district, chain … that is not the group's own. A member with
    several such nodes counts in each part; one without counts in `without`.
    """
    by = by or _usual(reader, group)
    parts: dict[NodeRef, _Part] = {}
    members = without = 0
    for refs in _members(reader, group):
        for ref, facts in reader.nodes(refs).items():
            members += 1
            schema = reader.book.schema
            ends = {
                reader.book.canonical(edge.link.end)
                for edge in facts.out
                if edge.link.relation == by and may_walk(reader.viewer, schema, reader.sight, facts, edge)
            }
            without += not ends
            for end in sorted(ends):
                part = parts.setdefault(end, _Part())
                part.total += 1
                if len(part.first) < _FIRST:
                    part.first.append(ref)
    return _told(reader, group, by, parts, members, without)


def _usual(reader: Reader, group: Group) -> str:
    for kind in _PREFERRED:
        for relation in reader.book.schema.relations.values():
            own = relation.key == group.relation
            if not own and group.kind in relation.source_kinds and kind in relation.target_kinds:
                return relation.key
    raise InvalidInputError("这类节点没有可以用来分组的关系，请另选", field="by", value=group.kind)


def _members(reader: Reader, group: Group) -> Iterator[Sequence[NodeRef]]:
    """Yield the neighbours in pages, each neighbour once, at most MOST_MEMBERS."""
    facts = reader.nodes([group.node])[group.node]
    seen: set[NodeRef] = set()
    after: tuple[str, str] | None = None
    while len(seen) < MOST_MEMBERS:
        edges = reader.book.store.edges(
            facts.spelled,
            direction=group.direction,
            relation=group.relation,
            kind=group.kind,
            sight=reader.sight,
            after=after,
            limit=_PAGE,
        )
        ends = [edge.link.end if group.direction == "out" else edge.link.start for edge in edges]
        if not ends:
            return
        new = [ref for ref in dict.fromkeys(map(reader.book.canonical, ends)) if ref not in seen]
        seen.update(new)
        yield new
        after = ends[-1]


def _told(
    reader: Reader, group: Group, by: str, parts: dict[NodeRef, _Part], members: int, without: int
) -> Json:
    known = reader.nodes(parts)
    ordered = sorted(known, key=lambda ref: (-parts[ref].total, ref))
    label = short_label(reader.book.schema.relations[by])
    return {
        "node": str(group.node),
        "relation": group.relation,
        "direction": group.direction,
        "kind": group.kind,
        "by": by,
        "by_label": label,
        "total": members,
        "without": without,
        "parts_total": len(ordered),
        "parts": [
            {
                **node_json(reader.book, known[ref]),
                "total": parts[ref].total,
                "first": [str(member) for member in parts[ref].first],
            }
            for ref in ordered[:MOST_PARTS]
        ],
        "truncated": members >= MOST_MEMBERS,
        "note": f"按{label}合并；成员超过 {MOST_MEMBERS:,} 个，只计前面的"
        if members >= MOST_MEMBERS
        else f"按{label}合并",
    }
