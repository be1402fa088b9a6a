"""Reads rows about persons into plain tuples and packs them small; `talent_unpacking` makes facts of them again.

40,000 persons have half a million facts. As objects they would take several hundred bytes each; packed by person
and table they take about seventy, and unpacking one person costs some tens of microseconds.
"""

import marshal
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from kg.index.lookups import Occupations, Organisations, Skills
from kg.index.parsing import weighted_items
from kg.index.views import View
from kg.model.graph import MASKED, Value
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
        if found := row.target(relation):
            return found
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
    cells, rules = _cells(view), context.rules
    return (
        *_stated(view),
        context.skill_id(_text(cells, "skill") or ""),
        int(_number(cells, "level") or 1),
        rules.proven_skill if cells.get("basis") in _PROVEN else rules.declared_skill,
        view.rows[0].target("talent_skills"),
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
