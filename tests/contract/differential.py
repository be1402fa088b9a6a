"""Random work on stores and on their readable model, the same sequence on all: every read must agree after every step.

`play` runs sequences of at most twelve steps; `benchmarks/differential.py` plays thousands.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from kg.errors import RefusedError
from kg.model.graph import NodeRef, Row, RowChange, RowId, Sight
from kg.ports import GraphStore
from kg.store.memory_store import MemoryStore
from tests.contract.samples import batch, clock, put, retire, row

NODES = [f"{kind}:{key}" for kind in ("need", "skill", "firm") for key in ("1", "2")]
REFS = [NodeRef.parse(text) for text in NODES]
Fresh = Callable[[], AbstractContextManager[GraphStore]]
IDS = [
    RowId(source, table, key)
    for source in ("s1", "s2")
    for table in ("needs", "talents")
    for key in ("1", "2")
]
SIGHTS = (
    None,
    Sight(kinds=frozenset({"skill"}), scoped=frozenset({"need"}), relations=frozenset({"r"}), org="A"),
    Sight(
        kinds=frozenset({"skill"}),
        owned=frozenset({"need", "firm"}),
        relations=frozenset({"r", "q"}),
        org="B",
    ),
    Sight(kinds=frozenset({"need", "firm"}), scoped=frozenset({"skill"}), relations=frozenset({"r", "q"})),
)
NAMES = st.sampled_from(["x", "y"])
LINKS = st.lists(
    st.tuples(st.sampled_from(NODES), st.sampled_from(["r", "q"]), st.sampled_from(NODES)), max_size=3
)


@st.composite
def states(draw: st.DrawFn) -> Row:
    target = draw(st.sampled_from(IDS))
    return row(
        target.key,
        table=target.table,
        source=target.source,
        at=draw(st.sampled_from([None, *NODES])),
        links=draw(LINKS),
        values={"v": draw(st.sampled_from([1, "一", None, ("a", "b")]))},
        batch=draw(st.sampled_from(["", "x", "b-000001"])),
        person=draw(st.sampled_from([None, "p1", "p2"])),
        owners=draw(st.sampled_from([(), ("A",), ("A", "B")])),
        public=draw(st.booleans()),
        mark=draw(st.sampled_from(["", "m1", "m2"])),
        identity=draw(st.sampled_from(["", "i1"])),
    )


@st.composite
def changes(draw: st.DrawFn) -> RowChange:
    if draw(st.integers(0, 4)) == 0:
        return retire(draw(st.sampled_from(IDS)))
    state = draw(states())
    return put(state, draw(st.sampled_from([None, b"one", b"two"])) if state.seal_mark else None)


def reads(store: GraphStore) -> Iterator[tuple[str, object]]:
    """Yield everything that can be read, each with its name."""
    yield "revision", store.revision()
    yield "batches", list(store.batches())
    yield "rows", list(store.rows())
    yield "rows of a table", list(store.rows(table="needs", source="s2"))
    yield "rows by id", list(store.rows(ids=IDS[::2]))
    yield "rows by node", list(store.rows(nodes=REFS[:3], source="s1"))
    yield "rows by person", list(store.rows(persons=["p1"]))
    yield "rows by identity", list(store.rows(identities=["i1"], table="needs"))
    yield "sealed", dict(store.sealed(IDS))
    yield "changes", list(store.changes(0))
    yield "changes since", list(store.changes(max(0, store.revision() - 2)))
    for sight in SIGHTS:
        yield f"degrees {sight}", list(store.degrees(REFS[:2], sight=sight))
        for direction in ("in", "out"):
            for nodes, limit in ((REFS, 200), (REFS[1:3], 2)):
                told = store.edges(nodes, direction=direction, sight=sight, limit=limit)
                yield f"edges {direction} {limit} {sight}", list(told)
    for direction in ("in", "out"):
        page = store.edges(REFS, direction=direction, relation="r", after=("need", "2"), limit=2)
        yield f"next page {direction}", list(page)


class Differential(RuleBasedStateMachine):
    """One sequence: each step is done on the model and on every store."""

    fresh: Sequence[Fresh] = ()

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        self.model = MemoryStore(clock=clock)
        self.stores = [self.open.enter_context(make()) for make in self.fresh]

    def alike(self, work: Callable[[GraphStore], Any]) -> None:
        """Do a step everywhere: the same result, or refused everywhere."""
        try:
            done = work(self.model)
        except RefusedError:
            for store in self.stores:
                with pytest.raises(RefusedError):
                    work(store)
            return
        for store in self.stores:
            assert work(store) == done

    @rule(name=NAMES, staged=st.lists(changes(), max_size=5))
    def stage(self, name: str, staged: list[RowChange]) -> None:
        self.alike(lambda store: store.stage(name, staged))

    @rule(name=NAMES, known=st.sampled_from(["", "", "b-000002", "c"]))
    def publish(self, name: str, known: str) -> None:
        self.alike(lambda store: store.publish(batch(known), staged=name))

    @rule(staged=st.lists(changes(), min_size=1, max_size=4))
    def load(self, staged: list[RowChange]) -> None:
        self.stage("load", staged)
        self.publish("load", "")

    @rule(name=st.sampled_from(["x", "x", "y", ""]))
    def discard(self, name: str) -> None:
        self.alike(lambda store: store.discard(name))

    @rule(ids=st.lists(st.sampled_from(IDS), max_size=2))
    def erase(self, ids: list[RowId]) -> None:
        self.alike(lambda store: store.erase(ids, actor="admin"))

    @invariant()
    def every_read_agrees(self) -> None:
        for store in self.stores:
            for (what, wanted), (_, found) in zip(reads(self.model), reads(store), strict=True):
                assert found == wanted, f"{type(store).__name__}: {what}"

    def teardown(self) -> None:
        self.open.close()


def play(fresh: Sequence[Fresh], *, sequences: int, derandomize: bool = True) -> None:
    """Play sequences on new stores of these kinds; AssertionError shows the shortest one that differs."""
    machine = type("Played", (Differential,), {"fresh": tuple(fresh)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=sequences,
            stateful_step_count=12,
            derandomize=derandomize,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
