"""The age of sources over HTTP, on its page and on the command line."""

from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.cli import main
from api.main import create_app
from api.sources import note_delivery
from tests.api.conftest import NOW, VIEWERS, Site
from tests.api.page_reading import complaints, read
from tests.api.test_import_pages import HTML, Browser, token
from tests.api.test_imports import CSV, _load


def test_a_delivery_that_changes_nothing_counts(site: Site) -> None:
    _load(site, ("区县.csv", CSV), source="省库")
    long_ago = {"tables": {"districts": [(NOW - timedelta(days=90)).date().isoformat()]}, "expected": 30}
    site.graph.ledger.put("sources", "市库", long_ago)
    told = site.get("/sources").json()
    ages = {(one["source"], one["table"]): one for one in told["items"]}
    assert ages["省库", "districts"]["days"] == 0
    assert told["today"] == NOW.date().isoformat()
    again = _load(site, ("区县.csv", CSV), source="省库")
    assert again["changed"] is False
    assert site.graph.ledger.get("sources", "省库") == {"tables": {"districts": [NOW.date().isoformat()]}}


def test_dry_runs_and_refused_files_are_no_deliveries(site: Site) -> None:
    _load(site, ("区县.csv", CSV), source="新库", dry_run="true")
    _load(site, ("区县.csv", "名称\n甲\n"), source="新库")
    assert "新库" not in {one["source"] for one in site.get("/sources").json()["items"]}


def test_an_interval_is_set_and_taken_back(site: Site) -> None:
    _load(site, ("区县.csv", CSV), source="省库")
    told = site.post("/sources/intervals", {"source": "省库", "days": 30})
    assert told.status_code == 200
    assert told.json()["expected"] == {"省库": 30}
    (one,) = [item for item in told.json()["items"] if item["source"] == "省库"]
    assert (one["allowed"], one["basis"], one["state"]) == (30, "set", "fresh")
    assert site.post("/sources/intervals", {"source": "省库", "days": None}).json()["expected"] == {}
    assert site.post("/sources/intervals", {"source": "没有的库", "days": 3}).status_code == 404
    for bad in (0, -1, 4000, "x"):
        assert site.post("/sources/intervals", {"source": "省库", "days": bad}).status_code == 422


@pytest.mark.parametrize(
    "viewer", [viewer for viewer in VIEWERS if viewer not in {"officer", "administrator"}]
)
def test_others_are_told_of_no_sources(site: Site, viewer: str) -> None:
    hidden, missing = site.get("/sources", viewer), site.get("/imports/none", viewer)
    assert (hidden.status_code, hidden.json()["code"]) == (missing.status_code, missing.json()["code"])
    answer = site.post("/sources/intervals", {"source": "市库", "days": 3}, viewer)
    assert answer.status_code == missing.status_code


def test_the_page_names_what_is_overdue_and_sets_intervals(site: Site) -> None:
    note_delivery(
        site.graph, {"status": "done", "dry_run": False, "source": "<i>库", "tables": {"districts": {}}}
    )
    record = {"tables": {"districts": [(NOW - timedelta(days=90)).date().isoformat()]}, "expected": 30}
    site.graph.ledger.put("sources", "<i>库", record)
    with TestClient(create_app(site.graph), headers=HTML) as client:
        browser = Browser(site, client)
        page = client.get("/imports/sources")
        assert complaints(page.text) == []
        assert "<i>库" not in page.text
        first = read(page.text).all("tr")[1].text
        assert "逾期" in first
        assert "&" not in first
        done = client.post(
            "/imports/sources", data={"csrf": token(page.text), "source": "<i>库", "days": "120"}
        )
        assert "逾期" not in read(done.text).all("tr")[1].text
        bad = client.post("/imports/sources", data={"csrf": token(page.text), "source": "<i>库", "days": "x"})
        assert bad.status_code == 422
        assert complaints(bad.text) == []
        assert browser.client.get("/imports").text.count("/imports/sources") == 1


def test_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JIANGTU_DATA", str(tmp_path / "data"))
    path = tmp_path / "区县.csv"
    path.write_text(CSV, encoding="utf-8")
    assert main(["load", str(path), "--source", "省库"]) == 0
    capsys.readouterr()
    assert main(["sources"]) == 0
    assert "间隔未定" in capsys.readouterr().out
    assert main(["sources", "--expect", "省库", "30"]) == 0
    assert "30 天内应报（设定）" in capsys.readouterr().out
    assert main(["sources", "--expect", "省库", "abc"]) == 2
    assert main(["sources", "--expect", "别的", "3"]) == 1
    assert main(["sources", "--expect", "省库", "0", "--json"]) == 0
    assert '"expected": {}' in capsys.readouterr().out
