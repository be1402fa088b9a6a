"""Single rules of the oracle, worked out by hand."""

from copy import deepcopy
from datetime import date
from fractions import Fraction

import pytest

from tests.golden import golden_a, golden_b
from tests.oracle.need import counted_weeks
from tests.oracle.partners import answer_partners
from tests.oracle.reference import Occupations, Ownership, Skills, Travel, success_rate
from tests.oracle.talents import answer_talents
from tests.oracle.world import Row, World, all_of, one_of, persons

SOURCE = "人社局"


def changed(world: World, table: str, place: int, **cells: object) -> World:
    """A copy of a world with some cells of one row changed."""
    copy = deepcopy(world)
    copy[SOURCE][table][place] = {**copy[SOURCE][table][place], **cells}
    return copy


def with_rows(world: World, table: str, *rows: Row) -> World:
    """A copy of a world with more rows."""
    copy = deepcopy(world)
    copy[SOURCE][table] = [*copy[SOURCE].get(table, []), *rows]
    return copy


def fate(world: World) -> object:
    """What becomes of the one person of golden B: the failing code, or the unknown ones."""
    answer = answer_talents(world, golden_b.NEED, as_of=golden_b.AS_OF)
    failed = answer["pool"]["failed"]
    found = [*answer["items"], *answer["to_verify"]]
    return (
        next(iter(failed)) if failed else [f["code"] for f in found[0]["filters"] if f["status"] == "unknown"]
    )


def test_three_values() -> None:
    assert [all_of(("pass", "unknown")), all_of(("fail", "unknown")), all_of(())] == [
        "unknown",
        "fail",
        "pass",
    ]
    assert [one_of(("pass", "unknown")), one_of(("fail", "unknown")), one_of(())] == [
        "pass",
        "unknown",
        "fail",
    ]


def test_weeks_count_from_four_days() -> None:
    assert len(counted_weeks(date(2026, 11, 30), date(2026, 12, 27))) == 4
    assert counted_weeks(date(2026, 12, 3), date(2026, 12, 10)) == (date(2026, 11, 30), date(2026, 12, 7))
    assert counted_weeks(date(2026, 12, 4), date(2026, 12, 8)) == (date(2026, 11, 30),)


def test_occupations_meet_through_one_crosswalk_row() -> None:
    listed = [("6-18-01-01", "2022"), ("6-18-01-02", "2022"), ("6-20-01-01", "2015"), ("6-18-01-01", "2015")]
    link = {"from_code": "6-20-01-01", "from_edition": "2015", "to_code": "6-18-01-02", "to_edition": "2022"}
    world: World = {
        SOURCE: {
            "occupations": [{"code": code, "edition": edition} for code, edition in listed],
            "occupation_crosswalk": [link],
        }
    }
    fit = Occupations(world).fit
    assert fit("6-18-01-01-05", "6-18-01-01@2022") == 1
    assert fit("6-18-01-01", "6-20-01-01@2015") == Fraction(7, 10)
    assert fit("6-18-01-01@2015", "6-18-01-01") is None
    assert [fit("9-99-01-01", "9-99-01-01"), fit("9-99-01-01", "6-18-01-01")] == [1, None]


def test_skills_resolve_and_relate_over_two_hops() -> None:
    relations = [("a", "b"), ("b", "c"), ("c", "d")]
    world: World = {
        SOURCE: {
            "skills": [{"name": name, "aliases": ["ＡＡ"] if name == "a" else None} for name in "abcd"],
            "skill_relations": [{"skill": x, "related": y, "strength": 0.5} for x, y in relations],
        }
    }
    skills = Skills(world)
    assert skills.resolve("aa ") == "a"
    assert [skills.similarity("a", other) for other in "abcd"] == [1, Fraction(1, 2), Fraction(1, 4), 0]


def test_travel_goes_by_table_then_district_then_air() -> None:
    point = {"longitude": 119.0, "latitude": 36.0}
    places: list[Row] = [
        {"code": "370702", **point},
        {"code": "370703", **point, "latitude": 37.0},
        {"code": "370704"},
    ]
    times: list[Row] = [{"from_district": "370702", "to_district": "370704", "hours": 2}]
    travel = Travel({SOURCE: {"districts": places, "travel_times": times}})
    assert travel.one_way("370704", "370702") == 2
    assert travel.one_way("370704", "370704") == Fraction(1, 2)
    assert travel.one_way("370702", "370703") == pytest.approx(111.195 * 1.3 / 60, abs=1e-3)
    assert [travel.one_way("110105", "110105"), travel.one_way("370703", "370704")] == [None, None]


def test_affiliation_goes_up_then_down() -> None:
    links = [("top", "a", 0.5), ("top", "b", None), ("b", "c", 0.9), ("c", "d", 1), ("low", "e", 0.3)]
    rows: list[Row] = [{"parent": up, "child": down, "share": share} for up, down, share in links]
    known = Ownership({SOURCE: {"ownerships": rows}})
    ask = [
        known.affiliated(one, other, golden_a.AS_OF) for one, other in (("a", "c"), ("a", "d"), ("low", "e"))
    ]
    assert ask == [True, False, False]


def test_success_rate_needs_an_event() -> None:
    today = golden_a.AS_OF
    assert success_rate([(today, 1, 1), (today, 1, 0)], today, 3) == Fraction(3, 6)
    assert success_rate([(date(2026, 11, 24), 1, 1)], today, 3) is None


@pytest.mark.parametrize(
    ("table", "cells", "expected"),
    [
        ("talents", {"objects": True}, "B1"),
        ("consents", {"valid_to": "2026-11-23"}, []),
        ("consents", {"valid_to": "2026-11-22"}, "B1"),
        ("consents", {"revoked": "2026-11-23"}, "B1"),
        ("certificates", {"level": "技师"}, "B2"),
        ("talents", {"work_status": "在职"}, ["B3"]),
        ("talents", {"work_status": "在职", "employer": golden_b.HOST}, "B3"),
        ("talents", {"work_status": "在职", "home_consent": "不同意", "employer": "X"}, "B4"),
        ("talents", {"modes": None}, ["B4"]),
        ("talents", {"modes": ["consult=0"]}, "B4"),
        ("talents", {"weekly_hours": None}, ["B6"]),
        ("talents", {"weekly_hours": 5}, "B6"),
        ("talents", {"travel_hours": 8.9}, "B7"),
        ("talents", {"travel_hours": 9}, []),
        ("flex_needs", {"visits": 4}, "B7"),
        ("flex_needs", {"pay_max": 99}, "B9"),
    ],
)
def test_one_cell_decides_a_filter(table: str, cells: dict[str, object], expected: object) -> None:
    assert fate(changed(golden_b.golden_b(), table, 0, **cells)) == expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"kind": "竞业"}, "B5"),
        ({"kind": "保密"}, []),
        ({"kind": "竞业", "org": golden_b.HOST, "occupation": golden_b.TRADE}, "B5"),
        ({"kind": "竞业", "org": golden_b.HOST, "district": "370785"}, []),
        ({"kind": "保密", "district": "370702"}, ["B5"]),
        ({"kind": "竞业", "valid_to": "2026-11-29"}, []),
    ],
)
def test_restrictions(row: dict[str, object], expected: object) -> None:
    told = {"person_id": golden_b.PERSON, "valid_from": "2025-01-01", **row}
    assert fate(with_rows(golden_b.golden_b(), "restrictions", told)) == expected


def test_hours_of_a_signed_engagement_may_be_unknown() -> None:
    row: dict[str, object] = {
        "engagement_id": "E-X",
        "person_id": golden_b.PERSON,
        "host": golden_b.HOST,
        "mode": "weekend",
    }
    row |= {"valid_from": "2026-11-30", "valid_to": "2026-12-20", "status": "已签", "trips": 0}
    assert fate(with_rows(golden_b.golden_b(), "engagements", row)) == ["B6"]
    assert fate(with_rows(golden_b.golden_b(), "engagements", {**row, "hours_per_week": 9})) == "B6"
    assert fate(with_rows(golden_b.golden_b(), "engagements", {**row, "need_id": golden_b.NEED})) == "B8"


def test_seats_without_a_post_leave_the_cap_open() -> None:
    signed: dict[str, object] = {
        "cooperation_id": "C-X",
        "school": golden_a.OTHER_SCHOOL,
        "enterprise": golden_a.ENTERPRISE,
    }
    signed |= {"mode": "order_class", "seats": 12, "valid_from": "2024-01-01", "status": "已签"}

    def ask(row: Row) -> tuple[object, object]:
        world = with_rows(golden_a.golden_a(), "cooperations", row)
        answer = answer_partners(
            world, ("enterprise", golden_a.ENTERPRISE), "internship", as_of=golden_a.AS_OF
        )
        found = [
            f["code"] for item in answer["to_verify"] for f in item["filters"] if f["status"] == "unknown"
        ]
        return answer["pool"]["failed"].get("A5", 0), found

    assert ask({**signed, "seats": 11}) == (0, [])
    assert ask(signed) == (0, ["A5"])
    assert ask({**signed, "demand": golden_a.DEMAND})[0] == 1
    assert ask({**signed, "mode": "internship", "valid_from": "2025-10-01"}) == (0, [])


def test_two_registers_make_one_person() -> None:
    row = {"name": "王示例", "district": "370702", "id_number": "11010519491231002X"}
    world: World = {
        "甲": {"talents": [{**row, "person_id": "1", "weekly_hours": "*", "level": None}]},
        "乙": {"talents": [{**row, "person_id": "9", "weekly_hours": 8, "level": "技师", "objects": True}]},
    }
    (person,) = persons(world)
    assert person.refs == (("乙", "9"), ("甲", "1"))
    assert person.row["weekly_hours"] == 8
    assert person.any_objects
