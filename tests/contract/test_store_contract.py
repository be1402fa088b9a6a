"""The contract of graph stores, run for each adapter."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from kg.ports import GraphStore
from kg.store.memory_store import MemoryStore
from kg.store.sqlite.store import SqliteStore
from tests.contract.store_contract import StoreContract


class TestMemoryStore(StoreContract):
    engine: ClassVar[str] = "memory"

    def make_store(self, folder: Path, *, clock: Callable[[], datetime]) -> GraphStore:
        return MemoryStore(clock=clock)


class TestSqliteStore(StoreContract):
    engine: ClassVar[str] = "sqlite"

    def make_store(self, folder: Path, *, clock: Callable[[], datetime]) -> GraphStore:
        return SqliteStore.open(folder / "graph.db", key_fingerprint="0" * 16, clock=clock)
