"""The index of talents: nothing protected in it, look-ups, changes, and the parsers of list items."""

import dataclasses

import pytest

from kg.index.parsing import skill_demand, skill_levels, weighted_items
from kg.index.talents import columns as talent_columns
from kg.index.talents import facts as talent_facts
from kg.index.views import View, source_ranks, views
from kg.index.world import build_world
from kg.schema.declaration import SCHEMA
from tests.golden import golden_b
from tests.oracle.generate import random_world
from tests.unit.mobility_worlds import POLICY, ask, loaded, question_of, world_of


def test_no_protected_or_sealed_column_has_a_place() -> None:
    hidden = {c.key for table in SCHEMA.tables for c in table.columns if c.protected or c.sealed} - {"number"}
    kept = {"name"}
    fields: set[str] = set()
    for module in (talent_facts, talent_columns):
        for found in vars(module).values():
            if dataclasses.is_dataclass(found):
                fields |= {field.name for field in dataclasses.fields(found)}
            fields |= set(getattr(found, "_fields", ()))
    assert "sex" in hidden
    assert not (hidden - kept) & fields
    assert "name" not in {field.name for field in dataclasses.fields(talent_facts.Talent)}


def test_registers_find_their_person() -> None:
    world = world_of(golden_b.golden_b())
    key = world.talents.of_register("人社局", golden_b.PERSON)
    assert key is not None
    talent = world.talents.talent(key)
    assert talent is not None
    assert talent.registers == (("人社局", golden_b.PERSON),)
    assert talent.label == "王**"
    assert world.talents.of_register("人社局", "没有") is None
    assert world.talents.talent("没有") is None


@pytest.mark.parametrize("seed", range(6))
def test_changed_persons_are_answered_like_a_fresh_index(seed: int) -> None:
    store = loaded(random_world(seed))
    world = build_world(store, POLICY)
    chosen = set(world.talents.keys[::3])

    def read(table: str) -> list[View]:
        ranks = source_ranks([batch.source for batch in store.batches()], ())
        rows = list(store.rows(table=table, persons=sorted(chosen)))
        if SCHEMA.by_key[table].is_relation:
            return list(views(rows, rank=ranks, identity=lambda row: row.links[0]))
        return list(views(rows, rank=ranks))

    fresh = dataclasses.replace(world, talents=world.talents.with_changes(read, chosen))
    assert len(fresh.talents) == len(world.talents)
    assert [talent.key for talent in fresh.talents] == list(world.talents.keys)
    for key in chosen:
        assert fresh.talents.talent(key) == world.talents.talent(key)
    for need in sorted(world.talents.needs):
        ours = ask(world, question_of(world, need), golden_b.AS_OF)
        theirs = ask(fresh, question_of(fresh, need), golden_b.AS_OF)
        assert ours.pool == theirs.pool
        assert [(i.rank, i.match.node, i.match.score) for i in ours.items] == [
            (i.rank, i.match.node, i.match.score) for i in theirs.items
        ]


def test_person_that_is_gone_is_not_considered() -> None:
    world = world_of(golden_b.golden_b())
    (key,) = world.talents.keys
    gone = dataclasses.replace(world, talents=world.talents.with_changes(lambda _: [], {key}))
    assert len(gone.talents) == 0
    assert gone.talents.talent(key) is None
    assert gone.talents.of_register("人社局", golden_b.PERSON) is None
    answer = ask(gone, question_of(gone, golden_b.NEED), golden_b.AS_OF)
    assert answer.pool.considered == 0


def test_list_items() -> None:
    skills = world_of(golden_b.golden_b()).skills
    assert skill_demand(["数控车削=3*0.5", "工艺编制=2", "ＡＩ", "焊接*2=1"], skills) == (
        ("数控车削", 3, 0.5),
        ("工艺编制", 2, 1.0),
        ("ai", 1, 1.0),
        ("焊接*2", 1, 1.0),
    )
    assert skill_levels(["工艺编制=4"], skills) == (("工艺编制", 4),)
    assert weighted_items(["consult=0.8", "teach"]) == (("consult", 0.8), ("teach", 1.0))
    assert weighted_items(None) == ()
    for bad in ("=3", "车削=6", "车削=x", "车削=1*0"):
        with pytest.raises(ValueError, match=r".+"):
            skill_demand([bad], skills)
    with pytest.raises(ValueError, match="share"):
        weighted_items(["consult=1.5"])
