"""Forgetting the older change log on a Neo4j server: versions that nobody may ask for any more go.

The report of a pruned batch says `log_gone`, and for each table and source that it changed one entry without key is
told, the same that an erasure leaves. Killed after that was written, the versions that were to go stay unseen until
the next time.
"""

from typing import Any, Final, LiteralString
from uuid import uuid4

from kg.model.batches import LOG_GONE
from kg.store.codec import from_json, to_json
from kg.store.neo4j.connection import Connection
from kg.store.neo4j.forms import SEPARATOR
from kg.store.neo4j.lease import Lease
from kg.store.neo4j.publishing import MINE, PART, PURGE, Publisher

_BATCHES: Final = """
    MATCH (b:_Batch) WHERE b._revision <= $until
    WITH b ORDER BY b._revision RETURN collect(properties(b)) AS found"""
_LOGGED: Final = """
    MATCH (v:_Row) WHERE v._id > $after AND v._id < $end AND v._since = $rev
    RETURN count(*) AS total, collect(DISTINCT [v._source, v._table]) AS pairs"""
_SAY_GONE: Final[tuple[LiteralString, ...]] = (
    """UNWIND $told AS one MATCH (b:_Batch {_revision: one[0]})
    SET b._report = one[1], b._erased = one[2], b._about = null, b._pruned = true""",
    PURGE,
)
_CARRY_SEALED: Final[tuple[LiteralString, ...]] = (
    MINE
    + """ AND v._mark <> '' AND v._sealed IS NULL AND v._since IS NOT NULL
        AND (v._until IS NULL OR v._until > $until)"""
    + PART
    + " SET v._sealed = part",
)
_DROP_OLD: Final[tuple[LiteralString, ...]] = (
    MINE + " AND (v._until <= $until OR (v._body IS NULL AND v._since <= $until)) DELETE v",
)


def prune(connection: Connection, publisher: Publisher, turn: Lease, until: int) -> int:
    """Forget the log up to and with revision `until`; return how many entries went."""
    lease = uuid4().hex
    with publisher.lease(lease) as newest:
        until = min(until, newest)
        told, count = list[list[Any]](), 0
        for batch in connection.ask(_BATCHES, until=until)["found"]:
            report = from_json(batch["_report"])
            if not report.get(LOG_GONE):
                pairs, total = _logged(connection, batch)
                told.append([batch["_revision"], to_json({**report, LOG_GONE: True}), pairs])
                count += total
        values = {"until": until, "told": told}
        turn.pages(lease, "", _CARRY_SEALED, values)
        if told:
            turn.run(lease, _SAY_GONE, values)
        turn.pages(lease, "", _DROP_OLD, values)
    return count


def _logged(connection: Connection, batch: Any) -> tuple[list[str], int]:
    """Return the (source, table) that a batch changed or erased, as texts, and how many entries its log has."""
    token = batch["_token"]
    found = connection.ask(_LOGGED, after=f"{token}|", end=f"{token}}}", rev=batch["_revision"])
    pairs = {(source, table) for source, table in found["pairs"]}
    pairs |= {(source, table) for source, table in (text.split(SEPARATOR) for text in batch["_erased"])}
    return [SEPARATOR.join(pair) for pair in sorted(pairs, key=lambda pair: pair[::-1])], found["total"]
