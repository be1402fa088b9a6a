"""Tables of the embedded store, and what is checked before a file is used."""

import sqlite3
from typing import Final, LiteralString

from kg.errors import StoreError
from kg.store.answers import check_format, check_key

SCHEMA_VERSION: Final = 1
APPLICATION_ID: Final = 0x4A54_4B47  # "JTKG"
OLDEST_SQLITE: Final = (3, 35, 0)

TABLES: Final[tuple[LiteralString, ...]] = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    # Names of sources, tables, kinds and relations, each once.
    "CREATE TABLE term (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE)",
    # A batch without revision is staged: nothing of it is visible. `holder` is the process that stages it.
    """CREATE TABLE batch (
        id INTEGER PRIMARY KEY AUTOINCREMENT, staged TEXT UNIQUE, holder TEXT, began REAL,
        name TEXT UNIQUE, revision INTEGER UNIQUE, source TEXT, actor TEXT, at TEXT,
        delivered TEXT, synthetic INTEGER, report TEXT
    )""",
    """CREATE TABLE node (
        id INTEGER PRIMARY KEY, kind INTEGER NOT NULL REFERENCES term, key TEXT NOT NULL, UNIQUE (kind, key)
    )""",
    # `body` NULL: the row was retired. `batch` is the batch that wrote it, 0 for a place that nothing fills yet.
    """CREATE TABLE source_row (
        id INTEGER PRIMARY KEY, tbl INTEGER NOT NULL, key TEXT NOT NULL, source INTEGER NOT NULL,
        batch INTEGER NOT NULL, body TEXT, node INTEGER REFERENCES node, public INTEGER, person INTEGER,
        identity INTEGER, UNIQUE (tbl, key, source)
    )""",
    "CREATE INDEX row_by_node ON source_row (node) WHERE node IS NOT NULL",
    "CREATE INDEX row_by_person ON source_row (person) WHERE person IS NOT NULL",
    "CREATE INDEX row_by_identity ON source_row (identity) WHERE identity IS NOT NULL",
    """CREATE TABLE edge (
        src INTEGER NOT NULL REFERENCES node, relation INTEGER NOT NULL, dst INTEGER NOT NULL REFERENCES node,
        row_id INTEGER NOT NULL, PRIMARY KEY (src, relation, dst, row_id)
    ) WITHOUT ROWID""",
    "CREATE INDEX edge_reverse ON edge (dst, relation, src, row_id)",
    # The change log: the row before. The row after is the next `before` of the same row, or the row itself.
    """CREATE TABLE change (
        batch INTEGER NOT NULL, row_id INTEGER NOT NULL, before TEXT, before_batch INTEGER,
        PRIMARY KEY (batch, row_id)
    ) WITHOUT ROWID""",
    "CREATE INDEX change_by_row ON change (row_id, batch)",
    # Staged changes of rows that exist already; staged rows that are new stand in source_row at once.
    """CREATE TABLE staged (
        batch INTEGER NOT NULL, row_id INTEGER NOT NULL, body TEXT, mark TEXT NOT NULL, sealed BLOB,
        PRIMARY KEY (batch, row_id)
    ) WITHOUT ROWID""",
    "CREATE INDEX staged_by_row ON staged (row_id)",
    """CREATE TABLE sealed (
        row_id INTEGER NOT NULL, mark TEXT NOT NULL, data BLOB NOT NULL, PRIMARY KEY (row_id, mark)
    ) WITHOUT ROWID""",
    """CREATE VIEW live AS
        SELECT * FROM source_row
        WHERE body IS NOT NULL AND batch NOT IN (SELECT id FROM batch WHERE revision IS NULL)""",
    "INSERT INTO meta VALUES ('revision', '0')",
    "PRAGMA application_id = 1247038279",  # APPLICATION_ID: a pragma takes no parameter
    "PRAGMA user_version = 1",
)


def require_sqlite(version: tuple[int, int, int]) -> None:
    """Raise StoreError when the SQLite library is too old for what the store needs (upsert, RETURNING)."""
    if version < OLDEST_SQLITE:
        raise StoreError(
            f"SQLite {'.'.join(map(str, version))} 太旧，需要 {'.'.join(map(str, OLDEST_SQLITE))} 以上；请升级 Python 或 SQLite。",
            found=version,
        )


def prepare(connection: sqlite3.Connection, *, path: str, key_fingerprint: str) -> None:
    """Make the tables in an empty file, or check that the file is ours, of our version and of this key.

    Inside the caller's transaction. Raises StoreError, StoreNewerError or WrongKeyError; nothing is changed then.
    """
    if is_empty(connection):
        for statement in TABLES:
            connection.execute(statement)
        connection.execute("INSERT INTO meta VALUES ('key_fingerprint', ?)", (key_fingerprint,))
        return
    foreign = f"{path} 不是匠图的存储文件；请检查设置中的存储路径。"
    version = checked_format(connection, path, (APPLICATION_ID, SCHEMA_VERSION), foreign)
    if version < SCHEMA_VERSION:
        raise StoreError(
            f"{path} 还是旧的格式（{version}，本程序用 {SCHEMA_VERSION}）；请停下服务，执行 jiangtu migrate。",
            code="store-older",
            path=path,
            found=version,
        )
    stored = connection.execute("SELECT value FROM meta WHERE name = 'key_fingerprint'").fetchone()
    check_key(path, stored[0] if stored else None, key_fingerprint)


def is_empty(connection: sqlite3.Connection) -> bool:
    """Return whether nothing was made in the file yet."""
    found: int = connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]
    return found == 0


def checked_format(connection: sqlite3.Connection, path: str, ours: tuple[int, int], foreign: str) -> int:
    """Return the format of a file; StoreError `foreign` when it is not ours (application, newest format), StoreNewerError."""
    application, newest = ours
    if connection.execute("PRAGMA application_id").fetchone()[0] != application:
        raise StoreError(foreign, path=path)
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    check_format(path, version, newest)
    return version
