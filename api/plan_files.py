"""A plan as a file: workbook, CSV of the allocation, or JSON; guarded against formulas."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import orjson
from openpyxl import Workbook

from kg.text import guard_formula
from kg.vocab.modes import COOPERATION_MODES, ENGAGEMENT_MODES

Json = Mapping[str, Any]
Row = list[Any]
Say = Callable[[str], str]
Ends = tuple[tuple[str, str], ...]
"""What a row names: the heading of a column and the field with the key."""
_LONGEST_TITLE: Final = 31
"""Characters that Excel takes as the name of a sheet."""
FORMS: Final = ("xlsx", "csv", "json")
MEDIA_TYPES: Final = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}
_SEATS: Final = ("专业开设编号", "班级", "院校代码", "院校", "岗位需求编号", "岗位", "企业代码", "企业", "席位", "对企业的价值 a",
                 "对院校的价值 b", "得分", "盈余")  # fmt: skip
_HOURS: Final = ("需求编号", "需求", "用人单位代码", "用人单位", "人才", "人才键", "方式", "小时", "到场次数", "在途小时", "重点",
                 "对需方的价值 a", "对人才的价值 b", "得分", "盈余")  # fmt: skip

_NAMED: Final = {
    "offering": "offerings", "demand": "demands", "from": "demands", "to": "demands", "need": "needs", "talent": "talents",
}  # fmt: skip
_NOTES: Final = {
    "id": "方案编号", "as_of": "数据截至", "revision": "修订", "made_at": "编制时间", "verdict": "结论", "value": "价值",
    "stable": "稳定", "notice": "说明",
}  # fmt: skip
_ASKED: Final = {"year": "学年", "district": "区县", "k": "每条需求最多考虑几位人才"}
_PRICE: Final = {
    "value": "与价值最大相差：价值", "value_share": "与价值最大相差：占比", "seats": "与价值最大相差：席位",
    "greatest_value": "价值最大：价值", "greatest_seats": "价值最大：席位", "blocking": "价值最大：阻断对",
    "exact": "价值最大：已证明", "bound": "价值最大：上界",
}  # fmt: skip


def plan_file(plan: Json, form: str, say: Say = str) -> bytes:
    """Return a plan in one of `FORMS`; the words of a workbook or table as `say` tells them."""
    if form == "json":
        return orjson.dumps(plan, option=orjson.OPT_INDENT_2)
    rows = list(_allocation(plan))
    return _csv(rows, say) if form == "csv" else _workbook(plan, rows, say)


def _allocation(plan: Json) -> Iterable[Row]:
    names = plan["names"]
    if plan["kind"] == "cooperation":
        yield list(_SEATS)
        for entry in plan["allocation"]:
            one, other = names["offerings"][entry["offering"]], names["demands"][entry["demand"]]
            yield [entry["offering"], one["name"], one["school"], one["school_name"], entry["demand"], other["name"],
                   other["enterprise"], other["enterprise_name"], entry["seats"],
                   *(entry[key] for key in ("a", "b", "score", "surplus"))]  # fmt: skip
        return
    yield list(_HOURS)
    for entry in plan["allocation"]:
        need = names["needs"][entry["need"]]
        yield [entry["need"], need["name"], need["host"], need["host_name"], names["talents"][entry["talent"]]["name"],
               entry["talent"], ENGAGEMENT_MODES[entry["mode"]], entry["hours"], entry["visits"], entry["road"],
               *(entry[key] for key in ("priority", "a", "b", "score", "surplus"))]  # fmt: skip


def _guarded(row: Row, say: Say) -> Row:
    return [guard_formula(say(value)) if isinstance(value, str) else value for value in row]


def _csv(rows: Iterable[Row], say: Say) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(_guarded(row, say) for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _workbook(plan: Json, rows: Iterable[Row], say: Say) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = say("安排")
    for row in rows:
        sheet.append(_guarded(row, say))
    for title, lines in _further(plan):
        other = book.create_sheet(say(title)[:_LONGEST_TITLE])
        for line in lines:
            other.append(_guarded(line, say))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _further(plan: Json) -> Iterable[tuple[str, list[Row]]]:
    seats = plan["kind"] == "cooperation"
    one, other = (
        (("班级", "offering"), ("岗位", "demand")) if seats else (("需求", "need"), ("人才", "talent"))
    )
    ends = (one, other)
    yield (
        "阻断对",
        [
            [*_titles(ends), "a", "b"],
            *([*_ends(plan, row, ends), row["a"], row["b"]] for row in plan["blocking"]),
        ],
    )
    if seats:
        moves = (("班级", "offering"), ("现岗位", "from"), ("想去的岗位", "to"))
        yield "可协商调岗", [_titles(moves), *(_ends(plan, row, moves) for row in plan["negotiable"])]
        names = plan["names"]["offerings"]
        together = {one["offering"]: one["seats"] for one in plan["coalitions"]}
        yield "未开班", [
            ["班级", "名称", "院校", "开班下限", "仍可联合的席位"],
            *([key, names[key]["name"], names[key]["school_name"], names[key]["class_min"], together.get(key, 0)]
              for key in plan["closed"]),
        ]  # fmt: skip
    else:
        need = (("需求", "need"),)
        yield "未安排", [_titles(need), *(_ends(plan, {"need": key}, need) for key in plan["unserved"])]
    yield "说明", _notes(plan)


def _titles(ends: Ends) -> Row:
    return [title for label, _ in ends for title in (f"{label}编号", label)]


def _ends(plan: Json, row: Json, ends: Ends) -> Row:
    """Return key and name of everything that a row names; the name stays empty where the plan knows none."""
    found: Row = []
    for _, field in ends:
        names = plan["names"].get(_NAMED[field]) or {}
        found += [row[field], (names.get(row[field]) or {}).get("name", "")]
    return found


def _notes(plan: Json) -> list[Row]:
    lines: list[Row] = [[label, _told(plan[key])] for key, label in _NOTES.items()]
    asked = plan["question"]
    lines.append(["方式", COOPERATION_MODES[asked["mode"]] if "mode" in asked else "柔性服务"])
    lines += [[label, _told(asked[key])] for key, label in _ASKED.items() if key in asked]
    lines.append(["策略", f"{plan['policy']['id']} {plan['policy']['hash']}"])
    lines += [[_PRICE[key], _told(value)] for key, value in (plan.get("price") or {}).items()]
    lines.append(["证书", f"SHA-256 {plan['certificate'].get('digest', '')}"])
    return lines


def _told(value: object) -> str:
    if value is None:
        return ""
    return ("是" if value else "否") if isinstance(value, bool) else str(value)
