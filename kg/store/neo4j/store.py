"""The graph store on a Neo4j server: several services may share it, analysts may read the graph with Cypher."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, LiteralString, TypeVar

from neo4j import ManagedTransaction

from kg.errors import StoreBusyError
from kg.model.graph import Batch, Change, Degree, Edge, NodeRef, Row, RowChange, RowId, Sight
from kg.schema import Schema
from kg.store import rules
from kg.store.holders import is_gone
from kg.store.neo4j import statements as say
from kg.store.neo4j.connection import Connection, one
from kg.store.neo4j.forms import (
    SEPARATOR,
    name_of,
    read_batch,
    read_changes,
    read_edge,
    read_row,
    sight_values,
    version_fields,
)
from kg.store.neo4j.publishing import CHUNK, Publisher, prepare

T = TypeVar("T")
SCAN: Final = 10_000
_LOOK_UPS: Final = 5_000
_BATCHES: Final = 50
_KEEP_SECONDS: Final = 86_400.0
_LAST: Final = "\U0010ffff"


class Neo4jStore:
    """`kg.ports.GraphStore` on a server. Threads, processes and hosts may share it."""

    def __init__(
        self, connection: Connection, publisher: Publisher, *, schema: Schema, clock: Callable[[], datetime]
    ) -> None:
        self._connection, self._publisher, self._schema, self._clock = connection, publisher, schema, clock

    @classmethod
    def open(
        cls,
        connection: Connection,
        *,
        key_fingerprint: str,
        schema: Schema,
        clock: Callable[[], datetime],
        busy_seconds: float = 30.0,
    ) -> "Neo4jStore":
        """Open the store, made when the database is empty, and discard what dead processes left staged.

        `busy_seconds` is how long a publication waits for another one. Raises StoreError (foreign or read-only
        database), StoreNewerError, WrongKeyError, StoreBusyError.
        """
        prepare(connection, key_fingerprint)
        publisher = Publisher(connection, schema=schema, clock=clock, busy_seconds=busy_seconds)
        now = clock().timestamp()
        left = [g[1] for g in publisher.stagings() if now - g[3] > _KEEP_SECONDS or is_gone(g[2])]
        if left:
            publisher.discard(left)
        return cls(connection, publisher, schema=schema, clock=clock)

    def revision(self) -> int:
        """Return the newest revision: one look at one node."""
        return int(self._connection.ask(say.STATE)["revision"])

    def stage(self, batch: str, changes: Iterable[RowChange]) -> int:
        """Write changes as versions that nobody sees yet, some thousands per transaction; return how many."""
        count = 0
        for chunk in rules.chunks(changes, CHUNK):
            fields = (version_fields(change, batch, self._schema) for change in chunk)
            self._publisher.stage(batch, sorted(fields, key=lambda row: str(row["_row"])))
            count += len(chunk)
        return count

    def publish(self, batch: Batch, *, staged: str | None = None) -> Batch:
        """Make the staged batch the next revision: one transaction makes all of it visible."""
        return self._publisher.publish(batch, batch.id if staged is None else staged)

    def discard(self, batch: str) -> None:
        """Forget a staged batch, or with "" all of them, also those of other processes."""
        found = [token for name, token, *_ in self._publisher.stagings() if batch in {"", name}]
        if found:
            self._publisher.discard(found)

    def batches(self) -> Sequence[Batch]:
        """Return the published batches, oldest first."""
        return [
            read_batch(found)
            for found in self._read(lambda tx, rev: one(tx, say.BATCHES, since=0, rev=rev))["found"]
        ]

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
        """Yield the live rows that meet every condition, ordered by (table, key, source), as of one revision."""
        wanted = {"id": ids, "node": nodes, "person": persons, "identity": identities}
        chosen = {name: frozenset[object](values) for name, values in wanted.items() if values is not None}
        if chosen:
            by = next(iter(chosen))
            found = self._look_up(say.CHOSEN[by], [name_of(value) for value in chosen[by] if value])
            rows = sorted(map(read_row, found), key=lambda row: rules.row_order(row.id))
            yield from (row for row in rows if rules.meets(row, table, source, chosen))
            return
        after, end = ("", _LAST) if table is None else (f"{table}{SEPARATOR}", f"{table}\1")
        state = self._state()
        while True:
            values = {"after": after, "end": end, "source": source, "size": SCAN, "rev": state[0]}
            found, last = self._page(say.SCAN, values, state)
            yield from sorted(map(read_row, found), key=lambda row: rules.row_order(row.id))
            if len(found) < SCAN:
                return
            after = last

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
        kind_after, key_after = after or (None, None)
        values = {**sight_values(nodes, sight), "relation": relation, "kind": kind, "limit": max(limit, 0)}
        values |= {"kind_after": kind_after, "key_after": key_after}
        found = self._read(lambda tx, rev: one(tx, say.EDGES[direction], rev=rev, **values), moving=True)[
            "found"
        ]
        edges = [read_edge(told, direction) for told in found]
        return sorted(edges, key=lambda edge: rules.edge_order(edge, direction))

    def degrees(self, nodes: Sequence[NodeRef], *, sight: Sight | None = None) -> Sequence[Degree]:
        """Return how many distinct neighbours the union of `nodes` has, by relation, direction and kind."""
        values = sight_values(nodes, sight)

        def count(tx: ManagedTransaction, rev: int) -> list[Degree]:
            return [
                Degree(found["relation"], direction, found["kind"], found["total"])
                for direction in rules.DIRECTIONS
                for found in tx.run(say.DEGREES[direction], {**values, "rev": rev})
            ]

        found = self._read(count, moving=True)
        return sorted(found, key=lambda degree: (degree.relation, degree.direction, degree.kind))

    def changes(self, since: int) -> Iterator[Change]:
        """Yield the change log after revision `since`, as of one moment."""
        state = self._state()
        batches = self._read(lambda tx, _: one(tx, say.BATCHES, since=since, rev=state[0]))["found"]
        after = ""
        while batches:
            group = batches[:_BATCHES]
            ranges = [[f"{b['_token']}|", f"{b['_token']}}}", b["_revision"]] for b in group]
            ranges[0][0] = after or ranges[0][0]
            found, after = self._page(say.CHANGES, {"ranges": ranges, "size": CHUNK}, state)
            last = found[-1][0] if len(found) == CHUNK else group[-1]["_revision"]
            for batch in group:
                if batch["_revision"] <= last:
                    yield from read_changes(read_batch(batch), batch["_erased"], found)
            done = [b for b in group if b["_revision"] < last] if len(found) == CHUNK else group
            batches = batches[len(done) :]
            after = after if len(found) == CHUNK else ""

    def sealed(self, ids: Sequence[RowId]) -> Mapping[RowId, bytes]:
        """Return the sealed bytes of live rows that have some."""
        found = self._look_up(say.SEALED, [name_of(key) for key in ids])
        return {RowId(source, table, key): part for source, table, key, part in found if part}

    def erase(self, ids: Sequence[RowId], *, actor: str) -> int:
        """Remove rows and every version of them. Files of the server keep deleted bytes until they are written over."""
        rows = sorted({name_of(row) for row in ids if row.key != rules.ERASED_KEY})
        batch = Batch(id="", source="", actor=actor, at=self._clock(), delivered=())
        return self._publisher.erase(rows, batch)

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()

    # Reading at one revision

    def _read(self, work: Callable[[ManagedTransaction, int], T], *, moving: bool = False) -> T:
        """Run work at the newest revision, again when what it reads went while it read; `moving`: ended edges go."""

        def once(tx: ManagedTransaction) -> tuple[T] | None:
            before = one(tx, say.STATE).values()
            found = work(tx, before[0])
            after = one(tx, say.STATE).values()
            return (found,) if before[1] == after[1] and (before == after or not moving) else None

        for _ in range(200):
            found = self._connection.read(once)
            if found is not None:
                return found[0]
        raise StoreBusyError("写入太频繁，读不到一致的状态；请稍后重试。")

    def _state(self) -> tuple[int, int]:
        revision, purges = self._connection.ask(say.STATE).values()
        return revision, purges

    def _page(
        self, query: LiteralString, values: dict[str, Any], state: tuple[int, int]
    ) -> tuple[list[Any], Any]:
        """Return one page of a long read; StoreBusyError when rows were erased since it began."""

        def read(tx: ManagedTransaction) -> tuple[Any, int]:
            return one(tx, query, **values), one(tx, say.STATE)["purges"]

        found, purges = self._connection.read(read)
        if purges != state[1]:
            raise StoreBusyError("读取期间有内容被彻底删除；请重试一次。")
        return found["found"], found["last"]

    def _look_up(self, query: LiteralString, names: Sequence[str]) -> list[Any]:
        wanted = sorted(set(names))
        parts = [wanted[at : at + _LOOK_UPS] for at in range(0, len(wanted), _LOOK_UPS)]
        return self._read(
            lambda tx, rev: [told for part in parts for told in one(tx, query, wanted=part, rev=rev)["found"]]
        )
