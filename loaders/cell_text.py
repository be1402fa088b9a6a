"""Canonical values as cells that people read and the loaders read back (`tables.md`, Cells)."""

import re
from typing import Final

from kg.model.graph import MASKED, Value
from kg.schema import Column
from kg.text import guard_formula

SEPARATOR: Final = "；"
YES_NO: Final = {True: "是", False: "否"}
_ESCAPE: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def cell_text(column: Column, value: Value) -> str:
    """Return a value as a person writes it: Chinese mode names, 是/否, list items joined by `；`, "" when absent."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return YES_NO[value]
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, tuple):
        return SEPARATOR.join(_item(column, item) for item in value)
    return _item(column, str(value))


def number_text(value: float) -> str:
    """Return the shortest decimal form that is read back as the same number, never in scientific notation."""
    if value.is_integer():
        return str(int(value))
    text = repr(value)
    return text if "e" not in text else format(value, ".20f").rstrip("0")


def csv_cell(column: Column, value: Value) -> str:
    """Return a value as a CSV field; texts that a spreadsheet would run are guarded (S25)."""
    text = cell_text(column, value)
    return text if isinstance(value, int | float) else guard_formula(text)


def xlsx_cell(column: Column, value: Value) -> str | int | float | None:
    """Return a value as a workbook cell: numbers as numbers, all else as guarded text."""
    if value is None or value == ():
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    return _ESCAPE.sub("_x005F_", guard_formula(cell_text(column, value)))


def _item(column: Column, item: str) -> str:
    """Return one item with its mode by Chinese name; weights stay."""
    if not column.modes or item == MASKED:
        return item
    mode, equals, weight = item.partition("=")
    return column.modes.get(mode, mode) + equals + weight
