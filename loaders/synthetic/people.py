"""The talents of the synthetic city, one by one: who they are, what they offer, and the rows that hang on them."""

from collections.abc import Mapping
from datetime import timedelta
from random import Random
from typing import Final

from kg.model.graph import MASKED, Value
from kg.vocab.levels import LEVEL_LABELS, SkillLevel
from loaders.synthetic import names
from loaders.synthetic.city import MASTER_STEP, City, zipf_sample
from loaders.synthetic.identifiers import personal_number, phone
from loaders.synthetic.records import RECORD_MAKERS, Profile
from loaders.synthetic.vocabulary import cluster_of

Row = dict[str, Value]
Bundle = dict[str, list[Row]]
"""The rows of one person by table key."""

PERSON_TABLES: Final = (
    "talents",
    "certificates",
    "appointments",
    "talent_skills",
    "achievements",
    "honours",
    "placements",
    "mentorships",
    "consents",
    "restrictions",
    "engagements",
)
HIGH_SKILLED: Final = 1 / 3
"""Share of 高级工 and above among skilled workers, the cited target."""
_MASTER_LEVELS: Final = ((4, 0.6), (5, 0.34), (6, 0.05), (7, 0.01))
_HIGH_LEVELS: Final = ((3, 0.815), (4, 0.15), (5, 0.032), (6, 0.0024), (7, 0.0006))
_LOW_LEVELS: Final = ((0, 0.04), (1, 0.33), (2, 0.63))
_STATUSES: Final = ("在职",) * 16 + ("自由职业", "待业", "退休", "退休", None)
_OFFERS: Final[Mapping[str, tuple[str, ...]]] = {
    "在职": ("weekend", "consult", "advise_remote", "project", "parttime", "teach", "share", "station"),
    "退休": ("rehire", "consult", "advise_remote", "teach", "seasonal", "station", "project"),
    "自由职业": ("project", "short", "consult", "parttime", "advise_remote", "seasonal"),
    "待业": ("short", "parttime", "project", "seasonal"),
}
_PREFERENCES: Final = ("=1", "=1", "=0.9", "=0.8", "=0.7", "=0.6", "=0.5", "=0.3")
_PAY_BY_LEVEL: Final = (30, 35, 45, 65, 100, 135, 190, 230)
_EDUCATION: Final = ("初中", "高中", "中专", "技工学校", "大专", "大专", "本科", None)


def person_id(number: int) -> str:
    """Return the number of a talent in the main register."""
    return f"RC{number + 1:06d}"


def draw_level(number: int, random: Random) -> int:
    """Return a level 0..7 so that about one third of all (the fixed talents apart) is high-skilled, 首席 and 特级 very rare."""
    if number % MASTER_STEP == 0:
        return _draw(random, _MASTER_LEVELS)
    share = (HIGH_SKILLED - 1 / MASTER_STEP) / (1 - 1 / MASTER_STEP)
    return _draw(random, _HIGH_LEVELS if random.random() < share else _LOW_LEVELS)


def _draw(random: Random, shares: tuple[tuple[int, float], ...]) -> int:
    lot = random.random()
    for level, share in shares:
        lot -= share
        if lot < 0:
            return level
    return shares[-1][0]


def profile_of(city: City, number: int) -> Profile:
    """Return what the rows of a person have in common."""
    random = city.chance("person", number)
    trade = city.trades[number]
    level = draw_level(number, random)
    status = random.choice(_STATUSES)
    if level >= SkillLevel.TECHNICIAN and random.random() < 0.15:
        status = "退休"
    age = random.randrange(56, 71) if status == "退休" else random.randrange(20 + 3 * level, 59)
    born = city.day - timedelta(days=age * 365 + random.randrange(365))
    return Profile(
        number=number, id=person_id(number), trade=trade, level=level, status=status, born=born, random=random
    )


def person(city: City, number: int) -> Bundle:
    """Return all rows of the talent of that number."""
    profile = profile_of(city, number)
    bundle: Bundle = {"talents": [talent_row(city, profile)]}
    for table, make in RECORD_MAKERS:
        rows = make(city, profile)
        if rows:
            bundle[table] = rows
    return bundle


def identity_of(profile: Profile) -> Row:
    """Return the personal columns: a plainly synthetic number, phone and name."""
    random, number = profile.random, profile.number
    male = random.random() < 0.78
    region = f"{999000 + number // 500}"
    return {
        "name": names.person_name(random),
        "id_type": "身份证" if random.random() < 0.5 else None,
        "id_number": personal_number(region, profile.born, number % 500, male=male),
        "phone": phone(number),
        "sex": "男" if male else "女",
        "birth_date": profile.born.isoformat(),
        "ethnicity": "汉族" if random.random() < 0.93 else "回族",
        "education": random.choice(_EDUCATION),
        "identity": random.choice(("工人", "工人", "农民工", "干部", None)),
        "hukou": random.choice(("城镇", "农村", None)),
        "political": random.choice(("群众", "群众", "群众", "中共党员", None)),
    }


def talent_row(city: City, profile: Profile) -> Row:
    """Return the row of the talents table."""
    random, trade = profile.random, profile.trade
    row: Row = {"person_id": profile.id, **identity_of(profile)}
    row["work_years"] = max((city.day - profile.born).days // 365 - 20, 0)
    row |= _work_place(city, profile)
    row["work_status"] = profile.status
    row["occupation"] = _declared_occupation(profile)
    row["level"] = LEVEL_LABELS[SkillLevel(profile.level)] if random.random() < 0.94 else None
    row |= _offer(city, profile)
    topics = cluster_of(trade.cluster).topics
    interests = zipf_sample(random, topics + trade.skills, random.randrange(2, 5))
    row["interests"] = tuple(interests) if random.random() < 0.85 else ()
    row["objects"] = True if random.random() < 0.02 else False if random.random() < 0.5 else None
    if random.random() < 0.015:
        row["phone"] = MASKED
    if random.random() < 0.03:
        row["id_number"] = None
    return row


def _declared_occupation(profile: Profile) -> Value:
    lot, trade = profile.random.random(), profile.trade
    if lot < 0.03:
        return None
    if lot < 0.05 and trade.old_code:
        return f"{trade.old_code}@2015"
    if lot < 0.06 and trade.code in {"6-18-01-01", "6-31-01-03"}:
        return "6-18-01-01-01" if trade.code == "6-18-01-01" else "6-31-01-03-02"
    return trade.code


def _work_place(city: City, profile: Profile) -> Row:
    """Return employer and district: most work in a firm of their trade; some outside the city, some unknown."""
    random = profile.random
    row: Row = {"district": city.draw_district(random)}
    if random.random() < 0.02:
        row["district"] = random.choice(names.ELSEWHERE)
    if profile.status != "在职":
        return row
    lot = random.random()
    if lot < 0.03:
        return row
    if lot < 0.06:
        row["employer_name"] = f"{random.choice(names.OTHER_CITIES)}市外单位{random.randrange(1, 40)}"
        return row
    if lot < 0.08:
        school = random.choice(city.schools)
        return row | {"employer": school.code, "district": school.district}
    firm = city.draw_firm(random, profile.trade.cluster)
    row["employer"] = firm.code
    if random.random() < 0.3:
        row["employer_name"] = firm.name
    if random.random() < 0.8:
        row["district"] = firm.district
    if random.random() < 0.4:
        row["home_consent"] = "不同意" if random.random() < 0.12 else "同意"
    return row


def _offer(city: City, profile: Profile) -> Row:
    """Return modes, hours, days, pay and travel that the person offers."""
    random = profile.random
    offers = _OFFERS.get(profile.status or "在职", _OFFERS["在职"])
    modes = zipf_sample(random, offers, random.randrange(2, 6))
    idle = profile.status in {"退休", "待业", "自由职业"}
    weekly = random.randrange(8, 25, 2) if idle else random.choice((2, 3, 4, 4, 6, 6, 8, 8, 10, 12))
    floor = int(_PAY_BY_LEVEL[profile.level] * random.uniform(0.7, 1.3) / 5) * 5
    lot = random.random()
    row: Row = {
        "modes": tuple(mode + random.choice(_PREFERENCES) for mode in modes)
        if random.random() < 0.95
        else (),
        "weekly_hours": None if lot < 0.06 else MASKED if lot < 0.07 else weekly,
        "available_from": city.ago(random.randrange(10, 400)) if random.random() < 0.5 else None,
        "available_to": city.ahead(random.randrange(30, 700)) if random.random() < 0.3 else None,
        "pay_floor": floor,
        "pay_wish": int(floor * random.uniform(1, 1.7) / 5) * 5,
        "travel_hours": random.choice((None, 10, 20, 30, 40, 60, 80)),
    }
    if random.random() < 0.08:
        row["pay_floor"] = None
    if random.random() < 0.2:
        row["pay_wish"] = None
    if row["pay_floor"] is not None and random.random() < 0.01:
        row["pay_floor"] = MASKED
    return row
