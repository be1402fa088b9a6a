"""How long a team for six skills takes among the talents of a city, beside OR-Tools and a plain greedy answer.

    python benchmarks/teams.py [--size city] [--seed 1] [--store FILE]

The problems are made from the skills that the city's talents hold: three skills of one trade and three of another. The plain answer
takes, again and again, whoever covers most of what is missing, without filters, hours, travel or firms. OR-Tools (CP-SAT)
finds one team, the first, from the same candidates by the same rules; sizes and travel are compared.
"""

import statistics
import time
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measuring import machine, options_of
from benchmarks.talents_question import DAY, made, opened
from kg.index.world import World, build_world
from kg.matching.mobility.question import parse_need
from kg.matching.teams.recommendation import candidates, one_hour_of, recommend_teams
from kg.matching.teams.search import Member
from kg.policy.policy_file import load_policy

PROBLEMS, SKILLS = 40, 3


def problems(world: World) -> list[tuple[dict[str, object], float]]:
    """Return problems: each asks for three skills of one trade and three of another at level 4, 120 hours."""
    by_trade: dict[str, dict[str, int]] = {}
    for place in range(0, len(world.talents.keys), 7):
        talent = world.talents.at(place)
        if talent.occupation is not None:
            counts = by_trade.setdefault(talent.occupation.code, {})
            for skill in talent.skills:
                counts[skill] = counts.get(skill, 0) + 1
    trades = sorted(by_trade, key=lambda code: (-sum(by_trade[code].values()), code))[: PROBLEMS + 1]
    hosts = sorted(world.cooperation.enterprises)
    found = []
    for number, (first, second) in enumerate(pairwise(trades)):
        wanted = [
            skill
            for code in (first, second)
            for skill in sorted(by_trade[code], key=lambda one: (-by_trade[code][one], one))[:SKILLS]
        ]
        given = {
            "host": hosts[number * 7 % len(hosts)],
            "skills": tuple(f"{world.skills.label(skill)}=4" for skill in dict.fromkeys(wanted)),
            "valid_from": "2026-12-01", "valid_to": "2027-03-31", "visits": 2,
        }  # fmt: skip
        found.append((one_hour_of(given), 120.0))
    return found


def greedy(world: World, wanted: list[tuple[str, int]]) -> int:
    """Return the size of the plain team: whoever covers most of what is missing, from all talents."""
    holders = {
        skill: {world.talents.keys[place] for place in world.talents.arrays.held.postings.of(skill).tolist()}
        for skill, _ in wanted
    }
    missing, size = set(holders), 0
    while missing:
        counts: dict[str, int] = {}
        for skill in missing:
            for key in holders[skill]:
                counts[key] = counts.get(key, 0) + 1
        if not counts:
            break
        best = min(counts, key=lambda key: (-counts[key], key))
        missing -= {skill for skill in missing if best in holders[skill]}
        size += 1
    return size


def by_solver(people: list[Member], wanted: int, hours: float, per_firm: int) -> tuple[int, float] | None:
    """Return size and travel of the best team by CP-SAT, None where there is none."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    useful = [one for one in people if one.skills & wanted or one.hours > 0]
    taken = [model.new_bool_var(one.key) for one in useful]
    for place in range(wanted.bit_length()):
        model.add_at_least_one(var for var, one in zip(taken, useful, strict=True) if one.skills >> place & 1)
    free = [round(one.hours * 1000) for one in useful]
    model.add(cp_model.LinearExpr.weighted_sum(taken, free) >= round(hours * 1000))
    firms: dict[str, list[cp_model.IntVar]] = {}
    for var, one in zip(taken, useful, strict=True):
        if one.firm is not None:
            firms.setdefault(one.firm, []).append(var)
    for same in firms.values():
        model.add(sum(same) <= per_firm)
    roads = [round(one.travel * 1000) for one in useful]
    model.minimize(cp_model.LinearExpr.weighted_sum(taken, [10_000_000 + road for road in roads]))
    solver = cp_model.CpSolver()
    if solver.solve(model) != cp_model.OPTIMAL:
        return None
    chosen = [one for var, one in zip(taken, useful, strict=True) if solver.boolean_value(var)]
    return len(chosen), sum(one.travel for one in chosen)


def main() -> None:
    """Run the benchmark as the command line says."""
    parser = options_of(__doc__)
    parser.add_argument("--store", type=Path, help="a store made by an earlier run; nothing is generated")
    options = parser.parse_args()
    print(machine())
    with TemporaryDirectory() as folder:
        store = opened(options.store or made(Path(folder), options.size, options.seed))
        policy = load_policy()
        world = build_world(store, policy)
        ours, plain, solved, sizes, differing = [], [], [], [], 0
        for need, hours in problems(world):
            question = parse_need(world, policy, need)
            started = time.perf_counter()
            answer = recommend_teams(world, policy, question, as_of=DAY, hours=hours, per_firm=2)
            ours.append(time.perf_counter() - started)
            started = time.perf_counter()
            greedy(world, [(wanted.skill, wanted.level) for wanted in question.need.skills])
            plain.append(time.perf_counter() - started)
            started = time.perf_counter()
            people, _ = candidates(world, policy, question, DAY)
            best = by_solver(people, (1 << len(question.need.skills)) - 1, hours, 2)
            solved.append(time.perf_counter() - started)
            own = (len(answer.teams[0].members), answer.teams[0].travel) if answer.teams else None
            differing += (own is None) != (best is None) or (
                own is not None
                and best is not None
                and (own[0], round(own[1], 2)) != (best[0], round(best[1], 2))
            )
            sizes.append((len(answer.teams[0].members), answer.teams[0].exact) if answer.teams else (0, True))
        print(
            f"talents {len(world.talents)}, problems {len(ours)}, teams found {sum(size > 0 for size, _ in sizes)}"
        )
        print(
            f"exact {sum(exact for _, exact in sizes)} of {len(sizes)}, sizes {sorted(size for size, _ in sizes)}"
        )
        for name, times in (
            ("three teams with all rules", ours),
            ("one team, the same rules, OR-Tools", solved),
            ("plain greedy, no rules", plain),
        ):
            print(f"{name}: p50 {statistics.median(times) * 1e3:.1f} ms, max {max(times) * 1e3:.1f} ms")
        print(f"first teams unlike OR-Tools in size or travel: {differing} of {len(sizes)}")
        store.close()


if __name__ == "__main__":
    main()
