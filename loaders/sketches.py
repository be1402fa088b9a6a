"""What stands in foreign files before anybody has said what it means: sheets, headers and some cells of each column."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from kg.schema import Schema, Table
from loaders.cells import display
from loaders.grammar_text import is_blank
from loaders.header_rows import find_header
from loaders.headers import HEADER_ROWS_SEARCHED, HeaderBook, column_letter, table_by_name
from loaders.proposals import ColumnSketch, likeliest_tables
from loaders.reading import expand
from loaders.sources.detect import open_source
from loaders.sources.limits import Limits
from loaders.sources.packed import unpacked
from loaders.sources.raw import RawFile, RawSheet, RefusedFileError, refuse
from loaders.synonyms import known_headers

_ROWS_LOOKED_AT: Final = 200
_SAMPLES: Final = 40
_SAMPLE_LENGTH: Final = 200
_CELLS_AT_LEAST: Final = 2
_COLUMNS_AT_MOST: Final = 500


@dataclass(frozen=True, slots=True)
class SheetSketch:
    """One sheet: file, sheet name (None for CSV and JSON), header rows from 1, columns, and the likeliest table's key.

    `fixed` is True where the name of the sheet, or somebody, says which table it is: a load goes by that.
    """

    file: str
    sheet: str | None
    header_rows: tuple[int, ...]
    columns: tuple[ColumnSketch, ...]
    table: str | None
    fixed: bool = False

    @property
    def title(self) -> str:
        """What people call the sheet."""
        return f"{self.file} / {self.sheet}" if self.sheet else self.file


def sketch_files(paths: Sequence[Path], *, schema: Schema, table: str | None = None) -> list[SheetSketch]:
    """Return the sheets of files, archives and folders in order; sheets without anything like a header are left out.

    `table` is the key or name of the table they hold, where somebody has said so. Raises RefusedFileError as a load
    does, and `missing-header` when no sheet has a header at all.
    """
    book, found = HeaderBook(schema, known_headers(schema)), []
    with unpacked(paths, Limits()) as files:
        for path, name in expand(files):
            raw = open_source(path, name, Limits(), book.is_known)
            found += [one for sheet in raw.sheets for one in _sketch(raw, sheet, book, table)]
    if not found:
        names = "、".join(path.name for path in paths)
        raise refuse("missing-header", f"“{names}”里找不到像表头的一行，请核对文件", names)
    return found


def _sketch(raw: RawFile, sheet: RawSheet, book: HeaderBook, wanted: str | None) -> Iterator[SheetSketch]:
    head = [[display(cell) for cell in row] for row in islice(sheet.rows(), HEADER_ROWS_SEARCHED)]
    given = next((one for one in book.schema.tables if wanted in {one.key, one.zh}), None)
    named = given or table_by_name(sheet.title, book.schema)
    rows, texts = (
        ((), list(sheet.headers)) if sheet.headers is not None else _header(book, named, head, sheet)
    )
    if not any(not is_blank(text) for text in texts):
        return
    columns = _columns(sheet, texts, after=rows[-1] if rows else 0)
    likeliest = likeliest_tables(columns, book.schema)
    table = named or (likeliest[0][0] if likeliest else None) or table_by_name(raw.path.stem, book.schema)
    yield SheetSketch(
        raw.file, sheet.name, rows, columns, None if table is None else table.key, named is not None
    )


def _header(
    book: HeaderBook, table: Table | None, head: list[list[str]], sheet: RawSheet
) -> tuple[tuple[int, ...], list[str]]:
    """Return the header rows and texts: of the known or likeliest table, else the fullest of the first rows."""
    tables = [table] if table is not None else list(book.schema.tables)
    found = []
    for one in tables:
        header = find_header(book, one, head, sheet.layout.merges)
        if header is not None:
            found.append((len({key for key in book.columns(one, header.texts) if key}), header))
    guessed = max(range(len(head)), key=lambda place: (_words(head[place]), -place), default=None)
    if found:
        known, best = max(found, key=lambda one: one[0])
        if guessed is None or guessed + 1 in best.numbers or known * 2 >= _words(head[guessed]):
            return tuple(best.numbers), list(best.texts)
    if guessed is None or _words(head[guessed]) < _CELLS_AT_LEAST:
        return (), []
    return (guessed + 1,), head[guessed]


def _words(row: Sequence[str]) -> int:
    """Return how many different cells of a row could be headers: words, no figures."""
    return len({
        text for text in row if not is_blank(text) and not any(letter.isdigit() for letter in text[:1])
    })


def _columns(sheet: RawSheet, texts: Sequence[str], *, after: int) -> tuple[ColumnSketch, ...]:
    samples: list[dict[str, None]] = [{} for _ in texts]
    for row in islice(sheet.rows(), after, after + _ROWS_LOOKED_AT):
        for place, cell in enumerate(row[: len(texts)]):
            text = display(cell)
            if len(samples[place]) < _SAMPLES and not is_blank(text):
                samples[place][text[:_SAMPLE_LENGTH]] = None
    return tuple(
        ColumnSketch(place, " ".join(text.split()), column_letter(place), tuple(samples[place]))
        for place, text in enumerate(texts[:_COLUMNS_AT_MOST])
        if not is_blank(text)
    )


__all__ = ["RefusedFileError", "SheetSketch", "sketch_files"]
