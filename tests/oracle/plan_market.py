"""The market of a plan of seats: every passing pair of all schools and enterprises, with all that binds it."""

from dataclasses import dataclass
from datetime import date

from tests.oracle.partner_facts import PartnerFacts
from tests.oracle.partners import Question, _couples, _judge_all
from tests.oracle.seats import school_year
from tests.oracle.world import World, text, whole


@dataclass(frozen=True)
class PlanPair:
    """One passing pair: both values, and the seats left to cohort, post, kind of post and enterprise."""

    a: float
    b: float
    score: float
    supply: int
    open: int
    kind: tuple[str, object]
    kind_cap: int
    enterprise: str
    enterprise_cap: int
    class_min: int

    @property
    def bound(self) -> int:
        """The most seats on the pair alone."""
        return min(self.supply, self.open, self.kind_cap, self.enterprise_cap)


def passing_pairs(
    world: World, mode: str, *, as_of: date, year: int | None = None, district: str | None = None
) -> dict[tuple[str, str], PlanPair]:
    """(cohort, post) -> the pair, for every pair that passes all filters; an officer asks."""
    facts = PartnerFacts(world, mode, school_year(as_of) if year is None else year, as_of)
    found: dict[tuple[str, str], PlanPair] = {}
    for code, row in facts.enterprises.items():
        if district is not None and text(row, "district") != district:
            continue
        couples = _couples(facts, Question(("enterprise", code), (), None, "officer", None))
        for couple, item in zip(couples, _judge_all(facts, couples), strict=True):
            if "failed" in item or item["band"] == "to_verify" or couple.legal is None:
                continue
            found[couple.pair["offering"], couple.pair["demand"]] = PlanPair(
                a=item["sides"]["enterprise"]["score"],
                b=item["sides"]["school"]["score"],
                score=item["score"],
                supply=facts.seats.supply(couple.offering).value or 0,
                open=facts.seats.open(couple.demand).value or 0,
                kind=(code, facts.seats.kind(couple.demand)),
                kind_cap=couple.legal.post.value or 0,
                enterprise=code,
                enterprise_cap=couple.legal.staff.value or 0,
                class_min=(whole(couple.offering, "class_min") or 0) if mode == "order_class" else 0,
            )
    return found
