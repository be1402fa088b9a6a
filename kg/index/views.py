"""Nodes as views over the rows of several registers: the first value that is neither absent nor masked wins."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date

from kg.model.graph import MASKED, NodeRef, Row, RowId, Value


class View:
    """One node or relation as its registers show it; `rows` in source order, best first, `values` the winning ones.

    It reads like a row: the leading one, but with the winning values and the links of all.
    """

    __slots__ = ("rows", "values")

    def __init__(self, rows: tuple[Row, ...]) -> None:
        """A view has at least one row."""
        self.rows = rows
        self.values = rows[0].values if len(rows) == 1 else _winning(rows)

    @property
    def row(self) -> RowId:
        """The leading row: evidence of what has no better place."""
        return self.rows[0].id

    id = row

    @property
    def node(self) -> NodeRef | None:
        """The node, None for a relation."""
        return self.rows[0].node

    @property
    def person(self) -> str | None:
        """The talent key the rows belong to."""
        return self.rows[0].person

    @property
    def label(self) -> str:
        """What everyone may be shown as the name."""
        return self.rows[0].label

    def one(self) -> "AnyRow":
        """Return the row that says all: the only one, else the view itself."""
        return self.rows[0] if len(self.rows) == 1 else self

    def target(self, relation: str) -> str:
        """Return the key of the first node to which a row links by that relation, "" for none."""
        return next(iter(self.targets(relation)), "")

    def targets(self, relation: str) -> list[str]:
        """Return the keys of the nodes to which the rows link by that relation."""
        return [key for row in self.rows for key in row.targets(relation)]

    def raw(self, column: str) -> Value:
        """Return the winning value; MASKED if some register masks it and none tells it; None if absent everywhere."""
        return self.values.get(column)

    def masked(self, column: str) -> bool:
        """True when registers only show stars."""
        return self.values.get(column) == MASKED

    def text(self, column: str) -> str | None:
        """Return the value as text; None if absent or masked."""
        value = self.values.get(column)
        return None if value is None or value == MASKED else str(value)

    def number(self, column: str) -> float | None:
        """Return the value as a number; None if absent or masked."""
        value = self.values.get(column)
        return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None

    def whole(self, column: str) -> int | None:
        """Return the value as a whole number; None if absent or masked."""
        value = self.number(column)
        return None if value is None else int(value)

    def yes(self, column: str) -> bool | None:
        """Return a yes/no value; None if absent or masked."""
        value = self.values.get(column)
        return value if isinstance(value, bool) else None

    def day(self, column: str) -> date | None:
        """Return a date; None if absent or masked."""
        value = self.text(column)
        return None if value is None else date.fromisoformat(value)

    def items(self, column: str) -> tuple[str, ...] | None:
        """Return the items of a list column; None if absent or masked."""
        value = self.values.get(column)
        return value if isinstance(value, tuple) else None

    def any_says(self, column: str, value: Value) -> bool:
        """True when any register holds exactly that value (objections win in any register)."""
        return value in [row.values.get(column) for row in self.rows]


AnyRow = Row | View
"""A row of one register, or what stands for those of several."""


def _winning(rows: Sequence[Row]) -> dict[str, Value]:
    """Return of each column the first value that is neither absent nor masked, else MASKED if some row masks it."""
    values = dict(rows[0].values)
    for row in rows[1:]:
        for column, value in row.values.items():
            held = values.get(column)
            if held is None or (held == MASKED and value is not None):
                values[column] = value
    return values


def views(
    rows: Iterable[Row], *, rank: Mapping[str, int], identity: Callable[[Row], object] = lambda row: row.node
) -> Iterator[View]:
    """Group rows of one table into views by `identity`, in order of first appearance; `rank` orders the sources."""
    groups: dict[object, list[Row]] = {}
    for row in rows:
        groups.setdefault(identity(row), []).append(row)
    for group in groups.values():
        yield View(tuple(sorted(group, key=lambda row: _place(row, rank)) if len(group) > 1 else group))


def alone_and_together(
    main: Iterable[Row],
    others: Iterable[Row],
    *,
    rank: Mapping[str, int],
    identity: Callable[[Row], object],
    doubled: Collection[str] = (),
) -> tuple[Iterator[Row], Iterator[View]]:
    """Return the rows of the main register that are views by themselves, as they are read, and all other views.

    Only rows of `others`, and rows of persons with several rows in one register (`doubled`), are held until all are
    read: take the second only after the first is exhausted.
    """
    groups: dict[object, list[Row]] = {}

    def alone() -> Iterator[Row]:
        persons: set[str | None] = set(doubled)
        nodes: set[NodeRef | None] = set()
        relations = False
        for row in others:
            groups.setdefault(identity(row), []).append(row)
            persons.add(row.person)
            nodes.add(row.node)
            relations = relations or (row.node is None and row.person is None)
        persons.discard(None)
        nodes.discard(None)
        for row in main:
            if row.person in persons or relations or (nodes and row.node in nodes):
                key = identity(row)
                if row.person in doubled or key in groups:
                    groups.setdefault(key, []).append(row)
                    continue
            yield row

    def together() -> Iterator[View]:
        for group in groups.values():
            if len(group) > 1:
                group.sort(key=lambda row: _place(row, rank))
            yield View(tuple(group))

    return alone(), together()


def _place(row: Row, rank: Mapping[str, int]) -> tuple[int, str, str]:
    return rank.get(row.id.source, len(rank)), row.id.source, row.id.key


def source_ranks(delivered: Sequence[str], preferred: Sequence[str]) -> dict[str, int]:
    """Return the rank of each source: those the policy names first, then in order of first delivery."""
    order = [*preferred, *(source for source in delivered if source not in preferred)]
    return {source: place for place, source in enumerate(dict.fromkeys(order))}
