"""Makes facts of packed records again: what `talent_records` has read, as the scorer takes it."""

import marshal
from collections.abc import Mapping, Sequence
from datetime import date
from sys import intern
from typing import Final, TypeVar

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

_NOTHING: Final[frozenset[str]] = frozenset()
P = TypeVar("P", Certificate, Appointment)


def _day(ordinal: int) -> date | None:
    return date.fromordinal(ordinal) if ordinal else None


def unpack(packed: bytes | None) -> tuple[Packed, ...]:
    """Undo `pack`; nothing for None."""
    return marshal.loads(packed) if packed is not None else ()  # noqa: S302 - our own bytes, never from outside


def _code(reference: str | None, occupations: Occupations) -> Occupation | None:
    return occupations.resolve(reference) if reference else None


_ABOUT: Final = {
    table: (f"{table}.occupation", f"{table}.person_id") for table in ("certificates", "appointments")
}
"""The relations from a proof to its occupation, and to the person."""


def _make_proof(make: type[P], table: str, kind: str, p: Packed, person: str, occupations: Occupations) -> P:
    """Return a certificate or appointment; its evidence is the edge to the occupation, to the person without one."""
    source, key, node, code, level, first, last, target = p
    stated = Stated(intern(source), key, node)
    about, of_person = _ABOUT[table]
    if target:
        evidence = Evidence(stated.source, table, key, kind, node, about, "occupation", target)
    else:
        evidence = Evidence(stated.source, table, key, kind, node, of_person, "talent", person)
    return make(
        stated,
        _code(code, occupations),
        level if level >= 0 else None,
        level == HIDDEN_LEVEL,
        _day(first),
        _day(last),
        target,
        evidence,
    )


def _make_achievement(p: Packed) -> Achievement:
    source, key, node, title, tags, day, verified, targets = p
    return Achievement(Stated(intern(source), key, node), title, tags, _day(day), verified, targets)


def _make_honour(p: Packed) -> Honour:
    source, key, node, name, rank, year = p
    return Honour(Stated(intern(source), key, node), name, rank, year or None)


def _make_consent(p: Packed) -> Consent:
    source, key, node, recipients, first, last, revoked, hidden = p
    return Consent(
        Stated(intern(source), key, node), recipients, _day(first), _day(last), _day(revoked), hidden
    )


def _make_restriction(p: Packed) -> Restriction:
    source, key, node, competing, org, occupation, district, first, last = p
    stated = Stated(intern(source), key, node)
    return Restriction(stated, competing, org, occupation, district, _day(first), _day(last))


def _make_engagement(p: Packed) -> Engagement:
    source, key, node, host, mode, hours, first, last, *rest = p
    return Engagement(Stated(intern(source), key, node), host, mode, hours, _day(first), _day(last), *rest)


def _make_skills(person: str, packed: Sequence[Packed]) -> dict[str, HeldSkill]:
    """Return the best holding of each skill (two registers, or a name and an alias, may state it)."""
    found: dict[str, HeldSkill] = {}
    for source, key, _, skill, level, beta, target in packed:
        held = found.get(skill)
        if held is None or level * beta > held.level * held.beta:
            table = "talent_skills"
            evidence = Evidence(intern(source), table, key, "talent", person, table, "skill", target or skill)
            found[skill] = HeldSkill(skill, level, beta, evidence)
    return found


def make_talent(key: str, own: Packed, facts: Mapping[str, tuple[Packed, ...]], context: Context) -> Talent:
    """Return a person from his packed records."""
    occupations = context.occupations
    return Talent(
        key=key,
        label=own[0],
        row=RowId(own[1], "talents", own[2]),
        registers=own[3],
        district=own[4],
        employer=own[5],
        work_status=own[6],
        occupation=_code(own[7], occupations),
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
        hidden=frozenset(own[21]) if own[21] else _NOTHING,
        achievements_known=own[22],
        honours_known=own[23],
        home_agrees=own[24],
        certificates=tuple([
            _make_proof(Certificate, "certificates", "certificate", p, key, occupations)
            for p in facts["certificates"]
        ]),
        appointments=tuple([
            _make_proof(Appointment, "appointments", "appointment", p, key, occupations)
            for p in facts["appointments"]
        ]),
        skills=_make_skills(key, facts["talent_skills"]),
        achievements=tuple(map(_make_achievement, facts["achievements"])),
        honours=tuple(map(_make_honour, facts["honours"])),
        consents=tuple(map(_make_consent, facts["consents"])),
        restrictions=tuple(map(_make_restriction, facts["restrictions"])),
        engagements=tuple(map(_make_engagement, facts["engagements"])),
    )
