"""What would change a partner's place: options of the catalogue, scored by the scorer of every answer over a small world."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from kg.index.cooperation.entities import Demand, Offering
from kg.index.cooperation.view import CooperationView
from kg.matching.advice import Option, Prospect, Standing, search, told
from kg.matching.cooperation.advice_texts import ADVICE
from kg.matching.cooperation.options import Catalogue
from kg.matching.cooperation.partners import (
    FINE_DECIMALS,
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
        option: Option[CooperationView] = Option(
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
    _known: list[Figures] | None = None

    def options(self) -> list[Option[CooperationView]]:
        """Return everything that could be otherwise."""
        return Catalogue(self.scorer, self.offering, self.demand).options()

    def judge(self, view: CooperationView) -> Prospect | None:
        """Score the partner over an edited view; None unless some pair passes. Seats are allocated if they matter."""
        scorer = scorer_of(self.base, view)
        passing = self._passing(scorer, view)
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
        best = passing[0]

        def stand() -> Standing:
            ordered = [((found.offering, found.demand), found.score) for found in passing]
            return self.standing(scorer, make_partner(scorer, make_draft(scorer, ordered, verify=False)))

        return Prospect(best.score, best.band(scorer.policy.common.coverage_floor), stand)

    def _passing(self, scorer: Scorer, view: CooperationView) -> list[Figures]:
        """Return the scored pairs that pass; those that read only what they read before are scored once.

        A8 reads the seats of all posts of the enterprise, so where classes have a minimum and those seats move, every
        pair is scored anew.
        """
        cohorts, posts = view.offerings_of[self.offering.school], view.demands_of[self.demand.enterprise]
        now, before = scorer.facts.seats, self.scorer.facts.seats
        moved_seats = [
            one
            for one in posts
            if now.open[one.id] != before.open[one.id] or now.legal[one.id] != before.legal[one.id]
        ]
        if moved_seats and scorer.question.mode == "order_class":
            return list(_scored(scorer, cohorts, posts))
        new_cohorts = [
            one
            for one in cohorts
            if self.view.offerings.get(one.id) is not one or now.supply[one.id] != before.supply[one.id]
        ]
        new_posts = [one for one in posts if self.view.demands.get(one.id) is not one or one in moved_seats]
        changed, moved = {one.id for one in new_cohorts}, {one.id for one in new_posts}
        kept = [
            one for one in self._before() if one.offering.id not in changed and one.demand.id not in moved
        ]
        old = [one for one in cohorts if one.id not in changed]
        return [*kept, *_scored(scorer, new_cohorts, posts), *_scored(scorer, old, new_posts)]

    def _before(self) -> list[Figures]:
        """Return the pairs that pass as things are, scored once."""
        if self._known is None:
            cohorts, posts = (
                self.view.offerings_of[self.offering.school],
                self.view.demands_of[self.demand.enterprise],
            )
            self._known = list(_scored(self.scorer, cohorts, posts))
        return self._known

    def standing(self, scorer: Scorer, partner: Partner) -> Standing:
        """Return what a partner is worth and where it would stand among the others as they are; one taken as verified
        has a band by coverage.
        """
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
            alone=True,
        )


def _scored(scorer: Scorer, cohorts: Sequence[Offering], posts: Sequence[Demand]) -> Iterator[Figures]:
    """Yield the pairs that the question considers and that pass every filter, scored."""
    for offering in cohorts:
        for demand in posts:
            if not scorer.considers(offering, demand):
                continue
            statuses = scorer.statuses(offering, demand)
            if all(status is Status.PASS for status in statuses.values()):
                yield scorer.figures(offering, demand, statuses)


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
