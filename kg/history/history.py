"""What the change log says: which rows a span of revisions touched, and how the rows stood before it."""

from collections.abc import Iterable
from dataclasses import dataclass

from kg.model.graph import Change, Row, RowId


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """What changed after a revision: the rows by name, and the (source, table) pairs that lost rows for good.

    Erased rows are not named in the log. Whoever derived something from a pair in `erased` must read it anew.
    """

    revision: int
    rows: tuple[RowId, ...]
    erased: tuple[tuple[str, str], ...]


def touched(changes: Iterable[Change]) -> Touched:
    """Return what the changes touched, each row once, ordered by (table, key, source); revision 0 without changes."""
    rows: set[RowId] = set()
    erased: set[tuple[str, str]] = set()
    newest = 0
    for change in changes:
        newest = max(newest, change.revision)
        if change.id.key:
            rows.add(change.id)
        else:
            erased.add((change.id.source, change.id.table))
    return Touched(revision=newest, rows=_ordered(rows), erased=tuple(sorted(erased)))


def known_at(rows_now: Iterable[Row], changes: Iterable[Change], revision: int) -> list[Row]:
    """Return the rows as they stood at `revision`, ordered by (table, key, source).

    `changes` is the log from that revision on (more does no harm), in any order. Rows erased since are not there.
    """
    rows = {row.id: row for row in rows_now}
    later = [change for change in changes if change.revision > revision and change.id.key]
    for change in sorted(later, key=lambda change: -change.revision):
        if change.before is None:
            rows.pop(change.id, None)
        else:
            rows[change.id] = change.before
    return [rows[key] for key in _ordered(rows)]


def _ordered(ids: Iterable[RowId]) -> tuple[RowId, ...]:
    return tuple(sorted(ids, key=lambda row: (row.table, row.key, row.source)))
