"""Columns that a mapping says hold titles of occupations: codes where that is sure, words and a question where not."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kg.bootstrap import Graph, open_graph
from kg.config import Settings
from kg.model.viewers import CLI_VIEWER
from kg.vocab.modes import ENGAGEMENT_MODES
from loaders.export import export_tables
from loaders.pipeline import load
from tests.filling import load_into
from tests.loaders.batches import NOON
from tests.loaders.files_made import credit_code

FIRM = credit_code(1)
OCCUPATIONS = "职业代码,名称,版本,别名\n6-18-01-01,车工,2022,普车\n6-18-01-02,铣工,2022,\n6-18-02-04,焊工,2022,\n4-12-01-01,汽车维修工,2022,\n"
MAPPING = '[talents.titles]\n"工种" = "occupation"\n[appointments.titles]\n"工种" = "occupation"\n[flex_needs.titles]\n"工种" = "occupations"\n'
HEAD = "人才编号,姓名,区划代码,工种\n"
STRANGE = "元宇宙捏脸师"


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[Graph]:
    with open_graph(Settings(data=tmp_path / "data"), clock=lambda: NOON) as opened:
        _load(opened, tmp_path, "职业.csv", OCCUPATIONS, source="省厅")
        yield opened


def _load(
    graph: Graph, folder: Path, name: str, text: str, source: str = "人才库", **more: Any
) -> dict[str, Any]:
    path, mapping = folder / name, folder / "m.toml"
    path.write_text(text, encoding="utf-8")
    mapping.write_text(MAPPING, encoding="utf-8")
    report = load(
        [path], store=graph.store, sealer=graph.sealer, schema=graph.schema, source=source, actor="test",
        clock=graph.clock, mapping=mapping, linkage=more.pop("linkage", graph.policy.linkage), **more,
    )  # fmt: skip
    return dict(report.to_json())


def _occupations(graph: Graph, table: str = "talents", column: str = "occupation") -> list[Any]:
    rows = sorted(graph.store.rows(table=table), key=lambda row: row.id.key)
    return [row.values.get(column) for row in rows]


def test_sure_titles_become_codes_and_others_stay_words(graph: Graph, tmp_path: Path) -> None:
    text = f"{HEAD}P1,甲,990101,普车\nP2,乙,990101,电焊工\nP3,丙,990101,{STRANGE}\nP4,丁,990101,6-18-01-02\nP5,戊,990101,\n"
    report = _load(graph, tmp_path, "人才.csv", text)
    assert (report["status"], report["totals"]["inserted"]) == ("done", 5)
    assert _occupations(graph) == ["6-18-01-01", "6-18-02-04", STRANGE, "6-18-01-02", None]
    told = {one["title"]: (one["code"], one["rows"]) for one in report["titles"]}
    assert told == {"普车": ("6-18-01-01", 1), "电焊工": ("6-18-02-04", 1), STRANGE: (None, 1)}
    assert [(w["row"], w["column"]) for w in report["warnings"] if w["code"] == "new-term"] == [
        (4, "occupation")
    ]


def test_without_the_mapping_a_title_is_no_code(graph: Graph, tmp_path: Path) -> None:
    report = _load(graph, tmp_path, "人才.csv", "人才编号,姓名,区划代码,职业代码\nP1,甲,990101,车工\n")
    assert [entry["code"] for entry in report["rejects"]] == ["bad-code"]
    assert "titles" not in report


def test_a_decision_is_remembered_by_later_loads(graph: Graph, tmp_path: Path) -> None:
    text = f"{HEAD}P1,甲,990101,{STRANGE}\n"
    _load(graph, tmp_path, "人才.csv", text)
    graph.service.find_identities(viewer=CLI_VIEWER)
    (question,) = graph.service.reviews(viewer=CLI_VIEWER, kind="title")["items"]
    assert (question["text"], question["count"]) == (STRANGE, 1)
    graph.service.decide_review(
        question["id"], "merge", viewer=CLI_VIEWER, choice=question["candidates"][0]["key"]
    )
    code = question["candidates"][0]["key"]
    assert _occupations(graph) == [code]
    again = _load(graph, tmp_path, "人才.csv", text)
    assert again["totals"]["unchanged"] == 1
    more = _load(graph, tmp_path, "人才.csv", f"{HEAD}P2,乙,990101,{STRANGE}\n")
    assert more["titles"][0]["decided"]
    assert _occupations(graph) == [code, code]


def test_a_row_whose_key_holds_a_title_is_found_again_after_the_decision(
    graph: Graph, tmp_path: Path
) -> None:
    _load(graph, tmp_path, "人才.csv", f"{HEAD}P1,甲,990101,\n")
    text = f"人才编号,单位代码,工种,等级,起\nP1,某机械公司,{STRANGE},技师,2024-01-01\n"
    assert _load(graph, tmp_path, "聘任.csv", text)["totals"]["inserted"] == 1
    graph.service.find_identities(viewer=CLI_VIEWER)
    (question,) = graph.service.reviews(viewer=CLI_VIEWER, kind="title")["items"]
    graph.service.decide_review(
        question["id"], "merge", viewer=CLI_VIEWER, choice=question["candidates"][0]["key"]
    )
    again = _load(graph, tmp_path, "聘任.csv", text)
    assert (again["totals"]["unchanged"], again["totals"]["inserted"]) == (1, 0)


def test_several_titles_in_a_list(graph: Graph, tmp_path: Path) -> None:
    firm = f"统一社会信用代码,企业名称,区划代码\n{FIRM},甲公司,370785\n"
    _load(graph, tmp_path, "企业.csv", firm)
    text = (
        "需求编号,用人单位代码,标题,服务方式,每周小时,起,止,工种\n"
        f"N1,{FIRM},修磨床,{next(iter(ENGAGEMENT_MODES))},2,2026-01-01,2026-06-01,普车；{STRANGE}；车工\n"
    )
    report = _load(graph, tmp_path, "柔性需求.csv", text)
    assert [entry["message"] for entry in report["rejects"]] == []
    assert _occupations(graph, "flex_needs", "occupations") == [("6-18-01-01", STRANGE)]


def test_the_policy_says_how_sure_it_must_be(graph: Graph, tmp_path: Path) -> None:
    strict = replace(graph.policy.linkage, title_from=1.0, title_margin=1.0)
    _load(graph, tmp_path, "人才.csv", f"{HEAD}P1,甲,990101,高级汽车维修\n", linkage=strict)
    assert _occupations(graph) == ["高级汽车维修"]
    lenient = replace(graph.policy.linkage, title_from=0.1, title_margin=0.0)
    _load(graph, tmp_path, "人才.csv", f"{HEAD}P1,甲,990101,高级汽车维修\n", linkage=lenient)
    assert _occupations(graph) == ["4-12-01-01"]


def test_occupations_of_the_same_batch_are_known(tmp_path: Path) -> None:
    with open_graph(Settings(data=tmp_path / "fresh"), clock=lambda: NOON) as graph:
        folder = tmp_path / "一批"
        folder.mkdir()
        (folder / "职业.csv").write_text(OCCUPATIONS, encoding="utf-8")
        (folder / "人才.csv").write_text(f"{HEAD}P1,甲,990101,普车\n", encoding="utf-8")
        mapping = tmp_path / "m.toml"
        mapping.write_text(MAPPING, encoding="utf-8")
        report = load_into(graph, [folder], source="x", mapping=mapping)  # fmt: skip
        assert report.exit_code == 0
        assert _occupations(graph) == ["6-18-01-01"]


def test_a_person_whose_occupation_is_a_word_takes_no_question_down(graph: Graph, tmp_path: Path) -> None:
    _load(graph, tmp_path, "人才.csv", f"{HEAD}P1,甲,990101,{STRANGE}\n")
    answer = graph.service.search(STRANGE, viewer=CLI_VIEWER, limit=5)
    assert isinstance(answer["items"], list)
    (key,) = [row.node.key for row in graph.store.rows(table="talents") if row.node is not None]
    shown = graph.service.node("talent", key, viewer=CLI_VIEWER)
    assert STRANGE in str(shown)


def test_an_export_with_titles_loads_again_without_its_mapping(graph: Graph, tmp_path: Path) -> None:
    text = f"{HEAD}P1,甲,990101,普车\nP2,乙,990101,{STRANGE}\nP3,丙,990101,\n"
    _load(graph, tmp_path, "人才.csv", text)
    need = f"需求编号,用人单位代码,标题,服务方式,总小时,起,止,工种\nN1,{FIRM},调试,顾问指导,40,2026-12-01,2027-03-31,{STRANGE}；6-18-01-01\n"
    firm = f"统一社会信用代码,企业名称,区划代码\n{FIRM},甲厂,990101\n"
    _load(graph, tmp_path, "企业.csv", firm)
    _load(graph, tmp_path, "柔性需求.csv", need)
    more = {"store": graph.store, "sealer": graph.sealer, "schema": graph.schema, "source": "人才库"}
    for fmt in ("json", "xlsx"):
        path = tmp_path / f"全部.{fmt}"
        with path.open("wb") as handle:
            handle.writelines(
                export_tables(
                    graph.store, graph.sealer, graph.schema, None, fmt=fmt, source="人才库", sealed=True
                )
            )
        report = load([path], actor="test", clock=graph.clock, linkage=graph.policy.linkage, **more).to_json()
        assert (report["status"], report["changed"], report["rejects"]) == ("done", False, [])
    assert _occupations(graph) == ["6-18-01-01", STRANGE, None]
    assert _occupations(graph, "flex_needs", "occupations") == [(STRANGE, "6-18-01-01")]
    other = tmp_path / "人才.csv"
    other.write_text(f"人才编号,姓名,区划代码,职业代码\nP4,丁,990101,{STRANGE}人\n", encoding="utf-8")
    rejected = load([other], actor="test", clock=graph.clock, **more).to_json()
    assert [one["code"] for one in rejected["rejects"]] == ["bad-code"]
    foreign = tmp_path / "别处" / "人才.csv"
    foreign.parent.mkdir()
    foreign.write_text(f"人才编号,姓名,区划代码,职业代码\nP2,乙,990101,{STRANGE}\n", encoding="utf-8")
    refused = load([foreign], actor="test", clock=graph.clock, **(more | {"source": "别处"})).to_json()
    assert [one["code"] for one in refused["rejects"]] == ["bad-code"]
