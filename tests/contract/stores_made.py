"""New, empty stores for tests that need many of them."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from kg.schema import SCHEMA
from kg.store.neo4j.connection import Connection
from kg.store.neo4j.store import Neo4jStore
from kg.store.sqlite.store import SqliteStore
from script.neo4j_server import Running
from tests.contract.samples import clock
from tests.neo4j_running import wipe

FAST = Path("/dev/shm")  # in memory where there is one: some tests open hundreds of files


@contextmanager
def fresh_sqlite() -> Generator[SqliteStore, None, None]:
    """An empty store in a file of its own."""
    with TemporaryDirectory(dir=FAST if FAST.is_dir() else None) as folder:
        store = SqliteStore.open(Path(folder, "graph.db"), key_fingerprint="0" * 16, clock=clock)
        yield store
        store.close()


@contextmanager
def fresh_neo4j(running: Running, connection: Connection) -> Generator[Neo4jStore, None, None]:
    """An empty store on a running server; the connection stays open."""
    wipe(running)
    yield Neo4jStore.open(connection, key_fingerprint="0" * 16, schema=SCHEMA, clock=clock)
