"""A load that is killed leaves the batch whole or absent, and the next load goes through.

It is killed when it tells a step for the nth time, or a little later, but no later than when it begins to publish.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from kg.schema import SCHEMA
from kg.sealing.sealer import Sealer
from kg.store.sqlite.store import SqliteStore
from loaders.pipeline import load
from tests.crash.killing import NEVER, Brood

DISTRICTS, PEOPLE = 3, 6000
KEY = b"k" * 32
IMPORTS = """
from pathlib import Path
from tests.crash.test_import_kill import _load
"""
CHILD = """
folder, step, nth, delay = Path(words[0]), words[1], int(words[2]), float(words[3])
told = []

def progress(now):
    told.append(now.step)
    child.tell(now.step)
    if told.count(step) == nth and now.step == step:
        child.end_in(delay)
    elif told.count(step) >= nth and now.step == "publish":
        child.end()

child.ready()
_load(folder, progress)
"""


def _clock() -> datetime:
    return datetime(2026, 11, 23, 12, tzinfo=UTC)


def _open(folder: Path) -> SqliteStore:
    return SqliteStore.open(folder / "kill.db", key_fingerprint=Sealer(KEY).fingerprint, clock=_clock)


def _load(folder: Path, progress=None):
    store = _open(folder)
    try:
        return load(
            [folder / "files"],
            store=store,
            sealer=Sealer(KEY),
            schema=SCHEMA,
            source="default",
            actor="test",
            clock=_clock,
            progress=progress,
        )
    finally:
        store.close()


def _write_files(folder: Path) -> None:
    files = folder / "files"
    files.mkdir()
    places = [f"37078{n},区{n}" for n in range(DISTRICTS)]
    (files / "区县.csv").write_text("\n".join(["区划代码,名称", *places]), encoding="utf-8")
    people = [f"P{n},王{n},37078{n % DISTRICTS}" for n in range(PEOPLE)]
    (files / "人才.csv").write_text("\n".join(["人才编号,姓名,区划代码", *people]), encoding="utf-8")


@pytest.fixture(scope="module")
def brood():
    with Brood(IMPORTS, CHILD) as one:
        yield one


@pytest.mark.parametrize(
    ("step", "nth", "delay"),
    [
        ("read", 1, 0.0),
        ("check", 2, 0.0),
        ("store", 1, 0.0),
        ("store", 2, 0.0),
        ("store", 3, 0.05),
        ("publish", 1, 0.0),
        ("publish", 1, 0.02),
        ("publish", 1, 0.1),
    ],
)
def test_killed_load_is_whole_or_absent(tmp_path, brood, step, nth, delay):
    _write_files(tmp_path)
    told = brood.kill(tmp_path, step, nth, delay, seconds=NEVER)
    assert told.count(step) >= nth
    store = _open(tmp_path)
    try:
        revision, count = store.revision(), sum(1 for _ in store.rows())
        assert (revision, count) in {(0, 0), (1, DISTRICTS + PEOPLE)}
        if step != "publish":
            assert revision == 0
    finally:
        store.close()
    report = _load(tmp_path)
    assert report.exit_code == 0
    assert (report.revision, report.changed) == (1, revision == 0)
    assert report.totals().read == DISTRICTS + PEOPLE
