"""Rows about organisations of the synthetic city: firms, schools, who controls whom, carriers, alliances, agencies."""

from collections.abc import Iterator
from random import Random
from typing import Final

from kg.model.graph import MASKED, Value
from loaders.synthetic.city import CAST_FIRMS, City, Firm
from loaders.synthetic.identifiers import AGENCY_KIND, credit_code
from loaders.synthetic.majors import major_of
from loaders.synthetic.names import city_of
from loaders.synthetic.people import person_id
from loaders.synthetic.reference_rows import chain_id, majors_for
from loaders.synthetic.vocabulary import cluster_of, clusters, occupations

Row = dict[str, Value]

STATUSES: Final = ("正常",) * 46 + ("异常", "异常", "失信", "注销", None)
SAFETY: Final = ("无事故",) * 17 + ("一般", "一般", "较大", None)
OWNERSHIP_TYPES: Final = ("民营",) * 12 + ("国有", "国有", "外资", "集体")
UNLICENSED_SCHOOL: Final = 5
"""The school whose licence dates are absent: what must be verified by hand, it or nobody knows."""


def enterprises(city: City) -> Iterator[Row]:
    """Yield the enterprises; the fixed ones are in good standing, others lack a status or a head count at times."""
    for number, firm in enumerate(city.firms):
        random = city.chance("enterprise", number)
        row = _enterprise(firm, random)
        if number < CAST_FIRMS:
            row |= {
                "status": "正常",
                "safety": "无事故",
                "staff": firm.staff,
                "chains": (chain_id(firm.cluster),),
            }
        yield row


def _enterprise(firm: Firm, random: Random) -> Row:
    second = random.choice(clusters()).key
    chains = (
        (chain_id(firm.cluster), chain_id(second)) if random.random() < 0.08 else (chain_id(firm.cluster),)
    )
    lot = random.random()
    tier: str | None
    if firm.staff >= 1000:
        tier = "龙头企业"
    elif firm.staff < 20:
        tier = "小微企业"
    else:
        tier = random.choice(("规上企业", "规上企业", "专精特新", None))
    return {
        "credit_code": firm.code,
        "name": firm.name,
        "aliases": (firm.short,) if random.random() < 0.6 else (),
        "industry": cluster_of(firm.cluster).industry,
        "district": firm.district,
        "staff": None if lot < 0.03 else MASKED if lot < 0.04 else firm.staff,
        "status": random.choice(STATUSES),
        "tier": tier,
        "chains": tuple(dict.fromkeys(chains)) if random.random() < 0.8 else (),
        "safety": random.choice(SAFETY),
        "ownership_type": random.choice(OWNERSHIP_TYPES),
    }


def schools(city: City) -> Iterator[Row]:
    """Yield the schools; one has no licence dates, one licence of a large city has ended."""
    for number, school in enumerate(city.schools):
        year = city.day.year
        row: Row = {
            "credit_code": school.code,
            "name": school.name,
            "aliases": (f"{city_of(school.district)[0]}{school.name[2:4]}{school.type[-2:]}{number + 1}",),
            "type": school.type,
            "district": school.district,
            "licence_from": f"{year - 3 - number % 3}-07-01",
            "licence_to": f"{year + 2 + number % 3}-06-30",
        }
        if number == UNLICENSED_SCHOOL:
            row |= {"licence_from": None, "licence_to": None}
        if number == 9:
            row |= {"licence_to": city.ago(1)}
        yield row


def ownerships(city: City) -> Iterator[Row]:
    """Yield who controls whom; a parent always stands before its child, so no cycle can arise."""
    firms, day = city.firms, city.day
    held = ((2, 0, 0.51, None), (0, 1, 1, None), (2, 7, 0.3, None), (2, 3, 0.8, f"{day.year - 1}-12-31"))
    for parent, child, share, end in held:
        yield {
            "parent": firms[parent].code,
            "child": firms[child].code,
            "share": share,
            "valid_from": f"{day.year - 6}-01-01",
            "valid_to": end,
        }
    for number in range(CAST_FIRMS + 2, len(firms)):
        random = city.chance("ownership", number)
        if random.random() < 0.05:
            parent = random.randrange(CAST_FIRMS, number)
            yield {
                "parent": firms[parent].code,
                "child": firms[number].code,
                "share": random.choice((None, 1, 0.8, 0.67, 0.51, 0.35)),
                "valid_from": f"{day.year - random.randrange(2, 12)}-{random.randrange(1, 13):02d}-01",
            }


def carriers(city: City) -> Iterator[Row]:
    """Yield training bases, masters' studios and stations; studios and stations are led by masters."""
    for number in range(max(city.size.enterprises // 10, 8)):
        random = city.chance("carrier", number)
        occupation = occupations()[number % len(occupations())]
        leads = city.masters.get(occupation.code, [])
        kind = ("技能大师工作室", "技师工作站", "高技能人才培训基地")[number % 3]
        host: tuple[str, str, str]
        if number % 3 == 2:
            school = random.choice(city.schools)
            host = (school.code, school.name, school.district)
        else:
            firm = random.choice(city.firms_by_cluster[occupation.cluster])
            host = (firm.code, firm.short, firm.district)
        yield {
            "carrier_id": f"ZT{number + 1:05d}",
            "kind": kind,
            "name": f"{host[1]}{occupation.name}{kind}",
            "level": ("县", "市", "市", "省", "国家")[min(int(random.expovariate(0.9)), 4)],
            "host": host[0],
            "lead": person_id(random.choice(leads)) if leads and number % 3 < 2 else None,
            "occupations": (occupation.code,),
            "district": host[2],
        }


def alliances(city: City) -> Iterator[Row]:
    """Yield alliances: one per priority chain, two schools and some firms each."""
    for number, cluster in enumerate(clusters()[:6], start=1):
        random = city.chance("alliance", number)
        firms = city.firms_by_cluster[cluster.key]
        members = [school.code for school in random.sample(city.schools, 2)]
        members += [firm.code for firm in random.sample(firms, min(5, len(firms)))]
        yield {
            "alliance_id": f"LHT{number:03d}",
            "name": f"临澄{cluster.chain}产教联合体",
            "members": tuple(members),
        }


def intermediaries(city: City) -> Iterator[Row]:
    """Yield agencies that serve some trades in some districts."""
    for number in range(3 + city.size.enterprises // 400):
        random = city.chance("agency", number)
        home = city.draw_district(random)
        brand = ("诚聘", "汇才", "同路", "匠缘")[number % 4]
        yield {
            "credit_code": credit_code(AGENCY_KIND, home, number),
            "name": f"{city_of(home)}{brand}人力资源服务社{number + 1}",
            "services": ("招聘服务", "技能培训", "灵活用工")[: 1 + number % 3],
            "occupations": tuple(found.code for found in random.sample(occupations(), 3)),
            "districts": tuple(dict.fromkeys((home, city.districts[number % 5].code))),
        }


def organs(city: City) -> Iterator[Row]:
    """Yield assessment organs: schools by their full name (one with unknown scope), firms for their own staff."""
    for number, school in enumerate(city.schools):
        trades = tuple(
            dict.fromkeys(found[0] for major in majors_for(school.focus) for found in major.targets)
        )
        yield {
            "organ_code": f"S{number + 1:04d}",
            "name": school.name,
            "kind": "社会评价",
            "occupations": () if number == 3 else trades[:8],
            "max_level": None if number == 4 else "高级技师" if school.type == "技师学院" else "高级工",
        }
    for number, firm in enumerate(city.firms[: min(len(city.firms) // 10, 999)]):
        yield {
            "organ_code": f"Y{number + 1:04d}",
            "name": firm.name,
            "kind": "用人单位",
            "occupations": tuple(found.code for found in cluster_of(firm.cluster).occupations),
            "max_level": "首席技师" if firm.staff > 500 else "高级技师",
        }
    yield {"organ_code": "G0001", "name": "临澄市职业技能评价中心", "kind": "政府", "max_level": "高级技师"}


def major_groups(city: City) -> Iterator[Row]:
    """Yield two groups of majors a school, each serving the chain of its first cluster."""
    for number, school in enumerate(city.schools):
        for turn, key in enumerate(school.focus[:3]):
            codes = [major.code for major in majors_for((key,))]
            if not codes:
                continue
            names = major_of(codes[0]).name.split("（")[0]
            yield {
                "group_id": f"ZYQ{number + 1:03d}{turn + 1}",
                "name": f"{names}专业群",
                "school": school.code,
                "majors": tuple(codes),
                "chains": (chain_id(key),) if turn < 2 or number % 3 else (),
            }
