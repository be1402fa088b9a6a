"""Empty workbooks to fill in: headers, meanings, lists of allowed words and checks, all from the schema."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from kg.errors import InvalidInputError
from kg.schema import Column, ColumnType, Schema, Table
from kg.vocab import LEVEL_LABELS
from loaders.cell_text import SEPARATOR, YES_NO

REQUIRED_MARK: Final = "*"
CHECKED_ROWS: Final = 5000
"""Rows below the header to which lists and checks apply."""
_INLINE_LIST: Final = 255
_LISTS_SHEET: Final = "选项"
_COMMENT_AUTHOR: Final = "匠图"
_REQUIRED_FILL: Final = PatternFill("solid", start_color="FFFFF2CC")
_PLAIN_FILL: Final = PatternFill("solid", start_color="FFEDEDED")
_TEXT_FORMAT: Final = "@"
_WIDTHS: Final = (10, 28)

_EXAMPLES: Final = {
    ColumnType.NAME: "按证照上的全称填写",
    ColumnType.TEXT: "文字",
    ColumnType.CODE: "A0001",
    ColumnType.USCC: "91370785QEFLCR63F0，18 位；也可填唯一的单位全称",
    ColumnType.DISTRICT_CODE: "370785，六位区划代码",
    ColumnType.OCCUPATION_CODE: "6-18-01-01；指定版本写 6-18-01-01@2022",
    ColumnType.ID_NUMBER: "18 位，按文本填写",
    ColumnType.CERTIFICATE_NUMBER: "按证书上的编号，按文本填写",
    ColumnType.NUMBER: "1234.5，只填一个数",
    ColumnType.INTEGER: "12，只填整数",
    ColumnType.SHARE: "0.35 或 35%",
    ColumnType.YEAR: "2026",
    ColumnType.QUARTER: "2026Q1 或 2026年第一季度",
    ColumnType.DATE: "2026-09-01",
    ColumnType.DATE_FROM: "2026-09-01；只填年月算当月第一天",
    ColumnType.DATE_TO: "2026-09-30；只填年月算当月最后一天；空为长期",
    ColumnType.YES_NO: "是 或 否",
    ColumnType.LIST: f"甲{SEPARATOR}乙",
    ColumnType.CODE_LIST: f"代码一{SEPARATOR}代码二",
    ColumnType.WEIGHTED_LIST: f"名称=0.8{SEPARATOR}名称（不写为 1）",
    ColumnType.SKILL_LIST: f"焊接=3{SEPARATOR}数控车削=2（水平 1 至 5）",
    ColumnType.SKILL_DEMAND: f"焊接=3*2{SEPARATOR}数控车削=2（水平*权重）",
}


def write_template(schema: Schema, tables: Sequence[str] | None, path: Path) -> None:
    """Write an empty workbook with a sheet per table (None: all tables); loading it as it is stores no row.

    Each header bears `*` when the column is required, and a comment with meaning and example; closed choices have
    drop-down lists. Raises InvalidInputError for a table that does not exist.
    """
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    lists = _Lists()
    for table in _chosen(schema, tables):
        _write_sheet(workbook.create_sheet(table.zh), table, schema, lists)
    lists.write(workbook)
    workbook.save(path)


class _Lists:
    """Lists that are too long for a cell rule: they go to a hidden sheet, one column each."""

    def __init__(self) -> None:
        self._columns: dict[tuple[str, ...], int] = {}

    def formula(self, words: tuple[str, ...]) -> str:
        """Return the rule of a drop-down list."""
        inline = f'"{",".join(words)}"'
        if len(inline) <= _INLINE_LIST:
            return inline
        letter = get_column_letter(self._columns.setdefault(words, len(self._columns) + 1))
        return f"'{_LISTS_SHEET}'!${letter}$1:${letter}${len(words)}"

    def write(self, workbook: Workbook) -> None:
        """Add the hidden sheet when it is needed."""
        if self._columns:
            sheet = workbook.create_sheet(_LISTS_SHEET)
            sheet.sheet_state = "hidden"
            for words, column in self._columns.items():
                for row, word in enumerate(words, start=1):
                    sheet.cell(row=row, column=column, value=word)


def _chosen(schema: Schema, tables: Sequence[str] | None) -> list[Table]:
    if tables is None:
        return list(schema.tables)
    by_name = {**{table.zh: table for table in schema.tables}, **schema.by_key}
    for name in tables:
        if name not in by_name:
            raise InvalidInputError(
                f"没有名为“{name}”的表，请用表名或英文键", field="tables", value=name, code="unknown-table"
            )
    return [by_name[name] for name in dict.fromkeys(tables)]


def _write_sheet(sheet: Worksheet, table: Table, schema: Schema, lists: _Lists) -> None:
    sheet.freeze_panes = "A2"
    for place, column in enumerate(table.columns, start=1):
        header = column.zh + (REQUIRED_MARK if column.required else "")
        cell = sheet.cell(row=1, column=place, value=header)
        cell.font = Font(bold=True)
        cell.fill = _REQUIRED_FILL if column.required else _PLAIN_FILL
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        cell.comment = Comment(_explanation(column, schema), _COMMENT_AUTHOR, height=120, width=320)
        letter = get_column_letter(place)
        dimension = sheet.column_dimensions[letter]
        dimension.width = min(max(_WIDTHS[0], 2 * len(header) + 4), _WIDTHS[1])
        if _is_text(column):
            dimension.number_format = _TEXT_FORMAT
        rule = _rule(column, lists)
        if rule is not None:
            sheet.add_data_validation(rule)
            rule.add(f"{letter}2:{letter}{CHECKED_ROWS + 1}")


def _explanation(column: Column, schema: Schema) -> str:
    """Return what a column means: required or not, how it is written, which table it refers to, what is allowed."""
    lines = ["必填" if column.required else "选填"]
    if column.sealed:
        lines.append("个人或受保护信息：加密保存，不参与推荐")
    words = allowed_words(column)
    if words:
        joined = "、".join(words)
        lines.append(f"可填：{joined}" + (f"（多项用 {SEPARATOR} 分开）" if column.type.is_list else ""))
    elif column.type in _EXAMPLES:
        lines.append(f"例：{_EXAMPLES[column.type]}")
    if column.unit:
        lines.append(f"单位：{column.unit[0]}")
    if column.refers_to:
        lines.append("引用：" + "、".join(schema.by_key[key].zh for key in column.refers_to))
    return "\n".join(lines)


def allowed_words(column: Column) -> tuple[str, ...]:
    """Return the closed list of words that a cell of the column may hold; () when it is open."""
    if column.modes:
        return tuple(dict.fromkeys(column.modes.values()))
    if column.type is ColumnType.LEVEL:
        return column.choices or tuple(LEVEL_LABELS.values())
    if column.type is ColumnType.YES_NO:
        return tuple(YES_NO.values())
    return column.choices


def _rule(column: Column, lists: _Lists) -> DataValidation | None:
    words = allowed_words(column)
    if words and not column.type.is_list:
        rule = DataValidation(type="list", formula1=lists.formula(words), allow_blank=True)
        rule.error, rule.errorTitle = "请从下拉列表中选择", column.zh
        return rule
    if column.type not in {ColumnType.NUMBER, ColumnType.INTEGER, ColumnType.SHARE} or column.minimum is None:
        return None
    kind: Literal["whole", "decimal"] = "whole" if column.type is ColumnType.INTEGER else "decimal"
    low, high = _plain(column.minimum), column.maximum
    if high is None:
        rule = DataValidation(type=kind, operator="greaterThanOrEqual", formula1=low, allow_blank=True)
    else:
        rule = DataValidation(
            type=kind, operator="between", formula1=low, formula2=_plain(high), allow_blank=True
        )
    rule.error, rule.errorTitle = "请填写允许范围内的数", column.zh
    return rule


def _plain(number: float) -> str:
    return str(int(number)) if float(number).is_integer() else str(number)


def _is_text(column: Column) -> bool:
    """Return whether Excel must keep the cells of the column as text, so that no digits are lost."""
    return column.type in {
        ColumnType.CODE,
        ColumnType.USCC,
        ColumnType.ID_NUMBER,
        ColumnType.CERTIFICATE_NUMBER,
        ColumnType.DISTRICT_CODE,
        ColumnType.OCCUPATION_CODE,
        ColumnType.DATE,
        ColumnType.DATE_FROM,
        ColumnType.DATE_TO,
    }
