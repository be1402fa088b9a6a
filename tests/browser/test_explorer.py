"""The explorer in a real Chromium with the mouse: walk, ask why, filter, find paths, undo, share."""

import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.explorer_page import (
    EDGES,
    NODES,
    arrive,
    badges,
    drawn,
    explore,
    neighbour_total,
    node,
    officer_context,
    places,
    rest,
    scene_of,
    steps,
    watched,
)  # fmt: skip
from tests.browser.running import PATIENCE, Running, chromium_path, need_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(chromium_path() is None, reason="no Chromium on this machine; run script/browser"),
]


@pytest.fixture(scope="module")
def context(browser: Browser, running: Running) -> Iterator[BrowserContext]:
    opened = officer_context(browser, running, running.links["officer"])
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext, running: Running) -> Iterator[Page]:
    opened = context.new_page()
    seen = watched(opened, running.address)
    yield opened
    opened.close()
    assert seen == {"foreign": [], "errors": []}


def start(page: Page, running: Running) -> str:
    ref = f"need:{need_of(running)}"
    explore(page, f"/explorer?node={ref}")
    return ref


def panel_button(page: Page, words: str) -> None:
    page.locator(".why-p").get_by_role("button", name=words, exact=True).click()
    rest(page)


def test_a_node_page_leads_into_the_graph(page: Page, running: Running) -> None:
    page.goto(f"/nodes/need/{need_of(running)}")
    page.get_by_role("link", name="在图中查看").click()
    rest(page)
    assert f"need:{need_of(running)}" in drawn(page)
    assert len(drawn(page)) > 3
    assert page.title().startswith("图谱：")


def test_badges_count_exactly_what_is_not_shown(page: Page, running: Running) -> None:
    ref = start(page, running)
    for one, unseen in badges(page).items():
        joined = page.evaluate(
            """(ref) => new Set([...document.querySelectorAll('.eg')].map((e) => e.getAttribute('aria-label'))).size""",
            ref,
        )
        assert joined > 0
        if one == ref:
            shown = page.locator(".exp small").all_inner_texts()
            pairs = [
                tuple(int(number.replace(",", "")) for number in text.strip().split(" / ")) for text in shown
            ]
            assert unseen == sum(total - there for there, total in pairs)
            assert neighbour_total(page, ref) == sum(total for _, total in pairs)
    hidden = page.locator(".tot b").nth(1).inner_text().replace(",", "")
    assert int(hidden) == sum(badges(page).values())


def test_expanding_brings_the_promised_number_and_names_the_step(page: Page, running: Running) -> None:
    start(page, running)
    before = drawn(page)
    enterprise = next(ref for ref in before if ref.startswith("enterprise:"))
    node(page, enterprise).click()
    page.locator(".why-p [data-group]").first.click()
    rest(page)
    words = page.locator(".hist [aria-current]").inner_text()
    brought = int(words.rsplit(" ", 1)[1])
    assert len(drawn(page)) == len(before) + brought
    assert "展开" in words
    page.go_back()
    rest(page)
    assert drawn(page) == before
    page.go_forward()
    rest(page)
    assert len(drawn(page)) == len(before) + brought


def test_an_edge_says_why_it_is_there(page: Page, running: Running) -> None:
    start(page, running)
    edge = page.locator(EDGES).first
    name = edge.get_attribute("aria-label") or ""
    edge.dispatch_event("click")
    expect(page.locator(".why-p .kv")).to_be_visible()
    facts = page.locator(".why-p").inner_text()
    for words in ("为什么有这条关系", "来源", "原始行", "批次", "登记", "可信度"):
        assert words in facts
    assert edge.get_attribute("aria-pressed") == "true"
    row = page.locator(".twin tr.cur")
    expect(row).to_have_count(1)
    for part in name.split(" ")[:1]:
        assert part in row.inner_text()


def test_the_table_chooses_in_the_picture(page: Page, running: Running) -> None:
    start(page, running)
    page.locator(".twin").get_by_role("button", name=re.compile("^节点")).click()
    row = page.locator(".twin tbody tr").nth(2)
    row.locator("button").first.click()
    chosen = page.locator(f"{NODES}[aria-pressed=true]")
    expect(chosen).to_have_count(1)
    name = row.locator("button").first.inner_text().splitlines()[-1]
    assert name in (chosen.get_attribute("aria-label") or "")


def test_choosing_scrolls_the_table_and_never_the_page(page: Page, running: Running) -> None:
    page.set_viewport_size({"width": 1024, "height": 600})
    start(page, running)
    assert page.evaluate("scrollY") == 0, "opened with a chosen node"
    ref = page.locator(NODES).last.get_attribute("data-node") or ""
    node(page, ref).dispatch_event("click")
    expect(node(page, ref)).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("scrollY") == 0
    inside = """() => {
      const row = document.querySelector('.twin tr.cur, .twin tr.near').getBoundingClientRect();
      const box = document.querySelector('.twin .scroll').getBoundingClientRect();
      return row.top >= box.top - 1 && row.bottom <= box.bottom + 1;
    }"""
    assert page.evaluate(inside)


def test_the_legend_is_the_filter_and_takes_edges_along(page: Page, running: Running) -> None:
    start(page, running)
    edges = page.locator(EDGES).count()
    skills = [ref for ref in drawn(page) if ref.startswith("skill:")]
    page.locator(".leg").get_by_role("checkbox", name="技能", exact=True).uncheck()
    rest(page)
    assert not [ref for ref in drawn(page) if ref.startswith("skill:")]
    assert page.locator(EDGES).count() < edges
    assert f"隐藏 {len(skills)}" in page.locator(".leg").inner_text()
    assert "&k=skill" in page.url
    page.locator(".leg").get_by_role("checkbox", name="技能", exact=True).check()
    rest(page)
    assert page.locator(EDGES).count() == edges
    page.locator(".leg").get_by_label("可信度").select_option("1")
    rest(page)
    assert "c=1" in page.url
    page.locator(".leg").get_by_role("button", name="取消所有筛选").click()
    rest(page)
    assert page.locator(EDGES).count() == edges


def test_hide_pin_move_lasso_and_keep(page: Page, running: Running) -> None:
    ref = start(page, running)
    others = [one for one in drawn(page) if one != ref]
    node(page, others[0]).click()
    panel_button(page, "隐藏")
    assert others[0] not in drawn(page)
    page.locator(".leg").get_by_role("button", name="显示已隐藏的 1 个").click()
    rest(page)
    assert others[0] in drawn(page)
    before = places(page)
    box = node(page, others[1]).locator(".s").first.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y + 25, steps=4)
    page.mouse.up()
    rest(page)
    after = places(page)
    assert [one for one in after if after[one] != before[one]] == [others[1]]
    assert "已固定" in (node(page, others[1]).get_attribute("aria-label") or "")
    canvas = page.locator(".gx").bounding_box()
    assert canvas is not None
    page.get_by_role("button", name="套索").click()
    corners = [
        (4, 4),
        (canvas["width"] - 60, 4),
        (canvas["width"] - 60, canvas["height"] - 4),
        (4, canvas["height"] - 4),
    ]
    page.mouse.move(canvas["x"] + 4, canvas["y"] + 4)
    page.mouse.down()
    for right, down in corners[1:]:
        page.mouse.move(canvas["x"] + right, canvas["y"] + down, steps=3)
    page.mouse.up()
    assert page.locator(f"{NODES}[aria-pressed=true]").count() >= len(before) - 2
    node(page, ref).click()
    panel_button(page, "只留所选")
    assert drawn(page) == [ref]


def test_paths_with_swap_and_forbid(page: Page, running: Running) -> None:
    ref = start(page, running)
    node(page, ref).click()
    panel_button(page, "找路径")
    end = page.get_by_role("combobox", name="终点")
    end.fill("人才:陈")
    page.locator(".why-p [role=option]").first.wait_for()
    end.press("Enter")
    panel_button(page, "找路径")
    found = page.locator(".paths > li")
    expect(found.first).to_be_visible()
    first = found.first.inner_text()
    page.locator(".paths > li").first.get_by_role("button", name="在图中显示").click()
    rest(page)
    assert page.locator(f"{NODES}.on").count() >= 3
    assert "p=" in page.url
    shared = page.url
    page.locator(".paths > li").first.locator(".stp .not").first.click()
    expect(page.locator(".why-p .chip")).to_have_count(1)
    rest(page)
    assert found.count() == 0 or found.first.inner_text() != first
    panel_button(page, "对调")
    assert page.get_by_role("combobox", name="终点").input_value() != ""
    again = page.context.new_page()
    explore(again, shared)
    assert again.locator(f"{NODES}.on").count() >= 3
    again.close()


def act(page: Page, chance: random.Random) -> None:
    """Do one random thing that makes a step."""
    refs = drawn(page)
    one = node(page, chance.choice(refs))
    one.focus()
    what = chance.choice(["Enter", "Delete", "d", "Shift+ArrowRight", "Shift+ArrowUp", "legend", "c", "h"])
    if what == "Delete" and len(refs) < 6:
        what = "d"
    if what == "legend":
        page.locator(".leg input[type=checkbox]").nth(chance.randrange(4)).click()
    else:
        page.keyboard.press(what)
    rest(page)


def test_undo_of_fifty_random_steps_returns_the_first_scene(page: Page, running: Running) -> None:
    start(page, running)
    first, nodes, at = scene_of(page), drawn(page), places(page)
    chance = random.Random(20261123)
    while int(page.evaluate("JSON.parse(sessionStorage.getItem(history.state.session)).steps.length")) <= 50:
        act(page, chance)
    rest(page)
    last = scene_of(page)
    assert last != first
    for _ in range(50):
        page.keyboard.press("Control+z")
    arrive(page, first)
    rest(page)
    assert drawn(page) == nodes
    assert places(page) == at
    expect(page.get_by_role("button", name="撤销")).to_be_disabled()
    for _ in range(50):
        page.keyboard.press("Control+y")
    arrive(page, last)


def test_the_address_is_the_scene(page: Page, context: BrowserContext, running: Running) -> None:
    ref = start(page, running)
    node(page, ref).focus()
    for key in ("Enter", "d", "Shift+ArrowDown", "Delete"):
        page.keyboard.press(key)
        rest(page)
        node(page, drawn(page)[1]).focus()
    page.locator(".leg").get_by_role("checkbox", name="能力", exact=True).uncheck()
    rest(page)
    other = context.new_page()
    explore(other, page.url)
    assert scene_of(other) == scene_of(page)
    assert places(other) == places(page)
    assert badges(other) == badges(page)
    assert other.locator(EDGES).count() == page.locator(EDGES).count()
    other.reload()
    rest(other)
    assert scene_of(other) == scene_of(page)
    other.close()


def test_undo_outlives_a_reload(page: Page, running: Running) -> None:
    ref = start(page, running)
    first = scene_of(page)
    node(page, ref).focus()
    page.keyboard.press("d")
    rest(page)
    page.reload()
    rest(page)
    assert steps(page)[-1].startswith("固定")
    page.keyboard.press("Control+z")
    arrive(page, first)


def test_a_saved_view_opens_with_the_readers_rights(page: Page, browser: Browser, running: Running) -> None:
    talent = page.context.request.get("/api/v1/search?q=人才:陈&limit=1").json()["items"][0]["node"]["key"]
    explore(page, f"/explorer?node=talent:{talent}")
    page.locator(".tool").get_by_role("button", name="视图").click()
    page.get_by_label("给这张图起个名字").fill("我的视图")
    page.get_by_label("给这张图起个名字").press("Enter")
    expect(page.locator("[role=status]", has_text="已保存视图")).to_have_count(1)
    number = page.request.get("/api/v1/views").json()["items"][0]["id"]
    colleague = officer_context(browser, running, running.links["enterprise"])
    theirs = colleague.new_page()
    explore(theirs, f"/explorer?view={number}")
    seen = drawn(theirs)
    assert set(seen) < set(drawn(page))
    assert not [one for one in seen if one.startswith(("talent:", "engagement:"))]
    assert "无权查看" in theirs.locator(".tot").inner_text()
    colleague.close()


def test_pictures_are_made_in_the_browser(page: Page, running: Running) -> None:
    start(page, running)
    for words, magic in (("图片 PNG", b"\x89PNG"), ("矢量图 SVG", b"<svg")):
        page.locator(".tool").get_by_role("button", name="导出").click()
        with page.expect_download() as waiting:
            page.get_by_role("button", name=words).click()
        content = Path(waiting.value.path()).read_bytes()
        assert content.startswith(magic)
        assert len(content) > 5_000
        assert b"<script" not in content
        if magic == b"<svg":
            told = content.decode()
            assert "策略 default-2026a" in told
            assert "导出人 demo-officer" in told


def test_evidence_of_an_answer_opens_as_a_picture(page: Page, running: Running) -> None:
    page.goto(f"/talents/answer?need={need_of(running)}")
    page.get_by_role("link", name="依据 1 在图谱中看").click()
    rest(page)
    assert len(drawn(page)) >= 2


def test_without_script_the_page_is_plain_and_works(browser: Browser, running: Running) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=running.address, locale="zh-CN")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto("/search?q=企业:公司")
    href = str(page.locator(".hits a").first.get_attribute("href"))
    _, _, kind, key = href.split("/")
    page.goto(f"/explorer?node={kind}:{key}")
    text = page.locator("main").inner_text()
    assert "图形界面需要浏览器脚本" in text
    page.locator("main .card a").nth(1).click()
    assert "/nodes/" in page.url
    context.close()


def test_the_panel_says_that_nobody_has_confirmed_a_join(page: Page, running: Running) -> None:
    pytest.importorskip("splink", reason="the extra identity is not installed")
    merged = page.request.get(f"{running.address}/api/v1/reviews?state=merged").json()["items"]
    ref = next(one["sides"][0]["node"]["key"] for one in merged if one["by"] == "自动")
    explore(page, f"/explorer?node=talent:{ref}")
    expect(page.locator("[data-name=joined]")).to_contain_text("由 2 条登记合并，其中 1 处还没有人确认")
    expect(page.locator("[data-name=joined] a")).to_have_attribute("href", f"/nodes/talent/{ref}#joined")
