"""The batches that writers publish until they are killed, and what of them must be in a store afterwards."""

from collections import Counter
from collections.abc import Sequence

from kg.model.graph import RowChange
from kg.ports import GraphStore
from tests.contract.samples import put, row

NEW, SHARED = 30, 10
SIZE = NEW + SHARED
"""Rows of a batch: new ones of its own, and the same few that every batch writes again."""


def changes_of(name: str) -> list[RowChange]:
    """Return the changes of one batch; `SHARED` rows say which batch wrote them last."""
    own, shared = [("a:1", "r", f"b:{name}")], [("a:2", "r", f"b:{name}")]
    new = [put(row(f"{name}-{i}", links=own, mark="m"), name.encode()) for i in range(NEW)]
    return [*new, *[put(row(f"shared-{i}", values={"by": name}, links=shared)) for i in range(SHARED)]]


def check_rows(store: GraphStore, acknowledged: Sequence[str], *, newest: int) -> int:
    """Look at all rows and sealed columns, and at the log of so many `newest` revisions; return how many batches there are."""
    published = [known.id for known in store.batches()]
    assert set(acknowledged) <= set(published)
    assert [known.revision for known in store.batches()] == list(range(1, store.revision() + 1))
    rows = list(store.rows())
    by_batch = Counter(one.provenance.batch for one in rows if not one.id.key.startswith("shared"))
    assert by_batch == Counter(dict.fromkeys(published, NEW))
    assert {one.values["by"] for one in rows if one.id.key.startswith("shared")} <= set(published[-1:])
    assert len(store.sealed([one.id for one in rows])) == NEW * len(published)
    logged = Counter(change.batch for change in store.changes(max(0, store.revision() - newest)))
    assert set(logged.values()) <= {SIZE}
    return len(published)


def edges_of(batches: int) -> int:
    """Return how many edges so many batches leave."""
    return NEW * batches + (SHARED if batches else 0)
