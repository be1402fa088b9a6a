"""Seats, caps and the enterprise's posts in one school year: the quantities of query A."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil, floor

from tests.oracle.reference import Code, Occupations
from tests.oracle.world import Row, World, day, is_masked, number, overlaps, table_view, text, whole

SEAT_MODES = frozenset({"internship", "order_class", "apprentice_modern"})
STAFF_SHARE, POST_SHARE = Fraction(10, 100), Fraction(20, 100)


@dataclass(frozen=True)
class Amount:
    """A computed number (``None``: nothing to compute from), and whether its sums are complete."""

    value: int | None
    complete: bool = True

    @property
    def known(self) -> bool:
        """Whether a factor may read it."""
        return self.value is not None and self.complete


@dataclass(frozen=True)
class Legal:
    """The two caps on a post, what is used of them, and what is left."""

    staff_cap: int | None
    post_cap: int | None
    used_staff: int
    used_post: int
    staff: Amount
    post: Amount
    post_without_unplaced: Amount

    @property
    def left(self) -> int | None:
        """The smaller of the known parts, ``None`` if none is known."""
        return least((self.staff.value, self.post.value))


def least(values: Iterable[int | None]) -> int | None:
    """The smallest of those that are told; what is unknown does not bind."""
    return min((value for value in values if value is not None), default=None)


def school_year(on: date) -> int:
    """The year in which the school year of a day began."""
    return on.year if on.month >= 9 else on.year - 1


def year_days(year: int) -> tuple[date, date]:
    """First and last day of a school year."""
    return date(year, 9, 1), date(year + 1, 8, 31)


def last_school_year(offering: Row) -> int | None:
    """The last school year of a cohort."""
    intake, years = whole(offering, "intake_year"), number(offering, "years")
    return None if intake is None or years is None else intake + ceil(years) - 1


class Seats:
    """Everything that is counted, whoever looks."""

    def __init__(self, world: World, occupations: Occupations, year: int) -> None:
        self.occupations, self.year = occupations, year
        self.enterprises = {str(row["credit_code"]): row for row in table_view(world, "enterprises")}
        self.offerings = {str(row["offering_id"]): row for row in table_view(world, "offerings")}
        self.demands = {str(row["demand_id"]): row for row in table_view(world, "demands")}
        self.cooperations = table_view(world, "cooperations")
        self.signed = [row for row in self.cooperations if self._is_signed(row)]

    def _is_signed(self, row: Row) -> bool:
        """Signed, with seats, overlapping the year."""
        if text(row, "status") != "已签" or text(row, "mode") not in SEAT_MODES:
            return False
        first, last = year_days(self.year)
        return overlaps({**row, "valid_to": self._end(row)}, first, last)

    def _end(self, row: Row) -> str | None:
        start, end = day(row, "valid_from"), text(row, "valid_to")
        if end is not None or start is None:
            return end
        if text(row, "mode") == "internship":
            return year_days(school_year(start))[1].isoformat()
        offering = self.offerings.get(text(row, "offering") or "")
        last = None if offering is None else last_school_year(offering)
        return None if last is None else year_days(last)[1].isoformat()

    def kind(self, demand: Row) -> Code:
        """The kind of post: occupation with edition, without fifth part."""
        return self.occupations.resolve(str(demand["occupation"]))

    def in_year(self, demand: Row) -> bool:
        """Whether a demand is valid on some day of the year."""
        return overlaps(demand, *year_days(self.year))

    def demands_of(self, enterprise: str) -> list[Row]:
        """All demands of an enterprise."""
        return [row for row in self.demands.values() if text(row, "enterprise") == enterprise]

    def supply(self, offering: Row) -> Amount:
        """Students that are not yet placed."""
        key = text(offering, "offering_id")
        taken = _sum([row for row in self.signed if text(row, "offering") == key])
        students, committed = whole(offering, "students"), whole(offering, "committed") or 0
        complete = taken.complete and not is_masked(offering, "committed")
        return Amount(None if students is None else students - committed - (taken.value or 0), complete)

    def open(self, demand: Row) -> Amount:
        """Heads of a demand that are not yet taken."""
        key = text(demand, "demand_id")
        taken = _sum([row for row in self.signed if text(row, "demand") == key])
        count = whole(demand, "count")
        return Amount(None if count is None else count - (taken.value or 0), taken.complete)

    def _interns(self, rows: list[Row]) -> Amount:
        """Interns of one kind: the largest of its rows; absent is none."""
        value = max((whole(row, "interns") or 0 for row in rows), default=0)
        return Amount(value, not any(is_masked(row, "interns") for row in rows))

    def legal(self, demand: Row) -> Legal:
        """Both caps on a demand's post."""
        enterprise = text(demand, "enterprise") or ""
        kinds: dict[Code, list[Row]] = {}
        for row in self.demands_of(enterprise):
            if self.in_year(row):
                kinds.setdefault(self.kind(row), []).append(row)
        own = kinds.get(self.kind(demand), [])
        same_kind = {
            text(row, "demand_id")
            for row in self.demands_of(enterprise)
            if self.kind(row) == self.kind(demand)
        }
        every = {text(row, "demand_id") for row in self.demands_of(enterprise)}
        here = [row for row in self.signed if text(row, "enterprise") == enterprise]
        used_staff = _add([self._interns(rows) for rows in kinds.values()] + [_sum(here)])
        placed = _sum([row for row in self.signed if text(row, "demand") in same_kind])
        unplaced = _sum([row for row in here if text(row, "demand") not in every])
        without = _add([self._interns(own), placed])
        used_post = _add([without, unplaced])
        staff_cap = _cap(STAFF_SHARE, whole(self.enterprises.get(enterprise, {}), "staff"))
        post_cap = _cap(
            POST_SHARE, max((n for row in own if (n := whole(row, "same_post")) is not None), default=None)
        )
        return Legal(
            staff_cap=staff_cap,
            post_cap=post_cap,
            used_staff=used_staff.value or 0,
            used_post=used_post.value or 0,
            staff=_rest(staff_cap, used_staff),
            post=_rest(post_cap, used_post),
            post_without_unplaced=_rest(post_cap, without),
        )


def _cap(share: Fraction, heads: int | None) -> int | None:
    return None if heads is None else floor(share * heads)


def _rest(cap: int | None, used: Amount) -> Amount:
    return Amount(None if cap is None else cap - (used.value or 0), used.complete)


def _sum(rows: list[Row]) -> Amount:
    """Seats of signed cooperations; an absent number is counted as 0 and told as incomplete."""
    told = [whole(row, "seats") for row in rows]
    return Amount(sum(seats or 0 for seats in told), None not in told)


def _add(amounts: list[Amount]) -> Amount:
    return Amount(sum(one.value or 0 for one in amounts), all(one.complete for one in amounts))
