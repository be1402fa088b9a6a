"""Names of organisations: asked, settled, remembered by later loads, taken back."""

from pathlib import Path
from typing import Any

import pytest

from kg.bootstrap import Graph
from kg.errors import ForbiddenError, InvalidInputError
from kg.model.viewers import PUBLIC_VIEWER
from tests.identity.registers import FIRM, OFFICER, OTHER, SCHOOL, TURNER, base, content, deliver, graph
from tests.loaders.files_made import credit_code

SHORT = "恒海精工"


def asked(town: Graph, text: str) -> dict[str, Any]:
    found = town.service.reviews(viewer=OFFICER, kind="organisation", state=None)["items"]
    (item,) = (one for one in found if one["text"] == text)
    return dict(item)


def employers(town: Graph) -> dict[str, Any]:
    return {row.id.key: row.values.get("employer") for row in town.store.rows(table="talents")}


def alone(number: str, name: str, **more: Any) -> dict[str, Any]:
    return {"person_id": number, "name": name, "district": "370785", "occupation": TURNER, **more}


def appointment(number: str, employer: str) -> dict[str, Any]:
    return {
        "person_id": number,
        "employer": employer,
        "occupation": TURNER,
        "level": "首席技师",
        "valid_from": "2024-01-01",
    }


def test_a_settled_name_is_remembered_by_later_loads(tmp_path: Path) -> None:
    with graph() as town:
        first = {
            "talents": [alone("A1", "冯甲", employer_name=SHORT)],
            "appointments": [appointment("A1", SHORT)],
        }
        deliver(town, tmp_path, {**base(), **first})
        before = content(town)
        town.service.find_identities(viewer=OFFICER)
        question = asked(town, SHORT)
        assert (question["count"], question["candidates"][0]["key"]) == (2, FIRM)
        town.service.decide_review(question["id"], "merge", viewer=OFFICER, choice=FIRM)
        assert employers(town) == {"A1": FIRM}
        (post,) = town.store.rows(table="appointments")
        assert (
            post.values["employer"],
            [link.end.key for link in post.links if link.relation == "appointments.employer"],
        ) == (FIRM, [FIRM])
        again = deliver(town, tmp_path, first)
        assert (again.counts("talents").unchanged, again.counts("appointments").unchanged) == (1, 1)
        deliver(
            town,
            tmp_path,
            {"talents": [alone("B1", "陈乙", employer_name=SHORT), alone("B2", "卫丙", employer=SHORT)]},
            source="b",
        )
        assert employers(town) == {"A1": FIRM, "B1": FIRM, "B2": FIRM}
        town.service.decide_review(question["id"], "undo", viewer=OFFICER)
        assert content(town).keys() >= before.keys()
        assert {name: content(town)[name] for name in before} == before
        deliver(town, tmp_path, {"talents": [alone("C1", "褚丁", employer_name=SHORT)]}, source="c")
        assert employers(town)["C1"] is None


def test_nothing_joins_silently_however_alike(tmp_path: Path) -> None:
    with graph() as town:
        twin = {"credit_code": OTHER, "name": "瑞川恒海精工有限公司", "district": "370785"}
        tables = base()
        tables["enterprises"] = [tables["enterprises"][0], twin]
        deliver(town, tmp_path, {**tables, "talents": [alone("A1", "冯甲", employer_name=SHORT)]})
        town.service.find_identities(viewer=OFFICER)
        assert employers(town) == {"A1": None}
        question = asked(town, SHORT)
        assert {one["key"] for one in question["candidates"]} == {FIRM, OTHER}
        with pytest.raises(InvalidInputError):
            town.service.decide_review(question["id"], "merge", viewer=OFFICER)
        town.service.decide_review(question["id"], "apart", viewer=OFFICER)
        town.service.find_identities(viewer=OFFICER)
        assert asked(town, SHORT)["state"] == "apart"


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("恒海精工", "short"),
        ("临澄恒海精工有限公司第二分公司", "branch"),
        ("临澄恒海精工股份有限公司", "another legal form"),
        ("临澄恒诲精工有限公司", "misread"),
        ("臨澄恒海精工有限公司", "traditional"),
        ("临澄 恒海精工（集团）有限公司", "blanks and brackets"),
    ],
)
def test_ways_of_writing_lead_to_the_same_firm(tmp_path: Path, written: str, why: str) -> None:
    with graph() as town:
        deliver(town, tmp_path, {**base(), "talents": [alone("A1", "冯甲", employer_name=written)]})
        town.service.find_identities(viewer=OFFICER)
        assert asked(town, written.replace(" ", ""))["candidates"][0]["key"] == FIRM, why


def test_a_former_name_is_known_by_its_alias(tmp_path: Path) -> None:
    with graph() as town:
        tables = base()
        tables["enterprises"][1]["aliases"] = ["东港树脂厂"]
        deliver(town, tmp_path, {**tables, "talents": [alone("A1", "冯甲", employer_name="东港树脂厂")]})
        town.service.find_identities(viewer=OFFICER)
        best = asked(town, "东港树脂厂")["candidates"][0]
        assert (best["key"], best["score"]) == (OTHER, 1.0)


def test_the_campus_of_a_school_leads_to_the_school(tmp_path: Path) -> None:
    with graph() as town:
        school = {"credit_code": SCHOOL, "name": "临澄市工业技师学院", "district": "370785"}
        deliver(
            town,
            tmp_path,
            {
                **base(),
                "schools": [school],
                "talents": [alone("A1", "冯甲", employer_name="临澄工业技师学院东校区")],
            },
        )
        town.service.find_identities(viewer=OFFICER)
        assert asked(town, "临澄工业技师学院东校区")["candidates"][0]["key"] == school["credit_code"]


def test_full_names_are_confirmed_together_and_taken_back_together_or_one_by_one(tmp_path: Path) -> None:
    third, far, near = credit_code(5), "明远示例机械有限公司", "青岚示例铸造有限公司"
    firms = [
        {"credit_code": code, "name": name, "district": "370785"}
        for code, name in ((OTHER, far), (third, near))
    ]
    with graph() as town:
        people = [
            alone("A1", "冯甲", employer_name=far),
            alone("A2", "陈乙", employer_name=f"{far[:2]}　{far[2:]}"),
            alone("A3", "卫丙", employer_name=near),
            alone("A4", "褚丁", employer_name=SHORT),
        ]
        deliver(town, tmp_path, {**base(), "talents": people})
        deliver(town, tmp_path, {"enterprises": firms})
        town.service.find_identities(viewer=OFFICER)
        before, asked_anew = content(town), {"A1": None, "A2": None, "A3": None, "A4": None}
        assert town.service.exact_names(viewer=OFFICER) == 2
        for forbidden in (town.service.exact_names, town.service.confirm_exact):
            with pytest.raises(ForbiddenError):
                forbidden(viewer=PUBLIC_VIEWER)
        told = town.service.confirm_exact(viewer=OFFICER)
        assert (told["confirmed"], told["rows"], told["left"]) == (2, 3, 0)
        assert employers(town) == {"A1": OTHER, "A2": OTHER, "A3": third, "A4": None}
        question = asked(town, near)
        assert (question["state"], question["batch"], question["choice"]) == ("merged", told["batch"], third)
        assert town.service.confirm_exact(viewer=OFFICER)["batch"] is None
        town.service.decide_review(question["id"], "undo", viewer=OFFICER)
        assert employers(town) == {"A1": OTHER, "A2": OTHER, "A3": None, "A4": None}
        town.service.decide_review(asked(town, far)["id"], "undo", viewer=OFFICER)
        assert employers(town) == asked_anew
        assert {name: content(town)[name] for name in before} == before
        again = town.service.confirm_exact(viewer=OFFICER)
        assert again["confirmed"] == 2
        town.service.roll_back(again["batch"], viewer=OFFICER)
        assert employers(town) == asked_anew
        assert asked(town, far)["undone_by"] is not None
