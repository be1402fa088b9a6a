"""`check store`: whether what is stored fits together, read through the port and, of an embedded store, in its file.

A finding says what is wrong, where, and what to do. Nothing is repaired.
"""

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from kg.audit.audit import Audit
from kg.errors import SettingsError, StoreBusyError, StoreNewerError, WrongKeyError
from kg.model.batches import ERASED, log_begins
from kg.model.graph import Batch, NodeRef, Row, RowId, edge_id
from kg.operations.sites import Finding, Site
from kg.operations.working import working_folder
from kg.ports import GraphStore, Ledger
from kg.schema import Schema
from kg.sealing.sealer import Sealer

_CHUNK: Final = 500
_ALL: Final = 1_000_000_000
_TOLD: Final = 5
_TRIES: Final = 3
_UNREADABLE: Final = frozenset({"damaged", "integrity", "body-broken", StoreNewerError.code})
"""Found in the files: the rest cannot be read to the end, or what it says would be wrong for this reason alone."""
_MASK: Final = (1 << 64) - 1
_RESTORE: Final = "停止写入，从最近一份好的备份恢复（jiangtu restore）"


def check_store(site: Site, schema: Schema) -> dict[str, Any]:
    """Return the findings and what was counted. A store that cannot even be opened is one finding.

    Others may write meanwhile: of an embedded store a copy of one moment is checked, and a server is checked again
    when its revision moved. Raises StoreBusyError when it never stands still, OSError without room for the copy.
    """
    findings = [] if site.files is None else [Finding(**told) for told in site.files.check()]
    counts: dict[str, int] = {}
    if not any(finding.code in _UNREADABLE for finding in findings):
        try:
            findings += _at_one_moment(site, schema, counts)
        except (WrongKeyError, StoreNewerError, SettingsError) as error:
            findings.append(Finding(code=error.code, text=error.message, advice="按提示改正后再检查一次"))
    return {"store": site.address, "findings": [finding.json() for finding in findings], "counts": counts}


def _at_one_moment(site: Site, schema: Schema, counts: dict[str, int]) -> list[Finding]:
    if site.files is not None:
        with working_folder(site.work.parent) as folder:
            site.files.copy(folder)
            store, ledger = site.open_copy(folder, site.clock)
            with closing(store), closing(ledger):
                return list(_check(store, ledger, schema, site.sealer, counts))
    store, ledger = site.open(site.clock)
    with closing(store), closing(ledger):
        for _ in range(_TRIES):
            counts.clear()
            revision = store.revision()
            found = list(_check(store, ledger, schema, site.sealer, counts))
            if store.revision() == revision:
                return found
    raise StoreBusyError("检查期间一直有写入，结果不作数；请在空闲时再检查。")


def _check(
    store: GraphStore, ledger: Ledger, schema: Schema, sealer: Sealer, counts: dict[str, int]
) -> Iterator[Finding]:
    batches = store.batches()
    counts["batches"] = len(batches)
    yield from check_revisions(batches, store.revision())
    rows = _Rows(store, schema)
    yield from rows.check()
    counts |= {"rows": rows.total, "edges": rows.edges}
    yield from _check_seals(store, sealer, rows.sealed, counts)
    yield from _check_log(store, batches, rows, counts)
    yield from _check_audit(ledger, counts)


def check_revisions(batches: Sequence[Batch], revision: int) -> Iterator[Finding]:
    """Yield what is wrong with the numbers of the batches: they must be 1, 2, 3 ... up to the revision."""
    found = [batch.revision for batch in batches]
    missing = sorted(set(range(1, max([revision, *found], default=0) + 1)) - set(found))
    if missing:
        yield from _if("log-gap", "批次的修订号有缺口，缺少修订", [str(number) for number in missing])
    if found and max(found) != revision:
        text = f"存储记下的修订号是 {revision}，最新的批次却是 {max(found)}"
        yield from _if("revision-differs", text, [str(revision)])
    twice = [name for name, total in Counter(batch.id for batch in batches).items() if total > 1]
    if twice:
        yield from _if("batch-twice", "同一个批次号发布了两次", twice)


class _Rows:
    """The live rows against batches, tables, references and edges."""

    def __init__(self, store: GraphStore, schema: Schema) -> None:
        self._store, self._schema = store, schema
        self.total, self.edges = 0, 0
        self.sealed: list[RowId] = []
        self.fingers: dict[RowId, int] = {}
        self._stated = array("q")
        self._named: set[NodeRef] = set()
        self._needed: dict[NodeRef, RowId] = {}

    def check(self) -> Iterator[Finding]:
        """Read the rows, then look from both ends for the edges that they state; yield what is wrong."""
        known = {batch.id for batch in self._store.batches()}
        unknown, strange = list[str](), list[str]()
        there: set[NodeRef] = set()
        for row in self._store.rows():
            self._read(row)
            if row.node is not None:
                there.add(row.node)
            if row.provenance.batch not in known:
                unknown.append(_name(row.id))
            if row.id.table not in self._schema.by_key:
                strange.append(_name(row.id))
        dangling = [
            f"{_name(row)} → {node}" for node, row in sorted(self._needed.items()) if node not in there
        ]
        yield from _if("unknown-batch", "记录的来历指向不存在的批次", unknown)
        yield from _if("unknown-table", "记录属于本程序不认识的表", strange, "换用写入它的程序版本")
        yield from _if(
            "dangling",
            "必须存在的引用指向没有任何记录的对象",
            dangling,
            "补装被引用的记录，或撤销写下引用的批次",
        )
        yield from self._check_edges()

    def _read(self, row: Row) -> None:
        self.total += 1
        self.fingers[row.id] = _state(row)
        if row.seal_mark:
            self.sealed.append(row.id)
        hard = self._hard(row.id.table)
        for link in dict.fromkeys(row.links):
            self._stated.append(_finger(edge_id(row.id, link)))
            self._named |= {link.start, link.end}
            for end in (link.start, link.end):
                if end.kind in hard.get(link.relation, ()):
                    self._needed[end] = row.id

    def _hard(self, table: str) -> Mapping[str, frozenset[str]]:
        """Return, by relation, the kinds of nodes that must be there: not those of code lists, which come in editions."""
        if table not in self._schema.by_key:
            return {}
        declared = self._schema.by_key[table]
        found: dict[str, frozenset[str]] = {}
        for column in declared.columns:
            targets = [self._schema.by_key[key] for key in column.refers_to]
            if column.hard and not any(target.reference for target in targets):
                relation = table if declared.ends else f"{table}.{column.key}"
                found[relation] = found.get(relation, frozenset()) | {target.kind for target in targets}
        return found

    def _check_edges(self) -> Iterator[Finding]:
        stated = (
            np.unique(np.frombuffer(self._stated, dtype=np.int64)) if self._stated else np.empty(0, np.int64)
        )
        self.edges = len(stated)
        stray, nodes = np.empty(0, np.int64), sorted(self._named)
        for direction, code, text in (
            ("out", "edge-missing", "记录写明的关系在图里找不到"),
            ("in", "reverse-missing", "从终点反查不到的关系（反向索引不全）"),
        ):
            found = self._found(nodes, direction)
            missing = np.setdiff1d(stated, found)
            stray = np.union1d(stray, np.setdiff1d(found, stated))
            yield from _if(code, text, self._names(frozenset(missing.tolist())))
        yield from _if(
            "edge-stray", "图里的关系没有记录写明", [f"{number & _MASK:016x}" for number in stray.tolist()]
        )

    def _found(self, nodes: Sequence[NodeRef], direction: str) -> npt.NDArray[np.int64]:
        """Return the fingers of all edges, each node asked once."""
        found = array("q")
        for first in range(0, len(nodes), _CHUNK):
            edges = self._store.edges(nodes[first : first + _CHUNK], direction=direction, limit=_ALL)
            found.extend(_finger(edge.id) for edge in edges)
        return np.unique(np.frombuffer(found, dtype=np.int64)) if found else np.empty(0, np.int64)

    def _names(self, wanted: frozenset[int]) -> list[str]:
        if not wanted:
            return []
        return [
            f"{_name(row.id)}：{link.start} -{link.relation}-> {link.end}"
            for row in self._store.rows()
            for link in dict.fromkeys(row.links)
            if _finger(edge_id(row.id, link)) in wanted
        ]


def _check_seals(
    store: GraphStore, sealer: Sealer, ids: Sequence[RowId], counts: dict[str, int]
) -> Iterator[Finding]:
    lost, closed, differing = list[str](), list[str](), list[str]()
    for first in range(0, len(ids), _CHUNK):
        chunk = list(store.rows(ids=ids[first : first + _CHUNK]))
        parts = store.sealed([row.id for row in chunk])
        counts["sealed"] = counts.get("sealed", 0) + len(parts)
        for row in chunk:
            if row.id not in parts:
                lost.append(_name(row.id))
                continue
            try:
                if sealer.mark(sealer.unseal(parts[row.id], row.id)) != row.seal_mark:
                    differing.append(_name(row.id))
            except WrongKeyError:
                closed.append(_name(row.id))
    yield from _if("seal-missing", "记录有封存标记，却没有封存内容", lost)
    yield from _if(
        "seal-closed", "封存内容用现在的密钥打不开", closed, "换回原来的密钥文件；密钥没有换过，就从备份恢复"
    )
    yield from _if("seal-differs", "封存内容与标记不符", differing)


def _check_log(
    store: GraphStore, batches: Sequence[Batch], rows: _Rows, counts: dict[str, int]
) -> Iterator[Finding]:
    """Yield where the log contradicts itself: each entry must begin where the one before it of the same row ended."""
    begins = log_begins(batches)
    last: dict[RowId, int | None] = {}
    broken, total = list[str](), 0
    erased = max((batch.revision for batch in batches if ERASED in batch.report), default=0)
    per_batch: Counter[int] = Counter()
    for change in store.changes(begins):
        if not change.id.key:
            continue
        total += 1
        per_batch[change.revision] += 1
        before, after = (None if row is None else _state(row) for row in (change.before, change.after))
        if (change.id in last and last[change.id] != before) or (
            not begins and change.id not in last and before
        ):
            broken.append(f"{_name(change.id)} 修订 {change.revision}")
        last[change.id] = after
    counts["log"] = total
    yield from _if("log-broken", "变更日志前后对不上", broken)
    differing = [key for key, state in last.items() if state != rows.fingers.get(key)]
    unlogged = [] if begins else [key for key in rows.fingers if key not in last]
    yield from _if(
        "log-differs", "记录与变更日志的最后状态不符", [_name(key) for key in sorted(differing + unlogged)]
    )
    kept = [batch for batch in batches if batch.revision > max(begins, erased)]
    short = [batch.id for batch in kept if per_batch[batch.revision] < _counted(batch)]
    yield from _if("log-short", "批次报告的改动比日志里的多", short)


def _counted(batch: Batch) -> int:
    totals = batch.report.get("totals")
    if not isinstance(totals, dict):
        return 0
    names = ("inserted", "updated", "retired", "put_back", "restored", "removed")
    return sum(int(totals.get(name) or 0) for name in names)


def _state(row: Row) -> int:
    """Return a number for everything that the row says."""
    return hash((
        (row.id, row.node, row.label, tuple(sorted(row.values.items())), row.links),
        (row.provenance, row.person, row.owners, row.public, row.seal_mark, row.identity),
    ))


def _finger(edge: str) -> int:
    """Return the first 64 bits of an edge's id as a signed number."""
    return int.from_bytes(bytes.fromhex(edge[:16]), "big", signed=True)


def _check_audit(ledger: Ledger, counts: dict[str, int]) -> Iterator[Finding]:
    audit = Audit(ledger, utc_epoch)
    broken = audit.verify()
    counts["audit"] = audit.newest()
    yield from _if(
        "audit-broken", "操作记录的链断开，有人改动、删除或插入过记录", [str(number) for number in broken],
        "保全现状并查明是谁改动；与备份里的操作记录逐条比对",
    )  # fmt: skip


def utc_epoch() -> datetime:
    """Return a fixed moment: a check writes nothing."""
    return datetime(1970, 1, 1, tzinfo=UTC)


def _if(code: str, text: str, where: Sequence[str], advice: str = _RESTORE) -> Iterator[Finding]:
    if where:
        yield Finding(code=code, text=text, total=len(where), where=tuple(where[:_TOLD]), advice=advice)


def _name(row: RowId) -> str:
    return f"{row.source}/{row.table}/{row.key}"
