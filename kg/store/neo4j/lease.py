"""One writer at a time publishes on a Neo4j server, whoever waits longest first, and a dead one keeps nobody waiting.

Every transaction of a publication makes sure that its turn is not over.
"""

from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager, suppress
from threading import Lock
from time import monotonic, sleep
from typing import Any, Final, LiteralString

from neo4j import ManagedTransaction

from kg.errors import StoreBusyError, StoreError
from kg.store.holders import is_gone, this_process
from kg.store.neo4j.connection import Connection, one

CHUNK: Final = 2_000
LAST: Final = "\U0010ffff"
_LEASE_MS: Final = 120_000
_WAITING_MS: Final = 2_000
# Counting takes the lock of the store node; what is matched after it is true until the transaction ends.
_LOCK: Final = """
    MATCH (s:_Store) SET s._turn = s._turn + 1,
        s._leased = CASE WHEN s._lease = $token THEN timestamp() ELSE s._leased END
    WITH s MATCH (held:_Store)
    RETURN held._lease AS lease, held._holder AS holder, timestamp() - held._leased AS age,
        timestamp() AS now, held._waiting AS waiting"""
_PAGE: Final = """
    MATCH (v:_Row) WHERE v._id > $after AND v._id < $end
    WITH v._id AS id ORDER BY id LIMIT $size RETURN max(id) AS last, count(*) AS total"""
_WAIT: Final = "MATCH (s:_Store) SET s._waiting = $waiting"
_TAKE: Final = "MATCH (s:_Store) SET s._lease = $token, s._holder = $holder, s._leased = timestamp()"
_FREE: Final = "MATCH (s:_Store) WHERE s._lease = $token SET s._lease = null"


class Lease:
    """The right to publish, which one token holds at a time; it ends with its process, or after two silent minutes."""

    def __init__(self, connection: Connection, *, busy_seconds: float) -> None:
        self._connection, self._busy_seconds = connection, busy_seconds
        self._mine = Lock()

    @contextmanager
    def taken(self, token: str) -> Generator[None, None, None]:
        """Wait for the lease and hold it; StoreBusyError when others kept it for `busy_seconds`."""
        deadline = monotonic() + self._busy_seconds
        with self._mine:
            while not self._connection.write(lambda tx: _take(tx, token)):
                if monotonic() > deadline:
                    raise StoreBusyError("另一个程序正在发布数据；请稍后重试。")
                sleep(0.03)
            try:
                yield
            finally:
                with suppress(StoreError):  # whoever comes next finds that this one is gone
                    self._connection.tell(_FREE, token=token)

    def run(self, lease: str, steps: Iterable[LiteralString], values: Mapping[str, Any]) -> Any:
        """Run statements in one transaction, as the holder of the lease; return the first record of the last one."""

        def write(tx: ManagedTransaction) -> Any:
            hold(tx, lease)
            return [one(tx, step, **{"token": lease, **values}) for step in steps][-1]

        return self._connection.write(write)

    def pages(
        self, lease: str, token: str, steps: Iterable[LiteralString], values: Mapping[str, Any]
    ) -> None:
        """Run statements over the versions of a batch ("" for every version), some thousands per transaction."""
        after, end = (f"{token}|", f"{token}}}") if token else ("", LAST)
        total = CHUNK

        def write(tx: ManagedTransaction) -> tuple[str, int]:
            hold(tx, lease)
            last, total = one(tx, _PAGE, after=after, end=end, size=CHUNK).values()
            for step in steps if total else ():
                tx.run(step, {**values, "after": after, "last": last}).consume()
            return last, total

        while total == CHUNK:
            after, total = self._connection.write(write)


def hold(tx: ManagedTransaction, token: str) -> None:
    """Make sure that the lease is still held, until this transaction ends. Raises StoreBusyError."""
    if one(tx, _LOCK, token=token)["lease"] != token:
        raise StoreBusyError("发布中断太久，已由另一个程序接手；请重试。")


def _take(tx: ManagedTransaction, token: str) -> bool:
    """Take the lease when it is free and nobody who still asks for it came before.

    A moment far ahead is as old as one long ago: the server's clock has gone backwards since.
    """
    held = one(tx, _LOCK, token=token)
    seen = dict[str, int]((name, int(at)) for name, at in (text.split() for text in held["waiting"] or ()))
    seen = {name: at for name, at in seen.items() if abs(held["now"] - at) < _WAITING_MS or name == token}
    seen[token] = held["now"]
    free = held["lease"] in {None, token} or abs(held["age"]) > _LEASE_MS or is_gone(held["holder"])
    taken = bool(held["lease"] == token or (free and next(iter(seen)) == token))
    if taken:
        del seen[token]
        one(tx, _TAKE, token=token, holder=this_process())
    one(tx, _WAIT, waiting=[f"{name} {at}" for name, at in seen.items()])
    return taken
