"""One city in SQLite and in Neo4j, side by side: load, index, both headline questions, and what a query alone answers.

    python benchmarks/stores.py [--size county] [--seed 1] [--questions 40] [--version 5.26.25] [--heap 1024]

Starts a Neo4j server of its own in a temporary folder. The same files go through the loaders into both stores; then
both indexes are built from the stores, both services are asked the same questions, and every answer is compared as a
whole. Beside them stands the skill sum of the talents question (weighted cover with related skills, first 20, without
filters, counts, second side or reasons) answered by SQLite alone and by Cypher alone over tables made for it. Times
are medians and 95th percentiles in milliseconds, the log of questions not included.
"""

import argparse
import os
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import neo4j

from benchmarks.measuring import DAY, clock, machine, options_of, timed
from kg.bootstrap import Graph, open_graph
from kg.config import Settings
from kg.index.world import World, build_world
from kg.matching.mobility.recommendation import Question, parse_need
from kg.model.viewers import Role, Viewer
from kg.schema import SCHEMA
from loaders.pipeline import load
from loaders.synthetic_city import headline, sources, write_city
from script import neo4j_server

T = TypeVar("T")
OFFICER = Viewer(name="benchmark", roles=frozenset({Role.OFFICER}))
SQL_SUM = """
SELECT person, SUM(weight * cover) AS score FROM (
  SELECT h.person, w.wanted, w.weight, MAX(w.similarity * MIN(1.0, h.strength / w.level)) AS cover
  FROM wanted w JOIN held h ON h.skill = w.skill GROUP BY h.person, w.wanted)
GROUP BY person ORDER BY ROUND(score, 9) DESC, person LIMIT 20
"""
CYPHER_SUM = """
UNWIND $wanted AS w
MATCH (:Held {skill: w[1]})<-[h:HELD]-(p:Holder)
WITH p, w[0] AS wanted, w[4] AS weight, w[2] * CASE WHEN h.strength < w[3] THEN h.strength / w[3] ELSE 1.0 END AS cover
WITH p, wanted, weight, max(cover) AS best
WITH p.person AS person, sum(weight * best) AS score
RETURN person, score ORDER BY round(score, 9) DESC, person LIMIT 20
"""


def main() -> None:
    """Run all steps and print a line for each figure."""
    parser = options_of(__doc__, size="county")
    parser.add_argument("--questions", type=int, default=40)
    parser.add_argument("--version", default=neo4j_server.LONG_TERM)
    parser.add_argument("--heap", type=int, default=1024)
    options = parser.parse_args()
    version = neo4j_server.full_version(options.version)
    print(f"{machine()}; Neo4j {version}")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        neo4j_server.install(version)
        running = neo4j_server.start(
            version, folder / "home", heap=options.heap, cache=512, owner=os.getpid()
        )
        stack.callback(neo4j_server.stop, running.home)
        timed("generate", lambda: write_city(folder / "files", size=options.size, seed=options.seed, day=DAY))
        key, secret = folder / "key", running.password_file
        ours = Settings(data=folder / "a", key_file=key)
        theirs = Settings(data=folder / "b", key_file=key, store=running.address, neo4j_password_file=secret)
        sqlite = stack.enter_context(open_graph(ours, clock=clock))
        graph = stack.enter_context(open_graph(theirs, clock=clock))
        filled = [
            fill(name, one, folder / "files", options.size)
            for name, one in (("SQLite", sqlite), ("Neo4j", graph))
        ]
        print(f"ratio load, Neo4j / SQLite: {filled[1] / filled[0]:.1f}")
        world = timed("index from SQLite", lambda: build_world(sqlite.store, sqlite.policy))
        timed("index from Neo4j", lambda: build_world(graph.store, graph.policy))
        ask_both(sqlite, graph, options)
        probes(sqlite, graph)
        skill_sums(world, sqlite, running, options.questions)


def fill(name: str, graph: Graph, files: Path, size: str) -> float:
    """Load the city; return the seconds."""
    start, rows = time.perf_counter(), 0
    for source in sources(size):
        report = load(
            [files / source], store=graph.store, sealer=graph.sealer, schema=SCHEMA, source=source,
            actor="benchmark", clock=clock, synthetic=True,
        )  # fmt: skip
        rows += report.to_json()["totals"]["read"]
    spent = time.perf_counter() - start
    print(f"load into {name}: {spent:.1f} s, {rows:,} rows, {rows / spent:,.0f} rows/s")
    return spent


def questions(graph: Graph, options: argparse.Namespace) -> Iterator[tuple[str, Callable[[Graph], Any]]]:
    """Yield needs, enterprises and schools to ask about, each with its kind."""
    mode = headline(options.size, options.seed).mode

    def keys(table: str) -> list[str]:
        return sorted(row.node.key for row in graph.store.rows(table=table) if row.node)[: options.questions]

    for need in keys("flex_needs"):
        asked = {"need": need}
        yield (
            "talents",
            lambda one, asked=asked: one.service.recommend_talents(asked, viewer=OFFICER, as_of=DAY),
        )  # type: ignore[misc]  # bound now
    for table, kind in (("enterprises", "enterprise"), ("schools", "school")):
        for key in keys(table):
            about = {"anchor": {"kind": kind, "key": key}, "mode": mode}
            yield (
                "partners",
                lambda one, about=about: one.service.recommend_partners(about, viewer=OFFICER, as_of=DAY),
            )  # type: ignore[misc]  # bound now


def ask_both(sqlite: Graph, graph: Graph, options: argparse.Namespace) -> None:
    """Ask both services the same questions in turn; every answer must be the same as a whole."""
    spent: dict[str, tuple[list[float], list[float]]] = {}
    same = 0
    for kind, ask in questions(sqlite, options):
        answers = []
        for one, times in zip((sqlite, graph), spent.setdefault(kind, ([], [])), strict=True):
            start = time.perf_counter()
            answers.append(ask(one))
            times.append((time.perf_counter() - start) * 1000)
        if answers[0] != answers[1]:
            raise SystemExit(f"{kind}: the answers differ")
        same += 1
    print(f"answers compared: {same}, all the same")
    for kind, times in spent.items():
        report(f"{kind} on SQLite", times[0][1:])
        report(f"{kind} on Neo4j", times[1][1:])
        print(
            f"ratio of medians, {kind}: {statistics.median(times[1][1:]) / statistics.median(times[0][1:]):.2f}"
        )


def probes(sqlite: Graph, graph: Graph) -> None:
    """Time what a page of the explorer and a freshness check read from the store itself."""
    some = [row.node for row in list(sqlite.store.rows(table="skills"))[:60] if row.node]
    for name, one in (("SQLite", sqlite), ("Neo4j", graph)):
        reads: dict[str, Callable[[Any], Any]] = {
            "revision": lambda _, store=one.store: store.revision(),  # type: ignore[misc]  # bound now
            "degrees of a skill": lambda node, store=one.store: store.degrees([node]),  # type: ignore[misc]  # bound now
            "page of edges of a skill": lambda node, store=one.store: store.edges(
                [node], direction="in", limit=50
            ),  # type: ignore[misc]  # bound now
        }
        for what, read in reads.items():
            report(
                f"{what} on {name}",
                [_milliseconds(lambda read=read, node=node: read(node)) for node in some][1:],
            )  # type: ignore[misc]  # bound now


def skill_sums(world: World, sqlite: Graph, running: neo4j_server.Running, most: int) -> None:
    """Answer the skill sum of the talents question by SQL alone and by Cypher alone."""
    held = [(s.skill, t.key, float(s.level * s.beta)) for t in world.talents for s in t.skills.values()]
    asked = [parse_need(world, sqlite.policy, key) for key in sorted(world.talents.needs)[:most]]
    base = sqlite3.connect(":memory:")
    base.execute(
        "CREATE TABLE held (skill, person, strength REAL, PRIMARY KEY (skill, person)) WITHOUT ROWID"
    )
    base.executemany("INSERT INTO held VALUES (?, ?, ?)", held)
    base.execute("CREATE TABLE wanted (wanted, skill, similarity REAL, level REAL, weight REAL)")
    password = running.password_file.read_text(encoding="utf-8").strip()
    with neo4j.GraphDatabase.driver(running.address, auth=("neo4j", password)) as driver:
        fill_held(driver, held)
        spent: tuple[list[float], list[float]] = ([], [])
        for question in asked:
            wanted = [list(row) for row in wants(world, question)]
            first = answer(spent[0], lambda wanted=wanted: by_sql(base, wanted))  # type: ignore[misc]  # bound now
            second = answer(spent[1], lambda wanted=wanted: by_cypher(driver, wanted))  # type: ignore[misc]  # bound now
            if [person for person, _ in first] != [person for person, _ in second]:
                raise SystemExit("the skill sums differ")
    base.close()
    print(f"skill sums compared: {len(asked)}, the same lists; {len(held):,} held skills")
    report("skill sum by SQL", spent[0][1:])
    report("skill sum by Cypher", spent[1][1:])
    print(
        f"ratio of medians, Cypher / SQL: {statistics.median(spent[1][1:]) / statistics.median(spent[0][1:]):.2f}"
    )


def wants(world: World, question: Question) -> Iterator[tuple[str, str, float, float, float]]:
    """Yield (wanted, skill that covers it, similarity, level, weight)."""
    for want in question.need.skills:
        for skill, value in world.skills.similar(want.skill).items():
            yield want.skill, skill, float(value), float(want.level), float(want.weight)


def fill_held(driver: neo4j.Driver, held: Sequence[tuple[str, str, float]]) -> None:
    """Write who holds which skill as a graph of its own."""
    with driver.session(database="neo4j") as session:
        for label, key in (("Held", "skill"), ("Holder", "person")):
            session.run(
                f"CREATE CONSTRAINT IF NOT EXISTS FOR (n:{label}) REQUIRE n.{key} IS UNIQUE"  # type: ignore[arg-type]  # two words of this function
            ).consume()
        for at in range(0, len(held), 5000):
            rows = [list(row) for row in held[at : at + 5000]]
            session.run(
                """UNWIND $rows AS r MERGE (s:Held {skill: r[0]}) MERGE (p:Holder {person: r[1]})
                CREATE (p)-[:HELD {strength: r[2]}]->(s)""",
                rows=rows,
            ).consume()
        session.run("CALL db.awaitIndexes(60)").consume()


def by_sql(base: sqlite3.Connection, wanted: Sequence[Sequence[Any]]) -> list[tuple[str, float]]:
    """Return the first 20 persons with their sums, by SQLite."""
    base.execute("DELETE FROM wanted")
    base.executemany("INSERT INTO wanted VALUES (?, ?, ?, ?, ?)", wanted)
    return base.execute(SQL_SUM).fetchall()


def by_cypher(driver: neo4j.Driver, wanted: Sequence[Sequence[Any]]) -> list[tuple[str, float]]:
    """Return the first 20 persons with their sums, by Neo4j."""
    with driver.session(database="neo4j", default_access_mode=neo4j.READ_ACCESS) as session:
        return [(found["person"], found["score"]) for found in session.run(CYPHER_SUM, wanted=wanted)]


def answer(times: list[float], work: Callable[[], T]) -> T:
    """Do some work and note its milliseconds."""
    start = time.perf_counter()
    found = work()
    times.append((time.perf_counter() - start) * 1000)
    return found


def _milliseconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def report(name: str, spent: Sequence[float]) -> None:
    """Print median and 95th percentile; the first one, which warms up, is left out by the caller."""
    ordered = sorted(spent)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    print(f"{name}: p50 {statistics.median(ordered):.2f} ms, p95 {p95:.2f} ms, {len(ordered)} times")


if __name__ == "__main__":
    main()
