"""Rules about the rows of one table as a whole: equal keys (S29), parents that must exist, ownership cycles (S34)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from kg.model.graph import Value
from kg.schema import Table
from loaders.keys import Resolved, encoded, place_of
from loaders.known import Known
from loaders.plans import ID_NUMBER, PERSON_ID, ReferenceKind, TablePlan
from loaders.report import SheetContext
from loaders.rows import Finding
from loaders.spool import Spool

GOOD: Final = 0
REJECTED: Final = 1
REPEATED: Final = 2


class Comparer:
    """Tells whether two canonical values of a column mean the same."""

    def __init__(self, plan: TablePlan, known: Known) -> None:
        self._known = known
        self._tables = {r.key: r.targets[0] for r in plan.references if r.kind is ReferenceKind.EDITIONED}
        self._sets = set(plan.table.natural_key)
        self._person_columns = {PERSON_ID, ID_NUMBER} if plan.is_person_table else set()

    def same(self, column: str, ours: Value, theirs: Value) -> bool:
        """Return whether the values are equal; a bare code equals the same code with its newest edition.

        In a key the order of a list says nothing.
        """
        if ours == theirs:
            return True
        if isinstance(ours, tuple) and isinstance(theirs, tuple) and column in self._sets:
            return sorted(ours) == sorted(theirs)
        return column in self._tables and self._bare(column, ours) == self._bare(column, theirs)

    def same_row(self, ours: dict[str, Value], theirs: dict[str, Value]) -> bool:
        """Return whether two rows of one key say the same; an absent column equals an empty cell.

        Whether the person is named by person_id or by id_number makes no difference: the key has settled who it is.
        """
        columns = (ours.keys() | theirs.keys()) - self._person_columns
        return all(self.same(key, ours.get(key), theirs.get(key)) for key in columns)

    def _bare(self, column: str, value: Value) -> Value:
        table = self._tables[column]
        if isinstance(value, tuple):
            return tuple(self._bare_item(table, item) for item in value)
        return self._known.bare(table, value) if isinstance(value, str) else value

    def _bare_item(self, table: Table, item: str) -> str:
        code, equals, weight = item.partition("=")
        return self._known.bare(table, code) + equals + weight


@dataclass(slots=True)
class Registry:
    """The rows of one table in this batch by key, and what became of each (`state`, by position).

    `told` are the cells that have an entry in the report already.
    """

    plan: TablePlan
    contexts: Sequence[SheetContext]
    known: Known
    told: set[tuple[int, str]] = field(default_factory=set)
    first: dict[str, int] = field(default_factory=dict)
    repeated: dict[str, list[int]] = field(default_factory=dict)
    state: bytearray = field(default_factory=bytearray)
    spellings: set[str] = field(default_factory=set)
    children: list[tuple[int, str, int, tuple[tuple[str, str], ...]]] = field(default_factory=list)
    rejects: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)

    def add(self, row: Resolved) -> None:
        """Register the next row."""
        place = len(self.state)
        self.state.append(GOOD if row.good else REJECTED)
        key = row.key
        if row.parts is None:
            return
        self.spellings.update(row.variants)
        if self.first.setdefault(key, place) != place:
            self.repeated.setdefault(key, [self.first[key]]).append(place)
        if self.plan.own_references and row.good:
            parents = tuple(
                (reference.key, encoded(item))
                for reference in self.plan.own_references
                for item in reference.items(row.values.get(reference.key))
            )
            if parents:
                self.children.append((place, key, place_of(row.sheet, row.number), parents))

    def holds(self, key: str) -> bool:
        """Return whether any row of the batch, rejected or not, bears that key."""
        return key in self.first or key in self.spellings

    def judge_repeated(self, spool: Spool[Resolved]) -> None:
        """Apply S29: equal rows count once, rows that differ are all rejected."""
        if not self.repeated:
            return
        wanted = {place for places in self.repeated.values() for place in places}
        rows = {place: row for place, row in enumerate(spool) if place in wanted}
        comparer = Comparer(self.plan, self.known)
        for places in self.repeated.values():
            group = [rows[place] for place in places]
            equal = all(comparer.same_row(group[0].values, other.values) for other in group[1:])
            states = {self.state[place] for place in places}
            if equal and states == {GOOD}:
                self._merge(places, group)
            elif not equal or len(states) > 1:
                self._conflict(places, group)

    def judge_parents(self) -> None:
        """Reject rows whose hard parent of the same table is neither accepted nor stored, until none is left."""
        accepted = (
            {key for key, place in self.first.items() if self.state[place] == GOOD}
            if self.children
            else set()
        )
        again = True
        while again:
            again = False
            for place, key, where, parents in self.children:
                if self.state[place] == GOOD and self._orphan(place, key, where, parents, accepted):
                    accepted.discard(key)
                    again = True
        for place, key, where, parents in self.children:
            if self.state[place] == GOOD:
                self._warn_parents(key, where, parents, accepted)

    def reject(self, place: int, where: int, column: str, code: str, text: str, value: str | None) -> None:
        """Reject the row at `place` (`where` is sheet and row number)."""
        self.state[place] = REJECTED
        if (where, column) in self.told:
            return
        self.told.add((where, column))
        self.rejects.append(self._finding(where, column, code, text, value))

    def _finding(self, where: int, column: str, code: str, text: str, value: str | None) -> Finding:
        context, number = self.contexts[where >> 32], where & 0xFFFFFFFF
        message = f"第 {number} 行“{context.header(column)}”{text}"
        return context.finding(number, column, code, message, value)

    def _orphan(
        self, place: int, key: str, where: int, parents: Iterable[tuple[str, str]], accepted: set[str]
    ) -> bool:
        for column, parent in parents:
            if parent == key:
                self.reject(place, where, column, "self-reference", "指向自己，请更正后重报", parent)
                return True
            hard = self.plan.by_column[column].column.hard
            if hard and parent not in accepted and not self.known.has(self.plan.table, parent):
                text = f"“{parent}”不在{self.plan.table.zh}表中，请核对，或先导入它"
                self.reject(place, where, column, "unknown-reference", text, parent)
                return True
        return False

    def _warn_parents(
        self, key: str, where: int, parents: Iterable[tuple[str, str]], accepted: set[str]
    ) -> None:
        for column, parent in parents:
            if parent != key and parent not in accepted and not self.known.has(self.plan.table, parent):
                text = f"“{parent}”不在{self.plan.table.zh}表中，先按代码收下"
                self.warnings.append(self._finding(where, column, "unknown-reference", text, parent))

    def _merge(self, places: Sequence[int], group: Sequence[Resolved]) -> None:
        column = self.plan.table.natural_key[0]
        for place, row in zip(places[1:], group[1:], strict=True):
            self.state[place] = REPEATED
            text = f"与{self._place_name(group[0], row)}完全相同，只计一次"
            where = place_of(row.sheet, row.number)
            self.warnings.append(self._finding(where, column, "duplicate-row", text, None))

    def _conflict(self, places: Sequence[int], group: Sequence[Resolved]) -> None:
        column = self.plan.table.natural_key[0]
        named = "、".join(self._place_name(row, group[0]) for row in group)
        for place, row in zip(places, group, strict=True):
            value = row.values.get(column)
            self.reject(
                place,
                place_of(row.sheet, row.number),
                column,
                "duplicate-conflict",
                f"的同一主键出现多次且内容不同（{named}），请只保留一行",
                None if value is None else str(value),
            )

    def _place_name(self, row: Resolved, first: Resolved) -> str:
        context = self.contexts[row.sheet]
        return f"第 {row.number} 行" if row.sheet == first.sheet else context.origin(row.number)
