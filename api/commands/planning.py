"""`plan cooperation`, `plan mobility`, and what the check of a plan prints."""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from api.commands.asking import day_of
from api.commands.parsing import add_mode, positive, verb, with_graph
from api.commands.plain_text import table_text
from api.plan_files import FORMS, plan_file
from kg.bootstrap import Graph
from kg.errors import InvalidInputError
from kg.model.viewers import CLI_VIEWER
from kg.vocab.modes import COOPERATION_MODES, ENGAGEMENT_MODES, SEAT_MODES

if TYPE_CHECKING:
    from api.commands.parsing import Parsers

Json = Mapping[str, Any]
SHOWN: Final = 30
"""So many lines of an allocation are printed; -o writes all."""


def cooperation(graph: Graph, args: argparse.Namespace) -> int:
    """Make a plan of seats for the whole market."""
    question = {
        "mode": args.mode,
        "year": args.year,
        "district": args.district,
        "objective": args.objective,
        "as_of": day_of(args.as_of),
        "seconds": args.seconds,
        "priced": not args.no_price,
    }
    return _told(graph, graph.service.plan_cooperation(question, viewer=CLI_VIEWER), args)


def mobility(graph: Graph, args: argparse.Namespace) -> int:
    """Make a plan of hours for all open needs."""
    question = {"district": args.district, "k": args.k, "as_of": day_of(args.as_of)}
    return _told(graph, graph.service.plan_mobility(question, viewer=CLI_VIEWER), args)


def _told(graph: Graph, plan: Json, args: argparse.Namespace) -> int:
    """Print the plan; its JSON holds the whole certificate, so that the file can be checked by itself."""
    whole = {**plan, "certificate": graph.service.plan_certificate(plan["id"], viewer=CLI_VIEWER)}
    if args.certificate:
        text = json.dumps(whole["certificate"], ensure_ascii=False)
        Path(args.certificate).write_text(text + "\n", encoding="utf-8")
    if args.output:
        path = Path(args.output)
        form = path.suffix.removeprefix(".").lower()
        if form not in FORMS:
            raise InvalidInputError(
                f"-o 的文件名应以 {'、'.join(f'.{one}' for one in FORMS)} 结尾", field="output"
            )
        path.write_bytes(plan_file(whole if form == "json" else plan, form))
    print(json.dumps(whole, ensure_ascii=False) if args.json else plan_text(plan))
    return 0


def plan_text(plan: Json) -> str:
    """Return a plan as plain text: verdict, totals, price of stability, the first lines of the allocation."""
    seats = plan["kind"] == "cooperation"
    question = plan["question"]
    where = question["district"] or "全区域"
    head = (
        f"校企合作方案 {COOPERATION_MODES[question['mode']]} · {question['year']} 学年 · {where}"
        if seats
        else f"柔性服务方案 · {where}"
    )
    lines = [
        f"{head} · 编号 {plan['id']}",
        f"数据截至 {plan['as_of']} · 修订 {plan['revision']} · 策略 {plan['policy']['id']} {plan['policy']['hash'][:8]}",
        str(plan["verdict"]),
        *(_seat_totals(plan) if seats else _hour_totals(plan)),
        "",
        table_text(_seat_rows(plan) if seats else _hour_rows(plan)),
    ]
    more = len(plan["allocation"]) - SHOWN
    if more > 0:
        lines.append(f"…… 还有 {more} 行，用 -o 方案.xlsx 写出全部")
    certificate = plan["certificate"]
    lines += [
        "",
        f"证书 {certificate['algorithm']} {certificate['digest'][:16]}… 共 {certificate['pairs']:,} 对；用 jiangtu check plan 校验",
    ]
    return "\n".join([*lines, str(plan["notice"])])


def _seat_totals(plan: Json) -> list[str]:
    market, favours = plan["market"], {"school": "院校", "enterprise": "企业"}.get(plan["favours"] or "")
    lines = [
        f"安排 {plan['seats']:,} 席，价值（席位 × 盈余）{plan['value']:.4f}",
        f"班级 {market['cohorts']:,} 个可供 {market['supply']:,} 席，岗位 {market['posts']:,} 个空缺 {market['open']:,} 席，可行配对 {market['pairs']:,}",
        f"阻断对 {len(plan['blocking'])} · 可协商调岗 {len(plan['negotiable'])} · 未开班 {len(plan['closed'])}"
        + (f" · 所有稳定方案中对{favours}最有利" if favours else ""),
    ]
    cost = plan.get("price")
    if cost:
        bound = "" if cost["exact"] else f"（限时内最好，上界 {cost['bound']:.4f}）"
        lines.append(
            f"最大价值方案 {cost['greatest_value']:.4f}{bound}、{cost['greatest_seats']:,} 席，阻断对 {cost['blocking']:,}；"
            f"稳定的代价：价值 {cost['value']:.4f}（{cost['value_share']:.1%}）、席位 {cost['seats']}"
        )
    elif plan.get("price_note"):
        lines.append(str(plan["price_note"]))
    if plan["closed"]:
        lines.append("未开班：" + "、".join(plan["closed"][:20]))
    return lines


def _hour_totals(plan: Json) -> list[str]:
    market = plan["market"]
    return [
        f"服务 {len(plan['allocation'])} / {market['needs']} 条需求，{plan['hours']:,.1f} / {market['hours']:,.1f} 小时，价值（小时 × 盈余）{plan['value']:.4f}",
        f"可行配对 {market['pairs']:,}，人才 {market['talents']:,} 人",
        f"阻断对 {len(plan['blocking'])} · 未安排 {len(plan['unserved'])} · 不能提问 {len(plan['left_out'])}",
    ]


def _seat_rows(plan: Json) -> list[tuple[str, ...]]:
    names = plan["names"]
    rows: list[tuple[str, ...]] = [("班级", "院校", "岗位", "企业", "席位", "a", "b", "得分")]
    for entry in plan["allocation"][:SHOWN]:
        one, other = names["offerings"][entry["offering"]], names["demands"][entry["demand"]]
        rows.append((
            f"{entry['offering']} {one['name']}", one["school_name"], f"{entry['demand']} {other['name']}",
            other["enterprise_name"], str(entry["seats"]), *(f"{entry[key]:.4f}" for key in ("a", "b", "score")),
        ))  # fmt: skip
    return rows


def _hour_rows(plan: Json) -> list[tuple[str, ...]]:
    names = plan["names"]
    rows: list[tuple[str, ...]] = [("需求", "用人单位", "人才", "方式", "小时", "重点", "a", "b", "得分")]
    for entry in plan["allocation"][:SHOWN]:
        need = names["needs"][entry["need"]]
        rows.append((
            f"{entry['need']} {need['name']}", need["host_name"], names["talents"][entry["talent"]]["name"],
            ENGAGEMENT_MODES[entry["mode"]], f"{entry['hours']:g}", f"{entry['priority']:g}",
            *(f"{entry[key]:.4f}" for key in ("a", "b", "score")),
        ))  # fmt: skip
    return rows


def add_verbs(verbs: "Parsers") -> None:
    """Add the verbs of this module."""
    plan = verbs.add_parser("plan", help="全市场方案，附证书 / market plans with certificate")
    kinds = plan.add_subparsers(title="方案 / plan", metavar="cooperation|mobility", required=True)
    seats = verb(kinds, "cooperation", "席位：哪个班级去哪些岗位 / seats of all cohorts")
    add_mode(seats, {key: COOPERATION_MODES[key] for key in SEAT_MODES})
    seats.add_argument("--year", type=int, help="学年（9 月开始的年份）/ school year")
    seats.add_argument("--district", metavar="D", help="只看这个区县的企业 / district of the enterprises")
    seats.add_argument(
        "--objective", choices=("stable", "max-value"), default="stable", help="稳定或价值最大 / objective"
    )
    seats.add_argument(
        "--seconds", type=positive, help="价值最大方案最多算几秒（默认 20）/ time for max-value"
    )
    seats.add_argument(
        "--no-price", action="store_true", help="不计算稳定的代价 / without price of stability"
    )
    _add_common(seats)
    seats.set_defaults(run=with_graph(cooperation))
    hours = verb(kinds, "mobility", "工时：哪位人才服务哪条需求 / hours of all talents")
    hours.add_argument("--district", metavar="D", help="只看服务地在这个区县的需求 / district of the service")
    hours.add_argument(
        "-k", "--k", type=int, help="每条需求最多考虑几位人才（1-200）/ best talents of each need"
    )
    _add_common(hours)
    hours.set_defaults(run=with_graph(mobility))


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--as-of", metavar="DAY", help="以哪一天为准，如 2026-11-23 / as of")
    parser.add_argument("-o", "--output", metavar="FILE", help="写出 .xlsx、.csv 或 .json")
    parser.add_argument("--certificate", metavar="FILE", help="另写证书 / write the certificate")
