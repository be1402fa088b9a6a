"""References of a row to the rows they mean (`tables.md`, References; `files.md` S27 and S45)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kg.model.graph import MASKED, NodeRef, Value
from kg.schema import Table
from kg.sealing.sealer import Sealer
from kg.text import fold, join_key, split_key
from loaders.grammar_codes import has_form, is_occupation_code
from loaders.keys import NUMBER_COLUMN, Resolved, SpooledRow, encoded, key_columns, key_part, spellings
from loaders.known import Known
from loaders.persons import Persons
from loaders.plans import (
    CROSSWALK_EDITIONS,
    ID_NUMBER,
    ID_TYPE,
    PERSON_ID,
    Reference,
    ReferenceKind,
    TablePlan,
)
from loaders.report import SheetContext
from loaders.telling import Telling
from loaders.title_reader import TitleReader

USCC: Final = re.compile(r"[0-9A-HJ-NP-RTUW-Y]{18}")
_SETTLED_AT_MOST: Final = 65_536


@dataclass(frozen=True, slots=True)
class Cell:
    """A reference of a row while it is resolved: `values` and `other` are those of the whole row so far.

    `other` holds, by column, the other spellings under which the store may have the row.
    """

    raw: SpooledRow
    reference: Reference
    value: Value
    values: dict[str, Value]
    other: dict[str, list[str]]

    @property
    def items(self) -> Sequence[str]:
        """The targets that the cell names."""
        return self.reference.items(self.value)

    def mean(self, value: Value) -> None:
        """Let the cell mean that from now on."""
        self.values[self.reference.key] = value

    def spelled(self, text: str) -> None:
        """Note another spelling of what the cell means."""
        self.other.setdefault(self.reference.key, []).append(text)


class Resolver(Telling):
    """Resolves the rows of one table; the rejects and warnings it finds are left in `rejects` and `warnings`."""

    def __init__(
        self,
        plan: TablePlan,
        known: Known,
        persons: Persons,
        sealer: Sealer,
        contexts: Sequence[SheetContext],
        terms: set[tuple[str, str]],
        titles: TitleReader,
    ) -> None:
        super().__init__(contexts)
        self.plan, self._known, self._persons, self._sealer = plan, known, persons, sealer
        self._terms, self._titles = terms, titles
        self._targets: dict[tuple[str, str], NodeRef] = {}
        self._tokens: dict[tuple[str | None, str], str] = {}
        self._settled: dict[tuple[str, str], tuple[str, list[str]]] = {}
        """What a text in a column stands for, and its other spellings, where there is nothing to say about it."""
        held = {column.key for column in plan.table.columns}
        names = {reference.key: f"{reference.key}_name" for reference in plan.references}
        self._name_columns = {key: name for key, name in names.items() if name in held}

    def learn(self, rows: Sequence[SpooledRow]) -> None:
        """Ask the store in bulk for whatever these rows refer to."""
        wanted: dict[str, tuple[Table, set[str]]] = {}
        numbers: set[str] = set()
        tokens: set[str] = set()
        self._tokens.clear()
        for reference in self.plan.references:
            self._gather(reference, rows, wanted, numbers)
        if self.plan.is_person_table:
            for row in rows:
                token = self._token(row.values)
                tokens.update([token] if token else [])
        for table, codes in wanted.values():
            self._known.learn(table, codes)
        self._persons.learn(numbers, tokens)

    def _gather(
        self,
        reference: Reference,
        rows: Sequence[SpooledRow],
        wanted: dict[str, tuple[Table, set[str]]],
        numbers: set[str],
    ) -> None:
        key = reference.key
        found = {item for value in {row.values.get(key) for row in rows} for item in reference.items(value)}
        if reference.kind is ReferenceKind.PERSON:
            numbers |= set(map(encoded, found))
        elif reference.kind in {ReferenceKind.PLAIN, ReferenceKind.ORGANISATION}:
            if reference.kind is ReferenceKind.ORGANISATION:
                found = {item for item in found if USCC.fullmatch(item)}
            for table in reference.targets:
                wanted.setdefault(table.key, (table, set()))[1].update(map(encoded, found))

    def resolve(self, raw: SpooledRow) -> Resolved:
        """Return the row with its references resolved; `good` is False when one of them rejects it."""
        before = len(self.rejects)
        values = dict(raw.values)
        other: dict[str, list[str]] = {}
        person, person_part = None, None
        if self.plan.is_person_table:
            person, person_part = self._person(raw, other)
        for reference in self.plan.outer_references:
            value = raw.values.get(reference.key)
            if value is None or value == MASKED or reference.key in raw.rejected:
                continue
            settled = self._settled.get((reference.key, value)) if type(value) is str else None
            if settled is None:
                self._settle(Cell(raw, reference, value, values, other))
            else:
                values[reference.key] = settled[0]
                if settled[1]:
                    other[reference.key] = settled[1]
        self._told_names(raw, values)
        self._ends_differ(raw, values)
        good = not raw.rejected and len(self.rejects) == before
        parts, variants = self._key(raw, values, person_part, other)
        token = self._token(values) if ID_NUMBER in values else None
        key = "" if parts is None else join_key(parts)
        good = good and parts is not None
        return Resolved(raw.sheet, raw.number, values, parts, variants, person, token, good, key)

    def target(self, reference: Reference, item: str) -> NodeRef | None:
        """Return the node that a resolved item points to; None for a person who is not known."""
        if reference.kind is ReferenceKind.PERSON:
            person = self._persons.own(encoded(item))
            return NodeRef(reference.target_kind, person.key) if person else None
        found = self._targets.get((reference.key, item))
        if found is None:
            found = self._targets[reference.key, item] = self._found_target(reference, item)
        return found

    def _found_target(self, reference: Reference, item: str) -> NodeRef:
        if reference.kind is ReferenceKind.VOCABULARY:
            table = reference.targets[0]
            return NodeRef(table.kind, self._known.canonical(table, item) or encoded(item))
        key = encoded(item)
        for table in reference.targets[1:]:
            if self._known.has(table, key) and not self._known.has(reference.targets[0], key):
                return NodeRef(table.kind, key)
        return NodeRef(reference.target_kind, key)

    def _person(self, raw: SpooledRow, other: dict[str, list[str]]) -> tuple[str | None, str | None]:
        """Return talent key and key part of the person of a row (person_id, or id_number instead)."""
        number, token = raw.values.get(PERSON_ID), self._token(raw.values)
        if raw.rejected and (PERSON_ID in raw.rejected or ID_NUMBER in raw.rejected):
            return None, str(number) if number else None
        if number is not None and number != MASKED:
            return self._numbered(raw, str(number), token), str(number)
        if not token:
            code = "masked-key" if raw.values.get(ID_NUMBER) or number else "missing-required"
            if not raw.rejected:
                self._reject(raw, PERSON_ID, code, "没有可用的人才编号或证件号码，请补全后重报")
            return None, None
        key = self._persons.key_of(token)
        if key is None:
            self._reject(
                raw, ID_NUMBER, "unknown-reference", "的人不在人才表中，请先导入该人", raw.values[ID_NUMBER]
            )
            return None, None
        own = self._persons.number_of(token)
        # the token stays what it is when talent keys are joined, so the row keeps its key
        unnumbered = f"#{self._sealer.token(PERSON_ID, token)}"
        other[PERSON_ID] = [unnumbered] if own else []
        return key, split_key(own)[0] if own else unnumbered

    def _numbered(self, raw: SpooledRow, number: str, token: str) -> str | None:
        person = self._persons.own(encoded(number))
        if person is None:
            self._reject(raw, PERSON_ID, "unknown-reference", f"“{number}”不在人才表中，请先导入该人", number)
            return None
        known = self._persons.key_of(token) if token else None
        if token and known != person.key and (known or person.identity not in {"", token}):
            self._reject(
                raw,
                ID_NUMBER,
                "ambiguous-reference",
                "与人才编号不是同一个人，请核对后重报",
                raw.values[ID_NUMBER],
            )
        return person.key

    def _token(self, values: dict[str, Value]) -> str:
        number = values.get(ID_NUMBER)
        if not isinstance(number, str) or MASKED in number:
            return ""
        kind = values.get(ID_TYPE)
        key = (kind if isinstance(kind, str) else None, number)
        token = self._tokens.get(key)
        if token is None:
            token = self._tokens[key] = self._sealer.id_token(*key)
        return token

    def _settle(self, cell: Cell) -> None:
        """Resolve one reference and remember it for the rows to come, where nothing had to be said about it."""
        said = len(self.rejects), len(self.warnings)
        self._reference(cell)
        key, value, meant = cell.reference.key, cell.value, cell.values[cell.reference.key]
        if (
            said == (len(self.rejects), len(self.warnings))
            and type(value) is str
            and type(meant) is str
            and cell.reference.kind is not ReferenceKind.PERSON
            and CROSSWALK_EDITIONS.get(key) is None
            and not self._has_titles(cell)
            and len(self._settled) < _SETTLED_AT_MOST
        ):
            self._settled[key, value] = meant, cell.other.get(key, [])

    def _reference(self, cell: Cell) -> None:
        reference = cell.reference
        if reference.kind is ReferenceKind.ORGANISATION:
            self._organisation(cell)
            return
        if self._has_titles(cell):
            self._titled(cell)
            return
        for item in cell.items:
            if reference.kind is ReferenceKind.EDITIONED:
                self._editioned(cell, item)
            elif reference.kind is ReferenceKind.VOCABULARY:
                self._term(cell, item)
            elif reference.kind is ReferenceKind.PERSON:
                if self._persons.own(encoded(item)) is None:
                    self._missing(cell, item, well_formed=True)
            elif not any(self._known.has(table, encoded(item)) for table in reference.targets):
                form = has_form(reference.column, reference.targets[0].key, item)
                self._missing(cell, item, well_formed=form)

    def _has_titles(self, cell: Cell) -> bool:
        """True for a column of titles, and where the source is known to have the title in it (`kept_titles`)."""
        reading, key = self._contexts[cell.raw.sheet].reading, cell.reference.key
        kept = reading.kept.get(key, ())
        return key in reading.titles or any(fold(item) in kept for item in cell.items)

    def _titled(self, cell: Cell) -> None:
        """Read titles of occupations as codes; one that is not sure enough stays as it is, for people to decide."""
        found = []
        for item in cell.items:
            code = item if is_occupation_code(item) else self._titles.code(item)
            if code is None:
                text = f"“{item}”对应哪个职业编码没有把握，先按名称收下，请到核对队列里选定"
                self._warn(cell.raw, cell.reference.key, "new-term", text, item)
            else:
                self._editioned(cell, code)
                if code != item:
                    cell.spelled(item)
            found.append(code or item)
        if isinstance(cell.value, tuple):
            cell.mean(tuple(dict.fromkeys(found)))
        elif found:
            cell.mean(found[0])

    def _organisation(self, cell: Cell) -> None:
        found = []
        for item in cell.items:
            code = self._code_of(cell, item)
            if code is not None and code != item:
                cell.spelled(item)
            found.append(code)
        if isinstance(cell.value, tuple):
            cell.mean(tuple(dict.fromkeys(code for code in found if code is not None)))
        elif found and found[0] is None:
            cell.mean(None)
            name_column = self._name_columns[cell.reference.key]
            if not cell.raw.values.get(name_column):
                cell.values[name_column] = cell.value
        elif found:
            cell.mean(found[0])

    def _told_names(self, raw: SpooledRow, values: dict[str, Value]) -> None:
        """Give the code beside a name that people have said means an organisation."""
        for key, name_column in self._name_columns.items():
            name, absent = values.get(name_column), values.get(key) is None and key not in raw.rejected
            if absent and isinstance(name, str):
                told = self._known.told_organisation(self.plan.by_column[key].targets, name)
                values |= {} if told is None else {key: told}

    def _code_of(self, cell: Cell, item: str) -> str | None:
        """Return the credit code meant, the text itself where it is not known; None if it moves to the name column."""
        raw, reference = cell.raw, cell.reference
        if any(self._known.has(table, item) for table in reference.targets):
            return item
        coded = USCC.fullmatch(item) is not None
        full, short = ([], []) if coded else self._known.organisations(reference.targets, item)
        told = None if coded or len(full) == 1 else self._known.told_organisation(reference.targets, item)
        if len(full) == 1 or told is not None:
            return told or full[0]
        if full:
            code, hint = "ambiguous-reference", f"“{item}”有 {len(full)} 家同名单位，请改填统一社会信用代码"
        elif short:
            named = "、".join(self._known.label(reference.targets, candidate) for candidate in short)
            code, hint = "unknown-reference", f"“{item}”是简称，可能是 {named}，请改填全称或代码"
        else:
            code, hint = "unknown-reference", f"“{item}”不在单位表中，请核对，或先导入该单位"
        if reference.column.hard:
            self._reject(raw, reference.key, code, hint, item)
        else:
            self._warn(raw, reference.key, "unknown-organisation", hint, item)
            if not coded and reference.key in self._name_columns:
                return None
        return item

    def _editioned(self, cell: Cell, item: str) -> None:
        table, key = cell.reference.targets[0], cell.reference.key
        edition = cell.raw.values.get(CROSSWALK_EDITIONS.get(key, ""))
        wanted = f"{item.partition('@')[0]}@{edition}" if edition else item
        if not self._known.listed(table, wanted):
            self._missing(cell, item, well_formed=has_form(cell.reference.column, table.key, item))
            return
        bare = self._known.bare(table, item)
        newest = self._known.newest(table, bare) if "@" not in bare else None
        cell.other[key] = [f"{bare}@{newest}"] if newest else []

    def _term(self, cell: Cell, item: str) -> None:
        table = cell.reference.targets[0]
        if self._known.canonical(table, item) is None and (table.key, item) not in self._terms:
            self._terms.add((table.key, item))
            text = f"“{item}”是词表中没有的新词，已按原文收下"
            self._warn(cell.raw, cell.reference.key, "new-term", text, item)

    def _missing(self, cell: Cell, item: str, *, well_formed: bool) -> None:
        raw, key, table = cell.raw, cell.reference.key, cell.reference.targets[0].zh
        if cell.reference.column.hard:
            text = f"“{item}”不在{table}表中，请核对，或先导入该{table}"
            self._reject(raw, key, "unknown-reference", text, item)
        elif well_formed:
            self._warn(raw, key, "unknown-reference", f"“{item}”不在{table}表中，先按代码收下", item)
        else:
            self._reject(raw, key, "bad-code", f"“{item}”不是{table}代码的写法，请核对后重报", item)

    def _ends_differ(self, raw: SpooledRow, values: dict[str, Value]) -> None:
        ends = self.plan.table.ends
        if ends is None or self.plan.by_column[ends[0]].kind not in {
            ReferenceKind.ORGANISATION,
            ReferenceKind.PERSON,
        }:
            return
        first, second = (values.get(end) for end in ends)
        if first is not None and first == second and first != MASKED and ends[1] not in raw.rejected:
            self._reject(raw, ends[1], "self-reference", "与另一端是同一个，请核对后重报", first)

    def _key(
        self, raw: SpooledRow, values: dict[str, Value], person_part: str | None, other: dict[str, list[str]]
    ) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
        columns = key_columns(self.plan, values)
        if raw.rejected and not set(raw.rejected).isdisjoint({*columns, *self.plan.table.natural_key}):
            return None, ()
        parts = []
        for column in columns:
            part = self._part(column, values, person_part)
            if part is None:
                return None, ()
            parts.append(part)
        found = tuple(parts)
        return found, () if other.keys().isdisjoint(columns) else spellings(columns, found, other)

    def _part(self, column: str, values: dict[str, Value], person_part: str | None) -> str | None:
        if column == PERSON_ID and self.plan.is_person_table:
            return person_part
        value = values.get(column)
        reference = self.plan.by_column.get(column)
        if reference is not None and reference.kind is ReferenceKind.EDITIONED and isinstance(value, str):
            return self._known.bare(reference.targets[0], value)
        if column in self.plan.sealed and value is not None:
            return self._sealer.token(NUMBER_COLUMN, key_part(value).upper())
        return key_part(value)
