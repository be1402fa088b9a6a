"""What the benchmarks share: the day they are about, their command line, the machine they ran on, times and memory."""

import argparse
import os
import platform
import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, TypeVar

from kg.ports import GraphStore
from kg.schema import SCHEMA
from kg.sealing.sealer import Sealer
from loaders.pipeline import load
from loaders.report import Report

T = TypeVar("T")
DAY: Final = date(2026, 11, 23)
"""The day that all cities are made for."""


def clock() -> datetime:
    """The time of recording."""
    return datetime(DAY.year, DAY.month, DAY.day, 8, tzinfo=UTC)


def options_of(doc: str | None, *, size: str = "city") -> argparse.ArgumentParser:
    """Return a command line with what every benchmark of a city takes: its size and its seed."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default=size)
    parser.add_argument("--seed", type=int, default=1)
    return parser


def machine() -> str:
    """Return the line that says where the figures below it come from."""
    load_now = os.getloadavg()[0]
    python = f"Python {platform.python_version()}, {platform.machine()}"
    return f"machine: {os.cpu_count()} cores, {python}, load {load_now:.1f}"


def timed(name: str, work: Callable[[], T]) -> T:
    """Print how long some work took."""
    start = time.perf_counter()
    found = work()
    print(f"{name}: {time.perf_counter() - start:.2f} s")
    return found


def peak_mb() -> float:
    """Return the largest resident size of this process so far, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024 if sys.platform != "darwin" else peak / 1024**2


def loaded(folder: Path, store: GraphStore, source: str) -> Report:
    """Load a folder of one source of a made city, as every benchmark does."""
    return load(
        [folder], store=store, sealer=Sealer(b"b" * 32), schema=SCHEMA, source=source, actor="benchmark", clock=clock,
        synthetic=True,
    )  # fmt: skip
