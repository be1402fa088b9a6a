"""Questions about the batches: which came in, what each changed, and undoing one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from kg.errors import InvalidInputError, NotFoundError, RefusedError
from kg.history.rollback import Plan, changes_of, plan_rollback, roll_back
from kg.model.batches import ERASED, IDENTITY, UNDOES, undone_by
from kg.model.graph import Batch, Change, Row
from kg.model.viewers import Viewer
from kg.policy.masking import display
from kg.policy.rights import demand_loader, sees_row, visible_columns
from kg.schema import Table
from kg.service.frame import Frame, Json, within

MOST_CONFLICTS: Final = 1_000
"""So many conflicts are told; their number always is."""
_COUNTED: Final = ("read", "inserted", "updated", "unchanged", "rejected", "retired")
_KINDS: Final = {UNDOES: "rollback", ERASED: "erasure", IDENTITY: "identity"}
_UNDOING: Final = ("put_back", "restored", "removed")


class HistoryQuestions(Frame):
    """Import history: for officers and administrators; for everybody else there is none."""

    def batches(self, *, viewer: Viewer, limit: int = 50, cursor: str | None = None) -> Json:
        """Return the batches, newest first; `cursor` is the revision before which the next page begins."""
        demand_loader(viewer)
        within("limit", limit, 1, 200)
        known = self._store.batches()
        undone = undone_by(known)
        older = sorted((b for b in known if b.revision < _before(cursor)), key=lambda b: -b.revision)
        shown = older[:limit]
        return {
            "items": [batch_json(batch, undone) for batch in shown],
            "total": len(known),
            "total_is_exact": True,
            "cursor": str(shown[-1].revision) if len(older) > limit else None,
        }

    def batch(self, name: str, *, viewer: Viewer) -> Json:
        """Return one batch as `batches` lists it."""
        demand_loader(viewer)
        batch, known = self._batch(name)
        return batch_json(batch, undone_by(known))

    def batch_changes(
        self,
        name: str,
        *,
        viewer: Viewer,
        table: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Json:
        """Return what a batch changed: counts by table, and rows before and after, as far as the viewer may see them.

        Sealed columns are only told to have changed. Rows that were erased since are not among it.
        """
        demand_loader(viewer)
        within("limit", limit, 1, 200)
        if table is not None and table not in self._schema.by_key:
            raise InvalidInputError("没有这张表（table），请用表的英文键", field="table", value=table)
        batch, known = self._batch(name)
        start = _place(cursor)
        counts: dict[str, dict[str, int]] = {}
        shown: list[Json] = []
        place = 0
        for change in changes_of(self._store, batch.revision):
            kind = _kind(change)
            held = counts.setdefault(
                change.id.table, {"inserted": 0, "updated": 0, "retired": 0, "hidden": 0}
            )
            held[kind] += 1
            if table not in {None, change.id.table}:
                continue
            told = self._change(change, kind, viewer)
            if told is None:
                held["hidden"] += 1
                continue
            place += 1
            if start < place <= start + limit:
                shown.append(told)
        return {
            "batch": batch_json(batch, undone_by(known)),
            "tables": counts,
            "items": shown,
            "total": place,
            "total_is_exact": True,
            "cursor": str(start + limit) if place > start + limit else None,
        }

    def roll_back(self, name: str, *, viewer: Viewer, dry_run: bool = False) -> Json:
        """Undo a batch, or with `dry_run` say what that would do.

        What was joined on top of its rows is taken back first (`also`): an identity decision about rows that vanish
        must not keep them. Raises RefusedError `rollback-conflict` with the rows that later batches touched, and what
        `kg.history.rollback` raises.
        """
        demand_loader(viewer)
        plan = plan_rollback(self._store, name)
        also = self._joined_since(plan)
        if dry_run:
            return _planned(replace(plan, conflicts=()) if also else plan, also)
        try:
            for one in also:
                roll_back(self._store, one, actor=viewer.name, clock=self._clock)
            undone = roll_back(self._store, name, actor=viewer.name, clock=self._clock)
        except RefusedError as error:
            raise _shortened(error) from error
        batch = undone.batch
        detail = {"by": batch.id, "revision": batch.revision, "source": batch.source, "also": also}
        self._audit.record(viewer.name, "rollback", name, detail)
        lost = [{"source": row.source, "table": row.table, "key": row.key} for row in undone.sealed_lost]
        return {
            **_planned(undone.plan, also),
            "dry_run": False,
            "by": batch.id,
            "revision": batch.revision,
            "sealed_lost": lost,
        }

    def _joined_since(self, plan: Plan) -> list[str]:
        """Return the identity batches that touched the rows of a batch, newest first; [] when others did, too."""
        known = {batch.id: batch for batch in self._store.batches()}
        later = {conflict.batch for conflict in plan.conflicts}
        on_top = {one.batch for name in later for one in plan_rollback(self._store, name).conflicts}
        if any(IDENTITY not in known[name].report for name in later | on_top):
            return []
        return sorted(later | on_top, key=lambda name: -known[name].revision)

    def forget_past(self) -> None:
        """Drop the states of the past that are kept for the next question; whoever has erased something calls this."""
        self._moments.forget()

    def _batch(self, name: str) -> tuple[Batch, Sequence[Batch]]:
        known = self._store.batches()
        batch = next((batch for batch in known if batch.id == name), None)
        if batch is None:
            raise NotFoundError(f"没有批次 {name}，请检查批次号")
        return batch, known

    def _change(self, change: Change, kind: str, viewer: Viewer) -> Json | None:
        """Return one changed row; None where the viewer may not see it."""
        table = self._schema.by_key.get(change.id.table)
        rows = [row for row in (change.before, change.after) if row is not None]
        if table is None or not rows or not all(sees_row(viewer, table, row) for row in rows):
            return None
        marks = {row.seal_mark for row in rows}
        sealed = bool(marks - {""}) and (len(rows) == 1 or len(marks) > 1)
        return {
            "source": change.id.source,
            "table": table.key,
            "key": change.id.key,
            "change": kind,
            "node": None if rows[-1].node is None else _node(rows[-1]),
            "columns": _columns(table, change.before, change.after, viewer),
            "links_changed": len(rows) > 1 and rows[0].links != rows[1].links,
            "sealed_changed": sealed,
        }


def batch_json(batch: Batch, undone: Mapping[str, str]) -> Json:
    """Return a batch as lists show it; `kind` is load, identity (persons joined, names settled), rollback or erasure."""
    report = batch.report
    kind = next((kind for mark, kind in _KINDS.items() if mark in report), "load")
    names = _UNDOING if kind == "rollback" else (ERASED,) if kind == "erasure" else _COUNTED
    totals = {ERASED: report[ERASED]} if kind == "erasure" else report.get("totals")
    return {
        "id": batch.id,
        "revision": batch.revision,
        "kind": kind,
        "source": batch.source,
        "actor": batch.actor,
        "at": batch.at.isoformat(),
        "synthetic": batch.synthetic,
        "delivered": list(batch.delivered),
        "totals": {name: totals.get(name, 0) for name in names} if isinstance(totals, Mapping) else {},
        "undoes": report.get(UNDOES),
        "undone_by": undone.get(batch.id),
    }


def _before(cursor: str | None) -> int:
    return 2**62 if cursor is None else _place(cursor)


def _place(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 16):
        raise InvalidInputError("翻页标记（cursor）不对，请从第一页重新翻", field="cursor", value=cursor)
    return int(cursor)


def _kind(change: Change) -> str:
    if change.before is None:
        return "inserted"
    return "retired" if change.after is None else "updated"


def _node(row: Row) -> Json:
    assert row.node is not None
    return {"kind": row.node.kind, "key": row.node.key, "name": row.label}


def _columns(table: Table, before: Row | None, after: Row | None, viewer: Viewer) -> list[Json]:
    """Return the columns that differ, with both values as pages show them; of new and retired rows all of them."""
    rows = [row for row in (before, after) if row is not None]
    allowed = [visible_columns(viewer, table, row.owners) for row in rows]
    told: list[Json] = []
    for column in allowed[-1]:
        old, new = (None if row is None else row.values.get(column.key) for row in (before, after))
        if old != new and all(column in columns for columns in allowed):
            texts = ["" if value is None else display(column, value) for value in (old, new)]
            told.append({"key": column.key, "label": column.zh, "before": texts[0], "after": texts[1]})
    return told


def _planned(plan: Plan, also: Sequence[str]) -> Json:
    conflicts = [conflict.json() for conflict in plan.conflicts]
    return {
        "batch": plan.batch.id,
        "source": plan.batch.source,
        "dry_run": True,
        "possible": not conflicts,
        "tables": {
            table: {name: counts.get(name, 0) for name in _UNDOING} for table, counts in plan.tables.items()
        },
        "totals": {name: sum(counts.get(name, 0) for counts in plan.tables.values()) for name in _UNDOING},
        "also": list(also),
        "conflicts": conflicts[:MOST_CONFLICTS],
        "conflicts_total": len(conflicts),
        "dangling": plan.dangling,
    }


def _shortened(error: RefusedError) -> RefusedError:
    """Return the refusal with at most `MOST_CONFLICTS` conflicts, and their number."""
    conflicts = error.fields.get("conflicts")
    if not isinstance(conflicts, list):
        return error
    told = {**error.fields, "conflicts": conflicts[:MOST_CONFLICTS], "conflicts_total": len(conflicts)}
    return RefusedError(error.message, code=error.code, **told)
