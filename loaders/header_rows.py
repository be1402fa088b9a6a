"""Where the header of a sheet stands: one row, or two with merged group cells (`files.md` S3, S5)."""

from collections.abc import Sequence
from dataclasses import dataclass

from kg.schema import Table
from loaders.grammar_text import is_blank
from loaders.headers import HeaderBook
from loaders.sources.layout import Merge

Texts = Sequence[str]


@dataclass(frozen=True, slots=True)
class Header:
    """The header: rows `first` to `last` counted from 1, and the text that names each column."""

    first: int
    last: int
    texts: tuple[str, ...]
    rows: tuple[Texts, ...]

    @property
    def numbers(self) -> list[int]:
        """The numbers of its rows."""
        return list(range(self.first, self.last + 1))


def find_header(
    book: HeaderBook, table: Table, rows: Sequence[Texts], merges: Sequence[Merge]
) -> Header | None:
    """Return the header among the first rows of a sheet, None where there is none.

    The row with most known columns; with the row below where its merged group cells have known columns under them,
    with the row above where cells merged downwards name columns that it leaves blank.
    """
    index = book.header_row(table, rows)
    if index is not None:
        for upper in (index, index - 1):
            if 0 <= upper < len(rows) - 1 and _belong_together(book, table, rows, merges, upper, index):
                return _header(book, table, rows, merges, upper)
        return Header(index + 1, index + 1, tuple(rows[index]), (rows[index],))
    for upper in range(len(rows) - 1):
        if _groups(merges, upper):
            found = _header(book, table, rows, merges, upper)
            if len({book.meaning(table, text) for text in found.texts} - {None, ""}) > 1:
                return found
    return None


def table_by_content(book: HeaderBook, rows: Sequence[Texts], merges: Sequence[Merge]) -> Table | None:
    """Return the one table whose required columns are all there, most known columns first; None for a tie (S2)."""
    scored: list[tuple[int, Table]] = []
    for table in book.schema.tables:
        header = find_header(book, table, rows, merges)
        if header is not None:
            keys = book.columns(table, header.texts)
            if not book.missing(table, keys):
                scored.append((len({key for key in keys if key}), table))
    most = max((known for known, _ in scored), default=0)
    winners = [table for known, table in scored if known == most]
    return winners[0] if len(winners) == 1 else None


def _belong_together(
    book: HeaderBook, table: Table, rows: Sequence[Texts], merges: Sequence[Merge], upper: int, index: int
) -> bool:
    groups = _groups(merges, upper)
    if not groups:
        return False
    spread = _spread(rows[upper], groups)
    if upper == index:
        under = [
            place
            for merge in groups
            if merge.is_horizontal
            for place in range(merge.first_column, min(merge.last_column + 1, len(rows[upper + 1])))
        ]
        return any(_name(book, table, spread, rows[upper + 1], place)[1] for place in under)
    lower = rows[index]
    return any(
        book.meaning(table, text)
        for place, text in enumerate(rows[upper])
        if place >= len(lower) or is_blank(lower[place])
    )


def _groups(merges: Sequence[Merge], row: int) -> list[Merge]:
    """Return the merges that begin in a row (counted from 0) and reach no further than the next."""
    return [merge for merge in merges if merge.first_row == row + 1 and merge.last_row <= row + 2]


def _spread(upper: Texts, groups: Sequence[Merge]) -> list[str]:
    """Return the upper row with the text of each group over all of its columns."""
    texts = list(upper)
    for merge in groups:
        if merge.is_horizontal and merge.first_column < len(upper):
            texts.extend([""] * (merge.last_column + 1 - len(texts)) if merge.last_column < 16_384 else [])
            for place in range(merge.first_column + 1, min(merge.last_column + 1, len(texts))):
                texts[place] = upper[merge.first_column]
    return texts


def _header(
    book: HeaderBook, table: Table, rows: Sequence[Texts], merges: Sequence[Merge], upper: int
) -> Header:
    first, second = rows[upper], rows[upper + 1]
    spread = _spread(first, _groups(merges, upper))
    width = max(len(first), len(second))
    texts = tuple(_name(book, table, spread, second, place, first)[0] for place in range(width))
    return Header(upper + 1, upper + 2, texts, (first, second))


def _name(
    book: HeaderBook, table: Table, spread: Texts, lower: Texts, place: int, upper: Texts = ()
) -> tuple[str, bool]:
    """Return what names a column, and whether it is known: the lower cell, both joined, else the upper one."""
    above = spread[place] if place < len(spread) else ""
    below = lower[place] if place < len(lower) else ""
    if is_blank(below):
        own = upper[place] if place < len(upper) else ""
        return own, book.meaning(table, own) is not None
    if book.meaning(table, below) is None and book.meaning(table, above + below) is not None:
        return above + below, True
    return below, book.meaning(table, below) is not None
