"""What a decision about a name makes of the rows that use it, and how it is taken back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from kg.history.rollback import changes_of
from kg.identity.names import OCCUPATIONS, ORGANISATIONS, bare, kind_of, name_column
from kg.identity.review_queue import ORGANISATION, TITLE
from kg.model.graph import Link, NodeRef, Row, RowChange, RowId, Value
from kg.ports import GraphStore
from kg.schema import Column, Schema, Table
from kg.text import join_key

_ALL: Final = 1_000_000_000
_CHUNK: Final = 500


def renamed(
    store: GraphStore, schema: Schema, record: Mapping[str, Any], target: str | None
) -> Iterator[RowChange]:
    """Yield what a decision about a name makes of the rows that use it; target None takes the last one back."""
    if target is None:
        yield from _taken_back(store, schema, record)
        return
    kind = str(record["kind"])
    home = _home_of(store, schema, kind, target)
    texts = set(record["texts"])
    for row in _users(store, schema, kind, texts):
        changed = _named(row, schema.by_key[row.id.table], kind, texts, NodeRef(home.kind, target))
        if changed != row:
            yield RowChange(id=row.id, row=changed)


def renamed_together(
    store: GraphStore, schema: Schema, targets: Sequence[tuple[Mapping[str, Any], str]]
) -> tuple[list[RowChange], set[str]]:
    """Return what decisions about names of organisations make of the rows that use them, each taken back by itself.

    With them the ids of those that are left out: a row that uses two of the names would belong to both decisions.
    """
    places = {text: place for place, (record, _) in enumerate(targets) for text in record["texts"]}
    used: dict[RowId, set[int]] = {}
    rows = list(_users(store, schema, ORGANISATION, set(places)))
    for row in rows:
        texts = _texts_of(row, schema.by_key[row.id.table], ORGANISATION)
        used[row.id] = {places[text] for text in texts if text in places}
    crossed = {place for found in used.values() if len(found) > 1 for place in found}
    homes = [NodeRef(_home_of(store, schema, ORGANISATION, key).kind, key) for _, key in targets]
    changes = []
    for row in rows:
        for place in used[row.id] - crossed:
            texts = set(targets[place][0]["texts"])
            changed = _named(row, schema.by_key[row.id.table], ORGANISATION, texts, homes[place])
            changes += [RowChange(id=row.id, row=changed)] if changed != row else []
    return changes, {str(targets[place][0]["id"]) for place in crossed}


def _texts_of(row: Row, table: Table, kind: str) -> set[str]:
    """Return the texts of a row that may stand for something of that kind: in its columns, and beside absent codes."""
    found: set[str] = set()
    for column in table.columns:
        if kind_of(column) != kind:
            continue
        value = row.values.get(column.key)
        beside = row.values.get(name_column(table, column)) if kind == ORGANISATION else None
        if isinstance(value, tuple):
            found.update(bare(item, column) for item in value)
        elif isinstance(value, str):
            found.add(value)
        elif isinstance(beside, str):
            found.add(beside)
    return found


def _home_of(store: GraphStore, schema: Schema, kind: str, target: str) -> Table:
    if kind == TITLE:
        return schema.by_key[OCCUPATIONS]
    refs = [NodeRef(schema.by_key[key].kind, target) for key in ORGANISATIONS]
    kinds = {row.node.kind for row in store.rows(nodes=refs) if row.node is not None}
    return next(
        (schema.by_key[key] for key in ORGANISATIONS if schema.by_key[key].kind in kinds),
        schema.by_key["enterprises"],
    )


def _users(store: GraphStore, schema: Schema, kind: str, texts: set[str]) -> Iterator[Row]:
    """Yield the rows that name any of these texts: by their links, and by the name beside an absent code."""
    kinds = [schema.by_key[key].kind for key in (ORGANISATIONS if kind == ORGANISATION else (OCCUPATIONS,))]
    nodes = [NodeRef(one, join_key((text,))) for one in kinds for text in sorted(texts)]
    names = {edge.row for edge in store.edges(nodes, direction="in", limit=_ALL)}
    names |= {edge.row for edge in store.edges(nodes, direction="out", limit=_ALL)}
    for table in schema.tables if kind == ORGANISATION else ():
        pairs = [
            (c.key, name) for c in table.columns if kind_of(c) == kind and (name := name_column(table, c))
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
        if kind_of(column) != kind:
            continue
        value = values.get(column.key)
        if isinstance(value, tuple):
            values[column.key] = tuple(
                dict.fromkeys(_replaced(item, column, texts, target.key) for item in value)
            )
        elif isinstance(value, str) and value in texts:
            values[column.key] = target.key
        elif value is None and kind == ORGANISATION and values.get(name_column(table, column)) in texts:
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
    plain = bare(item, column)
    return key + item[len(plain) :] if plain in texts else item


def _turned(end: NodeRef, kinds: set[str], keys: set[str], target: NodeRef) -> NodeRef:
    return target if end.kind in kinds and end.key in keys else end


def _taken_back(store: GraphStore, schema: Schema, record: Mapping[str, Any]) -> Iterator[RowChange]:
    """Yield the rows as they were before the decision, column by column, where nothing has changed them since.

    Its batch may hold decisions about other names, too: their rows stay.
    """
    texts = set(record["texts"])
    revision = next((batch.revision for batch in store.batches() if batch.id == record.get("batch")), None)
    for change in changes_of(store, revision) if revision is not None else ():
        live = next(iter(store.rows(ids=[change.id])), None)
        if live is None or change.before is None or change.after is None:
            continue
        before, after = change.before, change.after
        if texts.isdisjoint(_texts_of(before, schema.by_key[before.id.table], str(record["kind"]))):
            continue
        values = dict(live.values)
        for key in before.values.keys() | after.values.keys():
            old, new = before.values.get(key), after.values.get(key)
            if old != new and values.get(key) == new:
                values.pop(key, None)
                values |= {} if old is None else {key: old}
        links = _links_back(live, before, after)
        owners = before.owners if live.owners == after.owners else live.owners
        restored = replace(live, values=values, links=links, owners=owners)
        if restored != live:
            yield RowChange(id=live.id, row=restored)


def _links_back(live: Row, before: Row, after: Row) -> tuple[Link, ...]:
    """Return the live links with those that the decision made replaced, in their places, by those that it took."""
    made = [link for link in after.links if link not in before.links]
    taken = [link for link in before.links if link not in after.links]
    if not set(made) & set(live.links):
        return live.links
    found: list[Link] = []
    for link in live.links:
        found += [link] if link not in made else taken if len(made) == 1 else taken[made.index(link) :][:1]
    return tuple(dict.fromkeys(found))
