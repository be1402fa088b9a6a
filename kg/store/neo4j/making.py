"""What a Neo4j database needs to hold a store: constraints, indexes, and the one node that says whose it is."""

from typing import Any, Final, LiteralString

from kg.errors import StoreError
from kg.store.answers import check_format, check_key
from kg.store.neo4j.connection import Connection

FORMAT: Final = 1
_PREPARE: Final[tuple[LiteralString, ...]] = (
    "CREATE CONSTRAINT _store IF NOT EXISTS FOR (s:_Store) REQUIRE s._name IS UNIQUE",
    "CREATE CONSTRAINT _staging IF NOT EXISTS FOR (g:_Staging) REQUIRE g._name IS UNIQUE",
    "CREATE CONSTRAINT _batch IF NOT EXISTS FOR (b:_Batch) REQUIRE b._name IS UNIQUE",
    "CREATE CONSTRAINT _revision IF NOT EXISTS FOR (b:_Batch) REQUIRE b._revision IS UNIQUE",
    "CREATE CONSTRAINT _entity IF NOT EXISTS FOR (e:Entity) REQUIRE e._id IS UNIQUE",
    "CREATE CONSTRAINT _version IF NOT EXISTS FOR (v:_Row) REQUIRE v._id IS UNIQUE",
    "CREATE INDEX _row IF NOT EXISTS FOR (v:_Row) ON (v._row)",
    "CREATE INDEX _row_node IF NOT EXISTS FOR (v:_Row) ON (v._node)",
    "CREATE INDEX _row_person IF NOT EXISTS FOR (v:_Row) ON (v._person)",
    "CREATE INDEX _row_identity IF NOT EXISTS FOR (v:_Row) ON (v._identity)",
    "CALL db.awaitIndexes(120)",
)
_FOREIGN: Final = """
    MATCH (n) WHERE NOT n:_Store AND NOT n:_Record AND NOT n:_Journal AND NOT n:_Entry
    RETURN labels(n) AS labels LIMIT 1"""
_FOUND: Final = "MATCH (s:_Store) RETURN s._format AS format, s._key AS key"
# The revision says what readers see; `_purges` counts what alone takes away something that older readers need.
_CREATE: Final = """
    MERGE (s:_Store {_name: 'jiangtu'})
    ON CREATE SET s._format = $format, s._key = $key, s._revision = 0, s._purges = 0, s._turn = 0"""


def found_store(connection: Connection) -> Any:
    """Return format and key of the store in this database, None when none was made yet."""
    return connection.ask(_FOUND)


def prepare(connection: Connection, key_fingerprint: str) -> None:
    """Make what the store needs in an empty database, or check that it is ours, of our version and of this key."""
    found = found_store(connection)
    if found is None:
        foreign = connection.ask(_FOREIGN)
        if foreign is not None and found_store(connection) is None:  # else another service was faster
            raise StoreError(
                f"{connection.address} 的数据库里有别的数据（{'、'.join(foreign['labels'])}）；请给匠图一个空的数据库。"
            )
        connection.ensure(_PREPARE)
        connection.tell(_CREATE, format=FORMAT, key=key_fingerprint)
        found = found_store(connection)
    check_format(connection.address, found["format"], FORMAT)
    check_key(connection.address, found["key"], key_fingerprint)
