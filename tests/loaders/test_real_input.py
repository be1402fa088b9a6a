"""Real occupations, districts, school and enterprise names go through the loaders; both questions answer on them."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kg.bootstrap import Graph, open_graph
from kg.config import Settings
from kg.model.viewers import CLI_VIEWER
from loaders.pipeline import load
from loaders.synthetic_city import headline
from tests.loaders.real_city import DATA, MAPPINGS, SEED, write

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
pytestmark = pytest.mark.skipif(
    not DATA.exists(), reason="the real reference data (shared/data) is not beside this checkout"
)


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[Graph]:
    with open_graph(Settings(data=tmp_path / "data"), clock=lambda: NOW) as opened:
        yield opened


def _load(graph: Graph, paths: list[Path], **more: Any) -> dict[str, Any]:
    report = load(
        paths,
        store=graph.store,
        sealer=graph.sealer,
        schema=graph.schema,
        actor="test",
        clock=graph.clock,
        **more,
    )
    return dict(report.to_json())


def test_occupations_and_districts_load_through_mapping_files(graph: Graph) -> None:
    occupations = _load(
        graph,
        [DATA / "csco2022" / "csco2022_clean.csv"],
        source="大典",
        table="occupations",
        mapping=MAPPINGS / "occupations.toml",
    )
    assert occupations["totals"]["read"] == 2051
    assert occupations["totals"]["inserted"] == 2047
    codes = Counter(warning["code"] for warning in occupations["warnings"])
    assert codes == {"duplicate-row": 4}, "the four double codes are equal in every column we keep (S29)"
    districts = _load(
        graph,
        [DATA / "cn_regions" / "regions.csv"],
        source="区划",
        table="districts",
        mapping=MAPPINGS / "districts.toml",
    )
    assert districts["totals"]["inserted"] == districts["totals"]["read"] == 3214


def test_the_four_double_codes_conflict_where_a_kept_column_differs(graph: Graph, tmp_path: Path) -> None:
    """The same file with its flag column kept as the edition: each pair now differs, so neither row is stored."""
    mapping = tmp_path / "mapping.toml"
    text = (MAPPINGS / "occupations.toml").read_text(encoding="utf-8")
    mapping.write_text(
        text.replace('"duplicate_code" = ""', '"duplicate_code" = "aliases"'), encoding="utf-8"
    )
    report = _load(
        graph, [DATA / "csco2022" / "csco2022_clean.csv"], source="大典", table="occupations", mapping=mapping
    )
    found = Counter(entry["code"] for entry in report["rejects"])
    assert found == {"duplicate-conflict": 8}
    assert report["totals"]["inserted"] == 2051 - 8


def test_both_questions_answer_on_real_names(graph: Graph, tmp_path: Path) -> None:
    _load(
        graph,
        [DATA / "csco2022" / "csco2022_clean.csv"],
        source="大典",
        table="occupations",
        mapping=MAPPINGS / "occupations.toml",
    )
    _load(
        graph,
        [DATA / "cn_regions" / "regions.csv"],
        source="区划",
        table="districts",
        mapping=MAPPINGS / "districts.toml",
    )
    report = _load(graph, list(write(tmp_path, NOW.date())), source="市库")
    assert report["status"] == "done", (report["errors"], report["rejects"][:5])
    shown = headline("demo", SEED)
    talents = graph.service.recommend_talents({"need": shown.need}, viewer=CLI_VIEWER)
    anchor = {"anchor": {"kind": "enterprise", "key": shown.enterprise}, "mode": shown.mode}
    partners = graph.service.recommend_partners(anchor, viewer=CLI_VIEWER)
    assert talents["items"]
    assert partners["items"]
    name = graph.service.node("enterprise", shown.enterprise, viewer=CLI_VIEWER)["node"]["name"]
    assert name.endswith("公司")
    assert any("学" in item["node"]["name"] for item in partners["items"])
