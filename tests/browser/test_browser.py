"""The running demo in a real Chromium: no script, no request to anywhere else, everything by keyboard."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.running import PATIENCE, Running, at_widths, chromium_path, need_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(chromium_path() is None, reason="no Chromium on this machine; run script/browser"),
]


@pytest.fixture(scope="module")
def officer(browser: Browser, running: Running) -> Iterator[Page]:
    """A page signed in as an officer, with scripts switched off and every request noted."""
    context = browser.new_context(
        viewport={"width": 1366, "height": 768},
        java_script_enabled=False,
        base_url=running.address,
        locale="zh-CN",
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    foreign: list[str] = []
    page.on(
        "request", lambda r: None if r.url.startswith((running.address, "data:")) else foreign.append(r.url)
    )
    page.goto(running.links["officer"])
    with page.expect_navigation():
        page.locator("main button").click()
    yield page
    context.close()
    assert foreign == []


def paths(running: Running) -> list[str]:
    need = need_of(running)
    return [
        "/", "/search?q=lc", "/talents", f"/talents/answer?need={need}", f"/talents/answer?need={need}&view=sheet",
        "/partners", "/imports", "/rules", "/me", "/nodes/district/none",
    ]  # fmt: skip


def test_nothing_scrolls_sideways(officer: Page, running: Running) -> None:
    for path in paths(running):
        officer.goto(path)
        for width in at_widths(officer, (1366, 1024, 412)):
            body = officer.locator("main").bounding_box()
            assert body is not None
            assert body["x"] + body["width"] <= width + 1, (path, width)
    officer.set_viewport_size({"width": 1366, "height": 768})


def test_verdict_score_and_ledger_stand_on_the_first_screen(officer: Page, running: Running) -> None:
    officer.goto(f"/talents/answer?need={need_of(running)}")
    for selector in (".big", ".verdict", ".led .fin"):
        box = officer.locator(selector).first.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 768, selector


def test_the_first_tab_leads_to_the_text(officer: Page) -> None:
    officer.goto("/rules")
    officer.keyboard.press("Tab")
    assert officer.locator(":focus").inner_text() == "跳到正文"
    officer.keyboard.press("Enter")
    assert officer.url.endswith("#main")


def test_a_question_can_be_asked_by_keyboard_alone(officer: Page) -> None:
    officer.goto("/talents")
    officer.locator("#nq").focus()
    officer.keyboard.type("数控")
    with officer.expect_navigation():
        officer.keyboard.press("Enter")
    officer.locator(".hits a").first.focus()
    with officer.expect_navigation():
        officer.keyboard.press("Enter")
    assert officer.locator(".led").count() == 1


def test_focus_is_seen(officer: Page) -> None:
    officer.goto("/")
    officer.keyboard.press("Tab")
    officer.keyboard.press("Tab")
    plain = officer.locator(".logo")
    assert plain.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"


def test_the_switches_change_the_look(officer: Page) -> None:
    officer.goto("/rules")
    for switch, attribute in (("theme", "data-theme"), ("text", "data-text"), ("contrast", "data-contrast")):
        for expected in (1, 0):
            with officer.expect_navigation():
                officer.locator(f'button[value="{switch}"]').click()
            assert officer.locator(f"html[{attribute}]").count() == expected


def test_the_sheet_prints_on_a4_with_its_notice(officer: Page, running: Running, tmp_path: Path) -> None:
    officer.goto(f"/talents/answer?need={need_of(running)}&view=sheet")
    pdf = officer.pdf(prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF")
    assert officer.locator(".sheet .fineprint").inner_text().startswith("辅助推荐，由人工决定")
    officer.emulate_media(media="print")
    assert not officer.locator(".bar").is_visible()
    assert not officer.locator(".acts").is_visible()
    officer.emulate_media(media="screen")
