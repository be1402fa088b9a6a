"""How long the explorer's questions take in process: expansion, scenes, type-ahead search, why an edge exists, paths.

    python benchmarks/explorer_server.py [--size city] [--seed 1] [--walks 40] [--data FOLDER]

Makes the synthetic city, loads it through the loaders (`--data` keeps the folder and reuses a city loaded there), then
walks as people do: start at an enterprise, a school, a need or a talent, expand the newest nodes ten at a time until
300 are shown. Every expansion counts all hidden neighbours of every node in the scene. Type-ahead asks every prefix of
names, pinyin, initials and codes, as keys are pressed. Each walk starts where no other has been; the first tenth of
the expansions is told apart as the warm-up. Times are by the clock and of the processor (a busy machine tells in the difference), one thread, JSON included.
"""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import orjson

from benchmarks.measuring import machine, options_of, peak_mb, timed
from kg.bootstrap import Graph, open_graph
from kg.config import Settings
from kg.index.sounds import sounds_of
from kg.model.viewers import CLI_VIEWER, Role, Viewer
from loaders.pipeline import load
from loaders.synthetic_city import sources, write_city

T = TypeVar("T")
Spent = tuple[float, float]
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
TABLES = ("enterprises", "schools", "flex_needs", "talents")
SCENE, STEP = 300, 10


def main() -> None:
    """Run the benchmark as the command line says."""
    parser = options_of(__doc__)
    parser.add_argument("--walks", type=int, default=40)
    parser.add_argument("--data", type=Path)
    options = parser.parse_args()
    print(machine())
    with ExitStack() as stack:
        folder = options.data or Path(stack.enter_context(TemporaryDirectory()))
        made = (folder / "jiangtu.db").exists()
        graph = stack.enter_context(open_graph(Settings(data=folder), clock=lambda: NOW))
        if not made:
            fill(graph, options.size, options.seed)
        run(graph, options.walks)


def fill(graph: Graph, size: str, seed: int) -> None:
    """Generate a city and load it."""
    with TemporaryDirectory() as files:
        write_city(Path(files), size=size, seed=seed, day=NOW.date())
        for source in sources(size):
            report = load(
                [Path(files) / source],
                store=graph.store,
                sealer=graph.sealer,
                schema=graph.schema,
                source=source,
                actor="benchmark",
                clock=graph.clock,
                synthetic=True,
            ).to_json()
            print(f"load {source}: {report['totals']}")


def run(graph: Graph, walks: int) -> None:
    """Ask everything and print a line for each figure."""
    timed("index", graph.service.world)
    before = peak_mb()
    host = next(graph.store.rows(table="enterprises")).node
    assert host is not None
    firm = Viewer(name="firm", roles=frozenset({Role.ENTERPRISE}), org=host.key)
    for name, viewer in (("officer", CLI_VIEWER), ("enterprise", firm)):
        expansions, scenes = walk(graph, viewer, walks)
        cold = max(1, len(expansions) // 10)
        report(f"expand, {name}, first {cold}", expansions[:cold])
        report(f"expand, {name}", expansions[cold:])
        report(f"scene of 300, {name}", scenes)
    print(f"memory: {before:.0f} MB before, {peak_mb():.0f} MB after the walks (peaks)")
    timed("search index", lambda: graph.service.search("匠", viewer=CLI_VIEWER))
    report(
        "type-ahead",
        [clocked(partial(graph.service.search, q, None, 8, viewer=CLI_VIEWER)) for q in typed(graph)],
    )
    print(f"memory with the search index: {peak_mb():.0f} MB (peak)")
    edges(graph)
    paths(graph)


def walk(graph: Graph, viewer: Viewer, walks: int) -> tuple[list[Spent], list[Spent]]:
    """Return the milliseconds of expansions, and of scenes opened anew at their full size."""
    expansions: list[Spent] = []
    scenes: list[Spent] = []
    for start in starts(graph, viewer, walks):
        shown, todo = [start], [start]
        while todo and len(shown) < SCENE:
            node = todo.pop(0)
            answer, spent = asked(partial(graph.service.expand, node, shown, viewer=viewer, limit=STEP))
            expansions.append(spent)
            new = [one["ref"] for one in answer["nodes"]]
            shown, todo = shown + new, todo + new
        scenes.append(clocked(partial(graph.service.scene, shown, viewer=viewer)))
    return expansions, scenes


def starts(graph: Graph, viewer: Viewer, walks: int) -> Iterator[str]:
    """Yield nodes of four kinds in turn, spread over their tables; talents only for officers."""
    tables = TABLES if Role.OFFICER in viewer.roles else TABLES[:2]
    found = {table: [str(row.node) for row in graph.store.rows(table=table)] for table in tables}
    for number in range(walks):
        nodes = found[tables[number % len(tables)]]
        yield nodes[number * len(nodes) // walks]


def typed(graph: Graph) -> list[str]:
    """Return what a search box is asked while somebody types names, pinyin, initials and codes."""
    found: list[str] = []
    for table in ("enterprises", "schools", "occupations", "skills", "demands"):
        rows = list(graph.store.rows(table=table))
        for row in rows[:: max(1, len(rows) // 12)]:
            sound, initials = sounds_of(row.label, person=False)
            for text in (row.label, sound[:14], initials, row.node.key if row.node else ""):
                found += [text[:end] for end in range(1, min(len(text), 12) + 1)]
    return found


def edges(graph: Graph) -> None:
    """Ask why edges exist, with the node they leave and without."""
    rows = list(graph.store.rows(table="demands"))[::60]
    scene = graph.service.scene(
        [str(row.node) for row in rows] + [f"enterprise:{row.target('demands.enterprise')}" for row in rows],
        viewer=CLI_VIEWER,
    )
    known = [(edge["id"], edge["source"]) for edge in scene["edges"]][:200]
    report(
        "edge, its start named",
        [
            clocked(partial(graph.service.edge, edge, source=start, viewer=CLI_VIEWER))
            for edge, start in known
        ],
    )
    timed("index of edge ids", lambda: graph.service.edge(known[0][0], viewer=CLI_VIEWER))
    report(
        "edge, by its id alone",
        [clocked(partial(graph.service.edge, edge, viewer=CLI_VIEWER)) for edge, _ in known],
    )
    print(f"memory with the index of edge ids: {peak_mb():.0f} MB (peak)")


def paths(graph: Graph) -> None:
    """Ask for paths between nodes of all kinds, 4 steps at most."""
    ends = list(starts(graph, CLI_VIEWER, 24))
    pairs = [(one, other) for one, other in zip(ends, ends[5:], strict=False) if one != other]
    report(
        "paths, 4 steps", [clocked(partial(graph.service.paths, *pair, viewer=CLI_VIEWER)) for pair in pairs]
    )


def clocked(work: Callable[[], Any]) -> Spent:
    """Return the milliseconds of a question and of writing its answer as JSON, by the clock and of the processor."""
    return asked(work)[1]


def asked(work: Callable[[], Any]) -> tuple[Any, Spent]:
    """Return an answer, and what it cost."""
    start, busy = time.perf_counter(), time.thread_time()
    answer = work()
    orjson.dumps(answer)
    return answer, ((time.perf_counter() - start) * 1000, (time.thread_time() - busy) * 1000)


def report(name: str, spent: Sequence[Spent]) -> None:
    """Print median and 95th percentile."""
    for kind, values in zip(("clock", "CPU"), zip(*spent, strict=True), strict=True):
        ordered = sorted(values)
        p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
        told = f"p50 {statistics.median(ordered):.1f} ms, p95 {p95:.1f} ms, most {ordered[-1]:.1f} ms"
        print(f"{name}, {kind}: {told}, {len(ordered)} questions")


if __name__ == "__main__":
    main()
