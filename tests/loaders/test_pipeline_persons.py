"""Who is who: talent keys, ID numbers, two registers, a number that becomes another person's."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.model.graph import NodeRef
from kg.text import join_key
from tests.loaders.batches import SEALER, codes, district, load_tables, memory_store, rows_of, talent

X, Y = "37078519900101001X", "370785199001010028"
PLACES = {"districts": [district()]}


def key(source: str, number: str) -> str:
    return SEALER.talent_key(source, number)


def honour(**person):
    return {**person, "name": "能手", "level": "省", "year": 2024}


def persons(store, table="talents"):
    return {(row.id.source, row.id.key): row.person for row in rows_of(store, table)}


def test_two_registers_and_one_id_number_are_one_person():
    store = memory_store()
    load_tables(store, {**PLACES, "talents": [talent("P1", id_number=X)]}, source="a")
    load_tables(store, {"talents": [talent("Q7", id_number=X)]}, source="b")
    assert set(persons(store).values()) == {key("a", "P1")}
    assert {row.node for row in rows_of(store, "talents")} == {NodeRef("talent", key("a", "P1"))}


@settings(max_examples=20, deadline=None)
@given(order=st.permutations(range(4)))
def test_talent_keys_do_not_depend_on_the_order_of_rows(order):
    rows = [
        talent("P3", id_number=X),
        talent("P1", id_number=X),
        talent("P2", id_number=Y),
        talent("P4", id_number=None),
    ]
    store = memory_store()
    load_tables(store, {**PLACES, "talents": [rows[place] for place in order]})
    assert persons(store) == {
        ("default", "P1"): key("default", "P1"),
        ("default", "P2"): key("default", "P2"),
        ("default", "P3"): key("default", "P1"),
        ("default", "P4"): key("default", "P4"),
    }


def test_row_by_id_number_belongs_to_the_own_number_where_there_is_one():
    store = memory_store()
    report = load_tables(
        store, {**PLACES, "talents": [talent("P1", id_number=X)], "honours": [honour(id_number=X)]}
    )
    assert codes(report) == []
    (row,) = rows_of(store, "honours")
    assert row.id.key == "P1|能手|省|2024"
    assert row.node.key == f"{key('default', 'P1')}|能手|省|2024"
    assert load_tables(store, {"honours": [honour(id_number=X)]}).changed is False
    assert load_tables(store, {"honours": [honour(person_id="P1")]}).changed is True


@pytest.mark.parametrize("number", ["2024|001", "50%1", "a%7Cb"])
def test_a_number_with_a_sign_that_keys_encode_finds_its_person(number):
    """Rows that name the person, by number, by ID number or as an apprentice, are his, now and in a later batch."""
    children = {
        "honours": [honour(person_id=number), {**honour(id_number=X), "year": 2025}],
        "mentorships": [{"mentor": "P2", "apprentice": number, "valid_from": "2024-01-01"}],
    }
    store = memory_store()
    people = {"talents": [talent(number, id_number=X), talent("P2", id_number=Y)]}
    assert codes(load_tables(store, {**PLACES, **people, **children})) == []
    person = key("default", join_key((number,)))
    assert {row.person for row in rows_of(store, "honours")} == {person}
    (mentorship,) = rows_of(store, "mentorships")
    assert mentorship.links[0].end == NodeRef("talent", person)
    assert load_tables(store, children).changed is False


def test_row_by_id_number_of_a_person_of_another_source():
    store = memory_store()
    load_tables(store, {**PLACES, "talents": [talent("P1", id_number=X)]}, source="a")
    report = load_tables(store, {"honours": [honour(id_number=X)]}, source="b")
    assert codes(report) == []
    (row,) = rows_of(store, "honours")
    assert row.id.key.startswith("#")
    assert key("a", "P1") not in row.id.key, "the row must keep its key when that person is joined to another"
    load_tables(store, {"talents": [talent("Q1", id_number=X)]}, source="b")
    again = load_tables(store, {"honours": [honour(id_number=X)]}, source="b")
    assert (again.changed, len(rows_of(store, "honours"))) == (False, 1)


def test_person_id_holds_in_its_own_source_only():
    store = memory_store()
    load_tables(store, {**PLACES, "talents": [talent("P1")]}, source="a")
    report = load_tables(store, {"honours": [honour(person_id="P1")]}, source="b")
    assert codes(report) == [("honours", 2, "person_id", "unknown-reference")]


def test_person_id_and_id_number_that_disagree():
    tables = {
        **PLACES,
        "talents": [talent("P1", id_number=X), talent("P2", id_number=Y), talent("P3", id_number=None)],
        "honours": [
            honour(person_id="P1", id_number=Y),
            honour(person_id="P2", id_number="370785199001010036"),
            honour(person_id="P2", id_number=Y) | {"year": 2025},
            honour(person_id="P3", id_number="370785199001010036"),
        ],
    }
    report = load_tables(memory_store(), tables)
    assert codes(report) == [
        ("honours", 2, "id_number", "ambiguous-reference"),
        ("honours", 3, "id_number", "ambiguous-reference"),
    ]
    values = [entry["value"] for entry in report.to_json()["rejects"]]
    assert values == ["3707*************8", "3707*************6"]


def test_neither_number_given():
    tables = {
        **PLACES,
        "talents": [talent("P1", id_number=X)],
        "honours": [honour(person_id=None, id_number=None)],
    }
    assert codes(load_tables(memory_store(), tables)) == [("honours", 2, "person_id", "missing-required")]


def test_a_person_who_becomes_another_takes_the_rows_along():
    store = memory_store()
    load_tables(store, {**PLACES, "talents": [talent("Q1", id_number=X)]}, source="b")
    dependents = {
        "honours": [honour(person_id="P1")],
        "talent_skills": [{"person_id": "P1", "skill": "焊接", "level": 2}],
        "mentorships": [{"mentor": "P2", "apprentice": "P1", "valid_from": "2020-01-01"}],
    }
    people = [talent("P1", id_number=None), talent("P2", id_number=None)]
    load_tables(store, {"talents": people, **dependents}, source="a")
    report = load_tables(store, {"talents": [talent("P1", id_number=X)]}, source="a")
    moved = key("b", "Q1")
    assert report.tables["talents"].updated == 1
    assert persons(store)[("a", "P1")] == moved
    assert persons(store, "honours") == {("a", "P1|能手|省|2024"): moved}
    assert rows_of(store, "honours")[0].node == NodeRef("honour", f"{moved}|能手|省|2024")
    assert rows_of(store, "honours")[0].links[0].end == NodeRef("talent", moved)
    assert rows_of(store, "talent_skills")[0].links[0].start == NodeRef("talent", moved)
    (mentorship,) = rows_of(store, "mentorships")
    assert mentorship.links[0].start == NodeRef("talent", key("a", "P2"))
    assert mentorship.links[0].end == NodeRef("talent", moved)
    assert (
        load_tables(store, {"talents": [talent("P1", id_number=X)], **dependents}, source="a").changed
        is False
    )


def test_corrected_id_number_keeps_the_key():
    store = memory_store()
    load_tables(store, {**PLACES, "talents": [talent("P1", id_number=X)]})
    load_tables(store, {"talents": [talent("P1", id_number=Y)]})
    (row,) = rows_of(store, "talents")
    assert (row.person, row.identity) == (key("default", "P1"), SEALER.id_token(None, Y))


def test_two_people_whose_numbers_were_swapped_do_not_become_one():
    store = memory_store()
    load_tables(store, {**PLACES, "talents": [talent("P1", id_number=X), talent("P2", id_number=Y)]})
    load_tables(store, {"talents": [talent("P1", id_number=Y), talent("P2", id_number=X)]})
    assert persons(store) == {
        ("default", "P1"): key("default", "P2"),
        ("default", "P2"): key("default", "P1"),
    }


def test_a_number_passed_on_founds_a_new_person_for_the_first_row():
    store = memory_store()
    load_tables(store, {**PLACES, "talents": [talent("P1", id_number=X)]})
    load_tables(store, {"talents": [talent("P1", id_number=Y), talent("P2", id_number=X)]})
    found = persons(store)
    assert found["default", "P2"] == key("default", "P1")
    assert found["default", "P1"] not in {key("default", "P1"), key("default", "P2")}


def test_id_type_alone_in_the_file_still_counts():
    store = memory_store()
    load_tables(store, {**PLACES, "talents": [talent("P1", id_number="E123", id_type="护照")]})
    report = load_tables(store, {"talents": [talent("P1", id_number="E124")]})
    assert report.tables["talents"].updated == 1
    assert rows_of(store, "talents")[0].identity == SEALER.id_token("护照", "E124")


def test_no_personal_value_in_plain_rows():
    store = memory_store()
    load_tables(store, {**PLACES, "talents": [talent("P1", id_number=X, phone="13911112222")]})
    assert "13911112222" not in repr(rows_of(store, "talents"))
    assert X not in repr(rows_of(store, "talents"))


def test_one_row_by_number_and_by_id_counts_once():
    rows = [honour(person_id="P1", id_number=None), honour(person_id=None, id_number=X)]
    report = load_tables(memory_store(), {**PLACES, "talents": [talent("P1", id_number=X)], "honours": rows})
    assert (report.tables["honours"].inserted, report.tables["honours"].unchanged) == (1, 1)
