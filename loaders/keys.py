"""Natural keys of rows and nodes (`files.md` S30, `contract.md` §5)."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from kg.model.graph import MASKED, Value
from kg.text import join_key
from loaders.plans import TablePlan

NUMBER_COLUMN: Final = "number"
UNNUMBERED: Final = ("kind", "occupation", "level", "issued")
"""What tells certificates without a number apart (S30)."""


class SpooledRow(NamedTuple):
    """A row as the reading half gave it, lean enough to be spooled: sheet (by position), row number, cells."""

    sheet: int
    number: int
    values: dict[str, Value]
    rejected: tuple[str, ...]


class Resolved(NamedTuple):
    """A row whose references are resolved.

    `parts` are those of its natural key inside the source, None when a key cell could not be read; `key` joins them
    ("" then). `variants` are other spellings of the key under which the store may have the row. `person` is the
    talent key, `token` that of the ID number (None: the file has no such column). `good` is False for a row that
    is already rejected.
    """

    sheet: int
    number: int
    values: dict[str, Value]
    parts: tuple[str, ...] | None
    variants: tuple[str, ...]
    person: str | None
    token: str | None
    good: bool
    key: str


def place_of(sheet: int, number: int) -> int:
    """Return sheet (by position) and row number as one number that orders rows as the input does."""
    return sheet << 32 | number


def encoded(text: str) -> str:
    """Return a key of one part as nodes bear it."""
    return join_key((text,)) if "%" in text or "|" in text else text


def key_part(value: Value) -> str:
    """Return one value as a part of a key: absent is empty, lists in one order."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ";".join(sorted(value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def key_columns(plan: TablePlan, values: dict[str, Value]) -> tuple[str, ...]:
    """Return the columns of the natural key of this row; S30 knows two keys for certificates."""
    columns = plan.table.natural_key
    if NUMBER_COLUMN in columns and NUMBER_COLUMN in plan.sealed:
        number = values.get(NUMBER_COLUMN)
        if not isinstance(number, str) or MASKED in number:
            return (*(c for c in columns if c != NUMBER_COLUMN), *UNNUMBERED)
    return columns


def spellings(columns: Sequence[str], parts: tuple[str, ...], other: dict[str, list[str]]) -> tuple[str, ...]:
    """Return the keys that arise when columns are spelled in their other ways, without the key itself."""
    keys: list[tuple[str, ...]] = [parts]
    for place, column in enumerate(columns):
        for text in other.get(column, ()):
            keys += [(*key[:place], text, *key[place + 1 :]) for key in list(keys)]
    return tuple(dict.fromkeys(key for key in map(join_key, keys) if key != join_key(parts)))


def node_key(plan: TablePlan, parts: Iterable[str], person: str | None) -> str:
    """Return the key of the node of a row: the talent key in place of the source's own number of the person."""
    found = list(parts)
    if plan.is_home:
        return person or found[0]
    if plan.is_person_table and "person_id" in plan.table.natural_key and person is not None:
        found[plan.table.natural_key.index("person_id")] = person
    if plan.is_editioned:
        return join_key(["@".join(part for part in found if part)])
    return join_key(found)
