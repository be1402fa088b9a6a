"""What stores on disk do alike: how a question is put and its answer told, and whose a staged batch is."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final, Generic, TypeVar

from kg.errors import StoreError
from kg.model.graph import Batch, Degree, Edge, NodeRef, Row, RowChange, RowId, Sight
from kg.store import rules
from kg.store.answers import in_order, read_degrees, read_edges, read_row, sight_values
from kg.store.holders import is_gone, this_process

Token = TypeVar("Token")
Entry = TypeVar("Entry")
Values = dict[str, Any]
_KEEP_SECONDS: Final = 86_400.0


class DiskStore(ABC, Generic[Token, Entry]):
    """`kg.ports.GraphStore` but for what an engine finds and writes in its own way.

    It knows a staged batch by a Token, and keeps a change until it is written as an Entry.
    """

    chunk: ClassVar[int]
    """So many changes are staged in one transaction."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._staging: dict[str, Token] = {}

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
        published = self._publish(name, batch)
        self._staging.pop(name, None)
        return published

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
        after_kind, after_key = after or (None, None)
        page = {"relation": relation, "kind": kind, "after_kind": after_kind, "after_key": after_key}
        values = {**_around(nodes, sight), **page, "limit": max(limit, 0)}
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
    def _publish(self, name: str, batch: Batch) -> Batch:
        """Make what is staged under the name the next revision; return the batch with name and revision."""

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
        """Return what `read_row` reads, of live rows by id, node, person or identity; for "sealed" ids and bytes."""

    @abstractmethod
    def _page(self, direction: str, values: Values) -> Iterable[Any]:
        """Return what `read_edges` reads."""

    @abstractmethod
    def _counts(self, values: Values) -> Mapping[str, Iterable[Any]]:
        """Return what `read_degrees` reads."""


def _around(nodes: Sequence[NodeRef], sight: Sight | None) -> Values:
    """Return as values of a query which nodes are meant, and what whoever asks may see."""
    return {"nodes": sorted(set(nodes)), **sight_values(sight)}
