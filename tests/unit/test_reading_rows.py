"""How stored rows are read in bulk: the stored form keeps every value, and persons of several rows become one view."""

from datetime import UTC, datetime

import pytest

from kg.index.registers import HeldRegisters
from kg.index.talents.gathered import Gathered
from kg.index.talents.gathering import Gathering, doubled
from kg.index.talents.reading import REGISTERS
from kg.index.talents.unpacking import unpack
from kg.index.views import alone_and_together
from kg.model.graph import Link, NodeRef, Provenance, Row, RowId, Value
from kg.schema import SCHEMA
from kg.store.codec import decode_row, decode_stated, encode_row, stated, to_json

_PROVENANCE = Provenance(
    batch="b-000001", origin="表.csv / 第 2 行", recorded_at=datetime(2026, 1, 2, tzinfo=UTC)
)


def _row(source: str, key: str, person: str, **values: Value) -> Row:
    node = NodeRef("talent", person)
    return Row(
        id=RowId(source, "talents", key),
        node=node,
        label="王*",
        values=values,
        links=(
            Link(node, "talents.occupation", NodeRef("occupation", "6-11-01-03")),
            Link(NodeRef("school", "别处"), "talents.occupation", node),
        ),
        provenance=_PROVENANCE,
        person=person,
    )


def test_stored_form_keeps_values_of_every_kind() -> None:
    row = _row(
        "甲",
        "1",
        "p",
        tags=("甲", "乙=1"),
        none=(),
        big=999_999_999_999_999,
        share=0.1,
        yes=True,
        text="𠮷\n\"'",
    )
    text = encode_row(row, "")
    for stored in (text, text.encode()):
        read = decode_row(stored, row.id, "b-000001")
        assert read == row
        assert {name: type(value) for name, value in read.values.items()} == {
            name: type(value) for name, value in row.values.items()
        }
        assert read.target("talents.occupation") == "6-11-01-03"
        assert read.targets("talents.occupation") == row.targets("talents.occupation")
        assert read.flat_edges() == row.flat_edges()
    assert decode_stated(text) == stated(row)
    with pytest.raises(AttributeError):
        _ = read.unknown  # type: ignore[attr-defined]  # a name that no row has


def test_what_json_has_no_word_for_is_refused() -> None:
    with pytest.raises(TypeError):
        to_json({"set": {1}})
    with pytest.raises(TypeError):
        to_json(2**64)


def test_rows_of_a_person_are_one_view_and_in_one_register_only_where_all_are_held() -> None:
    rows = [
        _row("甲", "1", "p"),
        _row("甲", "2", "q"),
        _row("甲", "3", "p"),
        _row("乙", "9", "q"),
        _row("乙", "8", "r"),
    ]
    ranks = {"乙": 0, "甲": 1}
    whole = HeldRegisters(lambda _: rows, ranks, SCHEMA)("talents")
    assert [[row.id.key for row in view.rows] for view in whole] == [["1", "3"], ["9", "2"], ["8"]]
    alone, together = alone_and_together(rows[:3], rows[3:], rank=ranks, identity=lambda row: row.node)
    assert [row.id.key for row in alone] == ["1", "3"]
    assert [[row.id.key for row in view.rows] for view in together] == [["9", "2"], ["8"]]


def test_persons_with_several_rows_in_one_register_are_told() -> None:
    gathering = Gathering([REGISTERS])
    for person, registers in (
        ("p", (("甲", "1"),)),
        ("q", (("甲", "2"), ("乙", "9"))),
        ("p", (("甲", "3"),)),
        ("r", (("甲", "4"), ("甲", "5"), ("乙", "8"))),
    ):
        gathering.put(person, (("王*", "甲", "1", registers),))
    assert doubled(gathering.plain()) == ["p", "r"]


def test_facts_of_persons_who_come_again_are_put_together_and_the_last_word_counts() -> None:
    first, second = Gathering([3]), Gathering([3])
    for person, node, word in (("q", "2", "b"), ("r", "1", "c"), ("q", "1", "a")):
        first.put(person, (("甲", "k", node, word),))
    first.join()
    second.put("r", (("甲", "k", "1", "d"), ("甲", "k", "2", "b")))
    found = Gathered({"p": 0, "q": 1, "r": 2, "s": 3}, [first.plain(), second.plain()])
    assert [unpack(found.packs[place]) for place in range(4)] == [
        (),
        (("甲", "k", "1", "a"), ("甲", "k", "2", "b")),
        (("甲", "k", "1", "d"), ("甲", "k", "2", "b")),
        (),
    ]
    words, numbers = found.words(3)
    assert found.talents.tolist() == [1, 1, 2, 2]
    assert [words[number] for number in numbers] == ["a", "b", "d", "b"]
    assert len(Gathered({"s": 0}, [first.plain()]).talents) == 0
