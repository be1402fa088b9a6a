"""`recommend talents`, `recommend partners`, `path`, `search`."""

import argparse
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from api.commands.parsing import add_mode, verb, with_graph
from api.commands.plain_text import answer_text, paths_text, table_text
from api.commands.sheets import write_answer
from api.reports import FORMS as REPORTS
from api.reports import export_report
from kg.bootstrap import Graph
from kg.errors import InvalidInputError
from kg.model.viewers import CLI_VIEWER
from kg.vocab.modes import COOPERATION_MODES

if TYPE_CHECKING:
    from api.commands.parsing import Parsers

_DAY_LENGTH: Final = len("2026-11-23")


def day_of(text: str | None) -> date | None:
    """Return the day of `--as-of`; InvalidInputError (exit 2) if it is none."""
    if text is None:
        return None
    try:
        if len(text) != _DAY_LENGTH:
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInputError(
            f"日期 {text!r} 不对，请写成 2026-11-23 的样子", field="as_of", value=text
        ) from error


def recommend_talents(graph: Graph, args: argparse.Namespace) -> int:
    """Answer which talents can serve a need."""
    _demand_output(args)
    if _wants_report(args):
        return _write_report(graph, "talents", {"need": args.need}, args)
    answer = graph.service.recommend_talents(
        {"need": args.need},
        viewer=CLI_VIEWER,
        k=args.k,
        as_of=day_of(args.as_of),
        known_at=args.known_at,
    )
    return _print_answer(answer, args)


def recommend_partners(graph: Graph, args: argparse.Namespace) -> int:
    """Answer who should cooperate with an organisation or inside a district."""
    _demand_output(args)
    anchor = graph.service.resolve_anchor(args.anchor, viewer=CLI_VIEWER)
    question: dict[str, Any] = {
        "anchor": {"kind": anchor.kind, "key": anchor.key},
        "mode": args.mode,
        "year": args.year,
        "occupations": args.occupations,
        "radius_hours": args.radius_hours,
        "order": args.order,
    }
    asked = {key: value for key, value in question.items() if value is not None}
    if _wants_report(args):
        return _write_report(graph, "partners", asked, args)
    answer = graph.service.recommend_partners(
        asked, viewer=CLI_VIEWER, k=args.k, as_of=day_of(args.as_of), known_at=args.known_at
    )
    return _print_answer(answer, args)


def _demand_output(args: argparse.Namespace) -> None:
    if args.json and args.format not in {"text", "json"}:
        raise InvalidInputError(f"--json 与 --format {args.format} 只能写一个", field="format")
    if args.format in {"xlsx", *REPORTS} and not args.json and args.output is None:
        raise InvalidInputError(f"写成 {args.format} 要用 -o 指定文件", field="output")


def _wants_report(args: argparse.Namespace) -> bool:
    return args.format in REPORTS and not args.json


def _write_report(graph: Graph, question: str, asked: Mapping[str, Any], args: argparse.Namespace) -> int:
    content = export_report(
        graph,
        question,
        asked,
        args.format,
        viewer=CLI_VIEWER,
        k=args.k,
        as_of=day_of(args.as_of),
        known_at=args.known_at,
    )
    Path(args.output).write_bytes(content)
    print(f"已写出 {args.output}")
    return 0


def _print_answer(answer: Mapping[str, Any], args: argparse.Namespace) -> int:
    form = "json" if args.json else args.format
    if form == "xlsx":
        write_answer(answer, Path(args.output))
        print(f"已写出 {args.output}")
        return 0
    text = json.dumps(answer, ensure_ascii=False) if form == "json" else answer_text(answer)
    if args.output is None:
        print(text)
    else:
        Path(args.output).write_text(text + "\n", encoding="utf-8")
    return 0


def path(graph: Graph, args: argparse.Namespace) -> int:
    """Find the most telling paths between two nodes."""
    ends = [str(graph.service.resolve_node(text, viewer=CLI_VIEWER)) for text in (args.start, args.end)]
    found = graph.service.paths(
        *ends, viewer=CLI_VIEWER, k=args.k, max_length=args.max_length, forbid=args.forbid or ()
    )
    print(json.dumps(found, ensure_ascii=False) if args.json else paths_text(found))
    return 0


def search(graph: Graph, args: argparse.Namespace) -> int:
    """Find nodes."""
    found = graph.service.search(args.text, args.kind, args.limit, viewer=CLI_VIEWER)
    if args.json:
        print(json.dumps(found, ensure_ascii=False))
        return 0
    rows = [
        (f"{item['node']['kind']}:{item['node']['key']}", item["node"]["name"], item["subtitle"])
        for item in found["items"]
    ]
    print(table_text(rows) if rows else "没有找到")
    print(f"共 {found['total']} 项")
    return 0


def add_verbs(verbs: "Parsers") -> None:
    """Add the verbs of this module."""
    recommend = verbs.add_parser("recommend", help="两个主要问题 / the two headline questions")
    kinds = recommend.add_subparsers(title="问题 / question", metavar="talents|partners", required=True)
    talents = verb(kinds, "talents", "哪些柔性人才能满足需求 / which talents can serve a need")
    talents.add_argument("need", metavar="NEED", help="柔性需求编号 / key of the need")
    _add_answer_options(talents)
    talents.set_defaults(run=with_graph(recommend_talents))
    partners = verb(kinds, "partners", "与谁合作 / who should cooperate")
    partners.add_argument("anchor", metavar="ANCHOR", help="统一社会信用代码、区划代码或完整名称")
    add_mode(partners, COOPERATION_MODES)
    partners.add_argument("--year", type=int, help="学年（9 月开始的年份）/ school year")
    partners.add_argument("--occupations", nargs="+", metavar="CODE", help="限定职业 / occupation codes")
    partners.add_argument("--radius-hours", type=float, help="单程最多几小时 / hours one way at most")
    partners.add_argument("--order", choices=("value", "seats", "score"), help="排序 / order")
    _add_answer_options(partners)
    partners.set_defaults(run=with_graph(recommend_partners))
    path_verb = verb(verbs, "path", "两个节点之间的路径 / paths between two nodes")
    path_verb.add_argument(
        "start", metavar="A", help="类型:编号，或唯一的完整名称 / kind:key or an exact name"
    )
    path_verb.add_argument("end", metavar="B")
    path_verb.add_argument("-k", type=int, default=5, help="最多几条（1-50）/ how many")
    path_verb.add_argument("--max-length", type=int, default=4, help="最多几步（1-6）/ steps at most")
    path_verb.add_argument(
        "--forbid",
        action="append",
        metavar="X",
        help="不经过：类型:编号、关系或关系编号 / node, relation or edge",
    )
    path_verb.set_defaults(run=with_graph(path))
    search_verb = verb(verbs, "search", "按名称、代码、拼音查找 / find nodes")
    search_verb.add_argument("text", metavar="TEXT")
    search_verb.add_argument("--kind", help="类型，如 enterprise / kind")
    search_verb.add_argument("--limit", type=int, default=20)
    search_verb.set_defaults(run=with_graph(search))


def _add_answer_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-k", type=int, help="最多列出几项（1-200）/ how many")
    parser.add_argument("--as-of", metavar="DAY", help="以哪一天为准，如 2026-11-23 / as of")
    parser.add_argument(
        "--known-at",
        metavar="WHEN",
        help="按何时所知：修订号、日期或时间 / as known at: revision, day or time",
    )
    parser.add_argument("--format", choices=("text", "json", "xlsx", *REPORTS), default="text")
    parser.add_argument("-o", "--output", metavar="FILE")
