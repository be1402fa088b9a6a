"""Steps between formats, moving between stores, and forgetting old history."""

import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from kg.errors import RefusedError, StoreError, StoreNewerError
from kg.history.history import known_at
from kg.history.rollback import roll_back
from kg.model.batches import LOG_GONE, log_begins
from kg.operations.backup import backup, restore
from kg.operations.checks import check_store
from kg.operations.migration import migrate, move, oldest_kept, prune
from kg.schema import SCHEMA
from kg.store.sqlite.operations.migrations import Migration, format_of
from kg.store.sqlite.operations.migrations import migrate as take_steps
from tests.contract.samples import put, row
from tests.operations.worlds import (
    START,
    Ticking,
    fill,
    make_site,
    opened,
    publish,
    sealed_row,
    state,
    without_operations,
)
from tests.waiting import HANG

EXAMPLE = (
    Migration(
        2,
        (
            "ALTER TABLE batch ADD COLUMN note TEXT",
            "UPDATE batch SET note = actor WHERE revision IS NOT NULL",
            "PRAGMA user_version = 2",
        ),
    ),
    Migration(3, ("CREATE INDEX batch_note ON batch (note)", "PRAGMA user_version = 3")),
)


def versions(path: Path) -> list[tuple[int, int]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT version, was FROM schema_version ORDER BY version").fetchall()


def test_a_store_of_this_format_needs_no_step(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    fill(site)
    before = state(site)
    assert migrate(site, actor="cli") == {"store": site.address, "reached": [], "backup": None}
    assert state(site) == before


def test_steps_are_taken_in_order_after_a_backup(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    fill(site)
    before = state(site)
    made: list[int] = []
    assert take_steps(
        site.work, EXAMPLE, clock=site.clock, before=lambda: made.append(format_of(site.work))
    ) == [2, 3]
    assert made == [1], "the backup is of the old format"
    assert versions(site.work) == [(2, 1), (3, 2)]
    with closing(sqlite3.connect(site.work)) as connection:
        assert connection.execute("SELECT COUNT(*) FROM batch WHERE note IS NOT NULL").fetchone() == (5,)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with pytest.raises(StoreNewerError, match="升级程序"):
        state(site)
    assert take_steps(site.work, EXAMPLE, clock=site.clock, before=lambda: made.append(0)) == []
    assert made == [1]
    with closing(sqlite3.connect(site.work)) as connection:
        connection.execute("PRAGMA user_version = 1")
    assert state(site) == before, "nothing was lost on the way"


def test_a_step_that_fails_changes_nothing(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    fill(site)
    before = state(site)
    broken = (Migration(2, ("ALTER TABLE batch ADD COLUMN note TEXT", "INSERT INTO none VALUES (1)")),)
    forgetful = (Migration(2, ("ALTER TABLE batch ADD COLUMN note TEXT",)),)
    for steps in (broken, forgetful):
        with pytest.raises(StoreError):
            take_steps(site.work, steps, clock=site.clock, before=lambda: None)
        assert state(site) == before
    with pytest.raises(OSError, match="no room"):
        take_steps(site.work, EXAMPLE, clock=site.clock, before=_no_room)
    assert state(site) == before


def _no_room() -> None:
    raise OSError("no room")


def test_two_services_that_migrate_at_once_take_every_step_once(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    fill(site)
    taken: list[list[int]] = []
    together = threading.Barrier(4)

    def run() -> None:
        taken.append(take_steps(site.work, EXAMPLE, clock=site.clock, before=lambda: _meet(together)))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [[], [], [], [2, 3]]
    assert versions(site.work) == [(2, 1), (3, 2)]


def _meet(together: threading.Barrier) -> None:
    together.wait(timeout=HANG)


def test_a_foreign_database_is_not_migrated(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    with closing(sqlite3.connect(site.work)) as connection:
        connection.execute("CREATE TABLE other (x)")
    with pytest.raises(StoreError, match="不是匠图的存储文件"):
        take_steps(site.work, EXAMPLE, clock=site.clock, before=lambda: None)


def test_an_older_format_is_refused_with_the_way_out(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    fill(site)
    with closing(sqlite3.connect(site.work)) as connection:
        connection.execute("PRAGMA user_version = 0")
    with pytest.raises(StoreError, match="jiangtu migrate") as caught:
        state(site)
    assert caught.value.code == "store-older"


def test_moving_to_another_file_is_equal(tmp_path: Path) -> None:
    site, other = make_site(tmp_path), make_site(tmp_path, store="sqlite:other.db")
    fill(site)
    told = move(site, other, actor="cli")
    assert told["source"] == site.address
    assert without_operations(state(other)) == without_operations(state(site))
    assert not (tmp_path / "migrate.jtb").exists()
    with pytest.raises(RefusedError, match="已有内容"):
        move(site, other, actor="cli")
    with pytest.raises(RefusedError, match="就是现在的存储"):
        move(site, site, actor="cli")


def aged(folder: Path) -> Path:
    """Fill a store whose first three batches are old: rows of all kinds changed before and after."""
    site = make_site(folder, clock=Ticking())
    fill(site)
    later = make_site(folder, clock=Ticking(START + timedelta(days=100)))
    with opened(later) as (store, _):
        publish(
            store,
            later,
            sealed_row(later, "t1", "王一又改名"),
            put(row("n9", table="flex_needs", at="need:n9")),
        )
    return folder


def test_old_history_is_forgotten_and_nothing_else(tmp_path: Path) -> None:
    site = make_site(aged(tmp_path), clock=Ticking(START + timedelta(days=101)))
    before = state(site)
    with opened(site) as (store, _):
        states = [known_at(store.rows(), store.changes(n), n) for n in range(7)]
        parts = len(list(store.sealed_history()))  # type: ignore[attr-defined]  # an embedded store
    assert prune(site, 30, actor="cli", dry_run=True)["until"] == 5
    assert state(site) == before
    told = prune(site, 30, actor="cli")
    assert (told["until"], told["entries"]) == (5, 8)
    after = state(site)
    same = ("revision", "rows", "edges", "sealed", "records")
    assert {key: after[key] for key in same} == {key: before[key] for key in same}
    assert [one.id for one in after["batches"]] == [one.id for one in before["batches"]]
    assert [bool(one.report.get(LOG_GONE)) for one in after["batches"]] == [True] * 5 + [False]
    assert [one for one in after["log"] if one.revision == 6] == [
        one for one in before["log"] if one.revision == 6
    ]
    assert {one.id.key for one in after["log"] if one.revision < 6} == {""}, (
        "who is behind is told to read anew"
    )
    with opened(site) as (store, _):
        assert known_at(store.rows(), store.changes(5), 5) == states[5]
        assert log_begins(store.batches()) == 5
        assert len(list(store.sealed_history())) < parts  # type: ignore[attr-defined]  # same
        with pytest.raises(RefusedError) as caught:
            roll_back(store, "b-000005", actor="cli", clock=site.clock)
        assert caught.value.code == "history-gone"
        roll_back(store, "b-000006", actor="cli", clock=site.clock)
        restored = [(one.id, one.values, one.seal_mark) for one in store.rows()]
        assert restored == [(one.id, one.values, one.seal_mark) for one in states[5]]
        assert len(store.sealed([one.id for one in store.rows()])) == 1, "undo data keeps its sealed part"
    assert check_store(site, SCHEMA)["findings"] == []
    assert prune(site, 30, actor="cli")["entries"] == 0


def test_a_pruned_store_moves_and_restores(tmp_path: Path) -> None:
    site = make_site(aged(tmp_path), clock=Ticking(START + timedelta(days=101)))
    prune(site, 30, actor="cli")
    expected = without_operations(state(site))
    backup(site, tmp_path / "a.jtb", actor="cli")
    copy = make_site(tmp_path / "copy")
    restore(copy, tmp_path / "a.jtb", actor="cli")
    assert without_operations(state(copy)) == expected
    backup(replace(site, files=None), tmp_path / "lines.jtb", actor="cli")
    lines = make_site(tmp_path / "lines")
    restore(lines, tmp_path / "lines.jtb", actor="cli")
    found = without_operations(state(lines))
    kept = [one for one in expected["log"] if one.revision > 5]
    assert {**found, "log": [one for one in found["log"] if one.revision > 5]} == {**expected, "log": kept}
    assert check_store(lines, SCHEMA)["findings"] == []


def test_a_clock_that_went_backwards_makes_no_batch_old_before_its_time(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    with opened(site) as (store, _):
        for day in (10, 3, 12, 1):
            moment = make_site(tmp_path, clock=Ticking(START + timedelta(days=day)))
            publish(store, moment, put(row(f"r{day}")))
        batches = store.batches()
    assert [one.revision for one in batches] == [1, 2, 3, 4]
    assert [oldest_kept(batches, START + timedelta(days=day)) for day in (0, 5, 11, 20)] == [0, 0, 2, 4]
