"""The demo and the browser that every module of these tests starts."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.running import COMMAND, Running, demo, launch


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder with the demo city, as `jiangtu demo` loads it; every module works on a copy."""
    folder = tmp_path_factory.mktemp("demo-city")
    environment = {**os.environ, "JIANGTU_DATA": str(folder / "data")}
    told = subprocess.run([COMMAND, "demo", "--no-serve"], env=environment, cwd=folder, capture_output=True, check=False)  # fmt: skip
    assert told.returncode == 0, told.stderr.decode()
    return folder / "data"


@pytest.fixture(scope="module")
def running(city: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("demo")
    shutil.copytree(city, folder / "data")
    with demo(folder) as started:
        yield started


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = launch(playwright)
        yield opened
        opened.close()
