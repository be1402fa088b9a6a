"""`batches`, `rollback`."""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any, Final

from api.commands.parsing import positive, verb, with_graph
from api.commands.plain_text import table_text
from kg.bootstrap import Graph
from kg.errors import RefusedError
from kg.model.viewers import CLI_VIEWER

if TYPE_CHECKING:
    from api.commands.parsing import Parsers

KIND_LABELS: Final = {"load": "导入", "identity": "身份核对", "rollback": "撤销", "erasure": "彻底删除"}
COUNT_LABELS: Final = {
    "inserted": "新增",
    "updated": "更新",
    "retired": "退出",
    "put_back": "放回",
    "restored": "复原",
    "removed": "移除",
    "erased": "删除",
}
_SHOWN_CONFLICTS: Final = 20


def batches(graph: Graph, args: argparse.Namespace) -> int:
    """List what came in, newest first."""
    found = graph.service.batches(viewer=CLI_VIEWER, limit=args.limit)
    if args.json:
        print(json.dumps(found, ensure_ascii=False))
        return 0
    zone = graph.clock().astimezone().tzinfo
    rows = [_line(item, zone) for item in found["items"]]
    print(table_text(rows) if rows else "还没有批次")
    print(f"共 {found['total']} 批")
    return 0


def _line(item: Mapping[str, Any], zone: tzinfo | None) -> Sequence[str]:
    at = datetime.fromisoformat(item["at"]).astimezone(zone)
    state = (
        f"已被 {item['undone_by']} 撤销"
        if item["undone_by"]
        else f"撤销 {item['undoes']}"
        if item["undoes"]
        else ""
    )
    counts = "、".join(
        f"{COUNT_LABELS[key]} {n:,}" for key, n in item["totals"].items() if key in COUNT_LABELS
    )
    kind = KIND_LABELS[item["kind"]]
    return (
        item["id"],
        f"修订 {item['revision']}",
        f"{at:%Y-%m-%d %H:%M}",
        kind,
        item["source"],
        item["actor"],
        counts,
        state,
    )


def rollback(graph: Graph, args: argparse.Namespace) -> int:
    """Undo one batch, or say what that would do."""
    try:
        told = graph.service.roll_back(args.batch, viewer=CLI_VIEWER, dry_run=args.dry_run)
    except RefusedError as error:
        if args.json:
            print(json.dumps({"code": error.code, **error.fields}, ensure_ascii=False))
        for line in _conflict_lines(error.fields.get("conflicts"), error.fields.get("conflicts_total")):
            print(line, file=sys.stderr)
        raise
    if args.json:
        print(json.dumps(told, ensure_ascii=False))
    else:
        print("\n".join(_told(told)))
    return 0 if told["possible"] else 1


def _told(told: Mapping[str, Any]) -> Iterator[str]:
    counts = "、".join(f"{COUNT_LABELS[key]} {number:,}" for key, number in told["totals"].items())
    if told["dry_run"]:
        yield f"试算：撤销批次 {told['batch']}（来源 {told['source']}）将{counts} 行，没有改动任何数据"
    else:
        yield f"已撤销批次 {told['batch']}（来源 {told['source']}）：{counts} 行；本次撤销是批次 {told['by']}，修订 {told['revision']}"
    if told["also"]:
        yield f"连同其后的身份核对批次 {'、'.join(told['also'])}：这些行不在了，合并也一并撤回"
    if not told["possible"]:
        yield "但有后来的批次改过同样的行，现在不能撤销："
        yield from _conflict_lines(told["conflicts"], told["conflicts_total"])
    if told["dangling"]:
        yield f"提醒：其他批次有 {told['dangling']:,} 行指向将不再存在的对象"
    if told.get("sealed_lost"):
        yield f"提醒：有 {len(told['sealed_lost']):,} 行当时的封存内容已不在，未能一并恢复（--json 查看）"


def _conflict_lines(conflicts: object, total: object) -> Iterator[str]:
    if not isinstance(conflicts, list):
        return
    for one in conflicts[:_SHOWN_CONFLICTS]:
        yield f"  {one['source']} / {one['table']} / {one['key']}：批次 {one['batch']}"
    if isinstance(total, int) and total > _SHOWN_CONFLICTS:
        yield f"  …… 共 {total:,} 行，--json 列出"


def add_verbs(verbs: "Parsers") -> None:
    """Add the verbs of this module."""
    batches_verb = verb(verbs, "batches", "导入历史，新的在前 / import history, newest first")
    batches_verb.add_argument("--limit", type=positive, default=50, help="最多列几批（1-200）/ how many")
    batches_verb.set_defaults(run=with_graph(batches))
    rollback_verb = verb(verbs, "rollback", "撤销一批：恢复到它之前的样子 / undo one batch")
    rollback_verb.add_argument("batch", metavar="BATCH", help="批次号，如 b-000012 / id of the batch")
    rollback_verb.add_argument(
        "--dry-run", action="store_true", help="只看会怎样，不改动 / say what would happen"
    )
    rollback_verb.set_defaults(run=with_graph(rollback))
