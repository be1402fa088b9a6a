"""A rollback that is killed has happened as a whole or not at all, and the next one goes through."""

import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from kg.history.rollback import roll_back
from kg.store.sqlite.store import SqliteStore
from tests.contract.samples import batch, clock, put, retire, row

ROWS, KILLS = 6_000, 8
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


def _killed(folder: Path, delay: float) -> None:
    child = subprocess.Popen(
        [sys.executable, __file__, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        cwd=Path(__file__).parents[2],
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    time.sleep(delay)
    child.send_signal(signal.SIGKILL)
    child.stdout.close()
    child.wait(timeout=60)


def test_a_killed_rollback_is_whole_or_absent(tmp_path: Path) -> None:
    store = _open(tmp_path)
    _fill(store)
    changed = _digest(store)
    started = time.monotonic()
    roll_back(store, "b-000002", actor="test", clock=clock)
    took = time.monotonic() - started
    before = _digest(store)
    roll_back(store, "b-000003", actor="test", clock=clock)
    assert _digest(store) == changed
    store.close()
    chance, seen = random.Random(11), set[bool]()
    for turn in range(KILLS):
        _killed(tmp_path, chance.uniform(0, took * (1.3 if turn % 2 else 0.9)))
        store = _open(tmp_path)
        undone = store.batches()[-1].report.get("undoes") == "b-000002"
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


def _main() -> None:
    store = _open(Path(sys.argv[1]))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    roll_back(store, "b-000002", actor="test", clock=clock)
    time.sleep(60)


if __name__ == "__main__":
    _main()
