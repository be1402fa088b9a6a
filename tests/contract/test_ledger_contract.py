"""The contract of ledgers, run for each adapter, and the audit trail above it."""

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import ClassVar

import pytest

from kg.audit.audit import JOURNAL, Audit
from kg.errors import StoreError, StoreNewerError
from kg.ports import Ledger
from kg.store.memory_ledger import MemoryLedger
from kg.store.neo4j.ledger import Neo4jLedger
from kg.store.sqlite.ledger import SqliteLedger
from kg.store.sqlite.store import SqliteStore
from script.neo4j_server import Running
from tests.contract.samples import NOW, clock
from tests.neo4j_running import connect, driver


class LedgerContract(ABC):
    """The contract of `kg.ports.Ledger`."""

    engine: ClassVar[str]

    @abstractmethod
    def make_ledger(self, folder: Path) -> Ledger:
        """Return an empty ledger."""

    @pytest.fixture
    def ledger(self, tmp_path: Path) -> Iterator[Ledger]:
        ledger = self.make_ledger(tmp_path)
        yield ledger
        ledger.close()

    def test_journals_count_from_one_each(self, ledger: Ledger) -> None:
        assert [ledger.append("a", {"n": 1}), ledger.append("a", {"n": 2}), ledger.append("b", {})] == [
            1,
            2,
            1,
        ]
        assert list(ledger.entries("a")) == [(1, {"n": 1}), (2, {"n": 2})]
        assert list(ledger.entries("a", after=1)) == [(2, {"n": 2})]
        assert list(ledger.entries("a", limit=1)) == [(1, {"n": 1})]
        assert list(ledger.entries("a", limit=0)) == list(ledger.entries("none")) == []

    def test_many_entries_come_in_order(self, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("kg.store.answers._PAGE", 50)  # entries are read page by page
        for number in range(1, 126):
            ledger.append("a", {"n": number})
        assert [entry["n"] for _, entry in ledger.entries("a")] == list(range(1, 126))
        assert [number for number, _ in ledger.entries("a", after=2, limit=110)] == list(range(3, 113))

    def test_a_chain_hashes_over_the_entry_before(self, ledger: Ledger) -> None:
        ledger.append("a", {"z": "一", "b": [1, None]}, chain=True)
        ledger.append("a", {}, chain=True)
        first, second = (entry["hash"] for _, entry in ledger.entries("a"))
        assert first == sha256('{"b":[1,null],"z":"一"}'.encode()).hexdigest()
        assert second == sha256(f"{first}{{}}".encode()).hexdigest()

    def test_what_cannot_be_kept_is_refused(self, ledger: Ledger) -> None:
        for entry in ({"hash": "x"}, {"when": NOW}, {"x": float("nan")}):
            with pytest.raises(ValueError, match=r"hash|JSON"):
                ledger.append("a", entry)
        assert list(ledger.entries("a")) == []

    def test_records_are_put_read_and_removed(self, ledger: Ledger) -> None:
        assert ledger.get("users", "a") is None
        assert ledger.put("users", "b", {"role": "officer"})
        assert ledger.put("users", "a", {"角色": [1, 2]})
        assert ledger.get("users", "a") == {"角色": [1, 2]}
        assert list(ledger.items("users")) == [("a", {"角色": [1, 2]}), ("b", {"role": "officer"})]
        assert ledger.put("users", "a", None)
        assert list(ledger.items("users")) == [("b", {"role": "officer"})]
        assert list(ledger.items("none")) == []

    def test_conditions_decide_whether_a_record_is_written(self, ledger: Ledger) -> None:
        assert ledger.put("links", "x", {"used": False, "n": 1}, fresh=True)
        assert not ledger.put("links", "x", {}, fresh=True)
        assert not ledger.put("links", "x", {"used": True}, expect={"used": True})
        assert not ledger.put("links", "none", {"used": True}, expect={})
        assert ledger.put("links", "x", {"used": True}, expect={"n": 1, "used": False})
        assert not ledger.put("links", "x", None, expect={"n": 1, "used": False})
        assert ledger.get("links", "x") == {"used": True}

    def test_one_of_many_wins(self, ledger: Ledger) -> None:
        def claim(number: int) -> bool:
            ledger.append("a", {"n": number}, chain=True)
            return ledger.put("names", "unique", {"by": number}, fresh=True)

        with ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(claim, range(40))) == 1
        assert [number for number, _ in ledger.entries("a")] == list(range(1, 41))

    def test_a_closed_ledger_refuses(self, tmp_path: Path) -> None:
        ledger = self.make_ledger(tmp_path)
        ledger.close()
        with pytest.raises(StoreError):
            ledger.append("a", {})
        with pytest.raises(StoreError):
            ledger.get("a", "b")

    def test_an_audit_trail_verifies(self, ledger: Ledger) -> None:
        audit = Audit(ledger, clock)
        assert audit.verify() == []
        assert audit.record("cli", "export", "talents", {"rows": 3}) == 1
        assert audit.record("officer-1", "reveal", "talent:abc", {"reason": "联系"}) == 2
        assert audit.verify() == []
        number, entry = next(iter(audit.entries(after=1)))
        assert (number, entry["viewer"], entry["action"], entry["subject"]) == (
            2,
            "officer-1",
            "reveal",
            "talent:abc",
        )
        assert (entry["at"], entry["detail"]) == (NOW.isoformat(), {"reason": "联系"})


class TestMemoryLedger(LedgerContract):
    engine: ClassVar[str] = "memory"

    def make_ledger(self, folder: Path) -> Ledger:
        return MemoryLedger()


class TestSqliteLedger(LedgerContract):
    engine: ClassVar[str] = "sqlite"

    def make_ledger(self, folder: Path) -> Ledger:
        return SqliteLedger.open(folder / "ledger.db")

    def test_a_ledger_opens_again(self, tmp_path: Path) -> None:
        for number in (1, 2):
            ledger = SqliteLedger.open(tmp_path / "ledger.db")
            assert ledger.append("a", {}, chain=True) == number
            ledger.close()

    def test_every_tampering_of_the_trail_is_found(self, tmp_path: Path) -> None:
        path = tmp_path / "ledger.db"
        ledger = SqliteLedger.open(path)
        audit = Audit(ledger, clock)
        for number in range(9):
            audit.record("cli", "load", f"batch {number}", {"n": number})
        assert audit.verify() == []
        for statement, broken in (
            ("UPDATE entry SET body = replace(body, 'batch 3', 'batch 7') WHERE number = 4", [4]),
            ("DELETE FROM entry WHERE number = 6", [7]),
            ("UPDATE entry SET number = 10 WHERE number = 8", [9, 10]),
        ):
            with closing(sqlite3.connect(path)) as connection, connection:
                kept = connection.execute("SELECT journal, number, body FROM entry").fetchall()
                connection.execute(statement)
            assert audit.verify() == broken
            with closing(sqlite3.connect(path)) as connection, connection:
                connection.execute("DELETE FROM entry")
                connection.executemany("INSERT INTO entry VALUES (?, ?, ?)", kept)
            assert audit.verify() == []
        assert [number for number, _ in ledger.entries(JOURNAL)] == list(range(1, 10))
        ledger.close()

    def test_a_newer_or_foreign_file_is_refused(self, tmp_path: Path) -> None:
        SqliteLedger.open(tmp_path / "ledger.db").close()
        with closing(sqlite3.connect(tmp_path / "ledger.db")) as connection:
            connection.execute("PRAGMA user_version = 9")
        with pytest.raises(StoreNewerError):
            SqliteLedger.open(tmp_path / "ledger.db")
        SqliteStore.open(tmp_path / "graph.db", key_fingerprint="0" * 16, clock=clock).close()
        with pytest.raises(StoreError, match="不是匠图的账本文件"):
            SqliteLedger.open(tmp_path / "graph.db")


class TestNeo4jLedger(LedgerContract):
    engine: ClassVar[str] = "neo4j"

    @pytest.fixture(autouse=True)
    def _server(self, neo4j: Running) -> None:
        self.running = neo4j

    def make_ledger(self, folder: Path) -> Ledger:
        return Neo4jLedger.open(connect(self.running))

    def test_services_share_one_chain(self, ledger: Ledger) -> None:
        other = Neo4jLedger.open(connect(self.running))
        audits = [Audit(ledger, clock), Audit(other, clock)]

        def record(number: int) -> int:
            return audits[number % 2].record("cli", "load", str(number), {})

        with ThreadPoolExecutor(6) as pool:
            assert sorted(pool.map(record, range(60))) == list(range(1, 61))
        assert audits[0].verify() == audits[1].verify() == []
        other.close()

    def test_every_tampering_of_the_trail_is_found(self, ledger: Ledger) -> None:
        audit = Audit(ledger, clock)
        for number in range(6):
            audit.record("cli", "load", f"batch {number}", {"n": number})
        behind = driver(self.running)
        behind.execute_query(
            "MATCH (e:_Entry {_number: 3}) SET e._body = replace(e._body, 'batch 2', 'batch 9')"
        )
        assert audit.verify() == [3]
        behind.execute_query("MATCH (e:_Entry {_number: 5}) DELETE e")
        assert audit.verify() == [3, 6]


class TestNeo4jCalendarLedger(TestNeo4jLedger):
    engine: ClassVar[str] = "neo4j-calendar"
