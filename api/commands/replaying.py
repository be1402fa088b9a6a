"""`check answer`: replays an answer that was kept as JSON."""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from api.commands.parsing import verb, with_graph
from kg.bootstrap import Graph
from kg.errors import InvalidInputError
from kg.model.viewers import CLI_VIEWER

if TYPE_CHECKING:
    from api.commands.parsing import Parsers

_LARGEST: Final = 200_000_000


def check_answer(graph: Graph, args: argparse.Namespace) -> int:
    """Print what of a kept answer does not hold any more; exit 1 if anything does not."""
    found = graph.service.check_answer(_read(Path(args.file)), viewer=CLI_VIEWER, now=args.now)
    print(json.dumps(found, ensure_ascii=False) if args.json else _text(found))
    return 0 if found["holds"] else 1


def _read(path: Path) -> Mapping[str, Any]:
    if path.stat().st_size > _LARGEST:
        raise InvalidInputError(f"文件 {path} 太大，不是一份推荐结果", field="file")
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except (UnicodeDecodeError, ValueError) as error:
        raise InvalidInputError(
            f"文件 {path} 不是 JSON：请用 recommend … --json -o 写出的整份结果", field="file"
        ) from error
    if not isinstance(found, dict):
        raise InvalidInputError(f"文件 {path} 不是一份推荐结果", field="file")
    return found


def _text(found: Mapping[str, Any]) -> str:
    lines = [f"{one['item'] or '整份'}  {one['text']}" for one in found["findings"]]
    head = f"重放 {found['items']} 项、{found['edges']} 条依据（修订 {found['revision']}）"
    end = "全部成立" if found["holds"] else f"{len(found['findings'])} 处不成立"
    return "\n".join([*lines, f"{head}：{end}"])


def add_answer(checks: "Parsers") -> None:
    """Add `check answer`."""
    parser = verb(checks, "answer", "重放一份推荐结果：依据还在、加总相符、重算相同 / replay a kept answer")
    parser.add_argument("file", metavar="FILE", help="recommend … --json -o 写出的文件")
    parser.add_argument(
        "--now", action="store_true", help="按现在所知重放（默认按当时的修订）/ replay on the newest state"
    )
    parser.set_defaults(run=with_graph(check_answer))
