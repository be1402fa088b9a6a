"""The part of a generation that query A reads, built from the merged rows of all registers."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache
from typing import TypeVar, cast

from kg.index.cooperation.entities import (
    APPROVED,
    OUTCOME_GOOD,
    Chain,
    Cooperation,
    Demand,
    Enterprise,
    Links,
    Major,
    MajorGroup,
    MajorOccupation,
    Offering,
    Organ,
    School,
    Wage,
)
from kg.index.lookups import Editions, Occupation, Occupations, Organisations, Skills
from kg.index.parsing import HeldSkill, WantedSkills, weighted_items
from kg.index.views import View
from kg.model.answers import Evidence
from kg.model.graph import MASKED, NodeRef
from kg.schema.columns import SCOPE_PUBLIC
from kg.text import fold_name
from kg.vocab.levels import level_of

T = TypeVar("T")
Row = TypeVar("Row", Offering, Demand)
Reader = Callable[[str], Iterator[View]]
"""Yields the views of one table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CooperationView:
    """Everything query A reads apart from the shared look-ups; mappings are in the order of their keys.

    `derived` caches what matching computes from this generation (seats of a year, arrays); it is never part of
    the content.
    """

    schools: Mapping[str, School]
    enterprises: Mapping[str, Enterprise]
    offerings: Mapping[str, Offering]
    demands: Mapping[str, Demand]
    cooperations: tuple[Cooperation, ...]
    majors: Mapping[str, Major]
    groups: Mapping[str, tuple[MajorGroup, ...]]
    chains: Mapping[str, Chain]
    wages: Mapping[tuple[Occupation, str], Wage]
    organs: Mapping[str, tuple[Organ, ...]]
    demands_of: Mapping[str, tuple[Demand, ...]]
    offerings_of: Mapping[str, tuple[Offering, ...]]
    derived: dict[tuple[str, Hashable], object] = field(default_factory=dict, compare=False, repr=False)

    def remembered(self, name: str, key: Hashable, make: Callable[[], T], *, keep: int = 4) -> T:
        """Return what `make` gives for this key, made once; of each name the newest `keep` are kept."""
        place = (name, key)
        found = self.derived.get(place)
        if found is None:
            found = make()
            held = [other for other in list(self.derived) if other[0] == name]
            for other in held[: max(0, len(held) + 1 - keep)]:
                self.derived.pop(other, None)
            self.derived[place] = found
        return cast(T, found)

    def underived(self) -> "CooperationView":
        """Return the same content without what was worked out from look-ups that have changed; arrays stay."""
        return replace(
            self, derived={place: kept for place, kept in self.derived.items() if place[0] == "arrays"}
        )

    def school(self, code: str) -> School:
        """Return the school; one that no row describes knows its code only."""
        return self.schools.get(code) or School(code=code, name=code)

    def enterprise(self, code: str) -> Enterprise:
        """Return the enterprise; one that no row describes knows its code only."""
        return self.enterprises.get(code) or Enterprise(code=code, name=code)

    def major(self, key: str) -> Major:
        """Return the major; one that no row describes leads to unknown occupations."""
        return self.majors.get(key) or Major(key, key, (), told=False)

    def wage(self, occupation: Occupation, district: str | None) -> Wage | None:
        """Return the wage of the occupation in the district, else in the whole area, else None."""
        local = self.wages.get((occupation, district)) if district else None
        return local or self.wages.get((occupation, ""))


def build_cooperation(
    read: Reader, occupations: Occupations, majors: Editions, skills: Skills, organisations: Organisations
) -> CooperationView:
    """Build the view from the merged rows that `read(table)` yields; order of rows does not matter."""
    wanted = WantedSkills(skills)
    offerings = _by_id(_offering(view, majors, skills, wanted, organisations) for view in read("offerings"))
    demands = _by_id(_demand(view, occupations, wanted, organisations) for view in read("demands"))
    agreements = (_cooperation(view, organisations) for view in read("cooperations"))
    listed = (_major(view, occupations) for view in read("majors"))
    schools = {_text(view, "credit_code"): _school(view) for view in read("schools")}
    enterprises = {_text(view, "credit_code"): _enterprise(view) for view in read("enterprises")}
    return CooperationView(
        schools=dict(sorted(schools.items())),
        enterprises=dict(sorted(enterprises.items())),
        offerings=offerings,
        demands=demands,
        cooperations=tuple(sorted(agreements, key=lambda found: found.id)),
        majors={major.key: major for major in listed},
        groups=_grouped((_group(view, majors, organisations) for view in read("major_groups")), "school"),
        chains={_text(view, "chain_id"): _chain(view) for view in read("chains")},
        wages=_wages(read, occupations),
        organs=_grouped((_organ(view, occupations) for view in read("organs")), "name"),
        demands_of=_grouped(demands.values(), "enterprise"),
        offerings_of=_grouped(offerings.values(), "school"),
    )


def _text(view: View, column: str) -> str:
    return view.text(column) or ""


def _by_id(found: Iterable[Row]) -> dict[str, Row]:
    return {one.id: one for one in sorted(found, key=lambda one: one.id)}


def _grouped(found: Iterable[T], column: str) -> dict[str, tuple[T, ...]]:
    groups: dict[str, list[T]] = {}
    for one in found:
        groups.setdefault(getattr(one, column), []).append(one)
    return {key: tuple(members) for key, members in sorted(groups.items())}


def _links(view: View, table: str, *columns: str) -> Links:
    """Return the edges of each column, from the first register that states some."""
    found: dict[str, tuple[Evidence, ...]] = {}
    wanted = _relations(table, columns)
    for row in view[0]:
        here: dict[str, list[Evidence]] = {}
        for link in row.links:
            column = wanted.get(link[1])
            if column is not None:
                here.setdefault(column, []).append(Evidence.of(row.id, link))
        for column, edges in here.items():
            found.setdefault(column, tuple(edges))
    return found


@cache
def _relations(table: str, columns: tuple[str, ...]) -> dict[str, str]:
    """Return relation -> column."""
    return {f"{table}.{column}": column for column in columns}


def _ref(view: View, kind: str, key: str) -> NodeRef:
    return view.rows[0].node or NodeRef(kind, key)


def _is_public(view: View) -> bool:
    return view.raw("scope") in {None, SCOPE_PUBLIC}


def _quantity(view: View, column: str) -> int | None:
    """Return a count that is 0 when absent and None when masked."""
    return None if view.masked(column) else view.whole(column) or 0


def _years(view: View) -> Fraction | None:
    value = view.number("years")
    return None if value is None else Fraction(str(value))


def _offering(
    view: View, majors: Editions, skills: Skills, wanted: WantedSkills, organisations: Organisations
) -> Offering:
    rates = (view.number(f"{name}_rate") for name in ("certificate", "employment", "stay"))
    key = _text(view, "offering_id")
    evidence = _links(view, "offerings", "school", "major", "skills")
    approved = view.text("approved")
    return Offering(
        id=key,
        ref=_ref(view, "offering", key),
        school=organisations.resolve(view.text("school")) or "",
        major=majors.node_key(_text(view, "major")),
        exit_level=level_of(view.text("exit_level")),
        exit_label=view.text("exit_level"),
        intake_year=view.whole("intake_year"),
        years=_years(view),
        students=view.whole("students"),
        approved=None if approved is None else approved == APPROVED,
        skills=_held(view, skills, wanted, evidence.get("skills", ())),
        class_min=view.whole("class_min"),
        class_min_masked=view.masked("class_min"),
        committed=_quantity(view, "committed"),
        rates=tuple(rate for rate in rates if rate is not None),
        sample=view.whole("sample"),
        stat_year=view.whole("stat_year"),
        public=_is_public(view),
        evidence=evidence,
    )


def _held(
    view: View, skills: Skills, wanted: WantedSkills, edges: tuple[Evidence, ...]
) -> Mapping[str, HeldSkill] | None:
    """Return what the cohort learns (it counts like a certificate), the best proficiency of each skill."""
    items = view.items("skills")
    if not items:
        return None
    stated = {skills.resolve(edge.link.end.key): edge for edge in edges}
    held: dict[str, HeldSkill] = {}
    for skill, level, _ in wanted.demand(items):
        if skill not in held or level > held[skill].level:
            held[skill] = HeldSkill(skill, level, skills.rules.proven_skill, stated.get(skill))
    return held


def _demand(
    view: View, occupations: Occupations, wanted: WantedSkills, organisations: Organisations
) -> Demand:
    key = _text(view, "demand_id")
    modes = view.items("modes")
    return Demand(
        id=key,
        ref=_ref(view, "demand", key),
        enterprise=organisations.resolve(view.text("enterprise")) or "",
        title=_text(view, "title"),
        occupation=occupations.resolve(view.text("occupation") or MASKED),
        level=level_of(view.text("level")),
        level_masked=view.masked("level"),
        count=view.whole("count"),
        same_post=view.whole("same_post"),
        interns=_quantity(view, "interns"),
        skills=wanted.demand(view.items("skills")),
        pay=view.number("pay"),
        mentors=view.whole("mentors"),
        rotation=view.whole("rotation"),
        boarding=view.yes("boarding"),
        boarding_masked=view.masked("boarding"),
        modes=frozenset(modes) if modes else None,
        modes_masked=view.masked("modes"),
        valid_from=view.day("valid_from"),
        valid_to=view.day("valid_to"),
        period_masked=view.masked("valid_from") or view.masked("valid_to"),
        public=_is_public(view),
        evidence=_links(view, "demands", "enterprise", "occupation", "skills"),
    )


def _cooperation(view: View, organisations: Organisations) -> Cooperation:
    outcome = view.text("outcome")
    return Cooperation(
        id=_text(view, "cooperation_id"),
        school=organisations.resolve(view.text("school")) or "",
        enterprise=organisations.resolve(view.text("enterprise")) or "",
        mode=_text(view, "mode"),
        offering=view.text("offering"),
        demand=view.text("demand"),
        seats=view.whole("seats"),
        start=view.day("valid_from"),
        end=view.day("valid_to"),
        status=view.text("status"),
        outcome=None if outcome is None else outcome == OUTCOME_GOOD,
        evidence=_links(view, "cooperations", "school", "enterprise", "offering", "demand"),
    )


def _major(view: View, occupations: Occupations) -> Major:
    code, edition = _text(view, "code"), _text(view, "edition")
    key = f"{code}@{edition}" if edition else code
    edges = _links(view, "majors", "occupations").get("occupations", ())
    stated = {occupations.resolve(edge.link.end.key): edge for edge in edges}
    leads = [
        (occupations.resolve(reference), weight)
        for reference, weight in weighted_items(view.items("occupations"))
    ]
    found = tuple(MajorOccupation(occupation, weight, stated.get(occupation)) for occupation, weight in leads)
    return Major(key, _text(view, "name") or key, found, told=bool(found))


def _school(view: View) -> School:
    name = _text(view, "name")
    return School(
        code=_text(view, "credit_code"),
        name=name,
        names=frozenset(fold_name(text) for text in (name, *(view.items("aliases") or ())) if text),
        district=view.text("district"),
        licence_from=view.day("licence_from"),
        licence_to=view.day("licence_to"),
        licence_masked=view.masked("licence_from") or view.masked("licence_to"),
        evidence=_links(view, "schools", "district"),
    )


def _enterprise(view: View) -> Enterprise:
    return Enterprise(
        code=_text(view, "credit_code"),
        name=_text(view, "name"),
        district=view.text("district"),
        staff=view.whole("staff"),
        status=view.text("status"),
        chains=view.items("chains") or None,
        safety=view.text("safety"),
        evidence=_links(view, "enterprises", "district", "chains", "industry"),
    )


def _group(view: View, majors: Editions, organisations: Organisations) -> MajorGroup:
    return MajorGroup(
        name=_text(view, "name"),
        school=organisations.resolve(view.text("school")) or "",
        majors=frozenset(majors.node_key(reference) for reference in view.items("majors") or ()),
        chains=frozenset(view.items("chains") or ()),
        row=view.row,
        evidence=_links(view, "major_groups", "school", "majors", "chains"),
    )


def _chain(view: View) -> Chain:
    return Chain(
        _text(view, "chain_id"), _text(view, "name"), view.day("priority_from"), view.day("priority_to")
    )


def _wages(read: Reader, occupations: Occupations) -> dict[tuple[Occupation, str], Wage]:
    """Return (occupation, district or "") -> wage; medians of 0 tell nothing."""
    found: dict[tuple[Occupation, str], Wage] = {}
    for view in read("wages"):
        median = view.number("median")
        place = (occupations.resolve(_text(view, "occupation")), _text(view, "district"))
        if median is not None and median > 0:
            evidence = _links(view, "wages", "occupation").get("occupation", ())
            found.setdefault(place, Wage(median, evidence))
    return found


def _organ(view: View, occupations: Occupations) -> Organ:
    items = view.items("occupations")
    return Organ(
        name=fold_name(_text(view, "name")),
        occupations=frozenset(occupations.resolve(code) for code in items) if items else None,
        max_level=level_of(view.text("max_level")),
        evidence=_links(view, "organs", "occupations").get("occupations", ()),
    )
