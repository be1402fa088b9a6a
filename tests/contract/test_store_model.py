"""Random work on the SQLite store and on its readable model: every read must agree after every step."""

from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from kg.errors import RefusedError
from kg.model.graph import NodeRef, Row, RowChange, RowId, Sight
from kg.store.memory_store import MemoryStore
from kg.store.sqlite.store import SqliteStore
from tests.contract.samples import batch, clock, put, retire, row

NODES = [f"{kind}:{key}" for kind in ("need", "skill", "firm") for key in ("1", "2")]
REFS = [NodeRef.parse(text) for text in NODES]
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
FAST = Path("/dev/shm")  # in memory where there is one: the test opens hundreds of files
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


class TwoStores(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp(dir=FAST if FAST.is_dir() else None))
        self.model = MemoryStore(clock=clock)
        self.store = SqliteStore.open(self.folder / "graph.db", key_fingerprint="0" * 16, clock=clock)

    @rule(name=NAMES, staged=st.lists(changes(), max_size=5))
    def stage(self, name: str, staged: list[RowChange]) -> None:
        assert self.store.stage(name, staged) == self.model.stage(name, staged)

    @rule(name=NAMES, known=st.sampled_from(["", "", "b-000002", "c"]))
    def publish(self, name: str, known: str) -> None:
        try:
            published = self.model.publish(batch(known), staged=name)
        except RefusedError:
            with pytest.raises(RefusedError):
                self.store.publish(batch(known), staged=name)
        else:
            assert self.store.publish(batch(known), staged=name) == published

    @rule(staged=st.lists(changes(), min_size=1, max_size=4))
    def load(self, staged: list[RowChange]) -> None:
        self.stage("load", staged)
        self.publish("load", "")

    @rule(name=st.sampled_from(["x", "x", "y", ""]))
    def discard(self, name: str) -> None:
        self.store.discard(name)
        self.model.discard(name)

    @rule(ids=st.lists(st.sampled_from(IDS), max_size=2))
    def erase(self, ids: list[RowId]) -> None:
        assert self.store.erase(ids, actor="admin") == self.model.erase(ids, actor="admin")

    @invariant()
    def rows_agree(self) -> None:
        store, model = self.store, self.model
        assert store.revision() == model.revision()
        assert list(store.batches()) == list(model.batches())
        assert list(store.rows()) == list(model.rows())
        assert list(store.rows(ids=IDS[::2])) == list(model.rows(ids=IDS[::2]))
        assert list(store.rows(nodes=REFS[:3], source="s1")) == list(model.rows(nodes=REFS[:3], source="s1"))
        assert list(store.rows(persons=["p1"])) == list(model.rows(persons=["p1"]))
        assert list(store.rows(identities=["i1"], table="needs")) == list(
            model.rows(identities=["i1"], table="needs")
        )
        assert dict(store.sealed(IDS)) == dict(model.sealed(IDS))
        assert list(store.changes(0)) == list(model.changes(0))

    @invariant()
    def edges_agree(self) -> None:
        for direction in ("in", "out"):
            for sight in SIGHTS:
                for nodes, limit in ((REFS, 200), (REFS[1:3], 2)):
                    assert list(
                        self.store.edges(nodes, direction=direction, sight=sight, limit=limit)
                    ) == list(self.model.edges(nodes, direction=direction, sight=sight, limit=limit))
            page = {"direction": direction, "relation": "r", "after": ("need", "2"), "limit": 2}
            assert list(self.store.edges(REFS, **page)) == list(self.model.edges(REFS, **page))  # type: ignore[arg-type]  # mixed
        for sight in SIGHTS:
            assert list(self.store.degrees(REFS[:2], sight=sight)) == list(
                self.model.degrees(REFS[:2], sight=sight)
            )

    def teardown(self) -> None:
        self.store.close()
        rmtree(self.folder)


class TestModel:
    engine: ClassVar[str] = "sqlite"

    def test_the_sqlite_store_equals_its_model(self) -> None:
        run_state_machine_as_test(
            TwoStores,
            settings=settings(
                max_examples=200,
                stateful_step_count=12,
                derandomize=True,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
