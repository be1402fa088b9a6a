"""Three hundred hostile strings in every field of every row: every page of the desk shows them and runs none."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from kg.bootstrap import open_graph
from kg.config import Settings
from tests.api.conftest import NOW
from tests.api.world import OWN, SCHOOL
from tests.browser.explorer_page import watched
from tests.browser.running import launch
from tests.browser.serving import served, signed_in
from tests.browser.test_desk import pytestmark  # noqa: F401 - marks
from tests.browser.test_explorer_hostile import ALARM, HOW_MANY, load_spoilt, texts

FOREIGN = (
    "main img, main iframe, main base, main object, main embed, main style, main script, main meta, main link"
)
PAGES = (
    "/", "/talents", "/talents?q=厂", "/talents?find_skill=简", f"/partners?anchor=enterprise:{OWN}", "/teams", "/teams?q=题",
    "/teams?problem=CANARYproblem", "/board", "/gaps", "/map", "/planning", "/planning/what-if", "/planning/targets",
    "/planning/ways", "/shown", "/plans", "/imports", "/imports/history", "/check", "/rules", "/me", "/search?q=厂",
    "/search?q=<img&limit=100", "/search?q=alert&limit=100", f"/partners/answer?anchor=enterprise:{OWN}&mode=internship",
    f"/partners/answer?anchor=school:{SCHOOL}&mode=internship", "/partners/answer?anchor=district:990101&mode=internship",
    "/nodes/district/990101", "/nodes/chain/L1", "/nodes/chain/L1?relation=enterprises.chains&direction=in",
    *(f"/nodes/enterprise/{OWN}?ask={ask}" for ask in ("needs", "posts", "agreements", "carriers")),
    *(f"/nodes/school/{SCHOOL}?ask={ask}" for ask in ("cohorts", "agreements", "teachers", "pathways", "targets", "carriers")),
)  # fmt: skip


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    folder = tmp_path_factory.mktemp("spoilt-desk")
    with open_graph(Settings(data=folder / "data"), clock=lambda: NOW) as graph:
        assert load_spoilt(graph, folder) >= 3 * HOW_MANY
        with served(graph) as address, sync_playwright() as playwright:
            browser: Browser = launch(playwright)
            opened = signed_in(browser, graph, address).new_page()
            opened.add_init_script(ALARM)
            seen = watched(opened, address)
            yield opened
            browser.close()
            assert seen["foreign"] == []
            assert [one for one in seen["errors"] if "status of 404" not in one] == []


FOUND = f"""() => ({{
    ran: window.__ran,
    foreign: document.querySelectorAll({FOREIGN!r}).length,
    handlers: [...document.querySelectorAll("body *")].filter(
        (e) => e.getAttributeNames().some((n) => n.startsWith("on") || n === "style")).length,
    mains: document.querySelectorAll("main").length,
    headings: document.querySelectorAll("h1").length,
}})"""


def harmless(page: Page, path: str) -> None:
    """Check that nothing ran, and that nothing stands on the page that no template put there."""
    found = page.evaluate(FOUND)
    assert found == {"ran": 0, "foreign": 0, "handlers": 0, "mains": 1, "headings": 1}, path


def test_every_page_of_the_desk(page: Page) -> None:
    for path in PAGES:
        page.goto(path)
        harmless(page, path)


def test_the_pages_of_hostile_nodes(page: Page) -> None:
    """All 300 in lists of 60, and every tenth on pages of its own."""
    found = page.request.get("/api/v1/search?q=厂&kind=enterprise&limit=200").json()["items"]
    assert len(found) == 200
    shown = 0
    for hit in found[::10]:
        path = f"/nodes/enterprise/{hit['node']['key']}"
        page.goto(path)
        shown += "<" in page.locator("h1").inner_text()
        harmless(page, path)
        page.goto(f"{path}?ask=needs")
        harmless(page, path)
    assert shown > 5
    for place, text in list(enumerate(texts()))[::10]:
        for path in (
            f"/talents/answer?need={quote(f'X{place}{text}', safe='')}",
            f"/nodes/skill/{quote(text, safe='')}",
            f"/search?q={quote(text, safe='')}",
            f"/talents?title={quote(text, safe='')}&skills={quote(text, safe='')}&find_skill={quote(text, safe='')}",
        ):
            page.goto(path)
            harmless(page, path)


def test_suggestions_are_texts(page: Page) -> None:
    page.goto("/")
    for words in ("厂", "<img", "alert", "svg onload"):
        page.fill("#q", words)
        page.wait_for_timeout(400)
        harmless(page, words)
    page.fill("#q", "厂")
    option = page.locator(".sugb [role=option]").first
    option.wait_for()
    assert page.locator(".sugb [role=option]").count() == 8
    with page.expect_navigation():
        option.click()
    harmless(page, page.url)
    page.goto("/talents")
    page.fill("#f-find_skill", "alert")
    page.locator(".pk2 [role=option]").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.input_value("#f-skills").endswith("=3*1")
    harmless(page, "/talents")
