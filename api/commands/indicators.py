"""`gap`: demand, supply and 求人倍率 by occupation, level, district."""

import argparse
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from api.commands.parsing import positive, verb, with_graph
from api.commands.plain_text import table_text
from kg.bootstrap import Graph
from kg.indicators.market import DIMENSIONS
from kg.model.viewers import CLI_VIEWER

if TYPE_CHECKING:
    from api.commands.parsing import Parsers


def gap(graph: Graph, args: argparse.Namespace) -> int:
    """Print where skilled people are short, the widest gap first."""
    found = graph.service.demand_supply(
        viewer=CLI_VIEWER,
        by=args.by,
        quarter=args.quarter,
        occupation=args.occupation,
        level=args.level,
        district=args.district,
        order=args.order,
        limit=min(args.limit, 200),
    )
    print(json.dumps(found, ensure_ascii=False) if args.json else _text(found))
    return 0


def _text(found: Mapping[str, Any]) -> str:
    rows: list[tuple[str, ...]] = [("分组", "需求", "求职", "缺口", "求人倍率", "官方分级口径", "上季缺口")]
    for item in [*found["items"], *([found["totals"]] if found["totals"] else [])]:
        names = [_name(item[name]) for name in DIMENSIONS if item[name] is not None]
        before = (item["previous"] or {}).get("gap")
        rows.append((
            " · ".join(names) or "合计",
            *(_number(item[name]) for name in ("demand", "supply", "gap", "ratio_simple", "ratio_official")),
            _number(before),
        ))  # fmt: skip
    formulas = "；".join(found["formulas"].values())
    return f"{found['quarter']} 供求统计（{formulas}）\n{table_text(rows)}\n共 {found['total']} 格"


def _name(value: Any) -> str:
    return str(value["name"]) if isinstance(value, Mapping) else str(value)


def _number(value: float | None) -> str:
    if value is None:
        return "—"
    return f"{value:,.2f}" if isinstance(value, float) else f"{value:,}"


def add_verbs(verbs: "Parsers") -> None:
    """Add the verbs of this module."""
    parser = verb(verbs, "gap", "哪里缺人：需求、求职、缺口、求人倍率 / demand, supply and gap")
    parser.add_argument(
        "--by", nargs="+", choices=DIMENSIONS, default=["occupation", "level"], help="按什么分组 / group by"
    )
    parser.add_argument("--quarter", metavar="2026Q3", help="季度；不写为最新 / quarter")
    parser.add_argument("--occupation", metavar="CODE", help="限定职业 / occupation")
    parser.add_argument("--level", help="限定等级 / level")
    parser.add_argument("--district", metavar="CODE", help="限定区县 / district")
    parser.add_argument(
        "--order", choices=("gap", "ratio", "demand", "name"), default="gap", help="排序 / order"
    )
    parser.add_argument("--limit", type=positive, default=30, help="最多列出几格 / at most")
    parser.set_defaults(run=with_graph(gap))
