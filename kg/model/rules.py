"""The policy: every number of the two headline questions, as typed frozen values (`scoring.md` §6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonRules:
    """Rules that both questions share (`scoring.md` §1)."""

    neutral: float
    neutral_low: float
    neutral_low_factors: tuple[str, ...]
    coverage_floor: float
    tie_decimals: int
    exposure_days: int
    default_items: int
    max_items: int
    fit_small_group: float
    fit_middle_group: float
    skill_hops: int
    proven_skill: float
    declared_skill: float
    travel_inside_district: float
    earth_radius_km: float
    detour: float
    speed_kmh: float
    prior_successes: float
    prior_total: float
    control_share: float
    control_links: int
    source_order: tuple[str, ...]

    def neutral_of(self, factor: str) -> float:
        """Return the value at which an unknown factor enters its side."""
        return self.neutral_low if factor in self.neutral_low_factors else self.neutral


@dataclass(frozen=True, slots=True, kw_only=True)
class CooperationRules:
    """Query A: school-enterprise cooperation (`scoring.md` §2). Shares of caps are exact fractions."""

    enterprise_side: Mapping[str, float]
    school_side: Mapping[str, float]
    staff_cap: Fraction
    post_cap: Fraction
    fit_floor: float
    question_fit: float
    volume_fit: float
    level_base: float
    outcome_half_life_years: float
    history_half_life_years: float
    history_own_weight: float
    travel_full_hours: float
    students_per_mentor: float
    rotation_full: float
    safety: Mapping[str, float]
    chain_served: float
    chain_priority: float
    chain_other: float
    surplus_floor: float
    district_limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MobilityRules:
    """Query B: flexible talents (`scoring.md` §3)."""

    need_side: Mapping[str, float]
    talent_side: Mapping[str, float]
    relevance_skill: float
    relevance_trade: float
    relevance_floor: float
    relevance_evidence: float
    relevance_cover: float
    level_fit: float
    restriction_fit: float
    weeks_share: Fraction
    week_days: int
    parttime_week_hours: float
    trips_per_year: int
    trip_modes: tuple[str, ...]
    trip_hours: float
    concurrent: int
    trade_implied: float
    evidence_half_life_years: float
    undated_years: float
    declared_value: float
    reputation_half_life_years: float
    honour_points: Mapping[str, float]
    honour_full: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceRules:
    """What would change an item's place: the least gain worth telling, how many, and what each edit costs.

    `gain` is in points of the score, `top` a rank; the first `talent_items` or `partner_items` of a list get
    counterfactuals unless the question says how many, each item at most `most`. Costs are in points of effort, larger = harder to bring about; only their order and sums count.
    """

    gain: float
    top: int
    talent_items: int
    partner_items: int
    most: int
    talent_costs: Mapping[str, float]
    partner_costs: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRules:
    """Market plans of flexible service: who gets a talent that several needs want, and what an hour is worth.

    A talent is given by `priority_weight` times the need's priority plus his own value b of it, never inside one
    need's list. `hours_floor` is the score above which an hour counts towards the plan's value.
    """

    priority_weight: float
    hours_floor: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamRules:
    """Teams for a technical problem: from which cover a skill counts as there, and the largest team."""

    cover: float
    members: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkageRules:
    """Who is who: from which probability (0..1) pairs are asked about and joined, and how sure names must be.

    `merge_from` 1 never joins by itself: no probability reaches it. `organisation_from` and `title_from` are scores
    of `kg.identity` (0..1): below the first a name is no candidate, from the second a title is read as its code if
    the next one is at least `title_margin` behind. `candidates` is the most that a question offers.
    """

    ask_from: float
    merge_from: float
    organisation_from: float
    title_from: float
    title_margin: float
    candidates: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One bureau's policy file. `hash` is the SHA-256 of its canonical form; `basis` the comment beside each key."""

    policy_id: str
    effective_from: date
    common: CommonRules
    query_a: CooperationRules
    query_b: MobilityRules
    advice: AdviceRules
    plans: PlanRules
    team: TeamRules
    linkage: LinkageRules
    hash: str
    basis: Mapping[str, str]
