"""Write a world as files that the loaders read: one folder per source, one CSV per table."""

import csv
from pathlib import Path

from kg.schema.column_types import Column
from kg.schema.declaration import SCHEMA
from tests.oracle.world import Row, World


def write_world(world: World, folder: Path) -> list[tuple[str, Path]]:
    """Write ``folder/<source>/<table key>.csv`` (UTF-8, Chinese headers).

    Returns the sources with their folders in the order in which they must be loaded. A table has
    all its declared columns, so an absent cell is told as empty.
    """
    written = []
    for source, tables in world.items():
        home = folder / source
        home.mkdir(parents=True, exist_ok=True)
        for table, rows in tables.items():
            _write(home / f"{table}.csv", table, rows)
        written.append((source, home))
    return written


def _write(path: Path, table: str, rows: list[Row]) -> None:
    columns = {column.key: column.zh for column in _columns(table)}
    strange = {key for row in rows for key in row} - set(columns)
    if strange:
        raise ValueError(f"{table} has no column {sorted(strange)}")
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(columns.values())
        writer.writerows([cell(row.get(key)) for key in columns] for row in rows)


def _columns(table: str) -> list[Column]:
    """The declared columns; a row about a person names it by number only."""
    (declared,) = [one for one in SCHEMA.tables if one.key == table]
    by_person = table != "talents" and any(column.key == "person_id" for column in declared.columns)
    return [column for column in declared.columns if not (by_person and column.key == "id_number")]


def cell(value: object) -> str:
    """The text of a canonical value as it stands in a file."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "；".join(str(item) for item in value)
    return str(value)
