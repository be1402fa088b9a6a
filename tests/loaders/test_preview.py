"""A dry run tells exactly what the load then does: the same rows, the same columns, the same counts."""

import json
from pathlib import Path
from typing import Any

import pytest

from kg.bootstrap import Graph, open_graph
from kg.config import Settings
from kg.model.viewers import CLI_VIEWER
from loaders import preview
from tests.api.world import id_number, tables
from tests.filling import load_into
from tests.loaders.batches import NOON
from tests.loaders.files_made import credit_code


def _load(graph: Graph, folder: Path, content: Any, source: str = "市库", **more: Any) -> dict[str, Any]:
    path = folder / "批次.json"
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    report = load_into(graph, [path], source=source, synthetic=True, **more)  # fmt: skip
    return dict(report.to_json())


def _told(items: Any) -> list[Any]:
    return sorted(
        ((one["table"], one["key"], one["change"], one["columns"], one["sealed_changed"], one["links_changed"])
         for one in items),
        key=repr,
    )  # fmt: skip


@pytest.fixture
def graph(tmp_path: Path) -> Any:
    with open_graph(Settings(data=tmp_path / "data"), clock=lambda: NOON) as opened:
        report = _load(opened, tmp_path, tables())
        assert report["status"] == "done"
        yield opened


def _second() -> dict[str, Any]:
    """Return a delivery that adds, changes plain and sealed columns, repeats, and leaves out."""
    world = tables()
    talents = [dict(row) for row in world["talents"]]
    talents[0]["district"] = "990101"
    talents[1]["id_number"] = id_number("99010119800202003")
    firms = [dict(row) for row in world["enterprises"]]
    firms[0]["name"] = f"{firms[0]['name']}（更名）"
    firms.append({"credit_code": credit_code(44), "name": "新设公司", "district": "990101"})
    return {"talents": talents, "enterprises": firms, "districts": world["districts"][:-1]}


@pytest.mark.parametrize("full", [False, True])
def test_the_load_does_what_the_dry_run_told(graph: Graph, tmp_path: Path, full: bool) -> None:
    content = _second()
    before = graph.store.revision()
    more = {"full": full, "confirm_retire": 1 if full else None}
    dry = _load(graph, tmp_path, content, dry_run=True, **more)
    assert graph.store.revision() == before
    assert (dry["batch"], dry["changed"]) == (None, False)
    done = _load(graph, tmp_path, content, **more)
    assert dry["totals"] == done["totals"]
    assert done["totals"]["inserted"] >= 1
    assert done["totals"]["updated"] >= 3
    assert done["totals"]["retired"] == (1 if full else 0)
    real = graph.service.batch_changes(done["batch"], viewer=CLI_VIEWER, limit=200)
    assert _told(dry["changes"]["items"]) == _told(real["items"])
    assert (
        dry["changes"]["total"]
        == real["total"]
        == sum(
            sum(counts[kind] for kind in ("inserted", "updated", "retired"))
            for counts in real["tables"].values()
        )
    )
    for table, counts in dry["changes"]["tables"].items():
        assert counts == {kind: real["tables"][table][kind] for kind in counts}


def test_rows_of_others_that_would_turn_are_told(graph: Graph, tmp_path: Path) -> None:
    """A firm that was only a name so far arrives: the rows that named it change with it."""
    need = {**tables()["flex_needs"][0], "need_id": "N9", "host": credit_code(45)}
    _load(graph, tmp_path, {"flex_needs": [need]}, source="县库")
    arrival = {"schools": [{"credit_code": credit_code(45), "name": "新学院", "district": "990101"}]}
    dry = _load(graph, tmp_path, arrival, source="市库", dry_run=True)
    done = _load(graph, tmp_path, arrival, source="市库")
    real = graph.service.batch_changes(done["batch"], viewer=CLI_VIEWER, limit=200)
    assert _told(dry["changes"]["items"]) == _told(real["items"])


def test_no_sealed_value_is_in_it(graph: Graph, tmp_path: Path) -> None:
    content = _second()
    dry = _load(graph, tmp_path, {"talents": content["talents"]}, dry_run=True)
    text = json.dumps(dry["changes"], ensure_ascii=False)
    assert dry["changes"]["total"] == 2
    assert content["talents"][1]["id_number"] not in text
    assert str(content["talents"][0]["name"]) not in text


def test_many_changes_are_counted_and_the_first_told(
    graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview, "MOST_CHANGES", 3)
    rows = [{"code": f"{100000 + n}", "name": f"区{n}"} for n in range(7)]
    told = _load(graph, tmp_path, {"districts": rows}, dry_run=True)["changes"]
    assert (len(told["items"]), told["total"], told["truncated"]) == (3, 7, True)
    assert told["tables"]["districts"] == {"inserted": 7, "updated": 0, "retired": 0}


def test_a_refused_dry_run_tells_no_changes(graph: Graph, tmp_path: Path) -> None:
    report = _load(graph, tmp_path, {"districts": [{"name": "无代码"}]}, dry_run=True)
    assert report["status"] == "refused"
    assert "changes" not in report


def test_a_real_load_has_the_document_without_changes(graph: Graph, tmp_path: Path) -> None:
    assert "changes" not in _load(graph, tmp_path, {"districts": [{"code": "370785", "name": "甲"}]})
