"""The factors of query A for one pair of a cohort and a post."""

from datetime import date
from fractions import Fraction

from tests.oracle.ledger import Factor, make_side
from tests.oracle.reference import (
    Code,
    Number,
    Occupations,
    Skills,
    Travel,
    best_known,
    outcome_events,
    success_rate,
)
from tests.oracle.seats import SEAT_MODES, Legal, Seats, least
from tests.oracle.world import (
    SLACK,
    Row,
    World,
    flag,
    holds,
    is_masked,
    items,
    level,
    number,
    skill_items,
    table_view,
    text,
    weighted,
    whole,
)

ENTERPRISE_SIDE = {
    "major": Fraction(30, 100),
    "skill": Fraction(20, 100),
    "level": Fraction(15, 100),
    "fill": Fraction(15, 100),
    "outcome": Fraction(15, 100),
    "travel": Fraction(5, 100),
}
SCHOOL_SIDE = {
    "major": Fraction(25, 100),
    "post": Fraction(25, 100),
    "industry": Fraction(20, 100),
    "volume": Fraction(10, 100),
    "history": Fraction(15, 100),
    "travel": Fraction(5, 100),
}
FIT_SEATS = Fraction(4, 10)
HALF_LIFE = 3
TRAVEL_HOURS = 3
APPRENTICES_A_MENTOR, ROTATION_POSTS = 5, 3
SAFETY = {"无事故": Fraction(1), "一般": Fraction(1, 2), "较大": Fraction(0)}
INDUSTRY_SERVED, INDUSTRY_PRIORITY, INDUSTRY_ELSE = Fraction(1), Fraction(6, 10), Fraction(3, 10)


class PartnerFacts:
    """The world, indexed for query A in one mode, year and day."""

    def __init__(self, world: World, mode: str, year: int, as_of: date) -> None:
        self.mode, self.year, self.as_of = mode, year, as_of
        self.occupations, self.skills, self.travel = Occupations(world), Skills(world), Travel(world)
        self.seats = Seats(world, self.occupations, year)
        self.enterprises, self.offerings = self.seats.enterprises, self.seats.offerings
        self.demands = self.seats.demands
        self.schools = {str(row["credit_code"]): row for row in table_view(world, "schools")}
        self.organs = table_view(world, "organs")
        self.groups = table_view(world, "major_groups")
        self.chains = {str(row["chain_id"]): row for row in table_view(world, "chains")}
        self.wages: dict[tuple[Code, str], Fraction] = {}
        for row in table_view(world, "wages"):
            median = number(row, "median")
            if median is not None and median > 0:
                place = (self.occupations.resolve(str(row["occupation"])), text(row, "district") or "")
                self.wages.setdefault(place, median)
        self.majors: dict[Code, Row] = {}
        for row in table_view(world, "majors"):
            self.majors[str(row["code"]), text(row, "edition") or ""] = row

    @property
    def in_seats(self) -> bool:
        """Whether the mode takes seats."""
        return self.mode in SEAT_MODES

    def major_key(self, reference: str) -> Code:
        """``code@edition``, or a bare code in the newest edition that lists it."""
        code, sign, edition = reference.partition("@")
        if not sign:
            edition = max((e for c, e in self.majors if c == code), default="")
        return code, edition

    def trades(self, offering: Row) -> list[tuple[str, Fraction]]:
        """The occupations that an offering's major leads to, with weights."""
        return weighted(self.majors.get(self.major_key(str(offering["major"])), {}), "occupations")

    def fits(self, offering: Row, demand: Row) -> list[Fraction | None]:
        """Occupation fit of each of the major's occupations to a demand's."""
        return self.occupations.fits([code for code, _ in self.trades(offering)], [str(demand["occupation"])])

    def hours(self, offering: Row, demand: Row) -> Number | None:
        """One way from the school to the enterprise."""
        school = self.schools.get(text(offering, "school") or "", {})
        enterprise = self.enterprises.get(text(demand, "enterprise") or "", {})
        return self.travel.one_way(text(school, "district"), text(enterprise, "district"))

    def sides(self, offering: Row, demand: Row, legal: Legal | None) -> dict[str, list[Factor]]:
        """Both sides of a pair."""
        major, travel = self._major(offering, demand), self._travel(offering, demand)
        enterprise: dict[str, Number | None] = {
            "major": major,
            "skill": self._skill(offering, demand),
            "level": _level(offering, demand),
            "fill": Fraction(1) if legal is None else self._fill(offering, demand, legal),
            "outcome": self._outcome(offering),
            "travel": travel,
        }
        school: dict[str, Number | None] = {
            "major": major,
            "post": self._post(demand),
            "industry": self._industry(offering, demand),
            "volume": self._volume(offering, demand),
            "history": self._history(offering, demand),
            "travel": travel,
        }
        return {
            "enterprise": make_side(ENTERPRISE_SIDE, enterprise),
            "school": make_side(SCHOOL_SIDE, school),
        }

    def _major(self, offering: Row, demand: Row) -> Fraction | None:
        weights = [weight for _, weight in self.trades(offering)]
        fits = self.fits(offering, demand)
        found = [None if fit is None else w * fit for w, fit in zip(weights, fits, strict=True)]
        return best_known(found)

    def _skill(self, offering: Row, demand: Row) -> Fraction | None:
        wanted, held = skill_items(demand, "skills"), self.skills.course_skills(offering)
        if not wanted or not held:
            return None
        cover = sum(w * self.skills.cover_one(name, grade, held) for name, grade, w in wanted)
        return Fraction(cover) / sum(w for _, _, w in wanted)

    def _fill(self, offering: Row, demand: Row, legal: Legal) -> Fraction | None:
        supply, open_ = self.seats.supply(offering), self.seats.open(demand)
        if not all(amount.known for amount in (supply, open_, legal.staff, legal.post)):
            return None
        room = least((supply.value, open_.value)) or 0
        seats = least((room, legal.left)) or 0
        return Fraction(max(0, seats), room) if room > 0 else Fraction(0)

    def _outcome(self, offering: Row) -> float | None:
        best: dict[int, tuple[int, str, Fraction]] = {}
        for row in self.offerings.values():
            sample, year = whole(row, "sample") or 0, whole(row, "stat_year")
            rates = [number(row, f"{name}_rate") for name in ("certificate", "employment", "stay")]
            known = [rate for rate in rates if rate is not None]
            if not self._same_course(row, offering) or year is None or sample <= 0 or not known:
                continue
            entry = (-sample, str(row["offering_id"]), sum(known, Fraction(0)) / len(known))
            best[year] = min(best.get(year, entry), entry)
        events = [(date(year, 12, 31), -size, -size * rate) for year, (size, _, rate) in best.items()]
        return success_rate(list(events), self.as_of, HALF_LIFE)

    def _same_course(self, one: Row, other: Row) -> bool:
        same_major = self.major_key(str(one["major"])) == self.major_key(str(other["major"]))
        return same_major and text(one, "school") == text(other, "school")

    def _travel(self, offering: Row, demand: Row) -> Number | None:
        if flag(demand, "boarding"):
            return Fraction(1)
        hours = None if is_masked(demand, "boarding") else self.hours(offering, demand)
        if hours is None:
            return None
        return 1 - hours / TRAVEL_HOURS if hours < TRAVEL_HOURS else Fraction(0)

    def _post(self, demand: Row) -> Fraction | None:
        enterprise = self.enterprises.get(text(demand, "enterprise") or "", {})
        code = self.occupations.resolve(str(demand["occupation"]))
        median = self.wages.get((code, text(enterprise, "district") or ""), self.wages.get((code, "")))
        pay, mentors, rotation = (number(demand, name) for name in ("pay", "mentors", "rotation"))
        open_ = self.seats.open(demand)
        parts: list[Fraction] = []
        if pay is not None and median is not None:
            parts.append(min(Fraction(1), pay / median))
        if mentors is not None and open_.known and (open_.value or 0) >= 1:
            parts.append(min(Fraction(1), mentors * APPRENTICES_A_MENTOR / (open_.value or 1)))
        if (safety := text(enterprise, "safety")) is not None:
            parts.append(SAFETY[safety])
        if rotation is not None:
            parts.append(min(Fraction(1), rotation / ROTATION_POSTS))
        return sum(parts, Fraction(0)) / len(parts) if parts else None

    def _industry(self, offering: Row, demand: Row) -> Fraction | None:
        chains = items(self.enterprises.get(text(demand, "enterprise") or "", {}), "chains")
        if not chains:
            return None
        first = {chain for chain in chains if self._is_priority(chain)}
        served = {
            chain
            for group in self.groups
            if text(group, "school") == text(offering, "school") and self._teaches(group, offering)
            for chain in items(group, "chains")
        }
        return INDUSTRY_SERVED if first & served else INDUSTRY_PRIORITY if first else INDUSTRY_ELSE

    def _is_priority(self, chain: str) -> bool:
        row = self.chains.get(chain, {})
        told = text(row, "priority_from") is not None or text(row, "priority_to") is not None
        return told and holds(row, self.as_of, "priority_from", "priority_to")

    def _teaches(self, group: Row, offering: Row) -> bool:
        own = self.major_key(str(offering["major"]))
        return own in {self.major_key(major) for major in items(group, "majors")}

    def _volume(self, offering: Row, demand: Row) -> Fraction | None:
        if not self.in_seats:
            return Fraction(1)
        heads = Fraction(0)
        for row in self.seats.demands_of(text(demand, "enterprise") or ""):
            fit = best_known(self.fits(offering, row))
            if not self.seats.in_year(row) or fit is None or fit < FIT_SEATS - SLACK:
                continue
            open_ = self.seats.open(row)
            if open_.value is not None and open_.value < 1:
                continue
            if not open_.known:
                return None
            heads += open_.value or 0
        students = number(offering, "students")
        return None if not students else min(Fraction(1), heads / students)

    def _history(self, offering: Row, demand: Row) -> float | None:
        school, enterprise = text(offering, "school"), text(demand, "enterprise")
        events: list[tuple[date, Number, Number]] = []
        for when, row, good in outcome_events(self.seats.cooperations):
            if text(row, "enterprise") == enterprise:
                weight = 2 if text(row, "school") == school else 1
                events.append((when, weight, weight * int(good)))
        return success_rate(events, self.as_of, HALF_LIFE)


def _level(offering: Row, demand: Row) -> Fraction | None:
    exit_, asked = level(offering, "exit_level"), level(demand, "level")
    if asked is None:
        return None if is_masked(demand, "level") else Fraction(1)
    if exit_ is None:
        return None
    return Fraction(1, 2 ** max(0, asked - exit_))
