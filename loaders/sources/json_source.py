"""JSON tables (`files.md` S37): an array of objects, or an object {table: array}."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Final, TextIO

from loaders.sources.limits import Limits
from loaders.sources.raw import CellMark, RawRow, RawSheet, RawValue, RefusedFileError, refuse

WINDOW: Final = 1 << 20
"""How many characters of a text are looked at together, a few times over."""
_LONGEST_WORD: Final = 64
_OPEN_TEXT: Final = "Unterminated string"
_BLANKS: Final = re.compile(r"[ \t\n\r]*")


class _NotAllowedError(ValueError):
    """JSON that the language allows and we do not; the message is Chinese."""


class _SyntaxError(ValueError):
    """A text that is no JSON, from this line and column on."""


def read_json(
    path: Path, file: str, encoding: str, limits: Limits, *, window: int = WINDOW
) -> list[RawSheet]:
    """Return the tables of a JSON file; refuse `bad-json`, with its line where the parser names one.

    `encoding` is what `find_encoding` found: it decodes the whole file. Neither the text, of which some `window`
    characters are held, nor its objects are ever in memory together.
    """
    document = _Document(path, file, encoding, limits.json_depth, window)
    try:
        tables = list(_tables(document, path.stem, limits))
    except _SyntaxError as error:
        line, column = error.args
        raise _bad_json(file, f"第 {line} 行第 {column} 列不合 JSON 语法") from error
    except _NotAllowedError as error:
        raise _bad_json(file, str(error)) from error
    except RecursionError as error:
        raise _bad_json(file, _too_deep(limits.json_depth)) from error
    except ValueError as error:
        raise _bad_json(file, "含有过长的数") from error
    finally:
        document.close()
    titles = [title for title, _, _ in tables]
    if len(set(titles)) != len(titles):
        twice, _ = Counter(titles).most_common(1)[0]
        raise _bad_json(file, f"同一个对象里有两个“{twice}”")
    return [
        RawSheet(name=None, title=title, rows=partial(_rows, document, start, headers), headers=headers)
        for title, start, headers in tables
    ]


def _too_deep(depth: int) -> str:
    return f"嵌套超过 {depth} 层"


class _Document:
    """A JSON text, read by place through a window of it: what was seen is not kept, what comes is not held.

    Places are counted in characters from the beginning; they only go up. `above` is how many arrays and objects lie
    around the values that are asked for.
    """

    def __init__(self, path: Path, file: str, encoding: str, depth: int, window: int = WINDOW) -> None:
        self.file, self.above = file, 1
        self._path, self._encoding, self._depth, self._window = path, encoding, depth, window
        self._text, self._base, self._lines, self._column = "", 0, 1, 1
        self._ended = False
        self._handle: TextIO | None = None
        self._decoder = json.JSONDecoder(
            object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=Decimal
        )

    def walk(self) -> "_Document":
        """Return the document to be walked anew, beside this one."""
        return _Document(self._path, self.file, self._encoding, self._depth, self._window)

    def close(self) -> None:
        """Close the file."""
        if self._handle is not None:
            self._handle.close()

    def _reach(self, at: int, more: int) -> None:
        """Have the characters from `at` on in the window, and `more` of them where there are as many."""
        while not self._ended and self._base + len(self._text) < at + more:
            self._forget(min(at - self._base, len(self._text)))
            if self._handle is None:
                self._handle = self._path.open(encoding=self._encoding, newline="")
            piece = self._handle.read(max(self._window, more // 2))
            self._ended = not piece
            self._text += piece

    def _forget(self, count: int) -> None:
        """Drop the first characters of the window, unless they are few; their lines count."""
        if count <= self._window:
            return
        gone = self._text[:count]
        lines = gone.count("\n")
        self._lines += lines
        self._column = count - gone.rfind("\n") if lines else self._column + count
        self._text, self._base = self._text[count:], self._base + count

    def after_blanks(self, at: int) -> int:
        """Return the place of the next character that is no white space."""
        while True:
            self._reach(at, 1)
            found = _BLANKS.match(self._text, at - self._base)
            at = found.end() + self._base if found is not None else at
            if self._ended or at < self._base + len(self._text):
                return at

    def starts(self, at: int, sign: str) -> bool:
        """True when `sign`, one character, stands there."""
        self._reach(at, 1)
        return self._text.startswith(sign, at - self._base)

    def is_end(self, at: int) -> bool:
        """True behind the last character."""
        self._reach(at, 1)
        return self._ended and at >= self._base + len(self._text)

    def value(self, at: int) -> tuple[object, int]:
        """Return the value that begins there and the place behind it and the blanks that follow."""
        wanted = self._window
        while True:
            self._reach(at, wanted)
            try:
                found, end = self._decoder.raw_decode(self._text, at - self._base)
            except json.JSONDecodeError as error:
                is_cut = error.pos + _LONGEST_WORD > len(self._text) or error.msg.startswith(_OPEN_TEXT)
                if self._ended or not is_cut:
                    raise self.wrong(error.pos + self._base) from error
            else:
                if self._ended or end < len(self._text):
                    if _depth(found) + self.above > self._depth:
                        raise _NotAllowedError(_too_deep(self._depth))
                    return found, self.after_blanks(end + self._base)
            wanted = 2 * (len(self._text) - (at - self._base))

    def wrong(self, at: int) -> _SyntaxError:
        """Return the error that the text cannot go on like that."""
        before = self._text[: max(0, at - self._base)]
        lines = before.count("\n")
        column = len(before) - before.rfind("\n") if lines else self._column + len(before)
        return _SyntaxError(self._lines + lines, column)

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


def _depth(value: object) -> int:
    """Return how many arrays and objects lie in one another; a value that is none is 0."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if not isinstance(value, dict | list):
        return 0
    return 1 + max((_depth(one) for one in inner if isinstance(one, dict | list)), default=0)


def _tables(document: _Document, stem: str, limits: Limits) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    """Yield title, place and keys of each table; raises where the text is no JSON."""
    at = document.after_blanks(0)
    if document.starts(at, "["):
        headers, end = _keys(document, at, stem, limits)
        yield stem, at, headers
    elif document.starts(at, "{"):
        document.above = 2
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
    end = document.after_blanks(end)
    if not document.is_end(end):
        raise document.wrong(end)


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


def _rows(document: _Document, start: int, headers: tuple[str, ...]) -> Iterator[RawRow]:
    walk = document.walk()
    try:
        for item, _ in walk.items(start):
            yield [_raw(item.get(header)) for header in headers] if isinstance(item, dict) else []
    finally:
        walk.close()


def _raw(value: object) -> RawValue:
    if value is None or isinstance(value, str | bool | int | Decimal | list):
        return value
    return CellMark.NESTED
