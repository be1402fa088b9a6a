"""The rows that hang on a talent: certificates, skills, works, honours, places, consents, limits, services."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from kg.model.graph import Value
from kg.vocab.levels import LEVEL_LABELS, SkillLevel
from loaders.synthetic.city import City, zipf_sample
from loaders.synthetic.competitions import competition_for
from loaders.synthetic.identifiers import legacy_certificate, level_certificate, special_certificate
from loaders.synthetic.vocabulary import Occupation, cluster_of, occupations

Row = dict[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What the rows of one person have in common; `random` is spent row by row in a fixed order."""

    number: int
    id: str
    trade: Occupation
    level: int
    status: str | None
    born: date
    random: Random


def certificates(city: City, profile: Profile) -> list[Row]:
    """Return the certificate of the person's trade, at times one of a second trade or a special ability."""
    random, level = profile.random, min(profile.level, 6)
    rows: list[Row] = []
    if level >= SkillLevel.JUNIOR and random.random() < 0.93:
        rows.append(certificate(city, profile, profile.trade, level, 0))
    if random.random() < 0.12:
        second = random.choice(occupations())
        if second is not profile.trade:
            rows.append(certificate(city, profile, second, min(max(level - 1, 1), 5), 1))
    if random.random() < 0.05:
        issued = city.ago(random.randrange(60, 2500))
        trade = profile.trade.code
        rows.append({
            "person_id": profile.id,
            "kind": "专项职业能力证书",
            "occupation": trade,
            "issued": issued,
        })
    return rows


def certificate(city: City, profile: Profile, trade: Occupation, level: int, turn: int) -> Row:
    """Return one certificate; the number tells organ, year and level the way real forms do."""
    random, serial = profile.random, profile.number * 2 + turn
    issued = city.day - timedelta(days=random.randrange(90, 4500))
    row: Row = {
        "person_id": profile.id,
        "kind": "职业技能等级证书",
        "occupation": trade.code,
        "level": LEVEL_LABELS[SkillLevel(level)],
        "issued": issued.isoformat(),
    }
    if level >= SkillLevel.SPECIAL_TECHNICIAN:
        return row | {"kind": "特级技师证书", "number": special_certificate(issued, serial)}
    if issued.year < city.day.year - 6:
        return row | {"kind": "国家职业资格证书", "number": legacy_certificate(issued, level, serial)}
    organ = f"S{random.randrange(1, 7):04d}" if random.random() < 0.6 else f"Y{random.randrange(1, 9):04d}"
    row |= {"number": level_certificate(organ, issued, level, serial), "organ": organ}
    if random.random() < 0.1:
        row["expires"] = city.ahead(random.randrange(30, 900)) if random.random() < 0.7 else city.ago(30)
    return row


def appointments(city: City, profile: Profile) -> list[Row]:
    """Return the post of a special or chief technician, and a few of lower levels."""
    random, level = profile.random, profile.level
    if level < SkillLevel.SPECIAL_TECHNICIAN and (level < SkillLevel.TECHNICIAN or random.random() > 0.1):
        return []
    firm = city.draw_firm(random, profile.trade.cluster)
    start = city.day - timedelta(days=random.randrange(100, 1500))
    return [
        {
            "person_id": profile.id,
            "employer": firm.code,
            "occupation": profile.trade.code,
            "level": LEVEL_LABELS[SkillLevel(level)],
            "valid_from": start.isoformat(),
            "valid_to": None if random.random() < 0.5 else (start + timedelta(days=1826)).isoformat(),
        }
    ]


def talent_skills(_: City, profile: Profile) -> list[Row]:
    """Return about five skills: most of the own trade, common ones more often, some of a neighbouring trade."""
    random = profile.random
    skills = zipf_sample(random, profile.trade.skills, random.randrange(3, 7))
    if random.random() < 0.35:
        neighbour = random.choice(cluster_of(profile.trade.cluster).occupations)
        skills += zipf_sample(random, neighbour.skills, random.randrange(1, 3))
    base = 1 + profile.level * 0.6
    rows: list[Row] = []
    for skill in dict.fromkeys(skills):
        level = min(max(round(random.gauss(base, 0.7)), 1), 5)
        basis = random.choice(("证书", "核实", "自述", "自述", None))
        rows.append({"person_id": profile.id, "skill": skill, "level": level, "basis": basis})
    return rows


_WORK: Final = (
    ("攻关", "攻关"),
    ("项目", "改造项目"),
    ("创新", "小改小革"),
    ("专利", "装置（专利）"),
    ("工法", "操作法"),
)


def achievements(city: City, profile: Profile) -> list[Row]:
    """Return the works of a person: rare below 高级工, one to three above 技师."""
    random, level = profile.random, profile.level
    chance = 0.02 if level < SkillLevel.SENIOR else 0.2 if level == SkillLevel.SENIOR else 0.6
    rows: list[Row] = []
    while random.random() < chance and len(rows) < 4:
        topics = cluster_of(profile.trade.cluster).topics
        topic = random.choice(topics)
        tags = (topic, *zipf_sample(random, profile.trade.skills, random.randrange(1, 4)))
        kind, word = random.choice(_WORK)
        rows.append({
            "achievement_id": f"YJ{profile.number + 1:06d}{len(rows) + 1}",
            "person_id": profile.id,
            "title": f"{random.choice(profile.trade.skills)}{topic}{word}",
            "kind": kind,
            "tags": tuple(dict.fromkeys(tags)),
            "date": city.ago(random.randrange(30, 3600)) if random.random() < 0.95 else None,
            "verified": random.choice((True, True, False, None)),
        })
    return rows


_HONOURS: Final = (
    ("县", "县级技术能手"),
    ("县", "县级技术能手"),
    ("市", "临澄市技术能手"),
    ("市", "临澄工匠"),
    ("省", "省技术能手（合成）"),
    ("国家", "全国技术能手（合成）"),
)


def honours(city: City, profile: Profile) -> list[Row]:
    """Return the honours of a person: mostly of the county or the city, national ones very rare."""
    random, level = profile.random, profile.level
    if random.random() > (0.01, 0.01, 0.02, 0.05, 0.2, 0.3, 0.8, 0.9)[level]:
        return []
    rank, name = _HONOURS[min(int(random.expovariate(0.7)), 5 if level > SkillLevel.TECHNICIAN else 4)]
    year = city.day.year - random.randrange(0, 12)
    return [{"person_id": profile.id, "name": name, "level": rank, "year": year}]


def placements(city: City, profile: Profile) -> list[Row]:
    """Return a place in a competition of the trade, and the one above it for the best."""
    random = profile.random
    if random.random() > 0.02 + 0.02 * profile.level:
        return []
    found = competition_for(city, random, profile.trade.cluster)
    if found is None:
        return []
    rank = random.choice(("第一名", "第二名", "第三名", "优胜奖", "优胜奖"))
    row: Row = {
        "competition_id": found,
        "person_id": profile.id,
        "rank": rank,
        "occupation": profile.trade.code,
    }
    return [row]


def mentorships(city: City, profile: Profile) -> list[Row]:
    """Return the master of a younger worker of the same trade."""
    random = profile.random
    masters = city.masters.get(profile.trade.code)
    if not masters or profile.level > SkillLevel.SENIOR or random.random() > 0.1:
        return []
    mentor = random.choice(masters)
    if mentor == profile.number:
        return []
    start = city.day - timedelta(days=random.randrange(60, 2500))
    end = start + timedelta(days=1095)
    return [
        {
            "mentor": f"RC{mentor + 1:06d}",
            "apprentice": profile.id,
            "valid_from": start.isoformat(),
            "valid_to": end.isoformat(),
        }
    ]


_RECIPIENTS: Final = (("企业",),) * 6 + (("企业", "院校"),) * 4 + (("任意",),) * 4 + (("院校",),)


def consents(city: City, profile: Profile) -> list[Row]:
    """Return consents: about 60 % hold for 柔性推荐 today, the others ended, were revoked or serve another purpose."""
    random = profile.random
    lot, start = random.random(), city.ago(random.randrange(30, 600))
    row: Row = {
        "person_id": profile.id,
        "purpose": "柔性推荐",
        "recipients": random.choice(_RECIPIENTS),
        "valid_from": start,
        "evidence": f"线上授权第{profile.number + 1}号",
    }
    rows: list[Row] = []
    if lot < 0.60:
        rows.append(row | {"valid_to": random.choice((None, city.ahead(random.randrange(90, 900))))})
    elif lot < 0.62:
        host = city.draw_firm(random, profile.trade.cluster)
        rows.append(row | {"recipients": (host.code,)})
    elif lot < 0.69:
        rows.append(row | {"valid_from": city.ago(900), "valid_to": city.ago(random.randrange(1, 300))})
    elif lot < 0.74:
        rows.append(row | {"revoked": city.ago(random.randrange(0, 29))})
    if random.random() < 0.35:
        rows.append(row | {"purpose": "图谱展示", "recipients": ("任意",)})
    if random.random() < 0.2:
        rows.append(row | {"purpose": "联系", "recipients": ("企业", "院校")})
    return rows


def restrictions(city: City, profile: Profile) -> list[Row]:
    """Return non-compete and secrecy terms: rare, mostly with the own trade or a firm."""
    random = profile.random
    if random.random() > 0.025:
        return []
    trade = profile.trade
    row: Row = {
        "person_id": profile.id,
        "kind": random.choice(("竞业", "保密")),
        "valid_from": city.ago(random.randrange(30, 500)),
    }
    row["valid_to"] = city.ahead(random.randrange(30, 500)) if random.random() < 0.8 else None
    if random.random() < 0.6:
        row["occupation"] = trade.code
    if random.random() < 0.5:
        row["org"] = city.draw_firm(random, trade.cluster).code
    if random.random() < 0.15:
        row["district"] = city.draw_district(random)
    return [row]


def engagements(city: City, profile: Profile) -> list[Row]:
    """Return past and running services: technicians often have some, others seldom."""
    random, level = profile.random, profile.level
    chance = 0.03 if level < SkillLevel.SENIOR else 0.12 if level == SkillLevel.SENIOR else 0.45
    rows: list[Row] = []
    while random.random() < chance and len(rows) < 4:
        start = city.day - timedelta(days=random.randrange(-40, 1500))
        end = start + timedelta(days=random.randrange(20, 200))
        row: Row = {
            "engagement_id": f"FW{profile.number + 1:06d}{len(rows) + 1}",
            "person_id": profile.id,
            "host": city.draw_firm(random, profile.trade.cluster).code,
            "mode": random.choice(("consult", "project", "weekend", "advise_remote", "teach", "station")),
            "hours_per_week": random.choice((2, 3, 4, 6, None)),
            "valid_from": start.isoformat(),
            "valid_to": end.isoformat(),
            "trips": random.choice((0, 1, 1, 2, 3, None)),
        }
        if end < city.day:
            row["status"] = random.choice(("完成",) * 7 + ("终止",))
            row["outcome"] = random.choice(("成功",) * 6 + ("未达", "未达", None))
        else:
            row["status"] = random.choice(("已签", "已签", "意向"))
        rows.append(row)
    return rows


RECORD_MAKERS: Final[tuple[tuple[str, Callable[[City, Profile], list[Row]]], ...]] = (
    ("certificates", certificates),
    ("appointments", appointments),
    ("talent_skills", talent_skills),
    ("achievements", achievements),
    ("honours", honours),
    ("placements", placements),
    ("mentorships", mentorships),
    ("consents", consents),
    ("restrictions", restrictions),
    ("engagements", engagements),
)
