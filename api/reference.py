"""The reference pages, written from the declarations themselves; a test holds the committed pages against them."""

import argparse
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI

from api.cli import build_parser
from kg.config import PREFIX, Settings
from kg.model.rules import Policy
from kg.schema import SCHEMA, Column, Schema, Table, Visibility
from kg.vocab.reasons import FACTOR_LABELS, FILTER_LABELS, FILTER_ORDER, SIDE_LABELS
from loaders.codes import CODES

VISIBILITY_LABELS: Final[Mapping[Visibility, str]] = {
    Visibility.PUBLIC: "公开",
    Visibility.SCOPED: "按公开范围",
    Visibility.ORGANISATION: "本单位和经办",
    Visibility.OFFICER: "经办",
    Visibility.SEALED: "封存",
}
_HEAD: Final = "<!-- 由 script/reference 生成，请改声明而不是改本页 / generated: change the declaration -->\n"


def tables_page(schema: Schema = SCHEMA) -> str:
    """Return the page of tables, columns, kinds and relations."""
    parts = [f"# 表、节点与关系\n\n{_HEAD}\n`*` 必填 · `§` 个人或受保护信息，封存 · 可见范围见 contract。\n"]
    parts += [_table(table, schema) for table in schema.tables]
    return "\n".join(parts)


def _table(table: Table, schema: Schema) -> str:
    what = "关系" if table.is_relation else "节点"
    lines = [
        f"## {table.key} · {table.zh}",
        "",
        f"{what} `{table.kind}` · {table.en} · 可见：{VISIBILITY_LABELS[table.visibility]} · 主键：{'、'.join(table.natural_key)}",
        "",
        "| 列 | 名称 | 类型 | 可见 | 说明 |",
        "|---|---|---|---|---|",
    ]
    return "\n".join([*lines, *(_column(table, column, schema) for column in table.columns), ""])


def _column(table: Table, column: Column, schema: Schema) -> str:
    marks = ("*" if column.required else "") + ("§" if column.sealed else "")
    notes = []
    if column.refers_to:
        kinds = "、".join(schema.kinds_of(column.refers_to))
        notes.append(f"→ {kinds}（{'必须存在' if column.hard else '可暂缺'}）")
    if column.choices:
        notes.append("/".join(column.choices))
    if column.protected:
        notes.append("受保护，不进入推荐")
    if column.searchable:
        notes.append("可搜索")
    visibility = VISIBILITY_LABELS[table.visibility_of(column)]
    return (
        f"| `{column.key}` | {column.zh}{marks} | {column.type.value} | {visibility} | {'；'.join(notes)} |"
    )


def settings_page() -> str:
    """Return the page of settings."""
    lines = [f"# 设置\n\n{_HEAD}\n环境变量，或 `jiangtu.toml` 中去掉前缀的小写名。不认识的名字会被拒绝。\n"]
    for name, field in Settings.model_fields.items():
        default = "（无）" if field.default is None else str(field.default)
        lines.append(f"### `{PREFIX}{name.upper()}`\n\n{field.description}。默认：`{default}`\n")
    return "\n".join(lines)


def reasons_page(policy: Policy) -> str:
    """Return the page of every factor and filter code with its default weight."""
    weights: Mapping[str, Mapping[str, float]] = {
        "enterprise": policy.query_a.enterprise_side,
        "school": policy.query_a.school_side,
        "need": policy.query_b.need_side,
        "talent": policy.query_b.talent_side,
    }
    lines = [f"# 因素与过滤条件\n\n{_HEAD}\n规则的精确写法见 [scoring.md](scoring.md)，数值见策略文件。\n"]
    for side, labels in FACTOR_LABELS.items():
        lines.append(f"## {SIDE_LABELS[side]}\n")
        lines += [
            f"### `{side}.{code}`\n\n{label}，默认权重 {weights[side][code]:.2f}。\n"
            for code, label in labels.items()
        ]
    titles = {"partners": "校企合作的过滤条件", "talents": "柔性人才的过滤条件"}
    for question, codes in FILTER_ORDER.items():
        lines.append(f"## {titles[question]}（按检查顺序）\n")
        lines += [f"### `{code}`\n\n{FILTER_LABELS[code]}。\n" for code in codes]
    lines.append(
        f"## 不计入考察\n\n### `A7`\n\n{FILTER_LABELS['A7']}：不公开的行对看不到它的人不计入考察。\n"
    )
    return "\n".join(lines)


def codes_page() -> str:
    """Return the page of load-report codes."""
    titles = {"rows": "行被拒收", "refusals": "整批拒绝", "warnings": "提醒"}
    lines = [f"# 导入报告的代码\n\n{_HEAD}"]
    for group, title in titles.items():
        lines.append(f"## {title}\n")
        lines += [f"### `{code}`\n\n{text}\n" for code, text in CODES[group].items()]
    return "\n".join(lines)


def commands_page() -> str:
    """Return the page of the command line."""
    lines = [f"# 命令\n\n{_HEAD}\n退出码：0 完成 · 1 被拒绝或失败 · 2 用法不对 · 3 完成但有拒收的行。\n"]
    lines += [
        f"## `{name}`\n\n{text}\n\n{options}\n"
        for name, text, options in _commands(build_parser(), "jiangtu")
    ]
    return "\n".join(lines)


def _commands(parser: argparse.ArgumentParser, path: str) -> Iterator[tuple[str, str, str]]:
    nested = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not nested:
        shown = [action for action in parser._actions if action.dest != "help"]
        options = "\n".join(
            f"- `{' '.join(a.option_strings) or a.metavar or a.dest}` {a.help or ''}".rstrip() for a in shown
        )
        yield path, parser.description or "", options
    for action in nested:
        for name, child in action.choices.items():
            yield from _commands(child, f"{path} {name}")


def routes_page(app: FastAPI) -> str:
    """Return the page of HTTP routes."""
    lines = [f"# HTTP 接口\n\n{_HEAD}\n完整的形状见 `/openapi.json`。错误是 RFC 9457 问题文档。\n"]
    paths: Mapping[str, Mapping[str, Any]] = app.openapi()["paths"]
    for path, methods in paths.items():
        for method, operation in methods.items():
            lines.append(
                f"### `{method.upper()} {path}`\n\n{operation.get('description') or operation.get('summary', '')}\n"
            )
    return "\n".join(lines)


def write_pages(folder: Path, app: FastAPI, policy: Policy) -> None:
    """Write all reference pages into a folder."""
    pages: Mapping[str, Callable[[], str]] = {
        "tables.md": tables_page,
        "settings.md": settings_page,
        "reasons.md": lambda: reasons_page(policy),
        "codes.md": codes_page,
        "commands.md": commands_page,
        "routes.md": lambda: routes_page(app),
    }
    for name, page in pages.items():
        (folder / name).write_text(page(), encoding="utf-8")
