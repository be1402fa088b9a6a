"""The question of query A, checked: who asks for partners of whom, by which mode, in which school year."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from kg.errors import InvalidInputError, NotFoundError
from kg.index.world import World
from kg.matching.cooperation.texts import ERRORS
from kg.model.graph import NodeRef
from kg.model.rules import Policy
from kg.vocab.modes import COOPERATION_MODES, SEAT_MODES

Sees = Callable[[tuple[str, ...], bool], bool]
"""Whether the viewer may see a row, given the credit codes of its owners and whether it is public (A7)."""

ANCHOR_KINDS: Final = ("enterprise", "school", "district")
WHOLE_AREA: Final = NodeRef("area", "")
"""Stands where a plan looks at all cohorts and all posts: nobody asks for partners of it."""
ORDERS: Final = ("value", "seats", "score")
FIRST_YEAR: Final = 1980
LAST_YEAR: Final = 2100
_SCHOOL_YEAR_MONTH: Final = 9
_OCCUPATION: Final = re.compile(r"[0-9]-[0-9]{2}-[0-9]{2}(?:-[0-9]{2}){0,2}(?:@.+)?")


def sees_everything(owners: tuple[str, ...], public: bool) -> bool:  # noqa: ARG001 - the shape of Sees
    """Answer like an officer: every row may be seen."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerQuestion:
    """One question: anchor (enterprise, school or district), mode, day, school year, and what narrows the pairs.

    `year` Y means Y-09-01 … (Y+1)-08-31; `radius_hours` is one way; `order` says by what partners are ordered in
    seat modes.
    """

    anchor: NodeRef
    mode: str
    as_of: date
    year: int
    occupations: tuple[str, ...] = ()
    radius_hours: float | None = None
    order: str = "value"
    sees: Sees = sees_everything

    @property
    def in_seats(self) -> bool:
        """True when the mode takes seats."""
        return self.mode in SEAT_MODES

    @property
    def node_kind(self) -> str:
        """The kind of the partners that are looked for."""
        return "enterprise" if self.anchor.kind == "school" else "school"

    def as_asked(self) -> dict[str, object]:
        """Return the question as an answer repeats it, without `k`."""
        return {
            "anchor": {"kind": self.anchor.kind, "key": self.anchor.key},
            "mode": self.mode,
            "year": self.year,
            "occupations": list(self.occupations),
            "radius_hours": self.radius_hours,
            "order": self.order,
        }


def school_year(day: date) -> int:
    """Return the school year that contains the day (it starts on 1 September)."""
    return day.year if day.month >= _SCHOOL_YEAR_MONTH else day.year - 1


def year_days(year: int) -> tuple[date, date]:
    """Return the first and the last day of a school year."""
    return date(year, _SCHOOL_YEAR_MONTH, 1), date(year + 1, 8, 31)


def ask(
    world: World,
    *,
    anchor: NodeRef,
    mode: str,
    as_of: date,
    year: int | None = None,
    occupations: Sequence[str] | None = None,
    radius_hours: float | None = None,
    order: str | None = None,
    sees: Sees = sees_everything,
) -> PartnerQuestion:
    """Return the checked question.

    Raises InvalidInputError (`field` names the argument) for an unknown mode, anchor kind or order, a year outside
    1980..2100, a radius that is no number ≥ 0 or an occupation that is no code; NotFoundError for an anchor that is not in the data.
    """
    _one_of("mode", mode, tuple(COOPERATION_MODES))
    _one_of("anchor", anchor.kind, ANCHOR_KINDS)
    chosen = order if order is not None else "value"
    _one_of("order", chosen, ORDERS)
    if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
        message = ERRORS["year"].format(value=year, low=FIRST_YEAR, high=LAST_YEAR)
        raise InvalidInputError(message, field="year", value=year)
    if radius_hours is not None and not (math.isfinite(radius_hours) and radius_hours >= 0):
        message = ERRORS["radius_hours"].format(value=radius_hours)
        raise InvalidInputError(message, field="radius_hours", value=radius_hours)
    for code in occupations or ():
        if not _OCCUPATION.fullmatch(code):
            raise InvalidInputError(ERRORS["occupations"].format(value=code), field="occupations", value=code)
    _check_anchor(world, anchor)
    return PartnerQuestion(
        anchor=anchor,
        mode=mode,
        as_of=as_of,
        year=school_year(as_of) if year is None else year,
        occupations=tuple(occupations or ()),
        radius_hours=radius_hours,
        order=chosen,
        sees=sees,
    )


def check_limit(k: int, policy: Policy) -> None:
    """Raise InvalidInputError when `k` lies outside 1..max_items of the policy."""
    if not 1 <= k <= policy.common.max_items:
        message = ERRORS["k"].format(value=k, high=policy.common.max_items)
        raise InvalidInputError(message, field="k", value=k)


def _one_of(field: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        message = ERRORS[field].format(value=value, allowed="、".join(allowed))
        raise InvalidInputError(message, field=field, value=value)


def _check_anchor(world: World, anchor: NodeRef) -> None:
    view = world.cooperation
    known = {
        "enterprise": anchor.key in view.enterprises,
        "school": anchor.key in view.schools,
        "district": anchor.key in world.travel.listed,
    }[anchor.kind]
    if not known:
        raise NotFoundError(
            ERRORS["unknown-anchor"].format(value=anchor.key), field="anchor", value=anchor.key
        )
