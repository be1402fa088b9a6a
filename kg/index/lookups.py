"""Look-ups that both questions share: occupations, skills, travel, organisations and who controls whom."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from kg.model.answers import Evidence
from kg.model.graph import Link, NodeRef, RowId
from kg.model.rules import CommonRules
from kg.text import fold, fold_name


class Occupation(NamedTuple):
    """An occupation as fits are computed: code of at most four parts, and edition ("" when no table lists a bare code)."""

    code: str
    edition: str


def edition_order(edition: str) -> tuple[tuple[int, ...], str]:
    """Return the key by which editions are compared: their numbers, then their text; the newest is greatest."""
    return tuple(int(number) for number in re.findall(r"\d+", edition)), edition


def split_edition(reference: str) -> tuple[str, str | None]:
    """Split `code@edition`; a bare code has edition None."""
    code, at, edition = reference.partition("@")
    return code, edition if at else None


@dataclass(frozen=True, slots=True)
class Editions:
    """Which editions list a code, for the tables keyed by (code, edition)."""

    listed: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> "Editions":
        """Build from (code, edition) pairs."""
        found: dict[str, set[str]] = {}
        for code, edition in pairs:
            found.setdefault(code, set()).add(edition)
        return cls({code: tuple(sorted(editions, key=edition_order)) for code, editions in found.items()})

    def newest(self, code: str) -> str | None:
        """Return the newest edition that lists the code, None if none does."""
        editions = self.listed.get(code)
        return editions[-1] if editions else None

    def node_key(self, reference: str) -> str:
        """Return the node key a reference means: `code@edition`, or the code alone where there is no edition."""
        code, edition = split_edition(reference)
        found = edition if edition is not None else self.newest(code)
        return f"{code}@{found}" if found else code


@dataclass(slots=True)
class Occupations:
    """Occupation fit (`scoring.md` §1): equal 1, same small group, same middle group, else 0; crosswalk between editions."""

    rules: CommonRules
    editions: Editions
    names: Mapping[Occupation, str]
    crosswalk: Mapping[Occupation, tuple[tuple[Occupation, Evidence], ...]]
    _known: frozenset[Occupation] = frozenset()
    _fits: dict[tuple[Occupation, Occupation], float | None] = field(default_factory=dict)
    _resolved: dict[str, Occupation] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._known = frozenset(
            Occupation(_cut(code), edition)
            for code, editions in self.editions.listed.items()
            for edition in editions
        )

    def resolve(self, reference: str) -> Occupation:
        """Return what a reference means: a bare code is the newest edition that lists it; a fifth part is cut."""
        found = self._resolved.get(reference)
        if found is None:
            code, edition = split_edition(reference)
            if edition is None:
                edition = self.editions.newest(code)
                if edition is None:
                    edition = self.editions.newest(_cut(code)) or ""
            found = self._resolved[reference] = Occupation(_cut(code), edition)
        return found

    def name(self, occupation: Occupation) -> str:
        """Return the Chinese name, else the code."""
        return self.names.get(occupation, occupation.code)

    def fit(self, first: Occupation, second: Occupation) -> float | None:
        """Return how well two occupations fit, 0..1, symmetric; None when it cannot be known."""
        pair = (first, second)
        if pair not in self._fits:
            self._fits[pair] = self._fits[second, first] = self._fit(first, second)
        return self._fits[pair]

    def _fit(self, first: Occupation, second: Occupation) -> float | None:
        if first == second:
            return 1.0
        if first not in self._known or second not in self._known:
            return None
        if first.edition == second.edition:
            return self._within(first.code, second.code)
        return max((fit for fit, _ in self._walks(first, second)), default=None)

    def walked(self, first: Occupation, second: Occupation) -> Evidence | None:
        """Return the crosswalk row by which two editions meet best; None inside one edition, or where none leads over."""
        found = self._walks(first, second) if first.edition != second.edition else []
        return max(found, key=lambda walk: walk[0])[1] if found else None

    def _walks(self, first: Occupation, second: Occupation) -> list[tuple[float, Evidence]]:
        """Return the fit by each crosswalk row between two editions, read in either direction."""
        return [
            (self._within(target.code, end.code), edge)
            for start, end in ((first, second), (second, first))
            for target, edge in self.crosswalk.get(start, ())
            if target.edition == end.edition
        ]

    def _within(self, first: str, second: str) -> float:
        ours, theirs = first.split("-"), second.split("-")
        if ours == theirs:
            return 1.0
        if len(ours) >= 3 and ours[:3] == theirs[:3]:
            return self.rules.fit_small_group
        return self.rules.fit_middle_group if len(ours) >= 2 and ours[:2] == theirs[:2] else 0.0


def _cut(code: str) -> str:
    return "-".join(code.split("-")[:4])


@dataclass(slots=True)
class Skills:
    """Skill names and similarity (`scoring.md` §1). A skill's id is its folded name; an unlisted one is its folded text."""

    rules: CommonRules
    names: Mapping[str, str]
    aliases: Mapping[str, str]
    relations: Mapping[str, Mapping[str, tuple[float, Evidence]]]
    _similar: dict[str, dict[str, float]] = field(default_factory=dict)

    def resolve(self, text: str) -> str:
        """Return the skill id of a name, an alias (a name wins over an alias), or of a text that no table lists."""
        folded = fold(text)
        return folded if folded in self.names else self.aliases.get(folded, folded)

    def label(self, skill: str) -> str:
        """Return the name as its table spells it."""
        return self.names.get(skill, skill)

    def similar(self, skill: str) -> Mapping[str, float]:
        """Return every skill of similarity above 0 with it, itself included at 1."""
        found = self._similar.get(skill)
        if found is None:
            found = {skill: 1.0}
            edge = {skill: 1.0}
            for _ in range(self.rules.skill_hops):
                reached: dict[str, float] = {}
                for near, strength in edge.items():
                    for far, (step, _evidence) in self.relations.get(near, {}).items():
                        reached[far] = max(reached.get(far, 0.0), strength * step)
                for far, strength in reached.items():
                    found[far] = max(found.get(far, 0.0), strength)
                edge = reached
            self._similar[skill] = found = {name: value for name, value in found.items() if value > 0}
        return found

    def similarity(self, first: str, second: str) -> float:
        """1 if the same, else the largest product of strengths over at most two relations, undirected, else 0."""
        return self.similar(first).get(second, 0.0)

    def steps(self, first: str, second: str) -> tuple[Evidence, ...]:
        """Return the relations on the best way between two skills (empty if the same or unrelated)."""
        if first == second or self.similarity(first, second) == 0:
            return ()
        direct = self.relations.get(first, {}).get(second)
        if direct is not None and math.isclose(direct[0], self.similarity(first, second)):
            return (direct[1],)
        best: tuple[float, str] | None = None
        for middle, (strength, _) in sorted(self.relations.get(first, {}).items()):
            onward = self.relations.get(middle, {}).get(second)
            if onward is not None and (best is None or strength * onward[0] > best[0]):
                best = (strength * onward[0], middle)
        if best is None:
            return ()
        return self.relations[first][best[1]][1], self.relations[best[1]][second][1]


@dataclass(frozen=True, slots=True)
class Trip:
    """One way between two districts: hours, and the row that says so (None when computed from coordinates)."""

    hours: float
    evidence: Evidence | None


_MOST_WAYS_KEPT = 100_000


class _Unseen:
    """Stands for a way that was never asked for (None is a way that is unknown)."""


_UNSEEN = _Unseen()


@dataclass(slots=True)
class Travel:
    """Travel times between districts (`scoring.md` §1)."""

    rules: CommonRules
    listed: frozenset[str]
    coordinates: Mapping[str, tuple[float, float]]
    times: Mapping[tuple[str, str], tuple[float, RowId]]
    names: Mapping[str, str]
    _ways: dict[tuple[str, str], Trip | None] = field(default_factory=dict)

    def one_way(self, start: str | None, end: str | None) -> Trip | None:
        """Return the way from one district to another; None when unknown."""
        if start is None or end is None:
            return None
        way = (start, end)
        found = self._ways.get(way, _UNSEEN)
        if isinstance(found, _Unseen):
            if len(self._ways) >= _MOST_WAYS_KEPT:
                self._ways.clear()
            found = self._ways[way] = self._one_way(start, end)
        return found

    def _one_way(self, start: str, end: str) -> Trip | None:
        for pair in ((start, end), (end, start)):
            found = self.times.get(pair)
            if found is not None:
                link = Link(NodeRef("district", pair[0]), "travel_times", NodeRef("district", pair[1]))
                return Trip(found[0], Evidence.of(found[1], link))
        if start == end and start in self.listed:
            return Trip(self.rules.travel_inside_district, None)
        ours, theirs = self.coordinates.get(start), self.coordinates.get(end)
        if ours is None or theirs is None:
            return None
        kilometres = haversine(ours, theirs, self.rules.earth_radius_km) * self.rules.detour
        return Trip(kilometres / self.rules.speed_kmh, None)

    def round_trip(self, start: str | None, end: str | None) -> float | None:
        """Return hours there and back; None when unknown."""
        there, back = self.one_way(start, end), self.one_way(end, start)
        return None if there is None or back is None else there.hours + back.hours

    def name(self, code: str | None) -> str:
        """Return the district's name, else its code, called one."""
        return self.names.get(code, f"区划 {code}") if code else "未知区县"


def haversine(first: tuple[float, float], second: tuple[float, float], radius: float) -> float:
    """Return the great-circle distance of two (longitude, latitude) points in degrees, in the unit of `radius`."""
    (x1, y1), (x2, y2) = (tuple(map(math.radians, point)) for point in (first, second))
    h = math.sin((y2 - y1) / 2) ** 2 + math.cos(y1) * math.cos(y2) * math.sin((x2 - x1) / 2) ** 2
    return 2 * radius * math.asin(min(1.0, math.sqrt(h)))


@dataclass(frozen=True, slots=True)
class Organisation:
    """An enterprise or a school as both questions need it."""

    code: str
    kind: str
    name: str
    aliases: tuple[str, ...]
    district: str | None
    row: RowId

    @property
    def ref(self) -> NodeRef:
        """The node."""
        return NodeRef(self.kind, self.code)


@dataclass(slots=True)
class Organisations:
    """Enterprises and schools by credit code and by full name; references may be either."""

    by_code: Mapping[str, Organisation]
    by_name: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, found: Iterable[Organisation]) -> "Organisations":
        """Index organisations by code and folded full name."""
        by_code = {organisation.code: organisation for organisation in found}
        by_name: dict[str, list[str]] = {}
        for organisation in by_code.values():
            by_name.setdefault(fold_name(organisation.name), []).append(organisation.code)
        return cls(by_code, {name: tuple(sorted(codes)) for name, codes in by_name.items()})

    def resolve(self, reference: str | None) -> str | None:
        """Return the credit code a reference means, or its folded text when it is not known (yet)."""
        if reference is None or reference in self.by_code:
            return reference
        folded = fold_name(reference)
        codes = self.by_name.get(folded, ())
        return codes[0] if len(codes) == 1 else folded

    def name(self, code: str | None) -> str:
        """Return the full name, else the code as it stands."""
        if code is None:
            return "未知单位"
        found = self.by_code.get(code)
        return found.name if found else code


@dataclass(frozen=True, slots=True)
class ControlLink:
    """A row by which `parent` controls `child` in a period (share at least one half, or administrative)."""

    parent: str
    child: str
    start: date | None
    end: date | None
    evidence: Evidence


_MOST_DAYS_KEPT = 8


@dataclass(slots=True)
class Control:
    """Who is affiliated with whom on a day (`scoring.md` §1)."""

    rules: CommonRules
    links: tuple[ControlLink, ...]
    _up: dict[date, dict[str, list[ControlLink]]] = field(default_factory=dict)
    _affiliates: dict[tuple[str, date], frozenset[str]] = field(default_factory=dict)

    def affiliation(self, first: str, second: str, day: date) -> tuple[Evidence, ...] | None:
        """Return the control links that join two organisations on that day, () if they are one, None if unaffiliated."""
        if first == second:
            return ()
        up = self._parents(day)
        ours, theirs = self._ancestors(first, up), self._ancestors(second, up)
        joined = [
            (len(ours[top]) + len(theirs[top]), top, (*ours[top], *theirs[top]))
            for top in sorted(set(ours) & set(theirs))
        ]
        best = min(joined, default=None, key=lambda found: found[:2])
        return best[2] if best is not None and best[0] <= self.rules.control_links else None

    def affiliates(self, code: str, day: date) -> frozenset[str]:
        """Return every organisation affiliated with this one on that day, itself included."""
        found = self._affiliates.get((code, day))
        if found is None:
            up = self._parents(day)
            down: dict[str, list[str]] = {}
            for child, links in up.items():
                for link in links:
                    down.setdefault(link.parent, []).append(child)
            reached = {code}
            for top, way in self._ancestors(code, up).items():
                edge = {top}
                reached.add(top)
                for _ in range(self.rules.control_links - len(way)):
                    edge = {child for parent in edge for child in down.get(parent, ())}
                    reached |= edge
            if len(self._affiliates) >= _MOST_DAYS_KEPT * 64:
                self._affiliates.clear()
            found = self._affiliates[code, day] = frozenset(reached)
        return found

    def _parents(self, day: date) -> dict[str, list[ControlLink]]:
        """Return the links valid on a day by the organisation that is controlled, parents in order."""
        found = self._up.get(day)
        if found is None:
            found = {}
            for link in self.links:
                if (link.start is None or link.start <= day) and (link.end is None or day <= link.end):
                    found.setdefault(link.child, []).append(link)
            for links in found.values():
                links.sort(key=lambda link: link.parent)
            if len(self._up) >= _MOST_DAYS_KEPT:
                self._up.clear()
            self._up[day] = found
        return found

    def _ancestors(self, start: str, up: Mapping[str, list[ControlLink]]) -> dict[str, tuple[Evidence, ...]]:
        found: dict[str, tuple[Evidence, ...]] = {start: ()}
        edge = [start]
        for _ in range(self.rules.control_links):
            reached: list[str] = []
            for child in edge:
                for link in up.get(child, ()):
                    if link.parent not in found:
                        found[link.parent] = (*found[child], link.evidence)
                        reached.append(link.parent)
            edge = reached
        return found
