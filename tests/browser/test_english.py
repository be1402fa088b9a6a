"""English in a real Chromium: the switch by keyboard, pages that do not scroll sideways, the explorer's own words."""

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.explorer_page import NODES, explore, officer_context, watched
from tests.browser.running import Running, at_widths, chromium_path, need_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(chromium_path() is None, reason="no Chromium on this machine; run script/browser"),
]
SOURCES = {"市人才库", "行业协会"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def officer(browser: Browser, running: Running) -> Iterator[Page]:
    """A page of an officer who has chosen English with the keyboard."""
    context = officer_context(browser, running, running.links["officer"])
    page = context.new_page()
    page.goto("/rules")
    switch = page.get_by_role("button", name="English")
    switch.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    yield page
    context.close()


def test_the_switch_is_one_key_away_and_goes_back(officer: Page) -> None:
    assert officer.locator("html").get_attribute("lang") == "en"
    expect(officer.locator("h1")).to_have_text("By what rules recommendations are made")
    with officer.expect_navigation():
        officer.get_by_role("button", name="中文").press("Enter")
    assert officer.locator("html").get_attribute("lang") == "zh-CN"
    with officer.expect_navigation():
        officer.get_by_role("button", name="English").press("Enter")
    assert officer.url.endswith("/rules")


def test_longer_words_fit(officer: Page, running: Running) -> None:
    need = quote(need_of(running))
    for path in (
        "/",
        "/talents",
        f"/talents/answer?need={need}",
        "/partners",
        "/gaps",
        "/plans",
        "/imports",
        "/rules",
    ):
        officer.goto(path)
        for width in at_widths(officer, (1366, 1024, 820)):
            assert officer.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
            box = officer.locator("header.bar").bounding_box()
            assert box is not None
            assert box["height"] <= 46, (path, width)
            ledger = officer.locator(".led tbody tr:not(.side) th")
            cut = ledger.evaluate_all(
                "cells => cells.filter(c => c.scrollWidth > c.clientWidth).map(c => c.textContent)"
            )
            assert cut == [], (path, width)
    officer.set_viewport_size({"width": 1366, "height": 768})


def test_the_explorer_speaks_english(officer: Page, running: Running) -> None:
    seen = watched(officer, running.address)
    explore(officer, f"/explorer?node={quote(f'need:{need_of(running)}')}")
    officer.locator(NODES).first.click()
    labels = officer.locator(".why-p dt").all_inner_texts()
    assert len(labels) > 3
    told = [*labels, *officer.locator(".leg label, .leg h2, .leg h3, .tool button").all_inner_texts()]
    lines = [
        line for text in told for line in text.splitlines() if len(line) > 1
    ]  # a mark draws one character
    assert [line for line in lines if CHINESE.search(line) and line not in SOURCES] == []
    assert {"Sources", "Legend and filters"} <= set(officer.locator(".leg").inner_text().splitlines())
    assert seen == {"foreign": [], "errors": []}
