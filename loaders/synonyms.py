"""Headers that registers use for our columns (`mappings/header_synonyms.toml`); they propose and decide nothing."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from kg.schema import Schema, Table
from loaders.headers import normalise

_EVERY_TABLE: Final = "*"
_TITLES: Final = "titles"
_OCCUPATIONS: Final = ("occupations",)


@cache
def _sections() -> Mapping[str, Mapping[str, list[str]]]:
    text = files("loaders").joinpath("mappings", "header_synonyms.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def synonyms_of(table: Table) -> dict[str, tuple[str, ...]]:
    """Return the other headers of each column of a table, normalised; those of the table before those of all."""
    own, common = _sections().get(table.key, {}), _sections()[_EVERY_TABLE]
    return {
        column.key: tuple(
            dict.fromkeys(map(normalise, [*own.get(column.key, ()), *common.get(column.key, ())]))
        )
        for column in table.columns
    }


def title_headers(table: Table) -> dict[str, str]:
    """Return the headers of columns that hold titles of occupations, normalised, with the column they mean."""
    found: dict[str, str] = {}
    for column in table.columns:
        if column.refers_to == _OCCUPATIONS:
            for header in _sections()[_TITLES].get(column.key, ()):
                found.setdefault(normalise(header), column.key)
    return found


def known_headers(schema: Schema) -> dict[str, dict[str, str]]:
    """Return all of these headers as a mapping would have them, by table: to find the header row of a foreign file."""
    found: dict[str, dict[str, str]] = {}
    for table in schema.tables:
        names = {normalise(name): column.key for column in table.columns for name in (column.key, column.zh)}
        for key, others in synonyms_of(table).items():
            for name in others:
                names.setdefault(name, key)
        found[table.key] = {**title_headers(table), **names}
    return found
