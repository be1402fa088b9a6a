"""Reads the merged rows of all registers into what query A knows of schools, firms, cohorts, posts and the rest."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import cache

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
from kg.index.lookups import Occupation
from kg.index.parsing import HeldSkill, WantedSkills, weighted_items
from kg.index.views import View
from kg.index.vocabularies import Vocabularies, text_of
from kg.model.answers import Evidence
from kg.model.graph import MASKED, NodeRef
from kg.schema.columns import SCOPE_PUBLIC
from kg.text import fold_name
from kg.vocab.levels import level_of


class EntityReader:
    """Reads one view after the other by one state of the vocabularies."""

    def __init__(self, words: Vocabularies) -> None:
        self._words, self._wanted = words, WantedSkills(words.skills)

    def offering(self, view: View) -> Offering:
        """Return a cohort."""
        rates = (view.number(f"{name}_rate") for name in ("certificate", "employment", "stay"))
        key = text_of(view, "offering_id")
        evidence = _links(view, "offerings", "school", "major", "skills")
        approved = view.text("approved")
        return Offering(
            id=key,
            ref=_ref(view, "offering", key),
            school=self._words.organisations.resolve(view.text("school")) or "",
            major=self._words.majors.node_key(text_of(view, "major")),
            exit_level=level_of(view.text("exit_level")),
            exit_label=view.text("exit_level"),
            intake_year=view.whole("intake_year"),
            years=_years(view),
            students=view.whole("students"),
            approved=None if approved is None else approved == APPROVED,
            skills=self._held(view, evidence.get("skills", ())),
            class_min=view.whole("class_min"),
            class_min_masked=view.masked("class_min"),
            committed=_quantity(view, "committed"),
            rates=tuple(rate for rate in rates if rate is not None),
            sample=view.whole("sample"),
            stat_year=view.whole("stat_year"),
            public=_is_public(view),
            evidence=evidence,
        )

    def _held(self, view: View, edges: tuple[Evidence, ...]) -> Mapping[str, HeldSkill] | None:
        """Return what the cohort learns (it counts like a certificate), the best proficiency of each skill."""
        items = view.items("skills")
        if not items:
            return None
        stated = {self._words.skills.resolve(edge.link.end.key): edge for edge in edges}
        held: dict[str, HeldSkill] = {}
        for skill, level, _ in self._wanted.demand(items):
            if skill not in held or level > held[skill].level:
                held[skill] = HeldSkill(
                    skill, level, self._words.skills.rules.proven_skill, stated.get(skill)
                )
        return held

    def demand(self, view: View) -> Demand:
        """Return a post."""
        key = text_of(view, "demand_id")
        modes = view.items("modes")
        return Demand(
            id=key,
            ref=_ref(view, "demand", key),
            enterprise=self._words.organisations.resolve(view.text("enterprise")) or "",
            title=text_of(view, "title"),
            occupation=self._words.occupations.resolve(view.text("occupation") or MASKED),
            level=level_of(view.text("level")),
            level_masked=view.masked("level"),
            count=view.whole("count"),
            same_post=view.whole("same_post"),
            interns=_quantity(view, "interns"),
            skills=self._wanted.demand(view.items("skills")),
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

    def cooperation(self, view: View) -> Cooperation:
        """Return an agreement."""
        outcome = view.text("outcome")
        return Cooperation(
            id=text_of(view, "cooperation_id"),
            school=self._words.organisations.resolve(view.text("school")) or "",
            enterprise=self._words.organisations.resolve(view.text("enterprise")) or "",
            mode=text_of(view, "mode"),
            offering=view.text("offering"),
            demand=view.text("demand"),
            seats=view.whole("seats"),
            start=view.day("valid_from"),
            end=view.day("valid_to"),
            status=view.text("status"),
            outcome=None if outcome is None else outcome == OUTCOME_GOOD,
            evidence=_links(view, "cooperations", "school", "enterprise", "offering", "demand"),
        )

    def major(self, view: View) -> Major:
        """Return a major with the occupations it leads to."""
        code, edition = text_of(view, "code"), text_of(view, "edition")
        key = f"{code}@{edition}" if edition else code
        edges = _links(view, "majors", "occupations").get("occupations", ())
        stated = {self._words.occupations.resolve(edge.link.end.key): edge for edge in edges}
        leads = [
            (self._words.occupations.resolve(reference), weight)
            for reference, weight in weighted_items(view.items("occupations"))
        ]
        found = tuple(
            MajorOccupation(occupation, weight, stated.get(occupation)) for occupation, weight in leads
        )
        return Major(key, text_of(view, "name") or key, found, told=bool(found))

    def school(self, view: View) -> School:
        """Return a school."""
        name = text_of(view, "name")
        return School(
            code=text_of(view, "credit_code"),
            name=name,
            names=frozenset(fold_name(text) for text in (name, *(view.items("aliases") or ())) if text),
            district=view.text("district"),
            licence_from=view.day("licence_from"),
            licence_to=view.day("licence_to"),
            licence_masked=view.masked("licence_from") or view.masked("licence_to"),
            evidence=_links(view, "schools", "district"),
        )

    def enterprise(self, view: View) -> Enterprise:
        """Return an enterprise."""
        return Enterprise(
            code=text_of(view, "credit_code"),
            name=text_of(view, "name"),
            district=view.text("district"),
            staff=view.whole("staff"),
            status=view.text("status"),
            chains=view.items("chains") or None,
            safety=view.text("safety"),
            evidence=_links(view, "enterprises", "district", "chains", "industry"),
        )

    def major_group(self, view: View) -> MajorGroup:
        """Return a group of majors of a school."""
        return MajorGroup(
            name=text_of(view, "name"),
            school=self._words.organisations.resolve(view.text("school")) or "",
            majors=frozenset(
                self._words.majors.node_key(reference) for reference in view.items("majors") or ()
            ),
            chains=frozenset(view.items("chains") or ()),
            row=view.row,
            evidence=_links(view, "major_groups", "school", "majors", "chains"),
        )

    def chain(self, view: View) -> Chain:
        """Return an industrial chain."""
        return Chain(
            text_of(view, "chain_id"),
            text_of(view, "name"),
            view.day("priority_from"),
            view.day("priority_to"),
        )

    def wages(self, views: Iterable[View]) -> dict[tuple[Occupation, str], Wage]:
        """Return (occupation, district or "") -> wage; medians of 0 tell nothing."""
        found: dict[tuple[Occupation, str], Wage] = {}
        for view in views:
            median = view.number("median")
            place = (self._words.occupations.resolve(text_of(view, "occupation")), text_of(view, "district"))
            if median is not None and median > 0:
                evidence = _links(view, "wages", "occupation").get("occupation", ())
                found.setdefault(place, Wage(median, evidence))
        return found

    def organ(self, view: View) -> Organ:
        """Return an assessment organ."""
        items = view.items("occupations")
        return Organ(
            name=fold_name(text_of(view, "name")),
            occupations=frozenset(self._words.occupations.resolve(code) for code in items) if items else None,
            max_level=level_of(view.text("max_level")),
            evidence=_links(view, "organs", "occupations").get("occupations", ()),
        )


def _links(view: View, table: str, *columns: str) -> Links:
    """Return the edges of each column, from the first register that states some."""
    found: dict[str, tuple[Evidence, ...]] = {}
    wanted = _relations(table, columns)
    for row in view.rows:
        here: dict[str, list[Evidence]] = {}
        source, _, key = row.id
        for relation, end_kind, end, start_kind, start in row.flat_edges():
            column = wanted.get(relation)
            if column is not None:
                edge = Evidence(source, table, key, start_kind, start, relation, end_kind, end)
                here.setdefault(column, []).append(edge)
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
