"""The building blocks of the declared schema: column types, visibility, columns, tables, schema."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from functools import cached_property


class ColumnType(StrEnum):
    """What a cell of the column holds; the grammar of each is in `tables.md`, Cells."""

    NAME = "name"
    TEXT = "text"
    CODE = "code"
    USCC = "uscc"
    DISTRICT_CODE = "district_code"
    OCCUPATION_CODE = "occupation_code"
    ID_NUMBER = "id_number"
    CERTIFICATE_NUMBER = "certificate_number"
    NUMBER = "number"
    INTEGER = "integer"
    SHARE = "share"
    YEAR = "year"
    QUARTER = "quarter"
    DATE = "date"
    DATE_FROM = "date_from"
    DATE_TO = "date_to"
    LEVEL = "level"
    CHOICE = "choice"
    YES_NO = "yes_no"
    MODE = "mode"
    LIST = "list"
    CODE_LIST = "code_list"
    CHOICE_LIST = "choice_list"
    MODE_LIST = "mode_list"
    WEIGHTED_LIST = "weighted_list"
    WEIGHTED_MODE_LIST = "weighted_mode_list"
    SKILL_LIST = "skill_list"
    SKILL_DEMAND = "skill_demand"

    @property
    def is_list(self) -> bool:
        """True when a cell holds several items."""
        return self.value.endswith(("list", "demand"))


class Visibility(StrEnum):
    """Who may see a row or a column; deny by default, so OFFICER unless declared otherwise (contract §5)."""

    PUBLIC = "public"
    SCOPED = "scoped"
    ORGANISATION = "organisation"
    OFFICER = "officer"
    SEALED = "sealed"


class Family(StrEnum):
    """Whose side a kind is on: the hue of its mark."""

    TALENT = "talent"
    SCHOOL = "school"
    FIRM = "firm"
    COMMON = "common"


class Layer(StrEnum):
    """The lightness of a mark: actor (solid), record (tint), vocabulary (outline)."""

    ACTOR = "actor"
    RECORD = "record"
    VOCABULARY = "vocabulary"


class Shape(StrEnum):
    """The outline of a mark."""

    CIRCLE = "circle"
    HEXAGON = "hexagon"
    DOUBLE_RING = "double-ring"
    HOUSE = "house"
    FOLDER = "folder"
    PARALLELOGRAM = "parallelogram"
    SQUARE = "square"
    TICKET = "ticket"
    DIAMOND = "diamond"
    PILL = "pill"
    OCTAGON = "octagon"
    SHIELD = "shield"


class Missing(Enum):
    """The default of `Column.default_visibility`: inherit the visibility of the table."""

    INHERIT = "inherit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How a kind is drawn: one Han character on one shape; hue by family, lightness by layer (design §3)."""

    glyph: str
    shape: Shape
    family: Family
    layer: Layer


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of an input table, which is one property or one relation of the graph.

    `refers_to` names the tables a reference may point to, in order of preference; `hard` references must
    resolve or the row is rejected (`tables.md`, References). `sealed` is the mark § of the tables page.
    `choices` are the Chinese texts allowed; `modes` maps mode keys to names. `minimum` and `maximum` bound
    numbers, inclusive. `unit` lists the units that may stand behind a number.
    """

    key: str
    zh: str
    en: str
    type: ColumnType
    required: bool = False
    sealed: bool = False
    protected: bool = False
    visibility: Visibility | Missing = Missing.INHERIT
    searchable: bool = False
    refers_to: tuple[str, ...] = ()
    hard: bool = False
    choices: tuple[str, ...] = ()
    modes: Mapping[str, str] = field(default_factory=dict)
    minimum: float | None = None
    maximum: float | None = None
    unit: tuple[str, ...] = ()
    quantity: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One input table: a kind of node, or, where `ends` is set, a relation whose rows join two nodes.

    `key` is the English name of the tables page, `kind` its singular (contract §5). `natural_key` are the
    columns of S30 in order; a person table has `person_id` there. `owner` names the columns whose value makes
    an organisation the owner of a row. `ends` are the two reference columns of a relation table.
    """

    key: str
    zh: str
    en: str
    kind: str
    columns: tuple[Column, ...]
    natural_key: tuple[str, ...]
    visibility: Visibility = Visibility.OFFICER
    owner: tuple[str, ...] = ()
    name_column: str | None = None
    ends: tuple[str, str] | None = None
    reference: bool = False
    open_vocabulary: bool = False
    mark: Mark | None = None

    def column(self, key: str) -> Column:
        """Return the column with that English key; KeyError if the table has none."""
        for column in self.columns:
            if column.key == key:
                return column
        raise KeyError(f"{self.key}.{key}")

    @property
    def is_relation(self) -> bool:
        """True when the rows only join two other nodes."""
        return self.ends is not None

    @property
    def is_person_table(self) -> bool:
        """True when rows belong to a person (`person_id`, or `id_number` instead)."""
        return any(column.key == "person_id" for column in self.columns)

    def visibility_of(self, column: Column) -> Visibility:
        """Return who may see that column of a row he may see."""
        if column.sealed:
            return Visibility.SEALED
        return self.visibility if isinstance(column.visibility, Missing) else column.visibility

    def plain_columns(self) -> Iterator[Column]:
        """Yield the columns that are stored in the open."""
        return (column for column in self.columns if not column.sealed)

    def sealed_columns(self) -> Iterator[Column]:
        """Yield the columns marked § that are kept sealed."""
        return (column for column in self.columns if column.sealed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """One kind of edge: a relation table, or a reference column `table.column` (row -> target)."""

    key: str
    zh: str
    en: str
    table: str
    column: str | None
    source_kinds: tuple[str, ...]
    target_kinds: tuple[str, ...]
    visibility: Visibility


@dataclass(frozen=True)
class Schema:
    """The closed set of tables, kinds and relations; handed in everywhere, so a test can declare one more."""

    tables: tuple[Table, ...]

    def __post_init__(self) -> None:
        keys = [table.key for table in self.tables]
        names = [table.zh for table in self.tables]
        if len(set(keys)) != len(keys) or len(set(names)) != len(names):
            raise ValueError("table keys and names must be unique")

    @cached_property
    def by_key(self) -> Mapping[str, Table]:
        """Tables by English key."""
        return {table.key: table for table in self.tables}

    @cached_property
    def by_kind(self) -> Mapping[str, Table]:
        """Node tables by kind (relation tables are not kinds)."""
        return {table.kind: table for table in self.tables if not table.is_relation}

    @cached_property
    def relations(self) -> Mapping[str, Relation]:
        """All relations by key, in declared order."""
        return {relation.key: relation for table in self.tables for relation in self._relations_of(table)}

    def kinds_of(self, tables: tuple[str, ...]) -> tuple[str, ...]:
        """Return the kinds of those tables."""
        return tuple(self.by_key[key].kind for key in tables)

    def _relations_of(self, table: Table) -> Iterator[Relation]:
        if table.ends is not None:
            first, second = (table.column(key) for key in table.ends)
            yield Relation(
                key=table.key,
                zh=table.zh,
                en=table.en,
                table=table.key,
                column=None,
                source_kinds=self.kinds_of(first.refers_to),
                target_kinds=self.kinds_of(second.refers_to),
                visibility=table.visibility,
            )
            return
        for column in table.columns:
            if column.refers_to:
                yield Relation(
                    key=f"{table.key}.{column.key}",
                    zh=column.zh,
                    en=column.en,
                    table=table.key,
                    column=column.key,
                    source_kinds=(table.kind,),
                    target_kinds=self.kinds_of(column.refers_to),
                    visibility=table.visibility_of(column),
                )
