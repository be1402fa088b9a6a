"""Kill -9 at random moments of staging and publishing, as often as wanted: what is acknowledged is there, batches are whole."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path

from kg.store.sqlite.store import SqliteStore
from tests.contract.samples import clock
from tests.crash.killing import Brood
from tests.crash.whole_batches import check_rows, edges_of

MOST = 12
"""The most batches that a writer publishes before it is killed in one of the next."""
IMPORTS = """
from pathlib import Path
from kg.store.sqlite.store import SqliteStore
from tests.contract.samples import batch, clock
from tests.crash.whole_batches import changes_of

SqliteStore.chunk = 7
"""
CHILD = """
store = SqliteStore.open(Path(words[0]), key_fingerprint="0" * 16, clock=clock)
child.ready()
number = store.revision()
while True:
    number += 1
    name = f"n{number}"
    store.stage(name, changes_of(name))
    store.publish(batch(name), staged=name)
    child.tell(name)
"""


def kill_writers(path: Path, times: int, chance: random.Random) -> int:
    """Kill a writer of the store at `path` so many times; return how many batches it had acknowledged.

    AssertionError when one of them is lost or half there. The whole store is looked at after the first three kills
    and after every tenth.
    """
    acknowledged: list[str] = []
    with Brood(IMPORTS, CHILD) as brood:
        for turn in range(times):
            acknowledged += brood.kill(
                path, after=chance.randrange(MOST + 1), seconds=chance.uniform(0.0, 0.03)
            )
            store = SqliteStore.open(path, key_fingerprint="0" * 16, clock=clock)
            if turn % 10 == 9 or turn < 3 or turn == times - 1:
                check(store, acknowledged)
            store.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA quick_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    return len(acknowledged)


def check(store: SqliteStore, acknowledged: list[str]) -> None:
    """Look at everything in the store."""
    batches = check_rows(store, acknowledged, newest=3)
    edges = store._connections.mine().execute("SELECT COUNT(*) FROM edge").fetchone()[0]
    assert edges == edges_of(batches)
