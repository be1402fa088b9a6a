"""Answers as plain text for a terminal: every number that the ledger holds, and how they add up."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from kg.vocab.modes import COOPERATION_MODES, ENGAGEMENT_MODES
from kg.vocab.reasons import FILTER_LABELS, SIDE_LABELS

Json = Mapping[str, Any]
_COUNTERFACTUALS: Final = 3
_REJECTS: Final = 20
_WARNINGS: Final = 5
_MODES: Final = {**ENGAGEMENT_MODES, **COOPERATION_MODES}


def answer_text(answer: Json) -> str:
    """Return a whole answer: pool, ranked items with their ledgers, what is to be verified."""
    return "\n".join(_lines(answer))


def _lines(answer: Json) -> Iterator[str]:
    yield f"数据截至 {answer['as_of']} · 修订 {answer['revision']} · 策略 {answer['policy']['id']} {answer['policy']['hash'][:8]}"
    if answer["replay"]:
        yield f"{answer['replay']['text']} / {answer['replay']['text_en']}"
    yield _pool(answer["pool"])
    paired = answer["question"].get("anchor", {}).get("kind") == "district"
    for item in answer["items"]:
        yield ""
        yield from _item(item, paired=paired)
    if not answer["items"]:
        yield "没有可列出的对象。请看上面的未通过原因，放宽条件后再试。"
    if answer["to_verify"]:
        yield ""
        yield f"待核实（不参与排名，显示 {len(answer['to_verify'])}）"
        yield from (_to_verify(item, paired=paired) for item in answer["to_verify"])
    yield ""
    yield str(answer["notice"])


def _pool(pool: Json) -> str:
    parts = [f"考察 {pool['considered']:,} = 列出 {pool['listed']:,} + 待核实 {pool['to_verify']:,}"]
    failed = pool.get("failed")
    if failed is not None:
        parts.append(f"+ 未通过 {sum(failed.values()):,}")
        if failed:
            reasons = "、".join(f"{FILTER_LABELS[code]} {code} {count:,}" for code, count in failed.items())
            parts.append(f"（{reasons}）")
    return " ".join(parts)


def _name(item: Json, *, paired: bool) -> str:
    """Return who an item is: of a pair, as a district lists them, both."""
    names = [item["node"]["name"], item["other"]["name"]] if paired else [item["node"]["name"]]
    return " × ".join(names)


def _item(item: Json, *, paired: bool) -> Iterator[str]:
    low, high = item["interval"]
    extra = [_MODES.get(item["mode"] or "", "")]
    if item.get("seats") is not None:
        extra.append(f"可安排 {item['seats']} 人，盈余合计 {item['value']:.4f}")
    tied = "（并列）" if item["tied"] else ""
    head = f"{item['rank']:>3}{tied}  {_name(item, paired=paired)}  {item['score']:.4f}  "
    yield head + " · ".join(
        part for part in (*extra, f"区间 {low:.4f} – {high:.4f}", f"已知权重 {item['coverage']:.0%}") if part
    )
    sides = item["sides"]
    for name, side in sides.items():
        yield f"     {SIDE_LABELS[name]} = {side['score']:.4f}"
        yield from (_factor(factor) for factor in side["factors"])
    a, b = (side["score"] for side in sides.values())
    yield f"     S = 2 × {a:.4f} × {b:.4f} ÷ ({a:.4f} + {b:.4f}) = {item['score']:.4f}"
    if item["summary"]:
        yield f"     {item['summary']}"
    yield from (f"     ↑ {found['text']}" for found in item["counterfactuals"][:_COUNTERFACTUALS])
    if item["alternative"] is not None:
        yield f"     ↓ {item['alternative']['text']}"


def _factor(factor: Json) -> str:
    known = "" if factor["known"] else "（未知，按中间值计）"
    return (
        f"       {factor['contribution']:.4f} = {factor['weight']:.2f} × {factor['value']:.4f}"
        f"  {factor['label']}{known}  {factor['text']}"
    ).rstrip()


def _to_verify(item: Json, *, paired: bool) -> str:
    checks = "；".join(f["check"] or f["text"] for f in item["filters"] if f["status"] == "unknown")
    return f"{item['rank']:>3}  {_name(item, paired=paired)}  {item['score']:.4f}  查：{checks}"


def paths_text(found: Json) -> str:
    """Return paths one below the other, each step with its sentence."""
    lines = [
        f"{found['from']['name']} → {found['to']['name']}：共 {found['total']:,} 条"
        + ("（未穷尽）" if found["truncated"] else "")
    ]
    for number, path in enumerate(found["items"], start=1):
        weak = "，弱联系" if path["weak"] else ""
        alike = f"，同类路径另有 {path['alike']:,} 条" if path["alike"] else ""
        lines.append(f"{number:>3}  {path['length']} 步，权重 {path['weight']:.2f}{weak}{alike}")
        lines += [f"       {edge['sentence']}  [{edge['id']}]" for edge in path["edges"]]
    if found["note"]:
        lines.append(found["note"])
    return "\n".join(lines)


def table_text(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as lines with two spaces between the cells."""
    return "\n".join("  ".join(row).rstrip() for row in rows)


def report_text(report: Json) -> str:
    """Return a load report in sentences, with the first rejects; refusals are told apart from it."""
    totals = report["totals"]
    names = {
        "read": "读入",
        "inserted": "新增",
        "updated": "更新",
        "unchanged": "未变",
        "rejected": "拒收",
        "retired": "退出",
    }
    lines = ["、".join(f"{names[key]} {totals[key]:,}" for key in names) + " 行"]
    if report["batch"]:
        lines.append(f"批次 {report['batch']}，修订 {report['revision']}，来源 {report['source']}")
    lines += [_finding(one) for one in report["rejects"][:_REJECTS]]
    if report["rejects_total"] > _REJECTS:
        lines.append(f"…… 共 {report['rejects_total']} 处，全部见 --errors 写出的错误表或 --json")
    lines += [f"提醒 {_finding(one)}" for one in report["warnings"][:_WARNINGS]]
    if len(report["warnings"]) > _WARNINGS:
        lines.append(f"…… 共提醒 {len(report['warnings'])} 条，全部见 --json")
    return "\n".join(lines)


def _finding(one: Json) -> str:
    return f"{one['file']}：{one['message']}（{one['code']}）"
