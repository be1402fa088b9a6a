"""`sources`: which sources deliver what, and what is overdue."""

import argparse
import json
from typing import TYPE_CHECKING, Any

from api.commands.parsing import verb, with_graph
from api.commands.plain_text import table_text
from api.sources import expect, sources
from kg.bootstrap import Graph
from kg.errors import InvalidInputError
from kg.model.viewers import CLI_VIEWER

if TYPE_CHECKING:
    from api.commands.parsing import Parsers


def show(graph: Graph, args: argparse.Namespace) -> int:
    """List the sources, or set the interval of one."""
    if args.expect is not None:
        name, days = args.expect
        if not (days.isascii() and days.isdecimal()):
            raise InvalidInputError(
                "--expect 后面写来源名称和天数，0 表示按以往间隔", field="days", value=days
            )
        expect(graph, name, int(days) or None, viewer=CLI_VIEWER)
    told = sources(graph, viewer=CLI_VIEWER)
    if args.json:
        print(json.dumps(told, ensure_ascii=False))
        return 0
    print(table_text([_line(item) for item in told["items"]]) if told["items"] else "还没有来源报送过")
    print(f"共 {len(told['items'])} 项，逾期 {told['old']} 项")
    return 0


def _line(item: dict[str, Any]) -> tuple[str, ...]:
    bases = {"set": "设定", "observed": "按以往间隔", "none": ""}
    allowed = (
        "间隔未定（--expect 设定）"
        if item["allowed"] is None
        else f"{item['allowed']} 天内应报（{bases[item['basis']]}）"
    )
    return (
        item["state_label"],
        item["source"],
        item["table_label"],
        f"上次 {item['last']}",
        f"距今 {item['days']} 天",
        allowed,
        f"报过 {item['deliveries']} 天",
    )


def add_verbs(verbs: "Parsers") -> None:
    """Add the verbs of this module."""
    sources_verb = verb(verbs, "sources", "各来源上次何时报送、是否逾期 / how old each source is")
    sources_verb.add_argument(
        "--expect",
        nargs=2,
        metavar=("NAME", "DAYS"),
        help="设定来源几天报一次，0 为按以往间隔 / set the interval",
    )
    sources_verb.set_defaults(run=with_graph(show))
