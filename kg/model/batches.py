"""Which batches count: a batch that was rolled back, and the rollback itself, are history but deliver nothing."""

from collections.abc import Iterable, Mapping
from typing import Final, cast

from kg.model.graph import Batch

UNDOES: Final = "undoes"
"""Key of a rollback's report: the id of the batch that it undoes."""
ERASED: Final = "erased"
"""Key of the report of an erasure: how many rows it removed for good (`kg.ports`)."""

LOG_GONE: Final = "log_gone"
"""Key of the report of a batch whose change log is no longer kept: true. What stood before it is not known any more."""

IDENTITY: Final = "identity"
"""Key of the report of an identity decision: what was joined, and which texts mean which organisation or occupation."""


def told_names(batches: Iterable[Batch], kind: str) -> dict[str, str]:
    """Return text -> key as people have decided it ("organisation", "title"), later decisions before older ones.

    Pass the batches that are in force: a decision that was rolled back is none.
    """
    found: dict[str, str] = {}
    for batch in sorted(batches, key=lambda batch: batch.revision):
        told = batch.report.get(IDENTITY)
        names = told.get(kind) if isinstance(told, Mapping) else None
        for text, key in names.items() if isinstance(names, Mapping) else ():
            found.pop(text, None)
            if key is not None:
                found[text] = key
    return found


def log_begins(batches: Iterable[Batch]) -> int:
    """Return the oldest revision whose state can still be told: 0 while the whole change log is kept."""
    return max((batch.revision for batch in batches if batch.report.get(LOG_GONE)), default=0)


def undone_by(batches: Iterable[Batch]) -> dict[str, str]:
    """Return batch id -> id of the rollback that holds it undone. A rollback that was rolled back undoes nothing."""
    found: dict[str, str] = {}
    for batch in sorted(batches, key=lambda batch: -batch.revision):
        target = batch.report.get(UNDOES)
        if isinstance(target, str) and batch.id not in found:
            found[target] = batch.id
    return found


def in_force(batches: Iterable[Batch]) -> list[Batch]:
    """Return the batches that count, in the order given: neither undone nor rollbacks nor erasures.

    Whoever asks what was delivered, or which source came first, asks these. Pass the batches up to a revision to know
    what counted then.
    """
    known = list(batches)
    undone = undone_by(known)
    return [
        batch
        for batch in known
        if batch.id not in undone and UNDOES not in batch.report and ERASED not in batch.report
    ]


def is_synthetic(batches: Iterable[Batch]) -> bool:
    """True when every batch that counts is marked synthetic, and there is one."""
    marks = [batch.synthetic for batch in in_force(batches)]
    return bool(marks) and all(marks)


_CHANGED: Final = ("inserted", "updated", "retired", "put_back", "restored", "removed")


def changed_rows(batch: Batch) -> int:
    """Return how many rows the batch has changed, as far as its report tells."""
    totals = batch.report.get("totals")
    counts = cast("Mapping[str, object]", totals) if isinstance(totals, Mapping) else {}
    return sum(count for key in _CHANGED if isinstance(count := counts.get(key), int))
