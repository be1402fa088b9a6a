"""Rows of the reference tables of the synthetic city: districts, trades, skills, majors, wages, clauses, targets."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from kg.model.graph import Value
from kg.vocab.levels import LEVEL_LABELS
from loaders.synthetic.city import City
from loaders.synthetic.majors import MAJOR_EDITION, Major, major_of, majors
from loaders.synthetic.policies import CLAUSES
from loaders.synthetic.vocabulary import EDITION, OLD_EDITION, clusters, occupations, skill_kinds

Row = dict[str, Value]

_ALIASES: Final = {
    "主轴振动诊断": ("主轴振动分析",),
    "PLC编程": ("可编程控制器编程",),
    "三坐标测量": ("三坐标检测",),
    "氩弧焊": ("钨极氩弧焊", "TIG焊"),
    "滚动轴承拆装": ("轴承拆装",),
    "五轴加工中心": ("五轴机床",),
    "机器人示教编程": ("示教编程",),
}
_RELATED: Final = (
    ("主轴振动诊断", "振动频谱分析", 0.8, "可迁移"),
    ("主轴振动诊断", "振动值检测", 0.6, "可迁移"),
    ("主轴振动诊断", "动平衡校正", 0.6, "可迁移"),
    ("主轴轴承更换与预紧", "滚动轴承拆装", 0.7, "可迁移"),
    ("主轴轴承更换与预紧", "轴承装配", 0.7, "可迁移"),
    ("机床几何精度检测", "几何精度检测", 0.9, "同义"),
    ("机床几何精度检测", "形位公差检测", 0.7, "可迁移"),
    ("导轨刮研", "刮研", 0.9, "上下位"),
    ("数控磨床维修", "数控磨床", 0.6, "可迁移"),
    ("数控磨床维修", "机床大修", 0.7, "上下位"),
    ("数控系统故障诊断", "伺服驱动调试", 0.6, "可迁移"),
    ("伺服参数优化", "伺服驱动调试", 0.8, "可迁移"),
    ("轴系对中", "联轴器找正", 0.9, "同义"),
    ("机械故障诊断", "振动频谱分析", 0.6, "可迁移"),
    ("设备大修", "机床大修", 0.6, "可迁移"),
    ("触摸屏组态", "DCS操作", 0.4, "可迁移"),
    ("机器人示教编程", "机器人离线编程", 0.7, "可迁移"),
    ("机器人焊接", "机器人示教编程", 0.5, "可迁移"),
    ("数控车削编程", "数控铣削编程", 0.7, "可迁移"),
    ("多轴联动编程", "数控铣削编程", 0.7, "上下位"),
    ("不锈钢焊接", "氩弧焊", 0.7, "可迁移"),
    ("压力容器焊接", "焊条电弧焊", 0.6, "可迁移"),
    ("模具三维设计", "三维建模", 0.8, "可迁移"),
    ("刀具路径优化", "后处理参数调整", 0.5, "可迁移"),
    ("新能源汽车高压检修", "高压系统装调", 0.8, "可迁移"),
    ("样品前处理", "标准溶液配制", 0.5, "可迁移"),
)
_WORK_TYPES: Final = (("6-18-01-01-01", "数控车床操作工"), ("6-31-01-03-02", "设备电工"))
"""Two fifth-part codes (工种), so that the rule that cuts them is used."""


def districts(city: City) -> Iterator[Row]:
    """Yield the districts; one has no coordinates and no travel times."""
    for district in city.districts:
        yield {
            "code": district.code,
            "name": district.name,
            "longitude": district.longitude,
            "latitude": district.latitude,
        }


def travel_times(city: City) -> Iterator[Row]:
    """Yield road hours inside each city, one direction; the last pair is left to the coordinates."""
    places = [found for found in city.districts if found.longitude is not None]
    for index, start in enumerate(places):
        for end in places[index + 1 :]:
            hours = city.hours_between(start.code, end.code)
            if start.code[:4] == end.code[:4] and {start.code, end.code} != {"990122", "990123"}:
                yield {"from_district": start.code, "to_district": end.code, "hours": hours}
    # The ferry makes one way back slower than the way out.
    yield {"from_district": "990181", "to_district": "990104", "hours": 1.4}


def industries(_: City) -> Iterator[Row]:
    """Yield the sections and groups that the firms of the city belong to."""
    parents = {found.industry[:2] for found in clusters()}
    for code in sorted(parents):
        yield {"code": code, "name": f"{_DIVISIONS[code]}", "edition": "2017"}
    for cluster in clusters():
        yield {
            "code": cluster.industry,
            "name": cluster.industry_name,
            "parent": cluster.industry[:2],
            "edition": "2017",
        }


_DIVISIONS: Final = {
    "14": "食品制造业",
    "18": "纺织服装、服饰业",
    "26": "化学原料和化学制品制造业",
    "33": "金属制品业",
    "34": "通用设备制造业",
    "35": "专用设备制造业",
    "36": "汽车制造业",
    "38": "电气机械和器材制造业",
    "43": "金属制品、机械和设备修理业",
    "49": "建筑安装业",
    "59": "装卸搬运和仓储业",
    "74": "专业技术服务业",
}


def chain_id(cluster: str) -> str:
    """Return the chain number of a cluster."""
    keys = [found.key for found in clusters()]
    return f"L{keys.index(cluster) + 1:02d}"


def chains(city: City) -> Iterator[Row]:
    """Yield the chains: six have priority now, one had it until last year, one will have it."""
    for index, cluster in enumerate(clusters()):
        row: Row = {"chain_id": chain_id(cluster.key), "name": f"{cluster.chain}产业链"}
        if index in {0, 1, 4, 6, 8, 13}:
            row |= {
                "priority_from": f"{city.day.year - 2}-01-01",
                "priority_to": f"{city.day.year + 3}-12-31",
            }
        elif index == 3:
            row |= {
                "priority_from": f"{city.day.year - 5}-01-01",
                "priority_to": f"{city.day.year - 1}-12-31",
            }
        elif index == 7:
            row |= {"priority_from": f"{city.day.year + 1}-01-01"}
        yield row


def occupation_rows(_: City) -> Iterator[Row]:
    """Yield the occupations of the newest edition, then those the old edition lists, then two work types."""
    for found in occupations():
        skills = tuple(
            f"{skill}={4 if rank < 2 else 3}*{3 - min(rank, 2)}"
            for rank, skill in enumerate(found.skills[:6])
        )
        yield {
            "code": found.code,
            "name": found.name,
            "aliases": found.aliases,
            "edition": EDITION,
            "skills": skills,
        }
    for found in occupations():
        if found.old_code:
            yield {"code": found.old_code, "name": found.name, "edition": OLD_EDITION}
    for code, name in _WORK_TYPES:
        yield {"code": code, "name": name, "edition": EDITION}


def occupation_crosswalk(_: City) -> Iterator[Row]:
    """Yield the way from each code of the old edition to the newest one."""
    for found in occupations():
        if found.old_code:
            yield {
                "from_code": found.old_code,
                "from_edition": OLD_EDITION,
                "to_code": found.code,
                "to_edition": EDITION,
            }


def skill_rows(_: City) -> Iterator[Row]:
    """Yield the skills, then the topics of problems, each once."""
    kinds = dict(skill_kinds())
    for cluster in clusters():
        for topic in cluster.topics:
            kinds.setdefault(topic, "技能")
    for name, kind in kinds.items():
        yield {"name": name, "kind": kind, "aliases": _ALIASES.get(name, ())}


def skill_relations(_: City) -> Iterator[Row]:
    """Yield the chosen relations, then neighbours in the list of one occupation as weakly transferable."""
    seen = set()
    for skill, related, strength, kind in _RELATED:
        seen |= {(skill, related), (related, skill)}
        yield {"skill": skill, "related": related, "strength": strength, "kind": kind}
    for found in occupations():
        for rank, (skill, related) in enumerate(pairwise(found.skills)):
            if rank % 2 == 0 and (skill, related) not in seen:
                seen |= {(skill, related), (related, skill)}
                yield {
                    "skill": skill,
                    "related": related,
                    "strength": (0.3, 0.4, 0.5)[rank // 2 % 3],
                    "kind": "可迁移",
                }


def major_rows(_: City) -> Iterator[Row]:
    """Yield the majors with the occupations they train for."""
    for major in majors():
        yield {
            "code": major.code,
            "name": major.name,
            "category": major.category,
            "occupations": tuple(f"{code}={weight:g}" for code, weight in major.targets),
            "edition": MAJOR_EDITION,
        }


def majors_for(focus: tuple[str, ...]) -> list[Major]:
    """Return the majors that train for a cluster of `focus`, in the order of the clusters."""
    by_code = {found.code: found.cluster for found in occupations()}
    found = [major.code for key in focus for major in majors() if by_code[major.targets[0][0]] == key]
    return [major_of(code) for code in dict.fromkeys(found)]


BASE_WAGES: Final = {"services": 5600, "food": 5300, "textile": 5400, "building": 6600, "robots": 7600}


def wage_of(code: str, cluster: str) -> int:
    """Return the median monthly pay of an occupation in the whole area, in yuan."""
    return BASE_WAGES.get(cluster, 6400) + sum(map(ord, code)) % 9 * 150


def wages(city: City) -> Iterator[Row]:
    """Yield median pay of each occupation in the whole area, and in the inner districts for common ones."""
    for rank, found in enumerate(occupations()):
        median = wage_of(found.code, found.cluster)
        yield {"occupation": found.code, "median": median}
        if rank % 3 == 0:
            for district in city.districts[:3]:
                yield {"occupation": found.code, "district": district.code, "median": median + 300}


def policies(city: City) -> Iterator[Row]:
    """Yield clauses in plain words; one has ended, one has no end."""
    year = city.day.year
    for number, (subject, modes, title, text) in enumerate(CLAUSES, start=1):
        yield {
            "clause_id": f"ZC{number:03d}",
            "title": title,
            "text": text,
            "subject": subject,
            "mode": modes,
            "valid_from": f"{year - 2 - number % 3}-03-01",
            "valid_to": f"{year - 1}-12-31"
            if number == 5
            else None
            if number % 4 == 0
            else f"{year + 2}-12-31",
            "source": f"临澄人社（合成）〔{year - 2 - number % 3}〕{number}号",
        }


def targets(city: City) -> Iterator[Row]:
    """Yield the year's targets: by level for the whole city, and for some occupations and districts."""
    year, scale = city.day.year, max(city.size.talents // 300, 1)
    for number, (level, count) in enumerate(((3, 24), (4, 8), (5, 3), (6, 1)), start=1):
        label = LEVEL_LABELS[tuple(LEVEL_LABELS)[level]]
        yield {
            "target_id": f"MB{year}{number:03d}",
            "name": f"{year}年新增{label}",
            "year": year,
            "level": label,
            "count": count * scale,
        }
    for number, found in enumerate(occupations()[:12], start=10):
        yield {
            "target_id": f"MB{year}{number:03d}",
            "name": f"{year}年{found.name}高级工培养",
            "year": year,
            "occupation": found.code,
            "level": "高级工",
            "district": city.districts[number % 5].code if number % 2 else None,
            "count": 2 * scale + number,
        }
