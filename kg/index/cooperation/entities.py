"""What query A reads of schools, cohorts, enterprises, posts and agreements: plain values, nothing protected.

A field that is None is absent or masked; where the rules tell the two apart a second field says so. Quantities
that count as 0 when absent (`committed`, `interns`) are 0 then, and None only when masked. `evidence` maps a
column to the edges that state it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Final

from kg.index.lookups import Occupation
from kg.index.parsing import HeldSkill, WantedSkill
from kg.model.answers import Evidence
from kg.model.graph import NodeRef, RowId
from kg.vocab.levels import SkillLevel

STATUS_SIGNED: Final = "已签"
STATUSES_ENDED: Final = frozenset({"完成", "终止"})
OUTCOME_GOOD: Final = "成功"
STATUS_NORMAL: Final = "正常"
APPROVED: Final = "已批准"

Links = Mapping[str, tuple[Evidence, ...]]
"""Column -> the edges that state its value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class School:
    """A school; `names` are the folded full name and aliases by which an assessment organ is recognised."""

    code: str
    name: str
    names: frozenset[str] = frozenset()
    district: str | None = None
    licence_from: date | None = None
    licence_to: date | None = None
    licence_masked: bool = False
    evidence: Links = field(default_factory=dict)

    @property
    def ref(self) -> NodeRef:
        """The node."""
        return NodeRef("school", self.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enterprise:
    """An enterprise; `chains` None = absent or masked, `status` and `safety` the words of the table."""

    code: str
    name: str
    district: str | None = None
    staff: int | None = None
    status: str | None = None
    chains: tuple[str, ...] | None = None
    safety: str | None = None
    evidence: Links = field(default_factory=dict)

    @property
    def ref(self) -> NodeRef:
        """The node."""
        return NodeRef("enterprise", self.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offering:
    """A cohort: one row of offerings. `rates` are the known ones of certificate, employment and stay rate."""

    id: str
    ref: NodeRef
    school: str
    major: str
    exit_level: SkillLevel | None = None
    exit_label: str | None = None
    intake_year: int | None = None
    years: Fraction | None = None
    students: int | None = None
    approved: bool | None = None
    skills: Mapping[str, HeldSkill] | None = None
    class_min: int | None = None
    class_min_masked: bool = False
    committed: int | None = 0
    rates: tuple[float, ...] = ()
    sample: int | None = None
    stat_year: int | None = None
    public: bool = True
    evidence: Links = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """A post: one row of demands. `modes` None = absent (any mode) unless `modes_masked`."""

    id: str
    ref: NodeRef
    enterprise: str
    title: str
    occupation: Occupation
    level: SkillLevel | None = None
    level_masked: bool = False
    count: int | None = None
    same_post: int | None = None
    interns: int | None = 0
    skills: tuple[WantedSkill, ...] = ()
    pay: float | None = None
    mentors: int | None = None
    rotation: int | None = None
    boarding: bool | None = None
    boarding_masked: bool = False
    modes: frozenset[str] | None = None
    modes_masked: bool = False
    valid_from: date | None = None
    valid_to: date | None = None
    period_masked: bool = False
    public: bool = True
    evidence: Links = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The title, else the number of the row."""
        return self.title or self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Cooperation:
    """An agreement between a school and an enterprise; `seats` None = absent or masked."""

    id: str
    school: str
    enterprise: str
    mode: str
    offering: str | None = None
    demand: str | None = None
    seats: int | None = None
    start: date | None = None
    end: date | None = None
    status: str | None = None
    outcome: bool | None = None
    evidence: Links = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MajorOccupation:
    """An occupation that a major leads to, with its weight 0..1."""

    occupation: Occupation
    weight: float
    evidence: Evidence | None


@dataclass(frozen=True, slots=True)
class Major:
    """A major, keyed `code@edition`; `told` is False when its occupations are masked or its row is gone."""

    key: str
    name: str
    occupations: tuple[MajorOccupation, ...]
    told: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class MajorGroup:
    """A major group of a school, with the majors in it and the chains it serves."""

    name: str
    school: str
    majors: frozenset[str]
    chains: frozenset[str]
    row: RowId
    evidence: Links


@dataclass(frozen=True, slots=True)
class Chain:
    """An industry chain and the period in which it is a priority (both ends None: it is none)."""

    key: str
    name: str
    priority_from: date | None
    priority_to: date | None

    def is_priority(self, day: date) -> bool:
        """True when the chain is a priority on that day."""
        start, end = self.priority_from, self.priority_to
        told = start is not None or end is not None
        return told and (start is None or start <= day) and (end is None or day <= end)


@dataclass(frozen=True, slots=True)
class Wage:
    """A median monthly wage (yuan) of an occupation in a district, or in the whole area."""

    median: float
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Organ:
    """An assessment organ; `occupations` None = not told."""

    name: str
    occupations: frozenset[Occupation] | None
    max_level: SkillLevel | None
    evidence: tuple[Evidence, ...]
