"""A town small enough to answer every further question by hand."""

from typing import Any

from tests.api.world import OTHER, OWN, SCHOOL, credit_code

COLLEGE = credit_code("12990101MA0000009")
TURNER, MILLER, COOK = "6-18-01-01", "6-18-01-02", "4-03-02-01"


def _talent(number: int, **more: Any) -> dict[str, Any]:
    return {
        "person_id": f"P{number}", "name": f"测试{number}", "district": "990101", "work_status": "在职",
        "employer": OWN, "occupation": TURNER, "level": "高级工", "modes": ["consult"], "weekly_hours": 10,
        "travel_hours": 100, "pay_floor": 100, "pay_wish": 150, **more,
    }  # fmt: skip


def tables() -> dict[str, list[dict[str, Any]]]:
    """Return the tables as JSON arrays of objects."""
    consent = {"purpose": "柔性推荐", "recipients": ["任意"], "valid_from": "2026-01-01"}
    return {
        "districts": [
            {"code": "990101", "name": "甲区", "longitude": 118.0, "latitude": 34.0},
            {"code": "990102", "name": "乙区", "longitude": 118.5, "latitude": 34.0},
        ],
        "travel_times": [{"from_district": "990101", "to_district": "990102", "hours": 1.0}],
        "occupations": [
            {"code": TURNER, "name": "车工", "edition": "2022", "skills": ["车削=3", "看图=2"]},
            {"code": MILLER, "name": "铣工", "edition": "2022", "skills": ["铣削=3*2", "看图=2"]},
            {"code": COOK, "name": "厨师", "edition": "2022", "skills": ["烹饪=3"]},
        ],
        "skills": [{"name": name} for name in ("车削", "铣削", "看图", "烹饪", "磨削")],
        "chains": [{"chain_id": "L1", "name": "装备", "priority_from": "2026-01-01", "priority_to": "2027-12-31"}],
        "majors": [
            {"code": "M1", "name": "车床", "occupations": [TURNER], "edition": "2022"},
            {"code": "M2", "name": "烹饪", "occupations": [COOK], "edition": "2022"},
        ],
        "enterprises": [
            {"credit_code": OWN, "name": "甲厂", "district": "990101", "staff": 400, "status": "正常", "chains": ["L1"]},
            {"credit_code": OTHER, "name": "乙厂", "district": "990102", "staff": 400, "status": "正常"},
        ],
        "schools": [
            {"credit_code": SCHOOL, "name": "技校", "type": "技工学校", "district": "990101", "licence_from": "2000-01-01"},
            {"credit_code": COLLEGE, "name": "技师学院", "type": "技师学院", "district": "990102", "licence_from": "2000-01-01"},
        ],
        "alliances": [{"alliance_id": "A1", "name": "联合体", "members": [OWN, SCHOOL]}],
        "carriers": [
            {"carrier_id": "C1", "kind": "技能大师工作室", "name": "近的", "host": OWN, "district": "990101", "occupations": [MILLER]},
            {"carrier_id": "C2", "kind": "技师工作站", "name": "远的", "host": OTHER, "district": "990102", "occupations": [TURNER]},
            {"carrier_id": "C3", "kind": "技师工作站", "name": "不相干", "host": OTHER, "district": "990101", "occupations": [COOK]},
        ],
        "offerings": [
            {"offering_id": "O1", "school": SCHOOL, "major": "M1", "exit_level": "中级工", "intake_year": 2025, "years": 3, "students": 40, "approved": "已批准"},
            {"offering_id": "O2", "school": COLLEGE, "major": "M1", "exit_level": "高级工", "intake_year": 2025, "years": 3, "students": 60, "approved": "已批准", "dual_certificate": "是"},
            {"offering_id": "O3", "school": COLLEGE, "major": "M2", "exit_level": "高级工", "intake_year": 2025, "years": 3, "students": 20, "approved": "已批准"},
        ],
        "demands": [
            {"demand_id": "D1", "enterprise": OWN, "occupation": TURNER, "count": 7},
            {"demand_id": "D2", "enterprise": OWN, "occupation": COOK, "count": 5},
        ],
        "talents": [
            _talent(1), _talent(2), _talent(3, employer=OTHER), _talent(4, employer=OTHER, occupation=COOK),
            _talent(5, employer=OTHER, occupation=MILLER), _talent(6, employer=None),
        ],
        "certificates": [
            {"person_id": f"P{n}", "kind": "职业技能等级证书", "occupation": TURNER, "level": "高级工", "issued": day}
            for n, day in ((1, "2026-03-01"), (2, "2026-05-01"), (3, "2020-01-01"))
        ],
        "talent_skills": [
            {"person_id": person, "skill": skill, "level": 3, "basis": "核实"}
            for person, skill in (
                ("P1", "车削"), ("P1", "看图"), ("P2", "车削"), ("P3", "车削"), ("P4", "看图"), ("P5", "看图"), ("P6", "烹饪"),
            )
        ],
        "consents": [{"person_id": f"P{n}", **consent} for n in range(1, 7)],
        "mentorships": [
            {"mentor": "P2", "apprentice": "P1", "valid_from": "2010-01-01"},
            {"mentor": "P3", "apprentice": "P2", "valid_from": "2000-01-01"},
            {"mentor": "P1", "apprentice": "P5", "valid_from": "2020-01-01"},
            {"mentor": "P5", "apprentice": "P3", "valid_from": "2024-01-01"},
        ],
        "flex_needs": [
            {"need_id": "N1", "host": OTHER, "title": "磨削难题", "occupations": [TURNER], "min_level": "技师", "skills": ["车削=3"], "modes": ["consult"], "total_hours": 8, "valid_from": "2026-11-30", "valid_to": "2026-12-27", "visits": 0},
            {"need_id": "N2", "host": OTHER, "title": "磨削改进", "occupations": [TURNER], "skills": ["车削=3", "磨削=3"], "modes": ["consult"], "total_hours": 8, "valid_from": "2026-11-30", "valid_to": "2026-12-27", "visits": 0},
        ],
        "programs": [
            {"program_id": "K1", "name": "技师班", "occupation": TURNER, "level": "技师"},
            {"program_id": "K2", "name": "磨削班", "skills": ["磨削=3"]},
        ],
        "competitions": [
            {"competition_id": "W", "name": "世赛", "level": "世界", "year": 2026},
            {"competition_id": "S", "name": "省赛", "level": "省", "year": 2026, "parent": "W"},
            {"competition_id": "C", "name": "市赛", "level": "市", "year": 2026, "parent": "S"},
        ],
        "placements": [{"competition_id": "S", "person_id": "P1", "rank": 1}],
        "targets": [
            {"target_id": "T1", "name": "高级工", "year": 2026, "occupation": TURNER, "level": "高级工", "count": 10},
            {"target_id": "T0", "name": "去年", "year": 2025, "level": "技师", "count": 3},
        ],
        "market_stats": [
            {"occupation": TURNER, "quarter": "2026Q3", "demand": 10, "supply": 30},
            {"occupation": MILLER, "quarter": "2026Q3", "demand": 60, "supply": 20},
            {"occupation": COOK, "quarter": "2026Q3", "demand": 30, "supply": 20},
        ],
    }  # fmt: skip
