"""What one acknowledged write costs: `python benchmarks/writes.py [--size city] [--data FOLDER] [--times 1000] [--neo4j]`.

A write is one row that is staged and published as a batch of its own, with change log and revision, on the disk when
the call returns. Told are also a change of the same rows, their retirement, an entry of the ledger (chained, as the
audit writes it) and a record. The store is empty at first, then holds the city that `--data` keeps (made when missing).
Beside each stands what a transaction of plain SQLite costs on the same disk: one INSERT, synchronous=FULL.
"""

import argparse
import os
import sqlite3
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.filled import filled
from kg.audit.audit import Audit
from kg.bootstrap import Graph, open_graph
from kg.config import Settings
from kg.model.graph import Batch, Link, NodeRef, Provenance, Row, RowChange, RowId
from script import neo4j_server

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


def main() -> None:
    """Time the writes in each store and print a line for each kind."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", default="city")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--times", type=int, default=1000)
    parser.add_argument("--neo4j", action="store_true", help="a Neo4j server too, empty")
    options = parser.parse_args()
    print(f"machine: {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {options.times} times each")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        plain(folder / "plain.db", options.times)
        city = filled(options.data or folder / "city", options.size)
        stores = [("empty", Settings(data=folder / "empty")), (options.size, copied(city, folder / "copy"))]
        if options.neo4j:
            running = neo4j_server.start(neo4j_server.LONG_TERM, folder / "home", owner=os.getpid())
            stack.callback(neo4j_server.stop, running.home)
            there = {"store": running.address, "neo4j_password_file": running.password_file}
            stores.append(("Neo4j", Settings(data=folder / "server", **there)))
        for name, settings in stores:
            with open_graph(settings) as graph:
                writes(name, graph, options.times)


def copied(city: Settings, folder: Path) -> Settings:
    """Copy a store and its key into a new folder; return its settings."""
    folder.mkdir()
    for name in ("jiangtu.db", "jiangtu.ledger.db"):
        with (
            closing(sqlite3.connect(city.data / name)) as one,
            closing(sqlite3.connect(folder / name)) as two,
        ):
            one.backup(two)
    (folder / "jiangtu.key").write_bytes(city.key_path.read_bytes())
    (folder / "jiangtu.key").chmod(0o600)
    return Settings(data=folder)


def plain(path: Path, times: int) -> None:
    """Time transactions of one INSERT into a plain file."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE row (key TEXT PRIMARY KEY, body TEXT) WITHOUT ROWID")
        timed(
            "plain SQLite: one INSERT",
            times,
            lambda n: connection.execute("INSERT INTO row VALUES (?, ?)", (f"k{n}", "x" * 300)),
        )


def writes(name: str, graph: Graph, times: int) -> None:
    """Time each kind of write."""
    store, audit = graph.store, Audit(graph.ledger, lambda: NOW)

    def publish(number: int, change: RowChange) -> None:
        store.stage(f"w{number}", [change])
        batch = Batch(id="", source="benchmark", actor="benchmark", at=NOW, delivered=())
        store.publish(batch, staged=f"w{number}")

    def put(number: int, hours: int) -> RowChange:
        one = row(number, hours)
        return RowChange(id=one.id, row=one)

    timed(f"{name}: one new row published", times, lambda n: publish(n, put(n, 1)))
    timed(f"{name}: one row changed", times, lambda n: publish(n, put(n, 2)))
    timed(f"{name}: one row retired", times, lambda n: publish(n, RowChange(id=row(n, 0).id, row=None)))
    timed(f"{name}: one entry of the audit", times, lambda n: audit.record("benchmark", "look", f"{n}", {}))
    timed(f"{name}: one record", times, lambda n: graph.ledger.put("benchmark", f"{n}", {"n": n}))


def row(number: int, hours: int) -> Row:
    """Return a need with two edges."""
    key, node = RowId("benchmark", "flex_needs", f"W{number:06d}"), NodeRef("need", f"W{number:06d}")
    return Row(
        id=key,
        node=node,
        label="数控程序优化",
        values={"title": "数控程序优化", "hours_per_week": hours},
        links=(
            Link(node, "flex_needs.enterprise", NodeRef("enterprise", f"E{number % 100}")),
            Link(node, "flex_needs.district", NodeRef("district", "370781")),
        ),
        provenance=Provenance(batch="", origin="benchmark", recorded_at=NOW),
    )


def timed(name: str, times: int, work: Callable[[int], object]) -> None:
    """Do some work so many times; print median and 95th percentile in milliseconds."""
    spent: list[float] = []
    for number in range(times):
        start = time.perf_counter()
        work(number)
        spent.append((time.perf_counter() - start) * 1000)
    p95 = sorted(spent)[int(0.95 * (times - 1))]
    print(f"{name}: p50 {statistics.median(spent):.2f} ms, p95 {p95:.2f} ms", flush=True)


if __name__ == "__main__":
    main()
