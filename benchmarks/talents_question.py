"""How long the talents question takes in process, with reasons for the first 20 of both lists.

    python benchmarks/talents_question.py [--size city] [--seed 1] [--questions 200] [--store FILE]

Makes the synthetic city, loads it through the loaders into SQLite (or opens a store made before), builds the index
by itself and then with a second process, as the service does, and
asks the stored needs one after another, and prints p50 and p95. Every question is asked twice: at first sight
(cold: nothing of its skills and occupations is kept yet) and again (warm). Beside it stands a plain SQL answer of the
same question in the same run: the weighted skill cover with related skills over one indexed table in SQLite, first 20,
without filters, counts, second side or reasons. Writing the log of questions is not part of it.
"""

import gc
import sqlite3
import statistics
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from api.collecting import AT_THE_LATEST
from benchmarks.measuring import DAY, clock, loaded, machine, options_of, peak_mb, timed
from kg.bootstrap import utc_now
from kg.errors import KgError
from kg.index.generations import Generations
from kg.index.world import World
from kg.matching.mobility.recommendation import Question, parse_need, recommend_talents
from kg.model.answers import Answer
from kg.model.rules import Policy
from kg.policy.policy_file import load_policy
from kg.schema import SCHEMA
from kg.store.sqlite.store import SqliteStore
from loaders.synthetic_city import sources, write_city

T = TypeVar("T")


def main() -> None:
    """Run the benchmark as the command line says."""
    parser = options_of(__doc__)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--store", type=Path, help="a store made by an earlier run; nothing is generated")
    options = parser.parse_args()
    print(machine())
    with TemporaryDirectory() as folder:
        path = options.store or made(Path(folder), options.size, options.seed)
        store = opened(path)
        policy = load_policy()
        timed("index build, one process", Generations(store, policy, SCHEMA).current)
        again = partial(SqliteStore.open, path, key_fingerprint="benchmark", clock=utc_now)
        world = timed("index build, two processes", Generations(store, policy, SCHEMA, reopen=again).current)
        print(
            f"talents {len(world.talents)}, needs {len(world.talents.needs)}, peak memory {peak_mb():.0f} MB"
        )
        gc.freeze()
        gc.set_threshold(*AT_THE_LATEST)
        questions = askable(world, policy, options.questions)
        first = [ask(world, policy, question) for question in questions]
        report("question, first sight, wall", [wall for wall, _ in first])
        report("question, first sight, CPU ", [cpu for _, cpu in first])
        second = [ask(world, policy, question) for question in questions]
        again = [wall for wall, _ in second]
        report("question, again, wall", again)
        report("question, again, CPU ", [cpu for _, cpu in second])
        plain = sql_answers(world, questions)
        report("plain SQL skill sum", plain)
        ratio = statistics.median(again) / statistics.median(plain)
        print(f"ratio of medians, question / plain SQL: {ratio:.2f}")
        store.close()


def opened(path: Path) -> SqliteStore:
    """Open the store."""
    return SqliteStore.open(path, key_fingerprint="benchmark", clock=clock)


def made(folder: Path, size: str, seed: int) -> Path:
    """Generate a city and load it; return the store's file."""
    timed("generate", lambda: write_city(folder, size=size, seed=seed, day=DAY))
    store = opened(folder / "benchmark.db")
    for source in sources(size):
        timed(f"load {source}", partial(loaded, folder / source, store, source))
    store.close()
    return folder / "benchmark.db"


def askable(world: World, policy: Policy, most: int) -> list[Question]:
    """Return the first needs in order of keys that can be asked."""
    found: list[Question] = []
    for key in sorted(world.talents.needs):
        try:
            found.append(parse_need(world, policy, key))
        except KgError:
            continue
    return found[:most]


def ask(world: World, policy: Policy, question: Question) -> tuple[float, float]:
    """Return the milliseconds of one answer by the clock and of the processor."""
    start, busy = time.perf_counter(), time.process_time()
    answer = answered(world, policy, question)
    spent = (time.perf_counter() - start) * 1000, (time.process_time() - busy) * 1000
    assert answer.pool.considered == len(world.talents)
    return spent


def answered(world: World, policy: Policy, question: Question) -> Answer:
    """Answer with k = 20."""
    return recommend_talents(
        world,
        policy,
        question,
        as_of=DAY,
        k=20,
        exposures=lambda _: 0,
        tie_key=lambda query: lambda entity: query + entity,
        query_id="benchmark",
    )


SKILL_SUM = """
SELECT person, SUM(weight * cover) AS score FROM (
  SELECT h.person, w.wanted, w.weight, MAX(w.similarity * MIN(1.0, h.strength / w.level)) AS cover
  FROM wanted w JOIN held h ON h.skill = w.skill GROUP BY h.person, w.wanted)
GROUP BY person ORDER BY score DESC, person LIMIT 20
"""


def sql_answers(world: World, questions: Sequence[Question]) -> list[float]:
    """Return the milliseconds of a plain SQL skill sum for each question."""
    base = sqlite3.connect(":memory:")
    base.execute(
        "CREATE TABLE held (skill TEXT, person TEXT, strength REAL, PRIMARY KEY (skill, person)) WITHOUT ROWID"
    )
    base.executemany(
        "INSERT INTO held VALUES (?, ?, ?)",
        ((s.skill, t.key, s.level * s.beta) for t in world.talents for s in t.skills.values()),
    )
    base.execute("CREATE TABLE wanted (wanted TEXT, skill TEXT, similarity REAL, level REAL, weight REAL)")
    spent = []
    for question in questions:
        start = time.perf_counter()
        base.execute("DELETE FROM wanted")
        for want in question.need.skills:
            near = world.skills.similar(want.skill).items()
            rows = [(want.skill, skill, value, want.level, want.weight) for skill, value in near]
            base.executemany("INSERT INTO wanted VALUES (?, ?, ?, ?, ?)", rows)
        base.execute(SKILL_SUM).fetchall()
        spent.append((time.perf_counter() - start) * 1000)
    base.close()
    return spent


def report(name: str, spent: Sequence[float]) -> None:
    """Print median and 95th percentile."""
    ordered = sorted(spent)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    print(f"{name}: p50 {statistics.median(ordered):.2f} ms, p95 {p95:.2f} ms, {len(ordered)} questions")


if __name__ == "__main__":
    main()
