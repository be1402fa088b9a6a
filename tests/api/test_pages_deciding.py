"""On a result without a script: 采纳 and 不采纳 with a reason, the state in the list, files, and two items side by side."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.api.conftest import Site
from tests.api.page_reading import complaints, read
from tests.api.test_decisions import talents
from tests.api.test_pages import INLINE, Browse, browse, csrf  # noqa: F401 - a fixture
from tests.api.world import OWN, PRIVATE, SEALED

PARTNERS = f"/partners/answer?anchor=enterprise:{OWN}&mode=internship"


def bar(text: str) -> dict[str, str]:
    """Return the hidden fields of the first decision form of a page."""
    page = read(text)
    return {
        name: page.all("input", name=name)[-1 if name == "next" else 0].attributes["value"]
        for name in ("csrf", "query_id", "entity", "next")
    }


def list_of(site: Site) -> str:
    answer, _ = talents(site)
    return f"/talents/answer?need={quote(answer['question']['need'])}"


def test_a_decision_is_taken_on_the_result_and_told_in_the_list(site: Site, browse: Browse) -> None:  # noqa: F811
    client, path = browse("officer"), list_of(site)
    shown = client.get(path)
    fields = bar(shown.text)
    assert fields["next"].startswith("/talents/answer?")
    sent = client.post("/board", data={**fields, "state": "adopted"}, follow_redirects=False)
    assert (sent.status_code, sent.headers["location"]) == (303, fields["next"])
    after = client.get(sent.headers["location"])
    assert complaints(after.text) == []
    entry = next(
        e
        for e in read(after.text).all("a")
        if e.attributes.get("aria-current") == "true" and "采纳" in e.text
    )
    assert "采纳" in entry.text
    assert [e.attributes["value"] for e in read(after.text).all("button", name="state")] == [
        "rejected",
        "contacted",
    ]


def test_not_adopting_needs_a_reason(site: Site, browse: Browse) -> None:  # noqa: F811
    client, path = browse("officer"), list_of(site)
    page = read(client.get(path).text)
    assert "required" in page.all("select", name="reason")[0].attributes
    fields = bar(client.get(path).text)
    assert client.post("/board", data={**fields, "state": "rejected"}).status_code == 422
    done = client.post("/board", data={**fields, "state": "rejected", "reason": "路程太远"})
    assert done.status_code == 200
    assert "路程太远" in done.text


def test_an_organisation_decides_about_partners_and_not_about_people(browse: Browse) -> None:  # noqa: F811
    client = browse("enterprise")
    shown = client.get(PARTNERS)
    assert read(shown.text).all("button", name="state") != []
    fields = bar(shown.text)
    assert (
        client.post("/board", data={**fields, "state": "adopted"}, follow_redirects=False).status_code == 303
    )
    assert read(client.get(INLINE).text).all("button", name="state") == []


@pytest.mark.parametrize("path", [INLINE, PARTNERS])
def test_an_answer_is_taken_along_as_a_file(site: Site, browse: Browse, path: str) -> None:  # noqa: F811
    client = browse("officer")
    links = {e.text: e.attributes["href"] for e in read(client.get(path).text).all("a")}
    before = site.graph.audit.newest()
    for label, start in (("Word", b"PK"), ("Excel", b"PK"), ("网页", b"<!doctype html>")):
        answer = client.get(links[label])
        assert (answer.status_code, answer.headers["content-disposition"][:10]) == (200, "attachment")
        assert answer.content[: len(start)].lower() == start.lower()
    assert site.graph.audit.newest() == before + 3


def test_files_of_an_answer_are_refused_like_the_answer(browse: Browse) -> None:  # noqa: F811
    for path in (INLINE, PARTNERS):
        file = path.replace("/answer?", "/answer.xlsx?")
        assert browse("planner").get(file).status_code == 403
        assert browse("public").get(file, follow_redirects=False).status_code == 303
    other = PARTNERS.replace("/answer?", "/answer.docx?")
    assert browse("school").get(other).status_code == 404


def picks(client: Any, path: str) -> list[str]:
    return [e.attributes["value"] for e in read(client.get(path).text).all("input", name="pick")]


def test_people_stand_side_by_side(browse: Browse) -> None:  # noqa: F811
    client = browse("officer")
    found = picks(client, INLINE)
    assert len(found) >= 2
    path = INLINE.replace("/answer?", "/compare?") + "".join(f"&pick={one}" for one in found[:2])
    shown = client.get(path)
    assert shown.status_code == 200, shown.text
    assert complaints(shown.text) == []
    assert len(read(shown.text).all("th", scope="col")) == 3
    assert "未知" in shown.text or "最高" in shown.text or "相同" in shown.text
    assert 'class="wm"' in shown.text
    narrowed = client.get(f"{path}&only=different")
    assert 0 < len(read(narrowed.text).all("tr")) <= len(read(shown.text).all("tr"))
    assert "相同" not in narrowed.text.partition("<tbody>")[2].partition("</table>")[0]


def test_a_comparison_takes_two_to_four_of_the_list(browse: Browse) -> None:  # noqa: F811
    client = browse("officer")
    found = picks(client, INLINE)
    path = INLINE.replace("/answer?", "/compare?")
    for chosen in ([], found[:1], ["a", "b", "c", "d", "e"]):
        answer = client.get(path + "".join(f"&pick={one}" for one in chosen))
        assert answer.status_code == 422
        assert "勾选 2 到 4" in answer.text
    assert client.get(f"{path}&pick={found[0]}&pick=none").status_code == 404


def test_a_comparison_tells_an_organisation_no_more_than_its_list(browse: Browse) -> None:  # noqa: F811
    client = browse("enterprise")
    for question in (INLINE, PARTNERS):
        found = picks(client, question)[:4]
        if len(found) < 2:
            continue
        path = question.replace("/answer?", "/compare?") + "".join(f"&pick={quote(one)}" for one in found)
        text = client.get(path).text
        assert [word for word in (*SEALED, *PRIVATE) if word in text] == []


def notice(text: str) -> tuple[str, dict[str, str]]:
    """Return what the line after a decision says, and the fields of its button (none where nothing can be undone)."""
    page = read(text)
    said = [e.text for e in page.all("div") if e.attributes.get("class") == "done"]
    if not page.all("input", name="at"):
        return (said or [""])[0], {}
    wanted = ("csrf", "query_id", "entity", "state", "at", "next")
    fields = {name: page.all("input", name=name)[0].attributes["value"] for name in wanted}
    return (said or [""])[0], fields


def states(site: Site, fields: dict[str, str]) -> list[str]:
    query = f"query_id={fields['query_id']}&entity={quote(fields['entity'])}"
    return [one["state"] for one in site.get(f"/decisions/steps?{query}").json()["items"]]


def test_a_decision_is_confirmed_once_and_can_be_undone(site: Site, browse: Browse) -> None:  # noqa: F811
    client, path = browse("officer"), list_of(site)
    fields = bar(client.get(path).text)
    said, undo = notice(client.post("/board", data={**fields, "state": "adopted"}).text)
    assert "已记录：采纳" in said.replace(" ", "")
    assert notice(client.get(path).text) == ("", {}), "the line is said once"
    after = client.post("/board/undo", data=undo)
    assert after.status_code == 200
    assert "已撤销" in notice(after.text)[0]
    assert "还没有决定" in after.text
    assert [e.attributes["value"] for e in read(after.text).all("button", name="state")] == [
        "rejected",
        "adopted",
    ]
    assert site.get("/decisions").json()["total"] == 0
    assert states(site, undo) == ["adopted", "taken-back"]
    assert site.graph.audit.verify() == []


def test_an_undone_change_brings_the_earlier_decision_back(site: Site, browse: Browse) -> None:  # noqa: F811
    client, path = browse("officer"), list_of(site)
    fields = bar(client.get(path).text)
    client.post("/board", data={**fields, "state": "rejected", "reason": "路程太远"})
    _, undo = notice(client.post("/board", data={**fields, "state": "adopted"}).text)
    client.post("/board/undo", data=undo)
    (held,) = site.get("/decisions").json()["items"]
    assert (held["state"], held["reason"], held["reversible"]) == ("rejected", "路程太远", False)
    again = client.post("/board/undo", data=undo)
    assert again.status_code == 422
    assert "请刷新" in again.text


def test_what_is_in_the_graph_is_not_undone_by_a_button(site: Site, browse: Browse) -> None:  # noqa: F811
    client, path = browse("officer"), list_of(site)
    fields = bar(client.get(path).text)
    for state in ("adopted", "contacted"):
        client.post("/board", data={**fields, "state": state})
    terms = {"mode": "consult", "valid_from": "2026-12-01", "valid_to": "2027-01-31", "hours_per_week": "4"}
    said, undo = notice(client.post("/board", data={**fields, **terms, "state": "agreed"}).text)
    assert "已议定" in said
    assert undo == {}
    (held,) = site.get("/decisions").json()["items"]
    forged = {**fields, "state": "agreed", "at": held["at"]}
    assert client.post("/board/undo", data=forged).status_code == 422
    assert site.get("/decisions").json()["counts"]["agreed"] == 1


@pytest.mark.parametrize(
    "cookie", ["", "x", "W10=", "WyJkZWNpc2lvbiJd", "bnVsbA==", "é", "WyJyZXZpZXciLCAieCJd"]
)
def test_a_cookie_that_means_nothing_says_nothing(browse: Browse, cookie: str) -> None:  # noqa: F811
    client = browse("officer")
    answer = client.get("/rules", headers={"cookie": f"jiangtu_done={cookie}".encode()})
    assert answer.status_code == 200
    assert notice(answer.text) == ("", {})


def test_nobody_learns_of_a_decision_by_a_cookie(site: Site, browse: Browse) -> None:  # noqa: F811
    client, path = browse("officer"), list_of(site)
    fields = bar(client.get(path).text)
    sent = client.post("/board", data={**fields, "state": "adopted"}, follow_redirects=False)
    cookie = sent.cookies["jiangtu_done"]
    for name in ("enterprise", "school", "planner", "public"):
        other = browse(name)
        other.cookies.set("jiangtu_done", cookie)
        assert notice(other.get("/rules").text) == ("", {}), name
