"""A second look at the sheet XML for what calamine does not tell (`files.md` §4, S15, S16, S20, S24, S36).

calamine gives `''` for an error cell and for a formula without a cached value, one day for serials 59 and 60, another
text for a number of a shared string that is none, and no number formats; on a far cell it aborts the process. The parts are scanned in pieces, never built as a tree.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from heapq import merge
from itertools import pairwise
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from loaders.sources.layout import MERGES_AT_MOST, Layout, column_index
from loaders.sources.raw import CellMark, ErrorCell, RawRow, RawValue, ScientificNumber, refuse

_CHUNK: Final = 4 << 20
_CELL: Final = re.compile(rb"<(?:\w+:)?c\b([^<>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_CELL_START: Final = re.compile(rb"<(?:[\w.-]{1,99}:)?c[\s/>]")
_FILLED: Final = re.compile(rb'<(?:\w+:)?c\b[^<>]{0,200}?\br="([A-Z]{1,3})(\d{1,7})"[^<>]*(?<!/)>')
_OTHER_CELL: Final = re.compile(rb"<(?:[\w.-]+:c|c[\t\r\n])[\s/>]?")
_FAR: Final = re.compile(rb'\br="([A-Z]{2,3})\d')
_ROW: Final = re.compile(rb'<(?:[\w.-]+:)?row\b[^<>]*?\br="(\d{1,7})"')
_NEAR_COLUMNS: Final = 26
_ROW_AT_MOST: Final = 64 << 20
_INTEREST: Final = (
    rb't="e"', rb't="s"[^<>]{0,200}><(?:[\w.-]{1,99}:)?v>(?!\d*<)', rb"<f[\s/>]", rb":f[\s/>]", rb"v>60[<.]"
)  # fmt: skip
"""Searched one by one: each begins with a text that is found many times faster than one of several."""
_REFERENCE: Final = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_STYLE: Final = re.compile(rb'\bs="(\d+)"')
_VALUE: Final = re.compile(rb"<(?:\w+:)?v>([^<]+)</")
_LINK: Final = re.compile(
    rb"<(?:[\w.-]+:)?f\b[^<>]*>[^<]*(?:\[(?:\d+|[^][<]*\.xls[xmb]?)\][^][<]*|\w\|[^|<\"]*)!", re.IGNORECASE
)
_SCIENTIFIC_BUILT_IN: Final = frozenset({11, 48})
_SCIENTIFIC: Final = re.compile(r"[0#?]E[+-]", re.IGNORECASE)
_DAY_THAT_NEVER_WAS: Final = re.compile(rb"60(\.\d+)?")
_NEVER_READ_AS: Final = date(1900, 2, 28)

SCIENTIFIC: Final = "scientific"
_SPAN: Final = re.Match[bytes].span
Mark = CellMark | ErrorCell | str
Interest = tuple[re.Pattern[bytes], ...]


@dataclass(slots=True)
class Marks:
    """Cells of one sheet that need a word of their own: row number -> (column index from 0, what).

    `linked` is True where a formula points to another workbook or program (DDE).
    """

    rows: dict[int, list[tuple[int, Mark]]] = field(default_factory=dict)
    layout: Layout = field(default_factory=Layout)
    linked: bool = False

    def laid_over(self, number: int, cells: RawRow) -> RawRow:
        """Return the cells of a row with its marks in place."""
        result: list[RawValue] = list(cells)
        for index, what in self.rows[number]:
            result.extend([""] * (index + 1 - len(result)))
            result[index] = _marked(what, result[index])
        return result


def _marked(what: Mark, value: RawValue) -> RawValue:
    if what is CellMark.NO_SUCH_DAY:
        return CellMark.NO_SUCH_DAY if value == _NEVER_READ_AS else value
    if isinstance(what, CellMark | ErrorCell):
        return what
    return ScientificNumber(value) if isinstance(value, float) else value


def read_marks(path: Path, file: str, cells_at_most: int) -> dict[str, Marks]:
    """Return the marks of each sheet by name; refuse `too-large` for a used range above `cells_at_most`."""
    try:
        with zipfile.ZipFile(path) as archive:
            styles = _scientific_styles(archive)
            return {
                name: _scan(archive, part, file, styles, cells_at_most)
                for name, part in _sheet_parts(archive)
                if part in archive.namelist()
            }
    except (ET.ParseError, KeyError, ValueError) as error:
        raise refuse(
            "damaged-file", f"文件“{file}”已损坏或不完整，请用表格软件打开后另存，再重新导入", file
        ) from error


def _local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _sheet_parts(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    relations = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 - DTDs are refused before
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    for element in ET.fromstring(archive.read("xl/workbook.xml")).iter():  # noqa: S314 - DTDs are refused before
        if _local(element) != "sheet":
            continue
        identifier = next((value for key, value in element.items() if key.endswith("}id")), None)
        target = targets.get(identifier, "")
        yield element.get("name", ""), target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def _scientific_styles(archive: zipfile.ZipFile) -> frozenset[bytes]:
    if "xl/styles.xml" not in archive.namelist():
        return frozenset()
    root = ET.fromstring(archive.read("xl/styles.xml"))  # noqa: S314 - DTDs are refused before
    formats = set(_SCIENTIFIC_BUILT_IN)
    styles: list[ET.Element] = []
    for element in root.iter():
        if _local(element) == "numFmt" and _SCIENTIFIC.search(element.get("formatCode", "")):
            formats.add(int(element.get("numFmtId", "0")))
        if _local(element) == "cellXfs":
            styles = list(element)
    return frozenset(
        str(index).encode()
        for index, style in enumerate(styles)
        if int(style.get("numFmtId", "0")) in formats
    )


def _scan(
    archive: zipfile.ZipFile, part: str, file: str, styles: frozenset[bytes], cells_at_most: int
) -> Marks:
    marks = Marks()
    interest = _interest(styles)
    last_row = last_column = 0
    for piece in _pieces(archive, part, file):
        marks.layout.note(piece)
        last_row = max(last_row, *map(int, _ROW.findall(piece)), 0)
        last_column = max(last_column, *_far_columns(piece), _NEAR_COLUMNS)
        _mark_cells(piece, styles, interest, marks)
    if last_row * last_column > cells_at_most:
        _demand_room(archive, part, file, cells_at_most)
    if len(marks.layout.merges) > MERGES_AT_MOST:
        message = f"文件“{file}”有一张工作表的合并单元格超过 {MERGES_AT_MOST} 处，请取消合并后重新导入"
        raise refuse("too-large", message, file)
    return marks


def _far_columns(piece: bytes) -> Iterator[int]:
    """Yield the widths that cells beyond column Z need, empty ones too."""
    return (column_index(letters.decode()) + 1 for letters in set(_FAR.findall(piece)))


def _demand_room(archive: zipfile.ZipFile, part: str, file: str, cells_at_most: int) -> None:
    """Refuse `too-large` when cells that hold something need more room; formatted empty ones need none (S10).

    Cells that say another row than the one they stand in are met again where the sheet is opened, under a limit.
    """
    last_row = last_column = 0
    for piece in _pieces(archive, part, file):
        for letters, row in set(_FILLED.findall(piece)):
            last_row = max(last_row, int(row))
            last_column = max(last_column, column_index(letters.decode()) + 1)
        if last_row * last_column > cells_at_most:
            message = f"文件“{file}”有一张工作表用到 {last_row} 行 × {last_column} 列，超过上限，请删去表格以外的内容后重新导入"
            raise refuse("too-large", message, file)


def _pieces(archive: zipfile.ZipFile, part: str, file: str) -> Iterator[bytes]:
    """Yield the part in pieces that end where a row ends; refuse `too-large` for a row without an end."""
    rest = b""
    with archive.open(part) as handle:
        while chunk := handle.read(_CHUNK):
            rest += chunk
            cut = max(rest.rfind(b"</row>"), rest.rfind(b":row>"))
            if cut > 0:
                yield rest[:cut]
                rest = rest[cut:]
            elif len(rest) > _ROW_AT_MOST:
                message = f"文件“{file}”有一行超过 {_ROW_AT_MOST} 字节，请删去表格以外的内容后重新导入"
                raise refuse("too-large", message, file)
    yield rest


def _interest(styles: frozenset[bytes]) -> Interest:
    """Return what shows that a cell may need a mark: an error, a formula, a 60, a style in scientific notation."""
    shown = (rb's="(?:' + b"|".join(sorted(styles)) + rb')"',) if styles else ()
    return tuple(re.compile(pattern) for pattern in (*_INTEREST, *shown))


def _mark_cells(piece: bytes, styles: frozenset[bytes], interest: Interest, marks: Marks) -> None:
    """Look at the cells that may need a mark; each byte is met a few times at most, whatever is not closed."""
    spans = _spans_of_interest(piece, interest) if _OTHER_CELL.search(piece) is None else _spans(piece)
    for start, end in spans:
        cell = _CELL.match(piece, start, end)
        if cell is not None:
            _mark_cell(cell[1], cell[2] or b"", styles, marks)


def _spans_of_interest(piece: bytes, interest: Interest) -> Iterator[tuple[int, int]]:
    """Yield where cells begin that may need a mark, and where the next one does."""
    done = 0
    for begin, end in merge(*(map(_SPAN, pattern.finditer(piece)) for pattern in interest)):
        if begin < done:
            continue
        start = piece.rfind(b"<c ", done, begin + 1)
        done = end
        if start >= 0:
            following = piece.find(b"<c ", start + 1)
            done = len(piece) if following < 0 else following
            yield start, done


def _spans(piece: bytes) -> Iterator[tuple[int, int]]:
    """Yield where each cell begins, and where the next one does."""
    starts = [found.start() for found in _CELL_START.finditer(piece)]
    return pairwise((*starts, len(piece)))


def _mark_cell(attributes: bytes, content: bytes, styles: frozenset[bytes], marks: Marks) -> None:
    marks.linked = marks.linked or _LINK.search(content) is not None
    what = _mark_of(attributes, content, styles)
    where = _REFERENCE.search(attributes) if what is not None else None
    if what is not None and where is not None:
        cells = marks.rows.setdefault(int(where[2]), [])
        cells.append((column_index(where[1].decode()), what))


def _mark_of(attributes: bytes, content: bytes, styles: frozenset[bytes]) -> Mark | None:
    value = _VALUE.search(content)
    if b't="e"' in attributes:
        return ErrorCell(value[1].decode() if value else "#N/A")
    if value is None:
        is_formula = b"<f" in content or b":f" in content
        is_empty_text = b't="str"' in attributes and b"v>" in content
        return CellMark.FORMULA_WITHOUT_VALUE if is_formula and not is_empty_text else None
    if b't="s"' in attributes and not value[1].isdigit():
        raise ValueError(value[1])  # calamine would take the first of the shared strings
    if _DAY_THAT_NEVER_WAS.fullmatch(value[1]):
        return CellMark.NO_SUCH_DAY
    style = _STYLE.search(attributes) if styles else None
    return SCIENTIFIC if style is not None and style[1] in styles else None
