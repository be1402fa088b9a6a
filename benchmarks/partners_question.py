"""How long the partners question takes in process, with reasons for the first 20 of both lists.

    python benchmarks/partners_question.py [--size city] [--seed 1] [--questions 40] [--modes internship,...]

Makes the organisations and the cooperation tables of the synthetic city (no people: the question reads none), loads
them through the loaders into a store in memory, builds the index, and asks for partners of enterprises, schools and
districts in several modes: p50 and p95 by kind of anchor and mode. The first question of a day and school year fills
the tables of that year; its time is printed apart. Beside it stands a plain SQL answer of a simpler form of the same
question in the same run (SQLite in memory, indexed): the best occupation fit by major and the smaller of students and
head count, summed up by partner, first 20. It leaves out all filters but the mode, both caps, signed seats, every
other factor, both sides, coverage, exact allocation, counts of what failed, ties and reasons.
"""

import gc
import sqlite3
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from benchmarks.measuring import DAY, clock, loaded, machine, options_of, peak_mb, timed
from kg.index.world import World, build_world
from kg.matching.cooperation.recommendation import recommend_partners
from kg.model.answers import Answer
from kg.model.graph import NodeRef
from kg.model.rules import Policy
from kg.policy.policy_file import load_policy
from kg.schema import SCHEMA
from kg.store.memory_store import MemoryStore
from loaders.synthetic.writing import csv_writers
from loaders.synthetic_city import generate, sources

T = TypeVar("T")
MODES = "internship,order_class,apprentice_modern,joint_rd"
PARTNERS = """
SELECT o.{partner}, SUM(best * MIN(o.students, d.count)) AS value
FROM (
    SELECT o.id AS offering, d.id AS demand, MAX(l.weight * CASE
        WHEN l.code = d.code THEN 1 WHEN l.small = d.small THEN .7 ELSE .4 END) AS best
    FROM {first}
    JOIN leads l ON {lead}
    JOIN {second}
    WHERE {anchor} = ? AND (d.modes = '' OR instr(d.modes, ?))
    GROUP BY o.id, d.id
) pair
JOIN offerings o ON o.id = pair.offering JOIN demands d ON d.id = pair.demand
GROUP BY o.{partner} ORDER BY value DESC LIMIT 20
"""


def main() -> None:
    """Run the benchmark as the command line says."""
    parser = options_of(__doc__)
    parser.add_argument("--questions", type=int, default=40)
    parser.add_argument("--modes", default=MODES)
    options = parser.parse_args()
    print(machine())
    policy = load_policy()
    world = made(options.size, options.seed, policy)
    view = world.cooperation
    print(
        f"cohorts {len(view.offerings)}, enterprises {len(view.enterprises)}, demands {len(view.demands)}, "
        f"schools {len(view.schools)}, cooperations {len(view.cooperations)}, peak memory {peak_mb():.0f} MB"
    )
    gc.freeze()
    anchors = anchors_of(world, options.questions)
    timed("first question of the year", lambda: ask(world, policy, anchors["enterprise"][0], "internship"))
    print(f"peak memory {peak_mb():.0f} MB")
    plain = sql_of(world)
    for kind, asked in anchors.items():
        for mode in options.modes.split(","):
            measure(world, policy, kind, asked, mode, plain)
    print(f"peak memory {peak_mb():.0f} MB")


def made(size: str, seed: int, policy: Policy) -> World:
    """Generate the city's organisations, load them, and build the index."""
    store = MemoryStore(clock=clock)
    people = {table.key for table in SCHEMA.tables if table.is_person_table}
    with TemporaryDirectory() as folder:
        source = sources(size)[0]
        for table, rows in generate(size, seed=seed, day=DAY, source=source):
            if table not in people and table not in {"mentorships", "talents"}:
                with csv_writers(Path(folder), (table,)) as writers:
                    for row in rows:
                        writers[table](row)
        report = timed("load", lambda: loaded(Path(folder), store, source))
    print(f"rejected rows {len(report.rejects)}")
    return timed("index build", lambda: build_world(store, policy))


def anchors_of(world: World, most: int) -> dict[str, list[str]]:
    """Return anchors by kind, spread evenly over those with rows."""
    view = world.cooperation
    places = {view.enterprise(code).district for code in view.demands_of}
    found = {
        "enterprise": sorted(view.demands_of),
        "school": sorted(view.offerings_of),
        "district": sorted(code for code in places if code),
    }
    return {kind: codes[:: max(1, len(codes) // most)][:most] for kind, codes in found.items()}


def ask(world: World, policy: Policy, anchor: str, mode: str, kind: str = "enterprise") -> Answer:
    """Ask one question."""
    return recommend_partners(
        world,
        policy,
        anchor=NodeRef(kind, anchor),
        mode=mode,
        as_of=DAY,
        tie_key=lambda entity: entity,
        query_id="benchmark",
    )


def measure(
    world: World, policy: Policy, kind: str, anchors: Sequence[str], mode: str, plain: sqlite3.Connection
) -> None:
    """Print the times of one kind of anchor in one mode, and of the plain SQL answer."""
    ours: list[float] = []
    theirs: list[float] = []
    items = listed = 0
    for anchor in anchors:
        start = time.perf_counter()
        answer = ask(world, policy, anchor, mode, kind)
        ours.append(1000 * (time.perf_counter() - start))
        items, listed = items + len(answer.items), listed + answer.pool.listed
        start = time.perf_counter()
        sql_answer(plain, kind, anchor, mode)
        theirs.append(1000 * (time.perf_counter() - start))
    ratio = statistics.median(ours) / statistics.median(theirs)
    print(
        f"{kind:10} {mode:18} n={len(ours):3} p50 {statistics.median(ours):6.1f} ms  p95 {p95(ours):6.1f} ms  "
        f"items {items / len(ours):5.1f}  pairs listed {listed / len(ours):7.1f} | plain SQL p50 "
        f"{statistics.median(theirs):6.1f} ms  ratio {ratio:5.2f}"
    )


def p95(values: Sequence[float]) -> float:
    """Return the 95th percentile."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]


def sql_of(world: World) -> sqlite3.Connection:
    """Return the same rows as plain indexed tables."""
    base = sqlite3.connect(":memory:")
    base.execute("CREATE TABLE offerings (id TEXT PRIMARY KEY, school TEXT, major TEXT, students INT)")
    base.execute("CREATE TABLE leads (major TEXT, code TEXT, small TEXT, middle TEXT, weight REAL)")
    base.execute(
        "CREATE TABLE demands (id TEXT PRIMARY KEY, enterprise TEXT, district TEXT, code TEXT, small TEXT, "
        "middle TEXT, count INT, modes TEXT)"
    )
    view = world.cooperation
    for one in view.offerings.values():
        base.execute(
            "INSERT INTO offerings VALUES (?,?,?,?)", (one.id, one.school, one.major, one.students or 0)
        )
    for major in view.majors.values():
        for lead in major.occupations:
            base.execute(
                "INSERT INTO leads VALUES (?,?,?,?,?)", (major.key, *coded(lead.occupation.code), lead.weight)
            )
    for post in view.demands.values():
        place = view.enterprise(post.enterprise).district
        code = coded(post.occupation.code)
        modes = ",".join(sorted(post.modes or ()))
        base.execute(
            "INSERT INTO demands VALUES (?,?,?,?,?,?,?,?)",
            (post.id, post.enterprise, place, *code, post.count or 0, modes),
        )
    for index in ("offerings (school)", "offerings (major)", "leads (major)", "leads (middle)", "demands (enterprise)",
                  "demands (middle)", "demands (district)"):  # fmt: skip
        base.execute(f"CREATE INDEX i_{index.replace(' (', '_').rstrip(')')} ON {index}")
    base.execute("ANALYZE")
    return base


def coded(code: str) -> tuple[str, str, str]:
    """Return a code, its small group and its middle group."""
    parts = code.split("-")
    return code, "-".join(parts[:3]), "-".join(parts[:2])


def sql_answer(base: sqlite3.Connection, kind: str, anchor: str, mode: str) -> list[tuple[str, float]]:
    """Return the first 20 partners of the simpler question."""
    by_school = kind == "school"
    column = {"enterprise": "d.enterprise", "school": "o.school", "district": "d.district"}[kind]
    query = PARTNERS.format(
        partner="school",
        anchor=column,
        first="offerings o" if by_school else "demands d",
        lead="l.major = o.major" if by_school else "l.middle = d.middle",
        second="demands d ON d.middle = l.middle" if by_school else "offerings o ON o.major = l.major",
    )
    if by_school:
        query = query.replace("o.school, SUM", "d.enterprise, SUM").replace("BY o.school", "BY d.enterprise")
    return base.execute(query, (anchor, mode)).fetchall()


if __name__ == "__main__":
    main()
