"""The command `jiangtu`: names the verbs, reads the settings once, turns refusals into sentences and exit codes.

Exit 0 done, 1 refused or failed, 2 wrong usage, 3 done with rejected rows (contract §1).
"""

import argparse
import errno
import os
import sys
from collections.abc import Sequence
from typing import Final

from api.commands import (
    asking,
    checking,
    history,
    indicators,
    loading,
    operations,
    people,
    planning,
    reviews,
    serving,
    sources,
    teams,
)
from api.commands.parsing import Parser
from kg.errors import AmbiguousNameError, InvalidInputError, KgError

VERBS: Final = (
    serving,
    loading,
    history,
    sources,
    reviews,
    asking,
    indicators,
    teams,
    planning,
    checking,
    operations,
    people,
)
"""The modules whose verbs the command has, in the order of `--help`."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")
    try:
        args = build_parser().parse_args(argv)
        return int(args.run(args))
    except InvalidInputError as error:
        print(error.message, file=sys.stderr)
        for candidate in getattr(error, "candidates", ()):
            print("  ".join(candidate), file=sys.stderr)
        return 1 if isinstance(error, AmbiguousNameError) else 2
    except KgError as error:
        print(error.message, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        print(_unwritable(error), file=sys.stderr)
        return 1


def _unwritable(error: OSError) -> str:
    path = f"“{error.filename}”" if error.filename else "文件"
    reason = _REASONS.get(error.errno or 0, f"系统错误 {error.errno}")
    return f"读写{path}失败（{reason}）：请检查路径、权限和磁盘空间"


_REASONS: Final = {
    errno.ENOENT: "没有这个文件或文件夹",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.EISDIR: "这是文件夹，不是文件",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EROFS: "只读的磁盘",
    errno.ENOSPC: "磁盘已满",
    errno.ENAMETOOLONG: "名字太长",
}


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all verbs; help is Chinese first, English second."""
    parser = Parser(
        prog="jiangtu",
        description="匠图：技能人才、技工院校、企业与产业的知识图谱 / knowledge graph of skilled talents",
    )
    verbs = parser.add_subparsers(title="命令 / verbs", metavar="VERB", required=True)
    for room in VERBS:
        room.add_verbs(verbs)
    return parser
