"""An officer brings in a foreign register in a real Chromium: headers, progress, report, with and without script."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext

from kg.bootstrap import Graph, open_graph
from kg.config import Settings
from tests.browser.explorer_page import watched
from tests.browser.running import PATIENCE, chromium_path
from tests.browser.serving import served, signed_in
from tests.browser.test_explorer_keyboard import faults

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(chromium_path() is None, reason="no Chromium on this machine; run script/browser"),
]
PEOPLE = 12_000
FOREIGN = "工号,人员姓名,联系电话,所属区县,技能等级,备注\n"


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graph]:
    with open_graph(Settings(data=tmp_path_factory.mktemp("import-desk"))) as opened:
        yield opened


@pytest.fixture(scope="module")
def address(graph: Graph) -> Iterator[str]:
    with served(graph) as at:
        yield at


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    path = tmp_path / "花名册.csv"
    rows = (f"G{n},合成甲,1380013{n % 10000:04},990101,技师,无\n" for n in range(PEOPLE))
    path.write_text(FOREIGN + "".join(rows), encoding="utf-8")
    return path


def _bring_in(context: BrowserContext, roster: Path, source: str) -> str:
    """Take a register through all pages and return the words of its report."""
    page = context.new_page()
    page.goto("/imports")
    page.set_input_files("#f-files", [str(roster)])
    page.fill("#f-source", source)
    page.get_by_role("button", name="先对应列名").click()
    page.wait_for_url("**/imports/mapping/**")
    assert page.locator("select[name='c0.0']").input_value() == "person_id"
    assert "13800130000" not in page.content()
    page.locator("select[name='c0.5']").select_option("")
    page.get_by_role("button", name="保存并导入").click()
    page.wait_for_url("**/imports/imp-*")
    page.wait_for_selector("text=每行都有去处", timeout=PATIENCE)
    words = page.locator("main").inner_text()
    page.close()
    return words


def test_a_foreign_register_with_script(browser: Browser, graph: Graph, address: str, roster: Path) -> None:
    context = signed_in(browser, graph, address)
    page = context.new_page()
    seen = watched(page, address)
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    assert f"新增 {PEOPLE:,}" in " ".join(_bring_in(context, roster, "有脚本").split())
    followed = [url for url in asked if url.endswith("/events")]
    assert len(followed) == 1
    assert [url for url in asked if not url.startswith((address, "data:"))] == []
    number = followed[0].split("/")[-2]
    assert asked.count(f"{address}/imports/{number}") <= 3, "the page reloads itself although events tell it"
    page.goto("/imports/sources")
    assert "有脚本" in page.locator("main").inner_text()
    assert faults(page) == []
    page.goto("/imports/mappings")
    assert "人才编号" in page.locator("main").inner_text()
    assert faults(page) == []
    assert seen == {"foreign": [], "errors": []}
    context.close()


def test_the_same_without_script(browser: Browser, graph: Graph, address: str, roster: Path) -> None:
    context = signed_in(browser, graph, address, java_script_enabled=False)
    assert f"新增 {PEOPLE:,}" in " ".join(_bring_in(context, roster, "无脚本").split())
    context.close()


def test_the_page_of_headers_has_nothing_serious_by_axe(
    browser: Browser, graph: Graph, address: str, tmp_path: Path
) -> None:
    path = tmp_path / "单位.csv"
    path.write_text("统一代码,企业名称,登记状态\n91990102MA0000000A,甲公司,存续\n", encoding="utf-8")
    context = signed_in(browser, graph, address)
    page = context.new_page()
    page.goto("/imports")
    page.set_input_files("#f-files", [str(path)])
    page.get_by_role("button", name="先对应列名").click()
    page.wait_for_url("**/imports/mapping/**")
    page.wait_for_selector("text=文件里没有的必填列")
    assert faults(page) == []
    context.close()
