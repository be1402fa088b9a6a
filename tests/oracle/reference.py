"""Shared definitions: occupation fit, skill similarity and cover, travel, decay, control."""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from math import asin, cos, radians, sin, sqrt
from typing import TypeAlias

from tests.oracle.world import (
    FAIL,
    PASS,
    SLACK,
    UNKNOWN,
    Row,
    Status,
    World,
    day,
    fold,
    holds,
    is_masked,
    items,
    number,
    skill_items,
    table_view,
    text,
)

Number: TypeAlias = Fraction | float
Code: TypeAlias = tuple[str, str]
"""Code without its fifth part, and edition ("" where none is known)."""
Held: TypeAlias = tuple[str, Fraction, Fraction]
"""A skill that is held: canonical name, level, share that its basis counts."""

FIT_SMALL_GROUP = Fraction(7, 10)
FIT_MIDDLE_GROUP = Fraction(4, 10)
EARTH_RADIUS_KM = 6371
DETOUR = 1.3
SPEED_KMH = 60
SAME_DISTRICT_HOURS = Fraction(1, 2)
CONTROL_SHARE = Fraction(1, 2)
AFFILIATION_LINKS = 3


def cut(code: str) -> str:
    """A code without its fifth part."""
    return "-".join(code.split("-")[:4])


class Occupations:
    """Occupations by (code, edition), and the crosswalk between editions."""

    def __init__(self, world: World) -> None:
        self.listed: set[Code] = set()
        self.editions: dict[str, set[str]] = {}
        for row in table_view(world, "occupations"):
            code, edition = str(row["code"]), text(row, "edition") or ""
            self.listed.add((cut(code), edition))
            for spelling in {code, cut(code)}:
                self.editions.setdefault(spelling, set()).add(edition)
        self.links: list[tuple[Code, Code]] = []
        for row in table_view(world, "occupation_crosswalk"):
            old = (cut(str(row["from_code"])), str(row["from_edition"]))
            new = (cut(str(row["to_code"])), str(row["to_edition"]))
            self.links += [(old, new), (new, old)]

    def resolve(self, reference: str) -> Code:
        """``code@edition``, or a bare code in the newest edition that lists it."""
        code, sign, edition = reference.partition("@")
        if not sign:
            known = self.editions.get(code) or self.editions.get(cut(code)) or {""}
            edition = max(known)
        return cut(code), edition

    def fit(self, one: str, other: str) -> Fraction | None:
        """1, .7, .4 or 0 for two references; ``None`` if unknown."""
        left, right = self.resolve(one), self.resolve(other)
        if left == right:
            return Fraction(1)
        if left[1] == right[1]:
            return self._same_edition(left, right)
        moved = [(to, right) for start, to in self.links if start == left and to[1] == right[1]]
        moved += [(left, to) for start, to in self.links if start == right and to[1] == left[1]]
        found = [fit for pair in moved if (fit := self._same_edition(*pair)) is not None]
        return max(found, default=None)

    def _same_edition(self, left: Code, right: Code) -> Fraction | None:
        if left == right:
            return Fraction(1)
        if left not in self.listed or right not in self.listed:
            return None
        a, b = left[0].split("-"), right[0].split("-")
        if a[:3] == b[:3] and len(a) > 2:
            return FIT_SMALL_GROUP
        return FIT_MIDDLE_GROUP if a[:2] == b[:2] else Fraction(0)

    def fits(self, ones: Iterable[str], others: Iterable[str]) -> list[Fraction | None]:
        """The fit of every pair."""
        rights = list(others)
        return [self.fit(one, other) for one in ones for other in rights]


def reaches(fits: Iterable[Fraction | None], least: Fraction) -> Status:
    """Whether one of several fits reaches a value: one of."""
    found = list(fits)
    if any(fit is not None and fit >= least - SLACK for fit in found):
        return PASS
    return UNKNOWN if None in found else FAIL


def best_known(fits: Iterable[Fraction | None]) -> Fraction | None:
    """The best of the known fits, ``None`` if none is known."""
    return max((fit for fit in fits if fit is not None), default=None)


class Skills:
    """Names, aliases and relations of skills; tags resolve in the same way."""

    def __init__(self, world: World) -> None:
        rows = table_view(world, "skills")
        self.names = {fold(str(row["name"])) for row in rows}
        self.aliases: dict[str, str] = {}
        for row in rows:
            for alias in items(row, "aliases"):
                self.aliases.setdefault(fold(alias), fold(str(row["name"])))
        self.strength: dict[str, dict[str, Fraction]] = {}
        for row in table_view(world, "skill_relations"):
            value = number(row, "strength")
            one, other = self.resolve(str(row["skill"])), self.resolve(str(row["related"]))
            for a, b in ((one, other), (other, one)):
                linked = self.strength.setdefault(a, {})
                linked[b] = max(linked.get(b, Fraction(0)), value or Fraction(0))

    def resolve(self, name: str) -> str:
        """The canonical name; a name wins over an alias, else the folded text itself."""
        folded = fold(name)
        return folded if folded in self.names else self.aliases.get(folded, folded)

    def similarity(self, one: str, other: str) -> Fraction:
        """1 if the same, else the largest product of strengths over one or two relations."""
        if one == other:
            return Fraction(1)
        near = self.strength.get(one, {})
        found = [near.get(other, Fraction(0))]
        found += [s * self.strength.get(middle, {}).get(other, Fraction(0)) for middle, s in near.items()]
        return max(found)

    def cover_one(self, name: str, grade: Fraction, held: list[Held]) -> Fraction:
        """How far one wanted skill is covered, 0..1."""
        wanted = self.resolve(name)
        return max(
            (self.similarity(wanted, own) * min(Fraction(1), l_ * beta / grade) for own, l_, beta in held),
            default=Fraction(0),
        )

    def course_skills(self, row: Row) -> list[Held]:
        """The skills of an offering; what a school teaches counts as certified."""
        return [(self.resolve(name), grade, Fraction(1)) for name, grade, _ in skill_items(row, "skills")]

    def share(self, wanted: list[str], found: Iterable[str]) -> Fraction:
        """The share of the wanted tags that are among the found ones."""
        have = {self.resolve(tag) for tag in found}
        return Fraction(sum(self.resolve(tag) in have for tag in wanted), len(wanted))


class Travel:
    """Hours of one way between districts."""

    def __init__(self, world: World) -> None:
        self.hours: dict[tuple[str, str], Fraction] = {}
        for row in table_view(world, "travel_times"):
            value = number(row, "hours")
            if value is not None:
                self.hours[str(row["from_district"]), str(row["to_district"])] = value
        self.places = {str(row["code"]): row for row in table_view(world, "districts")}

    def one_way(self, start: str | None, end: str | None) -> Number | None:
        """Hours from start to end, ``None`` if unknown."""
        if start is None or end is None:
            return None
        for pair in ((start, end), (end, start)):
            if pair in self.hours:
                return self.hours[pair]
        if start == end:
            return SAME_DISTRICT_HOURS if start in self.places else None
        return self._by_air(start, end)

    def round_trip(self, start: str | None, end: str | None) -> Number | None:
        """Hours there and back, ``None`` if unknown."""
        there, back = self.one_way(start, end), self.one_way(end, start)
        return None if there is None or back is None else there + back

    def _by_air(self, start: str, end: str) -> float | None:
        points = [self._point(code) for code in (start, end)]
        if points[0] is None or points[1] is None:
            return None
        (lon1, lat1), (lon2, lat2) = points[0], points[1]
        half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
        return 2 * EARTH_RADIUS_KM * asin(sqrt(half)) * DETOUR / SPEED_KMH

    def _point(self, code: str) -> tuple[float, float] | None:
        row = self.places.get(code, {})
        lon, lat = number(row, "longitude"), number(row, "latitude")
        return None if lon is None or lat is None else (radians(lon), radians(lat))


class Ownership:
    """Who controls whom on a day."""

    def __init__(self, world: World) -> None:
        self.rows = table_view(world, "ownerships")

    def affiliated(self, one: str, other: str, on: date) -> bool:
        """Equal, or joined by at most three control links that go up and then down."""
        links = [(str(r["parent"]), str(r["child"])) for r in self.rows if holds(r, on) and _controls(r)]
        above = {(one, 0)}
        for steps in range(AFFILIATION_LINKS):
            tops = {org for org, taken in above if taken == steps}
            above |= {(parent, steps + 1) for parent, child in links if child in tops}
        return any(_below(links, org, other, AFFILIATION_LINKS - taken) for org, taken in above)


def _controls(row: Row) -> bool:
    share = number(row, "share")
    return share >= CONTROL_SHARE - SLACK if share is not None else not is_masked(row, "share")


def _below(links: list[tuple[str, str]], top: str, sought: str, steps: int) -> bool:
    """Whether ``sought`` is ``top`` or at most ``steps`` links under it."""
    reached = {top}
    for _ in range(steps):
        reached |= {child for parent, child in links if parent in reached}
    return sought in reached


def decay(happened: date, on: date, half_life_years: int) -> float:
    """How much an event still counts, 0..1."""
    return float(0.5 ** ((on - happened).days / 365.25 / half_life_years))


def success_rate(events: list[tuple[date, Number, Number]], on: date, half_life: int) -> float | None:
    """``(r + 2) / (n + 4)`` over events (day, weight n, success r); ``None`` without event."""
    past = [event for event in events if event[0] <= on]
    if not past:
        return None
    n = sum(float(weight) * decay(when, on, half_life) for when, weight, _ in past)
    r = sum(float(success) * decay(when, on, half_life) for when, _, success in past)
    return (r + 2) / (n + 4)


def outcome_events(rows: list[Row]) -> list[tuple[date, Row, bool]]:
    """Ended rows (完成/终止) with an outcome: end day (absent: start), row, success."""
    found = []
    for row in rows:
        outcome, ended = text(row, "outcome"), day(row, "valid_to") or day(row, "valid_from")
        if text(row, "status") in {"完成", "终止"} and outcome is not None and ended is not None:
            found.append((ended, row, outcome == "成功"))
    return found
