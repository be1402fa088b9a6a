"""Golden cases: deliveries after deliveries, JSON, archives, folders, mapping files."""

import json
from typing import Final

from tests.golden_files.builders import DISTRICT, HEAD, book, firm, packed, text
from tests.golden_files.case import Case
from tests.loaders.files_made import credit_code

F1, F2, F3 = credit_code(1), credit_code(2), credit_code(3)
ONE: Final = {"enterprises": (1, 1, 0, 0, 0)}
TEN: Final = {"企业.csv": text([[*HEAD, "职工人数"], *(firm(number, number) for number in range(1, 11))])}


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _record(number: int, **more: object) -> dict[str, object]:
    return {**dict(zip(HEAD, firm(number), strict=True)), **more}


CASES: Final = [
    Case(
        name="a column that is not in the file stays, an empty cell clears",
        rules="S9",
        before=[{"企业.csv": text([[*HEAD, "职工人数", "简称", "经营状态"], firm(1, 9, "一厂", "正常"), firm(2, 8, "二厂", "正常")])}],
        files={"企业.csv": text([[*HEAD, "职工人数", "经营状态"], firm(1, "", "正常"), firm(2, 8, "正常")])},
        counts={"enterprises": (2, 0, 1, 1, 0)},
        values={"enterprises": {F1: {"staff": None, "aliases": ("一厂",), "status": "正常"}, F2: {"staff": 8}}},
    ),
    Case(
        name="the same delivery again changes nothing",
        rules="S40",
        before=[TEN],
        files=TEN,
        counts={"enterprises": (10, 0, 0, 10, 0)},
    ),
    Case(
        name="a full delivery that lacks one of ten rows retires it",
        rules="S35",
        before=[TEN],
        files={"企业.csv": text([HEAD, *(firm(number) for number in range(1, 10))])},
        options={"full": True},
        counts={"enterprises": (9, 0, 0, 9, 0)},
    ),
    Case(
        name="a full delivery that would retire three of ten rows",
        rules="S35",
        before=[TEN],
        files={"企业.csv": text([HEAD, *(firm(number) for number in range(1, 8))])},
        options={"full": True},
        errors=["retire-limit"],
    ),
    Case(
        name="the same, confirmed with the right number",
        rules="S35",
        before=[TEN],
        files={"企业.csv": text([HEAD, *(firm(number) for number in range(1, 8))])},
        options={"full": True, "confirm_retire": 3},
        counts={"enterprises": (7, 0, 0, 7, 0)},
    ),
    Case(
        name="a row that is present but rejected has not vanished",
        rules="S35",
        before=[TEN],
        files={"企业.csv": text([HEAD, *(firm(number) for number in range(1, 10)), [credit_code(10), "同上", DISTRICT]])},
        options={"full": True},
        counts={"enterprises": (10, 0, 0, 9, 1)},
        rejects=[(11, "name", "ditto-mark")],
        values={"enterprises": {credit_code(10): {"staff": 10}}},
    ),
    Case(
        name="JSON of one table: values of every kind",
        rules="S37 S24",
        files={
            "企业.json": _json([
                _record(1, 职工人数=12, 简称=["一厂", "首厂"], 经营状态=None),
                _record(2, 职工人数="1.2万", 所有制=True),
                _record(3, 职工人数={"人": 1}, 区划代码=370785),
                _record(4, 统一社会信用代码=913707850000000041),
                _record(5, 简称=["a", ["b"]]),
            ])
        },
        counts={"enterprises": (5, 2, 0, 0, 3)},
        rejects=[(3, "staff", "bad-number"), (4, "credit_code", "digits-lost"), (5, "aliases", "bad-list")],
        values={"enterprises": {F1: {"aliases": ("一厂", "首厂"), "staff": 12}, F2: {"staff": 12000}}},
    ),
    Case(
        name="JSON of several tables, texts that begin with a formula sign or a quote stay",
        rules="S37 S25",
        files={
            "全部.json": _json({
                "企业": [_record(1)],
                "policies": [
                    {"clause_id": "C1", "title": "=1+1", "text": "'=1+1"}, {"clause_id": "C2", "title": "'甲'", "text": "+86"},
                ],
            })
        },
        counts={**ONE, "policies": (2, 2, 0, 0, 0)},
        values={"policies": {"C1": {"title": "=1+1", "text": "'=1+1"}, "C2": {"title": "'甲'", "text": "+86"}}},
    ),
    Case(
        name="a zip of a folder: workbook and text, hidden files left out",
        rules="S36 S40",
        files={
            "登记.zip": packed({
                "资料/企业.csv": text([HEAD, firm(1)], "gb18030"),
                "资料/院校.xlsx": book({"院校": [["统一社会信用代码", "学校名称", "区划代码"], [credit_code(950), "新校", DISTRICT]]}),
                "资料/~$院校.xlsx": b"lock", ".DS_Store": b"x", "__MACOSX/企业.csv": b"x",
            })
        },
        counts={**ONE, "schools": (1, 1, 0, 0, 0)},
    ),
    Case(
        name="a folder with folders in it",
        rules="S40 S2",
        files={"甲区/企业.csv": text([HEAD, firm(1)]), "乙区/企业.csv": text([HEAD, firm(2)]), "乙区/.企业.csv": b"x"},
        counts={"enterprises": (2, 2, 0, 0, 0)},
    ),
    Case(
        name="a foreign register with a mapping file",
        rules="S41 S38",
        files={"企业.csv": text([["代码", "单位", "区划", "状态", "经办人"], firm(1, "存续", "王"), firm(2, "吊销", "李")])},
        mapping='[enterprises]\n"代码" = "credit_code"\n"单位" = "企业名称"\n"区划" = "district"\n"状态" = "status"\n'
        '"经办人" = ""\n[enterprises.values.status]\n"存续" = "正常"\n',
        counts={"enterprises": (2, 1, 0, 0, 1)},
        rejects=[(3, "status", "bad-choice")],
        values={"enterprises": {F1: {"status": "正常"}}},
    ),
    Case(
        name="a mapping file that means a column nobody has",
        rules="S41",
        files={"企业.csv": text([HEAD, firm(1)])},
        mapping='[enterprises]\n"代码" = "no_such_column"\n',
        errors=["bad-mapping"],
    ),
    Case(
        name="the table is told, whatever the name of the file",
        rules="S2",
        files={"下载(17).csv": text([HEAD, firm(1)])},
        options={"table": "企业"},
        counts=ONE,
    ),
    Case(
        name="an errors workbook, corrected and sent back",
        rules="§1 S8",
        files={"errors.xlsx": book({"企业": [["原行号", "错误列", "错误原因", *HEAD], ["7", "区划代码", "…", *firm(1)]]})},
        counts=ONE,
    ),
    Case(
        name="content over extension: a CSV called .xls, a workbook called .csv",
        rules="S33",
        files={"企业.xls": text([HEAD, firm(1)]), "企业(2).csv": book({"企业": [HEAD, firm(2)]})},
        counts={"enterprises": (2, 2, 0, 0, 0)},
        warnings={"extension-mismatch": 2},
    ),
]  # fmt: skip
