"""Questions about names that registers use: organisations and titles of trades that no table lists, with candidates."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from kg.identity.organisation_names import NameIndex
from kg.identity.review_queue import ORGANISATION, TITLE
from kg.identity.title_meaning import TitlesByMeaning, installed_meaning
from kg.identity.titles import TitleIndex, index_of
from kg.model.graph import MASKED, Change, Row, Value
from kg.model.rules import LinkageRules
from kg.ports import GraphStore
from kg.schema import Column, Schema, Table
from kg.sealing.sealer import Sealer
from kg.text import fold, fold_name

Record = dict[str, Any]
MOST_QUESTIONS: Final = 2_000
"""So many names of a kind are asked about at a time, those of most rows first."""
ORGANISATIONS: Final = ("enterprises", "schools")
OCCUPATIONS: Final = "occupations"
CROSSWALK: Final = "occupation_crosswalk"
_CODES: Final = {
    ORGANISATION: re.compile(r"[0-9A-HJ-NP-RTUW-Y]{18}"),
    TITLE: re.compile(r"\d-\d{2}-\d{2}(-\d{2}){0,2}(@.+)?"),
}
_FOLDS: Final = {ORGANISATION: fold_name, TITLE: fold}


@dataclass(slots=True)
class Uses:
    """The spellings of one name, how many rows of which tables use it, and what it may mean."""

    texts: dict[str, None] = field(default_factory=dict)
    tables: dict[str, int] = field(default_factory=dict)
    offers: list[Record] = field(default_factory=list)

    def on_top_of(self, question: Record | None) -> "Uses":
        """Return these uses added to those that a question counts already."""
        if question is None:
            return self
        known: dict[str, int] = question["tables"]
        tables = {name: known.get(name, 0) + self.tables.get(name, 0) for name in {**known, **self.tables}}
        return Uses(
            dict.fromkeys([*question["texts"], *self.texts]), {k: n for k, n in tables.items() if n > 0}
        )


class NameQuestions:
    """Makes questions of names; the indexes of what they may mean are built when first needed."""

    def __init__(self, store: GraphStore, schema: Schema, sealer: Sealer, rules: LinkageRules) -> None:
        self._store, self._schema, self._sealer, self._rules = store, schema, sealer, rules
        self._organisations: NameIndex | None = None
        self._titles: TitleIndex | TitlesByMeaning | None = None

    def all(self) -> dict[str, list[Record]]:
        """Return the open questions about names, by kind of question; every row is read."""
        found: dict[str, list[Record]] = {ORGANISATION: [], TITLE: []}
        rows = (row for table in self._schema.tables for row in self._store.rows(table=table.key))
        for kind, uses in _counted(((row, 1) for row in rows), self._schema).items():
            ordered = sorted(uses, key=lambda text: (-sum(uses[text].tables.values()), text))
            for text in ordered[:MOST_QUESTIONS]:
                uses[text].offers = self._offers(kind, text)
                if uses[text].offers:
                    found[kind].append(_question(kind, text, uses[text], self._sealer))
        return found

    def changed(
        self, changes: Iterable[Change], known: Iterable[Record], *, anew: bool
    ) -> dict[str, list[Record]]:
        """Return the open questions as changes of rows make them of the `known` ones.

        Only names in the changes are looked up; with `anew` also those of the known questions.
        """
        found = {kind: {one["folded"]: one for one in known if one["kind"] == kind} for kind in _FOLDS}
        for kind, uses in _counted(_signed(changes), self._schema).items():
            for text in sorted(uses):
                before = found[kind].pop(text, None)
                use = uses[text].on_top_of(before)
                use.offers = before["candidates"] if before else self._offers(kind, text)
                if use.offers and sum(use.tables.values()) > 0:
                    found[kind][text] = _question(kind, text, use, self._sealer)
        asked = {kind: list(questions.values()) for kind, questions in found.items()}
        return {kind: [self._anew(one) for one in asked[kind]] for kind in asked} if anew else asked

    def _anew(self, question: Record) -> Record:
        return {**question, "candidates": self._offers(question["kind"], question["folded"])}

    def _offers(self, kind: str, text: str) -> list[Record]:
        """Return what a name may mean, best first; empty when nothing is like it."""
        if kind == ORGANISATION:
            self._organisations = self._organisations or organisation_index(self._store)
            names = self._organisations.candidates(text, self._rules.candidates)
            return [one._asdict() for one in names if one.score >= self._rules.organisation_from]
        self._titles = self._titles or self._title_guesses()
        return [one._asdict() for one in self._titles.guesses(text, self._rules.candidates) if one.score > 0]

    def _title_guesses(self) -> TitleIndex | TitlesByMeaning:
        index, meaning = title_index(self._store), installed_meaning()
        sure = self._rules.title_from - self._rules.title_margin
        return index if meaning is None else TitlesByMeaning(index, meaning, sure=sure)


def changes_vocabulary(change: Change) -> bool:
    """True for a row of what names may mean: then every name must be looked up anew."""
    return change.id.table in {*ORGANISATIONS, OCCUPATIONS, CROSSWALK} or not change.id.key


def organisation_index(store: GraphStore) -> NameIndex:
    """Return the index of the stored organisations by all their names."""
    names: dict[str, dict[str, None]] = {}
    for table in ORGANISATIONS:
        for row in store.rows(table=table):
            if row.node is not None:
                names.setdefault(row.node.key, {}).update(dict.fromkeys(_names(row.values)))
    return NameIndex({key: list(found) for key, found in names.items() if found})


def title_index(store: GraphStore) -> TitleIndex:
    """Return the index of the stored occupations, each code in its newest edition, with the common trade titles.

    Titles are given for one edition; codes of other editions get theirs through the crosswalk.
    """
    occupations = (row.values for row in store.rows(table=OCCUPATIONS))
    return index_of(occupations, (row.values for row in store.rows(table=CROSSWALK)))


def _signed(changes: Iterable[Change]) -> Iterator[tuple[Row, int]]:
    for change in changes:
        if change.before is not None:
            yield change.before, -1
        if change.after is not None:
            yield change.after, 1


def _counted(rows: Iterable[tuple[Row, int]], schema: Schema) -> dict[str, dict[str, Uses]]:
    """Return the names that rows use for things that no table lists, folded, by kind; each row counts as its number says."""
    named = {table.key: _named_columns(table) for table in schema.tables}
    found: dict[str, dict[str, Uses]] = {ORGANISATION: {}, TITLE: {}}
    for row, number in rows:
        columns = named[row.id.table]
        for kind, text in dict.fromkeys(_texts(row, schema.by_key[row.id.table], columns)) if columns else ():
            if MASKED in text or _CODES[kind].fullmatch(text):
                continue
            uses = found[kind].setdefault(_FOLDS[kind](text), Uses())
            uses.texts[text] = None
            uses.tables[row.id.table] = uses.tables.get(row.id.table, 0) + number
    return found


def _named_columns(table: Table) -> list[tuple[Column, str]]:
    return [(column, kind) for column in table.columns if (kind := kind_of(column)) is not None]


def _texts(row: Row, table: Table, columns: Sequence[tuple[Column, str]]) -> Iterator[tuple[str, str]]:
    for column, kind in columns:
        value = row.values.get(column.key)
        if value is None:
            named = row.values.get(name_column(table, column))
            value = named if kind == ORGANISATION else None
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, str):
                yield kind, bare(item, column)


def kind_of(column: Column) -> str | None:
    if set(column.refers_to) & set(ORGANISATIONS):
        return ORGANISATION
    return TITLE if column.refers_to == (OCCUPATIONS,) else None


def name_column(table: Table, column: Column) -> str:
    """Return the column that keeps an organisation's name beside its code, "" where there is none."""
    name = f"{column.key}_name"
    return name if any(other.key == name for other in table.columns) else ""


def bare(item: str, column: Column) -> str:
    """Return the target that an item of a list names, without its weight."""
    return item.rpartition("=")[0] or item if "weighted" in column.type.value else item


def _question(kind: str, folded: str, uses: Uses, sealer: Sealer) -> Record:
    texts = sorted(uses.texts)
    return {
        "id": f"{kind[0]}-{sealer.token('review', kind, folded)[:16]}",
        "kind": kind,
        "reason": f"unknown-{kind}",
        "text": texts[0],
        "texts": texts,
        "folded": folded,
        "count": sum(uses.tables.values()),
        "tables": dict(sorted(uses.tables.items())),
        "candidates": uses.offers,
        "probability": None,
    }


def _names(values: Mapping[str, Value]) -> list[str]:
    name, aliases = values.get("name"), values.get("aliases")
    return [*([name] if isinstance(name, str) else []), *(aliases if isinstance(aliases, tuple) else ())]
