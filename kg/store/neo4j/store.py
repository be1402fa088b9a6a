"""The graph store on a Neo4j server: several services may share it, analysts may read the graph with Cypher."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, LiteralString

from kg.errors import StoreBusyError
from kg.model.graph import Batch, Change, Degree, Edge, NodeRef, Row, RowChange, RowId, Sight
from kg.schema import Schema
from kg.store import rules
from kg.store.answers import in_order, read_degrees, read_edges, read_row, sight_values
from kg.store.holders import is_gone
from kg.store.neo4j import statements as say
from kg.store.neo4j.connection import Connection
from kg.store.neo4j.forms import SEPARATOR, name_of, read_changes, read_told_batch, version_fields
from kg.store.neo4j.pruning import prune
from kg.store.neo4j.publishing import CHUNK, LAST, Publisher, prepare

SCAN: Final = 10_000
_LOOK_UPS: Final = 5_000
_BATCHES: Final = 50
_KEEP_SECONDS: Final = 86_400.0
_TRIES: Final = 200


class Neo4jStore:
    """`kg.ports.GraphStore` on a server. Threads, processes and hosts may share it."""

    def __init__(
        self, connection: Connection, publisher: Publisher, *, schema: Schema, clock: Callable[[], datetime]
    ) -> None:
        self._connection, self._publisher, self._schema, self._clock = connection, publisher, schema, clock
        self._seen = [0, 0]

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

    @staticmethod
    def is_new(connection: Connection) -> bool:
        """Return whether no store was made in this database yet."""
        return connection.ask(say.FOUND) is None

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
        return [read_told_batch(found) for found in self._read(say.BATCHES, since=0)]

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
            yield from (
                row for row in in_order(map(read_row, found)) if rules.meets(row, table, source, chosen)
            )
            return
        after, end = ("", LAST) if table is None else (f"{table}{SEPARATOR}", f"{table}\1")
        state = self._state()
        while True:
            values = {"after": after, "end": end, "source": source, "size": SCAN}
            page = [read_row(told) for told in self._page(say.SCAN, state, **values)]
            yield from in_order(page)
            if len(page) < SCAN:
                return
            after = name_of(page[-1].id)

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
        values = {**_near(nodes, sight), "relation": relation, "kind": kind, "limit": max(limit, 0)}
        values |= {"kind_after": kind_after, "key_after": key_after}
        return read_edges(self._read(say.EDGES[direction], **values), direction)

    def degrees(self, nodes: Sequence[NodeRef], *, sight: Sight | None = None) -> Sequence[Degree]:
        """Return how many distinct neighbours the union of `nodes` has, by relation, direction and kind."""
        values = _near(nodes, sight)
        queries: list[LiteralString] = [say.DEGREES[direction] for direction in rules.DIRECTIONS]
        found = self._read_all(queries, [values, values])
        return read_degrees(dict(zip(rules.DIRECTIONS, found, strict=True)))

    def changes(self, since: int) -> Iterator[Change]:
        """Yield the change log after revision `since`, as of one moment."""
        state = self._state()
        batches = self._page(say.BATCHES, state, since=since)
        after = ""
        while batches:
            group = batches[:_BATCHES]
            ranges = [
                [f"{b['_token']}|", f"{b['_token']}}}", 0 if b.get("_pruned") else b["_revision"]]
                for b in group
            ]
            ranges[0][0] = after or ranges[0][0]
            found = self._page(say.CHANGES, state, ranges=ranges, size=CHUNK)
            full = len(found) == CHUNK
            last, after = (found[-1][0], found[-1][1]) if full else (group[-1]["_revision"], "")
            for batch in group:
                if batch["_revision"] <= last:
                    yield from read_changes(read_told_batch(batch), batch["_erased"], found)
            batches = batches[sum(b["_revision"] < last or not full for b in group) :]

    def sealed(self, ids: Sequence[RowId]) -> Mapping[RowId, bytes]:
        """Return the sealed bytes of live rows that have some."""
        found = self._look_up(say.SEALED, [name_of(key) for key in ids])
        return {RowId(source, table, key): part for source, table, key, part in found if part}

    def sealed_history(self) -> Iterator[tuple[RowId, str, bytes]]:
        """Yield row, mark and sealed bytes of every state that is kept, also of retired rows: for copies of the store."""
        state, after = self._state(), ""
        while True:
            found = self._page(say.ALL_SEALED, state, after=after, size=SCAN)
            for _, source, table, key, mark, part in found:
                yield RowId(source, table, key), mark, part
            if len(found) < SCAN:
                return
            after = found[-1][0]

    def erase(self, ids: Sequence[RowId], *, actor: str) -> int:
        """Remove rows and every version of them. Files of the server keep deleted bytes until they are written over."""
        rows = sorted({name_of(row) for row in ids if row.key != rules.ERASED_KEY})
        batch = Batch(id="", source="", actor=actor, at=self._clock(), delivered=())
        return self._publisher.erase(rows, batch)

    def prune(self, until: int) -> int:
        """Forget the change log up to and with revision `until`; return how many entries went (`kg.store.neo4j.pruning`)."""
        return prune(self._connection, self._publisher, until)

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()

    def _state(self) -> tuple[int, int]:
        revision, purges = self._connection.ask(say.STATE).values()
        return revision, purges

    def _read(self, query: LiteralString, **values: Any) -> list[Any]:
        found: list[Any] = self._read_all([query], [values])[0]
        return found

    def _read_all(self, queries: Sequence[LiteralString], values: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Return what statements find at the newest revision, all at the same: made for the last one seen, then checked."""
        for _ in range(_TRIES):
            state, answers = self._seen, list[Any]()
            for query, given in zip(queries, values, strict=True):
                found, *now = self._connection.ask(query, rev=state[0], **given).values()
                if now != state:
                    self._seen = now
                    break
                answers.append(found)
            else:
                return answers
        raise StoreBusyError("写入太频繁，读不到一致的状态；请稍后重试。")

    def _page(self, query: LiteralString, state: tuple[int, int], **values: Any) -> list[Any]:
        """Return one page of a long read; StoreBusyError when rows were erased since it began."""
        answer = self._connection.ask(query, rev=state[0], **values)
        if answer["purges"] != state[1]:
            raise StoreBusyError("读取期间有内容被彻底删除；请重试一次。")
        found: list[Any] = answer["found"]
        return found

    def _look_up(self, query: LiteralString, names: Iterable[str]) -> list[Any]:
        wanted = sorted(set(names))
        parts = [{"wanted": wanted[at : at + _LOOK_UPS]} for at in range(0, len(wanted), _LOOK_UPS)]
        queries: list[LiteralString] = [query for _ in parts]
        return [told for found in self._read_all(queries, parts) for told in found]


def _near(nodes: Sequence[NodeRef], sight: Sight | None) -> dict[str, Any]:
    return {"nodes": sorted({str(node) for node in nodes}), **sight_values(sight)}
