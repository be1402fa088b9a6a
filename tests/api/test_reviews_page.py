"""The page of identity questions without a script: side by side, three buttons, taken back."""

import html
import re
from pathlib import Path

import pytest

from tests.api.conftest import Site, load_tables
from tests.api.page_reading import complaints
from tests.api.test_pages import Browse, browse, csrf  # noqa: F401 - a fixture
from tests.api.test_reviews import other_register
from tests.api.world import SEALED, credit_code

pytest.importorskip("splink", reason="the extra identity is not installed")


@pytest.fixture
def name(site: Site, tmp_path: Path) -> str:
    """Return the id of a question about two persons."""
    load_tables(site.graph, tmp_path, "协会名册", part=other_register(birth_date=None))
    site.post("/reviews", None)
    return str(site.get("/reviews?kind=person").json()["items"][0]["id"])


def test_both_records_and_the_weights_are_shown(browse: Browse, name: str) -> None:  # noqa: F811
    page = browse("officer").get("/reviews").text
    assert complaints(page) == []
    assert f'action="/reviews/{name}"' in page
    assert "协会名册" in page
    assert "姓名相同" in page
    assert len(re.findall(r'<rect class="(?:take|br)"', page)) == 4
    assert re.findall(r'name="decision" value="(\w+)"', page)[:3] == ["merge", "apart", "later"]
    assert not [word for word in (*SEALED, "10099998888") if word in page]


def test_a_merge_and_its_taking_back(site: Site, browse: Browse, name: str) -> None:  # noqa: F811
    client = browse("officer")
    form = {"csrf": csrf(client.get("/reviews").text), "next": "/reviews?state=open", "note": "本人到场"}
    done = client.post(f"/reviews/{name}", data={**form, "decision": "merge"}, follow_redirects=False)
    assert (done.status_code, done.headers["location"]) == (303, "/reviews?state=open")
    told = client.get("/reviews?kind=person").text
    assert complaints(told) == []
    assert "已记录：<b>已合并</b>" in told
    assert 'name="decision" value="undo"' in told
    assert name not in client.get("/reviews?kind=person").text
    merged = client.get("/reviews?state=merged").text
    assert complaints(merged) == []
    assert "本人到场" in merged
    again = client.post(f"/reviews/{name}", data={**form, "decision": "merge"})
    assert again.status_code == 422
    assert "已经合并过" in again.text
    undone = client.post(f"/reviews/{name}", data={**form, "decision": "undo"})
    assert "，现在：<b>待核</b>" in undone.text
    one = client.get(f"/reviews/{name}").text
    assert complaints(one) == []
    assert "合并" in one
    assert "撤回" in one
    assert site.get(f"/reviews/{name}").json()["state"] == "open"


def test_the_next_question_stands_where_the_decided_one_stood(browse: Browse, name: str) -> None:  # noqa: F811
    client = browse("officer")
    for state, following in (("open", "#q1"), ("all", "#q2")):
        page = client.get(f"/reviews?state={state}").text
        places = re.findall(r'id="(q\d+)" tabindex="-1"', page)
        assert places == [f"q{place + 1}" for place in range(len(places))]
        assert places[-1] == f"q{page.count('<article') + 1}"  # the end of the list, for the last one
        back = html.unescape(re.findall(r'name="next" value="([^"]+#[^"]+)"', page)[0])
        assert back == f"/reviews?state={state}{following}"
        data = {"csrf": csrf(page), "decision": "later", "next": back}
        done = client.post(f"/reviews/{name}", data=data, follow_redirects=False)
        assert done.headers["location"] == back
    assert re.findall(r'id="(q\d+)" tabindex="-1"', client.get("/reviews?state=open&kind=title").text) == [
        "q1"
    ]


def test_comparing_anew_says_what_was_found(browse: Browse, name: str) -> None:  # noqa: F811
    client = browse("officer")
    told = client.post("/reviews", data={"csrf": csrf(client.get("/reviews").text)})
    assert told.status_code == 200
    assert complaints(told.text) == []
    assert "比对了" in told.text
    assert name in told.text


def test_a_page_without_the_token_of_the_form_decides_nothing(
    site: Site,
    browse: Browse,  # noqa: F811
    name: str,
) -> None:
    client = browse("officer")
    assert client.post(f"/reviews/{name}", data={"decision": "merge"}).status_code == 403
    assert site.get(f"/reviews/{name}").json()["state"] == "open"


def test_the_way_back_stays_on_this_page(browse: Browse, name: str) -> None:  # noqa: F811
    client = browse("officer")
    token = csrf(client.get("/reviews").text)
    for bad in ("//evil.example", "https://evil.example", "/imports", "/reviewsx"):
        data = {"csrf": token, "decision": "later", "next": bad}
        sent = client.post(f"/reviews/{name}", data=data, follow_redirects=False)
        assert sent.headers["location"] == "/reviews"


def test_only_officers_have_the_page(browse: Browse, name: str) -> None:  # noqa: F811
    for viewer in ("planner", "enterprise", "school", "administrator"):
        client = browse(viewer)
        assert {client.get(path).status_code for path in ("/reviews", f"/reviews/{name}")} == {403}
        assert "/reviews" not in client.get("/").text
    assert browse("public").get("/reviews", follow_redirects=False).status_code == 303


def test_the_import_page_says_how_many_questions_wait(browse: Browse, name: str) -> None:  # noqa: F811
    page = browse("officer").get("/imports").text
    assert complaints(page) == []
    assert name
    assert "个身份问题待核" in page
    assert "身份问题" not in browse("administrator").get("/imports").text


def test_full_names_are_confirmed_in_one_step(site: Site, browse: Browse, tmp_path: Path) -> None:  # noqa: F811
    client, firm = browse("officer"), "明远示例机械有限公司"
    talent = {"person_id": "Z1", "name": "冯甲", "district": "990101", "employer_name": firm}
    load_tables(site.graph, tmp_path, "协会名册", part={"talents": [talent]})
    new = {"credit_code": credit_code("91990101MA0000077"), "name": firm, "district": "990101"}
    load_tables(site.graph, tmp_path, "新单位", part={"enterprises": [new]})
    site.post("/reviews", None)
    page = client.get("/reviews").text
    assert complaints(page) == []
    assert "全称一致的 1 个一次确认" in page
    told = client.post("/reviews/exact", data={"csrf": csrf(page)})
    assert (told.status_code, complaints(told.text)) == (200, [])
    assert "确认了 1 个全称一致的单位名称，改了 1 行" in told.text
    assert 'action="/reviews/exact"' not in told.text
    assert client.post("/reviews/exact", data={"csrf": "?"}).status_code == 403
    for viewer in ("planner", "enterprise", "school", "administrator"):
        assert site.post("/reviews/exact", None, viewer).status_code == 403
    again = site.post("/reviews/exact", None).json()
    assert (again["confirmed"], again["batch"]) == (0, None)
    (done,) = site.get("/reviews?state=merged&kind=organisation").json()["items"]
    site.post(f"/reviews/{done['id']}", {"decision": "undo"})
    by_program = site.post("/reviews/exact", None).json()
    assert (by_program["confirmed"], by_program["rows"], by_program["left"]) == (1, 1, 0)
    assert by_program["revision"] == site.graph.store.revision()
