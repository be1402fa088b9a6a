"""The graph store as plain dictionaries: the readable model that every other store must equal. Keeps nothing on disk."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from threading import RLock
from typing import Final

from kg.errors import StoreError
from kg.model.graph import Batch, Change, Degree, Edge, Link, NodeRef, Row, RowChange, RowId, Sight, edge_id
from kg.model.marks import marks_of
from kg.model.reports import scrubbed
from kg.store import rules


@dataclass(frozen=True, slots=True)
class _State:
    """One published revision; never changed in place, so a reader keeps what it began with."""

    rows: Mapping[RowId, Row]
    sealed: Mapping[tuple[RowId, str], bytes]
    batches: tuple[Batch, ...]
    log: tuple[Change, ...]


_EMPTY: Final = _State({}, {}, (), ())


class MemoryStore:
    """`kg.ports.GraphStore` in memory, for tests, small one-off questions and as the oracle of the contract suite."""

    def __init__(self, *, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = RLock()
        self._state: _State | None = _EMPTY
        self._staged: dict[str, dict[RowId, RowChange]] = {}

    def revision(self) -> int:
        """Return the newest revision."""
        return len(self._now().batches)

    def stage(self, batch: str, changes: Iterable[RowChange]) -> int:
        """Keep changes for a later publish; return how many."""
        count = 0
        for change in changes:
            rules.checked(change)
            count += 1
            with self._lock:
                self._now()
                staged = self._staged.setdefault(batch, {})
                staged[change.id] = rules.merged(staged.get(change.id), change)
        return count

    def publish(self, batch: Batch, *, staged: str | None = None) -> Batch:
        """Apply the staged changes as the next revision."""
        name = batch.id if staged is None else staged
        with self._lock:
            published = self._named(batch)
            state = self._now()
            rows, sealed = dict(state.rows), dict(state.sealed)
            log = list(state.log)
            changes = self._staged.pop(name, {})
            for key in sorted(changes, key=rules.row_order):
                change = changes[key]
                before = rows.pop(key, None)
                after = None if change.row is None else rules.settled(change.row, name, published.id)
                if before is None and after is None:
                    continue
                if after is not None:
                    rows[key] = after
                    if change.sealed:
                        sealed[key, after.seal_mark] = change.sealed
                log.append(_entry(published, key, before, after))
            self._state = _State(rows, sealed, (*state.batches, published), tuple(log))
        return published

    def discard(self, batch: str) -> None:
        """Forget a staged batch, or with "" all of them."""
        with self._lock:
            self._now()
            if batch:
                self._staged.pop(batch, None)
            else:
                self._staged.clear()

    def batches(self) -> Sequence[Batch]:
        """Return the published batches, oldest first."""
        return self._now().batches

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
        """Yield the live rows that meet every condition, ordered by (table, key, source)."""
        live = self._now().rows
        for key in sorted(live, key=rules.row_order):
            row = live[key]
            if (
                (table is None or key.table == table)
                and (source is None or key.source == source)
                and _among(key, ids)
                and _among(row.node, nodes)
                and _among(row.person, persons)
                and _among(row.identity or None, identities)
            ):
                yield row

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
        """Return one page of edges of `nodes`."""
        rules.check_edge_arguments(direction, relation, after)
        found: dict[tuple[str, NodeRef], list[Edge]] = {}
        for row, link, other in _touching(self._now(), set(nodes), direction, sight):
            if relation not in {None, link.relation} or kind not in {None, other.kind}:
                continue
            if after is None or tuple(other) > after:
                found.setdefault((link.relation, other), []).append(_edge(row, link))
        page = sorted(found)[: max(limit, 0)]
        edges = [edge for group in page for edge in found[group]]
        return sorted(edges, key=lambda edge: rules.edge_order(edge, direction))

    def degrees(self, nodes: Sequence[NodeRef], *, sight: Sight | None = None) -> Sequence[Degree]:
        """Return how many distinct neighbours the union of `nodes` has, by relation, direction and kind."""
        found: dict[tuple[str, str, str], set[NodeRef]] = {}
        for direction in rules.DIRECTIONS:
            for _, link, other in _touching(self._now(), set(nodes), direction, sight):
                found.setdefault((link.relation, direction, other.kind), set()).add(other)
        return [Degree(*group, len(found[group])) for group in sorted(found)]

    def changes(self, since: int) -> Iterator[Change]:
        """Yield the change log after revision `since`."""
        yield from (change for change in self._now().log if change.revision > since)

    def sealed(self, ids: Sequence[RowId]) -> Mapping[RowId, bytes]:
        """Return the sealed bytes of live rows that have some."""
        state = self._now()
        found = {
            key: state.sealed.get((key, row.seal_mark))
            for key in ids
            if (row := state.rows.get(key)) is not None
        }
        return {key: data for key, data in found.items() if data}

    def erase(self, ids: Sequence[RowId], *, actor: str) -> int:
        """Remove rows, their history, their sealed parts and their staged changes."""
        gone = {key for key in ids if key.key != rules.ERASED_KEY}
        with self._lock:
            state = self._now()
            for staged in self._staged.values():
                for key in gone & staged.keys():
                    del staged[key]
            live = sorted(gone & state.rows.keys(), key=rules.row_order)
            batches = tuple(_scrubbed(batch, gone) for batch in state.batches)
            log = [change for change in state.log if change.id not in gone]
            if live:
                batch = self._named(rules.erasure(actor, self._clock(), len(live)))
                batches = (*batches, batch)
                tables = sorted(
                    {RowId(key.source, key.table, rules.ERASED_KEY) for key in live}, key=rules.row_order
                )
                about = marks_of(_persons(state, gone), batch.revision)
                log += [replace(_entry(batch, key, None, None), about=about) for key in tables]
            rows = {key: row for key, row in state.rows.items() if key not in gone}
            sealed = {key: data for key, data in state.sealed.items() if key[0] not in gone}
            self._state = _State(rows, sealed, batches, tuple(log))
        return len(live)

    def close(self) -> None:
        """Drop everything."""
        self._state = None
        self._staged.clear()

    def _now(self) -> _State:
        if self._state is None:
            raise StoreError("存储已经关闭；请重新打开。")
        return self._state

    def _named(self, batch: Batch) -> Batch:
        batches = self._now().batches
        return rules.next_batch(batch, len(batches), lambda _: (known.id for known in batches))


def _among(value: object, wanted: Collection[object] | None) -> bool:
    return wanted is None or (value is not None and value in wanted)


def _entry(batch: Batch, key: RowId, before: Row | None, after: Row | None) -> Change:
    return Change(
        revision=batch.revision,
        batch=batch.id,
        actor=batch.actor,
        at=batch.at,
        id=key,
        before=before,
        after=after,
    )


def _persons(state: _State, ids: Collection[RowId]) -> Iterator[str | None]:
    """Yield whom any state of these rows is about, and whom the other rows at their nodes are about."""
    nodes = {state.rows[key].node for key in ids if key in state.rows} - {None}
    yield from (row.person for key, row in state.rows.items() if key in ids or row.node in nodes)
    yield from (
        change.before.person for change in state.log if change.id in ids and change.before is not None
    )


def _scrubbed(batch: Batch, gone: Collection[RowId]) -> Batch:
    tables = {key.table for key in gone if batch.source in {one.source for one in gone}}
    report = scrubbed(batch.report, tables)
    return batch if report is None else replace(batch, report=report)


def _edge(row: Row, link: Link) -> Edge:
    return Edge(id=edge_id(row.id, link), link=link, row=row.id, provenance=row.provenance, values=row.values)


def _touching(
    state: _State, nodes: set[NodeRef], direction: str, sight: Sight | None
) -> Iterator[tuple[Row, Link, NodeRef]]:
    """Yield row, link and other end of every visible edge that leaves or reaches `nodes`."""
    for row in state.rows.values():
        for link in dict.fromkeys(row.links):
            near, other = (link.start, link.end) if direction == "out" else (link.end, link.start)
            if near in nodes and _walkable(state, link, sight):
                yield row, link, other


def _walkable(state: _State, link: Link, sight: Sight | None) -> bool:
    if sight is None:
        return True
    return (
        link.relation in sight.relations
        and _visible(state, link.start, sight)
        and _visible(state, link.end, sight)
    )


def _visible(state: _State, node: NodeRef, sight: Sight) -> bool:
    if node.kind in sight.kinds:
        return True
    if node.kind not in sight.scoped | sight.owned:
        return False
    rows = [row for row in state.rows.values() if row.node == node]
    owned = sight.org is not None and any(sight.org in row.owners for row in rows)
    public = bool(rows) and all(row.public for row in rows)
    return owned or (node.kind in sight.scoped and public)
