"""Questions about names that registers use: organisations and titles of trades that no table lists, with candidates."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from kg.history.rollback import changes_of
from kg.identity.organisation_names import NameIndex
from kg.identity.review_queue import ORGANISATION, TITLE
from kg.identity.titles import EDITION_OF_TITLES, TitleIndex, trade_titles
from kg.index.lookups import edition_order
from kg.model.graph import MASKED, Link, NodeRef, Row, RowChange, Value
from kg.model.rules import LinkageRules
from kg.ports import GraphStore
from kg.schema import Column, Schema, Table
from kg.sealing.sealer import Sealer
from kg.text import fold, fold_name, join_key

Record = dict[str, Any]
MOST_QUESTIONS: Final = 2_000
"""So many names of a kind are asked about at a time, those of most rows first."""
_ALL: Final = 1_000_000_000
_CHUNK: Final = 500
_ORGANISATIONS: Final = ("enterprises", "schools")
_OCCUPATIONS: Final = "occupations"
_CODES: Final = {
    ORGANISATION: re.compile(r"[0-9A-HJ-NP-RTUW-Y]{18}"),
    TITLE: re.compile(r"\d-\d{2}-\d{2}(-\d{2}){0,2}(@.+)?"),
}
_FOLDS: Final = {ORGANISATION: fold_name, TITLE: fold}


@dataclass(slots=True)
class _Uses:
    """The spellings of one name, and how many rows of which tables use it."""

    texts: dict[str, None] = field(default_factory=dict)
    tables: dict[str, int] = field(default_factory=dict)


def name_questions(
    store: GraphStore, schema: Schema, sealer: Sealer, rules: LinkageRules
) -> dict[str, list[Record]]:
    """Return the open questions about names, by kind of question."""
    used = _uses(store, schema)
    organisations, titles = organisation_index(store), title_index(store)
    found: dict[str, list[Record]] = {ORGANISATION: [], TITLE: []}
    for kind, uses in used.items():
        ordered = sorted(uses, key=lambda text: (-sum(uses[text].tables.values()), text))
        for text in ordered[:MOST_QUESTIONS]:
            offered: list[Record]
            if kind == ORGANISATION:
                names = organisations.candidates(text, rules.candidates)
                offered = [one._asdict() for one in names if one.score >= rules.organisation_from]
            else:
                offered = [one._asdict() for one in titles.guesses(text, rules.candidates) if one.score > 0]
            if offered:
                found[kind].append(_question(kind, text, uses[text], offered, sealer))
    return found


def organisation_index(store: GraphStore) -> NameIndex:
    """Return the index of the stored organisations by all their names."""
    names: dict[str, dict[str, None]] = {}
    for table in _ORGANISATIONS:
        for row in store.rows(table=table):
            if row.node is not None:
                names.setdefault(row.node.key, {}).update(dict.fromkeys(_names(row.values)))
    return NameIndex({key: list(found) for key, found in names.items() if found})


def title_index(store: GraphStore) -> TitleIndex:
    """Return the index of the stored occupations, each code in its newest edition, with the common trade titles.

    Titles are given for one edition; codes of other editions get theirs through the crosswalk.
    """
    newest: dict[str, str] = {}
    names: dict[str, dict[str, None]] = {}
    for row in store.rows(table=_OCCUPATIONS):
        code, edition = str(row.values["code"]), str(row.values.get("edition") or "")
        if edition_order(edition) >= edition_order(newest.get(code, "")):
            newest[code] = edition
            names.setdefault(code, {}).update(dict.fromkeys(_names(row.values)))
    for code, titles in _titles_here(store, newest).items():
        names[code].update(dict.fromkeys(titles))
    return TitleIndex({code: list(found) for code, found in names.items() if found})


def renamed(
    store: GraphStore, schema: Schema, record: Mapping[str, Any], target: str | None
) -> Iterator[RowChange]:
    """Yield what a decision about a name makes of the rows that use it; target None takes the last one back."""
    if target is None:
        yield from _taken_back(store, record)
        return
    kind = str(record["kind"])
    home = _home_of(store, schema, kind, target)
    texts = set(record["texts"])
    for row in _users(store, schema, kind, texts):
        changed = _named(row, schema.by_key[row.id.table], kind, texts, NodeRef(home.kind, target))
        if changed != row:
            yield RowChange(id=row.id, row=changed)


def _titles_here(store: GraphStore, newest: Mapping[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    crossed: dict[str, set[str]] = {}
    for row in store.rows(table="occupation_crosswalk"):
        ends = [(str(row.values[f"{end}_code"]), str(row.values[f"{end}_edition"])) for end in ("from", "to")]
        for (code, edition), (other, _) in (ends, ends[::-1]):
            if edition == EDITION_OF_TITLES:
                crossed.setdefault(code, set()).add(other)
    for code, titles in trade_titles().items():
        here = (
            {code}
            if newest.get(code) in {EDITION_OF_TITLES, ""}
            else crossed.get(code, set()) & newest.keys()
        )
        for other in sorted(here) if len(here) == 1 else ():
            found.setdefault(other, []).extend(titles)
    return found


def _uses(store: GraphStore, schema: Schema) -> dict[str, dict[str, _Uses]]:
    """Return the names that rows use for things that no table lists, folded, by kind of question."""
    known = {
        row.node.key for table in _ORGANISATIONS for row in store.rows(table=table) if row.node is not None
    }
    found: dict[str, dict[str, _Uses]] = {ORGANISATION: {}, TITLE: {}}
    for table in schema.tables:
        columns = [(column, kind) for column in table.columns if (kind := _kind_of(column)) is not None]
        if not columns:
            continue
        for row in store.rows(table=table.key):
            for kind, text in dict.fromkeys(_texts(row, table, columns)):
                if MASKED in text or _CODES[kind].fullmatch(text) or text in known:
                    continue
                uses = found[kind].setdefault(_FOLDS[kind](text), _Uses())
                uses.texts[text] = None
                uses.tables[table.key] = uses.tables.get(table.key, 0) + 1
    return found


def _texts(row: Row, table: Table, columns: Sequence[tuple[Column, str]]) -> Iterator[tuple[str, str]]:
    for column, kind in columns:
        value = row.values.get(column.key)
        if value is None:
            named = row.values.get(_name_column(table, column))
            value = named if kind == ORGANISATION else None
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, str):
                yield kind, _bare(item, column)


def _kind_of(column: Column) -> str | None:
    if set(column.refers_to) & set(_ORGANISATIONS):
        return ORGANISATION
    return TITLE if column.refers_to == (_OCCUPATIONS,) else None


def _name_column(table: Table, column: Column) -> str:
    """Return the column that keeps an organisation's name beside its code, "" where there is none."""
    name = f"{column.key}_name"
    return name if any(other.key == name for other in table.columns) else ""


def _bare(item: str, column: Column) -> str:
    """Return the target that an item of a list names, without its weight."""
    return item.rpartition("=")[0] or item if "weighted" in column.type.value else item


def _question(kind: str, folded: str, uses: _Uses, offered: list[Record], sealer: Sealer) -> Record:
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
        "candidates": offered,
        "probability": None,
    }


def _home_of(store: GraphStore, schema: Schema, kind: str, target: str) -> Table:
    if kind == TITLE:
        return schema.by_key[_OCCUPATIONS]
    refs = [NodeRef(schema.by_key[key].kind, target) for key in _ORGANISATIONS]
    kinds = {row.node.kind for row in store.rows(nodes=refs) if row.node is not None}
    return next(
        (schema.by_key[key] for key in _ORGANISATIONS if schema.by_key[key].kind in kinds),
        schema.by_key["enterprises"],
    )


def _users(store: GraphStore, schema: Schema, kind: str, texts: set[str]) -> Iterator[Row]:
    """Yield the rows that name any of these texts: by their links, and by the name beside an absent code."""
    kinds = [schema.by_key[key].kind for key in (_ORGANISATIONS if kind == ORGANISATION else (_OCCUPATIONS,))]
    nodes = [NodeRef(one, join_key((text,))) for one in kinds for text in sorted(texts)]
    names = {edge.row for edge in store.edges(nodes, direction="in", limit=_ALL)}
    names |= {edge.row for edge in store.edges(nodes, direction="out", limit=_ALL)}
    for table in schema.tables if kind == ORGANISATION else ():
        pairs = [
            (c.key, name) for c in table.columns if _kind_of(c) == kind and (name := _name_column(table, c))
        ]
        for row in store.rows(table=table.key) if pairs else ():
            if any(row.values.get(code) is None and row.values.get(name) in texts for code, name in pairs):
                names.add(row.id)
    wanted = sorted(names)
    for start in range(0, len(wanted), _CHUNK):
        yield from store.rows(ids=wanted[start : start + _CHUNK])


def _named(row: Row, table: Table, kind: str, texts: set[str], target: NodeRef) -> Row:
    values: dict[str, Value] = dict(row.values)
    added: list[Link] = []
    for column in table.columns:
        if _kind_of(column) != kind:
            continue
        value = values.get(column.key)
        if isinstance(value, tuple):
            values[column.key] = tuple(
                dict.fromkeys(_replaced(item, column, texts, target.key) for item in value)
            )
        elif isinstance(value, str) and value in texts:
            values[column.key] = target.key
        elif value is None and kind == ORGANISATION and values.get(_name_column(table, column)) in texts:
            values[column.key] = target.key
            if row.node is not None:
                added.append(Link(row.node, f"{table.key}.{column.key}", target))
    ends = {join_key((text,)) for text in texts}
    kinds = {"enterprise", "school"} if kind == ORGANISATION else {target.kind}
    links = [
        Link(_turned(link.start, kinds, ends, target), link.relation, _turned(link.end, kinds, ends, target))
        for link in row.links
    ]
    owners = tuple(dict.fromkeys(target.key if owner in texts else owner for owner in row.owners))
    return replace(row, values=values, links=tuple(dict.fromkeys([*links, *added])), owners=owners)


def _replaced(item: str, column: Column, texts: set[str], key: str) -> str:
    bare = _bare(item, column)
    return key + item[len(bare) :] if bare in texts else item


def _turned(end: NodeRef, kinds: set[str], keys: set[str], target: NodeRef) -> NodeRef:
    return target if end.kind in kinds and end.key in keys else end


def _taken_back(store: GraphStore, record: Mapping[str, Any]) -> Iterator[RowChange]:
    """Yield the rows as they were before the decision, column by column, where nothing has changed them since."""
    revision = next((batch.revision for batch in store.batches() if batch.id == record.get("batch")), None)
    for change in changes_of(store, revision) if revision is not None else ():
        live = next(iter(store.rows(ids=[change.id])), None)
        if live is None or change.before is None or change.after is None:
            continue
        before, after = change.before, change.after
        values = dict(live.values)
        for key in before.values.keys() | after.values.keys():
            old, new = before.values.get(key), after.values.get(key)
            if old != new and values.get(key) == new:
                values.pop(key, None)
                values |= {} if old is None else {key: old}
        gone = set(after.links) - set(before.links)
        links = [link for link in live.links if link not in gone] + [
            link for link in before.links if link not in after.links and gone & set(live.links)
        ]
        owners = before.owners if live.owners == after.owners else live.owners
        restored = replace(live, values=values, links=tuple(dict.fromkeys(links)), owners=owners)
        if restored != live:
            yield RowChange(id=live.id, row=restored)


def _names(values: Mapping[str, Value]) -> list[str]:
    name, aliases = values.get("name"), values.get("aliases")
    return [*([name] if isinstance(name, str) else []), *(aliases if isinstance(aliases, tuple) else ())]


__all__ = ["MOST_QUESTIONS", "name_questions", "organisation_index", "renamed", "title_index"]
