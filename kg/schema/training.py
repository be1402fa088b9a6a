"""Training and market (`tables.md`): programmes, batches, supply and demand statistics."""

from typing import Final

from kg.schema import columns as c
from kg.schema.column_types import ColumnType, Family, Layer, Mark, Shape, Table, Visibility
from kg.vocab.levels import LEVEL_LABELS, NO_LEVEL_REQUIRED

TRAINING_TABLES: Final = (
    Table(
        key="programs",
        zh="培训项目",
        en="Training programmes",
        kind="program",
        visibility=Visibility.PUBLIC,
        columns=(
            c.code("program_id", "项目编号", "Programme", required=True, searchable=True),
            c.name("名称"),
            c.organisation("provider", "承办单位代码", "Provider"),
            c.occupation(),
            c.level("level", "目标等级", "Target level"),
            c.skill_list("skills", "培训技能", "Skills taught"),
            c.district(),
            c.date_from(),
            c.date_to(),
            c.count("capacity", "名额", "Places", quantity=True),
        ),
        natural_key=("program_id",),
        name_column="name",
        mark=Mark(glyph="训", shape=Shape.PARALLELOGRAM, family=Family.SCHOOL, layer=Layer.RECORD),
    ),
    Table(
        key="training_batches",
        zh="培训班次",
        en="Training batches",
        kind="training_batch",
        columns=(
            c.code("batch_id", "班次编号", "Batch", required=True),
            c.code("program_id", "项目编号", "Programme", required=True, refers_to=("programs",), hard=True),
            c.choice("group", "对象", "Group", "失业人员/在岗职工/高校毕业生/农村转移劳动者/退役士兵"),
            c.year("year", "年度", "Year", required=True),
            c.count("enrolled", "参训人数", "Enrolled", quantity=True),
            c.count("certified", "取证人数", "Certified", quantity=True),
            c.count("employed", "就业人数", "Employed", quantity=True),
        ),
        natural_key=("batch_id",),
    ),
    Table(
        key="market_stats",
        zh="供求统计",
        en="Market statistics",
        kind="market_stat",
        columns=(
            c.occupation(),
            c.level("level", "等级", "Level", choices=(*LEVEL_LABELS.values(), NO_LEVEL_REQUIRED)),
            c.district(),
            c.column("quarter", "季度", "Quarter", ColumnType.QUARTER, required=True),
            c.count("demand", "需求人数", "Posts", required=True, quantity=True),
            c.count("supply", "求职人数", "Seekers", required=True, quantity=True),
            c.text("source", "来源", "Source"),
        ),
        natural_key=("occupation", "level", "district", "quarter", "source"),
    ),
)
