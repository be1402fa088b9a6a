"""Reference tables (`tables.md`, Reference tables): districts, occupations, skills, majors and their relations."""

from typing import Any, Final

from kg.schema import columns as c
from kg.schema.column_types import ColumnType, Family, Layer, Mark, Shape, Table, Visibility
from kg.vocab.modes import COOPERATION_MODES, ENGAGEMENT_MODES


def _reference(key: str, zh: str, en: str, kind: str, **more: Any) -> Table:
    return Table(key=key, zh=zh, en=en, kind=kind, visibility=Visibility.PUBLIC, reference=True, **more)


def _vocabulary(glyph: str, shape: Shape, family: Family = Family.COMMON) -> Mark:
    return Mark(glyph=glyph, shape=shape, family=family, layer=Layer.VOCABULARY)


REFERENCE_TABLES: Final = (
    _reference(
        "districts",
        "区县",
        "Districts",
        "district",
        columns=(
            c.column("code", "区划代码", "Code", ColumnType.DISTRICT_CODE, required=True, searchable=True),
            c.name("名称"),
            c.number("longitude", "经度", "Longitude", minimum=-180, maximum=180),
            c.number("latitude", "纬度", "Latitude", minimum=-90, maximum=90),
        ),
        natural_key=("code",),
        name_column="name",
        mark=_vocabulary("区", Shape.SHIELD),
    ),
    _reference(
        "travel_times",
        "行程时间",
        "Travel times",
        "travel_time",
        columns=(
            c.district("from_district", "起点区划", "From district", required=True, hard=True),
            c.district("to_district", "终点区划", "To district", required=True, hard=True),
            c.hours("hours", "单程小时", "Hours one way", required=True),
        ),
        natural_key=("from_district", "to_district"),
        ends=("from_district", "to_district"),
    ),
    _reference(
        "industries",
        "行业",
        "Industries",
        "industry",
        columns=(
            c.code("code", "行业代码", "Code", required=True, searchable=True),
            c.name("名称"),
            c.code("parent", "上级代码", "Parent", refers_to=("industries",), hard=True),
            c.text("edition", "版本", "Edition"),
        ),
        natural_key=("code",),
        name_column="name",
        mark=_vocabulary("业", Shape.OCTAGON),
    ),
    _reference(
        "chains",
        "产业链",
        "Industry chains",
        "chain",
        columns=(
            c.code("chain_id", "链编号", "Chain", required=True, searchable=True),
            c.name("名称"),
            c.date_from("priority_from", "优先起", "Priority from"),
            c.date_to("priority_to", "优先止", "Priority to"),
        ),
        natural_key=("chain_id",),
        name_column="name",
        mark=_vocabulary("链", Shape.PILL, Family.FIRM),
    ),
    _reference(
        "occupations",
        "职业",
        "Occupations",
        "occupation",
        columns=(
            c.column("code", "职业代码", "Code", ColumnType.OCCUPATION_CODE, required=True, searchable=True),
            c.name("名称"),
            c.items("aliases", "别名", "Aliases", searchable=True),
            c.text("edition", "版本", "Edition"),
            c.skill_demand("skills", "典型技能", "Typical skills"),
        ),
        natural_key=("code", "edition"),
        name_column="name",
        mark=_vocabulary("职", Shape.OCTAGON),
    ),
    _reference(
        "occupation_crosswalk",
        "职业对照",
        "Occupation crosswalk",
        "occupation_crosswalk",
        columns=(
            c.occupation("from_code", "原代码", "From code", required=True, hard=True),
            c.text("from_edition", "原版本", "From edition", required=True),
            c.occupation("to_code", "新代码", "To code", required=True, hard=True),
            c.text("to_edition", "新版本", "To edition", required=True),
        ),
        natural_key=("from_code", "from_edition", "to_code", "to_edition"),
        ends=("from_code", "to_code"),
    ),
    _reference(
        "skills",
        "技能",
        "Skills",
        "skill",
        columns=(
            c.name("技能"),
            c.choice("kind", "类别", "Kind", "技能/工艺/设备/材料"),
            c.items("aliases", "别名", "Aliases", searchable=True),
        ),
        natural_key=("name",),
        name_column="name",
        open_vocabulary=True,
        mark=_vocabulary("技", Shape.DOUBLE_RING, Family.TALENT),
    ),
    _reference(
        "skill_relations",
        "技能关联",
        "Skill relations",
        "skill_relation",
        columns=(
            c.text("skill", "技能", "Skill", required=True, refers_to=("skills",)),
            c.text("related", "关联技能", "Related skill", required=True, refers_to=("skills",)),
            c.share("strength", "强度", "Strength", required=True),
            c.choice("kind", "类型", "Kind", "同义/上下位/可迁移"),
        ),
        natural_key=("skill", "related", "kind"),
        ends=("skill", "related"),
    ),
    _reference(
        "majors",
        "专业",
        "Majors",
        "major",
        columns=(
            c.code("code", "专业代码", "Code", required=True, searchable=True),
            c.name("名称"),
            c.text("category", "大类", "Category"),
            c.column(
                "occupations",
                "面向职业",
                "Occupations",
                ColumnType.WEIGHTED_LIST,
                required=True,
                refers_to=("occupations",),
                hard=True,
            ),
            c.text("edition", "版本", "Edition"),
        ),
        natural_key=("code", "edition"),
        name_column="name",
        mark=_vocabulary("专", Shape.PARALLELOGRAM, Family.SCHOOL),
    ),
    _reference(
        "major_groups",
        "专业群",
        "Major groups",
        "major_group",
        columns=(
            c.code("group_id", "专业群编号", "Group", required=True, searchable=True),
            c.name("名称"),
            c.organisation("school", "院校代码", "School", required=True, refers_to=("schools",)),
            c.column(
                "majors",
                "专业代码",
                "Majors",
                ColumnType.CODE_LIST,
                required=True,
                refers_to=("majors",),
                hard=True,
            ),
            c.column(
                "chains",
                "服务产业链",
                "Chains served",
                ColumnType.CODE_LIST,
                refers_to=("chains",),
                hard=True,
            ),
        ),
        natural_key=("group_id",),
        name_column="name",
        mark=Mark(glyph="群", shape=Shape.FOLDER, family=Family.SCHOOL, layer=Layer.RECORD),
    ),
    _reference(
        "wages",
        "工资价位",
        "Wage levels",
        "wage",
        columns=(
            c.occupation(required=True, hard=True),
            c.district(hard=True),
            c.number("median", "月薪中位数", "Median monthly pay", required=True, unit=("元", "元/月")),
        ),
        natural_key=("occupation", "district"),
    ),
    _reference(
        "organs",
        "评价机构",
        "Assessment organs",
        "organ",
        columns=(
            c.code("organ_code", "机构编号", "Organ", required=True, searchable=True),
            c.name("名称"),
            c.choice("kind", "类型", "Kind", "用人单位/社会评价/政府"),
            c.occupation_list("可评职业", "Occupations", hard=True),
            c.level("max_level", "最高等级", "Highest level"),
        ),
        natural_key=("organ_code",),
        name_column="name",
    ),
    _reference(
        "policies",
        "政策条款",
        "Policy clauses",
        "policy",
        columns=(
            c.code("clause_id", "条款编号", "Clause", required=True, searchable=True),
            c.column("title", "标题", "Title", ColumnType.NAME, required=True, searchable=True),
            c.text("text", "内容", "Text"),
            c.choice("subject", "适用对象", "Subject", "校企合作/柔性流动/培训/评价/奖励"),
            c.column(
                "mode",
                "适用方式",
                "Modes",
                ColumnType.MODE_LIST,
                modes={**ENGAGEMENT_MODES, **COOPERATION_MODES},
            ),
            c.date_from(),
            c.date_to(),
            c.text("source", "文号", "Document number"),
        ),
        natural_key=("clause_id",),
        name_column="title",
    ),
    _reference(
        "targets",
        "目标任务",
        "Targets",
        "target",
        columns=(
            c.code("target_id", "任务编号", "Target", required=True),
            c.name("名称"),
            c.year("year", "年度", "Year", required=True),
            c.occupation(hard=True),
            c.level("level", "等级", "Level"),
            c.district(hard=True),
            c.count("count", "目标人数", "Target count", required=True, quantity=True),
        ),
        natural_key=("target_id",),
        name_column="name",
    ),
)
