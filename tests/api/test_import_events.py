"""Events of an import: every step while it runs, the report as the last one."""

import json
import threading
from typing import Any

import pytest

from kg.store.sqlite.store import SqliteStore
from tests.api.conftest import Site
from tests.waiting import HANG, until

CSV = "区划代码,名称\n990103,西岭区\n"


def test_an_import_tells_its_events_and_ends_with_the_report(site: Site) -> None:
    files = [("files", ("区县.csv", CSV))]
    number = site.client.post("/api/v1/imports", files=files, headers=site.headers("officer")).json()["id"]
    answer = site.get(f"/imports/{number}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    blocks = [block.split("\n") for block in answer.text.strip().split("\n\n")]
    names = [block[0] for block in blocks]
    assert names == ["event: progress"] * (len(blocks) - 1) + ["event: report"]
    told = [json.loads(block[1].removeprefix("data: ")) for block in blocks]
    assert {one["status"] for one in told[:-1]} <= {"running"}
    assert told[-1] == site.get(f"/imports/{number}").json()
    assert told[-1]["totals"]["inserted"] == 1
    again = site.get(f"/imports/{told[-1]['batch']}/events")
    assert again.text.count("event: ") == 1
    for viewer in ("public", "enterprise", "planner"):
        assert site.get(f"/imports/{number}/events", viewer).status_code == 404
    assert site.get("/imports/none/events").status_code == 404


def test_a_running_import_tells_step_and_rows(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is held before it publishes, until its progress has been seen."""
    seen, publish = threading.Event(), SqliteStore.publish

    def held(*words: Any, **more: Any) -> Any:
        assert seen.wait(HANG)
        return publish(*words, **more)

    monkeypatch.setattr(SqliteStore, "publish", held)
    rows = "".join(f"99{n:04d},{n}区\n" for n in range(200, 9000))
    files = [("files", ("区县.csv", "区划代码,名称\n" + rows))]
    number = site.client.post("/api/v1/imports", files=files, headers=site.headers("officer")).json()["id"]
    imports = site.client.app.state.deps.imports  # type: ignore[attr-defined]  # the application under test
    steps = {"read", "check", "store", "publish"}
    until(lambda: imports.progress(number).get("step") in steps, "a step of the import")
    assert site.get(f"/imports/{number}").json()["status"] == "running"
    seen.set()
    until(lambda: site.get(f"/imports/{number}").json()["status"] != "running", "the end of the import")
