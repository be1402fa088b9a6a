"""Which rank an edited partner would have among all who are listed: bounds leave most aside, close ones are made in full."""

from dataclasses import dataclass
from dataclasses import field as default
from typing import Final

import numpy as np

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
        return found + (self._by_value(members, order) if by_value else self._by_score(members, order))

    def _by_score(self, members: np.typing.NDArray[np.int32], order: tuple[float, ...]) -> list[int]:
        scores = self.field.listed.score[members]
        sure = members[scores > order[0] + SLACK].tolist()
        close = members[np.abs(scores - order[0]) <= SLACK].tolist()
        return [*sure, *(group for group in close if self._order(group) > order)]

    def _by_value(self, members: np.typing.NDArray[np.int32], order: tuple[float, ...]) -> list[int]:
        bounds, tops = self.field.bounds(members)
        worth, found = order[0], []
        for number, group in enumerate(members.tolist()):
            if bounds[number] < worth - SLACK:
                continue
            own = self.field.worth(group) if tops[number] > 0 else 0.0
            if own > worth + SLACK or (own >= worth - SLACK and self._ahead(group, own, order)):
                found.append(group)
        return found

    def _ahead(self, group: int, worth: float, order: tuple[float, ...]) -> bool:
        """Compare one of about the same worth: where nobody has a surplus the scores of the arrays mostly settle it."""
        score = self.field.listed.score[group]
        if worth == order[0] == 0 and abs(score - order[1]) > SLACK:
            return bool(score > order[1])
        return self._order(group) > order

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
