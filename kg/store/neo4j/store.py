"""The graph store on a Neo4j server: several services may share it, analysts may read the graph with Cypher.

For analysts: `(:Entity:School {name, …})-[:OFFERINGS_SCHOOL]->(…)` is the graph as published, with what everyone may
see. Names with `_` in front are the store's own. Neo4j has no snapshots: every read is made for the newest revision
that is known, says in which state the store was when it ended, and is made again when that was too old.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from heapq import merge
from operator import itemgetter
from typing import Any, Final, LiteralString, TypeAlias, TypeVar
from uuid import uuid4

from kg.errors import StoreBusyError
from kg.model.graph import Batch, Change, Row, RowId
from kg.schema import Schema
from kg.store import rules
from kg.store.answers import in_order, read_change, read_row
from kg.store.disk_store import Values
from kg.store.neo4j.connection import Connection
from kg.store.neo4j.forms import SEPARATOR, erased_of, name_of, read_told_batch
from kg.store.neo4j.lease import CHUNK, LAST
from kg.store.neo4j.making import found_store, prepare
from kg.store.neo4j.pruning import prune
from kg.store.neo4j.publishing import PART, Publisher

T = TypeVar("T")
State: TypeAlias = tuple[int, int]
"""Revision, and how often something that older revisions need was taken away."""
SCAN: Final = 10_000
_LOOK_UPS: Final = 5_000
_BATCHES: Final = 50
_TRIES: Final = 8
_MOVED: Final = "moved"
# Nothing is called so. The server plans a statement, which takes a second, for each type of a parameter: no list is empty.
_NOBODY: Final = ""

# A read is made for a revision and says, last, in which state the store is then.
_STATE: Final[LiteralString] = " MATCH (s:_Store) RETURN found, s._revision AS revision, s._purges AS purges"
_LIVE: Final = "v._since <= $rev AND (v._until IS NULL OR v._until > $rev) AND v._body IS NOT NULL"
_SCAN: Final[LiteralString] = """
    MATCH (v:_Row) WHERE v._row > $after AND v._row < $end AND ($source IS NULL OR v._source = $source) AND LIVE
    WITH v ORDER BY v._row LIMIT $size
    WITH collect([v._row, v._source, v._table, v._key, v._batch, v._body]) AS found""".replace("LIVE", _LIVE)
_BY: Final[LiteralString] = "UNWIND $wanted AS name MATCH (v:_Row {_row: name}) WHERE " + _LIVE
_FOUND_BY: Final = _BY + " WITH collect([v._source, v._table, v._key, v._batch, v._body]) AS found"
_WITH_PART: Final = (
    " AND v._mark <> ''" + PART + " WITH collect([v._source, v._table, v._key, part]) AS found"
)
_CHOSEN: Final[dict[str, LiteralString]] = {
    "id": _FOUND_BY,
    "node": _FOUND_BY.replace("{_row:", "{_node:"),
    "person": _FOUND_BY.replace("{_row:", "{_person:"),
    "identity": _FOUND_BY.replace("{_row:", "{_identity:"),
    # Whom the states of rows are about, and whom the other rows at their nodes are about.
    "about": """UNWIND $wanted AS name MATCH (v:_Row {_row: name}) WHERE v._since IS NOT NULL
        OPTIONAL MATCH (w:_Row {_node: v._node}) WHERE w._since IS NOT NULL AND w._until IS NULL
        UNWIND [v._person, w._person] AS person WITH DISTINCT person WITH collect([person]) AS found""",
    "sealed": _BY + _WITH_PART,
}
_ALL_SEALED: Final[LiteralString] = """
    MATCH (v:_Row) WHERE v._id > $after AND v._since <= $rev AND v._sealed IS NOT NULL
    WITH v ORDER BY v._id LIMIT $size
    WITH collect([v._id, v._source, v._table, v._key, v._mark, v._sealed]) AS found"""
_LISTED: Final[LiteralString] = """
    MATCH (b:_Batch) WHERE b._revision > $since AND b._revision <= $rev
    WITH b ORDER BY b._revision WITH collect(properties(b)) AS found"""
_CHANGES: Final[LiteralString] = """
    UNWIND $ranges AS range
    CALL (range) {
        MATCH (v:_Row) WHERE v._id > range[0] AND v._id < range[1] AND v._since = range[2]
        RETURN v ORDER BY v._id LIMIT $size }
    WITH v ORDER BY v._since, v._id LIMIT $size
    OPTIONAL MATCH (old:_Row {_row: v._row}) WHERE old._until = v._since
    WITH collect([v._since, v._id, v._source, v._table, v._key, old._batch, old._body, v._batch, v._body]) AS found"""
# A node is visible by its kind; else by its rows: all public, or one owned by the organisation.
_SEEN: Final[LiteralString] = """ CALL (NODE) {
        MATCH (v:_Row {_node: NODE._id}) WHERE NOT ($all OR NODE._kind IN $kinds) AND LIVE
        RETURN count(*) AS live, count(CASE WHEN NOT v._public THEN 1 END) AS hidden,
            count(CASE WHEN $org IN v._owners THEN 1 END) AS owned }
    WITH * WHERE $all OR NODE._kind IN $kinds
        OR (NODE._kind IN $scoped AND live > 0 AND hidden = 0) OR (NODE._kind IN $own AND owned > 0)
    WITH NODE""".replace("LIVE", _LIVE)
_AROUND: Final[LiteralString] = """
    UNWIND $nodes AS id MATCH (near:Entity {_id: id}) NEAR_SEEN
    MATCH (near)-[x]->(other:Entity) WHERE THERE AND ($all OR x._relation IN $relations)
        AND ($relation IS NULL OR x._relation = $relation) AND ($kind IS NULL OR other._kind = $kind)
        AND ($after_kind IS NULL OR other._kind > $after_kind
            OR (other._kind = $after_kind AND other._key > $after_key))
    WITH DISTINCT x._relation AS relation, other OTHER_SEEN"""
_PAGE: Final[LiteralString] = """AROUND ORDER BY relation, other._kind, other._key LIMIT $limit
    MATCH (near)-[x]->(other:Entity) WHERE THERE AND near:Entity AND near._id IN $nodes AND x._relation = relation
    NEAR_SEEN, relation, other, x MATCH (v:_Row {_id: x._row})
    WITH collect([relation, other._kind, other._key, near._kind, near._key,
        v._source, v._table, v._key, v._batch, v._body]) AS found"""
_COUNT: Final[LiteralString] = """CALL { AROUND
    RETURN 'out' AS direction, relation, other._kind AS kind, count(*) AS total
    UNION ALL AGAINST
    RETURN 'in' AS direction, relation, other._kind AS kind, count(*) AS total }
    WITH collect([direction, relation, kind, total]) AS found"""


def _walk(query: LiteralString, near: LiteralString, other: LiteralString) -> LiteralString:
    """Return the query completed by what it asks to know whether nodes are seen."""
    whole = query.replace("AGAINST", _AROUND.replace("-[x]->", "<-[x]-")).replace("AROUND", _AROUND)
    whole = whole.replace("THERE", "x._since <= $rev AND (x._until IS NULL OR x._until > $rev)")
    return whole.replace("NEAR_SEEN", near).replace("OTHER_SEEN", other)


_SEEN_ENDS: Final = (_SEEN.replace("NODE", "near"), _SEEN.replace("NODE", "other") + ", relation")
_OUT: Final = _walk(_PAGE, *_SEEN_ENDS)
_EDGES: Final[dict[str, LiteralString]] = {"out": _OUT, "in": _OUT.replace("-[x]->", "<-[x]-")}
_DEGREES: Final = _walk(_COUNT, *_SEEN_ENDS)
# Where everything is seen, no neighbour is looked at more closely: for a hub that is most of the work.
_ALL_DEGREES: Final = _walk(_COUNT, "", "")


class Neo4jStore(Publisher):
    """`kg.ports.GraphStore` on a server. Threads, processes and hosts may share it."""

    _seen: State = (0, 0)

    @classmethod
    def open(
        cls,
        connection: Connection,
        *,
        key_fingerprint: str,
        schema: Schema,
        clock: Callable[[], datetime],
        busy_seconds: float = 30.0,
    ) -> "Neo4jStore":
        """Open the store, made when the database is empty, and discard what dead processes left staged.

        `busy_seconds` is how long a publication waits for another one. Raises StoreError (foreign or read-only
        database), StoreNewerError, WrongKeyError, StoreBusyError.
        """
        prepare(connection, key_fingerprint)
        store = cls(connection, schema=schema, clock=clock, busy_seconds=busy_seconds)
        store.clean()
        return store

    @staticmethod
    def is_new(connection: Connection) -> bool:
        """Return whether no store was made in this database yet."""
        return found_store(connection) is None

    def revision(self) -> int:
        """Return the newest revision: one look at one node."""
        return int(self._connection.ask("MATCH (s:_Store) RETURN s._revision AS revision")["revision"])

    def batches(self) -> Sequence[Batch]:
        """Return the published batches, oldest first."""
        found, _ = self._steady(lambda: self._read(_LISTED, since=0))
        return [read_told_batch(told) for told in found]

    def changes(self, since: int) -> Iterator[Change]:
        """Yield the change log after revision `since`, as of one moment."""
        batches, state = self._read(_LISTED, since=since)
        for at in range(0, len(batches), _BATCHES):
            group = batches[at : at + _BATCHES]
            told = {batch["_revision"]: read_told_batch(batch) for batch in group}
            for revision, _, *entry in merge(self._log(group, state), erased_of(group), key=itemgetter(0)):
                yield read_change(told[revision], entry)

    def _log(self, batches: Sequence[Any], state: State) -> Iterator[list[Any]]:
        """Yield revision, id of the version and entry of these batches, page by page."""
        logged = [(batch["_token"], batch["_revision"]) for batch in batches if not batch.get("_pruned")]
        ranges = [[f"{token}|", f"{token}}}", revision] for token, revision in logged]
        while ranges:
            found, state = self._read(_CHANGES, state, ranges=ranges, size=CHUNK)
            yield from found
            since, last = found[-1][:2] if len(found) == CHUNK else (batches[-1]["_revision"] + 1, "")
            ranges = [[last if at == since else start, end, at] for start, end, at in ranges if at >= since]

    def sealed_history(self) -> Iterator[tuple[RowId, str, bytes]]:
        """Yield row, mark and sealed bytes of every state that is kept, also of retired rows: for copies of the store."""
        for page in self._stream(_ALL_SEALED, ""):
            for _, source, table, key, mark, part in page:
                yield RowId(source, table, key), mark, part

    def prune(self, until: int) -> int:
        """Forget the change log up to and with revision `until`; return how many entries went (`kg.store.neo4j.pruning`)."""
        return prune(self._connection, self, self._lease, until)

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()

    def _read(
        self, query: LiteralString, state: State | None = None, *, still: bool = False, **values: Any
    ) -> tuple[list[Any], State]:
        """Return what a statement finds at the newest revision (with `state`, at that one), and the state it is of.

        Versions of rows stay when newer ones come, so reading them needs no more than that nothing was erased
        meanwhile. Ended edges go soon: with `still`, nothing may have been published either. Otherwise StoreBusyError.
        """
        at = state or self._seen
        told = self._connection.ask(query + _STATE, rev=at[0], **values)
        self._seen = now = (told["revision"], told["purges"])
        if state is None and now != at:  # an old guess; now it is known
            return self._read(query, now, still=still, **values)
        if now[1] != at[1] or (still and now != at):
            raise StoreBusyError("读取期间有内容被改动或彻底删除；请重试一次。", reason=_MOVED)
        return told["found"], at

    def _stream(self, query: LiteralString, after: str, **values: Any) -> Iterator[list[Any]]:
        """Yield what a statement finds, page by page of one state; each thing told begins with its place."""
        state: State | None = None
        while True:
            found, state = self._read(query, state, after=after, size=SCAN, **values)
            yield found
            if len(found) < SCAN:
                return
            after = found[-1][0]

    def _steady(self, read: Callable[[], T]) -> T:
        """Read, again when others wrote meanwhile; where they always do, take a turn among them: nobody starves."""
        for _ in range(_TRIES):
            try:
                return read()
            except StoreBusyError as error:
                if error.fields.get("reason") != _MOVED:
                    raise
        with suppress(StoreBusyError), self.lease(uuid4().hex):
            return read()
        return read()

    def _scan(self, table: str | None, source: str | None) -> Iterator[Row]:
        after, end = ("", LAST) if table is None else (f"{table}{SEPARATOR}", f"{table}\1")
        for page in self._stream(_SCAN, after, end=end, source=source):
            yield from in_order(read_row(told[1:]) for told in page)

    def _look_up(self, by: str, wanted: frozenset[object]) -> Iterable[Any]:
        names = sorted(map(name_of, wanted))

        def read() -> list[Any]:
            found = list[Any]()
            state: State | None = None
            for at in range(0, len(names), _LOOK_UPS):
                told, state = self._read(_CHOSEN[by], state, wanted=names[at : at + _LOOK_UPS])
                found += told
            return found

        return self._steady(read)

    def _page(self, direction: str, values: Values) -> Iterable[Any]:
        return self._walk(_EDGES[direction], values)

    def _counts(self, values: Values) -> Mapping[str, Iterable[Any]]:
        found = self._walk(_ALL_DEGREES if values["all"] else _DEGREES, values)
        return {way: [told[1:] for told in found if told[0] == way] for way in rules.DIRECTIONS}

    def _walk(self, query: LiteralString, values: Values) -> list[Any]:
        sights = {name: [*values[name], _NOBODY] for name in ("kinds", "scoped", "own", "relations")}
        nodes, org = [str(node) for node in values["nodes"]], values["org"] or _NOBODY
        told: Values = {**values, **sights, "nodes": nodes, "org": org}
        return self._steady(lambda: self._read(query, still=True, **told))[0]
