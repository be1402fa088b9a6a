"""Kill -9 at random moments of staging and publishing: what was acknowledged is there, batches are whole or absent."""

import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import ClassVar

import pytest

from kg.store.sqlite.store import SqliteStore
from tests.contract.samples import clock

ROOT = Path(__file__).parents[2]
KILLS = 60
SIZE = 40
CHILD = """
import sys
from pathlib import Path
from kg.store.sqlite import staging as sqlite_staging
from kg.store.sqlite.store import SqliteStore
from tests.contract.samples import batch, clock, put, row

sqlite_staging.CHUNK = 7
store = SqliteStore.open(Path(sys.argv[1]), key_fingerprint="0" * 16, clock=clock)
print("open", flush=True)
number = store.revision()
while True:
    number += 1
    name = f"n{number}"
    new = [put(row(f"{name}-{i}", links=[("a:1", "r", f"b:{name}")], mark="m"), name.encode()) for i in range(30)]
    old = [put(row(f"shared-{i}", values={"by": name}, links=[("a:2", "r", f"b:{name}")])) for i in range(10)]
    store.stage(name, [*new, *old])
    store.publish(batch(name), staged=name)
    print(name, flush=True)
"""


def run_and_kill(path: Path, seconds: float) -> list[str]:
    """Run the child, kill it `seconds` after it opened the store, return the batches it acknowledged."""
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD, path], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout as lines:
        assert lines.readline() == "open\n"
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        acknowledged = lines.read().split("\n")[:-1]
    assert process.wait() == -signal.SIGKILL
    return acknowledged


def check(store: SqliteStore, acknowledged: list[str]) -> None:
    published = [known.id for known in store.batches()]
    assert set(acknowledged) <= set(published)
    assert [known.revision for known in store.batches()] == list(range(1, store.revision() + 1))
    rows = list(store.rows())
    by_batch = Counter(one.provenance.batch for one in rows if not one.id.key.startswith("shared"))
    assert by_batch == Counter(dict.fromkeys(published, 30))
    assert {one.values["by"] for one in rows if one.id.key.startswith("shared")} <= set(published[-1:])
    assert len(store.sealed([one.id for one in rows])) == 30 * len(published)
    logged = Counter(change.batch for change in store.changes(max(0, store.revision() - 3)))
    assert set(logged.values()) <= {SIZE}
    edges = store._connections.mine().execute("SELECT COUNT(*) FROM edge").fetchone()[0]
    assert edges == 30 * len(published) + (10 if published else 0)


@pytest.mark.slow
class TestKill:
    engine: ClassVar[str] = "sqlite"

    def test_sixty_kills(self, tmp_path: Path) -> None:
        path, chance = tmp_path / "graph.db", random.Random(20260301)
        acknowledged: list[str] = []
        for turn in range(KILLS):
            acknowledged += run_and_kill(path, chance.uniform(0.0, 0.25))
            store = SqliteStore.open(path, key_fingerprint="0" * 16, clock=clock)
            if turn % 10 == 9 or turn < 3:
                check(store, acknowledged)
            store.close()
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA quick_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert len(acknowledged) > KILLS
