"""Takes a picture of every page of the demo: `script/screenshots [FOLDER]`."""

import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.desk_pages import officer_pages
from tests.browser.explorer_page import explore, rest
from tests.browser.running import Running, chromium_path, demo, launch, need_of

Shoot = Callable[..., None]
"""Takes the picture `name` of the page at `path`, whole or the first screen (`full=False`)."""
_SAMPLE = "统一社会信用代码,企业名称,区划代码\n12345,一个错的代码,370000\n"


def main(folder: Path) -> int:
    """Start the demo, walk through it as an officer, and write one PNG per page and look into `folder`."""
    if chromium_path() is None:
        print("没有 Chromium：请先运行 script/browser", file=sys.stderr)
        return 1
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="jiangtu-pictures-") as work,
        demo(Path(work)) as running,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright)
        page = browser.new_page(
            viewport={"width": 1366, "height": 768}, locale="zh-CN", base_url=running.address
        )
        _walk(page, running, folder, Path(work))
        browser.close()
    print(f"{len(list(folder.glob('*.png')))} 张图片写在 {folder}")
    return 0


def _walk(page: Page, running: Running, folder: Path, work: Path) -> None:
    def shoot(name: str, path: str, *, full: bool = True) -> None:
        page.goto(running.address + path)
        page.screenshot(path=folder / f"{name}.png", full_page=full)
        print(name, flush=True)

    shoot("sign-in", "/sign-in")
    shoot("home-public", "/")
    page.goto(running.links["officer"])
    page.screenshot(path=folder / "sign-in-link.png")
    with page.expect_navigation():
        page.click("main button")
    shoot("home", "/", full=False)
    shoot("search", "/search?q=lc")
    shoot("talents-ask", "/talents?q=数控")
    talents = f"/talents/answer?need={need_of(running)}"
    shoot("talents-first-screen", talents, full=False)
    shoot("talents", talents)
    page.goto(running.address + talents)
    if page.query_selector(".cand.v") is not None:
        shoot("talents-to-verify", str(page.get_attribute(".cand.v >> nth=0", "href")))
    shoot("talents-sheet", talents + "&view=sheet")
    page.pdf(path=folder / "talents-sheet.pdf", prefer_css_page_size=True)
    page.goto(running.address + talents)
    page.pdf(path=folder / "talents-print.pdf", prefer_css_page_size=True)
    node = page.get_attribute("#cn a", "href")
    shoot("node-talent", str(node))
    enterprise = _partners(page, running, shoot)
    shoot("node-enterprise", f"/nodes/enterprise/{enterprise}")
    shoot("rules", "/rules")
    shoot("me", "/me")
    shoot("error-404", "/nodes/enterprise/none")
    shoot("talents-error", "/talents/answer?inline=1&title=没有填完&total_hours=abc")
    _explorer(page, running, folder)
    _import(page, running, folder, work)
    _switches(page, running, folder, talents)
    for name, path in officer_pages(page.request, running).items():
        if not (folder / f"{name}.png").exists():
            shoot(name, path)
    shoot("partners-district", "/partners/answer?anchor=district:990101&mode=internship")
    _narrow(page, shoot, talents)
    _other_roles(page, running, shoot, talents)


def _narrow(page: Page, shoot: Shoot, talents: str) -> None:
    """Take the answer on a tablet and on a telephone."""
    page.set_viewport_size({"width": 1024, "height": 1366})
    shoot("talents-tablet", talents, full=False)
    page.set_viewport_size({"width": 412, "height": 900})
    shoot("talents-phone", talents, full=False)
    page.set_viewport_size({"width": 1366, "height": 768})


def _other_roles(page: Page, running: Running, shoot: Shoot, talents: str) -> None:
    """Take what an enterprise, a school and a planner see first."""
    for role in ("enterprise", "school", "planner"):
        page.context.clear_cookies()
        page.goto(running.links[role])
        with page.expect_navigation():
            page.click("main button")
        shoot(f"{role}-home", "/")
        if role == "enterprise":
            shoot("enterprise-talents", talents)
            shoot("enterprise-partners", "/partners")


def _explorer(page: Page, running: Running, folder: Path) -> None:
    """Take the explorer walking: a first picture, an expansion with its reason, evidence, paths; all looks and sizes."""

    def shoot(name: str) -> None:
        rest(page)
        page.screenshot(path=folder / f"explorer-{name}.png")
        print(f"explorer-{name}", flush=True)

    need = f"need:{need_of(running)}"
    explore(page, f"{running.address}/explorer?node={need}")
    page.locator(f'.gx [data-node="{need}"]').first.focus()
    page.keyboard.press("Enter")
    rest(page)
    page.locator('.gx .nd[data-node^="enterprise:"]').first.focus()
    page.keyboard.press("Enter")
    shoot("node")
    page.locator(".gx .eg").first.dispatch_event("click")
    page.locator(".why-p .kv").wait_for()
    for switch in ("theme", "contrast", "text"):
        with page.expect_navigation():
            page.click(f'button[value="{switch}"]')
        shoot(f"edge-{switch}")
        with page.expect_navigation():
            page.click(f'button[value="{switch}"]')
    page.set_viewport_size({"width": 1024, "height": 1366})
    shoot("tablet")
    page.set_viewport_size({"width": 1366, "height": 768})
    explore(page, f"{running.address}/explorer?need={need_of(running)}&rank=1")
    shoot("evidence")
    explore(page, f"{running.address}/explorer?node=district:990101")
    page.locator(".why-p").get_by_role("button", name="分类：").first.click()
    page.locator(".parts li").first.wait_for()
    shoot("groups")


def _switches(page: Page, running: Running, folder: Path, talents: str) -> None:
    for switch in ("theme", "contrast", "text"):
        page.goto(running.address + talents)
        for picture in (f"talents-{switch}.png", None):
            with page.expect_navigation():
                page.click(f'button[value="{switch}"]')
            if picture is not None:
                page.screenshot(path=folder / picture)


def _partners(page: Page, running: Running, shoot: Shoot) -> str:
    page.goto(f"{running.address}/search?q=企业:公司")
    enterprise = str(page.get_attribute(".hits a >> nth=0", "href")).rsplit("/", 1)[1]
    named = re.search(r"【问二】(\S+?)：", running.output)
    anchor = named.group(1) if named else enterprise
    shoot("partners-ask", "/partners?anchor_kind=enterprise")
    shoot("partners-choose", f"/partners/answer?anchor={anchor[:4]}&mode=internship")
    partners = f"/partners/answer?anchor={anchor}&mode=internship"
    shoot("partners-first-screen", partners, full=False)
    shoot("partners", partners)
    shoot("partners-sheet", partners + "&view=sheet")
    shoot("partners-base", f"/partners/answer?anchor={anchor}&mode=base")
    return enterprise


def _import(page: Page, running: Running, folder: Path, work: Path) -> None:
    sample = work / "企业.csv"
    sample.write_text(_SAMPLE, encoding="utf-8")
    page.goto(f"{running.address}/imports")
    page.screenshot(path=folder / "import-form.png", full_page=True)
    page.set_input_files("#f-files", str(sample))
    page.check("input[name=dry_run]")
    with page.expect_navigation():
        page.click("main form button.p")
    page.wait_for_selector("text=再导入一批", timeout=30_000)
    page.screenshot(path=folder / "import-report.png", full_page=True)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots").absolute()))
