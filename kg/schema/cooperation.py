"""School-enterprise cooperation (`tables.md`): cohorts on offer, posts in demand, agreements between the two."""

from typing import Any, Final

from kg.schema import columns as c
from kg.schema.column_types import Column, ColumnType, Family, Layer, Mark, Shape, Table, Visibility
from kg.vocab.levels import EXIT_LEVELS
from kg.vocab.modes import COOPERATION_MODES


def _school(**more: Any) -> Column:
    return c.organisation(
        "school", "院校代码", "School", required=True, refers_to=("schools",), hard=True, **more
    )


def _enterprise(**more: Any) -> Column:
    return c.organisation(
        "enterprise", "企业代码", "Enterprise", required=True, refers_to=("enterprises",), hard=True, **more
    )


COOPERATION_TABLES: Final = (
    Table(
        key="offerings",
        zh="专业开设",
        en="Offerings",
        kind="offering",
        visibility=Visibility.SCOPED,
        columns=(
            c.code("offering_id", "开设编号", "Offering", required=True, searchable=True),
            _school(),
            c.code("major", "专业代码", "Major", required=True, refers_to=("majors",), hard=True),
            c.level("exit_level", "培养层次", "Exit level", required=True, choices=tuple(EXIT_LEVELS)),
            c.year("intake_year", "入学年份", "Intake year", required=True),
            c.number("years", "学制", "Years of study", required=True, unit=("年",)),
            c.count("students", "在校人数", "Students", required=True, quantity=True),
            c.choice("approved", "备案状态", "Approval", "已批准/未批准"),
            c.skill_list("skills", "课程技能", "Skills taught"),
            c.count("class_min", "班级下限", "Class minimum"),
            c.count("committed", "已安排人数", "Committed"),
            c.share("certificate_rate", "取证率", "Certificate rate"),
            c.share("employment_rate", "对口就业率", "Employment rate"),
            c.share("stay_rate", "稳岗率", "Stay rate"),
            c.count("sample", "样本人数", "Sample"),
            c.year("stat_year", "统计年份", "Year of statistics"),
            c.yes_no("dual_certificate", "双证", "Dual certificate"),
            c.scope(),
        ),
        natural_key=("offering_id",),
        owner=("school",),
        mark=Mark(glyph="班", shape=Shape.FOLDER, family=Family.SCHOOL, layer=Layer.RECORD),
    ),
    Table(
        key="demands",
        zh="岗位需求",
        en="Job demands",
        kind="demand",
        visibility=Visibility.SCOPED,
        columns=(
            c.code("demand_id", "需求编号", "Demand", required=True, searchable=True),
            _enterprise(),
            c.column("title", "岗位名称", "Title", ColumnType.NAME, searchable=True),
            c.occupation(required=True),
            c.level("level", "等级要求", "Level wanted"),
            c.count("count", "人数", "Head count", required=True, quantity=True),
            c.count("same_post", "同岗在岗人数", "Staff on the same post", quantity=True),
            c.count("interns", "已有实习人数", "Interns already there", quantity=True),
            c.skill_demand("skills", "技能要求", "Skills wanted"),
            c.number("pay", "月薪", "Monthly pay", unit=("元", "元/月")),
            c.count("mentors", "带徒师傅数", "Mentors", quantity=True),
            c.count("rotation", "轮岗岗位数", "Rotation posts", quantity=True),
            c.yes_no("boarding", "提供住宿", "Boarding"),
            c.column("modes", "合作方式", "Modes", ColumnType.MODE_LIST, modes=COOPERATION_MODES),
            c.date_from(),
            c.date_to(),
            c.scope(),
        ),
        natural_key=("demand_id",),
        owner=("enterprise",),
        name_column="title",
        mark=Mark(glyph="岗", shape=Shape.TICKET, family=Family.FIRM, layer=Layer.RECORD),
    ),
    Table(
        key="cooperations",
        zh="校企合作",
        en="Cooperations",
        kind="cooperation",
        visibility=Visibility.ORGANISATION,
        columns=(
            c.code("cooperation_id", "合作编号", "Cooperation", required=True, searchable=True),
            _school(),
            _enterprise(),
            c.cooperation_mode(required=True),
            c.code("offering", "开设编号", "Offering", refers_to=("offerings",)),
            c.code("demand", "需求编号", "Demand", refers_to=("demands",)),
            c.count("seats", "人数", "Seats", quantity=True),
            c.date_from(required=True),
            c.date_to(),
            c.choice("status", "状态", "Status", "洽谈/已签/完成/终止"),
            c.choice("outcome", "成效", "Outcome", "成功/未达"),
        ),
        natural_key=("cooperation_id",),
        owner=("school", "enterprise"),
        mark=Mark(glyph="合", shape=Shape.PILL, family=Family.SCHOOL, layer=Layer.RECORD),
    ),
)
