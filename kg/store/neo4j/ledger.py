"""The ledger on a Neo4j server: several services share accounts, audit trail and the log of questions."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, LiteralString
from uuid import uuid4

from neo4j import ManagedTransaction

from kg.store.answers import entry_pages
from kg.store.codec import from_json
from kg.store.ledger_rules import canonical, chained, checked, hash_of
from kg.store.neo4j.connection import Connection, one

PREPARE: Final[tuple[LiteralString, ...]] = (
    "CREATE CONSTRAINT _journal IF NOT EXISTS FOR (j:_Journal) REQUIRE j._name IS UNIQUE",
    "CREATE CONSTRAINT _entry IF NOT EXISTS FOR (e:_Entry) REQUIRE (e._journal, e._number) IS UNIQUE",
    "CREATE CONSTRAINT _entry_token IF NOT EXISTS FOR (e:_Entry) REQUIRE e._token IS UNIQUE",
    "CREATE CONSTRAINT _record IF NOT EXISTS FOR (r:_Record) REQUIRE (r._collection, r._key) IS UNIQUE",
    "CALL db.awaitIndexes(120)",
)
_WRITTEN: Final = "MATCH (e:_Entry {_token: $token}) RETURN e._number AS number"
# Counting takes the lock of the journal until the transaction ends: numbers have no gap, the chain no fork.
_COUNT: Final = """
    MERGE (j:_Journal {_name: $journal}) ON CREATE SET j._last = 0
    SET j._last = j._last + 1
    RETURN j._last AS number"""
_ENTRY: Final = "MATCH (e:_Entry {_journal: $journal, _number: $number}) RETURN e._body AS body"
_ADD: Final = "CREATE (:_Entry {_journal: $journal, _number: $number, _token: $token, _body: $body})"
_PAGE: Final = """
    MATCH (e:_Entry) WHERE e._journal = $journal AND e._number > $after
    WITH e ORDER BY e._journal, e._number LIMIT $size
    RETURN collect([e._number, e._body]) AS found"""
_LOCK: Final = """
    MERGE (r:_Record {_collection: $collection, _key: $key}) ON CREATE SET r._turn = 0
    SET r._turn = r._turn + 1
    WITH r MATCH (now:_Record {_collection: $collection, _key: $key})
    RETURN now._body AS body, now._token AS token"""
_WRITE: Final = (
    "MATCH (r:_Record {_collection: $collection, _key: $key}) SET r._body = $body, r._token = $token"
)
_DROP: Final = "MATCH (r:_Record {_collection: $collection, _key: $key}) WHERE r._body IS NULL DELETE r"
_RECORD: Final = "MATCH (r:_Record {_collection: $collection, _key: $key}) RETURN r._body AS body"
_RECORDS: Final = """
    MATCH (r:_Record) WHERE r._collection = $collection AND r._body IS NOT NULL
    RETURN collect([r._key, r._body]) AS found"""
_NAMES: Final = """
    OPTIONAL MATCH (j:_Journal) WITH collect(j._name) AS journals
    OPTIONAL MATCH (r:_Record) WHERE r._body IS NOT NULL
    RETURN journals, collect(DISTINCT r._collection) AS collections"""


class Neo4jLedger:
    """`kg.ports.Ledger` in the database of the graph; every entry is committed before its number is returned."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @classmethod
    def open(cls, connection: Connection) -> "Neo4jLedger":
        """Open the ledger, made when new. Raises StoreError."""
        connection.ensure(PREPARE)
        return cls(connection)

    def append(self, journal: str, entry: Mapping[str, object], *, chain: bool = False) -> int:
        """Append one entry and return its number."""
        canonical(checked(entry))
        token = uuid4().hex

        def write(tx: ManagedTransaction) -> int:
            done = one(tx, _WRITTEN, token=token)  # an earlier try went through, only its answer was lost
            if done is not None:
                return int(done["number"])
            number = int(one(tx, _COUNT, journal=journal)["number"])
            last = one(tx, _ENTRY, journal=journal, number=number - 1) if chain else None
            kept = chained(entry, hash_of(last and from_json(last["body"]))) if chain else entry
            one(tx, _ADD, journal=journal, number=number, token=token, body=canonical(kept))
            return number

        return self._connection.write(write)

    def entries(
        self, journal: str, *, after: int = 0, limit: int | None = None
    ) -> Iterator[tuple[int, Mapping[str, object]]]:
        """Yield the entries numbered above `after`, in order."""

        def page(above: int, size: int) -> list[Any]:
            found: list[Any] = self._connection.ask(_PAGE, journal=journal, after=above, size=size)["found"]
            return found

        yield from entry_pages(page, after, limit)

    def put(
        self,
        collection: str,
        key: str,
        value: Mapping[str, object] | None,
        *,
        expect: Mapping[str, object] | None = None,
        fresh: bool = False,
    ) -> bool:
        """Write or delete one record when the condition holds, in one transaction; return whether it was written."""
        text = None if value is None else canonical(value)
        wanted = None if expect is None else canonical(expect)
        named = {"collection": collection, "key": key}
        token = uuid4().hex

        def write(tx: ManagedTransaction) -> bool:
            stored = one(tx, _LOCK, **named)
            body = stored["body"]
            refused = (fresh and body is not None) or (wanted is not None and body != wanted)
            if stored["token"] != token and not refused:
                one(tx, _WRITE, **named, body=text, token=token)
            elif stored["token"] != token and body is None:
                one(tx, _DROP, **named)
            return stored["token"] == token or not refused

        written = self._connection.write(write)
        if text is None and written:  # the empty record told an earlier try apart; now nobody needs it
            self._connection.tell(_DROP, **named)
        return written

    def get(self, collection: str, key: str) -> Mapping[str, object] | None:
        """Return one record or None."""
        found = self._connection.ask(_RECORD, collection=collection, key=key)
        return from_json(found["body"]) if found and found["body"] is not None else None

    def items(self, collection: str) -> Sequence[tuple[str, Mapping[str, object]]]:
        """Return all records of a collection ordered by key."""
        found: list[Any] = self._connection.ask(_RECORDS, collection=collection)["found"]
        return [(key, from_json(body)) for key, body in sorted(found)]

    def names(self) -> tuple[list[str], list[str]]:
        """Return the journals and the collections that hold something, ordered."""
        found = self._connection.ask(_NAMES)
        return sorted(found["journals"]), sorted(found["collections"])

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()
