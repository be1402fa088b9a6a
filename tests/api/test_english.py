"""Pages in English: the same pages, links, forms and rights as in Chinese; Chinese is left in data only."""

import json
import re
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.pages.english import is_chinese
from api.pages.english.sources import READABLE
from api.pages.frame.look import COOKIE, ENGLISH, Look
from tests.api.conftest import VIEWERS, Site
from tests.api.page_reading import Element, Reader, complaints, read
from tests.api.test_pages_hostile import HOSTILE, client_of, paths
from tests.api.world import OWN, SCHOOL, tables

HTML = {"accept": "text/html"}
NEED = "/talents/answer?need=N1"
PARTNERS = f"/partners/answer?anchor=enterprise:{OWN}&mode=internship"
MAIN = (
    "/", "/search?q=主轴", "/search?q=没有这个词", "/talents", "/talents?q=主轴", NEED, f"{NEED}&view=sheet", "/partners", PARTNERS,
    f"{PARTNERS}&view=sheet", f"/partners/answer?anchor=school:{SCHOOL}&mode=internship",
    "/partners/answer?anchor=district:990101&mode=internship", "/board", "/explorer", f"/explorer?node=enterprise:{OWN}",
    "/gaps", "/plans", "/imports", "/imports/history", "/check", "/rules", "/me", "/sign-in", f"/nodes/enterprise/{OWN}",
    f"/nodes/school/{SCHOOL}", "/nodes/talent/P2", "/nodes/occupation/6-18-01-01", "/nodes/district/990101", "/map",
    "/planning", "/shown", "/teams", "/nope", "/talents/answer?need=none", f"/nodes/enterprise/{OWN}?direction=sideways",
)  # fmt: skip
KEPT_CHINESE = (
    "中文 匠图 企业: 院校: 职业: 技能: 人员: 没有这个词 一季度提供岗位26.02万个，求职10.15万人，缺口6万人 市人才库 "
    "高级工 是 否 年 世界.csv 市库"
)
"""What English pages cite in Chinese besides data: the other language, words of a search, examples to type."""
Enter = Callable[[str], TestClient]


@pytest.fixture
def enter(site: Site) -> Enter:
    """Return a client of a user whose browser already asks for English."""

    def signed_in(name: str) -> TestClient:
        client = TestClient(create_app(site.graph), headers=HTML)
        if name != "public":
            address = f"/sign-in/{site.accounts.link(name, direct=True)}"
            client.post(address, data={"csrf": csrf(client.get(address).text)})
        client.cookies.set(COOKIE, ENGLISH)
        return client

    return signed_in


def csrf(text: str) -> str:
    return read(text).all("input", name="csrf")[0].attributes["value"]


def in_chinese(client: TestClient, path: str) -> Any:
    """Return the same page for the same user in Chinese."""
    kept = {name: value for name, value in client.cookies.items() if name != COOKIE}
    return TestClient(client.app, headers=HTML, cookies=kept).get(path)


class Words(HTMLParser):
    """Gathers the texts that people read and hear, each by itself; the characters drawn in marks are no text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._drawn = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._drawn = ("class", "gl") in attrs
        self.found += [value or "" for name, value in attrs if name in READABLE]

    def handle_data(self, data: str) -> None:
        self.found += [] if self._drawn else [data]


def words_of(text: str) -> set[str]:
    """Return the Chinese words of a page."""
    reader = Words()
    reader.feed(text)
    return {run for told in reader.found for run in re.findall(r"[㐀-鿿]+", told)}


def sent(page: Reader) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    """Return everything a browser may follow or send: addresses, fields, values, in the order of the page."""
    wanted = (
        "href",
        "action",
        "formaction",
        "method",
        "name",
        "value",
        "type",
        "checked",
        "selected",
        "for",
        "id",
        "src",
    )
    return [
        (element.tag, tuple((name, value_of(element, name)) for name in wanted if has(element, name)))
        for element in page.elements
        if element.tag != "bdi"
    ]


def has(element: Element, name: str) -> bool:
    return name in element.attributes or (element.tag == "option" and name == "value")


def value_of(element: Element, name: str) -> str:
    return element.attributes.get(name, element.text)


def test_pages_read_well_and_leave_chinese_in_data_only(enter: Enter) -> None:
    client, data = enter("officer"), json.dumps(tables(), ensure_ascii=False) + KEPT_CHINESE
    wrong: dict[str, list[str]] = {}
    for path in MAIN:
        answer = client.get(path)
        page = read(answer.text)
        found = [complaint for complaint in complaints(answer.text) if complaint != "no language"]
        found += sorted(run for run in words_of(answer.text) if run not in data + unquote(path))
        found += [f"lang {lang}" for lang in {page.all("html")[0].attributes["lang"]} - {"en"}]
        found += ["too heavy"] * (len(answer.content) > 100_000)
        wrong |= {path: found} if found else {}
    assert not wrong, json.dumps(wrong, ensure_ascii=False)


def test_pages_send_what_the_chinese_pages_send(enter: Enter) -> None:
    client = enter("officer")
    for path in MAIN:
        english, chinese = client.get(path), in_chinese(client, path)
        assert english.status_code == chinese.status_code, path
        assert english.headers["content-security-policy"] == chinese.headers["content-security-policy"], path
        assert sent(read(english.text)) == sent(read(chinese.text)), path


@pytest.mark.parametrize("name", VIEWERS)
def test_rights_are_those_of_the_chinese_pages(enter: Enter, name: str) -> None:
    client = enter(name)
    for path in (
        "/",
        "/rules",
        "/gaps",
        "/talents",
        "/imports",
        "/board",
        f"/nodes/school/{SCHOOL}",
        "/nodes/talent/P1",
    ):
        english, chinese = client.get(path), in_chinese(client, path)
        assert (english.status_code, english.url.path) == (chinese.status_code, chinese.url.path), path
        assert sent(read(english.text)) == sent(read(chinese.text)), path


def test_asking_for_english_leaves_the_chinese_pages_as_they_were(enter: Enter) -> None:
    client = enter("officer")
    for path in ("/rules", PARTNERS, "/me"):
        before = in_chinese(client, path).text
        client.get(path)
        assert timeless(in_chinese(client, path).text) == timeless(before), path


def timeless(text: str) -> str:
    """Return a page without what differs each time it is asked for."""
    return re.sub(r"[0-9a-f-]{36}|查询编号 [0-9a-f]{8}|\d{4}-\d\d-\d\d \d\d:\d\d", "", text)


@pytest.mark.parametrize("name", ["public", "officer"])
def test_the_switch_works_without_script_and_is_remembered(enter: Enter, name: str) -> None:
    client = enter(name)
    client.cookies.delete(COOKIE)
    shown = client.get("/rules")
    assert read(shown.text).all("button", value=ENGLISH)[0].text == "English"
    token = csrf(shown.text)
    client.post("/preferences", data={"csrf": token, "switch": "theme", "next": "/"})
    answer = client.post("/preferences", data={"csrf": token, "switch": ENGLISH, "next": "/rules"})
    assert answer.url.path == "/rules"
    root = read(answer.text).all("html")[0].attributes
    assert (root["lang"], root["data-theme"]) == ("en", "dark")
    assert "By what rules" in client.get("/rules").text
    back = client.post("/preferences", data={"csrf": token, "switch": ENGLISH, "next": "/rules"})
    assert read(back.text).all("html")[0].attributes["lang"] == "zh-CN"
    assert read(answer.text).all("button", value=ENGLISH)[0].text == "中文"


def test_the_language_is_one_word_of_the_look() -> None:
    look = Look.of("theme.english")
    assert (look.english, look.theme, look.cookie()) == (True, True, "theme.english")
    assert look.toggled("english").cookie() == "theme"
    assert look.attributes() == {"data-theme": "dark"}
    assert not Look.of(None).english


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/nodes/enterprise/none", 404, "Not found"),
        ("/no-such-page", 404, "Not found"),
        ("/talents/answer?need=none", 404, "no such flexible need"),
        (NEED + "&page=x", 422, "The page must be a number"),
        ("/talents/answer?inline=1&host=x&total_hours=abc", 422, "is no number"),
    ],
)
def test_refusals_say_in_english_what_to_do(enter: Enter, path: str, status: int, words: str) -> None:
    answer = enter("officer").get(path)
    assert answer.status_code == status
    assert words in unescape(re.sub(r"<[^>]+>", "", answer.text))


def test_a_role_without_the_right_is_told_in_english(enter: Enter) -> None:
    answer = enter("planner").get("/talents")
    assert answer.status_code == 403
    assert "Your role cannot ask for recommendations" in answer.text


def test_what_was_known_then_is_told_in_one_language(enter: Enter) -> None:
    client = enter("officer")
    path = f"/nodes/enterprise/{OWN}?known_at=1"
    note = read(client.get(path).text).all("p", role="note")
    assert [e.text.count("what was known at revision 1") for e in note] == [1]
    assert "修订 1" in in_chinese(client, path).text


def test_names_are_marked_as_chinese(enter: Enter) -> None:
    page = read(enter("officer").get(f"/nodes/enterprise/{OWN}").text)
    marked = [e for e in page.all("bdi") if e.attributes == {"lang": "zh"}]
    assert "北湖轴承有限公司" in {e.text for e in marked}
    assert all(is_chinese(e.text) for e in marked)


def test_the_explorer_starts_with_the_same_configuration_and_the_english_of_labels(enter: Enter) -> None:
    client = enter("officer")
    english, chinese = (
        read(answer.text) for answer in (client.get("/explorer"), in_chinese(client, "/explorer"))
    )
    configs = [
        [json.loads(e.attributes["data-config"]) for e in page.all("div", id="explorer")]
        for page in (english, chinese)
    ]
    words = [config.pop("words", None) for config in configs[0]]
    assert configs[0] == configs[1]
    assert all(told["统一社会信用代码"] == "Unified social credit code" for told in words)
    assert all("无事故" in told and not is_chinese("".join(told.values())) for told in words)
    assert all(not {"证件号码", "手机"} & told.keys() for told in words)


def test_hostile_data_stays_data(site: Site) -> None:
    plain = client_of(site, "好")
    plain.cookies.set(COOKIE, ENGLISH)
    expected = {path: read(plain.get(path).text) for path in paths(site)[::3]}
    for text in (*HOSTILE, "待核实", "“x”不在职业表中"):
        hostile = client_of(site, text)
        hostile.cookies.set(COOKIE, ENGLISH)
        for path, page in expected.items():
            assert marked_aside(read(hostile.get(path).text)) == marked_aside(page), (path, text)


def test_hostile_words_stay_in_their_fields(site: Site) -> None:
    client = client_of(site, None)
    client.cookies.set(COOKIE, ENGLISH)
    for text in (*HOSTILE, "待核实", "规则"):
        page = read(client.get("/talents", params={"title": text}).text)
        values = [e.attributes["value"] for e in page.all("input", name="title")]
        assert values == [text], text


def marked_aside(page: Reader) -> Any:
    """Return the structure of a page; how much of it is Chinese depends on its data."""
    return {key: number for key, number in page.skeleton().items() if key[0] != "bdi"}
