"""The command `jiangtu`: names the verbs, reads the settings once, turns refusals into sentences and exit codes.

Exit 0 done, 1 refused or failed, 2 wrong usage, 3 done with rejected rows (contract §1).
"""

import argparse
import errno
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn, TypeAlias

from kg.bootstrap import Graph, open_graph
from kg.config import read_settings
from kg.errors import AmbiguousNameError, InvalidInputError, KgError
from kg.model.viewers import Role
from kg.vocab.modes import COOPERATION_MODES

if TYPE_CHECKING:
    Parsers: TypeAlias = argparse._SubParsersAction["Parser"]

SIZES: Final = ("demo", "county", "city", "province")


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


class Parser(argparse.ArgumentParser):
    """Says what is wrong with the words of a command in one Chinese sentence (exit 2)."""

    def error(self, message: str) -> NoReturn:
        """Refuse the command line."""
        raise InvalidInputError(f"{_usage_sentence(message)}；用法见 {self.prog} --help", field="command")


_USAGE: Final = (
    (r"the following arguments are required: (.+)", r"还要写明 \1"),
    (r"argument (.+): invalid choice: (.+) \(choose from (.+)\)", r"\1 没有 \2，可用：\3"),
    (r"argument (.+): invalid int value: (.+)", r"\1 应是整数，现为 \2"),
    (r"argument (.+): invalid float value: (.+)", r"\1 应是数字，现为 \2"),
    (r"argument (.+): expected (?:one|at least one) argument", r"\1 后面要写值"),
    (r"argument (.+): not allowed with argument (.+)", r"\1 不能与 \2 同用"),
    (r"argument (.+): ignored explicit argument (.+)", r"\1 后面不能写值 \2"),
    (r"argument (.+?): (.+)", r"\1：\2"),
    (r"unrecognized arguments: (.+)", r"不认识 \1，请删去或改正"),
    (r"ambiguous option: (.+) could match (.+)", r"\1 不唯一，可以是 \2"),
)


def _usage_sentence(message: str) -> str:
    for pattern, sentence in _USAGE:
        found = re.fullmatch(pattern, message)
        if found:
            return found.expand(sentence)
    return message


def _with_graph(command: Callable[[Graph, argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    def run(args: argparse.Namespace) -> int:
        with open_graph(read_settings(os.environ, Path.cwd())) as graph:
            return command(graph, args)

    return run


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all verbs; help is Chinese first, English second."""
    parser = Parser(
        prog="jiangtu",
        description="匠图：技能人才、技工院校、企业与产业的知识图谱 / knowledge graph of skilled talents",
    )
    verbs = parser.add_subparsers(title="命令 / verbs", metavar="VERB", required=True)
    _add_serving(verbs)
    _add_loading(verbs)
    _add_asking(verbs)
    _add_people(verbs)
    return parser


def _verb(verbs: "Parsers", name: str, text: str, *, json: bool = True) -> argparse.ArgumentParser:
    parser = verbs.add_parser(name, help=text, description=text)
    if json:
        parser.add_argument("--json", action="store_true", help="只输出 JSON / print JSON only")
    return parser


def _add_serving(verbs: "Parsers") -> None:
    from api.commands import serving

    demo = _verb(verbs, "demo", "装入合成城市，回答两个问题并启动服务 / load a synthetic city, answer, serve")
    demo.add_argument("--size", choices=SIZES, default="demo", help="规模 / size")
    demo.add_argument("--seed", type=int, default=1, help="随机种子 / seed")
    demo.add_argument("--no-serve", action="store_true", help="只打印答案，不启动服务 / do not serve")
    _add_address(demo)
    demo.set_defaults(run=lambda args: serving.demo(dict(os.environ), args))
    serve = _verb(verbs, "serve", "启动服务 / run the service", json=False)
    _add_address(serve)
    serve.add_argument("--workers", type=_positive, default=1, help="进程数 / processes")
    serve.set_defaults(run=lambda args: serving.serve(read_settings(os.environ, Path.cwd()), args))


def _add_address(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="监听地址 / address")
    parser.add_argument("--port", type=_port, default=8000, help="端口 / port")


def _add_loading(verbs: "Parsers") -> None:
    from api.commands import loading

    load = _verb(verbs, "load", "装入表格，一批要么全进要么不进 / load tables as one atomic batch")
    load.add_argument("paths", nargs="+", metavar="PATH", help="文件或文件夹 / files or folders")
    load.add_argument("--source", default="default", help="来源名称 / name of the source")
    load.add_argument("--table", metavar="NAME", help="指定是哪张表 / which table the file is")
    load.add_argument("--mapping", metavar="FILE", help="列名对照（TOML）/ mapping file")
    load.add_argument("--dry-run", action="store_true", help="只检查不装入 / check only")
    load.add_argument("--errors", metavar="FILE", help="把被拒收的行写成工作簿 / write rejected rows")
    load.add_argument("--full", action="store_true", help="这是该来源的全部数据 / the whole of the source")
    load.add_argument(
        "--confirm-retire", type=int, metavar="N", help="确认退出的行数 / confirm the number of retired rows"
    )
    load.set_defaults(run=_with_graph(loading.load))
    export = _verb(verbs, "export", "导出表格 / write tables")
    export.add_argument("tables", nargs="*", metavar="TABLE", help="表的英文名；不写为全部 / table keys")
    export.add_argument("-o", "--output", required=True, metavar="FILE", help=".xlsx、.csv 或 .json")
    export.add_argument("--source", help="只导出一个来源 / one source only")
    export.add_argument(
        "--sealed", action="store_true", help="含个人信息，会记入操作记录 / with personal columns"
    )
    export.set_defaults(run=_with_graph(loading.export))
    template = _verb(verbs, "template", "写出空白模板 / write an empty workbook", json=False)
    template.add_argument("tables", nargs="*", metavar="TABLE")
    template.add_argument("-o", "--output", required=True, metavar="FILE.xlsx")
    template.set_defaults(run=loading.template)
    generate = _verb(verbs, "generate", "写出合成城市的表格 / write the tables of a synthetic city")
    generate.add_argument("--size", choices=SIZES, default="demo")
    generate.add_argument("--seed", type=int, default=1)
    generate.add_argument("--day", help="以哪一天为准 / day around which periods are placed")
    generate.add_argument("-o", "--output", required=True, metavar="DIR")
    generate.set_defaults(run=loading.generate)


def _add_asking(verbs: "Parsers") -> None:
    from api.commands import asking

    recommend = verbs.add_parser("recommend", help="两个主要问题 / the two headline questions")
    kinds = recommend.add_subparsers(title="问题 / question", metavar="talents|partners", required=True)
    talents = _verb(kinds, "talents", "哪些柔性人才能满足需求 / which talents can serve a need")
    talents.add_argument("need", metavar="NEED", help="柔性需求编号 / key of the need")
    _add_answer_options(talents)
    talents.set_defaults(run=_with_graph(asking.recommend_talents))
    partners = _verb(kinds, "partners", "与谁合作 / who should cooperate")
    partners.add_argument("anchor", metavar="ANCHOR", help="统一社会信用代码、区划代码或完整名称")
    partners.add_argument(
        "--mode",
        required=True,
        choices=tuple(COOPERATION_MODES),
        metavar="M",
        help="、".join(COOPERATION_MODES),
    )
    partners.add_argument("--year", type=int, help="学年（9 月开始的年份）/ school year")
    partners.add_argument("--occupations", nargs="+", metavar="CODE", help="限定职业 / occupation codes")
    partners.add_argument("--radius-hours", type=float, help="单程最多几小时 / hours one way at most")
    partners.add_argument("--order", choices=("value", "seats", "score"), help="排序 / order")
    _add_answer_options(partners)
    partners.set_defaults(run=_with_graph(asking.recommend_partners))
    search = _verb(verbs, "search", "按名称、代码、拼音查找 / find nodes")
    search.add_argument("text", metavar="TEXT")
    search.add_argument("--kind", help="类型，如 enterprise / kind")
    search.add_argument("--limit", type=int, default=20)
    search.set_defaults(run=_with_graph(asking.search))


def _add_answer_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-k", type=int, help="最多列出几项（1-200）/ how many")
    parser.add_argument("--as-of", metavar="DAY", help="以哪一天为准，如 2026-11-23 / as of")
    parser.add_argument("--format", choices=("text", "json", "xlsx"), default="text")
    parser.add_argument("-o", "--output", metavar="FILE")


def _add_people(verbs: "Parsers") -> None:
    from api.commands import people

    user = verbs.add_parser("user", help="账号 / accounts")
    actions = user.add_subparsers(metavar="add|list|disable|link", required=True)
    add = _verb(actions, "add", "新增账号，打印一次性链接 / add a user")
    add.add_argument("name", metavar="NAME")
    add.add_argument(
        "--role", required=True, choices=[role.value for role in Role if role is not Role.PUBLIC]
    )
    add.add_argument("--org", metavar="CREDIT_CODE", help="企业或院校的统一社会信用代码")
    disable = _verb(actions, "disable", "停用账号 / disable a user")
    disable.add_argument("name", metavar="NAME")
    listed = _verb(actions, "list", "列出账号 / list users")
    linked = _verb(actions, "link", "再给一个一次性链接，用来重设密码 / a fresh one-time link")
    linked.add_argument("name", metavar="NAME")
    token = verbs.add_parser("token", help="程序用的令牌 / tokens for programs")
    token_actions = token.add_subparsers(metavar="create|list|revoke", required=True)
    create = _verb(token_actions, "create", "新建令牌，只显示一次 / create, shown once")
    create.add_argument("user", metavar="USER")
    create.add_argument("--days", type=int, required=True)
    revoke = _verb(token_actions, "revoke", "撤销令牌 / revoke")
    revoke.add_argument("token", metavar="TOKEN", help="令牌，或 token list 里的编号 / token or its id")
    tokens = _verb(token_actions, "list", "列出令牌的编号 / list tokens by id")
    for parser, action, command in (
        (add, "add", people.user), (disable, "disable", people.user), (listed, "list", people.user),
        (linked, "link", people.user), (create, "create", people.token), (revoke, "revoke", people.token),
        (tokens, "list", people.token),
    ):  # fmt: skip
        parser.set_defaults(run=_with_graph(command), action=action)


def _positive(text: str) -> int:
    value = _whole(text)
    if value < 1:
        raise argparse.ArgumentTypeError("应为 1 或更大的整数")
    return value


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"应为整数，现为 {text!r}") from error


def _port(text: str) -> int:
    value = _whole(text)
    if not 0 < value < 65536:
        raise argparse.ArgumentTypeError("端口应在 1 到 65535 之间")
    return value
