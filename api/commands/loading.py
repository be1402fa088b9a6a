"""`load`, `export`, `template`, `generate`."""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from api.after_import import COMMAND_MOST, compare_new
from api.commands.asking import day_of
from api.commands.mapping_dialogue import Dialogue
from api.commands.parsing import SIZES, verb, with_graph
from api.commands.plain_text import report_text
from api.commands.reviews import compared_text
from api.exports import export_content
from api.import_progress import STEP_LABELS
from api.imports import ImportRequest
from api.sources import note_delivery
from kg.bootstrap import Graph, utc_now
from kg.errors import InvalidInputError, RefusedError
from kg.model.viewers import CLI_VIEWER
from kg.schema import SCHEMA, Schema
from loaders.pipeline import Progress
from loaders.pipeline import load as load_files
from loaders.saved_mappings import mapping_path
from loaders.synthetic_city import write_city
from loaders.templates import write_template

if TYPE_CHECKING:
    from api.commands.parsing import Parsers

_HEADERS_UNKNOWN = frozenset({"unknown-table", "missing-column", "missing-header"})
_BAR = 24
CHANGE_LABELS = {"inserted": "新增", "updated": "更新", "retired": "退出"}
_CHANGES_SHOWN = 20
_TITLES_SHOWN = 5


class ProgressLines:
    """Progress on stderr by phase and rows: one line rewritten on a terminal, a line per phase and table elsewhere."""

    def __init__(self, stream: TextIO, schema: Schema = SCHEMA) -> None:
        self._stream, self._schema, self._last = stream, schema, ("", "")

    def __call__(self, progress: Progress) -> None:
        """Show where the load is."""
        phase, table = (
            STEP_LABELS.get(progress.step, progress.step),
            self._schema.by_key.get(progress.table or ""),
        )
        name = f" {table.zh}" if table is not None else ""
        if self._stream.isatty():
            self._stream.write(f"\r\033[K{phase}{name}{_rows_of(progress)}")
        elif (progress.step, progress.table or "") != self._last:
            self._stream.write(f"{phase}{name}\n")
        self._last = (progress.step, progress.table or "")
        self._stream.flush()

    def done(self) -> None:
        """End the rewritten line."""
        if self._stream.isatty() and self._last != ("", ""):
            self._stream.write("\r\033[K")


def _rows_of(progress: Progress) -> str:
    if progress.total:
        share = min(progress.rows / progress.total, 1)
        done = round(share * _BAR)
        return f" [{'█' * done}{'░' * (_BAR - done)}] {progress.rows:,} / {progress.total:,} 行 {share:.0%}"
    return f" {progress.rows:,} 行" if progress.table else ""


def load(graph: Graph, args: argparse.Namespace) -> int:
    """Load files as one batch."""
    wanted = ImportRequest(
        source=args.source, full=args.full, dry_run=args.dry_run, confirm_retire=args.confirm_retire
    )
    errors_to = None if args.errors is None else _writable(Path(args.errors), args.paths)
    mapping = _mapping(graph, args)
    progress = ProgressLines(sys.stderr)
    report = load_files(
        [Path(path) for path in args.paths],
        store=graph.store,
        sealer=graph.sealer,
        schema=graph.schema,
        source=wanted.source,
        actor=CLI_VIEWER.name,
        clock=graph.clock,
        table=args.table,
        mapping=mapping,
        dry_run=wanted.dry_run,
        full=wanted.full,
        confirm_retire=wanted.confirm_retire,
        errors_to=errors_to,
        progress=progress,
        linkage=graph.policy.linkage,
    )
    progress.done()
    document = report.to_json()
    detail = {"batch": document["batch"], "status": document["status"], "source": args.source}
    graph.audit.record(CLI_VIEWER.name, "import", "load", detail)
    note_delivery(graph, document)
    for refusal in report.errors:
        print(f"拒绝装入：{refusal.message}（{refusal.code}）", file=sys.stderr)
    if any(refusal.code == "unknown-table" for refusal in report.errors):
        print("知道是哪张表时，可用 --table 指明", file=sys.stderr)
    if not args.map and any(refusal.code in _HEADERS_UNKNOWN for refusal in report.errors):
        print("列名对不上时，可加 --map 逐列对应一次，以后同一来源自动沿用", file=sys.stderr)
    if args.json:
        print(json.dumps(document, ensure_ascii=False))
    elif not report.errors:
        print(report_text(document))
        if "titles" in document:
            print(_titles_text(document["titles"]))
        if report.preview is not None:
            print("\n".join(_changes_text(graph.schema, report.preview.to_json())))
    if document["changed"]:
        found = compare_new(graph, CLI_VIEWER, most=COMMAND_MOST)
        print(found["message"] if "message" in found else compared_text(found), file=sys.stderr)
    return report.exit_code


def _titles_text(told: Any) -> str:
    """Return how many titles of occupations became codes, and the first that did not."""
    words = [one["title"] for one in told if one["code"] is None]
    text = f"职业名称 {len(told)} 种：{len(told) - len(words)} 种读作编码"
    shown = "、".join(words[:_TITLES_SHOWN])
    more = f"等 {len(words)} 种" if len(words) > _TITLES_SHOWN else ""
    return f"{text}，其余按名称收下，请核对：{shown}{more}（jiangtu reviews）" if words else text


def _changes_text(schema: Schema, told: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a dry run would change: the counts, then the first rows with what differs."""
    yield f"没有存入。正式导入会改动 {told['total']:,} 行"
    for item in told["items"][:_CHANGES_SHOWN]:
        columns = "；".join(
            f"{one['label']} {one['before'] or '—'} → {one['after'] or '—'}" if item["change"] == "updated"
            else f"{one['label']} {one['after'] or one['before']}"
            for one in item["columns"]
        )  # fmt: skip
        sealed = "（封存内容有改动）" if item["sealed_changed"] else ""
        kind = CHANGE_LABELS[item["change"]]
        yield f"  {kind} {schema.by_key[item['table']].zh} {item['key']}{sealed}：{columns}"
    if told["total"] > _CHANGES_SHOWN:
        yield f"  …… 共 {told['total']:,} 行，--json 列出前 {len(told['items']):,} 行"


def _mapping(graph: Graph, args: argparse.Namespace) -> Path | None:
    """Return the mapping file of this load: the one named, the one that the dialogue saves, or that of the source."""
    if args.mapping is not None and args.map:
        raise InvalidInputError("--map 与 --mapping 只能用一个", field="map")
    if args.mapping is not None:
        return Path(args.mapping)
    data, paths = graph.settings.data, [Path(path) for path in args.paths]
    if args.map:
        dialogue = Dialogue(sys.stdin.readline, sys.stderr, graph.schema)
        dialogue.run(paths, data=data, source=args.source, table=args.table)
    path = mapping_path(data, args.source)
    if not path.is_file():
        return None
    print(f"按来源“{args.source}”保存的列名对应：{path}", file=sys.stderr)
    return path


def _writable(path: Path, inputs: Sequence[str]) -> Path:
    """Return the path of the errors workbook; refused before anything is loaded when it cannot or must not be written."""
    if path.suffix.lower() != ".xlsx":
        raise InvalidInputError("--errors 的文件名要以 .xlsx 结尾", field="errors", value=path)
    full = path.resolve()
    if path.is_file() and any(Path(given).resolve() in {full, *full.parents} for given in inputs):
        raise InvalidInputError("--errors 不能盖掉要装入的文件，请换一个文件名", field="errors", value=path)
    if path.is_dir() or not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise RefusedError(f"错误表 {path} 写不了：请检查文件夹是否存在、有没有权限，这次没有装入任何数据")
    return path


def export(graph: Graph, args: argparse.Namespace) -> int:
    """Write tables in the form that the loaders read."""
    path = Path(args.output)
    form = path.suffix.lstrip(".").lower()
    if form not in {"xlsx", "csv", "json"}:
        raise InvalidInputError(
            "-o 的文件名要以 .xlsx、.csv 或 .json 结尾", field="output", value=args.output
        )
    tables = _keys(args.tables, graph.schema) or None
    if form == "csv" and len(tables or ()) != 1:
        raise InvalidInputError("CSV 一次只能写一张表，请写明表名，或改用 .xlsx、.json", field="tables")
    content = export_content(graph, tables, form, viewer=CLI_VIEWER, sealed=args.sealed, source=args.source)
    _write(path, content, private=args.sealed)
    print(
        json.dumps({"file": args.output, "tables": list(tables or graph.schema.by_key)}, ensure_ascii=False)
        if args.json
        else f"已写出 {args.output}"
    )
    return 0


def _write(path: Path, content: bytes, *, private: bool) -> None:
    """Write a file; one with personal columns can be read by its owner only."""
    with path.open("wb") as target:
        if private and os.name == "posix":
            path.chmod(0o600)
        target.write(content)


def _keys(given: Sequence[str], schema: Schema) -> tuple[str, ...]:
    """Return tables given by Chinese name or key as keys; unknown ones as they are."""
    keys = {table.zh: table.key for table in schema.tables}
    return tuple(keys.get(name, name) for name in given)


def template(args: argparse.Namespace, schema: Schema = SCHEMA) -> int:
    """Write an empty workbook to fill in."""
    tables = _keys(args.tables, schema)
    unknown = [key for key in tables if key not in schema.by_key]
    if unknown:
        raise InvalidInputError(
            f"没有表“{unknown[0]}”；可用：{'、'.join(schema.by_key)}", field="tables", value=unknown[0]
        )
    if Path(args.output).suffix.lower() != ".xlsx":
        raise InvalidInputError("-o 的文件名要以 .xlsx 结尾", field="output", value=args.output)
    write_template(schema, tables or tuple(schema.by_key), Path(args.output))
    print(f"已写出 {args.output}")
    return 0


def generate(args: argparse.Namespace) -> int:
    """Write the tables of a synthetic city as files."""
    day = day_of(args.day) or utc_now().date()
    counts = write_city(Path(args.output), size=args.size, seed=args.seed, day=day)
    if args.json:
        print(json.dumps({"folder": args.output, "rows": counts}, ensure_ascii=False))
    else:
        print(
            f"已写出合成城市 {args.size}（种子 {args.seed}，日期 {day}）到 {args.output}：共 {sum(counts.values()):,} 行"
        )
    return 0


def add_verbs(verbs: "Parsers") -> None:
    """Add the verbs of this module."""
    load_verb = verb(verbs, "load", "装入表格，一批要么全进要么不进 / load tables as one atomic batch")
    load_verb.add_argument("paths", nargs="+", metavar="PATH", help="文件或文件夹 / files or folders")
    load_verb.add_argument("--source", default="default", help="来源名称 / name of the source")
    load_verb.add_argument("--table", metavar="NAME", help="指定是哪张表 / which table the file is")
    load_verb.add_argument("--mapping", metavar="FILE", help="列名对照（TOML）/ mapping file")
    load_verb.add_argument(
        "--map",
        action="store_true",
        help="逐列对应列名，存给这个来源以后沿用 / propose a column for each header, keep it for the source",
    )
    load_verb.add_argument("--dry-run", action="store_true", help="只检查不装入 / check only")
    load_verb.add_argument("--errors", metavar="FILE", help="把被拒收的行写成工作簿 / write rejected rows")
    load_verb.add_argument(
        "--full", action="store_true", help="这是该来源的全部数据 / the whole of the source"
    )
    load_verb.add_argument(
        "--confirm-retire", type=int, metavar="N", help="确认退出的行数 / confirm the number of retired rows"
    )
    load_verb.set_defaults(run=with_graph(load))
    export_verb = verb(verbs, "export", "导出表格 / write tables")
    export_verb.add_argument("tables", nargs="*", metavar="TABLE", help="表的英文名；不写为全部 / table keys")
    export_verb.add_argument("-o", "--output", required=True, metavar="FILE", help=".xlsx、.csv 或 .json")
    export_verb.add_argument("--source", help="只导出一个来源 / one source only")
    export_verb.add_argument(
        "--sealed", action="store_true", help="含个人信息，会记入操作记录 / with personal columns"
    )
    export_verb.set_defaults(run=with_graph(export))
    template_verb = verb(verbs, "template", "写出空白模板 / write an empty workbook", json=False)
    template_verb.add_argument("tables", nargs="*", metavar="TABLE")
    template_verb.add_argument("-o", "--output", required=True, metavar="FILE.xlsx")
    template_verb.set_defaults(run=template)
    generate_verb = verb(verbs, "generate", "写出合成城市的表格 / write the tables of a synthetic city")
    generate_verb.add_argument("--size", choices=SIZES, default="demo")
    generate_verb.add_argument("--seed", type=int, default=1)
    generate_verb.add_argument("--day", help="以哪一天为准 / day around which periods are placed")
    generate_verb.add_argument("-o", "--output", required=True, metavar="DIR")
    generate_verb.set_defaults(run=generate)
