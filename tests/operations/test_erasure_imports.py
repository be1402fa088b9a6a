"""Erasing a person takes along what imports over the service keep of him: reports, sealed workbooks, progress."""

import io
import json
from pathlib import Path

import pytest

from api.cli import main
from api.import_drafts import Drafts
from api.imports import ImportRequest, Imports
from kg.bootstrap import Graph, open_graph
from kg.config import Settings
from kg.errors import NotFoundError
from kg.model.viewers import CLI_VIEWER
from tests.operations.test_erasure import SECRETS, holding, tables, talent
from tests.waiting import until

BROKEN = "深孔绝活丙"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JIANGTU_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "data"


def imported(graph: Graph, name: str, body: bytes, source: str) -> dict[str, object]:
    """Take a file in as the service does; return its report."""
    imports = Imports(graph)
    number = imports.accept([(name, io.BytesIO(body))], ImportRequest(source=source), viewer=CLI_VIEWER)
    until(lambda: imports.report(number)["status"] != "running", "the end of the import")
    told = dict(imports.report(number))
    imports.close()
    return told


def test_no_byte_of_him_is_left_in_what_imports_keep(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with open_graph(Settings(data=data)) as graph:
        told = tables("深孔绝活甲")
        rejected = {**told["人才"][0], "人才编号": "PZQ-77", "可用起": BROKEN}
        report = imported(graph, "in.json", json.dumps(told, ensure_ascii=False).encode(), "市库")
        assert report["status"] == "done", report
        twice = {"人才": [rejected, {**told["人才"][1], "人才编号": "P3", "可用起": "看不懂"}]}
        report = imported(graph, "again.json", json.dumps(twice, ensure_ascii=False).encode(), "市库")
        assert report["status"] == "done-with-rejects", report
        other = imported(graph, "other.json", json.dumps({"区县": [{"区划代码": "乱", "名称": "旁人之错"}]}).encode(), "别库")  # fmt: skip
        key = talent(graph)
    assert BROKEN.encode() in b"".join(path.read_bytes() for path in data.glob("jiangtu.ledger.db*"))
    assert list((data / "imports").glob("*.sealed"))
    assert main(["erase", key, "--reason", "本人要求"]) == 0
    assert holding(data) == set(), "none of what was known"
    assert not any(BROKEN.encode() in path.read_bytes() for path in data.rglob("*") if path.is_file())
    with open_graph(Settings(data=data)) as graph:
        imports = Imports(graph)
        assert imports.report(str(report["id"]))["totals"] == report["totals"], "what was counted stays"
        assert imports.report(str(other["id"]))["rejects"] == other["rejects"], "other sources keep theirs"
        assert graph.audit.verify() == []
    left = sorted(path.name.partition(".")[0] for path in (data / "imports").glob("*.sealed"))
    assert left == [other["id"]] * len(left)
    assert SECRETS


def test_a_source_that_only_rejected_him_keeps_no_workbook_and_no_draft_is_left(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = tables("深孔绝活甲")
    refused = {"人才": [{**told["人才"][0], "可用起": BROKEN}]}
    with open_graph(Settings(data=data)) as graph:
        imported(graph, "in.json", json.dumps(told, ensure_ascii=False).encode(), "市库")
        never = imported(
            graph, "never.json", json.dumps(refused, ensure_ascii=False).encode(), "没收下他的库"
        )
        assert never["totals"] == {**dict.fromkeys(never["totals"], 0), "read": 1, "rejected": 1}
        csv = "人才编号,我的姓名,区划代码\nPZQ-77,欧阳铁柱,370781\n"
        files = [("登记.csv", io.BytesIO(csv.encode()))]
        draft = Drafts(graph).keep(files, viewer=CLI_VIEWER, source="市库", full=False, dry_run=False)
        key = talent(graph)
    left = data / "incoming" / "imp-killed" / "0" / "in.csv"
    left.parent.mkdir(parents=True)
    left.write_text(csv, encoding="utf-8")
    dead = {"status": "running", "pid": 2**22 + 5, "born": "", "by": "cli", "source": "市库", "since": 0}
    with open_graph(Settings(data=data)) as graph:
        graph.ledger.put("imports", "imp-killed", dead)
        assert Drafts(graph).open(draft, viewer=CLI_VIEWER).names == ("登记.csv",)
    assert main(["erase", key, "--reason", "本人要求"]) == 0
    assert list((data / "imports").glob("*.sealed")) == []
    assert list((data / "drafts").iterdir()) == []
    assert not left.exists()
    assert holding(data) == set()
    with open_graph(Settings(data=data)) as graph:
        report = Imports(graph).report(str(never["id"]))
        assert (report["error_file"], {one["value"] for one in report["rejects"]}) == (None, {None})
        with pytest.raises(NotFoundError):
            Imports(graph).errors_workbook(str(never["id"]))
