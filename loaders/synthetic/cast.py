"""The fixed talents: those who answer the headline need, and those who each show one edge of the rules.

They are the first talents at every size. A member is a line of data; the edge named there changes his rows.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from kg.model.graph import Value
from loaders.synthetic.city import City
from loaders.synthetic.edges import EDGES, Bundle, Case
from loaders.synthetic.identifiers import level_certificate
from loaders.synthetic.members import MEMBERS, Member
from loaders.synthetic.needs import HEADLINE_SKILLS, HEADLINE_TAGS
from loaders.synthetic.people import identity_of, person_id
from loaders.synthetic.records import Profile
from loaders.synthetic.vocabulary import occupation_of

Row = dict[str, Value]

_LEVEL_DIGITS: Final[Mapping[str, int]] = {"高级工": 3, "技师": 4, "高级技师": 5}


def cast_size() -> int:
    """Return how many talents are fixed."""
    return len(MEMBERS)


def member(city: City, number: int) -> Bundle:
    """Return the rows of the fixed talent of that number."""
    cast = MEMBERS[number]
    bundle: Bundle = {
        "talents": [_talent(city, number, cast)],
        "certificates": [_certificate(city, number, cast)],
        "talent_skills": _skills(number, cast),
        "achievements": _works(city, number, cast),
        "consents": [_consent(city, number)],
        "engagements": _past(city, number, cast),
    }
    if cast.honour:
        names = {"省": "省技术能手（合成）", "市": "临澄市技术能手", "县": "县级技术能手"}
        year = city.day.year - 2
        row: Row = {
            "person_id": person_id(number),
            "name": names[cast.honour],
            "level": cast.honour,
            "year": year,
        }
        bundle["honours"] = [row]
    if cast.edge:
        EDGES[cast.edge](Case(city, number, bundle))
    return {table: rows for table, rows in bundle.items() if rows}


def _talent(city: City, number: int, cast: Member) -> Row:
    random = city.chance("cast", number)
    age = 68 if cast.status == "退休" else 38 + number % 15
    born = city.day - timedelta(days=age * 365 + number)
    trade = occupation_of(cast.trade)
    profile = Profile(
        number=number,
        id=person_id(number),
        trade=trade,
        level=4,
        status=cast.status,
        born=born,
        random=random,
    )
    return {
        "person_id": person_id(number),
        **identity_of(profile),
        "work_years": age - 20,
        "district": cast.district,
        "employer": None if cast.firm is None else city.firms[cast.firm].code,
        "work_status": cast.status,
        "occupation": cast.trade,
        "level": cast.level,
        "modes": tuple(mode if "=" in mode else f"{mode}=1" for mode in cast.modes),
        "weekly_hours": cast.hours,
        "available_from": city.ago(200),
        "pay_floor": cast.floor,
        "pay_wish": cast.wish,
        "travel_hours": cast.travel,
        "interests": HEADLINE_TAGS[: cast.interests],
        "home_consent": "同意" if cast.status == "在职" else None,
        "objects": False,
    }


def _certificate(city: City, number: int, cast: Member) -> Row:
    issued = city.day - timedelta(days=400 + 13 * number)
    level = _LEVEL_DIGITS[cast.level]
    return {
        "person_id": person_id(number),
        "number": level_certificate("S0001", issued, level, number * 2),
        "kind": "职业技能等级证书",
        "occupation": cast.trade,
        "level": cast.level,
        "organ": "S0001",
        "issued": issued.isoformat(),
    }


def _skills(number: int, cast: Member) -> list[Row]:
    return [
        {"person_id": person_id(number), "skill": skill, "level": level, "basis": cast.basis}
        for (skill, _, _), level in zip(HEADLINE_SKILLS, cast.skills, strict=False)
        if level
    ]


def _works(city: City, number: int, cast: Member) -> list[Row]:
    return [
        {
            "achievement_id": f"YJ{number + 1:06d}{turn}",
            "person_id": person_id(number),
            "title": (
                "高速磨头主轴振动治理",
                "数控外圆磨床精度恢复",
                "磨床导轨与主轴大修",
                "主轴单元国产化替代",
            )[(number + turn) % 4],
            "kind": ("攻关", "项目", "创新")[turn % 3],
            "tags": HEADLINE_TAGS[:shared] + (("导轨刮研",) if shared < 3 else ()),
            "date": city.ago(365 * years - 40),
            "verified": turn % 2 == 0,
        }
        for turn, (shared, years) in enumerate(cast.works)
    ]


def _consent(city: City, number: int) -> Row:
    return {
        "person_id": person_id(number),
        "purpose": "柔性推荐",
        "recipients": ("企业", "院校") if number % 2 else ("企业",),
        "valid_from": city.ago(300),
        "valid_to": city.ahead(430),
        "evidence": f"书面授权第{number + 1}号",
    }


def _past(city: City, number: int, cast: Member) -> list[Row]:
    """Return finished services: they ended in past years, so that they use no trips of the coming one."""
    good, bad = cast.past
    rows: list[Row] = []
    for turn in range(good + bad):
        rows.append({
            "engagement_id": f"FW{number + 1:06d}{turn}",
            "person_id": person_id(number),
            "host": city.firms[(number + turn) % 3 + 3].code,
            "mode": "weekend",
            "hours_per_week": 4,
            "valid_from": city.ago(460 + 150 * turn),
            "valid_to": city.ago(380 + 150 * turn),
            "trips": 2,
            "status": "完成" if turn < good else "终止",
            "outcome": "成功" if turn < good else "未达",
        })
    return rows
