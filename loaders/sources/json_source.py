"""JSON tables (`files.md` S37): an array of objects, or an object {table: array}."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Final

from loaders.sources.limits import Limits
from loaders.sources.raw import CellMark, RawRow, RawSheet, RawValue, RefusedFileError, refuse

_TOKENS: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[{]|[\]}]', re.DOTALL)
_BLANKS: Final = re.compile(r"[ \t\n\r]*")


class _NotAllowedError(ValueError):
    """JSON that the language allows and we do not; the message is Chinese."""


def read_json(path: Path, file: str, encoding: str, limits: Limits) -> list[RawSheet]:
    """Return the tables of a JSON file; refuse `bad-json`, with its line where the parser names one.

    `encoding` is what `find_encoding` found: it decodes the whole file. The objects are parsed one by one and never
    held together: 30 MB of `{},{}` would need a gigabyte.
    """
    document = _Document(path.read_bytes().decode(encoding), file)
    _check_depth(document.text, file, limits)
    try:
        tables = list(_tables(document, path.stem, limits))
    except json.JSONDecodeError as error:
        raise _bad_json(file, f"第 {error.lineno} 行第 {error.colno} 列不合 JSON 语法") from error
    except _NotAllowedError as error:
        raise _bad_json(file, str(error)) from error
    except (ValueError, RecursionError) as error:
        raise _bad_json(file, "含有过长的数") from error
    titles = [title for title, _, _ in tables]
    if len(set(titles)) != len(titles):
        twice, _ = Counter(titles).most_common(1)[0]
        raise _bad_json(file, f"同一个对象里有两个“{twice}”")
    return [
        RawSheet(name=None, title=title, rows=partial(_rows, document, start, headers), headers=headers)
        for title, start, headers in tables
    ]


class _Document:
    """A JSON text, walked by place: what has been seen is not kept."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self._decoder = json.JSONDecoder(
            object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=Decimal
        )

    def after_blanks(self, at: int) -> int:
        """Return the place of the next character that is no white space."""
        found = _BLANKS.match(self.text, at)
        return found.end() if found is not None else at

    def starts(self, at: int, sign: str) -> bool:
        """True when `sign` stands there."""
        return self.text.startswith(sign, at)

    def value(self, at: int) -> tuple[object, int]:
        """Return the value that begins there and the place behind it and the blanks that follow."""
        found, end = self._decoder.raw_decode(self.text, at)
        return found, self.after_blanks(end)

    def wrong(self, at: int) -> json.JSONDecodeError:
        """Return the error that the text cannot go on like that."""
        return json.JSONDecodeError("unexpected", self.text, min(at, len(self.text)))

    def next_item(self, at: int, end: str) -> int | None:
        """Return the place of the item behind a comma, None behind the closing sign."""
        if self.starts(at, end):
            return None
        if not self.starts(at, ","):
            raise self.wrong(at)
        return self.after_blanks(at + 1)

    def items(self, start: int) -> Iterator[tuple[object, int]]:
        """Yield the values of the array that begins at `start`, each with the place behind it."""
        at = self.after_blanks(start + 1)
        if self.starts(at, "]"):
            return
        following: int | None = at
        while following is not None:
            found, at = self.value(following)
            yield found, at
            following = self.next_item(at, "]")


def _tables(document: _Document, stem: str, limits: Limits) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    """Yield title, place and keys of each table; raises where the text is no JSON."""
    at = document.after_blanks(0)
    if document.starts(at, "["):
        headers, end = _keys(document, at, stem, limits)
        yield stem, at, headers
    elif document.starts(at, "{"):
        at = document.after_blanks(at + 1)
        following = None if document.starts(at, "}") else at
        while following is not None:
            title, at = document.value(following)
            if not isinstance(title, str) or not document.starts(at, ":"):
                raise document.wrong(at)
            start = document.after_blanks(at + 1)
            headers, at = _keys(document, start, title, limits)
            yield title, start, headers
            following = document.next_item(at, "}")
        end = at + 1
    else:
        document.value(at)
        raise _bad_json(document.file, "最外层应是对象数组，或“表名: 对象数组”")
    if document.after_blanks(end) != len(document.text):
        raise document.wrong(document.after_blanks(end))


def _keys(document: _Document, start: int, title: str, limits: Limits) -> tuple[tuple[str, ...], int]:
    """Return the keys of the objects of an array in order of appearance, and the place behind it and its blanks."""
    if not document.starts(start, "["):
        document.value(start)
        raise _no_table(document.file, title)
    headers: dict[str, None] = {}
    at, count = document.after_blanks(start + 1), 0
    for item, behind in document.items(start):
        at, count = behind, count + 1
        if not isinstance(item, dict):
            raise _no_table(document.file, title)
        headers.update(dict.fromkeys(item))
        if len(headers) > limits.columns:
            break
    if len(headers) > limits.columns or len(headers) * count > limits.grid_cells:
        message = f"文件“{document.file}”的“{title}”有 {count} 个对象 × {len(headers)} 种键，超过上限，请拆分后分批导入"
        raise refuse("too-large", message, document.file)
    return tuple(headers), document.after_blanks(at + 1)


def _no_table(file: str, title: str) -> RefusedFileError:
    return _bad_json(file, f"“{title}”应是对象数组")


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


def _rows(document: _Document, start: int, headers: tuple[str, ...]) -> Iterator[RawRow]:
    for item, _ in document.items(start):
        yield [_raw(item.get(header)) for header in headers] if isinstance(item, dict) else []


def _raw(value: object) -> RawValue:
    if value is None or isinstance(value, str | bool | int | Decimal | list):
        return value
    return CellMark.NESTED
