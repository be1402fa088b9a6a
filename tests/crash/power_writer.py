"""The recorded writer: batches of new, changed and retired rows with sealed parts, and entries of the ledger."""

import random
import sys
from pathlib import Path

from kg.store.sqlite import connections
from kg.store.sqlite.ledger import SqliteLedger
from kg.store.sqlite.store import SqliteStore
from tests.contract.samples import batch, clock, put, retire, row
from tests.crash.power_cut import Recorder

NEW, SHARED = 6, 4


def main(folder: Path, rounds: int) -> None:
    """Write in `folder`, and the events beside it; AssertionError when anything appears in the current folder."""
    recorder = Recorder()
    often = tuple(
        "PRAGMA wal_autocheckpoint = 30" if "autocheckpoint" in one else one for one in connections._PRAGMAS
    )
    connections._PRAGMAS = often  # type: ignore[misc,assignment]  # checkpoints must be among the events
    store = SqliteStore.open(folder / "graph.db", key_fingerprint="0" * 16, clock=clock)
    ledger = SqliteLedger.open(folder / "graph.ledger.db")
    recorder.acknowledge("open")
    chance = random.Random(7)
    for number in range(1, rounds + 1):
        name = f"n{number}"
        new = [
            put(
                row(f"{name}-{i}", links=[("a:1", "r", f"b:{name}")], mark="m"),
                chance.randbytes(chance.randint(40, 3000)),
            )
            for i in range(NEW)
        ]
        shared = [
            put(row(f"shared-{i}", values={"by": name}, links=[("a:2", "r", f"b:{name}")]))
            for i in range(SHARED)
        ]
        gone = [retire(row(f"n{number - 3}-0").id)] if number > 3 else []
        store.stage(name, [*new, *shared, *gone])
        store.publish(batch(name), staged=name)
        recorder.acknowledge(name)
        ledger.append("audit", {"batch": name}, chain=True)
        recorder.acknowledge(f"entry {name}")
    recorder.save(folder.with_suffix(".events"))
    left = sorted(one.name for one in Path.cwd().iterdir())
    assert left == [], f"the shim made files of its own: {left}"
    store.close()
    ledger.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
