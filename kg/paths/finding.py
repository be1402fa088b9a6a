"""Search over names, aliases, codes, pinyin and initials, as the viewer may see them."""

import gc
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from sys import intern
from typing import Any, Final

from kg.errors import InvalidInputError
from kg.index.generations import give_back
from kg.index.search import Entry, Hit, Lens, Mask, SearchIndex
from kg.index.sounds import let_go
from kg.index.world import World
from kg.model.graph import NodeRef, Row
from kg.model.viewers import Viewer
from kg.policy.rights import sees_all
from kg.ports import GraphStore
from kg.schema import Schema, Table, Visibility
from kg.sealing.sealer import Sealer
from kg.text import mask_name

Json = dict[str, Any]
_CHUNK: Final = 500
_MOST_CHANGED: Final = 5_000
_BETWEEN: Final = "\t"
_TOLD: Final = ("level", "occupation", "district")
"""Columns of a person that stand in the subtitle; of everything else it is the district alone."""


def entries(
    store: GraphStore, sealer: Sealer, schema: Schema, world: World, *, nodes: Sequence[NodeRef] | None = None
) -> Iterator[Entry]:
    """Yield every node that can be found, or those of `nodes`; names of persons are unsealed into memory only."""
    for table in schema.tables:
        searchable = [column for column in table.columns if column.searchable]
        rows = store.rows(table=table.key, nodes=nodes)
        if table.kind == "talent":
            yield from _persons(store, sealer, world, rows)
        elif searchable and not table.is_relation:
            yield from _plain(rows, table, world)


def _plain(rows: Iterable[Row], table: Table, world: World) -> Iterator[Entry]:
    listed = [column for column in table.columns if column.searchable]
    closed = any(c.type.is_list and table.visibility_of(c) is not table.visibility for c in listed)
    seen: set[NodeRef] = set()
    for row in rows:
        if row.node is None or row.node in seen:
            continue
        seen.add(row.node)
        aliases = tuple(item for c in listed if c.type.is_list for item in _items(row, c.key))
        codes = tuple(
            str(row.values[c.key])
            for c in listed
            if not c.type.is_list and c.key in row.values and c.key != table.name_column
        )
        yield Entry(
            node=_kept(row.node, world),
            name=row.label,
            shown_name=row.label,
            about=_about(table.zh, row, "district"),
            codes=codes,
            aliases=aliases,
            closed_aliases=closed,
            owners=row.owners,
            open=table.visibility is Visibility.PUBLIC
            or (table.visibility is Visibility.SCOPED and row.public),
            ownable=table.visibility in {Visibility.SCOPED, Visibility.ORGANISATION},
        )


def _items(row: Row, column: str) -> tuple[str, ...]:
    value = row.values.get(column)
    return value if isinstance(value, tuple) else ()


def _about(kind: str, row: Row, *columns: str) -> str:
    """Return what a subtitle is made of in one word, which many nodes share; occupation and district stay codes."""
    values = (row.values.get(column) if column in columns else None for column in _TOLD)
    return intern(_BETWEEN.join((kind, *(value if isinstance(value, str) else "" for value in values))))


def _subtitle(about: str, world: World) -> str:
    """Return it in the names of the day: whoever is renamed stands under thousands of nodes."""
    kind, level, occupation, district = about.split(_BETWEEN)
    names = world.occupations
    trade = names.name(names.resolve(occupation)) if occupation else ""
    place = world.travel.name(district) if district else ""
    return " · ".join(part for part in (kind, level, trade, place) if part)


def _kept(node: NodeRef, world: World) -> NodeRef:
    """Return the node with words that the index keeps anyway: a city has as many of them as people."""
    place = world.talents.index.get(node.key) if node.kind == "talent" else None
    return NodeRef(intern(node.kind), node.key if place is None else world.talents.keys[place])


def _persons(store: GraphStore, sealer: Sealer, world: World, rows: Iterable[Row]) -> Iterator[Entry]:
    chunk: list[Row] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == _CHUNK:
            yield from _named(store, sealer, chunk, world)
            chunk = []
    yield from _named(store, sealer, chunk, world)


def _named(store: GraphStore, sealer: Sealer, rows: list[Row], world: World) -> Iterator[Entry]:
    blobs = store.sealed([row.id for row in rows])
    for row in rows:
        plain = sealer.unseal(blobs[row.id], row.id) if row.id in blobs else {}
        name = str(plain.get("name") or "")
        if row.node is not None:
            yield Entry(
                node=_kept(row.node, world),
                name=name,
                shown_name=intern(mask_name(name)),
                about=_about("人才", row, *_TOLD),
                codes=(row.id.key,),
                person=True,
                open=False,
            )


@dataclass(frozen=True, slots=True)
class Finder:
    """The search index of one revision: what was read in bulk, less the nodes changed since, and these read anew."""

    revision: int
    whole: SearchIndex
    changed: frozenset[NodeRef]
    gone: Mask | None
    newer: SearchIndex | None

    @classmethod
    def of(cls, store: GraphStore, sealer: Sealer, schema: Schema, world: World) -> "Finder":
        """Read everything that can be found."""
        whole = SearchIndex(entries(store, sealer, schema, world))
        let_go()
        gc.collect()
        gc.freeze()
        give_back()
        return cls(world.revision, whole, frozenset(), None, None)

    def refreshed(self, store: GraphStore, sealer: Sealer, schema: Schema, world: World) -> "Finder":
        """Return the index of a newer revision: few changed nodes are read anew, after many changes everything is."""
        changed = set(self.changed)
        for change in store.changes(self.revision):
            row = change.after or change.before
            if row is None or len(changed) > _MOST_CHANGED:
                return Finder.of(store, sealer, schema, world)
            if row.node is not None:
                changed.add(row.node)
        read = entries(store, sealer, schema, world, nodes=sorted(changed))
        return Finder(
            world.revision, self.whole, frozenset(changed), self.whole.places_of(changed), SearchIndex(read)
        )

    def find(
        self, query: str, *, kinds: frozenset[str] | None, lens: Lens, limit: int
    ) -> tuple[Sequence[Hit], int]:
        """Return the best visible hits, one a node, and how many nodes there are."""
        hits, total = self.whole.find(query, kinds=kinds, lens=lens, limit=limit, without=self.gone)
        if self.newer is None:
            return hits, total
        more, further = self.newer.find(query, kinds=kinds, lens=lens, limit=limit)
        return sorted((*hits, *more), key=lambda hit: hit.order)[:limit], total + further

    def counts(self, lens: Lens) -> dict[str, int]:
        """Return how many nodes of each kind can be found."""
        found = self.whole.counts(lens, self.gone)
        for kind, count in ({} if self.newer is None else self.newer.counts(lens)).items():
            found[kind] = found.get(kind, 0) + count
        return found


def find(
    index: Finder, world: World, schema: Schema, query: str, *, kind: str | None, limit: int, viewer: Viewer
) -> Json:
    """Return the hits that the viewer may see, best first, with an exact total; subtitles in the names of `world`."""
    prefix, colon, rest = query.replace("：", ":", 1).partition(":")
    named = {table.zh: table.kind for table in schema.by_kind.values()} | {
        table.kind: table.kind for table in schema.by_kind.values()
    }
    if kind is None and colon and prefix.strip() in named:
        kind, query = named[prefix.strip()], rest
    if kind is not None and kind not in schema.by_kind:
        text = f"没有这种类型（kind）；可用：{'、'.join(sorted(schema.by_kind))}"
        raise InvalidInputError(text, field="kind", value=kind)

    kinds = None if kind is None else frozenset({kind})
    hits, total = index.find(query, kinds=kinds, lens=lens_of(viewer), limit=limit)
    return {
        "items": [_hit(hit, world) for hit in hits],
        "total": total,
        "total_is_exact": True,
        "kind": kind,
    }


def lens_of(viewer: Viewer) -> Lens:
    """Return what the viewer may find: officers everything; others what is open, and their organisation's."""
    return Lens(everything=sees_all(viewer), org=viewer.org)


def _hit(hit: Hit, world: World) -> Json:
    entry = hit.entry
    text = entry.shown_name if entry.person and hit.field in {"name", "pinyin", "initials"} else hit.text
    return {
        "node": {"kind": entry.node.kind, "key": entry.node.key, "name": entry.shown_name},
        "subtitle": _subtitle(entry.about, world),
        "matched": {"field": hit.field, "text": text},
    }
