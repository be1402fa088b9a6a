"""Writing to a Neo4j server: page by page, visible in one step, repaired after a crash.

A `_Row` is one version of a row, live from revision `_since` until before `_until`; its `_id` is the token of the batch
that wrote it, then its name. A batch is applied in bounded transactions as additions that readers of the present revision
pass over; then one small transaction counts the revision up, and with that all of it is visible. Whoever publishes next
finishes or undoes what a dead one left.
"""

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, Final, LiteralString, TypeAlias
from uuid import uuid4

from neo4j import ManagedTransaction

from kg.errors import StoreError
from kg.model.graph import Batch, RowChange
from kg.schema import Schema
from kg.store.disk_store import DiskStore, Erasure
from kg.store.neo4j.connection import Connection, one
from kg.store.neo4j.forms import batch_fields, name_of, version_fields
from kg.store.neo4j.lease import CHUNK, Lease

Fields: TypeAlias = dict[str, object]
_OPEN: Final = """
    MERGE (g:_Staging {_name: $name})
    ON CREATE SET g._token = $token, g._holder = $holder, g._began = $now, g._turn = 0
    SET g._turn = g._turn + 1
    RETURN g._token AS token"""
_STAGE: Final = """
    UNWIND $rows AS r
    MERGE (v:_Row {_id: r._id})
    WITH v, r, CASE WHEN r._sealed IS NULL AND v._mark = r._mark THEN v._sealed ELSE r._sealed END AS part
    SET v = r SET v._sealed = part"""
_STAGINGS: Final = """
    OPTIONAL MATCH (g:_Staging)
    WITH collect([g._name, g._token, g._holder, g._began, g._revision, g._rows]) AS found
    MATCH (s:_Store) RETURN [one IN found WHERE one[1] IS NOT NULL] AS found, s._revision AS revision"""
_FORGET: Final = "MATCH (g:_Staging {_token: $token}) DELETE g"
_NAMES: Final = "MATCH (b:_Batch) WHERE b._name >= $first RETURN collect(b._name) AS found"
_BEGIN: Final = "MATCH (g:_Staging {_token: $token}) SET g._revision = $rev, g._rows = $rows"
_ENTER: Final = "MERGE (b:_Batch {_revision: $rev}) SET b = $batch"
_FLIP: Final = "MATCH (s:_Store) WHERE s._revision = $rev - 1 SET s._revision = s._revision + 1"
PURGE: Final = "MATCH (s:_Store) SET s._purges = s._purges + 1"
MINE: Final[LiteralString] = "MATCH (v:_Row) WHERE v._id > $after AND v._id <= $last"
_NEW: Final[LiteralString] = MINE + " AND v._since IS NULL"
_DROP_NEW: Final[LiteralString] = _NEW + " DELETE v"
_DONE: Final[LiteralString] = MINE + " AND v._since = $rev"
_ENDED: Final[LiteralString] = " MATCH (old:_Row {_row: v._row}) WHERE old._until = $rev"
_LINKS: Final[LiteralString] = """
    UNWIND range(0, size(coalesce(OF._ends, [])) - 1) AS i
    MATCH (:Entity {_id: OF._starts[i]})-[x]->(:Entity {_id: OF._ends[i]}) WHERE x._row = OF._id"""
_OLD_LINKS: Final[LiteralString] = " WITH old" + _LINKS.replace("OF", "old")
# A version without sealed part has that of an older version with the same mark.
PART: Final[LiteralString] = """ CALL (v) {
    MATCH (w:_Row {_row: v._row}) WHERE w._mark = v._mark AND w._sealed IS NOT NULL AND w._since <= v._since
    RETURN w._sealed AS part ORDER BY w._since DESC LIMIT 1 }"""
# A batch becomes the next revision page by page: what it replaces gets an end, what it brings a beginning.
_APPLY: Final[tuple[LiteralString, ...]] = (
    _NEW
    + """ MATCH (old:_Row {_row: v._row}) WHERE old._since < $rev AND old._until IS NULL AND old._body IS NOT NULL
    SET old._until = $rev"""
    + _OLD_LINKS
    + " SET x._until = $rev",
    _NEW
    + """ AND v._body IS NOT NULL
    UNWIND v._starts + v._ends + coalesce(v._node, []) AS id WITH DISTINCT id ORDER BY id
    MERGE (e:Entity {_id: id})
    ON CREATE SET e._kind = split(id, ':')[0], e._key = substring(id, size(split(id, ':')[0]) + 1)""",
    _NEW
    + """ AND v._body IS NOT NULL
    UNWIND range(0, size(v._ends) - 1) AS i
    MATCH (a:Entity {_id: v._starts[i]}) MATCH (b:Entity {_id: v._ends[i]})
    CREATE (a)-[x:$(coalesce($types[v._relations[i]], 'RELATED'))]->(b)
    SET x._row = v._id, x._relation = v._relations[i], x._since = $rev
    FOREACH (name IN CASE WHEN v._node IS NULL AND v._public THEN v._shown ELSE [] END | SET x[name] = v[name])""",
    _NEW
    + """ AND (v._body IS NOT NULL OR EXISTS { MATCH (old:_Row {_row: v._row}) WHERE old._until = $rev })
    SET v._since = $rev, v._batch = $name""",
)
# What a publication that never came to its end did is undone.
_UNDO: Final[tuple[LiteralString, ...]] = (
    _DONE + _LINKS.replace("OF", "v") + " DELETE x",
    _DONE + _ENDED + " SET old._until = null" + _OLD_LINKS + " SET x._until = null",
    _DONE + " SET v._since = null, v._batch = null",
)
_UNDONE: Final = """
    MATCH (g:_Staging {_token: $token}) SET g._revision = null
    WITH g MATCH (b:_Batch {_revision: $rev}) DELETE b"""
# For people who read the graph itself: a node shows what its public rows say; one that nothing names any more goes.
_SHOW: Final[LiteralString] = """
    MATCH (e:Entity {_id: id})
    SET e = {_id: e._id, _kind: e._kind, _key: e._key} SET e:$(coalesce($labels[e._kind], []))
    WITH e CALL (e) {
        MATCH (w:_Row {_node: e._id}) WHERE w._since <= $rev AND w._until IS NULL AND w._public AND w._body IS NOT NULL
        WITH w ORDER BY w._source DESC, w._id RETURN collect(w) AS rows }
    FOREACH (w IN rows | FOREACH (name IN w._shown | SET e[name] = w[name]))"""
_BURY: Final[LiteralString] = """
    MATCH (e:Entity {_id: id}) WHERE NOT EXISTS { (e)--() } AND NOT EXISTS {
        MATCH (w:_Row {_node: id}) WHERE w._since <= $rev AND w._until IS NULL AND w._body IS NOT NULL }
    DELETE e"""
_TOUCHED: Final[LiteralString] = (
    _DONE
    + """ OPTIONAL MATCH (old:_Row {_row: v._row}) WHERE old._until = $rev
    UNWIND coalesce(v._starts + v._ends, []) + coalesce(v._node, [])
        + coalesce(old._starts + old._ends, []) + coalesce(old._node, []) AS id WITH DISTINCT id ORDER BY id"""
)
# After publication: edges that ended go, nodes show what is now true.
_SWEEP: Final[tuple[LiteralString, ...]] = (
    _DONE + _ENDED + _OLD_LINKS + " DELETE x",
    _TOUCHED + _SHOW,
    _TOUCHED + _BURY,
    _DROP_NEW,
)
# Erasure is a publication that retires rows; after it every version of them goes.
_WANTED: Final[LiteralString] = "UNWIND $rows AS name MATCH (v:_Row {_row: name})"
_ERASE: Final[tuple[LiteralString, ...]] = (
    PURGE,
    _WANTED + " UNWIND coalesce(v._starts + v._ends, []) + coalesce(v._node, []) AS id"
    " WITH DISTINCT id ORDER BY id" + _BURY,
    _WANTED + " DELETE v",
)
_REPORTS: Final = (
    "MATCH (b:_Batch) WHERE b._source IN $sources RETURN collect([b._revision, b._report]) AS found"
)
_SET_REPORTS: Final = "UNWIND $told AS one MATCH (b:_Batch {_revision: one[0]}) SET b._report = one[1]"


class Publisher(DiskStore[str, Fields]):
    """What a store writes: staged batches become revisions."""

    chunk = CHUNK

    def __init__(
        self, connection: Connection, *, schema: Schema, clock: Callable[[], datetime], busy_seconds: float
    ) -> None:
        super().__init__(clock)
        self._connection, self._schema = connection, schema
        self._lease = Lease(connection, busy_seconds=busy_seconds)
        self._labels = {kind: [kind.title().replace("_", "")] for kind in schema.by_kind}
        self._types = {key: key.upper().replace(".", "_") for key in schema.relations}

    def _entry(self, name: str, change: RowChange) -> Fields:
        return version_fields(change, name, self._schema)

    def _stage(self, name: str, entries: Sequence[Fields]) -> str:
        rows = sorted(entries, key=lambda row: str(row["_row"]))

        def write(tx: ManagedTransaction) -> str:
            token = self._opened(tx, name)
            one(tx, _STAGE, rows=[{**row, "_id": f"{token}|{row['_row']}"} for row in rows])
            return token

        return self._connection.write(write)

    @contextmanager
    def _turn(self, name: str, *, erasing: bool = False) -> Generator[tuple[str, int], None, None]:
        token = self._connection.write(lambda tx: self._opened(tx, name))
        with self.lease(token, strict=erasing) as newest:
            yield token, newest

    def _apply(self, token: str, batch: Batch, erasure: Erasure | None = None) -> None:
        """Make what is staged under the token the revision of the batch, page by page, then visible in one step."""
        values: Fields = {"rev": batch.revision, "name": batch.id, "types": self._types, "rows": None}
        values |= {"batch": batch_fields(batch, token, erasure), **(_erased(erasure) if erasure else {})}
        self._lease.run(token, [_BEGIN, _ENTER], values)
        self._lease.pages(token, token, _APPLY, values)
        self._lease.run(token, [_FLIP, _SET_REPORTS] if erasure else [_FLIP], values)

    def _erase(self, token: str, erasure: Erasure, batch: Batch | None) -> None:
        """Retire what is live, as a publication; settling removes every version, also where nothing was live."""
        if batch is None:
            values = {**_erased(erasure), "rev": self.revision()}
            self._lease.run(token, [_BEGIN, _SET_REPORTS], values)
        else:
            self.stage(erasure.name, [RowChange(id=row, row=None) for row in erasure.live])
            self._apply(token, batch, erasure)

    def _names(self, first: str) -> Iterable[str]:
        return list[str](self._connection.ask(_NAMES, first=first)["found"])

    def _reports(self, sources: Sequence[str]) -> Iterable[tuple[int, str]]:
        return list[tuple[int, str]](self._connection.ask(_REPORTS, sources=sources)["found"])

    def _stagings(self) -> Sequence[Any]:
        return list[Any](self._connection.ask(_STAGINGS)["found"])

    def _remove(self, tokens: Sequence[str]) -> None:
        lease = uuid4().hex
        with self.lease(lease):
            for token in tokens:
                self._lease.pages(lease, token, [_DROP_NEW], {})
                self._lease.run(lease, [_FORGET], {"token": token})

    def _opened(self, tx: ManagedTransaction, name: str) -> str:
        """Return the token of the staged batch of this name, made when new."""
        holder, now = self._holder()
        told = one(tx, _OPEN, name=name, token=uuid4().hex, holder=holder, now=now)
        return self._mine(name, told["token"])

    @contextmanager
    def lease(self, token: str, *, strict: bool = False) -> Generator[int, None, None]:
        """Be the only one who publishes; whatever an earlier one left behind, and this one at the end, is settled.

        When the server goes away after the publication itself, settling is left to the next one unless `strict`.
        """
        with self._lease.taken(token):
            try:
                yield self._settle(token)
            except BaseException:
                with suppress(StoreError):
                    self._settle(token)
                raise
            try:
                self._settle(token)
            except StoreError as error:
                if strict or error.fields.get("reason") != "unavailable":
                    raise

    def _settle(self, lease: str) -> int:
        """Finish what is published, and undo what began to be and never was; return the revision."""
        found = self._connection.ask(_STAGINGS)
        revision: int = found["revision"]
        for _, token, _, _, rev, rows in found["found"]:
            values = {"rev": rev, "token": token, "labels": self._labels}
            if rev is not None and rev > revision:
                self._lease.pages(lease, token, _UNDO, values)
                self._lease.run(lease, [_UNDONE], values)
            elif rev is not None:
                self._lease.pages(lease, token, _SWEEP, values)
                for at in range(0, len(rows or ()), CHUNK):
                    self._lease.run(lease, _ERASE, {**values, "rows": rows[at : at + CHUNK]})
                self._lease.run(lease, [_FORGET], values)
        return revision


def _erased(erasure: Erasure) -> Fields:
    """Return names of rows and new reports of batches as values of statements."""
    return {"rows": [name_of(row) for row in erasure.rows], "told": erasure.reports}
