"""Random sequences of operations on stores and on their model: every read must agree after every step.

    python benchmarks/differential.py [--sequences 10000] [--stores sqlite,neo4j] [--version 5.26.25]

Each sequence has up to twelve steps (stage, publish, discard, erase, load), drawn anew in every run. The shortest
sequence that differs is printed; a line after every fifty says that all of them agree.
"""

import argparse
import os
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from script import neo4j_server
from tests.contract.differential import Fresh, play
from tests.contract.stores_made import fresh_neo4j, fresh_sqlite
from tests.neo4j_running import connect, driver

PORTION: Final = 50  # Hypothesis keeps what it has drawn, and gets slower by it


def main() -> None:
    """Play as many sequences as the command line says."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sequences", type=int, default=10_000)
    parser.add_argument("--stores", default="sqlite")
    parser.add_argument("--version", default=neo4j_server.LONG_TERM)
    options = parser.parse_args()
    with ExitStack() as stack:
        fresh: list[Fresh] = [fresh_sqlite] if "sqlite" in options.stores else []
        if "neo4j" in options.stores:
            version = neo4j_server.full_version(options.version)
            neo4j_server.install(version)
            home = Path(stack.enter_context(TemporaryDirectory()), "home")
            running = neo4j_server.start(version, home, owner=os.getpid())
            stack.callback(neo4j_server.stop, home)
            stack.callback(driver(running).close)
            connection = connect(running)
            stack.callback(connection.close)
            fresh.append(partial(fresh_neo4j, running, connection))
        start, done = time.perf_counter(), 0
        while done < options.sequences:
            portion = min(PORTION, options.sequences - done)
            play(fresh, sequences=portion, derandomize=False)
            done += portion
            spent = time.perf_counter() - start
            print(f"{done:,} sequences on {options.stores}: 0 differences, {spent:.0f} s", flush=True)


if __name__ == "__main__":
    main()
