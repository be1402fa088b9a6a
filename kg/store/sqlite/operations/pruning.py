"""Forgetting the older change log: what stood before is not known any more, everything as it is stays.

An entry of a pruned batch is replaced by one without key for its table and source, the same that an erasure leaves:
whoever still derives from an older revision learns that the table must be read anew. The report of the batch says
`log_gone`.
"""

import sqlite3
from typing import Final

from kg.model.batches import LOG_GONE
from kg.store import rules
from kg.store.codec import from_json, to_json
from kg.store.sqlite.publishing import MARKER

_PRUNED: Final = "SELECT id, report FROM batch WHERE revision <= ? ORDER BY revision"
_PAIRS: Final = """
    SELECT DISTINCT row.tbl, row.source FROM change CROSS JOIN source_row AS row ON row.id = change.row_id
    WHERE change.batch = ? ORDER BY 1, 2"""
_FORGET: Final = """
    DELETE FROM change WHERE batch = ?1
        AND row_id NOT IN (SELECT id FROM source_row WHERE key = ?2)"""
_FORGET_MARKS: Final = "UPDATE change SET before = NULL WHERE batch = ?"
# Sealed parts that neither a live row, nor undo data, nor a staged change names any more.
_OLD_SEALS: Final = """
    DELETE FROM sealed WHERE
        NOT EXISTS (SELECT 1 FROM source_row AS row WHERE row.id = sealed.row_id AND row.body IS NOT NULL
            AND json_extract(row.body, '$[11]') = sealed.mark)
        AND NOT EXISTS (SELECT 1 FROM change WHERE change.row_id = sealed.row_id AND change.before IS NOT NULL
            AND json_extract(change.before, '$[11]') = sealed.mark)
        AND NOT EXISTS (SELECT 1 FROM staged WHERE staged.row_id = sealed.row_id)"""
# Places of rows that were retired and of which no state is kept.
_OLD_PLACES: Final = """
    DELETE FROM source_row WHERE body IS NULL AND batch <> 0
        AND NOT EXISTS (SELECT 1 FROM change WHERE change.row_id = source_row.id)
        AND NOT EXISTS (SELECT 1 FROM staged WHERE staged.row_id = source_row.id)"""


def prune(connection: sqlite3.Connection, until: int) -> int:
    """Forget the log up to a revision, inside the caller's transaction; return how many entries went."""
    count = 0
    for number, text in connection.execute(_PRUNED, (until,)).fetchall():
        report = from_json(text)
        if report.get(LOG_GONE):
            continue
        pairs = connection.execute(_PAIRS, (number,)).fetchall()
        for table, source in pairs:
            for statement in MARKER:
                connection.execute(statement, (number, table, rules.ERASED_KEY, source))
        count += connection.execute(_FORGET, (number, rules.ERASED_KEY)).rowcount
        connection.execute(_FORGET_MARKS, (number,))
        connection.execute(
            "UPDATE batch SET report = ? WHERE id = ?", (to_json({**report, LOG_GONE: True}), number)
        )
    if count:
        connection.execute(_OLD_SEALS)
        connection.execute(_OLD_PLACES)
    return count
