"""What holds of one talent on one day whatever the need: valid proofs, reputation, honours; worked out once and kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from kg.index.talents.facts import (
    BROKEN_OFF,
    FINISHED,
    SUCCESS,
    Achievement,
    Appointment,
    Certificate,
    Consent,
    Engagement,
    Talent,
)
from kg.index.world import World
from kg.matching.mobility.days import remember
from kg.matching.mobility.texts import figure, say
from kg.matching.quantities import decay, decay_years, success_rate
from kg.model.answers import Evidence, Factor, FilterResult
from kg.model.graph import NodeRef
from kg.model.rules import MobilityRules, Policy

_MOST_KEPT = 4400
"""At about 6 kB each with the unpacked talent; reading one talent anew costs as much as scoring him."""

_TOLD_BY = {"evidence": "achievements", "honour": "honours"}
"""The table without which nobody can be told apart by a factor."""


@dataclass(slots=True)
class Standing:
    """A talent on a day: what is valid, achievements dated by then or undated, signed services, two factors.

    `proofs` are certificates, then appointments; `leveled` those of them that tell a level; `ages` how much each
    achievement counts by age; `told` keeps outcomes that depend on nothing but the person and the day.
    """

    talent: Talent
    node: NodeRef
    certificates: tuple[Certificate, ...]
    appointments: tuple[Appointment, ...]
    proofs: tuple[Certificate | Appointment, ...]
    leveled: tuple[Certificate | Appointment, ...]
    achievements: tuple[Achievement, ...]
    ages: tuple[float, ...]
    consents: tuple[Consent, ...]
    signed: tuple[Engagement, ...]
    reputation: Factor
    honour: Factor
    told: dict[object, FilterResult]


def standings_of(world: World, policy: Policy, as_of: date) -> dict[str, Standing]:
    """Return the standings kept of that day in that generation, by talent."""
    kept: dict[str, Standing] = remember(world.talents, ("standing", as_of, policy.hash), dict)
    return kept


def standing_of(
    world: World, policy: Policy, talent: Talent, as_of: date, kept: dict[str, Standing]
) -> Standing:
    """Return the standing of a talent; some lately asked for are kept.

    Advice asks about edited persons of the same key, so what is kept counts only for the very person it was made of.
    """
    found = kept.get(talent.key)
    if found is None or found.talent is not talent:
        if len(kept) >= _MOST_KEPT:
            kept.clear()
        found = kept[talent.key] = _standing(world, policy, talent, as_of)
    return found


def _standing(world: World, policy: Policy, talent: Talent, as_of: date) -> Standing:
    certificates = tuple([found for found in talent.certificates if found.valid_on(as_of)])
    appointments = tuple([found for found in talent.appointments if found.valid_on(as_of)])
    leveled = [found for found in certificates if found.level is not None or found.hidden_level]
    achievements = tuple([a for a in talent.achievements if a.day is None or a.day <= as_of])
    return Standing(
        talent=talent,
        node=talent.ref,
        certificates=certificates,
        appointments=appointments,
        proofs=(*certificates, *appointments),
        leveled=(*leveled, *appointments),
        achievements=achievements,
        ages=tuple([_age(policy.query_b, achievement, as_of) for achievement in achievements]),
        consents=tuple([found for found in talent.consents if found.valid_on(as_of)]),
        signed=tuple([found for found in talent.engagements if found.signed]),
        reputation=_reputation(world, policy, talent, as_of),
        honour=_honour(world, policy, talent, as_of),
        told={},
    )


def _age(rules: MobilityRules, achievement: Achievement, as_of: date) -> float:
    """Return the share at which an achievement counts by its age."""
    if achievement.day is None:
        return decay_years(rules.undated_years, rules.evidence_half_life_years)
    return decay(achievement.day, as_of, rules.evidence_half_life_years)


def known_factor(
    rules: MobilityRules, code: str, value: float, text: str, evidence: Iterable[Evidence | None] = ()
) -> Factor:
    """Return a known factor; evidence that is not there is left out."""
    weight = rules.need_side[code] if code in rules.need_side else rules.talent_side[code]
    kept = tuple([found for found in evidence if found is not None]) if evidence else ()
    return Factor(code, weight, value, True, text, kept)  # noqa: FBT003 - the field is named `known`


def unknown_factor(world: World, policy: Policy, code: str, key: str, **figures: Any) -> Factor:
    """Return an unknown factor at its neutral value; 0 where no source has delivered what would tell people apart."""
    table, rules = _TOLD_BY.get(code), policy.query_b
    told = table is None or bool(world.delivered.get(table))
    value = policy.common.neutral_of(code) if told else 0.0
    weight = rules.need_side[code] if code in rules.need_side else rules.talent_side[code]
    return Factor(code, weight, value, False, say(key, value=figure(value), **figures))  # noqa: FBT003 - `known`


def _reputation(world: World, policy: Policy, talent: Talent, as_of: date) -> Factor:
    """Smoothed, ageing rate of successes over ended services with an outcome."""
    ended = [(found, day) for found in talent.engagements if (day := _ended(found, as_of)) is not None]
    half_life, common = policy.query_b.reputation_half_life_years, policy.common
    aged = [(decay(day, as_of, half_life), engagement.outcome == SUCCESS) for engagement, day in ended]
    rate = success_rate([(n, n if good else 0.0) for n, good in aged], common)
    if rate is None:
        return unknown_factor(world, policy, "reputation", "reputation.unknown")
    text = say(
        "reputation",
        count=len(aged),
        good=sum(good for _, good in aged),
        r=figure(sum(n for n, good in aged if good)),
        n=figure(sum(n for n, _ in aged)),
        r0=figure(common.prior_successes),
        n0=figure(common.prior_total),
    )
    edges = [talent.evidence("engagements", "engagement", engagement.stated) for engagement, _ in ended]
    return known_factor(policy.query_b, "reputation", rate, text, edges)


def _ended(engagement: Engagement, as_of: date) -> date | None:
    """Return the day on which a service with an outcome ended by `as_of`, None for others."""
    day = engagement.last or engagement.first
    if engagement.status not in (FINISHED, BROKEN_OFF) or not engagement.outcome or day is None:
        return None
    return day if day <= as_of else None


def _honour(world: World, policy: Policy, talent: Talent, as_of: date) -> Factor:
    """Points of honours up to the year, capped."""
    rules = policy.query_b
    found = [h for h in talent.honours if h.year is not None and h.year <= as_of.year]
    if not found:
        if talent.honours_known:
            return known_factor(rules, "honour", 0.0, say("honour.none"))
        return unknown_factor(world, policy, "honour", "honour.unknown")
    points = sum(rules.honour_points.get(h.rank, 0.0) for h in found)
    names = say("list").join(say("honour.item", name=h.name, year=h.year) for h in found)
    text = say("honour", names=names, points=figure(points), full=figure(rules.honour_full))
    edges = [talent.evidence("honours", "honour", h.stated) for h in found]
    return known_factor(rules, "honour", min(1.0, points / rules.honour_full), text, edges)
