"""Backup and restore: equal in everything, whole or not at all, clear refusals."""

import json
import sqlite3
import threading
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from kg.audit.audit import Audit
from kg.errors import KgError, RefusedError, StoreBusyError, StoreError, StoreNewerError, WrongKeyError
from kg.operations.archive import VERSION
from kg.operations.backup import backup, restore
from kg.operations.content import StoreContent
from kg.operations.replay import SetClock, replay_graph, replay_ledger
from kg.store.memory_ledger import MemoryLedger
from kg.store.memory_store import MemoryStore
from tests.contract.samples import put, row
from tests.operations.worlds import fill, make_site, opened, publish, state, told, without_operations
from tests.waiting import until


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A backup of a filled store; the store is in `old`."""
    site = make_site(tmp_path / "old")
    fill(site)
    backup(site, tmp_path / "a.jtb", actor="cli")
    return tmp_path / "a.jtb"


def test_a_restored_store_is_equal(made: Path, tmp_path: Path) -> None:
    old, new = make_site(tmp_path / "old"), make_site(tmp_path / "new")
    found = restore(new, made, actor="cli")
    assert without_operations(state(new)) == without_operations(state(old))
    assert (found["revision"], found["counts"]["batches"]) == (5, 5)
    with opened(new) as (_, ledger):
        audit = Audit(ledger, new.clock)
        assert audit.verify() == []
        assert [entry["action"] for _, entry in audit.entries()][-1] == "restore"
    assert sorted(
        one.name for one in (tmp_path / "new").iterdir() if not one.name.endswith(("-wal", "-shm"))
    ) == [
        "jiangtu.db",
        "jiangtu.db.lock",
        "jiangtu.key",
        "jiangtu.ledger.db",
    ]
    assert [oct((tmp_path / "new" / name).stat().st_mode & 0o077) for name in ("jiangtu.db", "jiangtu.ledger.db")] == ["0o0"] * 2  # fmt: skip


def test_the_file_says_what_it_is_and_holds_no_key(made: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(made) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        texts = [archive.read(name) for name in archive.namelist()]
    assert (manifest["format"], manifest["version"], manifest["kind"], manifest["revision"]) == (
        "jiangtu-backup",
        2,
        "files",
        5,
    )
    assert manifest["key_fingerprint"] == make_site(tmp_path / "old").key_fingerprint
    assert all(len(part["sha256"]) == 64 and part["bytes"] > 0 for part in manifest["parts"])
    for secret in (b"0123456789", b"MDEyMzQ1Njc4", "王一".encode()):
        assert not any(secret in text for text in texts)
    assert made.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".jiangtu")] == []


def test_a_backup_is_one_moment_of_graph_and_ledger(tmp_path: Path) -> None:
    """While a writer publishes and notes each batch in the ledger, no copy holds a note of a batch it does not have."""
    site = make_site(tmp_path / "old")
    fill(site)
    stop, published = threading.Event(), list[int]()
    failures: list[BaseException] = []

    def write() -> None:
        try:
            with opened(site) as (store, ledger):
                while not stop.is_set():
                    done = publish(store, site, put(row(f"w{store.revision()}")))
                    ledger.append("decisions", {"revision": done.revision})
                    published.append(done.revision)
        except BaseException as error:
            failures.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    revisions = list[int]()
    try:
        for number in range(8):
            wanted = len(published) + 1
            until(lambda wanted=wanted: len(published) >= wanted or failures, "what the other writes")  # type: ignore[misc]  # bound now
            revisions.append(backup(site, tmp_path / f"{number}.jtb", actor="cli")["revision"])
    finally:
        stop.set()
        writer.join()
    assert failures == []
    assert revisions == sorted(set(revisions)), "it wrote meanwhile"
    for number, revision in enumerate(revisions):
        copy = make_site(tmp_path / f"copy{number}")
        restore(copy, tmp_path / f"{number}.jtb", actor="cli")
        found = state(copy)
        assert found["revision"] == revision
        noted = [entry["revision"] for _, entry in found["journals"][2]]
        assert noted in (list(range(6, revision + 1)), list(range(6, revision)))


def test_a_store_that_holds_something_is_only_replaced_on_request(made: Path, tmp_path: Path) -> None:
    old = make_site(tmp_path / "old")
    with opened(old) as (store, _):
        publish(store, old, put(row("later")))
    before = state(old)
    with pytest.raises(RefusedError, match="--replace") as caught:
        restore(old, made, actor="cli")
    assert caught.value.code == "store-not-empty"
    assert state(old) == before
    restore(old, made, actor="cli", replace=True)
    assert state(old)["revision"] == 5


def test_a_store_in_use_is_not_replaced(made: Path, tmp_path: Path) -> None:
    old = make_site(tmp_path / "old")
    with opened(old) as (store, _):
        store.revision()
        with pytest.raises(StoreBusyError, match="停止服务"):
            restore(old, made, actor="cli", replace=True)
        assert publish(store, old, put(row("later"))).revision == 6
    assert state(old)["revision"] == 6
    restore(old, made, actor="cli", replace=True)
    assert state(old)["revision"] == 5


def test_a_damaged_store_can_be_replaced(made: Path, tmp_path: Path) -> None:
    old = make_site(tmp_path / "old")
    before = state(old)
    (tmp_path / "old" / "jiangtu.db").write_bytes(b"rubbish" * 5000)
    with pytest.raises(StoreError):
        state(old)
    with pytest.raises(RefusedError):
        restore(old, made, actor="cli")
    restore(old, made, actor="cli", replace=True)
    assert without_operations(state(old)) == without_operations(before)
    assert (tmp_path / "old" / "jiangtu.db.damaged").read_bytes().startswith(b"rubbish")


@pytest.mark.parametrize("kept", [0.0, 0.001, 0.3, 0.9, 0.999])
def test_a_truncated_backup_is_refused(made: Path, tmp_path: Path, kept: float) -> None:
    data = made.read_bytes()
    made.write_bytes(data[: int(len(data) * kept)])
    new = make_site(tmp_path / "new")
    with pytest.raises(StoreError, match=r"不完整|不是匠图") as caught:
        restore(new, made, actor="cli")
    assert caught.value.code == "bad-backup"
    assert not (tmp_path / "new" / "jiangtu.db").exists()


def test_every_damaged_byte_of_a_part_is_found(made: Path, tmp_path: Path) -> None:
    data, expected, found = made.read_bytes(), without_operations(state(make_site(tmp_path / "old"))), 0
    places = range(40, len(data) - 2000, len(data) // 60)
    for place in places:
        made.write_bytes(data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :])
        new = make_site(tmp_path / "new")
        assert new.files is not None
        try:
            restore(new, made, actor="cli", replace=True)
        except StoreError:
            found += 1
            assert new.files.is_empty()
            continue
        assert without_operations(state(new)) == expected, (
            "what was hit says nothing, like the time of a part"
        )
        (tmp_path / "new" / "jiangtu.db").unlink()
        (tmp_path / "new" / "jiangtu.ledger.db").unlink()
    assert found > 0.9 * len(places)


def test_foreign_files_are_refused(tmp_path: Path) -> None:
    new = make_site(tmp_path / "new")
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("manifest.json", json.dumps({"format": "else", "parts": []}))
    text = tmp_path / "text.jtb"
    text.write_text("这不是备份", encoding="utf-8")
    for file in (other, text):
        with pytest.raises(StoreError, match="不是匠图的备份文件"):
            restore(new, file, actor="cli")
    with pytest.raises(FileNotFoundError):
        restore(new, tmp_path / "none.jtb", actor="cli")


def _edited(made: Path, **changes: object) -> Path:
    edited = made.with_name("edited.jtb")
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(edited, "w") as target:
        for name in source.namelist():
            body = source.read(name)
            target.writestr(
                name, json.dumps({**json.loads(body), **changes}) if name == "manifest.json" else body
            )
    return edited


def test_a_backup_of_a_newer_program_and_one_with_odd_parts_are_refused(made: Path, tmp_path: Path) -> None:
    new = make_site(tmp_path / "new")
    with pytest.raises(StoreNewerError, match="升级"):
        restore(new, _edited(made, version=VERSION + 1), actor="cli")
    for parts in ([], [{"name": "../x", "bytes": 1, "sha256": ""}], "x", [{"name": "graph.db"}]):
        with pytest.raises(StoreError, match="不是匠图的备份文件"):
            restore(new, _edited(made, parts=parts), actor="cli")
    assert not (tmp_path / "x").exists()


def test_the_key_must_be_the_one_of_the_backup(made: Path, tmp_path: Path) -> None:
    other = make_site(tmp_path / "new", key=b"eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg=\n")
    with pytest.raises(WrongKeyError, match="另一个密钥"):
        restore(other, made, actor="cli")
    assert other.files is not None
    assert other.files.is_empty()


def test_an_existing_file_is_not_overwritten_unasked(made: Path, tmp_path: Path) -> None:
    old = make_site(tmp_path / "old")
    before = made.read_bytes()
    with pytest.raises(RefusedError, match="已经有文件"):
        backup(old, made, actor="cli")
    assert made.read_bytes() == before
    assert backup(old, made, actor="cli", replace=True)["revision"] == 5


def test_no_store_no_backup(tmp_path: Path) -> None:
    with pytest.raises(KgError, match="没有存储文件"):
        backup(make_site(tmp_path / "none"), tmp_path / "a.jtb", actor="cli")
    assert not (tmp_path / "a.jtb").exists()
    assert not (tmp_path / "none" / "jiangtu.db").exists()


class _StopError(Exception):
    pass


def _stop_at(revision: int) -> Callable[[int], None]:
    def heard(done: int) -> None:
        if done == revision:
            raise _StopError

    return heard


def test_a_replay_into_the_model_is_equal(made: Path, tmp_path: Path) -> None:
    """Through the port alone, into a store of another kind, also when it was interrupted after any batch."""
    old = make_site(tmp_path / "old")
    with opened(old) as (store, ledger):
        expected, content = told(store, ledger), StoreContent(store, ledger)
        for stopped in range(1, 6):
            clock = SetClock(old.clock)
            model, notes = MemoryStore(clock=clock), MemoryLedger()
            with closing(model), closing(notes):
                with pytest.raises(_StopError):
                    replay_graph(content, model, clock, heard=_stop_at(stopped))
                assert model.revision() == stopped
                replay_graph(content, model, clock)
                replay_ledger(content.entries(), notes)
                replay_ledger(content.entries(), notes)
                assert told(model, notes) == expected


def test_a_replay_into_another_store_is_refused(made: Path, tmp_path: Path) -> None:
    old, other = make_site(tmp_path / "old"), make_site(tmp_path / "other")
    with opened(other) as (store, _):
        publish(store, other, put(row("else")), source="s9")
    with opened(old) as (store, ledger), opened(other) as (target, _), pytest.raises(RefusedError) as caught:
        replay_graph(StoreContent(store, ledger), target, SetClock(old.clock))
    assert caught.value.code == "other-store"
    assert state(other)["revision"] == 1


def test_a_broken_chain_is_not_made_whole_by_a_copy(made: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "old" / "jiangtu.ledger.db")) as connection, connection:
        connection.execute("UPDATE entry SET body = replace(body, 'look', 'took') WHERE journal = 'audit'")
        connection.execute(
            "UPDATE entry SET body = replace(body, '\"load\"', '\"lead\"') WHERE journal = 'audit'"
        )
    with opened(make_site(tmp_path / "old")) as (store, ledger), closing(MemoryLedger()) as notes:
        with pytest.raises(StoreError, match="接不上") as caught:
            replay_ledger(StoreContent(store, ledger).entries(), notes)
        assert caught.value.code == "ledger-differs"


def test_the_lines_of_a_backup_restore_equal(made: Path, tmp_path: Path) -> None:
    """The other kind of backup, which stores without files of their own have."""
    old, new = make_site(tmp_path / "old"), make_site(tmp_path / "new")
    lines = backup(replace(old, files=None), tmp_path / "lines.jtb", actor="cli")
    assert (lines["kind"], lines["revision"]) == ("rows", 5)
    assert lines["counts"]["batches"] == 5
    restore(new, tmp_path / "lines.jtb", actor="cli")
    assert without_operations(state(new)) == without_operations(state(old))
