"""The embedded graph store: one SQLite file, write-ahead log, every commit on disk before it is acknowledged."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from kg.errors import StoreError
from kg.model.graph import Batch, Change, Degree, Edge, NodeRef, Row, RowChange, RowId, Sight
from kg.store import rules
from kg.store.sqlite import edges, pruning, publish, read, schema, staging
from kg.store.sqlite.connections import Connections, rewrite, translated


class SqliteStore:
    """`kg.ports.GraphStore` in one file. Threads and processes of one host may share it; a network drive may not."""

    def __init__(self, connections: Connections, *, clock: Callable[[], datetime]) -> None:
        self._connections = connections
        self._clock = clock
        self._staging: dict[str, int] = {}

    @classmethod
    def open(
        cls, path: Path, *, key_fingerprint: str, clock: Callable[[], datetime], busy_seconds: float = 30.0
    ) -> "SqliteStore":
        """Open the store at `path`, made when missing, and discard what dead processes left staged.

        `busy_seconds` is how long a write waits for another one. Raises StoreError (no access, damaged, foreign
        file, SQLite too old), StoreNewerError, WrongKeyError, StoreBusyError.
        """
        schema.require_sqlite(sqlite3.sqlite_version_info)
        connections = Connections(path, busy_seconds=busy_seconds)
        store = cls(connections, clock=clock)
        try:
            with translated(path):
                schema.prepare(connections.mine(), path=str(path), key_fingerprint=key_fingerprint)
                left = staging.abandoned(connections.mine(), clock().timestamp())
            for number in left:
                store._discard(number)
        except BaseException:
            connections.close()
            raise
        return store

    def revision(self) -> int:
        """Return the newest revision: one read of one row, some microseconds."""
        with self._connections.reading() as connection:
            return int(connection.execute(publish.REVISION).fetchone()[0])

    def stage(self, batch: str, changes: Iterable[RowChange]) -> int:
        """Write changes under an unpublished batch, some thousands per transaction; return how many."""
        count = 0
        for chunk in rules.chunks(changes, staging.CHUNK):
            encoded = staging.encode_changes(chunk, batch)
            with self._connections.writing(bulk=len(chunk) == staging.CHUNK) as connection:
                number = staging.open_batch(connection, batch, self._clock().timestamp())
                self._same_batch(batch, number)
                staging.stage_chunk(connection, number, encoded)
            self._staging[batch] = number
            count += len(chunk)
        return count

    def publish(self, batch: Batch, *, staged: str | None = None) -> Batch:
        """Make the staged batch the next revision, in one transaction."""
        name = batch.id if staged is None else staged
        with self._connections.writing() as connection:
            number = staging.open_batch(connection, name, self._clock().timestamp())
            self._same_batch(name, number)
            published = publish.publish(connection, batch, number)
        self._staging.pop(name, None)
        return published

    def discard(self, batch: str) -> None:
        """Forget a staged batch, or with "" all of them, also those of other processes."""
        with self._connections.reading() as connection:
            found = connection.execute(
                "SELECT id, staged FROM batch WHERE revision IS NULL AND (?1 = '' OR staged = ?1)", (batch,)
            ).fetchall()
        for number, name in found:
            self._discard(number)
            self._staging.pop(name, None)

    def batches(self) -> Sequence[Batch]:
        """Return the published batches, oldest first."""
        with self._connections.reading() as connection:
            return read.all_batches(connection)

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
        """Yield the live rows that meet every condition, ordered by (table, key, source), as of one moment."""
        wanted = {"id": ids, "node": nodes, "person": persons, "identity": identities}
        chosen = {name: frozenset(values) for name, values in wanted.items() if values is not None}
        if chosen:
            with self._connections.reading() as connection:
                found = read.chosen_rows(
                    connection, ids=ids, nodes=nodes, persons=persons, identities=identities
                )
            yield from (row for row in found if rules.meets(row, table, source, chosen))
            return
        with self._connections.snapshot() as connection:
            yield from read.table_rows(connection, table, source)

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
        with self._connections.reading() as connection:
            return edges.edge_page(
                connection,
                nodes,
                direction=direction,
                relation=relation,
                kind=kind,
                sight=sight,
                after=after,
                limit=limit,
            )

    def degrees(self, nodes: Sequence[NodeRef], *, sight: Sight | None = None) -> Sequence[Degree]:
        """Return how many distinct neighbours the union of `nodes` has, by relation, direction and kind."""
        with self._connections.reading() as connection:
            return edges.degree_list(connection, nodes, sight)

    def changes(self, since: int) -> Iterator[Change]:
        """Yield the change log after revision `since`, as of one moment."""
        with self._connections.snapshot() as connection:
            yield from read.changes_since(connection, since)

    def sealed(self, ids: Sequence[RowId]) -> Mapping[RowId, bytes]:
        """Return the sealed bytes of live rows that have some."""
        with self._connections.reading() as connection:
            return read.sealed_parts(connection, ids)

    def sealed_history(self) -> Iterator[tuple[RowId, str, bytes]]:
        """Yield row, mark and sealed bytes of every state that is kept, also of retired rows: for copies of the store."""
        with self._connections.snapshot() as connection:
            yield from read.all_sealed(connection)

    def erase(self, ids: Sequence[RowId], *, actor: str) -> int:
        """Remove rows and every byte of them: the file is rewritten and the write-ahead log emptied.

        StoreBusyError means that the rows are gone for every reader, but that a long read kept old bytes in the log
        file: repeat the call with the same rows.
        """
        batch = Batch(id="", source="", actor=actor, at=self._clock(), delivered=())
        wanted = [row for row in ids if row.key != rules.ERASED_KEY]
        with self._connections.writing() as connection:
            count = publish.erase(connection, wanted, batch)
        with self._connections.reading() as connection:
            rewrite(connection)
        return count

    def prune(self, until: int) -> int:
        """Forget the change log up to and with revision `until`; return how many entries went (`kg.store.sqlite.pruning`).

        Rows, batches and revisions stay. Repeating it changes nothing.
        """
        with self._connections.writing() as connection:
            return pruning.prune(connection, until)

    def close(self) -> None:
        """Close the connections of all threads."""
        self._connections.close()

    def _discard(self, number: int) -> None:
        done = False
        while not done:
            with self._connections.writing() as connection:
                done = staging.discard_chunk(connection, number)

    def _same_batch(self, name: str, number: int) -> None:
        if self._staging.get(name, number) != number:
            raise StoreError(f"暂存的批次 {name} 已被清理；请重新装载。", batch=name)
