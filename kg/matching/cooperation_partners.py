"""Rolls scored pairs up to partners: best pair, seat allocation, order, the limits of a district, ranks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from kg.index.cooperation_entities import Demand, Offering
from kg.matching.allocation import UNITS, SeatCaps, SeatPair, allocate, surplus_units, value_units
from kg.matching.cooperation_explain import explain
from kg.matching.cooperation_scorer import Figures, Scorer
from kg.matching.ranking import Candidate, Placed, TieKey, place
from kg.model.answers import Allocation, Band, Item, Status

FINE_DECIMALS: Final = 9
"""Best pairs and surplus compare at this many decimals."""
TIE_ENTITY: Final = "{school}‖{enterprise}"
"""Names a (school, enterprise) item of a district where ties and appearances are counted."""

Pair = tuple[Offering, Demand]


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """A school and an enterprise with its scored pairs; `pairs` pass and get `seats`, best first; `best` names the item."""

    school: str
    enterprise: str
    best: Figures
    band: Band
    pairs: tuple[Figures, ...] = ()
    seats: tuple[int, ...] = ()
    units: int = 0

    @property
    def value(self) -> float:
        """The sum of seats times surplus."""
        return self.units / UNITS


def pair_order(figures: Figures, floor: float) -> tuple[int, float, str, str]:
    """Return the order of pairs inside a partner: highest band, then score, then the names of both rows."""
    band = (Band.RANKED, Band.LOW_COVERAGE, Band.TO_VERIFY).index(figures.band(floor))
    return band, -round(figures.score, FINE_DECIMALS), figures.offering.id, figures.demand.id


def make_partner(scorer: Scorer, pairs: Sequence[Pair]) -> Partner:
    """Return the partner of pairs that do not fail; raises ValueError for none."""
    floor = scorer.policy.common.coverage_floor
    scored = sorted(
        (scorer.figures(offering, demand) for offering, demand in pairs),
        key=lambda figures: pair_order(figures, floor),
    )
    best = scored[0]
    passing = [figures for figures in scored if figures.status is Status.PASS]
    passing.sort(key=lambda figures: pair_order(figures, 0.0)[1:])
    seats: list[int] = []
    units = 0
    if passing and scorer.question.in_seats:
        seat_pairs = [seat_pair(scorer, found.offering, found.demand, found.score) for found in passing]
        seats = allocate(seat_pairs, seat_caps(scorer, [(f.offering, f.demand) for f in passing]))
        units = value_units(seat_pairs, seats)
    return Partner(
        school=best.offering.school,
        enterprise=best.demand.enterprise,
        best=best,
        band=best.band(floor),
        pairs=tuple(passing),
        seats=tuple(seats),
        units=units,
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
        return float(sum(partner.seats)), score
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
        seats=sum(partner.seats) if in_seats else None,
        value=partner.value if in_seats else None,
    )


def _allocation(scorer: Scorer, partner: Partner) -> tuple[Allocation, ...]:
    return tuple(
        _entry(scorer, figures, seats)
        for figures, seats in zip(partner.pairs, partner.seats, strict=True)
        if seats > 0
    )


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
    )
