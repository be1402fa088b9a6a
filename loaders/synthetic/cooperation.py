"""Rows of school-enterprise cooperation: cohorts on offer, posts in demand, agreements; headline and edges first."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Final, NamedTuple

from kg.model.graph import MASKED, Value
from kg.vocab.modes import COOPERATION_MODES, SEAT_MODES
from loaders.synthetic.city import (
    CAST_FIRMS,
    CLASS_SIZE,
    STUDENTS_PER_SCHOOL,
    City,
    Firm,
    School,
    firm_occupation,
    zipf,
)
from loaders.synthetic.majors import major_of
from loaders.synthetic.reference_rows import majors_for, wage_of
from loaders.synthetic.vocabulary import Occupation, occupation_of

Row = dict[str, Value]

_HEADLINE_MAJORS: Final = (
    ("0103", "0108", "0101", "0106", "0110", "0103"),
    ("0108", "0101", "0106", "0110", "0112", "0108"),
)
"""First and second cohort of the first six schools: they meet the posts of the headline enterprise."""
_SCOPES: Final = ("公开",) * 20 + (None,) * 4 + ("仅经办",)


class _Post(NamedTuple):
    """A demand that an edge of the rules rests on."""

    firm: int
    occupation: str
    title: str
    heads: int
    same_post: int | None
    interns: int | None
    modes: tuple[str, ...]
    scope: str = "公开"


_POSTS: Final = (
    _Post(0, "6-18-01-04", "轴承套圈数控磨工", 24, 140, 6, ("internship", "order_class")),
    _Post(0, "6-20-03-01", "数控磨床装调维修工", 10, 45, 2, ("internship", "apprentice_modern")),
    _Post(0, "6-18-01-01", "轴承套圈数控车工", 16, 90, 4, ("internship",)),
    _Post(3, "6-18-01-01", "数控车工（订单培养）", 20, 95, 0, ("order_class", "internship")),
    _Post(4, "6-18-01-01", "数控车工（订单培养）", 20, 95, 0, ("order_class", "internship")),
    _Post(5, "6-18-01-01", "数控车工（订单培养）", 20, 95, 0, ("order_class", "internship")),
    _Post(7, "6-18-01-02", "数控铣工", 30, 40, None, ("internship",)),
    _Post(6, "6-31-01-02", "机修钳工", 5, 25, 0, ("internship", "apprentice_new")),
    _Post(0, "6-20-01-02", "轴承装配工", 12, 110, None, ("internship",), "仅经办"),
    _Post(2, "6-18-01-07", "五轴加工中心操作调整工", 14, None, None, ("internship", "apprentice_modern")),
    _Post(2, "6-31-01-03", "维修电工", 40, 160, 12, ("internship",)),
)


def offering_id(number: int) -> str:
    """Return the number of a cohort."""
    return f"KS{number + 1:05d}"


def demand_id(number: int) -> str:
    """Return the number of a demand."""
    return f"XQ{number + 1:06d}"


def offerings(city: City) -> Iterator[Row]:
    """Yield the cohorts, school by school in turns; a cohort holds one or more classes of about 44.5."""
    for number in range(city.size.cohorts):
        slot, index = divmod(number, len(city.schools))
        yield _offering(city, number, slot, index)


def _offering(city: City, number: int, slot: int, index: int) -> Row:
    random, school = city.chance("offering", number), city.schools[index]
    cast = index < 6 and slot < 2
    code = _HEADLINE_MAJORS[slot][index] if cast else zipf(random, majors_for(school.focus)).code
    exit_level, years = _exit(school, random)
    age = 1 + (slot + index) % 2 if cast else random.randrange(int(years) + (random.random() < 0.05))
    students = _students(city, random)
    year = city.day.year - 1
    row: Row = {
        "offering_id": offering_id(number),
        "school": school.code,
        "major": code,
        "exit_level": exit_level,
        "intake_year": city.school_year - age,
        "years": years,
        "students": students,
        "approved": "已批准" if cast else random.choice(("已批准",) * 22 + ("未批准", None)),
        "skills": _taught(code, random, cast=cast),
        "class_min": None if cast or random.random() < 0.75 else random.randrange(24, 42, 2),
        "committed": int(students * random.random() * 0.3) if random.random() < 0.7 else None,
        "certificate_rate": round(random.triangular(0.7, 1, 0.93), 3),
        "employment_rate": round(random.triangular(0.5, 0.98, 0.82), 3),
        "stay_rate": round(random.triangular(0.4, 0.95, 0.72), 3) if random.random() < 0.8 else None,
        "sample": int(students * random.uniform(0.5, 0.95)),
        "stat_year": year - (random.random() < 0.15),
        "dual_certificate": random.choice((True, True, False, None)),
        "scope": "公开" if cast else random.choice(_SCOPES),
    }
    return row | _offering_edge(slot, index, city)


def _offering_edge(slot: int, index: int, city: City) -> Row:
    """Return what makes a cohort an edge: a class of 45 that no firm of 188 can take alone, and others."""
    if (slot, index) == (2, 0):
        return {"major": "0101", "students": 45, "class_min": 45, "committed": 0, "intake_year": city.school_year - 1,
                "approved": "已批准", "years": 3, "scope": "公开"}  # fmt: skip
    if (slot, index) == (2, 1):
        return {"major": "0101", "students": 45, "class_min": 60, "committed": 0, "intake_year": city.school_year - 1,
                "approved": "已批准", "years": 3, "scope": "公开"}  # fmt: skip
    if (slot, index) == (2, 2):
        return {"committed": MASKED}
    if (slot, index) == (3, 1):
        return {"sample": None, "stat_year": None, "certificate_rate": None}
    if (slot, index) == (3, 2):
        return {"skills": ()}
    return {}


def _exit(school: School, random: Random) -> tuple[str, int]:
    if school.type == "技师学院":
        return random.choice((("高级工", 5), ("高级工", 3), ("预备技师", 4)))
    if school.type in {"高级技工学校", "高职"}:
        return random.choice((("高级工", 3), ("中级工", 3)))
    return "中级工", 3


def _students(city: City, random: Random) -> int:
    """Return the size of a cohort: whole classes; with schools of about 2,000 students in the larger sizes."""
    per_school = STUDENTS_PER_SCHOOL if city.size_name != "demo" else 320
    mean = max(per_school * city.size.schools / city.size.cohorts / CLASS_SIZE, 1.0)
    classes = int(mean * random.uniform(0.6, 1.4) + random.random()) or 1
    return sum(int(min(max(random.gauss(CLASS_SIZE, 4.5) + 0.5, 28), 58)) for _ in range(classes))


def _taught(major: str, random: Random, *, cast: bool) -> tuple[str, ...]:
    """Return the skills of the course: most of the first trade, some of the second."""
    if not cast and random.random() < 0.04:
        return ()
    skills: dict[str, int] = {}
    for rank, (code, _) in enumerate(major_of(major).targets[:2]):
        for skill in occupation_of(code).skills[: 6 - 2 * rank]:
            if random.random() < 0.85:
                skills.setdefault(skill, random.choice((2, 3, 3, 4)))
    return tuple(f"{skill}={level}" for skill, level in skills.items())


def demands(city: City) -> Iterator[Row]:
    """Yield the posts in demand: the fixed ones of the edges, then drawn ones."""
    for number in range(city.size.demands):
        random = city.chance("demand", number)
        if number < len(_POSTS):
            yield _fixed_demand(city, number, _POSTS[number], random)
        else:
            yield _drawn_demand(city, number, random)


def _demand(city: City, number: int, firm: Firm, occupation: Occupation, random: Random) -> Row:
    start = city.school_year
    skills = occupation.skills[:3] + tuple(
        random.sample(occupation.skills[3:], min(1, len(occupation.skills) - 3))
    )
    return {
        "demand_id": demand_id(number),
        "enterprise": firm.code,
        "title": random.choice((occupation.name, *occupation.aliases)),
        "occupation": occupation.code,
        "level": random.choice(("中级工", "中级工", "中级工", "高级工", "初级工", None)),
        "skills": tuple(
            f"{skill}={random.choice((2, 3, 3, 4))}*{3 - min(rank, 2)}" for rank, skill in enumerate(skills)
        ),
        "pay": round(wage_of(occupation.code, firm.cluster) * random.uniform(0.82, 1.25), -2),
        "mentors": random.randrange(0, 7),
        "rotation": random.randrange(0, 5),
        "boarding": random.random() < 0.55,
        "valid_from": f"{start}-0{random.randrange(3, 10)}-01",
        "valid_to": f"{start + 1}-{random.choice(('06-30', '08-31', '12-31'))}",
    }


def _fixed_demand(city: City, number: int, post: _Post, random: Random) -> Row:
    row = _demand(city, number, city.firms[post.firm], occupation_of(post.occupation), random)
    return row | {
        "title": post.title,
        "level": "中级工",
        "count": post.heads,
        "same_post": post.same_post,
        "interns": post.interns,
        "mentors": 4,
        "rotation": 3,
        "boarding": post.firm == 2,
        "modes": post.modes,
        "scope": post.scope,
        "pay": 6800 + 100 * (number % 5),
    }


def _drawn_demand(city: City, number: int, random: Random) -> Row:
    firm = random.choice(city.firms[CAST_FIRMS:])
    occupation = firm_occupation(random, firm.cluster)
    row = _demand(city, number, firm, occupation, random)
    same_post = max(int(firm.staff * random.uniform(0.05, 0.35)), 1)
    lot = random.random()
    modes = random.sample(tuple(COOPERATION_MODES), 2)
    row |= {
        "count": max(int(firm.staff * random.uniform(0.005, 0.06)), 1),
        "same_post": None if lot < 0.04 else MASKED if lot < 0.05 else same_post,
        "interns": random.choice((None, 0, int(same_post * random.random() * 0.12))),
        "modes": tuple(dict.fromkeys(("internship", *modes)))
        if lot < 0.7
        else tuple(modes)
        if lot < 0.9
        else (),
        "scope": random.choice(_SCOPES),
    }
    if random.random() < 0.06:
        row["pay"] = None
    if random.random() < 0.05:  # a post of the past school year
        start = city.school_year - 1
        row |= {"valid_from": f"{start}-03-01", "valid_to": f"{start + 1}-06-30"}
    if random.random() < 0.02:
        row["occupation"] = (
            f"{occupation.code}@2015" if occupation.old_code == occupation.code else occupation.code
        )
    return row


def cooperations(city: City) -> Iterator[Row]:
    """Yield agreements: those of the headline enterprise, one that names no demand, then drawn ones."""
    number = 0
    for row in _fixed_cooperations(city):
        number += 1
        yield row | {"cooperation_id": f"HZ{number:06d}"}
    for turn in range(city.size.cohorts * 2):
        number += 1
        yield _drawn_cooperation(city, city.chance("cooperation", turn)) | {
            "cooperation_id": f"HZ{number:06d}"
        }


def _fixed_cooperations(city: City) -> Iterator[Row]:
    year = city.school_year
    past = ((0, 1, "成功"), (0, 2, "成功"), (0, 3, "未达"), (1, 1, "成功"), (3, 2, "成功"))
    for school, ago, outcome in past:
        yield {
            "school": city.schools[school].code,
            "enterprise": city.firms[0].code,
            "mode": "internship",
            "seats": 12,
            "valid_from": f"{year - ago}-03-01",
            "valid_to": f"{year - ago}-08-31",
            "status": "终止" if outcome == "未达" else "完成",
            "outcome": outcome,
        }
    yield {
        "school": city.schools[3].code,
        "enterprise": city.firms[0].code,
        "mode": "internship",
        "offering": offering_id(3),
        "demand": demand_id(0),
        "seats": 5,
        "valid_from": f"{year}-09-01",
        "status": "已签",
    }
    yield {
        "school": city.schools[1].code,
        "enterprise": city.firms[7].code,
        "mode": "internship",
        "seats": 2,
        "valid_from": f"{year}-10-01",
        "valid_to": f"{year + 1}-03-31",
        "status": "已签",
    }


def _drawn_cooperation(city: City, random: Random) -> Row:
    index = random.randrange(len(city.schools))
    school = city.schools[index]
    firm = random.choice(city.common_firms[random.choice(school.focus[:4])])
    mode = random.choice(("internship", "internship", "order_class", *COOPERATION_MODES))
    seats = max(int(firm.staff * random.uniform(0.01, 0.05)), 1) if mode in SEAT_MODES else None
    row: Row = {"school": school.code, "enterprise": firm.code, "mode": mode, "seats": seats}
    if mode in SEAT_MODES and random.random() < 0.6:
        slot = random.randrange(max(city.size.cohorts // len(city.schools), 1))
        row["offering"] = offering_id(slot * len(city.schools) + index)
    start = city.day - timedelta(days=random.randrange(20, 2000))
    end = start + timedelta(days=random.randrange(90, 500))
    row |= {"valid_from": start.isoformat(), "valid_to": end.isoformat()}
    if end >= city.day:
        row["status"] = random.choice(("洽谈", "已签", "已签"))
        if random.random() < 0.05:
            row["seats"] = None
    else:
        row["status"] = random.choice(("完成",) * 5 + ("终止",))
        row["outcome"] = random.choice(("成功",) * 7 + ("未达",) * 2 + (None,))
    return row
