"""Makes the edits of a counterfactual in the input tables, as a program that reads an answer would."""

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from typing import Any

from kg.schema import SCHEMA
from kg.text import split_key
from tests.oracle.world import World as Tables


def edited(tables: Tables, edits: Iterable[Mapping[str, Any]]) -> Tables:
    """Return the tables with the edits (as JSON tells them) made; an edit that finds no row is an error."""
    found: dict[str, dict[str, list[Any]]] = {
        source: {table: [dict(row) for row in rows] for table, rows in named.items()}
        for source, named in deepcopy(tables).items()
    }
    for edit in edits:
        rows = found[edit["source"]].setdefault(edit["table"], [])
        if "row" in edit:
            rows.append(dict(edit["row"]))
            continue
        named = [row for row in rows if _is(edit["table"], row, edit["key"])]
        assert named, edit
        for row in named:
            row[edit["column"]] = edit["to"]
    return {source: dict(named) for source, named in found.items()}


def delivered(tables: Tables, edits: Sequence[Mapping[str, Any]]) -> Tables:
    """Return only the tables in which edits are made, with them: what the sources that correct them deliver next."""
    touched = {(edit["source"], edit["table"]) for edit in edits}
    return {
        source: {table: rows for table, rows in named.items() if (source, table) in touched}
        for source, named in edited(tables, edits).items()
        if any(source == of for of, _ in touched)
    }


def _is(table: str, row: Mapping[str, Any], key: str) -> bool:
    columns = SCHEMA.by_key[table].natural_key
    return [str(row.get(column) or "").strip() for column in columns] == split_key(key)
