"""The report of an answer as officials print it: title, numbered parts, tables; one model for Word and for the printed page."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from kg.vocab.modes import COOPERATION_MODES, ENGAGEMENT_MODES
from kg.vocab.reasons import FILTER_LABELS, SIDE_LABELS
from visualizations.numerals import chinese_number
from visualizations.picture import Stamp, printable

Json = Mapping[str, Any]
MOST_ITEMS: Final = 20
"""So many lines of a list are told with ledger and evidence; the rest by name and score."""
_MODES: Final = {**ENGAGEMENT_MODES, **COOPERATION_MODES}
_TITLES: Final = {"talents": "柔性人才推荐意见", "partners": "校企合作推荐意见"}
_PROTECTED: Final = "性别、年龄、民族、户籍、学历、身份、工龄、政治面貌与单位所有制均未参与评分。"


@dataclass(frozen=True, slots=True)
class Heading:
    """A numbered heading of level 1 (一、) or 2 (（一）)."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of the body; `small` for what stands under a table."""

    text: str
    small: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its caption; `numbers` are the columns whose cells are centred, `bold` the rows set off."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: frozenset[int] = frozenset()
    bold: frozenset[int] = frozenset()


Block = Heading | Paragraph | Table


@dataclass(frozen=True, slots=True)
class Report:
    """A finished report; `blocks` in the order of printing, `fine` the small print at its end.

    `mark` is what every page bears at its head, `about` what the file says of itself, `language` that of its texts.
    """

    title: str
    meta: str
    blocks: tuple[Block, ...]
    signatures: tuple[str, ...]
    fine: str
    stamp: Stamp
    people: bool
    mark: str = ""
    about: str = ""
    language: str = "zh-CN"


def report_of(
    answer: Json, stamp: Stamp, question: Sequence[tuple[str, str]], evidence: Mapping[int, Sequence[Json]]
) -> Report:
    """Return the report of a told answer.

    `question` are label and value of what was asked; `evidence` the rows behind the items, by place in the list.
    """
    talents = "need" in answer["question"] or "inline" in answer["question"]
    kind = "talents" if talents else "partners"
    return Report(
        title=_TITLES[kind],
        meta=printable(
            f"查询编号 {answer['query_id']}　推荐日期 {answer['as_of']}"
            + ("　合成数据，仅供演示" if answer["synthetic"] else "")
        ),
        blocks=tuple(_clean(block) for block in _numbered(_parts(answer, question, evidence))),
        signatures=("经办人：＿＿＿＿", "审核人：＿＿＿＿", "　　年　　月　　日"),
        fine=printable(_fine(answer, stamp)),
        stamp=stamp,
        people=talents,
        mark=f"{stamp.viewer}　{stamp.at.isoformat(sep=' ', timespec='minutes')}"
        + ("　演示 · 合成数据" if stamp.synthetic else ""),
        about=stamp.sentence,
    )


def told_in(report: Report, say: Callable[[str], str], language: str) -> Report:
    """Return the report with every text as `say` tells it in another language, headings numbered 1. and (1)."""
    return replace(
        report,
        title=say(report.title),
        meta=say(report.meta),
        blocks=tuple(_renumbered(report.blocks, say)),
        signatures=tuple(say(line) for line in report.signatures),
        fine=say(report.fine),
        mark=say(report.mark),
        about=say(report.about),
        language=language,
    )


def _renumbered(blocks: Sequence[Block], say: Callable[[str], str]) -> Iterator[Block]:
    first = second = 0
    for block in blocks:
        if isinstance(block, Heading):
            first, second = (first + 1, 0) if block.level == 1 else (first, second + 1)
            _, _, text = block.text.partition("、" if block.level == 1 else "）")
            yield Heading(block.level, (f"{first}. " if block.level == 1 else f"({second}) ") + say(text))
        elif isinstance(block, Paragraph):
            yield Paragraph(say(block.text), block.small)
        else:
            head = tuple(map(say, block.head))
            rows = tuple(tuple(map(say, row)) for row in block.rows)
            yield Table(say(block.caption), head, rows, block.numbers, block.bold)


def _parts(
    answer: Json, question: Sequence[tuple[str, str]], evidence: Mapping[int, Sequence[Json]]
) -> Iterator[Block]:
    yield Heading(1, "需求" if "anchor" not in answer["question"] else "问题")
    yield Table("问题", ("项目", "内容"), tuple(question))
    yield Heading(1, "推荐结论")
    yield from _conclusion(answer)
    told = answer["items"][:MOST_ITEMS]
    if told:
        yield Heading(1, "评分与依据")
        for place, item in enumerate(told):
            yield from _item(item, evidence.get(place, ()))
    checks = list(_checks(answer))
    if checks:
        yield Heading(1, "签约前须核实")
        yield Table("须核实的事项", ("对象", "事项", "查什么"), tuple(checks))
    yield Heading(1, "意见")
    yield Paragraph("□ 采纳　　□ 不采纳，理由：＿＿＿＿＿＿＿＿＿")


def _conclusion(answer: Json) -> Iterator[Block]:
    items = answer["items"]
    if not items:
        yield Paragraph("没有可列出的对象。未通过的原因见文末，放宽条件后再查。")
        return
    rows = tuple(
        (
            f"{item['rank']}{'（并列）' if item['tied'] else ''}", _name(item), _MODES.get(item["mode"] or "", "—"),
            *([str(item["seats"])] if item.get("seats") is not None else []),
            f"{item['score']:.4f}", f"{item['interval'][0]:.4f} – {item['interval'][1]:.4f}", f"{item['coverage']:.0%}",
        )
        for item in items
    )  # fmt: skip
    seats = ("席位",) if items[0].get("seats") is not None else ()
    head = ("名次", "对象", "方式", *seats, "得分", "区间", "已知权重")
    yield Table("推荐名单", head, rows, numbers=frozenset({0, *range(3, len(head))}))
    first = items[0]
    reason = first["summary"] or "理由见下。"
    yield Paragraph(f"推荐{_name(first)}，综合得分 {first['score']:.4f}。{reason}")


def _name(item: Json) -> str:
    other = item.get("other")
    name = str(item["node"]["name"])
    return name if other is None else f"{name}（{other['name']}）"


def _item(item: Json, evidence: Sequence[Json]) -> Iterator[Block]:
    yield Heading(2, f"第 {item['rank']} 名　{_name(item)}")
    for side, told in item["sides"].items():
        yield _ledger(side, told)
    a, b = (side["score"] for side in item["sides"].values())
    formula = f"综合得分 S = 2 × {a:.4f} × {b:.4f} ÷ ({a:.4f} + {b:.4f}) = {item['score']:.4f}"
    yield Paragraph(formula, small=True)
    yield from _seats(item)
    if evidence:
        stated = {(row["text"], row["origin"]): row for row in evidence}.values()
        rows = tuple(
            (str(number), row["text"], f"{row['source']} {row['origin']}", str(row["recorded_at"])[:10], row["basis"] or "—")
            for number, row in enumerate(stated, start=1)
        )  # fmt: skip
        head = ("序", "事实", "来源", "登记日期", "依据")
        yield Table("依据与来源", head, rows, numbers=frozenset({0, 3}))
    hidden = item["evidence_hidden"]
    if hidden:
        yield Paragraph(f"另有 {hidden} 处依据按权限不列出。", small=True)
    advice = [one["text"] for one in item["counterfactuals"]]
    if advice:
        yield Paragraph("可以提高名次的做法：" + "；".join(advice) + "。", small=True)


def _ledger(side: str, told: Json) -> Table:
    rows = tuple(
        (
            factor["label"], f"{factor['weight']:.2f}", f"{factor['value']:.4f}" + ("" if factor["known"] else "（未知）"),
            f"{factor['contribution']:.4f}", factor["text"],
        )
        for factor in told["factors"]
    )  # fmt: skip
    total = (
        SIDE_LABELS[side],
        f"{sum(f['weight'] for f in told['factors']):.2f}",
        "",
        f"{told['score']:.4f}",
        "",
    )
    head = ("因素", "权重", "取值", "贡献", "说明")
    return Table(
        SIDE_LABELS[side], head, (*rows, total), numbers=frozenset({1, 2, 3}), bold=frozenset({len(rows)})
    )


def _seats(item: Json) -> Iterator[Block]:
    allocation = item.get("allocation")
    if not allocation:
        return
    rows = tuple(
        (
            entry["offering_label"], entry["demand_label"], str(entry["supply"]), str(entry["open"]),
            *(_or_dash(entry["legal"][key]) for key in ("staff_cap", "post_cap", "legal")),
            str(entry["seats"]), f"{entry['surplus']:.4f}",
        )
        for entry in allocation
    )  # fmt: skip
    head = ("专业开设", "岗位需求", "可供", "空缺", "在岗上限", "同岗上限", "法定余量", "席位", "盈余")
    yield Table("席位计算", head, rows, numbers=frozenset(range(2, len(head))))
    told = item["facts"].get("seats") or {}
    parts = [str(told[key]) for key in ("staff_text", "post_text", "binding_text") if told.get(key)]
    if parts:
        yield Paragraph("；".join(parts) + "。", small=True)


def _or_dash(value: object) -> str:
    return "—" if value is None else str(value)


def _checks(answer: Json) -> Iterator[tuple[str, str, str]]:
    """Yield what to verify of whom: by rank and name, for masked names are alike."""
    places = [(f"第 {item['rank']} 名　{_name(item)}", item) for item in answer["items"][:MOST_ITEMS]]
    places += [(f"待核实第 {item['rank']}　{_name(item)}", item) for item in answer["to_verify"]]
    for place, item in places:
        if item.get("identity"):
            yield place, "是否同一人", item["identity"]["text"]
        for one in item["filters"]:
            if one["check"] and one["status"] != "fail":
                yield place, one["label"], one["check"]


def _fine(answer: Json, stamp: Stamp) -> str:
    pool = answer["pool"]
    failed = pool.get("failed")
    told = f"考察 {pool['considered']:,} ＝ 列出 {pool['listed']:,} + 待核实 {pool['to_verify']:,}"
    if failed is not None:
        reasons = "、".join(f"{FILTER_LABELS[code]} {count:,}" for code, count in failed.items())
        told += f" + 未通过 {sum(failed.values()):,}" + (f"（{reasons}）" if reasons else "")
    return (
        f"{answer['notice']}。{told}。策略 {answer['policy']['id']}，摘要 {answer['policy']['hash'][:12]}；"
        f"数据截至 {answer['as_of']}，修订 {answer['revision']}；查询编号 {answer['query_id']}；"
        f"导出人 {stamp.viewer}，{stamp.at.isoformat(sep=' ', timespec='seconds')}。{_PROTECTED}"
    )


def _numbered(blocks: Iterator[Block]) -> Iterator[Block]:
    """Give headings their numbers: 一、 and （一）."""
    first = second = 0
    for block in blocks:
        if isinstance(block, Heading):
            first, second = (first + 1, 0) if block.level == 1 else (first, second + 1)
            number = f"{chinese_number(first)}、" if block.level == 1 else f"（{chinese_number(second)}）"
            yield Heading(block.level, number + block.text)
        else:
            yield block


def _clean(block: Block) -> Block:
    if isinstance(block, Heading):
        return Heading(block.level, printable(block.text))
    if isinstance(block, Paragraph):
        return Paragraph(printable(block.text), block.small)
    rows = tuple(tuple(printable(cell) for cell in row) for row in block.rows)
    return Table(printable(block.caption), block.head, rows, block.numbers, block.bold)
