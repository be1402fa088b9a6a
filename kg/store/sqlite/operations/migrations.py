"""Steps from one format of the embedded store to the next, each whole or not at all.

A step and the new number of the format are one transaction of SQLite: a kill leaves the old format or the new one.
Two services that migrate at once take turns; the second finds nothing left to do. `schema_version` tells when each
step was taken.
"""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, LiteralString

from kg.errors import StoreError, StoreNewerError
from kg.store.sqlite.connections import translated
from kg.store.sqlite.operations.locking import operation_lock
from kg.store.sqlite.schema import APPLICATION_ID

_PATIENCE: Final = 600.0
_VERSIONS: Final = """
    CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, at TEXT NOT NULL, was INTEGER NOT NULL)"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: the format it leads to, from the one before, and its statements.

    The last statement sets `PRAGMA user_version` to that number: a pragma takes no parameter.
    """

    version: int
    statements: Sequence[LiteralString]


MIGRATIONS: Final[tuple[Migration, ...]] = ()
"""The steps of released formats, oldest first; there is only format 1 so far."""


def format_of(path: Path) -> int:
    """Return the format of the store at `path`; StoreError when it is none of ours."""
    with translated(path), closing(_open(path)) as connection:
        return _format(connection, path)


def migrate(
    path: Path, migrations: Sequence[Migration], *, clock: Callable[[], datetime], before: Callable[[], None]
) -> list[int]:
    """Take the steps that the store at `path` lacks; return the formats reached, in order, [] when none was lacking.

    `before` makes a backup before the first step; when it fails nothing is changed. Raises StoreNewerError for a
    format beyond the last step, StoreBusyError, StoreError.
    """
    if not _lacking(path, migrations):
        return []
    before()
    with operation_lock(path, seconds=_PATIENCE):
        steps = _lacking(path, migrations)  # another service may have been faster
        with translated(path), closing(_open(path)) as connection:
            for step in steps:
                _take(connection, path, step, clock().isoformat())
    return [step.version for step in steps]


def _lacking(path: Path, migrations: Sequence[Migration]) -> list[Migration]:
    now, newest = format_of(path), max([1, *(step.version for step in migrations)])
    if now > newest:
        raise StoreNewerError(
            f"{path} 由更新版本的程序建立（格式 {now}，本程序支持到 {newest}）；请升级程序。",
            found=now,
            supported=newest,
        )
    return sorted((step for step in migrations if step.version > now), key=lambda step: step.version)


def _take(connection: sqlite3.Connection, path: Path, step: Migration, at: str) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        was = _format(connection, path)
        if was != step.version - 1:
            raise StoreError(f"存储 {path} 现为格式 {was}，不能直接升级到 {step.version}；请按版本顺序升级。")
        connection.execute(_VERSIONS)
        for statement in step.statements:
            connection.execute(statement)
        connection.execute("INSERT INTO schema_version VALUES (?, ?, ?)", (step.version, at, was))
        if _format(connection, path) != step.version:
            raise StoreError(f"升级到格式 {step.version} 的步骤没有写下新的格式号；没有升级。")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _open(path: Path) -> sqlite3.Connection:
    if not path.exists():
        raise StoreError(f"没有存储文件 {path}；请检查设置 JIANGTU_DATA。", path=str(path))
    connection = sqlite3.connect(path, isolation_level=None, timeout=30.0)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")
    return connection


def _format(connection: sqlite3.Connection, path: Path) -> int:
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise StoreError(f"{path} 不是匠图的存储文件；请检查设置中的存储路径。", path=str(path))
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
