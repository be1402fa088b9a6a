"""The only place where a workbook is opened: a process of its own, with limits, that answers over its pipes.

Run as a script by `workbook_reader`, with nothing of this project on its path: arguments are the folder of the
packages, the workbook, how to open it (path or content), and the limits of memory (bytes), processor time (seconds) and used range (cells).
It tells its sheets first; then each line `SHEET about` or `SHEET FIRST COUNT` is answered with one message, no rows at
all behind the last one: four bytes
of length, then a value in the interpreter's own plain form (`marshal`: data only, nothing that runs). Days and times are
tuples that begin with a letter; every other cell is a text, a number or a yes/no.
"""

import marshal
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any, BinaryIO

CHARACTERS = 32_767
"""What a cell holds at most, in every office program (`files.md` S36)."""
CELLS = 200_000
"""How many cells one answer holds, a little more or less."""
TEXT = 1 << 23
"""How many characters one answer holds before its last row; a row of twice as many is refused."""
_PLAIN = frozenset({str, float, int, bool})
_MANY = 64
_BLANKS = [""] * _MANY


def _limit(memory: int, seconds: int) -> None:
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def cell_out(cell: Any) -> Any:
    """Return a cell in plain form."""
    if isinstance(cell, datetime):
        return ("m", cell.year, cell.month, cell.day, cell.hour, cell.minute, cell.second, cell.microsecond)
    if isinstance(cell, date):
        return ("d", cell.year, cell.month, cell.day)
    if isinstance(cell, time):
        return ("t", cell.hour, cell.minute, cell.second, cell.microsecond)
    if isinstance(cell, timedelta):
        return ("s", cell.days, cell.seconds, cell.microseconds)
    return cell


def _row_out(row: list[Any]) -> tuple[list[Any], int]:
    """Return a row in plain form, without the empty cells behind the last one that holds something, and its characters."""
    while row[-_MANY:] == _BLANKS:
        del row[-_MANY:]
    while row and row[-1] == "":
        row.pop()
    lengths = [len(cell) for cell in row if type(cell) is str]
    text = sum(lengths)
    if text > CHARACTERS and (max(lengths) > CHARACTERS or text > 2 * TEXT):
        raise MemoryError(text)
    return row if _PLAIN.issuperset(map(type, row)) else [cell_out(cell) for cell in row], text


class _Book:
    """One workbook and the sheet that was asked for last."""

    def __init__(self, path: str, cells_at_most: int, *, by_path: bool) -> None:
        import python_calamine as calamine

        self._cells_at_most = cells_at_most
        self._names: list[str] = []
        self._sheet: tuple[int, Any] | None = None
        self._open: tuple[int, int, Iterator[list[Any]]] | None = None
        if by_path:
            self._book = calamine.CalamineWorkbook.from_path(path)
        else:
            with open(path, "rb") as handle:  # noqa: PTH123 - this script knows no more than it must
                self._book = calamine.CalamineWorkbook.from_filelike(handle)
        self.sheets = []
        for sheet in self._book.sheets_metadata:
            is_table = sheet.typ is calamine.SheetTypeEnum.WorkSheet
            is_visible = sheet.visible is calamine.SheetVisibleEnum.Visible
            self._names.append(sheet.name)
            self.sheets.append((sheet.name, is_table, is_visible))

    def answer(self, words: list[bytes]) -> Any:
        """Return what one line asks for: start and merged ranges of a sheet, or some of its rows."""
        index = int(words[0])
        if self._sheet is None or self._sheet[0] != index:
            self._sheet = self._open = None
            self._sheet = index, self._opened(index)
        sheet = self._sheet[1]
        if words[1] == b"about":
            return sheet.start, sheet.merged_cell_ranges or ()
        first, count = int(words[1]), int(words[2])
        if self._open is None or self._open[:2] != (index, first):
            self._open = (index, first, islice(sheet.iter_rows(), first, None))
        found: list[list[Any]] = []
        cells = text = 0
        for row in islice(self._open[2], count):
            plain, characters = _row_out(row)
            found.append(plain)
            cells, text = cells + len(plain), text + characters
            if cells > CELLS or text > TEXT:
                break
        self._open = (index, first + len(found), self._open[2])
        return found

    def _opened(self, index: int) -> Any:
        sheet = self._book.get_sheet_by_name(self._names[index])
        if sheet.end is not None and (sheet.end[0] + 1) * (sheet.end[1] + 1) > self._cells_at_most:
            raise MemoryError(sheet.end)
        return sheet


def _tell(out: BinaryIO, value: Any) -> None:
    data = marshal.dumps(value)
    out.write(len(data).to_bytes(4, "big") + data)
    out.flush()


def _kind_of(error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return "too-large"
    return "encrypted" if type(error).__name__ == "PasswordError" else "damaged-file"


def main(path: str, how: str, cells_at_most: int) -> None:
    """Answer until nobody asks any more; an error is told as {"error": code}."""
    out = sys.stdout.buffer
    try:
        book = _Book(path, cells_at_most, by_path=how == "path")
        _tell(out, book.sheets)
    except BaseException as error:  # also panics of the reader, which are no Exception
        _tell(out, {"error": _kind_of(error)})
        return
    for line in sys.stdin.buffer:
        try:
            answer = book.answer(line.split())
        except BaseException as error:
            answer = {"error": _kind_of(error)}
        _tell(out, answer)


if __name__ == "__main__":
    sys.path.append(sys.argv[1])
    _limit(int(sys.argv[4]), int(sys.argv[5]))
    main(sys.argv[2], sys.argv[3], int(sys.argv[6]))
