"""Talents and needs as matching reads them: packed facts by person, arrays over all, and recent changes beside them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from kg.index.lookups import Organisations
from kg.index.talents import gathering
from kg.index.talents.arrays import ArrayBuilder
from kg.index.talents.columns import TalentArrays
from kg.index.talents.facts import Need, Talent
from kg.index.talents.gathered import Gathered, Packs
from kg.index.talents.gathering import doubled, gather, gather_views
from kg.index.talents.needs import NEEDS_TABLE, read_need
from kg.index.talents.reading import BY_NODE, FACT_TABLES, PERSONS, REGISTERS, person_reader
from kg.index.talents.records import Context, Packed
from kg.index.talents.sharing import Shared
from kg.index.talents.unpacking import make_talent, unpack
from kg.index.views import View
from kg.index.vocabularies import Vocabularies
from kg.model.rules import Policy

_MOST_UNPACKED = 4400

Read = Callable[[str], Iterable[View]]
"""Yields the views of one table."""


class Registers(gathering.Registers, Protocol):
    """The registers as one, and what they say of some persons."""

    def about(self, *, persons: Sequence[str]) -> Read:
        """Return what yields the views of these persons only."""
        ...


@dataclass(frozen=True, slots=True)
class TalentView:
    """All talents and needs of one generation.

    `keys` orders the talents of the arrays; `changed` holds persons newer than the arrays (None: gone), who are left
    out of `alive` and must be scored one by one. `unpacked` keeps some persons lately asked for; what is packed does
    not change, so generations of one build share it. `memo` keeps what was worked out about persons of this
    generation alone: the next one begins with an empty one.
    """

    context: Context
    keys: tuple[str, ...]
    index: Mapping[str, int]
    own: Packs
    facts: Mapping[str, Packs]
    arrays: TalentArrays
    needs: Mapping[str, Need]
    registers: Mapping[tuple[str, str], str]
    alive: NDArray[np.bool_]
    changed: Mapping[str, Talent | None] = field(default_factory=dict)
    unpacked: dict[int, Talent] = field(default_factory=dict)
    memo: dict[tuple[object, ...], Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return int(self.alive.sum()) + sum(talent is not None for talent in self.changed.values())

    def talent(self, key: str) -> Talent | None:
        """Return the person with that talent key, None if there is none."""
        if key in self.changed:
            return self.changed[key]
        place = self.index.get(key)
        return None if place is None else self.at(place)

    def at(self, place: int) -> Talent:
        """Return the person at that place of the arrays."""
        found = self.unpacked.get(place)
        if found is None:
            (own,) = unpack(self.own[place])
            facts = {table: unpack(packed[place]) for table, packed in self.facts.items()}
            found = make_talent(self.keys[place], own, facts, self.context)
            if len(self.unpacked) >= _MOST_UNPACKED:
                self.unpacked.clear()
            self.unpacked[place] = found
        return found

    def of_register(self, source: str, person_id: str) -> str | None:
        """Return the talent key that a source's own number means."""
        return self.registers.get((source, person_id))

    def __iter__(self) -> Iterator[Talent]:
        """Yield every person, in order of talent keys."""
        gone = set(self.changed)
        found = [key for key in self.keys if key not in gone]
        for key in sorted([*found, *gone]):
            talent = self.talent(key)
            if talent is not None:
                yield talent

    def with_changes(self, read: Read, persons: Set[str], suspects: Set[str] = frozenset()) -> "TalentView":
        """Return the next generation after changes to some persons only, and to none or some of the `suspects`.

        `read` yields the views of just these persons' rows; of all that they are read by, see `with_surroundings`.
        Cost grows with the persons changed since the
        arrays were made: build anew beyond some hundreds.
        """
        fresh: dict[str, Talent | None] = dict.fromkeys(persons | suspects)
        for key, own, facts in _gather(read, fresh.keys(), self.context):
            fresh[key] = make_talent(key, own, facts, self.context)
        for key in suspects - persons:
            if fresh[key] == self.talent(key):
                del fresh[key]
        wanted = fresh.keys()
        alive = self.alive.copy()
        alive[[self.index[key] for key in wanted if key in self.index]] = False
        registers = {register: key for register, key in self.registers.items() if key not in wanted}
        for talent in fresh.values():
            if talent is not None:
                registers.update(dict.fromkeys(talent.registers, talent.key))
        return replace(self, registers=registers, alive=alive, changed={**self.changed, **fresh}, memo={})

    def with_surroundings(
        self,
        words: Vocabularies,
        hosts: frozenset[str],
        needs: Mapping[str, Need],
        delivered: Mapping[str, frozenset[str]],
    ) -> tuple["TalentView", frozenset[str]]:
        """Return the next generation with other vocabularies, needs and deliveries, and whom that has changed.

        These persons must be read again: a text of theirs means something else now, or they served one of `hosts`
        or a need that is in another district now. Right only if the same sources have delivered what persons tell of themselves (achievements and honours).
        """
        places = _places(needs.values(), words.organisations)
        before = self.context.places
        served = {key for key in {*places, *before} if places.get(key) != before.get(key)}
        context = replace(
            self.context,
            occupations=words.occupations,
            skills=words.skills,
            organisations=words.organisations,
            places=places,
            delivered=delivered,
        )
        moved = context.moved(self.context, hosts)
        persons = {self.keys[place] for place in self.arrays.naming(moved, served)}
        for key, talent in self.changed.items():
            if talent is not None and (
                moved.anything or any(service.need in served for service in talent.engagements)
            ):
                persons.add(key)
        arrays = replace(self.arrays, memo={})
        return replace(self, needs=needs, context=context, arrays=arrays, memo={}), frozenset(persons)

    def reread(self, read: Read, key: str) -> Talent | None:
        """Return one person as the views that `read` yields show him; None without a row of his own."""
        gathered = _gather(read, {key}, self.context)
        return next((make_talent(key, own, facts, self.context) for _, own, facts in gathered), None)


def read_needs(read: Read, words: Vocabularies) -> dict[str, Need]:
    """Return the stored needs by key."""
    found = (
        read_need(view, words.occupations, words.skills, words.organisations) for view in read(NEEDS_TABLE)
    )
    return {need.key: need for need in found if need.key is not None}


def read_talents(
    read: Registers, context: Context, needs: Mapping[str, Need], policy: Policy, shared: Shared
) -> TalentView:
    """Return all talents and needs; `read` yields views merged over registers, `shared` the tables to be read here."""
    plains = {table: [gather(read, table, context)] for table in shared.own()}
    plains |= {table: [plain] for table, plain in shared.found.items()}
    for texts in shared.texts.values():
        context.learn(texts)
    persons = doubled(plains[PERSONS][0])
    if persons:
        again = read.about(persons=persons)
        for table, parts in plains.items():
            parts.append(gather_views(again, table, context))
    keys = tuple(sorted(plains[PERSONS][0][0]))
    index = {key: place for place, key in enumerate(keys)}
    own = Gathered(index, plains.pop(PERSONS))
    words, numbers = own.words(REGISTERS)
    arrays = ArrayBuilder(own, len(keys), policy)
    facts: dict[str, Packs] = {}
    for table in FACT_TABLES:
        gathered = Gathered(index, plains.pop(table))
        arrays.add(table, gathered)
        facts[table] = gathered.packs
    return TalentView(
        context=context,
        keys=keys,
        index=index,
        own=own.packs,
        facts=facts,
        arrays=arrays.arrays(),
        needs=needs,
        registers={
            register: key
            for key, number in zip(keys, numbers.tolist(), strict=True)
            for register in words[number]
        },
        alive=np.ones(len(keys), dtype=np.bool_),
    )


def context_of(
    words: Vocabularies, needs: Mapping[str, Need], delivered: Mapping[str, frozenset[str]], policy: Policy
) -> Context:
    """Return what is needed to read rows about persons; `delivered` maps tables to sources."""
    return Context(
        occupations=words.occupations,
        skills=words.skills,
        organisations=words.organisations,
        rules=policy.common,
        places=_places(needs.values(), words.organisations),
        delivered=delivered,
    )


def _places(needs: Iterable[Need], organisations: Organisations) -> dict[str, str]:
    """Return the district where each need is served, as far as it is known: its own, else its host's."""
    found: dict[str, str] = {}
    for need in needs:
        host = organisations.by_code.get(need.host)
        district = need.district or (host.district if host else None)
        if need.key is not None and district is not None:
            found[need.key] = district
    return found


def _gather(
    read: Read, wanted: Set[str], context: Context
) -> Iterator[tuple[str, Packed, Mapping[str, tuple[Packed, ...]]]]:
    """Yield key, own record and facts of each person that still has a row of his own."""
    read_person = person_reader(context)
    own = {view.person or "": read_person(view) for view in read("talents")}
    facts: dict[str, dict[str, list[Packed]]] = {key: {} for key in own}
    for table, reader in FACT_TABLES.items():
        fact_of = reader(context)
        for view in read(table):
            row = view.one()
            fact = fact_of(row) if row.person in facts else None
            if fact is not None:
                facts[row.person or ""].setdefault(table, []).append(fact)
    for key in sorted(wanted & own.keys()):
        yield key, own[key], {t: tuple(sorted(facts[key].get(t, ()), key=BY_NODE)) for t in FACT_TABLES}
