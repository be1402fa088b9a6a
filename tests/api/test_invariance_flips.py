"""10,000 flips of protected cells, one after another on a living service: every answer stays the same, byte for byte."""

import json
import random
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from kg.bootstrap import Graph, open_graph
from kg.config import Settings
from kg.schema import SCHEMA, protected_columns
from loaders.synthetic_city import sources
from tests.api.test_invariance import NOW, PROTECTED_VALUES, Tables, _ask, _city, _questions
from tests.filling import load_into

FLIPS = 10_000
ASKED = 24
pytestmark = pytest.mark.slow


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[Graph]:
    with open_graph(Settings(data=tmp_path / "data"), clock=lambda: NOW) as opened:
        yield opened


def test_ten_thousand_flips_change_nothing(graph: Graph, tmp_path: Path) -> None:
    cities = {source: _city(source) for source in sources("demo")}
    chance, flipped = random.Random(3), 0
    _load(graph, tmp_path, cities)
    questions = list(islice(_questions(graph), ASKED))
    first = _answers(graph, questions)
    assert sum(len(answer["items"]) for answer in map(json.loads, first)) > ASKED
    rounds = 0
    flippable = {
        source: {table: rows for table, rows in city.items() if _protected(table)}
        for source, city in cities.items()
    }
    while flipped < FLIPS:
        flipped += sum(_flip(city, chance) for city in flippable.values())
        _load(graph, tmp_path, flippable)
        assert _answers(graph, questions) == first, rounds
        rounds += 1
    assert flipped >= FLIPS


def _flip(city: Tables, chance: random.Random) -> int:
    """Draw every protected cell anew; return how many now hold something else."""
    flipped = 0
    for table, rows in city.items():
        for row in rows:
            for column in _protected(table):
                drawn = chance.choice(PROTECTED_VALUES[column])
                flipped += row.get(column) != drawn
                row[column] = drawn
    return flipped


def _protected(table: str) -> list[str]:
    return sorted({column.key for column in SCHEMA.by_key[table].columns} & protected_columns())


def _load(graph: Graph, folder: Path, cities: dict[str, Tables]) -> None:
    for source, city in cities.items():
        path = folder / f"{source}.json"
        path.write_text(json.dumps(city, ensure_ascii=False), encoding="utf-8")
        report = load_into(graph, [path], source=source, synthetic=True).to_json()
        assert report["status"] == "done", (report["errors"], report["rejects"])


def _answers(graph: Graph, questions: list[tuple[str, dict[str, Any], dict[str, Any]]]) -> list[str]:
    """The parts of each answer that say who, why and what would change it."""
    told = [_ask(graph, kind, asked, more) for kind, asked, more in questions]
    return [
        json.dumps({part: answer[part] for part in ("pool", "items", "to_verify")}, ensure_ascii=False)
        for answer in told
    ]
