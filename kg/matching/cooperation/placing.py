"""Which rank an edited partner would have among all who are listed: bounds leave most aside, close ones are made in full."""

from dataclasses import dataclass
from dataclasses import field as default
from typing import Final

import numpy as np

from kg.index.cooperation.arrays import Floats, Ints
from kg.matching.cooperation.nominate import SLACK, Field
from kg.matching.cooperation.partners import (
    Ordering,
    Partner,
    entity_of,
    make_partner,
    order_of,
    spread,
)
from kg.matching.ranking import Candidate, place
from kg.model.answers import Band

_BANDS: Final = (Band.RANKED, Band.LOW_COVERAGE)


@dataclass(slots=True)
class Rivals:
    """All listed partners of a question; what is made of them is kept."""

    field: Field
    shown: Ordering
    _made: dict[int, Partner] = default(default_factory=dict)
    _bounds: dict[int, tuple[Floats, Floats, Floats, Floats]] = default(default_factory=dict)

    def rank(self, band: Band, order: tuple[float, ...], entity: str) -> int:
        """Return 1 and how many others stand before; a district first leaves out what repeats too often."""
        better = [group for group in self._before(band, order) if self._entity(group) != entity]
        if self.field.scorer.question.anchor.kind != "district":
            return 1 + len(better)
        return 1 + len(self._kept(better))

    def _entity(self, group: int) -> str:
        """Return the key of a partner, from its first pair."""
        arrays, pairs, question = self.field.tables.arrays, self.field.pairs, self.field.scorer.question
        row = self.field.listed.rows_of(group)[0]
        school = str(arrays.schools[arrays.school[pairs.cohort[row]]])
        enterprise = str(arrays.enterprises[arrays.enterprise[pairs.post[row]]])
        if question.anchor.kind == "district":
            return f"{school}‖{enterprise}"
        return school if question.node_kind == "school" else enterprise

    def _before(self, band: Band, order: tuple[float, ...]) -> list[int]:
        groups, place_of = self.field.listed, _BANDS.index(band)
        found: list[int] = np.flatnonzero(groups.band < place_of).tolist()
        members = np.flatnonzero(groups.band == place_of).astype(np.int32)
        by_value = self.field.scorer.question.in_seats and self.field.scorer.question.order != "score"
        if not len(members):
            return found
        return found + (
            self._by_value(place_of, members, order) if by_value else self._by_score(members, order)
        )

    def _by_score(self, members: Ints, order: tuple[float, ...]) -> list[int]:
        scores = self.field.listed.score[members]
        sure = members[scores > order[0] + SLACK].tolist()
        close = members[np.abs(scores - order[0]) <= SLACK].tolist()
        return [*sure, *(group for group in close if self._order(group) > order)]

    def _by_value(self, place_of: int, members: Ints, order: tuple[float, ...]) -> list[int]:
        """Allocate whom the bound does not rule out; what has been allocated is kept."""
        bounds, floors, tops, worths = self._bounds_of(place_of, members)
        worth = order[0]
        sure = floors > worth + SLACK
        for number in np.flatnonzero((bounds >= worth - SLACK) & ~sure & np.isnan(worths)).tolist():
            worths[number] = self.field.worth(int(members[number]))
        known = np.where(sure, np.inf, np.nan_to_num(worths, nan=-1.0))
        found: list[int] = members[known > worth + SLACK].tolist()
        close = np.abs(known - worth) <= SLACK
        if worth == 0:
            # Where nobody has a surplus the scores of the arrays settle nearly all.
            scores = self.field.listed.score[members]
            nothing = close & (tops <= 0)
            found += members[nothing & (scores > order[1] + SLACK)].tolist()
            close &= ~nothing | (np.abs(scores - order[1]) <= SLACK)
        return [*found, *(group for group in members[close].tolist() if self._order(group) > order)]

    def _bounds_of(self, place_of: int, members: Ints) -> tuple[Floats, Floats, Floats, Floats]:
        """Return upper and lower bounds, best surplus, and worth by member of a band (nan: not allocated yet)."""
        found = self._bounds.get(place_of)
        if found is None:
            bounds, tops = self.field.bounds(members)
            worths = np.where(tops > 0, np.nan, 0.0)
            found = self._bounds[place_of] = (bounds, self.field.floors()[members], tops, worths)
        return found

    def _order(self, group: int) -> tuple[float, ...]:
        return order_of(self.field.scorer, self._partner(group))

    def _partner(self, group: int) -> Partner:
        found = self._made.get(group)
        if found is None:
            found = self._made[group] = make_partner(self.field.scorer, self.field.draft(group))
        return found

    def _kept(self, groups: list[int]) -> list[Partner]:
        scorer = self.field.scorer
        candidates = [
            Candidate(
                entity=entity,
                band=partner.band,
                order=order_of(scorer, partner),
                coverage=partner.best.coverage,
                exposures=self.shown.exposures(entity),
                payload=partner,
            )
            for partner in map(self._partner, groups)
            for entity in (entity_of(scorer, partner),)
        ]
        ordered = place(candidates, tie_key=self.shown.tie_key)
        return spread([one.payload for one in ordered], scorer.policy.query_a.district_limit)
