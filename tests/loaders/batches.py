"""Short ways for tests to hand rows to the storing half without files, and files of theirs to the whole way."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kg.model.graph import Row, Value
from kg.ports import GraphStore
from kg.schema import SCHEMA, Schema
from kg.sealing.sealer import Sealer
from kg.store.memory_store import MemoryStore
from loaders.batch import Order, load_readings
from loaders.pipeline import load
from loaders.report import Report
from loaders.rows import FileReading, Finding, ParsedRow, SheetReading

SEALER = Sealer(b"k" * 32)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
FIRM, OTHER_FIRM, SCHOOL = "91370785MA3C0001X2", "91370785MA3C0002X8", "12370785MB2801234X"

Tables = Mapping[str, Sequence[Mapping[str, Value]]]


def memory_store() -> GraphStore:
    """Return an empty store."""
    return MemoryStore(clock=lambda: NOON)


def reading(tables: Tables, *, rejects: Mapping[tuple[str, int], str] | None = None) -> FileReading:
    """Return one workbook with a sheet per table; columns are those of its rows, data starts in row 2.

    `rejects` maps (table, row number) to the column of a cell that could not be read there.
    """
    sheets = [_sheet(table, rows, rejects or {}) for table, rows in tables.items()]
    return FileReading(
        file="批次.xlsx", sha256="0" * 64, format="xlsx", encoding=None, delimiter=None, sheets=sheets
    )


def load_files(store: GraphStore, folder: Path, files: Mapping[str, bytes]) -> dict[str, Any]:
    """Write files (content by name) into a folder and load them; return the report."""
    folder.mkdir(exist_ok=True)
    paths = [folder / name for name in files]
    for path in paths:
        path.write_bytes(files[path.name])
    report = load(
        paths, store=store, sealer=SEALER, schema=SCHEMA, source="default", actor="test", clock=lambda: NOON
    )
    return dict(report.to_json())


def _sheet(
    table: str, rows: Sequence[Mapping[str, Value]], rejects: Mapping[tuple[str, int], str]
) -> SheetReading:
    keys = (
        list(dict.fromkeys(key for row in rows for key in row))
        if rows
        else [column.key for column in SCHEMA.by_key[table].columns]
    )
    columns = {
        key: (SCHEMA.by_key[table].column(key).zh, chr(ord("A") + place)) for place, key in enumerate(keys)
    }

    def parsed() -> Iterator[ParsedRow]:
        for number, values in enumerate(rows, start=2):
            row = ParsedRow(
                table=table,
                file="批次.xlsx",
                sheet=table,
                number=number,
                values={k: values.get(k) for k in keys},
            )
            column = rejects.get((table, number))
            if column is not None:
                row.rejects.append(
                    Finding(
                        code="bad-number",
                        message="",
                        file="批次.xlsx",
                        sheet=table,
                        table=table,
                        row=number,
                        column=column,
                    )
                )
            yield row

    return SheetReading(
        file="批次.xlsx",
        sheet=table,
        table=table,
        columns=columns,
        rows=parsed(),
        header_rows=[1],
        first_row=2,
        last_row=len(rows) + 1,
    )


def load_tables(
    store: GraphStore,
    tables: Tables,
    *,
    source: str = "default",
    schema: Schema = SCHEMA,
    rejects: Mapping[tuple[str, int], str] | None = None,
    **more: Any,
) -> Report:
    """Load rows by table as one batch of a source."""
    order = Order(
        store=store, sealer=SEALER, schema=schema, source=source, actor="test", clock=lambda: NOON, **more
    )
    return load_readings([reading(tables, rejects=rejects)], order)


def codes(report: Report) -> list[tuple[str, int | None, str | None, str]]:
    """Return table, row, column and code of each reject."""
    return [(entry.table or "", entry.row, entry.column, entry.code) for entry in report.sorted_rejects()]


def rows_of(store: GraphStore, table: str, source: str | None = None) -> list[Row]:
    """Return the stored rows of a table."""
    return list(store.rows(table=table, source=source))


def district(code: str = "370785") -> dict[str, Value]:
    """Return a district row."""
    return {"code": code, "name": f"区{code}"}


def enterprise(code: str = FIRM, name: str = "甲机械有限公司", **more: Value) -> dict[str, Value]:
    """Return an enterprise row."""
    return {"credit_code": code, "name": name, "district": "370785", **more}


def school(code: str = SCHOOL, name: str = "示例技师学院") -> dict[str, Value]:
    """Return a school row."""
    return {"credit_code": code, "name": name, "district": "370785"}


def talent(number: str, **more: Value) -> dict[str, Value]:
    """Return a talent row."""
    return {"person_id": number, "name": f"王{number}", "district": "370785", **more}
