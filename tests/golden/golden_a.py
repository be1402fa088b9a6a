"""Golden A: one cohort, one enterprise with two open posts, in an internship year."""

from dataclasses import dataclass
from datetime import date

from tests.oracle.codes import credit_code
from tests.oracle.world import Row, World

AS_OF = date(2026, 11, 23)
SCHOOL = credit_code("370703", 1, prefix="12")
ENTERPRISE = credit_code("370702", 1)
OTHER_SCHOOL = credit_code("370703", 2, prefix="12")
DEMAND, OFFERING = "D-A1", "O-A1"


@dataclass(frozen=True)
class PartnerCase:
    """A world, its question, and the printed numbers (4 decimals)."""

    world: World
    anchor: tuple[str, str]
    mode: str
    as_of: date
    score: float
    sides: tuple[float, float] | None = None
    interval: tuple[float, float] | None = None


def golden_a(*, same_post: int = 60, skill_share: int = 72) -> World:
    """The world of golden A; ``skill_share`` is the covered share of the wanted skills, percent."""
    return {"人社局": {**_reference_tables(), **_organisations(), **_cooperation(same_post, skill_share)}}


def cases() -> dict[str, PartnerCase]:
    """Golden A and its printed variants."""
    return {
        "golden": _case(golden_a(), 0.8060, sides=(0.7990, 0.8132), interval=(0.7660, 0.8425)),
        "same_post 100": _case(golden_a(same_post=100), 0.8355),
        "skill .90": _case(golden_a(skill_share=90), 0.8240),
    }


def _case(
    world: World,
    score: float,
    *,
    sides: tuple[float, float] | None = None,
    interval: tuple[float, float] | None = None,
) -> PartnerCase:
    return PartnerCase(world, ("enterprise", ENTERPRISE), "internship", AS_OF, score, sides, interval)


def _reference_tables() -> dict[str, list[Row]]:
    return {
        "districts": [{"code": "370702", "name": "潍城区"}, {"code": "370703", "name": "寒亭区"}],
        "travel_times": [{"from_district": "370702", "to_district": "370703", "hours": 0.6}],
        "chains": [{"chain_id": "L1", "name": "高端装备", "priority_from": "2026-01-01"}],
        "occupations": [
            {"code": "6-18-01-01", "name": "车工", "edition": "2022"},
            {"code": "6-18-01-02", "name": "铣工", "edition": "2022"},
        ],
        "skills": [{"name": "数控车削"}, {"name": "三坐标测量"}],
        "majors": [
            {"code": "0117-4", "name": "数控加工", "occupations": ["6-18-01-01=1"], "edition": "2022"}
        ],
        "major_groups": [
            {"group_id": "G1", "name": "装备制造", "school": SCHOOL, "majors": ["0117-4"], "chains": ["L1"]}
        ],
        "wages": [{"occupation": "6-18-01-01", "median": 6000}],
    }


def _organisations() -> dict[str, list[Row]]:
    return {
        "enterprises": [
            {
                "credit_code": ENTERPRISE,
                "name": "示例装备有限公司",
                "district": "370702",
                "staff": 420,
                "status": "正常",
                "chains": ["L1"],
                "safety": "一般",
            }
        ],
        "schools": [
            {
                "credit_code": SCHOOL,
                "name": "示例技师学院",
                "type": "技师学院",
                "district": "370703",
                "licence_from": "2010-09-01",
            },
            {"credit_code": OTHER_SCHOOL, "name": "另一技工学校", "type": "技工学校", "district": "370703"},
        ],
    }


def _cooperation(same_post: int, skill_share: int) -> dict[str, list[Row]]:
    wanted = [f"数控车削=3*{skill_share / 100:g}", f"三坐标测量=3*{(100 - skill_share) / 100:g}"]
    ended = {"school": OTHER_SCHOOL, "enterprise": ENTERPRISE, "mode": "internship"}
    ended = {**ended, "valid_from": "2025-09-01", "valid_to": "2026-11-23", "status": "完成"}
    return {
        "offerings": [
            {
                "offering_id": OFFERING,
                "school": SCHOOL,
                "major": "0117-4",
                "exit_level": "高级工",
                "intake_year": 2024,
                "years": 3,
                "students": 36,
                "approved": "已批准",
                "skills": ["数控车削=3"],
            }
        ],
        "demands": [
            {
                "demand_id": DEMAND,
                "enterprise": ENTERPRISE,
                "occupation": "6-18-01-01",
                "level": "高级工",
                "count": 20,
                "same_post": same_post,
                "skills": wanted,
                "pay": 4800,
            },
            {"demand_id": "D-A2", "enterprise": ENTERPRISE, "occupation": "6-18-01-02", "count": 7},
        ],
        "cooperations": [
            {"cooperation_id": "C-A1", **ended, "outcome": "成功"},
            {"cooperation_id": "C-A2", **ended, "outcome": "成功"},
            {"cooperation_id": "C-A3", **ended, "status": "终止", "outcome": "未达"},
        ],
    }
