"""JSON tables (`files.md` S37): an array of objects, or an object {table: array}."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Final

from loaders.sources.limits import Limits
from loaders.sources.raw import CellMark, RawRow, RawSheet, RawValue, RefusedFileError, refuse

_TOKENS: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[{]|[\]}]', re.DOTALL)


class _NotAllowedError(ValueError):
    """JSON that the language allows and we do not; the message is Chinese."""


def read_json(path: Path, file: str, encoding: str, limits: Limits) -> list[RawSheet]:
    """Return the tables of a JSON file; refuse `bad-json`, with its line where the parser names one.

    `encoding` is what `find_encoding` found: it decodes the whole file.
    """
    text = path.read_bytes().decode(encoding)
    _check_depth(text, file, limits)
    try:
        document = json.loads(
            text, object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=Decimal
        )
    except json.JSONDecodeError as error:
        raise _bad_json(file, f"第 {error.lineno} 行第 {error.colno} 列不合 JSON 语法") from error
    except _NotAllowedError as error:
        raise _bad_json(file, str(error)) from error
    except (ValueError, RecursionError) as error:
        raise _bad_json(file, "含有过长的数") from error
    if isinstance(document, list):
        return [_sheet(path.stem, document, file, limits)]
    if isinstance(document, dict):
        return [_sheet(key, value, file, limits) for key, value in document.items()]
    raise _bad_json(file, "最外层应是对象数组，或“表名: 对象数组”")


def _bad_json(file: str, what: str) -> RefusedFileError:
    return refuse("bad-json", f"文件“{file}”{what}，请改正后重新导入", file)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) != len(pairs):
        twice, _ = Counter(key for key, _ in pairs).most_common(1)[0]
        raise _NotAllowedError(f"同一个对象里有两个“{twice}”")
    return result


def _no_constant(name: str) -> object:
    raise _NotAllowedError(f"含有 {name}，它不是 JSON 的数")


def _check_depth(text: str, file: str, limits: Limits) -> None:
    depth = 0
    for token in _TOKENS.finditer(text):
        first = token[0][0]
        if first in "[{":
            depth += 1
            if depth > limits.json_depth:
                raise _bad_json(file, f"嵌套超过 {limits.json_depth} 层")
        elif first in "]}":
            depth -= 1


def _sheet(title: str, value: object, file: str, limits: Limits) -> RawSheet:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise _bad_json(file, f"“{title}”应是对象数组")
    headers = tuple(dict.fromkeys(key for item in value for key in item))
    if len(headers) > limits.columns or len(headers) * len(value) > limits.grid_cells:
        message = (
            f"文件“{file}”的“{title}”有 {len(value)} 个对象 × {len(headers)} 种键，超过上限，请拆分后分批导入"
        )
        raise refuse("too-large", message, file)
    return RawSheet(name=None, title=title, rows=partial(_rows, value, headers), headers=headers)


def _rows(items: Sequence[Mapping[str, object]], headers: tuple[str, ...]) -> Iterator[RawRow]:
    for item in items:
        yield [_raw(item.get(header)) for header in headers]


def _raw(value: object) -> RawValue:
    if value is None or isinstance(value, str | bool | int | Decimal | list):
        return value
    return CellMark.NESTED
