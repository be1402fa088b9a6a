"""Everything that several registers say of a table, as one: read from the store, or from rows that are held."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain

from kg.index.views import AnyRow, View, alone_and_together, person_views, source_ranks, views
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

    Persons may come twice, see `person_views`; whoever reads their facts without having read them pays for that.
    """

    def __init__(self, store: GraphStore, ranks: Mapping[str, int], schema: Schema) -> None:
        """`ranks` orders the sources."""
        self.ranks, self.schema = ranks, schema
        self._store, self._sources = store, sorted(ranks, key=ranks.__getitem__)
        self._doubled: set[str] | None = None

    def __call__(self, table: str) -> Iterator[View]:
        """Yield the views of a table."""
        if table == "talents":
            yield from self._persons()
            return
        alone, together = self._read(
            table, self.doubled() if self.schema.by_key[table].is_person_table else ()
        )
        for row in alone:
            yield View((row,))
        yield from together

    def rows(self, table: str) -> tuple[Iterator[AnyRow], Iterator[AnyRow]]:
        """Return the rows that are views by themselves, by key, and then one row for each other view.

        Right for everybody but those who are `doubled`: what several rows of one register say of a fact of theirs
        stays as it is.
        """
        alone, together = self._read(table, ())
        return alone, map(View.one, together)

    def doubled(self) -> set[str]:
        """Return the persons who have several rows of their own in one register; known when all persons were read."""
        if self._doubled is None:
            self._doubled = doubled(row for rows in self._own_rows() for row in rows)
        return self._doubled

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

        return HeldRegisters(rows, self.ranks, self.schema)

    def _read(self, table: str, doubled: Collection[str | None]) -> tuple[Iterator[Row], Iterator[View]]:
        sources = self._sources
        return alone_and_together(
            self._store.rows(table=table, source=sources[0]) if sources else (),
            (row for source in sources[1:] for row in self._store.rows(table=table, source=source)),
            rank=self.ranks,
            identity=identity_in(self.schema.by_key[table]),
            doubled=doubled,
        )

    def _persons(self) -> Iterator[View]:
        groups = yield from person_views(
            self._own_rows(), rank=self.ranks, again=lambda ids: self._store.rows(ids=ids)
        )
        self._doubled = doubled(chain.from_iterable(groups))

    def _own_rows(self) -> Iterator[Iterator[Row]]:
        """Yield the rows of the persons themselves, register by register."""
        return (self._store.rows(table="talents", source=source) for source in self._sources)


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
        return row.node or (row.first_edge(), *[str(row.values.get(key, "")) for key in rest])

    return identity
