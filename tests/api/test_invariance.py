"""1,000 random questions: ledgers add up; row order and protected columns change nothing, byte for byte."""

import json
import math
import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kg.bootstrap import Graph, open_graph
from kg.config import Settings
from kg.model.viewers import CLI_VIEWER
from kg.schema import SCHEMA, protected_columns
from kg.vocab.modes import COOPERATION_MODES, ENGAGEMENT_MODES
from loaders.synthetic_city import generate, sources
from tests.filling import load_into

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
QUESTIONS = 1000
pytestmark = pytest.mark.slow
Tables = dict[str, list[dict[str, Any]]]
PROTECTED_VALUES: Mapping[str, tuple[Any, ...]] = {
    "sex": ("男", "女", None),
    "birth_date": ("1950-01-01", "1999-12-31", None),
    "ethnicity": ("汉族", "回族", "满族", None),
    "education": ("初中", "博士研究生", None),
    "identity": ("农民工", "事业编制", None),
    "hukou": ("农业户口", "非农业户口", None),
    "political": ("群众", "中共党员", None),
    "work_years": (0, 1, 45, None),
    "ownership_type": ("国有", "民营", "外资", None),
}


def _city(source: str) -> Tables:
    city: Tables = {}
    for table, rows in generate("demo", seed=1, day=NOW.date(), source=source):
        city.setdefault(table, []).extend(dict(row) for row in rows)
    return city


def _open(folder: Path, changed: bool) -> Graph:
    """Load the demo city; `changed` shuffles rows and tables and redraws every protected column."""
    graph = open_graph(
        Settings(data=folder / "data", key_file=folder.parent / "shared.key"), clock=lambda: NOW
    )
    chance = random.Random(7)
    for source in sources("demo"):
        path = folder / f"{source}.json"
        city = _city(source)
        if changed:
            _change(city, chance)
        path.write_text(json.dumps(city, ensure_ascii=False), encoding="utf-8")
        report = load_into(graph, [path], source=source, synthetic=True).to_json()
        assert report["status"] == "done", (report["errors"], report["rejects"])
    return graph


def _change(city: Tables, chance: random.Random) -> None:
    for table, rows in city.items():
        columns = {c.key for c in SCHEMA.by_key[table].columns} & protected_columns()
        for row in rows:
            row.update({column: chance.choice(PROTECTED_VALUES[column]) for column in columns})
        chance.shuffle(rows)
    shuffled = list(city.items())
    chance.shuffle(shuffled)
    city.clear()
    city.update(shuffled)


@pytest.fixture(scope="module")
def graphs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Graph, Graph]]:
    folder = tmp_path_factory.mktemp("cities")
    with open_graph(Settings(data=folder / "key", key_file=folder / "shared.key")):
        pass
    for name in ("plain", "changed"):
        (folder / name).mkdir()
    with _open(folder / "plain", changed=False) as plain, _open(folder / "changed", changed=True) as changed:
        yield plain, changed


def _questions(graph: Graph) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    chance = random.Random(11)
    world = graph.service.world()
    needs = sorted(world.talents.needs)
    organisations = sorted(world.organisations.by_code)
    occupations = sorted({row.values["code"] for row in graph.store.rows(table="occupations")}, key=str)
    skills = sorted(world.skills.names.values())
    for _ in range(QUESTIONS):
        more = {
            "k": chance.choice((1, 3, 20, 200)),
            "as_of": NOW.date() + timedelta(days=chance.choice((0, 0, 0, -40, 30, 200))),
        }
        kind = chance.random()
        if kind < 0.35:
            yield "talents", {"need": chance.choice(needs)}, more
        elif kind < 0.6:
            start = NOW.date() + timedelta(days=chance.randrange(0, 60))
            modes = chance.sample(sorted(ENGAGEMENT_MODES), k=chance.randrange(1, 4))
            inline = {
                "host": chance.choice(organisations), "title": "临时需求", "occupations": chance.sample(occupations, k=2),
                "skills": [f"{name}={chance.randrange(1, 6)}*{chance.randrange(1, 4)}" for name in chance.sample(skills, k=3)],
                "tags": chance.sample(skills, k=2), "modes": modes, "total_hours": chance.choice((8, 24, 60)),
                "valid_from": start.isoformat(), "valid_to": (start + timedelta(days=chance.randrange(5, 90))).isoformat(),
                "visits": chance.randrange(0, 4), "pay_max": chance.choice((80, 160, 300)),
            }  # fmt: skip
            yield "talents", {"inline": inline}, more
        else:
            anchors = [("district", code) for code in sorted(world.travel.listed)]
            anchors += [(world.organisations.by_code[code].kind, code) for code in organisations]
            anchor_kind, key = chance.choice(anchors)
            asked = {
                "anchor": {"kind": anchor_kind, "key": key},
                "mode": chance.choice(sorted(COOPERATION_MODES)),
            }
            if chance.random() < 0.3:
                asked["order"] = chance.choice(("value", "seats", "score"))
            yield "partners", asked, more


def _ask(graph: Graph, kind: str, asked: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    ask = graph.service.recommend_talents if kind == "talents" else graph.service.recommend_partners
    return ask(asked, viewer=CLI_VIEWER, **more)


def _adds_up(answer: dict[str, Any]) -> None:
    pool = answer["pool"]
    assert pool["considered"] == pool["listed"] + pool["to_verify"] + sum(pool["failed"].values())
    for item in (*answer["items"], *answer["to_verify"]):
        for side in item["sides"].values():
            factors = side["factors"]
            assert math.isclose(sum(f["contribution"] for f in factors), side["score"], abs_tol=1e-12)
            assert math.isclose(sum(f["weight"] for f in factors), 1, abs_tol=1e-9)
            assert all(
                math.isclose(f["weight"] * f["value"], f["contribution"], abs_tol=1e-12) for f in factors
            )
        a, b = (side["score"] for side in item["sides"].values())
        assert math.isclose(item["score"], 2 * a * b / (a + b) if a and b else 0, abs_tol=1e-12)
        assert math.isclose(
            item["coverage"], min(s["coverage"] for s in item["sides"].values()), abs_tol=1e-12
        )
        for end, neutral in zip(item["interval"], (0, 1), strict=True):
            a, b = (
                sum(f["weight"] * (f["value"] if f["known"] else neutral) for f in side["factors"])
                for side in item["sides"].values()
            )
            assert math.isclose(end, 2 * a * b / (a + b) if a and b else 0, abs_tol=1e-12)
        if item["allocation"] is not None and item["band"] != "to_verify":
            assert item["seats"] == sum(entry["seats"] for entry in item["allocation"])
            value = sum(entry["seats"] * entry["surplus"] for entry in item["allocation"])
            assert math.isclose(item["value"], value, abs_tol=1e-6)


def test_a_thousand_questions_add_up_and_do_not_move(graphs: tuple[Graph, Graph]) -> None:
    plain, changed = graphs
    listed = 0
    for kind, asked, more in _questions(plain):
        first, second = _ask(plain, kind, asked, more), _ask(changed, kind, asked, more)
        _adds_up(first)
        listed += len(first["items"])
        for part in ("items", "to_verify", "pool"):
            one, other = (json.dumps(answer[part], ensure_ascii=False) for answer in (first, second))
            assert one == other, (kind, asked, more, part)
    assert listed > QUESTIONS


def test_the_index_holds_no_protected_column(graphs: tuple[Graph, Graph]) -> None:
    world = graphs[0].service.world()
    seen = {
        name
        for part in (world.talents.at(0), next(iter(world.cooperation.offerings.values())))
        for name in type(part).__slots__
    }
    assert not seen & protected_columns()
