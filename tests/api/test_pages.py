"""Every page for every kind of viewer: it opens, reads well, links only to what exists, and asks before it changes."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.pages.views import results
from api.pages.views.results import Asked
from tests.api.conftest import Site
from tests.api.page_reading import complaints, read
from tests.api.world import OWN, SCHOOL
from tests.waiting import until

HTML = {"accept": "text/html"}
POLICY = "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
INLINE = (
    f"/talents/answer?inline=1&host={OWN}&title=试&modes=consult&modes=advise_remote&total_hours=16"
    "&valid_from=2026-12-07&valid_to=2027-01-03&visits=1&skills=主轴修理%3D3*1&tags=主轴&occupations=6-18-01-01"
)
LATER = ("/teams", "/map", "/planning", "/shown", "/reviews")
"""Sections whose own tests say who sees them."""
Browse = Callable[[str], TestClient]


@pytest.fixture
def browse(site: Site) -> Browse:
    """Return a client whose session belongs to a user; "public" has none."""

    def enter(name: str) -> TestClient:
        client = TestClient(create_app(site.graph), headers=HTML)
        if name != "public":
            address = f"/sign-in/{site.accounts.link(name, direct=True)}"
            answer = client.post(
                address, data={"csrf": csrf(client.get(address).text)}, follow_redirects=False
            )
            assert answer.status_code == 303
        return client

    return enter


def csrf(text: str) -> str:
    """Return the token of the first form."""
    return read(text).all("input", name="csrf")[0].attributes["value"]


def needs(site: Site) -> list[str]:
    return sorted(row.id.key for row in site.graph.store.rows(table="flex_needs"))


def is_page(answer: Any) -> bool:
    """True for what a browser shows; a file that is taken along is no page of this site."""
    taken = answer.headers.get("content-disposition", "").startswith("attachment")
    return answer.headers["content-type"].startswith("text/html") and not taken


OFFICER_PAGES = (
    "/", "/search", "/search?q=主轴", "/search?q=主轴&kind=need", "/search?q=没有这个词", "/talents", "/talents?q=主轴",
    INLINE, INLINE + "&view=sheet", "/partners", f"/partners?anchor=enterprise:{OWN}",
    f"/partners/answer?anchor=enterprise:{OWN}&mode=internship",
    f"/partners/answer?anchor=enterprise:{OWN}&mode=internship&view=sheet",
    f"/partners/answer?anchor=enterprise:{OWN}&mode=base", f"/partners/answer?anchor=school:{SCHOOL}&mode=internship",
    "/partners/answer?anchor=district:990101&mode=internship", f"/nodes/enterprise/{OWN}", f"/nodes/school/{SCHOOL}",
    "/nodes/district/990101", "/nodes/occupation/6-18-01-01", "/imports", "/check", "/rules", "/me", "/sign-in",
)  # fmt: skip


@pytest.mark.parametrize("path", OFFICER_PAGES)
def test_pages_of_an_officer_read_well(browse: Browse, path: str) -> None:
    answer = browse("officer").get(path)
    assert answer.status_code == 200, answer.text[-3000:]
    assert complaints(answer.text) == []
    assert len(answer.content) <= 100_000
    assert answer.headers["content-security-policy"] == POLICY


def test_a_long_typed_need_still_makes_a_light_page() -> None:
    short = Asked(path="/talents/answer", params=(("need", "N1"),))
    long = Asked(path="/talents/answer", params=(("inline", "1"), ("skills", "主轴修理=3*1\n" * 100)))
    assert results.entries_per_page(short) == 20
    assert 4 <= results.entries_per_page(long) <= 8


def test_a_stored_need_is_answered(site: Site, browse: Browse) -> None:
    client = browse("officer")
    for need in needs(site):
        answer = client.get(f"/talents/answer?need={quote(need)}")
        assert answer.status_code == 200
        assert complaints(answer.text) == []


def test_every_link_of_an_officer_leads_somewhere(site: Site, browse: Browse) -> None:
    client = browse("officer")
    waiting = ["/", *OFFICER_PAGES, *(f"/talents/answer?need={quote(n)}" for n in needs(site))]
    seen: set[str] = set()
    while waiting and len(seen) < 400:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        answer = client.get(path)
        assert answer.status_code == 200, path
        if is_page(answer):
            assert complaints(answer.text) == [], path
            links = [e.attributes.get("href", "") for e in read(answer.text).all("a")]
            waiting += [link.partition("#")[0] for link in links if link.startswith("/")]
    assert len(seen) > 40


@pytest.mark.parametrize("name", ["enterprise", "school", "planner", "administrator", "public"])
def test_every_link_of_the_others_leads_somewhere(browse: Browse, name: str) -> None:
    client = browse(name)
    waiting, seen = ["/", "/rules", "/me", "/search?q=主轴"], set()
    while waiting and len(seen) < 150:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        answer = client.get(path)
        assert answer.status_code == 200, path
        if is_page(answer):
            assert complaints(answer.text) == [], path
            links = [e.attributes.get("href", "") for e in read(answer.text).all("a")]
            waiting += [link.partition("#")[0] for link in links if link.startswith("/")]


def test_sections_follow_the_rights(browse: Browse) -> None:
    shown = {}
    for name in ("officer", "enterprise", "planner", "administrator", "public"):
        nav = browse(name).get("/").text.partition("主导航")[2].partition("</nav>")[0]
        shown[name] = re.findall(r'href="([^"]+)"', nav)
    matching, planning = ["/talents", "/partners", "/plans"], ["/gaps"]
    data = ["/imports", "/imports/history", "/check", "/rules"]
    assert [p for p in shown["officer"] if p not in LATER] == [
        "/", *matching, "/board", "/explorer", *planning, *data,
    ]  # fmt: skip
    assert [p for p in shown["enterprise"] if p not in LATER] == [
        "/", "/talents", "/partners", "/board", "/explorer", "/gaps", "/rules",
    ]  # fmt: skip
    assert [p for p in shown["administrator"] if p not in LATER] == ["/", "/explorer", "/gaps", *data]
    assert [p for p in shown["planner"] if p not in LATER] == ["/", "/plans", "/explorer", "/gaps", "/rules"]
    assert [p for p in shown["public"] if p not in LATER] == ["/", "/explorer", "/gaps", "/rules"]
    for name, hidden in (("public", "/shown"), ("enterprise", "/planning"), ("planner", "/teams")):
        assert hidden not in shown[name]


@pytest.mark.parametrize("path", ["/talents", "/partners", "/imports", INLINE])
def test_the_public_is_asked_to_sign_in_and_comes_back(browse: Browse, path: str) -> None:
    answer = browse("public").get(path, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=%2F")


@pytest.mark.parametrize(
    ("name", "path", "status"),
    [
        ("officer", "/nodes/enterprise/none", 404),
        ("officer", "/nodes/no-such-kind/x", 404),
        ("officer", "/talents/answer?need=none", 404),
        ("officer", "/no-such-page", 404),
        ("officer", "/imports/none", 404),
        ("officer", "/static/other.css", 404),
        ("officer", "/static/..%2f..%2fmount.py", 404),
        ("officer", INLINE + "&page=x", 422),
        ("officer", f"/nodes/enterprise/{OWN}?direction=sideways", 422),
        ("planner", "/talents", 403),
        ("planner", "/imports", 403),
        ("enterprise", f"/partners/answer?anchor=school:{SCHOOL}&mode=internship", 404),
    ],
)
def test_refusals_are_pages_that_say_what_to_do(browse: Browse, name: str, path: str, status: int) -> None:
    answer = browse(name).get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert complaints(answer.text) == []
    assert str(status) in answer.text or status == 422 or "请选定" in answer.text


def test_a_wrong_number_comes_back_with_the_form(browse: Browse) -> None:
    answer = browse("officer").get(INLINE.replace("total_hours=16", "total_hours=abc"))
    assert answer.status_code == 422
    page = read(answer.text)
    assert page.all("input", name="total_hours")[0].attributes["aria-invalid"] == "true"
    assert page.all("input", name="host")[0].attributes["value"] == OWN
    assert complaints(answer.text) == []


@pytest.mark.parametrize(
    "bad",
    [
        "k=0",
        "k=201",
        "k=x",
        "as_of=2026-13-40",
        "weeks=99",
        "pay_max=-1",
        "pay_min=9&pay_max=8",
        "visits=1.5",
    ],
)
def test_values_out_of_range_are_told_at_their_field(browse: Browse, bad: str) -> None:
    answer = browse("officer").get(
        f"{INLINE}&{bad}" if "visits" not in bad else INLINE.replace("visits=1", bad)
    )
    assert answer.status_code == 422
    assert complaints(answer.text) == []


def test_part_of_a_name_offers_candidates(site: Site, browse: Browse) -> None:
    name = site.graph.service.world().organisations.name(OWN)
    answer = browse("officer").get(f"/partners/answer?anchor={name[:3]}&mode=internship")
    assert answer.status_code == 422
    links = [e.attributes["href"] for e in read(answer.text).all("a") if "选定" in e.text]
    assert any(OWN in link for link in links)


def test_an_exact_name_is_enough(site: Site, browse: Browse) -> None:
    name = site.graph.service.world().organisations.name(OWN)
    answer = browse("officer").get(f"/partners/answer?anchor={name}&mode=internship")
    assert answer.status_code == 200
    assert name in read(answer.text).all("h1")[0].text


def test_switches_are_kept_in_a_cookie(browse: Browse) -> None:
    client = browse("public")
    token = csrf(client.get("/").text)
    for switch, attribute in (
        ("theme", 'data-theme="dark"'),
        ("text", 'data-text="large"'),
        ("contrast", 'data-contrast="high"'),
    ):
        answer = client.post("/preferences", data={"csrf": token, "switch": switch, "next": "/rules"})
        assert answer.url.path == "/rules"
        assert attribute in answer.text
        assert f'value="{switch}" aria-pressed="true"' in answer.text
    answer = client.post("/preferences", data={"csrf": token, "switch": "theme", "next": "/"})
    assert "data-theme" not in answer.text


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/\r\nx: y"],
)
def test_no_form_leads_out_of_the_site(browse: Browse, target: str) -> None:
    client = browse("public")
    data = {"csrf": csrf(client.get("/").text), "switch": "theme", "next": target}
    assert client.post("/preferences", data=data, follow_redirects=False).headers["location"] == "/"
    shown = read(client.get("/sign-in", params={"next": target}).text)
    assert shown.all("main")[0] is not None
    assert {e.attributes["value"] for e in shown.all("input", name="next") if "main" in e.parents} == {"/"}


@pytest.mark.parametrize("path", ["/sign-out", "/preferences", "/imports", "/sign-in"])
def test_a_form_without_its_token_changes_nothing(browse: Browse, path: str) -> None:
    answer = browse("officer").post(path, data={"csrf": "other", "switch": "theme"})
    assert answer.status_code == 403
    assert complaints(answer.text) == []


def test_password_and_sign_out(site: Site, browse: Browse) -> None:
    client = browse("public")
    address = f"/sign-in/{site.accounts.link('officer')}"
    token = csrf(client.get(address).text)
    wrong = client.post(address, data={"csrf": token, "password": "correct horse", "again": "other"})
    assert wrong.status_code == 422
    done = client.post(
        address, data={"csrf": token, "password": "correct horse staple", "again": "correct horse staple"}
    )
    assert "密码已设好" in done.text
    bad = client.post("/sign-in", data={"csrf": token, "name": "officer", "password": "no"})
    assert bad.status_code == 401
    assert complaints(bad.text) == []
    fields = {"csrf": token, "name": "officer", "password": "correct horse staple", "next": "/me"}
    inside = client.post("/sign-in", data=fields)
    assert inside.url.path == "/me"
    assert "经办人员" in inside.text
    outside = client.post("/sign-out", data={"csrf": csrf(inside.text)})
    assert "未登录" in outside.text


def test_a_used_link_says_so(site: Site, browse: Browse) -> None:
    client = browse("public")
    address = f"/sign-in/{site.accounts.link('officer', direct=True)}"
    token = csrf(client.get(address).text)
    client.post(address, data={"csrf": token}, follow_redirects=False)
    client.cookies.clear()
    again = client.post(address, data={"csrf": token, "password": "x" * 12, "again": "x" * 12})
    opened = [client.get(path) for path in (address, "/sign-in/nonsense")]
    for told in (again, *opened):
        assert told.status_code == 401
        assert "这个链接已经用过或过期，请向管理员要一个新的" in told.text
        assert complaints(told.text) == []


def test_an_upload_becomes_a_report(site: Site) -> None:
    with TestClient(create_app(site.graph), headers=HTML) as client:
        address = f"/sign-in/{site.accounts.link('officer', direct=True)}"
        client.post(address, data={"csrf": csrf(client.get(address).text)})
        token = csrf(client.get("/imports").text)
        text = "统一社会信用代码,企业名称,区划代码,奇怪的列\n123,<b>坏</b>,990101,x\n"
        files = [("files", ("企业<i>.csv", text.encode(), "text/csv"))]
        sent = client.post("/imports", data={"csrf": token, "source": "页面"}, files=files)

        def finished() -> Any:
            page = client.get(sent.url.path)
            return None if "正在读取" in page.text else page

        shown = until(finished, "the report")
        assert shown.status_code == 200
        assert complaints(shown.text) == []
        assert "每行都有去处" in shown.text
        assert "<b>坏" not in shown.text
        errors = [e.attributes["href"] for e in read(shown.text).all("a") if "下载错误表" in e.text]
        assert client.get(errors[0]).status_code == 200


def test_an_upload_without_a_file_says_so(browse: Browse) -> None:
    client = browse("officer")
    answer = client.post("/imports", data={"csrf": csrf(client.get("/imports").text), "source": "x"})
    assert answer.status_code == 422
    assert "请先选择文件" in answer.text


def test_people_are_shown_on_a_watermark(site: Site, browse: Browse) -> None:
    client = browse("officer")
    talent = next(row.node.key for row in site.graph.store.rows(table="talents"))
    for path in (INLINE, INLINE + "&view=sheet", f"/nodes/talent/{talent}"):
        assert '<svg class="wm" aria-hidden="true">' in client.get(path).text, path
    assert 'class="wm"' not in client.get("/rules").text


def test_the_style_sheet_is_kept_by_browsers_until_it_changes(browse: Browse) -> None:
    client = browse("public")
    address = read(client.get("/").text).all("link", rel="stylesheet")[0].attributes["href"]
    answer = client.get(address)
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"] == "text/css; charset=utf-8"


def test_the_statement_page_shows_every_repair_and_changes_nothing(browse: Browse) -> None:
    client = browse("officer")
    token = csrf(client.get("/check").text)
    text = "岗位26.02万个，求职10.15万人，缺口6万人。"
    shown = client.post("/check", data={"csrf": token, "text": text})
    assert shown.status_code == 200
    assert [word in shown.text for word in ("15.87万", "20.02万", "16.15万", "没有改动")] == [True] * 4
    table = "等级,需求,求职,求人倍率\n初级,30,20,1.6\n中级,20,10,2.0\n".encode()
    sent = client.post("/check", data={"csrf": token}, files={"file": ("报表.csv", table, "text/csv")})
    assert "应为 1.50" in sent.text
    assert client.post("/check", data={"csrf": token, "text": " "}).status_code == 422
    assert browse("enterprise").get("/check").status_code == 403


def test_what_is_hidden_is_counted_like_what_is_listed(site: Site, browse: Browse) -> None:
    """An enterprise is told how many rows stand behind a talent: the very number that an officer finds listed."""
    asked = {"need": "N1", "k": 1, "detail": "first"}
    rows = site.post("/recommendations/talents", asked).json()["items"][0]["evidence_rows"]
    listed = len({(row["source"], row["table"], row["origin"]) for row in rows})
    told = site.post("/recommendations/talents", asked, "enterprise").json()["items"][0]
    assert told["evidence_rows"] == []
    assert told["evidence_hidden"] == listed > 0
    address = "/talents/answer?need=N1"
    assert f"共 {listed} 条" in browse("officer").get(address).text
    assert f"另有 {listed} 条不对外显示" in browse("enterprise").get(address).text
