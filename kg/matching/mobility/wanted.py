"""What one wanted occupation or skill finds among all talents: made once, kept with the arrays."""

from datetime import date
from typing import NamedTuple

import numpy as np

from kg.index.lookups import Occupation
from kg.index.parsing import WantedSkill
from kg.index.talents.columns import Floats, Ints
from kg.index.talents.facts import Need
from kg.index.world import World
from kg.matching.mobility.days import day_of, remember
from kg.matching.mobility.marks import FAIL, PASS, UNKNOWN, Marks
from kg.matching.quantities import SLACK
from kg.model.rules import Policy


class Fits(NamedTuple):
    """How every occupation of the arrays fits one wanted occupation: numbers with a fit above 0, numbers unknown."""

    numbers: tuple[int, ...]
    values: tuple[float, ...]
    unknown: tuple[int, ...]


def fits_of(world: World, wanted: Occupation) -> Fits:
    """Return the fits of one wanted occupation; number 0 (no occupation) is left out."""
    arrays = world.talents.arrays

    def make() -> Fits:
        resolve, fit = world.occupations.resolve, world.occupations.fit
        found = [
            (number, fit(wanted, resolve(word))) for number, word in enumerate(arrays.occupations) if number
        ]
        near = [(number, value) for number, value in found if value]
        return Fits(
            tuple(number for number, _ in near),
            tuple(value for _, value in near),
            tuple(number for number, value in found if value is None),
        )

    return remember(arrays, ("fits", wanted), make)


def fit_status(world: World, need: Need, least: float) -> Marks:
    """Return by occupation number whether it fits one of the need's occupations well enough; 0 (none) is unknown."""
    key = ("fit status", need.occupations, least)
    return remember(world.talents.arrays, key, lambda: _fit_status(world, need, least))


def _fit_status(world: World, need: Need, least: float) -> Marks:
    status = np.zeros(len(world.talents.arrays.occupations), dtype=np.int8)
    wanted = [fits_of(world, occupation) for occupation in need.occupations]
    for fits in wanted:
        status[list(fits.unknown)] = UNKNOWN
    for fits in wanted:
        near = [n for n, v in zip(fits.numbers, fits.values, strict=True) if v >= least - SLACK]
        status[near] = PASS
    status[0] = UNKNOWN
    return status


NOTHING_KNOWN, SKILLS_ONLY = 0, 1
"""Classes of trade whose fit is unknown: without and with rows of skills."""


class Trades(NamedTuple):
    """How the trades of every talent fit a need's occupations: `values[codes]`, nan in the two unknown classes."""

    values: Floats
    codes: Marks

    def spread(self, classes: Marks) -> Marks:
        """Return the marks of the classes laid out over all talents: `classes[codes]`, faster, for few do not fail."""
        found = np.full(len(self.codes), FAIL)
        for code in classes.nonzero()[0].tolist():
            found += (self.codes == code) * classes[code]
        return found


def trades_of(world: World, policy: Policy, as_of: date, wanted: tuple[Occupation, ...]) -> Trades:
    """Return the best known fit of each talent's valid proofs and declaration to one of the occupations."""
    arrays, day = world.talents.arrays, day_of(world, policy, as_of)

    def of(number: int) -> Ints:
        return day.trade_talent[day.trade_bounds[number] : day.trade_bounds[number + 1]]

    def make() -> Trades:
        fits = [fits_of(world, occupation) for occupation in wanted]
        near = [pair for found in fits for pair in zip(found.values, found.numbers, strict=True)]
        values = [0.0, *sorted({value for value, _ in near})]
        codes = np.where(arrays.held.has_rows, np.int8(SKILLS_ONLY), np.int8(NOTHING_KNOWN))
        for found in fits:
            told = day.trade_count.copy()
            for number in found.unknown:
                told[of(number)] -= 1
            codes[told > 0] = SKILLS_ONLY + 1
        for value, number in sorted(near):
            codes[of(number)] = SKILLS_ONLY + 1 + values.index(value)
        return Trades(np.array([np.nan, np.nan, *values]), codes)

    return remember(arrays, ("trades", as_of, policy.hash, wanted), make)


def holders_of(world: World, wanted: WantedSkill) -> tuple[Ints, Floats]:
    """Return who covers a wanted skill at that level above 0, each once, and how far."""
    held, count = world.talents.arrays.held, world.talents.arrays.count

    def make() -> tuple[Ints, Floats]:
        best = np.zeros(count)
        for skill, similarity in sorted(world.skills.similar(wanted.skill).items()):
            start, end = held.postings.bounds.get(skill, (0, 0))
            cover = similarity * np.minimum(1.0, held.strength[start:end] / wanted.level)
            np.maximum.at(best, held.postings.owner[start:end], cover)
        talents = np.flatnonzero(best > 0)  # of truth values an eighth of the time
        return talents.astype(np.int32), best[talents]

    return remember(world.talents.arrays, ("holders", wanted.skill, wanted.level), make)
