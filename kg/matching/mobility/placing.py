"""Which rank an edited talent would have among all who are listed: by the arrays, and by the plain scorer where they are too close."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from kg.matching.mobility.nominate import Scored
from kg.matching.ranking import band_of
from kg.model.answers import Band, Match, Status
from kg.model.rules import CommonRules

_BLUR: Final = 1e-9
"""Scores of the arrays and of the plain scorer differ by less than this."""


@dataclass(frozen=True, slots=True)
class Rivals:
    """All who are listed: those of the arrays (`index` maps keys to places, `score_at` scores a place), and newer persons."""

    rules: CommonRules
    scored: Scored
    newer: Sequence[Match]
    index: Mapping[str, int]
    score_at: Callable[[int], float]

    def rank(self, band: Band, order: tuple[float, ...], entity: str) -> int:
        """Return 1 and how many others stand in a better band, or in this one with a higher rounded score."""
        (score,) = order
        return 1 + self._of_arrays(band, score, entity) + self._of_newer(band, score, entity)

    def _of_arrays(self, band: Band, score: float, entity: str) -> int:
        places, unsure, scores = self.scored.places, self.scored.unsure, self.scored.score
        full = self.scored.coverage >= self.rules.coverage_floor - 1e-9
        others = ~unsure & (places != self.index.get(entity, -1))
        # A score rounds above another rounded one from half a step on; what lies on that edge is scored plainly.
        edge = score + 0.5 * 10.0**-self.rules.tie_decimals
        same = others & (full if band is Band.RANKED else ~full)
        above = same & (scores > edge + _BLUR)
        if band is not Band.RANKED:
            above |= others & full
        close = places[same & (np.abs(scores - edge) <= _BLUR)].tolist()
        return int(np.count_nonzero(above)) + sum(
            self._rounded(self.score_at(place)) > score for place in close
        )

    def _rounded(self, score: float) -> float:
        return round(score, self.rules.tie_decimals)

    def _of_newer(self, band: Band, score: float, entity: str) -> int:
        found = 0
        for match in self.newer:
            if match.node.key == entity or match.status is not Status.PASS:
                continue
            theirs = band_of(match.coverage, self.rules.coverage_floor)
            same = theirs is band
            found += self._rounded(match.score) > score if same else theirs is Band.RANKED
        return found
