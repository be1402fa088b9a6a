"""The store as it was at an older revision, for reading: rows of today with the change log taken back."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from heapq import merge
from itertools import chain, takewhile
from typing import Final, NoReturn

from kg.errors import RefusedError
from kg.history.undo import Taken, Undo, row_order
from kg.model.graph import Batch, Change, Degree, Edge, NodeRef, Row, RowChange, RowId, Sight, edge_id
from kg.ports import GraphStore

_ALL: Final = 1_000_000_000
_CHUNK: Final = 500


class PastStore:
    """`kg.ports.GraphStore` as it was at the revision of `undo`; whatever writes is refused.

    Rows bear the rights of today (`with_rights_of_today`). With `day`, only edges are walked whose row holds on that
    day. Rows erased since were never there. An object serves one question: it remembers the edges that it has read.
    """

    def __init__(self, store: GraphStore, undo: Undo, *, day: date | None = None) -> None:
        self._store, self._undo, self._day = store, undo, day
        self._walked: dict[tuple[tuple[NodeRef, ...], str], list[Edge]] = {}

    def on(self, day: date) -> "PastStore":
        """Return the same state of which only edges that hold on that day are walked."""
        return PastStore(self._store, self._undo, day=day)

    def revision(self) -> int:
        """Return the revision that is shown."""
        return self._undo.revision

    def batches(self) -> Sequence[Batch]:
        """Return the batches published until then."""
        return [batch for batch in self._store.batches() if batch.revision <= self.revision()]

    def rows(
        self,
        *,
        table: str | None = None,
        source: str | None = None,
        ids: Sequence[RowId] | None = None,
        nodes: Sequence[NodeRef] | None = None,
        persons: Sequence[str] | None = None,
        identities: Sequence[str] | None = None,
    ) -> Iterator[Row]:
        """Yield the rows of then that meet every condition, ordered by (table, key, source)."""
        now = self._store.rows(
            table=table, source=source, ids=ids, nodes=nodes, persons=persons, identities=identities
        )
        first = next(
            now, None
        )  # from here on the store shows one state, which the undo data read next covers
        taken = self._undo.catch_up()
        same = (row for row in chain(() if first is None else (first,), now) if not taken.touched(row.id))
        changed = _chosen(taken, table, source, ids, nodes, persons, identities)
        yield from merge(same, changed, key=lambda row: row_order(row.id))

    def edges(
        self,
        nodes: Sequence[NodeRef],
        *,
        direction: str,
        relation: str | None = None,
        kind: str | None = None,
        sight: Sight | None = None,
        after: tuple[str, str] | None = None,
        limit: int = 200,
    ) -> Sequence[Edge]:
        """Return one page of the edges of then."""
        if after is not None and relation is None:
            raise ValueError("a next page (after) needs the relation it continues")
        groups: dict[tuple[str, NodeRef], list[Edge]] = {}
        for edge in self._walk(nodes, direction, sight):
            other = _other(edge, direction)
            fits = relation in {None, edge.link.relation} and kind in {None, other.kind}
            if fits and (after is None or tuple(other) > after):
                groups.setdefault((edge.link.relation, other), []).append(edge)
        page = sorted(groups)[: max(limit, 0)]
        return [edge for group in page for edge in groups[group]]

    def degrees(self, nodes: Sequence[NodeRef], *, sight: Sight | None = None) -> Sequence[Degree]:
        """Return how many distinct neighbours the union of `nodes` had, by relation, direction and kind."""
        found: dict[tuple[str, str, str], set[NodeRef]] = {}
        for direction in ("in", "out"):
            for edge in self._walk(nodes, direction, sight):
                other = _other(edge, direction)
                found.setdefault((edge.link.relation, direction, other.kind), set()).add(other)
        return [Degree(*group, len(found[group])) for group in sorted(found)]

    def changes(self, since: int) -> Iterator[Change]:
        """Yield the change log that leads from revision `since` to the one that is shown.

        Where `since` is the newer one it is the log backwards: newest first, before and after exchanged.
        """
        shown = self.revision()
        if since <= shown:
            yield from takewhile(lambda change: change.revision <= shown, self._store.changes(since))
            return
        later = list(takewhile(lambda change: change.revision <= since, self._store.changes(shown)))
        for change in reversed(later):
            yield replace(change, revision=shown, before=change.after, after=change.before)

    def stage(self, batch: str, changes: Iterable[RowChange]) -> int:
        """Refuse: the past is not written."""
        self._refuse(batch, changes)

    def publish(self, batch: Batch, *, staged: str | None = None) -> Batch:
        """Refuse: the past is not written."""
        self._refuse(batch, staged)

    def discard(self, batch: str) -> None:
        """Refuse: the past is not written."""
        self._refuse(batch)

    def sealed(self, ids: Sequence[RowId]) -> Mapping[RowId, bytes]:
        """Refuse: sealed parts are shown as they are today, or not at all."""
        self._refuse(ids)

    def erase(self, ids: Sequence[RowId], *, actor: str) -> int:
        """Refuse: the past is not written."""
        self._refuse(ids, actor)

    def close(self) -> None:
        """Do nothing: the store of today stays open."""

    def _refuse(self, *_: object) -> NoReturn:
        raise RefusedError("过去的状态只能读，不能改，也不含封存内容", code="read-only")

    def _walk(self, nodes: Sequence[NodeRef], direction: str, sight: Sight | None) -> Sequence[Edge]:
        """Return the edges that may be walked, ordered as `kg.ports` says."""
        edges = self._all_edges(tuple(dict.fromkeys(nodes)), direction)
        if sight is None:
            return edges
        walkable = [edge for edge in edges if edge.link.relation in sight.relations]
        ends = {end for edge in walkable for end in (edge.link.start, edge.link.end)}
        seen = self._visible(sorted(ends), sight)
        return [edge for edge in walkable if edge.link.start in seen and edge.link.end in seen]

    def _all_edges(self, nodes: tuple[NodeRef, ...], direction: str) -> list[Edge]:
        asked = (nodes, direction)
        if asked not in self._walked:
            now = self._store.edges(nodes, direction=direction, limit=_ALL)
            taken = self._undo.catch_up()
            edges = [edge for edge in now if not taken.touched(edge.row)]
            edges += _edges_of(taken.rows(direction, nodes), frozenset(nodes), direction)
            held = [edge for edge in edges if holds_on(edge, self._day)]
            self._walked[asked] = sorted(held, key=lambda edge: _edge_order(edge, direction))
        return self._walked[asked]

    def _visible(self, nodes: Sequence[NodeRef], sight: Sight) -> frozenset[NodeRef]:
        """Return the nodes that the viewer may see, as `kg.ports.GraphStore.edges` defines it."""
        seen = {node for node in nodes if node.kind in sight.kinds}
        asked = [node for node in nodes if node not in seen and node.kind in sight.scoped | sight.owned]
        for start in range(0, len(asked), _CHUNK):
            rows: dict[NodeRef, list[Row]] = {}
            for row in self.rows(nodes=asked[start : start + _CHUNK]):
                if row.node is not None:
                    rows.setdefault(row.node, []).append(row)
            seen |= {node for node, views in rows.items() if _sees_views(node, views, sight)}
        return frozenset(seen)


def holds_on(stated: Edge | Row, day: date | None) -> bool:
    """True when the row, or the row that states the edge, holds on that day, first and last day included.

    None asks nothing.
    """
    known = stated.provenance
    return day is None or (
        (known.valid_from is None or known.valid_from <= day)
        and (known.valid_to is None or day <= known.valid_to)
    )


def _sees_views(node: NodeRef, rows: Sequence[Row], sight: Sight) -> bool:
    owned = sight.org is not None and any(sight.org in row.owners for row in rows)
    return owned or (node.kind in sight.scoped and all(row.public for row in rows))


def _chosen(
    taken: Taken,
    table: str | None,
    source: str | None,
    ids: Sequence[RowId] | None,
    nodes: Sequence[NodeRef] | None,
    persons: Sequence[str] | None,
    identities: Sequence[str] | None,
) -> list[Row]:
    """Return the changed rows that meet every condition."""
    conditions: list[tuple[str, Sequence[object] | None, Callable[[Row], object]]] = [
        ("id", ids, lambda row: row.id),
        ("node", nodes, lambda row: row.node),
        ("person", persons, lambda row: row.person),
        ("identity", identities, lambda row: row.identity),
        ("table", None if table is None else [table], lambda row: row.id.table),
    ]
    given = [(place, frozenset(keys), fact) for place, keys, fact in conditions if keys is not None]
    rows = taken.rows(given[0][0], given[0][1]) if given else taken.rows("table", None)
    return [
        row
        for row in rows
        if source in {None, row.id.source} and all(fact(row) in keys for _, keys, fact in given)
    ]


def _edges_of(rows: Iterable[Row], nodes: frozenset[NodeRef], direction: str) -> list[Edge]:
    return [
        Edge(id=edge_id(row.id, link), link=link, row=row.id, provenance=row.provenance, values=row.values)
        for row in rows
        for link in dict.fromkeys(row.links)
        if (link.start if direction == "out" else link.end) in nodes
    ]


def _other(edge: Edge, direction: str) -> NodeRef:
    return edge.link.end if direction == "out" else edge.link.start


def _edge_order(edge: Edge, direction: str) -> tuple[str, ...]:
    near = edge.link.start if direction == "out" else edge.link.end
    return edge.link.relation, *_other(edge, direction), *near, *row_order(edge.row)
