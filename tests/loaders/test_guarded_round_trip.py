"""Texts that a spreadsheet would run, or that begin with a quote, come back from every export as they were (S25)."""

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from kg.schema import SCHEMA
from loaders.export import export_tables
from loaders.pipeline import load
from tests.loaders.batches import NOON, SEALER, load_tables, memory_store, rows_of

TEXTS = (
    "=1+1",
    "'=1+1",
    "''=1+1",
    "+86 536",
    "-5",
    "@SUM(A1)",
    "'甲'",
    "‘甲’",
    "'",
    '=cmd|"/c calc"!A1',
    "a\t=1",
    "*",
    "甲\n=1",
)


@pytest.mark.parametrize("form", ["json", "csv", "xlsx"])
def test_every_text_comes_back(tmp_path: Path, form: str) -> None:
    store = memory_store()
    rows = [{"clause_id": f"C{n}", "title": text, "text": text} for n, text in enumerate(TEXTS)]
    load_tables(store, {"policies": rows})
    before = {row.id.key: dict(row.values) for row in rows_of(store, "policies")}
    path = tmp_path / f"政策条款.{form}"
    path.write_bytes(b"".join(export_tables(store, SEALER, SCHEMA, ["policies"], fmt=form, sealed=True)))
    more: dict[str, Any] = {"source": "default", "actor": "test", "clock": lambda: NOON}
    report = load([path], store=store, sealer=SEALER, schema=SCHEMA, **more)
    assert {row.id.key: dict(row.values) for row in rows_of(store, "policies")} == before
    assert (report.changed, report.totals().unchanged) == (False, len(TEXTS))


def test_no_cell_of_a_workbook_or_csv_runs(tmp_path: Path) -> None:
    store = memory_store()
    load_tables(store, {"policies": [{"clause_id": f"C{n}", "title": text} for n, text in enumerate(TEXTS)]})
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"".join(export_tables(store, SEALER, SCHEMA, ["policies"], fmt="xlsx", sealed=True)))
    cells = [cell for row in openpyxl.load_workbook(path).worksheets[0].iter_rows() for cell in row]
    assert not [cell.value for cell in cells if cell.data_type == "f"]
    assert not [cell.value for cell in cells if isinstance(cell.value, str) and cell.value[0] in "=+@\t\r-"]
