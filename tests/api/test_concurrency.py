"""Many questions while imports run; ties that turn with the days."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kg.bootstrap import Graph, open_graph
from kg.config import Settings
from kg.model.viewers import CLI_VIEWER
from tests.api.world import OWN, _of_person, _talent, tables
from tests.filling import load_into

THREADS, IMPORTS = 8, 12


class Clock:
    """A clock that the test turns."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def _load(graph: Graph, folder: Path, world: dict[str, list[dict[str, Any]]], name: str = "world") -> int:
    path = folder / f"{name}.json"
    path.write_text(json.dumps(world, ensure_ascii=False), encoding="utf-8")
    report = load_into(graph, [path], source="市库", synthetic=True).to_json()
    assert report["status"] == "done", (report["errors"], report["rejects"])
    return int(str(report["revision"]))


def _person(person_id: str) -> dict[str, list[dict[str, Any]]]:
    return {"talents": [_talent(person_id)], **_of_person(person_id)}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def graph(tmp_path: Path, clock: Clock) -> Iterator[Graph]:
    with open_graph(Settings(data=tmp_path / "data"), clock=clock) as opened:
        _load(opened, tmp_path, tables())
        yield opened


def _considered(graph: Graph) -> dict[int, set[int]]:
    """Return, by revision, how many talents each of many concurrent answers has considered, while imports run."""
    found: dict[int, set[int]] = {}
    lock, over, errors = threading.Lock(), threading.Event(), []
    partners = {"anchor": {"kind": "enterprise", "key": OWN}, "mode": "internship"}

    def ask() -> None:
        last = 0
        try:
            while not over.is_set():
                talents = graph.service.recommend_talents({"need": "N1"}, viewer=CLI_VIEWER)
                other = graph.service.recommend_partners(partners, viewer=CLI_VIEWER)
                graph.service.search("主轴", viewer=CLI_VIEWER)
                assert talents["revision"] >= last
                assert other["revision"] >= talents["revision"]
                last = talents["revision"]
                with lock:
                    found.setdefault(last, set()).add(talents["pool"]["considered"])
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=ask) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    try:
        for number in range(IMPORTS):
            _load(graph, graph.settings.data, _person(f"Q{number}"), f"more{number}")
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert errors == []
    return found


def test_answers_agree_with_their_revision_while_imports_run(graph: Graph) -> None:
    start = graph.service.recommend_talents({"need": "N1"}, viewer=CLI_VIEWER)
    found = _considered(graph)
    for revision, counts in found.items():
        assert counts == {start["pool"]["considered"] + revision - start["revision"]}, revision
    after = graph.service.recommend_talents({"need": "N1"}, viewer=CLI_VIEWER)
    assert after["revision"] == start["revision"] + IMPORTS
    assert after["pool"]["considered"] == start["pool"]["considered"] + IMPORTS


def _first(graph: Graph, day: date | None = None) -> str:
    answer = graph.service.recommend_talents({"need": "N1"}, viewer=CLI_VIEWER, k=1, as_of=day)
    (item,) = answer["items"]
    assert item["tied"]
    return str(item["node"]["key"])


def test_who_was_shown_stands_behind_his_equals_the_next_day(clock: Clock, tmp_path: Path) -> None:
    """Two who are equal in everything take turns; appearances of the day itself do not count (`scoring.md` §1)."""
    world = tables()
    for table in ("talents", "achievements", "engagements", *_of_person("P1")):
        del world[table]
    for person in ("Q1", "Q2"):
        for table, rows in _person(person).items():
            world.setdefault(table, []).extend(rows)
    with open_graph(Settings(data=tmp_path / "data"), clock=clock) as graph:
        _load(graph, tmp_path, world)
        turns: list[str] = []
        for _ in range(4):
            shown = {_first(graph) for _ in range(3)}
            assert len(shown) == 1, "the same day, the same order"
            turns.append(shown.pop())
            clock.now += timedelta(days=1)
        assert turns[1] != turns[0], "who was shown stands behind"
        assert turns[3] != turns[2], "equal counts are evened out again"
        clock.now += timedelta(days=27)
        assert _first(graph) == turns[0], "after 30 days the first day no longer counts, the others do"
