"""Files in, parsed rows out: the reading half of a load (`files.md` §3).

`read_paths` opens each file, recognises its sheets, refuses what cannot be loaded, and streams the rows of each
sheet with their cells in canonical form. References are not resolved here.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

from kg.errors import InvalidInputError, NotFoundError
from kg.schema import Schema, Table
from loaders.cells import display
from loaders.header_rows import find_header, table_by_content
from loaders.headers import HEADER_ROWS_SEARCHED, HeaderBook, table_by_name
from loaders.kept_titles import Kept
from loaders.mapping import Mapping, load_mapping
from loaders.merges import spread
from loaders.rows import FileReading, Finding
from loaders.sheets import SheetReader
from loaders.sources.detect import open_source
from loaders.sources.limits import Limits
from loaders.sources.packed import is_set_aside
from loaders.sources.raw import RawFile, RawSheet, RefusedFileError

__all__ = ["Limits", "Mapping", "RefusedFileError", "expand", "load_mapping", "original_rows", "read_paths"]

_NO_MAPPING: Final = Mapping()
_NO_LIMITS_GIVEN: Final = Limits()
_NOTHING_KEPT: Final[Kept] = {}


def read_paths(
    paths: Sequence[Path],
    *,
    schema: Schema,
    table: str | None = None,
    mapping: Mapping | None = None,
    limits: Limits = _NO_LIMITS_GIVEN,
    kept: Kept = _NOTHING_KEPT,
) -> Iterator[FileReading]:
    """Yield one reading per file, folders expanded in sorted order (hidden and `~$` files skipped).

    `table` (key or name) overrides the recognition for one file; `kept` are the titles that the source is known to have
    in columns of codes (`kept_titles`). Raises RefusedFileError for the first file that
    cannot be loaded, also while the rows of a sheet are consumed (a quote that never closes), and at the end
    (`unknown-table`) when no sheet of any file was recognised; NotFoundError for a path that does not exist;
    InvalidInputError for `table` with several files or of no known name.
    """
    files = list(expand(paths))
    if not files:
        names = "、".join(path.name or str(path) for path in paths)
        raise RefusedFileError([
            _finding("no-rows", f"“{names}”里没有可以读取的文件，请放入 .xlsx、.csv 或 .json 文件", names)
        ])
    wanted = None if table is None else _wanted(table, schema)
    if wanted is not None and len(files) > 1:
        raise InvalidInputError("指定表名时一次只能导入一个文件，请逐个导入", field="table", value=table)
    chosen = mapping or _NO_MAPPING
    book = HeaderBook(schema, chosen.columns, chosen.always)
    recognised, undecided = 0, []
    for path, name in files:
        reading = _read_file(open_source(path, name, limits, book.is_known), book, chosen, wanted, kept)
        recognised += len(reading.sheets)
        undecided += [reading.file] if not reading.sheets else []
        yield reading
    if not recognised:
        raise RefusedFileError([_finding("unknown-table", _undecided(name), name) for name in undecided])


def _undecided(name: str) -> str:
    return f"文件“{name}”认不出是哪张表，请把工作表或文件改成表名，如 企业"


def _finding(code: str, message: str, file: str, sheet: str | None = None) -> Finding:
    return Finding(code=code, message=message, file=file, sheet=sheet)


def _wanted(name: str, schema: Schema) -> Table:
    for table in schema.tables:
        if name in {table.key, table.zh}:
            return table
    message = f"没有名为“{name}”的表，请用 {'、'.join(table.zh for table in schema.tables)} 之一"
    raise InvalidInputError(message, field="table", value=name)


def expand(paths: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """Yield each file with the name that the report gives it: in a folder, its path inside the folder."""
    for path in paths:
        if path.is_dir():
            inside = ((found.relative_to(path), found) for found in path.rglob("*") if found.is_file())
            for relative, found in sorted(inside):
                if not is_set_aside(relative.parts):
                    yield found, relative.as_posix()
        elif path.is_file():
            yield path, path.name
        else:
            raise NotFoundError(f"没有文件“{path}”，请核对路径")


def _read_file(
    raw: RawFile, book: HeaderBook, mapping: Mapping, wanted: Table | None, kept: Kept
) -> FileReading:
    reading = FileReading(
        file=raw.file,
        sha256=raw.sha256,
        format=raw.format,
        encoding=raw.encoding,
        delimiter=raw.delimiter,
        sheets=[],
        warnings=list(raw.warnings),
        path=raw.path,
    )
    refusals: list[Finding] = []
    for sheet in raw.sheets:
        head = _head(sheet)
        table = wanted or _recognise(raw, sheet, head, book)
        if table is None or (
            wanted is not None and len(raw.sheets) > 1 and not _has_header(book, wanted, head, sheet)
        ):
            reading.warnings.append(_unknown_sheet(raw, sheet))
            continue
        words, titles = mapping.values.get(table.key, {}), mapping.titles.get(table.key, {})
        always = mapping.always.get(table.key, {})
        reader = SheetReader(raw, sheet, table, book, words, titles, always, kept.get(table.key, {}))
        found = reader.refusals(head)
        refusals += found
        if not found:
            reading.sheets.append(reader.reading())
    if refusals:
        raise RefusedFileError(refusals)
    return reading


def _head(sheet: RawSheet) -> list[list[str]]:
    """Return the texts of the rows among which the header is searched."""
    if sheet.headers is not None:
        return [list(sheet.headers)]
    return [[display(cell) for cell in row] for row in islice(sheet.rows(), HEADER_ROWS_SEARCHED)]


def _has_header(book: HeaderBook, table: Table, head: list[list[str]], sheet: RawSheet) -> bool:
    return sheet.headers is not None or find_header(book, table, head, sheet.layout.merges) is not None


def _recognise(raw: RawFile, sheet: RawSheet, head: list[list[str]], book: HeaderBook) -> Table | None:
    """Return the table of a sheet: by its name, else by its header, else a lone sheet by the name of its file."""
    named = table_by_name(sheet.title, book.schema)
    if named is not None:
        return named
    return table_by_content(book, head, sheet.layout.merges) or (
        table_by_name(raw.path.stem, book.schema) if len(raw.sheets) == 1 else None
    )


def _unknown_sheet(raw: RawFile, sheet: RawSheet) -> Finding:
    return Finding(
        code="unknown-sheet",
        message=f"“{sheet.title}”认不出是哪张表，没有读取；请把它改成表名，如 企业",
        file=raw.file,
        sheet=sheet.name,
        value=sheet.title,
    )


def original_rows(
    path: Path,
    sheet: str | None,
    numbers: set[int],
    *,
    schema: Schema,
    table: str,
    mapping: Mapping | None = None,
    limits: Limits = _NO_LIMITS_GIVEN,
) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """Return the header texts of a sheet and the rows of those numbers, in order, with cells as people see them.

    `table` is the key of the table that the sheet was recognised as (`SheetReading.table`); `schema`, `mapping`
    and `limits` are those of the reading.
    """
    chosen = mapping or _NO_MAPPING
    book = HeaderBook(schema, chosen.columns, chosen.always)
    raw = open_source(path, path.name, limits, book.is_known)
    found = _find_sheet(raw, sheet, schema.by_key[table], book)
    head = _head(found)
    if found.headers is not None:
        return list(found.headers), _original(found, numbers, 0, ())
    header = find_header(book, schema.by_key[table], head, found.layout.merges)
    texts = list(header.texts) if header is not None else []
    keys = book.columns(schema.by_key[table], texts)
    words = [place for place, key in enumerate(keys) if key and not schema.by_key[table].column(key).quantity]
    return texts, _original(found, numbers, header.last if header is not None else 0, words)


def _find_sheet(raw: RawFile, name: str | None, table: Table, book: HeaderBook) -> RawSheet:
    candidates = [sheet for sheet in raw.sheets if sheet.name == name]
    for sheet in candidates:
        if len(candidates) == 1 or _recognise(raw, sheet, _head(sheet), book) is table:
            return sheet
    raise NotFoundError(f"文件“{raw.file}”里没有表“{table.zh}”，请核对文件是否已改动")


def _original(
    sheet: RawSheet, numbers: set[int], header: int, words: Collection[int]
) -> Iterator[tuple[int, list[str]]]:
    """Yield those rows; what a merge gives to a row below its first (S12) stands in it, so that it can be sent back."""
    rows = islice(sheet.rows(), max(numbers, default=0))
    for number, _, row in spread(rows, sheet.layout.merges, after=header, known=words, amounts=()):
        if number in numbers:
            yield number, [display(cell) for cell in row]
