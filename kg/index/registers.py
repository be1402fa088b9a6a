"""Everything that several registers say of a table, as one: read from the store, or from rows that are held."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain

from kg.index.views import AnyRow, View, alone_and_together, source_ranks, views
from kg.model.graph import Batch, NodeRef, Row
from kg.model.rules import Policy
from kg.ports import GraphStore
from kg.schema import Schema, Table


def reader(store: GraphStore, batches: Sequence[Batch], policy: Policy, schema: Schema) -> "StoreRegisters":
    """Return what yields the views of a table, see `StoreRegisters`."""
    ranks = source_ranks([batch.source for batch in batches], policy.common.source_order)
    return StoreRegisters(store, ranks, schema)


class StoreRegisters:
    """All registers as one: the first is streamed, the others are held beside it.

    Nobody looks here for persons who have several rows of their own in one register: what these rows say stays apart,
    of the persons and of one and the same fact. `about` puts it together.
    """

    def __init__(self, store: GraphStore, ranks: Mapping[str, int], schema: Schema) -> None:
        """`ranks` orders the sources."""
        self.ranks = ranks
        self._store, self._schema, self._sources = store, schema, sorted(ranks, key=ranks.__getitem__)

    def __call__(self, table: str) -> Iterator[View]:
        """Yield the views of a table."""
        alone, together = self._read(table)
        for row in alone:
            yield View((row,))
        yield from together

    def rows(self, table: str) -> tuple[Iterator[AnyRow], Iterator[AnyRow]]:
        """Return the rows that are views by themselves, by key, and then one row for each other view."""
        alone, together = self._read(table)
        return alone, map(View.one, together)

    def about(
        self, *, persons: Sequence[str] | None = None, nodes: Sequence[NodeRef] | None = None
    ) -> "HeldRegisters":
        """Return what yields the views of these persons or nodes only; their rows are read once, when first asked for."""
        held: dict[str, list[Row]] = {}

        def rows(table: str) -> list[Row]:
            if not held:
                held[table] = []
                for row in self._store.rows(persons=persons, nodes=nodes):
                    held.setdefault(row.id.table, []).append(row)
            return held.get(table, [])

        return HeldRegisters(rows, self.ranks, self._schema)

    def _read(self, table: str) -> tuple[Iterator[Row], Iterator[View]]:
        sources = self._sources
        return alone_and_together(
            self._store.rows(table=table, source=sources[0]) if sources else (),
            (row for source in sources[1:] for row in self._store.rows(table=table, source=source)),
            rank=self.ranks,
            identity=identity_in(self._schema.by_key[table]),
        )


class HeldRegisters:
    """Rows of all registers, few enough to be held, as the views that reading everything makes of them."""

    def __init__(
        self, rows: Callable[[str], Iterable[Row]], ranks: Mapping[str, int], schema: Schema
    ) -> None:
        """`rows` returns the rows of a table."""
        self._rows, self._ranks, self._schema = rows, ranks, schema
        self._first = min(ranks, key=ranks.__getitem__, default="")
        self._doubled: set[str] | None = None

    def __call__(self, table: str) -> Iterator[View]:
        """Yield the views of a table."""
        identity, rows = identity_in(self._schema.by_key[table]), list(self._rows(table))
        if table == "talents":
            return views(rows, rank=self._ranks, identity=identity)
        alone, together = alone_and_together(
            [row for row in rows if row.id.source == self._first],
            [row for row in rows if row.id.source != self._first],
            rank=self._ranks,
            identity=identity,
            doubled=self._doubles() if self._schema.by_key[table].is_person_table else (),
        )
        return chain((View((row,)) for row in alone), together)

    def _doubles(self) -> set[str]:
        if self._doubled is None:
            self._doubled = doubled(self._rows("talents"))
        return self._doubled


def doubled(own: Iterable[Row]) -> set[str]:
    """Return the persons who have several of these rows of their own in one register."""
    counts = Counter([(row.person or "", row.id.source) for row in own])
    return {person for (person, _), count in counts.items() if count > 1}


def identity_in(table: Table) -> Callable[[Row], object]:
    """Return what makes rows of several registers one: the node, or the edge and the rest of the natural key."""
    rest = [key for key in table.natural_key if key not in (table.ends or ())]

    def identity(row: Row) -> object:
        return row.node or (row.flat_edges()[0], *[str(row.values.get(key, "")) for key in rest])

    return identity
