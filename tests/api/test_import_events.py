"""Events of an import: every step while it runs, the report as the last one."""

import json
import time

from tests.api.conftest import Site

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


def test_a_running_import_tells_step_and_rows(site: Site) -> None:
    rows = "".join(f"99{n:04d},{n}区\n" for n in range(200, 9000))
    files = [("files", ("区县.csv", "区划代码,名称\n" + rows))]
    number = site.client.post("/api/v1/imports", files=files, headers=site.headers("officer")).json()["id"]
    imports, steps = site.client.app.state.deps.imports, set()  # type: ignore[attr-defined]  # the application under test
    for _ in range(2000):
        steps.add(imports.progress(number).get("step"))
        if site.get(f"/imports/{number}").json()["status"] != "running":
            break
        time.sleep(0.005)
    assert steps & {"read", "check", "store", "publish"}
