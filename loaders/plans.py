"""What the storing half works out once per table, so that the work per row is a few dictionary look-ups."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Final

from kg.model.graph import MASKED, Value
from kg.schema import Column, ColumnType, Schema, Table

PERSON_ID: Final = "person_id"
ID_NUMBER: Final = "id_number"
ID_TYPE: Final = "id_type"
EDITIONED_KEY: Final = ("code", "edition")
CROSSWALK_EDITIONS: Final = {"from_code": "from_edition", "to_code": "to_edition"}
_VALUED: Final = frozenset({
    ColumnType.WEIGHTED_LIST,
    ColumnType.WEIGHTED_MODE_LIST,
    ColumnType.SKILL_LIST,
    ColumnType.SKILL_DEMAND,
})


class ReferenceKind(Enum):
    """How a reference finds its target (`files.md` S27)."""

    ORGANISATION = "organisation"
    PERSON = "person"
    EDITIONED = "editioned"
    VOCABULARY = "vocabulary"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Reference:
    """One reference column of a table: how it resolves and the relation it states."""

    column: Column
    kind: ReferenceKind
    targets: tuple[Table, ...]
    relation: str
    key: str
    """The English key of the column."""

    @property
    def target_kind(self) -> str:
        """The kind of node it points to when the target is not known."""
        return self.targets[0].kind

    def items(self, value: Value) -> Sequence[str]:
        """Return the targets that a canonical value names; none when it is absent or masked."""
        if value is None or value == MASKED:
            return ()
        if isinstance(value, tuple):
            if self.column.type in _VALUED:
                return [item.rpartition("=")[0] or item for item in value]
            return value
        text = str(value)
        return () if MASKED in text else (text,)


@dataclass(frozen=True)
class TablePlan:
    """A table as the storing half sees it."""

    table: Table
    references: tuple[Reference, ...]

    @cached_property
    def by_column(self) -> dict[str, Reference]:
        """References by column key."""
        return {reference.key: reference for reference in self.references}

    @cached_property
    def sealed(self) -> frozenset[str]:
        """The columns that are kept sealed."""
        return frozenset(column.key for column in self.table.sealed_columns())

    @cached_property
    def is_home(self) -> bool:
        """True for the table whose rows are persons themselves."""
        return self.table.natural_key == (PERSON_ID,)

    @cached_property
    def is_person_table(self) -> bool:
        """True when rows belong to a person given by person_id or id_number, but are not the person."""
        return self.table.is_person_table and not self.is_home

    @cached_property
    def is_organisation(self) -> bool:
        """True when rows are organisations that others refer to by code or full name."""
        return self.table.natural_key == ("credit_code",)

    @cached_property
    def is_editioned(self) -> bool:
        """True when the key is (code, edition)."""
        return self.table.natural_key == EDITIONED_KEY

    @cached_property
    def own_references(self) -> tuple[Reference, ...]:
        """References to rows of the same table (parents)."""
        return tuple(r for r in self.references if self.table in r.targets)

    @cached_property
    def outer_references(self) -> tuple[Reference, ...]:
        """References to other tables, without the person of a person table."""
        return tuple(
            r
            for r in self.references
            if self.table not in r.targets and not (self.is_person_table and r.key == PERSON_ID)
        )

    @cached_property
    def person_column(self) -> str | None:
        """The key column that says whose row it is: person_id, or the first person in the key (mentor)."""
        if self.table.is_person_table:
            return PERSON_ID
        for key in self.table.natural_key:
            reference = self.by_column.get(key)
            if reference is not None and reference.kind is ReferenceKind.PERSON:
                return key
        return None


def _kind_of(targets: tuple[Table, ...]) -> ReferenceKind:
    first = targets[0]
    if first.natural_key == ("credit_code",):
        return ReferenceKind.ORGANISATION
    if first.natural_key == (PERSON_ID,):
        return ReferenceKind.PERSON
    if first.natural_key == EDITIONED_KEY:
        return ReferenceKind.EDITIONED
    return ReferenceKind.VOCABULARY if first.open_vocabulary else ReferenceKind.PLAIN


def plan_of(schema: Schema, table: Table) -> TablePlan:
    """Return the plan of one table."""
    references = []
    for column in table.columns:
        if column.refers_to:
            targets = tuple(schema.by_key[key] for key in column.refers_to)
            relation = table.key if table.is_relation else f"{table.key}.{column.key}"
            references.append(Reference(column, _kind_of(targets), targets, relation, column.key))
    return TablePlan(table, tuple(references))


def named_by_others(plans: Iterable[TablePlan]) -> frozenset[str]:
    """Return the tables whose rows others refer to by code or name; persons are known by other means (`Persons`)."""
    return frozenset(
        table.key
        for plan in plans
        for reference in plan.references
        if reference.kind is not ReferenceKind.PERSON
        for table in reference.targets
    )


def dependency_order(schema: Schema) -> list[Table]:
    """Return all tables so that each comes after those it refers to; declared order among equals."""
    done: dict[str, Table] = {}
    open_: set[str] = set()

    def visit(table: Table) -> None:
        if table.key in done or table.key in open_:
            return
        open_.add(table.key)
        for target in _targets(table):
            visit(schema.by_key[target])
        open_.discard(table.key)
        done[table.key] = table

    for table in schema.tables:
        visit(table)
    return list(done.values())


def _targets(table: Table) -> Iterator[str]:
    for column in table.columns:
        yield from column.refers_to
