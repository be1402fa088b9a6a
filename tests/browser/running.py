"""Starts the demo as people start it, and a Chromium that may talk to it and to nothing else."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, Playwright, expect

from tests.ports import free_port
from tests.waiting import HANG, until

_FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--disable-default-apps", "--no-default-browser-check", "--lang=zh-CN",
)  # fmt: skip
_NAMES = ("chromium", "chromium-browser", "google-chrome")
COMMAND: Final = str(Path(sys.executable).with_name("jiangtu"))
PATIENCE: Final = 180_000
"""Milliseconds after which something on a page hangs; what is waited for is always a state of the page."""
_NEED = re.compile(r"柔性需求 (\S+)：")
_LINK = re.compile(r"^\s+(\w+)\s+(http://\S+/sign-in/\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Running:
    """A running demo: where it is, and one sign-in link per role (each good for one use)."""

    address: str
    links: dict[str, str]
    output: str


def need_of(running: Running) -> str:
    """Return the need that the demo answers first."""
    found = _NEED.search(running.output)
    assert found is not None
    return found.group(1)


def chromium_path() -> str | None:
    """Return the Chromium of this machine, None if there is none."""
    return next((found for name in _NAMES if (found := shutil.which(name))), None)


def launch(playwright: Playwright) -> Browser:
    """Start the machine's Chromium without any of its own network traffic."""
    expect.set_options(timeout=PATIENCE)
    return playwright.chromium.launch(executable_path=chromium_path(), args=list(_FLAGS))


def at_widths(page: Page, widths: Iterable[int]) -> Iterator[int]:
    """Yield each width when the open page has it: a page is laid out anew, and need not be asked for anew."""
    for width in widths:
        page.set_viewport_size({"width": width, "height": 768})
        until(lambda wide=width: page.evaluate("innerWidth") == wide, f"a window of {width} px")
        yield width


@contextmanager
def demo(folder: Path, *, size: str = "demo") -> Iterator[Running]:
    """Run `jiangtu demo` on a free port with its data in `folder`."""
    port = free_port()
    command = [COMMAND, "demo", "--size", size, "--port", str(port)]
    log = folder / "demo.log"
    with log.open("wb") as out:
        environment = {**os.environ, "JIANGTU_DATA": str(folder / "data"), "PYTHONUNBUFFERED": "1"}
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env=environment, cwd=folder)
        try:
            _wait(f"http://127.0.0.1:{port}/ready", process, log)
            text = log.read_text(encoding="utf-8")
            yield Running(f"http://127.0.0.1:{port}", dict(_LINK.findall(text)), text)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + HANG
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(address, timeout=60) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise RuntimeError(f"the demo did not start:\n{log.read_text(encoding='utf-8')[-2000:]}")
