"""Kill -9 and power cuts as often as wanted: what was acknowledged is there, everything else is whole or absent.

    python benchmarks/crash.py [KIND ...] [--times N] [--seed 1]

Kinds, and how often without --times: writes (1,000 kills of a writer), power (500 images of the disk after a power
cut), migration, backup, restore, index (50 kills each), neo4j (10 kills of the server and 40 of its writers under load).
Without a kind: all but neo4j. Ends with an error at the first thing that is lost or half there.
"""

import argparse
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.crash import operation_kills
from tests.crash.killing import ROOT
from tests.crash.power_images import cut_power, recorded
from tests.crash.store_kills import kill_writers
from tests.crash.whole_batches import SIZE

PER_FILE: Final = 50
ROUNDS: Final = 80
Kind = Callable[[Path, int, random.Random], str]


def main() -> None:
    """Run the kinds that the command line names, one after the other."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("--times", type=int)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    unknown = [name for name in options.kinds if name not in KINDS]
    if unknown:
        parser.error(f"unknown kind {unknown[0]!r}: one of {', '.join(KINDS)}")
    for name in options.kinds or [name for name in KINDS if name != "neo4j"]:
        usual, run = KINDS[name]
        times, start = options.times or usual, time.perf_counter()
        with TemporaryDirectory() as folder:
            told = run(Path(folder), times, random.Random(options.seed))
        print(f"{name}: {times:,} times, {told}, {time.perf_counter() - start:.0f} s", flush=True)


def writes(folder: Path, times: int, chance: random.Random) -> str:
    """Kill writers, with a new file after every fifty kills."""
    acknowledged = 0
    for number, first in enumerate(range(0, times, PER_FILE)):
        acknowledged += kill_writers(folder / f"{number}.db", min(PER_FILE, times - first), chance)
    return f"{acknowledged:,} acknowledged batches of {SIZE} changes: 0 lost, 0 partial"


def power(folder: Path, times: int, chance: random.Random) -> str:
    """Cut the power at random moments of one recorded run."""
    events = recorded(folder, ROUNDS)
    lost = cut_power(folder, events, times, chance)
    if lost:
        raise SystemExit("\n".join(lost))
    return f"{len(events):,} events of {ROUNDS} batches and entries: 0 lost, 0 partial"


def operation(kill: Callable[[Path, int, random.Random], dict[str, int]]) -> Kind:
    """Return what kills one of the operations."""

    def run(folder: Path, times: int, chance: random.Random) -> str:
        seen = kill(folder, times, chance)
        return "0 lost, 0 partial; found " + ", ".join(
            f"{what} {count}" for what, count in sorted(seen.items())
        )

    return run


def neo4j(_folder: Path, times: int, _chance: random.Random) -> str:
    """Kill the server, and four times as many of its writers, by the test that does it."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/neo4j/test_crash.py"]
    environment = {**os.environ, "JIANGTU_NEO4J_KILLS": str(times), "KG_TEST_STORES": "neo4j"}
    done = subprocess.run(command, cwd=ROOT, check=False, env=environment, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(done.stdout[-4000:])
    return f"and {4 * times} writers: 0 lost, 0 partial"


KINDS: Final[dict[str, tuple[int, Kind]]] = {
    "writes": (1_000, writes),
    "power": (500, power),
    "migration": (50, operation(operation_kills.kill_migrations)),
    "backup": (50, operation(operation_kills.kill_backups)),
    "restore": (50, operation(operation_kills.kill_restores)),
    "index": (50, operation(operation_kills.kill_indexing)),
    "neo4j": (10, neo4j),
}


if __name__ == "__main__":
    main()
