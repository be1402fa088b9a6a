"""Evidence paths hang together: each step begins where another one ended, but for trades that are only near each other."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from kg.index.lookups import Occupation
from kg.index.names import canonical
from kg.index.world import World
from kg.matching.mobility.question import parse_need
from kg.matching.mobility.recommendation import score_talent
from kg.model.answers import EvidencePath
from kg.model.graph import NodeRef
from tests.golden import golden_b
from tests.oracle.generate import random_questions, random_world
from tests.oracle.world import World as Tables
from tests.unit.cooperation_worlds import ask_partners
from tests.unit.cooperation_worlds import loaded as partner_world
from tests.unit.mobility_worlds import POLICY, world_of
from tests.unit.test_mobility_oracle import talent_questions

OLD = "6-18-01-01@2015"


def loose_ends(world: World, path: EvidencePath) -> int:
    """How many steps share no node with the one before, whatever each calls it; a fifth part of a code is cut."""

    def node(ref: NodeRef) -> object:
        return world.occupations.resolve(ref.key) if ref.kind == "occupation" else canonical(world, ref)

    ends = [{node(edge.link.start), node(edge.link.end)} for edge in path.edges]
    return sum(not one & other for one, other in pairwise(ends))


def talent_paths(world: World, tables: Tables, seed: int) -> Iterator[EvidencePath]:
    """Every path of everybody for every need."""
    for asked in talent_questions(tables, seed):
        question = parse_need(world, POLICY, asked["need"])
        for talent in world.talents:
            yield from score_talent(world, POLICY, question, talent, as_of=asked["as_of"]).paths


@pytest.mark.parametrize("seed", range(6))
def test_paths_of_talents_hang_together(seed: int) -> None:
    tables = random_world(seed)
    world = world_of(tables)
    paths = list(talent_paths(world, tables, seed))
    assert paths
    for path in paths:
        near = any(word in path.text for word in ("相近", "可迁移"))
        assert loose_ends(world, path) == 0 or near, path.text


@pytest.mark.parametrize("seed", range(6))
def test_paths_of_partners_hang_together(seed: int, tmp_path: Path) -> None:
    tables = random_world(seed)
    world, seen = partner_world(tables, tmp_path), 0
    for asked in random_questions(tables, seed):
        if asked.pop("kind") != "partners":
            continue
        anchor, mode, as_of = (asked.pop(name) for name in ("anchor", "mode", "as_of"))
        for item in ask_partners(world, anchor, mode, as_of, **asked).items:
            for path in item.match.paths:
                assert loose_ends(world, path) == 0 or "相近" in path.text, path.text
                seen += 1
    assert seen


def _editions(tables: Tables, table: str, column: str, value: Any) -> Tables:
    """The golden world with one occupation in its old edition, and the row that leads over."""
    (source,) = tables
    named = {name: [dict(row) for row in rows] for name, rows in tables[source].items()}
    old = {**next(row for row in named["occupations"] if row["code"] == "6-18-01-01"), "edition": "2015"}
    named["occupations"].append(old)
    for row in named[table]:
        row[column] = value
    named["occupation_crosswalk"] = [
        {"from_code": "6-18-01-01", "from_edition": "2015", "to_code": "6-18-01-01", "to_edition": "2022"}
    ]
    return {source: named}


def test_the_crosswalk_is_a_step_between_editions() -> None:
    tables = _editions(golden_b.golden_b(), "certificates", "occupation", OLD)
    world = world_of(tables)
    question = parse_need(world, POLICY, golden_b.NEED)
    (talent,) = world.talents
    match = score_talent(world, POLICY, question, talent, as_of=golden_b.AS_OF)
    trade = next(path for path in match.paths if any(edge.table == "certificates" for edge in path.edges))
    assert [edge.table for edge in trade.edges].count("occupation_crosswalk") == 1
    assert loose_ends(world, trade) == 0
    new = next(one for one in world.occupations.names if one.edition != "2015" and one.code == "6-18-01-01")
    walked = world.occupations.walked(Occupation("6-18-01-01", "2015"), new)
    assert walked in trade.edges
    assert world.occupations.walked(new, new) is None
