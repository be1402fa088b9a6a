"""Brings a generation up to the newest revision by the change log, reading only what has changed."""

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, takewhile
from typing import Final

from kg.index.registers import HeldRegisters, StoreRegisters, reader
from kg.index.talents.facts import Talent
from kg.index.talents.sharing import Reopen
from kg.index.talents.view import TalentView, read_needs
from kg.index.views import source_ranks
from kg.index.vocabularies import VOCABULARY_TABLES, Moved, reread_vocabularies
from kg.index.world import World, build_world, deliveries, read_control, read_travel
from kg.model.batches import changed_rows, in_force, is_synthetic
from kg.model.graph import Batch, NodeRef, Row, RowId
from kg.model.marks import mark_of
from kg.model.rules import Policy
from kg.ports import GraphStore
from kg.schema import Schema

PERSON_TABLES: Final = frozenset(
    {"talents", "certificates", "appointments", "talent_skills", "achievements", "honours", "consents", "restrictions", "engagements"}
)  # fmt: skip
COOPERATION_TABLES: Final = frozenset({
    "offerings",
    "demands",
    "cooperations",
    "major_groups",
    "chains",
    "wages",
    "organs",
})
UNREAD_TABLES: Final = frozenset(
    {"industries", "policies", "targets", "carriers", "alliances", "intermediaries", "competitions", "placements",
     "mentorships", "problems", "programs", "training_batches", "market_stats"}
)  # fmt: skip
WHOLE_TABLES: Final = frozenset({"flex_needs", "ownerships", "travel_times", "districts"})
"""Small tables that are read whole again when one of their rows has changed."""
_READ_BY_NODE: Final = frozenset({"offerings", "demands", "schools", "enterprises"})
"""Large tables of which only the nodes that have changed are read again; an erasure names none."""
_TOLD_OF_PERSONS: Final = ("achievements", "honours")
"""Tables of which every person says whether one of his registers has delivered them."""
_OWN_KEYS: Final = frozenset({"achievements", "engagements"})
"""Tables whose rows have a number of their own: two registers may give one number to two persons."""
MOST_PERSONS: Final = 500
"""Beyond this many changed persons a new build is cheaper than the growing delta."""
MOST_ROWS: Final = 5000
"""Beyond this many changed rows not even the log is read."""
_TRIES: Final = 10
"""Readings that somebody's publication may spoil before what was read is used as it is."""
_TAKEN: Final = PERSON_TABLES | COOPERATION_TABLES | UNREAD_TABLES | WHOLE_TABLES | VOCABULARY_TABLES
_AROUND_PERSONS: Final = WHOLE_TABLES | VOCABULARY_TABLES
"""Tables that say what the texts of rows about persons, needs and organisations mean, and how far it is between them."""


@dataclass(frozen=True, slots=True)
class _Touched:
    """What has changed: rows of `tables`, which are about `persons` and, if not about any, about `nodes`.

    `marks` tell by revision who has lost rows by an erasure (`kg.model.marks`).
    """

    tables: frozenset[str]
    persons: frozenset[str]
    nodes: frozenset[NodeRef]
    marks: Mapping[int, frozenset[int]]

    def suspects(self, talents: TalentView) -> frozenset[str]:
        """Return the persons who have one of the marks: some that have lost rows, and some that have not."""
        return frozenset(
            key
            for revision, marks in self.marks.items()
            for key in chain(talents.index, talents.changed)
            if mark_of(key, revision) in marks
        )


def refreshed(world: World, store: GraphStore, policy: Policy, schema: Schema) -> World | None:
    """Return the newest generation made from `world` and the change log; None where only a new build is right.

    Reading is several steps, and others publish meanwhile: what was read is of the revision that it names only if the
    store still has that one afterwards, else it is read again.
    """
    fresh = None
    for _ in range(_TRIES):
        fresh = _refreshed(world, store, policy, schema)
        if fresh is None or store.revision() == fresh.revision:
            break
    return fresh


def newest(store: GraphStore, policy: Policy, schema: Schema, *, reopen: Reopen | None = None) -> World:
    """Return a generation built anew and brought up to what was published while it was built."""
    build = partial(build_world, store, policy, schema, reopen=reopen)
    world = build()
    for _ in range(_TRIES):
        if store.revision() == world.revision:
            break
        fresh = refreshed(world, store, policy, schema)
        world = build() if fresh is None or fresh.unclean else fresh
    return world


def _refreshed(world: World, store: GraphStore, policy: Policy, schema: Schema) -> World | None:
    revision = store.revision()
    known = store.batches()
    told = {batch.revision: changed_rows(batch) for batch in known if batch.revision > world.revision}
    if sum(told.values()) > MOST_ROWS:
        return None
    batches, before = in_force(known), in_force(one for one in known if one.revision <= world.revision)
    delivered = deliveries(batches)
    if _sources(batches)[: len(_sources(before))] != _sources(before) or any(
        delivered.get(table) != world.delivered.get(table) for table in _TOLD_OF_PERSONS
    ):
        return None
    touched = _touched(store, world.revision, revision, told)
    if touched is None:
        return None
    read = reader(store, batches, policy, schema)
    words = reread_vocabularies(world.words, read, policy.common, touched.tables)
    moved = Moved.between(world.words, words)
    fresh = replace(world, revision=revision, synthetic=is_synthetic(known), **words._asdict())
    persons, suspects = touched.persons, touched.suspects(world.talents)
    if touched.tables & _AROUND_PERSONS or delivered != world.delivered:
        fresh, others = _surrounded(fresh, read, touched.tables, moved.hosts, delivered, policy)
        persons |= others
    if len(suspects) > MOST_PERSONS or len(persons | world.talents.changed.keys()) > MOST_PERSONS:
        return None
    if touched.tables - PERSON_TABLES - UNREAD_TABLES - {"flex_needs"}:
        cooperation = world.cooperation.with_changes(read, words, moved, touched.tables, touched.nodes)
        fresh = replace(fresh, cooperation=cooperation)
    if persons or suspects:
        wanted = sorted(persons | suspects)
        talents = fresh.talents.with_changes(read.about(persons=wanted), persons, suspects)
        fresh = replace(fresh, talents=talents, unclean=world.unclean or bool(touched.marks))
    return fresh


def _surrounded(
    world: World,
    read: StoreRegisters,
    tables: Set[str],
    hosts: frozenset[str],
    delivered: Mapping[str, frozenset[str]],
    policy: Policy,
) -> tuple[World, Set[str]]:
    """Return the generation with what is around persons, and the persons who must be read again because of it."""
    needs = world.talents.needs
    if "flex_needs" in tables or tables & VOCABULARY_TABLES:
        needs = read_needs(read, world.words)
    talents, others = world.talents.with_surroundings(world.words, hosts, needs, delivered)
    fresh = replace(world, talents=talents, delivered=delivered)
    if tables & {"travel_times", "districts"}:
        fresh = replace(fresh, travel=read_travel(read, policy.common))
    if tables & {"ownerships", "enterprises", "schools"}:
        fresh = replace(fresh, control=read_control(read, policy.common, world.organisations))
    return fresh, others


class PersonRows:
    """The rows of one person as the store has them, read once: how he would look without one of them."""

    def __init__(self, world: World, store: GraphStore, policy: Policy, schema: Schema, key: str) -> None:
        """Read every row about the person that matching reads."""
        self._world, self._schema, self._key = world, schema, key
        known = in_force(store.batches())
        self._ranks = source_ranks([batch.source for batch in known], policy.common.source_order)
        self._rows = {table: list(store.rows(table=table, persons=[key])) for table in sorted(PERSON_TABLES)}

    def without(self, left_out: RowId) -> Talent | None:
        """Return the person as if that row were not there; None if nothing is left of him."""

        def rows(table: str) -> list[Row]:
            return [row for row in self._rows[table] if row.id != left_out]

        return self._world.talents.reread(HeldRegisters(rows, self._ranks, self._schema), self._key)


def _sources(batches: Sequence[Batch]) -> list[str]:
    """Return the sources in order of first delivery."""
    return list(dict.fromkeys(batch.source for batch in batches))


def _touched(store: GraphStore, since: int, until: int, told: Mapping[int, int]) -> _Touched | None:
    """Return what the log says has changed; None where that is too much, or where it does not tell about whom.

    `told` maps revisions to how many rows their reports say have changed. Where the log has fewer, rows were erased; an
    erasure of rows that had been retired before tells nothing itself.
    """
    tables: set[str] = set()
    persons: set[str] = set()
    nodes: set[NodeRef] = set()
    shared: set[NodeRef] = set()
    marks: dict[int, frozenset[int]] = {}
    logged: Counter[int] = Counter()
    erased = 0
    for change in takewhile(lambda change: change.revision <= until, store.changes(since)):
        logged[change.revision] += 1
        if change.id.table not in _TAKEN:
            return None
        tables.add(change.id.table)
        if not change.id.key:
            if change.about is None or change.id.table in _READ_BY_NODE:
                return None
            erased = change.revision
            if change.id.table in PERSON_TABLES:
                marks[change.revision] = frozenset(change.about)
            continue
        states = [row for row in (change.before, change.after) if row is not None]
        named = {row.node for row in states if row.node is not None}
        if change.id.table in PERSON_TABLES:
            persons.update(row.person for row in states if row.person is not None)
            if len(persons) > MOST_PERSONS:
                return None
            if change.id.table in _OWN_KEYS:
                shared |= named
        else:
            nodes |= named
    if any(logged[revision] < rows for revision, rows in told.items() if erased < revision <= until):
        return None
    persons |= _persons_at(store, shared)
    return _Touched(frozenset(tables), frozenset(persons), frozenset(nodes), marks)


def _persons_at(store: GraphStore, nodes: Set[NodeRef]) -> set[str]:
    rows = store.rows(nodes=sorted(nodes)) if nodes else ()
    return {row.person for row in rows if row.person is not None}
