"""Two registers know one master: joined, asked, kept apart, taken back; later loads remember."""

import json
from pathlib import Path
from typing import Any

import pytest

from kg.bootstrap import Graph
from kg.errors import ForbiddenError, RefusedError
from kg.model.viewers import PUBLIC_VIEWER
from tests.identity.registers import OFFICER, X, Y, base, content, deliver, graph, master, people

pytest.importorskip("splink", reason="the extra identity is not installed")


def asked_about_persons(town: Graph) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = town.service.reviews(viewer=OFFICER, kind="person")["items"]
    return items


def honour(number: str) -> dict[str, object]:
    return {"person_id": number, "name": "能手", "level": "省", "year": 2024}


def unlike(number: str) -> dict[str, object]:
    return master(
        number, name="马小川", phone="15912345678", birth_date="1971-08-30", employer_name="瑞川化工有限公司"
    )


def doubtful(number: str) -> dict[str, object]:
    """The same rare name and trade, another phone and employer, no birth date: a question for a person."""
    return master(
        number,
        phone="15900002222",
        birth_date=None,
        employer_name="宏图化工有限公司",
    )


def test_what_is_certain_is_joined_and_a_rollback_takes_it_back(tmp_path: Path) -> None:
    with graph() as town:
        deliver(town, tmp_path, {**base(), "talents": [master("A1", id_number=X), unlike("A2")]})
        deliver(town, tmp_path, {"talents": [master("B1")], "honours": [honour("B1")]}, source="b")
        before = content(town)
        assert len(set(people(town).values())) == 3
        told = town.service.find_identities(viewer=OFFICER)
        assert (told["records"], told["merged"]) == (3, 1)
        now = people(town)
        assert now["A1"] == now["B1"] != now["A2"]
        (row,) = town.store.rows(table="honours")
        assert (row.person, row.node and row.node.key.split("|")[0]) == (now["A1"], now["A1"])
        town.service.roll_back(told["batch"], viewer=OFFICER)
        assert content(town) == before
        again = town.service.find_identities(viewer=OFFICER)
        assert (again["merged"], len(asked_about_persons(town))) == (0, 1)


def test_later_loads_remember_who_is_one_person(tmp_path: Path) -> None:
    with graph() as town:
        deliver(town, tmp_path, {**base(), "talents": [master("A1")]})
        deliver(town, tmp_path, {"talents": [master("B1", id_number=X)]}, source="b")
        deliver(
            town,
            tmp_path,
            {"honours": [{"id_number": X, "name": "能手", "level": "市", "year": 2020}]},
            source="c",
        )
        town.service.find_identities(viewer=OFFICER)
        deliver(town, tmp_path, {"talents": [master("B1", id_number=X, level="技师")]}, source="b")
        deliver(town, tmp_path, {"talents": [master("D1", id_number=X)]}, source="d")
        again = deliver(
            town,
            tmp_path,
            {"honours": [{"id_number": X, "name": "能手", "level": "市", "year": 2020}]},
            source="c",
        )
        assert len(set(people(town).values())) == 1
        assert len(list(town.store.rows(table="honours"))) == 1
        assert (again.counts("honours").inserted, again.counts("honours").unchanged) == (0, 1)


def test_what_is_doubtful_is_asked_and_both_answers_hold(tmp_path: Path) -> None:
    with graph() as town:
        deliver(town, tmp_path, {**base(), "talents": [master("A1"), unlike("A2")]})
        deliver(town, tmp_path, {"talents": [doubtful("B1")], "honours": [honour("B1")]}, source="b")
        before = content(town)
        town.service.find_identities(viewer=OFFICER)
        (asked,) = asked_about_persons(town)
        assert content(town) == before
        assert [len(side["rows"]) for side in asked["sides"]] == [1, 1]
        assert {weight["field"] for weight in asked["weights"]} == {"name", "phone", "employer", "occupation"}
        assert next(w["bits"] for w in asked["weights"] if w["field"] == "name") > 3
        merged = town.service.decide_review(asked["id"], "merge", viewer=OFFICER, note="本人到场")
        assert merged["state"] == "merged"
        assert people(town)["A1"] == people(town)["B1"]
        split = town.service.decide_review(asked["id"], "apart", viewer=OFFICER)
        assert split["state"] == "apart"
        assert content(town) == before
        told = town.service.find_identities(viewer=OFFICER)
        assert (told["merged"], len(asked_about_persons(town))) == (0, 0)
        steps = [step["decision"] for step in town.service.review(asked["id"], viewer=OFFICER)["history"]]
        assert steps == ["merge", "apart"]


def test_a_merge_can_be_taken_back_after_later_loads_touched_the_rows(tmp_path: Path) -> None:
    with graph() as town:
        deliver(town, tmp_path, {**base(), "talents": [master("A1")]})
        deliver(town, tmp_path, {"talents": [master("B1"), unlike("B2")], "honours": [honour("B1")],
                                 "mentorships": [{"mentor": "B2", "apprentice": "B1", "valid_from": "2020-01-01"}]}, source="b")  # fmt: skip
        before = people(town)
        town.service.find_identities(viewer=OFFICER)
        assert people(town)["B1"] == people(town)["A1"]
        deliver(
            town,
            tmp_path,
            {"talents": [master("B1", level="技师")], "honours": [{**honour("B1"), "year": 2025}]},
            source="b",
        )
        (done,) = town.service.reviews(viewer=OFFICER, state="merged", kind="person")["items"]
        town.service.decide_review(done["id"], "apart", viewer=OFFICER)
        assert people(town) == before
        assert {row.person for row in town.store.rows(table="honours")} == {before["B1"]}
        (tie,) = town.store.rows(table="mentorships")
        assert [link.end.key for link in tie.links] == [before["B1"]]


def test_two_valid_id_numbers_are_two_persons(tmp_path: Path) -> None:
    with graph() as town:
        deliver(town, tmp_path, {**base(), "talents": [master("A1", id_number=X)]})
        deliver(town, tmp_path, {"talents": [master("B1", id_number=Y)]}, source="b")
        told = town.service.find_identities(viewer=OFFICER)
        assert (told["merged"], len(asked_about_persons(town))) == (0, 0)


def test_no_bridge_between_two_id_numbers(tmp_path: Path) -> None:
    """A row without a number that is like two persons with different numbers joins one of them at most."""
    with graph() as town:
        deliver(town, tmp_path, {**base(), "talents": [master("A1", id_number=X)]})
        deliver(town, tmp_path, {"talents": [master("B1", id_number=Y)]}, source="b")
        deliver(town, tmp_path, {"talents": [master("C1")]}, source="c")
        town.service.find_identities(viewer=OFFICER)
        now = people(town)
        assert now["A1"] != now["B1"]
        assert now["C1"] in {now["A1"], now["B1"]}
        assert asked_about_persons(town) == []


def test_a_number_corrected_after_a_merge_becomes_a_question(tmp_path: Path) -> None:
    with graph() as town:
        deliver(town, tmp_path, {**base(), "talents": [master("A1", id_number=X)]})
        deliver(town, tmp_path, {"talents": [master("B1")]}, source="b")
        town.service.find_identities(viewer=OFFICER)
        deliver(town, tmp_path, {"talents": [master("B1", id_number=Y)]}, source="b")
        town.service.find_identities(viewer=OFFICER)
        now = people(town)
        if now["A1"] == now["B1"]:
            (asked,) = asked_about_persons(town)
            assert asked["reason"] == "two-numbers"
            with pytest.raises(RefusedError) as refused:
                town.service.decide_review(asked["id"], "merge", viewer=OFFICER)
            assert refused.value.code == "two-numbers"
            town.service.decide_review(asked["id"], "apart", viewer=OFFICER)
        assert people(town)["A1"] != people(town)["B1"]


def test_master_and_apprentice_are_never_one_person(tmp_path: Path) -> None:
    with graph() as town:
        tables = {
            "talents": [master("A1"), master("A2")],
            "mentorships": [{"mentor": "A1", "apprentice": "A2"}],
        }
        deliver(town, tmp_path, {**base(), **tables})
        told = town.service.find_identities(viewer=OFFICER)
        assert (told["merged"], len(asked_about_persons(town))) == (0, 0)


def test_no_sealed_value_is_in_any_answer_or_record(tmp_path: Path) -> None:
    with graph() as town:
        deliver(town, tmp_path, {**base(), "talents": [master("A1", id_number=X)]})
        deliver(town, tmp_path, {"talents": [doubtful("B1")]}, source="b")
        town.service.find_identities(viewer=OFFICER)
        told = town.service.reviews(viewer=OFFICER, state=None)
        (asked,) = asked_about_persons(town)
        after = town.service.decide_review(asked["id"], "later", viewer=OFFICER)
        kept = [*town.ledger.items("reviews"), *town.ledger.entries("audit"), *town.ledger.entries("reviews")]
        text = json.dumps([told, after, kept], ensure_ascii=False, default=str)
        for secret in ("欧阳建国", X, "13870001111", "15900002222", "1990-01-01", "19900101"):
            assert secret not in text
        assert asked["sides"][0]["node"]["name"] == "欧***"


def test_only_officers_see_questions(tmp_path: Path) -> None:
    with graph() as town:
        for ask in (
            lambda: town.service.reviews(viewer=PUBLIC_VIEWER),
            lambda: town.service.find_identities(viewer=PUBLIC_VIEWER),
            lambda: town.service.decide_review("p-none", "merge", viewer=PUBLIC_VIEWER),
        ):
            with pytest.raises(ForbiddenError):
                ask()


def test_an_erased_person_is_in_no_question(tmp_path: Path) -> None:
    with graph() as town:
        deliver(town, tmp_path, {**base(), "talents": [master("A1", id_number=X)]})
        deliver(town, tmp_path, {"talents": [doubtful("B1")]}, source="b")
        town.service.find_identities(viewer=OFFICER)
        (asked,) = asked_about_persons(town)
        town.service.decide_review(asked["id"], "merge", viewer=OFFICER)
        town.service.erase(people(town)["A1"], "本人要求", viewer=OFFICER)
        assert not [item for _, item in town.ledger.items("reviews") if item["kind"] == "person"]
        assert town.service.find_identities(viewer=OFFICER)["records"] == 0
