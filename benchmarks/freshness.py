"""How soon another process answers what was written: `python benchmarks/freshness.py [--size city] [--data FOLDER] [--neo4j]`.

A second process publishes one row after another, of a need, of a post and of vocabularies, and erases persons: the
index takes all of these as small changes. Some seconds after an erasure it is also built anew, and what is written
meanwhile is told apart; a cohort that is erased is only taken by such a build. This process asks the talents question again and again. Told is
the time from the acknowledgement of the write to the first answer that names its revision: of the answers that do not
wait, and of one question that demands the revision (`min_revision`).
"""

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.filled import filled
from benchmarks.measuring import DAY, clock, loaded, machine
from benchmarks.writes import copied
from kg.bootstrap import Graph, open_graph
from kg.config import Settings
from kg.index.generations import CLEAN_SECONDS
from kg.model.graph import Batch, RowChange, Value
from kg.model.viewers import CLI_VIEWER
from loaders.synthetic_city import sources, write_city
from script import neo4j_server

CHANGES: Final[Mapping[str, Callable[[int], Mapping[str, Value]]]] = {
    "flex_needs": lambda number: {"hours_per_week": number % 30 + 1},
    "demands": lambda number: {"count": number % 30 + 1},
    "skills": lambda number: {"aliases": (f"别名{number}",)},
    "occupations": lambda number: {"name": f"名称{number}"},
    "enterprises": lambda number: {"aliases": (f"简称{number}",)},
}
"""The tables whose first row is written to, and what is written."""
PERSON: Final = "talents"
"""The table of which the first person is erased, with all that is known about him."""
COHORT: Final = "offerings"
"""The table of which a row is erased that only a new build of the index takes."""

MEANWHILE: Final = "meanwhile"
"""Erases a person, and writes to the first table of `CHANGES` when the build that this causes has begun."""
BEGUN_SECONDS: Final = CLEAN_SECONDS + 0.5


def main() -> None:
    """Measure both kinds of change in each store."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", default="city")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--times", type=int, default=20, help="changes of each table")
    parser.add_argument("--builds", type=int, default=3, help="erasures of each kind")
    parser.add_argument(
        "--neo4j", action="store_true", help="a Neo4j server too, with the city loaded into it"
    )
    parser.add_argument(
        "--write", nargs=3, metavar=("DATA", "STORE", "PASSWORD_FILE"), help=argparse.SUPPRESS
    )
    options = parser.parse_args()
    if options.write:
        data, store, password_file = options.write
        write(settings_of(Path(data), store, password_file))
        return
    print(machine())
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        city = filled(options.data or folder / "city", options.size)
        measure("SQLite", copied(city, folder / "copy"), options)
        if options.neo4j:
            running = neo4j_server.start(neo4j_server.LONG_TERM, folder / "home")
            stack.callback(neo4j_server.stop, running.home)
            settings = settings_of(folder / "server", running.address, str(running.password_file))
            fill(settings, folder / "files", options.size)
            measure("Neo4j", settings, options)


def settings_of(data: Path, store: str, password_file: str) -> Settings:
    """Return the settings of a process at a store; its address is empty for the file in the data folder."""
    if not store:
        return Settings(data=data)
    return Settings(data=data, store=store, neo4j_password_file=Path(password_file))


def fill(settings: Settings, files: Path, size: str) -> None:
    """Load a city into a server."""
    write_city(files, size=size, seed=1, day=DAY)
    with open_graph(settings, clock=clock) as graph:
        for source in sources(size):
            loaded(files / source, graph.store, source)


def measure(name: str, settings: Settings, options: argparse.Namespace) -> None:
    """Print how soon the changes are in answers."""
    with open_graph(settings, clock=clock) as graph, writer(settings) as publish:
        need = min(graph.store.rows(table="flex_needs"), key=lambda one: one.id).id.key

        def ask(least: int | None) -> int:
            if least is not None:
                graph.service.world(min_revision=least)
            answer = graph.service.recommend_talents({"need": need}, viewer=CLI_VIEWER, k=1, as_of=DAY)
            return int(answer["revision"])

        ask(None)
        kinds = {table: (f"a row of {table} written", options.times) for table in CHANGES}
        kinds[PERSON] = "a person erased", options.builds
        kinds[MEANWHILE] = "a row written while the index is built anew", options.builds
        kinds[COHORT] = "a cohort erased, for which the index is built anew", options.builds
        for table, (kind, times) in kinds.items():
            if not times:
                continue
            waited = [until_seen(ask, *publish(table), demand=False) for _ in range(times)]
            demanded = [until_seen(ask, *publish(table), demand=True) for _ in range(times)]
            print(
                f"{name}, {kind}: in an answer after {spread(waited)}; demanded: {spread(demanded)}",
                flush=True,
            )


def until_seen(ask: Callable[[int | None], int], revision: int, at: float, *, demand: bool) -> float:
    """Return the milliseconds from the acknowledgement of a revision to the first answer that names it."""
    while ask(revision if demand else None) < revision:
        pass
    return (time.time() - at) * 1000


def spread(times: Sequence[float]) -> str:
    """Tell the median and the longest of times in milliseconds."""
    return f"p50 {statistics.median(times):.0f} ms, longest {max(times):.0f} ms"


@contextmanager
def writer(settings: Settings) -> Iterator[Callable[[str], tuple[int, float]]]:
    """Give what tells another process to write to a table, and returns the revision and when it was acknowledged."""
    told = (settings.data, settings.store or "", settings.neo4j_password_file or "")
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.freshness", "--write", *map(str, told)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    orders, answers = process.stdin, process.stdout

    def publish(table: str) -> tuple[int, float]:
        print(table, file=orders, flush=True)
        revision, at = answers.readline().split()
        return int(revision), float(at)

    try:
        yield publish
    finally:
        orders.close()
        process.wait()


def write(settings: Settings) -> None:
    """Change or erase the first row of each table named on standard input; tell revision and time of each."""
    with open_graph(settings, clock=clock) as graph:
        for number, line in enumerate(sys.stdin):
            print(publish(graph, line.strip(), number), time.time(), flush=True)


def publish(graph: Graph, table: str, number: int) -> int:
    """Publish the first row of a table with another value, or erase it; return the revision."""
    if table == MEANWHILE:
        publish(graph, PERSON, number)
        time.sleep(BEGUN_SECONDS)
        table = next(iter(CHANGES))
    row = next(graph.store.rows(table=table))
    if table in {PERSON, COHORT}:
        about = graph.store.rows(persons=[row.person]) if row.person else [row]
        graph.store.erase([one.id for one in about], actor="benchmark")
        return graph.store.revision()
    change = RowChange(id=row.id, row=replace(row, values={**row.values, **CHANGES[table](number)}))
    graph.store.stage(f"w{number}", [change])
    batch = Batch(id="", source=row.id.source, actor="benchmark", at=clock(), delivered=())
    return graph.store.publish(batch, staged=f"w{number}").revision


if __name__ == "__main__":
    main()
