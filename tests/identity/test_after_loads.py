"""Comparing only what is new asks and joins what comparing everybody does."""

from pathlib import Path
from typing import Any

import pytest

from api.after_import import compare_new
from kg.bootstrap import Graph
from kg.errors import RefusedError
from tests.identity.registers import FIRM, OFFICER, X, base, content, deliver, graph, master, people

pytest.importorskip("splink", reason="the extra identity is not installed")
MOST = 1_000


def find_new(town: Graph, most: int = MOST) -> dict[str, Any]:
    return town.service.find_new_identities(viewer=OFFICER, most=most)


def questions(town: Graph, kind: str) -> dict[str, Any]:
    items = town.service.reviews(viewer=OFFICER, kind=kind)["items"]
    return {item["id"]: {name: item.get(name) for name in ("probability", "weights", "count", "tables", "candidates")} for item in items}  # fmt: skip


def crowd() -> list[dict[str, Any]]:
    return [
        master(f"N{n}", name=f"{'赵钱孙李周吴郑王'[n]}{'甲乙丙丁戊己庚辛'[n]}", phone=f"1390000000{n}", birth_date=f"198{n}-02-0{n + 1}", employer_name=f"第{n}车间")
        for n in range(8)
    ]  # fmt: skip


def doubtful(number: str, **more: Any) -> dict[str, Any]:
    return master(number, birth_date=None, phone=f"1580000{number[-1]}222", employer_name="宏图", **more)


def test_the_same_is_found_as_among_everybody(tmp_path: Path) -> None:
    with graph() as town:
        deliver(town, tmp_path, {**base(), "talents": [*crowd(), master("A1", id_number=X)]})
        assert find_new(town)["records"] == 9
        deliver(
            town,
            tmp_path,
            {"talents": [master("B1"), *({**one, "phone": None} for one in crowd()[:3])]},
            source="b",
        )
        told = find_new(town)
        assert (told["records"], told["merged"]) == (4, 4)
        deliver(town, tmp_path, {"talents": [doubtful("C1")]}, source="c")
        assert find_new(town)["records"] == 1
        asked = {kind: questions(town, kind) for kind in ("person", "organisation", "title")}
        assert len(asked["person"]) == 1
        assert town.service.find_identities(viewer=OFFICER)["merged"] == 0
        for kind, found in asked.items():
            assert questions(town, kind) == found, kind


def test_a_question_vanishes_when_a_register_settles_it(tmp_path: Path) -> None:
    with graph() as town:
        deliver(town, tmp_path, {**base(), "talents": [master("A1", id_number=X)]})
        deliver(town, tmp_path, {"talents": [doubtful("B1")]}, source="b")
        find_new(town)
        assert len(questions(town, "person")) == 1
        deliver(town, tmp_path, {"talents": [doubtful("B1", id_number=X)]}, source="b")
        find_new(town)
        assert questions(town, "person") == {}
        assert len(set(people(town).values())) == 1


def test_a_merge_that_was_rolled_back_is_asked(tmp_path: Path) -> None:
    with graph() as town:
        deliver(town, tmp_path, {**base(), "talents": [master("A1", id_number=X)]})
        deliver(town, tmp_path, {"talents": [master("B1")]}, source="b")
        told = find_new(town)
        town.service.roll_back(told["batch"], viewer=OFFICER)
        again = find_new(town)
        assert (again["merged"], len(questions(town, "person"))) == (0, 1)


def test_names_are_counted_row_by_row(tmp_path: Path) -> None:
    with graph() as town:
        firm = {"credit_code": FIRM, "name": "临澄恒海精工有限公司", "district": "370785", "aliases": []}
        deliver(town, tmp_path, {**base(), "enterprises": [firm], "talents": crowd()})
        find_new(town)
        for number, count in (("A1", 1), ("A2", 2), ("A1", 2)):
            deliver(
                town,
                tmp_path,
                {"talents": [master(number, name=f"冯{number}", phone=None, employer_name="恒海精工")]},
                source="b",
            )
            find_new(town)
            (asked,) = (
                one for one in questions(town, "organisation").values() if one["candidates"][0]["key"] == FIRM
            )
            assert (asked["count"], asked["tables"]) == (count, {"talents": count})
        deliver(
            town,
            tmp_path,
            {"talents": [master("A1", name="冯A1", phone=None, employer_name=None)]},
            source="b",
            full=True,
            confirm_retire=1,
        )
        find_new(town)
        assert not [
            one for one in questions(town, "organisation").values() if one["candidates"][0]["key"] == FIRM
        ]


def test_names_are_looked_up_anew_when_organisations_come_in(tmp_path: Path) -> None:
    with graph() as town:
        places = {name: rows for name, rows in base().items() if name != "enterprises"}
        deliver(town, tmp_path, {**places, "talents": [master("A1")]})
        find_new(town)
        assert questions(town, "organisation") == {}
        deliver(town, tmp_path, {"enterprises": base()["enterprises"]})
        find_new(town)
        (asked,) = questions(town, "organisation").values()
        assert asked["candidates"][0]["key"] == FIRM


def test_a_great_store_is_compared_in_a_quiet_hour(tmp_path: Path) -> None:
    with graph() as town:
        deliver(town, tmp_path, {**base(), "talents": crowd()})
        with pytest.raises(RefusedError) as refused:
            find_new(town, most=7)
        assert refused.value.code == "too-many-persons"
        told = compare_new(town, OFFICER, most=7)
        assert (told["status"], told["code"]) == ("skipped", "too-many-persons")
        town.service.find_identities(viewer=OFFICER)
        deliver(town, tmp_path, {"talents": [doubtful("C1")]}, source="c")
        assert find_new(town, most=7)["records"] == 1


def test_undoing_a_load_takes_back_what_was_joined_on_top_of_it(tmp_path: Path) -> None:
    with graph() as town:
        deliver(town, tmp_path, {**base(), "talents": [master("A1", id_number=X)]})
        before = content(town)
        deliver(town, tmp_path, {"talents": [master("B1")]}, source="b")
        loaded = town.service.batches(viewer=OFFICER)["items"][0]["id"]
        joined = find_new(town)["batch"]
        planned = town.service.roll_back(loaded, viewer=OFFICER, dry_run=True)
        assert (planned["possible"], planned["also"], planned["conflicts"]) == (True, [joined], [])
        done = town.service.roll_back(loaded, viewer=OFFICER)
        assert (done["also"], content(town)) == ([joined], before)
        again = find_new(town)
        assert (again["merged"], questions(town, "person")) == (0, {})


def test_undoing_a_load_stops_at_the_loads_of_others(tmp_path: Path) -> None:
    with graph() as town:
        deliver(town, tmp_path, {**base(), "talents": [master("A1", id_number=X)]})
        deliver(town, tmp_path, {"talents": [master("B1")]}, source="b")
        loaded = town.service.batches(viewer=OFFICER)["items"][0]["id"]
        find_new(town)
        deliver(town, tmp_path, {"talents": [master("B1", level="技师")]}, source="b")
        after = content(town)
        with pytest.raises(RefusedError) as refused:
            town.service.roll_back(loaded, viewer=OFFICER)
        assert refused.value.code == "rollback-conflict"
        assert content(town) == after


def test_a_settled_name_is_asked_anew_when_its_batch_is_rolled_back(tmp_path: Path) -> None:
    with graph() as town:
        deliver(town, tmp_path, {**base(), "talents": [master("A1")]})
        find_new(town)
        ((name, asked),) = questions(town, "organisation").items()
        decided = town.service.decide_review(
            name, "merge", viewer=OFFICER, choice=asked["candidates"][0]["key"]
        )
        assert questions(town, "organisation") == {}
        town.service.roll_back(decided["batch"], viewer=OFFICER)
        town.service.find_identities(viewer=OFFICER)
        assert questions(town, "organisation") == {name: asked}
