"""Workbooks (.xlsx, .xlsm, .xls) by way of calamine.

A workbook whose cells the scan of `xlsx_marks` has all seen is opened in this process; every other one, and every
.xls, has to survive a child process with a memory limit before (`trial`).
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

import python_calamine as calamine

from loaders.rows import Finding
from loaders.sources.layout import Layout
from loaders.sources.raw import RawFile, RawRow, RawSheet, RawValue, refuse
from loaders.sources.trial import survive_trial
from loaders.sources.xls_marks import read_old_marks
from loaders.sources.xlsx_marks import Marks, is_vouched_for, read_marks

_CHUNK: Final = 1 << 20


def open_workbook(path: Path, file: str, kind: str, cells_at_most: int) -> RawFile:
    """Open a workbook that passed the archive checks; refuse `encrypted` or `damaged-file`."""
    marks = read_old_marks(path) if kind == "xls" else read_marks(path, file, cells_at_most)
    if kind == "xls" or not is_vouched_for(path, marks):
        survive_trial(path, file, kind)
    try:
        with _reader_panics_refused(file):
            workbook = _open(path, kind)
            metadata = workbook.sheets_metadata
    except calamine.PasswordError as error:
        raise refuse("encrypted", f"文件“{file}”有密码保护，请取消密码后重新导入", file) from error
    except (calamine.CalamineError, calamine.ZipError, calamine.XmlError, OSError) as error:
        raise _damaged(file) from error
    raw = RawFile(path=path, file=file, sha256=digest_of(path), format=kind)
    for sheet in metadata:
        if sheet.typ is not calamine.SheetTypeEnum.WorkSheet:
            continue
        if sheet.visible is not calamine.SheetVisibleEnum.Visible:
            message = f"工作表“{sheet.name}”是隐藏的，没有读取；需要导入时请先取消隐藏"
            raw.warnings.append(
                Finding(code="hidden-sheet", message=message, file=file, sheet=sheet.name, value=sheet.name)
            )
            continue
        found = marks.get(sheet.name, Marks())
        rows = partial(_read_rows, workbook, sheet.name, file, found)
        layout = _old_layout(workbook, sheet.name, file, found) if kind == "xls" else found.layout
        raw.sheets.append(RawSheet(name=sheet.name, title=sheet.name, rows=rows, layout=layout))
    return raw


def _open(path: Path, kind: str) -> calamine.CalamineWorkbook:
    """Open a workbook by its content: by its path the foreign reader would trust a wrong extension (S33)."""
    if path.suffix.lower() == f".{kind}":
        return calamine.CalamineWorkbook.from_path(str(path))
    with path.open("rb") as handle:
        return calamine.CalamineWorkbook.from_filelike(handle)


def digest_of(path: Path) -> str:
    """Return the SHA-256 of the file, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while chunk := handle.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _damaged(file: str) -> Exception:
    return refuse("damaged-file", f"文件“{file}”已损坏或不完整，请用表格软件打开后另存，再重新导入", file)


@contextmanager
def _reader_panics_refused(file: str) -> Iterator[None]:
    """Refuse `damaged-file` where the foreign reader panics, which Python's `Exception` does not cover."""
    try:
        yield
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise _damaged(file) from error


def _old_layout(workbook: calamine.CalamineWorkbook, name: str, file: str, marks: Marks) -> Layout:
    """Return the merged cells of an .xls sheet beside what is hidden in it."""
    layout = Layout.of_ranges(_sheet(workbook, name, file).merged_cell_ranges or ())
    layout.hidden_rows, layout.hidden_columns = marks.layout.hidden_rows, marks.layout.hidden_columns
    return layout


def _sheet(workbook: calamine.CalamineWorkbook, name: str, file: str) -> calamine.CalamineSheet:
    try:
        with _reader_panics_refused(file):
            return workbook.get_sheet_by_name(name)
    except (
        calamine.CalamineError,
        calamine.WorksheetNotFound,
        calamine.XmlError,
        calamine.ZipError,
    ) as error:
        raise _damaged(file) from error


def _read_rows(workbook: calamine.CalamineWorkbook, name: str, file: str, marks: Marks) -> Iterator[RawRow]:
    sheet = _sheet(workbook, name, file)
    if sheet.start is None:
        return
    before: list[RawValue] = [""] * sheet.start[1]
    for number, filled in enumerate(sheet.iter_rows(), start=1):
        cells: RawRow = [*before, *filled] if before else filled
        yield marks.laid_over(number, cells) if number in marks.rows else cells
