"""A plan as a file: workbook, CSV of the allocation, or JSON; guarded against formulas."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson
from openpyxl import Workbook

from kg.text import guard_formula
from kg.vocab.modes import ENGAGEMENT_MODES

Json = Mapping[str, Any]
Row = list[Any]
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


def plan_file(plan: Json, form: str) -> bytes:
    """Return a plan in one of `FORMS`."""
    if form == "json":
        return orjson.dumps(plan, option=orjson.OPT_INDENT_2)
    rows = list(_allocation(plan))
    return _csv(rows) if form == "csv" else _workbook(plan, rows)


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


def _guarded(row: Row) -> Row:
    return [guard_formula(value) if isinstance(value, str) else value for value in row]


def _csv(rows: Iterable[Row]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(_guarded(row) for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _workbook(plan: Json, rows: Iterable[Row]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "安排"
    for row in rows:
        sheet.append(_guarded(row))
    for title, lines in _further(plan):
        other = book.create_sheet(title)
        for line in lines:
            other.append(_guarded(line))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _further(plan: Json) -> Iterable[tuple[str, list[Row]]]:
    seats = plan["kind"] == "cooperation"
    ends = ("offering", "demand") if seats else ("need", "talent")
    yield (
        "阻断对",
        [[*ends, "a", "b"], *([one[key] for key in (*ends, "a", "b")] for one in plan["blocking"])],
    )
    if seats:
        moves = ("offering", "from", "to")
        yield (
            "可协商调岗",
            [["班级", "现岗位", "想去的岗位"], *([one[key] for key in moves] for one in plan["negotiable"])],
        )
        names = plan["names"]["offerings"]
        together = {one["offering"]: one["seats"] for one in plan["coalitions"]}
        yield "未开班", [
            ["班级", "名称", "院校", "开班下限", "仍可联合的席位"],
            *([key, names[key]["name"], names[key]["school_name"], names[key]["class_min"], together.get(key, 0)]
              for key in plan["closed"]),
        ]  # fmt: skip
    else:
        yield "未安排", [["需求"], *([key] for key in plan["unserved"])]
    yield "说明", _notes(plan)


def _notes(plan: Json) -> list[Row]:
    keys = ("id", "kind", "objective", "as_of", "revision", "made_at", "verdict", "value", "stable", "notice")
    lines: list[Row] = [[key, str(plan[key])] for key in keys]
    lines += [
        [f"question.{key}", "" if value is None else str(value)] for key, value in plan["question"].items()
    ]
    lines.append(["policy", f"{plan['policy']['id']} {plan['policy']['hash']}"])
    lines += [[f"price.{key}", str(value)] for key, value in (plan.get("price") or {}).items()]
    lines.append(["certificate", f"SHA-256 {plan['certificate'].get('digest', '')}"])
    return lines
