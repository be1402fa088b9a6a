"""The server is restarted in the middle of requests: each is answered rightly or refused clearly, none is half done, and all go on."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from kg.errors import StoreError
from kg.schema import SCHEMA
from kg.store.neo4j.connection import Connection, read_password
from kg.store.neo4j.ledger import Neo4jLedger
from kg.store.neo4j.store import Neo4jStore
from script.neo4j_server import LONG_TERM, Running, start, stop
from tests.contract.samples import batch, clock, node, put, row
from tests.neo4j_running import driver
from tests.ports import free_port
from tests.waiting import until

ROWS = 300


@pytest.mark.slow
class TestRestart:
    engine: ClassVar[str] = "neo4j"

    @pytest.fixture
    def own(self, tmp_path: Path) -> Iterator[Running]:
        """A server of this test."""
        running = start(LONG_TERM, tmp_path / "home", port=free_port(), owner=os.getpid(), brief=True)
        yield running
        driver(running).close()
        stop(running.home, seconds=5)

    def connection(self, running: Running, retry_seconds: float) -> Connection:
        password = read_password(running.password_file)
        return Connection.open(running.address, password=password, retry_seconds=retry_seconds)

    def test_requests_under_a_restart(self, own: Running) -> None:
        patient, hasty = self.connection(own, 300), self.connection(own, 0.5)
        stores = [
            Neo4jStore.open(one, key_fingerprint="0" * 16, schema=SCHEMA, clock=clock)
            for one in (patient, hasty)
        ]
        ledger = Neo4jLedger.open(patient)
        self.write(stores[0], 0)
        done, told, wrong = threading.Event(), list[str](), list[BaseException]()
        kept, published = list[int](), [1]

        def reads() -> None:
            values = {one.values["turn"] for one in stores[1].rows()}
            edges = stores[1].edges([node("a:1")], direction="out", limit=2 * ROWS)
            assert len(values) == 1
            assert len(edges) == ROWS

        def notes() -> None:
            kept.append(ledger.append("notes", {"n": len(kept)}))

        def publishes() -> None:
            published.append(self.write(stores[0], len(published)))

        seen: list[list[float]] = [[], [], []]
        works = zip((reads, notes, publishes), seen, strict=True)
        threads = [threading.Thread(target=self.again, args=(*one, done, told, wrong)) for one in works]
        for thread in threads:
            thread.start()
        until(lambda: all(len(one) > 1 for one in seen) or wrong)
        stop(own.home, seconds=3)
        own = start(LONG_TERM, own.home, port=own.port, owner=os.getpid(), brief=True)
        back = time.monotonic()
        until(lambda: all(one[-1] > back for one in seen) or wrong)
        done.set()
        for thread in threads:
            thread.join()
        assert wrong == []
        assert told, "some request came in between"
        assert all("Neo4j" in message or "稍后重试" in message for message in told), told
        assert [entry["n"] for _, entry in ledger.entries("notes")] == list(range(len(kept)))
        assert kept == list(range(1, len(kept) + 1)), "each note once"
        assert published == list(range(1, len(published) + 1))
        assert stores[0].revision() == len(published)
        assert {one.values["turn"] for one in stores[0].rows()} == {len(published) - 1}
        for one in stores:
            one.close()

    def again(
        self,
        work: Callable[[], None],
        seen: list[float],
        done: threading.Event,
        told: list[str],
        wrong: list[BaseException],
    ) -> None:
        """Do some work again and again until all is done; note when it went through, what it was told, and anything else."""
        while not done.wait(0.05):
            try:
                work()
                seen.append(time.monotonic())
            except StoreError as error:
                told.append(error.message)
            except BaseException as error:
                wrong.append(error)
                return

    def write(self, store: Neo4jStore, turn: int) -> int:
        """Give every row another value, in one batch."""
        rows = (row(f"{n:03d}", values={"turn": turn}, links=[("a:1", "r", f"b:{n}")]) for n in range(ROWS))
        store.stage(f"turn{turn}", map(put, rows))
        return store.publish(batch(), staged=f"turn{turn}").revision
