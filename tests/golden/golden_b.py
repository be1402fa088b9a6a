"""Golden B: one master and one need of four whole weeks."""

from dataclasses import dataclass
from datetime import date

from tests.oracle.codes import credit_code
from tests.oracle.world import Row, World

AS_OF = date(2026, 11, 23)
HOST = credit_code("370702", 1)
NEED, PERSON = "N-B1", "P-B1"
TRADE = "6-18-01-01"


@dataclass(frozen=True)
class TalentCase:
    """A world, its question, and the printed numbers (4 decimals)."""

    world: World
    need: str
    as_of: date
    score: float
    sides: tuple[float, float] | None = None


def golden_b(*, visits: int = 3, pay_max: int = 180, holds_second_skill: bool = False) -> World:
    """The world of golden B; ``holds_second_skill`` closes the gap of the .3-weight skill."""
    second = "焊接机器人编程" if holds_second_skill else "焊接机器人示教"
    return {"人社局": {**_reference_tables(), **_need(visits, pay_max), **_talent(second), **_record()}}


def cases() -> dict[str, TalentCase]:
    """Golden B and its printed variants."""
    return {
        "golden": TalentCase(golden_b(), NEED, AS_OF, score=0.7938, sides=(0.7943, 0.7933)),
        "one visit": TalentCase(golden_b(visits=1), NEED, AS_OF, score=0.8057),
        "pay met": TalentCase(golden_b(pay_max=200), NEED, AS_OF, score=0.8228),
        "skill closed": TalentCase(golden_b(holds_second_skill=True), NEED, AS_OF, score=0.8062),
    }


def _reference_tables() -> dict[str, list[Row]]:
    return {
        "districts": [{"code": "370702", "name": "潍城区"}, {"code": "370785", "name": "高密市"}],
        "travel_times": [{"from_district": "370702", "to_district": "370785", "hours": 1.5}],
        "occupations": [{"code": TRADE, "name": "车工", "edition": "2022"}],
        "skills": [{"name": name} for name in ("数控车削", "焊接机器人编程", "焊接机器人示教", "工艺编制")],
        "skill_relations": [
            {"skill": "焊接机器人编程", "related": "焊接机器人示教", "strength": 0.7, "kind": "可迁移"}
        ],
        "enterprises": [
            {"credit_code": HOST, "name": "示例装备有限公司", "district": "370702", "status": "正常"}
        ],
    }


def _need(visits: int, pay_max: int) -> dict[str, list[Row]]:
    return {
        "flex_needs": [
            {
                "need_id": NEED,
                "host": HOST,
                "title": "数控单元改造",
                "occupations": [TRADE],
                "min_level": "高级技师",
                "skills": ["数控车削=3*0.5", "焊接机器人编程=3*0.3", "工艺编制=3*0.2"],
                "tags": ["数控", "改造", "夹具", "工艺", "提效"],
                "modes": ["consult"],
                "total_hours": 24,
                "valid_from": "2026-11-30",
                "valid_to": "2026-12-27",
                "visits": visits,
                "pay_max": pay_max,
            }
        ]
    }


def _talent(second_skill: str) -> dict[str, list[Row]]:
    return {
        "talents": [
            {
                "person_id": PERSON,
                "name": "王示例",
                "district": "370785",
                "work_status": "自由职业",
                "modes": ["consult=1"],
                "weekly_hours": 10,
                "pay_floor": 100,
                "pay_wish": 200,
                "interests": ["数控", "改造", "夹具"],
            }
        ],
        "certificates": [
            {
                "person_id": PERSON,
                "kind": "职业技能等级证书",
                "occupation": TRADE,
                "level": "高级技师",
                "issued": "2015-06-01",
            }
        ],
        "talent_skills": [
            {"person_id": PERSON, "skill": name, "level": 3, "basis": "核实"}
            for name in ("数控车削", second_skill, "工艺编制")
        ],
        "consents": [
            {"person_id": PERSON, "purpose": "柔性推荐", "recipients": ["企业"], "valid_from": "2026-01-01"}
        ],
    }


def _record() -> dict[str, list[Row]]:
    tags = ["数控", "改造", "夹具", "工艺"]
    engagement = {
        "person_id": PERSON,
        "host": HOST,
        "mode": "consult",
        "valid_from": "2025-12-01",
        "valid_to": "2026-11-23",
        "trips": 1,
        "status": "完成",
    }
    done = {"person_id": PERSON, "kind": "攻关", "tags": tags}
    return {
        "achievements": [
            {**done, "achievement_id": "A-B1", "title": "一", "date": "2024-11-23", "verified": True},
            {**done, "achievement_id": "A-B2", "title": "二", "date": "2020-11-22", "verified": False},
        ],
        "honours": [{"person_id": PERSON, "name": "省技术能手", "level": "省", "year": 2022}],
        "engagements": [
            {**engagement, "engagement_id": f"E-B{number}", "outcome": "成功" if number < 5 else "未达"}
            for number in range(1, 6)
        ],
    }
