"""The main way of a batch: rows in, rows stored, counts that add up, the same again changes nothing."""

from kg.model.graph import Link, NodeRef
from kg.schema import SCHEMA
from tests.loaders.batches import (
    FIRM,
    SCHOOL,
    SEALER,
    codes,
    district,
    enterprise,
    load_tables,
    memory_store,
    reading,
    rows_of,
    school,
    talent,
)

CITY = {
    "districts": [district()],
    "skills": [{"name": "焊接", "kind": "技能", "aliases": ("电焊",)}],
    "occupations": [
        {"code": "6-18-02-04", "name": "焊工", "edition": "2022", "skills": ("焊接=3*2",)},
        {"code": "6-18-02-04", "name": "焊工", "edition": "2015", "skills": None},
    ],
    "enterprises": [enterprise(ownership_type="民营")],
    "schools": [school()],
    "talents": [
        talent(
            "P1", id_number="37078519900101001X", occupation="6-18-02-04", employer=FIRM, interests=("电焊",)
        )
    ],
    "certificates": [
        {
            "person_id": "P1",
            "number": "Y000000000001",
            "kind": "职业技能等级证书",
            "occupation": "6-18-02-04",
            "level": "高级工",
            "issued": "2020-01-01",
        }
    ],
    "talent_skills": [{"person_id": "P1", "skill": "电焊", "level": 3, "basis": None}],
}


def test_rows_become_nodes_and_links():
    store = memory_store()
    report = load_tables(store, CITY)
    assert codes(report) == []
    assert (report.exit_code, report.batch, report.revision, report.changed) == (0, "b-000001", 1, True)
    key = SEALER.talent_key("default", "P1")
    (row,) = rows_of(store, "talents")
    assert row.node == NodeRef("talent", key)
    assert row.label == "王**"
    assert "name" not in row.values
    assert row.provenance.origin == "批次.xlsx / talents / 第 2 行"
    assert row.provenance.batch == "b-000001"
    assert set(row.links) == {
        Link(row.node, "talents.district", NodeRef("district", "370785")),
        Link(row.node, "talents.employer", NodeRef("enterprise", FIRM)),
        Link(row.node, "talents.occupation", NodeRef("occupation", "6-18-02-04")),
        Link(row.node, "talents.interests", NodeRef("skill", "焊接")),
    }
    (skill,) = rows_of(store, "talent_skills")
    assert skill.node is None
    assert skill.links == (Link(row.node, "talent_skills", NodeRef("skill", "焊接")),)
    assert skill.provenance.confidence == 0.8
    (certificate,) = rows_of(store, "certificates")
    token = SEALER.token("number", "Y000000000001")
    assert certificate.id.key == f"P1|{token}"
    assert certificate.node == NodeRef("certificate", f"{key}|{token}")
    assert certificate.person == key
    assert {row.node.key for row in rows_of(store, "occupations")} == {"6-18-02-04@2022", "6-18-02-04@2015"}


def test_same_again_changes_nothing():
    store = memory_store()
    load_tables(store, CITY)
    report = load_tables(store, CITY)
    assert (report.exit_code, report.changed, report.revision, store.revision()) == (0, False, 1, 1)
    assert report.totals().unchanged == report.totals().read == 9


def test_document_has_exactly_the_agreed_keys():
    document = load_tables(memory_store(), CITY).to_json()
    assert list(document) == [
        "schema",
        "batch",
        "source",
        "status",
        "dry_run",
        "full",
        "revision",
        "changed",
        "files",
        "tables",
        "totals",
        "rejects",
        "rejects_total",
        "rejects_truncated",
        "warnings",
        "errors",
        "error_file",
    ]


def test_dry_run_counts_and_stores_nothing():
    store = memory_store()
    report = load_tables(store, CITY, dry_run=True)
    assert report.totals().inserted == 9
    assert (report.batch, report.changed, report.revision, store.revision()) == (None, False, 0, 0)
    assert rows_of(store, "talents") == []


def test_column_not_in_file_stays_and_empty_cell_clears():
    store = memory_store()
    load_tables(store, {"districts": [district()], "enterprises": [enterprise(staff=10, tier="龙头")]})
    report = load_tables(store, {"enterprises": [enterprise(staff=None)]})
    (row,) = rows_of(store, "enterprises")
    assert report.tables["enterprises"].updated == 1
    assert "staff" not in row.values
    assert row.values["tier"] == "龙头"


def test_sealed_column_not_in_file_stays():
    store = memory_store()
    tables = {"districts": [district()], "talents": [talent("P1", phone="13900000000", sex="女")]}
    load_tables(store, tables)
    report = load_tables(store, {"talents": [talent("P1", phone=None)]})
    assert report.tables["talents"].updated == 1
    (row,) = rows_of(store, "talents")
    assert SEALER.unseal(store.sealed([row.id])[row.id], row.id) == {"name": "王P1", "sex": "女"}


def test_first_delivery_of_an_empty_table_takes_a_revision():
    store = memory_store()
    first = load_tables(store, {"districts": []})
    again = load_tables(store, {"districts": []})
    assert (first.changed, first.revision, again.changed, again.revision) == (True, 1, False, 1)
    assert first.to_json()["tables"] == {
        "districts": dict.fromkeys(["read", "inserted", "updated", "unchanged", "rejected", "retired"], 0)
    }


def test_organisation_by_name_is_stored_by_code():
    store = memory_store()
    need = {
        "need_id": "N1",
        "host": "甲机械 有限公司",
        "title": "焊接攻关",
        "modes": ("consult",),
        "valid_from": "2026-01-01",
        "valid_to": "2026-12-31",
    }
    report = load_tables(
        store, {"districts": [district()], "enterprises": [enterprise()], "flex_needs": [need]}
    )
    assert codes(report) == []
    (row,) = rows_of(store, "flex_needs")
    assert row.values["host"] == FIRM
    assert row.owners == (FIRM,)
    assert row.links[0] == Link(NodeRef("need", "N1"), "flex_needs.host", NodeRef("enterprise", FIRM))
    assert row.provenance.valid_to.isoformat() == "2026-12-31"


def test_school_as_host_is_linked_as_school():
    store = memory_store()
    need = {
        "need_id": "N1",
        "host": SCHOOL,
        "title": "焊接攻关",
        "modes": ("consult",),
        "valid_from": "2026-01-01",
        "valid_to": "2026-12-31",
    }
    load_tables(store, {"districts": [district()], "schools": [school()], "flex_needs": [need]})
    assert rows_of(store, "flex_needs")[0].links[0].end == NodeRef("school", SCHOOL)


def test_every_table_of_the_schema_has_a_place_in_the_order():
    from loaders.plans import dependency_order

    order = [table.key for table in dependency_order(SCHEMA)]
    assert sorted(order) == sorted(SCHEMA.by_key)
    assert order.index("competitions") < order.index("placements")
    assert order.index("schools") < order.index("major_groups")


def test_reading_helper_reads_back():
    assert [row.values["code"] for row in reading({"districts": [district()]}).sheets[0].rows] == ["370785"]
