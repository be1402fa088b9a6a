"""Rolls scored pairs up to partners: best pair, seat allocation, order, the limits of a district, ranks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from kg.index.cooperation.entities import Demand, Offering
from kg.matching.cooperation.allocation import UNITS, SeatCaps, SeatPair, allocate, surplus_units, value_units
from kg.matching.cooperation.explain import explain
from kg.matching.cooperation.scorer import Figures, Scorer
from kg.matching.cooperation.sentences import cohort_label
from kg.matching.ranking import Candidate, Placed, TieKey, place
from kg.model.answers import Allocation, Band, Item

FINE_DECIMALS: Final = 9
"""Best pairs and surplus compare at this many decimals."""
TIE_ENTITY: Final = "{school}‖{enterprise}"
"""Names a (school, enterprise) item of a district where ties and appearances are counted."""

Pair = tuple[Offering, Demand]


@dataclass(frozen=True, slots=True)
class Draft:
    """The pairs of one partner that belong to its list, best first, with their scores and allocated seats."""

    pairs: tuple[Pair, ...]
    scores: tuple[float, ...]
    seats: tuple[int, ...] = ()
    units: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """A school and an enterprise: `best` is the pair that names the item, `seated` the pairs that get seats."""

    school: str
    enterprise: str
    best: Figures
    band: Band
    seated: tuple[tuple[Figures, int], ...] = ()
    units: int = 0

    @property
    def value(self) -> float:
        """The sum of seats times surplus."""
        return self.units / UNITS

    @property
    def seats(self) -> int:
        """The sum of seats."""
        return sum(given for _, given in self.seated)


def make_draft(scorer: Scorer, ordered: Sequence[tuple[Pair, float]], *, verify: bool) -> Draft:
    """Return the draft of a partner whose pairs come in their order (band, score, names); seats only if they pass."""
    pairs, scores = tuple(pair for pair, _ in ordered), tuple(score for _, score in ordered)
    if verify or not scorer.question.in_seats:
        return Draft(pairs, scores)
    order = sorted(
        range(len(pairs)),
        key=lambda n: (-round(scores[n], FINE_DECIMALS), pairs[n][0].id, pairs[n][1].id),
    )
    seat_pairs = [seat_pair(scorer, *pairs[n], scores[n]) for n in order]
    given = allocate(seat_pairs, seat_caps(scorer, pairs))
    seats = [0] * len(pairs)
    for number, seat in zip(order, given, strict=True):
        seats[number] = seat
    return Draft(pairs, scores, tuple(seats), value_units(seat_pairs, given))


def make_partner(scorer: Scorer, draft: Draft) -> Partner:
    """Return the partner of a draft, with every number that is shown taken from the scorer of one pair."""
    best = scorer.figures(*draft.pairs[0])
    seated = sorted(
        (
            (scorer.figures(*pair), given)
            for pair, given in zip(draft.pairs, draft.seats or [0] * len(draft.pairs), strict=True)
            if given > 0
        ),
        key=lambda found: (-round(found[0].score, FINE_DECIMALS), found[0].offering.id, found[0].demand.id),
    )
    floor = scorer.policy.query_a.surplus_floor
    return Partner(
        school=best.offering.school,
        enterprise=best.demand.enterprise,
        best=best,
        band=best.band(scorer.policy.common.coverage_floor),
        seated=tuple(seated),
        units=sum(given * surplus_units(figures.score, floor) for figures, given in seated),
    )


def seat_pair(scorer: Scorer, offering: Offering, demand: Demand, score: float) -> SeatPair:
    """Return a passing pair as the allocation reads it."""
    gain = surplus_units(score, scorer.policy.query_a.surplus_floor)
    return SeatPair(offering.id, demand.id, demand.occupation, gain)


def seat_caps(scorer: Scorer, pairs: Sequence[Pair]) -> SeatCaps:
    """Return what binds the passing pairs of one school and one enterprise."""
    seats = scorer.facts.seats
    class_min = scorer.question.mode == "order_class"
    return SeatCaps(
        supply={offering.id: seats.supply[offering.id].value or 0 for offering, _ in pairs},
        open={demand.id: seats.open[demand.id].value or 0 for _, demand in pairs},
        kind={demand.occupation: seats.legal[demand.id].post_left.value for _, demand in pairs},
        enterprise=seats.legal[pairs[0][1].id].staff_left.value,
        class_min={offering.id: offering.class_min or 0 for offering, _ in pairs if class_min},
    )


def entity_of(scorer: Scorer, partner: Partner) -> str:
    """Return the key under which ties are broken and appearances counted."""
    if scorer.question.anchor.kind == "district":
        return TIE_ENTITY.format(school=partner.school, enterprise=partner.enterprise)
    return partner.school if scorer.question.node_kind == "school" else partner.enterprise


def order_of(scorer: Scorer, partner: Partner) -> tuple[float, ...]:
    """Return the rounded figures by which a partner is placed, greatest first."""
    digits = scorer.policy.common.tie_decimals
    score = round(partner.best.score, digits)
    if partner.band is Band.TO_VERIFY or not scorer.question.in_seats or scorer.question.order == "score":
        return (score,)
    if scorer.question.order == "seats":
        return float(partner.seats), score
    return round(partner.value, digits), score


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordering:
    """How a list is cut and its ties are broken: appearances by entity, keys of ties, places."""

    exposures: Callable[[str], int]
    tie_key: TieKey
    k: int


def arrange(
    scorer: Scorer, partners: Sequence[Partner], shown: Ordering, *, reliable: int | None = None
) -> list[Placed[Partner]]:
    """Return the first `k` partners in order with their ranks; a district first leaves out what repeats too often.

    `reliable` tells that only so many first places (with all who share the last rank) are surely complete: the
    limits of a district then look no further.
    """
    candidates = [
        Candidate(
            entity=entity,
            band=partner.band,
            order=order_of(scorer, partner),
            coverage=partner.best.coverage,
            exposures=shown.exposures(entity),
            payload=partner,
        )
        for partner in partners
        for entity in (entity_of(scorer, partner),)
    ]
    if scorer.question.anchor.kind == "district":
        by_entity = {candidate.entity: candidate for candidate in candidates}
        ordered = place(candidates, tie_key=shown.tie_key)
        if reliable is not None:
            last = ordered[min(reliable, len(ordered)) - 1].rank
            ordered = [placed for placed in ordered if placed.rank <= last]
        kept = spread([placed.payload for placed in ordered], scorer.policy.query_a.district_limit)
        candidates = [by_entity[entity_of(scorer, partner)] for partner in kept]
    return place(candidates, tie_key=shown.tie_key, limit=shown.k)


def spread(ordered: Sequence[Partner], limit: int) -> list[Partner]:
    """Leave out, in order, what would come after `limit` kept ones of its enterprise or of its school."""
    kept: list[Partner] = []
    enterprises: dict[str, int] = {}
    schools: dict[str, int] = {}
    for partner in ordered:
        if enterprises.get(partner.enterprise, 0) >= limit or schools.get(partner.school, 0) >= limit:
            continue
        kept.append(partner)
        enterprises[partner.enterprise] = enterprises.get(partner.enterprise, 0) + 1
        schools[partner.school] = schools.get(partner.school, 0) + 1
    return kept


def make_item(scorer: Scorer, placed: Placed[Partner]) -> Item:
    """Return a placed partner as an item of an answer, with all its words."""
    partner = placed.payload
    in_seats = scorer.question.in_seats
    return Item(
        match=explain(scorer, partner.best),
        rank=placed.rank,
        tied=placed.tied,
        band=placed.band,
        tie_key=placed.tie_key,
        allocation=_allocation(scorer, partner) if in_seats else None,
        seats=partner.seats if in_seats else None,
        value=partner.value if in_seats else None,
    )


def _allocation(scorer: Scorer, partner: Partner) -> tuple[Allocation, ...]:
    return tuple(_entry(scorer, figures, given) for figures, given in partner.seated)


def _entry(scorer: Scorer, figures: Figures, given: int) -> Allocation:
    seats, offering, demand = scorer.facts.seats, figures.offering, figures.demand
    legal = seats.legal[demand.id]
    return Allocation(
        offering=offering.id,
        demand=demand.id,
        seats=given,
        score=figures.score,
        surplus=surplus_units(figures.score, scorer.policy.query_a.surplus_floor) / UNITS,
        supply=seats.supply[offering.id].value or 0,
        open=seats.open[demand.id].value or 0,
        staff_cap=legal.staff.cap,
        post_cap=legal.kind.cap,
        used_staff=legal.staff.used.value or 0,
        used_post=legal.kind.used.value or 0,
        legal=legal.left,
        offering_label=cohort_label(scorer.facts, offering),
        demand_label=demand.label,
    )
