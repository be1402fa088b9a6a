"""Reading the change log: what was touched, and how the rows stood."""

import random
from dataclasses import replace

from kg.history.history import Touched, known_at, touched
from kg.model.graph import RowId
from kg.store.memory_store import MemoryStore
from tests.contract.samples import clock, load, put, retire, row


def test_older_states_are_found_again() -> None:
    store, chance = MemoryStore(clock=clock), random.Random(7)
    states = [list(store.rows())]
    for turn in range(30):
        key = str(chance.randrange(6))
        load(store, retire(row(key).id) if chance.random() < 0.3 else put(row(key, values={"turn": turn})))
        states.append(list(store.rows()))
    for revision, state in enumerate(states):
        assert known_at(store.rows(), store.changes(revision), revision) == state
        assert known_at(store.rows(), reversed(list(store.changes(0))), revision) == state


def test_erased_rows_were_never_there() -> None:
    store = MemoryStore(clock=clock)
    load(store, put(row("1")), put(row("2")))
    store.erase([row("1").id], actor="admin")
    assert [one.id.key for one in known_at(store.rows(), store.changes(1), 1)] == ["2"]


def test_touched_names_each_row_once_and_erased_tables() -> None:
    store = MemoryStore(clock=clock)
    load(store, put(row("2")), put(row("1", table="talents")))
    load(store, put(row("2", values={})), put(row("10")))
    store.erase([row("10").id], actor="admin")
    ids = (row("2").id, RowId("s1", "talents", "1"))
    assert touched(store.changes(0)) == Touched(revision=3, rows=ids, erased=(("s1", "needs"),))
    assert touched([]) == Touched(revision=0, rows=(), erased=())
    assert replace(touched(store.changes(1)), rows=()).revision == 3
