"""What only the store in a file must show: many writers, damaged and foreign files, leftovers, no byte after erasure."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest

from kg.errors import StoreBusyError, StoreError, StoreNewerError, WrongKeyError
from kg.model.graph import Row
from kg.store.sqlite.ledger import SqliteLedger
from kg.store.sqlite.schema import require_sqlite
from kg.store.sqlite.store import SqliteStore
from tests.contract.samples import NOW, batch, clock, load, node, put, row

ROOT = Path(__file__).parents[2]
KEY = "0" * 16
WRITER = """
import sys
from pathlib import Path
from kg.store.sqlite.store import SqliteStore
from tests.contract.samples import batch, clock, load, put, row

store = SqliteStore.open(Path(sys.argv[1]), key_fingerprint="0" * 16, clock=clock)
for number in range(int(sys.argv[3])):
    load_name = f"{sys.argv[2]}-{number}"
    store.stage(load_name, [put(row(load_name)), put(row("shared", values={"by": load_name}))])
    print(store.publish(batch(), staged=load_name).revision, flush=True)
store.close()
"""
LEAVER = """
import os, sys
from pathlib import Path
from kg.store.sqlite.store import SqliteStore
from tests.contract.samples import clock, put, row

store = SqliteStore.open(Path(sys.argv[1]), key_fingerprint="0" * 16, clock=clock)
store.stage("left", [put(row(str(number), links=[("a:1", "r", f"b:{number}")])) for number in range(6000)])
os._exit(1)
"""


def open_store(path: Path, *, now: datetime = NOW, busy_seconds: float = 30.0) -> SqliteStore:
    return SqliteStore.open(path, key_fingerprint=KEY, clock=lambda: now, busy_seconds=busy_seconds)


def child(code: str, *arguments: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


def counts(path: Path) -> dict[str, int]:
    """Return how many records each table holds."""
    with closing(sqlite3.connect(path)) as connection:
        names = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        return {name: connection.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0] for name in names}


class TestSqliteFile:
    engine: ClassVar[str] = "sqlite"

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return tmp_path / "graph.db"

    @pytest.fixture
    def store(self, path: Path) -> Iterator[SqliteStore]:
        store = open_store(path)
        yield store
        store.close()

    def test_pragmas_keep_every_commit(self, store: SqliteStore, path: Path) -> None:
        connection = store._connections.mine()
        found = [
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")
        ]
        assert found == ["wal", 2, 1, 1, 30_000]

    def test_a_store_opens_again_with_everything(self, path: Path) -> None:
        store = open_store(path)
        load(store, put(row("k1", mark="m"), b"sealed"))
        rows = list(store.rows())
        store.close()
        again = open_store(path)
        assert list(again.rows()) == rows
        assert again.sealed([rows[0].id]) == {rows[0].id: b"sealed"}
        assert again.revision() == 1
        again.close()

    def test_another_key_is_refused(self, store: SqliteStore, path: Path) -> None:
        with pytest.raises(WrongKeyError, match="不配套"):
            SqliteStore.open(path, key_fingerprint="f" * 16, clock=clock)

    def test_a_newer_store_is_refused(self, path: Path) -> None:
        open_store(path).close()
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA user_version = 2")
        with pytest.raises(StoreNewerError, match="升级程序"):
            open_store(path)

    def test_a_foreign_database_is_refused_and_left_alone(self, path: Path) -> None:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE other (a)")
        with pytest.raises(StoreError, match="不是匠图的存储文件"):
            open_store(path)
        assert counts(path) == {"other": 0}

    def test_what_is_no_database_is_refused(self, path: Path) -> None:
        path.write_bytes(b"not a database, but long enough to be read as one" * 100)
        with pytest.raises(StoreError, match="已损坏"):
            open_store(path)

    def test_a_missing_folder_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(StoreError, match="目录"):
            open_store(tmp_path / "none" / "graph.db")

    def test_an_old_library_is_refused(self) -> None:
        with pytest.raises(StoreError, match="太旧"):
            require_sqlite((3, 34, 1))

    def test_a_held_store_is_busy(self, store: SqliteStore, path: Path) -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            hasty = SqliteStore(type(store._connections)(path, busy_seconds=0.05), clock=clock)
            with pytest.raises(StoreBusyError, match="稍后重试"):
                load(hasty, put(row("k1")))
            assert hasty.revision() == 0
            other.execute("ROLLBACK")
            load(hasty, put(row("k1")))
            hasty.close()

    def test_a_failing_source_leaves_nothing_half_staged(self, store: SqliteStore, path: Path) -> None:
        def broken() -> Iterator[object]:
            yield put(row("k1"))
            raise RuntimeError("the file ends")

        with pytest.raises(RuntimeError, match="the file ends"):
            store.stage("x", broken())  # type: ignore[arg-type]  # it never gets that far
        store.publish(batch(), staged="x")
        assert list(store.rows()) == []

    def test_threads_get_revisions_without_gap(self, store: SqliteStore) -> None:
        def work(name: int) -> list[int]:
            return [load_as(store, f"{name}-{turn}") for turn in range(15)]

        with ThreadPoolExecutor(4) as pool:
            revisions = [number for found in pool.map(work, range(4)) for number in found]
        assert sorted(revisions) == list(range(1, 61))
        assert [known.revision for known in store.batches()] == list(range(1, 61))
        assert sorted(change.revision for change in store.changes(0)) == sorted(2 * list(range(1, 61)))
        assert len(list(store.rows())) == 61

    def test_processes_get_revisions_without_gap(self, store: SqliteStore, path: Path) -> None:
        writers = [child(WRITER, path, name, 15) for name in ("a", "b")]
        seen = 0
        while any(writer.poll() is None for writer in writers):
            assert store.revision() >= seen
            seen = store.revision()
            shared = [one for one in store.changes(0) if one.id.key == "shared"]
            assert [one.before for one in shared[1:]] == [one.after for one in shared[:-1]]
        revisions: list[int] = []
        for writer in writers:
            revisions += map(int, writer.communicate()[0].split())
            assert writer.returncode == 0
        assert sorted(revisions) == list(range(1, 31))

    def test_leftovers_of_dead_processes_go_on_opening(self, path: Path) -> None:
        with child(LEAVER, path) as leaver:
            assert leaver.wait() == 1
        assert counts(path)["source_row"] == 6000
        open_store(path).close()
        left = counts(path)
        assert {left[name] for name in ("source_row", "edge", "change", "staged", "batch")} == {0}

    def test_staged_rows_of_the_living_stay_for_a_day(self, path: Path) -> None:
        first = open_store(path)
        first.stage("x", [put(row("k1"))])
        open_store(path, now=NOW + timedelta(hours=23)).close()
        first.stage("x", [put(row("k2"))])
        open_store(path, now=NOW + timedelta(hours=25)).close()
        with pytest.raises(StoreError, match="已被清理"):
            first.stage("x", [put(row("k3"))])
        with pytest.raises(StoreError, match="已被清理"):
            first.publish(batch(), staged="x")
        assert first.revision() == 0
        first.discard("x")
        first.close()

    def test_leftovers_of_another_host_stay_for_a_day(self, path: Path) -> None:
        first = open_store(path)
        first.stage("x", [put(row("k1"))])
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("UPDATE batch SET holder = 'elsewhere' || char(9) || '1' || char(9) || '1'")
        open_store(path).close()
        assert counts(path)["batch"] == 1
        first.close()

    def test_erasure_leaves_no_byte(self, path: Path) -> None:
        store = open_store(path)
        words = [
            "CanaryKey",
            "CanaryValue",
            "CanaryOld",
            "CanaryLabel",
            "CanarySealed",
            "CanaryNode",
            "CanaryStaged",
        ]
        marked = [canary(number, words) for number in range(40)]
        plain = [put(row(f"other{number:05d}", values={"v": "x" * 300})) for number in range(3000)]
        load(store, *plain[:1500], *(put(one, b"CanarySealed" * 9) for one in marked), *plain[1500:])
        load(
            store, *(put(canary(number, ["CanaryKey", "CanaryOld"])) for number in range(0, 40, 2)), plain[7]
        )
        store.stage("waiting", [put(canary(1, ["CanaryKey", "CanaryStaged"])), put(row("new"))])
        assert all(word in content(path) for word in words)
        assert store.erase([one.id for one in marked], actor="admin") == 40
        assert [word for word in words if word in content(path)] == []
        assert len(list(store.rows())) == 3000
        store.close()
        assert [word for word in words if word in content(path)] == []

    def test_erasure_under_a_long_read_asks_to_repeat(self, path: Path) -> None:
        store = open_store(path, busy_seconds=0.2)
        load(store, *(put(row(f"{number:04d}")) for number in range(2000)), put(row("CanaryKey")))
        stream = store.rows()
        next(stream)
        with pytest.raises(StoreBusyError, match="重复"):
            store.erase([row("CanaryKey").id], actor="admin")
        assert list(store.rows(ids=[row("CanaryKey").id])) == []
        assert len(list(stream)) == 2000
        assert store.erase([row("CanaryKey").id], actor="admin") == 0
        assert "CanaryKey" not in content(path)
        store.close()

    def test_connections_of_ended_threads_are_closed(self, store: SqliteStore) -> None:
        for _ in range(20):
            with ThreadPoolExecutor(1) as pool:
                assert pool.submit(store.revision).result() == 0
        assert len(store._connections._handles) <= 2

    def test_a_hub_is_read_by_its_index(self, store: SqliteStore) -> None:
        load(store, *(put(row(str(number), links=[(f"a:{number}", "r", "b:1")])) for number in range(500)))
        assert store.degrees([node("b:1")])[0].total == 500
        plan = store._connections.mine().execute(
            "EXPLAIN QUERY PLAN SELECT src FROM edge WHERE dst = 1 AND relation BETWEEN 0 AND 9"
        )
        assert "COVERING INDEX edge_reverse" in plan.fetchone()[3]


def load_as(store: SqliteStore, name: str) -> int:
    store.stage(name, [put(row(name)), put(row("shared", values={"by": name}))])
    return store.publish(batch(), staged=name).revision


def canary(number: int, words: list[str]) -> Row:
    home = f"need:CanaryKey{number}"
    links = [(home, "r", f"skill:CanaryNode{number}")] if "CanaryNode" in words else []
    return row(
        f"CanaryKey{number}", at=home, links=links, mark="m", values={word: word * 20 for word in words}
    )


def content(path: Path) -> str:
    """Return everything that lies in the folder of the store, as text."""
    return "".join(file.read_bytes().decode("latin-1") for file in sorted(path.parent.iterdir()))


def test_one_source_is_read_some_rows_at_a_time_whole_and_in_order(tmp_path: Path) -> None:
    keys = ['"', "\\", "'", "甲|乙", "𠮷\n", "~", *(f"k{number:03}" for number in range(450))]
    wanted = [row(key, values={"text": f'"[{key}],', "list": (key,)}) for key in keys]
    with closing(open_store(tmp_path / "g.db")) as store:
        load(store, *map(put, wanted), *(put(row(key, source="s2")) for key in keys[::7]))
        store.stage("unpublished", [put(row("k0005")), put(row("zz"))])
        found = list(store.rows(table="needs", source="s1"))
        assert [one.id.key for one in found] == sorted(keys)
        assert {one.id.key: one.values for one in found} == {one.id.key: one.values for one in wanted}
        assert len(list(store.rows(table="needs", source="s2"))) == len(keys[::7])
        assert list(store.rows(table="needs", source="s3")) == []


def test_new_files_are_their_owners_alone_and_old_ones_keep_their_rights(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    path = tmp_path / "g.db"
    with closing(open_store(path)) as store, closing(SqliteLedger.open(tmp_path / "l.db")) as ledger:
        load(store, put(row("k1")))
        ledger.append("audit", {"a": 1})
        assert {one.name: one.stat().st_mode & 0o077 for one in tmp_path.iterdir()} == dict.fromkeys(
            ("g.db", "g.db-wal", "g.db-shm", "l.db", "l.db-wal", "l.db-shm"), 0
        )
    path.chmod(0o640)
    open_store(path).close()
    assert path.stat().st_mode & 0o777 == 0o640
