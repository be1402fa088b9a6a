"""Organisations (`tables.md`, Organisations): enterprises, schools, who controls whom, carriers, alliances."""

from typing import Final

from kg.schema import columns as c
from kg.schema.column_types import ColumnType, Family, Layer, Mark, Shape, Table, Visibility

_OWN = Visibility.ORGANISATION

ORGANISATION_TABLES: Final = (
    Table(
        key="enterprises",
        zh="企业",
        en="Enterprises",
        kind="enterprise",
        visibility=Visibility.PUBLIC,
        columns=(
            c.credit_code(),
            c.name("企业名称"),
            c.items("aliases", "简称", "Short names", searchable=True, visibility=_OWN),
            c.code("industry", "行业代码", "Industry", refers_to=("industries",)),
            c.district(required=True),
            c.count("staff", "职工人数", "Staff", visibility=_OWN),
            c.choice("status", "经营状态", "Status", "正常/异常/失信/注销", visibility=_OWN),
            c.text("tier", "企业层级", "Tier"),
            c.column("chains", "所属产业链", "Industry chains", ColumnType.CODE_LIST, refers_to=("chains",)),
            c.choice("safety", "安全记录", "Safety record", "无事故/一般/较大", visibility=_OWN),
            c.sealed("ownership_type", "所有制", "Ownership", protected=True),
        ),
        natural_key=("credit_code",),
        owner=("credit_code",),
        name_column="name",
        mark=Mark(glyph="企", shape=Shape.SQUARE, family=Family.FIRM, layer=Layer.ACTOR),
    ),
    Table(
        key="schools",
        zh="院校",
        en="Schools",
        kind="school",
        visibility=Visibility.PUBLIC,
        columns=(
            c.credit_code(),
            c.name("学校名称"),
            c.items("aliases", "简称", "Short names", searchable=True),
            c.choice("type", "学校类型", "Type", "技师学院/高级技工学校/技工学校/高职/中职"),
            c.district(required=True),
            c.date_from("licence_from", "办学许可起", "Licence from"),
            c.date_to("licence_to", "办学许可止", "Licence to"),
        ),
        natural_key=("credit_code",),
        owner=("credit_code",),
        name_column="name",
        mark=Mark(glyph="校", shape=Shape.HOUSE, family=Family.SCHOOL, layer=Layer.ACTOR),
    ),
    Table(
        key="ownerships",
        zh="隶属关系",
        en="Ownership",
        kind="ownership",
        columns=(
            c.organisation("parent", "上级代码", "Parent", required=True),
            c.organisation("child", "下级代码", "Child", required=True),
            c.share("share", "持股比例", "Share"),
            c.date_from(),
            c.date_to(),
        ),
        natural_key=("parent", "child", "valid_from"),
        ends=("parent", "child"),
    ),
    Table(
        key="carriers",
        zh="载体",
        en="Carriers",
        kind="carrier",
        visibility=Visibility.PUBLIC,
        columns=(
            c.code("carrier_id", "载体编号", "Carrier", required=True, searchable=True),
            c.choice("kind", "类型", "Kind", "高技能人才培训基地/技能大师工作室/技师工作站", required=True),
            c.name("名称"),
            c.choice("level", "级别", "Rank", "国家/省/市/县"),
            c.organisation("host", "依托单位代码", "Host", required=True),
            c.code("lead", "领办人", "Lead", refers_to=("talents",), visibility=Visibility.OFFICER),
            c.occupation_list("职业代码", "Occupations"),
            c.district(),
        ),
        natural_key=("carrier_id",),
        name_column="name",
        mark=Mark(glyph="载", shape=Shape.HEXAGON, family=Family.TALENT, layer=Layer.RECORD),
    ),
    Table(
        key="alliances",
        zh="联合体",
        en="Alliances",
        kind="alliance",
        columns=(
            c.code("alliance_id", "编号", "Alliance", required=True, searchable=True),
            c.name("名称"),
            c.column(
                "members",
                "成员代码",
                "Members",
                ColumnType.CODE_LIST,
                required=True,
                refers_to=c.ORGANISATIONS,
            ),
        ),
        natural_key=("alliance_id",),
        name_column="name",
    ),
    Table(
        key="intermediaries",
        zh="中介机构",
        en="Intermediaries",
        kind="intermediary",
        columns=(
            c.credit_code(),
            c.name("名称"),
            c.items("services", "服务内容", "Services"),
            c.occupation_list("职业代码", "Occupations"),
            c.column(
                "districts", "服务区划", "Districts served", ColumnType.CODE_LIST, refers_to=("districts",)
            ),
        ),
        natural_key=("credit_code",),
        name_column="name",
    ),
)
