"""Stores that are damaged, two programs that open or migrate at once, clocks that go backwards: refused clearly, nothing half done."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from api.cli import main
from kg.audit.audit import Audit
from kg.errors import KgError, StoreError, StoreNewerError
from kg.history.history import known_at
from kg.history.moments import known_when
from kg.operations.backup import backup, restore
from kg.operations.sites import Site
from tests.contract.samples import put, row
from tests.crash.killing import ROOT
from tests.crash.operation_kills import content, format_now
from tests.operations.worlds import (
    START,
    Ticking,
    fill,
    make_site,
    opened,
    publish,
    state,
    without_operations,
)
from tests.waiting import HANG

OPENING = """
import sys
from pathlib import Path
from tests.operations.worlds import make_site, opened
from tests.contract.samples import batch, put, row
site = make_site(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
with opened(site) as (store, ledger):
    store.stage(sys.argv[2], [put(row(sys.argv[2]))])
    print(store.publish(batch(), staged=sys.argv[2]).revision, ledger.append("audit", {"by": sys.argv[2]}))
"""
MIGRATING = """
import sys
from pathlib import Path
from kg.operations.backup import write_backup
from kg.store.sqlite.operations.migrations import migrate
from tests.crash.operation_kills import STEPS
from tests.operations.worlds import make_site
site = make_site(Path(sys.argv[1]))
copy = Path(sys.argv[1]) / f"before-{sys.argv[2]}.jtb"
print("ready", flush=True)
sys.stdin.readline()
print(migrate(site.work, STEPS, clock=site.clock, before=lambda: write_backup(site, copy) and None))
"""


def at_once(code: str, folder: Path, names: str) -> list[str]:
    """Run a script in as many processes as there are names, all let go together; return what each said."""
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(folder), name],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for name in names
    ]  # fmt: skip
    for one in running:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in running:
        assert one.stdin is not None
        one.stdin.write("\n")
        one.stdin.flush()
    told = [one.communicate(timeout=HANG) for one in running]
    assert [one.returncode for one in running] == [0] * len(running), told
    return [out.strip() for out, _ in told]


@pytest.mark.slow
def test_services_that_open_a_new_store_at_once_share_it(tmp_path: Path) -> None:
    make_site(tmp_path)
    told = at_once(OPENING, tmp_path, "abcd")
    assert sorted(one.split()[0] for one in told) == list("1234")
    found = state(make_site(tmp_path))
    assert sorted(one.id.key for one in found["rows"]) == list("abcd")
    assert [number for number, _ in found["journals"][0]] == [1, 2, 3, 4]


@pytest.mark.slow
def test_services_that_migrate_at_once_take_every_step_once(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    fill(site)
    expected = content(site.work)
    told = at_once(MIGRATING, tmp_path, "abc")
    assert sorted(told) == ["[2, 3]", "[]", "[]"]
    assert (format_now(site.work), content(site.work)) == (3, expected)
    old_format = 0
    for copy in tmp_path.glob("before-*.jtb"):
        old = make_site(tmp_path / copy.stem)
        try:
            restore(old, copy, actor="cli")
        except StoreNewerError:  # this one came to its backup when another had migrated already
            continue
        assert state(old)["revision"] == 5
        old_format += 1
    assert old_format >= 1, "who migrated had a backup of the old format"


def _damaged(site: Site, path: Path, how: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    data = path.read_bytes()
    size = 4096
    if how == "cut":
        path.write_bytes(data[: len(data) // 2 // size * size])
    elif how == "cut inside a page":
        path.write_bytes(data[: len(data) // 2 + 100])
    elif how == "rubbish inside":
        middle = 2 * size
        path.write_bytes(data[:middle] + b"\xee" * (len(data) - middle))
    elif how == "empty pages":
        middle = 2 * size
        path.write_bytes(data[:middle] + bytes(len(data) - middle))


@pytest.mark.parametrize("how", ["cut", "cut inside a page", "rubbish inside", "empty pages"])
@pytest.mark.parametrize("name", ["jiangtu.db", "jiangtu.ledger.db"])
def test_a_damaged_file_is_told_and_not_written_to(
    tmp_path: Path, how: str, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    site = make_site(tmp_path)
    fill(site)
    with opened(site) as (store, ledger):
        publish(store, site, *(put(row(f"m{n}", links=[("a:1", "r", f"b:{n}")])) for n in range(300)))
        for number in range(300):
            ledger.append("questions", {"asked": f"{number}" * 40})
    backup(site, tmp_path / "good.jtb", actor="cli")
    expected = without_operations(state(site))
    _damaged(site, tmp_path / name, how)
    before = (tmp_path / name).read_bytes()
    with pytest.raises(StoreError, match=r"已损坏") as caught:
        state(site)
    assert "从备份恢复" in caught.value.message
    with pytest.raises(KgError, match=r"损坏"):
        backup(site, tmp_path / "bad.jtb", actor="cli")
    assert not (tmp_path / "bad.jtb").exists()
    monkeypatch.setenv("JIANGTU_DATA", str(tmp_path))
    capsys.readouterr()
    assert main(["check", "store"]) == 1
    assert "已损坏" in capsys.readouterr().out
    assert (tmp_path / name).read_bytes()[100:] == before[100:], "behind the header, which tells WAL mode"
    restore(site, tmp_path / "good.jtb", actor="cli", replace=True)
    assert without_operations(state(site)) == expected


@pytest.mark.parametrize("kept", [0.0, 0.2, 0.95])
def test_a_truncated_backup_of_lines_is_refused(tmp_path: Path, kept: float) -> None:
    site, new = make_site(tmp_path / "old"), make_site(tmp_path / "new")
    fill(site)
    backup(replace(site, files=None), tmp_path / "lines.jtb", actor="cli")
    data = (tmp_path / "lines.jtb").read_bytes()
    (tmp_path / "lines.jtb").write_bytes(data[: int(len(data) * kept)])
    with pytest.raises(StoreError) as caught:
        restore(new, tmp_path / "lines.jtb", actor="cli")
    assert caught.value.code == "bad-backup"
    assert new.files is not None
    assert new.files.is_empty()


def test_a_clock_that_goes_backwards_loses_nothing_and_orders_by_revision(tmp_path: Path) -> None:
    days = (10, 3, 12, 1)
    for day in days:
        site = make_site(tmp_path, clock=Ticking(START + timedelta(days=day)))
        with opened(site) as (store, ledger):
            store.stage("waiting", [put(row("waits"))])
            publish(store, site, put(row("same", values={"day": day})), put(row(f"r{day}")))
            Audit(ledger, site.clock).record("cli", "load", f"day {day}", {})
            store.discard("waiting")
    site = make_site(tmp_path, clock=Ticking(START))
    with opened(site) as (store, ledger):
        batches = store.batches()
        assert [(one.revision, (one.at - START).days) for one in batches] == [
            (1, 10),
            (2, 3),
            (3, 12),
            (4, 1),
        ]
        for revision, day in enumerate(days, start=1):
            rows = {one.id.key: one for one in known_at(store.rows(), store.changes(revision), revision)}
            assert rows["same"].values == {"day": day}
            assert rows.keys() == {"same", *(f"r{d}" for d in days[:revision])}
        moments = [known_when(batches, str((START + timedelta(days=day)).date()), START.tzinfo).revision for day in (2, 5, 11, 13)]  # fmt: skip
        assert moments == [0, 0, 2, 4], "never a later revision before an earlier one"
        audit = Audit(ledger, site.clock)
        assert audit.verify() == []
        assert [entry["subject"] for _, entry in audit.entries()] == [f"day {day}" for day in days]
        assert store.erase([row("same").id], actor="cli") == 1
        assert store.batches()[-1].revision == 5
