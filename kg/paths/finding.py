"""Search over names, aliases, codes, pinyin and initials, as the viewer may see them."""

from collections.abc import Iterator

from kg.errors import InvalidInputError
from kg.index.search import Entry, Hit, SearchIndex
from kg.index.world import World
from kg.model.graph import NodeRef, Row
from kg.model.viewers import Viewer
from kg.policy.rights import owns, sees, sees_all
from kg.ports import GraphStore
from kg.schema import Schema, Table
from kg.sealing.sealer import Sealer
from kg.text import mask_name

Json = dict[str, object]
_CHUNK = 500


def entries(store: GraphStore, sealer: Sealer, schema: Schema, world: World) -> Iterator[Entry]:
    """Yield every node that can be found; names of persons are unsealed into memory only."""
    for table in schema.tables:
        searchable = [column for column in table.columns if column.searchable]
        if table.kind == "talent":
            yield from _persons(store, sealer, world)
        elif searchable and not table.is_relation:
            yield from _plain(store, table, world)


def _plain(store: GraphStore, table: Table, world: World) -> Iterator[Entry]:
    listed = [column for column in table.columns if column.searchable]
    closed = any(c.type.is_list and table.visibility_of(c) is not table.visibility for c in listed)
    seen: set[NodeRef] = set()
    for row in store.rows(table=table.key):
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
            node=row.node,
            name=row.label,
            shown_name=row.label,
            subtitle=_subtitle(row, table, world),
            codes=codes,
            aliases=aliases,
            closed_aliases=closed,
            owners=row.owners,
            public=row.public,
        )


def _items(row: Row, column: str) -> tuple[str, ...]:
    value = row.values.get(column)
    return value if isinstance(value, tuple) else ()


def _subtitle(row: Row, table: Table, world: World) -> str:
    district = row.values.get("district")
    parts = [table.zh, world.travel.name(district) if isinstance(district, str) else ""]
    return " · ".join(part for part in parts if part)


def _persons(store: GraphStore, sealer: Sealer, world: World) -> Iterator[Entry]:
    chunk: list[Row] = []
    for row in store.rows(table="talents"):
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
        level, occupation = row.values.get("level"), row.values.get("occupation")
        trade = (
            world.occupations.name(world.occupations.resolve(occupation))
            if isinstance(occupation, str)
            else ""
        )
        district = row.values.get("district")
        place = world.travel.name(district) if isinstance(district, str) else ""
        if row.node is not None:
            yield Entry(
                node=row.node,
                name=name,
                shown_name=mask_name(name),
                subtitle=" · ".join(str(part) for part in ("人才", level, trade, place) if part),
                codes=(row.id.key,),
                person=True,
                public=False,
            )


def find(
    index: SearchIndex, schema: Schema, query: str, *, kind: str | None, limit: int, viewer: Viewer
) -> Json:
    """Return the hits that the viewer may see, best first, with an exact total."""
    prefix, colon, rest = query.replace("：", ":", 1).partition(":")
    named = {table.zh: table.kind for table in schema.by_kind.values()} | {
        table.kind: table.kind for table in schema.by_kind.values()
    }
    if kind is None and colon and prefix.strip() in named:
        kind, query = named[prefix.strip()], rest
    if kind is not None and kind not in schema.by_kind:
        text = f"没有这种类型（kind）；可用：{'、'.join(sorted(schema.by_kind))}"
        raise InvalidInputError(text, field="kind", value=kind)

    def may_see(entry: Entry, *, closed: bool = False) -> bool:
        if closed:
            return sees_all(viewer) or owns(viewer, entry.owners)
        return sees(viewer, schema.by_kind[entry.node.kind], entry.owners, public=entry.public)

    hits = index.find(query, kinds=None if kind is None else frozenset({kind}), sees=may_see)
    distinct: dict[NodeRef, Hit] = {}
    for hit in hits:
        distinct.setdefault(hit.entry.node, hit)
    shown = list(distinct.values())[:limit]
    return {
        "items": [_hit(hit) for hit in shown],
        "total": len(distinct),
        "total_is_exact": True,
        "kind": kind,
    }


def _hit(hit: Hit) -> Json:
    entry = hit.entry
    text = entry.shown_name if entry.person and hit.field in {"name", "pinyin", "initials"} else hit.text
    return {
        "node": {"kind": entry.node.kind, "key": entry.node.key, "name": entry.shown_name},
        "subtitle": entry.subtitle,
        "matched": {"field": hit.field, "text": text},
    }
