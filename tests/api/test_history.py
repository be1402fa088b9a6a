"""History over HTTP and on pages: batches, what each changed, undo, and what was known at a time."""

import io
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from kg.model.graph import RowId
from tests.api.conftest import VIEWERS, Site
from tests.api.page_reading import complaints
from tests.api.test_imports import _load, _report, _upload
from tests.api.test_pages import Browse, browse, csrf  # noqa: F401 - a fixture
from tests.api.world import OTHER, OWN, SEALED, tables

DISTRICTS = "区划代码,名称\n990103,西岭区\n990104,东山区\n"
RENAMED = "区划代码,名称\n990103,西岭新区\n990105,中山区\n"
NEW_PHONE = json.dumps({"talents": [{**tables()["talents"][0], "phone": "10011113333"}]})


def _names(site: Site) -> dict[str, str]:
    rows = site.graph.store.rows(table="districts")
    return {row.id.key: str(row.values["name"]) for row in rows if row.id.key > "990102"}


def test_the_list_of_batches_is_newest_first(site: Site) -> None:
    _load(site, ("区县.csv", DISTRICTS), source="区")
    found = site.get("/imports").json()
    assert [(item["id"], item["kind"], item["source"]) for item in found["items"]] == [
        ("b-000002", "load", "区"),
        ("b-000001", "load", "市库"),
    ]
    newest = found["items"][0]
    assert newest["totals"] == {
        "read": 2,
        "inserted": 2,
        "updated": 0,
        "unchanged": 0,
        "rejected": 0,
        "retired": 0,
    }
    assert (newest["actor"], newest["revision"], newest["delivered"]) == ("officer", 2, ["districts"])
    assert (newest["undoes"], newest["undone_by"], found["total"], found["cursor"]) == (None, None, 2, None)
    page = site.get("/imports?limit=1").json()
    assert [item["id"] for item in page["items"]] == ["b-000002"]
    rest = site.get(f"/imports?limit=1&cursor={page['cursor']}").json()
    assert ([item["id"] for item in rest["items"]], rest["cursor"]) == (["b-000001"], None)


@pytest.mark.parametrize("viewer", VIEWERS)
def test_only_officers_and_administrators_have_a_history(site: Site, viewer: str) -> None:
    may = viewer in {"officer", "administrator"}
    answers = [
        site.get("/imports", viewer),
        site.get("/imports/b-000001/changes", viewer),
        site.post("/imports/b-000001/rollback", {"dry_run": True}, viewer),
        site.post("/imports/b-000009/rollback", {"dry_run": True}, viewer),
    ]
    assert [answer.status_code for answer in answers] == ([200, 200, 200, 404] if may else [404] * 4)
    if not may:
        assert answers[2].json() == answers[3].json() | {"detail": answers[2].json()["detail"]}
        assert len({answer.json()["detail"] for answer in answers}) == 1
    assert site.graph.store.revision() == 1


def test_what_a_batch_changed_hides_what_is_sealed(site: Site) -> None:
    told = site.get("/imports/b-000001/changes?table=talents&limit=200").json()
    assert told["tables"]["talents"] == {"inserted": 3, "updated": 0, "retired": 0, "hidden": 0}
    row = next(item for item in told["items"] if item["key"] == "P1")
    assert (row["change"], row["sealed_changed"], row["node"]["name"]) == ("inserted", True, "甄**")
    assert not [word for word in SEALED if word in str(told)]
    _load(site, ("人才.json", NEW_PHONE), source="市库")
    told = site.get("/imports/b-000002/changes").json()
    assert [(item["sealed_changed"], item["columns"]) for item in told["items"]] == [(True, [])]
    assert "10011113333" not in str(told)
    hidden = site.get("/imports/b-000001/changes", "administrator").json()
    assert hidden["tables"]["talents"] == {"inserted": 3, "updated": 0, "retired": 0, "hidden": 3}
    assert hidden["tables"]["districts"]["hidden"] == 0


def test_columns_before_and_after(site: Site) -> None:
    _load(site, ("区县.csv", DISTRICTS), source="区")
    _load(site, ("区县.csv", RENAMED), source="区")
    told = site.get("/imports/b-000003/changes").json()
    assert [(row["key"], row["change"], row["columns"]) for row in told["items"]] == [
        ("990103", "updated", [{"key": "name", "label": "名称", "before": "西岭区", "after": "西岭新区"}]),
        ("990105", "inserted", [
            {"key": "code", "label": "区划代码", "before": "", "after": "990105"},
            {"key": "name", "label": "名称", "before": "", "after": "中山区"},
        ]),
    ]  # fmt: skip
    assert site.get("/imports/b-000003/changes?limit=1&cursor=1").json()["items"] == told["items"][1:]
    assert site.get("/imports/b-000003/changes?table=nosuch").status_code == 422


def test_an_import_is_undone_by_its_own_id(site: Site) -> None:
    started = _upload(site, ("区县.csv", DISTRICTS), source="区")
    first = _report(site, started)
    number = started.json()["id"]
    dry = site.post(f"/imports/{number}/rollback", {"dry_run": True}).json()
    assert (dry["possible"], dry["dry_run"], dry["totals"]) == (
        True, True, {"put_back": 0, "restored": 0, "removed": 2},
    )  # fmt: skip
    assert len(_names(site)) == 2
    done = site.client.post(f"/api/v1/imports/{number}/rollback", headers=site.headers("officer"))
    assert (done.status_code, done.json()["by"], done.json()["revision"]) == (200, "b-000003", 3)
    assert _names(site) == {}
    assert site.get("/imports").json()["items"][1]["undone_by"] == "b-000003"
    (entry,) = [one for one in site.get("/audit").json()["items"] if one["action"] == "rollback"]
    assert (entry["viewer"], entry["subject"], entry["detail"]["by"]) == ("officer", "b-000002", "b-000003")
    again = site.post("/imports/b-000002/rollback", {})
    assert (again.status_code, again.json()["code"], again.json()["by"]) == (
        409,
        "already-undone",
        "b-000003",
    )
    repeated = _load(site, ("区县.csv", DISTRICTS), source="区")
    same = ("status", "totals", "tables", "changed", "warnings")
    assert {key: repeated[key] for key in same} == {key: first[key] for key in same}, "as if never loaded"


def test_conflicts_are_listed(site: Site) -> None:
    _load(site, ("区县.csv", DISTRICTS), source="区")
    _load(site, ("区县.csv", RENAMED), source="区")
    refused = site.post("/imports/b-000002/rollback", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "rollback-conflict")
    assert refused.json()["conflicts"] == [
        {"source": "区", "table": "districts", "key": "990103", "batch": "b-000003"}
    ]
    assert refused.json()["conflicts_total"] == 1
    assert site.post("/imports/b-000003/rollback", {}).status_code == 200
    assert _names(site) == {"990103": "西岭区", "990104": "东山区"}
    assert site.post("/imports/b-000002/rollback", {}).status_code == 200
    assert _names(site) == {}


def test_imports_that_stored_nothing_have_nothing_to_undo(site: Site) -> None:
    started = _upload(site, ("区县.csv", DISTRICTS), source="区", dry_run="true")
    _report(site, started)
    refused = site.post(f"/imports/{started.json()['id']}/rollback", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing-to-undo")
    assert site.post("/imports/imp-none/rollback", {}).status_code == 404
    assert site.post("/imports/b-000001/rollback", {"dry_run": "yes"}).status_code == 422


def test_an_undone_delivery_is_unknown_again(site: Site) -> None:
    """Whoever has delivered no table of honours says nothing about honours; after the undo that is so again."""

    def evidence() -> Any:
        body = {"need": "N1", "as_of": "2026-11-23", "k": 50}
        answer = site.post("/recommendations/talents", body).json()
        items = [*answer["items"], *answer["to_verify"]]
        return {item["node"]["key"]: item["sides"] for item in items}, site.graph.service.world().delivered

    before = evidence()
    honours = [{"person_id": "P1", "name": "五一劳动奖章", "level": "国家", "year": 2025}]
    report = _load(site, ("荣誉.json", json.dumps({"honours": honours})), source="市库")
    assert report["totals"]["inserted"] == 1, report
    assert evidence()[0] != before[0]
    assert evidence()[1] != before[1]
    site.post(f"/imports/{report['batch']}/rollback", {})
    assert evidence() == before


def test_the_sealed_part_comes_back(site: Site) -> None:
    key = next(
        row.node.key for row in site.graph.store.rows(table="talents") if row.id.key == "P1" and row.node
    )

    def phone() -> str:
        return str(site.post(f"/nodes/talent/{key}/reveal", {"reason": "联系本人"}).json()["phone"])

    before = phone()
    _load(site, ("人才.json", NEW_PHONE), source="市库")
    assert phone() == "10011113333"
    assert site.post("/imports/b-000002/rollback", {}).json()["sealed_lost"] == []
    assert phone() == before


# -- what was known at a time ---------------------------------------------------------------------------------


def test_nodes_and_neighbours_of_the_past(site: Site) -> None:
    _load(site, ("区县.csv", DISTRICTS), source="区")
    _load(site, ("区县.csv", RENAMED), source="区")

    def name(query: str, viewer: str = "officer") -> Any:
        answer = site.get(f"/nodes/district/990103{query}", viewer)
        return answer.json()["node"]["name"] if answer.status_code == 200 else answer.status_code

    assert [name(query) for query in ("", "?known_at=3", "?known_at=2", "?known_at=1")] == [
        "西岭新区", "西岭新区", "西岭区", 404,
    ]  # fmt: skip
    assert name("?known_at=2", "school") == "西岭区"
    assert name("?known_at=2", "public") == 403
    assert name("?known_at=4") == name("?known_at=x") == name("?as_of=0") == 422
    told = site.get(f"/nodes/enterprise/{OTHER}/neighbours?known_at=1&as_of=2027-09-01").json()
    assert (told["as_of"], told["known_at"]["revision"]) == ("2027-09-01", 1)
    assert "demand" not in {group["kind"] for group in told["groups"]}
    assert "2027-09-01" in told["replay"]["text"]
    assert "today" in told["replay"]["text_en"]


def test_recommendations_of_the_past(site: Site) -> None:
    question: dict[str, Any] = {"need": "N1", "as_of": "2026-11-23", "k": 10}
    now = site.post("/recommendations/talents", question).json()
    assert (now["known_at"]["revision"], now["replay"]) == (1, None)
    _load(site, ("人才.csv", "人才编号,姓名,每周可用小时\nP2,合成P2,0\n"), source="市库")
    for moment in (1, "1", now["known_at"]["at"]):
        again = site.post("/recommendations/talents", {**question, "known_at": moment}).json()
        assert again["revision"] == (1 if moment != now["known_at"]["at"] else again["revision"])
        if again["revision"] == 1:
            assert (again["items"], again["pool"]) == (now["items"], now["pool"])
            assert again["policy"] == {key: again["replay"]["policy"][key] for key in ("id", "hash")}
    anchor = {"anchor": {"kind": "enterprise", "key": OWN}, "mode": "internship", "known_at": 1}
    assert site.post("/recommendations/partners", anchor).json()["known_at"]["revision"] == 1
    for wrong in (99, "x", -1, 1.5, True, ["1"]):
        assert site.post("/recommendations/talents", {**question, "known_at": wrong}).status_code == 422


# -- pages ----------------------------------------------------------------------------------------------------


def _upload_page(client: TestClient, content: str) -> str:
    token = csrf(client.get("/imports").text)
    files = {"files": ("区县.csv", io.BytesIO(content.encode()), "text/csv")}
    answer = client.post(
        "/imports", data={"csrf": token, "source": "区"}, files=files, follow_redirects=False
    )
    assert answer.status_code == 303
    return str(answer.headers["location"])


def _wait(client: TestClient, path: str, until: Callable[[str], bool]) -> str:
    for _ in range(400):
        text = client.get(path).text
        if until(text):
            return str(text)
    raise AssertionError(path)


def test_undo_on_pages_asks_first(site: Site, browse: Browse) -> None:  # noqa: F811 - a fixture
    client = browse("officer")
    report = _wait(client, _upload_page(client, DISTRICTS), lambda text: "正在读取" not in text)
    assert "/imports/b-000002/rollback" in report
    for path in ("/imports", "/imports/history", "/imports/b-000002/changes", "/imports/b-000002/rollback"):
        text = client.get(path).text
        assert complaints(text) == [], path
        assert "b-000002" in text
    assert len(_names(site)) == 2, "looking changes nothing"
    asked = client.get("/imports/b-000002/rollback").text
    refused = client.post("/imports/b-000002/rollback", data={"csrf": "wrong"})
    assert refused.status_code == 403
    done = client.post("/imports/b-000002/rollback", data={"csrf": csrf(asked)}, follow_redirects=False)
    assert (done.status_code, done.headers["location"]) == (303, "/imports/b-000003/changes")
    assert _names(site) == {}
    after = client.get("/imports/b-000003/changes").text
    assert complaints(after) == []
    assert "已被 b-000003 撤销" in re.sub(r"<[^>]+>", "", client.get("/imports/history").text)
    second = client.post("/imports/b-000002/rollback", data={"csrf": csrf(asked)})
    assert second.status_code == 409
    assert "已被批次" in second.text


def test_conflicts_on_pages_lead_to_the_later_batch(site: Site, browse: Browse) -> None:  # noqa: F811 - a fixture
    _load(site, ("区县.csv", DISTRICTS), source="区")
    _load(site, ("区县.csv", RENAMED), source="区")
    client = browse("administrator")
    text = client.get("/imports/b-000002/rollback").text
    assert complaints(text) == []
    assert 'href="/imports/b-000003/rollback"' in text
    assert "撤销这一批</button>" not in text
    assert browse("enterprise").get("/imports/history").status_code == 403


def test_an_erasure_is_listed_and_stays(site: Site, browse: Browse) -> None:  # noqa: F811 - a fixture
    site.graph.store.erase([RowId("市库", "talents", "P3")], actor="admin")
    client = browse("officer")
    for path in ("/imports/history", "/imports/b-000002/changes", "/imports/b-000002/rollback"):
        answer = client.get(path)
        assert (answer.status_code, complaints(answer.text)) == (200, []), path
    assert "不能撤销" in client.get("/imports/b-000002/rollback").text
    assert site.post("/imports/b-000002/rollback", {}).json()["code"] == "erasure-stays"


def test_pages_of_the_past_say_so(site: Site, browse: Browse) -> None:  # noqa: F811 - a fixture
    _load(site, ("区县.csv", DISTRICTS), source="区")
    _load(site, ("区县.csv", RENAMED), source="区")
    client = browse("officer")
    page = client.get("/nodes/district/990103?known_at=2").text
    assert complaints(page) == []
    assert "西岭区" in page
    assert "西岭新区" not in page
    assert "按修订 2" in page
    assert "as known at revision 2" in page
    answer = client.get("/talents/answer?need=N1&known_at=1&as_of=2026-11-20").text
    assert complaints(answer) == []
    assert "按修订 1" in answer
    partners = client.get(f"/partners/answer?anchor=enterprise:{OWN}&mode=internship&known_at=1").text
    assert "按修订 1" in partners
    wrong = client.get("/talents/answer?need=N1&known_at=gestern")
    assert (wrong.status_code, 'id="x-known_at"' in wrong.text) == (422, True)
