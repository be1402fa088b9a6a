"""What a store holds, in the order in which another store can be told it: batch by batch, and the ledger beside."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import takewhile
from typing import Final, NamedTuple, Protocol, runtime_checkable

from kg.history.history import known_at
from kg.model.batches import ERASED, log_begins
from kg.model.graph import Batch, Row, RowId
from kg.ports import GraphStore, Ledger

JOURNALS: Final = ("audit", "decisions", "questions", "reviews")
COLLECTIONS: Final = (
    "demo", "explorer-views", "followups", "identity", "imports", "links", "operations", "plan_lines", "plans", "reviews", "sessions", "sources", "tokens", "users",
)  # fmt: skip
"""The journals and collections of a ledger that cannot list them itself."""
_CHUNK: Final = 2_000

SealKey = bytes


class Step(NamedTuple):
    """The state of a row after a revision: None where it was retired; the key "" where rows were erased."""

    revision: int
    id: RowId
    row: Row | None


class Entry(NamedTuple):
    """One line of the ledger: of a journal (with its number) or a record of a collection (with its key)."""

    kind: str
    name: str
    key: int | str
    value: Mapping[str, object]


class Content(Protocol):
    """What replaying needs. `base` are the rows as they stood where the change log begins."""

    @property
    def batches(self) -> Sequence[Batch]:
        """The published batches, oldest first."""
        ...

    def erasures(self) -> Mapping[int, Sequence[tuple[str, str]]]:
        """Return by revision of which (source, table) pairs rows were erased, where the log tells."""
        ...

    def base(self) -> Iterator[Row]:
        """Yield the rows at the revision after which the log is kept; none where it is kept whole."""
        ...

    def steps(self) -> Iterator[Step]:
        """Yield the log in order."""
        ...

    def parts(self) -> Mapping[SealKey, bytes]:
        """Return the sealed parts by `seal_key`."""
        ...

    def entries(self) -> Iterator[Entry]:
        """Yield the ledger: every journal in order, then every record."""
        ...


@runtime_checkable
class SealedHistory(Protocol):
    """A store that can also tell the sealed parts of older states of its rows."""

    def sealed_history(self) -> Iterator[tuple[RowId, str, bytes]]:
        """Yield row, mark and bytes of every sealed part."""
        ...


@runtime_checkable
class Listing(Protocol):
    """A ledger that can tell the names of its journals and collections."""

    def names(self) -> tuple[Sequence[str], Sequence[str]]:
        """Return the journals and the collections, ordered."""
        ...


def seal_key(row: RowId, mark: str) -> SealKey:
    """Return a short key of a row and a mark."""
    return blake2b("\x1f".join((*row, mark)).encode(), digest_size=16).digest()


class StoreContent:
    """The content of an open store that nobody writes to, or of its first revisions."""

    def __init__(self, store: GraphStore, ledger: Ledger, *, until: int | None = None) -> None:
        self._store, self._ledger = store, ledger
        known = store.batches()
        self.batches = [batch for batch in known if until is None or batch.revision <= until]

    @property
    def revision(self) -> int:
        """The last revision that is told."""
        return self.batches[-1].revision if self.batches else 0

    def erasures(self) -> Mapping[int, Sequence[tuple[str, str]]]:
        """Return by revision of which (source, table) pairs rows were erased."""
        begins = log_begins(self.batches)
        found = [
            batch.revision for batch in self.batches if ERASED in batch.report and batch.revision > begins
        ]
        return {revision: self._pairs(revision) for revision in found}

    def _pairs(self, revision: int) -> list[tuple[str, str]]:
        log = takewhile(lambda change: change.revision == revision, self._store.changes(revision - 1))
        return [(change.id.source, change.id.table) for change in log if not change.id.key]

    def base(self) -> Iterator[Row]:
        """Yield the rows at the revision after which the log is kept."""
        begins = log_begins(self.batches)
        if begins:
            yield from known_at(self._store.rows(), self._store.changes(begins), begins)

    def steps(self) -> Iterator[Step]:
        """Yield the log in order."""
        for change in self._store.changes(log_begins(self.batches)):
            if change.revision > self.revision:
                return
            yield Step(change.revision, change.id, change.after)

    def parts(self) -> Mapping[SealKey, bytes]:
        """Return the sealed parts: of every state where the store can tell, else of the live rows."""
        if isinstance(self._store, SealedHistory):
            return {seal_key(row, mark): data for row, mark, data in self._store.sealed_history()}
        return dict(_live_parts(self._store, self._store.rows()))

    def entries(self) -> Iterator[Entry]:
        """Yield the ledger."""
        yield from ledger_entries(self._ledger)


def ledger_entries(ledger: Ledger) -> Iterator[Entry]:
    """Yield every journal in order, then every record."""
    journals, collections = ledger.names() if isinstance(ledger, Listing) else (JOURNALS, COLLECTIONS)
    for name in journals:
        for number, entry in ledger.entries(name):
            yield Entry("entry", name, number, entry)
    for name in collections:
        for key, record in ledger.items(name):
            yield Entry("record", name, key, record)


def _live_parts(store: GraphStore, rows: Iterable[Row]) -> Iterator[tuple[SealKey, bytes]]:
    """Yield the sealed parts that belong to these rows as they are; those of rows that changed meanwhile are left out."""
    chunk: list[Row] = []
    for row in rows:
        if row.seal_mark:
            chunk.append(row)
        if len(chunk) == _CHUNK:
            yield from _parts_of(store, chunk)
            chunk = []
    yield from _parts_of(store, chunk)


def _parts_of(store: GraphStore, rows: Sequence[Row]) -> Iterator[tuple[SealKey, bytes]]:
    ids = [row.id for row in rows]
    found = store.sealed(ids) if ids else {}
    after = {row.id: row.seal_mark for row in store.rows(ids=ids)} if ids else {}
    for row in rows:
        if row.id in found and after.get(row.id) == row.seal_mark:
            yield seal_key(row.id, row.seal_mark), found[row.id]


def live_parts(store: GraphStore, ids: Sequence[RowId]) -> dict[SealKey, bytes]:
    """Return the sealed parts of these rows as they are now."""
    return dict(_live_parts(store, store.rows(ids=ids)))
