"""The comparer accepts an equal answer and any order by tie key, and tells every difference."""

from collections.abc import Callable
from copy import deepcopy
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.golden import golden_a, golden_b
from tests.oracle.compare import assert_same, differences
from tests.oracle.generate import random_questions, random_world
from tests.oracle.partners import answer_partners
from tests.oracle.talents import answer_talents
from tests.oracle.world import World
from tests.oracle.write_tables import cell, write_world

ANSWERS: dict[str, Callable[..., dict[str, Any]]] = {"talents": answer_talents, "partners": answer_partners}


def ask(world: World, question: dict[str, Any]) -> dict[str, Any]:
    """The oracle's answer to a random question."""
    arguments = {name: value for name, value in question.items() if name != "kind"}
    return ANSWERS[question["kind"]](world, **arguments)


def as_product(answer: dict[str, Any]) -> dict[str, Any]:
    """The oracle's answer in the shape of contract §4."""
    told = deepcopy({name: answer[name] for name in ("pool", "items", "to_verify")})
    for item in (*told["items"], *told["to_verify"]):
        item["tie_key"] = str(item.get("person") or item["node"])
        if "person" in item:
            sources = [{"source": source, "person_id": number} for source, number in item["person"]]
            item["node"] = {"kind": "talent", "key": "k", "name": "王**", "sources": sources}
        else:
            item["node"] = {"kind": item["node"][0], "key": item["node"][1], "name": ""}
    return told


@pytest.mark.parametrize("seed", range(12))
def test_an_answer_is_the_same_as_itself(seed: int) -> None:
    world = random_world(seed, mask_defaults=seed % 2 == 1)
    for question in random_questions(world, seed):
        answer = ask(world, question)
        for name in ("items", "to_verify"):
            assert len(answer[name]) == min(question["k"], len(answer[f"all_{name}"]))
        assert_same(as_product(answer), answer)


def test_a_changed_number_is_told() -> None:
    case = golden_b.cases()["golden"]
    answer = answer_talents(case.world, case.need, as_of=case.as_of)
    other = as_product(answer)
    other["items"][0]["sides"]["need"]["factors"][0]["value"] += 1e-6
    other["pool"]["considered"] = 2
    found = differences(other, answer)
    where = f"items[0] ('人社局', '{golden_b.PERSON}') need.skill.value"
    assert [line.split(":")[0] for line in found] == ["pool.considered", where]


def test_a_changed_seat_is_told() -> None:
    case = golden_a.cases()["golden"]
    answer = answer_partners(case.world, case.anchor, case.mode, as_of=case.as_of)
    other = as_product(answer)
    other["items"][0]["allocation"][0]["seats"] = 11
    assert len(differences(other, answer)) == 1


@pytest.mark.parametrize("seed", range(25))
def test_random_answers_keep_the_rules(seed: int) -> None:
    """What must hold of every answer, whatever the numbers."""
    world = random_world(seed)
    for question in random_questions(world, seed):
        answer = ask(world, question)
        pool = answer["pool"]
        assert pool["considered"] == pool["listed"] + pool["to_verify"] + sum(pool["failed"].values())
        for name in ("all_items", "all_to_verify"):
            items = answer[name]
            assert all(before["rank"] <= after["rank"] for before, after in pairwise(items))
            for item in items:
                low, high = item["interval"]
                assert low - 1e-9 <= item["score"] <= high + 1e-9
                assert all(0 <= f["value"] <= 1 for side in item["sides"].values() for f in side["factors"])


def test_random_worlds_reach_every_filter() -> None:
    failed: set[str] = set()
    for seed in range(60):
        world = random_world(seed)
        for question in random_questions(world, seed):
            failed |= set(ask(world, question)["pool"]["failed"])
    assert failed == {*(f"A{n}" for n in (1, 2, 3, 4, 5, 6, 8)), *(f"B{n}" for n in range(10))}


def test_a_world_is_written_as_files(tmp_path: Path) -> None:
    world = random_world(3)
    written = write_world(world, tmp_path)
    assert [source for source, _ in written] == list(world)
    for source, folder in written:
        assert {path.stem for path in folder.glob("*.csv")} == set(world[source])
    assert [cell(value) for value in (None, True, "*", 0.5, ["甲=1", "乙=2"])] == [
        "",
        "是",
        "*",
        "0.5",
        "甲=1；乙=2",
    ]
