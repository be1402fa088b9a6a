"""Who could close a gap: open posts, qualified talents (counted), majors that train for the occupation, their schools."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from kg.index.cooperation.entities import Demand, Major, Offering
from kg.index.lookups import Occupation
from kg.index.talents.facts import Appointment, Certificate, Talent
from kg.index.world import World
from kg.indicators.alignment import NEAR, is_current, valid_on
from kg.vocab.levels import LEVEL_BY_LABEL, SkillLevel


@dataclass(frozen=True, slots=True)
class Closing:
    """What stands behind one cell; `talents` counts people with a valid proof of that occupation at that level or above."""

    posts: tuple[Demand, ...]
    talents: int
    majors: tuple[tuple[Major, float], ...]
    offerings: tuple[Offering, ...]


def closing(
    world: World, occupation: Occupation, *, level: str | None, district: str | None, day: date, year: int
) -> Closing:
    """Return what could close the gap of an occupation on a day; `level` and `district` narrow posts and talents."""
    rank = LEVEL_BY_LABEL.get(level or "")
    majors = _majors(world, occupation)
    keys = {major.key for major, _ in majors}
    return Closing(
        posts=tuple(
            demand
            for demand in world.cooperation.demands.values()
            if demand.occupation == occupation
            and valid_on(demand, day)
            and (rank is None or demand.level is None or demand.level == rank)
            and (district is None or world.cooperation.enterprise(demand.enterprise).district == district)
        ),
        talents=_talents(world, occupation, rank, district, day),
        majors=majors,
        offerings=tuple(
            sorted(
                (
                    one
                    for one in world.cooperation.offerings.values()
                    if one.major in keys and is_current(one, year)
                ),
                key=lambda one: (-(one.students or 0), one.id),
            )
        ),
    )


def _majors(world: World, occupation: Occupation) -> tuple[tuple[Major, float], ...]:
    """Return the majors with an occupation in the same small group or nearer, the best weight times fit first."""
    found: list[tuple[Major, float]] = []
    for major in world.cooperation.majors.values():
        fits = [
            one.weight * (world.occupations.fit(one.occupation, occupation) or 0) for one in major.occupations
            if (world.occupations.fit(one.occupation, occupation) or 0) >= NEAR
        ]  # fmt: skip
        if fits:
            found.append((major, max(fits)))
    return tuple(sorted(found, key=lambda pair: (-pair[1], pair[0].key)))


def _talents(
    world: World, occupation: Occupation, rank: SkillLevel | None, district: str | None, day: date
) -> int:
    """Count the people of the arrays, and those newer than the arrays one by one."""
    arrays = world.talents.arrays
    numbers = [
        number
        for number, text in enumerate(arrays.occupations)
        if text and world.occupations.resolve(text) == occupation
    ]
    proofs, today = arrays.proofs, day.toordinal()
    holds = np.isin(proofs.occupation, numbers) & (proofs.first <= today) & (today <= proofs.last)
    if rank is not None:
        holds &= proofs.level >= int(rank)
    people = np.zeros(arrays.count, dtype=bool)
    people[proofs.talent[holds]] = True
    people &= world.talents.alive
    if district is not None:
        people &= arrays.persons.district == arrays.district_names.find(district)
    newer = (talent for talent in world.talents.changed.values() if talent is not None)
    return int(people.sum()) + sum(
        (district is None or talent.district == district) and _qualifies(talent, occupation, rank, day)
        for talent in newer
    )


def _qualifies(talent: Talent, occupation: Occupation, rank: SkillLevel | None, day: date) -> bool:
    proofs: tuple[Certificate | Appointment, ...] = (*talent.certificates, *talent.appointments)
    return any(
        proof.occupation == occupation
        and proof.valid_on(day)
        and (rank is None or (proof.level is not None and proof.level >= rank))
        for proof in proofs
    )
