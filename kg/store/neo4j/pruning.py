"""Forgetting the older change log on a Neo4j server: versions that nobody may ask for any more go.

The report of a pruned batch says `log_gone`, and for each table and source that it changed one entry without key is
told, the same that an erasure leaves. Killed after that was written, the versions that were to go stay unseen until
the next time.
"""

from typing import Any
from uuid import uuid4

from kg.model.batches import LOG_GONE
from kg.store.codec import from_json, to_json
from kg.store.neo4j import statements as say
from kg.store.neo4j.connection import Connection
from kg.store.neo4j.forms import SEPARATOR
from kg.store.neo4j.publishing import Publisher


def prune(connection: Connection, publisher: Publisher, until: int) -> int:
    """Forget the log up to and with revision `until`; return how many entries went."""
    lease = uuid4().hex
    with publisher.lease(lease) as newest:
        until = min(until, newest)
        found: list[Any] = connection.ask(say.BATCHES, since=0, rev=until)["found"]
        told, count = list[list[Any]](), 0
        for batch in found:
            report = from_json(batch["_report"])
            if not report.get(LOG_GONE):
                pairs, total = _logged(connection, batch)
                told.append([batch["_revision"], to_json({**report, LOG_GONE: True}), pairs])
                count += total
        values = {"until": until, "told": told}
        publisher.every_page(lease, say.CARRY_SEALED, values)
        publisher.run(lease, say.FORGET_LOG if told else (), values)
        publisher.every_page(lease, say.DROP_OLD, values)
    return count


def _logged(connection: Connection, batch: Any) -> tuple[list[str], int]:
    """Return the (source, table) that a batch changed or erased, as texts, and how many entries its log has."""
    token = batch["_token"]
    found = connection.ask(say.LOGGED, after=f"{token}|", end=f"{token}}}", rev=batch["_revision"])
    pairs = {(source, table) for source, table in found["pairs"]}
    pairs |= {(source, table) for source, table in (text.split(SEPARATOR) for text in batch["_erased"])}
    return [SEPARATOR.join(pair) for pair in sorted(pairs, key=lambda pair: pair[::-1])], found["total"]
