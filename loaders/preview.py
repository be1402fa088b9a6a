"""What a load would change, row by row and column by column: the account of a dry run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from kg.model.graph import Row, RowChange, RowId
from kg.policy.masking import display
from kg.ports import GraphStore
from kg.schema import Schema, Table

MOST_CHANGES: Final = 1_000
"""So many changed rows are told one by one; the counts are always of all."""


@dataclass(slots=True)
class Preview:
    """Collects the changes of a load that is not published; of sealed columns only that they change.

    `counts` are rows by table and kind (inserted, updated, retired), as the change log would have them.
    """

    store: GraphStore
    schema: Schema
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    _told: dict[RowId, Mapping[str, object]] = field(default_factory=dict)
    _kinds: dict[RowId, str] = field(default_factory=dict)

    def note(self, changes: Sequence[RowChange]) -> None:
        """Take in changes in the order in which they would be staged; of a row that changes twice the last stands."""
        before = {row.id: row for row in self.store.rows(ids=sorted({change.id for change in changes}))}
        for change in changes:
            self._take(change, before.get(change.id))

    def to_json(self) -> dict[str, object]:
        """Return `{"tables", "items", "total", "truncated"}`, the items by table and key."""
        total = sum(sum(counts.values()) for counts in self.counts.values())
        items = [
            self._told[row] for row in sorted(self._told, key=lambda row: (row.table, row.key, row.source))
        ]
        tables = {
            table: {kind: counts.get(kind, 0) for kind in ("inserted", "updated", "retired")}
            for table, counts in sorted(self.counts.items())
        }
        return {"tables": tables, "items": items, "total": total, "truncated": len(items) < total}

    def _take(self, change: RowChange, before: Row | None) -> None:
        table, after = self.schema.by_key[change.id.table], change.row
        kind = "inserted" if before is None else "retired" if after is None else "updated"
        counts = self.counts.setdefault(table.key, {})
        if change.id in self._kinds:
            counts[self._kinds[change.id]] -= 1
        self._kinds[change.id] = kind
        counts[kind] = counts.get(kind, 0) + 1
        if change.id in self._told or len(self._told) < MOST_CHANGES:
            self._told[change.id] = _item(table, kind, change.id, before, after)


def _item(table: Table, kind: str, key: RowId, before: Row | None, after: Row | None) -> Mapping[str, object]:
    rows = [row for row in (before, after) if row is not None]
    marks, last = {row.seal_mark for row in rows}, rows[-1]
    node = last.node
    return {
        "source": key.source,
        "table": table.key,
        "key": key.key,
        "change": kind,
        "node": None if node is None else {"kind": node.kind, "key": node.key, "name": last.label},
        "columns": _columns(table, before, after),
        "links_changed": len(rows) > 1 and rows[0].links != rows[1].links,
        "sealed_changed": bool(marks - {""}) and (len(rows) == 1 or len(marks) > 1),
    }


def _columns(table: Table, before: Row | None, after: Row | None) -> list[dict[str, str]]:
    told = []
    for column in table.plain_columns():
        old, new = (None if row is None else row.values.get(column.key) for row in (before, after))
        if old != new:
            texts = ["" if value is None else display(column, value) for value in (old, new)]
            told.append({"key": column.key, "label": column.zh, "before": texts[0], "after": texts[1]})
    return told
