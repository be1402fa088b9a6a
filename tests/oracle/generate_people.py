"""Random needs, and random people with everything the registers tell about them."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.oracle.codes import id_number
from tests.oracle.draw import (
    CANONICAL,
    DISTRICTS,
    FLEX_MODES,
    LEVELS,
    OUTSIDER,
    SKILL_NAMES,
    STRANGE_DISTRICT,
    TAGS,
    TODAY,
    Draw,
)
from tests.oracle.generate_city import Tables
from tests.oracle.need import counted_weeks
from tests.oracle.world import Row, fold


@dataclass
class Draft:
    """One person: the talents row and rows of other tables, without person numbers."""

    row: Row
    tables: dict[str, list[Row]] = field(default_factory=dict)


def need(draw: Draw, hosts: list[str]) -> Row:
    """One flexible need."""
    first = TODAY + timedelta(days=draw.count(-20, 60))
    last = first + timedelta(days=draw.one((0, 2, 5, 13, 27, 40, 60)))
    weeks = len(counted_weeks(first, last))
    weekly = draw.cell(draw.one((2, 4, 6, 30)), absent=0.4, masked=0)
    total = draw.one((6, 12, 24, 40)) if weekly is None or draw.chance(0.3) else None
    return {
        "need_id": draw.key("N"),
        "host": draw.one(hosts),
        "title": "示例需求",
        "occupations": draw.cell(sorted({draw.occupation() for _ in range(2)}), absent=0.15, masked=0),
        "min_level": draw.default(draw.one(LEVELS[1:4]), absent=0.5),
        "skills": draw.cell(draw.wanted(), absent=0.1, masked=0.02),
        "tags": draw.cell(draw.some(TAGS, 1, 5), absent=0.1, masked=0.02),
        "modes": draw.some(FLEX_MODES, 1, 5),
        "hours_per_week": weekly,
        "weeks": draw.cell(draw.count(1, weeks), absent=0.6, masked=0),
        "total_hours": total,
        "valid_from": first.isoformat(),
        "valid_to": last.isoformat(),
        "visits": draw.default(draw.one((0, 1, 2, 3)), absent=0.2),
        "district": draw.default(draw.one((*DISTRICTS, STRANGE_DISTRICT)), absent=0.7),
        "pay_min": draw.cell(draw.count(6, 12) * 10, absent=0.4),
        "pay_max": draw.default(draw.count(12, 24) * 10, absent=0.2),
        "scope": draw.one((None, "公开", "仅经办")),
    }


def people(draw: Draw, hosts: list[str], needs: list[Row]) -> list[Draft]:
    """Eight to twenty-five people."""
    found: list[Draft] = []
    for serial in range(draw.count(8, 25)):
        twin = draw.one(found) if found and draw.chance(0.12) else None
        found.append(_twin(draw, twin, serial) if twin else _person(draw, serial, hosts, needs))
    return found


def _twin(draw: Draw, other: Draft, serial: int) -> Draft:
    """Another person with equal facts: a tie."""
    born = date(1960, 1, 1) + timedelta(days=draw.count(0, 12000))
    row = {**other.row, "id_type": None, "id_number": id_number(born, serial), "name": f"李示例{serial}"}
    keys = {"achievements": ("achievement_id", "Y"), "engagements": ("engagement_id", "E")}
    tables = {table: [dict(told) for told in rows] for table, rows in other.tables.items()}
    for table, (column, prefix) in keys.items():
        for told in tables[table]:
            told[column] = draw.key(prefix)
    return Draft(row, {table: [*rows] for table, rows in tables.items()})


def _person(draw: Draw, serial: int, hosts: list[str], needs: list[Row]) -> Draft:
    asked = draw.one(needs)
    draft = Draft(_talent(draw, serial, hosts))
    draft.tables = {
        "certificates": [_certificate(draw, asked) for _ in range(draw.one((0, 1, 1, 2)))],
        "appointments": [_appointment(draw, hosts) for _ in range(draw.one((0, 0, 0, 1)))],
        "talent_skills": [_skill(draw, name) for name in _skill_names(draw, asked)],
        "achievements": [_achievement(draw) for _ in range(draw.one((0, 0, 1, 2, 3)))],
        "honours": _unique([_honour(draw) for _ in range(draw.one((0, 0, 1, 2)))], ("name", "level", "year")),
        "consents": _consents(draw, hosts),
        "restrictions": [_restriction(draw, asked) for _ in range(draw.one((0, 0, 0, 0, 1, 2)))],
        "engagements": [_engagement(draw, hosts, needs) for _ in range(draw.one((0, 0, 1, 2, 4)))],
    }
    return draft


def _unique(rows: list[Row], columns: tuple[str, ...]) -> list[Row]:
    return list({tuple(row.get(column) for column in columns): row for row in rows}.values())


def _talent(draw: Draw, serial: int, hosts: list[str]) -> Row:
    modes = [f"{mode}={draw.one(('1', '1', '0.8', '0.5', '0'))}" for mode in draw.some(FLEX_MODES, 1, 6)]
    born = date(1960, 1, 1) + timedelta(days=draw.count(0, 12000))
    floor = draw.count(5, 14) * 10
    paper: dict[str, object] = {"id_number": id_number(born, serial)}
    if draw.chance(0.1):
        paper = {"id_type": "护照", "id_number": f"E{serial:08d}"}
    return {
        "name": f"张示例{serial}",
        **(paper if draw.chance(0.85) else {}),
        "district": draw.one((*DISTRICTS, *DISTRICTS, STRANGE_DISTRICT)),
        "employer": draw.cell(draw.one((*hosts, OUTSIDER, OUTSIDER, OUTSIDER)), absent=0.2),
        "work_status": draw.cell(draw.one(("在职", "在职", "退休", "自由职业", "待业")), absent=0.12),
        "occupation": draw.cell(draw.occupation(), absent=0.3, masked=0.03),
        "level": draw.default(draw.one(LEVELS), absent=0.3),
        "modes": draw.cell(modes, absent=0.15),
        "weekly_hours": draw.cell(draw.one((0, 6, 10, 16, 30, 40)), absent=0.08),
        "available_from": draw.default(draw.day(-300, 30), absent=0.5),
        "available_to": draw.default(draw.day(31, 400), absent=0.5),
        "pay_floor": draw.default(floor, absent=0.2),
        "pay_wish": draw.default(floor + draw.one((-10, 0, 20, 60)), absent=0.2),
        "travel_hours": draw.default(draw.one((0, 5, 20, 60)), absent=0.4),
        "interests": draw.cell(draw.some(TAGS, 1, 5), absent=0.2),
        "home_consent": draw.cell(draw.one(("同意", "同意", "不同意")), absent=0.6, masked=0),
        "objects": draw.one((None, None, False, False, False, draw.chance(0.4))),
    }


def _certificate(draw: Draw, asked: Row) -> Row:
    near = asked.get("occupations")
    code = draw.one(near) if isinstance(near, list) and draw.chance(0.5) else draw.occupation()
    expires = draw.one((None, None, None, draw.day(6, 800), "2026-11-23"))
    issued = draw.day(-4000, 0 if expires else 5)
    special = draw.chance(0.15)
    return {
        "number": draw.cell(draw.key("Z"), absent=0.4, masked=0),
        "kind": "专项职业能力证书" if special else "职业技能等级证书",
        "occupation": code,
        "level": None if special else draw.one(LEVELS),
        "issued": issued,
        "expires": expires,
    }


def _appointment(draw: Draw, hosts: list[str]) -> Row:
    return {
        "employer": draw.one((*hosts, OUTSIDER)),
        "occupation": draw.occupation(),
        "level": draw.one(LEVELS[2:]),
        "valid_from": draw.day(-1500, -1),
        "valid_to": draw.cell(draw.day(-1, 600), absent=0.5, masked=0),
    }


def _skill_names(draw: Draw, asked: Row) -> list[str]:
    wanted = asked.get("skills")
    near = [item.partition("=")[0] for item in wanted] if isinstance(wanted, list) else []
    names = draw.some(near, 0, 3) + draw.some((*SKILL_NAMES[:8], "刀具管理"), 0, 3)
    return list({CANONICAL.get(fold(name), name): name for name in names}.values())


def _skill(draw: Draw, name: str) -> Row:
    return {
        "skill": name,
        "level": draw.cell(draw.count(1, 5)),
        "basis": draw.cell(draw.one(("证书", "核实", "自述")), absent=0.2),
    }


def _achievement(draw: Draw) -> Row:
    return {
        "achievement_id": draw.key("Y"),
        "title": "示例业绩",
        "kind": "攻关",
        "tags": draw.some(TAGS, 1, 4),
        "date": draw.cell(draw.day(-3000, 3), absent=0.2, masked=0),
        "verified": draw.cell(draw.chance(0.5), absent=0.2),
    }


def _honour(draw: Draw) -> Row:
    return {
        "name": draw.one(("技术能手", "工匠", "首席")),
        "level": draw.one(("国家", "省", "市", "县")),
        "year": draw.one((2015, 2020, 2025, 2026, 2027)),
    }


def _consents(draw: Draw, hosts: list[str]) -> list[Row]:
    to = (["企业"], ["企业", "院校"], ["任意"], ["院校"], [draw.one(hosts)])
    rows: list[Row] = []
    for _ in range(draw.one((0, 1, 1, 1, 1, 1, 1, 2))):
        rows.append({
            "purpose": draw.one(("柔性推荐",) * 19 + ("图谱展示",)),
            "recipients": draw.one(to[1:3] if draw.chance(0.7) else to),
            "valid_from": draw.day(-700, 0 if draw.chance(0.9) else 40),
            "valid_to": draw.default(
                draw.one((draw.day(41, 800), draw.day(41, 800), "2026-11-23")), absent=0.6
            ),
            "revoked": draw.default(draw.one((draw.day(-30, 40), "2026-11-23")), absent=0.95)
            if draw.chance(0.5)
            else None,
        })
    ends = [
        row
        for row in rows
        if row["valid_to"] in (None, "*") or str(row["valid_from"]) <= str(row["valid_to"])
    ]
    return _unique(
        [{**row, "recipients": tuple(_list(row))} for row in ends], ("purpose", "valid_from", "recipients")
    )


def _list(row: Row) -> list[str]:
    value = row["recipients"]
    return value if isinstance(value, list) else []


def _restriction(draw: Draw, asked: Row) -> Row:
    near = asked.get("occupations")
    code = draw.one(near) if isinstance(near, list) and draw.chance(0.5) else draw.occupation()
    return {
        "kind": draw.one(("竞业", "保密")),
        "org": draw.cell(draw.one((asked["host"], OUTSIDER)), absent=0.5, masked=0),
        "occupation": draw.cell(code, absent=0.5, masked=0),
        "district": draw.cell(draw.one(DISTRICTS[:2]), absent=0.7, masked=0),
        "valid_from": draw.day(-800, 10),
        "valid_to": draw.cell(draw.day(11, 600), absent=0.4, masked=0),
    }


def _engagement(draw: Draw, hosts: list[str], needs: list[Row]) -> Row:
    status = draw.one(("意向", "已签", "已签", "已签", "完成", "完成", "终止"))
    first = TODAY + timedelta(days=draw.count(-400, 40))
    ended = status in {"完成", "终止"}
    last = (
        min(first, TODAY) + timedelta(days=draw.count(0, 20))
        if ended
        else first + timedelta(days=draw.count(0, 200))
    )
    about = draw.one((None, None, "N-999", draw.one(needs)["need_id"]))
    return {
        "engagement_id": draw.key("E"),
        "host": draw.one(hosts),
        "mode": draw.one(FLEX_MODES),
        "hours_per_week": draw.cell(draw.one((1, 2, 4, 8)), absent=0.12),
        "valid_from": first.isoformat(),
        "valid_to": max(first, last).isoformat(),
        "trips": draw.cell(draw.one((0, 1, 2)), absent=0.12),
        "status": draw.cell(status, absent=0.03, masked=0.02),
        "outcome": draw.cell(draw.one(("成功", "成功", "未达")), absent=0.3),
        "need_id": about,
    }


def needs_of(draw: Draw, city: Tables) -> tuple[list[str], list[Row]]:
    """Hosts, and one to four needs of them."""
    hosts = [str(row["credit_code"]) for table in ("enterprises", "schools") for row in city[table]]
    return hosts, [need(draw, hosts) for _ in range(draw.count(1, 4))]
