"""A need given with the question may be written as in the tables: Chinese column names, lists as text or as lists, numbers as text."""

from collections.abc import Mapping
from typing import Any, Final

from api.schemas.requests import TalentsRequest
from kg.errors import InvalidInputError
from kg.schema import SCHEMA, Column
from loaders.cells import CellContext, parse_cell

_NEEDS: Final = "flex_needs"
_CELL: Final = CellContext()


def need_asked(body: TalentsRequest) -> dict[str, Any]:
    """Return the question of a body: the need's key, or the need itself."""
    inline = None if body.inline is None else canonical_need(body.inline)
    return {key: value for key, value in (("need", body.need), ("inline", inline)) if value is not None}


def canonical_need(inline: Mapping[str, Any], table: str = _NEEDS) -> dict[str, Any]:
    """Return the columns of that table by key, texts and lists read as the loaders read cells; what is no column is left for the service to refuse.

    Raises InvalidInputError with the code of the cell.
    """
    declared = SCHEMA.by_key[table].columns
    columns = {column.zh: column for column in declared} | {column.key: column for column in declared}
    found: dict[str, Any] = {}
    for name, value in inline.items():
        column = columns.get(name.strip())
        key = name if column is None else column.key
        if key in found:
            raise InvalidInputError(f"“{name}”写了两次，请只留一个", field=key)
        found[key] = value if column is None or not isinstance(value, str | list) else _read(column, value)
    return found


def _read(column: Column, raw: str | list[object]) -> Any:
    cell = parse_cell(column, raw, _CELL)
    if cell.reject is not None:
        raise InvalidInputError(
            f"“{column.zh}”{cell.reject.text}", field=column.key, value=raw, code=cell.reject.code
        )
    return list(cell.value) if isinstance(cell.value, tuple) else cell.value
