"""Staging behind the back: in order, complete before publication, errors told where the changes come from."""

from collections.abc import Sequence
from datetime import UTC, datetime
from threading import Event, current_thread

import pytest

from kg.errors import StoreError
from kg.model.graph import Provenance, Row, RowChange, RowId
from kg.store.memory_store import MemoryStore
from loaders.behind import StagingThread
from tests.loaders.batches import NOON, codes, load_tables, memory_store, rows_of, talent


def change(number: int) -> RowChange:
    key = RowId("s", "t", f"{number:04d}")
    origin = Provenance(batch="", origin="", recorded_at=datetime(2026, 1, 1, tzinfo=UTC))
    return RowChange(id=key, row=Row(id=key, node=None, label="", values={}, links=(), provenance=origin))


class Watched(MemoryStore):
    """A store that notes what is staged, waits for a sign, and breaks when told to."""

    def __init__(self) -> None:
        super().__init__(clock=lambda: NOON)
        self.seen: list[str] = []
        self.threads: set[str] = set()
        self.go = Event()
        self.broken_from = 10**9

    def stage(self, batch: str, changes: Sequence[RowChange]) -> int:  # type: ignore[override]
        assert self.go.wait(10)
        self.threads.add(current_thread().name)
        if len(self.seen) >= self.broken_from:
            raise StoreError("磁盘空间不足")
        self.seen += [one.id.key for one in changes]
        return len(changes)


def put_many(staging: StagingThread) -> None:
    for number in range(2, 100):
        staging.put([change(number)])


def test_everything_is_staged_in_order_by_another_thread() -> None:
    store = Watched()
    staging = StagingThread(store, "b")
    staging.put([change(0), change(1)])
    staging.put([change(2)])
    assert store.seen == []
    store.go.set()
    for number in range(3, 40):
        staging.put([change(number)])
    staging.finish()
    assert store.seen == [f"{number:04d}" for number in range(40)]
    assert store.threads == {"jiangtu-staging"}
    staging.put([change(40)])
    staging.finish()
    assert store.seen[-1] == "0040", "it may go on after a wait"


def test_an_error_is_raised_where_the_changes_come_from_and_nothing_follows() -> None:
    store = Watched()
    store.broken_from = 2
    store.go.set()
    staging = StagingThread(store, "b")
    staging.put([change(0), change(1)])
    with pytest.raises(StoreError, match="磁盘"):
        put_many(staging)
    with pytest.raises(StoreError):
        staging.finish()
    staging.stop()
    assert len(store.seen) == 2


def test_a_load_whose_store_breaks_publishes_nothing() -> None:
    store = Watched()
    store.go.set()
    store.broken_from = 0
    with pytest.raises(StoreError, match="磁盘"):
        load_tables(store, {"talents": [talent(f"P{number}") for number in range(30)]})
    assert (store.revision(), rows_of(store, "talents")) == (0, [])
    assert codes(load_tables(memory_store(), {"talents": [talent("P1")]})) == []
