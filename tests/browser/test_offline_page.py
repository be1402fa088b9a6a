"""Exported pages opened by double-click in a real Chromium: nothing runs, nothing is asked for, the picture is there."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from kg.schema import SCHEMA
from tests.browser.running import PATIENCE, chromium_path, launch
from tests.browser.test_explorer_hostile import texts
from tests.visualizations.pictures import HOSTILE, crowd, picture
from visualizations.offline_page import offline_page
from visualizations.svg_file import svg
from visualizations.theme import mark_of, outline_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(chromium_path() is None, reason="no Chromium on this machine; run script/browser"),
]
WITNESS = "window.alert = window.confirm = window.prompt = () => { window.ran = true; };"
OUTLINES = {"enterprise": (outline_of(mark_of(SCHEMA.by_kind["enterprise"])), True)}
WRITERS: dict[str, Callable[[str], bytes]] = {
    "html": lambda text: offline_page(picture(text), [("理由", text)]),
    "svg": lambda text: svg(picture(text), OUTLINES),
}


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        opened = browser.new_page(viewport={"width": 1366, "height": 768})
        opened.set_default_timeout(PATIENCE)
        opened.add_init_script(WITNESS)
        yield opened
        browser.close()


@pytest.mark.parametrize("form", sorted(WRITERS))
def test_hostile_text_runs_nowhere_and_nothing_is_asked_for(page: Page, tmp_path: Path, form: str) -> None:
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    opened = []
    for number, text in enumerate(HOSTILE):
        path = tmp_path / f"{number}.{form}"
        path.write_bytes(WRITERS[form](text))
        page.goto(path.as_uri())
        opened.append(path.as_uri())
        assert page.evaluate("window.ran === undefined"), text
        if form == "html":
            assert page.locator("canvas").count() == 1, text
            box = page.locator("#picture").bounding_box()
            assert box is not None
            page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            assert page.evaluate("window.ran === undefined"), text
    assert asked == opened
    assert wrong == []


def test_the_picture_is_drawn_and_rests(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "plain.html"
    path.write_bytes(offline_page(picture("甲")))
    page.goto(path.as_uri())
    drawn = "() => { const c = document.querySelector('canvas'); return c.toDataURL(); }"
    page.wait_for_function("() => document.querySelector('canvas').width > 0")
    first = ""
    for _ in range(PATIENCE // 500):
        before, first = first, str(page.evaluate(drawn))
        if first == before and len(first) > 3000:
            break
        page.wait_for_timeout(500)
    else:
        raise AssertionError("the picture never rests")


@pytest.mark.parametrize("form", ["html", "svg"])
def test_three_hundred_hostile_names_on_one_picture(page: Page, tmp_path: Path, form: str) -> None:
    words = texts()
    path = tmp_path / f"crowd.{form}"
    reasons = [("理由", word) for word in words]
    path.write_bytes(offline_page(crowd(words), reasons) if form == "html" else svg(crowd(words), OUTLINES))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    assert len(words) == 300
    assert page.evaluate("window.ran === undefined")
    if form == "html":
        cells = page.locator("table").first.locator("td").all_inner_texts()
        assert len(cells) == 300
        assert page.locator("tbody").nth(1).locator("tr").count() == 300
    else:
        assert page.evaluate("document.querySelectorAll('[role=img]').length") == 300
    assert asked == [path.as_uri()]
