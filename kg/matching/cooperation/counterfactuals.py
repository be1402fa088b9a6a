"""What would change a partner's place: options of the catalogue, scored by the scorer of every answer over a small world."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from kg.index.cooperation.entities import Demand, Offering
from kg.index.cooperation.view import CooperationView
from kg.matching.advice import Option, Standing, search, told
from kg.matching.cooperation.advice_texts import ADVICE
from kg.matching.cooperation.options import Catalogue, ViewOption
from kg.matching.cooperation.partners import (
    FINE_DECIMALS,
    Pair,
    Partner,
    entity_of,
    make_draft,
    make_partner,
    order_of,
)
from kg.matching.cooperation.scorer import Figures, Scorer
from kg.matching.cooperation.small import scorer_of, small_view
from kg.model.answers import Band, Item, Match, Placing, Status
from kg.model.edits import Counterfactual, Verified
from kg.vocab.reasons import FILTER_LABELS

_JOINED: Final = "”“"


@dataclass(slots=True)
class PartnerAdvice:
    """Finds counterfactuals for the items of one answer; `placing` ranks in it."""

    scorer: Scorer
    placing: Placing

    def of(self, item: Item) -> tuple[Counterfactual, ...]:
        """Return the cheapest edits that lift a listed partner, or what verifying one of the others would give."""
        case = self.case(item.match)
        if item.band is Band.TO_VERIFY:
            return (self._verified(case, item.match),)
        now = Standing(
            score=item.match.score, rank=item.rank, band=item.band, seats=item.seats, value=item.value
        )
        return search(case.view, now, case.options(), case.judge, self.scorer.policy.advice)

    def case(self, match: Match) -> "PartnerCase":
        """Return the school and the enterprise of an item, unedited."""
        assert match.pair is not None, "a partner is named by its best pair"
        whole = self.scorer.world.cooperation
        offering, demand = whole.offerings[match.pair["offering"]], whole.demands[match.pair["demand"]]
        view = small_view(whole, offering.school, demand.enterprise)
        return PartnerCase(self.scorer, scorer_of(self.scorer, view), view, offering, demand, self.placing)

    def _verified(self, case: "PartnerCase", match: Match) -> Counterfactual:
        """Return what passing of every unknown filter of the best pair would give, all else as it is."""
        unknown = [result.code for result in match.filters if result.status is Status.UNKNOWN]
        scorer, pair = case.scorer, (case.offering, case.demand)
        draft = make_draft(scorer, [(pair, match.score)], verify=False)
        partner = make_partner(scorer, draft)
        option = ViewOption(
            kind="verify",
            cost=0,
            text=ADVICE["verify"].format(names=_JOINED.join(FILTER_LABELS[code] for code in unknown)),
            edits=tuple(Verified(code=code) for code in unknown),
            apply=lambda view: view,
        )
        return told((option,), case.standing(scorer, partner), match.score)


@dataclass(slots=True)
class PartnerCase:
    """One school and one enterprise: `view` holds their rows, `scorer` scores it, `base` the question's own scorer."""

    base: Scorer
    scorer: Scorer
    view: CooperationView
    offering: Offering
    demand: Demand
    placing: Placing
    _known: dict[tuple[str, str], Figures | None] = field(default_factory=dict)

    def options(self) -> list[Option[CooperationView]]:
        """Return everything that could be otherwise."""
        return Catalogue(self.scorer, self.offering, self.demand).options()

    def judge(self, view: CooperationView) -> Standing | None:
        """Score the partner over an edited view; None unless some pair passes."""
        scorer = scorer_of(self.base, view)
        passing = [found for pair in self._pairs(view) for found in (self._figures(scorer, pair),) if found]
        if not passing:
            return None
        floor = scorer.policy.common.coverage_floor - 1e-9
        passing.sort(
            key=lambda found: (
                found.coverage < floor,
                -round(found.score, FINE_DECIMALS),
                found.offering.id,
                found.demand.id,
            )
        )
        ordered = [((found.offering, found.demand), found.score) for found in passing]
        return self.standing(scorer, make_partner(scorer, make_draft(scorer, ordered, verify=False)))

    def standing(self, scorer: Scorer, partner: Partner) -> Standing:
        """Return what a partner is worth and where it would stand; one taken as verified has a band by coverage."""
        in_seats = scorer.question.in_seats
        band = partner.best.band(scorer.policy.common.coverage_floor)
        if band is Band.TO_VERIFY:
            partner = _as_passing(scorer, partner)
            band = partner.band
        return Standing(
            score=partner.best.score,
            rank=self.placing(band, order_of(scorer, partner), entity_of(scorer, partner)),
            band=band,
            seats=partner.seats if in_seats else None,
            value=partner.value if in_seats else None,
        )

    def _pairs(self, view: CooperationView) -> Iterator[Pair]:
        school, enterprise = self.offering.school, self.demand.enterprise
        for offering in view.offerings_of[school]:
            for demand in view.demands_of[enterprise]:
                yield offering, demand

    def _figures(self, scorer: Scorer, pair: Pair) -> Figures | None:
        """Return the scored pair where it passes; one that no edit has touched is scored once."""
        if not self._untouched(scorer, pair):
            return _passing(scorer, pair)
        key = (pair[0].id, pair[1].id)
        if key not in self._known:
            self._known[key] = _passing(self.scorer, pair)
        return self._known[key]

    def _untouched(self, scorer: Scorer, pair: Pair) -> bool:
        """Return whether a pair reads only what it read before: its rows, and the seats that are left for it.

        A8 reads other pairs of the cohort too, so nothing is untouched where classes have a minimum.
        """
        (offering, demand), now, before = pair, scorer.facts.seats, self.scorer.facts.seats
        return (
            scorer.question.mode != "order_class"
            and self.view.offerings.get(offering.id) is offering
            and self.view.demands.get(demand.id) is demand
            and now.supply[offering.id] == before.supply[offering.id]
            and now.open[demand.id] == before.open[demand.id]
            and now.legal[demand.id] == before.legal[demand.id]
        )


def _passing(scorer: Scorer, pair: Pair) -> Figures | None:
    if not scorer.considers(*pair):
        return None
    if any(status is not Status.PASS for status in scorer.statuses(*pair).values()):
        return None
    return scorer.figures(*pair)


def _as_passing(scorer: Scorer, partner: Partner) -> Partner:
    """Return the partner as if every filter of its best pair passed."""
    best = partner.best
    passed = Figures(
        best.offering, best.demand, best.values, dict.fromkeys(best.statuses, Status.PASS), best.sides
    )
    return Partner(
        school=partner.school,
        enterprise=partner.enterprise,
        best=passed,
        band=passed.band(scorer.policy.common.coverage_floor),
        seated=partner.seated,
        units=partner.units,
    )
