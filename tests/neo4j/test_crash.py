"""Kill -9 of the server, and of those who write to it: what was acknowledged is there, batches are whole or absent.

How many kills: `JIANGTU_NEO4J_KILLS` for the server (2), and four times as many for writers.
"""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from kg.schema import SCHEMA
from kg.store.neo4j.store import Neo4jStore
from script.neo4j_server import LONG_TERM, Running, start, stop
from tests.contract.samples import clock
from tests.contract.stores_made import left_behind
from tests.crash.whole_batches import check_rows, edges_of
from tests.neo4j_running import connect, driver
from tests.ports import free_port
from tests.waiting import until

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("JIANGTU_NEO4J_KILLS", "2"))
WRITER = """
import sys
from kg.schema import SCHEMA
from kg.store.neo4j import lease, store as stores
from kg.store.neo4j.connection import Connection
from tests.contract.samples import batch, clock
from tests.crash.whole_batches import changes_of

lease.CHUNK = stores.CHUNK = stores.Neo4jStore.chunk = 15
connection = Connection.open(sys.argv[1], password=open(sys.argv[2]).read().strip(), retry_seconds=300)
store = stores.Neo4jStore.open(connection, key_fingerprint="0" * 16, schema=SCHEMA, clock=clock, busy_seconds=300)
print("open", flush=True)
number = 0
while True:
    number += 1
    name = f"{sys.argv[3]}-{number}"
    store.stage(name, changes_of(name))
    store.publish(batch(name), staged=name)
    print(name, flush=True)
"""


class Writer:
    """A process that publishes batches, and the batches that it said are published."""

    def __init__(self, running: Running, name: str) -> None:
        words = [running.address, str(running.password_file), name]
        self.process = subprocess.Popen(
            [sys.executable, "-c", WRITER, *words], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "open\n"
        self.acknowledged: list[str] = []
        self.thread = threading.Thread(target=self.listen)
        self.thread.start()

    def listen(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                if line.endswith("\n"):
                    self.acknowledged.append(line[:-1])

    def kill(self) -> list[str]:
        """End the process the hard way; return what it acknowledged."""
        self.process.send_signal(signal.SIGKILL)
        assert self.process.wait() == -signal.SIGKILL
        self.thread.join()
        return self.acknowledged


def check(running: Running, acknowledged: list[str]) -> int:
    """Open the store as the next service would, and look at everything; return how many batches there are."""
    store = Neo4jStore.open(connect(running), key_fingerprint="0" * 16, schema=SCHEMA, clock=clock)
    store.discard("")
    batches = check_rows(store, acknowledged, newest=5)
    edges = driver(running).execute_query("MATCH ()-[x]->() RETURN count(x) AS total").records[0]["total"]
    assert edges == edges_of(batches)
    assert left_behind(running) == [0, 0, 0, 0]
    store.close()
    return batches


@pytest.mark.slow
class TestCrash:
    engine: ClassVar[str] = "neo4j"

    def test_killed_writers_leave_whole_batches_only(self, neo4j: Running) -> None:
        chance = random.Random(20260301)
        warm = Writer(neo4j, "warm")  # the server plans each statement once
        self.wait_for_more([warm], [1])
        acknowledged = list(warm.kill())
        for turn in range(4 * KILLS):
            writer = Writer(neo4j, f"w{turn}")
            time.sleep(chance.uniform(0.0, 2.0))
            acknowledged += writer.kill()
            if turn % 4 == 3:
                assert check(neo4j, acknowledged) >= len(acknowledged)

    @pytest.fixture
    def own(self, tmp_path: Path) -> Iterator[Running]:
        """A server of this test: it will be killed."""
        running = start(LONG_TERM, tmp_path / "home", port=free_port(), owner=os.getpid(), brief=True)
        yield running
        driver(running).close()
        stop(running.home, seconds=5)

    def test_a_killed_server_loses_nothing_acknowledged(self, own: Running) -> None:
        chance = random.Random(20260302)
        writers = [Writer(own, name) for name in ("a", "b")]
        for _ in range(KILLS):
            time.sleep(chance.uniform(1.0, 3.0))
            stop(own.home, how=signal.SIGKILL)
            before = [len(writer.acknowledged) for writer in writers]
            own = start(LONG_TERM, own.home, port=own.port, owner=os.getpid(), brief=True)
            self.wait_for_more(writers, before)
        acknowledged = [name for writer in writers for name in writer.kill()]
        assert check(own, acknowledged) >= len(acknowledged) > KILLS

    def wait_for_more(self, writers: list[Writer], before: list[int]) -> None:
        """Wait until each writer got on: they keep trying while the server is away."""

        def got_on() -> bool:
            assert all(writer.process.poll() is None for writer in writers)
            return all(len(writer.acknowledged) > old for writer, old in zip(writers, before, strict=True))

        until(got_on, "the next batch of each writer")
