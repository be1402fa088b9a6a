"""The one place where the parts are put together; only this module names a concrete store."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from kg.audit.audit import Audit
from kg.config import Settings
from kg.errors import SettingsError, StoreError
from kg.model.rules import Policy
from kg.operations.sites import MAPPINGS, Site, refuse_unfinished
from kg.policy.policy_file import load_policy
from kg.ports import GraphStore, Ledger
from kg.schema import SCHEMA, Schema
from kg.sealing.sealer import Sealer
from kg.service import Service
from kg.store.memory_ledger import MemoryLedger
from kg.store.memory_store import MemoryStore
from kg.store.sqlite.ledger import SqliteLedger
from kg.store.sqlite.operations.files import SqliteFiles, finish, ledger_path
from kg.store.sqlite.store import SqliteStore

Clock = Callable[[], datetime]
NEO4J_SCHEMES: Final = ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Everything that an entry point needs, opened and ready; `close` releases it.

    `reopen` opens the same store once more, in another process too; None for a store that only this process has.
    """

    settings: Settings
    schema: Schema
    policy: Policy
    sealer: Sealer
    store: GraphStore
    reopen: Callable[[], GraphStore] | None
    ledger: Ledger
    audit: Audit
    service: Service
    clock: Clock

    def close(self) -> None:
        """Release store and ledger."""
        self.store.close()
        self.ledger.close()

    def __enter__(self) -> "Graph":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


utc_now: Final[Clock] = partial(datetime.now, UTC)
"""Returns the present moment; the only clock of the product. A partial one is sent to another process as it is."""


def open_graph(settings: Settings, *, schema: Schema = SCHEMA, clock: Clock = utc_now) -> Graph:
    """Open policy, key, store and ledger of these settings.

    Raises PolicyError, SettingsError (folder, key file, store address), StoreNewerError, WrongKeyError, StoreError.
    """
    policy = load_policy(settings.policy)
    _demand_address(settings.store)
    if settings.store != "memory:":
        _make_folder(settings.data)
    if settings.store.partition("://")[0] in NEO4J_SCHEMES:
        sealer, store, ledger = _open_neo4j(settings, schema, clock)
    else:
        sealer = _open_sealer(settings)
        store, ledger = _open_store(settings, sealer, clock)
    try:
        refuse_unfinished(ledger)
    except BaseException:
        store.close()
        ledger.close()
        raise
    audit = Audit(ledger, clock)
    reopen = _reopener(settings, sealer, schema, clock)
    service = Service(
        store=store,
        ledger=ledger,
        sealer=sealer,
        schema=schema,
        policy=policy,
        audit=audit,
        clock=clock,
        reopen=reopen,
    )
    return Graph(
        settings=settings,
        schema=schema,
        policy=policy,
        sealer=sealer,
        store=store,
        reopen=reopen,
        ledger=ledger,
        audit=audit,
        service=service,
        clock=clock,
    )


def _demand_address(store: str) -> None:
    """Refuse an address that no store has, before a folder or a key is made for it."""
    scheme, _, name = store.partition(":")
    server = scheme in NEO4J_SCHEMES and name.startswith("//")
    if not (store == "memory:" or server or (scheme == "sqlite" and Path(name).name)):
        raise StoreError(
            f"存储地址 {store!r} 不支持：请用 sqlite:文件名（默认 sqlite:jiangtu.db）或 neo4j://主机:7687",
            code="bad-store",
        )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise SettingsError(
            f"数据文件夹 {folder} 不能写入：请检查权限，或用 JIANGTU_DATA 指定另一个文件夹", name="data"
        ) from error


def _open_sealer(settings: Settings) -> Sealer:
    if settings.store == "memory:" and settings.key_file is None:
        return Sealer(b"\0" * 32)
    return Sealer.open(settings.key_path, create=not _store_path(settings).exists())


def _store_path(settings: Settings) -> Path:
    return settings.data / settings.store.removeprefix("sqlite:")


def _open_store(settings: Settings, sealer: Sealer, clock: Clock) -> tuple[GraphStore, Ledger]:
    if settings.store == "memory:":
        return MemoryStore(clock=clock), MemoryLedger()
    path = _store_path(settings)
    finish(path)
    store = SqliteStore.open(path, key_fingerprint=sealer.fingerprint, clock=clock)
    try:
        return store, SqliteLedger.open(ledger_path(path))
    except BaseException:
        store.close()
        raise


def _reopener(
    settings: Settings, sealer: Sealer, schema: Schema, clock: Clock
) -> Callable[[], GraphStore] | None:
    """Return what opens the same store in another process, without its ledger; None for one that only this one has."""
    if settings.store == "memory:":
        return None
    if settings.store.partition("://")[0] in NEO4J_SCHEMES:
        return partial(_open_neo4j_again, settings, schema, clock)
    return partial(SqliteStore.open, _store_path(settings), key_fingerprint=sealer.fingerprint, clock=clock)


def _open_neo4j_again(settings: Settings, schema: Schema, clock: Clock) -> GraphStore:
    return _open_neo4j(settings, schema, clock)[1]


def _open_neo4j(settings: Settings, schema: Schema, clock: Clock) -> tuple[Sealer, GraphStore, Ledger]:
    """Open key, store and ledger on a Neo4j server; a key is made only for a database that is still empty."""
    try:
        from kg.store.neo4j.connection import Connection, read_password
        from kg.store.neo4j.ledger import Neo4jLedger
        from kg.store.neo4j.store import Neo4jStore
    except ModuleNotFoundError as error:
        raise SettingsError(
            "没有安装 Neo4j 的驱动程序；请执行 pip install 'jiangtu[neo4j]'，或改用 sqlite: 存储。",
            name="store",
        ) from error
    connection = Connection.open(
        settings.store,
        user=settings.neo4j_user,
        password=read_password(settings.neo4j_password_file),
        database=settings.neo4j_database,
    )
    try:
        sealer = Sealer.open(settings.key_path, create=Neo4jStore.is_new(connection))
        store = Neo4jStore.open(connection, key_fingerprint=sealer.fingerprint, schema=schema, clock=clock)
        return sealer, store, Neo4jLedger.open(connection)
    except BaseException:
        connection.close()
        raise


def open_site(settings: Settings, *, schema: Schema = SCHEMA, clock: Clock = utc_now) -> Site:
    """Return the store of these settings as the operations need it, not opened yet; the key file must be there.

    Raises SettingsError (folder, key file), StoreError `bad-store` for a store in memory, which no operation outlives.
    """
    if settings.store == "memory:":
        raise StoreError("内存里的存储（memory:）关闭即失，不能备份或恢复。", code="bad-store")
    _demand_address(settings.store)
    _make_folder(settings.data)
    sealer = Sealer.open(settings.key_path, create=False)
    path = _store_path(settings)
    files = SqliteFiles(path, key_fingerprint=sealer.fingerprint)
    server = settings.store.partition("://")[0] in NEO4J_SCHEMES

    def opened(clock: Clock) -> tuple[GraphStore, Ledger]:
        return _open_neo4j(settings, schema, clock)[1:] if server else _open_store(settings, sealer, clock)

    return Site(
        address=settings.store if server else str(path),
        sealer=sealer,
        work=settings.data / "server" if server else path,
        clock=clock,
        open=opened,
        open_copy=lambda folder, clock: files.open_copy(folder, clock=clock),
        files=None if server else files,
        mappings=settings.data / MAPPINGS,
    )
