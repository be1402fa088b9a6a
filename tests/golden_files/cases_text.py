"""Golden cases: plain text files, their encodings, separators, headers, footers and rows."""

from typing import Final

from tests.golden_files.builders import DISTRICT, HEAD, TALENT, firm, text
from tests.golden_files.case import Case
from tests.loaders.files_made import credit_code

F1, F2, F3 = credit_code(1), credit_code(2), credit_code(3)
WRONG: Final = F2[:-1] + ("0" if F2[-1] != "0" else "1")
ONE: Final = {"enterprises": (1, 1, 0, 0, 0)}
TWO: Final = {"enterprises": (2, 2, 0, 0, 0)}

CASES: Final = [
    Case(
        name="mixed line ends, a quoted cell of three lines, a byte order mark",
        rules="S1 S31 S32",
        files={
            "企业.csv": b"\xef\xbb\xbf"
            + (
                f'{",".join(HEAD)}\r\n{F1},"第一\n示例\r\n公司",{DISTRICT}\r{WRONG},乙厂,{DISTRICT}\n\n'
                f"{F3},丙厂,37078\n"
            ).encode()
        },
        counts={"enterprises": (3, 1, 0, 0, 2)},
        rejects=[(3, "credit_code", "bad-check-digit"), (5, "district", "bad-code")],
        values={"enterprises": {F1: {"name": "第一示例公司"}}},
        skipped=[("4", "blank")],
        encoding="utf-8-sig",
    ),
    Case(
        name="an export in GBK",
        rules="S32",
        files={"企业.csv": text([HEAD, firm(1), firm(2)], "gbk", end="\r\n")},
        counts=TWO,
        encoding="gb18030",
        delimiter=",",
    ),
    Case(
        name="rare characters only GB18030 has",
        rules="S32 S31",
        files={"企业.csv": text([HEAD, [F1, "㐀䶮有限公司", DISTRICT]], "gb18030")},
        counts=ONE,
        values={"enterprises": {F1: {"name": "㐀䶮有限公司"}}},
        encoding="gb18030",
    ),
    Case(
        name="Unicode text of a spreadsheet: UTF-16 with mark and tabs",
        rules="S32 S33",
        files={"企业.txt": text([HEAD, firm(1)], "utf-16", delimiter="\t")},
        counts=ONE,
        encoding="utf-16",
        delimiter="\t",
    ),
    Case(
        name="UTF-16 without a mark",
        rules="S32",
        files={"企业.csv": text([HEAD, firm(1), firm(2)], "utf-16-be")},
        counts=TWO,
        encoding="utf-16-be",
    ),
    Case(
        name="UTF-8 with one damaged character",
        rules="S32",
        files={
            "企业.csv": text([HEAD, *(firm(n) for n in range(1, 9))]).replace("第5".encode(), b"\xe7\xac5")
        },
        errors=["bad-encoding"],
    ),
    Case(
        name="neither UTF-8 nor GB18030",
        rules="S32",
        files={"企业.csv": ",".join(HEAD).encode("gbk") + b"\n\xff\xff\x80,\xff,\xfe\n"},
        errors=["bad-encoding"],
    ),
    Case(
        name="semicolons between the cells, a list in quotes",
        rules="S32 S28",
        files={"企业.csv": text([[*HEAD, "简称"], firm(1, "一厂;首厂")], delimiter=";")},
        counts=ONE,
        values={"enterprises": {F1: {"aliases": ("一厂", "首厂")}}},
        delimiter=";",
    ),
    Case(
        name="bars between the cells",
        rules="S32",
        files={"企业.txt": text([HEAD, firm(1)], delimiter="|")},
        counts=ONE,
        delimiter="|",
    ),
    Case(
        name="title rows above, a printed date, the header in row 4",
        rules="S3",
        files={"企业.csv": text([["示例市企业名录"], ["2026年9月"], [], HEAD, firm(1)])},
        counts=ONE,
        skipped=[("1-3", "title")],
        header_rows=[4],
    ),
    Case(
        name="a register with five known columns among thirty-five",
        rules="S3 S8",
        files={
            "企业.csv": text([
                [*HEAD, "职工人数", "经营状态", *(f"附加项{n}" for n in range(30))],
                firm(1, 5, "正常", *range(30)),
            ])
        },
        counts=ONE,
        warnings={"unknown-column": 30},
        values={"enterprises": {F1: {"staff": 5, "status": "正常"}}},
    ),
    Case(
        name="blank rows of many kinds in the middle",
        rules="S10",
        files={
            "企业.csv": text([HEAD, firm(1), ["", "", ""], ["　", "\xa0", "\u200b"], [" "], firm(2), [], []])
        },
        counts=TWO,
        skipped=[("3-5", "blank"), ("7-8", "blank")],
    ),
    Case(
        name="sums and signatures at the end, and a firm that is called like one",
        rules="S11",
        files={
            "企业.csv": text([
                [*HEAD, "职工人数"],
                firm(1, 10),
                ["小 计", "", "", 10],
                [F2, "合计科技有限公司", DISTRICT, 20],
                ["", "合计：", "", 30],
                ["填表人：王某", "", "", ""],
                ["", "审核人", "", "李某"],
                ["注：以上数据截至九月", "", "", ""],
            ])
        },
        counts=TWO,
        values={"enterprises": {F2: {"name": "合计科技有限公司"}}},
        skipped=[("3", "footer"), ("5-8", "footer")],
    ),
    Case(
        name="headers with stars, hints, units, wide letters and line breaks",
        rules="S4",
        files={
            "企业.csv": text([
                ["＊统一社会\n信用代码（必填）", "企 业 名 称：", "区划代码【下拉选择】", "职工人数（人）", "Ｓｔａｔｕｓ"],
                firm(1, 12, "正常"),
            ])
        },
        counts=ONE,
        values={"enterprises": {F1: {"staff": 12, "status": "正常"}}},
    ),
    Case(
        name="a date pattern in the header, and pay in another unit",
        rules="S4 S8",
        files={
            "岗位需求.csv": text([
                ["需求编号", "企业代码", "职业代码", "人数", "月薪(千元)", "起(yyyy-mm-dd)"],
                ["D1", credit_code(501), "6-18-01-01", 2, 8, "2026-09-01"],
            ])
        },
        counts={"demands": (1, 1, 0, 0, 0)},
        warnings={"unknown-column": 1},
        values={"demands": {"D1": {"pay": None, "valid_from": "2026-09-01"}}},
    ),
    Case(
        name="one column twice, by name and by key",
        rules="S6",
        files={"企业.csv": text([[*HEAD, "name"], firm(1, "另名")])},
        errors=["duplicate-column"],
    ),
    Case(
        name="one unknown column twice",
        rules="S6 S8",
        files={"企业.csv": text([[*HEAD, "经办人", "经办人"], firm(1, "王", "李")])},
        counts=ONE,
        warnings={"unknown-column": 2},
    ),
    Case(
        name="a required column is missing: told once, not per row",
        rules="S7",
        files={"企业.csv": text([HEAD[:2], firm(1)[:2], firm(2)[:2]])},
        errors=["missing-column"],
    ),
    Case(
        name="an unquoted comma has shifted a row; a short row is only short",
        rules="S43",
        files={
            "企业.csv": f"{','.join(HEAD)},职工人数\n{F1},甲,乙合营厂,{DISTRICT},7\n{F2},乙厂,{DISTRICT}\n{F3},丙厂,{DISTRICT},3,,\n".encode()
        },
        counts={"enterprises": (3, 2, 0, 0, 1)},
        rejects=[(2, "district", "bad-code"), (2, "*", "extra-cells")],
        values={"enterprises": {F2: {"staff": None}, F3: {"staff": 3}}},
    ),
    Case(
        name="a quote that never closes",
        rules="S32",
        files={"企业.csv": f'{",".join(HEAD)}\n{F1},"甲厂,{DISTRICT}\n{F2},乙厂,{DISTRICT}\n'.encode()},
        errors=["damaged-file"],
    ),
    Case(
        name="table names beside dates and copy marks",
        rules="S2 S40",
        files={
            "企业_2026年9月.csv": text([HEAD, firm(1)]),
            "2026-09 企业(2).csv": text([HEAD, firm(2)]),
            "企业 - 副本.csv": text([HEAD, firm(3)]),
        },
        counts={"enterprises": (3, 3, 0, 0, 0)},
    ),
    Case(
        name="a file of any name, known by its columns",
        rules="S2",
        files={"导出数据.csv": text([[*HEAD, "经营状态"], firm(1, "正常")])},
        counts=ONE,
    ),
    Case(
        name="nothing says which table it is",
        rules="S2",
        files={"数据.csv": text([["编号", "内容"], ["1", "甲"]])},
        errors=["unknown-table"],
    ),
    Case(
        name="a table without a header",
        rules="S3",
        files={"企业.csv": text([firm(1), firm(2)])},
        errors=["missing-header"],
    ),
    Case(
        name="a header and no rows",
        rules="S40",
        files={"企业.csv": text([HEAD])},
        counts={"enterprises": (0, 0, 0, 0, 0)},
    ),
    Case(
        name="the header printed again on every page",
        rules="S3",
        files={"企业.csv": text([HEAD, firm(1), HEAD, firm(2)])},
        counts=TWO,
        skipped=[("3", "header")],
    ),
    Case(
        name="a person given by ID number, headers of other tables' numbers",
        rules="S7 S44",
        files={
            "荣誉.csv": text([["证件号码", "荣誉名称", "级别", "年度"], ["99010119900307123" + "5", "技术能手", "省", 2024]]),
            "竞赛名次.csv": text([["竞赛编号", "人才编号", "名次"], ["K1", "P1", "一等奖"]]),
        },
        counts={"honours": (1, 0, 0, 0, 1), "placements": (1, 1, 0, 0, 0)},
        rejects=[(2, "id_number", "bad-check-digit")],
    ),
    Case(
        name="every row rejected is still no refusal",
        rules="S40 S18",
        files={"人才.csv": text([TALENT, ["P*", "甲", DISTRICT], ["**", "乙", DISTRICT]])},
        counts={"talents": (2, 0, 0, 0, 2)},
        rejects=[(2, "person_id", "masked-key"), (3, "person_id", "masked-key")],
    ),
]  # fmt: skip
