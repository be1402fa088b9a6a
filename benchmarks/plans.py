"""How long a plan of a whole market takes, its independent check, and the same market by OR-Tools, side by side.

    python benchmarks/plans.py [--size city] [--posts 3000] [--seed 1] [--modes internship,order_class] [--repeat 3]
    python benchmarks/plans.py --size province --posts 30000 --repeat 1

Makes the organisations and the cooperation tables of the synthetic city (no people: the plan reads none), keeps so
many of its posts, evenly, loads them through the loaders into a store in memory, and builds the index. Then, per
mode: the preferences of all passing pairs (filters, both sides' scores, caps), the stable plan with its blocking
pairs and moves, its digest, the check that goes through every pair without the solver (plain Python), and the plan
of greatest value of the same market by OR-Tools with what stability costs. Printed are the least and the median of
the repeats, by the clock and by the processor (on a busy machine the latter is fairer). The tables of the school
year, made once at the start of a service, are told apart.
"""

import gc
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from benchmarks.measuring import DAY, clock, loaded, machine, options_of, peak_mb
from kg.index.world import World, build_world
from kg.matching.cooperation.recommendation import prepare
from kg.matching.plans.certificate import WHOLE_PAIRS, certificate_of, rankings_digest
from kg.matching.plans.checking.document import check_document
from kg.matching.plans.cooperation_market import market_of, plan_question
from kg.matching.plans.market import Market, surplus
from kg.matching.plans.maximum import maximise
from kg.matching.plans.seats_plan import SeatsPlan, plan_seats
from kg.matching.plans.stability import blocking, standing_of
from kg.model.rules import Policy
from kg.policy.policy_file import load_policy
from kg.schema import SCHEMA
from kg.store.memory_store import MemoryStore
from loaders.synthetic.writing import csv_writers
from loaders.synthetic_city import generate, sources

T = TypeVar("T")


def main() -> None:
    """Run the benchmark as the command line says."""
    parser = options_of(__doc__)
    parser.add_argument("--posts", type=int, default=3000)
    parser.add_argument("--modes", default="internship,order_class")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=20.0, help="time for class minima by OR-Tools")
    options = parser.parse_args()
    print(machine())
    policy = load_policy()
    world = made(options.size, options.posts, options.seed, policy)
    view = world.cooperation
    print(f"cohorts {len(view.offerings)}, posts {len(view.demands)}, enterprises {len(view.enterprises)}")
    gc.freeze()
    timed("tables of the school year, once", lambda: prepare(world, policy, DAY))
    for mode in options.modes.split(","):
        measure(world, policy, mode, options.repeat, options.seconds)
    print(f"peak memory {peak_mb():.0f} MB")


def made(size: str, posts: int, seed: int, policy: Policy) -> World:
    """Generate the city's organisations with so many posts, load them, and build the index."""
    store = MemoryStore(clock=clock)
    people = {table.key for table in SCHEMA.tables if table.is_person_table}
    with TemporaryDirectory() as folder:
        source = sources(size)[0]
        for table, rows in generate(size, seed=seed, day=DAY, source=source):
            if table not in people and table not in {"mentorships", "talents"}:
                kept = evenly(rows, posts) if table == "demands" else rows
                with csv_writers(Path(folder), (table,)) as writers:
                    for row in kept:
                        writers[table](row)
        report = loaded(Path(folder), store, source)
    print(f"rejected rows {len(report.rejects)}")
    return build_world(store, policy)


def evenly(rows: Iterable[T], count: int) -> Iterator[T]:
    """Yield `count` of the rows, evenly spread; all when there are fewer."""
    found = list(rows)
    if len(found) <= count:
        return iter(found)
    return islice((found[place * len(found) // count] for place in range(count)), count)


def measure(world: World, policy: Policy, mode: str, repeat: int, seconds: float) -> None:
    """Print all figures of one mode."""
    floor = policy.query_a.surplus_floor
    asked = plan_question(world, mode=mode, as_of=DAY)
    market = repeated(
        repeat, f"{mode}: preferences of all passing pairs", lambda: market_of(world, policy, asked)
    )
    classes = int((market.class_min > 0).sum())
    print(
        f"  market: {len(market.cohorts)} cohorts ({classes} with a minimum), {len(market.posts)} posts, "
        f"{len(market)} pairs, supply {market.supply.sum()}, open {market.open.sum()}"
    )
    plan = repeated(
        repeat,
        f"{mode}: stable plan of that market",
        lambda: plan_seats(market, floor, objective="stable", seconds=seconds),
    )
    repeated(repeat, f"{mode}: both together", lambda: whole_plan(world, policy, asked, seconds))
    told = plan.told
    print(
        f"  {told['seats']} seats, value {told['value']:.4f}, stable {told['stable']}, closed {len(told['closed'])}, "
        f"coalitions {len(told['coalitions'])}, negotiable {len(told['negotiable'])}"
    )
    repeated(repeat, f"{mode}: digest of both sides' rankings", lambda: rankings_digest(market))
    check(market, plan)
    beside(market, floor, told, seconds)


def whole_plan(world: World, policy: Policy, asked: Any, seconds: float) -> SeatsPlan:
    """Build the preferences and solve."""
    market = market_of(world, policy, asked)
    return plan_seats(market, policy.query_a.surplus_floor, objective="stable", seconds=seconds)


def check(market: Market, plan: SeatsPlan) -> None:
    """Go through every pair without the solver."""
    head = {"question": {}, "as_of": DAY.isoformat(), "policy": {}, "revision": 1}
    for most in (WHOLE_PAIRS, len(market)):
        certificate = certificate_of(market, plan.seats, {**head, **plan.told}, most=most)
        whole, pairs = certificate["rankings"]["complete"], len(certificate["pairs"]["a"])
        verdict = timed(f"independent check of {pairs} pairs", partial(check_document, certificate))
        print(
            f"  {'all pairs' if whole else 'the pairs that one side would rather have'}: blocking "
            f"{verdict.facts['blocking']}, problems {len(verdict.problems)}, notes {verdict.notes}"
        )
        if whole:
            break


def beside(market: Market, floor: float, told: dict[str, Any], seconds: float) -> None:
    """Solve the same market by OR-Tools for the greatest value."""
    gain = surplus(market.score, floor)
    best = timed("OR-Tools, greatest value of that market", lambda: maximise(market, gain, seconds=seconds))
    blocks = len(blocking(standing_of(market, best.seats)))
    lost = best.value - told["value"]
    share = lost / best.value if best.value else 0.0
    print(
        f"  {best.seats.sum()} seats, value {best.value:.4f} ({'exact' if best.exact else f'bound {best.bound:.4f}'}), "
        f"blocking {blocks}; price of stability: value {lost:.4f} ({share:.1%}), seats {int(best.seats.sum()) - told['seats']}"
    )


def repeated(count: int, name: str, work: Callable[[], T]) -> T:
    """Print the least and the median time of some repeats; return what the last one made."""
    times: list[tuple[float, float]] = []
    for _ in range(count):
        start, cpu = time.perf_counter(), time.process_time()
        found = work()
        times.append((time.perf_counter() - start, time.process_time() - cpu))
    walls, cpus = zip(*times, strict=True)
    print(
        f"{name}: wall least {min(walls):.3f} s, median {statistics.median(walls):.3f} s; CPU median "
        f"{statistics.median(cpus):.3f} s of {count}"
    )
    return found


def timed(name: str, work: Callable[[], T]) -> T:
    """Print how long some work took."""
    return repeated(1, name, work)


if __name__ == "__main__":
    main()
