"""Property tests draw the same cases in every run. Which stores are tested: `KG_TEST_STORES`, a comma-separated list. What is requested must work; the header names the rest.

Without the list every store is meant. A Neo4j server that cannot be started here is then left out with a loud line,
and under `CI=true` the 5.26 server must be there.
"""

import gc
import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from kg.identity.title_meaning import package_path
from script.neo4j_server import Running, stop
from tests.neo4j_running import VERSIONS, driver, lacking, server, wipe

# How long an example takes, or finding one, says how busy the machine is, and nothing about the product.
settings.register_profile(
    "repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("repeatable")

STORES = ("memory", "sqlite", *VERSIONS)


def requested_stores() -> tuple[str, ...]:
    """Return the engines to test; UsageError for one that is not known, or was asked for and cannot be had."""
    asked = os.environ.get("KG_TEST_STORES")
    names = tuple(name.strip() for name in (asked or ",".join(STORES)).split(",") if name.strip())
    unknown = [name for name in names if name not in STORES]
    if unknown or not names:
        raise pytest.UsageError(f"KG_TEST_STORES must list some of {', '.join(STORES)}, got {asked!r}")
    missing = {name: lacking(name) for name in names if name in VERSIONS and lacking(name)}
    needed = set(names) if asked else {"neo4j"} if os.environ.get("CI") == "true" else set()
    for name in sorted(needed & missing.keys()):
        raise pytest.UsageError(f"the store {name} must be tested, but there is {missing[name]}")
    return tuple(name for name in names if name not in missing)


def pytest_report_header() -> list[str]:
    requested = requested_stores()
    lines = [f"stores tested: {', '.join(requested)}"]
    for name in STORES:
        if name not in requested:
            why = lacking(name) if name in VERSIONS else ""
            lines.append(f"!!! NOT TESTED: store {name} ({why or 'not among KG_TEST_STORES'})")
    if not package_path().is_file():
        lines.append("!!! NOT TESTED: titles in the order of their meaning (script/semantic)")
    return lines


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the classes of engines that are not tested."""
    requested = requested_stores()
    left_out = [item for item in items if _engine(item) not in {None, *requested}]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_collection_finish() -> None:
    """Keep the collected tests out of the sight of the collector of garbage, which is a third of a second each time.

    The service takes everything back into its sight whenever it builds an index, to find what earlier ones left in
    cycles; with the whole suite in memory that is longer than building a small world. Here every fifteenth does it.
    """
    take_back, turns = gc.unfreeze, itertools.count(1)

    def seldom() -> None:
        if next(turns) % 15 == 0:
            take_back()

    gc.collect()
    gc.freeze()
    gc.unfreeze = seldom


class _Together(LoadScopeScheduling):
    """Deals out test by test, but those of the Neo4j servers, and those of the browser, to one process each.

    Every process that takes one of them starts its own servers. The groups of `--dist loadgroup` would say the same;
    they travel in the ids of tests, where this pytest does not let them.
    """

    def _split_scope(self, nodeid: str) -> str:
        if "Neo4j" in nodeid or nodeid.startswith("tests/neo4j/"):
            return "neo4j"
        return "browser" if nodeid.startswith("tests/browser/") else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> _Together:
    """Return who deals out the tests to the processes of `-n`."""
    return _Together(config, log)


def _engine(item: pytest.Item) -> str | None:
    return getattr(getattr(item, "cls", None), "engine", None)


@pytest.fixture(scope="session")
def neo4j_homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for the homes of the servers, which end when the session does."""
    folder = tmp_path_factory.mktemp("neo4j")
    yield folder
    for engine in VERSIONS:
        running = (folder / engine).is_dir() and server(engine, folder)
        if running:
            driver(running).close()
            stop(running.home, seconds=5)


@pytest.fixture
def neo4j(request: pytest.FixtureRequest, neo4j_homes: Path) -> Running:
    """The server of the engine that the test class names, empty."""
    running = server(request.cls.engine, neo4j_homes)
    wipe(running)
    return running
