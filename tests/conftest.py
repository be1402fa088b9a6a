"""Property tests draw the same cases in every run. Which stores are tested: `KG_TEST_STORES`, a comma-separated list. What is requested must work; the header names the rest."""

import os

import pytest
from hypothesis import settings

settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")

STORES = ("memory", "sqlite")


def requested_stores() -> tuple[str, ...]:
    """Return the engines asked for; UsageError for one that is not known."""
    asked = os.environ.get("KG_TEST_STORES", ",".join(STORES))
    names = tuple(name.strip() for name in asked.split(",") if name.strip())
    unknown = [name for name in names if name not in STORES]
    if unknown or not names:
        raise pytest.UsageError(f"KG_TEST_STORES must list some of {', '.join(STORES)}, got {asked!r}")
    return names


def pytest_report_header() -> str:
    requested = requested_stores()
    missing = [name for name in STORES if name not in requested]
    return f"stores tested: {', '.join(requested)}; not tested: {', '.join(missing) or 'none'}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the contract classes of engines that were not asked for."""
    requested = requested_stores()
    left_out = [item for item in items if _engine(item) not in {None, *requested}]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def _engine(item: pytest.Item) -> str | None:
    return getattr(getattr(item, "cls", None), "engine", None)
