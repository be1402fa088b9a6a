"""Golden cases: what single cells may hold, and what they may not."""

from typing import Final

from tests.golden_files.base import FIRM, SCHOOL, TRADE
from tests.golden_files.builders import DISTRICT, HEAD, TALENT, firm, identity, text
from tests.golden_files.case import Case
from tests.loaders.files_made import credit_code

F1, F2 = credit_code(1), credit_code(2)
BORN: Final = "1990-03-07"
ID: Final = identity("99010119900307124")
DEMAND: Final = ("需求编号", "企业代码", "职业代码", "人数")
OFFERING: Final = ("开设编号", "院校代码", "专业代码", "培养层次", "入学年份", "学制", "在校人数")
NUMBERS: Final = ("1,234", "1.2万", "35人", "８０", "1 000", "12.0", "0.5亿", "007", "", "-")
NOT_NUMBERS: Final = (
    "约100",
    "8000-10000",
    "十二",
    "1_000",
    "1,23",
    "100+",
    "nan",
    "0x10",
    "1/2",
    "12.5",
    "٣",
)
DAYS: Final = {
    "2026-09-01": "2026-09-01", "2026/9/1": "2026-09-01", "2026.9.1": "2026-09-01", "2026年9月1日": "2026-09-01",
    "20260901": "2026-09-01", "2026/9/1 0:00:00": "2026-09-01", "2026-09-01T23:00:00Z": "2026-09-01",
    "2026年9月1号": "2026-09-01", "2026-09": "2026-09-01", "2026 年 9 月": "2026-09-01", "202609": "2026-09-01",
    "２０２６-０９-０１": "2026-09-01",
}  # fmt: skip
NOT_DAYS: Final = (
    "26-9-1", "9/1/2026", "2026", "2026-02-30", "二〇二六年九月", "1900-02-29", "1899-12-31", "2200-01-01",
    "2026-09-01至2026-10-01", "2026-13", "九月", "46266",
)  # fmt: skip
LEVELS: Final = {
    "三级": "高级工", "3级": "高级工", "Ⅲ级": "高级工", "三级/高级工": "高级工", "高级工（三级）": "高级工",
    "国家职业资格二级": "技师", "职业技能等级一级/高级技师": "高级技师", "首席技师": "首席技师", "五 级": "初级工",
}  # fmt: skip
NOT_LEVELS: Final = {
    "3": "ambiguous-level", "３": "ambiguous-level", "3.0": "ambiguous-level", "III": "ambiguous-level",
    "高级": "bad-level", "三级/技师": "bad-level", "六级": "bad-level", "预备技师": "bad-level", "无要求": "bad-level",
}  # fmt: skip


def _each(table: str, head: tuple[str, ...], column: str, cells: object, first: str = "T") -> bytes:
    """Return a table with one row per text of a column."""
    rows = [[f"{first}{number:03d}", *head[1:], cell] for number, cell in enumerate(list(cells))]  # type: ignore[call-overload]
    return text([[*table.split(), column], *rows])


_PERSON: Final = ("", "张三", DISTRICT)
_POST: Final = ("", FIRM, TRADE)

CASES: Final = [
    Case(
        name="numbers as people write them",
        rules="S19 S17",
        files={"岗位需求.csv": _each("需求编号 企业代码 职业代码 人数", (*_POST, "1"), "同岗在岗人数", NUMBERS, "D")},
        counts={"demands": (10, 10, 0, 0, 0)},
        warnings={"unit-stripped": 1},
        values={
            "demands": {
                f"D{n:03d}": {"same_post": value}
                for n, value in enumerate([1234, 12000, 35, 80, 1000, 12, 50_000_000, 7, None, None])
            }
        },
    ),
    Case(
        name="what is no definite number",
        rules="S19",
        files={"岗位需求.csv": _each("需求编号 企业代码 职业代码 人数", (*_POST, "1"), "同岗在岗人数", NOT_NUMBERS, "D")},
        counts={"demands": (11, 0, 0, 0, 11)},
        rejects=[(row, "same_post", "bad-number") for row in range(2, 13)],
    ),
    Case(
        name="pay: negotiable, with unit, negative",
        rules="S19",
        files={"岗位需求.csv": _each("需求编号 企业代码 职业代码 人数", (*_POST, "1"), "月薪", ["面议", "8000元/月", "-1", "0.85万"], "D")},
        counts={"demands": (4, 3, 0, 0, 1)},
        rejects=[(4, "pay", "out-of-range")],
        warnings={"negotiable": 1, "unit-stripped": 1},
        values={"demands": {"D000": {"pay": None}, "D001": {"pay": 8000}, "D003": {"pay": 8500}}},
    ),
    Case(
        name="shares: per cent is read, 35 is not divided",
        rules="S19",
        files={
            "专业开设.csv": text([
                [*OFFERING, "取证率", "稳岗率"],
                ["O1", SCHOOL, "0101", "高级工", 2025, 3, 40, "35%", 0.5],
                ["O2", SCHOOL, "0101", "高级工", 2025, 3, 40, 35, -0.1],
            ])
        },
        counts={"offerings": (2, 1, 0, 0, 1)},
        rejects=[(3, "certificate_rate", "out-of-range"), (3, "stay_rate", "out-of-range")],
        values={"offerings": {"O1": {"certificate_rate": 0.35, "stay_rate": 0.5}}},
    ),
    Case(
        name="days as people write them",
        rules="S20",
        files={"人才.csv": _each("人才编号 姓名 区划代码", _PERSON, "可用起", DAYS)},
        counts={"talents": (12, 12, 0, 0, 0)},
        values={"talents": {f"T{n:03d}": {"available_from": day} for n, day in enumerate(DAYS.values())}},
    ),
    Case(
        name="what is no definite day",
        rules="S20",
        files={"人才.csv": _each("人才编号 姓名 区划代码", _PERSON, "可用起", NOT_DAYS)},
        counts={"talents": (12, 0, 0, 0, 12)},
        rejects=[(row, "available_from", "bad-date") for row in range(2, 14)],
    ),
    Case(
        name="ends of periods: open, a month is its last day, one day, before the start",
        rules="S20",
        files={
            "人才.csv": text([
                [*TALENT, "可用起", "可用止"],
                *(
                    [f"T{n}", "张三", DISTRICT, "2026-02-01", end]
                    for n, end in enumerate(["长期", "至 今", "2026-02", "2026-02-01", "2026-01-31"])
                ),
            ])
        },
        counts={"talents": (5, 4, 0, 0, 1)},
        rejects=[(6, "available_to", "bad-period")],
        values={
            "talents": {
                "T0": {"available_to": None}, "T1": {"available_to": None}, "T2": {"available_to": "2026-02-28"},
                "T3": {"available_to": "2026-02-01"},
            }
        },
    ),
    Case(
        name="levels in the old and the new words",
        rules="S21",
        files={"人才.csv": _each("人才编号 姓名 区划代码", _PERSON, "现等级", LEVELS)},
        counts={"talents": (9, 9, 0, 0, 0)},
        values={"talents": {f"T{n:03d}": {"level": level} for n, level in enumerate(LEVELS.values())}},
    ),
    Case(
        name="levels that mean nothing definite",
        rules="S21",
        files={"人才.csv": _each("人才编号 姓名 区划代码", _PERSON, "现等级", NOT_LEVELS)},
        counts={"talents": (9, 0, 0, 0, 9)},
        rejects=[(row, "level", code) for row, code in enumerate(NOT_LEVELS.values(), start=2)],
    ),
    Case(
        name="credit codes: wide and small letters are folded, O is not 0",
        rules="S22",
        files={
            "企业.csv": text([
                HEAD,
                [F1.lower(), "甲厂", DISTRICT],
                ["".join(chr(ord(sign) + 0xFEE0) for sign in F2), "乙厂", DISTRICT],
                [credit_code(3).replace("0", "O", 1), "丙厂", DISTRICT],
                [credit_code(4)[:-1], "丁厂", DISTRICT],
                [credit_code(5)[:9] + "1" + credit_code(5)[10:], "戊厂", DISTRICT],
            ])
        },
        counts={"enterprises": (5, 2, 0, 0, 3)},
        rejects=[(4, "credit_code", "bad-code"), (5, "credit_code", "bad-code"), (6, "credit_code", "bad-check-digit")],
        values={"enterprises": {F1: {"name": "甲厂"}, F2: {"name": "乙厂"}}},
    ),
    Case(
        name="ID numbers: 15 digits, a small x, a wrong digit, no such day, a passport",
        rules="S23",
        files={
            "人才.csv": text([
                [*TALENT, "证件类型", "证件号码", "出生日期"],
                ["T1", "甲", DISTRICT, "", ID[:6] + ID[8:17], BORN],
                ["T2", "乙", DISTRICT, "居民身份证", "99010119880101016x", ""],
                ["T3", "丙", DISTRICT, "身份证", ID[:17] + ("1" if ID[17] != "1" else "2"), ""],
                ["T4", "丁", DISTRICT, "", identity("99010119900230123"), ""],
                ["T5", "戊", DISTRICT, "护照", "E 1234", ""],
                ["T6", "己", DISTRICT, "", identity("99010119850505123"), "1985-05-06"],
            ])
        },
        counts={"talents": (6, 4, 0, 0, 2)},
        rejects=[(4, "id_number", "bad-check-digit"), (5, "id_number", "bad-code")],
        warnings={"birth-date-mismatch": 1},
        sealed={"talents": {"T1": {"id_number": ID}, "T2": {"id_number": "99010119880101016X"}}},
    ),
    Case(
        name="long numbers ruined by a spreadsheet and saved as text",
        rules="S24",
        files={
            "人才.csv": text([
                [*TALENT, "手机", "证件号码"],
                ["T1", "甲", DISTRICT, "1.39E+10", ""],
                ["T2", "乙", DISTRICT, "13900000000", "3.70785E+17"],
                ["T3", "丙", DISTRICT, "13900000001", "3.70785e17"],
            ])
        },
        counts={"talents": (3, 0, 0, 0, 3)},
        rejects=[(2, "phone", "digits-lost"), (3, "id_number", "digits-lost"), (4, "id_number", "digits-lost")],
    ),
    Case(
        name="quotes, tabs and formula guards",
        rules="S25",
        files={
            "岗位需求.csv": text([
                [*DEMAND, "岗位名称", "起"],
                ["'D1", f'="{FIRM}"', f"’{TRADE}", "'12", "'=1+1", "‘2026-09-01"],
                ["\tD2", FIRM, TRADE, '="7"', "'甲", ""],
            ])
        },
        counts={"demands": (2, 2, 0, 0, 0)},
        values={
            "demands": {
                "D1": {"count": 12, "title": "=1+1", "valid_from": "2026-09-01", "enterprise": FIRM},
                "D2": {"count": 7, "title": "'甲"},
            }
        },
    ),
    Case(
        name="marks that mean absent, and where they are words",
        rules="S17",
        files={
            "人才.csv": text([
                [*TALENT, "手机", "现单位名称", "现等级", "拒绝自动化推荐"],
                ["T1", "甲", DISTRICT, "—", "无", "暂无", "无"],
                ["T2", "无", DISTRICT, "N/A", "不详", "/", "有"],
                ["T3", "丙", "未知", "null", "", "——", ""],
            ])
        },
        counts={"talents": (3, 1, 0, 0, 2)},
        rejects=[(3, "name", "missing-required"), (4, "district", "missing-required")],
        values={"talents": {"T1": {"employer_name": "无", "level": None, "objects": False}}},
    ),
    Case(
        name="masked cells",
        rules="S18",
        files={
            "人才.csv": text([
                [*TALENT, "证件号码", "手机", "可用起", "每周可用小时"],
                ["T1", "***", DISTRICT, "370785********1234", "＊＊＊", "2026-**-01", "1*"],
                ["T2", "张*", "3707**", "", "", "", "*"],
            ])
        },
        counts={"talents": (2, 2, 0, 0, 0)},
        warnings={"partly-masked": 5},
        values={
            "talents": {
                "T1": {"available_from": "*", "weekly_hours": "*"}, "T2": {"district": "*", "weekly_hours": "*"},
            }
        },
        sealed={"talents": {"T1": {"name": "*", "id_number": "*", "phone": "*"}, "T2": {"name": "张*"}}},
    ),
    Case(
        name="ditto marks",
        rules="S13",
        files={"企业.csv": text([[*HEAD, "职工人数"], firm(1, 3), [F2, "乙厂", "同上", "〃"], [credit_code(3), "″", DISTRICT, ""]])},
        counts={"enterprises": (3, 1, 0, 0, 2)},
        rejects=[(3, "district", "ditto-mark"), (3, "staff", "ditto-mark"), (4, "name", "ditto-mark")],
    ),
    Case(
        name="error texts; N/A without a hash is absent",
        rules="S16 S17",
        files={"企业.csv": text([[*HEAD, "职工人数"], firm(1, "#N/A"), firm(2, "N/A"), firm(3, "#DIV/0!"), firm(4, "#ref!")])},
        counts={"enterprises": (4, 1, 0, 0, 3)},
        rejects=[(2, "staff", "cell-error"), (4, "staff", "cell-error"), (5, "staff", "cell-error")],
    ),
    Case(
        name="choices and yes or no",
        rules="S38",
        files={
            "企业.csv": text([[*HEAD, "经营状态"], firm(1, " 正常 "), firm(2, "存续")]),
            "岗位需求.csv": _each("需求编号 企业代码 职业代码 人数", (*_POST, "1"), "提供住宿", ["√", "×", "TRUE", "y", "no", "可"], "D"),
        },
        counts={"enterprises": (2, 1, 0, 0, 1), "demands": (6, 5, 0, 0, 1)},
        rejects=[(3, "status", "bad-choice"), (7, "boarding", "bad-yes-no")],
        values={
            "enterprises": {F1: {"status": "正常"}},
            "demands": {f"D{n:03d}": {"boarding": told} for n, told in enumerate([True, False, True, True, False])},
        },
    ),
    Case(
        name="years and quarters",
        rules="S39",
        files={
            "供求统计.csv": text([
                ["职业代码", "等级", "季度", "需求人数", "求职人数"],
                *([TRADE, "无要求", quarter, 10, 5] for quarter in ("2026Q1", "2026年第二季度", "2026年3季度", "2026-Q4", "2026年", "第一季度")),
            ]),
            "荣誉.csv": text([
                ["人才编号", "荣誉名称", "级别", "年度"],
                *(["P1", f"技术能手{n}", "省", year] for n, year in enumerate(["2024", "2024年", "2024年度", "2024级", "24", "1899"])),
            ]),
        },
        counts={"market_stats": (6, 4, 0, 0, 2), "honours": (6, 4, 0, 0, 2)},
        rejects=[(6, "quarter", "bad-date"), (7, "quarter", "bad-date"), (6, "year", "bad-number"), (7, "year", "out-of-range")],
    ),
    Case(
        name="lists: separators, doubles, a comma that may be one",
        rules="S28",
        files={
            "企业.csv": text([[*HEAD, "简称", "所属产业链"], firm(1, "甲；乙、甲;\n丙；", "C1；C2"), firm(2, "丁,戊", "C1,C2")]),
            "技术难题.csv": text([
                ["难题编号", "单位代码", "题目", "技能要求", "总小时", "起", "止"],
                *(
                    [f"N{n}", FIRM, "攻关", skills, 10, "2026-01-01", "2026-12-31"]
                    for n, skills in enumerate(["焊接=3；数控编程", "焊接=6", "焊接=", "=3", "焊接=2；焊接=3", "焊接==3", "焊接＝4；焊接=4"])
                ),
            ]),
        },
        counts={"enterprises": (2, 1, 0, 0, 1), "problems": (7, 2, 0, 0, 5)},
        rejects=[(3, "chains", "bad-code"), *((row, "skills", "bad-list") for row in range(3, 8))],
        warnings={"suspicious-separator": 1, "unknown-reference": 2},
        values={
            "enterprises": {F1: {"aliases": ("甲", "乙", "丙"), "chains": ("C1", "C2")}},
            "problems": {"N0": {"skills": ("焊接=3", "数控编程=1")}, "N6": {"skills": ("焊接=4",)}},
        },
    ),
    Case(
        name="skill demands and modes by key or name",
        rules="S28",
        files={
            "岗位需求.csv": text([
                [*DEMAND, "技能要求", "合作方式"],
                ["D1", FIRM, TRADE, 1, "焊接=3*2；数控编程*0.5", "order_class；岗位实习；internship"],
                ["D2", FIRM, TRADE, 1, "焊接=3*0", "订单班；包分配"],
                ["D3", FIRM, TRADE, 1, "焊接=3*", ""],
            ]),
            "人才.csv": _each("人才编号 姓名 区划代码", _PERSON, "可服务方式", ["顾问指导；周末工程师=80%", "consult=1.2", "旅游"]),
        },
        counts={"demands": (3, 1, 0, 0, 2), "talents": (3, 1, 0, 0, 2)},
        rejects=[
            (3, "skills", "bad-list"), (3, "modes", "unknown-mode"), (4, "skills", "bad-list"),
            (3, "modes", "out-of-range"), (4, "modes", "unknown-mode"),
        ],
        values={
            "demands": {"D1": {"skills": ("焊接=3*2", "数控编程=1*0.5"), "modes": ("order_class", "internship")}},
            "talents": {"T000": {"modes": ("consult=1", "weekend=0.8")}},
        },
    ),
    Case(
        name="names and texts: white space, invisible signs, dots, controls, rubbish",
        rules="S31",
        files={
            "企业.csv": text([
                HEAD,
                [F1, " 张　三\u200b机械 Co.  Ltd ", DISTRICT],
                [F2, "無損檢測·檢﨑•公司", DISTRICT],
                [credit_code(3), "甲\x07厂", DISTRICT],
                [credit_code(4), "锟斤拷厂", DISTRICT],
                [credit_code(5), "长" * 201, DISTRICT],
                [credit_code(6), "甲\ue000厂👷", DISTRICT],
            ])
        },
        counts={"enterprises": (6, 3, 0, 0, 3)},
        rejects=[(4, "name", "control-character"), (5, "name", "damaged-text"), (6, "name", "too-long")],
        warnings={"invisible-removed": 1, "private-use-character": 1},
        values={
            "enterprises": {
                F1: {"name": "张三机械 Co. Ltd"}, F2: {"name": "無損檢測·檢﨑•公司"}, credit_code(6): {"name": "甲\ue000厂👷"},
            }
        },
    ),
]  # fmt: skip
