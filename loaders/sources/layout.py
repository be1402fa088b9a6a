"""How a workbook sheet is laid out beyond its values: merged cells, hidden rows and columns (`files.md` S5, S12, S14)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

MERGES_AT_MOST: Final = 100_000
_MERGE: Final = re.compile(
    rb'<(?:\w+:)?mergeCell\b[^<>]*?\bref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"'
)
_ROW: Final = re.compile(rb"<(?:\w+:)?row\b([^<>]*)>")
_COLUMN: Final = re.compile(rb"<(?:\w+:)?col\b([^<>]*)>")
_HIDDEN: Final = re.compile(rb'\bhidden="(?:1|true)"')
_SPAN: Final = re.compile(rb'\b(min|max)="(\d{1,5})"')


class Merge(NamedTuple):
    """One merged range: rows from 1, columns from 0, both ends included."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int

    @property
    def is_vertical(self) -> bool:
        """True when it covers more than one row."""
        return self.last_row > self.first_row

    @property
    def is_horizontal(self) -> bool:
        """True when it covers more than one column."""
        return self.last_column > self.first_column


@dataclass(slots=True)
class Layout:
    """Merged ranges in order, and how many rows and columns are hidden."""

    merges: list[Merge] = field(default_factory=list)
    hidden_rows: int = 0
    hidden_columns: int = 0

    def note(self, piece: bytes) -> None:
        """Take in a piece of sheet XML that holds whole elements."""
        if b"hidden=" in piece:
            self.hidden_rows += sum(1 for found in _ROW.finditer(piece) if _HIDDEN.search(found[1]))
            self.hidden_columns += sum(_columns(found[1]) for found in _COLUMN.finditer(piece))
        if b"mergeCell" in piece:
            for found in _MERGE.finditer(piece):
                if len(self.merges) > MERGES_AT_MOST:
                    return
                left, top, right, bottom = found.groups()
                self.merges.append(
                    Merge(int(top), column_index(left.decode()), int(bottom), column_index(right.decode()))
                )

    @classmethod
    def of_ranges(cls, ranges: Iterable[tuple[tuple[int, int], tuple[int, int]]]) -> "Layout":
        """Return the layout of ranges given as ((row, column), (row, column)) from 0."""
        return cls([Merge(top + 1, left, bottom + 1, right) for (top, left), (bottom, right) in ranges])


def column_index(letters: str) -> int:
    """Return the index from 0 of a column named by letters (A -> 0, AA -> 26)."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1


def _columns(attributes: bytes) -> int:
    if not _HIDDEN.search(attributes):
        return 0
    ends = {name: int(value) for name, value in _SPAN.findall(attributes)}
    return max(0, min(ends.get(b"max", 0), 16_384) - ends.get(b"min", 1) + 1)
