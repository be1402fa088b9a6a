"""`recommend talents`, `recommend partners`, `search`."""

import argparse
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from api.commands.plain_text import answer_text, table_text
from api.commands.sheets import write_answer
from kg.bootstrap import Graph
from kg.errors import InvalidInputError
from kg.model.viewers import CLI_VIEWER

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
    answer = graph.service.recommend_talents(
        {"need": args.need}, viewer=CLI_VIEWER, k=args.k, as_of=day_of(args.as_of)
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
    answer = graph.service.recommend_partners(asked, viewer=CLI_VIEWER, k=args.k, as_of=day_of(args.as_of))
    return _print_answer(answer, args)


def _demand_output(args: argparse.Namespace) -> None:
    if args.format == "xlsx" and not args.json and args.output is None:
        raise InvalidInputError("写成 xlsx 要用 -o 指定文件", field="output")


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
