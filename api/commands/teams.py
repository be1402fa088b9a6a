"""`team PROBLEM`: the smallest team for a technical problem."""

import argparse
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from api.commands.asking import day_of
from api.commands.parsing import verb, with_graph
from kg.bootstrap import Graph
from kg.model.viewers import CLI_VIEWER

if TYPE_CHECKING:
    from api.commands.parsing import Parsers


def team(graph: Graph, args: argparse.Namespace) -> int:
    """Print who together can solve a problem."""
    told = graph.service.team(args.problem, viewer=CLI_VIEWER, as_of=day_of(args.as_of))
    print(json.dumps(told, ensure_ascii=False) if args.json else _text(told))
    return 0


def _text(told: Mapping[str, Any]) -> str:
    lines = [f"{told['problem']['name']}：{told['text']}"]
    for number, one in enumerate(told["teams"], start=1):
        lines.append(
            f"第 {number} 组：{one['size']} 人，空闲 {one['hours']:g} 小时，往返 {one['travel']:g} 小时"
        )
        for member in one["members"]:
            skills = "、".join(f"{cover['skill']} {cover['value']:.2f}" for cover in member["covers"])
            employer = member.get("employer") or "无单位"
            lines.append(
                f"  {member['node']['name']}（{employer}，{member['hours']:g} 小时）：{skills or '补足工时'}"
            )
    lines.append(told["notice"])
    return "\n".join(lines)


def add_verbs(verbs: "Parsers") -> None:
    """Add the verbs of this module."""
    parser = verb(verbs, "team", "联合攻关：为技术难题组最小的队 / the smallest team for a problem")
    parser.add_argument("problem", metavar="PROBLEM", help="难题编号 / problem_id")
    parser.add_argument("--as-of", metavar="DAY", help="以哪一天为准 / as of")
    parser.set_defaults(run=with_graph(team))
