"""Golden cases: references, keys, and rules that look at several cells or rows."""

from typing import Final

from tests.golden_files.base import FIRM, OTHER_TWIN, SCHOOL, TRADE, TWIN
from tests.golden_files.builders import DISTRICT, HEAD, TALENT, firm, text
from tests.golden_files.case import Case
from tests.loaders.files_made import credit_code

F1, F2, F3 = credit_code(1), credit_code(2), credit_code(3)
DEMAND: Final = ("需求编号", "企业代码", "职业代码", "人数")
CERTIFICATE: Final = ("人才编号", "证书编号", "证书类型", "职业代码", "等级", "发证日期")
LEVEL_KIND, SINGLE_KIND = "职业技能等级证书", "专项职业能力证书"
NEED: Final = ("需求编号", "用人单位代码", "标题", "服务方式", "每周小时", "周数", "总小时", "起", "止")
OWNED: Final = ("上级代码", "下级代码", "持股比例", "起", "止")
SENIOR_24: Final = "S0009900000002430000017"[:1] + "000990000000" + "24" + "3" + "000001"

CASES: Final = [
    Case(
        name="organisations by code, by full name, by alias, by a name two bear",
        rules="S27",
        files={
            "岗位需求.csv": text([
                DEMAND,
                ["D1", FIRM, TRADE, 1],
                ["D2", "甲机械 有限公司", TRADE, 1],
                ["D3", "甲机械", TRADE, 1],
                ["D4", "同名有限公司", TRADE, 1],
                ["D5", "没有的公司", TRADE, 1],
                ["D6", credit_code(77), TRADE, 1],
            ])
        },
        counts={"demands": (6, 2, 0, 0, 4)},
        rejects=[
            (4, "enterprise", "unknown-reference"), (5, "enterprise", "ambiguous-reference"),
            (6, "enterprise", "unknown-reference"), (7, "enterprise", "unknown-reference"),
        ],
        values={"demands": {"D2": {"enterprise": FIRM}}},
    ),
    Case(
        name="a person by number and by ID number that disagree, and one whom nobody knows",
        rules="S27 S44",
        files={
            "荣誉.csv": text([
                ["人才编号", "证件号码", "荣誉名称", "级别", "年度"],
                ["P1", "990101199003071237", "技术能手", "省", 2024],
                ["P2", "990101199003071237", "技术能手", "省", 2024],
                ["P9", "", "技术能手", "省", 2024],
                ["", "", "技术能手", "省", 2024],
            ])
        },
        counts={"honours": (4, 1, 0, 0, 3)},
        rejects=[
            (3, "id_number", "ambiguous-reference"), (4, "person_id", "unknown-reference"),
            (5, "person_id", "missing-required"),
        ],
    ),
    Case(
        name="a reference to a row that this batch rejected, skills nobody has heard of",
        rules="S27",
        files={
            "企业.csv": text([HEAD, [F1, "甲厂", "37x"], firm(2)]),
            "岗位需求.csv": text([[*DEMAND, "技能要求"], ["D1", F1, TRADE, 1, ""], ["D2", F2, TRADE, 1, "量子焊接=2"]]),
        },
        counts={"enterprises": (2, 1, 0, 0, 1), "demands": (2, 1, 0, 0, 1)},
        rejects=[(2, "district", "bad-code"), (2, "enterprise", "unknown-reference")],
    ),
    Case(
        name="soft references stay as they are, with a warning",
        rules="S45",
        files={
            "人才.csv": text([
                [*TALENT, "现单位代码", "职业代码"],
                ["T1", "甲", "999999", "外地有限公司", "6-99-99-99"],
                ["T2", "乙", DISTRICT, credit_code(66), TRADE + "@2022"],
                ["T3", "丙", DISTRICT, credit_code(66).replace("0", "O", 1), "6/18"],
                ["T4", "丁", DISTRICT, F3[:-1] + ("0" if F3[-1] != "0" else "1"), ""],
                ["T5", "戊", DISTRICT, "甲机械有限公司", ""],
            ])
        },
        counts={"talents": (5, 3, 0, 0, 2)},
        rejects=[(4, "employer", "bad-code"), (4, "occupation", "bad-code"), (5, "employer", "bad-check-digit")],
        warnings={"unknown-reference": 2, "unknown-organisation": 2},
        values={
            "talents": {
                "T1": {"employer": None, "employer_name": "外地有限公司", "district": "999999", "occupation": "6-99-99-99"},
                "T2": {"employer": credit_code(66)}, "T5": {"employer": FIRM},
            }
        },
    ),
    Case(
        name="base vocabularies come in as tables, in any order of files",
        rules="S42 S45",
        files={
            "企业.csv": text([HEAD, [F1, "甲厂", "371000"]]),
            "区县.csv": text([["区划代码", "名称"], ["371000", "新市"]]),
        },
        counts={"enterprises": (1, 1, 0, 0, 0), "districts": (1, 1, 0, 0, 0)},
    ),
    Case(
        name="one key twice: equal rows count once, rows that differ are all rejected",
        rules="S29",
        files={
            "企业.csv": text([HEAD, firm(1), firm(2), [F1.lower(), " 第1示例有限公司", DISTRICT], [F2, "另一名称", DISTRICT]]),
            "企业_补充.csv".replace("_补充", "(2)"): text([HEAD, [F2, "第2示例有限公司", DISTRICT], firm(3)]),
        },
        counts={"enterprises": (6, 2, 0, 1, 3)},
        rejects=[(3, "credit_code", "duplicate-conflict"), (5, "credit_code", "duplicate-conflict"), (2, "credit_code", "duplicate-conflict")],
        warnings={"duplicate-row": 1},
    ),
    Case(
        name="a stored row stays untouched when a delivery contradicts itself",
        rules="S29 S9",
        before=[{"企业.csv": text([HEAD, firm(1)])}],
        files={"企业.csv": text([HEAD, [F1, "新名一", DISTRICT], [F1, "新名二", DISTRICT]])},
        counts={"enterprises": (2, 0, 0, 0, 2)},
        rejects=[(2, "credit_code", "duplicate-conflict"), (3, "credit_code", "duplicate-conflict")],
        values={"enterprises": {F1: {"name": "第1示例有限公司"}}},
    ),
    Case(
        name="certificates: key with and without a number, level by kind, levels and years inside the number",
        rules="S26 S30 S46",
        files={
            "证书.csv": text([
                CERTIFICATE,
                ["P1", SENIOR_24, LEVEL_KIND, TRADE, "高级工", "2024-05-01"],
                ["P2", SENIOR_24, LEVEL_KIND, TRADE, "技师", "2023-05-01"],
                ["P1", "", LEVEL_KIND, TRADE, "中级工", "2020-05-01"],
                ["P1", "", LEVEL_KIND, TRADE, "中级工", "2021-05-01"],
                ["P1", "旧编号77", LEVEL_KIND, TRADE, "初级工", "2018-05-01"],
                ["P1", "", SINGLE_KIND, TRADE, "", "2018-05-01"],
                ["P1", "", LEVEL_KIND, TRADE, "", "2018-05-01"],
            ])
        },
        counts={"certificates": (7, 6, 0, 0, 1)},
        rejects=[(8, "level", "missing-required")],
        warnings={"level-mismatch": 2, "unknown-certificate-scheme": 1},
    ),
    Case(
        name="keys of several columns",
        rules="S30",
        files={
            "行程时间.csv": text([["起点区划", "终点区划", "单程小时"], [DISTRICT, "370786", 1], ["370786", DISTRICT, 1.5], [DISTRICT, "370786", 1]]),
            "人才技能.csv": text([["人才编号", "技能", "水平"], ["P1", "焊接", 3], ["P1", "数控编程", 3], ["P1", "焊接", 4]]),
        },
        counts={"travel_times": (3, 2, 0, 1, 0), "talent_skills": (3, 1, 0, 0, 2)},
        rejects=[(2, "person_id", "duplicate-conflict"), (4, "person_id", "duplicate-conflict")],
        warnings={"duplicate-row": 1},
    ),
    Case(
        name="needs want hours of one kind, and no more weeks than there are",
        rules="S46",
        files={
            "柔性需求.csv": text([
                NEED,
                ["N1", FIRM, "调试", "顾问指导", 8, 4, "", "2026-09-01", "2026-10-31"],
                ["N2", FIRM, "调试", "顾问指导", "", "", 40, "2026-09-01", "2026-10-31"],
                ["N3", FIRM, "调试", "顾问指导", "", 4, "", "2026-09-01", "2026-10-31"],
                ["N4", FIRM, "调试", "顾问指导", 8, 5, "", "2026-09-07", "2026-09-20"],
            ])
        },
        counts={"flex_needs": (4, 2, 0, 0, 2)},
        rejects=[(4, "hours_per_week", "missing-required"), (5, "weeks", "out-of-range")],
    ),
    Case(
        name="ownership: oneself, a circle of control, a minority share back",
        rules="S34",
        files={
            "隶属关系.csv": text([
                OWNED,
                [FIRM, FIRM, "", "", ""],
                [FIRM, TWIN, "0.6", "2020-01-01", ""],
                [TWIN, OTHER_TWIN, "", "2021-01-01", ""],
                [OTHER_TWIN, FIRM, "51%", "2022-01-01", ""],
                [SCHOOL, FIRM, "0.3", "", ""],
                [FIRM, SCHOOL, "0.2", "", ""],
            ])
        },
        counts={"ownerships": (6, 2, 0, 0, 4)},
        rejects=[(2, "child", "self-reference"), *((row, "parent", "cycle") for row in (3, 4, 5))],
    ),
    Case(
        name="control that goes round at different times is no circle",
        rules="S34",
        files={
            "隶属关系.csv": text([
                OWNED,
                [FIRM, TWIN, "0.6", "2010-01-01", "2015-12-31"],
                [TWIN, FIRM, "0.6", "2016-01-01", ""],
            ])
        },
        counts={"ownerships": (2, 2, 0, 0, 0)},
    ),
]  # fmt: skip
