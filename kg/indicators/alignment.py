"""专业-产业匹配度: the share of seats whose major leads to an occupation that the priority chains ask for; and what-if.

The published figures of other cities give no definition; this one is ours and is told with every answer: a cohort is
aligned when one of its major's occupations fits (same small group or nearer) a valid post of an enterprise in a chain
that is a priority on the day.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal

from kg.index.cooperation.entities import Demand, Major, Offering
from kg.index.lookups import Occupation
from kg.index.world import World
from kg.model.graph import NodeRef

DEFINITION: Final = (
    "在校名额中，其专业面向的职业与优先产业链企业有效岗位同小类或更近的，占全部名额的比例（口径为本系统自定）"
)
NEAR: Final = 0.7
"""Least occupation fit that counts: the same small group (`scoring.md` §1)."""

Action = Literal["add", "grow", "close"]


@dataclass(frozen=True, slots=True)
class MajorChange:
    """One change to the plan of majors: add a cohort, grow one by a number of seats, or close one.

    `major` is `code@edition`, `school` a credit code; `students` the seats added (add, grow), ignored by close.
    """

    action: Action
    major: str
    school: str
    students: int = 0


@dataclass(frozen=True, slots=True)
class MajorLine:
    """One major: seats of its cohorts in the year, whether it is aligned, and the posts that its occupations fit."""

    major: Major
    seats: int
    schools: int
    posts: int
    aligned: bool


@dataclass(frozen=True, slots=True)
class Alignment:
    """Seats, aligned seats, majors, and the priority occupations for which no major trains."""

    seats: int
    aligned: int
    majors: tuple[MajorLine, ...]
    uncovered: tuple[tuple[Occupation, int], ...]

    @property
    def share(self) -> float | None:
        """Aligned seats over all seats; None without seats."""
        return self.aligned / self.seats if self.seats else None


def is_current(offering: Offering, year: int) -> bool:
    """True when the cohort studies in the school year `year`; unknown intake or length is taken to be current."""
    if offering.intake_year is None or offering.years is None:
        return True
    return offering.intake_year <= year < offering.intake_year + -(-offering.years // 1)


def align(
    world: World,
    *,
    day: date,
    year: int,
    district: str | None = None,
    school: str | None = None,
    changes: Sequence[MajorChange] = (),
    may_tell: Callable[[Offering | Demand], bool] = lambda _: True,
) -> Alignment:
    """Return the alignment of the cohorts of a year (of one district's or one school's, if given) after the changes.

    Cohorts and posts that `may_tell` refuses count nowhere: who may not see a row is not told it inside a sum either.
    """
    wanted = priority_posts(world, day, may_tell)
    offerings = _changed(
        [
            offering
            for offering in world.cooperation.offerings.values()
            if is_current(offering, year)
            and _inside(world, offering.school, district, school)
            and may_tell(offering)
        ],
        changes,
    )
    seats: dict[str, int] = {}
    schools: dict[str, set[str]] = {}
    for offering in offerings:
        seats[offering.major] = seats.get(offering.major, 0) + (offering.students or 0)
        schools.setdefault(offering.major, set()).add(offering.school)
    lines = [
        _line(world, world.cooperation.major(key), seats[key], len(schools[key]), wanted)
        for key in sorted(seats)
        if seats[key] > 0
    ]
    lines.sort(key=lambda line: (-line.seats, line.major.key))
    return Alignment(
        seats=sum(line.seats for line in lines),
        aligned=sum(line.seats for line in lines if line.aligned),
        majors=tuple(lines),
        uncovered=_uncovered(world, lines, wanted),
    )


def priority_posts(
    world: World, day: date, may_tell: Callable[[Offering | Demand], bool]
) -> Mapping[Occupation, int]:
    """Return how many posts of each occupation the enterprises of priority chains have open on the day, as far as told."""
    chains = {key for key, chain in world.cooperation.chains.items() if chain.is_priority(day)}
    found: dict[Occupation, int] = {}
    for demand in world.cooperation.demands.values():
        firm = world.cooperation.enterprise(demand.enterprise)
        if valid_on(demand, day) and chains.intersection(firm.chains or ()) and may_tell(demand):
            found[demand.occupation] = found.get(demand.occupation, 0) + (demand.count or 0)
    return found


def valid_on(demand: Demand, day: date) -> bool:
    """True when a post is open on the day as far as its period tells."""
    return (demand.valid_from is None or demand.valid_from <= day) and (
        demand.valid_to is None or day <= demand.valid_to
    )


def _inside(world: World, code: str, district: str | None, school: str | None) -> bool:
    if school is not None and code != school:
        return False
    return district is None or world.cooperation.school(code).district == district


def _changed(offerings: list[Offering], changes: Iterable[MajorChange]) -> list[Offering]:
    for number, change in enumerate(changes):
        if change.action == "close":
            offerings = [one for one in offerings if (one.major, one.school) != (change.major, change.school)]
            continue
        place = next(
            (
                n
                for n, one in enumerate(offerings)
                if (one.major, one.school) == (change.major, change.school)
            ),
            None,
        )
        if change.action == "grow" and place is not None:
            held = offerings[place]
            offerings[place] = replace(held, students=max(0, (held.students or 0) + change.students))
        else:
            offerings = [*offerings, _new(change, number)]
    return offerings


def _new(change: MajorChange, number: int) -> Offering:
    name = f"what-if-{number + 1}"
    return Offering(
        id=name,
        ref=NodeRef("offering", name),
        school=change.school,
        major=change.major,
        students=change.students,
    )


def _line(
    world: World, major: Major, seats: int, schools: int, wanted: Mapping[Occupation, int]
) -> MajorLine:
    near = [
        count
        for occupation, count in wanted.items()
        if any((world.occupations.fit(one.occupation, occupation) or 0) >= NEAR for one in major.occupations)
    ]
    return MajorLine(major, seats, schools, sum(near), bool(near))


def _uncovered(
    world: World, lines: Sequence[MajorLine], wanted: Mapping[Occupation, int]
) -> tuple[tuple[Occupation, int], ...]:
    taught = {one.occupation for line in lines for one in line.major.occupations}
    missing = [
        (occupation, count)
        for occupation, count in wanted.items()
        if not any((world.occupations.fit(one, occupation) or 0) >= NEAR for one in taught)
    ]
    return tuple(sorted(missing, key=lambda pair: (-pair[1], pair[0])))
