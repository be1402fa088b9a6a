"""Publishing on a Neo4j server: one writer at a time, page by page, visible in one step, repaired after a crash.

A batch is applied in bounded transactions as additions that readers of the present revision pass over; then one
small transaction counts the revision up, and with that all of it is visible. The lease on the store node keeps other
publishers away; whoever takes it next finishes or undoes what a dead one left.
"""

import threading
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from time import monotonic, sleep
from typing import Any, Final, LiteralString
from uuid import uuid4

from neo4j import ManagedTransaction

from kg.errors import RefusedError, StoreBusyError, StoreError
from kg.model.graph import Batch
from kg.model.reports import scrubbed
from kg.schema import Schema
from kg.store import rules
from kg.store.answers import check_format, check_key
from kg.store.codec import from_json, to_json
from kg.store.holders import is_gone, this_process
from kg.store.neo4j import statements as say
from kg.store.neo4j.connection import Connection, one
from kg.store.neo4j.forms import SEPARATOR, batch_fields

CHUNK: Final = 2_000
LAST: Final = "\U0010ffff"
_LEASE_MS: Final = 120_000
_WAITING_MS: Final = 2_000


class Publisher:
    """Writes of one store: staged batches become revisions."""

    def __init__(
        self, connection: Connection, *, schema: Schema, clock: Callable[[], datetime], busy_seconds: float
    ) -> None:
        self._connection, self._clock, self._busy_seconds = connection, clock, busy_seconds
        self._tokens: dict[str, str] = {}
        self._mine = threading.Lock()
        self._labels = {kind: [kind.title().replace("_", "")] for kind in schema.by_kind}
        self._types = {key: key.upper().replace(".", "_") for key in schema.relations}

    def stage(self, name: str, rows: Sequence[Mapping[str, object]]) -> None:
        """Write versions that nobody sees yet, in one transaction."""

        def write(tx: ManagedTransaction) -> str:
            token = self.opened(tx, name)
            one(tx, say.STAGE, rows=[{**row, "_id": f"{token}|{row['_row']}"} for row in rows])
            return token

        self._tokens[name] = self._connection.write(write)

    def publish(self, batch: Batch, name: str) -> Batch:
        """Make the batch staged under `name` the next revision."""
        token = self._connection.write(lambda tx: self.opened(tx, name))
        with self.lease(token) as base:
            published = self._named(batch, base)
            values = {"rev": published.revision, "name": published.id, "types": self._types}
            self.run(token, say.BEGIN, {**values, "batch": batch_fields(published, token)})
            self._pages(token, token, say.APPLY, values)
            self.run(token, [say.FLIP], values)
        self._tokens.pop(name, None)
        return published

    def erase(self, rows: Sequence[str], batch: Batch) -> int:
        """Remove rows for good; those that were live make the next revision. Return how many were."""
        token = uuid4().hex
        self._connection.tell(say.OPEN, **self._staged(token, token))
        with self.lease(token, strict=True) as base:
            live = self._connection.ask(say.LIVE_ROWS, rows=rows, rev=base)["found"]
            values = {"token": token, "rows": rows, "rev": base + 1 if live else base}
            if live:
                named = self._named(replace(batch, report={"erased": len(live)}), base)
                erased = sorted({(source, table) for source, table, _ in live}, key=lambda pair: pair[::-1])
                self.run(token, say.BEGIN, {**values, "batch": batch_fields(named, token, erased)})
            self.run(token, say.MARK, values)
            steps = (say.FLIP, say.PURGE, say.SET_REPORTS) if live else (say.PURGE, say.SET_REPORTS)
            self.run(token, steps, {**values, "told": self._scrubbed(rows)})
        return len(live)

    def _scrubbed(self, rows: Sequence[str]) -> list[list[object]]:
        """Return revision and new report of the batches that tell of single cells of the tables of these rows."""
        parts = [row.split(SEPARATOR) for row in rows]
        tables, sources = {table for table, _, _ in parts}, {source for _, _, source in parts}
        found = self._connection.ask(say.REPORTS, sources=sorted(sources))["found"]
        fresh = ((revision, scrubbed(from_json(report), tables)) for revision, report in found)
        return [[revision, to_json(report)] for revision, report in fresh if report is not None]

    def discard(self, tokens: Sequence[str]) -> None:
        """Remove staged versions that are not published meanwhile, some thousands per transaction."""
        lease = uuid4().hex

        def drop(token: str, tx: ManagedTransaction) -> bool:
            self._hold(tx, lease)
            one(tx, say.LOCK_STAGING, token=token)
            done = one(tx, say.DISCARD, token=token, size=CHUNK)["total"] < CHUNK
            if done:
                one(tx, say.FORGET, token=token)
            return bool(done)

        with self.lease(lease):
            for name in [name for name, token in self._tokens.items() if token in tokens]:
                del self._tokens[name]
            for token in tokens:
                while not self._connection.write(partial(drop, token)):
                    pass

    def stagings(self) -> list[Any]:
        """Return name, token, holder, begin, revision and rows to erase of what is staged."""
        found: list[Any] = self._connection.ask(say.STAGINGS)["found"]
        return found

    def _staged(self, name: str, token: str) -> dict[str, object]:
        return {"name": name, "token": token, "holder": this_process(), "now": self._clock().timestamp()}

    def opened(self, tx: ManagedTransaction, name: str) -> str:
        """Return the token of the staged batch of this name, made when new; StoreError when ours was cleaned up."""
        mine = self._tokens.get(name)
        token = str(one(tx, say.OPEN, **self._staged(name, uuid4().hex))["token"])
        if mine not in {None, token}:
            raise StoreError(f"暂存的批次 {name} 已被清理；请重新装载。", batch=name)
        return token

    def _named(self, batch: Batch, base: int) -> Batch:
        def names(tx: ManagedTransaction) -> list[str]:
            if batch.id:
                return [batch.id] if one(tx, say.TAKEN, name=batch.id) else []
            found: list[str] = one(tx, say.NAMES, first=rules.batch_name(base + 1, ()))["found"]
            return found

        rules.check_turn(batch, base + 1)
        taken = self._connection.read(names)
        if batch.id in taken:
            raise RefusedError(f"批次 {batch.id} 已经发布过；请换一个批次号。", batch=batch.id)
        return replace(batch, id=batch.id or rules.batch_name(base + 1, taken), revision=base + 1)

    @contextmanager
    def lease(self, token: str, *, strict: bool = False) -> Generator[int, None, None]:
        """Be the only one who publishes; whatever an earlier one left behind, and this one at the end, is settled."""
        deadline = monotonic() + self._busy_seconds
        with self._mine:
            while not self._connection.write(lambda tx: self._take(tx, token)):
                if monotonic() > deadline:
                    raise StoreBusyError("另一个程序正在发布数据；请稍后重试。")
                sleep(0.03)
            try:
                self._settle(token)
                yield self._revision()
            except BaseException:
                with suppress(StoreError):
                    self._settle(token)
                raise
            else:
                self._settle_or_leave(token, strict=strict)
            finally:
                with suppress(StoreError):  # whoever comes next finds that this one is gone
                    self.run(token, [say.FREE], {})

    def _settle_or_leave(self, token: str, *, strict: bool) -> None:
        """Settle; when the server went away after publication, that is left to the next one unless `strict`."""
        try:
            self._settle(token)
        except StoreError as error:
            if strict or error.fields.get("reason") != "unavailable":
                raise

    def _revision(self) -> int:
        return int(self._connection.ask(say.STATE)["revision"])

    def _take(self, tx: ManagedTransaction, token: str) -> bool:
        """Take the lease when it is free and nobody who still asks for it came before."""
        held = one(tx, say.LOCK, token=token)
        seen = dict[str, int](
            (name, int(at)) for name, at in (text.split() for text in held["waiting"] or ())
        )
        seen = {name: at for name, at in seen.items() if held["now"] - at < _WAITING_MS or name == token}
        seen[token] = held["now"]
        free = held["lease"] in {None, token} or held["age"] > _LEASE_MS or is_gone(held["holder"])
        taken = bool(held["lease"] == token or (free and next(iter(seen)) == token))
        if taken:
            del seen[token]
            one(tx, say.TAKE, token=token, holder=this_process())
        one(tx, say.WAIT, waiting=[f"{name} {at}" for name, at in seen.items()])
        return taken

    def _hold(self, tx: ManagedTransaction, token: str) -> None:
        if one(tx, say.LOCK, token=token)["lease"] != token:
            raise StoreBusyError("发布中断太久，已由另一个程序接手；请重试。")

    def run(self, lease: str, steps: Iterable[LiteralString], values: Mapping[str, Any]) -> None:
        """Run statements in one transaction, as the holder of the lease."""

        def write(tx: ManagedTransaction) -> None:
            self._hold(tx, lease)
            for step in steps:
                tx.run(step, {"token": lease, **values}).consume()

        self._connection.write(write)

    def _pages(
        self, lease: str, token: str, steps: Iterable[LiteralString], values: Mapping[str, Any]
    ) -> None:
        """Run statements over the versions of a batch, some thousands per transaction."""
        self._between(lease, f"{token}|", f"{token}}}", steps, values)

    def every_page(self, lease: str, steps: Iterable[LiteralString], values: Mapping[str, Any]) -> None:
        """Run statements over all versions, some thousands per transaction, as the holder of the lease."""
        self._between(lease, "", LAST, steps, values)

    def _between(
        self, lease: str, after: str, end: str, steps: Iterable[LiteralString], values: Mapping[str, Any]
    ) -> None:
        total = CHUNK

        def write(tx: ManagedTransaction) -> tuple[str, int]:
            self._hold(tx, lease)
            last, total = one(tx, say.PAGE, after=after, end=end, size=CHUNK).values()
            for step in steps if total else ():
                tx.run(step, {**values, "after": after, "last": last}).consume()
            return last, total

        while total == CHUNK:
            after, total = self._connection.write(write)

    def _settle(self, lease: str) -> None:
        """Finish what is published, and undo what began to be and never was."""
        found = self._connection.ask(say.STAGINGS)
        for _, token, _, _, rev, rows in found["found"]:
            if rev is None:
                continue
            values = {"rev": rev, "rows": rows, "token": token, "labels": self._labels}
            if rev > found["revision"]:
                self.run(lease, say.UNMARK if rows else (), values)
                self._pages(lease, token, say.UNDO, values)
                self.run(lease, [say.FORGET_BATCH], values)
                continue
            self._pages(lease, token, say.SWEEP, values)
            for at in range(0, len(rows or ()), CHUNK):
                part = {"rows": rows[at : at + CHUNK]}
                nodes = self._connection.ask(say.ERASED_NODES, **part)["found"]
                self.run(lease, say.ERASE, {**values, **part, "nodes": nodes})
            self.run(lease, [say.FORGET], values)


def prepare(connection: Connection, key_fingerprint: str) -> None:
    """Make what the store needs in an empty database, or check that it is ours, of our version and of this key."""
    found = connection.ask(say.FOUND)
    if found is None:
        foreign = connection.ask(say.FOREIGN)
        if foreign is not None:
            raise StoreError(
                f"{connection.address} 的数据库里有别的数据（{'、'.join(foreign['labels'])}）；请给匠图一个空的数据库。"
            )
        for statement in say.PREPARE:
            connection.tell(statement)
        connection.tell(say.CREATE, format=say.FORMAT, key=key_fingerprint)
        found = connection.ask(say.FOUND)
    check_format(connection.address, found["format"], say.FORMAT)
    check_key(connection.address, found["key"], key_fingerprint)
