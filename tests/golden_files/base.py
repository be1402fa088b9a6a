"""What every golden case finds in the store: one of everything that others refer to, from another source."""

from typing import Final

from tests.golden_files.builders import DISTRICT, HEAD, text
from tests.loaders.files_made import credit_code

TRADE: Final = "6-18-01-01"
FIRM, TWIN, OTHER_TWIN, SCHOOL = (credit_code(number) for number in (501, 502, 503, 900))
SOURCE: Final = "基础"
_RECORD: Final = ("统一社会信用代码", "学校名称", "区划代码")

BASE: Final = {
    "区县.csv": text([["区划代码", "名称"], [DISTRICT, "示例市"], ["370786", "邻市"]]),
    "职业.csv": text([["职业代码", "名称", "版本"], [TRADE, "车工", "2015"], [TRADE, "车工", "2022"], ["6-18-01-02", "铣工", "2022"]]),
    "专业.csv": text([["专业代码", "名称", "面向职业"], ["0101", "机械加工", TRADE]]),
    "技能.csv": text([["技能", "别名"], ["焊接", "电焊"], ["数控编程", ""]]),
    "企业.csv": text([
        [*HEAD, "简称"], [FIRM, "甲机械有限公司", DISTRICT, "甲机械"], [TWIN, "同名有限公司", DISTRICT, ""],
        [OTHER_TWIN, "同名有限公司", "370786", ""],
    ]),
    "院校.csv": text([_RECORD, [SCHOOL, "示例技师学院", DISTRICT]]),
    "竞赛.csv": text([["竞赛编号", "名称", "级别", "年度"], ["K1", "省赛", "省", "2025"]]),
}  # fmt: skip
PEOPLE: Final = {
    "人才.csv": text([
        ["人才编号", "姓名", "区划代码", "证件号码"], ["P1", "王一", DISTRICT, "990101199003071237"],
        ["P2", "王二", DISTRICT, ""],
    ])
}  # fmt: skip
"""Persons of the source of the case itself: a person_id means something only inside its source (S27)."""
