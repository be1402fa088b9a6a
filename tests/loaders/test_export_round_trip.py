"""A sealed export of one source loads back without a change, in every format."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from kg.errors import InvalidInputError, RefusedError
from kg.ports import GraphStore
from kg.schema import SCHEMA
from loaders.export import export_tables
from loaders.pipeline import load
from loaders.report import Report
from tests.loaders.batches import NOON, SEALER, codes, district, load_tables, memory_store, rows_of, talent


def _load(store: GraphStore, path: Path, source: str = "default") -> Report:
    return load(
        [path], store=store, sealer=SEALER, schema=SCHEMA, source=source, actor="test", clock=lambda: NOON
    )


def _export(store: GraphStore, folder: Path, fmt: str) -> list[Path]:
    """Write a sealed export and return the files; CSV has one per table."""
    if fmt != "csv":
        path = folder / f"导出.{fmt}"
        path.write_bytes(b"".join(export_tables(store, SEALER, SCHEMA, None, fmt=fmt, sealed=True)))
        return [path]
    paths = []
    for table in SCHEMA.tables:
        if rows_of(store, table.key):
            paths.append(folder / f"{table.key}.csv")
            paths[-1].write_bytes(
                b"".join(export_tables(store, SEALER, SCHEMA, [table.key], fmt=fmt, sealed=True))
            )
    return paths


def _check_digit(code: str) -> str:
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    total = sum(alphabet.index(letter) * 3**place % 31 for place, letter in enumerate(code))
    return code + alphabet[-total % 31]


def _id_number(stem: str) -> str:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return stem + "10X98765432"[sum(int(d) * w for d, w in zip(stem, weights, strict=True)) % 11]


def _seed(store: GraphStore) -> None:
    firm = _check_digit("91370785MA3C00017")
    person = _id_number("37078519900101001")
    need = {
        "need_id": "N1",
        "host": "甲机械有限公司",
        "title": "=HYPERLINK(1)",
        "occupations": ("6-18-02-04@2022",),
        "skills": ("焊接=3*2", "数控=1*1"),
        "modes": ("consult", "weekend"),
        "hours_per_week": 4,
        "valid_from": "2026-01-01",
        "valid_to": "2026-12-31",
        "priority": 0.25,
        "scope": "仅经办",
    }
    certificate = {
        "id_number": person,
        "number": "S000037078500112026X",
        "kind": "职业技能等级证书",
        "occupation": "6-18-02-04",
        "level": "高级工",
        "issued": "2020-01-01",
    }
    report = load_tables(
        store,
        {
            "districts": [district() | {"longitude": 119.75, "latitude": 36.38}],
            "skills": [{"name": "焊接", "kind": "技能", "aliases": ("电焊",)}],
            "occupations": [
                {"code": "6-18-02-04", "name": "焊工", "edition": "2022", "aliases": None},
                {"code": "6-18-02-04", "name": "焊工", "edition": "2015", "aliases": None},
            ],
            "occupation_crosswalk": [
                {
                    "from_code": "6-18-02-04",
                    "from_edition": "2015",
                    "to_code": "6-18-02-04",
                    "to_edition": "2022",
                }
            ],
            "enterprises": [
                {
                    "credit_code": firm,
                    "name": "甲机械有限公司",
                    "district": "370785",
                    "ownership_type": "民营",
                }
            ],
            "flex_needs": [need],
            "talents": [
                talent(
                    "P1",
                    id_number=person,
                    phone="13900000000",
                    modes=("consult=1", "weekend=0.5"),
                    occupation="6-18-02-04@2022",
                    objects=False,
                    employer="乙厂",
                    work_years=12,
                    birth_date="1990-01-01",
                ),
                talent("P2"),
            ],
            "certificates": [certificate],
            "talent_skills": [
                {"person_id": "P1", "skill": "电焊", "level": 3, "basis": "自述"},
                {"person_id": "P2", "skill": "+数控", "level": None, "basis": "核实"},
            ],
            "appointments": [
                {
                    "person_id": "P1",
                    "employer": "乙厂",
                    "occupation": "6-18-02-04@2022",
                    "level": "技师",
                    "valid_from": "2020-01-01",
                    "valid_to": None,
                }
            ],
            "consents": [
                {
                    "person_id": "P1",
                    "purpose": "柔性推荐",
                    "recipients": ("院校", "企业"),
                    "valid_from": "2026-01-01",
                }
            ],
            "honours": [
                {"person_id": "P1", "id_number": person, "name": "“技术能手”", "level": "省", "year": 2024}
            ],
        },
    )
    assert codes(report) == []


@pytest.mark.parametrize("fmt", ["json", "csv", "xlsx"])
def test_sealed_export_loads_back_without_a_change(tmp_path, fmt):
    store = memory_store()
    _seed(store)
    for path in _export(store, tmp_path, fmt):
        report = _load(store, path)
        assert (report.exit_code, codes(report)) == (0, [])
        assert report.changed is False, [k for k, v in report.tables.items() if v.changed]
        assert report.totals().unchanged == report.totals().read


@pytest.mark.parametrize("fmt", ["json", "xlsx"])
def test_export_fills_an_empty_store_alike(tmp_path, fmt):
    store, copy = memory_store(), memory_store()
    _seed(store)
    (path,) = _export(store, tmp_path, fmt)
    assert _load(copy, path).exit_code == 0
    for table in SCHEMA.tables:
        ours, theirs = rows_of(store, table.key), rows_of(copy, table.key)
        assert [(r.id, r.node, r.seal_mark, r.person) for r in ours] == [
            (r.id, r.node, r.seal_mark, r.person) for r in theirs
        ]


def test_open_export_has_no_sealed_column(tmp_path):
    store = memory_store()
    _seed(store)
    data = json.loads(b"".join(export_tables(store, SEALER, SCHEMA, ["人才"], fmt="json")))
    assert "id_number" not in data[0]
    assert "name" not in data[0]
    assert data[0]["modes"] == ["consult=1", "weekend=0.5"]
    assert data[0]["occupation"] == "6-18-02-04"
    assert data[0]["objects"] is False
    assert data[0]["employer_name"] == "乙厂"


def test_formula_is_guarded_and_header_is_chinese(tmp_path):
    store = memory_store()
    _seed(store)
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"".join(export_tables(store, SEALER, SCHEMA, ["flex_needs"], fmt="xlsx")))
    sheet = load_workbook(path)["柔性需求"]
    cells = dict(zip(*[[cell.value for cell in row] for row in sheet.iter_rows()], strict=True))
    assert cells["标题"] == "'=HYPERLINK(1)"
    assert cells["服务方式"] == "顾问指导；周末工程师"


def test_several_sources_and_none_named():
    store = memory_store()
    load_tables(store, {"districts": [{"code": "370785", "name": "甲"}]}, source="a")
    load_tables(store, {"districts": [{"code": "370785", "name": "乙"}]}, source="b")
    with pytest.raises(RefusedError) as refusal:
        export_tables(store, SEALER, SCHEMA, None, fmt="json", sealed=True)
    assert refusal.value.fields["sources"] == ["a", "b"]
    merged = json.loads(
        b"".join(export_tables(store, SEALER, SCHEMA, ["districts"], fmt="json", source_order=["b", "a"]))
    )
    assert [row["name"] for row in merged] == ["乙"]


def test_csv_takes_one_table_and_tables_must_exist():
    store = memory_store()
    with pytest.raises(InvalidInputError):
        export_tables(store, SEALER, SCHEMA, ["skills", "chains"], fmt="csv")
    with pytest.raises(InvalidInputError):
        export_tables(store, SEALER, SCHEMA, ["nothing"], fmt="json")


_TEXT = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Co", "Cn")), min_size=1, max_size=30)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.fixed_dictionaries({
            "title": _TEXT,
            "text": st.none() | _TEXT,
            "valid_from": st.none() | st.dates().map(str).filter(lambda day: "1900" <= day < "2200"),
            "mode": st.none() | st.lists(st.sampled_from(["consult", "order_class", "base"]), max_size=3),
        }),
        min_size=1,
        max_size=5,
    ),
    fmt=st.sampled_from(["json", "csv", "xlsx"]),
)
def test_any_text_that_was_accepted_survives_the_round_trip(tmp_path, rows, fmt):
    store = memory_store()
    source = tmp_path / "policies.json"
    source.write_text(
        json.dumps([{"clause_id": f"C{n}", **row} for n, row in enumerate(rows)]), encoding="utf-8"
    )
    first = _load(store, source)
    if not rows_of(store, "policies"):
        return
    (path,) = _export(store, tmp_path, fmt)
    report = _load(store, path)
    assert (codes(report), report.changed) == ([], False), first.tables
