"""How a relation is told: its short label, the style of its line, the sentence of an edge. Data; the schema decides the rest."""

from collections.abc import Mapping
from typing import Final

from kg.model.graph import Edge
from kg.schema import Relation, Schema, Table
from kg.schema.column_types import Family, Layer

_ENDINGS: Final = ("代码", "编号")
_SERVICE_TABLES: Final = frozenset({"cooperations", "engagements", "mentorships", "appointments"})
_LABELS: Final[Mapping[str, str]] = {
    "talent_skills": "掌握",
    "mentorships": "师徒",
    "placements": "竞赛名次",
    "ownerships": "隶属",
    "travel_times": "行程",
    "skill_relations": "相关技能",
    "occupation_crosswalk": "职业对照",
    "talents.employer": "现单位",
}
_SENTENCES: Final[Mapping[str, str]] = {
    "talents.employer": "{start}现在{end}工作",
    "talents.occupation": "{start}的职业是{end}",
    "talents.district": "{start}在{end}",
    "talents.interests": "{start}有意向的主题是{end}",
    "talent_skills": "{start}掌握{end}",
    "mentorships": "{start}带{end}为徒",
    "placements": "{start}在{end}取得名次",
    "ownerships": "{end}隶属于{start}",
    "travel_times": "{start}到{end}有行程时间",
    "skill_relations": "技能{start}与{end}相关",
    "occupation_crosswalk": "职业{start}对照{end}",
    "enterprises.district": "企业{start}在{end}",
    "enterprises.industry": "企业{start}属于行业{end}",
    "enterprises.chains": "企业{start}属于产业链{end}",
    "schools.district": "院校{start}在{end}",
    "carriers.host": "载体{start}依托{end}",
    "carriers.lead": "载体{start}由{end}领办",
    "offerings.school": "专业开设{start}由{end}举办",
    "offerings.major": "专业开设{start}的专业是{end}",
    "offerings.skills": "专业开设{start}教授{end}",
    "demands.enterprise": "岗位需求{start}由{end}提出",
    "demands.occupation": "岗位需求{start}的职业是{end}",
    "demands.skills": "岗位需求{start}要求技能{end}",
    "majors.occupations": "专业{start}面向职业{end}",
    "occupations.skills": "职业{start}的典型技能有{end}",
    "cooperations.school": "校企合作{start}的院校是{end}",
    "cooperations.enterprise": "校企合作{start}的企业是{end}",
    "cooperations.offering": "校企合作{start}来自专业开设{end}",
    "cooperations.demand": "校企合作{start}对应岗位需求{end}",
    "flex_needs.host": "柔性需求{start}由{end}提出",
    "flex_needs.occupations": "柔性需求{start}需要职业{end}",
    "flex_needs.skills": "柔性需求{start}要求技能{end}",
    "flex_needs.tags": "柔性需求{start}涉及{end}",
    "flex_needs.district": "柔性需求{start}在{end}",
    "engagements.person_id": "柔性服务{start}由{end}承担",
    "engagements.host": "柔性服务{start}服务于{end}",
    "engagements.need_id": "柔性服务{start}为柔性需求{end}而做",
    "problems.host": "技术难题{start}由{end}提出",
    "problems.skills": "技术难题{start}需要技能{end}",
    "certificates.person_id": "证书{start}属于{end}",
    "certificates.occupation": "证书{start}证明职业{end}",
    "achievements.person_id": "业绩{start}属于{end}",
    "achievements.tags": "业绩{start}涉及{end}",
    "achievements.problem": "业绩{start}解决技术难题{end}",
    "honours.person_id": "荣誉{start}授予{end}",
    "appointments.employer": "聘任{start}由{end}作出",
    "consents.person_id": "授权{start}由{end}给出",
}


def short_label(relation: Relation) -> str:
    """Return what stands on an edge: the column's name without the word for its notation."""
    label = _LABELS.get(relation.key, relation.zh)
    for ending in _ENDINGS:
        if label.endswith(ending) and len(label) > len(ending):
            return label.removesuffix(ending)
    return label


def line_style(schema: Schema, relation: Relation) -> str:
    """Return structure, ability, service or class: from the table that states it and the kind it leads to."""
    if relation.table in _SERVICE_TABLES:
        return "service"
    targets = [schema.by_kind[kind] for kind in relation.target_kinds]
    if any(target.open_vocabulary for target in targets):
        return "ability"
    return "class" if all(_is_vocabulary(target) for target in targets) else "structure"


def _is_vocabulary(table: Table) -> bool:
    return table.mark.layer is Layer.VOCABULARY if table.mark is not None else table.reference


def family_of(table: Table) -> str:
    """Return whose side a kind is on; kinds without a mark are common."""
    return table.mark.family.value if table.mark is not None else Family.COMMON.value


def glyph_of(table: Table) -> str:
    """Return the one character of a kind's mark."""
    return table.mark.glyph if table.mark is not None else table.zh[:1]


def is_inferred(edge: Edge) -> bool:
    """True when the row is below certainty: told by the person, or merged with some probability."""
    return edge.provenance.confidence < 1 or edge.provenance.basis == "自述"


def sentence(relation: Relation, table: Table, start: str, end: str) -> str:
    """Return the sentence of an edge between two named ends."""
    pattern = _SENTENCES.get(relation.key)
    if pattern is not None:
        return pattern.format(start=quoted(start), end=quoted(end))
    return f"{table.zh}{quoted(start)}的{short_label(relation)}是{quoted(end)}"


def quoted(name: str) -> str:
    """Return a name between Chinese quotation marks."""
    return f"“{name}”"
