"""Counterfactuals, the next item, checklist and clauses over HTTP and on pages: who gets them, and who must not."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import Site
from tests.api.page_reading import read
from tests.api.test_pages_golden import PARTNERS, TALENTS, opened, signed_in
from tests.api.world import OWN, SCHOOL
from tests.golden import golden_a, golden_b

NEED = {"need": "N1"}
ASKED = {"anchor": {"kind": "enterprise", "key": OWN}, "mode": "internship"}
OF_SCHOOL = {"anchor": {"kind": "school", "key": SCHOOL}, "mode": "internship"}


def talents(site: Site, viewer: str = "officer", **more: Any) -> dict[str, Any]:
    answer = site.post("/recommendations/talents", {**NEED, **more}, viewer)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def partners(site: Site, body: dict[str, Any], viewer: str = "officer", **more: Any) -> dict[str, Any]:
    answer = site.post("/recommendations/partners", {**body, **more}, viewer)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_the_question_says_how_many_items_get_them(site: Site) -> None:
    usual = talents(site)
    assert (len(usual["items"]), len(usual["to_verify"])) == (1, 2)
    assert advised(usual) == [True, True, False]
    none, all_ = talents(site, counterfactuals=0), talents(site, counterfactuals=2)
    assert advised(none) == [False, False, False]
    assert advised(all_) == [True, True, True]
    second = usual["to_verify"][1]["node"]["key"]
    shown = talents(site, detail=second)
    assert advised(shown) == [False, False, True]
    assert shown["to_verify"][1]["counterfactuals"] == all_["to_verify"][1]["counterfactuals"]
    assert usual["query_id"] == none["query_id"] == shown["query_id"]


def advised(answer: dict[str, Any]) -> list[bool]:
    """Which items of both lists have counterfactuals."""
    return [bool(item["counterfactuals"]) for item in (*answer["items"], *answer["to_verify"])]


@pytest.mark.parametrize("wrong", [-1, 201, 1.5, "1", True])
def test_a_number_out_of_range_is_refused(site: Site, wrong: Any) -> None:
    answer = site.post("/recommendations/talents", {**NEED, "counterfactuals": wrong})
    assert answer.status_code == 422
    assert "counterfactuals" in json.dumps(answer.json())


def test_only_officers_are_told_what_a_talent_wishes_or_lacks(site: Site) -> None:
    officer, own = talents(site, k=20), talents(site, "enterprise", k=20)
    tables = {
        edit["table"] for item in officer["items"] for one in item["counterfactuals"] for edit in one["edits"]
    }
    assert tables >= {"flex_needs"}
    told = [one for item in own["items"] for one in item["counterfactuals"]]
    cells = {(edit["table"], edit["column"]) for one in told for edit in one["edits"] if "filter" not in edit}
    assert cells <= {("flex_needs", "visits"), ("flex_needs", "valid_to"), ("flex_needs", "weeks")}
    assert "180" not in json.dumps([one["text"] for one in told])


def test_a_school_is_not_told_the_staff_of_an_enterprise(site: Site) -> None:
    officer, school = partners(site, OF_SCHOOL), partners(site, OF_SCHOOL, "school", counterfactuals=20)
    assert officer["items"]
    columns = {
        edit.get("column")
        for item in school["items"]
        for one in item["counterfactuals"]
        for edit in one["edits"]
    }
    assert not columns & {"same_post", "staff"}
    assert "7719937" not in json.dumps(school)


def test_every_item_names_the_next_one_and_why_it_is_lower(site: Site) -> None:
    for listed in (talents(site)["to_verify"], partners(site, ASKED)["items"]):
        assert len(listed) > 1
        for item, following in pairwise(listed):
            told = item["alternative"]
            assert (told["node"]["key"], told["rank"], told["score"]) == (
                following["node"]["key"],
                following["rank"],
                following["score"],
            )
            assert following["node"]["name"] in told["text"]
            if told["factor"] is not None:
                gaps = {
                    (side, own["code"]): own["contribution"] - other["contribution"]
                    for side in item["sides"]
                    for own, other in zip(
                        item["sides"][side]["factors"], following["sides"][side]["factors"], strict=True
                    )
                }
                assert gaps[told["side"], told["factor"]] == max(gaps.values())
        assert listed[-1]["alternative"] is None


def test_the_checklist_is_filled_from_the_match_and_clauses_are_those_in_force(site: Site) -> None:
    item = talents(site, detail="first")["items"][0]
    points = {point["code"]: point for point in item["checklist"]}
    assert "北湖轴承有限公司" in points["parties"]["text"]
    assert item["node"]["name"] in points["parties"]["text"]
    assert points["hours"]["filled"]
    assert "16 小时" in points["hours"]["text"]
    assert points["pay"]["text"].startswith("不高于每小时 200 元")
    assert not points["insurance"]["filled"]
    assert item["clauses"] == []
    seats = partners(site, ASKED, detail="first")["items"][0]
    points = {point["code"]: point for point in seats["checklist"]}
    assert f"{seats['seats']} 人" in points["seats"]["text"]
    assert {"parties", "caps", "pay", "law"} <= points.keys()
    own = partners(site, OF_SCHOOL, "school", detail="first")["items"][0]
    assert not {point["code"]: point["filled"] for point in own["checklist"]}["caps"]


@pytest.mark.parametrize(
    ("clause", "told"),
    [
        ({"subject": "柔性流动", "mode": ["consult"]}, True),
        ({"subject": "柔性流动"}, True),
        ({"subject": "柔性流动", "mode": ["share"]}, False),
        ({"subject": "校企合作"}, False),
        ({"subject": "柔性流动", "valid_to": "2026-11-22"}, False),
        ({"subject": "柔性流动", "valid_to": "2026-11-23"}, True),
        ({"subject": "柔性流动", "valid_from": "2026-11-24"}, False),
    ],
)
def test_a_clause_applies_by_subject_mode_and_day(clause: dict[str, Any], told: bool, tmp_path: Path) -> None:
    world = golden_b.golden_b()
    world["人社局"]["policies"] = [{"clause_id": "Z1", "title": "条款甲", "text": "内容甲", **clause}]
    with opened(world, tmp_path) as graph:
        client = signed_in(graph)
        page = client.get(TALENTS).text
        sheet = client.get(f"{TALENTS}&view=sheet").text
    assert ("条款甲" in page, "《条款甲》" in sheet) == (told, told)


def test_the_pages_show_what_would_raise_the_item(tmp_path: Path) -> None:
    with opened(golden_b.golden_b(), tmp_path) as graph:
        client = signed_in(graph)
        page, sheet = read(client.get(TALENTS).text), client.get(f"{TALENTS}&view=sheet").text
    lines = [e.text for e in page.all("li") if e.attributes.get("class") == "cf"]
    assert any("到场由 3 次减为 1 次" in text and "0.8057" in text for text in lines), lines
    assert any("180 元提到 200 元" in text and "0.8228" in text for text in lines)
    assert "六、协议要点" in sheet
    assert "七、意见" in sheet


def test_the_partner_page_tells_the_cap_that_could_be_lifted(tmp_path: Path) -> None:
    with opened(golden_a.golden_a(), tmp_path) as graph:
        page = read(signed_in(graph).get(PARTNERS).text)
    lines = [e.text for e in page.all("li") if e.attributes.get("class") == "cf"]
    assert any(
        "由 60 人增到 100 人" in text and "0.8355" in text and "可安排 20 人" in text for text in lines
    )
