"""Hostile strings in every field of every row: the explorer shows them as texts and runs none of them."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from kg.bootstrap import Graph, open_graph
from kg.config import Settings
from loaders.pipeline import load
from tests.api.conftest import NOW
from tests.api.test_pages_hostile import HOSTILE
from tests.api.world import OWN, credit_code, tables
from tests.browser.explorer_page import NODES, drawn, explore, node, rest, watched
from tests.browser.running import chromium_path, launch
from tests.browser.serving import served, signed_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(chromium_path() is None, reason="no Chromium on this machine; run script/browser"),
]
HOW_MANY = 300
ALARM = "window.__ran = 0; window.alert = window.confirm = window.prompt = () => { window.__ran += 1; };"


def texts() -> list[str]:
    """Return 300 hostile strings, each different; the loader refuses control characters before they get anywhere."""
    short = [text for text in HOSTILE if len(text) < 200 and "\x00" not in text]
    return [f"{short[place % len(short)]}{place // len(short) or ''}" for place in range(HOW_MANY)]


def load_spoilt(graph: Graph, folder: Path) -> int:
    """Load the small world with a hostile text in every free field; returns how many rows the loader took."""
    words = texts()
    world = tables()
    for place, text in enumerate(words):
        code = credit_code(f"91990101MA9{place:06d}")
        world["enterprises"].append({
            **world["enterprises"][0],
            "credit_code": code,
            "name": f"{text}厂",
            "aliases": [f"{text}简称"],
        })
        world["skills"].append({"name": text, "aliases": [f"别{text}"]})
        need = {
            **world["flex_needs"][0],
            "need_id": f"X{place}{text}",
            "host": code,
            "title": text,
            "tags": [text],
        }
        world["flex_needs"].append(need)
    world["districts"][0]["name"] = "<img src=x onerror=alert(1)>区"
    world["chains"][0]["name"] = '"><svg onload=alert(1)>'
    path = folder / "world.json"
    path.write_text(json.dumps(world, ensure_ascii=False), encoding="utf-8")
    report = load(
        [path], store=graph.store, sealer=graph.sealer, schema=graph.schema, source="<b onclick=alert(1)>库",
        actor="<i>", clock=graph.clock, synthetic=True,
    ).to_json()  # fmt: skip
    return int(report["totals"]["inserted"])


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    folder = tmp_path_factory.mktemp("spoilt")
    with open_graph(Settings(data=folder / "data"), clock=lambda: NOW) as graph:
        taken = load_spoilt(graph, folder)
        assert taken >= 3 * HOW_MANY
        with served(graph) as address, sync_playwright() as playwright:
            browser: Browser = launch(playwright)
            context = signed_in(browser, graph, address)
            opened = context.new_page()
            opened.add_init_script(ALARM)
            seen = watched(opened, address)
            yield opened
            browser.close()
            assert seen == {"foreign": [], "errors": []}


def harmless(page: Page) -> None:
    assert page.evaluate("window.__ran") == 0
    assert (
        page.locator(
            "#explorer script, #explorer img, #explorer iframe, #explorer base, #explorer style"
        ).count()
        == 0
    )
    handlers = "all => all.filter((e) => e.getAttributeNames().some((n) => n.startsWith('on') || n === 'style')).length"
    assert page.eval_on_selector_all("#explorer *:not(.gx):not(.gx *)", handlers) == 0


def test_three_hundred_hostile_names_are_drawn_as_texts(page: Page) -> None:
    explore(page, f"/explorer?node=enterprise:{OWN}")
    page.locator(".leg").wait_for()
    explore(page, "/explorer?node=district:990101")
    node(page, "district:990101").click()
    for _ in range(3):
        page.locator(".why-p [data-group]").first.click()
        rest(page)
    harmless(page)
    shown = page.locator(NODES).evaluate_all("all => all.map((e) => e.getAttribute('aria-label'))")
    assert sum("<" in name or "&" in name for name in shown) > 15


def test_every_hostile_text_in_one_scene(page: Page) -> None:
    found = page.request.get("/api/v1/search?q=厂&kind=enterprise&limit=200").json()["items"]
    codes = [item["node"]["key"] for item in found]
    skills = [item["node"]["key"] for text in texts()[:60] for item in _skills(page, text)]
    parts = [f"enterprise:{code}" for code in codes[:150]] + [
        f"skill:{_encoded(key)}" for key in dict.fromkeys(skills)
    ]
    page.goto("about:blank")
    explore(page, f"/explorer#v1&n={';'.join(parts)}")
    assert len(drawn(page)) > 150
    harmless(page)


def test_panels_tables_paths_and_search_stay_texts(page: Page) -> None:
    explore(page, "/explorer")
    page.keyboard.press("/")
    for word in ("<img", "alert", "厂"):
        page.locator(".tool input").fill(word)
        page.wait_for_timeout(300)
        harmless(page)
    page.keyboard.press("Enter")
    rest(page)
    page.locator(NODES).first.dblclick()
    rest(page)
    for place in range(3):
        page.locator(NODES).nth(place).dispatch_event("click")
        page.locator(".why-p dl").wait_for()
        page.locator(".gx .eg").nth(place).dispatch_event("click")
        page.locator(".why-p dl").wait_for()
        harmless(page)
    page.locator(".twin").get_by_role("button").nth(1).click()
    harmless(page)
    page.locator(".tool").get_by_role("button", name="导出").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="矢量图 SVG").click()
    text = Path(waiting.value.path()).read_text(encoding="utf-8")
    assert "<script" not in text
    assert "<img" not in text
    assert " onload=" not in text.replace("&lt;", "").split("<title>")[0]


def _skills(page: Page, text: str) -> list[dict[str, dict[str, str]]]:
    answer = page.request.get("/api/v1/search", params={"q": text[:100], "kind": "skill", "limit": 3})
    items: list[dict[str, dict[str, str]]] = answer.json()["items"]
    return items


def _encoded(key: str) -> str:
    return quote(key, safe="")
