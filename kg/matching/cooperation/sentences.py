"""Sentences of the ledger of query A, made from the parts that were computed."""

from fractions import Fraction

from kg.index.cooperation.entities import Demand, Offering
from kg.index.names import cohort_name
from kg.matching.cooperation import texts as t
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
from kg.matching.cooperation.seats import Legal
from kg.matching.similarity import Cover
from kg.model.rules import CommonRules
from kg.vocab.levels import LEVEL_LABELS


def plain(value: float, digits: int = 4) -> str:
    """Return a number without trailing zeros, at most `digits` decimals."""
    return f"{round(value, digits):.{digits}f}".rstrip("0").rstrip(".")


def assumed(facts: Facts, factor: str, reason: str) -> str:
    """Return the sentence of an unknown factor: why, and what it counts as."""
    return t.ASSUMED.format(reason=reason, neutral=plain(facts.policy.common.neutral_of(factor)))


def relation(rules: CommonRules, fit: float) -> str:
    """Return how near two occupations are, in words."""
    if fit >= 1:
        return t.FIT["same"]
    if fit >= rules.fit_small_group:
        return t.FIT["small"]
    return t.FIT["middle"] if fit >= rules.fit_middle_group and fit > 0 else t.FIT["none"]


def cohort_label(facts: Facts, offering: Offering) -> str:
    """Return a cohort as people name it: major and year of intake."""
    return cohort_name(facts.world, offering)


def major(facts: Facts, offering: Offering, demand: Demand, found: MajorFit) -> str:
    """Say which occupation of the major meets the post's."""
    if found.best is None or found.value is None:
        return assumed(facts, "major", t.MAJOR["unknown"])
    lead = found.best.occupation
    fit = facts.world.occupations.fit(lead, demand.occupation) or 0.0
    words = relation(facts.policy.common, fit)
    if fit > 0 and lead.edition != demand.occupation.edition:
        words += t.FIT["crosswalk"]
    weight = "" if found.best.weight >= 1 else t.MAJOR["weight"].format(weight=plain(found.best.weight))
    return t.MAJOR["fit"].format(
        major=facts.world.cooperation.major(offering.major).name,
        lead=facts.world.occupations.name(lead),
        code=lead.code,
        relation=words,
        weight=weight,
    )


def skill(facts: Facts, offering: Offering, covers: tuple[Cover, ...]) -> str:
    """Say what is covered to which level, and what is not taught."""
    if not covers:
        reason = t.SKILL["no-courses"] if offering.skills is None else t.SKILL["no-wants"]
        return assumed(facts, "skill", reason)
    missing = [facts.world.skills.label(cover.wanted.skill) for cover in covers if cover.by is None]
    parts = [t.AND.join(_cover(facts, cover) for cover in covers if cover.by is not None)]
    if missing:
        parts.append(t.SKILL["missing"].format(skills=t.AND.join(missing)))
    return t.COMMA.join(part for part in parts if part)


def _cover(facts: Facts, cover: Cover) -> str:
    label = facts.world.skills.label(cover.wanted.skill)
    if cover.by is None or cover.value >= 1:
        return t.SKILL["full"].format(skill=label)
    if cover.by.skill != cover.wanted.skill:
        by = facts.world.skills.label(cover.by.skill)
        return t.SKILL["near"].format(skill=label, by=by, value=plain(cover.value, 2))
    return t.SKILL["held"].format(skill=label, held=cover.by.level, wanted=cover.wanted.level)


def level(facts: Facts, offering: Offering, demand: Demand, value: float | None) -> str:
    """Say what level the cohort leaves with and what the post asks."""
    if value is None:
        return assumed(facts, "level", t.LEVEL["unknown"])
    exit_label = offering.exit_label or t.SEATS["unknown"]
    if demand.level is None or offering.exit_level is None:
        return t.LEVEL["free"].format(exit=exit_label)
    gap = int(demand.level) - int(offering.exit_level)
    key = "short" if gap > 0 else "met"
    return t.LEVEL[key].format(exit=exit_label, wanted=LEVEL_LABELS[demand.level], gap=gap)


def fill(facts: Facts, demand: Demand, found: Fill | None) -> str:
    """Say how many seats there are of those wanted."""
    if found is None:
        return t.FILL["no-seats"]
    if found.value is None:
        return assumed(facts, "fill", t.FILL["unknown"])
    by_open = found.room == facts.seats.open[demand.id].value
    return t.FILL["open" if by_open else "supply"].format(seats=found.seats, room=found.room)


def outcome(facts: Facts, found: Outcome) -> str:
    """Say which years were counted and how the smoothed rate comes about."""
    if found.rate.value is None:
        return assumed(facts, "outcome", t.OUTCOME["unknown"])
    rules = facts.policy.common
    return t.OUTCOME["rate"].format(
        years=t.AND.join(str(row.stat_year) for row in found.cohorts),
        sample=sum(row.sample or 0 for row in found.cohorts),
        successes=plain(found.rate.successes, 2),
        total=plain(found.rate.total, 2),
        prior=plain(rules.prior_successes),
        prior_total=plain(rules.prior_total),
    )


def travel(facts: Facts, demand: Demand, found: Travel) -> str:
    """Say how far it is, or that boarding makes it near."""
    if found.boarding:
        return t.TRAVEL["boarding"]
    if found.value is None or found.trip is None:
        reason = "unknown-boarding" if demand.boarding_masked else "unknown"
        return assumed(facts, "travel", t.TRAVEL[reason])
    full = facts.policy.query_a.travel_full_hours
    return t.TRAVEL["hours" if found.trip.hours < full else "far"].format(
        hours=plain(found.trip.hours, 2),
        full=plain(full),
        boarding=t.TRAVEL["boarding-absent" if demand.boarding is None else "no-boarding"],
    )


def travel_again(facts: Facts, demand: Demand, found: Travel) -> str:
    """Say the same on the school's side."""
    if found.boarding or found.value is None or found.trip is None:
        return travel(facts, demand, found)
    return t.TRAVEL["again"].format(hours=plain(found.trip.hours, 2))


def post(facts: Facts, found: Post) -> str:
    """Say which parts the quality of the post is the mean of."""
    parts = [
        t.POST[name].format(value=f"{value:.2f}")
        for name, value in (
            ("pay", found.pay),
            ("mentors", found.mentors),
            ("safety", found.safety),
            ("rotation", found.rotation),
        )
        if value is not None
    ]
    if not parts:
        return assumed(facts, "post", t.POST["unknown"])
    return t.POST["mean" if len(parts) > 1 else "single"].format(parts=t.AND.join(parts))


def industry(facts: Facts, found: Industry) -> str:
    """Say whether a priority chain joins the two."""
    if found.value is None:
        return assumed(facts, "industry", t.INDUSTRY["unknown"])
    if found.chain is None:
        return t.INDUSTRY["other"]
    chain = facts.world.cooperation.chains[found.chain].name
    if found.group is None:
        return t.INDUSTRY["priority"].format(chain=chain)
    return t.INDUSTRY["served"].format(chain=chain, group=found.group.name)


def volume(facts: Facts, offering: Offering, found: Volume | None, value: float | None) -> str:
    """Say how many fitting places the enterprise has for the cohort."""
    if found is None:
        return t.VOLUME["no-seats"]
    if value is None:
        return assumed(facts, "volume", t.VOLUME["unknown"])
    key = "enough" if value >= 1 else "sum" if len(found.places) > 1 else "single"
    places = " + ".join(str(place) for place in found.places)
    return t.VOLUME[key].format(places=places, heads=found.heads, students=offering.students)


def history(facts: Facts, offering: Offering, found: History) -> str:
    """Say how earlier cooperations of the enterprise ended."""
    if found.rate.value is None:
        return assumed(facts, "history", t.HISTORY["unknown"])
    rules = facts.policy.common
    own = sum(one.school == offering.school for one in found.counted)
    good = sum(bool(one.outcome) for one in found.counted)
    return t.HISTORY["rate"].format(
        good=good,
        bad=len(found.counted) - good,
        own=t.HISTORY["own"].format(count=own) if own else "",
        successes=plain(found.rate.successes, 2),
        total=plain(found.rate.total, 2),
        prior=plain(rules.prior_successes),
        prior_total=plain(rules.prior_total),
    )


def cap(share: Fraction, heads: int | None, used: int, *, complete: bool, unknown: str) -> str:
    """Say how one legal cap is computed."""
    if heads is None:
        return t.SEATS[unknown]
    left = int(share * heads) - used
    text = t.SEATS["staff"].format(share=f"{float(share):.2f}", heads=heads, used=used, left=left)
    return text if complete else text + t.SEATS["incomplete"]


def caps(facts: Facts, demand: Demand, legal: Legal) -> tuple[str, str]:
    """Return the sentences of the cap on staff and the cap on the post."""
    rules = facts.policy.query_a
    staff = cap(
        rules.staff_cap,
        facts.enterprise(demand).staff,
        legal.staff.used.value or 0,
        complete=legal.staff.used.complete,
        unknown="staff-unknown",
    )
    post_ = cap(
        rules.post_cap,
        legal.kind.same_post,
        legal.kind.used.value or 0,
        complete=legal.kind.used.complete,
        unknown="post-unknown",
    )
    return staff, post_
