"""Training and market of the synthetic city: programmes, batches, supply and demand by occupation and level."""

from collections.abc import Iterator
from typing import Final

from kg.model.graph import Value
from kg.vocab.levels import NO_LEVEL_REQUIRED
from loaders.synthetic.city import City
from loaders.synthetic.vocabulary import Occupation, occupations

Row = dict[str, Value]

GROUPS: Final = ("失业人员", "在岗职工", "高校毕业生", "农村转移劳动者", "退役士兵")
SHORTAGE: Final = (
    ("初级工", 1.42),
    ("中级工", 1.49),
    ("高级工", 1.78),
    ("技师", 2.25),
    ("高级技师", 1.84),
)
"""Posts per seeker by level, after the cited national quarter."""
CROWDED: Final = 0.5
"""What every fifth trade has of the usual posts: 就业难 and 技工荒 stand side by side."""
SOURCE: Final = "临澄市公共就业服务中心（合成）"


def program_id(number: int) -> str:
    """Return the number of a training programme."""
    return f"PX{number + 1:05d}"


def _program_count(city: City) -> int:
    return max(city.size.enterprises // 8, 16)


def programs(city: City) -> Iterator[Row]:
    """Yield training programmes, half by schools, half by firms."""
    for number in range(_program_count(city)):
        random = city.chance("program", number)
        occupation = occupations()[number * 5 % len(occupations())]
        level = random.choice(("中级工", "高级工", "高级工", "技师"))
        start = city.ago(random.randrange(-90, 300))
        if number % 2:
            firm = city.draw_firm(random, occupation.cluster)
            provider, district = firm.code, firm.district
        else:
            school = random.choice(city.schools)
            provider, district = school.code, school.district
        yield {
            "program_id": program_id(number),
            "name": f"{occupation.name}{level}培训班",
            "provider": provider,
            "occupation": occupation.code,
            "level": level,
            "skills": tuple(f"{skill}=3" for skill in random.sample(occupation.skills, 3)),
            "district": district,
            "valid_from": start,
            "valid_to": city.ahead(random.randrange(300, 500)),
            "capacity": random.choice((30, 40, 45, 50, 60)),
        }


def training_batches(city: City) -> Iterator[Row]:
    """Yield one or two batches a programme; those certified and employed are never more than enrolled."""
    for number in range(_program_count(city)):
        random = city.chance("batch", number)
        for turn in range(random.randrange(1, 3)):
            enrolled = random.randrange(18, 60)
            certified = int(enrolled * random.uniform(0.6, 0.97))
            yield {
                "batch_id": f"BC{number + 1:05d}{turn + 1}",
                "program_id": program_id(number),
                "group": random.choice(GROUPS),
                "year": city.day.year - turn,
                "enrolled": enrolled,
                "certified": certified if random.random() < 0.95 else None,
                "employed": int(certified * random.uniform(0.4, 0.95)),
            }


def _quarters(city: City, count: int) -> list[str]:
    """Return the last finished quarters, oldest first."""
    index = city.day.year * 4 + (city.day.month - 1) // 3
    return [f"{number // 4}Q{number % 4 + 1}" for number in range(index - count, index)]


def market_stats(city: City) -> Iterator[Row]:
    """Yield posts and seekers by trade and level, with shortage rising by level; the last two quarters by district.

    The last district has not reported the newest quarter. No margin is stated: what is left out is the sum.
    """
    demo = city.size_name == "demo"
    trades = occupations()[: 10 if demo else len(occupations())]
    scale = max(city.size.talents // 300, 1) ** 0.8
    quarters = _quarters(city, 2 if demo else 4)
    codes = [district.code for district in city.districts]
    for quarter in quarters:
        places: list[str | None] = [None]
        if quarter in quarters[-2:]:
            places = [*codes[:-1]] if quarter == quarters[-1] else [*codes]
        for number, trade in enumerate(trades):
            crowd = CROWDED if number % 5 == 4 else 1.0
            for place in places:
                yield from _levels(city, quarter, trade, place, scale / len(places), crowd)


def _levels(
    city: City, quarter: str, trade: Occupation, place: str | None, scale: float, crowd: float
) -> Iterator[Row]:
    random = city.chance("market", quarter, trade.code, place or "")
    base = random.uniform(40, 160) * scale
    labels = (*SHORTAGE, (NO_LEVEL_REQUIRED, 1.1))
    for rank, (level, ratio) in enumerate(labels):
        seekers = max(round(base / (1 + 1.1 * rank)), 1)
        yield {
            "occupation": trade.code,
            "level": level,
            "district": place,
            "quarter": quarter,
            "demand": round(seekers * ratio * crowd * random.uniform(0.7, 1.1)) + 1,
            "supply": seekers,
            "source": SOURCE,
        }
