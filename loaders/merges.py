"""Merged body cells (`files.md` S12): words fill down, amounts over several rows cannot be told apart from a total."""

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping

from loaders.grammar_text import is_blank
from loaders.sources.layout import Merge
from loaders.sources.raw import CellMark, RawRow, RawValue

Numbered = tuple[int, RawRow, RawRow]
"""Number of the row, the row as it stands, and the row with merged cells filled in."""


def spread(
    rows: Iterable[RawRow],
    merges: Iterable[Merge],
    *,
    after: int,
    known: Collection[int],
    amounts: Collection[int],
) -> Iterator[Numbered]:
    """Yield every row with what vertical merges below row `after` give to it.

    `known` are the places of known columns, `amounts` those of quantities. A merge fills its first column only.
    """
    starts: dict[int, list[Merge]] = {}
    for merge in merges:
        if merge.is_vertical and merge.first_row > after and merge.first_column in known:
            starts.setdefault(merge.first_row, []).append(merge)
    if not starts:
        yield from ((number, row, row) for number, row in enumerate(rows, start=1))
        return
    yield from _spread(iter(rows), starts, amounts)


def _spread(
    rows: Iterator[RawRow], starts: Mapping[int, list[Merge]], amounts: Collection[int]
) -> Iterator[Numbered]:
    ahead: deque[RawRow] = deque()
    active: dict[int, tuple[int, RawValue]] = {}
    number = 0
    while True:
        found = ahead.popleft() if ahead else next(rows, None)
        if found is None:
            return
        row, number = found, number + 1
        for column in [column for column, (last, _) in active.items() if last < number]:
            del active[column]
        for merge in starts.get(number, ()):
            value = row[merge.first_column] if merge.first_column < len(row) else None
            if is_empty(value):
                continue
            if merge.first_column in amounts:
                while len(ahead) < merge.last_row - number and (upcoming := next(rows, None)) is not None:
                    ahead.append(upcoming)
                below = list(ahead)[: merge.last_row - number]
                value = CellMark.MERGED_NUMBER if any(has_content(other) for other in below) else value
            active[merge.first_column] = (merge.last_row, value)
        yield number, row, _filled(row, active) if active else row


def is_empty(cell: RawValue) -> bool:
    """True for a cell without content."""
    return cell is None or (isinstance(cell, str) and is_blank(cell))


def has_content(row: RawRow) -> bool:
    """True when any cell of a row has content."""
    return any(not is_empty(cell) for cell in row)


def _filled(row: RawRow, active: Mapping[int, tuple[int, RawValue]]) -> RawRow:
    cells = list(row)
    for column, (_, value) in active.items():
        cells.extend([""] * (column + 1 - len(cells)))
        cells[column] = value
    return cells
