"""Two processes read into the index what one reads, and one that fails costs nothing but time."""

import logging
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest

from kg.bootstrap import open_graph
from kg.config import Settings
from kg.index.registers import StoreRegisters, reader
from kg.index.talents.columns import Names
from kg.index.talents.gathered import checked
from kg.index.talents.gathering import Plain, gather
from kg.index.talents.reading import COLUMNS
from kg.index.talents.records import Context
from kg.index.talents.sharing import Second, Shared, started
from kg.index.talents.view import TalentView, context_of, read_talents
from kg.index.world import World, build_world
from kg.model.graph import RowChange
from kg.schema import SCHEMA
from kg.store.sqlite.store import SqliteStore
from tests.golden import golden_b
from tests.oracle.generate import random_world
from tests.unit.mobility_worlds import POLICY, as_json, ask, loaded, now, question_of
from tests.waiting import HANG, until

TABLES = list(COLUMNS)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStore]:
    """A world of several registers in a file, which another process can open."""
    memory = loaded(random_world(7))
    path = tmp_path_factory.mktemp("second") / "graph.db"
    stored = SqliteStore.open(path, key_fingerprint="0" * 16, clock=now)
    for batch in memory.batches():
        stored.stage(batch.id, [RowChange(id=row.id, row=row) for row in memory.rows(source=batch.source)])
        stored.publish(replace(batch, revision=0))
    yield stored
    stored.close()


@pytest.fixture(scope="module")
def world(store: SqliteStore) -> World:
    return build_world(store, POLICY)


def _reopen(store: SqliteStore) -> Any:
    return partial(SqliteStore.open, store._connections.path, key_fingerprint="0" * 16, clock=now)


def _read(store: SqliteStore, world: World) -> tuple[StoreRegisters, Context]:
    read = reader(store, store.batches(), POLICY, SCHEMA)
    return read, context_of(world.words, world.talents.needs, world.delivered, POLICY)


def _began(store: SqliteStore, world: World, shared: Shared, *, revision: int | None = None) -> None:
    """Have the second process begin."""
    read, context = _read(store, world)
    shared.begin(store.revision() if revision is None else revision, read.ranks, SCHEMA, context)


def _join(shared: Shared) -> None:
    """Wait until the other processes have nothing to do any more."""
    for thread in shared._asked.values():
        assert thread is not None
        thread.join(HANG)


def _view(store: SqliteStore, world: World, shared: Shared) -> TalentView:
    read, context = _read(store, world)
    return read_talents(read, context, world.talents.needs, POLICY, shared)


def _plain(value: Any) -> Any:
    """Return arrays, and what is made of them, as values that can be compared."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, Names):
        return value.words
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return [_plain(one) for one in value]
    if is_dataclass(value):
        return [_plain(getattr(value, one.name)) for one in fields(value) if one.name != "memo"]
    return value


def _assert_same(one: TalentView, two: TalentView) -> None:
    assert (one.keys, one.index, one.registers) == (two.keys, two.index, two.registers)
    assert _plain(one.arrays) == _plain(two.arrays)
    assert list(one) == list(two)
    assert {name: set(texts) for name, texts in one.context.texts().items()} == {
        name: set(texts) for name, texts in two.context.texts().items()
    }


def test_what_the_second_process_reads_is_what_this_one_reads(store: SqliteStore, world: World) -> None:
    second = Second(_reopen(store))
    with Shared([second]) as shared:
        _began(store, world, shared)
        until(lambda: shared.found.keys() == COLUMNS.keys(), "the last table")
        view = _view(store, world, shared)
    assert second._process.returncode is not None
    _assert_same(view, world.talents)
    assert len(world.talents) > 20
    assert any(len(talent.registers) > 1 for talent in world.talents)
    both = replace(world, talents=view)
    for need in sorted(world.talents.needs):
        ours, theirs = (
            as_json(one, ask(one, question_of(one, need), golden_b.AS_OF)) for one in (world, both)
        )
        assert ours == theirs


def test_a_build_in_two_processes_is_like_one(store: SqliteStore, world: World) -> None:
    _assert_same(build_world(store, POLICY, reopen=_reopen(store), most_alone=0).talents, world.talents)


class _InThisProcess(Second):
    """Reads in this process, and fails as it is told."""

    def __init__(self, store: SqliteStore, world: World, fails: str) -> None:
        self._read, self._context = _read(store, world)
        self._fails, self._ended = fails, Event()

    def begin(self, *_: object) -> None:
        if self._fails == "begin":
            raise EOFError

    def gathered(self, table: str) -> tuple[Plain, dict[str, list[str]]]:
        found = gather(self._read, table, self._context)
        if table == TABLES[1] and self._fails:
            self._fail(found)
        return checked(found), self._context.texts()

    def _fail(self, found: Plain) -> None:
        if self._fails == "hang":
            assert self._ended.wait(HANG)
        if self._fails == "nonsense":
            checked((found[0], found[1][:-1], *found[2:]))
        raise EOFError

    def end(self) -> None:
        self._ended.set()

    def close(self) -> None:
        """There is no pipe."""


@pytest.mark.parametrize(
    ("fails", "read_there"),
    [("", TABLES), ("begin", []), ("die", TABLES[:1]), ("nonsense", TABLES[:1]), ("hang", TABLES[:1])],
)
def test_what_the_second_process_does_not_read_is_read_here(
    store: SqliteStore, world: World, fails: str, read_there: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    with (
        caplog.at_level(logging.WARNING),
        Shared([_InThisProcess(store, world, fails)], patience=0.01) as shared,
    ):
        _began(store, world, shared)
        if fails == "hang":
            until(lambda: list(shared.found) == read_there, "the table before")
        else:
            _join(shared)
        _assert_same(_view(store, world, shared), world.talents)
        assert list(shared.found) == read_there
    assert len(caplog.messages) == bool(fails)


def test_a_process_that_cannot_open_the_store_costs_nothing_but_time(
    store: SqliteStore, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    with Shared([Second(partial(sys.exit, 3))]) as shared:
        _began(store, world, shared)
        _join(shared)
        _assert_same(_view(store, world, shared), world.talents)
    assert "without a second process" in caplog.text


def test_another_revision_is_not_taken(store: SqliteStore, world: World) -> None:
    with Shared([Second(_reopen(store))]) as shared:
        _began(store, world, shared, revision=store.revision() + 1)
        _join(shared)
        assert shared.found == {}


def test_the_second_process_ends_when_nobody_asks_any_more(store: SqliteStore, world: World) -> None:
    second = Second(_reopen(store))
    read, context = _read(store, world)
    second.begin(store.revision(), pickle.dumps((read.ranks, SCHEMA, context)))
    second.close()
    second._process.wait(HANG)


def test_what_cannot_be_sent_to_another_process_is_read_here(caplog: pytest.LogCaptureFixture) -> None:
    assert started(lambda: None) == []  # type: ignore[arg-type,return-value]  # never called
    assert "without a second process" in caplog.text


def test_a_graph_tells_how_its_store_is_opened_once_more(tmp_path: Path) -> None:
    with open_graph(Settings(data=tmp_path)) as graph:
        again = pickle.loads(pickle.dumps(graph.reopen))()
        assert again.revision() == graph.store.revision() == 0
        again.close()
    with open_graph(Settings(store="memory:")) as graph:
        assert graph.reopen is None


def test_the_second_process_is_ready_early_because_it_does_without_numpy() -> None:
    asked = "import sys, kg.index.second; print('numpy' in sys.modules)"
    path = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    found = subprocess.run(
        [sys.executable, "-c", asked], env=path, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "False"


def test_every_table_about_persons_is_read_once_by_one_process() -> None:
    with Shared() as shared:
        assert sorted(shared.own()) == sorted(COLUMNS)


def test_a_whole_message_or_none() -> None:
    none, one, two = b"", b"\0\0\0\0", b"\1\0\0\0"
    assert checked(([], none, none, none, none, {}))
    assert checked((["p"], b"x", one, two, two, {3: (["a"], one)}))
    spoilt: list[Plain] = [
        (["p"], b"", one, none, none, {}),
        ([], b"x", one, two, two, {}),
        (["p"], b"xx", one, two, two, {}),
        (["p"], b"x", one, two, two, {3: (["a"], none)}),
        (["p"], b"x", one, two, two, {3: (["a"], two)}),
    ]
    for plain in spoilt:
        with pytest.raises(ValueError, match=r".+"):
            checked(plain)
