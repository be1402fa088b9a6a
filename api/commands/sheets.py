"""A recommendation as a workbook: the list, and the ledger of every item; guarded against formulas."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Any, Final

from openpyxl import Workbook

from kg.text import guard_formula
from kg.vocab.reasons import SIDE_LABELS

_BANDS: Final = {"ranked": "列出", "low_coverage": "已知权重不足六成", "to_verify": "待核实"}
_NOTES: Final = {"query_id": "查询编号", "as_of": "数据截至", "revision": "修订", "notice": "说明"}


def write_answer(
    answer: Mapping[str, Any], path: Path | IO[bytes], *, lines: Iterable[tuple[str, str]] = ()
) -> None:
    """Write an answer to an .xlsx file: sheets 名单 and 因素; `lines` (label, value) go to the sheet 说明."""
    book = Workbook()
    listed = book.active
    assert listed is not None
    listed.title = "名单"
    listed.append([
        "名次",
        "段",
        "名称",
        "对方",
        "得分",
        "区间下",
        "区间上",
        "已知权重",
        "席位",
        "盈余",
        "理由",
    ])
    ledger = book.create_sheet("因素")
    ledger.append(["名次", "名称", "对方", "方面", "因素", "权重", "取值", "已知", "贡献", "依据"])
    for item in (*answer["items"], *answer["to_verify"]):
        other = item["other"] or {"name": ""}
        name, with_whom = (guard_formula(str(one["name"])) for one in (item["node"], other))
        low, high = item["interval"]
        listed.append(
            [item["rank"], _BANDS[item["band"]], name, with_whom, item["score"], low, high, item["coverage"], item.get("seats"),
             item.get("value"), guard_formula(item["summary"])]
        )  # fmt: skip
        for side, told in item["sides"].items():
            for factor in told["factors"]:
                ledger.append(
                    [item["rank"], name, with_whom, SIDE_LABELS[side], factor["label"], factor["weight"], factor["value"],
                     "是" if factor["known"] else "否", factor["contribution"], guard_formula(factor["text"])]
                )  # fmt: skip
    note = book.create_sheet("说明")
    for key, label in _NOTES.items():
        note.append([label, str(answer[key])])
    note.append(["策略", f"{answer['policy']['id']} {answer['policy']['hash']}"])
    for label, value in lines:
        note.append([guard_formula(label), guard_formula(value)])
    book.save(path)
