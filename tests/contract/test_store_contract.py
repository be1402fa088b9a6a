"""The contract of graph stores, run for each adapter."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import ClassVar

import pytest

from kg.ports import GraphStore
from kg.schema import SCHEMA
from kg.store.memory_store import MemoryStore
from kg.store.neo4j.store import Neo4jStore
from kg.store.sqlite.store import SqliteStore
from script.neo4j_server import Running
from tests.contract.store_contract import StoreContract
from tests.neo4j_running import connect


class TestMemoryStore(StoreContract):
    engine: ClassVar[str] = "memory"

    def make_store(self, folder: Path, *, clock: Callable[[], datetime]) -> GraphStore:
        return MemoryStore(clock=clock)


class TestSqliteStore(StoreContract):
    engine: ClassVar[str] = "sqlite"

    def make_store(self, folder: Path, *, clock: Callable[[], datetime]) -> GraphStore:
        return SqliteStore.open(folder / "graph.db", key_fingerprint="0" * 16, clock=clock)


class TestNeo4jStore(StoreContract):
    engine: ClassVar[str] = "neo4j"

    @pytest.fixture(autouse=True)
    def _server(self, neo4j: Running) -> None:
        self.running = neo4j

    def make_store(self, folder: Path, *, clock: Callable[[], datetime]) -> GraphStore:
        return Neo4jStore.open(connect(self.running), key_fingerprint="0" * 16, schema=SCHEMA, clock=clock)


class TestNeo4jCalendarStore(TestNeo4jStore):
    engine: ClassVar[str] = "neo4j-calendar"
