"""A store as lines of text: batches, log, sealed parts and ledger, read through the port while others write."""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import orjson

from kg.errors import StoreBusyError
from kg.history.history import known_at
from kg.history.packing import pack, unpack
from kg.model.batches import log_begins
from kg.model.graph import Batch, Row, RowId
from kg.operations.content import (
    Entry,
    SealedHistory,
    SealKey,
    Step,
    ledger_entries,
    live_parts,
    seal_key,
)
from kg.ports import GraphStore, Ledger

_TRIES: Final = 20
_ROUNDS: Final = 200
_CHUNK: Final = 2_000


class _ErasedMeanwhileError(Exception):
    """Rows that are written down already were erased: what is written must not be kept."""


def write_rows(store: GraphStore, ledger: Ledger, folder: Path) -> tuple[int, dict[str, int]]:
    """Write the parts of a backup into `folder`; return the revision of the cut and the counts.

    The graph is as it was at that revision, the ledger as it was right after. Writes go on meanwhile. Raises
    StoreBusyError when contents are erased again and again while it reads.
    """
    for _ in range(_TRIES):
        with suppress(_ErasedMeanwhileError):
            return _write(store, ledger, folder)
        for part in folder.glob("*.jsonl"):
            part.unlink()
    raise StoreBusyError("备份期间一直有内容被彻底删除，没有备份成；请稍后再试。")


def _write(store: GraphStore, ledger: Ledger, folder: Path) -> tuple[int, dict[str, int]]:
    first = store.batches()
    begins, start = log_begins(first), len(first)
    base = known_at(store.rows(), store.changes(begins), begins) if begins else []
    _put(folder / "base.jsonl", (_row_line([*row.id], row) for row in base))
    cut = _Cut(store, begins, {row.id: row.seal_mark for row in base if row.seal_mark})
    with (folder / "log.jsonl").open("xb") as log, (folder / "sealed.jsonl").open("xb") as sealed:
        cut.write(log.write, sealed.write, start)
    batches = store.batches()[: cut.revision]
    if log_begins(batches) != begins:
        raise _ErasedMeanwhileError
    told = [orjson.dumps(_batch_json(batch, cut.erasures.get(batch.revision, []))) for batch in batches]
    counts = {"batches": _put(folder / "batches.jsonl", told), "base": len(base), "log": cut.entries}
    counts["sealed"] = len(cut.parts)
    entries = (
        orjson.dumps([entry.kind, entry.name, entry.key]) + b"\t" + _text(entry.value)
        for entry in ledger_entries(ledger)
    )
    counts["ledger"] = _put(folder / "ledger.jsonl", entries)
    return cut.revision, counts


def _text(value: Mapping[str, object]) -> bytes:
    """Return a record of the ledger, whose numbers may be of any size, as JSON text."""
    return json.dumps(dict(value), ensure_ascii=False, separators=(",", ":")).encode()


class _Cut:
    """The log up to a revision at which every live row has its sealed part: later than begun, where rows changed."""

    def __init__(self, store: GraphStore, begins: int, marks: dict[RowId, str]) -> None:
        self._store, self._marks = store, marks
        self.revision, self.entries = begins, 0
        self.parts: set[SealKey] = set()
        self._named = {seal_key(row, mark) for row, mark in marks.items()}
        self.erasures: dict[int, list[tuple[str, str]]] = {}

    def write(self, log: Any, sealed: Any, start: int) -> None:
        """Write until nothing is missing; what is missing although nobody wrote was missing before."""
        for _ in range(_ROUNDS):
            before = self.revision
            self._read_log(log, start)
            missing = [row for row, mark in self._marks.items() if seal_key(row, mark) not in self.parts]
            for first in range(0, len(missing), _CHUNK):
                for key, data in live_parts(self._store, missing[first : first + _CHUNK]).items():
                    if key not in self.parts:
                        self.parts.add(key)
                        sealed(_part_line(key, data))
            left = any(seal_key(row, self._marks[row]) not in self.parts for row in missing)
            if not left or (before == self.revision == self._store.revision()):
                self._write_older(sealed)
                return
        raise StoreBusyError("写入太频繁，备份追不上；请稍后再试。")

    def _write_older(self, sealed: Any) -> None:
        """Write the sealed parts of older states too, which undoing puts back, where the store can tell them."""
        told = self._store.sealed_history() if isinstance(self._store, SealedHistory) else iter(())
        for row, mark, data in told:
            key = seal_key(row, mark)
            if key in self._named and key not in self.parts:
                self.parts.add(key)
                sealed(_part_line(key, data))

    def _read_log(self, log: Any, start: int) -> None:
        newest = max(self.revision, self._store.revision())
        for change in self._store.changes(self.revision):
            newest = max(newest, change.revision)
            if not change.id.key:
                if change.revision > start:
                    raise _ErasedMeanwhileError
                pair = (change.id.source, change.id.table)
                self.erasures.setdefault(change.revision, []).append(pair)
                continue
            self._marks.pop(change.id, None)
            if change.after is not None and change.after.seal_mark:
                self._marks[change.id] = change.after.seal_mark
                self._named.add(seal_key(change.id, change.after.seal_mark))
            log(_row_line([change.revision, *change.id], change.after) + b"\n")
            self.entries += 1
        self.revision = newest


def _put(path: Path, told: Iterable[bytes]) -> int:
    count = 0
    with path.open("xb") as handle:
        for line in told:
            handle.write(line + b"\n")
            count += 1
    return count


def _part_line(key: SealKey, data: bytes) -> bytes:
    return orjson.dumps([key.hex(), base64.b64encode(data).decode()]) + b"\n"


def _row_line(head: Sequence[object], row: Row | None) -> bytes:
    """Return a line: what is told of the row, a tab (JSON holds none), the row."""
    return orjson.dumps(head) + b"\t" + (b"" if row is None else pack(row))


def _batch_json(batch: Batch, erased: Sequence[tuple[str, str]]) -> dict[str, Any]:
    return {
        "id": batch.id,
        "source": batch.source,
        "actor": batch.actor,
        "at": batch.at.isoformat(),
        "delivered": batch.delivered,
        "revision": batch.revision,
        "synthetic": batch.synthetic,
        "report": dict(batch.report),
        "erased": erased,
    }


class RowsContent:
    """`kg.operations.content.Content` of an unpacked backup."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        told = [orjson.loads(line) for line in self._lines("batches")]
        self._erased = {
            one["revision"]: [(a, b) for a, b in one.pop("erased")] for one in told if one["erased"]
        }
        for one in told:
            one.pop("erased", None)
        self.batches = [
            Batch(**{**one, "at": datetime.fromisoformat(one["at"]), "delivered": tuple(one["delivered"])})
            for one in told
        ]

    def erasures(self) -> Mapping[int, Sequence[tuple[str, str]]]:
        """Return by revision of which (source, table) pairs rows were erased."""
        return self._erased

    def base(self) -> Iterator[Row]:
        """Yield the rows at the revision after which the log is kept."""
        for line in self._lines("base"):
            head, _, body = line.partition(b"\t")
            yield unpack(body, RowId(*orjson.loads(head)))

    def steps(self) -> Iterator[Step]:
        """Yield the log in order."""
        for line in self._lines("log"):
            head, _, body = line.rstrip(b"\n").partition(b"\t")
            revision, *place = orjson.loads(head)
            key = RowId(*place)
            yield Step(revision, key, unpack(body, key) if body else None)

    def parts(self) -> Mapping[SealKey, bytes]:
        """Return the sealed parts."""
        told = (orjson.loads(line) for line in self._lines("sealed"))
        return {bytes.fromhex(key): base64.b64decode(data) for key, data in told}

    def entries(self) -> Iterator[Entry]:
        """Yield the ledger."""
        for line in self._lines("ledger"):
            head, _, body = line.partition(b"\t")
            kind, name, key = orjson.loads(head)
            yield Entry(kind, name, key, json.loads(body))

    def _lines(self, part: str) -> Iterator[bytes]:
        with (self._folder / f"{part}.jsonl").open("rb") as handle:
            yield from handle
