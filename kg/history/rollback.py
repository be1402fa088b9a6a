"""Undo of one batch: exactly the rows as they were before it, unless later batches touched the same ones."""

import secrets
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Final

from kg.errors import NotFoundError, RefusedError, StoreBusyError
from kg.model.batches import ERASED, UNDOES, log_begins, undone_by
from kg.model.graph import Batch, Change, NodeRef, RowChange, RowId
from kg.ports import GraphStore

REPORT: Final = "jiangtu.rollback/1"
_ATTEMPTS: Final = 5
_CHUNK: Final = 500
_MOST_VANISHING: Final = 5_000
_ALL: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Conflict:
    """A row of the batch that a later batch touched: that one has to be undone first."""

    row: RowId
    batch: str

    def json(self) -> dict[str, object]:
        """Return it as a refusal lists it."""
        return {"source": self.row.source, "table": self.row.table, "key": self.row.key, "batch": self.batch}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a rollback would do. `tables` counts rows: put back, restored to an older state, removed.

    `revision` is the newest one that the plan knows. `dangling` counts rows of other batches that would point to what
    is no longer there (None: too many rows vanish to look).
    """

    batch: Batch
    revision: int
    tables: Mapping[str, Mapping[str, int]]
    conflicts: tuple[Conflict, ...]
    dangling: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """A rollback that was published as `batch`. Of `sealed_lost` the sealed bytes of then are no longer stored."""

    plan: Plan
    batch: Batch
    sealed_lost: tuple[RowId, ...]


def changes_of(store: GraphStore, revision: int) -> Iterator[Change]:
    """Yield what one revision changed, ordered by (table, key, source); erased rows are not among it."""
    log = takewhile(lambda change: change.revision == revision, store.changes(revision - 1))
    return (change for change in log if change.id.key)


def plan_rollback(store: GraphStore, name: str) -> Plan:
    """Return what undoing the batch would do; nothing is changed.

    Raises NotFoundError for an unknown batch, RefusedError for one that is undone already (`already-undone`), for an
    erasure (`erasure-stays`), and where the undo data is no longer kept (`history-gone`).
    """
    revision, batches = store.revision(), store.batches()
    batch = _undoable(batches, name)
    rows: set[RowId] = set()
    tables: dict[str, Counter[str]] = {}
    vanishing: dict[NodeRef, None] = {}
    for change in changes_of(store, batch.revision):
        rows.add(change.id)
        tables.setdefault(change.id.table, Counter())[_effect(change)] += 1
        node = None if change.before is not None or change.after is None else change.after.node
        if node is not None:
            vanishing[node] = None
    _demand_history(batches, batch, rows)
    dangling = None if len(vanishing) > _MOST_VANISHING else _dangling(store, sorted(vanishing), rows)
    return Plan(
        batch=batch,
        revision=revision,
        tables={table: dict(sorted(tables[table].items())) for table in sorted(tables)},
        conflicts=_conflicts(store, batches, batch, rows),
        dangling=dangling,
    )


def roll_back(store: GraphStore, name: str, *, actor: str, clock: Callable[[], datetime]) -> Undone:
    """Undo the batch as a batch of its own; a batch that comes in between is looked at before trying again.

    Raises what `plan_rollback` raises, RefusedError `rollback-conflict` with all conflicts, StoreBusyError when other
    batches keep coming. Whatever it raises, nothing was changed.
    """
    for _ in range(_ATTEMPTS - 1):
        try:
            return _roll_back(store, name, actor, clock)
        except StoreBusyError:
            continue
    return _roll_back(store, name, actor, clock)


def _roll_back(store: GraphStore, name: str, actor: str, clock: Callable[[], datetime]) -> Undone:
    plan = plan_rollback(store, name)
    if plan.conflicts:
        raise _refusal(plan)
    staged = f"rollback-{secrets.token_hex(8)}"
    try:
        changes = changes_of(store, plan.batch.revision)
        count = store.stage(staged, (RowChange(id=change.id, row=change.before) for change in changes))
        _demand_nothing_erased(store, plan.batch.revision, count)
        published = store.publish(_batch(plan, actor, clock()), staged=staged)
    except BaseException:
        store.discard(staged)
        raise
    return Undone(plan=plan, batch=published, sealed_lost=_sealed_lost(store, published.revision))


def _demand_nothing_erased(store: GraphStore, revision: int, count: int) -> None:
    """Raise StoreBusyError when the log has lost rows since it was read: they were erased and must not come back.

    An erasure of rows that were not live takes no revision. One that comes after this finds what is staged.
    """
    if sum(1 for _ in changes_of(store, revision)) != count:
        raise StoreBusyError("撤销期间有内容被彻底删除，没有撤销；请重试一次。", batch=revision)


def _refusal(plan: Plan) -> RefusedError:
    later = sorted({conflict.batch for conflict in plan.conflicts})
    text = (
        f"批次 {plan.batch.id} 的 {len({c.row for c in plan.conflicts})} 行后来又被批次 {'、'.join(later)} 改过，"
        "没有撤销；请先撤销这些批次，或改用一次新的导入来更正"
    )
    conflicts = [conflict.json() for conflict in plan.conflicts]
    return RefusedError(text, code="rollback-conflict", batch=plan.batch.id, later=later, conflicts=conflicts)


def _batch(plan: Plan, actor: str, at: datetime) -> Batch:
    totals = sum((Counter(counts) for counts in plan.tables.values()), Counter[str]())
    report = {
        "schema": REPORT,
        UNDOES: plan.batch.id,
        "source": plan.batch.source,
        "tables": {table: dict(counts) for table, counts in plan.tables.items()},
        "totals": {effect: totals[effect] for effect in _EFFECTS},
    }
    return Batch(
        id="",
        source=plan.batch.source,
        actor=actor,
        at=at,
        delivered=(),
        revision=plan.revision + 1,
        synthetic=plan.batch.synthetic,
        report=report,
    )


_EFFECTS: Final = ("put_back", "restored", "removed")


def _effect(change: Change) -> str:
    """Return what undoing a change does to its row."""
    if change.before is None:
        return "removed"
    return "put_back" if change.after is None else "restored"


def _undoable(batches: Sequence[Batch], name: str) -> Batch:
    batch = next((batch for batch in batches if batch.id == name), None)
    if batch is None:
        raise NotFoundError(f"没有批次 {name}，请用 batches 查看批次号")
    by = undone_by(batches).get(name)
    if by is not None:
        text = f"批次 {name} 已被批次 {by} 撤销；要恢复它，请撤销 {by}"
        raise RefusedError(text, code="already-undone", batch=name, by=by)
    if ERASED in batch.report:
        text = f"批次 {name} 是一次彻底删除，删掉的内容不会再回来"
        raise RefusedError(text, code="erasure-stays", batch=name)
    return batch


def _demand_history(batches: Sequence[Batch], batch: Batch, rows: Collection[RowId]) -> None:
    """Refuse when the log of the batch is not kept, or tells of no rows though the report does and none was erased."""
    erased = any(ERASED in later.report and later.revision > batch.revision for later in batches)
    if batch.revision <= log_begins(batches) or (not rows and not erased and _changed(batch)):
        text = f"批次 {batch.id} 改动前的内容已超过保留期，不能撤销"
        raise RefusedError(text, code="history-gone", batch=batch.id)


def _changed(batch: Batch) -> bool:
    totals = batch.report.get("totals")
    counted = ("inserted", "updated", "retired", *_EFFECTS)
    return isinstance(totals, Mapping) and any(totals.get(name) for name in counted)


def _conflicts(
    store: GraphStore, batches: Sequence[Batch], batch: Batch, rows: Collection[RowId]
) -> tuple[Conflict, ...]:
    """Return the rows that later batches touched; a later batch and its own rollback have touched nothing."""
    later = {one.id: one for one in batches if one.revision > batch.revision}
    undone = undone_by(batches)
    idle = {
        name
        for name, one in later.items()
        if name in undone or (isinstance(one.report.get(UNDOES), str) and one.report[UNDOES] in later)
    }
    found = {
        (change.id.table, change.id.key, change.id.source, change.revision): Conflict(change.id, change.batch)
        for change in store.changes(batch.revision)
        if change.id.key and change.id in rows and change.batch not in idle
    }
    return tuple(found[place] for place in sorted(found))


def _dangling(store: GraphStore, vanishing: Sequence[NodeRef], rows: Collection[RowId]) -> int:
    """Return how many rows outside `rows` point to nodes of which no other row is left."""
    pointing: set[RowId] = set()
    for start in range(0, len(vanishing), _CHUNK):
        chunk = vanishing[start : start + _CHUNK]
        kept = {row.node for row in store.rows(nodes=chunk) if row.id not in rows}
        gone = [node for node in chunk if node not in kept]
        if gone:
            pointing |= {edge.row for edge in store.edges(gone, direction="in", limit=_ALL)}
    return len(pointing - set(rows))


def _sealed_lost(store: GraphStore, revision: int) -> tuple[RowId, ...]:
    marked = [c.id for c in changes_of(store, revision) if c.after is not None and c.after.seal_mark]
    lost: list[RowId] = []
    for start in range(0, len(marked), _CHUNK):
        chunk = marked[start : start + _CHUNK]
        held = store.sealed(chunk)
        lost += [row for row in chunk if row not in held]
    return tuple(lost)
