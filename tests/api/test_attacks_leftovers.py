"""What an attacker could still learn or exhaust: logs, open streams, drafts, and names of sources."""

import io
import logging
import os
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from api.import_drafts import MOST_DRAFTS, Drafts
from api.streams import MOST_OPEN
from kg.errors import NotFoundError, trail
from kg.index.generations import Generations
from kg.model.viewers import Role, Viewer
from tests.api.conftest import Site, load_tables
from tests.waiting import until

NUMBER = "110101199003074477"
OFFICER = Viewer(roles=frozenset({Role.OFFICER}), name="officer")


def failing(*_: Any, **__: Any) -> Any:
    raise ValueError(f"invalid literal for int(): {NUMBER!r}")


def test_a_trail_names_places_and_causes_and_no_value() -> None:
    try:
        try:
            failing()
        except ValueError as error:
            raise RuntimeError(f"row {NUMBER}") from error
    except RuntimeError as error:
        told = trail(error)
    assert NUMBER not in told
    assert told.startswith("RuntimeError at test_attacks_leftovers.py:")
    assert " <- ValueError at " in told
    assert told.endswith(" failing")


def test_logs_of_a_failed_import_hold_no_cell(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("api.imports.load", failing)
    with caplog.at_level(logging.DEBUG):
        number = upload(site)
        settled(site, number)
    assert site.get(f"/imports/{number}").json()["status"] == "refused"
    assert "ValueError" in caplog.text
    assert NUMBER not in caplog.text


def test_logs_of_a_broken_answer_hold_no_cell(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(type(site.graph.service), "search", failing)
    with caplog.at_level(logging.DEBUG):
        answer = site.get("/search?q=x")
    assert (answer.status_code, NUMBER in answer.text) == (500, False)
    assert "ValueError" in caplog.text
    assert NUMBER not in caplog.text


def test_an_answer_that_breaks_on_its_way_tells_the_server_no_cell(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def events(*_: Any) -> AsyncIterator[bytes]:
        yield b"event: progress\n\n"
        failing()

    number = upload(site)
    settled(site, number)
    monkeypatch.setattr("api.routers.import_events._events", events)
    with caplog.at_level(logging.DEBUG), pytest.raises(Exception, match=r"^$") as caught:
        site.get(f"/imports/{number}/events")
    assert (caught.value.__suppress_context__, caught.value.__cause__) == (True, None)
    assert "answer broken off on /imports/{id}/events: ValueError at" in caplog.text
    assert NUMBER not in caplog.text


def test_a_failed_build_of_the_index_logs_no_cell(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("kg.index.generations.newest", failing)
    generations = Generations(site.graph.store, site.graph.policy, site.graph.schema)
    with caplog.at_level(logging.DEBUG):
        generations._build_aside()
    assert "ValueError" in caplog.text
    assert NUMBER not in caplog.text


def test_a_user_opens_so_many_streams_and_no_more(site: Site) -> None:
    record = {
        "status": "running",
        "pid": os.getpid(),
        "born": "",
        "by": "officer",
        "source": "市库",
        "since": 0,
    }
    site.graph.ledger.put("imports", "imp-slow", record)
    streams = site.client.app.state.deps.streams  # type: ignore[attr-defined]  # the application under test
    told: list[int] = []
    threads = [
        threading.Thread(target=lambda: told.append(site.get("/imports/imp-slow/events").status_code))
        for _ in range(MOST_OPEN)
    ]
    for thread in threads:
        thread.start()
    until(lambda: streams.of("officer") == MOST_OPEN)
    refused = site.get("/imports/imp-slow/events")
    assert (refused.status_code, refused.json()["code"]) == (429, "too-many-streams")
    assert int(refused.headers["retry-after"]) > 0
    site.graph.ledger.put(
        "imports", "imp-slow", {"status": "done", "by": "officer", "report": {"status": "done"}}
    )
    for thread in threads:
        thread.join(timeout=120)
    assert told == [200] * MOST_OPEN
    assert streams.of("officer") == 0
    assert site.get("/imports/imp-slow/events").status_code == 200


def test_a_user_leaves_so_many_drafts_and_the_oldest_goes(site: Site) -> None:
    drafts = Drafts(site.graph)
    others = keep(drafts, Viewer(roles=frozenset({Role.OFFICER}), name="another"))
    kept = [keep(drafts, OFFICER) for _ in range(MOST_DRAFTS)]
    folder = site.graph.settings.data / "drafts"
    for age, number in enumerate(kept):
        os.utime(folder / number, ns=(time.time_ns(), time.time_ns() - (MOST_DRAFTS - age) * 10**9))
    last = keep(drafts, OFFICER)
    with pytest.raises(NotFoundError):
        drafts.open(kept[0], viewer=OFFICER)
    for number in (*kept[1:], last):
        assert drafts.open(number, viewer=OFFICER).id == number
    assert (folder / others).is_dir()


def test_a_source_that_shows_nothing_is_like_none(site: Site, tmp_path: Path) -> None:
    load_tables(site.graph, tmp_path, "密库", part={"技能": [{"技能": "保密技能", "类别": "技能"}]})
    for viewer in ("public", "planner", "enterprise", "school"):
        for table in ("offerings", "demands", "enterprises"):
            hidden = site.get(f"/exports/tables/{table}.json?source=密库", viewer)
            none = site.get(f"/exports/tables/{table}.json?source=无库", viewer)
            assert (hidden.status_code, none.status_code) == (404, 404)
            assert hidden.text.replace("密库", "无库") == none.text
        assert len(site.get("/exports/tables/skills.json?source=密库", viewer).json()) == 1
    assert site.get("/exports/tables/offerings.json?source=密库").json() == []


def test_tables_of_organisations_are_none_to_who_has_none(site: Site) -> None:
    for table in ("engagements", "problems", "cooperations"):
        told = {
            viewer: site.get(f"/exports/tables/{table}.json", viewer).status_code for viewer in site.tokens
        }
        assert told.pop("officer") == 200
        assert {viewer for viewer, status in told.items() if status == 200} <= {
            "enterprise",
            "school",
            "other",
        }
        assert (
            site.get(f"/exports/tables/{table}.json", "public").text
            == site.get("/exports/tables/x.json", "public").text
        )


def keep(drafts: Drafts, viewer: Viewer) -> str:
    files = [("区县.csv", io.BytesIO("区划代码,名称,别的\n990103,西岭区,甲\n".encode()))]
    return drafts.keep(files, viewer=viewer, source="市库", full=False, dry_run=False)


def upload(site: Site) -> str:
    files = [("files", ("区县.csv", "区划代码,名称\n990103,西岭区\n"))]
    return str(site.client.post("/api/v1/imports", files=files, headers=site.headers("officer")).json()["id"])


def settled(site: Site, number: str) -> None:
    until(lambda: site.get(f"/imports/{number}").json()["status"] != "running")
