"""What stores on disk do alike: how a question is put and its answer told, and whose a staged batch is."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, ClassVar, Final, Generic, NamedTuple, TypeVar
from uuid import uuid4

from kg.errors import StoreError
from kg.model.graph import Batch, Degree, Edge, NodeRef, Row, RowChange, RowId, Sight
from kg.model.marks import marks_of
from kg.store import rules
from kg.store.answers import in_order, read_degrees, read_edges, read_row, scrubbed_reports, sight_values
from kg.store.holders import is_gone, this_process

Token = TypeVar("Token")
Entry = TypeVar("Entry")
Values = dict[str, Any]
_KEEP_SECONDS: Final = 86_400.0


class Erasure(NamedTuple):
    """What an erasure takes: all rows that were named, those that are live, marks of whom they were about, new reports.

    What it writes meanwhile is staged under its own name.
    """

    name: str
    rows: Sequence[RowId]
    live: Sequence[RowId]
    about: Sequence[int]
    reports: Sequence[tuple[int, str]]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Source and table that lose live rows, in the order of rows."""
        found = {(row.table, row.source) for row in self.live}
        return [(source, table) for table, source in sorted(found)]


class DiskStore(ABC, Generic[Token, Entry]):
    """`kg.ports.GraphStore` but for what an engine finds and writes in its own way.

    It knows a staged batch by a Token, and keeps a change until it is written as an Entry.
    """

    chunk: ClassVar[int]
    """So many changes are staged in one transaction."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._staging: dict[str, Token] = {}

    @abstractmethod
    def revision(self) -> int:
        """Return the newest revision, in one read."""

    def stage(self, batch: str, changes: Iterable[RowChange]) -> int:
        """Write changes under an unpublished batch, some thousands per transaction; return how many."""
        count = 0
        for chunk in rules.chunks(changes, self.chunk, lambda change: self._entry(batch, change)):
            self._staging[batch] = self._stage(batch, chunk)
            count += len(chunk)
        return count

    def publish(self, batch: Batch, *, staged: str | None = None) -> Batch:
        """Make the staged batch the next revision: one transaction makes all of it visible."""
        name = batch.id if staged is None else staged
        with self._turn(name) as (token, newest):
            published = rules.next_batch(batch, newest, self._names)
            self._apply(token, published)
        self._staging.pop(name, None)
        return published

    def erase(self, ids: Sequence[RowId], *, actor: str) -> int:
        """Remove rows and every trace of them; return how many were live. Files of a server keep deleted bytes for a while.

        StoreBusyError may mean that the rows are gone for every reader, but that a long read kept old bytes in the log
        file: repeat the call with the same rows.
        """
        rows = sorted({row for row in ids if row.key != rules.ERASED_KEY}, key=rules.row_order)
        tables, sources = {row.table for row in rows}, sorted({row.source for row in rows})
        name = uuid4().hex
        with self._turn(name, erasing=True) as (token, newest):
            live = [RowId(*told[:3]) for told in self._look_up("id", frozenset(rows))]
            about = marks_of((person for (person,) in self._look_up("about", frozenset(rows))), newest + 1)
            erasure = Erasure(name, rows, live, about, scrubbed_reports(self._reports(sources), tables))
            batch = rules.erasure(actor, self._clock(), len(live))
            self._erase(token, erasure, rules.next_batch(batch, newest, self._names) if live else None)
        self._staging.pop(name, None)
        return len(live)

    def discard(self, batch: str) -> None:
        """Forget a staged batch, or with "" all of them, also those of other processes."""
        self._forget([token for name, token, *_ in self._stagings() if batch in {"", name}])

    def clean(self) -> None:
        """Discard what dead processes, or anybody more than a day ago, left staged."""
        oldest = self._clock().timestamp() - _KEEP_SECONDS
        self._forget([token for _, token, by, began, *_ in self._stagings() if began < oldest or is_gone(by)])

    def rows(
        self,
        *,
        table: str | None = None,
        source: str | None = None,
        ids: Sequence[RowId] | None = None,
        nodes: Sequence[NodeRef] | None = None,
        persons: Sequence[str] | None = None,
        identities: Sequence[str] | None = None,
    ) -> Iterator[Row]:
        """Yield the live rows that meet every condition, ordered by (table, key, source), as of one revision."""
        wanted = {"id": ids, "node": nodes, "person": persons, "identity": identities}
        chosen = {name: frozenset[object](values) for name, values in wanted.items() if values is not None}
        for by, values in chosen.items():
            found = in_order(map(read_row, self._look_up(by, values - {""})))
            yield from (row for row in found if rules.meets(row, table, source, chosen))
            return
        yield from self._scan(table, source)

    def edges(
        self,
        nodes: Sequence[NodeRef],
        *,
        direction: str,
        relation: str | None = None,
        kind: str | None = None,
        sight: Sight | None = None,
        after: tuple[str, str] | None = None,
        limit: int = 200,
    ) -> Sequence[Edge]:
        """Return one page of edges of `nodes`."""
        rules.check_edge_arguments(direction, relation, after)
        values = {**_around(nodes, sight, relation, kind, after), "limit": max(limit, 0)}
        return read_edges(self._page(direction, values), direction)

    def degrees(self, nodes: Sequence[NodeRef], *, sight: Sight | None = None) -> Sequence[Degree]:
        """Return how many distinct neighbours the union of `nodes` has, by relation, direction and kind."""
        return read_degrees(self._counts(_around(nodes, sight)))

    def sealed(self, ids: Sequence[RowId]) -> Mapping[RowId, bytes]:
        """Return the sealed bytes of live rows that have some."""
        found = self._look_up("sealed", frozenset(ids))
        return {RowId(source, table, key): part for source, table, key, part in found if part}

    def _mine(self, name: str, token: Token) -> Token:
        """Return the token of a staged batch; StoreError when it is another one than before: ours was cleaned up."""
        if self._staging.get(name, token) != token:
            raise StoreError(f"暂存的批次 {name} 已被清理；请重新装载。", batch=name)
        return token

    def _holder(self) -> tuple[str, float]:
        """Return what a new staged batch says of itself: whose it is, and since when."""
        return this_process(), self._clock().timestamp()

    def _forget(self, tokens: Sequence[Token]) -> None:
        self._staging = {name: token for name, token in self._staging.items() if token not in tokens}
        if tokens:
            self._remove(tokens)

    @abstractmethod
    def _entry(self, name: str, change: RowChange) -> Entry:
        """Return a change as it will be written: encoded, a row takes much less memory."""

    @abstractmethod
    def _stage(self, name: str, entries: Sequence[Entry]) -> Token:
        """Write changes, no row twice, in one transaction; return the token of their batch."""

    @abstractmethod
    def _turn(self, name: str, *, erasing: bool = False) -> AbstractContextManager[tuple[Token, int]]:
        """Be the only one who publishes, all or nothing; give the token of the staged batch, made when new, and the newest revision."""

    @abstractmethod
    def _apply(self, token: Token, batch: Batch) -> None:
        """Make what is staged under the token the revision of the batch, in this turn."""

    @abstractmethod
    def _erase(self, token: Token, erasure: Erasure, batch: Batch | None) -> None:
        """Erase rows, in this turn; those that were live make the batch under the token, which goes without one."""

    @abstractmethod
    def _names(self, first: str) -> Iterable[str]:
        """Return the names of published batches from a given one on."""

    @abstractmethod
    def _reports(self, sources: Sequence[str]) -> Iterable[tuple[int, str]]:
        """Return number and text of the reports of the batches of these sources."""

    @abstractmethod
    def _stagings(self) -> Sequence[Sequence[Any]]:
        """Return name, token, holder and begin, first of all, of every staged batch."""

    @abstractmethod
    def _remove(self, tokens: Sequence[Token]) -> None:
        """Remove staged batches that are not published meanwhile, some thousands of rows per transaction."""

    @abstractmethod
    def _scan(self, table: str | None, source: str | None) -> Iterator[Row]:
        """Yield the live rows of one table or all, of one source or all, in order, as of one revision."""

    @abstractmethod
    def _look_up(self, by: str, wanted: frozenset[object]) -> Iterable[Any]:
        """Return what `read_row` reads, of live rows by id, node, person or identity; for "sealed" ids and bytes.

        For "about" the persons whom any state of rows with these ids is about, or a live row at the node of one.
        """

    @abstractmethod
    def _page(self, direction: str, values: Values) -> Iterable[Any]:
        """Return what `read_edges` reads."""

    @abstractmethod
    def _counts(self, values: Values) -> Mapping[str, Iterable[Any]]:
        """Return what `read_degrees` reads."""


def _around(
    nodes: Sequence[NodeRef],
    sight: Sight | None,
    relation: str | None = None,
    kind: str | None = None,
    after: tuple[str, str] | None = None,
) -> Values:
    """Return as values of a query whose edges are meant, by which relation to what, and what whoever asks may see."""
    after_kind, after_key = after or (None, None)
    page = {"relation": relation, "kind": kind, "after_kind": after_kind, "after_key": after_key}
    return {"nodes": sorted(set(nodes)), **page, **sight_values(sight)}
