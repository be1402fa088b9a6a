"""Why several rows are one person: told to officers on the node and in answers that rest on it, to nobody else."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kg.identity.review_queue import Queue
from kg.store.memory_ledger import MemoryLedger
from tests.api.conftest import Site, load_tables
from tests.api.page_reading import complaints
from tests.api.test_pages import Browse, browse, csrf  # noqa: F401 - a fixture
from tests.api.test_reviews import other_register
from tests.api.world import ID_NUMBER, PHONE, SEALED

pytest.importorskip("splink", reason="the extra identity is not installed")
OTHERS = ("public", "planner", "enterprise", "school", "administrator")


def person(site: Site, number: str = "Z1") -> str:
    """Return the talent key of whoever bears this register number."""
    return next(str(row.person) for row in site.graph.store.rows(table="talents") if row.id.key == number)


def joined(site: Site, number: str = "Z1") -> Any:
    """Return what an officer is told of why the rows of this person are one."""
    return site.get(f"/nodes/talent/{person(site, number)}").json()["joined"]


@pytest.fixture
def review(site: Site, tmp_path: Path) -> str:
    """Return the question that a comparison has answered by itself: two registers know one person."""
    load_tables(site.graph, tmp_path, "协会名册", part=other_register(id_number="", phone=PHONE))
    assert site.post("/reviews", None).json()["merged"] == 1
    (done,) = site.get("/reviews?state=merged").json()["items"]
    return str(done["id"])


def doubts(site: Site, viewer: str = "officer") -> list[dict[str, Any]]:
    """Return what the answer to a need says of joined persons."""
    told = site.post("/recommendations/talents", {"need": "N1", "k": 50}, viewer).json()
    return [one["identity"] for one in (*told["items"], *told["to_verify"]) if "identity" in one]


def test_the_node_says_which_rows_were_joined_and_how_probable_that_was(site: Site, review: str) -> None:
    told = joined(site)
    assert {one["source"] for one in told["records"]} == {"市库", "协会名册"}
    assert {one["basis"]: one["review"] for one in told["records"]} == {"first": None, "joined": review}
    (join,) = told["joins"]
    assert (join["review"], join["automatic"], join["by"]) == (review, True, "自动")
    assert 0.98 <= join["probability"] == told["probability"] < 1
    assert {one["label"] for one in join["weights"]} >= {"姓名相同", "手机相同"}
    assert sorted(one["person_id"] for side in join["sides"] for one in side) == ["P1", "Z1"]
    assert site.get(f"/imports/{join['batch']}/changes").status_code == 200


def test_an_answer_says_that_nobody_has_confirmed_it_until_somebody_does(site: Site, review: str) -> None:
    (doubt,) = doubts(site)
    assert (doubt["records"], doubt["unconfirmed"]) == (2, 1)
    assert "还没有人确认" in doubt["text"]
    assert "100 %" not in doubt["text"]
    told = site.post(f"/reviews/{review}", {"decision": "confirm", "note": "本人到场"}).json()
    assert (told["state"], told["by"], told["note"]) == ("merged", "officer", "本人到场")
    assert doubts(site) == []
    (join,) = joined(site)["joins"]
    assert (join["automatic"], join["by"], join["note"]) == (False, "officer", "本人到场")
    assert joined(site)["probability"] is None
    again = site.post(f"/reviews/{review}", {"decision": "confirm"})
    assert (again.status_code, again.json()["code"]) == (409, "nothing-to-confirm")
    steps = [step["decision"] for step in site.get(f"/reviews/{review}").json()["history"]]
    assert steps == ["merge", "confirm"]


def test_what_is_taken_back_is_told_no_more(site: Site, review: str) -> None:
    site.post(f"/reviews/{review}", {"decision": "confirm"})
    site.post(f"/reviews/{review}", {"decision": "undo"})
    for number in ("P1", "Z1"):
        assert joined(site, number) is None
    assert doubts(site) == []
    refused = site.post(f"/reviews/{review}", {"decision": "confirm"})
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing-to-confirm")
    site.post(f"/reviews/{review}", {"decision": "merge"})
    assert [one["by"] for one in joined(site)["joins"]] == ["officer"]
    assert doubts(site) == []


def test_what_nobody_has_confirmed_is_listed_first(site: Site, review: str) -> None:
    queue = Queue(site.graph.ledger, lambda: datetime(2026, 11, 23, tzinfo=UTC))
    known = queue.get(review)
    queue.keep({**known, "id": "p-confirmed", "by": "officer", "probability": 0.4})
    queue.keep({**known, "id": "p-least", "probability": 0.981})
    items = site.get("/reviews?state=merged").json()["items"]
    assert [one["id"] for one in items] == ["p-least", review, "p-confirmed"]


def test_a_state_before_the_join_knows_nothing_of_it(site: Site, review: str) -> None:
    assert review
    key, revision = person(site), site.graph.store.revision()
    then = site.get(f"/nodes/talent/{key}?known_at={revision - 1}").json()
    assert then["joined"] is None
    assert site.get(f"/nodes/talent/{key}?known_at={revision}").json()["joined"]["joins"]


def test_a_state_of_the_past_tells_what_was_decided_by_then(site: Site, review: str) -> None:
    revision, key = site.graph.store.revision(), person(site)
    site.post(f"/reviews/{review}", {"decision": "confirm", "note": "本人到场"})
    site.post(f"/reviews/{review}", {"decision": "undo"})
    assert joined(site) is None
    then = site.get(f"/nodes/talent/{key}?known_at={revision}").json()["joined"]
    assert [(one["by"], one["note"]) for one in then["joins"]] == [("officer", "本人到场")]
    question = {"need": "N1", "k": 50, "known_at": revision}
    assert "identity" not in site.post("/recommendations/talents", question).text


def test_a_question_of_the_past_stands_as_the_counted_decisions_left_it() -> None:
    ledger = MemoryLedger()
    queue = Queue(ledger, lambda: datetime(2026, 11, 23, tzinfo=UTC))
    asked = {"id": "p-1", "kind": "person", "rows": [], "state": "open"}
    queue.keep(asked)
    queue.log("p-1", "merge", "自动", batch="b-1")
    queue.log("p-1", "confirm", "officer", note="本人到场")
    queue.log("p-1", "undo", "officer", batch="b-2")
    for taken, state, by in (
        (0, "open", None),
        (1, "merged", "自动"),
        (2, "merged", "officer"),
        (3, "open", "officer"),
    ):
        counted = iter([True] * taken + [False] * (3 - taken))
        found = queue.find_past(lambda _, counted=counted: next(counted))("p-1")
        assert found is not None
        assert (found["state"], found.get("by")) == (state, by)
        assert (found.get("batch") == "b-1") is (state == "merged")
    queue.keep({**asked, "id": "p-2", "state": "merged"})
    assert queue.find_past(lambda _: False)("p-2") == queue.find("p-2")  # older than the log
    assert queue.find_past(lambda _: True)("p-3") is None


def test_rows_that_share_an_id_number_need_no_decision(site: Site, tmp_path: Path) -> None:
    load_tables(site.graph, tmp_path, "协会名册", part=other_register(id_number=ID_NUMBER))
    told = joined(site)
    assert sorted(one["basis"] for one in told["records"]) == ["first", "same-number"]
    assert (told["joins"], told["probability"]) == ([], None)
    assert doubts(site) == []


@pytest.mark.parametrize("viewer", OTHERS)
def test_nobody_else_learns_of_it(site: Site, review: str, viewer: str) -> None:
    key = person(site)
    missing = site.get("/nodes/talent/nobody", viewer)
    assert (site.get(f"/nodes/talent/{key}", viewer).json(), missing.status_code) == (missing.json(), 404)
    assert site.post(f"/reviews/{review}", {"decision": "confirm"}, viewer).status_code == 403
    told = site.post("/recommendations/talents", {"need": "N1", "k": 50}, viewer).text
    assert not [word for word in ('"identity"', '"joined"', "合并", "协会名册", review) if word in told]
    organisation = site.get("/nodes/district/990101", viewer).json()
    assert "joined" not in organisation


def test_the_page_of_the_person_tells_it_and_takes_it_back(
    site: Site,
    browse: Browse,  # noqa: F811
    review: str,
) -> None:
    client, path = browse("officer"), f"/nodes/talent/{person(site)}"
    page = client.get(path).text
    assert complaints(page) == []
    assert "由 2 条登记合并" in page
    assert "自动合并，还没有人确认" in page
    assert not [word for word in SEALED if word in page]
    form = {"csrf": csrf(page), "next": path}
    done = client.post(f"/reviews/{review}", data={**form, "decision": "confirm"}, follow_redirects=False)
    assert (done.status_code, done.headers["location"]) == (303, path)
    page = client.get(path).text
    assert complaints(page) == []
    assert "officer 确认" in page
    assert 'value="confirm"' not in page
    undone = client.post(f"/reviews/{review}", data={**form, "decision": "undo"})
    assert complaints(undone.text) == []
    assert "条登记合并" not in undone.text
    past = client.get(f"{path}?known_at={site.graph.store.revision() - 1}").text
    assert "由 2 条登记合并" in past
    assert 'value="undo"' not in past.partition('id="joined"')[2].partition("</section>")[0]


def test_the_list_and_the_comparison_say_it(site: Site, browse: Browse, review: str) -> None:  # noqa: F811
    key, officer = person(site), browse("officer")
    other = next(
        one["node"]["key"]
        for one in site.post("/recommendations/talents", {"need": "N1"}).json()["items"]
        if one["node"]["key"] != key
    )
    for viewer, told in ((officer, 1), (browse("enterprise"), 0)):
        assert viewer.get("/talents/answer?need=N1").text.count("登记合并未确认") == told
        compared = viewer.get(f"/talents/compare?need=N1&pick={key}&pick={other}").text
        assert compared.count("由 2 条登记合并，1 处未确认") == told
        assert complaints(compared) == []
    site.post(f"/reviews/{review}", {"decision": "confirm"})
    assert "未确认" not in officer.get("/talents/answer?need=N1").text


def test_what_is_decided_by_says_it_and_leads_there(site: Site, browse: Browse, review: str) -> None:  # noqa: F811
    path, key = "/talents/answer?need=N1&detail=", person(site)
    assert review
    for viewer, told in (("officer", True), ("enterprise", False)):
        for view in ("", "&view=sheet"):
            page = browse(viewer).get(f"{path}{key}{view}").text
            assert complaints(page) == []
            assert ("还没有人确认" in page) is told
            assert (f'/nodes/talent/{key}#joined"' in page) is (told and not view)
        report = site.post("/exports/recommendations/talents.html", {"need": "N1"}, viewer).text
        assert ("还没有人确认" in report) is told
