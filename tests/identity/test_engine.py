"""The comparison itself: what it weighs, what it needs, and what it never tells."""

import builtins
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from kg.errors import SettingsError
from kg.identity.comparing import Crowd, compare
from kg.identity.person_records import PersonRecord, card_number, employer_core, name_core, record_of
from kg.model.graph import RowId
from tests.identity.registers import X, Y

pytest.importorskip("splink", reason="the extra identity is not installed")


def record(number: str, **more: Any) -> PersonRecord:
    sealed = {"name": "欧阳建国", "phone": "13870001111", "birth_date": "1990-01-01", **more}
    return record_of(RowId(number[0], "talents", number), number, sealed, {"district": "370785"})


def weights(*records: PersonRecord) -> dict[str, float]:
    (pair,) = compare(records, from_probability=0.0)
    return {weight.label: weight.bits for weight in pair.weights}


@pytest.mark.parametrize(
    ("other", "label"),
    [
        ({"name": "歐陽建國"}, "姓名相同"),
        ({"name": "欧阳·建国"}, "姓名相同"),
        ({"name": "欧阳健国"}, "姓名同音不同字"),
        ({"name": "欧阳建军"}, "姓名差一个字"),
        ({"name": "马小川"}, "姓名不同"),
        ({"birth_date": "1990-01-02"}, "出生日期差一位"),
        ({"phone": "13870001112"}, "手机差一位"),
    ],
)
def test_what_counts_as_alike(other: dict[str, Any], label: str) -> None:
    assert label in weights(record("A1"), record("B1", **other))


def test_what_is_missing_says_nothing() -> None:
    told = weights(record("A1"), record("B1", birth_date=None))
    assert not [label for label in told if label.startswith("出生日期")]


def test_a_rare_name_weighs_more_than_a_common_one() -> None:
    def bits(times: int) -> float:
        crowd = Crowd(10_000, {"name": 10_000, "employer": 0}, {"name": {"欧阳建国": times}, "employer": {}})
        (pair,) = compare([record("A1"), record("B1")], from_probability=0.0, crowd=crowd)
        return next(weight.bits for weight in pair.weights if weight.field == "name")

    assert bits(2) > bits(200) > 0


def test_numbers_of_both_lengths_are_one_and_a_wrong_check_digit_is_none() -> None:
    assert card_number("370785900101001") == card_number(X)
    assert card_number(X[:-1] + ("1" if X[-1] != "1" else "2")) == ""
    two = [record("A1", id_number=X), record("B1", id_number=Y)]
    assert compare(two, from_probability=0.0) == []


def test_masked_values_are_no_values() -> None:
    masked = record("B1", name="欧阳*国", phone="138****1111", id_number="*" * 14 + "0013", birth_date="*")
    assert (masked.name, masked.phone, masked.birth, masked.last4, masked.card) == ("", "", "", "0013", "")


def test_names_of_persons_and_firms_are_compared_by_their_core() -> None:
    assert name_core("歐陽 建國") == name_core("欧阳建国")
    assert employer_core("临澄恒海精工股份有限公司（东厂区）") == employer_core("临澄恒海精工有限公司")


def test_a_record_does_not_show_itself() -> None:
    assert "欧阳" not in repr(record("A1", id_number=X))
    assert X not in repr(record("A1", id_number=X))


def test_the_order_of_records_changes_nothing() -> None:
    people = [record("A1"), record("B1"), replace(record("C1"), name="欧阳建军"), record("D1", phone=None)]
    there = {
        (people[pair.left].person, people[pair.right].person): pair.probability
        for pair in compare(people, from_probability=0.0)
    }
    back = list(reversed(people))
    again = {
        (back[pair.right].person, back[pair.left].person): pair.probability
        for pair in compare(back, from_probability=0.0)
    }
    assert there == pytest.approx(again)


def test_without_the_extra_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **more: Any) -> Any:
        if name == "splink":
            raise ModuleNotFoundError(name=name)
        return real(name, *args, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(SettingsError, match=r"jiangtu\[identity\]"):
        compare([record("A1"), record("B1")], from_probability=0.0)
    assert compare([record("A1"), record("Z1", name="马小川", phone=None)], from_probability=0.0) == []


def test_the_engine_is_not_imported_before_it_is_needed() -> None:
    code = "import sys, api.main, kg.service; print([one for one in ('splink', 'duckdb', 'pyarrow') if one in sys.modules])"
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, encoding="utf-8"
    )
    assert told.stdout.strip() == "[]"
