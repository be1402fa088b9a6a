"""The connection to a Neo4j server that graph store and ledger share, and the translation of what the driver raises."""

import logging
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, LiteralString, TypeVar, cast

from neo4j import READ_ACCESS, WRITE_ACCESS, GraphDatabase, ManagedTransaction, Query, unit_of_work
from neo4j.exceptions import (
    AuthError,
    DriverError,
    IncompleteCommit,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
)

from kg.errors import StoreBusyError, StoreError

T = TypeVar("T")
OLDEST: Final = (5, 26)
SCHEMES: Final = ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc")
_COMPONENTS: Final = "CALL dbms.components() YIELD name, versions, edition RETURN name, versions, edition"
_SECONDS: Final = 110.0
_MAKING_SECONDS: Final = 15.0
_MAKING_TRIES: Final = 8
_IN_DOUBT: Final = 3
_SILENT: Final = logging.NullHandler()
"""Where nobody keeps a log, the driver's own words do not stand on the terminal beside our sentence."""
_MADE: Final = "Neo.ClientError.Schema.EquivalentSchemaRuleAlreadyExists"
_STOPPED: Final = "Neo4j 写入时出错并停下，多半是磁盘满了；请在服务器上腾出磁盘空间，重启 Neo4j 后重试。"
# What the server says, by the end of its code, and what the person who runs the service can do.
_TOLD: Final = {
    "Security.Unauthorized": "Neo4j 不接受用户名或密码；请检查 JIANGTU_NEO4J_USER 与 JIANGTU_NEO4J_PASSWORD_FILE。",
    "Security.AuthenticationRateLimit": "密码连续输错，Neo4j 暂时拒绝登录；请改正密码文件，几秒后再试。",
    "Security.CredentialsExpired": "Neo4j 的初始密码还没有改过；请先在服务器上改密码，再写入密码文件。",
    "Database.DatabaseNotFound": "Neo4j 上没有这个数据库；请检查 JIANGTU_NEO4J_DATABASE（社区版只有 neo4j）。",
    "Database.DatabaseUnavailable": "Neo4j 的数据库没有在线；请在服务器上启动它，或稍后再试。",
    "Statement.AccessMode": "这个 Neo4j 成员只读，不能写入；请连接可写的成员。",
    "General.WriteOnReadOnlyAccessDatabase": "这个 Neo4j 数据库设为只读，不能写入；请在服务器上改为可写。",
    "General.ForbiddenOnReadOnlyDatabase": "这个 Neo4j 数据库设为只读，不能写入；请在服务器上改为可写。",
    "Cluster.NotALeader": "这个 Neo4j 成员只读，不能写入；请用 neo4j:// 地址连接集群。",
    "General.MemoryPoolOutOfMemoryError": "Neo4j 内存不足；请调大服务器的 server.memory.heap.max_size。",
    "Transaction.TransactionLogError": _STOPPED,
    "Transaction.TransactionCommitFailed": _STOPPED,
    "Transaction.TransactionStartFailed": _STOPPED,
    "Transaction.TransactionMemoryLimitHit": "Neo4j 内存不足；请调大服务器的事务内存上限。",
}
_BUSY: Final = (
    "Transaction.TransactionTimedOut",
    "Transaction.TransactionTimedOutClientConfiguration",
    "Transaction.LockClientStopped",
    "Transaction.Terminated",
    "Transaction.DeadlockDetected",
)


class Connection:
    """One driver for one database: short managed transactions, each of which sees what earlier ones here wrote."""

    def __init__(
        self, address: str, *, user: str, password: str, database: str, retry_seconds: float
    ) -> None:
        self.address, self.database = address, database
        self._closed = False
        if address.partition("://")[0] not in SCHEMES:
            raise StoreError(
                f"Neo4j 地址 {address} 的写法不对；应为 {'、'.join(SCHEMES)} 之一加 ://主机:端口。",
                code="bad-store",
                address=address,
            )
        with translated(address):
            self._driver: Any = cast("Any", GraphDatabase).driver(
                address,
                auth=(user, password),
                max_transaction_retry_time=retry_seconds,
                connection_acquisition_timeout=retry_seconds + 30,
                notifications_min_severity="OFF",
                telemetry_disabled=True,
                user_agent="jiangtu",
            )
            self._bookmarks = GraphDatabase.bookmark_manager()

    @classmethod
    def open(
        cls,
        address: str,
        *,
        user: str = "neo4j",
        password: str,
        database: str = "neo4j",
        retry_seconds: float = 30.0,
    ) -> "Connection":
        """Connect and check that this is a Neo4j the store can use; StoreError says what is wrong.

        `retry_seconds` is how long a transaction is tried again when the server is away, at most.
        """
        logging.getLogger("neo4j").addHandler(_SILENT)
        connection = cls(
            address, user=user, password=password, database=database, retry_seconds=retry_seconds
        )
        try:
            with translated(address):
                connection._driver.verify_connectivity()
            found = connection.read(lambda tx: tx.run(_COMPONENTS).data())
            check_server(found[0] if found else {}, address)
        except BaseException:
            connection.close()
            raise
        return connection

    def read(self, work: Callable[[ManagedTransaction], T]) -> T:
        """Run work in a read transaction, again when the server asks for it."""
        return self._managed(work, READ_ACCESS)

    def write(self, work: Callable[[ManagedTransaction], T]) -> T:
        """Run work in a write transaction, again when the server asks for it: it must be idempotent."""
        return self._managed(work, WRITE_ACCESS)

    def ask(self, query: LiteralString, **values: Any) -> Any:
        """Return the first record of one read statement: one way to the server and back, more when it fails."""
        try:
            with translated(self.address), self._session(READ_ACCESS) as session:
                return session.run(Query(query, timeout=_SECONDS), values).single()
        except StoreError as error:
            if not getattr(error.__cause__, "is_retryable", bool)():
                raise
        return self.read(lambda tx: one(tx, query, **values))

    def tell(self, query: LiteralString, **values: Any) -> Any:
        """Return the first record of one idempotent write statement."""
        return self.write(lambda tx: one(tx, query, **values))

    def ensure(self, statements: Iterable[LiteralString]) -> None:
        """Make constraints and indexes that are not there; one that another service makes at the same moment is there."""
        for statement in statements:
            try:
                self._make(statement)
            except StoreError as error:
                if getattr(error.__cause__, "code", None) != _MADE:
                    raise

    def _make(self, statement: LiteralString) -> None:
        """Run a statement of the schema; two services that make some at once can wait for each other until one gives up."""
        for _ in range(_MAKING_TRIES):
            with suppress(StoreBusyError):
                self._managed(lambda tx: one(tx, statement), WRITE_ACCESS, _MAKING_SECONDS)
                return
        self.tell(statement)

    def close(self) -> None:
        """Close the driver; further calls are errors."""
        self._closed = True
        self._driver.close()

    def _session(self, mode: str) -> Any:
        if self._closed:
            raise StoreError("存储已经关闭；请重新打开。", address=self.address)
        return self._driver.session(
            database=self.database,
            bookmark_manager=self._bookmarks,
            default_access_mode=mode,
            fetch_size=-1,
            initial_retry_delay=0.05,
        )

    def _managed(self, work: Callable[[ManagedTransaction], T], mode: str, seconds: float = _SECONDS) -> T:
        with translated(self.address):
            for _ in range(_IN_DOUBT):
                try:
                    return self._once(work, mode, seconds)
                except IncompleteCommit:  # only the answer to a commit was lost; the work may be done again
                    continue
            return self._once(work, mode, seconds)

    def _once(self, work: Callable[[ManagedTransaction], T], mode: str, seconds: float) -> T:
        with self._session(mode) as session:
            run = session.execute_read if mode == READ_ACCESS else session.execute_write
            done: T = run(unit_of_work(timeout=seconds)(work))
            return done


def one(tx: ManagedTransaction, query: LiteralString, **values: Any) -> Any:
    """Run a statement and return its first record, None without one."""
    return tx.run(query, values).single()


def read_password(path: Path | None) -> str:
    """Return the password in the file; StoreError when there is none that can be read."""
    if path is None:
        raise StoreError(
            "没有 Neo4j 密码；请用 JIANGTU_NEO4J_PASSWORD_FILE 指定写有密码的文件。", code="bad-store"
        )
    try:
        password = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"读不了 Neo4j 密码文件 {path}；请检查路径和权限。", code="bad-store") from error
    if not password:
        raise StoreError(f"Neo4j 密码文件 {path} 是空的；请写入密码。", code="bad-store")
    return password


def check_server(found: dict[str, Any], address: str) -> None:
    """Raise StoreError unless the server calls itself a Neo4j of a known edition and of 5.26 or newer."""
    name, edition = str(found.get("name", "")), str(found.get("edition", ""))
    version = str((found.get("versions") or ["0"])[0])
    if name != "Neo4j Kernel" or edition not in {"community", "enterprise"}:
        raise StoreError(
            f"{address} 不是可用的 Neo4j（{name or '未知'} {edition}）；请连接 Neo4j 5.26 或更新的社区版、企业版。",
            address=address,
            found=name,
        )
    numbers = tuple(int(part) for part in version.split("-")[0].split(".")[:2] if part.isdigit())
    if numbers < OLDEST:
        raise StoreError(
            f"{address} 的 Neo4j 是 {version}，太旧；请升级到 5.26 或更新。", address=address, found=version
        )


@contextmanager
def translated(address: str) -> Generator[None, None, None]:
    """Turn what the driver raises into an error of ours that says what to do."""
    try:
        yield
    except (Neo4jError, DriverError) as error:
        raise _translate(error, address) from error


def _translate(error: Neo4jError | DriverError, address: str) -> StoreError:
    code = ".".join(str(getattr(error, "code", None) or "").split(".")[-2:])
    if isinstance(error, AuthError):
        code = "Security.Unauthorized"
    if code in _TOLD:
        return StoreError(f"{_TOLD[code]}（{address}）", address=address, reason=code)
    if code in _BUSY:
        return StoreBusyError(f"{address} 正忙，没有按时完成；请稍后重试。", address=address, reason=code)
    if isinstance(error, (ServiceUnavailable, SessionExpired)):
        return StoreError(
            f"连不上 Neo4j（{address}）；请确认服务器已启动、地址和端口正确，用 +s 时证书可信。",
            address=address,
            reason="unavailable",
        )
    return StoreError(f"Neo4j（{address}）出错：{error}；请重试，仍然出错时查看服务器日志。", address=address)
