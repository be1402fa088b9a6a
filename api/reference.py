"""The reference pages, written from the declarations themselves; a test holds the committed pages against them."""

import argparse
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast

from fastapi import FastAPI

from api.cli import build_parser
from api.errors import status_of
from api.pages.frame.rendering import Pages
from api.pages.router import router_of
from kg import errors
from kg.config import PREFIX, Settings
from kg.errors import KgError
from kg.model.rules import Policy
from kg.policy.rules_page import rules_page
from kg.schema import SCHEMA, Column, Schema, Table, Visibility
from kg.schema.column_types import ColumnType
from kg.schema.cooperation import COOPERATION_TABLES
from kg.schema.organisations import ORGANISATION_TABLES
from kg.schema.reference_tables import REFERENCE_TABLES
from kg.schema.talents import TALENT_TABLES
from kg.schema.training import TRAINING_TABLES
from kg.vocab.levels import EXIT_LEVELS, LEVEL_LABELS, NO_LEVEL_REQUIRED
from kg.vocab.modes import COOPERATION_MODES, ENGAGEMENT_MODES, SEAT_MODES
from kg.vocab.reasons import FACTOR_LABELS, FILTER_LABELS, FILTER_ORDER, SIDE_LABELS
from loaders.codes import CODES

VISIBILITY_LABELS: Final[Mapping[Visibility, str]] = {
    Visibility.PUBLIC: "公开",
    Visibility.SCOPED: "按公开范围",
    Visibility.ORGANISATION: "本单位和经办",
    Visibility.OFFICER: "经办",
    Visibility.SEALED: "封存",
}
CELL_FORMS: Final[Mapping[ColumnType, str]] = {
    ColumnType.NAME: "名称：去掉两端空白，汉字之间的空白去掉，其余原样保存",
    ColumnType.TEXT: "文字：去掉两端空白，原样保存",
    ColumnType.CODE: "代码：按文字保存，全角折成半角；长数字须是文本单元格",
    ColumnType.USCC: "统一社会信用代码 18 位（GB 32100，校验）；引用处也可写唯一的全称",
    ColumnType.DISTRICT_CODE: "区划代码，六位数字（GB/T 2260）",
    ColumnType.OCCUPATION_CODE: "职业代码，如 6-18-01-01；可写 `代码@版本`，不写版本指列有它的最新版本",
    ColumnType.ID_NUMBER: "证件号码；身份证 18 位（校验）或旧 15 位",
    ColumnType.CERTIFICATE_NUMBER: "证书编号；等级证书 22 位，其余原样保存并提醒",
    ColumnType.NUMBER: "数：`1,234`、`1.2万`、`35%`",
    ColumnType.INTEGER: "整数：`12.0` 即 12，`12.5` 拒收",
    ColumnType.SHARE: "份额，0 到 1；`35%` 即 0.35，`35` 拒收",
    ColumnType.YEAR: "年份：`2026`、`2026年`、`2026级`",
    ColumnType.QUARTER: "季度：`2026Q1`、`2026年第一季度`",
    ColumnType.DATE: "日期：`2026-09-01`、`2026/9/1`、`2026年9月1日`、`20260901` 或日期单元格",
    ColumnType.DATE_FROM: "起始日期，同日期；只写月份指该月第一天",
    ColumnType.DATE_TO: "截止日期（含当日），同日期；只写月份指该月最后一天，空即未定",
    ColumnType.LEVEL: "八级工等级名称，也可写 `三级/高级工`；只写数字拒收",
    ColumnType.CHOICE: "所列词中的一个",
    ColumnType.YES_NO: "是或否，也可写 有/无、1/0、√/×",
    ColumnType.MODE: "方式：键或名称",
    ColumnType.LIST: "列表，以 `;`、`；`、`、` 或换行分隔",
    ColumnType.CODE_LIST: "代码列表，分隔同列表；一项不对则整行拒收",
    ColumnType.CHOICE_LIST: "选词列表，分隔同列表",
    ColumnType.MODE_LIST: "方式列表：键或名称",
    ColumnType.WEIGHTED_LIST: "带值列表：`名称=0.8`，值 0 到 1，不写即 1",
    ColumnType.WEIGHTED_MODE_LIST: "带值方式列表：`方式=0.8`，不写即 1，0 即不提供",
    ColumnType.SKILL_LIST: "技能列表：`名称=水平`，水平 1 到 5，不写即 1",
    ColumnType.SKILL_DEMAND: "技能要求：`名称=水平*权重`，水平 1 到 5、权重大于 0，不写即 1",
}
_GROUPS: Final[Mapping[str, tuple[Table, ...]]] = {
    "基础表 / Reference tables": REFERENCE_TABLES,
    "单位 / Organisations": ORGANISATION_TABLES,
    "校企合作 / School-enterprise cooperation": COOPERATION_TABLES,
    "人才与柔性流动 / Talents and flexible engagement": TALENT_TABLES,
    "培训与供求 / Training and market": TRAINING_TABLES,
}
_HEAD: Final = "<!-- 由 script/reference 生成，请改声明而不是改本页 / generated: change the declaration -->\n"
_QUESTION_TITLES: Final = {"partners": "校企合作的过滤条件", "talents": "柔性人才的过滤条件"}


# -- tables -------------------------------------------------------------------------------------------------


def tables_page(schema: Schema = SCHEMA) -> str:
    """Return the page of cells, references, tables, columns, kinds and relations."""
    parts = [
        f"# 表、节点与关系\n\n{_HEAD}",
        (
            "一张表是工作簿里的一个工作表、一个 CSV 文件，或一个 JSON 数组。表头写中文名或英文键；别的表头要用对照文件。"
            "读取的细则见 [files.md](files.md)，谁能看见什么见 [contract.md](contract.md) §5。\n"
        ),
        "`*` 必填 · `§` 个人或受保护信息：封存，不在图上出现，评分读不到。\n",
        "## 单元格 / Cells\n",
        "| 类型 | 写法 |\n|---|---|\n"
        + "\n".join(f"| {kind.value} | {CELL_FORMS[kind]} |" for kind in ColumnType)
        + "\n",
        "空单元格、`-`、`—`、`/`、`无`、`N/A` 是没有（名称列除外；是否列里的 `无` 是否）。只有 `*` 的单元格是被遮住，既不是零也不是没有。\n",
        "## 引用 / References\n",
        (
            "单位可写代码或唯一的全称，其余只认代码。“必须存在”的引用，等到整批读完仍找不到就拒收该行（`unknown-reference`）；"
            "“可暂缺”的照样保存并提醒，因为人会在本市以外居住和工作。\n"
        ),
    ]
    grouped = [(title, [table for table in schema.tables if table in own]) for title, own in _GROUPS.items()]
    known = {table.key for _, tables in grouped for table in tables}
    grouped.append(("其他 / Others", [table for table in schema.tables if table.key not in known]))
    for title, tables in grouped:
        if tables:
            parts += [f"## {title}\n", *(_table(table, schema) for table in tables)]
    return "\n".join(parts)


def _table(table: Table, schema: Schema) -> str:
    what = "关系" if table.is_relation else "节点"
    lines = [
        f"### {table.key} · {table.zh}",
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
    cells = (f"`{column.key}`", column.zh + marks, column.type.value, visibility, "；".join(notes))
    return _row(cells)


def _row(cells: Iterable[str]) -> str:
    return ("| " + " | ".join(cells) + " |").replace("|  |", "| |")


# -- settings, policy, reasons, codes -----------------------------------------------------------------------


def settings_page() -> str:
    """Return the page of settings."""
    lines = [
        f"# 设置\n\n{_HEAD}\n环境变量，或当前文件夹的 `jiangtu.toml` 中去掉前缀的小写名；环境变量优先。不认识的名字会被拒绝。\n"
    ]
    for name, field in Settings.model_fields.items():
        default = "（无）" if field.default is None else str(field.default)
        lines.append(f"### `{PREFIX}{name.upper()}`\n\n{field.description}。默认：`{default}`\n")
    return "\n".join(lines)


def policy_page(policy: Policy) -> str:
    """Return the page of every number of the default policy with its basis."""
    page = rules_page(policy)
    lines = [
        (
            f"# 策略文件的数值\n\n{_HEAD}\n默认策略 `{policy.policy_id}`，{policy.effective_from.isoformat()} 起。"
            "每个数在两个问题里怎么用，见 [scoring.md](scoring.md)；怎样换成本局的数，见 [改策略](../how-to/change-the-policy.md)。\n"
        )
    ]
    for section in cast(list[dict[str, Any]], page["sections"]):
        lines.append(f"## {section['title']} `{section['key']}`\n\n| 键 | 默认 | 依据 |\n|---|---|---|")
        lines += [
            _row((f"`{row['key']}`", _value_text(row["value"]), str(row["basis"]))) for row in section["rows"]
        ]
        lines.append("")
    return "\n".join(lines)


def _value_text(value: object) -> str:
    if isinstance(value, Mapping):
        return "、".join(f"{key} {number:g}" for key, number in value.items())
    if isinstance(value, list):
        return "、".join(str(item) for item in value) or "（空）"
    return f"{value:g}" if isinstance(value, float) else str(value)


def reasons_page(policy: Policy) -> str:
    """Return the page of every factor and filter code with its default weight."""
    weights = _weights(policy)
    lines = [
        f"# 因素与过滤条件\n\n{_HEAD}\n规则的精确写法见 [scoring.md](scoring.md)，数值见 [policy.md](policy.md)。\n"
    ]
    for side, labels in FACTOR_LABELS.items():
        lines.append(f"## {SIDE_LABELS[side]}\n")
        lines += [
            f"### `{side}.{code}`\n\n{label}，默认权重 {weights[side][code]:.2f}。\n"
            for code, label in labels.items()
        ]
    for question, codes in FILTER_ORDER.items():
        lines.append(f"## {_QUESTION_TITLES[question]}（按检查顺序）\n")
        lines += [f"### `{code}`\n\n{FILTER_LABELS[code]}。\n" for code in codes]
    lines.append(
        f"## 不计入考察\n\n### `A7`\n\n{FILTER_LABELS['A7']}：不公开的行对看不到它的人不计入考察。\n"
    )
    return "\n".join(lines)


def _weights(policy: Policy) -> Mapping[str, Mapping[str, float]]:
    return {
        "enterprise": policy.query_a.enterprise_side,
        "school": policy.query_a.school_side,
        "need": policy.query_b.need_side,
        "talent": policy.query_b.talent_side,
    }


def codes_page() -> str:
    """Return the page of load-report codes."""
    titles = {"rows": "行被拒收", "refusals": "整批拒绝", "warnings": "提醒"}
    lines = [f"# 导入报告的代码\n\n{_HEAD}"]
    for group, title in titles.items():
        lines.append(f"## {title}\n")
        lines += [f"### `{code}`\n\n{text}\n" for code, text in CODES[group].items()]
    return "\n".join(lines)


# -- commands and routes ------------------------------------------------------------------------------------


def commands_page() -> str:
    """Return the page of the command line."""
    lines = [f"# 命令\n\n{_HEAD}\n退出码：0 完成 · 1 被拒绝或失败 · 2 用法不对 · 3 完成但有拒收的行。\n"]
    lines += [
        f"## `{name}`\n\n{text}\n\n{options}\n" for name, text, options in commands(build_parser(), "jiangtu")
    ]
    return "\n".join(lines)


def commands(parser: argparse.ArgumentParser, path: str) -> Iterator[tuple[str, str, str]]:
    """Yield every verb as (full name, description, options as a list)."""
    nested = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not nested:
        shown = [action for action in parser._actions if action.dest != "help"]
        yield path, parser.description or "", "\n".join(_option(action) for action in shown)
    for action in nested:
        for name, child in action.choices.items():
            yield from commands(child, f"{path} {name}")


def _option(action: argparse.Action) -> str:
    name = " ".join(action.option_strings) or str(action.metavar or action.dest)
    notes = [action.help or ""]
    if action.choices and action.metavar is None:
        notes.append("、".join(f"`{choice}`" for choice in action.choices))
    if action.option_strings and action.default not in (None, False, []):
        notes.append(f"默认 `{action.default}`")
    if action.option_strings and action.required:
        notes.append("必填")
    return f"- `{name}` {' · '.join(note for note in notes if note)}".rstrip()


def routes_page(app: FastAPI) -> str:
    """Return the page of HTTP routes: the JSON routes with their parameters, the refusals, the pages."""
    lines = [
        f"# HTTP 接口\n\n{_HEAD}\n完整的形状见 `/openapi.json`，写法见 [contract.md](contract.md) §3、§4。\n"
    ]
    for path, methods in _json_paths(app).items():
        for method, operation in methods.items():
            text = operation.get("description") or operation.get("summary", "")
            parts = [f"### `{method.upper()} {path}`\n\n{text}\n", *_parameters(operation)]
            lines.append("\n".join(parts))
    lines.append(
        "## 拒绝\n\nRFC 9457 问题文档（`application/problem+json`），`code` 不变，`detail` 说该怎么办。\n"
    )
    lines.append("| `code` | 状态 | 含义 |\n|---|---|---|")
    lines += [_row((f"`{code}`", status, text)) for code, status, text in _refusals()]
    lines.append("\n## 网页\n\n表单和页面，不需要脚本；不在 OpenAPI 里。\n")
    lines += [f"- `{method} {path}`" for method, path in page_routes(app)]
    return "\n".join(lines) + "\n"


def _json_paths(app: FastAPI) -> Mapping[str, Mapping[str, Any]]:
    paths: Mapping[str, Mapping[str, Any]] = app.openapi()["paths"]
    return paths


def _parameters(operation: Mapping[str, Any]) -> Iterator[str]:
    for parameter in operation.get("parameters", ()):
        needed = "，必填" if parameter.get("required") else ""
        told = parameter.get("description") or ""
        yield f"- `{parameter['name']}`（{parameter['in']}{needed}）{told}".rstrip()
    content: Mapping[str, Any] = operation.get("requestBody", {}).get("content", {})
    for media, body in content.items():
        shape = str(body["schema"].get("$ref", "")).rpartition("/")[2]
        yield f"- 正文 `{media}`{f'：`{shape}`' if shape else ''}"
    if operation.get("parameters") or content:
        yield ""


def _refusals() -> Iterator[tuple[str, str, str]]:
    found = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, KgError)]
    for kind in found:
        if kind is KgError:
            continue
        status = status_of(kind.__new__(kind))
        yield kind.code, str(status), (kind.__doc__ or "").splitlines()[0]


def page_routes(app: FastAPI) -> tuple[tuple[str, str], ...]:
    """Return (method, path) of every page that a person opens or a form posts to."""
    pages: Pages = app.state.pages
    routes = cast(Iterable[Any], router_of(pages).routes)
    return tuple((method, route.path) for route in routes for method in sorted(route.methods - {"HEAD"}))


# -- glossary -----------------------------------------------------------------------------------------------


def glossary_page(schema: Schema = SCHEMA) -> str:
    """Return every Chinese term of the product with its identifier in code, files and answers."""
    parts = [
        f"# 词汇表 / Glossary\n\n{_HEAD}\n左边是人读的词，右边是代码、文件和接口里的标识。\n",
        _terms("等级 / Levels", ((label, f"SkillLevel.{level.name} = {level.value}") for level, label in LEVEL_LABELS.items())),
        _terms(
            "培养层次与等级要求 / Exit levels",
            [
                *((label, f"SkillLevel.{level.name} = {level.value}") for label, level in EXIT_LEVELS.items()),
                (NO_LEVEL_REQUIRED, "market_stats.level"),
            ],
        ),
        _terms(
            "校企合作方式 / Cooperation modes",
            ((name, key + ("（占席位）" if key in SEAT_MODES else "")) for key, name in COOPERATION_MODES.items()),
        ),
        _terms("柔性服务方式 / Engagement modes", ((name, key) for key, name in ENGAGEMENT_MODES.items())),
        _terms("表 / Tables", ((table.zh, f"{table.key} · {table.kind}") for table in schema.tables)),
        _terms("列 / Columns", _grouped((column.zh, f"{table.key}.{column.key}") for table in schema.tables for column in table.columns)),
        _terms(
            "可选的词 / Choices",
            _grouped(
                (choice, f"{table.key}.{column.key}")
                for table in schema.tables
                for column in table.columns
                for choice in column.choices
            ),
        ),
        _terms("过滤条件 / Filters", ((label, code) for code, label in FILTER_LABELS.items())),
        _terms("方面 / Sides", ((label, side) for side, label in SIDE_LABELS.items())),
        _terms(
            "因素 / Factors",
            _grouped((label, f"{side}.{code}") for side, labels in FACTOR_LABELS.items() for code, label in labels.items()),
        ),
        _terms("可见范围 / Visibility", ((label, level.value) for level, label in VISIBILITY_LABELS.items())),
    ]  # fmt: skip
    return "\n".join(parts)


def _terms(title: str, terms: Iterable[tuple[str, str]]) -> str:
    lines = [f"## {title}", "", "| 词 | 标识 |", "|---|---|"]
    return "\n".join([*lines, *(_row((word, f"`{name}`")) for word, name in terms), ""])


def _grouped(terms: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield each word once with all its identifiers, in order of first use."""
    found: dict[str, dict[str, None]] = {}
    for word, name in terms:
        found.setdefault(word, {})[name] = None
    return ((word, "`、`".join(names)) for word, names in found.items())


# -- all of them --------------------------------------------------------------------------------------------


def all_pages(app: FastAPI, policy: Policy) -> dict[str, str]:
    """Return every generated page by its path under `docs/`."""
    pages: Mapping[str, Callable[[], str]] = {
        "reference/tables.md": tables_page,
        "reference/settings.md": settings_page,
        "reference/policy.md": lambda: policy_page(policy),
        "reference/reasons.md": lambda: reasons_page(policy),
        "reference/codes.md": codes_page,
        "reference/commands.md": commands_page,
        "reference/routes.md": lambda: routes_page(app),
        "glossary.md": glossary_page,
    }
    return {name: page() for name, page in pages.items()}


def write_pages(folder: Path, app: FastAPI, policy: Policy) -> None:
    """Write all generated pages under `folder`, which is the `docs` of the repository."""
    for name, text in all_pages(app, policy).items():
        (folder / name).write_text(text, encoding="utf-8")
