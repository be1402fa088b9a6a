"""The index of edge ids names the row of every edge, and of nothing else."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from kg.model.graph import Batch, Link, NodeRef, Provenance, Row, RowChange, RowId, edge_id
from kg.paths.edge_index import EdgeIndex, changed_edges, edge_of
from kg.store.memory_store import MemoryStore

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def _row(key: str, *targets: str) -> Row:
    node = NodeRef("demand", key)
    return Row(
        id=RowId("市库", "demands", key),
        node=node,
        label=key,
        values={},
        links=tuple(Link(node, "demands.skills", NodeRef("skill", target)) for target in targets),
        provenance=Provenance(batch="", origin="", recorded_at=NOW),
    )


def _publish(store: MemoryStore, *rows: Row) -> None:
    store.stage("b", [RowChange(id=row.id, row=row) for row in rows])
    store.publish(Batch(id="", source="市库", actor="test", at=NOW, delivered=("demands",)), staged="b")


@pytest.fixture
def store() -> Iterator[MemoryStore]:
    made = MemoryStore(clock=lambda: NOW)
    _publish(made, *(_row(f"岗{number}", "车", "铣", f"独{number}") for number in range(200)))
    yield made
    made.close()


def test_every_edge_leads_to_its_row(store: MemoryStore) -> None:
    index = EdgeIndex.of(store)
    assert len(index.digests) == 600
    for row in store.rows():
        for link in row.links:
            wanted = edge_id(row.id, link)
            assert index.rows(wanted) == [row.id]
            found = edge_of(row, wanted)
            assert found is not None
            assert (found.id, found.link) == (wanted, link)
    assert index.rows("0" * 20) == []
    assert edge_of(_row("岗0", "车"), "0" * 20) is None


def test_later_rows_are_found_by_their_changes(store: MemoryStore) -> None:
    revision = store.revision()
    _publish(store, _row("岗0", "钳"))
    changed = changed_edges(store, revision)
    row = _row("岗0", "钳")
    assert changed == {edge_id(row.id, row.links[0]): row.id}
    assert changed_edges(store, store.revision()) == {}


def test_an_empty_store_has_an_empty_index() -> None:
    empty = EdgeIndex.of(MemoryStore(clock=lambda: NOW))
    assert empty.rows("f" * 20) == []
    assert len(empty.digests) == 0


def test_it_is_small(store: MemoryStore) -> None:
    index = EdgeIndex.of(store)
    keys = sum(len(row.id.key.encode()) for row in store.rows())
    assert index.size <= 12 * 600 + 10 * 201 + keys
