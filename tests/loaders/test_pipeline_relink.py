"""Links find their target even when it is loaded after them."""

from kg.model.graph import NodeRef
from tests.loaders.batches import (
    FIRM,
    SCHOOL,
    district,
    enterprise,
    load_tables,
    memory_store,
    rows_of,
    school,
    talent,
)

PLACES = {"districts": [district()]}


def _people(**more):
    return {**PLACES, "talents": [talent("P1", **more)]}


def _ends(store, table, relation):
    return [link.end for row in rows_of(store, table) for link in row.links if link.relation == relation]


def test_unknown_employer_turns_out_to_be_a_school():
    store = memory_store()
    load_tables(store, _people(employer=SCHOOL))
    assert _ends(store, "talents", "talents.employer") == [NodeRef("enterprise", SCHOOL)]
    report = load_tables(store, {"schools": [school()]})
    assert _ends(store, "talents", "talents.employer") == [NodeRef("school", SCHOOL)]
    assert list(report.tables) == ["schools"]
    assert load_tables(store, _people(employer=SCHOOL)).changed is False


def test_name_of_a_firm_that_is_loaded_later():
    store = memory_store()
    restriction = {"person_id": "P1", "kind": "竞业", "org": "甲机械有限公司", "valid_from": "2026-01-01"}
    load_tables(store, {**_people(), "restrictions": [restriction]})
    load_tables(store, {"enterprises": [enterprise()]})
    assert _ends(store, "restrictions", "restrictions.org") == [NodeRef("enterprise", FIRM)]


def test_alias_of_a_skill_that_is_loaded_later():
    store = memory_store()
    rows = [{"person_id": "P1", "skill": "电焊", "level": 2}]
    load_tables(store, {**_people(interests=("电焊", "数控")), "talent_skills": rows})
    load_tables(store, {"skills": [{"name": "焊接", "aliases": ("电焊",)}]})
    assert _ends(store, "talent_skills", "talent_skills") == [NodeRef("skill", "焊接")]
    assert _ends(store, "talents", "talents.interests") == [
        NodeRef("skill", "焊接"),
        NodeRef("skill", "数控"),
    ]


def test_subordination_to_a_name():
    store = memory_store()
    load_tables(store, {"ownerships": [{"parent": "甲机械有限公司", "child": SCHOOL, "share": None}]})
    load_tables(store, {**PLACES, "enterprises": [enterprise()], "schools": [school()]})
    (row,) = rows_of(store, "ownerships")
    assert row.links[0].start == NodeRef("enterprise", FIRM)
    assert row.links[0].end == NodeRef("school", SCHOOL)
