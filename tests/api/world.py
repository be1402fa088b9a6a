"""A small world in which every private thing carries a canary: CANARY followed by what it is."""

from typing import Any

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def credit_code(first_17: str) -> str:
    """Return the code with its check character (GB 32100)."""
    total = sum(_ALPHABET.index(c) * w for c, w in zip(first_17, _WEIGHTS, strict=True))
    return first_17 + _ALPHABET[(31 - total % 31) % 31]


def id_number(first_17: str) -> str:
    """Return the number with its check digit (GB 11643)."""
    total = sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(first_17))
    return first_17 + "10X98765432"[total % 11]


OWN, OTHER = credit_code("91990101MA0000001"), credit_code("91990101MA0000002")
SCHOOL, OTHER_SCHOOL = credit_code("12990101MA0000003"), credit_code("12990101MA0000004")
NAME, ID_NUMBER, PHONE = "甄秘密", id_number("99010119700101001"), "10011112222"
SEALED = (
    NAME,
    ID_NUMBER,
    PHONE,
    "CANARYsex",
    "CANARYedu",
    "CANARYhukou",
    "CANARYnation",
    "CANARYident",
    "CANARYpolit",
    "CANARYowner",
)
PRIVATE = (
    "CANARYneed",
    "CANARYdemand",
    "CANARYcoop",
    "CANARYengage",
    "CANARYproblem",
    "CANARYtitle",
    "CANARYhome",
)


def _enterprise(code: str, name: str, **more: Any) -> dict[str, Any]:
    return {
        "credit_code": code,
        "name": name,
        "district": "990101",
        "staff": 400,
        "status": "正常",
        "chains": ["L1"],
        **more,
    }


def _need(need_id: str, host: str, **more: Any) -> dict[str, Any]:
    return {
        "need_id": need_id, "host": host, "title": f"主轴修理 {need_id}", "occupations": ["6-18-01-01"],
        "min_level": "高级工", "skills": ["主轴修理=3*2"], "tags": ["主轴"], "modes": ["consult", "advise_remote"],
        "total_hours": 16, "valid_from": "2026-12-07", "valid_to": "2027-01-03", "visits": 2, "pay_max": 200, **more,
    }  # fmt: skip


def _demand(demand_id: str, enterprise: str, **more: Any) -> dict[str, Any]:
    return {
        "demand_id": demand_id, "enterprise": enterprise, "title": f"数控车工 {demand_id}", "occupation": "6-18-01-01",
        "level": "中级工", "count": 12, "same_post": 60, "interns": 0, "skills": ["数控编程=2*1"], "pay": 5200,
        "modes": ["internship"], "valid_from": "2026-09-01", "valid_to": "2027-08-31", **more,
    }  # fmt: skip


def _offering(offering_id: str, school: str, **more: Any) -> dict[str, Any]:
    return {
        "offering_id": offering_id, "school": school, "major": "0101", "exit_level": "高级工", "intake_year": 2024,
        "years": 3, "students": 36, "approved": "已批准", "skills": ["数控编程=3"], **more,
    }  # fmt: skip


def _talent(person_id: str, **more: Any) -> dict[str, Any]:
    return {
        "person_id": person_id, "name": f"合成{person_id}", "district": "990102", "work_status": "在职", "employer": OTHER,
        "occupation": "6-18-01-01", "level": "技师", "modes": ["consult=1", "advise_remote=0.6"], "weekly_hours": 10,
        "pay_floor": 100, "pay_wish": 180, "travel_hours": 60, "interests": ["主轴"], **more,
    }  # fmt: skip


def _of_person(person_id: str) -> dict[str, list[dict[str, Any]]]:
    return {
        "certificates": [
            {
                "person_id": person_id,
                "number": None,
                "kind": "职业技能等级证书",
                "occupation": "6-18-01-01",
                "level": "技师",
                "issued": "2020-05-01",
            }
        ],
        "talent_skills": [{"person_id": person_id, "skill": "主轴修理", "level": 4, "basis": "核实"}],
        "consents": [
            {
                "person_id": person_id,
                "purpose": "柔性推荐",
                "recipients": ["任意"],
                "valid_from": "2026-01-01",
            }
        ],
    }


def tables() -> dict[str, list[dict[str, Any]]]:
    """Return the world as JSON tables (English keys, canonical values)."""
    world: dict[str, list[dict[str, Any]]] = {
        "districts": [
            {"code": "990101", "name": "北湖区", "longitude": 120.1, "latitude": 36.1},
            {"code": "990102", "name": "南浦区", "longitude": 120.2, "latitude": 36.2},
        ],
        "travel_times": [{"from_district": "990101", "to_district": "990102", "hours": 0.8}],
        "chains": [{"chain_id": "L1", "name": "高端装备", "priority_from": "2026-01-01"}],
        "occupations": [{"code": "6-18-01-01", "name": "车工", "edition": "2022", "aliases": ["数控车工"]}],
        "skills": [{"name": "主轴修理"}, {"name": "数控编程"}],
        "majors": [{"code": "0101", "name": "数控加工", "occupations": ["6-18-01-01=1"], "edition": "2023"}],
        "enterprises": [
            _enterprise(OWN, "北湖轴承有限公司", aliases=["北湖轴承"]),
            _enterprise(OTHER, "南浦机床有限公司", aliases=["CANARYalias"], staff=7719937, safety="较大", ownership_type="CANARYowner"),
        ],
        "schools": [
            {"credit_code": SCHOOL, "name": "临澄技师学院", "type": "技师学院", "district": "990101", "licence_from": "2010-01-01"},
            {"credit_code": OTHER_SCHOOL, "name": "东岭技工学校", "type": "技工学校", "district": "990102", "licence_from": "2010-01-01"},
        ],
        "offerings": [_offering("K1", SCHOOL), _offering("K2", OTHER_SCHOOL), _offering("CANARYoffer", OTHER_SCHOOL, scope="仅经办")],
        "demands": [
            _demand("D1", OWN),
            _demand("D2", OTHER),
            _demand("CANARYdemand", OTHER, scope="仅经办"),
        ],
        "cooperations": [
            {"cooperation_id": "C1", "school": SCHOOL, "enterprise": OWN, "mode": "internship", "valid_from": "2025-03-01", "valid_to": "2025-08-31", "status": "完成", "outcome": "成功", "seats": 5},
            {"cooperation_id": "CANARYcoop", "school": OTHER_SCHOOL, "enterprise": OTHER, "mode": "internship", "valid_from": "2025-03-01", "valid_to": "2025-08-31", "status": "完成", "outcome": "未达", "seats": 5},
        ],
        "flex_needs": [_need("N1", OWN), _need("N2", OTHER), _need("CANARYneed", OTHER, title="CANARYtitle", scope="仅经办")],
        "talents": [
            _talent("P1", name=NAME, id_number=ID_NUMBER, phone=PHONE, sex="CANARYsex", education="CANARYedu", hukou="CANARYhukou",
                    ethnicity="CANARYnation", identity="CANARYident", political="CANARYpolit", employer=None, employer_name="CANARYhome"),
            _talent("P2"),
            _talent("P3", weekly_hours=None),
        ],
        "achievements": [
            {"achievement_id": "Y1", "person_id": "P1", "title": "CANARYtitle", "tags": ["主轴"], "date": "2025-06-01", "verified": True}
        ],
        "engagements": [
            {"engagement_id": "CANARYengage", "person_id": "P2", "host": OTHER, "mode": "consult", "hours_per_week": 2, "valid_from": "2026-01-01", "valid_to": "2026-03-01", "trips": 1, "status": "完成", "outcome": "成功"}
        ],
        "problems": [
            {"problem_id": "CANARYproblem", "host": OTHER, "title": "CANARYproblem 题", "skills": ["主轴修理=3"], "total_hours": 40, "valid_from": "2026-12-01", "valid_to": "2027-02-01"}
        ],
    }  # fmt: skip
    for person_id in ("P1", "P2", "P3"):
        for table, rows in _of_person(person_id).items():
            world.setdefault(table, []).extend(rows)
    return world
