"""How long it takes to find what would change an item's place: for one talent and for one partner, at one tier.

    python benchmarks/counterfactuals.py [--size city] [--seed 1] [--questions 40] [--store FILE]

Makes the synthetic city, loads it through the loaders into SQLite (or opens a store made before), builds the index,
and asks both questions with k = 20. For the first, a middle and the last listed item of each answer it then finds the
counterfactuals and prints p50, p95 and the slowest of the whole search of one item with the counterfactuals found; then
the time of ten edits of its catalogue, each re-scored by the scorer of the answer and ranked among all (scaled where the
catalogue has fewer). Beside it stands the plain way in the same run: the question asked anew ten times.
"""

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, TypeVar

from benchmarks.measuring import DAY, machine, options_of, timed
from benchmarks.talents_question import answered, askable, made, opened
from kg.index.world import World, build_world
from kg.matching.advice import Prospect, Standing
from kg.matching.cooperation.counterfactuals import PartnerAdvice
from kg.matching.cooperation.question import ask
from kg.matching.cooperation.recommendation import recommend_partners
from kg.matching.cooperation.scorer import Scorer
from kg.matching.mobility.counterfactuals import TalentAdvice
from kg.model.answers import Answer, Item
from kg.model.edits import Counterfactual
from kg.model.graph import NodeRef
from kg.model.rules import Policy
from kg.policy.policy_file import load_policy

T = TypeVar("T")
Advise = Callable[[Item], tuple[Counterfactual, ...]]


class Spent(NamedTuple):
    """Milliseconds of one search, how many it found, and milliseconds of ten edits (None: the catalogue is empty)."""

    wall: float
    found: int
    ten: float | None


def main() -> None:
    """Run the benchmark as the command line says."""
    parser = options_of(__doc__)
    parser.add_argument("--questions", type=int, default=40)
    parser.add_argument("--store", type=Path, help="a store made by an earlier run; nothing is generated")
    options = parser.parse_args()
    print(machine())
    with TemporaryDirectory() as folder:
        store = opened(options.store or made(Path(folder), options.size, options.seed))
        policy = load_policy()
        world = timed("index build", lambda: build_world(store, policy))
        gc.freeze()
        talents(world, policy, options.questions)
        for mode in ("internship", "order_class", "joint_rd"):
            partners(world, policy, options.questions, mode)
        store.close()


def talents(world: World, policy: Policy, most: int) -> None:
    """Measure the talents question."""
    spent: list[Spent] = []
    whole: list[float] = []
    for question in askable(world, policy, most):
        asked, answer = clocked(lambda question=question: answered(world, policy, question))  # type: ignore[misc]  # now
        whole.append(asked)
        assert answer.placing is not None
        advice = TalentAdvice(world, policy, question, DAY, answer.placing)
        for item in some(answer.items):
            case = advice.case(item)
            options = advice.catalogue(case).options()
            judge = advice.judge
            tries = [lambda judge=judge, case=case, o=o: placed(judge(o.apply(case))) for o in options]
            spent.append(search(advice.of, item, tries))
    report("talents", spent, whole)


def partners(world: World, policy: Policy, most: int, mode: str) -> None:
    """Measure the partners question for enterprises, schools and districts in turn."""
    view = world.cooperation
    places = sorted({view.enterprise(code).district or "" for code in view.demands_of})
    anchors = [NodeRef("enterprise", code) for code in spread(sorted(view.demands_of), most)]
    anchors += [NodeRef("school", code) for code in spread(sorted(view.offerings_of), most // 4)]
    anchors += [NodeRef("district", code) for code in spread([p for p in places if p], most // 8)]
    spent: dict[str, list[Spent]] = {}
    whole: dict[str, list[float]] = {}
    for anchor in anchors:
        asked, answer = clocked(lambda anchor=anchor: partner_answer(world, policy, anchor, mode))  # type: ignore[misc]  # now
        whole.setdefault(anchor.kind, []).append(asked)
        assert answer.placing is not None
        question = ask(world, anchor=anchor, mode=mode, as_of=DAY)
        advice = PartnerAdvice(Scorer.of(world, policy, question), answer.placing)
        for item in some(answer.items):
            case = advice.case(item.match)
            tries = [
                lambda case=case, o=option: placed(case.judge(o.apply(case.view)))
                for option in case.options()
            ]
            spent.setdefault(anchor.kind, []).append(search(advice.of, item, tries))
    for kind, found in spent.items():
        report(f"partners of one {kind}, {mode}", found, whole[kind])


def partner_answer(world: World, policy: Policy, anchor: NodeRef, mode: str) -> Answer:
    """Answer with k = 20."""
    return recommend_partners(
        world,
        policy,
        anchor=anchor,
        mode=mode,
        as_of=DAY,
        k=20,
        tie_key=lambda entity: entity,
        query_id="benchmark",
    )


def placed(found: Prospect | None) -> Standing | None:
    """Return where an edited item would stand, among all."""
    return None if found is None else found.stand()


def spread(keys: Sequence[str], most: int) -> list[str]:
    """Return some keys, evenly spread."""
    step = max(1, len(keys) // max(1, most))
    return list(keys[::step][:most])


def some(items: Sequence[Item]) -> list[Item]:
    """Return the first, a middle and the last item."""
    return [items[place] for place in sorted({0, len(items) // 2, len(items) - 1})] if items else []


def search(advise: Advise, item: Item, tries: Sequence[Callable[[], object]]) -> Spent:
    """Find the counterfactuals of one item, then make ten edits of its catalogue one by one."""
    wall, found = clocked(lambda: advise(item))
    made = tries[:10]
    ten = sum(clocked(one)[0] for one in made) / len(made) * 10 if made else None
    return Spent(wall, len(found), ten)


def clocked(work: Callable[[], T]) -> tuple[float, T]:
    """Return how many milliseconds some work took, and what it gave."""
    start = time.perf_counter()
    found = work()
    return (time.perf_counter() - start) * 1000, found


def report(name: str, spent: Sequence[Spent], whole: Sequence[float]) -> None:
    """Print the figures of one question."""
    walls = sorted(one.wall for one in spent)
    if not walls:
        print(f"{name}: nothing listed")
        return
    ten = sorted(one.ten for one in spent if one.ten is not None)
    anew = statistics.median(whole) * 10
    print(
        f"{name}: one item p50 {statistics.median(walls):.1f} ms, p95 {at(walls, 0.95):.1f} ms, "
        f"slowest {walls[-1]:.1f} ms, {len(walls)} items, "
        f"{statistics.mean(one.found for one in spent):.1f} found each"
    )
    if ten:
        print(
            f"  ten edits re-scored p50 {statistics.median(ten):.1f} ms, p95 {at(ten, 0.95):.1f} ms; "
            f"the question asked anew ten times {anew:.1f} ms"
        )


def at(ordered: Sequence[float], share: float) -> float:
    """Return the value at a share of ordered ones."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


if __name__ == "__main__":
    main()
