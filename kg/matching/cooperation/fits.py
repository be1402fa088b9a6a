"""Occupation fit of every major to every occupation in demand, as matrices; the same rule as `Occupations.fit`."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kg.index.cooperation.arrays import Bools, CooperationArrays, Floats, Ints
from kg.index.lookups import Occupation, Occupations
from kg.index.world import World


@dataclass(frozen=True, slots=True)
class MajorFits:
    """By major and occupation: weighted best, unweighted best (nan: none is known), and whether some fit is unknown."""

    occupations: Occupations
    value: Floats
    fit: Floats
    unknown: Bools


def major_fits(world: World, arrays: CooperationArrays) -> MajorFits:
    """Return the matrices of a generation, made at first use."""
    return world.cooperation.remembered("fits", id(world.occupations), lambda: _build(world, arrays), keep=1)


def _build(world: World, arrays: CooperationArrays) -> MajorFits:
    majors = [world.cooperation.major(key) for key in arrays.majors]
    leads = sorted({lead.occupation for major in majors for lead in major.occupations})
    place = {lead: number for number, lead in enumerate(leads)}
    fits = occupation_fits(world.occupations, leads, arrays.occupations)
    shape = (len(majors), len(arrays.occupations))
    value, fit = np.full(shape, np.nan), np.full(shape, np.nan)
    unknown = np.zeros(shape, dtype=np.bool_)
    for number, major in enumerate(majors):
        unknown[number] = not major.told
        for lead in major.occupations:
            own = fits[place[lead.occupation]]
            unknown[number] |= np.isnan(own)
            fit[number] = np.fmax(fit[number], own)
            value[number] = np.fmax(value[number], lead.weight * own)
    return MajorFits(world.occupations, value, fit, unknown)


def occupation_fits(
    occupations: Occupations, rows: Sequence[Occupation], columns: Sequence[Occupation]
) -> Floats:
    """Return the fit of each row's occupation to each column's; nan where it cannot be known."""
    numbers: dict[object, int] = {}
    ours, theirs = _coded(occupations, rows, numbers), _coded(occupations, columns, numbers)
    listed, edition, whole, small, middle = (
        (one[:, None], other[None, :]) for one, other in zip(ours, theirs, strict=True)
    )
    both = (listed[0] > 0) & (listed[1] > 0)
    same_edition = edition[0] == edition[1]
    rules = occupations.rules
    near = np.where(
        whole[0] == whole[1],
        1.0,
        np.where(
            small[0] == small[1],
            rules.fit_small_group,
            np.where(middle[0] == middle[1], rules.fit_middle_group, 0.0),
        ),
    )
    found = np.where(both & same_edition, near, np.nan)
    found[(whole[0] == whole[1]) & same_edition] = 1.0
    _cross(occupations, rows, columns, both & ~same_edition, found)
    return found


def _coded(
    occupations: Occupations, ones: Sequence[Occupation], numbers: dict[object, int]
) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Return listed or not, and numbers of edition, code, small group and middle group (-n: it has none)."""

    def number(key: object) -> int:
        return numbers.setdefault(key, len(numbers))

    known = {
        (_cut(code), edition)
        for code, editions in occupations.editions.listed.items()
        for edition in editions
    }
    columns: list[tuple[int, int, int, int, int]] = []
    for one in ones:
        parts = tuple(one.code.split("-"))
        columns.append((
            int((one.code, one.edition) in known),
            number(("edition", one.edition)),
            number(parts),
            number(("small", parts[:3])) if len(parts) >= 3 else -1 - number(object()),
            number(("middle", parts[:2])) if len(parts) >= 2 else -1 - number(object()),
        ))
    table = np.array(columns, dtype=np.int32).reshape(len(columns), 5)
    return table[:, 0], table[:, 1], table[:, 2], table[:, 3], table[:, 4]


def _cut(code: str) -> str:
    return "-".join(code.split("-")[:4])


def _cross(
    occupations: Occupations,
    rows: Sequence[Occupation],
    columns: Sequence[Occupation],
    wanted: Bools,
    found: Floats,
) -> None:
    """Fill in the pairs of two editions that a crosswalk row can join, one by one."""
    walks = occupations.crosswalk
    ours = np.array([one in walks for one in rows], dtype=np.bool_)
    theirs = np.array([one in walks for one in columns], dtype=np.bool_)
    for row, column in np.argwhere(wanted & (ours[:, None] | theirs[None, :])):
        fit = occupations.fit(rows[row], columns[column])
        if fit is not None:
            found[row, column] = fit
