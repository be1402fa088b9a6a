"""What the explorer costs in a browser without a graphics card: CPU time of all Chromium processes.

    python benchmarks/explorer_browser.py [--size demo] [--nodes 300] [--runs 3] [--frames 60]

Starts the demo, opens a scene of so many connected nodes by its address (no positions in it, so the layout is part of
it), and prints: CPU seconds from the load event until the picture is complete, CPU milliseconds per frame while the
picture is dragged and while it is zoomed, CPU at rest, CPU of one expansion, the longest task of the page by the clock
(which counts what other programs took meanwhile) and, in a traced run of its own, by CPU time. Chromium draws in
software (`--disable-gpu`). Medians over the runs; a busy machine makes CPU times a little longer, too.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.explorer_page import NODES, rest
from tests.browser.running import Running, demo, launch, need_of

_TICKS = os.sysconf("SC_CLK_TCK")
_TASKS = """() => {
  window.__longest = 0;
  window.__tasks = [];
  new PerformanceObserver((list) => list.getEntries().forEach((e) => window.__tasks.push(Math.round(e.duration))))
    .observe({ type: 'longtask', buffered: true });
}"""


_SPENT: dict[int, float] = {}


def chromium_cpu() -> float:
    """Return the CPU seconds that the Chromium processes of this program have used so far, ended ones too."""
    parents: dict[int, int] = {}
    used: dict[int, float] = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            head, _, tail = (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")
        except OSError:
            continue
        fields = tail.split()
        pid = int(folder.name)
        parents[pid] = int(fields[1])
        if "chrom" in head or "headless" in head:
            used[pid] = (int(fields[11]) + int(fields[12])) / _TICKS
    _SPENT.update({pid: seconds for pid, seconds in used.items() if _is_ours(pid, parents)})
    return sum(_SPENT.values())


def _is_ours(pid: int, parents: dict[int, int]) -> bool:
    while pid > 1:
        if pid == os.getpid():
            return True
        pid = parents.get(pid, 0)
    return False


def connected(context: BrowserContext, first: str, wanted: int) -> list[str]:
    """Return so many nodes around the first one, breadth first, as the service tells them."""
    found, place = [first], 0
    while len(found) < wanted and place < len(found):
        kind, _, key = found[place].partition(":")
        answer = context.request.get(f"/api/v1/nodes/{kind}/{quote(key, safe='')}/neighbours?limit=12")
        for group in json.loads(answer.body()).get("groups", []):
            found += [f"{item['node']['kind']}:{item['node']['key']}" for item in group["items"]]
        found, place = list(dict.fromkeys(found)), place + 1
    return found[:wanted]


def address_of(refs: list[str]) -> str:
    """Return the explorer's address of a scene without positions."""
    parts = [f"{kind}:{quote(key, safe='')}" for kind, _, key in (ref.partition(":") for ref in refs)]
    return f"/explorer#v1&n={';'.join(parts)}&m=500"


def measured(work: Callable[[], object]) -> float:
    """Return the CPU seconds of Chromium while something is done."""
    before = chromium_cpu()
    work()
    return chromium_cpu() - before


def panned(page: Page, frames: int) -> float:
    """Return CPU milliseconds per frame of a drag across the ground of the picture."""
    box = page.locator(".gx").bounding_box()
    assert box is not None
    x, y = box["x"] + 12, box["y"] + box["height"] - 12
    page.mouse.move(x, y)
    page.mouse.down()

    def drag() -> None:
        for step in range(frames):
            page.mouse.move(x + 3 * (step % 40), y - 2 * (step % 40))
            page.evaluate("new Promise((done) => requestAnimationFrame(() => done()))")

    spent = measured(drag)
    page.mouse.up()
    return spent / frames * 1000


def zoomed(page: Page, frames: int) -> float:
    """Return CPU milliseconds per frame of turning the wheel."""

    def turn() -> None:
        for step in range(frames):
            page.mouse.wheel(0, -40 if step % 20 < 10 else 40)
            page.evaluate("new Promise((done) => requestAnimationFrame(() => done()))")

    return measured(turn) / frames * 1000


def run(context: BrowserContext, address: str, frames: int) -> dict[str, float]:
    """Measure one opening of the scene and what one does with it."""
    page = context.new_page()
    page.add_init_script(f"({_TASKS})()")
    whole = chromium_cpu()
    page.goto(address, wait_until="load")
    found = {"complete": measured(lambda: (rest(page), page.wait_for_timeout(300)))}
    found["with_page"] = chromium_cpu() - whole
    found["nodes"], found["edges"] = page.locator(NODES).count(), page.locator(".gx .eg").count()
    found["pan_ms"] = panned(page, frames)
    found["zoom_ms"] = zoomed(page, frames)
    found["rest_ms"] = measured(lambda: page.wait_for_timeout(2000)) / 2 * 1000
    page.evaluate("document.querySelector('.nt .bt').parentNode.previousSibling.focus()")

    def expand() -> None:
        page.keyboard.press("Enter")
        rest(page)

    found["expand"] = measured(expand)
    found["nodes_then"] = page.locator(NODES).count()
    tasks = page.evaluate("window.__tasks")
    found["longest_ms"], found["tasks_over_100"] = max(tasks, default=0), sum(task > 100 for task in tasks)
    page.close()
    return found


def longest_task(browser: Browser, context: BrowserContext, address: str) -> float:
    """Return the most CPU milliseconds of one task of the page's main thread while the scene opens and is dragged."""
    page = context.new_page()
    browser.start_tracing(page=page, categories=["toplevel", "devtools.timeline"])
    page.goto(address, wait_until="load")
    rest(page)
    panned(page, 20)
    events = json.loads(browser.stop_tracing())["traceEvents"]
    page.close()
    ours = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "FunctionCall" and "/static/explorer/" in json.dumps(event.get("args", {}))
    }
    main_threads = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    spent = [
        event.get("tdur", 0) / 1000
        for event in events
        if event["name"] == "ThreadControllerImpl::RunTask"
        and (event["pid"], event["tid"]) in ours & main_threads
    ]
    return max(spent)


def main(options: argparse.Namespace) -> int:
    """Print the medians of all runs."""
    with (
        tempfile.TemporaryDirectory(prefix="jiangtu-explorer-") as work,
        demo(Path(work), size=options.size) as running,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright)
        context = browser.new_context(viewport={"width": 1366, "height": 768}, base_url=running.address)
        sign_in(context, running)
        refs = connected(context, f"need:{need_of(running)}", options.nodes)
        started = time.strftime("%H:%M:%S")
        runs = [run(context, address_of(refs), options.frames) for _ in range(options.runs)]
        for one in runs:
            one["longest_cpu_ms"] = longest_task(browser, context, address_of(refs))
        browser.close()
    print(f"{started} {options.size}, {options.runs} runs, load {os.getloadavg()[0]:.1f}")
    for name in runs[0]:
        values = [one[name] for one in runs]
        print(
            f"  {name:<16}{statistics.median(values):>9.3f}   {'  '.join(f'{value:.3f}' for value in values)}"
        )
    return 0


def sign_in(context: BrowserContext, running: Running) -> None:
    """Sign the officer of the demo in."""
    page = context.new_page()
    page.goto(running.links["officer"])
    with page.expect_navigation():
        page.locator("main button").click()
    page.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--size", default="demo")
    parser.add_argument("--nodes", type=int, default=300)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--frames", type=int, default=60)
    sys.exit(main(parser.parse_args()))
