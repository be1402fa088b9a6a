"""What is found wrong, or worth a word, while rows are resolved: one entry for each cell (`files.md` §1)."""

from collections.abc import Sequence
from dataclasses import replace

from loaders.keys import SpooledRow, place_of
from loaders.report import SheetContext
from loaders.rows import Finding


class Telling:
    """Collects the rejects and warnings of one table.

    `told` are the cells that `rejects` speaks of, as (`place_of` the row, column): each has one entry.
    """

    def __init__(self, contexts: Sequence[SheetContext]) -> None:
        self._contexts = contexts
        self.rejects: list[Finding] = []
        self.warnings: list[Finding] = []
        self.told: set[tuple[int, str]] = set()

    def _reject(self, raw: SpooledRow, column: str, code: str, text: str, value: object = None) -> None:
        cell = (place_of(raw.sheet, raw.number), column)
        if cell in self.told:
            last = self.rejects[-1]
            if (last.row, last.column) == (raw.number, column):
                more = f"{last.value}；{value}"
                self.rejects[-1] = replace(last, message=f"{last.message}；{text}", value=more)
            return
        self.told.add(cell)
        context = self._contexts[raw.sheet]
        message = f"第 {raw.number} 行“{context.header(column)}”{text}"
        self.rejects.append(context.finding(raw.number, column, code, message, value))

    def _warn(self, raw: SpooledRow, column: str, code: str, text: str, value: object) -> None:
        context = self._contexts[raw.sheet]
        message = f"第 {raw.number} 行“{context.header(column)}”{text}"
        self.warnings.append(context.finding(raw.number, column, code, message, value))
