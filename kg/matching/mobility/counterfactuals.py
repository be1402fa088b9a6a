"""What would change a talent's place in the list of a need: options of the catalogue, scored by the scorer of every answer."""

from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache

from kg.index.talents.facts import Talent
from kg.index.talents.needs import NEEDS_TABLE
from kg.index.world import World
from kg.matching.advice import Hope, Option, Prospect, Standing, search, told
from kg.matching.mobility.advice_texts import ADVICE
from kg.matching.mobility.occasion import Occasion
from kg.matching.mobility.options import Case, CaseOption, Catalogue
from kg.matching.mobility.otherwise import OtherLists
from kg.matching.mobility.outlook import most, moved_by
from kg.matching.mobility.question import Question
from kg.matching.mobility.recommendation import match_of
from kg.matching.ranking import band_of
from kg.model.answers import Band, Item, Match, Placing, Side, Status, harmonic
from kg.model.edits import CellEdit, Counterfactual, Verified
from kg.model.rules import Policy
from kg.vocab.reasons import FILTER_LABELS

_JOINED = "”“"


@dataclass(slots=True)
class TalentAdvice:
    """Finds counterfactuals for the items of one answer; `placing` ranks in it."""

    world: World
    policy: Policy
    question: Question
    as_of: date
    placing: Placing
    occasion: Occasion = field(init=False)
    others: OtherLists = field(init=False)

    def __post_init__(self) -> None:
        """Make no other list yet."""
        self.occasion = Occasion(self.world, self.policy, self.question, self.as_of)
        self.others = OtherLists(self.world, self.policy, self.as_of)

    def of(self, item: Item) -> tuple[Counterfactual, ...]:
        """Return the cheapest edits that lift a listed talent, or what verifying one of the others would give."""
        if item.band is Band.TO_VERIFY:
            return (self._verified(item.match),)
        case = self.case(item)
        return search(
            case,
            Standing(score=item.match.score, rank=item.rank, band=item.band),
            self.catalogue(case).options(),
            self.judge,
            self.policy.advice,
            self.hope(item),
        )

    def case(self, item: Item) -> Case:
        """Return the talent of an item beside the need, unedited."""
        talent = self.world.talents.talent(item.match.node.key)
        assert talent is not None, "an item names a talent of its own generation"
        return Case(self.question, talent)

    def catalogue(self, case: Case) -> Catalogue:
        """Return what makes the options of a case."""
        return Catalogue(self.world, self.policy, case, self.as_of)

    def hope(self, item: Item) -> Hope[Case]:
        """Return what tells the most that options of an item could come to: told from its ledger alone."""
        sides, talent = item.match.sides, self.case(item).talent

        @cache
        def best(moved: frozenset[str], asked_otherwise: bool) -> Prospect:
            placing = _first if asked_otherwise else self.placing
            return self._prospect(most(sides, moved, talent), 1.0, talent.key, placing)

        return lambda options: best(
            moved_by(option.kind for option in options), any(map(_asks_otherwise, options))
        )

    def judge(self, case: Case) -> Prospect | None:
        """Score an edited case by the scorer of every answer; None unless all filters pass."""
        question, talent = case
        if question is None:
            return None
        occasion = self.occasion if question is self.question else self.occasion.asking(question)
        match = match_of(occasion, self._nameless(talent))
        if match.status is not Status.PASS:
            return None
        return self._prospect(match.score, match.coverage, talent.key, self._placing_in(question))

    def without(self, talent: Talent | None) -> tuple[float, Status]:
        """Return score and filters of the talent of an item as he would look otherwise; 0 and fail if he is gone."""
        if talent is None:
            return 0.0, Status.FAIL
        match = match_of(self.occasion, replace(talent, key=""))
        return match.score, match.status

    def _nameless(self, talent: Talent) -> Talent:
        """Return an edited talent without a key, so that nothing is remembered of the real one under it."""
        if talent is self.world.talents.talent(talent.key):
            return talent
        return replace(talent, key="")

    def _placing_in(self, question: Question) -> Placing:
        """Return what ranks in the list of a question: who asks otherwise asks everybody otherwise."""
        if question is self.question:
            return self.placing
        return lambda *told: self.others.placing(question)(*told)

    def _prospect(self, score: float, coverage: float, key: str, placing: Placing) -> Prospect:
        common = self.policy.common
        band = band_of(coverage, common.coverage_floor)

        @cache
        def stand() -> Standing:
            rank = placing(band, (round(score, common.tie_decimals),), key)
            return Standing(score=score, rank=rank, band=band)

        return Prospect(score, band, stand)

    def _verified(self, match: Match) -> Counterfactual:
        """Return what passing of every unknown filter would give; all else that is unknown stays at its neutral value."""
        unknown = [result.code for result in match.filters if result.status is Status.UNKNOWN]
        need, talent = match.sides["need"], match.sides["talent"]
        if "B2" in unknown:
            need = _level_met(need)
        score = harmonic(need.score, talent.score)
        then = self._prospect(
            score, min(need.coverage, talent.coverage), match.node.key, self.placing
        ).stand()
        names = _JOINED.join(FILTER_LABELS[code] for code in unknown)
        option: Option[Case] = Option(
            kind="verify",
            cost=0,
            text=ADVICE["verify"].format(names=names),
            edits=tuple(Verified(code=code) for code in unknown),
            apply=lambda case: case,
        )
        return told((option,), then, match.score)


def _asks_otherwise(option: CaseOption) -> bool:
    """Return whether an option edits the need, and with it what everybody is worth."""
    return any(isinstance(edit, CellEdit) and edit.table == NEEDS_TABLE for edit in option.edits)


def _first(_band: Band, _order: tuple[float, ...], _entity: str) -> int:
    """Return the best of all ranks: nobody knows beforehand what becomes of the rivals."""
    return 1


def _level_met(side: Side) -> Side:
    """Return the need's side with the level known to be enough (factor `level` is 1 once B2 passes)."""
    return Side(
        tuple(
            factor._replace(value=1.0, known=True) if factor.code == "level" else factor
            for factor in side.factors
        )
    )
