"""Helpers for tests of the explorer: open it, wait until it rests, read what is drawn."""

import json
import re
from typing import Any
from urllib.parse import quote

from playwright.sync_api import BrowserContext, Locator, Page

from tests.browser.running import PATIENCE, Running

NODES = ".gx .nd"
EDGES = ".gx .eg"
AT_REST = '.gx[aria-busy="false"][data-complete]'


def officer_context(browser: Any, running: Running, link: str, **more: Any) -> BrowserContext:
    """Return a signed-in context; `context.foreign` collects requests to anywhere else."""
    context = browser.new_context(
        viewport={"width": 1366, "height": 768}, base_url=running.address, locale="zh-CN", **more
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(link)
    with page.expect_navigation():
        page.locator("main button").click()
    page.close()
    return context


def watched(page: Page, address: str) -> dict[str, list[str]]:
    """Note requests to other addresses, errors of scripts and refusals of the content policy."""
    seen: dict[str, list[str]] = {"foreign": [], "errors": []}
    own = (address, "data:", "blob:")
    page.on("request", lambda r: None if r.url.startswith(own) else seen["foreign"].append(r.url))
    page.on("pageerror", lambda error: seen["errors"].append(str(error)))
    page.on("console", lambda m: seen["errors"].append(m.text) if m.type == "error" else None)
    return seen


def explore(page: Page, address: str) -> None:
    """Open an address of the explorer and wait until the picture rests."""
    page.goto(address)
    rest(page)


def rest(page: Page) -> None:
    """Wait until nothing is asked, placed or drawn any more."""
    for selector in (
        AT_REST,
        '.tot[aria-busy="false"]',
        AT_REST,
    ):  # an answer may set the picture going again
        page.wait_for_selector(selector)


def node(page: Page, ref: str) -> Locator:
    """Return the drawn node of a reference `kind:key`."""
    return page.locator(f'{NODES}[data-node="{ref}"]')


def drawn(page: Page) -> list[str]:
    """Return the references of all drawn nodes, sorted."""
    found: list[str] = page.eval_on_selector_all(NODES, "all => all.map((e) => e.dataset.node)")
    return sorted(found)


def places(page: Page) -> dict[str, str]:
    """Return where every node is drawn."""
    script = "all => Object.fromEntries(all.map((e) => [e.dataset.node, e.getAttribute('transform')]))"
    found: dict[str, str] = page.eval_on_selector_all(NODES, script)
    return found


def badges(page: Page) -> dict[str, int]:
    """Return the number on the badge of every node, 0 where there is none."""
    script = "all => all.map((e) => [e.dataset.node, e.nextSibling.querySelector('.bt') ? e.nextSibling.querySelector('.bt').textContent : '+0'])"
    return {ref: int(text) for ref, text in page.eval_on_selector_all(NODES, script)}


def neighbour_total(page: Page, ref: str) -> int:
    """Return how many neighbours the server counts, by another route than the explorer asks."""
    kind, _, key = ref.partition(":")
    answer = page.request.get(f"/api/v1/nodes/{kind}/{quote(key, safe='')}/neighbours?limit=1")
    return sum(group["total"] for group in json.loads(answer.body())["groups"])


def steps(page: Page) -> list[str]:
    """Return the names of the steps that the list shows, without their numbers."""
    texts = page.locator(".hist li").all_inner_texts()
    return [re.sub(r"^\d+ ", "", text.strip()) for text in texts]


def scene_of(page: Page) -> str:
    """Return the scene part of the address."""
    return page.url.partition("#")[2]


def arrive(page: Page, scene: str) -> None:
    """Wait until the address holds a scene."""
    for _ in range(PATIENCE // 100):
        if scene_of(page) == scene:
            return
        page.wait_for_timeout(100)
    at = page.evaluate(
        "`${JSON.stringify(history.state)}, focus on ${document.activeElement.outerHTML.slice(0, 120)}`"
    )
    raise AssertionError(f"the address stays at step {at} {steps(page)}: {scene_of(page)[:200]}")
