"""The ledger in a SQLite file of its own, so that a long publish never keeps an audit entry waiting."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from kg.store.answers import entry_pages
from kg.store.codec import from_json
from kg.store.ledger_rules import canonical, chained, checked, hash_of
from kg.store.sqlite.connections import Connections
from kg.store.sqlite.schema import checked_format, is_empty, require_sqlite

SCHEMA_VERSION: Final = 1
APPLICATION_ID: Final = 0x4A54_4C47  # "JTLG"
_TABLES: Final = (
    """CREATE TABLE entry (
        journal TEXT NOT NULL, number INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (journal, number)
    ) WITHOUT ROWID""",
    """CREATE TABLE record (
        collection TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (collection, key)
    ) WITHOUT ROWID""",
    "PRAGMA application_id = 1247038535",  # APPLICATION_ID
    "PRAGMA user_version = 1",
)
_LAST: Final = "SELECT number, body FROM entry WHERE journal = ? ORDER BY number DESC LIMIT 1"
_PAGE: Final = "SELECT number, body FROM entry WHERE journal = ? AND number > ? ORDER BY number LIMIT ?"
_RECORD: Final = "SELECT body FROM record WHERE collection = ? AND key = ?"
_RECORDS: Final = "SELECT key, body FROM record WHERE collection = ? ORDER BY key"


class SqliteLedger:
    """`kg.ports.Ledger` in one file; every entry is on disk before its number is returned."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    @classmethod
    def open(cls, path: Path, *, busy_seconds: float = 30.0) -> "SqliteLedger":
        """Open the ledger at `path`, made when missing. Raises StoreError, StoreNewerError, StoreBusyError."""
        require_sqlite(sqlite3.sqlite_version_info)
        connections = Connections(path, busy_seconds=busy_seconds)
        try:
            with connections.writing() as connection:
                if is_empty(connection):
                    for statement in _TABLES:
                        connection.execute(statement)
                else:
                    foreign = f"{path} 不是匠图的账本文件；请检查设置中的路径。"
                    checked_format(connection, str(path), (APPLICATION_ID, SCHEMA_VERSION), foreign)
        except BaseException:
            connections.close()
            raise
        return cls(connections)

    def append(self, journal: str, entry: Mapping[str, object], *, chain: bool = False) -> int:
        """Append one entry and return its number."""
        canonical(checked(entry))
        with self._connections.writing() as connection:
            last = connection.execute(_LAST, (journal,)).fetchone()
            number, previous = (last[0] + 1, from_json(last[1])) if last else (1, None)
            kept = chained(entry, hash_of(previous)) if chain else entry
            connection.execute("INSERT INTO entry VALUES (?, ?, ?)", (journal, number, canonical(kept)))
        return number

    def entries(
        self, journal: str, *, after: int = 0, limit: int | None = None
    ) -> Iterator[tuple[int, Mapping[str, object]]]:
        """Yield the entries numbered above `after`, in order."""

        def page(above: int, size: int) -> list[tuple[int, str]]:
            return self._connections.ask(_PAGE, (journal, above, size))

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
        with self._connections.writing() as connection:
            stored = connection.execute(_RECORD, (collection, key)).fetchone()
            if (fresh and stored) or (wanted is not None and (stored is None or stored[0] != wanted)):
                return False
            if text is None:
                connection.execute("DELETE FROM record WHERE collection = ? AND key = ?", (collection, key))
            else:
                connection.execute("INSERT OR REPLACE INTO record VALUES (?, ?, ?)", (collection, key, text))
        return True

    def get(self, collection: str, key: str) -> Mapping[str, object] | None:
        """Return one record or None."""
        found = self._connections.ask(_RECORD, (collection, key))
        return from_json(found[0][0]) if found else None

    def items(self, collection: str) -> Sequence[tuple[str, Mapping[str, object]]]:
        """Return all records of a collection ordered by key."""
        found = self._connections.ask(_RECORDS, (collection,))
        return [(key, from_json(body)) for key, body in found]

    def names(self) -> tuple[list[str], list[str]]:
        """Return the journals and the collections that hold something, ordered."""
        journals = self._connections.ask("SELECT DISTINCT journal FROM entry ORDER BY journal")
        collections = self._connections.ask("SELECT DISTINCT collection FROM record ORDER BY collection")
        return [name for (name,) in journals], [name for (name,) in collections]

    def compact(self) -> None:
        """Leave no byte of what was overwritten: the file is written anew and the write-ahead log emptied.

        StoreBusyError when a long read keeps old bytes in the log file: repeat it.
        """
        self._connections.rewrite()

    def close(self) -> None:
        """Close the connections of all threads."""
        self._connections.close()
