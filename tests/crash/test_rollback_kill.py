"""A rollback that is killed has happened as a whole or not at all, and the next one goes through."""

import random
import time
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from kg.history.rollback import roll_back
from kg.store.sqlite.store import SqliteStore
from tests.contract.samples import batch, clock, put, retire, row
from tests.crash.killing import Brood

ROWS, KILLS = 6_000, 8
IMPORTS = """
from pathlib import Path
from kg.history.rollback import roll_back
from tests.contract.samples import clock
from tests.crash.test_rollback_kill import _open
"""
CHILD = """
store = _open(Path(words[0]))
child.ready()
roll_back(store, "b-000002", actor="test", clock=clock)
child.tell("done")
"""
pytestmark = pytest.mark.slow


def _open(folder: Path) -> SqliteStore:
    return SqliteStore.open(folder / "graph.db", key_fingerprint="0" * 16, clock=clock)


def _fill(store: SqliteStore) -> None:
    """Publish all rows, then a batch that changes a third of them, retires a third and adds as many."""
    rows = [row(str(n), at=f"need:{n}", links=[(f"need:{n}", "r", f"firm:{n % 50}")]) for n in range(ROWS)]
    store.stage("load", (put(replace(one, seal_mark="m1"), b"first") for one in rows))
    store.publish(batch(), staged="load")
    third = ROWS // 3
    store.stage(
        "load", (put(replace(one, values={"v": 2}, seal_mark="m2"), b"second") for one in rows[:third])
    )
    store.stage("load", (retire(one.id) for one in rows[third : 2 * third]))
    store.stage("load", (put(row(f"n{n}")) for n in range(third)))
    store.publish(batch(), staged="load")


def _digest(store: SqliteStore) -> str:
    told = sha256()
    for one in store.rows():
        told.update(repr((one.id, one.values, one.links, one.seal_mark, one.provenance)).encode())
    edges = store.edges([row("1", at=f"firm:{n}").node for n in range(50)], direction="in", limit=ROWS)  # type: ignore[misc]  # all have one
    told.update(repr([edge.id for edge in edges]).encode())
    ids = [row(str(n)).id for n in range(ROWS)]
    told.update(repr(sorted(store.sealed(ids).items())).encode())
    return told.hexdigest()


def test_a_killed_rollback_is_whole_or_absent(tmp_path: Path) -> None:
    store = _open(tmp_path)
    _fill(store)
    changed = _digest(store)
    started = time.process_time()
    roll_back(store, "b-000002", actor="test", clock=clock)
    took = time.process_time() - started
    before = _digest(store)
    roll_back(store, "b-000003", actor="test", clock=clock)
    assert _digest(store) == changed
    store.close()
    chance, seen = random.Random(11), set[bool]()
    with Brood(IMPORTS, CHILD) as brood:
        for turn in range(KILLS):
            part = chance.uniform(0, 1.3 if turn % 2 else 0.9) if turn else 0.4
            told = brood.kill(tmp_path, seconds=took * part)
            store = _open(tmp_path)
            undone = store.batches()[-1].report.get("undoes") == "b-000002"
            assert undone or told == [], "what was told as done is there"
            assert _digest(store) == (before if undone else changed)
            assert [one.revision for one in store.batches()] == list(range(1, store.revision() + 1))
            seen.add(undone)
            if undone:
                roll_back(store, store.batches()[-1].id, actor="test", clock=clock)
                assert _digest(store) == changed
            store.close()
    assert False in seen, "some kill came in the middle"
    store = _open(tmp_path)
    roll_back(store, "b-000002", actor="test", clock=clock)
    assert _digest(store) == before
    store.close()
