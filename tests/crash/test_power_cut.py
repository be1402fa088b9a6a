"""Sixty power cuts: nothing acknowledged is lost, no batch is half there."""

import os
import random
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from kg.audit.audit import Audit
from kg.store.sqlite.ledger import SqliteLedger
from kg.store.sqlite.store import SqliteStore
from tests.contract.samples import clock
from tests.crash.power_cut import Event, image, lacking, load
from tests.crash.power_writer import NEW, SHARED

ROOT = Path(__file__).parents[2]
IMAGES, ROUNDS = 60, 40
pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(lacking()), reason=lacking() or "it can be recorded")]


def recorded(folder: Path, rounds: int) -> list[Event]:
    """Run the writer in a process of its own; return what it did to its files."""
    for name in ("written", "current"):
        (folder / name).mkdir()
    subprocess.run(
        [sys.executable, "-m", "tests.crash.power_writer", str(folder / "written"), str(rounds)],
        cwd=folder / "current",
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
    )
    return load(folder / "written.events")


def problems(folder: Path, acknowledged: set[str]) -> list[str]:
    """Open what the cut left; return what is lost or half there."""
    if "open" not in acknowledged and not (folder / "graph.db").exists():
        return []
    store = SqliteStore.open(folder / "graph.db", key_fingerprint="0" * 16, clock=clock)
    ledger = SqliteLedger.open(folder / "graph.ledger.db")
    with closing(store), closing(ledger):
        published = [one.id for one in store.batches()]
        entries = [f"entry {entry['batch']}" for _, entry in ledger.entries("audit")]
        found = [f"{name} is lost" for name in sorted(acknowledged - {"open", *published, *entries})]
        if published != [f"n{number}" for number in range(1, store.revision() + 1)]:
            found.append(f"revisions: {published}")
        logged = Counter(change.batch for change in store.changes(0))
        gone = {f"n{number}" for number in range(1, len(published) - 2)}
        rows = Counter(one.id.key.split("-")[0] for one in store.rows())
        for number, name in enumerate(published, start=1):
            if logged[name] != NEW + SHARED + (number > 3) or rows[name] != NEW - (name in gone):
                found.append(f"{name} is half there: {logged[name]} changes, {rows[name]} rows")
        if len(store.sealed([one.id for one in store.rows()])) != sum(rows.values()) - rows["shared"]:
            found.append("sealed parts are missing")
        found += [f"entry {number} does not fit" for number in Audit(ledger, clock).verify()]
    with closing(sqlite3.connect(folder / "graph.db")) as connection:
        found += [text for (text,) in connection.execute("PRAGMA integrity_check") if text != "ok"]
    return found


def test_sixty_power_cuts(tmp_path: Path) -> None:
    events = recorded(tmp_path, ROUNDS)
    kinds = Counter((event.kind, event.name.rpartition("-")[2]) for event in events)
    assert kinds["write", "graph.db"] > ROUNDS, "checkpoints are among the events"
    assert kinds["sync", "wal"] >= 2 * ROUNDS, "every acknowledged commit was synced"
    chance = random.Random(20261123)
    lost: list[str] = []
    for number in range(IMAGES):
        folder = tmp_path / f"image{number}"
        acknowledged = image(events, chance.randrange(1, len(events) + 1), chance, folder)
        lost += [f"image {number}: {problem}" for problem in problems(folder, acknowledged)]
    assert lost == []


def test_the_images_would_show_a_loss(tmp_path: Path) -> None:
    """Without the syncs that were recorded, the same cuts lose acknowledged batches: the harness can fail."""
    events = [event for event in recorded(tmp_path, ROUNDS) if event.kind != "sync"]
    chance = random.Random(20261123)
    lost = 0
    for number in range(12):
        folder = tmp_path / f"image{number}"
        acknowledged = image(events, chance.randrange(len(events) // 2, len(events) + 1), chance, folder)
        try:
            lost += bool(problems(folder, acknowledged))
        except Exception:
            lost += 1
    assert lost == 12
