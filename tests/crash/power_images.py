"""Stores as power cuts leave them, as often as wanted: nothing acknowledged is lost, no batch is half there."""

import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

from kg.audit.audit import Audit
from kg.store.sqlite.ledger import SqliteLedger
from kg.store.sqlite.store import SqliteStore
from tests.contract.samples import clock
from tests.crash.killing import ROOT
from tests.crash.power_cut import Event, image, load
from tests.crash.power_writer import NEW, SHARED


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


def cut_power(folder: Path, events: list[Event], times: int, chance: random.Random) -> list[str]:
    """Cut the power at so many random moments; return what is lost or half there in any image."""
    lost: list[str] = []
    for number in range(times):
        place = folder / f"image{number}"
        acknowledged = image(events, chance.randrange(1, len(events) + 1), chance, place)
        lost += [f"image {number}: {problem}" for problem in problems(place, acknowledged)]
        shutil.rmtree(place)
    return lost
