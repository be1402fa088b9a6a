"""A day at the desk in a real Chromium: the officer's with a mouse, the same by keyboard alone, an enterprise's own."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.desk_pages import entered
from tests.browser.explorer_page import watched
from tests.browser.running import PATIENCE, Running, need_of
from tests.browser.test_desk import pytestmark  # noqa: F401 - marks

MOST_TABS = 120


@pytest.fixture(scope="module")
def officer(browser: Browser, running: Running) -> Iterator[BrowserContext]:
    with entered(browser, running, "officer") as context:
        yield context


def focused(page: Page) -> str:
    """Return the words of what has the focus."""
    return str(
        page.evaluate(
            "(e => e.innerText || e.getAttribute('aria-label') || e.name || '')(document.activeElement)"
        )
    ).strip()


def tab_to(page: Page, words: str, *, inside: str = "main") -> None:
    """Press the tab key until a thing with those words, inside that part of the page, has the focus."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        at = page.evaluate(f"document.activeElement.closest('{inside}') !== null")
        if at and words in focused(page):
            return
    raise AssertionError(f"{words} is not reached by the tab key; the focus is on {focused(page)!r}")


def test_an_officers_day(officer: BrowserContext, running: Running) -> None:
    page = officer.new_page()
    seen = watched(page, running.address)
    page.goto("/")
    page.fill("#q", need_of(running))
    option = page.locator(".sugb [role=option]").first
    option.wait_for()
    assert page.locator("#q").get_attribute("aria-expanded") == "true"
    with page.expect_navigation():
        option.click()
    with page.expect_navigation():
        page.get_by_role("link", name="找柔性人才").click()
    expect(page.locator(".led")).to_have_count(1)
    name = page.locator(".dh h2").first.inner_text().split()[0]
    with page.expect_navigation():
        page.locator(".dec button[value=adopted]").click()
    expect(page.locator(".dec")).to_contain_text("采纳")
    expect(page.locator(".done")).to_contain_text(f"已记录：采纳 {name}")
    with page.expect_navigation():
        page.locator(".done").get_by_role("button", name="撤销").click()
    expect(page.locator(".done")).to_contain_text("还没有决定")
    with page.expect_navigation():
        page.locator(".dec button[value=adopted]").click()
    page.goto("/rules")
    expect(page.locator(".done")).to_have_count(0)
    page.goto("/")
    expect(page.locator("section[aria-labelledby=s-recent]")).to_contain_text(name)
    with page.expect_navigation():
        page.get_by_role("link", name="采纳了，等联系").click()
    page.locator("summary", has_text="下一步").first.click()
    page.locator("select[name=state]").first.select_option("contacted")
    with page.expect_navigation():
        page.get_by_role("button", name="记录").first.click()
    page.goto("/board?state=contacted")
    expect(page.locator("main")).to_contain_text(name)
    assert seen == {"foreign": [], "errors": []}
    page.close()


def test_the_same_day_by_keyboard_alone(officer: BrowserContext, running: Running) -> None:
    page = officer.new_page()
    page.goto("/rules")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "gq"
    need = need_of(running)
    with page.expect_response(lambda answer: f"q={need}&" in answer.url):
        page.keyboard.type(need)
    expect(page.locator(".sugb [role=option]").first).to_contain_text(need)
    page.keyboard.press("ArrowDown")
    assert page.locator("#gq").get_attribute("aria-activedescendant")
    expect(page.locator("#live")).to_contain_text("条建议")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith(f"/nodes/need/{need}")
    tab_to(page, "找柔性人才")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    second = page.locator(".cand").nth(1)
    tab_to(page, second.locator(".nm").inner_text(), inside=".pk:nth-child(2) .cand")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator(".cand").nth(1).get_attribute("aria-current") == "true"
    tab_to(page, "采纳", inside="button[value=adopted]")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator(".dec")).to_contain_text("采纳")
    tab_to(page, "看跟进", inside=".dec")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith("/board?state=adopted")
    page.close()


def test_menus_open_and_close_by_keyboard(officer: BrowserContext) -> None:
    page = officer.new_page()
    page.goto("/")
    tab_to(page, "规划", inside=".nav")
    page.keyboard.press("Enter")
    menu = page.locator(".nav details", has_text="供需缺口")
    assert menu.get_attribute("open") is not None
    page.keyboard.press("Escape")
    assert menu.get_attribute("open") is None
    assert "规划" in focused(page)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith("/gaps")
    page.goto("/")
    page.locator(".nav summary", has_text="数据").click()
    page.locator("h1").click()
    assert page.locator(".nav details[open]").count() == 0
    page.close()


def test_a_picker_adds_to_the_form(officer: BrowserContext) -> None:
    page = officer.new_page()
    page.goto("/talents")
    page.fill("#f-skills", "刮研=4*1")
    page.fill("#f-find_skill", "zhuzhou")
    page.locator(".pk2 [role=option]", has_text="主轴").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    lines = page.input_value("#f-skills").split("\n")
    assert lines[0] == "刮研=4*1"
    assert "主轴" in lines[1]
    assert lines[1].endswith("=3*1")
    assert page.input_value("#f-find_skill") == ""
    assert page.url.endswith("/talents")
    page.close()


def test_hours_are_worked_out_without_losing_the_form(officer: BrowserContext) -> None:
    page = officer.new_page()
    page.goto("/talents")
    for name, text in (
        ("title", "试"),
        ("valid_from", "2026-12-07"),
        ("valid_to", "2027-01-03"),
        ("total_hours", "24"),
    ):
        page.fill(f"#f-{name}", text)
    with page.expect_navigation():
        page.get_by_role("button", name="核算工时").click()
    expect(page.locator("#hours")).to_contain_text("每周 6.0 小时")
    assert page.input_value("#f-title") == "试"
    page.close()


def test_an_enterprises_own_day(browser: Browser, running: Running) -> None:
    with entered(browser, running, "enterprise") as context:
        page = context.new_page()
        seen = watched(page, running.address)
        page.goto("/")
        expect(page.locator("h1")).to_contain_text("公司")
        expect(page.locator("#s-posts")).to_have_count(1)
        with page.expect_navigation():
            page.locator("a.chip", has_text="岗位实习").click()
        expect(page.locator(".led")).to_have_count(1)
        school = page.locator(".dh h2").first.inner_text().split()[0]
        with page.expect_navigation():
            page.locator("button[value=adopted]").first.click()
        page.goto("/board?state=adopted")
        expect(page.locator("main")).to_contain_text(school[:4])
        page.goto("/talents")
        with page.expect_navigation():
            page.locator("#nq").press("Enter")
        assert page.locator("text=姓名与电话").count() == 0
        assert seen == {"foreign": [], "errors": []}


def test_the_whole_day_without_a_script(browser: Browser, running: Running) -> None:
    with browser.new_context(java_script_enabled=False, base_url=running.address, locale="zh-CN") as context:
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(running.links["planner"])
        with page.expect_navigation():
            page.locator("main button").click()
        page.locator(".nav summary", has_text="规划").click()
        with page.expect_navigation():
            page.locator(".nav .pop a", has_text="专业与产业").click()
        with page.expect_navigation():
            page.locator("a", has_text="试算停招").first.click()
        assert page.locator("#f-major1").input_value()
        page.goto("/map")
        page.locator("#ms").select_option("demand")
        with page.expect_navigation():
            page.locator("main form button").click()
        expect(page.locator("th[aria-sort=descending]")).to_have_text("需求")


def test_after_a_decision_the_next_question_has_the_focus(officer: BrowserContext) -> None:
    pytest.importorskip("splink", reason="the extra identity is not installed")
    page = officer.new_page()
    page.goto("/reviews?state=merged")
    name = page.locator("#q2 .h .end a").inner_text()
    tab_to(page, "确认是同一人", inside="#q1 button")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith("/reviews?state=merged#q1")
    expect(page.locator("#q1")).to_be_focused()
    expect(page.locator("#q1 .h .end a")).to_have_text(name)
    expect(page.locator(".done")).to_be_in_viewport()
    page.close()
