"""From resolved rows to changes of the store: what is new, what differs, what stays (`files.md` S9, S40)."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Final, NamedTuple

from kg.model.graph import MASKED, Link, NodeRef, Provenance, Row, RowChange, RowId, Value
from kg.ports import GraphStore
from kg.schema.columns import SCOPE_PUBLIC
from kg.sealing.sealer import Sealer
from kg.text import mask_name, split_key
from loaders.certificates import basis_of
from loaders.keys import Resolved, encoded, node_key
from loaders.known import chunked
from loaders.persons import Persons
from loaders.plans import CROSSWALK_EDITIONS, PERSON_ID, Reference, ReferenceKind, TablePlan
from loaders.registry import Comparer
from loaders.report import SheetContext
from loaders.resolve import Resolver

BASIS_COLUMN: Final = "basis"
CERTIFICATES: Final = "certificates"
MANY: Final = 2
_OPEN_TO_ALL: Final = frozenset({None, SCOPE_PUBLIC})
SELF_DECLARED: Final = frozenset({None, "自述"})
SELF_DECLARED_CONFIDENCE: Final = 0.8
"""Confidence of a skill that the person states without proof (`contract.md` §5)."""


class Sealed(NamedTuple):
    """The sealed side of a row after this batch; `data` None keeps the bytes that are stored."""

    values: dict[str, Value]
    mark: str
    changed: bool


class Stager:
    """Turns accepted rows of one table into changes; counts nothing, decides only what each row becomes."""

    def __init__(
        self,
        resolver: Resolver,
        comparer: Comparer,
        persons: Persons,
        store: GraphStore,
        sealer: Sealer,
        contexts: Sequence[SheetContext],
        *,
        source: str,
        batch: str,
        clock: Callable[[], datetime],
        stored: bool,
    ) -> None:
        self.plan: TablePlan = resolver.plan
        self._resolver, self._comparer, self._persons = resolver, comparer, persons
        self._store, self._sealer, self._contexts = store, sealer, contexts
        self._source, self._batch, self._now, self._stored = source, batch, clock(), stored
        self._plain = [c.key for c in self.plan.table.plain_columns()]
        self._sealed = [c.key for c in self.plan.table.sealed_columns()]
        self._opened: dict[RowId, dict[str, Value]] = {}
        self._references = [(one.key, one.relation, one) for one in self.plan.references]
        self._ends: dict[tuple[str, str], tuple[NodeRef, ...]] = {}
        self._states_basis = BASIS_COLUMN in self._plain

    def existing(self, rows: Sequence[Resolved]) -> dict[str, Row]:
        """Return the stored rows of these rows of the batch, by the key the batch gives them."""
        if not self._stored:
            return {}
        keys = dict.fromkeys(key for row in rows for key in (row.key, *row.variants))
        table = self.plan.table.key
        found: dict[str, Row] = {}
        for chunk in chunked(keys):
            ids = [RowId(self._source, table, key) for key in chunk]
            stored = self._store.rows(table=table, source=self._source, ids=ids)
            found.update((row.id.key, row) for row in stored)
        matched: dict[str, Row] = {}
        for row in rows:
            for key in (row.key, *row.variants):
                if key in found:
                    matched[row.key] = found[key]
                    break
        return matched

    def unseal_partial(self, rows: Sequence[Resolved], existing: Mapping[str, Row]) -> None:
        """Open the stored sealed parts that are needed because the files have some sealed columns but not all."""
        ids = [
            existing[row.key].id
            for row in rows
            if row.key in existing and existing[row.key].seal_mark and self._is_partial(row)
        ]
        self._opened = {
            key: self._sealer.unseal(data, key)
            for key, data in (self._store.sealed(ids) if ids else {}).items()
        }

    def change(self, row: Resolved, old: Row | None) -> RowChange | None:
        """Return what becomes of the stored row; None when nothing does."""
        values = self._merged(row.values, old)
        sealed = self._sealed_side(row, old)
        if old is not None and not sealed.changed and self._same(values, old) and not self._moved(row, old):
            return None
        key = old.id if old is not None else RowId(self._source, self.plan.table.key, row.key)
        new = self._row(key, row, old, values, sealed)
        data = self._sealer.seal(sealed.values, key) if sealed.changed and sealed.mark else None
        return RowChange(id=key, row=new, sealed=data)

    def node_key(self, row: Resolved) -> str:
        """Return the node key of a new row."""
        return node_key(self.plan, row.parts or (), self._person(row))

    def _is_partial(self, row: Resolved) -> bool:
        held = sum(column in row.values for column in self._sealed)
        return 0 < held < len(self._sealed)

    def _merged(self, given: Mapping[str, Value], old: Row | None) -> dict[str, Value]:
        if old is None:
            return {
                column: value
                for column in self._plain
                if (value := given.get(column)) is not None and value != ()
            }
        merged: dict[str, Value] = {}
        stored = old.values
        for column in self._plain:
            value = given[column] if column in given else stored.get(column)
            if value is not None and value != ():
                merged[column] = value
        return merged

    def _sealed_side(self, row: Resolved, old: Row | None) -> Sealed:
        if old is None:
            values: dict[str, Value] = {
                column: value for column in self._sealed if (value := row.values.get(column)) is not None
            }
            return Sealed(values, self._sealer.mark(values), changed=bool(values))
        before = old.seal_mark
        given = [column for column in self._sealed if column in row.values]
        if not given:
            return Sealed({}, before, changed=False)
        values = dict(self._opened.get(old.id, {}))
        for column in given:
            values[column] = row.values[column]
        values = {column: value for column, value in values.items() if value is not None}
        mark = self._sealer.mark(values)
        return Sealed(values, mark, changed=mark != before)

    def _same(self, values: Mapping[str, Value], old: Row) -> bool:
        if values == old.values:
            return True
        same = self._comparer.same
        return all(
            same(key, values.get(key), old.values.get(key)) for key in values.keys() | old.values.keys()
        )

    def _moved(self, row: Resolved, old: Row) -> bool:
        return self.plan.is_home and self._person(row) != old.person

    def _person(self, row: Resolved) -> str | None:
        if self.plan.is_person_table:
            return row.person
        column = self.plan.person_column
        number = row.values.get(column) if column else None
        person = self._persons.own(encoded(str(number))) if number is not None else None
        return person.key if person else None

    def _row(
        self, key: RowId, row: Resolved, old: Row | None, values: dict[str, Value], sealed: Sealed
    ) -> Row:
        table = self.plan.table
        person = self._person(row)
        node = self._node(row, old, person)
        return Row(
            id=key,
            node=node,
            label=self._label(row, old, values, node),
            values=values,
            links=tuple(self._links(row, old, values, node, person)),
            provenance=self._provenance(row, values),
            person=person,
            owners=tuple(dict.fromkeys(_owners(values, table.owner))) if table.owner else (),
            public=values.get("scope") in _OPEN_TO_ALL,
            seal_mark=sealed.mark,
            identity=self._identity(row, old),
        )

    def _node(self, row: Resolved, old: Row | None, person: str | None) -> NodeRef | None:
        table = self.plan.table
        if table.is_relation:
            return None
        if old is not None and old.node is not None and old.person == person:
            return old.node
        return NodeRef(table.kind, node_key(self.plan, row.parts or (), person))

    def _identity(self, row: Resolved, old: Row | None) -> str:
        if self.plan.is_home:
            person = self._persons.own(row.key)
            return person.identity if person else ""
        if row.token is not None:
            return row.token
        return old.identity if old is not None else ""

    def _label(
        self, row: Resolved, old: Row | None, values: Mapping[str, Value], node: NodeRef | None
    ) -> str:
        column = self.plan.table.name_column
        if column is None:
            return node.key if node is not None else self.plan.table.zh
        if column in self.plan.sealed:
            name = row.values.get(column)
            if isinstance(name, str):
                return mask_name(name)
            return old.label if old is not None and column not in row.values else MASKED
        name = values.get(column)
        return name if isinstance(name, str) else node.key if node is not None else ""

    def _provenance(self, row: Resolved, values: Mapping[str, Value]) -> Provenance:
        basis = values.get(BASIS_COLUMN) if self._states_basis else None
        stated = self._states_basis and basis in SELF_DECLARED
        if self.plan.table.key == CERTIFICATES:
            basis = basis_of(row.values)
        return Provenance(
            batch=self._batch,
            origin=self._contexts[row.sheet].origin(row.number),
            recorded_at=self._now,
            valid_from=_day(values.get("valid_from")),
            valid_to=_day(values.get("valid_to")),
            confidence=SELF_DECLARED_CONFIDENCE if stated else 1.0,
            basis=str(basis or ""),
        )

    def _links(
        self,
        row: Resolved,
        old: Row | None,
        values: Mapping[str, Value],
        node: NodeRef | None,
        person: str | None,
    ) -> Iterator[Link]:
        if node is None:
            yield from self._relation(values, person)
            return
        for key, relation, reference in self._references:
            value = values.get(key)
            if key == PERSON_ID and self.plan.is_person_table:
                if person is not None:
                    yield Link(node, relation, NodeRef(reference.target_kind, person))
            elif key in row.values or old is None:
                for target in () if value is None else self._targets(reference, value):
                    yield Link(node, relation, target)
            else:
                for link in old.links:
                    if link.relation == relation:
                        yield Link(node, link.relation, link.end)

    def _targets(self, reference: Reference, value: Value) -> Iterable[NodeRef]:
        """Return the nodes that a value points to, each once."""
        if type(value) is str and reference.kind is not ReferenceKind.PERSON:
            ends = self._ends.get((reference.key, value))
            if ends is None:
                ends = self._ends[reference.key, value] = tuple(self._found(reference, value))
            return ends
        return self._found(reference, value)

    def _found(self, reference: Reference, value: Value) -> Iterable[NodeRef]:
        items = reference.items(value)
        found = [self._resolver.target(reference, item) for item in items]
        known = [target for target in found if target is not None]
        return known if len(known) < MANY else dict.fromkeys(known)

    def _relation(self, values: Mapping[str, Value], person: str | None) -> Iterator[Link]:
        first, second = (self._end(column, values, person) for column in self.plan.table.ends or ())
        if first is not None and second is not None:
            yield Link(first, self.plan.table.key, second)

    def _end(self, column: str, values: Mapping[str, Value], person: str | None) -> NodeRef | None:
        reference = self.plan.by_column[column]
        if column == PERSON_ID and self.plan.is_person_table:
            return NodeRef(reference.target_kind, person) if person is not None else None
        items = reference.items(values.get(column))
        edition = values.get(CROSSWALK_EDITIONS.get(column, ""))
        if edition and items and reference.kind is ReferenceKind.EDITIONED:
            return NodeRef(reference.target_kind, f"{items[0].partition('@')[0]}@{edition}")
        return self._resolver.target(reference, items[0]) if items else None


def _owners(values: Mapping[str, Value], columns: Iterable[str]) -> Iterator[str]:
    for column in columns:
        value = values.get(column)
        if isinstance(value, str) and MASKED not in value:
            yield value


def _day(value: Value) -> date | None:
    if value is None:
        return None
    return date.fromisoformat(value) if isinstance(value, str) and MASKED not in value else None


def moved_row(row: Row, plan: TablePlan, numbers: Mapping[str, tuple[str, str]]) -> Row:
    """Return a stored row of the source after persons moved; `numbers` maps the key of a person row to (old key, new key)."""
    number = row.values.get(plan.person_column or "")
    moved = numbers.get(encoded(str(number))) if number is not None else None
    node, person = row.node, row.person
    if moved is not None:
        person = moved[1]
        if node is not None and plan.is_person_table:
            node = NodeRef(node.kind, node_key(plan, split_key(row.id.key), person))
    links = []
    for link in row.links:
        start = (
            node
            if node is not None and link.start == row.node
            else _end_after(link.start, row, plan, 0, numbers)
        )
        links.append(Link(start, link.relation, _end_after(link.end, row, plan, 1, numbers, link.relation)))
    return replace(row, node=node, person=person, links=tuple(dict.fromkeys(links)))


def _end_after(
    end: NodeRef,
    row: Row,
    plan: TablePlan,
    side: int,
    numbers: Mapping[str, tuple[str, str]],
    relation: str = "",
) -> NodeRef:
    """Return one end of a link after persons moved: only the column that states this end may move it."""
    ends = plan.table.ends
    column = ends[side] if ends else relation.partition(".")[2]
    value = row.values.get(column)
    moved = numbers.get(encoded(str(value))) if value is not None else None
    return NodeRef(end.kind, moved[1]) if moved is not None and end.key == moved[0] else end
