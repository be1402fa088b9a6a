"""Schools among themselves: from a technician school to a college, and members of an alliance that complete each other."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date

from kg.index.cooperation.entities import Demand, Offering
from kg.index.lookups import Occupation
from kg.index.world import World

NEAR = 0.7
MayTell = Callable[[Offering | Demand], bool]
"""Whether whoever asks may know of a cohort or a post; what he may not know of is no part of an answer."""


@dataclass(frozen=True, slots=True)
class Pathway:
    """A way on: a cohort at the feeder, one at the next school that leads higher, how near their trades, and the road."""

    feeder: Offering
    onward: Offering
    fit: float
    hours: float | None
    dual: bool


@dataclass(frozen=True, slots=True)
class Completion:
    """A school that would complete an alliance: which wanted occupations only it teaches, and their posts."""

    school: str
    occupations: tuple[Occupation, ...]
    posts: int


@dataclass(frozen=True, slots=True)
class Pair:
    """A school and an enterprise of one alliance: what the one teaches and the other wants, and the posts of it."""

    school: str
    enterprise: str
    occupations: tuple[Occupation, ...]
    posts: int


def occupations_of(world: World, offering: Offering) -> list[Occupation]:
    """Return the occupations that the major of a cohort leads to."""
    return [one.occupation for one in world.cooperation.major(offering.major).occupations]


def best_fit(world: World, first: Collection[Occupation], second: Collection[Occupation]) -> float:
    """Return the best occupation fit between two sets, 0 where none is known."""
    return max((world.occupations.fit(one, other) or 0.0 for one in first for other in second), default=0.0)


def pathways(world: World, school: str, dual: Collection[str], *, k: int, may_tell: MayTell) -> list[Pathway]:
    """Return ways on from the cohorts of a school: higher exit level, nearest trade, then the shorter road.

    `dual` holds the offerings whose graduates get both diplomas.
    """
    found: list[Pathway] = []
    own = filter(may_tell, world.cooperation.offerings_of.get(school, ()))
    others = [
        one
        for one in world.cooperation.offerings.values()
        if one.school != school and one.exit_level and may_tell(one)
    ]
    for feeder in own:
        trades = occupations_of(world, feeder)
        for onward in others:
            if (
                feeder.exit_level is None
                or onward.exit_level is None
                or onward.exit_level <= feeder.exit_level
            ):
                continue
            fit = best_fit(world, trades, occupations_of(world, onward))
            if fit >= NEAR:
                found.append(
                    Pathway(feeder, onward, fit, _hours(world, school, onward.school), onward.id in dual)
                )
    found.sort(key=lambda one: (-one.fit, one.hours is None, one.hours or 0, one.feeder.id, one.onward.id))
    return found[:k]


def pairs(world: World, members: Collection[str], day: date, may_tell: MayTell) -> list[Pair]:
    """Return which members complete each other: a school teaches what an enterprise wants, most posts first."""
    schools = sorted(code for code in members if code in world.cooperation.schools)
    found: list[Pair] = []
    for enterprise in sorted(code for code in members if code in world.cooperation.enterprises):
        wanted = wanted_by(world, [enterprise], day, may_tell)
        for school in schools:
            taught = _taught(world, school, may_tell)
            met = tuple(sorted(one for one in wanted if best_fit(world, [one], taught) >= NEAR))
            if met:
                found.append(Pair(school, enterprise, met, sum(wanted[one] for one in met)))
    found.sort(key=lambda one: (-one.posts, -len(one.occupations), one.school, one.enterprise))
    return found


def _taught(world: World, school: str, may_tell: MayTell) -> set[Occupation]:
    return {
        occupation
        for offering in filter(may_tell, world.cooperation.offerings_of.get(school, ()))
        for occupation in occupations_of(world, offering)
    }


def completions(
    world: World, members: Collection[str], wanted: dict[Occupation, int], *, k: int, may_tell: MayTell
) -> list[Completion]:
    """Return schools outside an alliance that teach what its enterprises want and no member teaches."""
    taught = {occupation for member in members for occupation in _taught(world, member, may_tell)}
    open_wishes = {one: posts for one, posts in wanted.items() if best_fit(world, [one], taught) < NEAR}
    found: list[Completion] = []
    for school in sorted(world.cooperation.schools):
        if school in members:
            continue
        offered = _taught(world, school, may_tell)
        closed = tuple(sorted(one for one in open_wishes if best_fit(world, [one], offered) >= NEAR))
        if closed:
            found.append(Completion(school, closed, sum(open_wishes[one] for one in closed)))
    found.sort(key=lambda one: (-one.posts, -len(one.occupations), one.school))
    return found[:k]


def wanted_by(
    world: World, enterprises: Collection[str], day: date, may_tell: MayTell
) -> dict[Occupation, int]:
    """Return the posts by occupation that these enterprises have open on the day."""
    found: dict[Occupation, int] = {}
    for enterprise in sorted(enterprises):
        for demand in filter(may_tell, world.cooperation.demands_of.get(enterprise, ())):
            begins, ends = demand.valid_from, demand.valid_to
            if (begins is None or begins <= day) and (ends is None or day <= ends):
                found[demand.occupation] = found.get(demand.occupation, 0) + (demand.count or 0)
    return found


def _hours(world: World, start: str, end: str) -> float | None:
    first, second = world.cooperation.school(start).district, world.cooperation.school(end).district
    if first is None or second is None:
        return None
    trip = world.travel.one_way(first, second)
    return None if trip is None else trip.hours
