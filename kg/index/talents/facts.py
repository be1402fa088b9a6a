"""What the index holds about one person and one need: plain facts, each with the row that states it.

Nothing protected or sealed has a place here (`scoring.md` §5): the scorer cannot read what its input does not hold.
"""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from kg.index.lookups import Occupation
from kg.index.parsing import HeldSkill, WantedSkill
from kg.model.answers import Evidence
from kg.model.graph import NodeRef, RowId, Value


class Stated(NamedTuple):
    """Where a fact is written: source, natural key inside it, and key of the node that the row is ("" for a relation)."""

    source: str
    key: str
    node: str


class Certificate(NamedTuple):
    """A certificate: `level` None without one, `hidden_level` when the register only shows stars.

    `issued` and `expires` are days (None: absent); `target` is the key of the occupation's node ("" without);
    `evidence` the edge to the occupation, to the person without one.
    """

    stated: Stated
    occupation: Occupation | None
    level: int | None
    hidden_level: bool
    issued: date | None
    expires: date | None
    target: str
    evidence: Evidence

    def valid_on(self, day: date) -> bool:
        """True when issued by that day and not expired."""
        return (
            self.issued is not None and self.issued <= day and (self.expires is None or day <= self.expires)
        )


class Appointment(NamedTuple):
    """An appointment to a level of an occupation by an employer, in a period."""

    stated: Stated
    occupation: Occupation | None
    level: int | None
    hidden_level: bool
    first: date | None
    last: date | None
    target: str
    evidence: Evidence

    def valid_on(self, day: date) -> bool:
        """True when the period covers the day."""
        return covers_day(self.first, self.last, day)


class Achievement(NamedTuple):
    """An achievement: tags as skill ids, day (None: undated), whether verified, and kind."""

    stated: Stated
    title: str
    tags: tuple[str, ...]
    day: date | None
    verified: bool
    targets: tuple[tuple[str, str], ...]


class Honour(NamedTuple):
    """An honour: name, rank (国家/省/市/县) and year (None where masked)."""

    stated: Stated
    name: str
    rank: str
    year: int | None


class Consent(NamedTuple):
    """A consent to flexible recommendation: recipients and period; hidden ends are masked cells."""

    stated: Stated
    recipients: tuple[str, ...]
    first: date | None
    last: date | None
    revoked: date | None
    hidden: bool

    def valid_on(self, day: date) -> bool:
        """True when it covers the day and is not revoked on or before it."""
        return covers_day(self.first, self.last, day) and (self.revoked is None or self.revoked > day)


class Restriction(NamedTuple):
    """A restriction: `competing` True for 竞业, else 保密; a field is None where absent, MASKED where hidden."""

    stated: Stated
    competing: bool
    org: str | None
    occupation: str | None
    district: str | None
    first: date | None
    last: date | None

    def overlaps(self, first: date, last: date) -> bool:
        """True when it holds on some day of the window."""
        return overlap(self.first, self.last, first, last)


class Engagement(NamedTuple):
    """A flexible service: hours a week and trips are None where absent or masked; `place` is the district it went to."""

    stated: Stated
    host: str
    mode: str
    hours: float | None
    first: date | None
    last: date | None
    trips: float | None
    status: str
    outcome: str
    need: str
    place: str

    @property
    def signed(self) -> bool:
        """True for 已签."""
        return self.status == SIGNED

    def overlaps(self, first: date, last: date) -> bool:
        """True when it has a day in common with the window."""
        return overlap(self.first, self.last, first, last)


SIGNED = "已签"
FINISHED = "完成"
BROKEN_OFF = "终止"
SUCCESS = "成功"
"""Words of the tables `engagements.status` and `engagements.outcome`."""


@dataclass(slots=True, kw_only=True)
class Talent:
    """One person as all registers together show him; made by the thousand, so not frozen, but never changed.

    `row` is the leading register's row, `registers` all (source, person_id); hours, pay (yuan an hour) and dates
    are None where absent or masked; `hidden` names the columns that are masked everywhere. `modes` is None where no
    register lists modes, else mode -> preference > 0. `achievements_known` and `honours_known` say that one of his
    registers has delivered that table.
    """

    key: str
    label: str
    row: RowId
    registers: tuple[tuple[str, str], ...]
    district: str | None
    employer: str | None
    work_status: str | None
    occupation: Occupation | None
    level: int | None
    modes: dict[str, float] | None
    weekly_hours: float | None
    available_from: date | None
    available_to: date | None
    pay_floor: float | None
    pay_wish: float | None
    travel_hours: float | None
    interests: tuple[str, ...]
    interest_targets: tuple[tuple[str, str], ...]
    occupation_target: str
    home_refuses: bool
    home_agrees: bool
    objects: bool
    hidden: frozenset[str]
    achievements_known: bool
    honours_known: bool
    certificates: tuple[Certificate, ...]
    appointments: tuple[Appointment, ...]
    skills: dict[str, HeldSkill]
    achievements: tuple[Achievement, ...]
    honours: tuple[Honour, ...]
    consents: tuple[Consent, ...]
    restrictions: tuple[Restriction, ...]
    engagements: tuple[Engagement, ...]

    @property
    def ref(self) -> NodeRef:
        """The node."""
        return NodeRef("talent", self.key)

    def own_evidence(self, relation: str, target: NodeRef) -> Evidence:
        """Return the edge that the person's own row states."""
        return Evidence(*self.row, "talent", self.key, relation, *target)

    def evidence(self, table: str, kind: str, stated: Stated) -> Evidence:
        """Return the edge by which a row of another table names the person."""
        source, key, node = stated
        return Evidence(source, table, key, kind, node, f"{table}.person_id", "talent", self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One row of flex_needs as read; absent or masked cells are None or empty, `hidden` names the masked ones.

    `targets` maps a skill id to the key of the node that the row links to where it is not the id itself,
    `occupation_targets` an occupation to that of its node. `row` is None for a need that was typed in.
    """

    key: str | None
    row: RowId | None
    title: str
    host: str
    occupations: tuple[Occupation, ...]
    min_level: int | None
    skills: tuple[WantedSkill, ...]
    tags: tuple[str, ...]
    modes: tuple[str, ...]
    hours_per_week: float | None
    weeks: int | None
    total_hours: float | None
    first: date | None
    last: date | None
    visits: int | None
    district: str | None
    pay_min: float | None
    pay_max: float | None
    targets: dict[str, str]
    occupation_targets: dict[Occupation, str]
    hidden: frozenset[str]
    values: dict[str, Value]
    public: bool = True

    def evidence(self, relation: str, kind: str, target: str) -> Evidence | None:
        """Return the edge from the need to that node; None for a need that was typed in."""
        if self.row is None or self.key is None:
            return None
        return Evidence(*self.row, "need", self.key, relation, kind, target)


def covers_day(first: date | None, last: date | None, day: date) -> bool:
    """True when a period, open where an end is absent, holds on the day; both ends belong to it."""
    return (first is None or first <= day) and (last is None or day <= last)


def overlap(first: date | None, last: date | None, start: date, end: date) -> bool:
    """True when a period has a day in common with start..end."""
    return (first is None or first <= end) and (last is None or last >= start)
