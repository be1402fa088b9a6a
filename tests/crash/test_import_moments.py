"""An import killed at fifty moments spread over its whole length: all of it or nothing, and the next one goes through."""

import random
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kg.schema import SCHEMA
from kg.sealing.sealer import Sealer
from kg.store.sqlite.store import SqliteStore
from loaders.pipeline import load
from tests.crash.killing import NEVER, Brood

MOMENTS = 50
KEY = b"k" * 32
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
IMPORTS = """
from pathlib import Path
from tests.crash.test_import_moments import second_load, opened
"""
CHILD = """
folder = Path(words[0])
store = opened(folder)
child.ready()
child.tell(second_load(store, folder).status, child.spent())
"""
State = Mapping[tuple[str, str], tuple[object, ...]]


def opened(folder: Path) -> SqliteStore:
    return SqliteStore.open(folder / "kill.db", key_fingerprint=Sealer(KEY).fingerprint, clock=lambda: NOON)


def write(folder: Path, numbers: range, *, hours: int) -> None:
    """Write a register of people, their certificates and the districts they live in."""
    folder.mkdir(parents=True)
    people = [f"P{n:05d},王{n},37078{n % 3},139{n:08d},{hours + n % 2}" for n in numbers]
    papers = [f"P{n:05d},职业技能等级证书,6-18-01-01,高级工,2020-01-{n % 28 + 1:02d}" for n in numbers]
    tables = {
        "区县": ["区划代码,名称", *(f"37078{n},区{n}" for n in range(3))],
        "人才": ["人才编号,姓名,区划代码,手机,每周可用小时", *people],
        "证书": ["人才编号,证书类型,职业代码,等级,发证日期", *papers],
    }
    for name, lines in tables.items():
        (folder / f"{name}.csv").write_text("\n".join(lines), encoding="utf-8")


def _load(store: SqliteStore, files: Path, *, full: bool):
    return load(
        [files], store=store, sealer=Sealer(KEY), schema=SCHEMA, source="登记", actor="test", clock=lambda: NOON, full=full,
    )  # fmt: skip


def second_load(store: SqliteStore, folder: Path):
    """Deliver the register again in full: rows that change, rows that come, rows that go."""
    return _load(store, folder / "second", full=True)


def state(folder: Path) -> tuple[int, State]:
    """Return the revision and everything that a reader sees, sealed parts by their marks."""
    store = opened(folder)
    try:
        rows = {
            (row.id.table, row.id.key): (tuple(sorted(row.values.items())), row.links, row.seal_mark)
            for row in store.rows()
        }
        return store.revision(), rows
    finally:
        store.close()


@pytest.mark.slow
def test_killed_at_fifty_moments(tmp_path: Path) -> None:
    base = tmp_path / "base"
    write(base / "first", range(700), hours=4)
    write(base / "second", range(100, 840), hours=5)
    store = opened(base)
    assert _load(store, base / "first", full=False).exit_code == 0
    store.close()
    before = state(base)
    outcomes: list[int] = []
    with Brood(IMPORTS, CHILD) as brood:
        shutil.copytree(base, tmp_path / "after")
        (whole,) = brood.kill(tmp_path / "after", seconds=NEVER)
        length, after = float(whole.split()[-1]), state(tmp_path / "after")
        assert (before[0], after[0]) == (1, 2)
        for moment, seconds in enumerate(moments(length)):
            folder = tmp_path / str(moment)
            shutil.copytree(base, folder)
            told = brood.kill(folder, seconds=seconds)
            found = state(folder)
            assert found in (before, after)
            assert found == after or told == [], "what was told as done is there"
            outcomes.append(found[0])
            if moment % 10 == 0:
                repeat(folder, after)
            shutil.rmtree(folder)
    assert (outcomes[0], outcomes[-1]) == (1, 2)
    assert len(outcomes) == MOMENTS


def moments(length: float) -> list[float]:
    """Return moments over the length of the import and a little more: at its very beginning, and when it has told its end."""
    chance = random.Random(20261123)
    between = [1.1 * length * (moment + chance.random()) / MOMENTS for moment in range(1, MOMENTS - 1)]
    return [0.0, *between, NEVER]


def repeat(folder: Path, after: tuple[int, State]) -> None:
    store = opened(folder)
    try:
        assert second_load(store, folder).exit_code == 0
    finally:
        store.close()
    assert state(folder) == after
