"""Several services on one Neo4j: no reader sees half a batch, no writer loses or repeats a revision."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier, Event
from typing import Any, ClassVar, LiteralString

import pytest

from kg.errors import StoreBusyError
from kg.schema import SCHEMA
from kg.store.neo4j import store as reading
from kg.store.neo4j.connection import Connection
from kg.store.neo4j.ledger import Neo4jLedger
from kg.store.neo4j.store import Neo4jStore
from script.neo4j_server import Running
from tests.contract.samples import batch, clock, load, node, put, row
from tests.contract.stores_made import left_behind
from tests.neo4j_running import bare, connect, driver
from tests.waiting import HANG

ROWS, TURNS = 12, 8
READS, PATIENCE = 6, 500
"""Reads of each reader while others write, and the turns of a writer after which a reader counts as starved."""


class TestSharing:
    engine: ClassVar[str] = "neo4j"

    @pytest.fixture
    def stores(self, neo4j: Running) -> Iterator[list[Neo4jStore]]:
        """Three services."""
        stores = [
            Neo4jStore.open(connect(neo4j), key_fingerprint="0" * 16, schema=SCHEMA, clock=clock)
            for _ in range(3)
        ]
        yield stores
        for store in stores:
            store.close()

    def test_services_that_open_an_empty_database_at_once_share_it(self, neo4j: Running) -> None:
        bare(neo4j)
        connections = [connect(neo4j) for _ in range(3)]
        together = Barrier(len(connections))

        def work(connection: Connection) -> tuple[int, int]:
            together.wait(timeout=HANG)
            ledger = Neo4jLedger.open(connection)
            store = Neo4jStore.open(connection, key_fingerprint="0" * 16, schema=SCHEMA, clock=clock)
            return self.write(store, str(id(connection))), ledger.append("notes", {})

        try:
            with ThreadPoolExecutor(len(connections)) as pool:
                told = list(pool.map(work, connections))
        finally:
            for connection in connections:
                connection.close()
        assert [sorted(numbers) for numbers in zip(*told, strict=True)] == [[1, 2, 3], [1, 2, 3]]

    def test_a_schema_that_others_keep_busy_is_tried_again(
        self, neo4j: Running, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As when the server ends a transaction that has waited too long for the one of another service."""
        bare(neo4j)
        statement: LiteralString = (
            "CREATE CONSTRAINT _held IF NOT EXISTS FOR (h:_Held) REQUIRE h._name IS UNIQUE"
        )
        with closing(connect(neo4j)) as connection:
            managed, busy = connection._managed, [StoreBusyError("busy"), StoreBusyError("busy")]

            def overtaken(*given: Any) -> Any:
                if busy:
                    raise busy.pop()
                return managed(*given)

            monkeypatch.setattr(connection, "_managed", overtaken)
            connection.ensure([statement])
            made = connection.ask("SHOW CONSTRAINTS YIELD name WHERE name = '_held' RETURN name")
        bare(neo4j)
        assert not busy
        assert made is not None

    def test_readers_see_whole_batches_while_others_write(
        self, stores: list[Neo4jStore], neo4j: Running
    ) -> None:
        self.write(stores[0], "start")
        done = Event()
        seen: tuple[list[object], list[object]] = [], []

        def work(number: int) -> list[int]:
            """Write until both readers have read often enough meanwhile."""
            written: list[int] = []
            while len(written) < TURNS or (min(map(len, seen)) < READS and len(written) < PATIENCE):
                written.append(self.write(stores[number], f"{number}-{len(written)}"))
            return written

        with ThreadPoolExecutor(4) as pool:
            readers = [pool.submit(self.read, stores[2], done, values) for values in seen]
            writers = [pool.submit(work, number) for number in range(2)]
            try:
                revisions = sorted(number for writer in writers for number in writer.result())
            finally:
                done.set()
            for reader in readers:
                reader.result()
        assert revisions == list(range(2, 2 + len(revisions)))
        assert [known.revision for known in stores[2].batches()] == [1, *revisions]
        assert min(map(len, seen)) >= READS
        log = [change for change in stores[2].changes(0) if change.id.key == "00"]
        assert [change.before for change in log[1:]] == [change.after for change in log[:-1]]
        assert left_behind(neo4j) == [0, 0, 0, 0]

    def write(self, store: Neo4jStore, name: str) -> int:
        """Move every row to a new value and a new target, in one batch."""
        links = [("a:1", "r", f"b:{name}")]
        rows = [
            row(f"{number:02d}", at=f"need:{number}", values={"by": name}, links=links)
            for number in range(ROWS)
        ]
        store.stage(name, map(put, rows))
        return store.publish(batch(), staged=name).revision

    def read(self, store: Neo4jStore, done: Event, seen: list[object]) -> None:
        """Read until all is written; each read must show one batch, whole, and never an older one than before."""
        newest = 0
        while not done.is_set():
            (value,) = {found.values["by"] for found in store.rows()}
            edges = store.edges([node("a:1")], direction="out")
            assert len({edge.link.end for edge in edges}) == 1
            assert len(edges) == ROWS
            assert store.degrees([node("a:1")])[0].total == 1
            log = list(store.changes(newest))
            assert len(log) % ROWS == 0
            newest = max((change.revision for change in log), default=newest)
            assert store.revision() >= newest
            seen.append(value)

    def test_a_reader_whom_writers_always_overtake_takes_its_turn_among_them(
        self, stores: list[Neo4jStore], neo4j: Running, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Somebody publishes at the end of every statement of the reader, whenever the turn is not its own."""
        self.write(stores[0], "start")
        writer, connection = stores[0], stores[1]._connection
        told, published = connection.ask, list[int]()

        def overtaken(query: LiteralString, **values: Any) -> Any:
            found = dict(told(query, **values))
            held = (
                driver(neo4j).execute_query("MATCH (s:_Store) RETURN s._lease AS lease").records[0]["lease"]
            )
            if "found" in found and held is None:
                published.append(self.write(writer, f"{len(published)}"))
                found["revision"] = published[-1]
            return found

        monkeypatch.setattr(connection, "ask", overtaken)
        edges = stores[1].edges([node("a:1")], direction="out")
        assert len(published) >= reading._TRIES
        assert len(edges) == ROWS
        assert {edge.link.end.key for edge in edges} == {f"{len(published) - 1}"}
        assert stores[1].degrees([node("a:1")])[0].total == 1
        before = len(published)
        assert len(list(stores[1].rows(ids=[row("00").id]))) == 1
        assert len(published) <= before + 2, "rows are read although others publish"
        assert published == list(range(2, 2 + len(published)))

    def test_who_writes_sees_it_at_once(self, stores: list[Neo4jStore]) -> None:
        for number in range(5):
            published = load(stores[0], put(row(str(number))))
            assert stores[0].revision() == stores[1].revision() == published.revision
            assert len(list(stores[1].rows())) == number + 1
