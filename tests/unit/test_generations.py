"""One index for several processes: what any of them writes is in the answers of all, and questions never wait for it."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kg.bootstrap import Graph, open_graph
from kg.config import Settings
from kg.errors import StoreError
from kg.index.delta import newest, refreshed
from kg.index.generations import Generations
from kg.index.world import World
from kg.model.graph import Batch, RowChange
from kg.model.viewers import CLI_VIEWER
from loaders.synthetic_city import generate, sources
from tests.filling import load_into
from tests.waiting import HANG, until

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
SOURCE = sources("demo")[0]
COMMAND = Path(sys.executable).with_name("jiangtu")
pytestmark = pytest.mark.slow
Tables = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def city() -> Tables:
    listed = generate("demo", seed=1, day=NOW.date(), source=SOURCE)
    return {table: [dict(row) for row in rows] for table, rows in listed}


@pytest.fixture
def graph(tmp_path: Path, city: Tables) -> Iterator[Graph]:
    with open_graph(Settings(data=tmp_path / "data"), clock=lambda: NOW) as opened:
        _write(opened, tmp_path, city)
        yield opened


def _write(graph: Graph, folder: Path, tables: Tables) -> None:
    path = _file(folder, tables)
    report = load_into(graph, [path], source=SOURCE).to_json()
    assert report["status"] in {"done", "done-with-rejects"}, report["errors"]


def _file(folder: Path, tables: Tables) -> Path:
    path = folder / "part.json"
    path.write_text(json.dumps(tables, ensure_ascii=False), encoding="utf-8")
    return path


def _write_in_another_process(graph: Graph, folder: Path, tables: Tables) -> None:
    subprocess.run(
        [COMMAND, "load", str(_file(folder, tables)), "--source", SOURCE],
        check=True,
        capture_output=True,
        env={"JIANGTU_DATA": str(graph.settings.data)},
    )


def _talent(city: Tables) -> Tables:
    return {"talents": [{**city["talents"][0], "weekly_hours": 33}]}


def _need(city: Tables) -> Tables:
    return {"flex_needs": [{**city["flex_needs"][0], "hours_per_week": 7}]}


def _skill(city: Tables) -> Tables:
    return {"skills": [{**city["skills"][0], "aliases": ["全新别名"]}]}


def _write_what_no_delta_takes(graph: Graph, folder: Path, city: Tables) -> None:
    """Change a skill, and erase a cohort: the log does not name it, and of cohorts only those named are read again."""
    _write(graph, folder, _skill(city))
    erased = next(graph.store.rows(table="offerings")).id
    assert graph.store.erase([erased], actor="test") == 1


def _shows(world: World, city: Tables) -> list[bool]:
    """Return whether the generation has the changed talent, need and skill."""
    key = world.talents.of_register(SOURCE, city["talents"][0]["person_id"])
    talent = world.talents.talent(key or "")
    need = world.talents.needs[city["flex_needs"][0]["need_id"]]
    return [
        talent is not None and talent.weekly_hours == 33,
        need.hours_per_week == 7,
        "全新别名" in world.skills.aliases,
    ]


def test_what_another_process_writes_is_in_the_next_answer(
    graph: Graph, tmp_path: Path, city: Tables
) -> None:
    assert _shows(graph.service.world(), city) == [False, False, False]
    for number, change in enumerate((_talent, _need, _skill)):
        _write_in_another_process(graph, tmp_path, change(city))
        need = city["flex_needs"][0]["need_id"]
        answer = graph.service.recommend_talents({"need": need}, viewer=CLI_VIEWER, as_of=NOW.date())
        assert answer["revision"] == graph.store.revision() == number + 2
        assert graph.service.index_revision == number + 2
        assert _shows(graph.service.world(), city) == [place <= number for place in range(3)]


def test_rows_that_were_retired_and_then_erased_are_a_new_build(graph: Graph, city: Tables) -> None:
    """Such an erasure makes no revision, but the log has fewer rows than the report of the delivery that retired them."""
    before = graph.service.world()
    key = before.talents.of_register(SOURCE, city["talents"][0]["person_id"]) or ""
    mine = [row.id for row in graph.store.rows(persons=[key])]
    graph.store.stage("w", [RowChange(id=row, row=None) for row in mine])
    retired = Batch(
        id="", source=SOURCE, actor="test", at=NOW, delivered=(), report={"totals": {"retired": len(mine)}}
    )
    graph.store.publish(retired, staged="w")
    assert refreshed(before, graph.store, graph.policy, graph.schema) is not None
    assert graph.store.erase(mine, actor="test") == 0
    assert refreshed(before, graph.store, graph.policy, graph.schema) is None
    assert graph.service.world().talents.talent(key) is None


def test_two_processes_answer_alike(graph: Graph, tmp_path: Path, city: Tables) -> None:
    """A long-lived reader in the other process sees what this one writes."""
    script = (
        "import sys; from pathlib import Path; from kg.bootstrap import open_graph; from kg.config import Settings\n"
        "with open_graph(Settings(data=Path(sys.argv[1]))) as graph:\n"
        "    print(graph.service.world().revision, flush=True)\n"
        "    for line in sys.stdin:\n"
        "        world = graph.service.world()\n"
        "        print(world.revision, '全新别名' in world.skills.aliases, flush=True)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(graph.settings.data)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None
        assert reader.stdout.readline().split() == ["1"]
        for change, told in ((_talent, ["2", "False"]), (_skill, ["3", "True"])):
            _write(graph, tmp_path, change(city))
            reader.stdin.write("\n")
            reader.stdin.flush()
            assert reader.stdout.readline().split() == told
        reader.stdin.close()


class _Gated:
    """A store whose bulk reading waits for a gate; everything else is the real one's."""

    def __init__(self, graph: Graph) -> None:
        self._store = graph.store
        self.gate = threading.Event()
        self.gate.set()
        self.error: StoreError | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def rows(self, **wanted: Any) -> Iterator[Any]:
        assert self.gate.wait(HANG)
        if self.error is not None:
            raise self.error
        return self._store.rows(**wanted)


def _waiting(generations: Generations, revision: int, told: list[Any]) -> threading.Thread:
    """Return a thread that asks for at least that revision and keeps what it is told."""

    def ask() -> None:
        try:
            told.append(generations.current(at_least=revision).revision)
        except StoreError as error:
            told.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    return thread


def test_questions_go_on_while_a_large_store_is_built_anew(
    graph: Graph, tmp_path: Path, city: Tables
) -> None:
    store: Any = _Gated(graph)
    generations = Generations(store, graph.policy, graph.schema, most_in_turn=0)
    before = generations.current()
    _write_what_no_delta_takes(graph, tmp_path, city)
    store.gate.clear()
    told: list[Any] = []
    for _ in range(50):  # who waited here would wait for ever
        assert generations.current() is before
    waiting = _waiting(generations, 3, told)
    waiting.join(0.2)
    assert waiting.is_alive()
    assert (told, generations.revision) == ([], 1)
    store.gate.set()
    waiting.join(HANG)
    assert told == [3]
    assert _shows(generations.current(), city) == [False, False, True]


def _erased_person(graph: Graph, world: World) -> str:
    """Erase the first person for good; return the key."""
    key = world.talents.keys[0]
    assert graph.service.erase(key, "本人要求", viewer=CLI_VIEWER)["live"] > 0
    return key


def test_an_erasure_is_at_once_in_a_large_store_too_and_then_it_is_built_anew(
    graph: Graph, tmp_path: Path, city: Tables
) -> None:
    store: Any = _Gated(graph)
    generations = Generations(store, graph.policy, graph.schema, most_in_turn=0, clean_after=0)
    key = _erased_person(graph, generations.current())
    at_once = generations.current(at_least=2)
    assert (at_once.revision, at_once.talents.talent(key)) == (2, None)
    until(lambda: not generations.current().unclean)
    world = generations.current()
    assert world.revision == 2
    assert key not in {*world.talents.index, *world.talents.changed}


def test_small_changes_are_taken_while_it_is_built_anew(
    graph: Graph, tmp_path: Path, city: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()

    def waits(*wanted: Any, **more: Any) -> World:
        world = newest(*wanted, **more)
        assert gate.wait(HANG)
        return world

    generations = Generations(graph.store, graph.policy, graph.schema, most_in_turn=0, clean_after=0)
    key = _erased_person(graph, generations.current())
    monkeypatch.setattr("kg.index.generations.newest", waits)
    assert generations.current().unclean
    for number, change in enumerate((_talent, _need, _skill)):
        _write(graph, tmp_path, change(city))
        assert generations.current().revision == number + 3
        assert generations.current().unclean
    gate.set()
    until(lambda: not generations.current().unclean)
    assert generations.current().revision == 5
    assert generations.current().talents.talent(key) is None
    assert _shows(generations.current(), city)[1:] == [True, True]


def test_small_changes_are_at_once_in_a_large_store_too(graph: Graph, tmp_path: Path, city: Tables) -> None:
    generations = Generations(graph.store, graph.policy, graph.schema, most_in_turn=0)
    generations.current()
    for number, change in enumerate((_talent, _need, _skill)):
        _write(graph, tmp_path, change(city))
        assert generations.current().revision == number + 2
    assert _shows(generations.current(), city) == [True, True, True]


def test_a_failed_build_is_told_to_who_waits_and_tried_again(
    graph: Graph, tmp_path: Path, city: Tables
) -> None:
    store: Any = _Gated(graph)
    generations = Generations(store, graph.policy, graph.schema, most_in_turn=0)
    before = generations.current()
    _write_what_no_delta_takes(graph, tmp_path, city)
    store.gate.clear()
    store.error = StoreError("磁盘坏了")
    assert generations.current() is before
    told: list[Any] = []
    waiting = _waiting(generations, 3, told)
    waiting.join(0.1)
    store.gate.set()
    waiting.join(HANG)
    assert told == [store.error]
    store.error = None
    assert generations.current(at_least=3).revision == 3
