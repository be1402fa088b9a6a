"""What the registers tell about one person, read for one need and one day."""

from datetime import date, timedelta
from fractions import Fraction

from tests.oracle.need import WEEK_DAYS_LEAST, Need
from tests.oracle.reference import (
    Held,
    Number,
    Occupations,
    Ownership,
    Skills,
    Travel,
)
from tests.oracle.world import (
    Person,
    Row,
    World,
    day,
    holds,
    is_masked,
    number,
    overlaps,
    person_rows,
    persons,
    table_view,
    text,
    weighted,
)

BASIS_FULL = {"证书", "核实"}
BASIS_SHARE = Fraction(8, 10)


class Facts:
    """The world, indexed for query B."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.occupations = Occupations(world)
        self.skills = Skills(world)
        self.travel = Travel(world)
        self.ownership = Ownership(world)
        self.persons = persons(world)
        self.needs = {str(row["need_id"]): row for row in table_view(world, "flex_needs")}
        self.places: dict[str, str | None] = {}
        self.kinds: dict[str, frozenset[str]] = {}
        for table, kind in (("enterprises", "企业"), ("schools", "院校")):
            for row in table_view(world, table):
                code = str(row["credit_code"])
                self.places.setdefault(code, text(row, "district"))
                self.kinds[code] = self.kinds.get(code, frozenset()) | {kind}


class Candidate:
    """One person beside one need."""

    def __init__(self, facts: Facts, need: Need, person: Person, as_of: date) -> None:
        self.facts, self.need, self.person, self.as_of = facts, need, person, as_of
        self.row = person.row
        self.engagements = self.rows("engagements")
        self.certificates = [row for row in self.rows("certificates") if self._certified(row)]
        self.appointments = [row for row in self.rows("appointments") if holds(row, as_of)]
        self.skill_rows = self.rows("talent_skills")
        self.modes = {mode: value for mode, value in weighted(self.row, "modes") if value > 0}
        self.has_modes = bool(weighted(self.row, "modes"))
        district = text(self.row, "district")
        self.way = facts.travel.one_way(district, need.district)
        self.round_trip = facts.travel.round_trip(district, need.district)

    def rows(self, table: str) -> list[Row]:
        """The person's rows of a table, over all registers."""
        return person_rows(self.facts.world, self.person, table)

    def _certified(self, row: Row) -> bool:
        issued, expires = day(row, "issued"), day(row, "expires")
        return issued is not None and issued <= self.as_of and (expires is None or expires >= self.as_of)

    def held_skills(self) -> list[Held]:
        """Skills with level (1 if absent) and what their basis counts."""
        return [
            (
                self.facts.skills.resolve(str(row["skill"])),
                number(row, "level") or Fraction(1),
                Fraction(1) if text(row, "basis") in BASIS_FULL else BASIS_SHARE,
            )
            for row in self.skill_rows
        ]

    def trades(self) -> list[str]:
        """Occupations of valid certificates and appointments, and the declared one."""
        told = [text(row, "occupation") for row in (*self.certificates, *self.appointments, self.row)]
        return [code for code in told if code is not None]

    def offered_modes(self) -> list[str]:
        """The need's modes that the person offers, in the need's order."""
        return [mode for mode in self.need.modes if not self.has_modes or mode in self.modes]

    def preference(self, mode: str) -> Fraction | None:
        """The preference of a mode, ``None`` for a person without modes."""
        return self.modes[mode] if self.has_modes else None

    def visits(self, mode: str) -> Fraction | None:
        """Visits that a mode asks for; ``None`` if masked."""
        return Fraction(0) if mode == "advise_remote" else self.need.visits

    def travel_hours(self, mode: str) -> Number | None:
        """Hours on the road in a mode; ``None`` if unknown."""
        visits = self.visits(mode)
        if visits is None:
            return None
        if visits == 0:
            return Fraction(0)
        return None if self.round_trip is None else visits * self.round_trip

    def free_hours(self) -> tuple[list[Fraction], bool]:
        """Free hours of each counted week, and whether the sums are complete."""
        weekly = number(self.row, "weekly_hours") or Fraction(0)
        complete = not any(is_masked(self.row, column) for column in ("available_from", "available_to"))
        free = []
        for monday in self.need.weeks:
            sunday = monday + timedelta(days=6)
            busy = [row for row in self.signed() if overlaps(row, monday, sunday)]
            told = [number(row, "hours_per_week") for row in busy]
            complete = complete and None not in told
            left = max(Fraction(0), weekly - sum((h for h in told if h is not None), Fraction(0)))
            free.append(left if self._days_available(monday) >= WEEK_DAYS_LEAST else Fraction(0))
        return free, complete

    def _days_available(self, monday: date) -> int:
        days = [monday + timedelta(days=i) for i in range(7)]
        return sum(holds(self.row, one, "available_from", "available_to") for one in days)

    def signed(self) -> list[Row]:
        """Signed engagements."""
        return [row for row in self.engagements if text(row, "status") == "已签"]

    def trips_of_year(self) -> list[Row]:
        """Signed or completed engagements that start in the year of the window's first day."""
        return [
            row
            for row in self.engagements
            if text(row, "status") in {"已签", "完成"}
            and (start := day(row, "valid_from")) is not None
            and start.year == self.need.first.year
        ]

    def past_round_trip(self, row: Row) -> Number | None:
        """Round trip of an earlier engagement: to its need's place, else its host's."""
        facts, past = self.facts, self.facts.needs.get(text(row, "need_id") or "", {})
        place = text(past, "district") or facts.places.get(text(past, "host") or "")
        place = place or facts.places.get(text(row, "host") or "")
        return facts.travel.round_trip(text(self.row, "district"), place)
