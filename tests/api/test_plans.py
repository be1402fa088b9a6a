"""Market plans over HTTP and as pages: made, stored, told by rights, checked, compared, taken away."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook

from api.main import create_app
from api.schemas.plans import (
    CertificateShape,
    ComparisonShape,
    PlanShape,
    PlansShape,
    VerdictShape,
)
from kg.bootstrap import open_graph
from kg.config import Settings
from kg.matching.plans.checking.document import check_document
from tests.api.conftest import NOW, VIEWERS, Site
from tests.api.page_reading import complaints, read
from tests.api.world import OTHER, PRIVATE, SEALED

SEATS = {"mode": "internship", "year": 2026}
Json = dict[str, Any]


def made(site: Site, viewer: str = "officer", **more: Any) -> Json:
    answer = site.post("/plans/cooperation", SEATS | more, viewer)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def served(site: Site) -> Json:
    answer = site.post("/plans/mobility", {})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_a_plan_of_seats_is_told_whole_to_an_officer(site: Site) -> None:
    plan = made(site)
    PlanShape.model_validate_json(json.dumps(plan), strict=True)
    assert plan["stable"]
    assert plan["blocking"] == []
    assert plan["seats"] == sum(entry["seats"] for entry in plan["allocation"]) > 0
    assert {"offering", "demand", "seats", "a", "b", "score"} <= set(plan["allocation"][0])
    for entry in plan["allocation"]:
        assert entry["score"] == pytest.approx(2 * entry["a"] * entry["b"] / (entry["a"] + entry["b"]))
    assert plan["value"] == pytest.approx(
        sum(e["seats"] * e["surplus"] for e in plan["allocation"]), abs=1e-9
    )
    assert plan["price"]["exact"]
    assert plan["price"]["greatest_value"] >= plan["value"] - 1e-9
    assert plan["policy"]["hash"] == site.graph.policy.hash
    assert (plan["as_of"], plan["revision"]) == ("2026-11-23", 1)
    assert any(
        entry["offering"] == "CANARYoffer" or entry["demand"] == "CANARYdemand"
        for entry in plan["allocation"]
    )


def test_pairs_of_the_plan_are_those_of_the_lists(site: Site) -> None:
    """The same scorer: a pair in the plan has the sides that the list of its enterprise tells."""
    plan = made(site)
    asked = {
        "anchor": {"kind": "enterprise", "key": OTHER},
        "mode": "internship",
        "year": 2026,
        "order": "score",
    }
    found = {
        (item["pair"]["offering"], item["pair"]["demand"]): item
        for item in site.post("/recommendations/partners", asked).json()["items"]
    }
    certificate = site.get(f"/plans/{plan['id']}/certificate").json()
    columns = certificate["pairs"]
    told = {
        (certificate["cohorts"][c]["id"], certificate["posts"][p]["id"]): (a, b, score)
        for c, p, a, b, score in zip(
            *(columns[k] for k in ("cohort", "post", "a", "b", "score")), strict=True
        )
    }
    assert found
    for pair, item in found.items():
        sides = item["sides"]
        assert told[pair] == pytest.approx(
            (sides["enterprise"]["score"], sides["school"]["score"], item["score"]), abs=1e-12
        )


def test_a_plan_is_stored_and_asked_twice_is_one(site: Site, tmp_path: Any) -> None:
    plan = made(site)
    assert made(site)["id"] == plan["id"]
    assert site.get(f"/plans/{plan['id']}").json() == plan
    listed = site.get("/plans").json()
    PlansShape.model_validate_json(json.dumps(listed), strict=True)
    assert [line["id"] for line in listed["items"]] == [plan["id"]]
    entries = [entry for entry in site.get("/audit").json()["items"] if entry["action"] == "plan"]
    assert [entry["subject"] for entry in entries] == [plan["id"]]
    with open_graph(Settings(data=tmp_path / "data"), clock=lambda: NOW) as again:
        told = TestClient(create_app(again)).get(
            f"/api/v1/plans/{plan['id']}", headers=site.headers("officer")
        )
    assert told.json() == plan


def test_the_certificate_holds_alone_and_beside_the_data(site: Site) -> None:
    for plan in (made(site), made(site, objective="max-value"), served(site)):
        certificate = site.get(f"/plans/{plan['id']}/certificate").json()
        CertificateShape.model_validate_json(json.dumps(certificate), strict=True)
        assert check_document(certificate).holds
        verdict = site.get(f"/plans/{plan['id']}/check").json()
        VerdictShape.model_validate_json(json.dumps(verdict), strict=True)
        assert verdict["valid"], verdict
        assert verdict["facts"]["rederived"]


def test_a_forged_preference_is_found_beside_the_data(site: Site) -> None:
    """Whoever works every number out anew after changing a preference is caught by the data alone."""
    plan = made(site)
    certificate = site.get(f"/plans/{plan['id']}/certificate").json()
    from kg.matching.plans.checking.seats import digest_of, read_sheet

    pairs = certificate["pairs"]
    place = pairs["cohort"].index(pairs["cohort"][0])
    a = pairs["a"][place] = pairs["a"][place] * 0.999999
    b = pairs["b"][place]
    pairs["score"][place] = 2 * a * b / (a + b)
    ends = (
        certificate["cohorts"][pairs["cohort"][place]]["id"],
        certificate["posts"][pairs["post"][place]]["id"],
    )
    for entry in certificate["allocation"]:
        if (entry["offering"], entry["demand"]) == ends:
            entry.update(a=a, score=pairs["score"][place])
    certificate["rankings"]["digest"] = digest_of(read_sheet(certificate))
    from kg.model.viewers import CLI_VIEWER

    verdict = site.graph.service.check_plan(certificate, viewer=CLI_VIEWER)
    assert "digest-differs" in {problem["code"] for problem in verdict["problems"]}


def test_two_plans_are_compared(site: Site) -> None:
    one, other = made(site), made(site, objective="max-value")
    found = site.get(f"/plans/compare?one={one['id']}&other={other['id']}").json()
    ComparisonShape.model_validate_json(json.dumps(found), strict=True)
    assert found["differences"]["value"] == pytest.approx(other["value"] - one["value"])
    assert found["differences"]["blocking"] == len(other["blocking"]) - len(one["blocking"])
    left, right = ({(e["offering"], e["demand"]): e["seats"] for e in p["allocation"]} for p in (one, other))
    for entry in found["moved"]:
        key = (entry["offering"], entry["demand"])
        assert (entry["before"], entry["after"]) == (left.get(key, 0), right.get(key, 0))
        assert entry["before"] != entry["after"]
    assert found["same"] == sum(min(n, right.get(key, 0)) for key, n in left.items())
    mobility = served(site)
    assert site.get(f"/plans/compare?one={one['id']}&other={mobility['id']}").status_code == 422


def test_a_district_narrows_the_posts(site: Site) -> None:
    plan = made(site, district="990101")
    names = plan["names"]["demands"]
    whole = made(site)
    assert {entry["demand"] for entry in plan["allocation"]} <= {
        entry["demand"] for entry in whole["allocation"]
    } | set(names)
    assert (
        plan["market"]["posts"] < whole["market"]["posts"]
        or plan["market"]["posts"] == whole["market"]["posts"]
    )


def test_talents_serve_needs_and_key_projects_come_first(site: Site) -> None:
    plan = served(site)
    PlanShape.model_validate_json(json.dumps(plan), strict=True)
    assert plan["stable"]
    assert plan["allocation"]
    served_needs = {entry["need"] for entry in plan["allocation"]}
    assert served_needs.isdisjoint(plan["unserved"])
    assert served_needs | set(plan["unserved"]) == set(plan["names"]["needs"])
    assert all(name["name"].endswith("*") for name in plan["names"]["talents"].values())
    assert plan["hours"] == sum(entry["hours"] for entry in plan["allocation"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"mode": "base"}, "mode"),
        ({"mode": "internship", "year": 1950}, "year"),
        ({"mode": "internship", "district": "000000"}, "district"),
        ({"mode": "internship", "objective": "fair"}, "objective"),
        ({"mode": "internship", "seconds": 0}, "seconds"),
        ({}, "mode"),
    ],
)
def test_what_cannot_be_planned_is_refused(site: Site, body: Json, field: str) -> None:
    answer = site.post("/plans/cooperation", body)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_hours_are_refused_alike(site: Site) -> None:
    for body, field in (({"k": 0}, "k"), ({"district": "9"}, "district"), ({"as_of": "gestern"}, "as_of")):
        answer = site.post("/plans/mobility", body)
        assert (answer.status_code, answer.json()["field"]) == (422, field)


@pytest.mark.parametrize("viewer", [viewer for viewer in VIEWERS if viewer not in {"officer", "planner"}])
def test_others_can_neither_make_nor_see_plans(site: Site, viewer: str) -> None:
    plan = made(site)
    assert site.post("/plans/cooperation", SEATS, viewer).status_code == 403
    assert site.post("/plans/mobility", {}, viewer).status_code == 403
    for path in ("", "/certificate", "/check", "/export.xlsx"):
        shown, absent = (site.get(f"/plans/{key}{path}", viewer) for key in (plan["id"], "p-none"))
        assert shown.status_code == absent.status_code == 404
        assert shown.json() == absent.json()
    assert site.get("/plans", viewer).status_code == 404
    assert site.get(f"/plans/compare?one={plan['id']}&other={plan['id']}", viewer).status_code == 404


def test_a_planner_sees_sums_only(site: Site) -> None:
    plan, mine = made(site), made(site, "planner")
    assert mine["id"] == plan["id"]
    assert mine["aggregated"]
    assert mine["seats"] == plan["seats"]
    for hidden in ("allocation", "certificate", "names", "blocking", "negotiable", "closed"):
        assert hidden not in mine
    PlanShape.model_validate_json(json.dumps(mine), strict=True)
    told = site.get(f"/plans/{plan['id']}", "planner")
    leaked = [word for word in (*PRIVATE, "CANARYoffer", *SEALED) if word in told.text]
    assert not leaked
    assert all(cohort["seats"] >= 10 for cohort in mine["cohorts"])
    for path in ("certificate", "check", "export.csv"):
        assert site.get(f"/plans/{plan['id']}/{path}", "planner").status_code == 404
    hours = served(site)
    assert "talent" not in site.get(f"/plans/{hours['id']}", "planner").json()


def test_no_plan_holds_a_sealed_field(site: Site) -> None:
    for plan in (made(site), served(site)):
        for path in ("", "/certificate", "/export.json"):
            text = site.get(f"/plans/{plan['id']}{path}").text
            assert not [word for word in SEALED if word in text]


def test_a_plan_is_taken_away_as_a_file(site: Site) -> None:
    for plan in (made(site), served(site)):
        book = load_workbook(io.BytesIO(site.get(f"/plans/{plan['id']}/export.xlsx").content))
        assert book.sheetnames[0] == "安排"
        assert book["安排"].max_row == 1 + len(plan["allocation"])
        text = site.get(f"/plans/{plan['id']}/export.csv").content.decode("utf-8-sig")
        assert len(text.splitlines()) == 1 + len(plan["allocation"])
        whole = site.get(f"/plans/{plan['id']}/export.json").json()
        assert check_document(whole).holds
    assert site.get(f"/plans/{plan['id']}/export.doc").status_code == 422


# -- pages --------------------------------------------------------------------------------------------------


@pytest.fixture
def browse(site: Site) -> Callable[[str], TestClient]:
    def enter(name: str) -> TestClient:
        client = TestClient(create_app(site.graph), headers={"accept": "text/html"})
        address = f"/sign-in/{site.accounts.link(name, direct=True)}"
        client.post(address, data={"csrf": token(client.get(address).text)}, follow_redirects=False)
        return client

    return enter


def token(text: str) -> str:
    return str(read(text).all("input", name="csrf")[0].attributes["value"])


def test_the_pages_of_plans_read_well(browse: Callable[[str], TestClient]) -> None:
    client = browse("officer")
    start = client.get("/plans")
    assert complaints(start.text) == []
    forms: list[Json] = [
        {"mode": "internship", "year": "2026"},
        {"mode": "internship", "year": "2026", "objective": "max-value"},
    ]
    addresses = []
    for form in forms:
        answer = client.post(
            "/plans/cooperation", data={**form, "csrf": token(start.text)}, follow_redirects=False
        )
        assert answer.status_code == 303, answer.text[-2000:]
        addresses.append(answer.headers["location"])
    answer = client.post("/plans/mobility", data={"csrf": token(start.text)}, follow_redirects=False)
    addresses.append(answer.headers["location"])
    one, other = (address.rpartition("/")[2] for address in addresses[:2])
    pages = ["/plans", *addresses, addresses[0] + "?check=1", f"/plans/compare?one={one}&other={other}"]
    for path in pages:
        page = client.get(path)
        assert page.status_code == 200, page.text[-3000:]
        assert complaints(page.text) == [], path
        assert len(page.content) <= 100_000
    assert "证书属实" in client.get(addresses[0] + "?check=1").text
    assert client.get(f"{addresses[0]}/export.xlsx").content[:2] == b"PK"
    assert check_document(client.get(f"{addresses[0]}/certificate.json").json()).holds


def test_a_wrong_form_is_shown_again_with_the_reason(browse: Callable[[str], TestClient]) -> None:
    client = browse("officer")
    csrf = token(client.get("/plans").text)
    for path, form in (
        ("/plans/cooperation", {"mode": "internship", "year": "1950"}),
        ("/plans/cooperation", {"mode": "internship", "district": "000000"}),
        ("/plans/mobility", {"k": "0"}),
        ("/plans/mobility", {"k": "viele"}),
    ):
        answer = client.post(path, data={**form, "csrf": csrf})
        assert answer.status_code == 422
        assert complaints(answer.text) == [], (path, form)


def test_the_pages_show_a_planner_sums_and_others_nothing(
    site: Site, browse: Callable[[str], TestClient]
) -> None:
    plan = made(site)
    page = browse("planner").get(f"/plans/{plan['id']}")
    assert page.status_code == 200
    assert complaints(page.text) == []
    assert not [word for word in (*PRIVATE, "CANARYoffer", *SEALED) if word in page.text]
    assert browse("planner").get(f"/plans/{plan['id']}/export.xlsx").status_code == 404
    assert browse("planner").get(f"/plans/{plan['id']}/certificate.json").status_code == 404
    for viewer in ("enterprise", "school", "administrator"):
        client = browse(viewer)
        assert client.get(f"/plans/{plan['id']}").status_code == 403
        assert 'href="/plans"' not in client.get("/").text
