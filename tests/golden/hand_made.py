"""Hand-made worlds: one talent beside one need, one cohort beside one post, and edits that isolate one rule each.

The expected values of `test_hand_made.py` were worked out on paper from the rules' page, not from the program.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeAlias

from tests.oracle.codes import credit_code
from tests.oracle.world import World

AS_OF = date(2027, 3, 15)
SOURCE = "人社局"
HOST, PARENT, SISTER, OTHER, ABROAD = (credit_code("370702", number) for number in range(11, 16))
SCHOOL, OTHER_SCHOOL = (credit_code("370702", number, prefix="12") for number in (21, 22))
NEED, PERSON, OFFERING, DEMAND = "N1", "P1", "O1", "D1"
TRADE, NEAR, MIDDLE, FAR = "6-18-01-01", "6-18-01-02", "6-18-02-01", "6-20-01-01"
OLD, OLD_NEAR, UNLISTED = "6-04-01-01@2015", "6-04-01-02@2015", "6-99-01-01"

Tables: TypeAlias = dict[str, list[dict[str, Any]]]
Edit: TypeAlias = Callable[[Tables], object]
PERSON_TABLES = {"certificates", "talent_skills", "consents", "achievements", "honours", "engagements"}
PERSON_TABLES |= {"appointments", "restrictions"}


@dataclass(frozen=True)
class Case:
    """A rule's name, the edits that bring it about, and what must come of it.

    `fate`: listed, low, verify, or the code of the failing filter; `unknown` the filters to verify; `factors` what
    differs from the unedited world (None: unknown).
    """

    name: str
    edits: tuple[Edit, ...]
    fate: str = "listed"
    unknown: tuple[str, ...] = ()
    factors: dict[str, float | None] = field(default_factory=dict)
    mode: str = ""

    def world(self, base: Tables) -> World:
        """The base world, edited."""
        tables = deepcopy(base)
        for edit in self.edits:
            edit(tables)
        return {SOURCE: {table: list(rows) for table, rows in tables.items()}}


def first(table: str, **cells: Any) -> Edit:
    """Change cells of a table's first row; None empties them."""
    return lambda tables: tables[table][0].update(cells)


def row(table: str, **cells: Any) -> Edit:
    """Add a row; a table of persons gets the one person's."""
    person = {"person_id": PERSON} if table in PERSON_TABLES else {}
    return lambda tables: tables.setdefault(table, []).append({**person, **cells})


def none(*names: str) -> Edit:
    """Deliver these tables empty."""
    return lambda tables: tables.update({name: [] for name in names})


def control(parent: str, child: str, **cells: Any) -> Edit:
    """Add a row of ownership."""
    return row("ownerships", parent=parent, child=child, **cells)


def _reference() -> Tables:
    codes = ((TRADE, "2022"), (NEAR, "2022"), (MIDDLE, "2022"), (FAR, "2022"))
    old = tuple((code.split("@")[0], "2015") for code in (OLD, OLD_NEAR))
    crosswalk = {"from_code": OLD[:10], "from_edition": "2015", "to_code": TRADE, "to_edition": "2022"}
    near: dict[str, Any] = {"related": "乙技", "kind": "可迁移"}
    return {
        "districts": [{"code": code, "name": f"区{code}"} for code in ("370702", "370703", "370704")],
        "travel_times": [],
        "occupations": [{"code": code, "name": f"职业{code}", "edition": year} for code, year in codes + old],
        "occupation_crosswalk": [crosswalk],
        "skills": [{"name": "甲技", "aliases": ["甲"]}, {"name": "乙技"}, {"name": "丙技"}, {"name": "丁技"}],
        "skill_relations": [
            {"skill": "甲技", **near, "strength": 0.8},
            {"skill": "丙技", **near, "strength": 0.5},
            {"skill": "丙技", "related": "丁技", "kind": "可迁移", "strength": 0.9},
        ],
        "enterprises": [
            {"credit_code": HOST, "name": "甲公司", "district": "370702", "staff": 300, "status": "正常"},
            *(
                {"credit_code": code, "name": f"公司{code}", "district": "370703"}
                for code in (PARENT, SISTER, OTHER)
            ),
        ],
    }


def talent_tables() -> Tables:
    """One talent beside one need of four whole weeks; every filter passes."""
    person = {"person_id": PERSON}
    need: dict[str, Any] = {
        "need_id": NEED,
        "host": HOST,
        "title": "项目",
        "occupations": [TRADE],
        "skills": ["甲技=3*1"],
    }
    need |= {"tags": ["标一", "标二"], "modes": ["consult"], "total_hours": 20, "visits": 2, "pay_max": 150}
    talent: dict[str, Any] = {
        **person,
        "name": "王甲",
        "district": "370702",
        "work_status": "自由职业",
        "interests": ["标一"],
    }
    talent |= {"modes": ["consult=0.8"], "weekly_hours": 10, "pay_floor": 100, "pay_wish": 200}
    paper = {"kind": "职业技能等级证书", "occupation": TRADE, "level": "技师", "issued": "2020-01-01"}
    work = {"title": "攻", "kind": "攻关", "tags": ["标一"], "date": "2027-03-15", "verified": True}
    agreed = {"purpose": "柔性推荐", "recipients": ["任意"], "valid_from": "2026-01-01"}
    return _reference() | {
        "flex_needs": [{**need, "valid_from": "2027-04-05", "valid_to": "2027-05-02"}],
        "talents": [talent],
        "certificates": [{**person, **paper}],
        "talent_skills": [{**person, "skill": "甲技", "level": 3, "basis": "证书"}],
        "consents": [{**person, **agreed}],
        "achievements": [{**person, "achievement_id": "A1", **work}],
        "honours": [{**person, "name": "能手", "level": "市", "year": 2020}],
        "engagements": [],
        "appointments": [],
        "restrictions": [],
        "ownerships": [],
    }


def partner_tables() -> Tables:
    """One cohort in its second year beside one post with ten open places; every filter passes."""
    cohort: dict[str, Any] = {
        "offering_id": OFFERING,
        "school": SCHOOL,
        "major": "0117-4",
        "exit_level": "高级工",
    }
    cohort |= {"intake_year": 2025, "years": 3, "students": 40, "approved": "已批准", "skills": ["甲技=3"]}
    post: dict[str, Any] = {
        "demand_id": DEMAND,
        "enterprise": HOST,
        "title": "车",
        "occupation": TRADE,
        "level": "高级工",
    }
    post |= {"count": 10, "same_post": 100, "skills": ["甲技=3"], "pay": 5000, "mentors": 1, "rotation": 3}
    school = {"type": "技师学院", "district": "370702", "licence_from": "2010-09-01"}
    tables = _reference()
    tables["enterprises"][0] |= {"chains": ["L1"], "safety": "无事故"}
    return tables | {
        "chains": [
            {"chain_id": "L1", "name": "链一", "priority_from": "2026-01-01", "priority_to": "2027-03-15"},
            {"chain_id": "L2", "name": "链二"},
        ],
        "majors": [{"code": "0117-4", "name": "数控", "occupations": [f"{TRADE}=0.9"], "edition": "2022"}],
        "major_groups": [
            {"group_id": "G1", "name": "群", "school": SCHOOL, "majors": ["0117-4"], "chains": ["L1"]}
        ],
        "wages": [{"occupation": TRADE, "median": 6000}],
        "organs": [],
        "schools": [
            {"credit_code": SCHOOL, "name": "甲学院", "aliases": ["甲院"], **school},
            {"credit_code": OTHER_SCHOOL, "name": "乙学院", **school},
        ],
        "offerings": [cohort],
        "demands": [post],
        "cooperations": [],
    }
