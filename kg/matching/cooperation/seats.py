"""Seats of one school year: supply, open places, kinds of post and the two legal caps (`scoring.md` §2).

Everything is counted exactly and over all rows, whoever looks.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from kg.index.cooperation.entities import STATUS_SIGNED, Cooperation, Demand, Offering
from kg.index.cooperation.view import CooperationView
from kg.index.lookups import Occupation
from kg.matching.cooperation.question import school_year, year_days
from kg.model.rules import CooperationRules
from kg.vocab.modes import SEAT_MODES


class Amount(NamedTuple):
    """A computed number: None where nothing is told; `complete` False when a summand is absent (it counted as 0)."""

    value: int | None
    complete: bool = True

    @property
    def known(self) -> bool:
        """True when a factor may read it."""
        return self.value is not None and self.complete

    def __sub__(self, other: "Amount") -> "Amount":
        value = None if self.value is None or other.value is None else self.value - other.value
        return Amount(value, self.complete and other.complete)


def add(amounts: Iterable[Amount]) -> Amount:
    """Return the sum; amounts without a value count as 0 and make it incomplete."""
    total, complete = 0, True
    for amount in amounts:
        total += amount.value or 0
        complete = complete and amount.known
    return Amount(total, complete)


def least(values: Iterable[int | None]) -> int | None:
    """Return the smallest value that is told; what is unknown does not bind."""
    return min((value for value in values if value is not None), default=None)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of post: the enterprise's demands in the year with one occupation, which describe one post.

    `used` counts interns, signed seats on it, and signed seats of the enterprise that name no demand of it
    (`unplaced`); `used_placed` leaves the last out.
    """

    same_post: int | None
    cap: int | None
    interns: Amount
    used: Amount
    used_placed: Amount


@dataclass(frozen=True, slots=True)
class Staff:
    """The cap on an enterprise's whole staff and what is used of it."""

    cap: int | None
    used: Amount


@dataclass(frozen=True, slots=True)
class Legal:
    """Both caps on a demand and what they leave; the value is None where a cap is unknown (it does not bind).

    `post_left_placed` is what would be left if signed seats that name no demand were on other posts.
    """

    staff: Staff
    kind: Kind
    staff_left: Amount
    post_left: Amount
    post_left_placed: Amount

    @classmethod
    def of(cls, staff: Staff, kind: Kind) -> "Legal":
        """Return the caps with what they leave."""
        cap = Amount(kind.cap)
        return cls(staff, kind, Amount(staff.cap) - staff.used, cap - kind.used, cap - kind.used_placed)

    @property
    def left(self) -> int | None:
        """The smaller of the known parts; None when both are unknown."""
        return least((self.staff_left.value, self.post_left.value))

    @property
    def known(self) -> bool:
        """True when both caps are known and their sums complete."""
        return self.staff_left.known and self.post_left.known


@dataclass(frozen=True, slots=True)
class SeatYear:
    """All quantities of one school year, by offering, demand, enterprise and kind."""

    year: int
    supply: Mapping[str, Amount]
    open: Mapping[str, Amount]
    in_year: Mapping[str, bool]
    legal: Mapping[str, Legal]
    signed_offering: Mapping[str, tuple[Cooperation, ...]]
    signed_demand: Mapping[str, tuple[Cooperation, ...]]


def last_school_year(offering: Offering) -> int | None:
    """Return the last school year of a cohort; None when intake or years are not told."""
    if offering.intake_year is None or offering.years is None:
        return None
    return offering.intake_year + math.ceil(offering.years) - 1


def seat_year(view: CooperationView, rules: CooperationRules, year: int) -> SeatYear:
    """Return the quantities of a school year, computed once per generation, year and caps."""
    key = (year, rules.staff_cap, rules.post_cap)
    return view.remembered("seats", key, lambda: _count(view, rules, year))


def _count(view: CooperationView, rules: CooperationRules, year: int) -> SeatYear:
    signed = [one for one in view.cooperations if _is_signed(view, one, year)]
    by_offering = _grouped((one.offering, one) for one in signed)
    by_demand = _grouped((one.demand, one) for one in signed)
    by_enterprise = _grouped((one.enterprise, one) for one in signed)
    in_year = {
        demand.id: _overlaps(demand.valid_from, demand.valid_to, year) for demand in view.demands.values()
    }
    legal: dict[str, Legal] = {}
    for enterprise, demands in view.demands_of.items():
        here = by_enterprise.get(enterprise, ())
        staff = _share(rules.staff_cap, view.enterprise(enterprise).staff)
        legal.update(_legal(rules, demands, in_year, here, by_demand, staff))
    return SeatYear(
        year=year,
        supply={one.id: _supply(one, by_offering.get(one.id, ())) for one in view.offerings.values()},
        open={one.id: Amount(one.count) - _seats(by_demand.get(one.id, ())) for one in view.demands.values()},
        in_year=in_year,
        legal=legal,
        signed_offering=by_offering,
        signed_demand=by_demand,
    )


def _grouped(pairs: Iterable[tuple[str | None, Cooperation]]) -> dict[str, tuple[Cooperation, ...]]:
    found: dict[str, list[Cooperation]] = {}
    for key, one in pairs:
        if key is not None:
            found.setdefault(key, []).append(one)
    return {key: tuple(members) for key, members in found.items()}


def _is_signed(view: CooperationView, one: Cooperation, year: int) -> bool:
    if one.status != STATUS_SIGNED or one.mode not in SEAT_MODES:
        return False
    return _overlaps(one.start, _end(view, one), year)


def _end(view: CooperationView, one: Cooperation) -> date | None:
    """Return the last day of a signed agreement: without one it ends with a school year (`scoring.md` §2)."""
    if one.end is not None or one.start is None:
        return one.end
    if one.mode == "internship":
        return year_days(school_year(one.start))[1]
    offering = view.offerings.get(one.offering or "")
    last = None if offering is None else last_school_year(offering)
    return None if last is None else year_days(last)[1]


def _overlaps(start: date | None, end: date | None, year: int) -> bool:
    first, last = year_days(year)
    return (start is None or start <= last) and (end is None or first <= end)


def _seats(signed: Sequence[Cooperation]) -> Amount:
    return add(Amount(one.seats) for one in signed)


def _share(share: Fraction, heads: int | None) -> int | None:
    return None if heads is None else math.floor(share * heads)


def _supply(offering: Offering, signed: Sequence[Cooperation]) -> Amount:
    committed = Amount(offering.committed or 0, offering.committed is not None)
    return Amount(offering.students) - add((committed, _seats(signed)))


def _legal(
    rules: CooperationRules,
    demands: Sequence[Demand],
    in_year: Mapping[str, bool],
    here: Sequence[Cooperation],
    by_demand: Mapping[str, tuple[Cooperation, ...]],
    staff_cap: int | None,
) -> dict[str, Legal]:
    """Return the caps of every demand of one enterprise; `here` are its signed agreements of the year."""
    own = {demand.id for demand in demands}
    unplaced = _seats([one for one in here if one.demand not in own])
    codes: dict[Occupation, list[Demand]] = {}
    for demand in demands:
        codes.setdefault(demand.occupation, []).append(demand)
    kinds = {
        code: _kind(
            rules,
            [demand for demand in rows if in_year[demand.id]],
            add(_seats(by_demand.get(demand.id, ())) for demand in rows),
            unplaced,
        )
        for code, rows in codes.items()
    }
    used = add((*(kind.interns for kind in kinds.values()), _seats(here)))
    staff = Staff(staff_cap, used)
    found = {code: Legal.of(staff, kind) for code, kind in kinds.items()}
    return {demand.id: found[demand.occupation] for demand in demands}


def _kind(rules: CooperationRules, rows: Sequence[Demand], placed: Amount, unplaced: Amount) -> Kind:
    """Rows of one kind describe one post: the largest same_post and interns of them hold."""
    same_post = max((row.same_post for row in rows if row.same_post is not None), default=None)
    interns = Amount(
        max((row.interns or 0 for row in rows), default=0), all(row.interns is not None for row in rows)
    )
    used_placed = add((interns, placed))
    return Kind(
        same_post, _share(rules.post_cap, same_post), interns, add((used_placed, unplaced)), used_placed
    )
