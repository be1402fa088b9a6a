"""Query A: which schools and enterprises should cooperate. Every pair, every rule, no short cut."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from tests.oracle import partner_filters as filters
from tests.oracle.allocation import Caps, Pair, best_allocation
from tests.oracle.ledger import (
    FINE_DIGITS,
    K_LARGEST,
    Item,
    band_number,
    falling,
    pool_of,
    put_in_order,
    scored,
    with_ranks,
)
from tests.oracle.partner_facts import FIT_SEATS, PartnerFacts
from tests.oracle.reference import reaches
from tests.oracle.seats import Legal, school_year
from tests.oracle.world import FAIL, SLACK, Row, Status, World, all_of, text, whole

FILTERS = ("A1", "A2", "A3", "A4", "A5", "A6", "A8")
KEPT_OF_ONE = 3
SURPLUS_FROM = 0.5


@dataclass
class Couple:
    """One pair of a cohort and a post, as far as it is judged."""

    offering: Row
    demand: Row
    legal: Legal | None
    found: dict[str, Status] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str]:
        """School and enterprise."""
        return str(self.offering["school"]), str(self.demand["enterprise"])

    @property
    def pair(self) -> dict[str, str]:
        """The names of both rows."""
        return {"offering": str(self.offering["offering_id"]), "demand": str(self.demand["demand_id"])}


@dataclass(frozen=True)
class Question:
    """What limits the pairs of an answer."""

    anchor: tuple[str, str]
    occupations: tuple[str, ...]
    radius_hours: float | None
    viewer: str
    org: str | None


def answer_partners(
    world: World,
    anchor: tuple[str, str],
    mode: str,
    *,
    as_of: date,
    year: int | None = None,
    occupations: list[str] | None = None,
    radius_hours: float | None = None,
    k: int = 20,
    order: str | None = None,
    viewer: str = "officer",
    org: str | None = None,
    exposures: Mapping[str, int] | None = None,
    tie_order: Callable[[str], str] | None = None,
) -> Item:
    """Answer query A with the numbers of a recommendation, without its texts.

    ``anchor`` is ("enterprise" / "school" / "district", key). ``exposures`` and ``tie_order`` work
    on the partner's key, for a district on ``school|enterprise``. ``uncertain`` in the answer says
    that a district answer leaves items out by an order that only the secret key decides.
    """
    if not 1 <= k <= K_LARGEST:
        raise ValueError(f"k must be 1..{K_LARGEST}, got {k}")
    facts = PartnerFacts(world, mode, school_year(as_of) if year is None else year, as_of)
    question = Question(anchor, tuple(occupations or ()), radius_hours, viewer, org)
    couples = _couples(facts, question)
    judged = _judge_all(facts, couples)
    partners = _partners(facts, couples, judged)
    arranged = _Arranged(
        by=(order or "value") if facts.in_seats else "score",
        district=anchor[0] == "district",
        node="enterprise" if anchor[0] == "school" else "school",
        exposures=exposures or {},
        tie_order=tie_order,
    )
    listed, unsure_order = arranged.answer([p for p in partners if p["band"] != "to_verify"], verify=False)
    to_verify, unsure_verify = arranged.answer([p for p in partners if p["band"] == "to_verify"], verify=True)
    return {
        "year": facts.year,
        "pool": pool_of(judged, FILTERS),
        "items": listed[:k],
        "to_verify": to_verify[:k],
        "all_items": listed,
        "all_to_verify": to_verify,
        "uncertain": unsure_order or unsure_verify,
        "failed_of": {tuple(item["pair"].values()): item["failed"] for item in judged if "failed" in item},
        "enterprise_of": {key: text(row, "enterprise") for key, row in facts.demands.items()},
    }


def _couples(facts: PartnerFacts, question: Question) -> list[Couple]:
    """The pairs that are considered."""
    kind, key = question.anchor
    seen = []
    for offering in facts.offerings.values():
        for demand in facts.demands.values():
            place = text(facts.enterprises.get(str(demand["enterprise"]), {}), "district")
            inside = {"school": offering["school"], "enterprise": demand["enterprise"], "district": place}[
                kind
            ]
            if inside == key and _is_considered(facts, question, offering, demand):
                legal = facts.seats.legal(demand) if facts.in_seats else None
                seen.append(Couple(offering, demand, legal))
    return seen


def _is_considered(facts: PartnerFacts, question: Question, offering: Row, demand: Row) -> bool:
    shown = filters.may_see(offering, "school", question.viewer, question.org)
    if not (shown and filters.may_see(demand, "enterprise", question.viewer, question.org)):
        return False
    fits = facts.occupations.fits(question.occupations, [str(demand["occupation"])])
    if question.occupations and reaches(fits, FIT_SEATS) == FAIL:
        return False
    hours = facts.hours(offering, demand)
    limit = question.radius_hours
    return hours is None or limit is None or hours <= Fraction(str(limit)) + SLACK


def _judge_all(facts: PartnerFacts, couples: list[Couple]) -> list[Item]:
    for couple in couples:
        couple.found = _own_filters(facts, couple)
    groups: dict[object, list[Couple]] = {}
    for couple in couples:
        groups.setdefault((couple.pair["offering"], couple.key), []).append(couple)
    for group in groups.values():
        rows = [(c.demand, c.legal, all_of(c.found.values())) for c in group if c.legal is not None]
        able = [row for row in rows if row[2] != FAIL]
        for couple in group:
            couple.found["A8"] = filters.class_status(facts, couple.offering, able)
    return [_judged(facts, couple) for couple in couples]


def _own_filters(facts: PartnerFacts, couple: Couple) -> dict[str, Status]:
    offering, demand = couple.offering, couple.demand
    found = {
        "A1": filters.standing(facts, offering, demand),
        "A2": filters.cohort_there(facts, offering),
        "A3": filters.trade_fits(facts, offering, demand),
        "A4": filters.mode_fits(facts, offering, demand),
    }
    if couple.legal is not None:
        found["A5"] = filters.room_by_law(couple.legal)
        found["A6"] = filters.seats_left(facts, offering, demand)
    return found


def _judged(facts: PartnerFacts, couple: Couple) -> Item:
    for code in FILTERS:
        if couple.found.get(code) == FAIL:
            return {"failed": code, "pair": couple.pair}
    sides = facts.sides(couple.offering, couple.demand, couple.legal)
    statuses = [(code, couple.found[code]) for code in FILTERS if code in couple.found]
    return {"pair": couple.pair, **scored(sides, statuses)}


def _partners(facts: PartnerFacts, couples: list[Couple], judged: list[Item]) -> list[Item]:
    """One item for each school and enterprise with a pair that does not fail."""
    groups: dict[tuple[str, str], list[tuple[Couple, Item]]] = {}
    for couple, item in zip(couples, judged, strict=True):
        if "failed" not in item:
            groups.setdefault(couple.key, []).append((couple, item))
    found = []
    for (school, enterprise), members in groups.items():
        best = min((item for _, item in members), key=_pair_order)
        passing = [member for member in members if member[1]["band"] != "to_verify"]
        passing.sort(key=lambda member: _seat_order(member[1]))
        seats = _allocate(facts, passing) if facts.in_seats else {}
        found.append({**best, "school": school, "enterprise": enterprise, **seats})
    return found


def _pair_order(item: Item) -> tuple[object, ...]:
    return band_number(item), *_seat_order(item)


def _seat_order(item: Item) -> tuple[object, ...]:
    return falling(item["score"], FINE_DIGITS), item["pair"]["offering"], item["pair"]["demand"]


def surplus(score: float) -> float:
    """g of a pair, at nine decimals."""
    return round(max(0.0, score - SURPLUS_FROM) / (1 - SURPLUS_FROM), FINE_DIGITS)


def _allocate(facts: PartnerFacts, passing: list[tuple[Couple, Item]]) -> Item:
    """Seats of the passing pairs of one partner; all that binds is known for them."""
    if not passing:
        return {"allocation": [], "seats": 0, "value": 0.0}
    pairs = [
        Pair(**item["pair"], kind=facts.seats.kind(couple.demand), gain=surplus(item["score"]))
        for couple, item in passing
    ]
    seats = best_allocation(pairs, _caps(facts, [couple for couple, _ in passing]))
    entries = [
        _entry(facts, couple, item, number)
        for (couple, item), number in zip(passing, seats, strict=True)
        if number > 0
    ]
    value = sum(entry["seats"] * Fraction(str(entry["surplus"])) for entry in entries)
    return {"allocation": entries, "seats": sum(seats), "value": round(float(value), FINE_DIGITS)}


def _caps(facts: PartnerFacts, couples: list[Couple]) -> Caps:
    legals = [(facts.seats.kind(c.demand), c.legal) for c in couples if c.legal is not None]
    ordered = facts.mode == "order_class"
    return Caps(
        supply={c.pair["offering"]: facts.seats.supply(c.offering).value or 0 for c in couples},
        open={c.pair["demand"]: facts.seats.open(c.demand).value or 0 for c in couples},
        kind={kind: legal.post.value or 0 for kind, legal in legals},
        enterprise=legals[0][1].staff.value or 0,
        class_min={c.pair["offering"]: whole(c.offering, "class_min") or 0 for c in couples if ordered},
    )


def _entry(facts: PartnerFacts, couple: Couple, item: Item, seats: int) -> Item:
    legal = couple.legal
    return {
        **couple.pair,
        "seats": seats,
        "score": item["score"],
        "surplus": surplus(item["score"]),
        "supply": facts.seats.supply(couple.offering).value,
        "open": facts.seats.open(couple.demand).value,
        "legal": legal
        and {
            "staff_cap": legal.staff_cap,
            "post_cap": legal.post_cap,
            "used_staff": legal.used_staff,
            "used_post": legal.used_post,
            "legal": legal.left,
        },
    }


@dataclass(frozen=True)
class _Arranged:
    """How partners are ordered, left out and ranked."""

    by: str
    district: bool
    node: str
    exposures: Mapping[str, int]
    tie_order: Callable[[str], str] | None

    def answer(self, found: list[Item], *, verify: bool) -> tuple[list[Item], bool]:
        """The ranked partners, and whether what is left out hangs on the secret key."""

        def standing(item: Item) -> tuple[float, ...]:
            own = () if self.by == "score" or verify else (falling(item[self.by]),)
            return band_number(item), *own, falling(item["score"])

        ordered = put_in_order(
            [{**item, "node": (self.node, item[self.node])} for item in found],
            standing=standing,
            entity=self._entity,
            exposures=lambda item: self.exposures.get(self._entity(item), 0),
            tie_order=self.tie_order,
        )
        kept = _spread(ordered) if self.district else ordered
        groups = [item["tie_group"] for item in ordered]
        unsure = len(kept) < len(ordered) and len(set(groups)) < len(groups) and self.tie_order is None
        return with_ranks(kept, standing), unsure

    def _entity(self, item: Item) -> str:
        return f"{item['school']}|{item['enterprise']}" if self.district else str(item[self.node])


def _spread(ordered: list[Item]) -> list[Item]:
    """Leave out, in order, what would be the fourth of one enterprise or of one school."""
    kept: list[Item] = []
    for item in ordered:
        same = [sum(k[name] == item[name] for k in kept) for name in ("enterprise", "school")]
        if max(same) < KEPT_OF_ONE:
            kept.append(item)
    return kept
