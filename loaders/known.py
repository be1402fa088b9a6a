"""What a reference may point to: the rows accepted so far in this batch, and those that the store already has."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from kg.index.lookups import edition_order, split_edition
from kg.model.batches import in_force, told_names
from kg.model.graph import NodeRef, Row, RowId, Value
from kg.ports import GraphStore
from kg.schema import Table
from kg.text import fold, fold_name
from loaders.plans import TablePlan

LOOKUP_CHUNK: Final = 500
_ORGANISATION: Final = "organisation"
GROUPS_OF_CODE: Final = 4
"""Groups of an occupation code that a table lists; a fifth one (工种) is cut (`scoring.md` §1)."""


def chunked(items: Iterable[str], size: int = LOOKUP_CHUNK) -> Iterable[list[str]]:
    """Yield the items in lists of at most `size`."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


@dataclass(slots=True)
class _Names:
    """Names and aliases of the rows of one table, folded."""

    names: dict[str, set[str]] = field(default_factory=dict)
    aliases: dict[str, set[str]] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    loaded: bool = False


class Known:
    """The targets of references, asked in bulk from the store and then from dictionaries.

    `delivered` are the tables that any batch ever held: the others are not asked for. A stored row that this batch
    retires is not known any more.
    """

    def __init__(self, store: GraphStore, source: str, delivered: Iterable[str]) -> None:
        self._store = store
        self.source = source
        self.delivered = frozenset(delivered)
        self.retired: set[RowId] = set()
        self.fresh: dict[str, list[Mapping[str, Value]]] = {}
        """Values of the rows of this batch, of tables keyed by (code, edition)."""
        self._replaced: set[RowId] = set()
        self._codes: dict[str, dict[str, bool]] = {}
        self._names: dict[str, _Names] = {}
        self._editions: dict[str, dict[str, set[str]]] = {}
        self._newest: dict[tuple[str, str], str | None] = {}
        self._canonical: dict[tuple[str, str], str | None] = {}
        self._told: dict[str, str] | None = None

    def learn(self, table: Table, codes: set[str]) -> None:
        """Ask the store which of these node keys it has, so that `has` answers for them."""
        known = self._codes.setdefault(table.key, {})
        missing = sorted(code for code in codes if code not in known)
        if table.key in self.delivered:
            for chunk in chunked(missing):
                nodes = [NodeRef(table.kind, code) for code in chunk]
                for row in self._store.rows(table=table.key, nodes=nodes):
                    if row.node is not None and row.id not in self.retired:
                        known[row.node.key] = True
        for code in missing:
            known.setdefault(code, False)

    def has(self, table: Table, code: str) -> bool:
        """Return whether the table has a row of that node key (after `learn`)."""
        return self._codes.get(table.key, {}).get(code, False)

    def organisations(self, tables: tuple[Table, ...], name: str) -> tuple[list[str], list[str]]:
        """Return the codes of the organisations with that full name, and those that have it as alias."""
        folded = fold_name(name)
        full: set[str] = set()
        short: set[str] = set()
        for table in tables:
            names = self._loaded(table)
            full |= names.names.get(folded, set())
            short |= names.aliases.get(folded, set())
        return sorted(full), sorted(short)

    def told_organisation(self, tables: tuple[Table, ...], name: str) -> str | None:
        """Return the code of the organisation that people have said a name means, if it is stored."""
        if self._told is None:
            self._told = told_names(in_force(self._store.batches()), _ORGANISATION)
        code = self._told.get(fold_name(name)) if self._told else None
        known = code is not None and any(code in self._loaded(table).labels for table in tables)
        return code if known else None

    def label(self, tables: tuple[Table, ...], code: str) -> str:
        """Return an organisation as messages name it: full name and code."""
        names = (self._loaded(table).labels.get(code) for table in tables)
        return f"{next((name for name in names if name), '')}（{code}）"

    def listed(self, table: Table, reference: str) -> bool:
        """Return whether a table keyed by (code, edition) lists `code` or `code@edition`."""
        code, edition = split_edition(reference)
        index = self._edition_index(table)
        editions = index.get(code) or index.get("-".join(code.split("-")[:GROUPS_OF_CODE]))
        return bool(editions) and (edition is None or edition in (editions or ()))

    def bare(self, table: Table, reference: str) -> str:
        """Return the reference without its edition when that is the newest that lists the code."""
        code, edition = split_edition(reference)
        return code if edition is not None and edition == self.newest(table, code) else reference

    def newest(self, table: Table, code: str) -> str | None:
        """Return the newest edition that lists the code; None when none does."""
        if (table.key, code) not in self._newest:
            editions = self._edition_index(table).get(code)
            self._newest[table.key, code] = max(editions, key=edition_order) if editions else None
        return self._newest[table.key, code]

    def canonical(self, table: Table, text: str) -> str | None:
        """Return the name under which the open vocabulary lists a text, by name or alias; None if it does not."""
        key = (table.key, text)
        if key not in self._canonical:
            names, folded = self._loaded(table), fold(text)
            found = names.names.get(folded) or names.aliases.get(folded)
            self._canonical[key] = min(found) if found else None
        return self._canonical[key]

    def accept(self, plan: TablePlan, row: RowId, node_key: str, values: Mapping[str, Value]) -> None:
        """Remember a row that this batch stores."""
        table = plan.table
        if plan.is_editioned:
            self._edition_index(table).setdefault(str(values["code"]), set()).add(
                str(values.get("edition") or "")
            )
            self._newest.pop((table.key, str(values["code"])), None)
            self.fresh.setdefault(table.key, []).append(values)
            return
        self._codes.setdefault(table.key, {})[node_key] = True
        if plan.is_organisation or table.open_vocabulary:
            self._replaced.add(row)
            self._add_names(self._names.setdefault(table.key, _Names()), table, node_key, values)
            self._canonical.clear()

    def retire(self, rows: Iterable[RowId]) -> None:
        """Remember the stored rows that vanish with this batch."""
        self.retired.update(rows)

    def _loaded(self, table: Table) -> _Names:
        names = self._names.setdefault(table.key, _Names())
        if not names.loaded:
            names.loaded = True
            for row in self._stored(table):
                if row.node is not None and row.id not in self._replaced:
                    self._add_names(names, table, row.node.key, row.values)
        return names

    def _edition_index(self, table: Table) -> dict[str, set[str]]:
        found = self._editions.get(table.key)
        if found is None:
            found = self._editions[table.key] = {}
            for row in self._stored(table):
                found.setdefault(str(row.values["code"]), set()).add(str(row.values.get("edition") or ""))
        return found

    def _stored(self, table: Table) -> Iterable[Row]:
        if table.key not in self.delivered:
            return ()
        return (row for row in self._store.rows(table=table.key) if row.id not in self.retired)

    def _add_names(self, names: _Names, table: Table, key: str, values: Mapping[str, Value]) -> None:
        folder = fold if table.open_vocabulary else fold_name
        name, aliases = values.get("name"), values.get("aliases")
        if isinstance(name, str):
            names.names.setdefault(folder(name), set()).add(key)
            names.labels[key] = name
        if isinstance(aliases, tuple):
            for alias in aliases:
                names.aliases.setdefault(folder(alias), set()).add(key)
