"""One operation on a store's files at a time: a lock that ends with the process that holds it."""

import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

from kg.errors import StoreBusyError
from kg.store.sqlite.connections import translated


@contextmanager
def operation_lock(path: Path, *, seconds: float = 30.0) -> Generator[None, None, None]:
    """Hold the lock of the store at `path`; StoreBusyError when another process keeps it longer than `seconds`.

    The lock is the one that SQLite takes on an empty file beside the store: the system lets go of it when the
    process is killed.
    """
    lock = path.with_name(path.name + ".lock")
    with (
        translated(lock),
        closing(sqlite3.connect(lock, timeout=seconds, isolation_level=None)) as connection,
    ):
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            raise StoreBusyError(
                f"另一个程序正在备份、恢复或升级存储 {path}；请等它结束再试。", path=str(path)
            ) from error
        yield
