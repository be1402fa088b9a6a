"""Flexible needs and technical problems of the synthetic city; the first need is the headline."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Final

from kg.model.graph import Value
from loaders.synthetic.city import City, zipf, zipf_sample
from loaders.synthetic.vocabulary import Occupation, cluster_of, occupations, skill_kinds

Row = dict[str, Value]

HEADLINE_SKILLS: Final = (
    ("主轴振动诊断", 4, 3),
    ("主轴轴承更换与预紧", 4, 2),
    ("机床几何精度检测", 3, 2),
    ("数控磨床维修", 4, 2),
    ("伺服参数优化", 2, 1),
)
HEADLINE_TAGS: Final = ("主轴振动", "精度恢复", "数控磨床", "噪声异常", "装配间隙")
HEADLINE_HOURS: Final = 6
HEADLINE_WEEKS: Final = 8
_TITLES: Final = (
    "{skill}现场指导",
    "{topic}问题攻关",
    "{skill}与{topic}改善",
    "{topic}诊断与{skill}",
    "{skill}带徒传艺",
)
_MODES: Final = (
    "consult",
    "weekend",
    "project",
    "rehire",
    "advise_remote",
    "parttime",
    "short",
    "teach",
    "station",
    "share",
    "seasonal",
)
_LEVELS: Final = (None,) * 3 + ("中级工",) * 4 + ("高级工",) * 7 + ("技师",) * 5 + ("高级技师",)
_PAY: Final = {"中级工": 60, "高级工": 85, "技师": 130, "高级技师": 170, None: 80}


def need_id(number: int) -> str:
    """Return the number of a flexible need."""
    return f"RX{number + 1:05d}"


def monday_after(day: date, days: int) -> date:
    """Return the first Monday at least so many days after a day."""
    start = day + timedelta(days=days)
    return start + timedelta(days=-start.weekday() % 7)


def headline_window(city: City) -> tuple[date, date]:
    """Return first and last day of the headline need: whole weeks, Monday to Sunday."""
    start = monday_after(city.day, 7)
    return start, start + timedelta(days=7 * HEADLINE_WEEKS - 1)


def flex_needs(city: City) -> Iterator[Row]:
    """Yield the needs: the headline, a lecture for a school, then drawn ones."""
    yield _headline(city)
    yield _lecture(city)
    for number in range(2, city.size.needs):
        yield _drawn_need(city, number, city.chance("need", number))


def _headline(city: City) -> Row:
    start, end = headline_window(city)
    return {
        "need_id": need_id(0),
        "host": city.firms[0].code,
        "title": "数控磨床主轴振动诊断与精度恢复",
        "occupations": ("6-20-03-01", "6-31-01-02"),
        "min_level": "技师",
        "skills": tuple(f"{skill}={level}*{weight}" for skill, level, weight in HEADLINE_SKILLS),
        "tags": HEADLINE_TAGS,
        "modes": ("consult", "project", "weekend", "rehire"),
        "hours_per_week": HEADLINE_HOURS,
        "valid_from": start.isoformat(),
        "valid_to": end.isoformat(),
        "visits": 2,
        "pay_min": 120,
        "pay_max": 200,
        "priority": 0.8,
        "scope": "公开",
    }


def _lecture(city: City) -> Row:
    start = monday_after(city.day, 21)
    return {
        "need_id": need_id(1),
        "host": city.schools[0].code,
        "title": "机床装调与维修技艺传承讲座",
        "occupations": ("6-20-03-01", "6-31-01-02", "6-20-01-01"),
        "min_level": "技师",
        "skills": ("机床几何精度检测=3*2", "导轨刮研=3*2", "机床大修=3*1"),
        "tags": ("精度恢复", "装配间隙"),
        "modes": ("teach", "rehire"),
        "total_hours": 16,
        "valid_from": start.isoformat(),
        "valid_to": (start + timedelta(days=27)).isoformat(),
        "visits": 1,
        "pay_max": 180,
        "scope": "公开",
    }


def _drawn_need(city: City, number: int, random: Random) -> Row:
    occupation = random.choice(city.trades)
    firm = random.choice(city.firms_by_cluster[occupation.cluster])
    topics = zipf_sample(random, cluster_of(occupation.cluster).topics, random.randrange(1, 4))
    usable = [skill for skill in occupation.skills if skill_kinds()[skill] != "材料"]
    skills = zipf_sample(random, usable, random.randrange(2, 5))
    weeks = random.choice((4, 6, 8, 10, 12))
    start = monday_after(city.day, random.randrange(-14, 120))
    level = random.choice(_LEVELS)
    pay = _PAY[level]
    row: Row = {
        "need_id": need_id(number),
        "host": firm.code,
        "title": random.choice(_TITLES).format(skill=skills[0], topic=topics[0]),
        "occupations": _wanted(random, occupation),
        "min_level": level,
        "skills": tuple(
            f"{skill}={random.choice((2, 3, 3, 4))}*{3 - min(rank, 2)}" for rank, skill in enumerate(skills)
        ),
        "tags": tuple(dict.fromkeys((*topics, skills[0]))),
        "modes": tuple(zipf_sample(random, _MODES, random.randrange(2, 6))),
        "valid_from": start.isoformat(),
        "valid_to": (start + timedelta(days=7 * weeks - 1)).isoformat(),
        "visits": random.choice((None, 0, 1, 2, 2, 3, 4)),
        "pay_min": round(pay * random.uniform(0.6, 1), -1),
        "pay_max": round(pay * random.uniform(1.1, 1.8), -1) if random.random() < 0.9 else None,
        "priority": random.choice((None, 0.2, 0.5, 0.9)),
        "scope": random.choice(("公开",) * 12 + (None, None, "仅经办")),
    }
    return row | _hours(random, weeks) | _place(city, random)


def _hours(random: Random, weeks: int) -> Row:
    lot = random.random()
    if lot < 0.55:
        return {"hours_per_week": random.choice((2, 3, 4, 4, 6, 8))}
    if lot < 0.75:
        return {"hours_per_week": random.choice((3, 4, 6)), "weeks": max(weeks - 2, 1)}
    return {"total_hours": random.choice((12, 16, 24, 32, 40))}


def _place(city: City, random: Random) -> Row:
    return {"district": city.draw_district(random)} if random.random() < 0.1 else {}


def _wanted(random: Random, occupation: Occupation) -> tuple[str, ...]:
    """Return the occupations wanted: mostly one, at times a neighbour too, the old edition, or none."""
    lot = random.random()
    if lot < 0.05:
        return ()
    if lot < 0.1 and occupation.old_code:
        return (f"{occupation.old_code}@2015",)
    if lot < 0.35:
        neighbours = [found.code for found in cluster_of(occupation.cluster).occupations]
        return tuple(dict.fromkeys((occupation.code, random.choice(neighbours))))
    return (occupation.code,)


def problems(city: City) -> Iterator[Row]:
    """Yield technical problems, one for about every three needs; each asks for skills of two trades."""
    for number in range(max(city.size.needs // 3, 10)):
        random = city.chance("problem", number)
        occupation = random.choice(occupations())
        firm = city.draw_firm(random, occupation.cluster)
        topic = zipf(random, cluster_of(occupation.cluster).topics)
        other = random.choice(cluster_of(occupation.cluster).occupations)
        skills = dict.fromkeys((*occupation.skills[:3], *other.skills[:2]))
        start = city.day + timedelta(days=random.randrange(-60, 60))
        yield {
            "problem_id": f"NT{number + 1:05d}",
            "host": firm.code,
            "title": f"{occupation.skills[0]}中的{topic}难题",
            "skills": tuple(f"{skill}={random.choice((2, 3, 4))}" for skill in skills),
            "tags": (topic, occupation.skills[0]),
            "total_hours": random.choice((40, 60, 80, 120)),
            "valid_from": start.isoformat(),
            "valid_to": (start + timedelta(days=random.randrange(90, 300))).isoformat(),
            "visits": random.choice((2, 3, 4, 6)),
            "district": firm.district if random.random() < 0.3 else None,
            "max_per_firm": random.choice((None, 1, 2)),
            "status": random.choice(("征集中", "攻关中", "已解决")),
        }
