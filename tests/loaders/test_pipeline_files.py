"""From real files: the report's document, the workbook of rejected rows, refusals, and both stores alike."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from kg.errors import NotFoundError
from kg.model.graph import Link, NodeRef
from kg.ports import GraphStore
from kg.schema import SCHEMA, Column, ColumnType, Schema, Table
from kg.store.sqlite.store import SqliteStore
from loaders.export import export_tables
from loaders.pipeline import load
from loaders.report import Report
from loaders.synthetic_city import generate, sources, write_city
from tests.loaders.batches import NOON, SEALER, memory_store, rows_of

ID_NUMBER = "370785199001010015"


def _load(store: GraphStore, *paths: Path, source: str = "default", **more) -> Report:
    return load(
        paths,
        store=store,
        sealer=SEALER,
        schema=SCHEMA,
        source=source,
        actor="test",
        clock=lambda: NOON,
        **more,
    )


@pytest.fixture
def sqlite_store(tmp_path) -> Iterator[SqliteStore]:
    store = SqliteStore.open(tmp_path / "x.db", key_fingerprint=SEALER.fingerprint, clock=lambda: NOON)
    yield store
    store.close()


def _book(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for title, rows in sheets.items():
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(row)
    workbook.save(path)
    return path


def _bad_book(folder: Path) -> Path:
    people = [
        ["人才编号", "姓名", "证件号码", "区划代码", "现等级", "手机"],
        ["P1", "王五", None, "370785", "技师", "13900000001"],
        ["P2", "赵六", ID_NUMBER[:-1] + "9", "370785", "4", "13900000002"],
        ["P3", "=1+1", None, "370785", "二级", "13900000003"],
    ]
    honours = [
        ["人才编号", "荣誉名称", "级别", "年度"],
        ["P2", "技术能手", "省", 2024],
        ["P1", "技术能手", "省", 2024],
    ]
    places = [["区划代码", "名称"], ["370785", "甲区"]]
    return _book(folder / "批次.xlsx", {"区县": places, "人才": people, "荣誉": honours})


def test_report_of_rejected_cells(tmp_path):
    document = _load(memory_store(), _bad_book(tmp_path)).to_json()
    found = [
        (r["sheet"], r["row"], r["column"], r["header"], r["cell"], r["code"]) for r in document["rejects"]
    ]
    assert found[:2] == [
        ("人才", 3, "id_number", "证件号码", "C3", "bad-check-digit"),
        ("人才", 3, "level", "现等级", "E3", "ambiguous-level"),
    ]
    assert ("荣誉", 2, "person_id", "人才编号", "A2", "unknown-reference") in found
    assert document["rejects"][0]["value"] == ID_NUMBER[:4] + "*" * 13 + "9"
    assert ID_NUMBER[:-1] not in json.dumps(document, ensure_ascii=False)
    assert document["status"] == "done-with-rejects"
    for counts in (*document["tables"].values(), document["totals"]):
        assert counts["read"] == sum(counts[k] for k in ("inserted", "updated", "unchanged", "rejected"))


def test_errors_workbook_has_the_original_rows_and_loads_after_correction(tmp_path):
    store, errors = memory_store(), tmp_path / "错误.xlsx"
    report = _load(store, _bad_book(tmp_path), errors_to=errors)
    assert report.to_json()["error_file"] == str(errors)
    workbook = load_workbook(errors)
    assert workbook.sheetnames[:1] == ["人才"]
    rows = [[cell.value for cell in row] for row in workbook["人才"].iter_rows()]
    assert rows[0] == [
        "原行号",
        "错误列",
        "错误原因",
        "人才编号",
        "姓名",
        "证件号码",
        "区划代码",
        "现等级",
        "手机",
    ]
    assert rows[1][0] == "3"
    assert rows[1][3:] == ["P2", "赵六", ID_NUMBER[:-1] + "9", "370785", "4", "13900000002"]
    assert all(cell is None or isinstance(cell, str) for row in rows for cell in row)
    workbook["人才"]["F2"], workbook["人才"]["H2"] = None, "技师"
    if len(rows) > 2:
        workbook["人才"]["E3"] = "孙七"
    workbook.save(errors)
    again = _load(store, errors)
    assert (again.exit_code, [w.code for w in again.warnings], again.tables["honours"].inserted) == (0, [], 1)


def test_refused_batch_changes_nothing(tmp_path):
    store = memory_store()
    good = tmp_path / "区县.csv"
    good.write_text("区划代码,名称\n370785,甲区\n", encoding="utf-8")
    bad = tmp_path / "行业.csv"
    bad.write_text("行业代码,版本\nC34,2017\n", encoding="utf-8")
    document = _load(store, good, bad).to_json()
    assert [(e["code"], e["column"]) for e in document["errors"]] == [("missing-column", "name")]
    assert (document["status"], document["batch"], document["changed"]) == ("refused", None, False)
    assert document["totals"] == dict.fromkeys(document["totals"], 0)
    assert (store.revision(), rows_of(store, "districts")) == (0, [])


def test_path_that_does_not_exist(tmp_path):
    with pytest.raises(NotFoundError):
        _load(memory_store(), tmp_path / "nothing")


def test_mapping_file(tmp_path):
    path = tmp_path / "企业.csv"
    path.write_text("统一代码,名称,区划代码\n91370785MA3C00017H,甲,370785\n", encoding="utf-8")
    mapping = tmp_path / "mapping.toml"
    mapping.write_text('[enterprises]\n"统一代码" = "nowhere"\n', encoding="utf-8")
    document = _load(memory_store(), path, mapping=mapping).to_json()
    assert [e["code"] for e in document["errors"]] == ["bad-mapping"]


def test_synthetic_city_loads_clean_and_both_stores_hold_the_same(tmp_path, sqlite_store):
    write_city(tmp_path / "city", size="demo", seed=7, day=date(2026, 11, 23))
    memory = memory_store()
    for store in (memory, sqlite_store):
        for source in sources("demo"):
            report = _load(store, tmp_path / "city" / source, source=source)
            assert (report.exit_code, report.rejects, report.changed) == (0, [], True)
        for source in sources("demo"):
            report = _load(store, tmp_path / "city" / source, source=source)
            assert (report.changed, report.totals().unchanged) == (False, report.totals().read)
    assert list(memory.rows()) == list(sqlite_store.rows())


@pytest.mark.parametrize("fmt", ["json", "xlsx"])
def test_synthetic_city_exports_and_loads_back(tmp_path, sqlite_store, fmt):
    write_city(tmp_path / "city", size="demo", seed=3, day=date(2026, 11, 23))
    for source in sources("demo"):
        _load(sqlite_store, tmp_path / "city" / source, source=source)
    revision = sqlite_store.revision()
    for source in sources("demo"):
        path = tmp_path / f"{source}.{fmt}"
        data = export_tables(sqlite_store, SEALER, SCHEMA, None, fmt=fmt, source=source, sealed=True)
        path.write_bytes(b"".join(data))
        report = _load(sqlite_store, path, source=source)
        changed = {key: counts.to_json() for key, counts in report.tables.items() if counts.changed}
        assert (report.rejects[:3], changed, report.revision) == ([], {}, revision)


def test_generated_rows_are_read_as_they_were_made(tmp_path):
    made = {table: list(rows) for table, rows in generate("demo", seed=7, day=date(2026, 11, 23))}
    write_city(tmp_path / "city", size="demo", seed=7, day=date(2026, 11, 23))
    store = memory_store()
    for source in sources("demo")[:1]:
        _load(store, tmp_path / "city" / source, source=source)
    stored = {row.values["need_id"]: row.values for row in rows_of(store, "flex_needs")}
    for need in made["flex_needs"]:
        want = {key: value for key, value in need.items() if value not in (None, ())}
        assert stored[need["need_id"]] == want


def test_a_made_up_kind_is_loaded_linked_and_exported(tmp_path):
    gadgets = Table(
        key="gadgets",
        zh="器具",
        en="Gadgets",
        kind="gadget",
        columns=(
            Column(key="gadget_id", zh="器具编号", en="Gadget", type=ColumnType.CODE, required=True),
            Column(
                key="place",
                zh="所在区划",
                en="Place",
                type=ColumnType.DISTRICT_CODE,
                refers_to=("districts",),
                hard=True,
            ),
            Column(key="secret", zh="口令", en="Secret", type=ColumnType.TEXT, sealed=True),
        ),
        natural_key=("gadget_id",),
    )
    schema = Schema((*SCHEMA.tables, gadgets))
    book = {
        "器具": [["器具编号", "所在区划", "口令"], ["G1", "370785", "芝麻"], ["G2", "370786", "开门"]],
        "区县": [["区划代码", "名称"], ["370785", "甲区"]],
    }
    store = memory_store()
    report = load(
        [_book(tmp_path / "x.xlsx", book)],
        store=store,
        sealer=SEALER,
        schema=schema,
        source="s",
        actor="t",
        clock=lambda: NOON,
    )
    assert [(entry.row, entry.code) for entry in report.rejects] == [(3, "unknown-reference")]
    (row,) = rows_of(store, "gadgets")
    assert row.links == (Link(NodeRef("gadget", "G1"), "gadgets.place", NodeRef("district", "370785")),)
    data = b"".join(export_tables(store, SEALER, schema, ["gadgets"], fmt="json", sealed=True))
    assert json.loads(data) == [{"gadget_id": "G1", "place": "370785", "secret": "芝麻"}]
