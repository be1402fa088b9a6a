"""Random reference tables, organisations, cohorts, posts and cooperations."""

from tests.oracle.codes import credit_code
from tests.oracle.draw import (
    CHAINS,
    CODES_NEW,
    CODES_OLD,
    DISTRICTS,
    HOLDING,
    LEVELS,
    NEW,
    OLD,
    OTHER_MODES,
    OUTSIDER,
    SEATS,
    SKILLS,
    STRANGE_DISTRICT,
    Draw,
)
from tests.oracle.world import Row

Tables = dict[str, list[Row]]
MAJORS = ("0117-4", "0118-4", "0203-4")


def reference_tables(draw: Draw) -> Tables:
    """Everything that organisations and people refer to."""
    places = [
        {
            "code": code,
            "name": f"示例区{place}",
            "longitude": draw.cell(118.5 + 0.31 * place, absent=0.25, masked=0),
            "latitude": draw.cell(36.2 + 0.17 * place, absent=0.1, masked=0),
        }
        for place, code in enumerate(DISTRICTS)
    ]
    ways = [(a, b) for a in DISTRICTS for b in DISTRICTS if draw.chance(0.3 if a != b else 0.1)]
    links = [(old, new) for old in CODES_OLD for new in CODES_NEW if draw.chance(0.3)]
    names = [name for name, _ in SKILLS]
    pairs = [(a, b) for a in names for b in names if a < b and draw.chance(0.2)]
    return {
        "districts": [*places],
        "travel_times": [
            {"from_district": a, "to_district": b, "hours": draw.count(1, 30) / 10} for a, b in ways
        ],
        "chains": [_chain(draw, key) for key in CHAINS[:3]],
        "occupations": [
            {"code": code, "name": f"示例职业{code}", "edition": edition}
            for edition, codes in ((NEW, CODES_NEW), (OLD, CODES_OLD))
            for code in codes
        ],
        "occupation_crosswalk": [
            {"from_code": old, "from_edition": OLD, "to_code": new, "to_edition": NEW} for old, new in links
        ],
        "skills": [{"name": name, "aliases": aliases or None} for name, aliases in SKILLS],
        "skill_relations": [
            {
                "skill": a,
                "related": b,
                "strength": draw.count(1, 10) / 10,
                "kind": draw.one(("可迁移", "上下位")),
            }
            for a, b in ((a, b) if draw.chance(0.5) else (b, a) for a, b in pairs)
        ],
        "majors": _majors(draw),
        "wages": _wages(draw),
    }


def _chain(draw: Draw, key: str) -> Row:
    row: dict[str, object] = {"chain_id": key, "name": f"示例链{key}"}
    if draw.chance(0.7):
        row["priority_from"] = draw.cell(draw.day(-900, 30), absent=0.2, masked=0)
        row["priority_to"] = draw.cell(draw.day(31, 900), absent=0.5, masked=0)
        if draw.chance(0.2):
            row |= {"priority_from": draw.day(-900, -400), "priority_to": draw.day(-300, -1)}
    return row


def _majors(draw: Draw) -> list[Row]:
    rows: list[Row] = []
    for code in MAJORS:
        for edition in (NEW, OLD) if draw.chance(0.3) else (NEW,):
            listed = [draw.listed() for _ in range(draw.count(1, 3))]
            spelled = {c if e == NEW and draw.chance(0.7) else f"{c}@{e}" for c, e in listed}
            weights = [draw.one(("1", "1", "0.8", "0.5")) for _ in spelled]
            aims = [f"{code_}={weight}" for code_, weight in zip(sorted(spelled), weights, strict=True)]
            rows.append({"code": code, "name": f"示例专业{code}", "occupations": aims, "edition": edition})
    return rows


def _wages(draw: Draw) -> list[Row]:
    return [
        {"occupation": code, "district": district, "median": draw.count(40, 80) * 100}
        for code in CODES_NEW
        for district in (None, *DISTRICTS[:2])
        if draw.chance(0.5)
    ]


def organisations(draw: Draw) -> Tables:
    """Enterprises, schools, who controls whom, organs and groups of majors."""
    firms = [enterprise(draw, serial) for serial in range(1, draw.count(3, 6) + 1)]
    schools = [school(draw, serial) for serial in range(1, draw.count(2, 4) + 1)]
    orgs = [str(row["credit_code"]) for row in firms] + [HOLDING]
    owned = [(parent, child) for parent in orgs for child in orgs if parent < child and draw.chance(0.25)]
    return {
        "enterprises": firms,
        "schools": schools,
        "ownerships": [
            {
                "parent": parent,
                "child": child,
                "share": draw.one((None, 0.3, 0.5, 0.51)),
                "valid_from": draw.day(-2000, -500),
                "valid_to": draw.one((None, None, draw.day(-400, -1), draw.day(0, 300))),
            }
            for parent, child in owned
        ],
        "organs": [_organ(draw, row, place) for place, row in enumerate(schools) if draw.chance(0.7)],
        "major_groups": [
            {
                "group_id": draw.key("G"),
                "name": "示例专业群",
                "school": row["credit_code"],
                "majors": draw.some(MAJORS, 1, 2),
                "chains": draw.cell(draw.some(CHAINS[:3], 1, 2), absent=0.2, masked=0),
            }
            for row in schools
            if draw.chance(0.7)
        ],
    }


def enterprise(draw: Draw, serial: int) -> Row:
    """One enterprise."""
    return {
        "credit_code": credit_code("370702", serial),
        "name": f"示例企业{serial}有限公司",
        "district": draw.one((*DISTRICTS, *DISTRICTS, STRANGE_DISTRICT)),
        "staff": draw.cell(draw.one((9, 95, 150, 250, 420)), absent=0.1),
        "status": draw.cell(draw.one(("正常",) * (30 if draw.generous else 9) + ("异常",)), absent=0.08),
        "chains": draw.cell(draw.some(CHAINS, 1, 2)),
        "safety": draw.cell(draw.one(("无事故", "无事故", "一般", "较大"))),
    }


def school(draw: Draw, serial: int) -> Row:
    """One school."""
    starts = draw.cell(draw.day(-4000, -100), absent=0.15)
    ends = draw.one((None, draw.day(0, 900), draw.day(-90, -1) if draw.chance(0.2) else None))
    return {
        "credit_code": credit_code("370703", serial, prefix="12"),
        "name": f"示例技师学院{serial}",
        "aliases": draw.cell([f"示范{serial}院"], absent=0.5, masked=0),
        "type": "技师学院",
        "district": draw.one(DISTRICTS),
        "licence_from": starts if ends is None or starts != "*" else None,
        "licence_to": ends,
    }


def _organ(draw: Draw, row: Row, place: int) -> Row:
    aliases = row.get("aliases")
    alias = aliases[0] if isinstance(aliases, list) else row["name"]
    listed = [f"{code}@{edition}" for code, edition in (draw.listed() for _ in range(3))]
    return {
        "organ_code": f"OR{place}",
        "name": draw.one((row["name"], alias, f"别处评价机构{place}")),
        "kind": "社会评价",
        "occupations": draw.cell(sorted(set(listed)), absent=0.2, masked=0),
        "max_level": draw.cell(draw.one(LEVELS), absent=0.2),
    }


def offering(draw: Draw, schools: list[Row]) -> Row:
    """One cohort."""
    rate = [draw.cell(draw.count(50, 100) / 100, absent=0.3) for _ in range(3)]
    major = draw.one(MAJORS)
    return {
        "offering_id": draw.key("O"),
        "school": draw.one(schools)["credit_code"],
        "major": major if draw.chance(0.8) else f"{major}@{NEW}",
        "exit_level": draw.one(("中级工", "高级工", "预备技师")),
        "intake_year": 2025
        if draw.generous and draw.chance(0.8)
        else draw.one((2023, 2024, 2024, 2025, 2025, 2025, 2025, 2025, 2026, 2026, 2027)),
        "years": draw.cell(draw.one((2, 2.5, 3, 3, 3, 4)), absent=0, masked=0.05),
        "students": draw.cell(draw.one((0,) + (6, 12, 25, 36, 45) * 3), absent=0, masked=0.04),
        "approved": draw.cell(draw.one(("已批准",) * 12 + ("未批准",)), absent=0.08),
        "skills": draw.cell(draw.held()),
        "class_min": draw.default(draw.one((2, 4, 8) if draw.generous else (2, 4, 8, 20, 60)), absent=0.4),
        "committed": draw.cell(draw.one((0, 2, 5, 30)), absent=0.5),
        "certificate_rate": rate[0],
        "employment_rate": rate[1],
        "stay_rate": rate[2],
        "sample": draw.cell(draw.one((0, 20, 20, 40)), absent=0.2),
        "stat_year": draw.cell(draw.one((2023, 2024, 2025, 2026)), absent=0.1, masked=0),
        "scope": draw.one((None, None, "公开", "仅经办")),
    }


def demand(draw: Draw, firms: list[Row]) -> Row:
    """One post."""
    starts, ends = draw.day(-500, 200), draw.day(201, 700)
    if draw.chance(0.1):
        starts, ends = draw.day(-900, -700), draw.day(-600, -85)
    modes = draw.some((*SEATS, *OTHER_MODES), 5, 7)
    return {
        "demand_id": draw.key("D"),
        "enterprise": draw.one(firms)["credit_code"],
        "title": "示例岗位",
        "occupation": draw.occupation(),
        "level": draw.default(draw.one(LEVELS[:5])),
        "count": draw.cell(draw.one((1, 3, 7, 12, 20)), absent=0, masked=0.04),
        "same_post": draw.cell(
            draw.one((35, 60, 100, 100) if draw.generous else (4, 20, 35, 60, 100)), absent=0.1
        ),
        "interns": draw.cell(draw.one((0, 1, 2, 6)), absent=0.5),
        "skills": draw.cell(draw.wanted()),
        "pay": draw.cell(draw.count(30, 90) * 100, absent=0.25),
        "mentors": draw.cell(draw.count(0, 3), absent=0.4),
        "rotation": draw.cell(draw.count(0, 4), absent=0.4),
        "boarding": draw.default(draw.chance(0.4)),
        "modes": draw.default(modes, absent=0.4),
        "valid_from": draw.default(starts),
        "valid_to": draw.default(ends),
        "scope": draw.one((None, None, "公开", "仅经办")),
    }


def cooperation(draw: Draw, tables: Tables) -> Row:
    """One agreement, mostly about an existing cohort and post."""
    course, post = draw.one(tables["offerings"]), draw.one(tables["demands"])
    status = draw.one(("已签", "已签", "已签", "完成", "完成", "终止", "洽谈"))
    starts = draw.day(-800, -100) if status in {"完成", "终止"} else draw.day(-500, 250)
    ends = draw.day(-99, 3) if status in {"完成", "终止"} else draw.day(251, 800)
    named = post["demand_id"] if draw.chance(0.75) else draw.one((None, None, "D-999"))
    return {
        "cooperation_id": draw.key("C"),
        "school": course["school"],
        "enterprise": post["enterprise"],
        "mode": draw.one((*SEATS, *SEATS, *OTHER_MODES)),
        "offering": course["offering_id"] if draw.chance(0.7) else None,
        "demand": named,
        "seats": draw.cell(draw.one((1, 1, 2, 4) if draw.generous else (1, 3, 6, 9)), absent=0.1),
        "valid_from": starts,
        "valid_to": draw.cell(ends, absent=0.4, masked=0),
        "status": draw.cell(status, absent=0.03, masked=0.02),
        "outcome": draw.cell(draw.one(("成功", "成功", "未达")), absent=0.2),
    }


def _add_twin_school(draw: Draw, city: Tables, tables: Tables) -> None:
    """Sometimes a second school with equal cohorts: partners that tie."""
    if not draw.chance(0.35):
        return
    other = draw.one(city["schools"])
    code = credit_code("370703", 50, prefix="12")
    city["schools"].append({**other, "credit_code": code, "name": "示例双胞胎学院", "aliases": None})
    for row in tables["offerings"][:]:
        if row["school"] == other["credit_code"]:
            tables["offerings"].append({**row, "offering_id": draw.key("O"), "school": code})


def cooperation_tables(draw: Draw, city: Tables) -> Tables:
    """Cohorts, posts and agreements."""
    tables: Tables = {
        "offerings": [offering(draw, city["schools"]) for _ in range(draw.count(4, 10))],
        "demands": [demand(draw, city["enterprises"]) for _ in range(draw.count(4, 12))],
    }
    _add_twin_school(draw, city, tables)
    tables["cooperations"] = [cooperation(draw, tables) for _ in range(draw.count(5, 14))]
    return tables


__all__ = ["OUTSIDER", "Tables", "cooperation_tables", "organisations", "reference_tables"]
