"""`reviews`: identity questions on the terminal."""

import argparse
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from api.commands.parsing import positive, verb, with_graph
from api.commands.plain_text import table_text
from kg.bootstrap import Graph
from kg.errors import InvalidInputError
from kg.identity.joins import likely
from kg.identity.review_queue import DECISIONS, KINDS, STATES
from kg.model.viewers import CLI_VIEWER

if TYPE_CHECKING:
    from api.commands.parsing import Parsers

_OPEN: Final = "open"


def reviews(graph: Graph, args: argparse.Namespace) -> int:
    """List questions, show one, decide one, or compare all registers anew."""
    if args.find and args.review:
        raise InvalidInputError("--find 核对全部，不能与问题编号同用", field="find")
    if args.decide is None and (args.choice is not None or args.note):
        raise InvalidInputError("--choice 和 --note 要与 --decide 同用", field="decide")
    if args.decide and not args.review:
        raise InvalidInputError("请写明处理哪个问题：jiangtu reviews 编号 --decide …", field="review")
    if args.confirm_exact and (args.find or args.review):
        raise InvalidInputError(
            "--confirm-exact 一次确认全部，不能与问题编号或 --find 同用", field="confirm_exact"
        )
    told = _asked(graph, args)
    if args.json:
        print(json.dumps(told, ensure_ascii=False))
    elif args.find:
        print(compared_text(told))
    elif args.confirm_exact:
        print(_confirmed_text(told))
    else:
        print(_question_text(told) if args.review else _list_text(told))
    return 0


def compared_text(told: Mapping[str, Any]) -> str:
    """Return what a comparison found as one sentence."""
    batch = f"（批次 {told['batch']}，可撤销）" if told["batch"] else ""
    return (
        f"身份核对：比对 {told['records']:,} 条人员记录，自动合并 {told['merged']:,} 处{batch}，"
        f"新问题 {told['new']:,} 个，待核 {told['open']:,} 个"
    )


def _confirmed_text(told: Mapping[str, Any]) -> str:
    batch = f"（批次 {told['batch']}，可撤销）" if told["batch"] else ""
    left = f"；有 {told['left']:,} 个与别的名称同在一行，请逐个处理" if told["left"] else ""
    return f"确认了 {told['confirmed']:,} 个全称一致的单位名称，改了 {told['rows']:,} 行{batch}{left}"


def _asked(graph: Graph, args: argparse.Namespace) -> Mapping[str, Any]:
    service = graph.service
    if args.find:
        return service.find_identities(viewer=CLI_VIEWER)
    if args.confirm_exact:
        return service.confirm_exact(viewer=CLI_VIEWER)
    if args.decide:
        return service.decide_review(
            args.review, args.decide, viewer=CLI_VIEWER, choice=args.choice, note=args.note
        )
    if args.review:
        return service.review(args.review, viewer=CLI_VIEWER)
    state = None if args.state == "all" else args.state
    return service.reviews(viewer=CLI_VIEWER, state=state, kind=args.kind, limit=args.limit)


def _list_text(told: Mapping[str, Any]) -> str:
    rows = [
        (one["id"], one["kind_label"], one["state_label"], _certainty(one), _about(one))
        for one in told["items"]
    ]
    counts = "，".join(f"{told['states'][state]} {number:,}" for state, number in told["counts"].items())
    return "\n".join([table_text(rows) if rows else "没有这样的问题", f"共 {told['total']:,} 个；{counts}"])


def _certainty(one: Mapping[str, Any]) -> str:
    best = one["candidates"][0]["score"] if one.get("candidates") else None
    value = one["probability"] if one["kind"] == "person" else best
    return "" if value is None else likely(value)


def _about(one: Mapping[str, Any]) -> str:
    if one["kind"] == "person":
        return " ／ ".join(_side(side) for side in one["sides"])
    best = one["candidates"][0]
    return f"“{one['text']}”（{one['count']:,} 行）→ {best['name']}（{best['key']}）"


def _side(side: Mapping[str, Any]) -> str:
    rows = "、".join(f"{row['source']} {row['person_id']}" for row in side["rows"])
    return f"{side['node']['name'] if side['node'] else '已不在库'}（{rows}）"


def _question_text(one: Mapping[str, Any]) -> str:
    lines = [f"{one['id']}　{one['kind_label']}　{one['state_label']}　{_certainty(one)}"]
    if one["kind"] == "person":
        for side in one["sides"]:
            facts = "；".join(f"{fact['label']} {fact['text']}" for fact in side["facts"] if fact["text"])
            lines.append(f"  {_side(side)}　{facts}")
        lines += [f"  {weight['bits']:+6.2f}　{weight['label']}" for weight in one["weights"]]
    else:
        lines.append(f"  “{one['text']}”，{one['count']:,} 行")
        lines += [f"  {two['score']:.4f}　{two['name']}　{two['key']}" for two in one["candidates"]]
    for step in one.get("history", ()):
        lines.append(f"  {step['at'][:16]}　{step['by']}　{step['decision']}　{step['note']}")
    return "\n".join(lines)


def add_verbs(verbs: "Parsers") -> None:
    """Add the verb of this module."""
    parser = verb(verbs, "reviews", "身份核对：谁是同一人、同一单位 / identity questions")
    parser.add_argument("review", nargs="?", metavar="ID", help="问题编号：看这一个 / show one question")
    parser.add_argument("--find", action="store_true", help="全部重新比对一次 / compare all registers anew")
    text = "全称一致的单位名称一次确认 / confirm all names that are the full name of one organisation"
    parser.add_argument("--confirm-exact", action="store_true", help=text)
    parser.add_argument("--state", choices=[*STATES, "all"], default=_OPEN, help="哪种状态 / which state")
    parser.add_argument("--kind", choices=list(KINDS), help="哪一类 / which kind")
    parser.add_argument("--limit", type=positive, default=50, help="最多列几个（1-200）/ how many")
    parser.add_argument("--decide", choices=list(DECISIONS), help="处理这个问题 / decide the question")
    parser.add_argument("--choice", metavar="KEY", help="名称合并到哪个候选 / which candidate a name means")
    parser.add_argument("--note", default="", help="说明 / why")
    parser.set_defaults(run=with_graph(reviews))
