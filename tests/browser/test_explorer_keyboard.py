"""The explorer's story by keyboard alone: whatever the mouse does has its twin."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from kg.bootstrap import open_graph
from kg.config import Settings
from tests.api.conftest import load_tables
from tests.api.world import OWN
from tests.browser.explorer_page import EDGES, NODES, drawn, explore, node, places, rest, scene_of, watched
from tests.browser.running import chromium_path
from tests.browser.serving import served, signed_in
from visualizations.explorer_files import FOLDER

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(chromium_path() is None, reason="no Chromium on this machine; run script/browser"),
]
NEED = "need:N1"


@pytest.fixture
def page(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    folder = tmp_path_factory.mktemp("world")
    with open_graph(Settings(data=folder / "data"), clock=lambda: datetime.now(UTC)) as graph:
        load_tables(graph, folder)
        with served(graph) as address:
            context = signed_in(browser, graph, address)
            opened = context.new_page()
            seen = watched(opened, address)
            yield opened
            context.close()
            assert seen == {"foreign": [], "errors": []}


def said(page: Page) -> str:
    return page.locator("#explorer > [role=status]").inner_text()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
        rest(page)


def focused(page: Page) -> str | None:
    return page.locator(":focus").get_attribute("data-node")


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until an element of the selector has the focus; nobody needs the mouse to get there."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.locator(f"{selector}:focus").count():
            return
    raise AssertionError(f"no way to {selector} by Tab")


def test_search_walk_expand_why_path_and_export(page: Page) -> None:
    explore(page, "/explorer")
    page.keyboard.press("/")
    page.keyboard.type("N1")
    page.locator(".tool [role=option]").first.wait_for()
    press(page, "Enter")
    assert drawn(page) == [NEED]
    tab_to(page, ".nd")
    assert focused(page) == NEED
    press(page, "Enter")
    assert len(drawn(page)) > 3
    assert "展开" in said(page)
    press(page, "ArrowRight")
    press(page, "ArrowLeft", "ArrowUp", "ArrowDown")
    assert page.locator(f"{NODES}:focus").count() == 1
    node(page, NEED).focus()
    press(page, "r")
    assert page.locator(f"{EDGES}:focus").count() == 1
    press(page, "ArrowRight", "Enter")
    expect(page.locator(".why-p .kv")).to_contain_text("市库")
    assert "已选" in said(page)
    press(page, "Escape")
    assert focused(page) == NEED
    press(page, "p")
    assert page.locator(".why-p input:focus").count() == 1
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("南浦机床")
    page.locator(".why-p [role=option]").first.wait_for()
    press(page, "Enter")
    tab_to(page, '[data-name="find"]')
    press(page, "Enter")
    page.locator(".paths > li").first.wait_for()
    tab_to(page, '[data-name="show 0"]')
    press(page, "Enter")
    assert page.locator(f"{NODES}.on").count() >= 2
    page.keyboard.press("Shift+Tab")
    tab_to(page, ".tool .popw:last-child .btn, .tool .acts .popw .btn")


def test_hide_pin_move_collapse_choose_by_keys(page: Page) -> None:
    explore(page, f"/explorer?node={NEED}")
    whole = drawn(page)
    node(page, NEED).focus()
    before = places(page)[NEED]
    press(page, "Shift+ArrowRight")
    assert places(page)[NEED] != before
    assert "已固定" in str(node(page, NEED).get_attribute("aria-label"))
    press(page, "d")
    assert "已固定" not in str(node(page, NEED).get_attribute("aria-label"))
    press(page, "n")
    assert page.locator(f"{NODES}[aria-pressed=true]").count() > 2
    press(page, "Escape")
    assert page.locator(f"{NODES}[aria-pressed=true]").count() == 0
    press(page, "PageDown", " ")
    chosen = focused(page)
    assert chosen
    press(page, "Delete")
    assert chosen not in drawn(page)
    assert focused(page) in drawn(page)
    press(page, "h")
    assert drawn(page) == whole
    node(page, NEED).focus()
    press(page, "c")
    assert drawn(page) == [NEED]
    press(page, "Control+z", "Control+z")
    assert len(drawn(page)) == len(whole) - 1
    press(page, "Control+y")
    assert drawn(page) == whole


def test_filters_and_table_by_keys(page: Page) -> None:
    explore(page, f"/explorer?node={NEED}")
    first = scene_of(page)
    tab_to(page, ".leg input[type=checkbox]")
    press(page, " ")
    assert scene_of(page) != first
    assert page.locator(".leg input:focus").count() == 1
    press(page, "Control+z")
    assert scene_of(page) == first, "undo works from the box that was just unticked"
    assert page.locator(".leg input:focus").count() == 1
    press(page, " ", " ")
    assert scene_of(page) == first
    tab_to(page, ".twin td .lk")
    press(page, "Enter")
    assert page.locator(".twin tr.near").count() >= 1
    assert page.locator(".twin :focus").count() == 1


def test_every_control_has_a_name_and_the_graph_is_readable(page: Page) -> None:
    explore(page, f"/explorer?node=enterprise:{OWN}")
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('button, input, select, [role=button], a')].filter((e) => {
          const label = e.labels && e.labels.length ? e.labels[0].textContent : '';
          return !(e.getAttribute('aria-label') || e.textContent.trim() || label || e.type === 'hidden');
        }).map((e) => e.outerHTML.slice(0, 200))"""
    )
    assert nameless == []
    assert page.get_by_role("button", name="企业 北湖轴承有限公司").count() >= 1
    names = page.locator(NODES).evaluate_all("all => all.map((e) => e.getAttribute('aria-label'))")
    assert all(name.count(" ") >= 1 for name in names)


def test_the_other_looks(page: Page) -> None:
    for width, height in ((1366, 768), (1024, 1366), (412, 900)):
        page.set_viewport_size({"width": width, "height": height})
        explore(page, f"/explorer?node={NEED}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


AXE = FOLDER / "node_modules" / "axe-core" / "axe.min.js"
FAULTS = """axe.run(document, { resultTypes: ['violations'] }).then((told) => told.violations
  .filter((one) => ['serious', 'critical'].includes(one.impact))
  .map((one) => [one.id, one.nodes.slice(0, 3).map((node) => node.html.slice(0, 200))]))"""


def faults(page: Page) -> list[list[object]]:
    """Return what axe finds serious or critical on the page as it stands."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[list[object]] = page.evaluate(FAULTS)
    return found


def test_axe_finds_nothing_serious(page: Page) -> None:
    explore(page, "/explorer")
    assert faults(page) == []
    explore(page, f"/explorer?node={NEED}")
    node(page, NEED).focus()
    press(page, " ")
    page.locator(".why-p .kv").wait_for()
    assert faults(page) == []
    page.locator(EDGES).first.focus()
    press(page, "Enter")
    page.locator(".why-p .kv").wait_for()
    assert faults(page) == []
    node(page, NEED).focus()
    press(page, "p")
    assert faults(page) == []
    for switch in ("theme", "contrast", "text"):
        with page.expect_navigation():
            page.click(f'button[value="{switch}"]')
        rest(page)
        assert faults(page) == []
