"""Random batches for the tests of history: made of the small rows of the contract suite."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from kg.model.graph import NodeRef, Row, RowChange, RowId
from kg.ports import GraphStore
from kg.store.memory_store import MemoryStore
from kg.store.sqlite.store import SqliteStore
from tests.contract.samples import clock, put, retire, row

NODES = [f"{kind}:{key}" for kind in ("need", "skill", "firm") for key in ("1", "2")]
REFS = [NodeRef.parse(text) for text in NODES]
IDS = [
    RowId(source, table, key)
    for source in ("s1", "s2")
    for table in ("needs", "talents")
    for key in ("1", "2", "3")
]
Opener = Callable[[Path], GraphStore]


def open_memory(_: Path) -> GraphStore:
    return MemoryStore(clock=clock)


def open_sqlite(folder: Path) -> GraphStore:
    return SqliteStore.open(folder / "graph.db", key_fingerprint="0" * 16, clock=clock)


@contextmanager
def opened(opener: Opener, folder: Path) -> Iterator[GraphStore]:
    folder.mkdir(exist_ok=True)
    store = opener(folder)
    try:
        yield store
    finally:
        store.close()


def random_row(chance: random.Random, target: RowId, *, rights: bool = False) -> Row:
    """Return a random state of a row; owners and publicity belong to the row unless `rights` change too."""
    steady = random.Random(str(target))
    held = chance if rights else steady
    links = [
        (chance.choice(NODES), chance.choice("rq"), chance.choice(NODES)) for _ in range(chance.randrange(3))
    ]
    return row(
        target.key,
        table=target.table,
        source=target.source,
        at=chance.choice([None, *NODES]),
        links=links,
        values={"v": chance.choice([1, "一", ("a", "b")]), "n": chance.randrange(1000)},
        person=chance.choice([None, "p1", "p2"]),
        owners=held.choice([(), ("A",), ("A", "B")]),
        public=held.random() < 0.5,
        mark=chance.choice(["", "m1", "m2"]),
        identity=chance.choice(["", "i1"]),
    )


def random_change(chance: random.Random, *, rights: bool = False, ids: list[RowId] = IDS) -> RowChange:
    target = chance.choice(ids)
    if chance.random() < 0.25:
        return retire(target)
    state = random_row(chance, target, rights=rights)
    return put(state, f"{target}{state.seal_mark}".encode() if state.seal_mark else None)


def without_rights(rows: list[Row]) -> list[Row]:
    """Return rows without owners and publicity: those are always of today."""
    return [replace(one, owners=(), public=True) for one in rows]
