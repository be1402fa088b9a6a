"""The lists that a need would give if it asked otherwise: where an item stands in them after an edit of the need."""

from dataclasses import dataclass, field
from datetime import date

from kg.index.world import World
from kg.matching.mobility.nominate import score_all
from kg.matching.mobility.occasion import Occasion
from kg.matching.mobility.question import Question
from kg.matching.mobility.recommendation import newer_than_arrays, rivals_of
from kg.matching.mobility.survey import Survey, few_of, left_of
from kg.model.answers import Placing
from kg.model.rules import Policy


@dataclass(slots=True)
class OtherLists:
    """The lists of one need with other modes, visits, pay or weeks, each made once, whichever item is edited.

    Consent, relevance and level read none of these: who is left after them is found once.
    """

    world: World
    policy: Policy
    as_of: date
    _few: Survey | None = None
    _placings: dict[tuple[object, ...], Placing] = field(default_factory=dict)

    def placing(self, question: Question) -> Placing:
        """Return what tells the rank that a score would have in the list of a question; nobody in it is explained."""
        need = question.need
        asked = (need.modes, need.visits, need.pay_max, need.last, need.weeks)
        found = self._placings.get(asked)
        if found is None:
            found = self._placings[asked] = self._placing(question)
        return found

    def _placing(self, question: Question) -> Placing:
        if self._few is None:
            self._few = few_of(self.world, self.policy, question, self.as_of)
        occasion = Occasion(self.world, self.policy, question, self.as_of)
        scored = score_all(left_of(self._few.asking(question)))
        return rivals_of(occasion, scored, newer_than_arrays(occasion)).rank
