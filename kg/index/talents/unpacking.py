"""Makes facts of packed records again: what `talent_records` has read, as the scorer takes it."""

import marshal
from collections.abc import Mapping
from datetime import date

from kg.index.lookups import Occupation, Occupations
from kg.index.parsing import HeldSkill
from kg.index.talents.facts import (
    Achievement,
    Appointment,
    Certificate,
    Consent,
    Engagement,
    Honour,
    Restriction,
    Stated,
    Talent,
)
from kg.index.talents.records import HIDDEN_LEVEL, Context, Packed
from kg.model.answers import Evidence
from kg.model.graph import RowId


def _day(ordinal: int) -> date | None:
    return date.fromordinal(ordinal) if ordinal else None


def unpack(packed: bytes | None) -> tuple[Packed, ...]:
    """Undo `pack`; nothing for None."""
    return marshal.loads(packed) if packed is not None else ()  # noqa: S302 - our own bytes, never from outside


def _code(reference: str | None, occupations: Occupations) -> Occupation | None:
    return occupations.resolve(reference) if reference else None


def _proof(table: str, kind: str, person: str, p: Packed) -> Evidence:
    """Return the edge from a certificate or appointment to its occupation, or to the person without one."""
    source, key, node, *_, target = p
    if target:
        return Evidence(source, table, key, kind, node, f"{table}.occupation", "occupation", target)
    return Evidence(source, table, key, kind, node, f"{table}.person_id", "talent", person)


def _make_certificate(p: Packed, person: str, context: Context) -> Certificate:
    return Certificate(
        Stated(p[0], p[1], p[2]),
        _code(p[3], context.occupations),
        p[4] if p[4] >= 0 else None,
        p[4] == HIDDEN_LEVEL,
        _day(p[5]),
        _day(p[6]),
        p[7],
        _proof("certificates", "certificate", person, p),
    )


def _make_appointment(p: Packed, person: str, context: Context) -> Appointment:
    return Appointment(
        Stated(p[0], p[1], p[2]),
        _code(p[3], context.occupations),
        p[4] if p[4] >= 0 else None,
        p[4] == HIDDEN_LEVEL,
        _day(p[5]),
        _day(p[6]),
        p[7],
        _proof("appointments", "appointment", person, p),
    )


def _make_achievement(p: Packed) -> Achievement:
    return Achievement(Stated(*p[:3]), p[3], p[4], _day(p[5]), p[6], p[7])


def _make_consent(p: Packed) -> Consent:
    return Consent(Stated(*p[:3]), p[3], _day(p[4]), _day(p[5]), _day(p[6]), p[7])


def _make_restriction(p: Packed) -> Restriction:
    return Restriction(Stated(*p[:3]), p[3], p[4], p[5], p[6], _day(p[7]), _day(p[8]))


def _make_engagement(p: Packed) -> Engagement:
    return Engagement(
        Stated(*p[:3]), p[3], p[4], p[5], _day(p[6]), _day(p[7]), p[8], p[9], p[10], p[11], p[12]
    )


def _make_skills(person: str, packed: tuple[Packed, ...]) -> dict[str, HeldSkill]:
    """Return the best holding of each skill (two registers, or a name and an alias, may state it)."""
    found: dict[str, HeldSkill] = {}
    for source, key, _, skill, level, beta, target in packed:
        held = found.get(skill)
        if held is None or level * beta > held.level * held.beta:
            evidence = Evidence(
                source, "talent_skills", key, "talent", person, "talent_skills", "skill", target or skill
            )
            found[skill] = HeldSkill(skill, level, beta, evidence)
    return found


def make_talent(key: str, own: Packed, facts: Mapping[str, tuple[Packed, ...]], context: Context) -> Talent:
    """Return a person from his packed records."""
    return Talent(
        key=key,
        label=own[0],
        row=RowId(own[1], "talents", own[2]),
        registers=own[3],
        district=own[4],
        employer=own[5],
        work_status=own[6],
        occupation=_code(own[7], context.occupations),
        level=own[8] if own[8] >= 0 else None,
        modes=dict(own[9]) if own[9] is not None else None,
        weekly_hours=own[10],
        available_from=_day(own[11]),
        available_to=_day(own[12]),
        pay_floor=own[13],
        pay_wish=own[14],
        travel_hours=own[15],
        interests=own[16],
        interest_targets=own[17],
        occupation_target=own[18],
        home_refuses=own[19],
        objects=own[20],
        hidden=frozenset(own[21]),
        achievements_known=own[22],
        honours_known=own[23],
        home_agrees=own[24],
        certificates=tuple(_make_certificate(p, key, context) for p in facts["certificates"]),
        appointments=tuple(_make_appointment(p, key, context) for p in facts["appointments"]),
        skills=_make_skills(key, facts["talent_skills"]),
        achievements=tuple(_make_achievement(p) for p in facts["achievements"]),
        honours=tuple(Honour(Stated(*p[:3]), p[3], p[4], p[5] or None) for p in facts["honours"]),
        consents=tuple(_make_consent(p) for p in facts["consents"]),
        restrictions=tuple(_make_restriction(p) for p in facts["restrictions"]),
        engagements=tuple(_make_engagement(p) for p in facts["engagements"]),
    )
