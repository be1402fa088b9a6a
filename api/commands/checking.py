"""`check …`: what can be verified without believing it. `CHECKS` lists what adds a check to the verb."""

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from api.commands.operations import add_check_store
from api.commands.parsing import verb
from api.commands.plan_check import add_plan
from api.commands.replaying import add_answer
from loaders.statement.check import check_statement

if TYPE_CHECKING:
    from api.commands.parsing import Parsers


def statement(args: argparse.Namespace) -> int:
    """Print which figures of a report do not add up, with every repair; exit 1 where some contradict each other."""
    found = check_statement(Path(args.file))
    print(json.dumps(found, ensure_ascii=False) if args.json else _statement_text(found))
    return 1 if any(finding["severity"] == "error" for finding in found["findings"]) else 0


def _statement_text(found: Mapping[str, Any]) -> str:
    lines: list[str] = []
    for finding in found["findings"]:
        mark = "不符" if finding["severity"] == "error" else "请核对"
        lines.append(f"【{mark}】{finding['where']}：{finding['text']}")
        lines.append(f"    规则：{finding['rule']}")
        lines += [f"    可改：{repair['text']}" for repair in finding["repairs"]]
    lines += [
        f"{formula['where'] or '表'}的求人倍率按“{formula['text']}”计算：{formula['rows']} 行中 {formula['fitting']} 行相符"
        for formula in found["formulas"]
    ]
    lines += found["unchecked"]
    errors = sum(finding["severity"] == "error" for finding in found["findings"])
    questions = len(found["findings"]) - errors
    lines.append(
        f"读出 {len(found['figures'])} 个数字，{errors} 处不符，{questions} 处请核对；没有改动任何数字"
    )
    return "\n".join(lines)


def _add_statement(checks: "Parsers") -> None:
    parser = verb(checks, "statement", "口径校验：报告里的数字是否对得上 / do the figures of a report add up")
    parser.add_argument("file", metavar="FILE", help=".txt、.md、.docx、.csv、.xlsx")
    parser.set_defaults(run=statement)


CHECKS: Final[tuple[Callable[["Parsers"], None], ...]] = (
    _add_statement,
    add_answer,
    add_plan,
    add_check_store,
)


def add_verbs(verbs: "Parsers") -> None:
    """Add `check` with each of its checks."""
    check = verbs.add_parser("check", help="校验报告、方案、存储 / check statements, plans, the store")
    kinds = check.add_subparsers(title="校验 / check", metavar="WHAT", required=True)
    for add in CHECKS:
        add(kinds)
