"""Links of stored rows to things that had no row yet, once this batch brings the row.

A soft reference may be stored before its target: to an organisation of unknown kind, to a name, to a skill that
turns out to be an alias. Values stay as the source wrote them; only the links are turned to the node they mean.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final, NamedTuple

from kg.model.graph import Edge, Link, NodeRef, Row, RowChange, RowId, Value
from kg.ports import GraphStore
from kg.schema import Schema, Table
from loaders.keys import encoded
from loaders.known import LOOKUP_CHUNK, Known
from loaders.plans import TablePlan

ALL_EDGES: Final = 1_000_000


class Turn(NamedTuple):
    """A row that old links may have meant: its table and node key, and the text they may have borne ("" its key)."""

    table: Table
    key: str
    text: str


class Relinker:
    """Collects what new rows mean for old links, and turns those links once their table is stored."""

    def __init__(self, store: GraphStore, schema: Schema, known: Known, *, active: bool) -> None:
        self._store, self._schema, self._known, self._active = store, schema, known, active
        kinds = {table.key: _kinds_before(schema, table) for table in schema.tables}
        self._kinds = {
            key: found
            for key, found in kinds.items()
            if found and schema.by_key[key].natural_key == ("credit_code",)
        }
        self._organisations = tuple(schema.by_key[key] for key in self._kinds)
        self._turns: dict[NodeRef, Turn] = {}
        self.latest: dict[RowId, Row] = {}

    def note(self, plan: TablePlan, key: str, values: Mapping[str, Value]) -> None:
        """Remember a row that is new or differs: stored links may have meant it without knowing."""
        table = plan.table
        if not self._active or not (table.open_vocabulary or table.key in self._kinds):
            return
        if table.open_vocabulary:
            aliases = values.get("aliases")
            for alias in aliases if isinstance(aliases, tuple) else ():
                self._turns[NodeRef(table.kind, encoded(alias))] = Turn(table, key, alias)
            return
        name = values.get("name")
        for kind in self._kinds[table.key]:
            if kind != table.kind:
                self._turns[NodeRef(kind, key)] = Turn(table, key, "")
            if isinstance(name, str):
                self._turns[NodeRef(kind, encoded(name))] = Turn(table, key, name)

    def changes(self) -> Iterator[list[RowChange]]:
        """Yield the stored rows whose links now point elsewhere, in lists, and forget what was noted."""
        turns, self._turns = self._turns, {}
        wanted = iter(sorted(turns))
        while chunk := list(islice(wanted, LOOKUP_CHUNK)):
            turned = {old: new for old in chunk if (new := self._meant(old, turns[old])) not in {None, old}}
            rows = sorted({edge.row for way in ("in", "out") for edge in self._edges(sorted(turned), way)})
            for start in range(0, len(rows), LOOKUP_CHUNK):
                found = self._store.rows(ids=rows[start : start + LOOKUP_CHUNK])
                yield [change for row in found if (change := self.change(row, turned)) is not None]

    def change(self, row: Row, turned: Mapping[NodeRef, NodeRef | None]) -> RowChange | None:
        """Return what turning links makes of a row, on top of what this batch already made of its links."""
        before = self.latest.get(row.id, row)
        after = _turned(before, turned)
        if after == before:
            return None
        self.latest[row.id] = after
        return RowChange(id=row.id, row=after)

    def _edges(self, nodes: Sequence[NodeRef], direction: str) -> Sequence[Edge]:
        return self._store.edges(nodes, direction=direction, limit=ALL_EDGES) if nodes else ()

    def _meant(self, old: NodeRef, turn: Turn) -> NodeRef | None:
        """Return the node that a link to `old` means now; None when that is not certain."""
        if turn.table.open_vocabulary:
            name = self._known.canonical(turn.table, turn.text)
            return NodeRef(turn.table.kind, name) if name is not None else None
        if turn.text:
            full, _ = self._known.organisations(self._organisations, turn.text)
            return NodeRef(turn.table.kind, turn.key) if full == [turn.key] else None
        before = self._schema.by_kind[old.kind]
        self._known.learn(before, {turn.key})
        return None if self._known.has(before, turn.key) else NodeRef(turn.table.kind, turn.key)


def _kinds_before(schema: Schema, table: Table) -> tuple[str, ...]:
    """Return the kinds that an unknown reference to such an organisation was given, its own included."""
    kinds = dict.fromkeys(
        schema.by_key[column.refers_to[0]].kind
        for other in schema.tables
        for column in other.columns
        if table.key in column.refers_to
    )
    return tuple(kinds)


def _turned(row: Row, turned: Mapping[NodeRef, NodeRef | None]) -> Row:
    links = tuple(
        dict.fromkeys(
            Link(
                link.start if row.node is not None else turned.get(link.start) or link.start,
                link.relation,
                turned.get(link.end) or link.end,
            )
            for link in row.links
        )
    )
    return replace(row, links=links)
