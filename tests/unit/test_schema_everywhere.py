"""The schema is declared once: a made-up kind appears in loaders, store, masking, templates, exports, docs and legend."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook
from starlette.testclient import TestClient

from api.main import create_app
from api.reference import tables_page
from kg.bootstrap import open_graph
from kg.config import Settings
from kg.model.graph import NodeRef
from kg.model.viewers import CLI_VIEWER, PUBLIC_VIEWER
from kg.policy.rights import sight, visible_columns
from kg.schema import SCHEMA, Schema, Visibility
from kg.schema import columns as c
from kg.schema.column_types import Family, Layer, Mark, Shape, Table
from kg.sealing.sealer import Sealer
from kg.store.memory_store import MemoryStore
from loaders.export import export_tables
from loaders.pipeline import load
from loaders.templates import write_template
from visualizations.theme import legend

GADGETS = Table(
    key="gadgets",
    zh="器具",
    en="Gadgets",
    kind="gadget",
    visibility=Visibility.PUBLIC,
    columns=(
        c.code("gadget_id", "器具编号", "Gadget", required=True, searchable=True),
        c.name("器具名称"),
        c.district(),
        c.count("stock", "库存数", "Stock", visibility=Visibility.OFFICER),
        c.sealed("keeper", "保管人", "Keeper"),
    ),
    natural_key=("gadget_id",),
    name_column="name",
    mark=Mark(glyph="器", shape=Shape.PILL, family=Family.COMMON, layer=Layer.RECORD),
)


def _clock() -> datetime:
    return datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.fixture
def schema() -> Schema:
    return Schema((*SCHEMA.tables, GADGETS))


@pytest.fixture
def sealer() -> Sealer:
    return Sealer(bytes(range(32)))


@pytest.fixture
def store(schema: Schema, sealer: Sealer, tmp_path: Path) -> MemoryStore:
    path = tmp_path / "器具.csv"
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([
            ["器具编号", "器具名称", "区划代码", "库存数", "保管人"],
            ["G1", "千分尺", "370785", "12", "王小五"],
        ])
    store = MemoryStore(clock=_clock)
    report = load([path], store=store, sealer=sealer, schema=schema, source="库房", actor="cli", clock=_clock)
    assert report.to_json()["status"] == "done", report.to_json()
    return store


def test_loader_and_store_know_the_kind(store: MemoryStore) -> None:
    (row,) = store.rows(nodes=[NodeRef("gadget", "G1")])
    assert row.label == "千分尺"
    assert row.values == {"gadget_id": "G1", "name": "千分尺", "district": "370785", "stock": 12}
    assert [link.relation for link in row.links] == ["gadgets.district"]
    assert store.sealed([row.id])


def test_masking_knows_the_kind(schema: Schema) -> None:
    public = {column.key for column in visible_columns(PUBLIC_VIEWER, GADGETS, ())}
    officer = {column.key for column in visible_columns(CLI_VIEWER, GADGETS, ())}
    assert public == {"gadget_id", "name", "district"}
    assert officer == public | {"stock"}
    seen = sight(PUBLIC_VIEWER, schema)
    assert seen is not None
    assert "gadget" in seen.kinds
    assert "gadgets.district" in seen.relations


def test_template_export_page_and_legend_know_the_kind(
    schema: Schema, store: MemoryStore, sealer: Sealer, tmp_path: Path
) -> None:
    path = tmp_path / "模板.xlsx"
    write_template(schema, ("gadgets",), path)
    assert "器具" in load_workbook(path).sheetnames
    exported = b"".join(export_tables(store, sealer, schema, ("gadgets",), fmt="csv")).decode("utf-8-sig")
    assert "千分尺" in exported
    assert "王小五" not in exported
    assert "## gadgets · 器具" in tables_page(schema)
    assert any(entry.kind == "gadget" for entry in legend(schema))


def test_the_service_and_its_pages_know_the_kind(schema: Schema, tmp_path: Path) -> None:
    (tmp_path / "区县.csv").write_text("区划代码,名称\n370785,高密市\n", encoding="utf-8")
    (tmp_path / "器具.csv").write_text("器具编号,器具名称,区划代码,库存数,保管人\nG1,千分尺,370785,12,王小五\n", encoding="utf-8")  # fmt: skip
    with open_graph(Settings(data=tmp_path / "data"), schema=schema, clock=_clock) as graph:
        files = sorted(tmp_path.glob("*.csv"))
        load(files, store=graph.store, sealer=graph.sealer, schema=schema, source="库房", actor="cli", clock=_clock)  # fmt: skip
        with TestClient(create_app(graph), headers={"Accept": "text/html,application/json"}) as client:
            found = client.get("/api/v1/search", params={"q": "千分尺", "kind": "gadget"}).json()["items"]
            assert [item["node"]["key"] for item in found] == ["G1"]
            around = client.get("/api/v1/nodes/district/370785/neighbours").json()["groups"]
            assert [(group["relation"], group["kind_label"]) for group in around] == [
                ("gadgets.district", "器具")
            ]
            page = client.get("/nodes/gadget/G1").text
            assert "器具编号" in page
            assert "王小五" not in page
            assert "库存数" not in page
            assert "器具" in client.get("/").text
