"""Scores one (cohort, post) pair from its rows: the figures, without words. Everything shown is made from these."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from kg.index.cooperation.entities import Demand, Offering
from kg.index.lookups import Occupation
from kg.index.world import World
from kg.matching.cooperation import filters
from kg.matching.cooperation.factors import (
    Facts,
    Fill,
    History,
    Industry,
    MajorFit,
    Outcome,
    Post,
    Travel,
    Volume,
)
from kg.matching.cooperation.question import WHOLE_AREA, PartnerQuestion
from kg.matching.cooperation.seats import seat_year
from kg.matching.quantities import SLACK, all_of
from kg.matching.ranking import band_of
from kg.matching.similarity import Cover
from kg.model.answers import FAIL, PASS, UNKNOWN, Band, Evidence, Factor, Side, Status, harmonic
from kg.model.rules import Policy


class Values(NamedTuple):
    """The parts of every factor of a pair."""

    major: MajorFit
    skill: float | None
    covers: tuple[Cover, ...]
    level: float | None
    fill: Fill | None
    outcome: Outcome
    travel: Travel
    post: Post
    industry: Industry
    volume: Volume | None
    volume_value: float | None
    history: History

    def enterprise(self) -> dict[str, float | None]:
        """Return the factor values of the enterprise's side."""
        return {
            "major": self.major.value,
            "skill": self.skill,
            "level": self.level,
            "fill": 1.0 if self.fill is None else self.fill.value,
            "outcome": self.outcome.rate.value,
            "travel": self.travel.value,
        }

    def school(self) -> dict[str, float | None]:
        """Return the factor values of the school's side."""
        return {
            "major": self.major.value,
            "post": self.post.value,
            "industry": self.industry.value,
            "volume": self.volume_value,
            "history": self.history.rate.value,
            "travel": self.travel.value,
        }


@dataclass(frozen=True, slots=True)
class Figures:
    """One scored pair: its filters in checking order and both sides."""

    offering: Offering
    demand: Demand
    values: Values
    statuses: Mapping[str, Status]
    sides: Mapping[str, Side]

    @property
    def score(self) -> float:
        """Harmonic mean of the sides."""
        return harmonic(self.sides["enterprise"].score, self.sides["school"].score)

    @property
    def coverage(self) -> float:
        """The smaller coverage of the sides."""
        return min(side.coverage for side in self.sides.values())

    @property
    def status(self) -> Status:
        """All filters together."""
        return all_of(self.statuses.values())

    def band(self, floor: float) -> Band:
        """Return the band of the pair; `floor` is the coverage of a full band."""
        if self.status is UNKNOWN:
            return Band.TO_VERIFY
        return band_of(self.coverage, floor)


Words = Mapping[str, tuple[str, tuple[Evidence, ...]]]
"""Factor code -> its sentence and evidence."""


def make_side(
    weights: Mapping[str, float],
    values: Mapping[str, float | None],
    policy: Policy,
    words: Words | None = None,
) -> Side:
    """Return the ledger of a side in the order of the values; an unknown factor enters at its neutral value."""
    factors: list[Factor] = []
    for code, value in values.items():
        text, evidence = words[code] if words else ("", ())
        factors.append(
            Factor(
                code=code,
                weight=weights[code],
                value=policy.common.neutral_of(code) if value is None else value,
                known=value is not None,
                text=text,
                evidence=evidence,
            )
        )
    return Side(tuple(factors))


def facts_of(world: World, policy: Policy, as_of: date, year: int) -> Facts:
    """Return the remembered parts for one policy, day and school year of this generation."""

    def make() -> Facts:
        return Facts(world, policy, as_of, seat_year(world.cooperation, policy.query_a, year))

    return world.cooperation.remembered("facts", (id(world), policy.hash, as_of, year), make)


@dataclass(slots=True)
class Scorer:
    """Scores pairs of one question."""

    world: World
    policy: Policy
    question: PartnerQuestion
    facts: Facts
    _classes: dict[tuple[str, str], Status] = field(default_factory=dict)

    @classmethod
    def of(cls, world: World, policy: Policy, question: PartnerQuestion) -> "Scorer":
        """Return the scorer of a question."""
        return cls(world, policy, question, facts_of(world, policy, question.as_of, question.year))

    def considers(self, offering: Offering, demand: Demand) -> bool:
        """True when the pair belongs to the question at all: anchor, A7, occupations, radius."""
        return (
            self._anchored(offering, demand)
            and (offering.public or self.question.sees((offering.school,), offering.public))
            and (demand.public or self.question.sees((demand.enterprise,), demand.public))
            and self.asks_for_occupation(demand.occupation)
            and self._near(offering, demand)
        )

    def _anchored(self, offering: Offering, demand: Demand) -> bool:
        kind, key = self.question.anchor
        if kind == WHOLE_AREA.kind:
            return True
        if kind == "school":
            return offering.school == key
        return key == (demand.enterprise if kind == "enterprise" else self.facts.enterprise(demand).district)

    def asks_for_occupation(self, occupation: Occupation) -> bool:
        """True unless the question names occupations and this one fits none of them."""
        if not self.question.occupations:
            return True
        occupations = self.world.occupations
        floor = self.policy.query_a.question_fit - SLACK
        fits = [occupations.fit(occupations.resolve(code), occupation) for code in self.question.occupations]
        return any(fit is None or fit >= floor for fit in fits)

    def _near(self, offering: Offering, demand: Demand) -> bool:
        radius = self.question.radius_hours
        if radius is None:
            return True
        trip = self.facts.trip(offering, demand)
        return trip is None or trip.hours <= radius + SLACK

    def statuses(self, offering: Offering, demand: Demand) -> dict[str, Status]:
        """Return all filters of a pair in checking order."""
        found = {**self.own_statuses(offering, demand), "A7": PASS}
        if self.question.mode == "order_class":
            found["A8"] = self.class_status(offering, demand.enterprise)
        return found

    def own_statuses(self, offering: Offering, demand: Demand) -> dict[str, Status]:
        """Return A1 to A6 of a pair (A5 and A6 only where the mode takes seats)."""
        facts, question = self.facts, self.question
        school = facts.school(offering)
        found = {
            "A1": all_of((
                filters.enterprise_standing(facts.enterprise(demand)),
                filters.school_standing(facts, school),
            )),
            "A2": filters.cohort(facts, offering),
            "A3": filters.trade(facts, question, offering, demand.occupation),
            "A4": all_of((
                filters.demand_offers(facts, question, demand),
                filters.cohort_fits_mode(question, offering),
                filters.may_assess(facts, question, school, demand),
            )),
        }
        if question.in_seats:
            found["A5"] = filters.legal_room(facts.seats.legal[demand.id])
            found["A6"] = filters.seats_left(facts.seats.supply[offering.id], facts.seats.open[demand.id])
        return found

    def class_status(self, offering: Offering, enterprise: str) -> Status:
        """Return A8 of a cohort with an enterprise, over the pairs of the question."""
        if self.question.mode != "order_class":
            return PASS
        key = (offering.id, enterprise)
        found = self._classes.get(key)
        if found is None:
            able: list[tuple[Demand, Status]] = []
            for demand in self.world.cooperation.demands_of.get(enterprise, ()):
                if self.considers(offering, demand):
                    status = all_of(self.own_statuses(offering, demand).values())
                    able += [(demand, status)] if status is not FAIL else []
            found = self._classes[key] = filters.class_size(self.facts, self.question, offering, able)
        return found

    def values(self, offering: Offering, demand: Demand) -> Values:
        """Return the parts of all factors."""
        facts, seats = self.facts, self.question.in_seats
        skill, covers = facts.skill(offering, demand)
        volume = facts.volume(demand.enterprise, offering.major) if seats else None
        return Values(
            major=facts.fit(offering.major, demand.occupation),
            skill=skill,
            covers=covers,
            level=facts.level(offering, demand),
            fill=facts.fill(offering, demand) if seats else None,
            outcome=facts.outcome(offering.school, offering.major),
            travel=facts.travel(offering, demand),
            post=facts.post(demand),
            industry=facts.industry(offering, facts.enterprise(demand)),
            volume=volume,
            volume_value=1.0 if volume is None else facts.volume_value(offering, volume),
            history=facts.history(offering.school, demand.enterprise),
        )

    def figures(
        self, offering: Offering, demand: Demand, statuses: Mapping[str, Status] | None = None
    ) -> Figures:
        """Return the scored pair; `statuses` are its filters where they are known already."""
        values = self.values(offering, demand)
        rules = self.policy.query_a
        sides = {
            "enterprise": make_side(rules.enterprise_side, values.enterprise(), self.policy),
            "school": make_side(rules.school_side, values.school(), self.policy),
        }
        judged = self.statuses(offering, demand) if statuses is None else statuses
        return Figures(offering, demand, values, judged, sides)
