"""One immutable generation of everything that matching reads, built from the store at one revision."""

import gc
from collections import Counter
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import chain

from kg.index.cooperation.view import CooperationView, build_cooperation
from kg.index.lookups import (
    Control,
    ControlLink,
    Editions,
    Occupations,
    Organisations,
    Skills,
    Travel,
)
from kg.index.talents.sharing import MOST_ALONE, Reopen, Shared, started
from kg.index.talents.view import TalentBuilder, TalentView, context_of, read_needs
from kg.index.views import View, alone_and_together, person_views, source_ranks, views
from kg.index.vocabularies import Reader, Vocabularies, read_vocabularies, text_of
from kg.model.answers import Evidence
from kg.model.batches import changed_rows, in_force, is_synthetic
from kg.model.graph import MASKED, Batch, Link, NodeRef, Row, RowId
from kg.model.rules import CommonRules, Policy
from kg.ports import GraphStore
from kg.schema import SCHEMA, Schema, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything the two questions read, at `revision`; nothing in it is protected or sealed.

    `unclean` says that facts which were erased lie in it, where no answer finds them: it should soon be built anew.
    """

    revision: int
    occupations: Occupations
    majors: Editions
    skills: Skills
    travel: Travel
    organisations: Organisations
    control: Control
    cooperation: CooperationView
    talents: TalentView
    delivered: Mapping[str, frozenset[str]]
    synthetic: bool
    unclean: bool = False

    @property
    def words(self) -> Vocabularies:
        """The vocabularies together."""
        return Vocabularies(self.occupations, self.majors, self.skills, self.organisations)


def build_world(
    store: GraphStore,
    policy: Policy,
    schema: Schema = SCHEMA,
    *,
    reopen: Reopen | None = None,
    most_alone: int = MOST_ALONE,
) -> World:
    """Read the store once and return its newest generation.

    With `reopen`, which opens the store once more, a second process helps where more than `most_alone` rows were loaded.
    """
    revision = store.revision()
    batches = in_force(store.batches())
    large = sum(map(changed_rows, batches)) > most_alone
    second = started(reopen, policy, schema) if reopen is not None and large else None
    with uncollected(), Shared(second, revision=revision) as shared:
        return _build(store, revision, batches, policy, schema, shared)


@contextmanager
def uncollected() -> Generator[None, None, None]:
    """Pause the collector of reference cycles: millions of small values are made meanwhile and none in a cycle."""
    paused = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if paused:
            gc.enable()


def _build(
    store: GraphStore,
    revision: int,
    batches: Sequence[Batch],
    policy: Policy,
    schema: Schema,
    shared: Shared,
) -> World:
    read = reader(store, batches, policy, schema)
    words = read_vocabularies(read, policy.common)
    needs = read_needs(read, words)
    delivered = deliveries(batches)
    # What is kept for query A fills the memory that reading the persons has freed; meanwhile others read about them.
    talents = TalentBuilder(read, context_of(words, needs, delivered, policy), policy)
    cooperation = build_cooperation(read, words)
    return World(
        revision=revision,
        occupations=words.occupations,
        majors=words.majors,
        skills=words.skills,
        travel=read_travel(read, policy.common),
        organisations=words.organisations,
        control=read_control(read, policy.common, words.organisations),
        cooperation=cooperation,
        talents=talents.view(needs, shared),
        delivered=delivered,
        synthetic=is_synthetic(batches),
    )


def reader(store: GraphStore, batches: Sequence[Batch], policy: Policy, schema: Schema) -> "StoreRegisters":
    """Return what yields the views of a table, see `StoreRegisters`."""
    return StoreRegisters(
        store, source_ranks([batch.source for batch in batches], policy.common.source_order), schema
    )


class StoreRegisters:
    """All registers as one: the first is streamed, the others are held beside it.

    Persons may come twice, see `person_views`; whoever reads their facts without having read them pays for that.
    """

    def __init__(self, store: GraphStore, ranks: Mapping[str, int], schema: Schema) -> None:
        self._store, self._ranks, self._schema = store, ranks, schema
        self._sources = sorted(ranks, key=ranks.__getitem__)
        self._shared: set[str] = set()
        self._known = False

    def __call__(self, table: str) -> Iterator[View]:
        """Yield the views of a table."""
        if table == "talents":
            yield from self._persons()
            return
        alone, together = self._read(table)
        for row in alone:
            yield View((row,))
        yield from together

    def persons(self) -> list[str]:
        """Return the keys of all persons in order of reading; from now on it is known who has several rows."""
        counts = Counter(row.person or "" for rows in self._own_rows() for row in rows)
        self._shared.update(person for person, count in counts.items() if count > 1)
        self._known = True
        return list(counts)

    def rows(self, table: str) -> tuple[Iterator[Row], Iterator[Row]]:
        """Return the rows that are views by themselves, by key, and one row for each other view."""
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

        return HeldRegisters(rows, self._ranks, self._schema)

    def _read(self, table: str) -> tuple[Iterator[Row], Iterator[View]]:
        if self._schema.by_key[table].is_person_table and not self._known:
            self.persons()
        sources = self._sources
        return alone_and_together(
            self._store.rows(table=table, source=sources[0]) if sources else (),
            (row for source in sources[1:] for row in self._store.rows(table=table, source=source)),
            rank=self._ranks,
            identity=identity_in(self._schema.by_key[table]),
            shared=self._shared,
        )

    def _persons(self) -> Iterator[View]:
        yield from person_views(
            self._own_rows(),
            rank=self._ranks,
            shared=self._shared,
            again=lambda ids: self._store.rows(ids=ids),
        )
        self._known = True

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
        self._shared: frozenset[str | None] | None = None

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
            shared=self._of_several() if self._schema.by_key[table].is_person_table else (),
        )
        return chain((View((row,)) for row in alone), together)

    def _of_several(self) -> Collection[str | None]:
        """Return the persons who have several rows of their own."""
        if self._shared is None:
            counts = Counter(row.person for row in self._rows("talents"))
            self._shared = frozenset(person for person, count in counts.items() if count > 1)
        return self._shared


def identity_in(table: Table) -> Callable[[Row], object]:
    """Return what makes rows of several registers one: the node, or the ends and the rest of the natural key."""
    rest = [key for key in table.natural_key if key not in (table.ends or ())]

    def identity(row: Row) -> object:
        return row.node or (row.links[0], *(str(row.values.get(key, "")) for key in rest))

    return identity


def deliveries(batches: Iterable[Batch]) -> dict[str, frozenset[str]]:
    """Return table -> sources that have delivered it, even empty."""
    found: dict[str, set[str]] = {}
    for batch in batches:
        for table in batch.delivered:
            found.setdefault(table, set()).add(batch.source)
    return {table: frozenset(sources) for table, sources in found.items()}


def read_travel(read: Reader, rules: CommonRules) -> Travel:
    """Return districts and the times between them."""
    coordinates: dict[str, tuple[float, float]] = {}
    names: dict[str, str] = {}
    for view in read("districts"):
        code, longitude, latitude = text_of(view, "code"), view.number("longitude"), view.number("latitude")
        names[code] = text_of(view, "name")
        if longitude is not None and latitude is not None:
            coordinates[code] = (longitude, latitude)
    times: dict[tuple[str, str], tuple[float, RowId]] = {}
    for view in read("travel_times"):
        hours = view.number("hours")
        if hours is not None:
            times[text_of(view, "from_district"), text_of(view, "to_district")] = (hours, view.row)
    return Travel(rules, frozenset(names), coordinates, times, names)


def read_control(read: Reader, rules: CommonRules, organisations: Organisations) -> Control:
    """Return who controls whom."""
    links: list[ControlLink] = []
    for view in read("ownerships"):
        share = view.raw("share")
        if (
            share is not None
            and share != MASKED
            and (view.number("share") or 0.0) < rules.control_share - 1e-9
        ):
            continue
        parent, child = organisations.resolve(view.text("parent")), organisations.resolve(view.text("child"))
        if parent is None or child is None:
            continue
        links.append(
            ControlLink(
                parent, child, *_period(view), Evidence.of(view.row, _ownership(organisations, parent, child))
            )
        )
    return Control(rules, tuple(sorted(links, key=lambda link: (link.parent, link.child, str(link.start)))))


def _period(view: View) -> tuple[date | None, date | None]:
    return view.day("valid_from"), view.day("valid_to")


def _ownership(organisations: Organisations, parent: str, child: str) -> Link:
    def ref(code: str) -> NodeRef:
        known = organisations.by_code.get(code)
        return known.ref if known else NodeRef("enterprise", code)

    return Link(ref(parent), "ownerships", ref(child))
