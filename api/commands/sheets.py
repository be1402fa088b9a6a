"""A recommendation as a workbook: the list, and the ledger of every item; guarded against formulas."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Any

from openpyxl import Workbook

from kg.text import guard_formula


def write_answer(
    answer: Mapping[str, Any], path: Path | IO[bytes], *, lines: Iterable[tuple[str, str]] = ()
) -> None:
    """Write an answer to an .xlsx file: sheets 名单 and 因素; `lines` (label, value) go to the sheet 说明."""
    book = Workbook()
    listed = book.active
    assert listed is not None
    listed.title = "名单"
    listed.append(["名次", "段", "名称", "得分", "区间下", "区间上", "已知权重", "席位", "盈余", "理由"])
    ledger = book.create_sheet("因素")
    ledger.append(["名次", "名称", "方面", "因素", "权重", "取值", "已知", "贡献", "依据"])
    for item in (*answer["items"], *answer["to_verify"]):
        name = guard_formula(str(item["node"]["name"]))
        low, high = item["interval"]
        listed.append(
            [item["rank"], item["band"], name, item["score"], low, high, item["coverage"], item.get("seats"),
             item.get("value"), guard_formula(item["summary"])]
        )  # fmt: skip
        for side, told in item["sides"].items():
            for factor in told["factors"]:
                ledger.append(
                    [item["rank"], name, side, factor["label"], factor["weight"], factor["value"],
                     "是" if factor["known"] else "否", factor["contribution"], guard_formula(factor["text"])]
                )  # fmt: skip
    note = book.create_sheet("说明")
    for key in ("query_id", "as_of", "revision", "notice"):
        note.append([key, str(answer[key])])
    note.append(["policy", f"{answer['policy']['id']} {answer['policy']['hash']}"])
    for label, value in lines:
        note.append([guard_formula(label), guard_formula(value)])
    book.save(path)
