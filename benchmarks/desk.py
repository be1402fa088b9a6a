"""What the desk's pages weigh and how soon they stand: bytes, time to the first paint, and the longest task.

    python benchmarks/desk.py [--size demo] [--runs 3]

Starts the demo, opens every page as an officer in Chromium without a graphics card, and prints for each page the bytes
of its HTML, the CPU milliseconds that the service spends on it, the milliseconds from the request until the server's
answer began and until the first contentful paint (both by the browser's own clock), the longest task of its main thread by that clock, and in a traced run of its own
the longest task by CPU time, which does not count what other programs took meanwhile. Medians over the runs, the style
sheets in the browser's cache after the first page. Limits: 100,000 bytes, 500 ms to the first paint, 100 ms of CPU for
a task. A busy machine makes times by the clock longer: read them beside the first line, which is a page that holds
nothing but words (the rules).
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.desk_pages import entered, officer_pages
from tests.browser.running import demo, launch

BYTES, PAINT, TASK = 100_000, 500.0, 100.0
_ASKED = 5
_TICKS = os.sysconf("SC_CLK_TCK")
_WATCH = """() => {
  window.__tasks = [];
  new PerformanceObserver((list) => list.getEntries().forEach((e) => window.__tasks.push(e.duration)))
    .observe({ type: 'longtask', buffered: true });
}"""
_READ = """() => new Promise((done) => {
  const look = () => {
    const way = performance.getEntriesByType('navigation')[0];
    const paint = performance.getEntriesByName('first-contentful-paint')[0];
    if (paint) done([way.responseStart - way.requestStart, paint.startTime, Math.max(0, ...(window.__tasks || []))]);
    else setTimeout(look, 50);
  };
  setTimeout(look, 150);
})"""


def measured(page: Page, path: str, runs: int) -> tuple[float, float, float]:
    """Return the medians of server time, first paint and longest task in milliseconds."""
    found = []
    for _ in range(runs):
        page.goto(path)
        found.append(page.evaluate(_READ))
    server, paint, task = (statistics.median(one[place] for one in found) for place in range(3))
    return server, paint, task


def service_cpu() -> float:
    """Return the CPU seconds that the demo which this program started has used so far."""
    spent = 0.0
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            _, _, tail = (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        fields = tail.split()
        if fields[1] == str(os.getpid()) and b"jiangtu" in command:
            spent += (int(fields[11]) + int(fields[12])) / _TICKS
    return spent


def cost(context: BrowserContext, path: str) -> tuple[int, float]:
    """Return the bytes of a page and the CPU milliseconds of the service for it, the mean of some requests."""
    size = len(context.request.get(path).body())
    before = service_cpu()
    for _ in range(_ASKED):
        context.request.get(path).body()
    return size, (service_cpu() - before) / _ASKED * 1000


def longest_task(browser: Browser, page: Page, path: str) -> float:
    """Return the CPU milliseconds of the longest task of the page's main thread, from a trace of its loading."""
    browser.start_tracing(page=page, categories=["toplevel", "devtools.timeline"])
    page.goto(path)
    page.evaluate(_READ)
    events = json.loads(browser.stop_tracing())["traceEvents"]
    names = {(e["pid"], e["tid"]): e["args"]["name"] for e in events if e.get("name") == "thread_name"}
    tasks = [
        e.get("tdur", 0) / 1000
        for e in events
        if "RunTask" in e.get("name", "") and names.get((e["pid"], e["tid"])) == "CrRendererMain"
    ]
    assert tasks, "the trace tells no task of the page"
    return float(max(tasks))


def report(browser: Browser, context: BrowserContext, pages: dict[str, str], runs: int) -> list[str]:
    """Print a line a page and return what is over a limit."""
    page = context.new_page()
    page.add_init_script(f"({_WATCH})()")
    page.goto("/rules")
    over = []
    print(
        f"{'page':<26}{'bytes':>9}{'service CPU':>12}{'server ms':>11}{'paint ms':>10}{'longest task ms':>17}{'by CPU ms':>11}"
    )
    for name, path in {"rules": "/rules", **pages}.items():
        size, spent = cost(context, path)
        server, paint, task = measured(page, path, runs)
        cpu = longest_task(browser, page, path)
        print(
            f"{name:<26}{size:>9,}{spent:>12.0f}{server:>11.0f}{paint:>10.0f}{task:>17.0f}{cpu:>11.0f}",
            flush=True,
        )
        for what, value, limit in (("bytes", size, BYTES), ("paint", paint, PAINT), ("task", cpu, TASK)):
            if value > limit:
                over.append(f"{name}: {what} {value:,.0f} > {limit:,.0f}")
    page.close()
    return over


def main() -> int:
    """Measure every page; exit 1 when one is over a limit."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", default="demo")
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="jiangtu-desk-") as folder,
        demo(Path(folder), size=asked.size) as running,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright)
        with entered(browser, running, "officer") as context:
            over = report(browser, context, officer_pages(context.request, running), asked.runs)
        browser.close()
    print(*(over or ["every page is within its limits"]), sep="\n")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
