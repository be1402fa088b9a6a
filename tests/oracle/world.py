"""A small world as plain tables, and the readings of its cells.

A world is ``{source: {table key: [row, ...]}}``; a row maps English column keys to canonical
values: absent = ``None`` or a missing key, masked = ``"*"``, days as ISO text, lists as lists of
text. The order of the sources is the order of their first delivery. A table key that is present
with an empty list says that the source has delivered this table.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final, TypeAlias
from unicodedata import normalize

Row: TypeAlias = Mapping[str, object]
World: TypeAlias = dict[str, dict[str, list[Row]]]
Status: TypeAlias = str

MASK: Final = "*"
PASS: Final = "pass"
UNKNOWN: Final = "unknown"
FAIL: Final = "fail"
SLACK: Final = Fraction(1, 10**9)
LEVELS: Final = ("学徒工", "初级工", "中级工", "高级工", "技师", "高级技师", "特级技师", "首席技师")

NATURAL_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "districts": ("code",),
    "travel_times": ("from_district", "to_district"),
    "chains": ("chain_id",),
    "occupations": ("code", "edition"),
    "occupation_crosswalk": ("from_code", "from_edition", "to_code", "to_edition"),
    "skills": ("name",),
    "skill_relations": ("skill", "related", "kind"),
    "majors": ("code", "edition"),
    "major_groups": ("group_id",),
    "wages": ("occupation", "district"),
    "organs": ("organ_code",),
    "enterprises": ("credit_code",),
    "schools": ("credit_code",),
    "ownerships": ("parent", "child", "valid_from"),
    "offerings": ("offering_id",),
    "demands": ("demand_id",),
    "cooperations": ("cooperation_id",),
    "talents": ("person_id",),
    "appointments": ("employer", "occupation", "level", "valid_from"),
    "talent_skills": ("skill",),
    "achievements": ("achievement_id",),
    "honours": ("name", "level", "year"),
    "consents": ("purpose", "valid_from", "recipients"),
    "restrictions": ("kind", "org", "occupation", "district", "valid_from"),
    "flex_needs": ("need_id",),
    "engagements": ("engagement_id",),
}
"""Natural keys; those of tables about a person come on top of the person."""


def is_masked(row: Row, column: str) -> bool:
    """A value exists, but this table does not tell it."""
    return row.get(column) == MASK


def text(row: Row, column: str) -> str | None:
    """The text of a cell, ``None`` if absent or masked."""
    value = row.get(column)
    return value if isinstance(value, str) and value not in ("", MASK) else None


def number(row: Row, column: str) -> Fraction | None:
    """The exact decimal of a cell, ``None`` if absent or masked."""
    value = row.get(column)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return Fraction(str(value))


def whole(row: Row, column: str) -> int | None:
    """The whole number of a cell, ``None`` if absent or masked."""
    value = number(row, column)
    return None if value is None else int(value)


def day(row: Row, column: str) -> date | None:
    """The day of a cell, ``None`` if absent or masked."""
    value = text(row, column)
    return None if value is None else date.fromisoformat(value)


def flag(row: Row, column: str) -> bool | None:
    """The yes or no of a cell, ``None`` if absent or masked."""
    value = row.get(column)
    return value if isinstance(value, bool) else None


def items(row: Row, column: str) -> list[str]:
    """The items of a list cell; empty if absent or masked."""
    value = row.get(column)
    return [str(item) for item in value] if isinstance(value, list) else []


def level(row: Row, column: str) -> int | None:
    """Number 0..7 of a level cell, 预备技师 counts as 高级工; ``None`` if absent or masked."""
    value = text(row, column)
    if value is None:
        return None
    return 3 if value == "预备技师" else LEVELS.index(value)


def weighted(row: Row, column: str) -> list[tuple[str, Fraction]]:
    """Items ``名称=值`` with the value, 1 by default."""
    result = []
    for item in items(row, column):
        name, sign, value = item.rpartition("=")
        result.append((name, Fraction(value)) if sign else (item, Fraction(1)))
    return result


def skill_items(row: Row, column: str) -> list[tuple[str, Fraction, Fraction]]:
    """Items ``名称=水平*权重`` as (name, level, weight), both 1 by default."""
    result = []
    for item in items(row, column):
        name, sign, rest = item.rpartition("=")
        if not sign:
            name, rest = item, "1"
        grade, _, weight = rest.partition("*")
        result.append((name, Fraction(grade or "1"), Fraction(weight or "1")))
    return result


def fold(name: str) -> str:
    """NFKC, trimmed, case folded: how names of skills and tags are compared."""
    return normalize("NFKC", name).strip().casefold()


def holds(row: Row, on: date, start: str = "valid_from", end: str = "valid_to") -> bool:
    """Whether a period covers a day; an absent end is open, both ends belong to it."""
    return overlaps(row, on, on, start, end)


def overlaps(row: Row, first: date, last: date, start: str = "valid_from", end: str = "valid_to") -> bool:
    """Whether a period has a day in common with ``first``..``last``."""
    begins, ends = day(row, start), day(row, end)
    return (begins is None or begins <= last) and (ends is None or ends >= first)


def all_of(statuses: Iterable[Status]) -> Status:
    """Fail if one fails, else unknown if one is unknown, else pass."""
    found = list(statuses)
    return FAIL if FAIL in found else UNKNOWN if UNKNOWN in found else PASS


def one_of(statuses: Iterable[Status]) -> Status:
    """Pass if one passes, else unknown if one is unknown, else fail."""
    found = list(statuses)
    return PASS if PASS in found else UNKNOWN if UNKNOWN in found else FAIL


def verdict(answer: bool | None) -> Status:
    """The status of a yes, a no or an unknown."""
    return UNKNOWN if answer is None else PASS if answer else FAIL


def soften(status: Status, complete: bool) -> Status:
    """A pass that rests on an incomplete sum is unknown; a fail stays a fail."""
    return UNKNOWN if status == PASS and not complete else status


def merge_rows(rows: list[Row]) -> Row:
    """One view over rows in source order: per column the first told value, else masked."""
    merged: dict[str, object] = {}
    for row in rows:
        for column, value in row.items():
            if value in (None, [], ""):
                continue
            if column not in merged or (merged[column] == MASK and value != MASK):
                merged[column] = value
    return merged


def merge_by(rows: Iterable[Row], key: Callable[[Row], object]) -> list[Row]:
    """Rows with one key become one view; order of first appearance."""
    groups: dict[object, list[Row]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return [merge_rows(group) for group in groups.values()]


def plain_key(table: str, row: Row) -> tuple[object, ...]:
    """The natural key of a row as text; a certificate without number has a longer one."""
    columns = NATURAL_KEYS.get(table)
    if table == "certificates":
        columns = ("number",) if text(row, "number") else ("kind", "occupation", "level", "issued")
    if columns is None:
        raise KeyError(table)
    return tuple(str(row.get(column) or "") for column in columns)


def table_view(world: World, table: str) -> list[Row]:
    """A table over all sources, rows of one natural key merged."""
    rows = [row for tables in world.values() for row in tables.get(table, [])]
    return merge_by(rows, lambda row: plain_key(table, row))


@dataclass(frozen=True)
class Person:
    """One person: the talents rows that are joined, and the merged view of them."""

    refs: tuple[tuple[str, str], ...]
    row: Row
    any_objects: bool
    any_home_refusal: bool


def persons(world: World) -> list[Person]:
    """Persons in order of first delivery; equal type and number of ID means one person."""
    groups: dict[object, list[tuple[str, Row]]] = {}
    for source, tables in world.items():
        for row in tables.get("talents", []):
            number_ = text(row, "id_number")
            key: object = (source, row["person_id"])
            if number_ is not None:
                key = (text(row, "id_type") or "身份证", number_.upper())
            groups.setdefault(key, []).append((source, row))
    return [_person(members) for members in groups.values()]


def _person(members: list[tuple[str, Row]]) -> Person:
    rows = [row for _, row in members]
    return Person(
        refs=tuple(sorted((source, str(row["person_id"])) for source, row in members)),
        row=merge_rows(rows),
        any_objects=any(flag(row, "objects") is True for row in rows),
        any_home_refusal=any(text(row, "home_consent") == "不同意" for row in rows),
    )


def person_rows(world: World, person: Person, table: str) -> list[Row]:
    """The rows of a table about one person, over all registers, merged by natural key."""
    found = [
        row
        for source, tables in world.items()
        for row in tables.get(table, [])
        if (source, str(row.get("person_id"))) in person.refs
    ]
    return merge_by(found, lambda row: plain_key(table, row))


def has_delivered(world: World, table: str, sources: Iterable[str] | None = None) -> bool:
    """Whether one of the sources (default: any) has delivered a table, even an empty one."""
    return any(table in world[source] for source in (world if sources is None else sources))
