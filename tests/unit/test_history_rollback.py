"""Undo of a batch: exactly the state before it, refusals with every conflict, and nothing lost in a race."""

import random
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from kg.errors import NotFoundError, RefusedError, StoreBusyError
from kg.history.rollback import plan_rollback, roll_back
from kg.model.batches import in_force, is_synthetic, undone_by
from kg.model.graph import Batch, Row, RowChange, RowId
from kg.ports import GraphStore
from tests.contract.samples import batch, clock, load, put, retire, row
from tests.unit.history_worlds import (
    IDS,
    Opener,
    open_memory,
    open_sqlite,
    opened,
    random_change,
)

STORES = [open_memory, open_sqlite]
State = tuple[list[Row], Mapping[RowId, bytes]]


def _state(store: GraphStore) -> State:
    return list(store.rows()), dict(store.sealed(IDS))


def _undo(store: GraphStore, name: str) -> Batch:
    return roll_back(store, name, actor="anna", clock=clock).batch


def _refusal(store: GraphStore, name: str) -> RefusedError:
    before = _state(store), store.revision()
    with pytest.raises(RefusedError) as caught:
        _undo(store, name)
    assert (_state(store), store.revision()) == before, "a refusal changes nothing"
    return caught.value


@pytest.mark.parametrize("opener", STORES)
def test_the_state_before_comes_back_with_its_sealed_parts(opener: Opener, tmp_path: Path) -> None:
    with opened(opener, tmp_path) as store:
        load(store, put(row("1", mark="m1"), b"one"), put(row("2")))
        before = _state(store)
        load(
            store,
            put(row("1", mark="m2", values={"v": 2}), b"two"),
            retire(row("2").id),
            put(row("3", mark="m3"), b"three"),
        )
        after = _state(store)
        done = roll_back(store, "b-000002", actor="anna", clock=clock)
        assert _state(store) == before
        assert (done.batch.revision, done.batch.actor, done.batch.delivered) == (3, "anna", ())
        assert done.sealed_lost == ()
        assert done.plan.tables == {"needs": {"put_back": 1, "removed": 1, "restored": 1}}
        assert _undo(store, "b-000003").revision == 4
        assert _state(store) == after, "the undo was undone"
        _undo(store, "b-000004")
        assert _state(store) == before


@pytest.mark.parametrize("opener", STORES)
@pytest.mark.parametrize("seed", range(12))
def test_random_rollbacks_restore_or_refuse(opener: Opener, seed: int, tmp_path: Path) -> None:
    with opened(opener, tmp_path) as store:
        restored, refused = random_rollbacks(store, random.Random(seed), turns=25)
    assert restored
    assert refused


def random_rollbacks(store: GraphStore, chance: random.Random, *, turns: int) -> tuple[int, int]:
    """Undo batches by chance beside a model of versions; return how many were restored and how many refused."""
    refused = 0
    for _ in range(8):
        load(store, *(random_change(chance) for _ in range(chance.randrange(1, 4))))
    for _ in range(turns):
        name = chance.choice(store.batches()).id
        rows = {one.id: one for one in store.rows()}
        want = _expected(store, name)
        if want is None:
            assert _refusal(store, name).code in {"rollback-conflict", "already-undone"}
            refused += 1
            continue
        _undo(store, name)
        for target, before in want.items():
            rows.pop(target, None)
            if before is not None:
                rows[target] = before
        assert {one.id: one for one in store.rows()} == rows
    return turns - refused, refused


def _expected(store: GraphStore, name: str) -> dict[RowId, Row | None] | None:
    """Return what the rows of a batch must become, None where it must be refused; told another way than the product.

    Every write makes a new version of its row, a rollback brings the version before back. A batch may be undone when
    all rows that it touched are at the version that it made.
    """
    if name in undone_by(store.batches()):
        return None
    targets = {one.id: one.report.get("undoes") for one in store.batches()}
    now: dict[RowId, int] = {}
    steps: dict[tuple[str, RowId], tuple[int, int]] = {}
    befores: dict[RowId, Row | None] = {}
    for number, change in enumerate(store.changes(0), 1):
        before, target = now.get(change.id, 0), targets[change.batch]
        after = number if target is None else steps[str(target), change.id][0]
        steps[change.batch, change.id] = before, after
        now[change.id] = after
        if change.batch == name:
            befores[change.id] = change.before
    fits = all(steps[name, target][1] == now[target] for target in befores)
    return befores if fits else None


@pytest.mark.parametrize("opener", STORES)
def test_later_batches_on_other_rows_stay(opener: Opener, tmp_path: Path) -> None:
    with opened(opener, tmp_path) as store:
        load(store, put(row("1")))
        load(store, put(row("1", values={"v": 2})), put(row("2")))
        load(store, put(row("3")))
        _undo(store, "b-000002")
        assert [(one.id.key, one.provenance.batch) for one in store.rows()] == [
            ("1", "b-000001"),
            ("3", "b-000003"),
        ]


@pytest.mark.parametrize("opener", STORES)
def test_every_conflict_is_listed(opener: Opener, tmp_path: Path) -> None:
    with opened(opener, tmp_path) as store:
        load(store, put(row("1")), put(row("2")), put(row("3", table="talents")), put(row("4")))
        load(store, put(row("2", values={"v": 2})))
        load(store, retire(row("3", table="talents").id), put(row("2", values={"v": 3})), put(row("9")))
        error = _refusal(store, "b-000001")
        assert (error.code, error.fields["later"]) == ("rollback-conflict", ["b-000002", "b-000003"])
        assert error.fields["conflicts"] == [
            {"source": "s1", "table": "needs", "key": "2", "batch": "b-000002"},
            {"source": "s1", "table": "needs", "key": "2", "batch": "b-000003"},
            {"source": "s1", "table": "talents", "key": "3", "batch": "b-000003"},
        ]
        _undo(store, "b-000003")
        assert len(_refusal(store, "b-000001").fields["conflicts"]) == 1  # type: ignore[arg-type]  # a list
        _undo(store, "b-000002")
        _undo(store, "b-000001")
        assert list(store.rows()) == []


def test_what_cannot_be_undone_says_why() -> None:
    with opened(open_memory, Path("/tmp")) as store:
        load(store, put(row("1")), put(row("2")))
        with pytest.raises(NotFoundError):
            _undo(store, "b-000009")
        store.erase([row("2").id], actor="admin")
        assert _refusal(store, "b-000002").code == "erasure-stays"
        _undo(store, "b-000001")
        error = _refusal(store, "b-000001")
        assert (error.code, error.fields["by"]) == ("already-undone", "b-000003")


@pytest.mark.parametrize("opener", STORES)
def test_erased_rows_never_come_back(opener: Opener, tmp_path: Path) -> None:
    with opened(opener, tmp_path) as store:
        load(store, put(row("1", mark="m1"), b"one"), put(row("2")))
        load(store, retire(row("1").id), retire(row("2").id))
        assert store.erase([row("1").id], actor="admin") == 0
        _undo(store, "b-000002")
        assert [one.id.key for one in store.rows()] == ["2"]
        assert store.sealed([row("1").id]) == {}
        _undo(store, "b-000003")
        _undo(store, "b-000004")
        assert [one.id.key for one in store.rows()] == ["2"]


def test_lost_undo_data_and_lost_sealed_parts_are_told() -> None:
    with opened(open_memory, Path("/tmp")) as store:
        report = {"totals": {"inserted": 3, "updated": 0, "retired": 0}}
        store.publish(replace(batch(), report=report))
        assert _refusal(store, "b-000001").code == "history-gone"
        load(store, put(row("1", mark="m1")))
        load(store, retire(row("1").id))
        done = roll_back(store, "b-000003", actor="anna", clock=clock)
        assert done.sealed_lost == (row("1").id,)


def test_an_undone_batch_delivers_nothing_until_the_undo_is_undone() -> None:
    with opened(open_memory, Path("/tmp")) as store:
        store.publish(replace(batch(source="a"), synthetic=True))
        store.publish(batch(source="b"))

        def sources() -> list[str]:
            return [one.source for one in in_force(store.batches())]

        assert (sources(), is_synthetic(store.batches())) == (["a", "b"], False)
        _undo(store, "b-000002")
        assert (sources(), is_synthetic(store.batches())) == (["a"], True)
        _undo(store, "b-000003")
        assert (sources(), is_synthetic(store.batches())) == (["a", "b"], False)
        _undo(store, "b-000004")
        _undo(store, "b-000001")
        assert (sources(), is_synthetic(store.batches())) == ([], False)


def test_rows_that_would_point_nowhere_are_counted() -> None:
    with opened(open_memory, Path("/tmp")) as store:
        load(store, put(row("1", at="firm:1")), put(row("2", at="firm:2", links=[("firm:2", "r", "firm:1")])))
        load(store, put(row("3", at="need:3", links=[("need:3", "r", "firm:1"), ("need:3", "q", "firm:2")])))
        load(store, put(row("4", at="firm:2")))
        assert plan_rollback(store, "b-000001").dangling == 1
        assert plan_rollback(store, "b-000002").dangling == 0


class Raced:
    """A store in which somebody else publishes just before each of the first publications."""

    def __init__(self, store: GraphStore, others: list[Callable[[], object]]) -> None:
        self._store, self._others = store, others

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def publish(self, published: Batch, *, staged: str | None = None) -> Batch:
        if self._others:
            self._others.pop(0)()
        return self._store.publish(published, staged=staged)


@pytest.mark.parametrize("opener", STORES)
def test_a_batch_that_comes_in_between_is_never_overwritten(opener: Opener, tmp_path: Path) -> None:
    with opened(opener, tmp_path) as store:
        load(store, put(row("1")), put(row("2")))
        elsewhere: list[RowChange] = [put(row("7"))]
        raced = Raced(store, [lambda: load(store, *elsewhere)])
        assert _undo(raced, "b-000001").revision == 3  # type: ignore[arg-type]  # all of a store
        assert [one.id.key for one in store.rows()] == ["7"]
        _undo(store, "b-000003")
        newer = put(row("2", values={"newer": True}))
        raced = Raced(store, [lambda: load(store, newer)])
        with pytest.raises(RefusedError) as caught:
            _undo(raced, "b-000001")  # type: ignore[arg-type]  # same
        assert caught.value.code == "rollback-conflict"
        assert store.revision() == 5
        assert newer.row is not None
        assert [one.values for one in store.rows(ids=[newer.id])] == [newer.row.values]
        busy = Raced(store, [lambda: load(store, put(row("8")))] * 9)
        with pytest.raises(StoreBusyError):
            _undo(busy, "b-000005")  # type: ignore[arg-type]  # same


class Erasing(Raced):
    """A store in which somebody erases rows while what the log held of them is being staged."""

    def stage(self, name: str, changes: Iterable[RowChange]) -> int:
        held = list(changes)
        if self._others:
            self._others.pop(0)()
        return self._store.stage(name, held)


@pytest.mark.parametrize("opener", STORES)
def test_what_is_erased_meanwhile_does_not_come_back(opener: Opener, tmp_path: Path) -> None:
    with opened(opener, tmp_path) as store:
        load(store, put(row("1", mark="m1"), b"one"), put(row("2")))
        load(store, retire(row("1").id), retire(row("2").id))
        erasing = Erasing(store, [lambda: store.erase([row("1").id], actor="admin")])
        _undo(erasing, "b-000002")  # type: ignore[arg-type]  # all of a store
        assert [one.id.key for one in store.rows()] == ["2"]
        assert "1" not in {change.id.key for change in store.changes(0)}


@pytest.mark.parametrize("opener", STORES)
def test_loads_and_rollbacks_at_once_lose_nothing(opener: Opener, tmp_path: Path) -> None:
    """Four threads count up rows, one undoes what it can: every load that was published and stands is in the rows."""
    with opened(opener, tmp_path) as store:
        ended, wrong = threading.Event(), list[str]()

        def count(name: str) -> None:
            for turn in range(15):
                store.stage(f"load-{name}", [put(row(name, values={"turn": turn}))])
                store.publish(batch(), staged=f"load-{name}")

        def undo() -> None:
            chance = random.Random(1)
            while not ended.is_set():
                try:
                    known = store.batches()
                    if known:
                        _undo(store, chance.choice(known[-6:]).id)
                except (RefusedError, StoreBusyError):
                    continue
                except Exception as error:
                    wrong.append(repr(error))

        counters = [threading.Thread(target=count, args=(name,)) for name in "abcd"]
        undoer = threading.Thread(target=undo)
        for one in (*counters, undoer):
            one.start()
        for one in counters:
            one.join()
        ended.set()
        undoer.join()
        assert wrong == []
        assert [one.revision for one in store.batches()] == list(range(1, store.revision() + 1))
        rows: dict[RowId, Row | None] = {}
        for change in store.changes(0):
            assert rows.get(change.id) == change.before, "no batch overwrote what it had not seen"
            rows[change.id] = change.after
        assert {key: one for key, one in rows.items() if one is not None} == {
            one.id: one for one in store.rows()
        }
