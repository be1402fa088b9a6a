"""Writing to a Neo4j server: page by page, visible in one step, repaired after a crash.

A `_Row` is one version of a row, live from revision `_since` until before `_until`; its `_id` is the token of the batch
that wrote it, then its name. A batch is applied in bounded transactions as additions that readers of the present revision
pass over; then one small transaction counts the revision up, and with that all of it is visible. Whoever publishes next
finishes or undoes what a dead one left.
"""

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, Final, LiteralString, TypeAlias
from uuid import uuid4

from neo4j import ManagedTransaction

from kg.errors import StoreError
from kg.model.graph import Batch, RowChange, RowId
from kg.model.marks import marks_of
from kg.model.reports import scrubbed
from kg.schema import Schema
from kg.store import rules
from kg.store.codec import from_json, to_json
from kg.store.disk_store import DiskStore
from kg.store.neo4j.connection import Connection, one
from kg.store.neo4j.forms import SEPARATOR, batch_fields, name_of, version_fields
from kg.store.neo4j.lease import Lease, hold

Fields: TypeAlias = dict[str, object]
CHUNK: Final = 2_000
LAST: Final = "\U0010ffff"
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
_DISCARD: Final = """
    MATCH (g:_Staging {_token: $token}) SET g._turn = g._turn + 1
    WITH g MATCH (v:_Row) WHERE v._id STARTS WITH $token AND v._since IS NULL
    WITH v LIMIT $size DELETE v RETURN count(*) AS total"""
_FORGET: Final = "MATCH (g:_Staging {_token: $token}) DELETE g"
_NAMES: Final = "MATCH (b:_Batch) WHERE b._name >= $first RETURN collect(b._name) AS found"
_BEGIN: Final = "MATCH (g:_Staging {_token: $token}) SET g._revision = $rev, g._rows = $rows"
_ENTER: Final = "MERGE (b:_Batch {_revision: $rev}) SET b = $batch"
_FLIP: Final = "MATCH (s:_Store) WHERE s._revision = $rev - 1 SET s._revision = s._revision + 1"
PURGE: Final = "MATCH (s:_Store) SET s._purges = s._purges + 1"
_PAGE: Final = """
    MATCH (v:_Row) WHERE v._id > $after AND v._id < $end
    WITH v._id AS id ORDER BY id LIMIT $size RETURN max(id) AS last, count(*) AS total"""

MINE: Final[LiteralString] = "MATCH (v:_Row) WHERE v._id > $after AND v._id <= $last"
_NEW: Final[LiteralString] = MINE + " AND v._since IS NULL"
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
    _NEW + " DELETE v",
)
# Erasure is a publication that retires rows; after it every version of them goes.
_WANTED: Final[LiteralString] = "UNWIND $rows AS name MATCH (v:_Row {_row: name})"
_LIVE_ROWS: Final = (
    _WANTED
    + """ WHERE v._since IS NOT NULL AND v._until IS NULL AND v._body IS NOT NULL
    RETURN collect(v {._row, ._source, ._table, ._key}) AS found"""
)
# Whom the states of rows are about, and whom the other rows at their nodes are about.
_PERSONS: Final = (
    _WANTED
    + """ WHERE v._since IS NOT NULL
    OPTIONAL MATCH (w:_Row {_node: v._node}) WHERE w._since IS NOT NULL AND w._until IS NULL
    UNWIND [v._person, w._person] AS person RETURN collect(DISTINCT person) AS found"""
)
_ERASE: Final[tuple[LiteralString, ...]] = (
    PURGE,
    _WANTED + " UNWIND coalesce(v._starts + v._ends, []) + coalesce(v._node, []) AS id"
    " WITH DISTINCT id ORDER BY id" + _BURY,
    _WANTED + " DELETE v",
)
# The loads of these sources may tell of cells of the erased rows.
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
            one(tx, _STAGE, rows=_versions(token, rows))
            return token

        return self._connection.write(write)

    def _publish(self, name: str, batch: Batch) -> Batch:
        token = self._connection.write(lambda tx: self._opened(tx, name))
        with self.lease(token) as base:
            published = self._named(batch, base)
            self._apply(token, published)
        return published

    def erase(self, ids: Sequence[RowId], *, actor: str) -> int:
        """Remove rows and every version of them. Files of the server keep deleted bytes until they are written over."""
        rows, token = sorted({name_of(row) for row in ids if row.key != rules.ERASED_KEY}), uuid4().hex
        self._connection.tell(_OPEN, **self._staged(token, token))
        with self.lease(token, strict=True) as base:
            live = self._connection.ask(_LIVE_ROWS, rows=rows)["found"]
            values = {"rows": rows, "told": self._scrubbed(rows)}
            if not live:
                self.run(token, [_BEGIN, _SET_REPORTS], {**values, "rev": base})
                return 0
            batch = rules.erasure(actor, self._clock(), len(live))
            for at in range(0, len(live), CHUNK):
                self.run(token, [_STAGE], {"rows": _versions(token, live[at : at + CHUNK])})
            pairs = sorted({(row["_source"], row["_table"]) for row in live}, key=lambda pair: pair[::-1])
            persons = self._connection.ask(_PERSONS, rows=rows)["found"]
            told = {"erased": pairs, "about": marks_of(persons, base + 1)}
            self._apply(token, self._named(batch, base), told, **values)
        return len(live)

    def _apply(self, token: str, batch: Batch, lost: Mapping[str, Any] | None = None, **erasing: Any) -> None:
        """Make what is staged under the token the revision of the batch, page by page, then visible in one step."""
        values = {"rev": batch.revision, "name": batch.id, "types": self._types, "rows": None, **erasing}
        self.run(token, [_BEGIN, _ENTER], {**values, "batch": batch_fields(batch, token, **(lost or {}))})
        self.pages(token, token, _APPLY, values)
        self.run(token, [_FLIP, _SET_REPORTS] if erasing else [_FLIP], values)

    def _scrubbed(self, rows: Sequence[str]) -> list[list[object]]:
        """Return revision and new report of the batches that tell of single cells of the tables of these rows."""
        parts = [row.split(SEPARATOR) for row in rows]
        tables, sources = {table for table, _, _ in parts}, {source for _, _, source in parts}
        found = self._connection.ask(_REPORTS, sources=sorted(sources))["found"]
        fresh = ((revision, scrubbed(from_json(report), tables)) for revision, report in found)
        return [[revision, to_json(report)] for revision, report in fresh if report is not None]

    def _stagings(self) -> Sequence[Any]:
        found: list[Any] = self._connection.ask(_STAGINGS)["found"]
        return found

    def _remove(self, tokens: Sequence[str]) -> None:
        lease = uuid4().hex
        with self.lease(lease):
            for token in tokens:
                values = {"token": token, "size": CHUNK}
                while self.run(lease, [_DISCARD], values)["total"] == CHUNK:
                    pass
                self.run(lease, [_FORGET], values)

    def _staged(self, name: str, token: str) -> Fields:
        holder, now = self._holder()
        return {"name": name, "token": token, "holder": holder, "now": now}

    def _opened(self, tx: ManagedTransaction, name: str) -> str:
        """Return the token of the staged batch of this name, made when new."""
        return self._mine(name, one(tx, _OPEN, **self._staged(name, uuid4().hex))["token"])

    def _named(self, batch: Batch, base: int) -> Batch:
        return rules.next_batch(batch, base, lambda first: self._connection.ask(_NAMES, first=first)["found"])

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

    def run(self, lease: str, steps: Iterable[LiteralString], values: Mapping[str, Any]) -> Any:
        """Run statements in one transaction, as the holder of the lease; return the first record of the last one."""

        def write(tx: ManagedTransaction) -> Any:
            hold(tx, lease)
            return [one(tx, step, **{"token": lease, **values}) for step in steps][-1]

        return self._connection.write(write)

    def pages(
        self, lease: str, token: str, steps: Iterable[LiteralString], values: Mapping[str, Any]
    ) -> None:
        """Run statements over the versions of a batch ("" for every version), some thousands per transaction."""
        after, end = (f"{token}|", f"{token}}}") if token else ("", LAST)
        total = CHUNK

        def write(tx: ManagedTransaction) -> tuple[str, int]:
            hold(tx, lease)
            last, total = one(tx, _PAGE, after=after, end=end, size=CHUNK).values()
            for step in steps if total else ():
                tx.run(step, {**values, "after": after, "last": last}).consume()
            return last, total

        while total == CHUNK:
            after, total = self._connection.write(write)

    def _settle(self, lease: str) -> int:
        """Finish what is published, and undo what began to be and never was; return the revision."""
        found = self._connection.ask(_STAGINGS)
        revision: int = found["revision"]
        for _, token, _, _, rev, rows in found["found"]:
            values = {"rev": rev, "token": token, "labels": self._labels}
            if rev is not None and rev > revision:
                self.pages(lease, token, _UNDO, values)
                self.run(lease, [_UNDONE], values)
            elif rev is not None:
                self.pages(lease, token, _SWEEP, values)
                for at in range(0, len(rows or ()), CHUNK):
                    self.run(lease, _ERASE, {**values, "rows": rows[at : at + CHUNK]})
                self.run(lease, [_FORGET], values)
        return revision


def _versions(token: str, rows: Iterable[Fields]) -> list[Fields]:
    return [{**row, "_id": f"{token}|{row['_row']}"} for row in rows]
