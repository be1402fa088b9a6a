"""Mapping files: headers and words of a foreign register told in the terms of `tables.md` (`files.md` S41)."""

import tomllib
from collections import abc
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from kg.model.graph import Value
from kg.schema import Schema, Table
from loaders.cells import CellContext, cell_parser
from loaders.headers import normalise
from loaders.sources.raw import RefusedFileError, refuse

_VALUES: Final = "values"
_TITLES: Final = "titles"
_ALWAYS: Final = "always"
_SECTIONS: Final = frozenset({_VALUES, _TITLES, _ALWAYS})
_OCCUPATIONS: Final = ("occupations",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """`columns[table][normalised header]` is a column key, "" for a column that is left out on purpose.

    `values[table][column][text]` is the text to read instead. `titles[table][normalised header]` is the column of
    occupations whose cells hold titles (职业名称, 工种, 岗位) instead of codes; `columns` has these headers, too.
    `always[table][column]` is the text that every row has in a column that the files lack.
    """

    columns: abc.Mapping[str, abc.Mapping[str, str]] = field(default_factory=dict)
    values: abc.Mapping[str, abc.Mapping[str, abc.Mapping[str, str]]] = field(default_factory=dict)
    titles: abc.Mapping[str, abc.Mapping[str, str]] = field(default_factory=dict)
    always: abc.Mapping[str, abc.Mapping[str, str]] = field(default_factory=dict)


def load_mapping(path: Path, schema: Schema) -> Mapping:
    """Return the mapping of a TOML file; raises RefusedFileError with code `bad-mapping`."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise _bad(path, "读不出来，应是 UTF-8 编码的 TOML 文件") from error
    except tomllib.TOMLDecodeError as error:
        raise _bad(path, f"不合 TOML 语法（{error}）") from error
    columns: dict[str, dict[str, str]] = {}
    values: dict[str, dict[str, dict[str, str]]] = {}
    titles: dict[str, dict[str, str]] = {}
    always: dict[str, dict[str, str]] = {}
    for name, section in document.items():
        table = _table(name, schema)
        if table is None:
            raise _bad(path, f"中没有名为“{name}”的表可以对应")
        if not isinstance(section, dict):
            raise _bad(path, f"的“{name}”应是一节，形如 [{name}]")
        columns[table.key] = {
            normalise(header): _target(path, table, header, target)
            for header, target in section.items()
            if header not in _SECTIONS or isinstance(target, str)
        }
        values[table.key] = _values(path, table, section.get(_VALUES, {}))
        titles[table.key] = _titles(path, table, section.get(_TITLES, {}))
        columns[table.key].update(titles[table.key])
        always[table.key] = _always(path, table, section.get(_ALWAYS, {}))
    return Mapping(columns=columns, values=values, titles=titles, always=always)


def _bad(path: Path, what: str) -> RefusedFileError:
    return refuse("bad-mapping", f"映射文件“{path.name}”{what}，请改正后重试", path.name)


def _table(name: str, schema: Schema) -> Table | None:
    return next((table for table in schema.tables if name in {table.key, table.zh}), None)


def _column_key(table: Table, name: str) -> str | None:
    return next((column.key for column in table.columns if name in {column.key, column.zh}), None)


def _target(path: Path, table: Table, header: str, target: object) -> str:
    if target == "":
        return ""
    key = _column_key(table, target) if isinstance(target, str) else None
    if key is None:
        raise _bad(path, f"把“{header}”对应到“{target}”，而表“{table.zh}”没有这一列")
    return key


def _titles(path: Path, table: Table, section: object) -> dict[str, str]:
    """Return the headers of columns that hold titles of occupations."""
    if isinstance(section, str):
        return {}
    if not isinstance(section, dict):
        raise _bad(path, f"的 [{table.key}.titles] 应是一节")
    found = {}
    for header, target in section.items():
        key = _target(path, table, header, target)
        if (
            not key
            or table.column(key).refers_to != _OCCUPATIONS
            or "weighted" in table.column(key).type.value
        ):
            raise _bad(path, f"说“{header}”是职业名称，而“{target}”不是职业代码列")
        found[normalise(header)] = key
    return found


def _always(path: Path, table: Table, section: object) -> dict[str, str]:
    """Return the texts of columns that the files lack, each one that its column would take."""
    if isinstance(section, str):
        return {}
    if not isinstance(section, dict):
        raise _bad(path, f"的 [{table.key}.always] 应是一节")
    found: dict[str, str] = {}
    for name, text in section.items():
        key = _column_key(table, name)
        if key is None or not isinstance(text, str) or not may_be_the_same(table, key):
            raise _bad(path, f"的 [{table.key}.always] 里的“{name}”不能整份都填一样")
        if constant(table, key, text) is None:
            raise _bad(path, f"说“{table.column(key).zh}”整份都是“{text}”，而这一列不能填它")
        found[key] = text
    return found


def may_be_the_same(table: Table, key: str) -> bool:
    """True when every row of a file may have one value in that column: it alone does not tell rows apart."""
    return table.natural_key != (key,) and not table.column(key).sealed


def constant(table: Table, key: str, text: str) -> Value:
    """Return the canonical value of a text that every row has, None where the column would not take it."""
    cell = cell_parser(table.column(key), CellContext(is_key=key in table.natural_key))(text)
    return cell.value if cell.reject is None else None


def _values(path: Path, table: Table, section: object) -> dict[str, dict[str, str]]:
    if isinstance(section, str):
        return {}
    if not isinstance(section, dict):
        raise _bad(path, f"的 [{table.key}.values] 应是一节")
    result: dict[str, dict[str, str]] = {}
    for name, words in section.items():
        key = _column_key(table, name)
        if key is None or not isinstance(words, dict):
            raise _bad(path, f"的 [{table.key}.values.{name}] 不是表“{table.zh}”的一列")
        choices = table.column(key).choices
        for word, meaning in words.items():
            if not isinstance(meaning, str) or (choices and meaning not in choices):
                raise _bad(path, f"把“{word}”对应到“{meaning}”，而“{table.column(key).zh}”不能填这个值")
        result[key] = dict(words)
    return result
