"""The two ports of the core: the graph store (12 methods, no query text) and the ledger of the service itself."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from kg.model.graph import Batch, Change, Degree, Edge, NodeRef, Row, RowChange, RowId, Sight


class GraphStore(Protocol):
    """Rows of sources, and the nodes and edges that they state.

    One revision per published batch, counted from 1 without gaps in commit order; 0 is the empty store. Readers
    see published batches only. Every method may raise `kg.errors.StoreError`.
    """

    def revision(self) -> int:
        """Return the newest published revision; cheap enough to call before every question."""
        ...

    def stage(self, batch: str, changes: Iterable[RowChange]) -> int:
        """Write changes under an unpublished batch, in bounded transactions; return how many. Later wins per row.

        `batch` is any temporary name that nobody else uses at the same time. A row whose provenance names it (or
        names "") is read back with the id under which the batch was published. Sealed bytes need a `seal_mark`
        (ValueError without): the stored part belongs to row and mark, so a row that is put back finds its own again.
        """
        ...

    def publish(self, batch: Batch, *, staged: str | None = None) -> Batch:
        """Apply the staged changes, the change log and the revision in one transaction; return it with its revision.

        `staged` is the name given to `stage` (None: `batch.id`). An empty `batch.id` becomes `b-` and the next
        number in six digits; an id that is taken is a RefusedError. A `batch.revision` other than 0 is the only one
        it may be published as: if another batch was faster it is a StoreBusyError and nothing has happened. A batch
        without staged changes is recorded all the same and takes a revision. Retiring a row that is not there is no
        change.
        """
        ...

    def discard(self, batch: str) -> None:
        """Forget a staged, unpublished batch; unknown batches are no error. "" forgets all of them."""
        ...

    def batches(self) -> Sequence[Batch]:
        """Return the published batches, oldest first."""
        ...

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
        """Yield live rows, ordered by (table, key, source), that meet every condition given; one state throughout."""
        ...

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
        """Return edges that leave ("out") or reach ("in") any of `nodes`, ordered by (relation, other kind, other key).

        `kind` is the kind of the other end; `after` is the (kind, key) of the last other end seen, for the next
        page of one relation (ValueError without `relation`). Distinct neighbours count towards `limit`, once per
        relation: all edges of a neighbour come together.

        With `sight`, only relations of `sight.relations` between two visible nodes: a node is visible when its kind
        is in `kinds`; or in `scoped`, it has live rows, and all are public or one is owned by `org`; or in `owned`
        and one live row is owned by `org`. Nodes that are only named, by no row of their own, are seen by kind.
        """
        ...

    def degrees(self, nodes: Sequence[NodeRef], *, sight: Sight | None = None) -> Sequence[Degree]:
        """Return the exact number of distinct neighbours of the union of `nodes`, by relation, direction and kind."""
        ...

    def changes(self, since: int) -> Iterator[Change]:
        """Yield the change log after revision `since`, oldest first, with the rows as they were before (undo data).

        Inside a revision by (table, key, source). An entry whose key is "" says that rows of this source and table
        were erased, without naming them: whatever was derived from that table must be read anew. Of rows about
        persons, only what was derived of persons whose mark is in `about` (`kg.model.marks`), unless it is None.
        """
        ...

    def sealed(self, ids: Sequence[RowId]) -> Mapping[RowId, bytes]:
        """Return the sealed bytes of rows that have some: the only way to them."""
        ...

    def erase(self, ids: Sequence[RowId], *, actor: str) -> int:
        """Remove rows and every trace of their content from rows, log and sealed part; return how many were there.

        Also their keys, their staged changes, and nodes that nothing else names. Rows that were live make a batch of
        their own (source "", report `{"erased": n}`) with a revision. Its entries in the log tell the marks of every
        person whom a state of the rows was about, or whom another row at the node of one of them is about.
        """
        ...

    def close(self) -> None:
        """Release the store; further calls are errors."""
        ...


class Ledger(Protocol):
    """What the service writes about itself, outside the graph and its revisions: accounts, audit, asked questions."""

    def append(self, journal: str, entry: Mapping[str, object], *, chain: bool = False) -> int:
        """Append one entry and return its number, from 1 without gaps; `chain` adds a hash over the previous entry."""
        ...

    def entries(
        self, journal: str, *, after: int = 0, limit: int | None = None
    ) -> Iterator[tuple[int, Mapping[str, object]]]:
        """Yield the entries numbered above `after`, in order."""
        ...

    def put(
        self,
        collection: str,
        key: str,
        value: Mapping[str, object] | None,
        *,
        expect: Mapping[str, object] | None = None,
        fresh: bool = False,
    ) -> bool:
        """Write one record (None deletes it). With `expect`, only if the stored value equals it; with `fresh`, only if there is none.

        Return whether it was written: the basis of one-time links and unique names.
        """
        ...

    def get(self, collection: str, key: str) -> Mapping[str, object] | None:
        """Return one record or None."""
        ...

    def items(self, collection: str) -> Sequence[tuple[str, Mapping[str, object]]]:
        """Return all records of a collection ordered by key."""
        ...

    def close(self) -> None:
        """Release the ledger."""
        ...
