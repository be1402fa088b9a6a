"""`backup`, `restore`, `migrate`, `prune`, `index`, `erase` and `check store`: keeping the store."""

import argparse
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.commands.parsing import positive, verb, with_graph
from api.imports import Imports
from kg.bootstrap import Graph, open_site
from kg.config import read_settings
from kg.errors import InvalidInputError
from kg.model.viewers import CLI_VIEWER
from kg.operations.backup import backup as back_up
from kg.operations.backup import restore as put_back
from kg.operations.checks import check_store
from kg.operations.erasure import erase_person
from kg.operations.migration import migrate as bring_up
from kg.operations.migration import move
from kg.operations.migration import prune as forget
from kg.operations.sites import Site
from kg.schema import SCHEMA

if TYPE_CHECKING:
    from api.commands.parsing import Parsers


def _site() -> Site:
    return open_site(read_settings(os.environ, Path.cwd()))


def _print(args: argparse.Namespace, told: Mapping[str, Any], text: str) -> int:
    print(json.dumps(told, ensure_ascii=False) if args.json else text)
    return 0


def backup(args: argparse.Namespace) -> int:
    """Write everything into one file while the service goes on."""
    told = back_up(_site(), Path(args.file), actor=CLI_VIEWER.name, replace=args.replace)
    text = (
        f"已备份到 {told['file']}（{told['bytes'] / 1e6:,.1f} MB）：修订 {told['revision']} 时的全部内容\n"
        f"密钥不在备份里，请另外保管；恢复要用同一个密钥（指纹 {told['key_fingerprint']}）"
    )
    return _print(args, told, text)


def restore(args: argparse.Namespace) -> int:
    """Put a backup in the place of the store."""
    told = put_back(_site(), Path(args.file), actor=CLI_VIEWER.name, replace=args.replace)
    return _print(
        args,
        told,
        f"已把 {told['file']} 恢复到 {told['store']}：修订 {told['revision']}（{told['at']} 备份）",
    )


def store(args: argparse.Namespace) -> int:
    """Say whether what is stored fits together; exit 1 where it does not."""
    told = check_store(_site(), SCHEMA)
    _print(args, told, _check_text(told))
    return 1 if told["findings"] else 0


_COUNTED = {
    "batches": "批次",
    "rows": "记录",
    "edges": "关系",
    "log": "变更日志",
    "sealed": "封存内容",
    "audit": "操作记录",
}


def _check_text(told: Mapping[str, Any]) -> str:
    lines: list[str] = []
    for finding in told["findings"]:
        lines.append(
            f"【不符】{finding['text']}" + (f"（{finding['total']} 处）" if finding["where"] else "")
        )
        lines += [f"    {place}" for place in finding["where"]]
        lines.append(f"    怎么办：{finding['advice']}")
    counts = "、".join(
        f"{label} {told['counts'][key]:,}" for key, label in _COUNTED.items() if key in told["counts"]
    )
    if counts:
        lines.append(f"检查过：{counts}")
    lines.append(f"{told['store']}：" + (f"{len(told['findings'])} 项不符" if told["findings"] else "完好"))
    return "\n".join(lines)


def migrate(args: argparse.Namespace) -> int:
    """Bring the store to the format of this program, or copy it into another kind of store."""
    settings = read_settings(os.environ, Path.cwd())
    site = open_site(settings)
    if args.to is None:
        told = bring_up(site, actor=CLI_VIEWER.name)
        text = (
            f"{told['store']} 已升级到格式 {told['reached'][-1]}；升级前的备份在 {told['backup']}"
            if told["reached"]
            else f"{told['store']} 已是本程序的格式，不必升级"
        )
        return _print(args, told, text)
    told = move(site, open_site(settings.model_copy(update={"store": args.to})), actor=CLI_VIEWER.name)
    text = (
        f"已把 {told['source']} 的全部内容搬到 {told['store']}：修订 {told['revision']}\n"
        f"核对后把设置 JIANGTU_STORE 改为 {args.to} 再启动服务；原来的存储没有改动"
    )
    return _print(args, told, text)


def prune(args: argparse.Namespace) -> int:
    """Forget old undo data."""
    settings = read_settings(os.environ, Path.cwd())
    days = args.days or settings.history_days
    if days is None:
        raise InvalidInputError("请用 --days 写明保留多少天，或设 JIANGTU_HISTORY_DAYS", field="days")
    told = forget(open_site(settings), days, actor=CLI_VIEWER.name, dry_run=args.dry_run)
    if args.dry_run:
        text = f"将清理修订 {told['until']} 及以前的变更日志" if told["until"] else "没有超过保留期的变更日志"
    else:
        text = f"已清理变更日志 {told['entries']:,} 条；修订 {told['until']} 以前的状态不能再看，那些批次不能再撤销"
    return _print(args, told, text)


def index(graph: Graph, args: argparse.Namespace) -> int:
    """Build the index once and say what it took: a trial of what the service does when it starts."""
    began = time.perf_counter()
    world = graph.service.world()
    told = {
        "revision": world.revision,
        "talents": len(world.talents),
        "offerings": len(world.cooperation.offerings),
        "demands": len(world.cooperation.demands),
        "seconds": round(time.perf_counter() - began, 2),
    }
    text = (
        f"索引可以从修订 {told['revision']} 建成：人才 {told['talents']:,}、开设专业 {told['offerings']:,}、"
        f"岗位需求 {told['demands']:,}，用时 {told['seconds']} 秒"
    )
    return _print(args, told, text)


def erase(graph: Graph, args: argparse.Namespace) -> int:
    """Remove a person for good."""
    Imports(graph).close()  # what a killed service left of uploads goes first
    told = erase_person(
        graph.service, graph.store, graph.ledger, graph.schema, graph.settings.data,
        key=args.talent, reason=args.reason, viewer=CLI_VIEWER,
    )  # fmt: skip
    left = _copies(graph.settings.data)
    text = f"已彻底删除 {told['key']}：现有记录 {told['live']} 条，连同历史共 {told['rows']} 条（修订 {told['revision']}）"
    if told["pseudonym"]:
        text += "\n别的记录还引用这个编号，图里留有一个没有内容的编号"
    if left:
        text += "\n数据文件夹里的这些旧副本仍可能有此人的内容，请删除或重新备份：" + "、".join(left)
    return _print(args, {**told, "copies": left}, text)


def _copies(data: Path) -> list[str]:
    """Return the files of the data folder that an erasure does not reach: backups, and damaged stores put aside."""
    return sorted(str(path) for pattern in ("*.damaged*", "**/*.jtb") for path in data.glob(pattern))


def add_check_store(checks: "Parsers") -> None:
    """Add `check store`."""
    parser = verb(
        checks, "store", "检查存储是否完好：引用、关系、变更日志、封存内容、操作记录 / integrity of the store"
    )
    parser.set_defaults(run=store)


def add_verbs(verbs: "Parsers") -> None:
    """Add the verbs of this module."""
    parser = verb(verbs, "backup", "备份成一个文件，不必停服务 / write a backup while serving")
    parser.add_argument("file", metavar="FILE", help="备份文件 / the file to write")
    parser.add_argument("--replace", action="store_true", help="覆盖已有的文件 / overwrite the file")
    parser.set_defaults(run=backup)
    parser = verb(verbs, "restore", "从备份恢复，要么全部要么不动 / restore a backup, whole or not at all")
    parser.add_argument("file", metavar="FILE", help="备份文件 / the backup")
    parser.add_argument("--replace", action="store_true", help="替换已有的存储 / replace the store")
    parser.set_defaults(run=restore)
    parser = verb(
        verbs, "migrate", "升级存储的格式，或搬到另一种存储 / migrate the format, or to another store"
    )
    parser.add_argument(
        "--to", metavar="STORE", help="目标存储：neo4j://主机:7687 或 sqlite:文件名，须为空 / an empty store"
    )
    parser.set_defaults(run=migrate)
    parser = verb(verbs, "prune", "清理超过保留期的变更日志 / forget undo data older than the retention")
    parser.add_argument("--days", type=positive, help="保留多少天 / days to keep (JIANGTU_HISTORY_DAYS)")
    parser.add_argument("--dry-run", action="store_true", help="只说明会清理到哪里 / only say what would go")
    parser.set_defaults(run=prune)
    parser = verb(verbs, "index", "试建一次索引并报告规模和用时 / build the index once")
    parser.set_defaults(run=with_graph(index))
    parser = verb(verbs, "erase", "彻底删除一个人：现状、历史、封存内容 / erase a person for good")
    parser.add_argument("talent", metavar="TALENT", help="人才编号 / key of the talent")
    parser.add_argument("--reason", required=True, help="删除原因，记入操作记录 / why, for the audit trail")
    parser.set_defaults(run=with_graph(erase))
