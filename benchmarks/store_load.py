"""Print how fast rows are staged, published and read back: `python benchmarks/store_load.py [ROWS]` (default 400,000).

Each row states two edges, as the rows of a city's tables do on average. The file is made in a temporary folder.
"""

import os
import platform
import sqlite3
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from kg.model.graph import Batch, Link, NodeRef, Provenance, Row, RowChange, RowId
from kg.store.sqlite.store import SqliteStore

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def changes(count: int) -> Iterator[RowChange]:
    """Yield rows of talents' skills: ten per talent, 3,000 skills, 126 districts."""
    for number in range(count):
        talent = NodeRef("talent", f"{number // 10:032x}")
        key = RowId("基准", "talent_skills", f"p{number // 10:07d}|技能{number * 7919 % 3000:04d}")
        yield RowChange(
            id=key,
            row=Row(
                id=key,
                node=None,
                label="",
                values={"proficiency": 1 + number % 5, "years": 4.5, "basis": "自述"},
                links=(
                    Link(talent, "talent_skills", NodeRef("skill", f"技能{number * 7919 % 3000:04d}")),
                    Link(talent, "talent_skills.district", NodeRef("district", f"33{number % 126:04d}")),
                ),
                provenance=Provenance(
                    batch="",
                    origin=f"人才.xlsx / 技能 / 第 {number + 2} 行",
                    recorded_at=NOW,
                    valid_from=date(2024, 1, 1),
                    confidence=0.8,
                    basis="自述",
                ),
                person=talent.key,
            ),
        )


def main(count: int) -> None:
    """Run the load once and print what it took."""
    print(f"{platform.machine()}, {os.cpu_count()} cores, SQLite {sqlite3.sqlite_version}, {count:,} rows")
    started = perf_counter()
    made = sum(1 for _ in changes(count))
    making = perf_counter() - started
    with TemporaryDirectory() as folder:
        store = SqliteStore.open(Path(folder, "b.db"), key_fingerprint="0" * 16, clock=lambda: NOW)
        started = perf_counter()
        store.stage("load", changes(count))
        staged = perf_counter() - started - making
        started = perf_counter()
        store.publish(
            Batch(id="", source="基准", actor="bench", at=NOW, delivered=("talent_skills",)), staged="load"
        )
        published = perf_counter() - started
        size = sum(path.stat().st_size for path in Path(folder).iterdir()) / 1e6
        started = perf_counter()
        read = sum(1 for _ in store.rows())
        reading = perf_counter() - started
        started = perf_counter()
        for _ in range(10_000):
            store.revision()
        probe = (perf_counter() - started) * 100
        started = perf_counter()
        store.degrees([NodeRef("skill", "技能0000"), NodeRef("district", "330000")])
        hub = perf_counter() - started
        store.close()
    total = staged + published
    print(
        f"staged {staged:.1f} s + published {published:.2f} s = {made / total:,.0f} rows/s; files {size:,.0f} MB"
    )
    print(
        f"read {read:,} rows in {reading:.1f} s; revision {probe:.1f} us; degrees of a hub {hub * 1000:.0f} ms"
    )


if __name__ == "__main__":
    main(int(sys.argv[1].replace(",", "")) if len(sys.argv) > 1 else 400_000)
