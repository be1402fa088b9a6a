"""Workbooks (.xlsx, .xlsm, .xls): the cells as calamine reads them elsewhere, and what it does not tell laid over them."""

import hashlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

from loaders.rows import Finding
from loaders.sources.escapes import Escapes
from loaders.sources.layout import Layout
from loaders.sources.raw import RawFile, RawRow, RawSheet
from loaders.sources.workbook_reader import WorkbookReader
from loaders.sources.xls_marks import read_old_marks
from loaders.sources.xlsx_marks import Marks, read_marks

_CHUNK: Final = 1 << 20


def open_workbook(path: Path, file: str, kind: str, cells_at_most: int, *, linked: bool) -> RawFile:
    """Open a workbook that passed the archive checks; refuse `encrypted`, `damaged-file` or `too-large`.

    `linked` tells that it holds a part about other workbooks; formulas may point to them without one.
    """
    workbook = WorkbookReader(path, file, kind, cells_at_most=cells_at_most)
    marks = (read_old_marks if kind == "xls" else read_marks)(path, file, cells_at_most)
    raw = RawFile(path=path, file=file, sha256=digest_of(path), format=kind)
    if linked or any(found.linked for found in marks.values()):
        message = f"文件“{file}”引用了别的工作簿或程序，只用了其中保存的结果"
        raw.warnings.append(Finding(code="external-link", message=message, file=file))
    escapes = None if kind == "xls" else Escapes(path)
    for index, (name, is_table, is_visible) in enumerate(workbook.sheets()):
        if not is_table:
            continue
        if not is_visible:
            message = f"工作表“{name}”是隐藏的，没有读取；需要导入时请先取消隐藏"
            raw.warnings.append(
                Finding(code="hidden-sheet", message=message, file=file, sheet=name, value=name)
            )
            continue
        found = marks.get(name, Marks())
        layout = _old_layout(workbook, index, found) if kind == "xls" else found.layout
        rows = partial(_read_rows, workbook, index, found)
        raw.sheets.append(RawSheet(name=name, title=name, rows=rows, layout=layout, unescape=escapes))
    return raw


def digest_of(path: Path) -> str:
    """Return the SHA-256 of the file, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while chunk := handle.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _old_layout(workbook: WorkbookReader, index: int, marks: Marks) -> Layout:
    """Return the merged cells of an .xls sheet beside what is hidden in it."""
    layout = Layout.of_ranges(workbook.about(index)[1])
    layout.hidden_rows, layout.hidden_columns = marks.layout.hidden_rows, marks.layout.hidden_columns
    return layout


def _read_rows(workbook: WorkbookReader, index: int, marks: Marks) -> Iterator[RawRow]:
    if not marks.rows:
        yield from workbook.rows(index)
        return
    for number, cells in enumerate(workbook.rows(index), start=1):
        yield marks.laid_over(number, cells) if number in marks.rows else cells
