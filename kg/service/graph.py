"""Questions of the explorer: who am I, search, a node, its neighbours."""

import threading
from dataclasses import replace
from datetime import date
from typing import Final

from kg.errors import AmbiguousNameError, NotFoundError
from kg.history.past import holds_on
from kg.identity.joins import joins_of, told_joins
from kg.identity.moving import PERSON_KIND
from kg.model.graph import NodeRef
from kg.model.viewers import Viewer
from kg.paths.finding import Finder, find
from kg.paths.nodes import Found, Neighbourhood, node_page
from kg.policy.rights import may_recommend, sees_all, sight
from kg.service.frame import Frame, Json, within
from kg.service.moments import Moment
from kg.text import fold


class GraphQuestions(Frame):
    """Walking the graph; what the viewer may not see is told exactly like what is not there."""

    _search: Finder | None = None
    _search_lock: Final = threading.Lock()

    def me(self, *, viewer: Viewer) -> Json:
        """Return who the viewer is and what he may see."""
        seen = sight(viewer, self._schema)
        kinds = dict.fromkeys(sorted(self._schema.by_kind), "all") if seen is None else {
            **dict.fromkeys(sorted(seen.kinds), "all"),
            **dict.fromkeys(sorted(seen.scoped), "public-or-own"),
            **dict.fromkeys(sorted(seen.owned), "own"),
        }  # fmt: skip
        org = self.world().organisations.by_code.get(viewer.org or "")
        return {
            "name": viewer.name,
            "roles": sorted(role.value for role in viewer.roles),
            "org": None
            if viewer.org is None
            else {"key": viewer.org, "name": org.name if org else viewer.org},
            "kinds": kinds,
            "may_recommend": may_recommend(viewer),
        }

    def search(self, q: str, kind: str | None = None, limit: int = 20, *, viewer: Viewer) -> Json:
        """Return nodes by name, alias, code, pinyin or initials; `q` may start with a kind and a colon (企业:)."""
        within("limit", limit, 1, 200)
        return self._find(q, kind, limit, viewer)

    def warm(self) -> None:
        """Make the indexes of questions and of the search, and read the log of questions, before somebody waits for it."""
        self._search_index()
        self._exposures.catch_up()

    def resolve_node(self, text: str, *, viewer: Viewer) -> NodeRef:
        """Return the node written as `kind:key`, or the only one of that exact name; several are refused."""
        kind, colon, key = text.partition(":")
        if colon and key and kind in self._schema.by_kind:
            return NodeRef(kind, key)
        found = self._find(text, None, 200, viewer)
        nodes = [
            hit["node"]
            for hit in found["items"]
            if hit["matched"]["field"] in {"name", "code"} and fold(hit["matched"]["text"]) == fold(text)
        ]
        if not nodes:
            raise NotFoundError(f"没有找到“{text}”：请写 类型:编号（如 enterprise:9137…），或完整名称")
        if len(nodes) > 1:
            raise AmbiguousNameError(
                f"有 {len(nodes)} 个节点叫“{text}”，请改写成 类型:编号",
                field="node",
                value=text,
                candidates=[(f"{node['kind']}:{node['key']}", node["name"]) for node in nodes],
            )
        return NodeRef(nodes[0]["kind"], nodes[0]["key"])

    def node(
        self,
        kind: str,
        key: str,
        *,
        viewer: Viewer,
        as_of: date | None = None,
        known_at: int | str | None = None,
    ) -> Json:
        """Return the properties of a node that the viewer may read, each with its source.

        With `as_of`, only rows that hold on that day speak (`holds` says whether there is one); with `known_at` (a
        revision, a day, a time) they are those that were known then. Of a person of several rows an officer is also
        told why they are one (`joined`), as it was decided then.
        """
        moment = self._moment(known_at, viewer)
        found = self._found(kind, key, viewer, moment)
        holding = [row for row in found.rows if holds_on(row, as_of)]
        page = node_page(found if as_of is None else replace(found, rows=tuple(holding)), viewer)
        return {
            **page,
            "node": found.json(),
            "holds": bool(holding) or not found.rows,
            **self._times(moment, None if as_of is None else self._day(as_of)),
            **({"joined": self._joined(found, moment)} if kind == PERSON_KIND and sees_all(viewer) else {}),
        }

    def _joined(self, found: Found, moment: Moment) -> Json | None:
        """Return why the rows of a person are one person; None for a single row."""
        if len(found.rows) < 2:
            return None
        rows, question = {row.id for row in found.rows}, self._identity_questions(moment)
        joins = joins_of(found.ref.key, rows, self._sealer, question)
        return told_joins(found.ref.key, found.rows, joins, self._sealer)

    def neighbours(
        self,
        kind: str,
        key: str,
        *,
        viewer: Viewer,
        relation: str | None = None,
        direction: str | None = None,
        limit: int = 20,
        cursor: str | None = None,
        as_of: date | None = None,
        known_at: int | str | None = None,
    ) -> Json:
        """Return the node's neighbours in groups; totals are exact and count only what the viewer may see.

        With `as_of`, only edges whose row holds on that day; with `known_at`, as they were known then.
        """
        within("limit", limit, 1, 200)
        moment = self._moment(known_at, viewer)
        day = None if as_of is None else self._day(as_of)
        found = self._found(kind, key, viewer, moment)
        seen = sight(viewer, self._schema)
        around = Neighbourhood(moment.on(day), self._schema, found, viewer, seen)
        told = around.groups(relation, direction, limit, cursor)
        return {**told, **self._times(moment, day)}

    def _find(self, words: str, kind: str | None, limit: int, viewer: Viewer) -> Json:
        index = self._search_index()
        return find(index, self.world(), self._schema, words, kind=kind, limit=limit, viewer=viewer)

    def _search_index(self) -> Finder:
        """Return the search index of the newest revision; made when somebody first searches."""
        found = self._search
        if found is None or found.revision < self._store.revision():
            with self._search_lock:
                found, world = self._search, self.world()
                if found is None or found.revision < world.revision:
                    parts = (self._store, self._sealer, self._schema, world)
                    found = self._search = Finder.of(*parts) if found is None else found.refreshed(*parts)
        return found
