"""The lists of query B: ties, limits, order of rows, exposures, changed persons."""

import gc
import random
import weakref
from datetime import date
from typing import Any

import pytest

from kg.errors import InvalidInputError
from kg.index.world import World
from kg.matching.mobility.occasion import Occasion
from kg.matching.mobility.recommendation import match_of, recommend_talents
from kg.model.answers import Answer
from tests.golden import golden_b
from tests.oracle.generate import random_world
from tests.oracle.world import World as Tables
from tests.unit.mobility_worlds import POLICY, ask, question_of, world_of

SOURCE = "人社局"


def clones(count: int, **cells: Any) -> Tables:
    """The golden world with the person repeated under other numbers; achievements stay with the first."""
    tables = golden_b.golden_b()
    own = {name: rows for name, rows in tables[SOURCE].items() if rows and "person_id" in rows[0]}
    for number in range(1, count):
        for name in ("talents", "certificates", "talent_skills", "consents", "honours"):
            for row in list(own[name]):
                if row["person_id"] == golden_b.PERSON:
                    tables[SOURCE][name].append({**row, "person_id": f"C{number:04d}", **_cells(name, cells)})
    return tables


def _cells(table: str, cells: dict[str, Any]) -> dict[str, Any]:
    return cells if table == "talents" else {}


def asked(world: World, k: int, exposures: Any = lambda _: 0, query: str = "q") -> Answer:
    """Ask golden B of a world."""
    return recommend_talents(
        world,
        POLICY,
        question_of(world, golden_b.NEED),
        as_of=golden_b.AS_OF,
        k=k,
        exposures=exposures,
        tie_key=lambda query_id: lambda entity: f"{query_id}{entity}",
        query_id=query,
    )


def test_many_equals_tie_and_k_cuts_exactly() -> None:
    world = world_of(clones(41))
    answer = asked(world, 5)
    assert answer.pool.listed == 41
    assert [item.rank for item in answer.items] == [1, 2, 2, 2, 2]
    assert [item.tied for item in answer.items] == [False, True, True, True, True]
    keys = [item.tie_key for item in answer.items[1:]]
    assert keys == sorted(keys, key=str)
    everybody = asked(world, 200)
    assert [i.match.node.key for i in everybody.items[:5]] == [i.match.node.key for i in answer.items]
    assert everybody.items[0].tie_key is None


def test_fewer_appearances_come_first_inside_a_tie() -> None:
    world = world_of(clones(6))
    plain = asked(world, 20).items
    seen = plain[1].match.node.key
    after = asked(world, 20, exposures=lambda key: 3 if key == seen else 0).items
    assert after[-1].match.node.key == seen
    assert after[-1].rank == 2


def test_both_lists_are_limited_apart() -> None:
    tables = clones(9)
    for row in tables[SOURCE]["talents"][5:]:
        row["weekly_hours"] = None  # type: ignore[index]  # rows of the golden world are plain dicts
    answer = asked(world_of(tables), 2)
    assert (len(answer.items), len(answer.to_verify)) == (2, 2)
    assert (answer.pool.listed, answer.pool.to_verify) == (5, 4)
    assert [item.rank for item in answer.to_verify] == [1, 1]


@pytest.mark.parametrize("k", [0, -1, 201])
def test_k_out_of_range_is_refused(k: int) -> None:
    world = world_of(golden_b.golden_b())
    with pytest.raises(InvalidInputError) as refused:
        asked(world, k)
    assert refused.value.fields["field"] == "k"


@pytest.mark.parametrize("seed", [3, 8, 11])
def test_order_of_rows_changes_nothing(seed: int) -> None:
    tables = random_world(seed)
    shuffled = {
        source: {name: random.Random(seed).sample(rows, len(rows)) for name, rows in found.items()}
        for source, found in tables.items()
    }
    first, second = world_of(tables), world_of(shuffled)
    for need in sorted(first.talents.needs):
        day = date(2026, 11, 23)
        ours = ask(first, question_of(first, need), day)
        theirs = ask(second, question_of(second, need), day)
        assert told(ours) == told(theirs)


def told(answer: Answer) -> object:
    """Everything that is shown, row references apart."""
    return answer.pool, [
        (
            item.rank,
            item.tie_key,
            item.match.node,
            item.match.filters,
            item.match.sides,
            item.match.summary,
            dict(item.match.facts),
        )
        for item in (*answer.items, *answer.to_verify)
    ]


def test_an_occasion_goes_with_its_last_pair_without_a_collection_of_cycles() -> None:
    world = world_of(golden_b.golden_b())
    question = question_of(world, golden_b.NEED)
    gc.disable()
    try:
        occasion = Occasion(world, POLICY, question, golden_b.AS_OF)
        talent = next(iter(world.talents))
        match = match_of(occasion, talent)
        assert match.facts
        assert match.paths
        watched = weakref.ref(occasion)
        del occasion, match
        assert watched() is None
    finally:
        gc.enable()
