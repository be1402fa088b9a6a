"""A workbook of one list, for people: guarded against formulas, with notes about where it came from."""

from collections.abc import Iterable, Sequence
from io import BytesIO

from openpyxl import Workbook

from loaders.error_workbook import safe_cell, sheet_title

Cell = str | int | float | None


def workbook_of(
    title: str, head: Sequence[str], rows: Iterable[Sequence[Cell]], *, notes: Sequence[str] = ()
) -> bytes:
    """Return the bytes of an .xlsx file: numbers stay numbers, texts can run no formula, notes stand on a second sheet."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(sheet_title(title, ()))
    sheet.append(list(head))
    for row in rows:
        sheet.append([
            cell if isinstance(cell, (int, float)) or cell is None else safe_cell(cell) for cell in row
        ])
    if notes:
        explained = book.create_sheet("说明")
        for note in notes:
            explained.append([safe_cell(note)])
    target = BytesIO()
    book.save(target)
    return target.getvalue()
