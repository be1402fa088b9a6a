"""Connections of one SQLite file: one per thread, and the translation of what SQLite raises."""

import sqlite3
import threading
from collections.abc import Generator, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final, LiteralString
from weakref import WeakSet

from kg.errors import StoreBusyError, StoreError

_PRAGMAS: Final[tuple[LiteralString, ...]] = (
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA journal_size_limit = 67108864",
    "PRAGMA wal_autocheckpoint = 4000",
    "PRAGMA cache_size = -8000",
)
_BULK: Final[tuple[LiteralString, ...]] = ("PRAGMA cache_size = -96000", "PRAGMA foreign_keys = OFF")
_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_NO_ACCESS: Final = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM})


class _Handle:
    """Owns one connection; closes it when its thread ends and the handle is dropped."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def close(self) -> None:
        self.connection.close()

    def __del__(self) -> None:
        self.connection.close()


class _Behind:
    """Commits in another thread, which needs no Python for it, while this thread makes the next rows."""

    def __init__(self, thread: ThreadPoolExecutor) -> None:
        self._thread = thread
        self._last: Future[None] | None = None

    def commit(self, connection: sqlite3.Connection) -> None:
        """Begin to commit; the connection must not begin another transaction before `settle`."""
        self._last = self._thread.submit(_commit, connection)

    def settle(self) -> None:
        """Wait for the last commit; raises what it raised."""
        last, self._last = self._last, None
        if last is not None:
            last.result()


class Connections:
    """Hands each thread its own connection of the file at `path`."""

    def __init__(self, path: Path, *, busy_seconds: float) -> None:
        self.path = path
        self._busy_seconds = busy_seconds
        self._local = threading.local()
        self._handles: WeakSet[_Handle] = WeakSet()
        self._lock = threading.Lock()
        self._closed = False

    def mine(self) -> sqlite3.Connection:
        """Return the connection of this thread; StoreError after `close`."""
        if self._closed:
            raise StoreError("存储已经关闭；请重新打开。", path=str(self.path))
        handle: _Handle | None = getattr(self._local, "handle", None)
        if handle is None:
            handle = _Handle(self._connect())
            with self._lock:
                self._handles.add(handle)
            self._local.handle = handle
        return handle.connection

    def ask(self, query: str, values: Sequence[object] | Mapping[str, object] = ()) -> list[Any]:
        """Return what one statement finds."""
        with translated(self.path):
            return self.mine().execute(query, values).fetchall()

    def rewrite(self) -> None:
        """Write the file anew and empty its log, so that no old byte is left; StoreBusyError when a reader keeps some."""
        self.ask("VACUUM")
        if self.ask("PRAGMA wal_checkpoint(TRUNCATE)")[0][0]:
            raise StoreBusyError("内容已删除，但有程序正在长时间读取，日志文件尚未清空；请稍后重复一次删除。")

    @contextmanager
    def snapshot(self) -> Generator[sqlite3.Connection, None, None]:
        """Give a connection of its own that sees one state of the store until the block ends."""
        with translated(self.path):
            self.mine()  # refuses when closed
            connection = self._connect()
            try:
                connection.execute("BEGIN")
                yield connection
            finally:
                connection.close()

    @contextmanager
    def bulk(self) -> Generator[None, None, None]:
        """Let this thread write very many rows until the block ends.

        A load touches all indexes at random, hence the cache; it looks up or makes every number it refers to in the
        same transaction, so checking each again would only cost. Each transaction is committed while the rows of the
        next are made: whether it succeeded is told when the next one begins, or at the end of the block.
        """
        with translated(self.path):
            connection = self.mine()
            _set(connection, _BULK)
            try:
                with ThreadPoolExecutor(1) as thread:
                    self._local.behind = behind = _Behind(thread)
                    yield
                    behind.settle()
            finally:
                self._local.behind = None
                _set(connection, _PRAGMAS)

    @contextmanager
    def writing(self) -> Generator[sqlite3.Connection, None, None]:
        """Give this thread's connection inside one write transaction: all or nothing."""
        with translated(self.path):
            connection = self.mine()
            behind: _Behind | None = getattr(self._local, "behind", None)
            if behind is not None:
                behind.settle()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                _roll_back(connection)
                raise
            if behind is None:
                _commit(connection)
            else:
                behind.commit(connection)

    def close(self) -> None:
        """Close the connections of all threads."""
        self._closed = True
        with self._lock:
            handles = list(self._handles)
        for handle in handles:
            handle.close()

    def _connect(self) -> sqlite3.Connection:
        connection = connected(
            self.path, timeout=self._busy_seconds, isolation_level=None, check_same_thread=False
        )
        try:
            self._to_wal(connection)
            _set(connection, _PRAGMAS)
        except BaseException:
            connection.close()
            raise
        return connection

    def _to_wal(self, connection: sqlite3.Connection) -> None:
        """Switch to write-ahead logging; SQLite does not wait here when two processes open a new file at once."""
        deadline = monotonic() + self._busy_seconds
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode not in _BUSY or monotonic() > deadline:
                    raise
                sleep(0.01)


def connected(path: Path, **options: Any) -> sqlite3.Connection:
    """Open the file at `path` with these options of SQLite; a new one, which will tell of people, is its owner's alone.

    What SQLite lays beside it later has the same rights. Those of a file that is there already stay as they are.
    """
    new = not path.exists()
    connection: sqlite3.Connection = sqlite3.connect(path, **options)
    if new:
        with suppress(OSError):  # a disk without such rights has none to take away
            path.chmod(0o600)
    return connection


def _commit(connection: sqlite3.Connection) -> None:
    try:
        connection.execute("COMMIT")
    except BaseException:
        _roll_back(connection)
        raise


def _roll_back(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def _set(connection: sqlite3.Connection, pragmas: Iterable[LiteralString]) -> None:
    for pragma in pragmas:
        connection.execute(pragma)


@contextmanager
def translated(path: Path) -> Generator[None, None, None]:
    """Turn an error of SQLite into one of ours that says what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise _translate(error, str(path)) from error


def _translate(error: sqlite3.Error, path: str) -> StoreError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _BUSY:
        return StoreBusyError(f"存储 {path} 正被其他程序占用；请稍后重试，或结束占用它的程序。", path=path)
    if code in _DAMAGED:
        return StoreError(f"{path} 不是可用的存储文件，或已损坏；请检查路径，或从备份恢复。", path=path)
    if code in _NO_ACCESS:
        return StoreError(f"无法打开或写入存储 {path}；请检查目录是否存在以及读写权限。", path=path)
    if code == sqlite3.SQLITE_FULL:
        return StoreError(f"磁盘空间不足，无法写入存储 {path}；请清理磁盘后重试。", path=path)
    if code == sqlite3.SQLITE_IOERR:
        return StoreError(
            f"读写存储 {path} 时磁盘出错；没有写完的已撤回，请检查磁盘空间、文件大小的限制和磁盘本身，然后重试。",
            path=path,
        )
    return StoreError(f"存储 {path} 出错（{error}）；请重试，仍然出错时从备份恢复。", path=path)
