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
from tests.neo4j_running import driver, wipe

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
    assert left_behind(running) == [0, 0, 0, 0]


def left_behind(running: Running) -> list[int]:
    """Return what a store at rest has none of: leases, half publications, ended edges, edges of rows that are not live."""
    counted = driver(running).execute_query(
        """RETURN COUNT { (s:_Store) WHERE s._lease IS NOT NULL }, COUNT { (g:_Staging) WHERE g._revision IS NOT NULL },
            COUNT { ()-[x]->() WHERE x._until IS NOT NULL },
            COUNT { MATCH ()-[x]->() MATCH (v:_Row {_id: x._row}) WHERE v._until IS NOT NULL }"""
    )
    return list(counted.records[0].values())
