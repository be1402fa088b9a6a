"""A backup of a city while 20 writes a second go on: `python benchmarks/backup.py [--size city] [--data FOLDER] [--rate 20]`.

A process of its own publishes one row after the other and acknowledges each by its revision. Meanwhile the store is
backed up again and again; then each backup is restored into an empty folder. Everything that was acknowledged before
a backup began must be in it, everything up to its cut, nothing beyond, and every row as the source had it. Ends with
an error when a write failed or anything differs.
"""

import argparse
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import ExitStack, closing
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.filled import filled
from benchmarks.writes import copied
from kg.bootstrap import open_site
from kg.config import Settings
from kg.model.graph import Row
from kg.operations.backup import backup, restore

WRITER = """
import sys, time
from pathlib import Path
from benchmarks.writes import NOW, row
from kg.bootstrap import open_graph
from kg.config import Settings
from kg.model.graph import Batch, RowChange
number, pause = 0, 1 / float(sys.argv[2])
with open_graph(Settings(data=Path(sys.argv[1]))) as graph:
    due = time.perf_counter()
    while True:
        one = row(number, 1)
        start = time.perf_counter()
        graph.store.stage(f"w{number}", [RowChange(id=one.id, row=one)])
        done = graph.store.publish(Batch(id="", source="benchmark", actor="w", at=NOW, delivered=()), staged=f"w{number}")
        print(done.revision, (time.perf_counter() - start) * 1000, flush=True)
        number += 1
        due += pause
        time.sleep(max(0.0, due - time.perf_counter()))
"""


class Writer:
    """The writing process, and the revisions that it acknowledged, each with its milliseconds."""

    def __init__(self, data: Path, rate: float) -> None:
        self.acknowledged: list[tuple[int, float]] = []
        self._process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(data), str(rate)], stdout=subprocess.PIPE, text=True
        )
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()
        while not self.acknowledged:
            self.check()
            time.sleep(0.05)

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            revision, spent = line.split()
            self.acknowledged.append((int(revision), float(spent)))

    def check(self) -> None:
        """End with an error when a write failed."""
        if self._process.poll() is not None:
            raise SystemExit("a write failed")

    def end(self) -> None:
        """End the process."""
        self.check()
        self._process.terminate()
        self._process.wait()
        self._thread.join()


def main() -> None:
    """Back up under load, restore, compare, and print what it took."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", default="city")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--rate", type=float, default=20)
    parser.add_argument("--backups", type=int, default=3)
    options = parser.parse_args()
    print(f"machine: {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {options.rate:g} writes a second")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        settings = copied(filled(options.data or folder / "city", options.size), folder / "data")
        site = open_site(settings)
        writer = Writer(settings.data, options.rate)
        time.sleep(2)
        cuts: list[tuple[int, int]] = []
        for number in range(options.backups):
            sent, start = writer.acknowledged[-1][0], time.perf_counter()
            told = backup(site, folder / f"{number}.jtb", actor="benchmark")
            spent, cut = time.perf_counter() - start, told["revision"]
            during = [took for revision, took in writer.acknowledged if revision > sent]
            print(
                f"backup {number + 1}: {spent:.1f} s, {told['bytes'] / 2**20:.0f} MB; {len(during)} writes meanwhile,"
                f" longest {max(during, default=0):.0f} ms"
            )
            cuts.append((sent, cut))
        writer.end()
        acknowledged = [revision for revision, _ in writer.acknowledged]
        if acknowledged != list(range(acknowledged[0], acknowledged[-1] + 1)):
            raise SystemExit("revisions are missing among the acknowledged writes")
        print(f"{len(acknowledged):,} writes acknowledged, none failed")
        for number, (sent, cut) in enumerate(cuts):
            compare(settings, folder, number, sent, cut, acknowledged)


def compare(
    settings: Settings, folder: Path, number: int, sent: int, cut: int, acknowledged: list[int]
) -> None:
    """Restore one backup and compare it with the acknowledged set at its cut."""
    restored = folder / f"restored{number}"
    restored.mkdir()
    (restored / "jiangtu.key").write_bytes(settings.key_path.read_bytes())
    (restored / "jiangtu.key").chmod(0o600)
    target, start = open_site(Settings(data=restored)), time.perf_counter()
    restore(target, folder / f"{number}.jtb", actor="benchmark")
    spent = time.perf_counter() - start
    base = acknowledged[0] - 1
    digests = []
    for site in (open_site(settings), target):
        store, ledger = site.open(site.clock)
        with closing(store), closing(ledger):
            if site is target and store.revision() != cut:
                raise SystemExit(f"restored revision {store.revision()}, the cut was {cut}")
            digests.append(digest(store.rows(), base, cut))
    if digests[0] != digests[1]:
        raise SystemExit("the restored rows differ from those that were acknowledged at the cut")
    if sent > cut:
        raise SystemExit("a write that was acknowledged before the backup is not in it")
    print(
        f"restore {number + 1}: {spent:.1f} s; {digests[1][1]:,} rows equal to those acknowledged at revision {cut}"
    )


def digest(rows: Iterable[Row], base: int, cut: int) -> tuple[str, int]:
    """Return a digest of the rows as they stood at the cut, and how many: write number n made revision base + n + 1."""
    told, count = sha256(), 0
    for row in rows:
        if row.id.source == "benchmark" and base + 1 + int(row.id.key[1:]) > cut:
            continue
        told.update(repr((row.id, row.node, row.values, row.links, row.provenance, row.seal_mark)).encode())
        count += 1
    return told.hexdigest(), count


if __name__ == "__main__":
    main()
