"""The two files of an embedded store as files: a consistent copy while others write, and putting a copy in their place.

A copy takes its place in steps that a kill cannot leave half done: it waits whole in a folder beside the store, whose
appearance decides; SQLite writes it over each file in one transaction; whoever opens the store meanwhile finishes.
"""

import os
import shutil
import sqlite3
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final, LiteralString

from kg.errors import RefusedError, StoreBusyError, StoreError
from kg.store.sqlite.connections import connected, translated
from kg.store.sqlite.ledger import SqliteLedger
from kg.store.sqlite.operations import integrity, migrations
from kg.store.sqlite.operations.locking import operation_lock
from kg.store.sqlite.store import SqliteStore

GRAPH: Final = "graph.db"
LEDGER: Final = "ledger.db"
_TRIES: Final = 50
_WAIT_MS: Final = 2_000


class SqliteFiles:
    """The files of the store at `path`, with its ledger beside it."""

    def __init__(self, path: Path, *, key_fingerprint: str) -> None:
        self.path, self.ledger_path = path, ledger_path(path)
        self._key_fingerprint = key_fingerprint

    def copy(self, folder: Path) -> None:
        """Write `graph.db` and `ledger.db` into `folder`: both as they were at one moment, while others write.

        Raises StoreError.
        """
        with operation_lock(self.path), translated(self.path), self._one_moment() as (graph, ledger):
            for source, name in ((graph, GRAPH), (ledger, LEDGER)):
                _copy(source, folder / name)

    @contextmanager
    def _one_moment(self) -> Generator[tuple[sqlite3.Connection, sqlite3.Connection], None, None]:
        """Give two readers of the same moment: no write to the ledger came between their first reads.

        Where one comes every time, the ledger is the older of the two: a state that a crash might have left.
        """
        with (
            closing(_reader(self.path)) as graph,
            closing(_reader(self.ledger_path)) as ledger,
            closing(_reader(self.ledger_path)) as watch,
        ):
            for _ in range(_TRIES):
                before = watch.execute("PRAGMA data_version").fetchone()
                for reader in (ledger, graph):
                    reader.execute("BEGIN")
                    reader.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
                if watch.execute("PRAGMA data_version").fetchone() == before:
                    break
                for reader in (ledger, graph):
                    reader.execute("ROLLBACK")
            yield graph, ledger

    def open_copy(self, folder: Path, *, clock: Callable[[], datetime]) -> tuple[SqliteStore, SqliteLedger]:
        """Open the store in `folder`, made when there is none. Raises what opening a store raises."""
        store = SqliteStore.open(folder / GRAPH, key_fingerprint=self._key_fingerprint, clock=clock)
        try:
            return store, SqliteLedger.open(folder / LEDGER)
        except BaseException:
            store.close()
            raise

    def counts(self, folder: Path) -> dict[str, int]:
        """Return how many batches, entries and records the copy in `folder` holds, of whatever format it is."""
        batches = _count(folder / GRAPH, "SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'revision'")
        entries = "SELECT (SELECT COUNT(*) FROM entry) + (SELECT COUNT(*) FROM record)"
        return {"batches": batches, "ledger": _count(folder / LEDGER, entries)}

    def migrate(self, *, clock: Callable[[], datetime], before: Callable[[], None]) -> list[int]:
        """Bring the store to the format of this program (`kg.store.sqlite.operations.migrations`)."""
        finish(self.path)
        return migrations.migrate(self.path, migrations.MIGRATIONS, clock=clock, before=before)

    def seal_copy(self, folder: Path) -> None:
        """Check the copy in `folder` and bring it onto the disk; StoreError when SQLite finds it damaged."""
        for name in (GRAPH, LEDGER):
            path = folder / name
            with translated(path), closing(sqlite3.connect(path)) as connection:
                connection.execute("PRAGMA journal_mode = DELETE")
                found: str = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if found != "ok":
                raise StoreError(f"备份里的 {name} 已损坏（{found}）；请换一份备份。", path=str(path))
            sync(path)
        sync(folder)

    def is_empty(self) -> bool:
        """Return whether nothing was ever written: no file, or no revision and an empty ledger."""
        finish(self.path)
        try:
            return not (_holds(self.path, _PUBLISHED) or _holds(self.ledger_path, _TOLD))
        except StoreError:
            return False

    def check(self) -> Sequence[Mapping[str, Any]]:
        """Return what is wrong with the files themselves (`kg.store.sqlite.operations.integrity`)."""
        return integrity.check(self.path, self.ledger_path)

    def land(self, folder: Path, *, replace: bool) -> None:
        """Put the sealed copy in `folder` (on the same disk) in the place of the store.

        Raises RefusedError when there is a store and not `replace`, StoreBusyError while any program has it open.
        """
        finish(self.path)
        with operation_lock(self.path):
            if not replace and not self.is_empty():
                raise RefusedError(
                    f"存储 {self.path} 里已有内容，没有恢复；确定要用备份替换它，请加 --replace。",
                    code="store-not-empty",
                )
            for path in (self.path, self.ledger_path):
                _take_alone(path)
            folder.rename(waiting(self.path))
            sync(self.path.parent)
            _finish(self.path)


_PUBLISHED: Final = "SELECT 1 FROM batch LIMIT 1"
_TOLD: Final = "SELECT 1 FROM entry UNION ALL SELECT 1 FROM record LIMIT 1"


def ledger_path(path: Path) -> Path:
    """Return where the ledger of the store at `path` is."""
    return path.with_suffix(".ledger.db")


def waiting(path: Path) -> Path:
    """Return the folder in which a whole copy waits to replace the store at `path`."""
    return path.with_name(path.name + ".restore")


def finish(path: Path) -> None:
    """Finish a replacement that was interrupted; StoreBusyError while another program has the old store open."""
    if waiting(path).exists():
        with operation_lock(path):
            if waiting(path).exists():
                _finish(path)


def _finish(path: Path) -> None:
    """Write what waits over both files, each in one transaction, then forget it. Doing it twice is doing it once."""
    folder = waiting(path)
    for name, live in ((GRAPH, path), (LEDGER, ledger_path(path))):
        _take_alone(live)
        with translated(live), closing(sqlite3.connect(folder / name)) as source:
            _copy(source, live)
    done = folder.with_name(folder.name + "-done")
    shutil.rmtree(done, ignore_errors=True)
    folder.rename(done)
    sync(path.parent)
    shutil.rmtree(done)


def _take_alone(path: Path) -> None:
    """Make sure that no program has the file open; a file that SQLite cannot read is moved aside."""
    if not path.exists():
        return
    try:
        with closing(sqlite3.connect(path, timeout=_WAIT_MS / 1000)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE").fetchone()
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise StoreBusyError(
                f"存储 {path} 正在使用；请先停止服务和其他命令，再恢复。", path=str(path)
            ) from error
        if code not in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}:
            with translated(path):
                raise
        _move_aside(path)


def _move_aside(path: Path) -> None:
    for suffix in ("-wal", "-shm", "-journal", ""):
        with suppress(FileNotFoundError):
            Path(f"{path}{suffix}").replace(f"{path}.damaged{suffix}")


def _copy(source: sqlite3.Connection, target: Path) -> None:
    with closing(connected(target)) as connection:
        connection.execute("PRAGMA synchronous = FULL")
        source.backup(connection)


def _reader(path: Path) -> sqlite3.Connection:
    if not path.exists():
        raise StoreError(f"没有存储文件 {path}；请检查设置 JIANGTU_DATA。", path=str(path))
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA query_only = ON")
    return connection


def _count(path: Path, query: LiteralString) -> int:
    with translated(path), closing(sqlite3.connect(path)) as connection:
        return int(connection.execute(query).fetchone()[0])


def _holds(path: Path, query: LiteralString) -> bool:
    if not path.exists() or path.stat().st_size == 0:
        return False
    with translated(path), closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchone() is not None


def sync(path: Path) -> None:
    """Bring a file or the names in a folder onto the disk."""
    if os.name != "posix" and path.is_dir():
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
