"""Asks the process that opens a workbook (`workbook_child`), and survives whatever becomes of it.

calamine asks for the whole used range of a sheet at once, and a refused allocation ends its process; six kilobytes can
bring that about (`files.md` §4). What is read here has therefore been opened elsewhere, under a limit of memory and time.
"""

import marshal
import subprocess
import sys
import weakref
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from threading import Timer
from typing import Any, Final

import python_calamine

from loaders.sources import workbook_child
from loaders.sources.raw import RawRow, RawValue, RefusedFileError, refuse

MEMORY: Final = 2560 << 20
SECONDS: Final = 120
"""How long one answer may take; the processor time of the whole process is ten times that."""
_FIRST_ROWS: Final = 32
_ROWS: Final = 1000
_DAMAGED: Final = "已损坏或不完整，请用表格软件打开后另存，再重新导入"
_MESSAGES: Final = {
    "encrypted": "有密码保护，请取消密码后重新导入",
    "too-large": "打开后超过内存或时间上限，或有单元格超过 32767 个字符，请删去表格以外的内容、另存为普通工作簿后重新导入",
}
Ranges = tuple[tuple[tuple[int, int], tuple[int, int]], ...]


class WorkbookReader:
    """One workbook, opened in a process that ends when this object is forgotten.

    It is opened while the caller does something else: the first question waits for it. Every method refuses
    `encrypted`, `damaged-file` or `too-large`. Not for several threads at once.
    """

    def __init__(
        self,
        path: Path,
        file: str,
        kind: str,
        *,
        cells_at_most: int,
        memory: int = MEMORY,
        seconds: float = SECONDS,
    ) -> None:
        self._file, self._seconds = file, seconds
        how = "path" if path.suffix.lower() == f".{kind}" else "content"
        packages = str(Path(python_calamine.__file__).parents[1])
        limits = [str(memory), str(int(seconds * 10) + 1), str(cells_at_most)]
        command = [sys.executable, "-I", "-S", workbook_child.__file__, packages, str(path), how, *limits]
        self._process = subprocess.Popen(  # noqa: S603 - our own words
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._end = weakref.finalize(self, _ended, self._process)
        self._waiting: tuple[int, int, int] | None = None
        self._sheets: list[tuple[str, bool, bool]] | None = None

    def sheets(self) -> list[tuple[str, bool, bool]]:
        """Return name, whether it is a table (and no chart) and whether it is visible, for each sheet in order."""
        if self._sheets is None:
            self._sheets = self._receive()
        return self._sheets

    def about(self, index: int) -> tuple[tuple[int, int] | None, Ranges]:
        """Return where the used range of a sheet begins (from 0), and its merged ranges (.xls; .xlsx tells none)."""
        self._settle()
        self._send(f"{index} about")
        found: tuple[tuple[int, int] | None, Ranges] = self._receive()
        return found

    def rows(self, index: int) -> Iterator[RawRow]:
        """Yield the rows of a sheet from row 1 on; the next ones are read while these are worked on."""
        start, _ = self.about(index)
        if start is None:
            return
        before: list[RawValue] = [""] * start[1]
        place, count = 0, _FIRST_ROWS
        self._ask(index, place, count)
        while True:
            chunk = self._chunk(index, place, count)
            if not chunk:
                return
            place, count = place + len(chunk), _ROWS
            self._ask(index, place, count)
            yield from (_row(before, row) for row in chunk)

    def _ask(self, index: int, first: int, count: int) -> None:
        self._settle()
        self._send(f"{index} {first} {count}")
        self._waiting = (index, first, count)

    def _chunk(self, index: int, first: int, count: int) -> list[list[Any]]:
        """Return rows asked for before; asked for again where somebody else has read in between."""
        if self._waiting != (index, first, count):
            self._ask(index, first, count)
        self._waiting = None
        found: list[list[Any]] = self._receive()
        return found

    def _settle(self) -> None:
        """Take an answer that nobody wants any more."""
        self.sheets()
        if self._waiting is not None:
            self._waiting = None
            self._receive()

    def _send(self, line: str) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line.encode() + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            raise self._refused("too-large") from error

    def _receive(self) -> Any:
        assert self._process.stdout is not None
        clock = Timer(self._seconds, self._process.kill)
        clock.daemon = True
        clock.start()
        try:
            head = self._process.stdout.read(4)
            size = int.from_bytes(head, "big")
            data = self._process.stdout.read(size) if len(head) == 4 else b""
        finally:
            clock.cancel()
        if len(head) < 4 or len(data) < size:
            self._end()
            raise self._refused("too-large")
        found = marshal.loads(data)  # noqa: S302 - from our own script, data only
        if isinstance(found, dict):
            raise self._refused(str(found["error"]))
        return found

    def _refused(self, code: str) -> RefusedFileError:
        return refuse(code, f"文件“{self._file}”{_MESSAGES.get(code, _DAMAGED)}", self._file)


def _ended(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except OSError:  # the pipe of a process that is gone
                continue
    process.wait()


def _row(before: list[RawValue], cells: list[Any]) -> RawRow:
    if tuple in map(type, cells):
        cells = [_cell(cell) if type(cell) is tuple else cell for cell in cells]
    return [*before, *cells] if before else cells


def _cell(told: tuple[Any, ...]) -> RawValue:
    """Return a day, a moment, a time or a span that `workbook_child.cell_out` took apart."""
    kind, parts = told[0], told[1:]
    if kind == "m":
        return datetime(*parts)  # noqa: DTZ001 - a cell has no zone
    if kind == "d":
        return date(*parts)
    return time(*parts) if kind == "t" else timedelta(*parts)
