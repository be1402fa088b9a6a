"""`check plan`: goes through every pair of a plan from its certificate, and beside the store where there is one."""

import argparse
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from api.commands.parsing import verb
from kg.bootstrap import open_graph
from kg.config import Settings, read_settings
from kg.errors import InvalidInputError
from kg.matching.plans.checking.document import check_document
from kg.model.viewers import CLI_VIEWER

if TYPE_CHECKING:
    from api.commands.parsing import Parsers

_FILE: Final = "sqlite:"


def plan(args: argparse.Namespace) -> int:
    """Print what does not hold in a plan or its certificate; exit 1 where something does not."""
    document = _read_json(Path(args.file))
    settings = read_settings(os.environ, Path.cwd())
    if args.alone or not _store_is_there(settings):
        found = check_document(document).to_json()
        found["notes"].append("没有用到数据库：偏好没有重新推算")
    else:
        with open_graph(settings) as graph:
            found = graph.service.check_plan(document, viewer=CLI_VIEWER)
    print(json.dumps(found, ensure_ascii=False) if args.json else _plan_text(found))
    return 0 if found["valid"] else 1


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise InvalidInputError(
            f"{path} 不是合法的 JSON：请用方案的 JSON 或证书文件", field="file"
        ) from error


def _plan_text(found: Mapping[str, Any]) -> str:
    facts = found["facts"]
    lines = [f"【不符】{problem['text']}（{problem['code']}）" for problem in found["problems"]]
    more = found["problems_total"] - len(found["problems"])
    lines += [f"…… 还有 {more} 处"] if more > 0 else []
    lines += [f"说明：{note}" for note in found["notes"]]
    if facts:
        told = f"逐对检查 {facts['pairs']:,} 对：阻断对 {facts['blocking']:,}"
        told += f"、未开班 {facts['closed']}、可联合的班级 {facts['coalitions']}" if "closed" in facts else ""
        told += "；已按数据库重新推算两侧偏好" if facts.get("rederived") else ""
        lines.append(told)
    if found["valid"]:
        return "\n".join([
            *lines,
            "证书属实：方案稳定" if facts["stable"] else "证书属实：方案不稳定，如其所述",
        ])
    return "\n".join([*lines, f"证书不能采信：{found['problems_total']} 处不符"])


def add_plan(checks: "Parsers") -> None:
    """Add `check plan`."""
    parser = verb(checks, "plan", "方案校验：不依赖求解程序，逐对检查 / check a plan pair by pair")
    parser.add_argument("file", metavar="FILE", help="方案（--json 的输出）或证书 / plan or certificate")
    parser.add_argument("--alone", action="store_true", help="只看文件，不用数据库 / without the store")
    parser.set_defaults(run=plan)


def _store_is_there(settings: Settings) -> bool:
    """Tell whether there is a store: checking a file on another machine must not make one."""
    name = settings.store
    return not name.startswith(_FILE) or (settings.data / name.removeprefix(_FILE)).exists()
