"""Reads rows about persons into plain tuples.

One row of each is read per call, hundreds of thousands of times, so whatever a reader looks up is bound once.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final

from kg.index.talents.records import Context, Packed
from kg.index.views import AnyRow, View
from kg.model.graph import MASKED, Row, Value

Cells = Mapping[str, Value]
"""The columns of a view: the first value that is neither absent nor masked wins, then a mask."""
FactReader = Callable[[AnyRow], Packed | None]
"""Reads one row, which may stand for those of several registers; None leaves it out."""

BY_NODE: Final = itemgetter(2, 1, 0)
"""Orders the facts of a person whatever the order of reading: by node, then row, then source."""

_PROVEN: Final = ("证书", "核实")
_RECOMMENDATION: Final = "柔性推荐"
_GROUPS: Final = frozenset({"任意", "企业", "院校"})
_COMPETING: Final = "竞业"
_AGAINST: Final = "不同意"
_AGREES: Final = "同意"
_NOBODY: Final[frozenset[str]] = frozenset()
_OWN: Final = (
    "district", "employer", "work_status", "occupation", "level", "weekly_hours", "available_from", "available_to", "pay_floor",
    "pay_wish", "travel_hours", "modes", "interests", "home_consent", "objects",
)  # fmt: skip
_HIDEABLE: Final = (
    "level",
    "weekly_hours",
    "available_from",
    "available_to",
    "pay_floor",
    "pay_wish",
    "travel_hours",
)


def _text(value: Value) -> str | None:
    return None if value is None or value == MASKED else str(value)


_NUMBERS: Final = frozenset({int, float})


def _number(value: Value) -> Any:
    return value if type(value) in _NUMBERS else None


def _items(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _spelled(row: AnyRow, relation: str, skill: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return (skill id, node key) of the linked nodes whose key is not the id itself."""
    keys = row.targets(relation)
    tags = [skill[key] for key in keys]
    if tags == keys:
        return ()
    found: dict[str, str] = {}
    for tag, key in zip(tags, keys, strict=True):
        found.setdefault(tag, key)
    return tuple([(tag, key) for tag, key in found.items() if key != tag])


def _proofs(table: str, first: str, last: str) -> Callable[[Context], FactReader]:
    """Return what makes the reader of certificates or appointments, which hold from one day to another."""
    relation = f"{table}.occupation"

    def reader(context: Context) -> FactReader:
        code, level, day = context.code, context.level, context.day

        def read(row: AnyRow) -> Packed:
            (source, _, key), node, cell = row.id, row.node, row.values.get
            return (
                source,
                key,
                node[1] if node else "",
                code[cell("occupation")],
                level[cell("level")],
                day[cell(first)],
                day[cell(last)],
                row.target(relation),
            )

        return read

    return reader


def _talent_skills(context: Context) -> FactReader:
    rules, skills = context.rules, context.skill

    def read(row: AnyRow) -> Packed:
        (source, _, key), node, cell = row.id, row.node, row.values.get
        skill, target = skills[cell("skill")], row.target("talent_skills")
        return (
            source,
            key,
            node[1] if node else "",
            skill,
            int(_number(cell("level")) or 1),
            rules.proven_skill if cell("basis") in _PROVEN else rules.declared_skill,
            target if target != skill else "",
        )

    return read


def _achievements(context: Context) -> FactReader:
    def read(row: AnyRow) -> Packed:
        (source, _, key), node, cell = row.id, row.node, row.values.get
        return (
            source,
            key,
            node[1] if node else "",
            _text(cell("title")) or "",
            tuple([context.skill[tag] for tag in _items(cell("tags"))]),
            context.day[cell("date")],
            cell("verified") is True,
            _spelled(row, "achievements.tags", context.skill),
        )

    return read


def _honours(_: Context) -> FactReader:
    def read(row: AnyRow) -> Packed:
        (source, _, key), node, cell = row.id, row.node, row.values.get
        name, level, year = _text(cell("name")), _text(cell("level")), _number(cell("year"))
        return source, key, node[1] if node else "", name or "", level or "", int(year or 0)

    return read


def _consents(context: Context) -> FactReader:
    """Return the reader of consents to flexible recommendation; others are no facts."""
    day, org = context.day, context.org

    def read(row: AnyRow) -> Packed | None:
        (source, _, key), node, cell = row.id, row.node, row.values.get
        if cell("purpose") != _RECOMMENDATION:
            return None
        last, revoked = cell("valid_to"), cell("revoked")
        return (
            source,
            key,
            node[1] if node else "",
            tuple([word if word in _GROUPS else str(org[word]) for word in _items(cell("recipients"))]),
            day[cell("valid_from")],
            day[last],
            day[revoked],
            revoked == MASKED or last == MASKED,
        )

    return read


def _restrictions(context: Context) -> FactReader:
    def read(row: AnyRow) -> Packed:
        (source, _, key), node, cell = row.id, row.node, row.values.get
        org, occupation = cell("org"), cell("occupation")
        return (
            source,
            key,
            node[1] if node else "",
            cell("kind") == _COMPETING,
            MASKED if org == MASKED else context.org[org],
            MASKED if occupation == MASKED else context.code[occupation] or None,
            cell("district"),
            context.day[cell("valid_from")],
            context.day[cell("valid_to")],
        )

    return read


def _engagements(context: Context) -> FactReader:
    def read(row: AnyRow) -> Packed:
        (source, _, key), node, cell = row.id, row.node, row.values.get
        host, need = context.org[cell("host")] or "", _text(cell("need_id")) or ""
        home = context.organisations.by_code.get(host)
        return (
            source,
            key,
            node[1] if node else "",
            host,
            _text(cell("mode")) or "",
            _number(cell("hours_per_week")),
            context.day[cell("valid_from")],
            context.day[cell("valid_to")],
            _number(cell("trips")),
            _text(cell("status")) or "",
            _text(cell("outcome")) or "",
            need,
            context.places.get(need) or (home.district if home else None) or "",
        )

    return read


FACT_TABLES: Final[Mapping[str, Callable[[Context], FactReader]]] = {
    "talent_skills": _talent_skills,
    "consents": _consents,
    "certificates": _proofs("certificates", "issued", "expires"),
    "achievements": _achievements,
    "engagements": _engagements,
    "honours": _honours,
    "restrictions": _restrictions,
    "appointments": _proofs("appointments", "valid_from", "valid_to"),
}
"""What makes the reader of each table of facts about persons."""

PERSONS: Final = "talents"
"""The table of the persons themselves."""
REGISTERS: Final = 3
"""The place of a person's numbers, with their sources, in his own record."""
COLUMNS: Final[Mapping[str, Sequence[int]]] = {
    "talent_skills": range(3, 6),
    PERSONS: (REGISTERS, *range(4, 17), *range(19, 24)),
    "consents": range(3, 8),
    "certificates": range(3, 7),
    "achievements": range(4, 7),
    "engagements": range(3, 13),
    "honours": range(4, 6),
    "restrictions": range(3, 9),
    "appointments": range(3, 7),
}
"""The places of those values of a fact, or of a person's own record, that go into the arrays; by table, those that take
longest to read in a city first."""


def person_reader(context: Context) -> Callable[[AnyRow], Packed]:
    """Return the reader of a person's own rows: the columns that matching may read."""
    org, code, level, day, skill = context.org, context.code, context.level, context.day, context.skill
    mode = context.mode.__getitem__
    achievements = context.delivered.get("achievements", _NOBODY)
    honours = context.delivered.get("honours", _NOBODY)

    def read(row: AnyRow) -> Packed:
        rows = row.rows if isinstance(row, View) else (row,)
        values, sources = row.values, [one.id[0] for one in rows]
        (district, employer, status, trade, rank, hours, first, last, floor, wish, travel, modes, tags, home, objects) = (
            map(values.get, _OWN)
        )  # fmt: skip
        interests = tuple([skill[tag] for tag in _items(tags)])
        return (
            row.label,
            sources[0],
            row.id[2],
            tuple([(one.id[0], str(one.values.get("person_id") or one.id[2])) for one in rows]),
            _text(district),
            org[employer],
            _text(status),
            code[trade],
            level[rank],
            tuple([one for one in map(mode, _items(modes)) if one[1] > 0]) if _items(modes) else None,
            _number(hours),
            day[first],
            day[last],
            _number(floor),
            _number(wish),
            _number(travel),
            interests,
            _spelled(row, "talents.interests", skill) if interests else (),
            row.target("talents.occupation"),
            home == _AGAINST or (len(rows) > 1 and _any_says(rows, "home_consent", value=_AGAINST)),
            objects is True or (len(rows) > 1 and _any_says(rows, "objects", value=True)),
            tuple([one for one in _HIDEABLE if values.get(one) == MASKED])
            if MASKED in values.values()
            else (),
            not achievements.isdisjoint(sources),
            not honours.isdisjoint(sources),
            home == _AGREES,
        )

    return read


def _any_says(rows: Sequence[Row], column: str, *, value: str | bool) -> bool:
    """Return whether any register holds exactly that value (objections win in any register)."""
    return value in [row.values.get(column) for row in rows]
