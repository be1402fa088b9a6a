"""Print what looking back and undoing cost: `python benchmarks/history.py [SIZE]` (demo, county, city; default county).

Loads a synthetic city, changes a hundred persons in a further batch, asks the question about the flexible talents as it
was known before, and rolls back all batches. Everything is made in a temporary folder.
"""

import json
import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from kg.bootstrap import Graph, open_graph, utc_now
from kg.config import Settings
from kg.model.graph import Row
from kg.model.viewers import CLI_VIEWER
from loaders.pipeline import load
from loaders.synthetic_city import headline, sources, write_city

CHANGED = 100


def main(size: str) -> None:
    """Load, ask and undo once, and print what each step took."""
    print(f"{platform.machine()}, {os.cpu_count()} cores, synthetic {size}")
    with TemporaryDirectory() as folder, open_graph(Settings(data=Path(folder, "data"))) as graph:
        write_city(Path(folder, "city"), size=size, seed=1, day=utc_now().date())
        for source in sources(size):
            _load(graph, Path(folder, "city", source), source)
        loaded = graph.store.revision()
        need = headline(size, 1).need
        _timed("the question now, first time", lambda: _ask(graph, need, None))
        _timed("the question now", lambda: _ask(graph, need, None))
        _change(graph, Path(folder))
        _timed(f"the question after {CHANGED} changed persons", lambda: _ask(graph, need, None))
        for name, revision in ((f"{CHANGED} persons ago", loaded), ("one register ago", loaded - 1)):
            _timed(f"known {name}, first time", lambda revision=revision: _ask(graph, need, revision))
            _timed(f"known {name}", lambda revision=revision: _ask(graph, need, revision))
        for batch in reversed(graph.store.batches()):
            name = batch.id
            _timed(f"undo {name}, tried out", lambda name=name: _undo(graph, name, dry_run=True))
            _timed(f"undo {name}", lambda name=name: _undo(graph, name, dry_run=False))
        _timed("known before all was undone, first time", lambda: _ask(graph, need, loaded))


def _timed(what: str, step: Callable[[], object]) -> None:
    started = perf_counter()
    told = step()
    resident = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1]) * 4 // 1024
    rows = f", {told:,} rows" if isinstance(told, int) else ""
    print(f"{what:<45} {perf_counter() - started:8.3f} s  {resident:5} MB{rows}", flush=True)


def _ask(graph: Graph, need: str, known_at: int | None) -> None:
    graph.service.recommend_talents({"need": need}, viewer=CLI_VIEWER, known_at=known_at)


def _undo(graph: Graph, name: str, *, dry_run: bool) -> int:
    told = graph.service.roll_back(name, viewer=CLI_VIEWER, dry_run=dry_run)
    return sum(told["totals"].values())


def _load(graph: Graph, path: Path, source: str) -> None:
    report = load(
        [path],
        store=graph.store,
        sealer=graph.sealer,
        schema=graph.schema,
        source=source,
        actor="benchmark",
        clock=graph.clock,
        synthetic=True,
    )
    assert not report.errors, report.errors


def _change(graph: Graph, folder: Path) -> None:
    """Give some persons another number of hours."""
    source = sources("demo")[0]
    rows = [
        row for row, _ in zip(graph.store.rows(table="talents", source=source), range(CHANGED), strict=False)
    ]
    path = folder / "人才.json"
    path.write_text(json.dumps({"talents": [_edited(row) for row in rows]}), encoding="utf-8")
    _load(graph, path, source)


def _edited(row: Row) -> dict[str, object]:
    values = {key: list(value) if isinstance(value, tuple) else value for key, value in row.values.items()}
    return {**values, "person_id": row.id.key, "name": "合成", "weekly_hours": 7}


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "county")
