"""Small worlds for the acceptance cases: one master, one firm, one need, and what a case changes of them."""

from copy import deepcopy
from typing import Any

from tests.api.world import credit_code, id_number

Tables = dict[str, list[dict[str, Any]]]
HOST, HOME = credit_code("91990101MA0000011"), credit_code("91990101MA0000012")
MASTER = "P1"
TRADE = "6-18-01-01"


def person_id(number: int, born: str = "19700101") -> str:
    """Return a synthetic ID number with its check digit."""
    return id_number(f"990101{born}{number:03d}")


def talent(number: int, **changes: Any) -> dict[str, Any]:
    """Return a person who may and can serve."""
    return {
        "person_id": f"P{number}", "name": f"合成{number}", "id_number": person_id(number), "birth_date": "1970-01-01",
        "district": "990101", "employer": HOME, "work_status": "在职", "home_consent": "同意", "occupation": TRADE,
        "level": "技师", "modes": ["consult", "teach", "rehire"], "weekly_hours": 10, "travel_hours": 60,
        "pay_floor": 100, "pay_wish": 150, **changes,
    }  # fmt: skip


def need(key: str, **changes: Any) -> dict[str, Any]:
    """Return a need of four whole weeks."""
    return {
        "need_id": key, "host": HOST, "title": f"{key} 维修难题", "occupations": [TRADE], "min_level": "高级工",
        "skills": ["主轴修理=3"], "tags": ["主轴"], "modes": ["consult"], "total_hours": 24, "valid_from": "2026-11-30",
        "valid_to": "2026-12-27", "visits": 0, "pay_max": 160, "scope": "公开", **changes,
    }  # fmt: skip


def consent(number: int, **changes: Any) -> dict[str, Any]:
    """Return a consent that holds."""
    return {
        "person_id": f"P{number}", "purpose": "柔性推荐", "recipients": ["任意"], "valid_from": "2026-01-01", **changes,
    }  # fmt: skip


def proof(number: int, **changes: Any) -> dict[str, Any]:
    """Return a certificate of the trade."""
    return {
        "person_id": f"P{number}", "kind": "职业技能等级证书", "occupation": TRADE, "level": "技师", "issued": "2020-01-01",
        **changes,
    }  # fmt: skip


def village(people: int = 1) -> Tables:
    """Return a world with that many equal people, a host and a home firm, and one need."""
    numbers = range(1, people + 1)
    return deepcopy({
        "districts": [{"code": "990101", "name": "甲区"}, {"code": "990102", "name": "乙区"}],
        "travel_times": [{"from_district": "990101", "to_district": "990102", "hours": 1.5}],
        "occupations": [{"code": TRADE, "name": "车工", "edition": "2022"}],
        "skills": [{"name": "主轴修理"}],
        "enterprises": [
            {"credit_code": code, "name": name, "district": "990101", "staff": 400, "status": "正常"}
            for code, name in ((HOST, "用人厂"), (HOME, "原单位"))
        ],
        "talents": [talent(number) for number in numbers],
        "certificates": [proof(number) for number in numbers],
        "talent_skills": [
            {"person_id": f"P{number}", "skill": "主轴修理", "level": 4, "basis": "核实"}
            for number in numbers
        ],
        "consents": [consent(number) for number in numbers],
        "flex_needs": [need("N1")],
    })
