"""One immutable generation of everything that matching reads, built from the store at one revision."""

import gc
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

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
from kg.index.registers import reader
from kg.index.talents.sharing import MOST_ALONE, Reopen, Shared, started
from kg.index.talents.view import TalentView, context_of, read_needs, read_talents
from kg.index.views import View
from kg.index.vocabularies import Reader, Vocabularies, read_vocabularies, text_of
from kg.model.answers import Evidence
from kg.model.batches import changed_rows, in_force, is_synthetic
from kg.model.graph import MASKED, Batch, Link, NodeRef, RowId
from kg.model.rules import CommonRules, Policy
from kg.ports import GraphStore
from kg.schema import SCHEMA, Schema


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
    seconds = started(reopen) if reopen is not None and large else ()
    with uncollected(), Shared(seconds) as shared:
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
    context = context_of(words, needs, delivered, policy)
    shared.begin(revision, read.ranks, schema, context)
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
        talents=read_talents(read, context, needs, policy, shared),
        delivered=delivered,
        synthetic=is_synthetic(batches),
    )


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
