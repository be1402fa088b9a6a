"""Reads rows about persons into plain tuples, packs them small, and makes facts of them again when asked.

40,000 persons have half a million facts. As objects they would take several hundred bytes each; packed by person
and table they take about seventy, and unpacking one person costs some tens of microseconds.
"""

import marshal
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from kg.index.lookups import Occupation, Occupations, Organisations, Skills
from kg.index.parsing import HeldSkill, weighted_items
from kg.index.talent_facts import (
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
from kg.index.views import View
from kg.model.answers import Evidence
from kg.model.graph import MASKED, Link, NodeRef, RowId, Value
from kg.model.rules import CommonRules
from kg.vocab.levels import level_of

Packed = tuple[Any, ...]
"""A fact as plain values that `marshal` takes; days are ordinals, 0 where absent."""

NO_LEVEL, HIDDEN_LEVEL = -1, -2
"""Codes of a level that is absent, and of one that is masked."""

_PROVEN: Final = ("证书", "核实")
_RECOMMENDATION: Final = "柔性推荐"
_GROUPS: Final = frozenset({"任意", "企业", "院校"})
_COMPETING: Final = "竞业"
_AGAINST: Final = "不同意"
_AGREES: Final = "同意"
_HIDEABLE: Final = (
    "level",
    "weekly_hours",
    "available_from",
    "available_to",
    "pay_floor",
    "pay_wish",
    "travel_hours",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What is needed to read a row about a person.

    `places` maps a need to the district where it is served; `delivered` a table to the sources that delivered it.
    """

    occupations: Occupations
    skills: Skills
    organisations: Organisations
    rules: CommonRules
    places: Mapping[str, str]
    delivered: Mapping[str, frozenset[str]]
    skill_ids: dict[str, str] = field(default_factory=dict)

    def skill_id(self, text: str) -> str:
        """Return the skill id of a text as a register spells it; each spelling is resolved once."""
        found = self.skill_ids.get(text)
        if found is None:
            found = self.skill_ids[text] = self.skills.resolve(text)
        return found


Cells = Mapping[str, Value]
"""The columns of a view: the first value that is neither absent nor masked wins, then a mask."""


def _cells(view: View) -> Cells:
    """Return the winning values of a view; of one row they are its own (most views have one row)."""
    if len(view.rows) == 1:
        return view.rows[0].values
    return {column: view.raw(column) for row in view.rows for column in row.values}


def _stated(view: View) -> Packed:
    row = view.rows[0]
    return row.id.source, row.id.key, row.node.key if row.node else ""


def _text(cells: Cells, column: str) -> str | None:
    value = cells.get(column)
    return None if value is None or value == MASKED else str(value)


def _number(cells: Cells, column: str) -> float | None:
    value = cells.get(column)
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _items(cells: Cells, column: str) -> tuple[str, ...]:
    value = cells.get(column)
    return value if isinstance(value, tuple) else ()


def _ordinal(cells: Cells, column: str) -> int:
    value = cells.get(column)
    return date.fromisoformat(str(value)).toordinal() if value is not None and value != MASKED else 0


def _day(ordinal: int) -> date | None:
    return date.fromordinal(ordinal) if ordinal else None


def _level(cells: Cells) -> int:
    value = cells.get("level")
    if value is None or value == MASKED:
        return NO_LEVEL if value is None else HIDDEN_LEVEL
    level = level_of(str(value))
    return NO_LEVEL if level is None else int(level)


def _occupation(cells: Cells, context: Context) -> str:
    """Return the occupation as `code@edition`, "" without one."""
    text = _text(cells, "occupation")
    if text is None:
        return ""
    found = context.occupations.resolve(text)
    return f"{found.code}@{found.edition}"


def _target(view: View, relation: str) -> str:
    """Return the key of the first node to which some register's row links by that relation, "" for none."""
    for row in view.rows:
        for link in row.links:
            if link.relation == relation:
                return link.end.key
    return ""


def targets(view: View, relation: str, skills: Skills) -> dict[str, str]:
    """Return skill id -> key of the node linked by that relation."""
    found: dict[str, str] = {}
    for row in view.rows:
        for link in row.links:
            if link.relation == relation:
                found.setdefault(skills.resolve(link.end.key), link.end.key)
    return found


def _spelled(view: View, relation: str, skills: Skills) -> tuple[tuple[str, str], ...]:
    """Return (skill id, node key) of the linked nodes whose key is not the id itself."""
    return tuple((tag, key) for tag, key in targets(view, relation, skills).items() if key != tag)


def tag_ids(tags: Iterable[str], skills: Skills) -> tuple[str, ...]:
    """Return the skill ids of a list of tags, in the row's order."""
    return tuple(skills.resolve(tag) for tag in tags)


def _certificate(view: View, context: Context) -> Packed:
    cells = _cells(view)
    return (
        *_stated(view),
        _occupation(cells, context),
        _level(cells),
        _ordinal(cells, "issued"),
        _ordinal(cells, "expires"),
        _target(view, "certificates.occupation"),
    )


def _appointment(view: View, context: Context) -> Packed:
    cells = _cells(view)
    return (
        *_stated(view),
        _occupation(cells, context),
        _level(cells),
        _ordinal(cells, "valid_from"),
        _ordinal(cells, "valid_to"),
        _target(view, "appointments.occupation"),
    )


def _held_skill(view: View, context: Context) -> Packed:
    cells, rules, links = _cells(view), context.rules, view.rows[0].links
    return (
        *_stated(view),
        context.skill_id(_text(cells, "skill") or ""),
        int(_number(cells, "level") or 1),
        rules.proven_skill if cells.get("basis") in _PROVEN else rules.declared_skill,
        links[0].end.key if links else "",
    )


def _achievement(view: View, context: Context) -> Packed:
    cells = _cells(view)
    return (
        *_stated(view),
        _text(cells, "title") or "",
        tag_ids(_items(cells, "tags"), context.skills),
        _ordinal(cells, "date"),
        cells.get("verified") is True,
        _spelled(view, "achievements.tags", context.skills),
    )


def _honour(view: View, _context: Context) -> Packed:
    cells = _cells(view)
    year = _number(cells, "year")
    return *_stated(view), _text(cells, "name") or "", _text(cells, "level") or "", int(year or 0)


def _consent(view: View, context: Context) -> Packed | None:
    cells = _cells(view)
    if cells.get("purpose") != _RECOMMENDATION:
        return None
    resolve = context.organisations.resolve
    return (
        *_stated(view),
        tuple(word if word in _GROUPS else str(resolve(word)) for word in _items(cells, "recipients")),
        _ordinal(cells, "valid_from"),
        _ordinal(cells, "valid_to"),
        _ordinal(cells, "revoked"),
        cells.get("revoked") == MASKED or cells.get("valid_to") == MASKED,
    )


def _restriction(view: View, context: Context) -> Packed:
    cells = _cells(view)
    hidden = {column for column, value in cells.items() if value == MASKED}
    return (
        *_stated(view),
        cells.get("kind") == _COMPETING,
        MASKED if "org" in hidden else context.organisations.resolve(_text(cells, "org")),
        MASKED if "occupation" in hidden else _occupation(cells, context) or None,
        MASKED if "district" in hidden else _text(cells, "district"),
        _ordinal(cells, "valid_from"),
        _ordinal(cells, "valid_to"),
    )


def _engagement(view: View, context: Context) -> Packed:
    cells = _cells(view)
    host = context.organisations.resolve(_text(cells, "host")) or ""
    need = _text(cells, "need_id") or ""
    home = context.organisations.by_code.get(host)
    return (
        *_stated(view),
        host,
        _text(cells, "mode") or "",
        _number(cells, "hours_per_week"),
        _ordinal(cells, "valid_from"),
        _ordinal(cells, "valid_to"),
        _number(cells, "trips"),
        _text(cells, "status") or "",
        _text(cells, "outcome") or "",
        need,
        context.places.get(need) or (home.district if home else None) or "",
    )


FACT_TABLES: Final[Mapping[str, Callable[[View, Context], Packed | None]]] = {
    "certificates": _certificate,
    "appointments": _appointment,
    "talent_skills": _held_skill,
    "achievements": _achievement,
    "honours": _honour,
    "consents": _consent,
    "restrictions": _restriction,
    "engagements": _engagement,
}
"""How a view of each table about persons is read; None leaves the row out."""


def read_person(view: View, context: Context) -> Packed:
    """Return the columns of a person's own rows that matching may read."""
    cells = _cells(view)
    modes = weighted_items(_items(cells, "modes"))
    sources = {row.id.source for row in view.rows}
    return (
        view.rows[0].label,
        view.row.source,
        view.row.key,
        tuple((row.id.source, str(row.values.get("person_id") or row.id.key)) for row in view.rows),
        _text(cells, "district"),
        context.organisations.resolve(_text(cells, "employer")),
        _text(cells, "work_status"),
        _occupation(cells, context),
        _level(cells),
        tuple((mode, share) for mode, share in modes if share > 0) if modes else None,
        _number(cells, "weekly_hours"),
        _ordinal(cells, "available_from"),
        _ordinal(cells, "available_to"),
        _number(cells, "pay_floor"),
        _number(cells, "pay_wish"),
        _number(cells, "travel_hours"),
        tag_ids(_items(cells, "interests"), context.skills),
        _spelled(view, "talents.interests", context.skills),
        _target(view, "talents.occupation"),
        view.any_says("home_consent", _AGAINST),
        any(row.values.get("objects") is True for row in view.rows),
        tuple(column for column in _HIDEABLE if cells.get(column) == MASKED),
        not sources.isdisjoint(context.delivered.get("achievements", frozenset())),
        not sources.isdisjoint(context.delivered.get("honours", frozenset())),
        cells.get("home_consent") == _AGREES,
    )


def pack(facts: tuple[Packed, ...] | Packed) -> bytes:
    """Return facts as bytes that only this process reads."""
    return marshal.dumps(facts)


def unpack(packed: bytes | None) -> tuple[Packed, ...]:
    """Undo `pack`; nothing for None."""
    return marshal.loads(packed) if packed is not None else ()  # noqa: S302 - our own bytes, never from outside


def _code(reference: str | None, occupations: Occupations) -> Occupation | None:
    return occupations.resolve(reference) if reference else None


def _make_certificate(p: Packed, context: Context) -> Certificate:
    level = p[4] if p[4] >= 0 else None
    return Certificate(
        Stated(*p[:3]),
        _code(p[3], context.occupations),
        level,
        p[4] == HIDDEN_LEVEL,
        _day(p[5]),
        _day(p[6]),
        p[7],
    )


def _make_appointment(p: Packed, context: Context) -> Appointment:
    level = p[4] if p[4] >= 0 else None
    return Appointment(
        Stated(*p[:3]),
        _code(p[3], context.occupations),
        level,
        p[4] == HIDDEN_LEVEL,
        _day(p[5]),
        _day(p[6]),
        p[7],
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


def _make_skills(person: NodeRef, packed: tuple[Packed, ...]) -> dict[str, HeldSkill]:
    """Return the best holding of each skill (two registers, or a name and an alias, may state it)."""
    found: dict[str, HeldSkill] = {}
    for source, key, _, skill, level, beta, target in packed:
        held = found.get(skill)
        if held is None or level * beta > held.level * held.beta:
            link = Link(person, "talent_skills", NodeRef("skill", target or skill))
            found[skill] = HeldSkill(skill, level, beta, Evidence(RowId(source, "talent_skills", key), link))
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
        certificates=tuple(_make_certificate(p, context) for p in facts["certificates"]),
        appointments=tuple(_make_appointment(p, context) for p in facts["appointments"]),
        skills=_make_skills(NodeRef("talent", key), facts["talent_skills"]),
        achievements=tuple(_make_achievement(p) for p in facts["achievements"]),
        honours=tuple(Honour(Stated(*p[:3]), p[3], p[4], p[5] or None) for p in facts["honours"]),
        consents=tuple(_make_consent(p) for p in facts["consents"]),
        restrictions=tuple(_make_restriction(p) for p in facts["restrictions"]),
        engagements=tuple(_make_engagement(p) for p in facts["engagements"]),
    )
