"""The vocabularies that other rows name by text, and which texts mean something else after one of them has changed."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, fields
from typing import Any, Final, NamedTuple, TypeVar

from kg.index.lookups import Editions, Occupation, Occupations, Organisation, Organisations, Skills
from kg.index.views import View
from kg.model.answers import Evidence
from kg.model.rules import CommonRules
from kg.text import fold

T = TypeVar("T")
V = TypeVar("V")
Reader = Callable[[str], Iterator[View]]
"""Yields the views of one table."""


class Vocabularies(NamedTuple):
    """What the texts of rows are resolved by."""

    occupations: Occupations
    majors: Editions
    skills: Skills
    organisations: Organisations


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What some text meant before and does not mean any more, by vocabulary; `hosts` have moved to another district."""

    occupations: frozenset[Occupation] = frozenset()
    majors: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    organisations: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()

    @classmethod
    def between(cls, before: Vocabularies, after: Vocabularies) -> "Moved":
        """Compare two states of the vocabularies."""
        ours, theirs = before.organisations, after.organisations
        return cls(
            occupations=_moved(
                before.occupations, after.occupations, lambda one: one.editions.listed, Occupations.resolve
            ),
            majors=_moved(before.majors, after.majors, lambda one: one.listed, Editions.node_key),
            skills=_moved(
                before.skills, after.skills, lambda one: (*one.names, *one.aliases), Skills.resolve
            ),
            organisations=_moved(
                ours,
                theirs,
                lambda one: (*one.by_code, *one.by_name),
                lambda one, text: one.resolve(text) or "",
            ),
            hosts=frozenset(
                code
                for code in ours.by_code.keys() | theirs.by_code.keys()
                if _district(ours, code) != _district(theirs, code)
            ),
        )

    @property
    def anything(self) -> bool:
        """True when anything has moved."""
        return any(getattr(self, one.name) for one in fields(self))

    def among(self, vocabularies: Collection[str]) -> bool:
        """True when something of one of these vocabularies has moved."""
        return any(getattr(self, name) for name in vocabularies)


def _moved(
    before: V, after: V, spelled: Callable[[V], Iterable[str]], resolve: Callable[[V, str], T]
) -> frozenset[T]:
    """Return what texts meant before that mean something else now; only texts that are spelled in one of both can."""
    if before is after:
        return frozenset()
    pairs = ((resolve(before, text), resolve(after, text)) for text in {*spelled(before), *spelled(after)})
    return frozenset(old for old, new in pairs if old != new)


def _district(organisations: Organisations, code: str) -> str | None:
    known = organisations.by_code.get(code)
    return known.district if known else None


def read_vocabularies(read: Reader, rules: CommonRules) -> Vocabularies:
    """Return all vocabularies."""
    found: dict[str, Any] = {name: make(read, rules) for name, (_, make) in _READ.items()}
    return Vocabularies(**found)


def reread_vocabularies(
    before: Vocabularies, read: Reader, rules: CommonRules, tables: Set[str]
) -> Vocabularies:
    """Return the vocabularies after changes to rows of these tables."""
    found: dict[str, Any] = {name: make(read, rules) for name, (own, make) in _READ.items() if own & tables}
    return before._replace(**found)


def text_of(view: View, column: str) -> str:
    """Return the value as text, "" if absent or masked."""
    return view.text(column) or ""


def _occupations(read: Reader, rules: CommonRules) -> Occupations:
    listed = list(read("occupations"))
    editions = Editions.of((text_of(view, "code"), text_of(view, "edition")) for view in listed)
    names = {Occupation(text_of(v, "code"), text_of(v, "edition")): text_of(v, "name") for v in listed}
    crosswalk: dict[Occupation, list[tuple[Occupation, Evidence]]] = {}
    empty = Occupations(rules, editions, names, {})
    for view in read("occupation_crosswalk"):
        start = empty.resolve(f"{text_of(view, 'from_code')}@{text_of(view, 'from_edition')}")
        end = empty.resolve(f"{text_of(view, 'to_code')}@{text_of(view, 'to_edition')}")
        evidence = Evidence.of(view.row, view.rows[0].links[0])
        crosswalk.setdefault(start, []).append((end, evidence))
        crosswalk.setdefault(end, []).append((start, evidence))
    return Occupations(rules, editions, names, {start: tuple(ends) for start, ends in crosswalk.items()})


def _majors(read: Reader, _: CommonRules) -> Editions:
    return Editions.of((text_of(view, "code"), text_of(view, "edition")) for view in read("majors"))


def _skills(read: Reader, rules: CommonRules) -> Skills:
    names: dict[str, str] = {}
    aliases: dict[str, str] = {}
    listed = list(read("skills"))
    for view in listed:
        names.setdefault(fold(text_of(view, "name")), text_of(view, "name"))
    for view in listed:
        for alias in view.items("aliases") or ():
            aliases.setdefault(fold(alias), fold(text_of(view, "name")))
    known = Skills(rules, names, aliases, {})
    relations: dict[str, dict[str, tuple[float, Evidence]]] = {}
    for view in read("skill_relations"):
        strength = view.number("strength") or 0.0
        first, second = known.resolve(text_of(view, "skill")), known.resolve(text_of(view, "related"))
        for start, end in ((first, second), (second, first)):
            held = relations.setdefault(start, {}).get(end)
            if held is None or strength > held[0]:
                relations[start][end] = (strength, Evidence.of(view.row, view.rows[0].links[0]))
    return Skills(rules, names, aliases, relations)


def _organisations(read: Reader, _: CommonRules) -> Organisations:
    return Organisations.of(
        Organisation(
            code=text_of(view, "credit_code"),
            kind=kind,
            name=text_of(view, "name"),
            aliases=view.items("aliases") or (),
            district=view.text("district"),
            row=view.row,
        )
        for table, kind in (("enterprises", "enterprise"), ("schools", "school"))
        for view in read(table)
    )


_READ: Final[Mapping[str, tuple[frozenset[str], Callable[[Reader, CommonRules], object]]]] = {
    "occupations": (frozenset({"occupations", "occupation_crosswalk"}), _occupations),
    "majors": (frozenset({"majors"}), _majors),
    "skills": (frozenset({"skills", "skill_relations"}), _skills),
    "organisations": (frozenset({"enterprises", "schools"}), _organisations),
}
"""Vocabulary -> the tables that it is read from, and what reads it."""
VOCABULARY_TABLES: Final = frozenset(table for tables, _ in _READ.values() for table in tables)
