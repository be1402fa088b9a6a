"""Questions of the explorer's canvas: scenes, expansion, paths, why an edge exists, the evidence of an answer."""

import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from kg.errors import InvalidInputError, NotFoundError
from kg.index.views import source_ranks
from kg.model.batches import in_force
from kg.model.graph import Edge, NodeRef, Row, RowId
from kg.model.viewers import Viewer
from kg.paths.book import Book
from kg.paths.connecting import Asked, connect
from kg.paths.edge_index import EdgeIndex, changed_edges, edge_of
from kg.paths.edges import outgoing, tell_edge
from kg.paths.expanding import Wish, expand
from kg.paths.finding import Finder, lens_of
from kg.paths.scenes import MOST_NODES, USUAL_NODES, Filters, Reader, Scene
from kg.paths.splitting import Group, split
from kg.paths.surroundings import Forbidden
from kg.policy.rights import sight
from kg.service.frame import Frame, Json, within

_EDGE: Final = re.compile("[0-9a-f]{20}")
_NO_EDGE: Final = "没有这条关系，或您无权查看。请从图上重新点选"
_IGNORED: Final = "未显示数不受日期、可信度、来源筛选影响"


class SceneQuestions(Frame):
    """The canvas; what the viewer may not see is told exactly like what is not there."""

    _search: Finder | None = None
    _book: Book | None = None
    _edge_index: tuple[EdgeIndex, int, Mapping[str, RowId]] | None = None
    _edge_lock: Final = threading.Lock()

    def scene(self, nodes: Sequence[str], filters: Filters | None = None, *, viewer: Viewer) -> Json:
        """Return the visible ones of at most 500 nodes, the edges among them, and what of each is not in the scene."""
        refs = [_ref(text, "nodes") for text in nodes]
        within("nodes", len(refs), 0, MOST_NODES)
        filters = filters or Filters()
        self._check_filters(filters)
        reader = self._reader(viewer)
        scene = Scene.of(reader, refs, filters)
        meant = {reader.book.canonical(ref) for ref in refs}
        shown = self._filtered(scene)
        out = len(meant) - len(reader.nodes(meant))
        return {**shown, "left_out": out, "filtered": len(meant) - out - len(scene.nodes)}

    def expand(
        self,
        node: str,
        shown: Sequence[str],
        *,
        viewer: Viewer,
        relation: str | None = None,
        direction: str | None = None,
        kind: str | None = None,
        limit: int = 10,
        filters: Filters | None = None,
    ) -> Json:
        """Return the most relevant hidden neighbours of a node of the scene, and the badges of the whole scene."""
        within("limit", limit, 1, 100)
        within("shown", len(shown), 0, MOST_NODES)
        filters = filters or Filters()
        named = frozenset({relation}) if relation is not None else frozenset[str]()
        self._check_filters(replace(filters, relations=(filters.relations or frozenset()) | named))
        reader = self._reader(viewer)
        ref = reader.book.canonical(_ref(node, "node"))
        if not reader.nodes([ref]):
            raise NotFoundError()
        wish = Wish(node=ref, relation=relation, direction=direction, kind=kind, limit=limit)
        found = expand(reader, wish, [_ref(text, "shown") for text in shown], filters, self.today())
        scene, added = found.scene, set(found.added)
        touching = [
            edge for edge in scene.edges if added & {reader.book.canonical(edge.link.start), reader.book.canonical(edge.link.end)}
        ]  # fmt: skip
        edges = scene.told_edges(touching)
        notes = [] if found.ranked_all else [f"邻居太多，只比较了前 {found.compared:,} 个"]
        if len(scene.nodes) >= MOST_NODES:
            notes.append(f"一张图最多 {MOST_NODES} 个节点，其余合并显示")
        told = self._told_scene(scene, edges, [scene.node(one) for one in found.added], notes)
        return {
            **told,
            "node": str(found.node),
            "counts": [scene.badge(one) for one in scene.nodes],
            "left": found.left,
            "ranked": found.compared,
            "ranked_all": found.ranked_all,
            "left_out": 0,
            "filtered": 0,
        }

    def split_group(
        self, node: str, relation: str, direction: str, kind: str, by: str | None = None, *, viewer: Viewer
    ) -> Json:
        """Return a group of neighbours that no scene can hold in parts with exact counts, by another relation of theirs."""
        self._check_filters(
            Filters(kinds=frozenset({kind}), relations=frozenset({relation, *([by] if by else [])}))
        )
        if direction not in {"in", "out"}:
            raise InvalidInputError("方向（direction）应为 out 或 in", field="direction", value=direction)
        reader = self._reader(viewer)
        ref = reader.book.canonical(_ref(node, "node"))
        if not reader.nodes([ref]):
            raise NotFoundError()
        return split(reader, Group(node=ref, relation=relation, direction=direction, kind=kind), by)

    def paths(
        self,
        start: str,
        end: str,
        *,
        viewer: Viewer,
        k: int = 5,
        max_length: int = 4,
        forbid: Sequence[str] = (),
    ) -> Json:
        """Return the k most telling paths between two nodes; `forbid` names nodes, relations or edges not to use."""
        within("k", k, 1, 50)
        within("max_length", max_length, 1, 6)
        reader = self._reader(viewer)
        ends = [reader.book.canonical(_ref(text, name)) for text, name in ((start, "from"), (end, "to"))]
        if len(reader.nodes(ends)) < len(set(ends)):
            raise NotFoundError()
        if ends[0] == ends[1]:
            raise InvalidInputError("两端是同一个节点，请另选一端", field="to", value=end)
        forbidden = self._forbidden(reader, forbid)
        asked = Asked(
            start=ends[0], end=ends[1], k=k, max_length=max_length, forbidden=forbidden, today=self.today()
        )
        if forbidden.nodes & set(ends):
            raise InvalidInputError(
                "两端不能同时被排除", field="forbid", value=str(sorted(map(str, forbidden.nodes & set(ends))))
            )
        return connect(reader, asked)

    def _forbidden(self, reader: Reader, forbid: Sequence[str]) -> Forbidden:
        """Return what paths may not use: `kind:key`, a relation, or 20 hex digits of an edge."""
        within("forbid", len(forbid), 0, 100)
        relations = frozenset(text for text in forbid if text in self._schema.relations)
        edges = frozenset(text for text in forbid if _EDGE.fullmatch(text))
        nodes = [_ref(text, "forbid") for text in forbid if text not in relations | edges]
        return Forbidden(
            nodes=frozenset(reader.book.canonical(ref) for ref in nodes), relations=relations, edges=edges
        )

    def edge(self, number: str, *, viewer: Viewer, source: str | None = None) -> Json:
        """Return why an edge exists. `source` (kind:key of its start) finds it at once; without it, by the index of ids."""
        reader = self._reader(viewer)
        found = self._edge_from(reader, number, source) or self._edge_by_id(number)
        if found is not None:
            edge, row = found
            told = tell_edge(reader, edge, row, self._store.batches())
            if told is not None:
                return told
        raise NotFoundError(_NO_EDGE)

    def _edge_from(self, reader: Reader, number: str, source: str | None) -> tuple[Edge, Row] | None:
        if source is None:
            return None
        edge = outgoing(reader, _ref(source, "source"), number)
        row = None if edge is None else next(iter(self._store.rows(ids=[edge.row])), None)
        return None if edge is None or row is None else (edge, row)

    def _edge_by_id(self, number: str) -> tuple[Edge, Row] | None:
        if not _EDGE.fullmatch(number):
            return None
        index, changed = self._edges_known()
        written = [changed[number]] if number in changed else []
        for row in self._store.rows(ids=[*index.rows(number), *written]):
            edge = edge_of(row, number)
            if edge is not None:
                return edge, row
        return None

    def _edges_known(self) -> tuple[EdgeIndex, Mapping[str, RowId]]:
        """Return the index of edge ids, and the edges of rows written since it was made."""
        with self._edge_lock:
            newest = self._store.revision()
            if self._edge_index is None:
                self._edge_index = (EdgeIndex.of(self._store), newest, {})
            index, known, changed = self._edge_index
            if known < newest:
                changed = {**changed, **changed_edges(self._store, known)}
                self._edge_index = (index, newest, changed)
            return index, changed

    def _reader(self, viewer: Viewer) -> Reader:
        world = self.world()
        book = self._book
        if book is None or book.world is not world:
            sources = [batch.source for batch in in_force(self._store.batches())]
            ranks = source_ranks(sources, self._policy.common.source_order)
            book = self._book = Book(self._store, self._schema, world, ranks)
        return Reader(book, viewer, sight(viewer, self._schema))

    def _check_filters(self, filters: Filters) -> None:
        known = {"kinds": self._schema.by_kind, "relations": self._schema.relations}
        for name, allowed in known.items():
            for value in sorted(getattr(filters, name) or ()):
                if value not in allowed:
                    raise InvalidInputError(
                        f"没有“{value}”，请从图例中选择", field=f"filters.{name}", value=value
                    )

    def _filtered(self, scene: Scene) -> Json:
        edges = scene.told_edges()
        return self._told_scene(scene, edges, [scene.node(ref) for ref in scene.nodes], [])

    def _told_scene(self, scene: Scene, edges: list[Json], nodes: list[Json], notes: Iterable[str]) -> Json:
        ignored = scene.filters.unknown_to_counts
        return {
            "nodes": nodes,
            "edges": edges,
            "groups": scene.groups(),
            **scene.legend(self._kind_totals(scene.reader)),
            "limits": {"usual": USUAL_NODES, "most": MOST_NODES},
            "counts_ignore": ignored,
            "note": "；".join([*notes, *([_IGNORED] if ignored else [])]),
            "revision": scene.reader.book.world.revision,
            "as_of": self.today().isoformat(),
        }

    def _kind_totals(self, reader: Reader) -> Mapping[str, int]:
        """Return how many nodes of each searchable kind the viewer may find; nothing before anybody has searched."""
        finder = self._search
        if finder is None or finder.revision != reader.book.world.revision:
            return {}
        return finder.counts(lens_of(reader.viewer))


def _ref(text: str, field: str) -> NodeRef:
    try:
        return NodeRef.parse(text)
    except ValueError as error:
        raise InvalidInputError(
            "节点应写成 类型:编号，如 enterprise:9137…", field=field, value=text
        ) from error
