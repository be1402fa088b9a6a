"""Every page of the desk as the demo fills it: one address a page, found as a reader would find it."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

from playwright.sync_api import APIRequestContext, Browser, BrowserContext

from tests.browser.running import PATIENCE, Running, need_of

_WORDS = {
    "school": "学", "enterprise": "公司", "problem": "难题", "alliance": "联合体", "competition": "竞赛", "occupation": "工",
}  # fmt: skip
_ASKS = {
    "talent": ("peers", "steps", "lineage", "ways"),
    "school": ("cohorts", "agreements", "teachers", "pathways", "targets", "carriers"),
    "enterprise": ("needs", "posts", "agreements", "carriers"),
    "alliance": ("completions",),
    "competition": ("chain",),
    "occupation": ("ways",),
    "district": ("carriers",),
}
_PLAIN = {
    "home": "/", "search": "/search?q=lc", "search-none": "/search?q=没有这个词", "talents-ask": "/talents?q=数控",
    "talents-form": "/talents?find_skill=主轴&find_occupation=磨工&valid_from=2026-12-07&valid_to=2027-01-17&total_hours=36",
    "talents-error": "/talents/answer?inline=1&title=没有填完&total_hours=abc", "partners-ask": "/partners?anchor_kind=enterprise",
    "partners-district": "/partners/answer?anchor=district:990101&mode=internship", "teams-ask": "/teams?q=难题",
    "board": "/board", "gaps": "/gaps", "map": "/map?measure=ratio", "planning": "/planning", "what-if": "/planning/what-if",
    "targets": "/planning/targets", "ways": "/planning/ways", "shown": "/shown?days=90", "plans": "/plans", "imports": "/imports",
    "history": "/imports/history", "check": "/check", "rules": "/rules", "me": "/me", "error-404": "/nodes/enterprise/none",
}  # fmt: skip


@contextmanager
def entered(
    browser: Browser, running: Running, role: str, *, script: bool = True
) -> Iterator[BrowserContext]:
    """Yield a context signed in by the demo's one-time link of that role."""
    context = browser.new_context(
        viewport={"width": 1366, "height": 768}, base_url=running.address, locale="zh-CN", java_script_enabled=script
    )  # fmt: skip
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(running.links[role])
    with page.expect_navigation():
        page.locator("main button").click()
    page.close()
    try:
        yield context
    finally:
        context.close()


def officer_pages(asking: APIRequestContext, running: Running) -> dict[str, str]:
    """Return name and address of every page that an officer opens."""
    keys = {kind: _first(asking, kind, word) for kind, word in _WORDS.items()}
    need = need_of(running)
    answer = asking.get(f"/talents/answer?need={need}").text()
    keys["talent"] = _after(answer, "/nodes/talent/")
    keys["district"] = "990101"
    picks = re.findall(r'name="pick" value="([^"]+)"', answer)[:3]
    anchor = f"enterprise:{keys['enterprise']}"
    found = {
        **_PLAIN,
        "talents": f"/talents/answer?need={need}",
        "talents-sheet": f"/talents/answer?need={need}&view=sheet",
        "talents-compare": f"/talents/compare?need={need}" + "".join(f"&pick={quote(one)}" for one in picks),
        "partners-form": f"/partners?anchor={anchor}",
        "partners": f"/partners/answer?anchor={anchor}&mode=internship",
        "partners-base": f"/partners/answer?anchor={anchor}&mode=base",
        "team": _team(asking),
        "gaps-cell": _cell(asking),
        "occupation-map": f"/map?occupation={quote(keys['occupation'].partition('@')[0])}",
    }
    for kind, key in keys.items():
        address = f"/nodes/{kind}/{quote(key, safe='')}"
        found[f"node-{kind}"] = address
        found |= {f"node-{kind}-{ask}": f"{address}?ask={ask}" for ask in _ASKS.get(kind, ())}
    return found


def enterprise_pages() -> dict[str, str]:
    """Return the pages of an enterprise's own day."""
    return {
        "home": "/", "talents": "/talents", "partners": "/partners", "teams": "/teams", "board": "/board", "gaps": "/gaps",
        "map": "/map", "rules": "/rules",
    }  # fmt: skip


def _first(asking: APIRequestContext, kind: str, word: str) -> str:
    told = json.loads(asking.get(f"/api/v1/search?q={quote(word)}&kind={kind}&limit=1").body())
    return str(told["items"][0]["node"]["key"])


def _after(text: str, mark: str) -> str:
    return text.partition(mark)[2].partition('"')[0]


def _team(asking: APIRequestContext) -> str:
    """Return the page of a problem that a team can solve, else of any."""
    links = re.findall(r'"(/teams\?problem=[^"]+)"', asking.get("/teams?q=难题").text())
    return next((link for link in links if 'class="tb cov"' in asking.get(link).text()), links[0])


def _cell(asking: APIRequestContext) -> str:
    """Return the gap page with its first cell opened."""
    links = re.findall(r'"(/gaps\?[^"#]*occupation=[^"#]+)', asking.get("/gaps").text())
    return links[0].replace("&amp;", "&") if links else "/gaps"
