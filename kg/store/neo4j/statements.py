"""What is said to Neo4j: constraints, and every statement of the store. Names with `_` in front are the store's own.

For analysts: `(:Entity:School {name, …})-[:OFFERINGS_SCHOOL]->(…)` is the graph as published, with what everyone may
see. For the store: a `_Row` is one version of a row, live from revision `_since` until before `_until`; its `_id` is the
token of the batch that wrote it, then its name. Nothing a reader of an older revision needs is changed before a newer
one is published, so no reader needs a snapshot, which Neo4j does not have.
"""

from typing import Final, LiteralString

FORMAT: Final = 1
PREPARE: Final[tuple[LiteralString, ...]] = (
    "CREATE CONSTRAINT _store IF NOT EXISTS FOR (s:_Store) REQUIRE s._name IS UNIQUE",
    "CREATE CONSTRAINT _staging IF NOT EXISTS FOR (g:_Staging) REQUIRE g._name IS UNIQUE",
    "CREATE CONSTRAINT _batch IF NOT EXISTS FOR (b:_Batch) REQUIRE b._name IS UNIQUE",
    "CREATE CONSTRAINT _revision IF NOT EXISTS FOR (b:_Batch) REQUIRE b._revision IS UNIQUE",
    "CREATE CONSTRAINT _entity IF NOT EXISTS FOR (e:Entity) REQUIRE e._id IS UNIQUE",
    "CREATE CONSTRAINT _version IF NOT EXISTS FOR (v:_Row) REQUIRE v._id IS UNIQUE",
    "CREATE INDEX _row IF NOT EXISTS FOR (v:_Row) ON (v._row)",
    "CREATE INDEX _row_node IF NOT EXISTS FOR (v:_Row) ON (v._node)",
    "CREATE INDEX _row_person IF NOT EXISTS FOR (v:_Row) ON (v._person)",
    "CREATE INDEX _row_identity IF NOT EXISTS FOR (v:_Row) ON (v._identity)",
    "CALL db.awaitIndexes(120)",
)
FOREIGN: Final = """
    MATCH (n) WHERE NOT n:_Store AND NOT n:_Record AND NOT n:_Journal AND NOT n:_Entry
    RETURN labels(n) AS labels LIMIT 1"""
FOUND: Final = "MATCH (s:_Store) RETURN s._format AS format, s._key AS key"
CREATE: Final = """
    MERGE (s:_Store {_name: 'jiangtu'})
    ON CREATE SET s._format = $format, s._key = $key, s._revision = 0, s._purges = 0, s._turn = 0"""

# The revision says what readers see; `_purges` counts erasures, which alone take away what older readers need.
STATE: Final = "MATCH (s:_Store) RETURN s._revision AS revision, s._purges AS purges"

# One writer at a time publishes. Counting takes the lock; what is matched after it is true under the lock.
LOCK: Final = """
    MATCH (s:_Store) SET s._turn = s._turn + 1,
        s._leased = CASE WHEN s._lease = $token THEN timestamp() ELSE s._leased END
    WITH s MATCH (held:_Store)
    RETURN held._lease AS lease, held._holder AS holder, timestamp() - held._leased AS age,
        timestamp() AS now, held._waiting AS waiting"""
WAIT: Final = "MATCH (s:_Store) SET s._waiting = $waiting"
TAKE: Final = "MATCH (s:_Store) SET s._lease = $token, s._holder = $holder, s._leased = timestamp()"
FREE: Final = "MATCH (s:_Store) WHERE s._lease = $token SET s._lease = null"
FLIP: Final = "MATCH (s:_Store) WHERE s._revision = $rev - 1 SET s._revision = s._revision + 1"
PURGE: Final = "MATCH (s:_Store) SET s._purges = s._purges + 1"

OPEN: Final = """
    MERGE (g:_Staging {_name: $name})
    ON CREATE SET g._token = $token, g._holder = $holder, g._began = $now, g._turn = 0
    SET g._turn = g._turn + 1
    RETURN g._token AS token"""
STAGE: Final = """
    UNWIND $rows AS r
    MERGE (v:_Row {_id: r._id})
    WITH v, r, CASE WHEN r._sealed IS NULL AND v._mark = r._mark THEN v._sealed ELSE r._sealed END AS part
    SET v = r SET v._sealed = part"""
STAGINGS: Final = """
    OPTIONAL MATCH (g:_Staging)
    WITH collect([g._name, g._token, g._holder, g._began, g._revision, g._rows]) AS found
    MATCH (s:_Store) RETURN [one IN found WHERE one[1] IS NOT NULL] AS found, s._revision AS revision"""
DISCARD: Final = """
    MATCH (v:_Row) WHERE v._id STARTS WITH $token AND v._since IS NULL WITH v LIMIT $size
    DELETE v RETURN count(*) AS total"""
LOCK_STAGING: Final = "MATCH (g:_Staging {_token: $token}) SET g._turn = g._turn + 1"
FORGET: Final = "MATCH (g:_Staging) WHERE g._token = $token DELETE g"

NAMES: Final = "MATCH (b:_Batch) WHERE b._name >= $first RETURN collect(b._name) AS found"
TAKEN: Final = "MATCH (b:_Batch {_name: $name}) RETURN b._revision AS revision"
BEGIN: Final[tuple[LiteralString, ...]] = (
    "MATCH (g:_Staging {_token: $token}) SET g._revision = $rev",
    "MERGE (b:_Batch {_revision: $rev}) SET b = $batch",
)
PAGE: Final = """
    MATCH (v:_Row) WHERE v._id > $after AND v._id < $end
    WITH v._id AS id ORDER BY id LIMIT $size RETURN max(id) AS last, count(*) AS total"""
_MINE: Final[LiteralString] = "MATCH (v:_Row) WHERE v._id > $after AND v._id <= $last"
_LINKS: Final[LiteralString] = """
    UNWIND range(0, size(coalesce(OF._ends, [])) - 1) AS i
    MATCH (:Entity {_id: OF._starts[i]})-[x]->(:Entity {_id: OF._ends[i]}) WHERE x._row = OF._id"""
_BEFORE: Final[LiteralString] = """
    MATCH (old:_Row {_row: v._row}) WHERE old._since < $rev AND old._until IS NULL AND old._body IS NOT NULL"""
_ENDED: Final[LiteralString] = " MATCH (old:_Row {_row: v._row}) WHERE old._until = $rev"
# A batch becomes the next revision page by page: what it replaces gets an end, what it brings a beginning.
APPLY: Final[tuple[LiteralString, ...]] = (
    _MINE + " AND v._since IS NULL" + _BEFORE + " SET old._until = $rev",
    _MINE + " AND v._since IS NULL" + _ENDED + _LINKS.replace("OF", "old") + " SET x._until = $rev",
    _MINE
    + """ AND v._since IS NULL AND v._body IS NOT NULL
    UNWIND v._starts + v._ends + coalesce(v._node, []) AS id WITH DISTINCT id ORDER BY id
    MERGE (e:Entity {_id: id})
    ON CREATE SET e._kind = split(id, ':')[0], e._key = substring(id, size(split(id, ':')[0]) + 1)""",
    _MINE
    + """ AND v._since IS NULL AND v._body IS NOT NULL
    UNWIND range(0, size(v._ends) - 1) AS i
    MATCH (a:Entity {_id: v._starts[i]}) MATCH (b:Entity {_id: v._ends[i]})
    CREATE (a)-[x:$(coalesce($types[v._relations[i]], 'RELATED'))]->(b)
    SET x._row = v._id, x._relation = v._relations[i], x._since = $rev
    FOREACH (name IN CASE WHEN v._node IS NULL AND v._public THEN v._shown ELSE [] END | SET x[name] = v[name])""",
    _MINE
    + """ AND v._since IS NULL AND (v._body IS NOT NULL OR EXISTS {
        MATCH (old:_Row {_row: v._row}) WHERE old._until = $rev })
    SET v._since = $rev, v._batch = $name""",
)
# What a publication that never came to its end did is undone.
UNDO: Final[tuple[LiteralString, ...]] = (
    _MINE + " AND v._since = $rev" + _LINKS.replace("OF", "v") + " DELETE x",
    _MINE + _ENDED + _LINKS.replace("OF", "old") + " SET x._until = null",
    _MINE + _ENDED + " SET old._until = null",
    _MINE + " AND v._since = $rev SET v._since = null, v._batch = null",
)
FORGET_BATCH: Final = """
    MATCH (g:_Staging {_token: $token}) SET g._revision = null
    WITH g MATCH (b:_Batch {_revision: $rev}) DELETE b"""
_SHOW: Final[LiteralString] = """
    MATCH (e:Entity {_id: id})
    SET e = {_id: e._id, _kind: e._kind, _key: e._key} SET e:$(coalesce($labels[e._kind], []))
    WITH e CALL (e) {
        MATCH (w:_Row {_node: e._id}) WHERE w._since <= $rev AND w._until IS NULL AND w._public AND w._body IS NOT NULL
        WITH w ORDER BY w._source DESC, w._id RETURN collect(w) AS rows }
    FOREACH (w IN rows | FOREACH (name IN w._shown | SET e[name] = w[name]))"""
# After publication: edges that ended go, nodes show what is now true.
SWEEP: Final[tuple[LiteralString, ...]] = (
    _MINE + " AND v._since = $rev" + _ENDED + _LINKS.replace("OF", "old") + " DELETE x",
    _MINE
    + """ AND v._since = $rev
    UNWIND v._starts + v._ends AS id WITH DISTINCT id ORDER BY id
    MATCH (e:Entity {_id: id}) SET e:$(coalesce($labels[e._kind], []))""",
    _MINE + " AND v._since = $rev AND v._node IS NOT NULL WITH DISTINCT v._node AS id ORDER BY id" + _SHOW,
    _MINE + " AND v._since = $rev" + _ENDED + " AND old._node <> coalesce(v._node, '')"
    " WITH DISTINCT old._node AS id ORDER BY id" + _SHOW,
    _MINE + " AND v._since IS NULL DELETE v",
)

_LIVE: Final[LiteralString] = (
    "v._since <= $rev AND (v._until IS NULL OR v._until > $rev) AND v._body IS NOT NULL"
)
# A read is right when the store is still at the revision it was made for.
_STILL: Final[LiteralString] = " MATCH (s:_Store) RETURN found, s._revision AS revision, s._purges AS purges"
_TOLD: Final[LiteralString] = (
    " WITH collect([v._source, v._table, v._key, v._batch, v._body]) AS found" + _STILL
)
SCAN: Final = (
    "MATCH (v:_Row) WHERE v._row > $after AND v._row < $end AND ($source IS NULL OR v._source = $source) AND "
    + _LIVE
    + " WITH v ORDER BY v._row LIMIT $size"
    + _TOLD
)
_BY: Final[LiteralString] = "UNWIND $wanted AS name MATCH (v:_Row {COLUMN: name}) WHERE " + _LIVE + _TOLD
CHOSEN: Final[dict[str, LiteralString]] = {
    "id": _BY.replace("COLUMN", "_row"),
    "node": _BY.replace("COLUMN", "_node"),
    "person": _BY.replace("COLUMN", "_person"),
    "identity": _BY.replace("COLUMN", "_identity"),
}
SEALED: Final = (
    "UNWIND $wanted AS name MATCH (v:_Row {_row: name}) WHERE "
    + _LIVE
    + """ AND v._mark <> ''
    CALL (v) {
        MATCH (w:_Row {_row: v._row}) WHERE w._mark = v._mark AND w._sealed IS NOT NULL AND w._since <= v._since
        RETURN w._sealed AS part ORDER BY w._since DESC LIMIT 1 }
    WITH collect([v._source, v._table, v._key, part]) AS found"""
    + _STILL
)
ALL_SEALED: Final = (
    """
    MATCH (v:_Row) WHERE v._id > $after AND v._since <= $rev AND v._sealed IS NOT NULL AND v._gone IS NULL
    WITH v ORDER BY v._id LIMIT $size
    WITH collect([v._id, v._source, v._table, v._key, v._mark, v._sealed]) AS found"""
    + _STILL
)
BATCHES: Final = (
    """
    MATCH (b:_Batch) WHERE b._revision > $since AND b._revision <= $rev
    WITH b ORDER BY b._revision WITH collect(properties(b)) AS found"""
    + _STILL
)
CHANGES: Final = (
    """
    UNWIND $ranges AS range
    CALL (range) {
        MATCH (v:_Row) WHERE v._id > range[0] AND v._id < range[1] AND v._since = range[2] AND v._gone IS NULL
        RETURN v ORDER BY v._id LIMIT $size }
    WITH v ORDER BY v._since, v._id LIMIT $size
    OPTIONAL MATCH (old:_Row {_row: v._row}) WHERE old._until = v._since
    WITH collect([v._since, v._id, v._source, v._table, v._key, old._batch, old._body, v._batch, v._body]) AS found"""
    + _STILL
)

# A node is visible by its kind; else by its rows: all public, or one owned by the organisation.
_ROWS: Final[LiteralString] = (
    " CALL (NODE) { MATCH (v:_Row {_node: NODE._id}) WHERE NOT ($all OR NODE._kind IN $kinds) AND "
    + _LIVE
    + """ RETURN count(*) AS live, count(CASE WHEN NOT v._public THEN 1 END) AS hidden,
        count(CASE WHEN $org IN v._owners THEN 1 END) AS owned }"""
)
_VISIBLE: Final[LiteralString] = """ WHERE $all OR NODE._kind IN $kinds
    OR (NODE._kind IN $scoped AND live > 0 AND hidden = 0) OR (NODE._kind IN $own AND owned > 0)"""
_WALK: Final[LiteralString] = "x._since <= $rev AND (x._until IS NULL OR x._until > $rev)"
_FOUND: Final[LiteralString] = (
    "UNWIND $nodes AS id MATCH (near:Entity {_id: id})"
    + _ROWS.replace("NODE", "near")
    + " WITH near, live, hidden, owned"
    + _VISIBLE.replace("NODE", "near")
    + " MATCH (near)-[x]->(other:Entity) WHERE ($all OR x._relation IN $relations) AND FILTER AND "
    + _WALK
    + " WITH DISTINCT x._relation AS relation, other"
    + _ROWS.replace("NODE", "other")
    + " WITH relation, other, live, hidden, owned"
    + _VISIBLE.replace("NODE", "other")
)
_PAGE: Final[LiteralString] = (
    _FOUND.replace(
        "FILTER",
        """($relation IS NULL OR x._relation = $relation) AND ($kind IS NULL OR other._kind = $kind)
        AND ($kind_after IS NULL OR other._kind > $kind_after
            OR (other._kind = $kind_after AND other._key > $key_after))""",
    )
    + """ WITH relation, other ORDER BY relation, other._kind, other._key LIMIT $limit
    MATCH (near:Entity)-[x]->(other) WHERE near._id IN $nodes AND x._relation = relation AND """
    + _WALK
    + _ROWS.replace("NODE", "near")
    + " WITH relation, other, near, x, live, hidden, owned"
    + _VISIBLE.replace("NODE", "near")
    + """ MATCH (v:_Row {_id: x._row})
    WITH collect([relation, other._kind, other._key, near._kind, near._key,
        v._source, v._table, v._key, v._batch, v._body]) AS found"""
    + _STILL
)
_COUNT: Final[LiteralString] = (
    _FOUND.replace("FILTER", "true")
    + " WITH relation, other._kind AS kind, count(DISTINCT other) AS total"
    + " WITH collect([relation, kind, total]) AS found"
    + _STILL
)
EDGES: Final[dict[str, LiteralString]] = {
    "out": _PAGE,
    "in": _PAGE.replace("(near)-[x]->", "(near)<-[x]-").replace("(near:Entity)-[x]->", "(near:Entity)<-[x]-"),
}
DEGREES: Final[dict[str, LiteralString]] = {
    "out": _COUNT,
    "in": _COUNT.replace("(near)-[x]->", "(near)<-[x]-"),
}

# Erasure: marked first, then published, then gone for good.
_WANTED: Final[LiteralString] = "UNWIND $rows AS name MATCH (v:_Row {_row: name})"
LIVE_ROWS: Final = (
    _WANTED + " WHERE " + _LIVE + " RETURN collect(DISTINCT [v._source, v._table, v._key]) AS found"
)
MARK: Final[tuple[LiteralString, ...]] = (
    "MATCH (g:_Staging {_token: $token}) SET g._rows = $rows",
    _WANTED + " SET v._gone = true",
    _WANTED
    + " WHERE v._since < $rev AND v._until IS NULL AND v._body IS NOT NULL"
    + _LINKS.replace("OF", "v")
    + " SET x._until = $rev",
    _WANTED + " WHERE v._since < $rev AND v._until IS NULL SET v._until = $rev",
)
UNMARK: Final[tuple[LiteralString, ...]] = (
    _WANTED
    + " WHERE v._until = $rev AND v._body IS NOT NULL"
    + _LINKS.replace("OF", "v")
    + " SET x._until = null",
    _WANTED + " WHERE v._until = $rev SET v._until = null",
    _WANTED + " SET v._gone = null",
)
# The loads of these sources may tell of cells of the erased rows.
REPORTS: Final = (
    "MATCH (b:_Batch) WHERE b._source IN $sources RETURN collect([b._revision, b._report]) AS found"
)
SET_REPORTS: Final = "UNWIND $told AS one MATCH (b:_Batch {_revision: one[0]}) SET b._report = one[1]"
ERASED_NODES: Final = (
    _WANTED
    + """ UNWIND v._starts + v._ends + coalesce(v._node, []) AS id
    RETURN collect(DISTINCT id) AS found"""
)
ERASE: Final[tuple[LiteralString, ...]] = (
    _WANTED + _LINKS.replace("OF", "v") + " DELETE x",
    _WANTED + " DELETE v",
    "UNWIND $nodes AS id" + _SHOW,
    """UNWIND $nodes AS id
    MATCH (e:Entity {_id: id}) WHERE NOT EXISTS { (e)--() } AND NOT EXISTS { MATCH (v:_Row {_node: id}) }
    DELETE e""",
)

# Forgetting the older log: first the batches say so, then what no reader may ask for any more goes, page by page.
LOGGED: Final = """
    MATCH (v:_Row) WHERE v._id > $after AND v._id < $end AND v._since = $rev AND v._gone IS NULL
    RETURN count(*) AS total, collect(DISTINCT [v._source, v._table]) AS pairs"""
FORGET_LOG: Final[tuple[LiteralString, ...]] = (
    """UNWIND $told AS one MATCH (b:_Batch {_revision: one[0]})
    SET b._report = one[1], b._erased = one[2], b._pruned = true""",
    PURGE,
)
CARRY_SEALED: Final[tuple[LiteralString, ...]] = (
    _MINE
    + """ AND v._mark <> '' AND v._sealed IS NULL AND v._since IS NOT NULL
        AND (v._until IS NULL OR v._until > $until)
    CALL (v) {
        MATCH (w:_Row {_row: v._row}) WHERE w._mark = v._mark AND w._sealed IS NOT NULL AND w._since <= v._since
        RETURN w._sealed AS part ORDER BY w._since DESC LIMIT 1 }
    SET v._sealed = part""",
)
DROP_OLD: Final[tuple[LiteralString, ...]] = (
    _MINE + " AND (v._until <= $until OR (v._body IS NULL AND v._since <= $until)) DELETE v",
)
