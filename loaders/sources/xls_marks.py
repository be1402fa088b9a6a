"""A second look at an .xls for what calamine does not tell: error cells, number formats, hidden rows and columns.

The compound file and its BIFF8 records (Microsoft's [MS-CFB] and [MS-XLS]) are walked once, nothing is built. What
does not follow them is left to the reader, which refuses it: this look never does.
"""

import re
import struct
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from loaders.sources.layout import Layout
from loaders.sources.raw import CellMark, ErrorCell, refuse
from loaders.sources.xlsx_marks import SCIENTIFIC, Mark, Marks

_FREE: Final = 0xFFFFFFFA
_ENTRY: Final = 128
_STREAMS: Final = ("Workbook", "Book")
_ROOT: Final = 5
_COLUMNS: Final = 256
_BOF, _EOF, _SHEET, _FORMAT, _XF = 0x809, 0x0A, 0x85, 0x41E, 0xE0
_NUMBER, _RK, _MULRK, _BOOLERR, _FORMULA, _ROW, _COLINFO = 0x203, 0x27E, 0xBD, 0x205, 0x06, 0x208, 0x7D
_LABEL, _LABEL_SHARED, _RICH = 0x204, 0xFD, 0xD6
_FILLED: Final = frozenset({_NUMBER, _RK, _MULRK, _BOOLERR, _FORMULA, _LABEL, _LABEL_SHARED, _RICH})
_SCIENTIFIC_BUILT_IN: Final = frozenset({11, 48})
_SCIENTIFIC: Final = re.compile(r"[0#?]E[+-]", re.IGNORECASE)
_ERRORS: Final = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip
_DAY_THAT_NEVER_WAS: Final = 60.0


class _BrokenError(Exception):
    """What the reader would follow or make room for although it cannot be: sectors without an end, cells beyond the sheet."""


class _Record(NamedTuple):
    kind: int
    data: bytes


def read_old_marks(path: Path, file: str, cells_at_most: int) -> dict[str, Marks]:
    """Return the marks of each sheet by name; nothing for a file that is no compound file of BIFF8.

    Refuses `too-large` a used range above `cells_at_most`, before anybody makes room for it, and `damaged-file` a cell
    in a column that such a sheet does not have.
    """
    try:
        stream = _workbook_stream(path.read_bytes())
        sheets, styles = _globals(stream)
        found = {name: _sheet_marks(stream, offset, styles) for name, offset in sheets.items()}
        if any(columns > _COLUMNS for _, (_, columns) in found.values()):
            raise _BrokenError(_COLUMNS)
    except _BrokenError as error:
        message = f"文件“{file}”已损坏或不完整，请用表格软件打开后另存，再重新导入"
        raise refuse("damaged-file", message, file) from error
    except (struct.error, IndexError, ValueError, UnicodeDecodeError):
        return {}
    for rows, columns in (used for _, used in found.values()):
        if rows * columns > cells_at_most:
            message = f"文件“{file}”有一张工作表用到 {rows} 行 × {columns} 列，超过上限，请删去表格以外的内容后重新导入"
            raise refuse("too-large", message, file)
    return {name: marks for name, (marks, _) in found.items()}


def _workbook_stream(content: bytes) -> bytes:
    size = 1 << struct.unpack_from("<H", content, 30)[0]
    small = 1 << struct.unpack_from("<H", content, 32)[0]
    first_entry, cutoff, first_small = struct.unpack_from("<I4xII", content, 48)
    if size > len(content) or small > size:
        raise ValueError(size)
    table = _allocation(content, size)
    sectors = _reader(content, size, table, offset=size)
    folder = sectors(first_entry)
    entries = [folder[start : start + _ENTRY] for start in range(0, len(folder) - _ENTRY + 1, _ENTRY)]
    found = {
        entry[: max(0, length - 2)].decode("utf-16-le"): entry
        for entry in entries
        for length in struct.unpack_from("<H", entry, 64)
    }
    root = next(entry for entry in [*entries, b""] if not entry or entry[66] == _ROOT)
    entry = next((found[name] for name in _STREAMS if name in found), b"")
    start, length = struct.unpack_from("<II", entry, 116)
    if length >= cutoff:
        return sectors(start)[:length]
    links = sectors(first_small)
    small_table = struct.unpack(f"<{len(links) // 4}I", links[: len(links) // 4 * 4])
    return _reader(sectors(struct.unpack_from("<I", root, 116)[0]), small, small_table, offset=0)(start)[
        :length
    ]


def _allocation(content: bytes, size: int) -> tuple[int, ...]:
    """Return the table that says which sector follows which."""
    places = list(struct.unpack_from("<109I", content, 76))
    following, count = struct.unpack_from("<II", content, 68)
    per = size // 4
    for _ in range(min(count, len(content) // size)):
        if following >= _FREE:
            break
        more = struct.unpack_from(f"<{per}I", content, (following + 1) * size)
        places += more[:-1]
        following = more[-1]
    table: list[int] = []
    for place in places[: len(content) // size]:
        if place < _FREE:
            table += struct.unpack_from(f"<{per}I", content, (place + 1) * size)
    return tuple(table)


def _reader(content: bytes, size: int, table: tuple[int, ...], *, offset: int) -> Callable[[int], bytes]:
    def chain(first: int) -> bytes:
        parts: list[bytes] = []
        place = first
        while place < _FREE:
            start = offset + place * size
            parts.append(content[start : start + size])
            if len(parts) > len(content) // size + 1:
                raise _BrokenError(first)
            place = table[place]
        return b"".join(parts)

    return chain


def _records(stream: bytes, at: int) -> Iterator[_Record]:
    """Yield the records from a place to the end of the part that begins there; parts inside it are left out."""
    depth = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        if kind == _BOF:
            depth += 1
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                return
        elif depth == 1:
            yield _Record(kind, stream[at + 4 : at + 4 + length])
        at += 4 + length


def _globals(stream: bytes) -> tuple[dict[str, int], frozenset[int]]:
    """Return where each sheet begins, and which cell styles show numbers in scientific notation."""
    sheets: dict[str, int] = {}
    formats = set(_SCIENTIFIC_BUILT_IN)
    styles: list[int] = []
    for kind, data in _records(stream, 0):
        if kind == _SHEET:
            sheets[_text(data, data[6], 7)] = struct.unpack_from("<I", data)[0]
        elif kind == _FORMAT:
            number, length = struct.unpack_from("<HH", data)
            if _SCIENTIFIC.search(_text(data, length, 4)):
                formats.add(number)
        elif kind == _XF:
            styles.append(struct.unpack_from("<H", data, 2)[0])
    return sheets, frozenset(place for place, number in enumerate(styles) if number in formats)


def _text(data: bytes, length: int, flags: int) -> str:
    wide = data[flags] & 1
    return data[flags + 1 : flags + 1 + length * (1 + wide)].decode("utf-16-le" if wide else "latin-1")


def _sheet_marks(stream: bytes, offset: int, styles: frozenset[int]) -> tuple[Marks, tuple[int, int]]:
    """Return the marks of a sheet, and how many rows and columns its filled cells reach over."""
    marks, layout = Marks(), Layout()
    rows = columns = 0
    for record in _records(stream, offset):
        if record.kind == _ROW:
            layout.hidden_rows += bool(record.data[12] & 0x20)
        elif record.kind == _COLINFO:
            first, last, _, _, flags = struct.unpack_from("<5H", record.data)
            layout.hidden_columns += max(0, last - first + 1) if flags & 1 else 0
        elif record.kind in _FILLED:
            row, column = struct.unpack_from("<HH", record.data)
            width = (len(record.data) - 6) // 6 if record.kind == _MULRK else 1
            rows, columns = max(rows, row + 1), max(columns, column + width)
        if record.kind in _CELLS:
            for row, column, mark in _CELLS[record.kind](record.data, styles):
                marks.rows.setdefault(row + 1, []).append((column, mark))
    return Marks(marks.rows, layout), (rows, columns)


_Cells = Iterator[tuple[int, int, Mark]]


def _number(data: bytes, styles: frozenset[int]) -> _Cells:
    row, column, style, value = struct.unpack_from("<HHHd", data)
    yield from _shown(row, column, style, value, styles)


def _rk(data: bytes, styles: frozenset[int]) -> _Cells:
    row, column, style, value = struct.unpack_from("<HHHI", data)
    yield from _shown(row, column, style, _rk_value(value), styles)


def _many_rk(data: bytes, styles: frozenset[int]) -> _Cells:
    row, first = struct.unpack_from("<HH", data)
    for place, start in enumerate(range(4, len(data) - 6, 6)):
        style, value = struct.unpack_from("<HI", data, start)
        yield from _shown(row, first + place, style, _rk_value(value), styles)


def _rk_value(packed: int) -> float:
    """Return the number of an RK field: an integer or the upper half of a float, perhaps in hundredths."""
    value: float
    if packed & 2:
        value = (packed >> 2) - (1 << 30 if packed & (1 << 31) else 0)
    else:
        (value,) = struct.unpack("<d", struct.pack("<Q", (packed & 0xFFFFFFFC) << 32))
    return value / 100 if packed & 1 else value


def _shown(row: int, column: int, style: int, value: float, styles: frozenset[int]) -> _Cells:
    if style in styles:
        yield row, column, SCIENTIFIC
    elif value == _DAY_THAT_NEVER_WAS:
        yield row, column, CellMark.NO_SUCH_DAY


def _error(data: bytes, _styles: frozenset[int]) -> _Cells:
    row, column, _, code, is_error = struct.unpack_from("<HHHBB", data)
    if is_error:
        yield row, column, ErrorCell(_ERRORS.get(code, "#N/A"))


def _formula(data: bytes, styles: frozenset[int]) -> _Cells:
    row, column, style = struct.unpack_from("<HHH", data)
    if data[12:14] == b"\xff\xff":
        if data[6] == 2:
            yield row, column, ErrorCell(_ERRORS.get(data[8], "#N/A"))
        return
    yield from _shown(row, column, style, struct.unpack_from("<d", data, 6)[0], styles)


_CELLS: Final[Mapping[int, Callable[[bytes, frozenset[int]], _Cells]]] = {
    _NUMBER: _number,
    _RK: _rk,
    _MULRK: _many_rk,
    _BOOLERR: _error,
    _FORMULA: _formula,
}
