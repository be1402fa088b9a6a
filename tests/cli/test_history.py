"""`batches` and `rollback`, and `--known-at`."""

import json
from pathlib import Path

import pytest

from api.schemas.history import BatchesShape, RollbackShape
from kg.bootstrap import open_graph
from kg.config import Settings
from tests.cli.conftest import Run


@pytest.fixture
def loaded(run: Run, tmp_path: Path) -> str:
    """Load two rows of a source of their own and return the batch."""
    path = tmp_path / "区县.csv"
    path.write_text("区划代码,名称\n990103,西岭区\n990104,东山区\n", encoding="utf-8")
    done = run("load", path, "--source", "区", "--json")
    assert done.code == 0
    return str(done.json["batch"])


def test_a_batch_is_listed_tried_out_and_undone(run: Run, loaded: str, tmp_path: Path, data: Path) -> None:
    listed = run("batches", "--json").json
    BatchesShape.model_validate(listed)
    assert (listed["items"][0]["id"], listed["items"][0]["source"]) == (loaded, "区")
    assert len(run("batches", "--limit", "1", "--json").json["items"]) == 1
    tried = run("rollback", loaded, "--dry-run", "--json")
    RollbackShape.model_validate(tried.json)
    assert (tried.code, tried.json["totals"]["removed"], tried.json["dry_run"]) == (0, 2, True)
    assert "没有改动任何数据" in run("rollback", loaded, "--dry-run").out
    done = run("rollback", loaded)
    assert done.code == 0
    assert f"已撤销批次 {loaded}" in done.out
    assert "移除 2 行" in done.out
    told = run("batches").out
    assert f"撤销 {loaded}" in told
    assert "已被 " in told
    again = run("rollback", loaded)
    assert (again.code, again.out) == (1, "")
    assert "要恢复它，请撤销" in again.err
    assert run("rollback", loaded, "--json").json["code"] == "already-undone"
    repeated = run("load", tmp_path / "区县.csv", "--source", "区", "--json").json
    assert repeated["totals"]["inserted"] == 2
    assert run("rollback", repeated["batch"]).code == 0
    with open_graph(Settings(data=data)) as graph:
        entries = [entry for _, entry in graph.audit.entries() if entry["action"] == "rollback"]
    assert {entry["subject"] for entry in entries} >= {loaded, repeated["batch"]}
    assert {entry["viewer"] for entry in entries} == {"cli"}


def test_conflicts_are_printed(run: Run, loaded: str, tmp_path: Path) -> None:
    path = tmp_path / "later.csv"
    path.write_text("区划代码,名称\n990103,西岭新区\n", encoding="utf-8")
    later = run("load", path, "--source", "区", "--json").json["batch"]
    refused = run("rollback", loaded)
    assert refused.code == 1
    assert f"区 / districts / 990103：批次 {later}" in refused.err
    tried = run("rollback", loaded, "--dry-run")
    assert tried.code == 1
    assert "现在不能撤销" in tried.out
    document = run("rollback", loaded, "--json")
    assert (document.code, document.json["code"], document.json["later"]) == (1, "rollback-conflict", [later])
    assert run("rollback", later).code == run("rollback", loaded).code == 0


def test_unknown_batches_and_bad_limits(run: Run) -> None:
    missing = run("rollback", "b-999999")
    assert (missing.code, missing.out) == (1, "")
    assert "没有批次" in missing.err
    assert run("batches", "--limit", "0").code == 2
    assert run("batches", "--limit", "201").code == 2


def test_known_at(run: Run, loaded: str, tmp_path: Path) -> None:
    path = tmp_path / "人才.json"
    person = {"person_id": "P2", "weekly_hours": 0, "district": "990102", "name": "合成P2"}
    path.write_text(json.dumps({"talents": [person]}, ensure_ascii=False), encoding="utf-8")
    ask = ("recommend", "talents", "N1", "--as-of", "2026-11-23", "--json")
    before = run(*ask).json
    revision = str(before["revision"])
    assert run("load", path, "--source", "市库").code == 0
    assert run(*ask).json["pool"]["failed"] != before["pool"]["failed"]
    again = run(*ask, "--known-at", revision).json
    assert (again["items"], again["pool"], again["revision"]) == (
        before["items"],
        before["pool"],
        before["revision"],
    )
    told = run("recommend", "talents", "N1", "--known-at", revision).out
    assert f"按修订 {revision}" in told
    assert f"as known at revision {revision}" in told
    partners = run(
        "recommend", "partners", "990101", "--mode", "internship", "--known-at", revision, "--json"
    )
    assert partners.json["known_at"]["revision"] == int(revision)
    wrong = run(*ask, "--known-at", "gestern")
    assert (wrong.code, "2026-07-05" in wrong.err) == (2, True)
    empty = run(*ask, "--known-at", "2020-01-01")
    assert (empty.code, empty.out) == (1, "")
