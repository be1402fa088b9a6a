"""Reads rows about persons into plain tuples and packs them small; `talent_unpacking` makes facts of them again.

40,000 persons have half a million facts. As objects they would take several hundred bytes each; packed by person
and table they take about seventy, and unpacking one person costs some tens of microseconds.
"""

import marshal
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, TypeVar

import numpy as np

from kg.index.lookups import Occupations, Organisations, Skills
from kg.index.parsing import weighted_items
from kg.index.views import View
from kg.model.graph import MASKED, Value
from kg.model.rules import CommonRules
from kg.vocab.levels import level_of

T = TypeVar("T")
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
_NOBODY: Final[frozenset[str]] = frozenset()
_HIDEABLE: Final = (
    "level",
    "weekly_hours",
    "available_from",
    "available_to",
    "pay_floor",
    "pay_wish",
    "travel_hours",
)


class Memo(dict[Any, T]):
    """Remembers what `make` gives for each word: columns repeat few words, and a hit costs one look-up in C."""

    def __init__(self, make: Callable[[Any], T], *, absent: T, masked: T) -> None:
        """Absent cells (None) and masked ones are known from the beginning."""
        super().__init__({None: absent, MASKED: masked})
        self._make = make

    def __missing__(self, word: Any) -> T:
        found = self[word] = self._make(word)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What is needed to read a row about a person.

    `places` maps a need to the district where it is served; `delivered` a table to the sources that delivered it.
    The rest reads cells: `skill` and `org` give ids, `code` an occupation as `code@edition` ("" without one), `level`
    and `day` numbers, `mode` the name and share of an item.
    """

    occupations: Occupations
    skills: Skills
    organisations: Organisations
    rules: CommonRules
    places: Mapping[str, str]
    delivered: Mapping[str, frozenset[str]]
    skill: Memo[str] = field(init=False)
    org: Memo[str | None] = field(init=False)
    code: Memo[str] = field(init=False)
    level: Memo[int] = field(init=False)
    day: Memo[int] = field(init=False)
    mode: Memo[tuple[str, float]] = field(init=False)

    def __post_init__(self) -> None:
        """Make the readers of cells."""
        skill, resolve, none = self.skills.resolve, self.occupations.resolve, ("", 0.0)
        memos: dict[str, object] = {
            "skill": Memo(skill, absent=skill(""), masked=skill("")),
            "org": Memo(self.organisations.resolve, absent=None, masked=None),
            "code": Memo(lambda text: "@".join(resolve(text)), absent="", masked=""),
            "level": Memo(_level, absent=NO_LEVEL, masked=HIDDEN_LEVEL),
            "day": Memo(_ordinal, absent=0, masked=0),
            "mode": Memo(lambda item: weighted_items((item,))[0], absent=none, masked=none),
        }
        for name, memo in memos.items():
            object.__setattr__(self, name, memo)


Cells = Mapping[str, Value]
"""The columns of a view: the first value that is neither absent nor masked wins, then a mask."""


def _cells(view: View) -> Cells:
    """Return the winning values of a view; of one row they are its own (most views have one row)."""
    if len(view.rows) == 1:
        return view.rows[0].values
    return {column: view.raw(column) for row in view.rows for column in row.values}


def _stated(view: View) -> tuple[str, str, str]:
    row = view.rows[0]
    source, _, key = row.id
    node = row.node
    return source, key, node[1] if node else ""


def _text(cells: Cells, column: str) -> str | None:
    value = cells.get(column)
    return None if value is None or value == MASKED else str(value)


def _number(cells: Cells, column: str) -> float | None:
    value = cells.get(column)
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _items(cells: Cells, column: str) -> tuple[str, ...]:
    value = cells.get(column)
    return value if isinstance(value, tuple) else ()


def _ordinal(day: str) -> int:
    return date.fromisoformat(day).toordinal()


def _level(label: str) -> int:
    level = level_of(label)
    return NO_LEVEL if level is None else int(level)


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
        for key in row.targets(relation):
            found.setdefault(skills.resolve(key), key)
    return found


def _spelled(view: View, relation: str, context: Context) -> tuple[tuple[str, str], ...]:
    """Return (skill id, node key) of the linked nodes whose key is not the id itself."""
    found: dict[str, str] = {}
    for row in view.rows:
        for key in row.targets(relation):
            found.setdefault(context.skill[key], key)
    return tuple([(tag, key) for tag, key in found.items() if key != tag])


def tag_ids(tags: Iterable[str], skills: Skills) -> tuple[str, ...]:
    """Return the skill ids of a list of tags, in the row's order."""
    return tuple(skills.resolve(tag) for tag in tags)


def _certificate(view: View, context: Context) -> Packed:
    cells = _cells(view)
    return (
        *_stated(view),
        context.code[cells.get("occupation")],
        context.level[cells.get("level")],
        context.day[cells.get("issued")],
        context.day[cells.get("expires")],
        _target(view, "certificates.occupation"),
    )


def _appointment(view: View, context: Context) -> Packed:
    cells = _cells(view)
    return (
        *_stated(view),
        context.code[cells.get("occupation")],
        context.level[cells.get("level")],
        context.day[cells.get("valid_from")],
        context.day[cells.get("valid_to")],
        _target(view, "appointments.occupation"),
    )


def _held_skill(view: View, context: Context) -> Packed:
    cells, rules = _cells(view), context.rules
    skill, target = context.skill[cells.get("skill")], view.rows[0].target("talent_skills")
    return (
        *_stated(view),
        skill,
        int(_number(cells, "level") or 1),
        rules.proven_skill if cells.get("basis") in _PROVEN else rules.declared_skill,
        target if target != skill else "",
    )


def _achievement(view: View, context: Context) -> Packed:
    cells = _cells(view)
    return (
        *_stated(view),
        _text(cells, "title") or "",
        tuple(map(context.skill.__getitem__, _items(cells, "tags"))),
        context.day[cells.get("date")],
        cells.get("verified") is True,
        _spelled(view, "achievements.tags", context),
    )


def _honour(view: View, _context: Context) -> Packed:
    cells = _cells(view)
    year = _number(cells, "year")
    return *_stated(view), _text(cells, "name") or "", _text(cells, "level") or "", int(year or 0)


def _consent(view: View, context: Context) -> Packed | None:
    cells = _cells(view)
    if cells.get("purpose") != _RECOMMENDATION:
        return None
    return (
        *_stated(view),
        tuple([word if word in _GROUPS else str(context.org[word]) for word in _items(cells, "recipients")]),
        context.day[cells.get("valid_from")],
        context.day[cells.get("valid_to")],
        context.day[cells.get("revoked")],
        cells.get("revoked") == MASKED or cells.get("valid_to") == MASKED,
    )


def _restriction(view: View, context: Context) -> Packed:
    cells = _cells(view)
    hidden = {column for column, value in cells.items() if value == MASKED}
    return (
        *_stated(view),
        cells.get("kind") == _COMPETING,
        MASKED if "org" in hidden else context.org[cells.get("org")],
        MASKED if "occupation" in hidden else context.code[cells.get("occupation")] or None,
        MASKED if "district" in hidden else _text(cells, "district"),
        context.day[cells.get("valid_from")],
        context.day[cells.get("valid_to")],
    )


def _engagement(view: View, context: Context) -> Packed:
    cells = _cells(view)
    host = context.org[cells.get("host")] or ""
    need = _text(cells, "need_id") or ""
    home = context.organisations.by_code.get(host)
    return (
        *_stated(view),
        host,
        _text(cells, "mode") or "",
        _number(cells, "hours_per_week"),
        context.day[cells.get("valid_from")],
        context.day[cells.get("valid_to")],
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
    cells, (lead, *_) = _cells(view), view.rows
    modes = [context.mode[item] for item in _items(cells, "modes")]
    registers = tuple([(row.id[0], str(row.values.get("person_id") or row.id[2])) for row in view.rows])
    interests = _items(cells, "interests")
    delivered, sources = context.delivered, [row.id[0] for row in view.rows]
    hidden = (
        [column for column in _HIDEABLE if cells.get(column) == MASKED] if MASKED in cells.values() else ()
    )
    return (
        lead.label,
        lead.id[0],
        lead.id[2],
        registers,
        _text(cells, "district"),
        context.org[cells.get("employer")],
        _text(cells, "work_status"),
        context.code[cells.get("occupation")],
        context.level[cells.get("level")],
        tuple([mode for mode in modes if mode[1] > 0]) if modes else None,
        _number(cells, "weekly_hours"),
        context.day[cells.get("available_from")],
        context.day[cells.get("available_to")],
        _number(cells, "pay_floor"),
        _number(cells, "pay_wish"),
        _number(cells, "travel_hours"),
        tuple([context.skill[tag] for tag in interests]),
        _spelled(view, "talents.interests", context) if interests else (),
        _target(view, "talents.occupation"),
        view.any_says("home_consent", _AGAINST),
        view.any_says("objects", value=True),
        tuple(hidden),
        not delivered.get("achievements", _NOBODY).isdisjoint(sources),
        not delivered.get("honours", _NOBODY).isdisjoint(sources),
        cells.get("home_consent") == _AGREES,
    )


class Packs:
    """Packed facts by place, None for none: one block of bytes, because many small ones would scatter the memory."""

    __slots__ = ("_block", "_bounds")

    def __init__(self, packs: Iterable[bytes | None]) -> None:
        found = [packed or b"" for packed in packs]
        self._block = b"".join(found)
        self._bounds = np.cumsum([0, *map(len, found)])

    def __getitem__(self, place: int) -> bytes | None:
        first, last = self._bounds[place], self._bounds[place + 1]
        return self._block[first:last] if last > first else None


def pack_all(groups: Iterable[Sequence[Packed] | None]) -> Packs:
    """Return the facts of each place as bytes that only this process reads."""
    return Packs(None if facts is None else marshal.dumps(tuple(facts)) for facts in groups)
