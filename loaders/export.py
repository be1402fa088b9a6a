"""Stored tables as files in the form that the loaders read (`files.md` §2)."""

import csv
import io
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from openpyxl import Workbook

from kg.errors import InvalidInputError, RefusedError
from kg.model.batches import in_force
from kg.model.graph import Row, Value
from kg.ports import GraphStore
from kg.schema import Column, Schema, Table
from kg.sealing.sealer import Sealer
from loaders.cell_text import csv_cell, xlsx_cell
from loaders.known import Known
from loaders.plans import Reference, ReferenceKind, plan_of

FORMATS: Final = ("json", "csv", "xlsx")
_CHUNK_ROWS: Final = 1000
_CHUNK_BYTES: Final = 64 * 1024
_BYTE_ORDER_MARK: Final = "\ufeff"

Record = Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which rows and columns an export holds.

    `source` None merges all sources, the first of `source_order` that has a value wins. `sealed` adds the § columns
    and needs one source. `visible` and `columns` are the rights of the viewer (None: everything in the open).
    """

    store: GraphStore
    sealer: Sealer
    schema: Schema
    source: str | None = None
    sealed: bool = False
    source_order: Sequence[str] = ()
    visible: Callable[[Row], bool] | None = None
    columns: Callable[[Table], Sequence[Column]] | None = None

    def shown(self, table: Table) -> list[Column]:
        """Return the columns of a table that the export holds, in declared order."""
        chosen = list(self.columns(table)) if self.columns is not None else list(table.plain_columns())
        keys = {column.key for column in chosen if self.sealed or not column.sealed}
        if self.sealed:
            keys |= {column.key for column in table.sealed_columns()}
        return [column for column in table.columns if column.key in keys]


def export_tables(
    store: GraphStore,
    sealer: Sealer,
    schema: Schema,
    tables: Sequence[str] | None,
    *,
    fmt: str,
    source: str | None = None,
    sealed: bool = False,
    source_order: Sequence[str] = (),
    visible: Callable[[Row], bool] | None = None,
    columns: Callable[[Table], Sequence[Column]] | None = None,
) -> Iterator[bytes]:
    """Return the tables as a stream of bytes; None means every table that the source ever delivered.

    `fmt` is json, csv or xlsx. A sealed export of one source loads back under that source without a change. Raises
    InvalidInputError for an unknown table or format, or CSV of several tables; RefusedError (`several-sources`, with
    the list) for a sealed export when several sources are stored and none is named. Both before the first byte.
    """
    if fmt not in FORMATS:
        raise InvalidInputError("导出格式只能是 json、csv 或 xlsx，请改正", field="format", value=fmt)
    if sealed and source is None:
        source = _only_source(store)
    selection = Selection(
        store=store,
        sealer=sealer,
        schema=schema,
        source=source,
        sealed=sealed,
        source_order=source_order,
        visible=visible,
        columns=columns,
    )
    chosen = _chosen(selection, tables)
    if fmt == "csv" and len(chosen) != 1:
        raise InvalidInputError("CSV 一次只能导出一张表，请指定一张表或改用 xlsx、json", field="tables")
    if fmt == "json":
        return _json(selection, chosen, alone=tables is not None and len(chosen) == 1)
    return _csv(selection, chosen[0]) if fmt == "csv" else _xlsx(selection, chosen)


def records(selection: Selection, table: Table) -> Iterator[Record]:
    """Yield the rows of a table as canonical values by column key (absent columns missing), ordered by key."""
    rows = selection.store.rows(table=table.key, source=selection.source)
    seen = (row for row in rows if selection.visible is None or selection.visible(row))
    plan = plan_of(selection.schema, table)
    known = Known(selection.store, selection.source or "", selection.schema.by_key)
    editioned = [r for r in plan.references if r.kind is ReferenceKind.EDITIONED]
    opened = _with_sealed(selection, seen) if selection.sealed else _merged(selection, table, seen)
    for values in opened:
        found = dict(values)
        for reference in editioned:
            found[reference.key] = _bare(known, reference, found.get(reference.key))
        yield found


def _only_source(store: GraphStore) -> str | None:
    sources = sorted({batch.source for batch in in_force(store.batches()) if batch.delivered})
    if len(sources) > 1:
        names = "、".join(sources)
        raise RefusedError(
            f"存储里有多个来源（{names}），带封存列的导出须指定其中一个（--source）",
            code="several-sources",
            sources=sources,
        )
    return sources[0] if sources else None


def _chosen(selection: Selection, tables: Sequence[str] | None) -> list[Table]:
    schema = selection.schema
    if tables is None:
        return [t for t in schema.tables if t.key in _delivered(selection)] or list(schema.tables)
    by_name = {**{table.zh: table for table in schema.tables}, **schema.by_key}
    for name in tables:
        if name not in by_name:
            raise InvalidInputError(
                f"没有名为“{name}”的表，请用表名或英文键", field="tables", value=name, code="unknown-table"
            )
    return [by_name[name] for name in dict.fromkeys(tables)]


def _delivered(selection: Selection) -> frozenset[str]:
    """Return the tables that the source (or any) ever delivered: loading others back would be a first delivery (S40)."""
    batches = in_force(selection.store.batches())
    of_source = (batch for batch in batches if selection.source in {None, batch.source})
    return frozenset(table for batch in of_source for table in batch.delivered)


def _with_sealed(selection: Selection, rows: Iterator[Row]) -> Iterator[Record]:
    while chunk := list(islice(rows, _CHUNK_ROWS)):
        parts = selection.store.sealed([row.id for row in chunk if row.seal_mark])
        for row in chunk:
            data = parts.get(row.id)
            hidden = selection.sealer.unseal(data, row.id) if data else {}
            yield {**row.values, **hidden}


def _merged(selection: Selection, table: Table, rows: Iterator[Row]) -> Iterator[Record]:
    """Yield one record per row, or, when several sources are merged, one per node or relation."""
    if selection.source is not None:
        yield from (row.values for row in rows)
        return
    groups: dict[object, list[Row]] = {}
    for row in rows:
        groups.setdefault(_same_thing(table, row), []).append(row)
    places = {source: place for place, source in enumerate(selection.source_order)}
    for group in groups.values():
        group.sort(key=lambda row: (places.get(row.id.source, len(places)), row.id.source))
        merged: dict[str, Value] = {}
        for row in group:
            for key, value in row.values.items():
                merged.setdefault(key, value)
        yield merged


def _same_thing(table: Table, row: Row) -> object:
    """Return what rows of several sources share when they speak of one thing."""
    if row.node is not None:
        return row.node
    own = tuple(row.values.get(key) for key in table.natural_key if key not in (table.ends or ()))
    return (row.links, own) if row.links else row.id


def _bare(known: Known, reference: Reference, value: Value) -> Value:
    """Return a reference as it is exported: without the edition when that is the newest (S45).

    A list that names one code both ways keeps its editions: bare, the two items would be one when loaded back (S28).
    """
    table = reference.targets[0]
    if isinstance(value, tuple):
        bare = tuple(_bare_item(known, table, item) for item in value)
        codes = {item.partition("=")[0] for item in bare}
        return bare if len(codes) == len(bare) else value
    return known.bare(table, value) if isinstance(value, str) else value


def _bare_item(known: Known, table: Table, item: str) -> str:
    code, equals, weight = item.partition("=")
    return known.bare(table, code) + equals + weight


def _json(selection: Selection, tables: Sequence[Table], *, alone: bool) -> Iterator[bytes]:
    if alone:
        yield from _json_array(selection, tables[0])
        yield b"\n"
        return
    yield b"{"
    for place, table in enumerate(tables):
        yield (",\n" if place else "\n").encode() + json.dumps(table.key).encode() + b": "
        yield from _json_array(selection, table)
    yield b"\n}\n"


def _json_array(selection: Selection, table: Table) -> Iterator[bytes]:
    keys = [column.key for column in selection.shown(table)]
    yield b"["
    separator = "\n"
    for chunk in _in_chunks(records(selection, table)):
        lines = [json.dumps({key: record.get(key) for key in keys}, ensure_ascii=False) for record in chunk]
        yield (separator + ",\n".join(lines)).encode()
        separator = ",\n"
    yield b"\n]"


def _csv(selection: Selection, table: Table) -> Iterator[bytes]:
    columns = selection.shown(table)
    yield (_BYTE_ORDER_MARK + _csv_lines([[column.zh for column in columns]])).encode()
    for chunk in _in_chunks(records(selection, table)):
        lines = ([csv_cell(c, record.get(c.key)) for c in columns] for record in chunk)
        yield _csv_lines(lines).encode()


def _csv_lines(rows: Iterable[Sequence[str]]) -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue()


def _xlsx(selection: Selection, tables: Sequence[Table]) -> Iterator[bytes]:
    workbook = Workbook(write_only=True)
    for table in tables:
        sheet = workbook.create_sheet(table.zh)
        sheet.freeze_panes = "A2"
        columns = selection.shown(table)
        sheet.append([column.zh for column in columns])
        for record in records(selection, table):
            sheet.append([xlsx_cell(column, record.get(column.key)) for column in columns])
    if not tables:
        workbook.create_sheet()
    with tempfile.TemporaryFile() as handle:
        workbook.save(handle)
        handle.seek(0)
        while data := handle.read(_CHUNK_BYTES):
            yield data


def _in_chunks(items: Iterator[Record]) -> Iterator[list[Record]]:
    while chunk := list(islice(items, _CHUNK_ROWS)):
        yield chunk
