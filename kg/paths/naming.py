"""What a record is called that has no name of its own: a certificate, a consent, a cooperation …"""

from collections.abc import Callable, Mapping
from typing import Final

from kg.model.graph import MASKED, NodeRef, Row
from kg.schema import ColumnType, Table

_TELLING: Final[Mapping[str, tuple[str, ...]]] = {
    "offering": ("major", "intake_year"),
    "cooperation": ("mode",),
    "certificate": ("kind", "level"),
    "appointment": ("level",),
    "consent": ("purpose",),
    "restriction": ("kind",),
    "engagement": ("mode",),
}
"""Columns that name a record which has no name of its own."""
_NUMBERED: Final = frozenset({"offering", "cooperation", "engagement", "training_batch"})


def name_of_row(row: Row, table: Table, major: Callable[[NodeRef], str]) -> str:
    """Return what everyone who sees a row's node may be shown as its name; persons are masked where they are stored.

    `major` tells the name of a major. Columns that only some readers of the row see are never part of the name.
    """
    kind = table.kind or ""
    if table.name_column is not None:
        return row.label
    told = [text for column in _TELLING.get(kind, ()) if (text := _told(row, table, column, major))]
    if not told:
        return row.label if kind in _NUMBERED else table.zh
    return " ".join((*told, *([row.label] if kind in _NUMBERED else [])))


def _told(row: Row, table: Table, key: str, major: Callable[[NodeRef], str]) -> str:
    column, value = table.column(key), row.values.get(key)
    hidden = column.sealed or table.visibility_of(column) is not table.visibility
    if hidden or value is None or value == MASKED or isinstance(value, tuple):
        return ""
    if column.refers_to == ("majors",):
        return major(NodeRef("major", str(value)))
    return f"{value} 级" if column.type is ColumnType.YEAR else column.modes.get(str(value), str(value))
