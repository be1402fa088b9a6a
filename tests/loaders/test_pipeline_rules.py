"""Rules about keys, references, cycles and full deliveries (`files.md` S27, S29, S34, S35, S45)."""

import pytest

from tests.loaders.batches import (
    FIRM,
    OTHER_FIRM,
    codes,
    district,
    enterprise,
    load_tables,
    memory_store,
    rows_of,
    talent,
)

PLACES = {"districts": [district()]}
TWO_FIRMS = {
    **PLACES,
    "enterprises": [enterprise(), enterprise(OTHER_FIRM, "乙电子有限公司", aliases=("乙电子",))],
}


def need(key: str = "N1", host: str = FIRM, **more):
    return {
        "need_id": key,
        "host": host,
        "title": "攻关",
        "modes": ("consult",),
        "valid_from": "2026-01-01",
        "valid_to": "2026-12-31",
        **more,
    }


def warned(report):
    return [(entry.table, entry.row, entry.column, entry.code) for entry in report.warnings]


def test_equal_rows_count_once_and_differing_rows_are_all_rejected():
    store = memory_store()
    rows = [district(), district(), {"code": "370786", "name": "甲"}, {"code": "370786", "name": "乙"}]
    report = load_tables(store, {"districts": rows})
    counts = report.tables["districts"]
    assert (counts.read, counts.inserted, counts.unchanged, counts.rejected) == (4, 1, 1, 2)
    assert warned(report) == [("districts", 3, "code", "duplicate-row")]
    assert codes(report) == [
        ("districts", 4, "code", "duplicate-conflict"),
        ("districts", 5, "code", "duplicate-conflict"),
    ]
    assert "第 4 行" in report.rejects[0].message
    assert "第 5 行" in report.rejects[0].message
    assert report.exit_code == 3


def test_conflict_leaves_the_stored_row():
    store = memory_store()
    load_tables(store, PLACES)
    load_tables(store, {"districts": [{"code": "370785", "name": "甲"}, {"code": "370785", "name": "乙"}]})
    assert [row.values["name"] for row in rows_of(store, "districts")] == ["区370785"]


def test_a_row_with_a_bad_cell_still_claims_its_key():
    report = load_tables(
        memory_store(),
        {"districts": [district() | {"longitude": None}, district() | {"longitude": 1.0}]},
        rejects={("districts", 2): "longitude"},
    )
    assert codes(report) == [
        ("districts", 2, "code", "duplicate-conflict"),
        ("districts", 2, "longitude", "bad-number"),
        ("districts", 3, "code", "duplicate-conflict"),
    ]
    assert report.tables["districts"].rejected == 2


def test_equal_keys_by_name_and_by_code_are_one_key():
    rows = [
        {"parent": FIRM, "child": OTHER_FIRM, "share": 0.6, "valid_from": None},
        {"parent": "甲机械有限公司", "child": OTHER_FIRM, "share": 0.6, "valid_from": None},
    ]
    report = load_tables(memory_store(), {**TWO_FIRMS, "ownerships": rows})
    assert (report.tables["ownerships"].inserted, report.tables["ownerships"].unchanged) == (1, 1)


def test_unknown_hard_reference_rejects_and_cascades():
    tables = {
        **PLACES,
        "schools": [{"credit_code": "S", "name": "校", "district": "370785"}],
        "programs": [{"program_id": "G1", "name": "班"}],
        "training_batches": [{"batch_id": "B1", "program_id": "G1", "year": 2026}],
    }
    report = load_tables(memory_store(), tables, rejects={("programs", 2): "name"})
    assert codes(report) == [
        ("programs", 2, "name", "bad-number"),
        ("training_batches", 2, "program_id", "unknown-reference"),
    ]


def test_rejected_update_of_a_stored_target_keeps_it_known():
    store = memory_store()
    load_tables(store, {"programs": [{"program_id": "G1", "name": "班"}]})
    tables = {
        "programs": [{"program_id": "G1", "name": None}],
        "training_batches": [{"batch_id": "B1", "program_id": "G1", "year": 2026}],
    }
    report = load_tables(store, tables, rejects={("programs", 2): "name"})
    assert codes(report) == [("programs", 2, "name", "bad-number")]


@pytest.mark.parametrize(
    ("host", "code"),
    [
        ("丙公司", "unknown-reference"),
        ("乙电子", "unknown-reference"),
        ("91370785MA3C0009X9", "unknown-reference"),
    ],
)
def test_hard_organisation_that_is_not_known(host, code):
    report = load_tables(memory_store(), {**TWO_FIRMS, "flex_needs": [need(host=host)]})
    assert codes(report) == [("flex_needs", 2, "host", code)]
    if host == "乙电子":
        assert f"乙电子有限公司（{OTHER_FIRM}）" in report.rejects[0].message


def test_two_organisations_of_one_name():
    twins = {**PLACES, "enterprises": [enterprise(), enterprise(OTHER_FIRM)]}
    report = load_tables(memory_store(), {**twins, "flex_needs": [need(host="甲机械有限公司")]})
    assert codes(report) == [("flex_needs", 2, "host", "ambiguous-reference")]


def test_soft_references_are_kept_and_warned():
    store = memory_store()
    tables = {
        **PLACES,
        "talents": [talent("P1", employer="丙公司", occupation="6-18-01-01", district="110101")],
        "restrictions": [
            {
                "person_id": "P1",
                "kind": "竞业",
                "org": "丙公司",
                "occupation": None,
                "valid_from": "2026-01-01",
            }
        ],
    }
    report = load_tables(store, tables)
    assert codes(report) == []
    assert sorted(warned(report)) == [
        ("restrictions", 2, "org", "unknown-organisation"),
        ("talents", 2, "district", "unknown-reference"),
        ("talents", 2, "employer", "unknown-organisation"),
        ("talents", 2, "occupation", "unknown-reference"),
    ]
    (row,) = rows_of(store, "talents")
    assert "employer" not in row.values
    assert row.values["employer_name"] == "丙公司"
    assert rows_of(store, "restrictions")[0].values["org"] == "丙公司"
    assert load_tables(store, tables).changed is False


def test_soft_reference_that_is_no_code():
    report = load_tables(
        memory_store(), {**PLACES, "talents": [talent("P1", district="高密", occupation="焊工")]}
    )
    assert codes(report) == [("talents", 2, "district", "bad-code"), ("talents", 2, "occupation", "bad-code")]


def test_new_term_is_warned_once():
    rows = [
        {"person_id": "P1", "skill": "焊接", "level": 1},
        {"person_id": "P2", "skill": "焊接", "level": 1},
    ]
    report = load_tables(
        memory_store(), {**PLACES, "talents": [talent("P1"), talent("P2")], "talent_skills": rows}
    )
    assert warned(report) == [("talent_skills", 2, "skill", "new-term")]


def test_hard_list_checks_every_item():
    tables = {
        "occupations": [{"code": "6-18-02-04", "name": "焊工", "edition": "2022"}],
        "majors": [
            {
                "code": "0101",
                "name": "焊接",
                "occupations": ("6-18-02-04=1", "6-18-02-04@2015=0.5", "9-99-99-99=1"),
            }
        ],
    }
    report = load_tables(memory_store(), tables)
    assert codes(report) == [("majors", 2, "occupations", "unknown-reference")]
    assert report.rejects[0].value == "6-18-02-04@2015；9-99-99-99"
    assert all(item in report.rejects[0].message for item in ("6-18-02-04@2015", "9-99-99-99"))


def test_parents_inside_a_table_cascade_in_any_order():
    rows = [
        {"code": "C", "name": "丙", "parent": "B"},
        {"code": "B", "name": "乙", "parent": "Z"},
        {"code": "A", "name": "甲", "parent": None},
        {"code": "D", "name": "丁", "parent": "A"},
        {"code": "E", "name": "戊", "parent": "E"},
    ]
    report = load_tables(memory_store(), {"industries": rows})
    assert codes(report) == [
        ("industries", 2, "parent", "unknown-reference"),
        ("industries", 3, "parent", "unknown-reference"),
        ("industries", 6, "parent", "self-reference"),
    ]


def owner(parent, child, share=None, start=None, end=None):
    return {"parent": parent, "child": child, "share": share, "valid_from": start, "valid_to": end}


def test_control_cycle_is_rejected_with_all_its_rows():
    rows = [owner("甲", "乙"), owner("乙", "丙", 0.5), owner("丙", "甲", 0.9), owner("丁", "甲", 0.9)]
    report = load_tables(memory_store(), {"ownerships": rows})
    assert codes(report) == [("ownerships", row, "parent", "cycle") for row in (2, 3, 4)]


def test_minority_holdings_and_cycles_apart_in_time_are_legal():
    rows = [
        owner("甲", "乙", 0.6),
        owner("乙", "甲", 0.4),
        owner("丙", "丁", None, "2020-01-01", "2020-12-31"),
    ]
    rows.append(owner("丁", "丙", None, "2021-01-01"))
    assert codes(load_tables(memory_store(), {"ownerships": rows})) == []


def test_three_links_that_overlap_only_in_pairs_are_no_cycle():
    rows = [
        owner("甲", "乙", None, "2020-01-01", "2020-06-30"),
        owner("乙", "丙", None, "2020-06-01", "2020-12-31"),
        owner("丙", "甲", None, "2020-12-01", None),
    ]
    assert codes(load_tables(memory_store(), {"ownerships": rows})) == []


def test_cycle_with_a_stored_row_rejects_the_new_one():
    store = memory_store()
    load_tables(store, {"ownerships": [owner("甲", "乙")]})
    assert codes(load_tables(store, {"ownerships": [owner("乙", "甲")]})) == [
        ("ownerships", 2, "parent", "cycle")
    ]
    assert codes(load_tables(store, {"ownerships": [owner("乙", "乙")]})) == [
        ("ownerships", 2, "child", "self-reference")
    ]


def ten(count=10):
    return {"districts": [district(f"3707{n:02d}") for n in range(count)]}


def test_full_delivery_retires_what_it_does_not_mention():
    store = memory_store()
    load_tables(store, ten())
    report = load_tables(store, ten(8), full=True)
    assert (report.tables["districts"].retired, report.tables["districts"].unchanged) == (2, 8)
    assert report.changed
    assert len(rows_of(store, "districts")) == 8


def test_too_many_retirements_are_refused_until_confirmed():
    store = memory_store()
    load_tables(store, ten())
    report = load_tables(store, ten(7), full=True)
    document = report.to_json()
    assert (report.exit_code, document["batch"], document["changed"]) == (1, None, False)
    assert [error["code"] for error in document["errors"]] == ["retire-limit"]
    assert "3" in document["errors"][0]["message"]
    assert document["totals"] == dict.fromkeys(document["totals"], 0)
    assert len(rows_of(store, "districts")) == 10
    assert load_tables(store, ten(7), full=True, confirm_retire=2).exit_code == 1
    assert load_tables(store, ten(7), full=True, confirm_retire=3).tables["districts"].retired == 3


def test_empty_full_delivery_is_limited_too_and_other_sources_stay():
    store = memory_store()
    load_tables(store, ten())
    load_tables(store, ten(), source="other")
    assert load_tables(store, {"districts": []}, full=True).exit_code == 1
    load_tables(store, {"districts": []}, full=True, confirm_retire=10)
    assert {row.id.source for row in rows_of(store, "districts")} == {"other"}


def test_a_rejected_row_has_not_vanished():
    store = memory_store()
    load_tables(store, ten())
    report = load_tables(store, ten(), full=True, rejects={("districts", 2): "name"})
    assert (report.tables["districts"].retired, report.tables["districts"].rejected) == (0, 1)


def test_bare_code_and_newest_edition_are_one():
    store = memory_store()
    tables = {
        **PLACES,
        "occupations": [
            {"code": "6-18-02-04", "name": "焊工", "edition": "2015"},
            {"code": "6-18-02-04", "name": "焊工", "edition": "2022"},
        ],
        "wages": [{"occupation": "6-18-02-04@2022", "district": None, "median": 8000}],
    }
    load_tables(store, tables)
    same = load_tables(store, {"wages": [{"occupation": "6-18-02-04", "district": None, "median": 8000}]})
    older = load_tables(
        store, {"wages": [{"occupation": "6-18-02-04@2015", "district": None, "median": 8000}]}
    )
    assert (same.changed, older.tables["wages"].inserted) == (False, 1)


def test_more_than_a_thousand_rejects_are_cut_and_counted():
    rows = [{"batch_id": f"B{n}", "program_id": "G", "year": 2026} for n in range(1100)]
    document = load_tables(memory_store(), {"training_batches": rows}).to_json()
    assert (len(document["rejects"]), document["rejects_total"], document["rejects_truncated"]) == (
        1000,
        1100,
        True,
    )
