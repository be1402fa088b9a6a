"""Telling an empty store everything that another one holds: the same batches, rows, log, sealed parts and ledger.

Batches are published one after the other with their own id, time, actor and report, so the new store numbers them
alike. An erasure, whose rows nobody has any more, is repeated on stand-ins: as many rows as it took, in the same
tables, which the batch before it brings and which leave no trace. What was told stays when the telling is
interrupted; telling it again goes on from there.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby, takewhile
from secrets import token_hex
from typing import Any, Final, NamedTuple, Protocol, runtime_checkable

from kg.errors import RefusedError, StoreError
from kg.history.packing import pack, unpack
from kg.model.batches import ERASED, log_begins
from kg.model.graph import Batch, Provenance, Row, RowChange, RowId
from kg.operations.content import Content, Entry, SealKey, Step, seal_key
from kg.ports import GraphStore, Ledger

_STAND_IN: Final = "stand-in"
_HASH: Final = "hash"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Heard = Callable[[int], None]


@runtime_checkable
class Prunable(Protocol):
    """A store that can forget its older change log."""

    def prune(self, until: int) -> int:
        """Forget the change log up to a revision; return how many entries went."""
        ...


class SetClock:
    """A clock that tells the time it was set to, else that of `real`: an erasure takes its time from the store's clock."""

    def __init__(self, real: Callable[[], datetime]) -> None:
        self._real = real
        self.now: datetime | None = None

    def __call__(self) -> datetime:
        """Return the time."""
        return self._real() if self.now is None else self.now


class _Erasure(NamedTuple):
    batch: Batch
    rows: tuple[RowId, ...]


def replay_graph(
    content: Content, store: GraphStore, clock: SetClock, *, heard: Heard = lambda _: None
) -> None:
    """Publish in `store`, opened with `clock`, every batch that it does not have yet; `heard` is told each revision.

    Raises RefusedError `other-store` when the store has other batches than these.
    """
    store.discard("")
    known, batches = list(store.batches()), list(content.batches)
    if list(map(_named, known)) != list(map(_named, batches[: len(known)])):
        raise RefusedError("目标存储里有别的数据，不能接着写；请换一个空的存储。", code="other-store")
    parts, begins = content.parts(), log_begins(batches)
    base = _base(content, batches, begins)
    erasures = {
        revision: _Erasure(batches[revision - 1], tuple(_stand_ins(batches[revision - 1], pairs)))
        for revision, pairs in content.erasures().items()
    }
    log = _Log(content.steps())
    for batch in batches:
        changes = log.of(batch.revision)
        if batch.revision <= len(known):
            continue
        erasure = erasures.get(batch.revision)
        if erasure is not None:
            _erase(store, clock, erasure)
        else:
            stated: Iterable[RowChange] = _rows(base.get(batch.id, ()), parts)
            if batch.revision > begins:
                stated = _changes(changes, parts)
            name = f"{batch.id} {token_hex(8)}"  # somebody else may be telling the same
            store.stage(name, stated)
            store.stage(name, _needed(batch.revision, erasures))
            store.publish(batch, staged=name)
        heard(batch.revision)
    if isinstance(store, Prunable):
        store.prune(begins)


def _named(batch: Batch) -> tuple[object, ...]:
    return batch.id, batch.at, batch.source, batch.actor


class _Log:
    """The log read once, revision by revision."""

    def __init__(self, steps: Iterator[Step]) -> None:
        self._groups = groupby(steps, key=lambda one: one.revision)
        self._next = next(self._groups, None)

    def of(self, revision: int) -> Iterator[Step]:
        """Yield what a revision changed; revisions are asked for in order, and read before the next is asked for."""
        while self._next is not None and self._next[0] < revision:
            self._next = next(self._groups, None)
        if self._next is not None and self._next[0] == revision:
            yield from self._next[1]


def _base(content: Content, batches: Sequence[Batch], begins: int) -> Mapping[str, list[tuple[RowId, bytes]]]:
    """Return the rows of the state where the log begins by the batch that brought them, packed."""
    found: dict[str, list[tuple[RowId, bytes]]] = {batch.id: [] for batch in batches[:begins]}
    last = batches[begins - 1].id if begins else ""
    for row in content.base():
        found[row.provenance.batch if row.provenance.batch in found else last].append((row.id, pack(row)))
    return found


def _rows(packed: Iterable[tuple[RowId, bytes]], parts: Mapping[SealKey, bytes]) -> Iterator[RowChange]:
    return (_change(key, unpack(data, key), parts) for key, data in packed)


def _changes(steps: Iterable[Step], parts: Mapping[SealKey, bytes]) -> Iterator[RowChange]:
    return (_change(step.id, step.row, parts) for step in steps if step.id.key)


def _change(key: RowId, row: Row | None, parts: Mapping[SealKey, bytes]) -> RowChange:
    sealed = parts.get(seal_key(key, row.seal_mark)) if row is not None and row.seal_mark else None
    return RowChange(id=key, row=row, sealed=sealed)


def _stand_ins(batch: Batch, pairs: Sequence[tuple[str, str]]) -> Iterator[RowId]:
    told: Any = batch.report[ERASED]
    for number in range(max(int(told), len(pairs))):
        source, table = pairs[min(number, len(pairs) - 1)]
        yield RowId(source, table, f"{_STAND_IN}-{batch.revision}-{number}")


def _needed(revision: int, erasures: Mapping[int, _Erasure]) -> Iterator[RowChange]:
    """Yield the stand-ins of the erasures that follow this revision directly."""
    following = takewhile(
        lambda number: number in erasures, iter(range(revision + 1, revision + len(erasures) + 1))
    )
    for number in following:
        for key in erasures[number].rows:
            known = Provenance(batch="", origin=_STAND_IN, recorded_at=_EPOCH)
            row = Row(id=key, node=None, label="", values={}, links=(), provenance=known)
            yield RowChange(id=key, row=row)


def _erase(store: GraphStore, clock: SetClock, erasure: _Erasure) -> None:
    clock.now = erasure.batch.at
    try:
        store.erase(erasure.rows, actor=erasure.batch.actor)
    finally:
        clock.now = None
    made = store.batches()[-1]
    if _named(made) != _named(erasure.batch) or made.report != erasure.batch.report:
        raise StoreError(
            f"批次 {erasure.batch.id}（彻底删除）没有照原样写成；请重试。", batch=erasure.batch.id
        )


def replay_ledger(entries: Iterator[Entry], ledger: Ledger) -> int:
    """Write the entries that the ledger does not have yet, and compare; return how many it has.

    Raises StoreError `ledger-differs` when it holds others, or when the chain of hashes of the source is broken:
    a copy would hide that.
    """
    count = 0
    for (kind, name), group in groupby(entries, key=lambda entry: (entry.kind, entry.name)):
        if kind == "record":
            for entry in group:
                ledger.put(name, str(entry.key), entry.value)
                count += 1
            continue
        told = list(group)
        for entry in told[sum(1 for _ in ledger.entries(name)) :]:
            plain = {key: value for key, value in entry.value.items() if key != _HASH}
            ledger.append(name, plain, chain=_HASH in entry.value)
        for entry, (number, written) in zip(told, ledger.entries(name), strict=True):
            if (number, dict(written)) != (entry.key, dict(entry.value)):
                raise StoreError(
                    f"记录“{name}”第 {entry.key} 条与前一条接不上，来源可能被改动过；先用 check store 检查来源。",
                    code="ledger-differs",
                )
        count += len(told)
    return count
