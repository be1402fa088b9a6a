"""The page of a node: its properties as registers show them, and its neighbours in groups."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from kg.errors import InvalidInputError
from kg.index.names import canonical, name_of
from kg.index.views import View, source_ranks
from kg.index.world import World
from kg.model.graph import MASKED, Batch, Edge, NodeRef, Row, Sight, Value
from kg.model.rules import Policy
from kg.model.viewers import Viewer
from kg.paths.naming import name_of_row
from kg.paths.relations import short_label
from kg.policy.masking import display
from kg.policy.rights import sees_row, visible_columns
from kg.ports import GraphStore
from kg.schema import Column, ColumnType, Schema, Table

Json = dict[str, object]
NameOf = Callable[[NodeRef], str]


@dataclass(frozen=True, slots=True)
class Found:
    """A node that the viewer may see: its rows in source order (none for an open-vocabulary word)."""

    ref: NodeRef
    spellings: tuple[NodeRef, ...]
    table: Table
    rows: tuple[Row, ...]
    world: World

    @classmethod
    def of(
        cls,
        ref: NodeRef,
        spellings: tuple[NodeRef, ...],
        table: Table,
        rows: Sequence[Row],
        batches: Sequence[Batch],
        policy: Policy,
        world: World,
    ) -> "Found":
        """Put the rows into the order in which registers are believed."""
        ranks = source_ranks([batch.source for batch in batches], policy.common.source_order)
        ordered = sorted(rows, key=lambda row: (ranks.get(row.id.source, len(ranks)), row.id.key))
        return cls(ref, spellings, table, tuple(ordered), world)

    @property
    def name(self) -> str:
        """What everyone may be shown as its name."""
        if not self.rows:
            return name_of(self.world, self.ref)
        return name_of_row(self.rows[0], self.table, partial(name_of, self.world))

    def json(self) -> Json:
        """The node reference."""
        return {"kind": self.ref.kind, "key": self.ref.key, "name": self.name}


def node_page(found: Found, viewer: Viewer) -> Json:
    """Return the properties that the viewer may read, each with its source, and the rows behind the node."""
    owners = [owner for row in found.rows for owner in row.owners]
    columns = visible_columns(viewer, found.table, owners) if found.rows else ()
    return {
        "node": found.json(),
        "kind_label": found.table.zh,
        "kind_label_en": found.table.en,
        "properties": [_property(found, column) for column in columns],
        "sources": [provenance(row) for row in found.rows],
    }


def _property(found: Found, column: Column) -> Json:
    value = View(found.rows).raw(column.key)
    teller = next(
        (row for row in found.rows if row.values.get(column.key) == value and value is not None), None
    )
    return {
        "key": column.key,
        "label": column.zh,
        "label_en": column.en,
        "value": _named_value(partial(name_of, found.world), column, value),
        "data": list(value) if isinstance(value, tuple) else value,
        "source": None if teller is None else teller.id.source,
    }


def _brief(named: NameOf, column: Column, value: Value) -> str:
    """Return a value in a sentence: references by name alone, numbers, dates and yes/no with their column."""
    found = _references(column, value)
    if found:
        return _JOIN.join(named(ref) + (f" {weight}" if weight else "") for ref, weight in found)
    bare = isinstance(value, (bool, int, float)) or column.type in {
        ColumnType.DATE,
        ColumnType.DATE_FROM,
        ColumnType.DATE_TO,
    }
    return f"{column.zh} {display(column, value)}" if bare else display(column, value)


def _references(column: Column, value: Value) -> list[tuple[NodeRef, str]]:
    """Return what a value names and, in a list with weights, with which; nothing where pages show it as it stands."""
    kind = _NAMED_KINDS.get(column.refers_to[0]) if column.refers_to else None
    if kind is None or value == MASKED or not isinstance(value, (str, tuple)):
        return []
    parts = [item.partition("=") for item in ((value,) if isinstance(value, str) else value)]
    return [(NodeRef(kind, key), weight) for key, _, weight in parts]


def _named_value(named: NameOf, column: Column, value: Value) -> str:
    """Return a value as pages show it: with the name before the code of an organisation, occupation, major …"""
    told = [
        (ref.key if (name := named(ref)) == ref.key else f"{name}（{ref.key}）")
        + (f"={weight}" if weight else "")
        for ref, weight in _references(column, value)
    ]
    return _JOIN.join(told) or display(column, value)


_CURSOR_PARTS: Final = 4
_JOIN: Final = "；"
_NAMED_KINDS: Final = {
    "districts": "district",
    "chains": "chain",
    "majors": "major",
    "occupations": "occupation",
    "enterprises": "enterprise",
    "schools": "school",
}


def provenance(row: Row) -> Json:
    """Return the common block of a row as JSON."""
    block = row.provenance
    return {
        "source": row.id.source,
        "table": row.id.table,
        "origin": block.origin,
        "batch": block.batch,
        "recorded_at": block.recorded_at.isoformat(),
        "valid_from": None if block.valid_from is None else block.valid_from.isoformat(),
        "valid_to": None if block.valid_to is None else block.valid_to.isoformat(),
        "confidence": block.confidence,
        "basis": block.basis,
    }


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Reads the neighbours of one node as one viewer may see them."""

    store: GraphStore
    schema: Schema
    found: Found
    viewer: Viewer
    seen: Sight | None

    def groups(self, relation: str | None, direction: str | None, limit: int, cursor: str | None) -> Json:
        """Return groups with exact totals; `cursor` asks for the next page of the one group that it came from."""
        if direction not in {None, "out", "in"}:
            raise InvalidInputError("方向（direction）应为 out 或 in", field="direction", value=direction)
        if relation is not None and relation not in self.schema.relations:
            raise InvalidInputError(
                "没有这种关系（relation）；可用的见 /openapi.json", field="relation", value=relation
            )
        degrees = self.store.degrees(self.found.spellings, sight=self.seen)
        wanted = [d for d in degrees if relation in {None, d.relation} and direction in {None, d.direction}]
        after = None
        if cursor is not None:
            way, name, after = _parse_cursor(cursor)
            if (way, name) != (direction or way, relation or name):
                raise _bad_cursor(cursor)
            wanted = [d for d in wanted if (d.direction, d.relation, d.kind) == (way, name, after[0])]
        return {
            "node": self.found.json(),
            "groups": [self._group(d.relation, d.direction, d.kind, d.total, limit, after) for d in wanted],
        }

    def _group(
        self, relation: str, direction: str, kind: str, total: int, limit: int, after: tuple[str, str] | None
    ) -> Json:
        edges = self.store.edges(
            self.found.spellings,
            direction=direction,
            relation=relation,
            kind=kind,
            sight=self.seen,
            after=after,
            limit=limit,
        )
        first: dict[NodeRef, Edge] = {}
        for edge in edges:
            first.setdefault(edge.link.end if direction == "out" else edge.link.start, edge)
        shown = {ref: canonical(self.found.world, ref) for ref in first}
        labels = self._labels(list(shown.values()))
        last = next(reversed(first), None)
        full = len(first) == limit and total > limit
        return {
            "relation": relation,
            "relation_label": short_label(self.schema.relations[relation]),
            "direction": direction,
            "kind": kind,
            "kind_label": self.schema.by_kind[kind].zh,
            "total": total,
            "total_is_exact": True,
            "items": [
                {
                    "node": {"kind": node.kind, "key": node.key, "name": labels[node]},
                    "edge": _edge(first[ref]),
                }
                for ref, node in shown.items()
            ],
            "cursor": f"{direction}:{relation}:{last.kind}:{last.key}" if full and last is not None else None,
        }

    def _labels(self, refs: list[NodeRef]) -> Mapping[NodeRef, str]:
        labels = {ref: name_of(self.found.world, ref) for ref in refs}
        for row in self.store.rows(nodes=refs):
            if row.node in labels and sees_row(self.viewer, self.schema.by_key[row.id.table], row):
                table = self.schema.by_key[row.id.table]
                labels[row.node] = name_of_row(row, table, partial(name_of, self.found.world))
        return labels


def _edge(edge: Edge) -> Json:
    return {
        "id": edge.id,
        "origin": edge.provenance.origin,
        "source": edge.row.source,
        "confidence": edge.provenance.confidence,
        "basis": edge.provenance.basis,
    }


def _parse_cursor(cursor: str) -> tuple[str, str, tuple[str, str]]:
    """Return direction, relation and the last node of a page; a cursor says itself which group it belongs to."""
    parts = cursor.split(":", 3)
    if len(parts) != _CURSOR_PARTS or not all(parts) or parts[0] not in {"in", "out"}:
        raise _bad_cursor(cursor)
    direction, relation, kind, key = parts
    return direction, relation, (kind, key)


def _bad_cursor(cursor: str) -> InvalidInputError:
    return InvalidInputError("翻页标记（cursor）不对，请从第一页重新翻", field="cursor", value=cursor)


def evidence_row(
    edge_id: str,
    row: Row,
    relation: str,
    ends: tuple[Json, Json],
    schema: Schema,
    named: NameOf,
    *,
    viewer: Viewer,
) -> Json:
    """Return one cited edge with the row that states it, cut to the columns that the viewer may read."""
    table = schema.by_key[row.id.table]
    start, end = ends
    columns = visible_columns(viewer, table, row.owners)
    return {
        "id": edge_id,
        "text": f"{table.zh}：{row_summary(row, table, columns, named)}",
        "relation": relation,
        "relation_label": short_label(schema.relations[relation]),
        "start": start,
        "end": end,
        **provenance(row),
    }


_TOLD_COLUMNS: Final = 4


def row_summary(row: Row, table: Table, columns: Sequence[Column], named: NameOf) -> str:
    """Return what a row says in a few words: its name, its first telling ones of `columns`, references by name.

    A row without a name ends with its number, by which it is found again.
    """
    label = row.label if table.name_column is not None and table.kind != "talent" else ""
    told = [f"“{label}”"] if label else []
    numbers: list[str] = []
    for column in columns:
        value = row.values.get(column.key)
        if value is None or column.key in {"person_id", table.name_column}:
            continue
        if column.key in table.natural_key and not column.refers_to and column.type is ColumnType.CODE:
            numbers.append(display(column, value))
        elif len(told) < _TOLD_COLUMNS:
            told.append(_brief(named, column, value))
    return " · ".join([*told, *([] if label else numbers)]) or row.label
