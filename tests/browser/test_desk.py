"""Every page of the desk in a real Chromium: nothing serious by axe, nothing from elsewhere, one calm line on top."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.desk_pages import entered, enterprise_pages, officer_pages
from tests.browser.explorer_page import watched
from tests.browser.running import PATIENCE, Running, at_widths, chromium_path
from tests.browser.test_explorer_keyboard import faults

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(chromium_path() is None, reason="no Chromium on this machine; run script/browser"),
]
LOOKS = ("theme", "contrast", "text")
MAIN = (
    "home",
    "talents",
    "partners",
    "team",
    "gaps-cell",
    "map",
    "planning",
    "shown",
    "board",
    "node-school-cohorts",
)


@pytest.fixture(scope="module")
def officer(browser: Browser, running: Running) -> Iterator[BrowserContext]:
    with entered(browser, running, "officer") as context:
        yield context


@pytest.fixture(scope="module")
def pages(officer: BrowserContext, running: Running) -> dict[str, str]:
    return officer_pages(officer.request, running)


def open_page(page: Page, path: str) -> None:
    """Open a page; it must be there (the one about what is not there is told as such)."""
    answer = page.goto(path)
    assert answer is not None
    assert answer.status in ({404} if "/none" in path else {422} if "abc" in path else {200}), (
        path,
        answer.status,
    )


def test_axe_finds_nothing_serious_and_nothing_comes_from_elsewhere(
    officer: BrowserContext, pages: dict[str, str], running: Running
) -> None:
    page = officer.new_page()
    seen = watched(page, running.address)
    assert len(pages) >= 50
    for name, path in pages.items():
        open_page(page, path)
        assert faults(page) == [], name
    assert seen["foreign"] == []
    assert [one for one in seen["errors"] if "status of 4" not in one] == []
    page.close()


@pytest.mark.parametrize("look", LOOKS)
def test_axe_in_every_look(
    officer: BrowserContext, pages: dict[str, str], running: Running, browser: Browser, look: str
) -> None:
    state = officer.storage_state()
    context = browser.new_context(storage_state=state, base_url=running.address, locale="zh-CN")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto("/")
    with page.expect_navigation():
        page.click(f'button[value="{look}"]')
    for name in MAIN:
        open_page(page, pages[name])
        assert page.locator(f"html[data-{look}]").count() == 1
        assert faults(page) == [], (look, name)
    context.close()


def test_an_enterprises_pages(browser: Browser, running: Running) -> None:
    with entered(browser, running, "enterprise") as context:
        page = context.new_page()
        seen = watched(page, running.address)
        for name, path in enterprise_pages().items():
            open_page(page, path)
            assert faults(page) == [], name
        assert seen == {"foreign": [], "errors": []}


def test_the_top_bar_is_one_line(officer: BrowserContext, pages: dict[str, str]) -> None:
    page = officer.new_page()
    for name in MAIN:
        open_page(page, pages[name])
        box = page.locator("header.bar").bounding_box()
        assert box is not None
        assert box["height"] <= 46, name
    page.close()


def test_nothing_scrolls_sideways(officer: BrowserContext, pages: dict[str, str]) -> None:
    page = officer.new_page()
    for name, path in pages.items():
        open_page(page, path)
        for width in at_widths(page, (1366, 1024, 412)):
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
    page.close()


def test_every_page_is_light(officer: BrowserContext, pages: dict[str, str]) -> None:
    for name, path in pages.items():
        assert len(officer.request.get(path).body()) <= 100_000, name


def test_watermark_where_people_are_shown_and_print_without_controls(
    officer: BrowserContext, pages: dict[str, str]
) -> None:
    page = officer.new_page()
    for name in ("talents", "team", "node-talent", "node-talent-peers", "board", "talents-compare"):
        open_page(page, pages[name])
        assert page.locator("svg.wm").count() >= 1, name
        page.emulate_media(media="print")
        assert not page.locator("header.bar").is_visible(), name
        assert page.locator("button:visible").count() == 0, name
        page.emulate_media(media="screen")
    page.close()
