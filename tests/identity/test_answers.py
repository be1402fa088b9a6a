"""What was joined is one person in every answer, at once, as in a service that starts anew."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kg.bootstrap import Graph, open_graph
from kg.config import Settings
from kg.model.viewers import CLI_VIEWER
from loaders.synthetic_city import headline, sources, write_city
from tests.filling import load_into

pytest.importorskip("splink", reason="the extra identity is not installed")
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
NEED = headline("demo", 1).need


def answer(town: Graph) -> dict[str, Any]:
    told = dict(town.service.recommend_talents({"need": NEED}, viewer=CLI_VIEWER, as_of=NOW.date(), k=50))
    return {name: told[name] for name in ("pool", "items", "to_verify", "revision")}


def test_answers_know_at_once_who_is_one_person(tmp_path: Path) -> None:
    write_city(tmp_path / "city", size="demo", seed=1, day=NOW.date())
    settings = Settings(data=tmp_path / "data")
    with open_graph(settings, clock=lambda: NOW) as town:
        for source in sources("demo"):
            report = load_into(town, [tmp_path / "city" / source], source=source, synthetic=True)
            assert not report.errors
        before = answer(town)
        joined = town.service.find_identities(viewer=CLI_VIEWER)
        after = answer(town)
        assert joined["merged"] == 2
        assert before["pool"]["considered"] - after["pool"]["considered"] == 2
        town.service.roll_back(joined["batch"], viewer=CLI_VIEWER)
        assert answer(town)["pool"] == before["pool"]
        for item in town.service.reviews(viewer=CLI_VIEWER, state="merged")["items"]:
            town.service.decide_review(item["id"], "merge", viewer=CLI_VIEWER)
        after = answer(town)
        assert after["pool"]["considered"] == before["pool"]["considered"] - 2
    with open_graph(settings, clock=lambda: NOW) as town:
        assert answer(town) == after
