"""Files of the synthetic city: UTF-8 CSV with Chinese headers, and one workbook of several sheets."""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import Final

from openpyxl import Workbook

from kg.model.graph import MASKED, Value
from kg.schema.column_types import Column, ColumnType, Table
from kg.schema.declaration import SCHEMA

Row = Mapping[str, Value]
Render = Callable[[Value], str]
RowWriter = Callable[[Row], None]

_DATES: Final = {ColumnType.DATE, ColumnType.DATE_FROM, ColumnType.DATE_TO}
_STAMP: Final = (2000, 1, 1, 0, 0, 0)


def _plain(value: Value) -> str:
    if value is None:
        return ""
    if value is True:
        return "是"
    if value is False:
        return "否"
    if isinstance(value, tuple):
        return "；".join(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _modes(names: Mapping[str, str]) -> Render:
    """Return how modes are written: by name, `consult=0.8` as 顾问指导=0.8."""

    def one(item: str) -> str:
        key, sign, weight = item.partition("=")
        return names.get(key, key) + sign + weight

    def render(value: Value) -> str:
        return (
            "；".join(map(one, value))
            if isinstance(value, tuple)
            else ""
            if value is None
            else one(str(value))
        )

    return render


def renderers(columns: Iterable[Column]) -> list[tuple[str, Render]]:
    """Return how each of the columns is written as a text cell."""
    return [(column.key, _modes(column.modes) if column.modes else _plain) for column in columns]


def file_columns(table: Table) -> list[Column]:
    """Return the columns of a file: all of the table; a person table is keyed by the person's number only."""
    personal = table.key != "talents" and table.is_person_table
    return [column for column in table.columns if not (personal and column.key == "id_number")]


@contextmanager
def csv_writers(folder: Path, tables: Iterable[str]) -> Iterator[dict[str, RowWriter]]:
    """Open one CSV per table under its Chinese name, header written; yield a function per table that adds a row."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        writers: dict[str, RowWriter] = {}
        for key in tables:
            table = SCHEMA.by_key[key]
            handle = stack.enter_context((folder / f"{table.zh}.csv").open("w", encoding="utf-8", newline=""))
            writers[key] = _row_writer(handle, table)
        yield writers


def _row_writer(handle: io.TextIOBase, table: Table) -> RowWriter:
    columns = file_columns(table)
    cells = renderers(columns)
    writer = csv.writer(handle, lineterminator="\n")
    writer.writerow([column.zh for column in columns])

    def write(row: Row) -> None:
        get = row.get
        writer.writerow([render(get(key)) for key, render in cells])

    return write


def write_workbook(path: Path, sheets: Iterable[tuple[str, Iterable[Row]]]) -> dict[str, int]:
    """Write one workbook, a sheet per table named in Chinese; return the rows per table. Equal input, equal bytes."""
    book = Workbook(write_only=True)
    counts: dict[str, int] = {}
    for key, rows in sheets:
        table = SCHEMA.by_key[key]
        columns = file_columns(table)
        sheet = book.create_sheet(table.zh)
        sheet.append([column.zh for column in columns])
        counts[key] = 0
        for row in rows:
            sheet.append([_excel(column, row.get(column.key)) for column in columns])
            counts[key] += 1
    buffer = io.BytesIO()
    book.save(buffer)
    path.parent.mkdir(parents=True, exist_ok=True)
    _save_without_clock(buffer, path)
    return counts


def _excel(column: Column, value: Value) -> str | int | float | date | None:
    """Return a cell: numbers as numbers, days as Excel dates, everything else as text."""
    if value is None or value == ():
        return None
    if column.type in _DATES and isinstance(value, str) and value != MASKED:
        return date.fromisoformat(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    return _modes(column.modes)(value) if column.modes else _plain(value)


def _save_without_clock(buffer: io.BytesIO, path: Path) -> None:
    """Copy a workbook without the time of its making, so that the same city gives the same file."""
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "docProps/core.xml":
                data = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", b"2000-01-01T00:00:00Z", data)
            info = zipfile.ZipInfo(name, _STAMP)
            info.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(info, data)
