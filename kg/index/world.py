"""One immutable generation of everything that matching reads, built from the store at one revision."""

import gc
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from kg.index.cooperation.view import CooperationView, build_cooperation
from kg.index.lookups import (
    Control,
    ControlLink,
    Editions,
    Occupation,
    Occupations,
    Organisation,
    Organisations,
    Skills,
    Travel,
)
from kg.index.talents.view import TalentView, build_talents
from kg.index.views import View, alone_and_together, person_views, source_ranks
from kg.model.answers import Evidence
from kg.model.batches import in_force, is_synthetic
from kg.model.graph import MASKED, Batch, Link, NodeRef, Row, RowId
from kg.model.rules import CommonRules, Policy
from kg.ports import GraphStore
from kg.schema import SCHEMA, Schema, Table
from kg.text import fold

Reader = Callable[[str], Iterator[View]]
"""Yields the views of one table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything the two questions read, at `revision`; nothing in it is protected or sealed."""

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


def build_world(store: GraphStore, policy: Policy, schema: Schema = SCHEMA) -> World:
    """Read the store once and return its newest generation."""
    with uncollected():
        return _build(store, policy, schema)


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


def _build(store: GraphStore, policy: Policy, schema: Schema) -> World:
    revision = store.revision()
    batches = in_force(store.batches())
    read = reader(store, batches, policy, schema)
    occupations = _occupations(read, policy.common)
    organisations = _organisations(read)
    skills = _skills(read, policy.common)
    travel = read_travel(read, policy.common)
    majors = Editions.of((_text(view, "code"), _text(view, "edition")) for view in read("majors"))
    delivered = deliveries(batches)
    # Talents first: what is kept for query A then fills the memory that reading them has freed.
    talents = build_talents(read, occupations, skills, organisations, delivered, policy)
    return World(
        revision=revision,
        occupations=occupations,
        majors=majors,
        skills=skills,
        travel=travel,
        organisations=organisations,
        control=read_control(read, policy.common, organisations),
        cooperation=build_cooperation(read, occupations, majors, skills, organisations),
        talents=talents,
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

    def rows(self, table: str) -> tuple[Iterator[Row], Iterator[Row]]:
        """Return the rows that are views by themselves, by key, and one row for each other view."""
        alone, together = self._read(table)
        return alone, map(View.one, together)

    def _read(self, table: str) -> tuple[Iterator[Row], Iterator[View]]:
        if self._schema.by_key[table].is_person_table and not self._known:
            deque(self._persons(), maxlen=0)
        sources = self._sources
        return alone_and_together(
            self._store.rows(table=table, source=sources[0]) if sources else (),
            (row for source in sources[1:] for row in self._store.rows(table=table, source=source)),
            rank=self._ranks,
            identity=identity_in(self._schema.by_key[table]),
            shared=self._shared,
        )

    def _persons(self) -> Iterator[View]:
        rows = (self._store.rows(table="talents", source=source) for source in self._sources)
        yield from person_views(
            rows, rank=self._ranks, shared=self._shared, again=lambda ids: self._store.rows(ids=ids)
        )
        self._known = True


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


def _text(view: View, column: str) -> str:
    return view.text(column) or ""


def _occupations(read: Reader, rules: CommonRules) -> Occupations:
    listed = list(read("occupations"))
    editions = Editions.of((_text(view, "code"), _text(view, "edition")) for view in listed)
    names = {Occupation(_text(v, "code"), _text(v, "edition")): _text(v, "name") for v in listed}
    crosswalk: dict[Occupation, list[tuple[Occupation, Evidence]]] = {}
    empty = Occupations(rules, editions, names, {})
    for view in read("occupation_crosswalk"):
        start = empty.resolve(f"{_text(view, 'from_code')}@{_text(view, 'from_edition')}")
        end = empty.resolve(f"{_text(view, 'to_code')}@{_text(view, 'to_edition')}")
        evidence = Evidence.of(view.row, view.rows[0].links[0])
        crosswalk.setdefault(start, []).append((end, evidence))
        crosswalk.setdefault(end, []).append((start, evidence))
    return Occupations(rules, editions, names, {start: tuple(ends) for start, ends in crosswalk.items()})


def _organisations(read: Reader) -> Organisations:
    return Organisations.of(
        Organisation(
            code=_text(view, "credit_code"),
            kind=kind,
            name=_text(view, "name"),
            aliases=view.items("aliases") or (),
            district=view.text("district"),
            row=view.row,
        )
        for table, kind in (("enterprises", "enterprise"), ("schools", "school"))
        for view in read(table)
    )


def _skills(read: Reader, rules: CommonRules) -> Skills:
    names: dict[str, str] = {}
    aliases: dict[str, str] = {}
    listed = list(read("skills"))
    for view in listed:
        names.setdefault(fold(_text(view, "name")), _text(view, "name"))
    for view in listed:
        for alias in view.items("aliases") or ():
            aliases.setdefault(fold(alias), fold(_text(view, "name")))
    known = Skills(rules, names, aliases, {})
    relations: dict[str, dict[str, tuple[float, Evidence]]] = {}
    for view in read("skill_relations"):
        strength = view.number("strength") or 0.0
        first, second = known.resolve(_text(view, "skill")), known.resolve(_text(view, "related"))
        for start, end in ((first, second), (second, first)):
            held = relations.setdefault(start, {}).get(end)
            if held is None or strength > held[0]:
                relations[start][end] = (strength, Evidence.of(view.row, view.rows[0].links[0]))
    return Skills(rules, names, aliases, relations)


def read_travel(read: Reader, rules: CommonRules) -> Travel:
    """Return districts and the times between them."""
    coordinates: dict[str, tuple[float, float]] = {}
    names: dict[str, str] = {}
    for view in read("districts"):
        code, longitude, latitude = _text(view, "code"), view.number("longitude"), view.number("latitude")
        names[code] = _text(view, "name")
        if longitude is not None and latitude is not None:
            coordinates[code] = (longitude, latitude)
    times: dict[tuple[str, str], tuple[float, RowId]] = {}
    for view in read("travel_times"):
        hours = view.number("hours")
        if hours is not None:
            times[_text(view, "from_district"), _text(view, "to_district")] = (hours, view.row)
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
