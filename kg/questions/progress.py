"""目标任务: how many certificates were aimed at, and how many were issued (金蓝领 and the like)."""

from collections.abc import Iterable, Sequence
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


def told_actuals(found: Sequence[TargetProgress], least: int) -> dict[str, int]:
    """Return the actual counts that may be told below officer: none under `least`, nor what gives such a one away.

    A wider target less the narrower ones told beside it must leave nothing, or `least` people.
    """
    told = {one.key: one.actual for one in found if one.actual >= least}
    changed = True
    while changed:
        changed = False
        for wide in found:
            for part in ("occupation", "level", "district"):
                inside = [one for one in found if _narrows(one, wide, part)]
                rest = wide.actual - sum(told.get(one.key, 0) for one in inside)
                if wide.key in told and rest < least and any(one.key not in told for one in inside):
                    shown = sorted((one.actual, one.key) for one in inside if one.key in told)
                    del told[shown[0][1] if shown else wide.key]
                    changed = True
    return told


def _narrows(one: TargetProgress, wide: TargetProgress, part: str) -> bool:
    """True when a target says of one part what the other leaves open, and the same of the rest."""
    parts = ("occupation", "level", "district")
    return (
        one.year == wide.year
        and getattr(wide, part) is None
        and getattr(one, part) is not None
        and all(getattr(one, name) == getattr(wide, name) for name in parts if name != part)
    )


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
