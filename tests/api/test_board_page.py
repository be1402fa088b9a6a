"""The follow-up board without a script: from adopted to the agreement, with the terms in the form."""

import html
import re

from tests.api.conftest import Site
from tests.api.page_reading import complaints
from tests.api.test_decisions import step, talents
from tests.api.test_pages import Browse, browse, csrf  # noqa: F401 - a fixture


def test_the_board_takes_the_next_step(site: Site, browse: Browse) -> None:  # noqa: F811
    client = browse("officer")
    assert "还没有" in client.get("/board").text
    answer, person = talents(site)
    step(site, answer, person, "adopted")
    step(site, answer, person, "contacted")
    page = client.get("/board?state=contacted")
    assert complaints(page.text) == []
    form = {
        "csrf": csrf(page.text), "query_id": answer["query_id"], "entity": person, "state": "agreed", "mode": "consult",
        "valid_from": "2026-12-01", "valid_to": "2027-01-31", "hours_per_week": "4", "trips": "2",
        "next": "/board?state=agreed",
    }  # fmt: skip
    wrong = client.post("/board", data={**form, "valid_to": ""})
    assert wrong.status_code == 422
    assert "起止日期" in wrong.text
    done = client.post("/board", data=form, follow_redirects=False)
    assert (done.status_code, done.headers["location"]) == (303, "/board?state=agreed")
    assert "DJ-" in client.get("/board").text


def test_the_board_leads_to_no_other_site(site: Site, browse: Browse) -> None:  # noqa: F811
    client = browse("officer")
    answer, person = talents(site)
    form = {
        "csrf": csrf(client.get("/board").text),
        "query_id": answer["query_id"],
        "entity": person,
        "state": "adopted",
    }
    for bad in ("//evil.example", "https://evil.example", "/\\evil"):
        sent = client.post("/board", data={**form, "next": bad}, follow_redirects=False)
        assert sent.headers.get("location", "/board") == "/board"
        form["state"] = "rejected" if form["state"] == "adopted" else "adopted"
        form["reason"] = "其他"


def test_only_those_who_ask_have_a_board(browse: Browse) -> None:  # noqa: F811
    assert browse("planner").get("/board").status_code == 404
    assert browse("enterprise").get("/board").status_code == 200
    assert browse("public").get("/board", follow_redirects=False).status_code == 303


def test_the_board_leads_to_the_list_as_it_was_decided_on(site: Site, browse: Browse) -> None:  # noqa: F811
    client = browse("officer")
    answer, person = talents(site)
    form = {
        "csrf": csrf(client.get("/board").text), "query_id": answer["query_id"], "entity": person, "state": "adopted",
        "reason": "时间不合", "next": "/board",
    }  # fmt: skip
    assert client.post("/board", data=form, follow_redirects=False).status_code == 303
    page = client.get("/board").text
    assert "时间不合" not in page.partition("<tbody>")[2].partition("<form")[0], (
        "a reason against says nothing here"
    )
    then = re.findall(r'href="(/talents/answer[^"]+)">当时的名单', page)
    assert len(then) == 1
    told = client.get(html.unescape(then[0])).text
    assert f"按修订 {answer['revision']}（" in told
    assert person in told
