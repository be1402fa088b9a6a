"""目标任务: how many certificates were aimed at, and how many were issued (金蓝领 and the like)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np

from kg.index.views import View
from kg.index.world import World
from kg.vocab.levels import level_of


@dataclass(frozen=True, slots=True)
class TargetProgress:
    """One target beside what the registers show: `actual` counts people with such a proof begun in that year."""

    key: str
    name: str
    year: int
    occupation: str | None
    level: str | None
    district: str | None
    target: int
    actual: int


def progress(world: World, targets: Iterable[View], *, year: int | None = None) -> list[TargetProgress]:
    """Return every target (of one year, if given) with its actual count, oldest year first."""
    found = [
        TargetProgress(
            key=view.text("target_id") or "",
            name=view.text("name") or "",
            year=own,
            occupation=view.text("occupation"),
            level=view.text("level"),
            district=view.text("district"),
            target=view.whole("count") or 0,
            actual=_actual(world, view, own),
        )
        for view in targets
        if (own := view.whole("year")) is not None and year in {None, own}
    ]
    return sorted(found, key=lambda one: (one.year, one.key))


def _actual(world: World, view: View, year: int) -> int:
    """Count the people who got a certificate or appointment of that occupation and level in that year."""
    arrays = world.talents.arrays
    proofs = arrays.proofs
    holds = (proofs.first >= date(year, 1, 1).toordinal()) & (proofs.first <= date(year, 12, 31).toordinal())
    reference, label = view.text("occupation"), view.text("level")
    if reference is not None:
        wanted = world.occupations.resolve(reference)
        numbers = [
            n
            for n, text in enumerate(arrays.occupations)
            if text and world.occupations.resolve(text) == wanted
        ]
        holds &= np.isin(proofs.occupation, numbers)
    if label is not None:
        level = level_of(label)
        holds &= proofs.level == (-1 if level is None else int(level))
    people = np.zeros(arrays.count, dtype=bool)
    people[proofs.talent[holds]] = True
    people &= world.talents.alive
    district = view.text("district")
    if district is not None:
        people &= arrays.persons.district == arrays.district_names.find(district)
    return int(people.sum())
