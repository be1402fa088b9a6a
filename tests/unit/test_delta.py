"""A generation brought forward by the change log answers like one built anew."""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest

from kg.bootstrap import Graph, open_graph
from kg.config import Settings
from kg.index.delta import (
    COOPERATION_TABLES,
    MOST_ROWS,
    PERSON_TABLES,
    UNREAD_TABLES,
    WHOLE_TABLES,
    newest,
    refreshed,
)
from kg.index.talents.records import Context
from kg.index.vocabularies import VOCABULARY_TABLES, Vocabularies
from kg.index.world import World, build_world
from kg.matching.mobility.standing import standings_of
from kg.model.graph import Batch, RowChange
from kg.model.viewers import CLI_VIEWER
from kg.ports import GraphStore
from kg.schema import SCHEMA
from loaders.synthetic_city import generate, headline, sources
from tests.filling import load_into
from tests.unit.mobility_worlds import as_json, ask, question_of

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
SOURCE = sources("demo")[0]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def city() -> dict[str, list[dict[str, Any]]]:
    return {
        table: [dict(row) for row in rows]
        for table, rows in generate("demo", seed=1, day=NOW.date(), source=SOURCE)
    }


@pytest.fixture
def graph(tmp_path: Path, city: dict[str, list[dict[str, Any]]]) -> Iterator[Graph]:
    with open_graph(Settings(data=tmp_path / "data"), clock=lambda: NOW) as opened:
        _load(opened, tmp_path, city)
        yield opened


def _load(graph: Graph, folder: Path, tables: dict[str, list[dict[str, Any]]]) -> None:
    path = folder / "part.json"
    path.write_text(json.dumps(tables, ensure_ascii=False), encoding="utf-8")
    report = load_into(graph, [path], source=SOURCE).to_json()
    assert report["status"] in {"done", "done-with-rejects"}, report["errors"]


def _answers(graph: Graph) -> str:
    shown = headline("demo", 1)
    anchor = {"anchor": {"kind": "enterprise", "key": shown.enterprise}, "mode": shown.mode}
    told = [
        graph.service.recommend_talents({"need": need}, viewer=CLI_VIEWER, as_of=date(2026, 11, 23), k=50)
        for need in sorted(graph.service.world().talents.needs)[:6]
    ]
    told.append(graph.service.recommend_partners(anchor, viewer=CLI_VIEWER, as_of=date(2026, 11, 23)))
    return json.dumps(
        [{part: answer[part] for part in ("pool", "items", "to_verify")} for answer in told],
        ensure_ascii=False,
    )


def _assert_alike(world: World, anew: World) -> None:
    """Check that two generations have the same content; arrays and what is derived are seen in answers only."""
    assert list(world.talents) == list(anew.talents)
    assert world.talents.registers == anew.talents.registers
    assert world.talents.needs == anew.talents.needs
    assert world.talents.context.places == anew.talents.context.places
    assert world.delivered == anew.delivered
    assert (world.travel.times, world.travel.coordinates) == (anew.travel.times, anew.travel.coordinates)
    assert world.control.links == anew.control.links
    assert world.cooperation == anew.cooperation
    assert _spelled(world.words) == _spelled(anew.words) == _spelled(world.talents.context)


def _spelled(words: Vocabularies | Context) -> tuple[object, ...]:
    skills, trades, units = words.skills, words.occupations, words.organisations
    own = (skills.names, skills.aliases, skills.relations, trades.names, trades.editions, trades.crosswalk)
    return (*own, units.by_code, units.by_name)


def test_every_table_is_declared_read_or_unread() -> None:
    taken = PERSON_TABLES | COOPERATION_TABLES | UNREAD_TABLES | WHOLE_TABLES | VOCABULARY_TABLES
    assert taken == {table.key for table in SCHEMA.tables}


def test_deltas_answer_like_new_builds(
    graph: Graph, tmp_path: Path, city: dict[str, list[dict[str, Any]]]
) -> None:
    chance = random.Random(5)
    used = 0
    for _ in range(12):
        before = graph.service.world()
        tables: dict[str, list[dict[str, Any]]] = {}
        for table in chance.sample(
            [
                "talents",
                "talent_skills",
                "certificates",
                "engagements",
                "demands",
                "offerings",
                "programs",
                "flex_needs",
                "flex_needs",
                "ownerships",
                "travel_times",
                "districts",
                "skills",
                "skill_relations",
                "occupations",
                "majors",
                "enterprises",
                "schools",
            ],
            k=4,
        ):
            rows = [dict(row) for row in chance.sample(city[table], k=5)]
            for row in rows:
                _edit(table, row, chance)
            tables[table] = rows
        _load(graph, tmp_path, tables)
        used += refreshed(before, graph.store, graph.policy, graph.schema) is not None
        forward, world = _answers(graph), graph.service.world()
        anew = build_world(graph.store, graph.policy)
        _assert_alike(world, anew)
        graph.service._generations._world = anew
        assert _answers(graph) == forward
    assert used == 12


def test_a_question_on_an_older_generation_reads_none_of_the_newer_persons(
    graph: Graph, tmp_path: Path, city: dict[str, list[dict[str, Any]]]
) -> None:
    older = graph.service.world()
    question = question_of(older, headline("demo", 1).need, graph.policy)

    def told(world: World) -> str:
        answer = ask(world, question, NOW.date(), policy=graph.policy)
        return json.dumps(as_json(world, answer), ensure_ascii=False, default=str)

    before = told(older)
    first = ask(older, question, NOW.date(), policy=graph.policy).items[0]
    person = older.talents.talent(first.match.node.key)
    assert person is not None
    registers = {number for _, number in person.registers}
    row = next(row for row in city["talents"] if row["person_id"] in registers)
    _load(graph, tmp_path, {"talents": [{**row, "weekly_hours": 0}]})
    newer = refreshed(older, graph.store, graph.policy, graph.schema)
    assert newer is not None
    kept = standings_of(older, graph.policy, NOW.date())
    own = kept[person.key]
    assert told(newer) != before
    assert standings_of(newer, graph.policy, NOW.date()) is not kept
    assert kept[person.key] is own, "a question on the newer generation leaves what the older one keeps alone"
    assert told(older) == before


def test_what_a_generation_keeps_of_persons_is_its_own(
    graph: Graph, tmp_path: Path, city: dict[str, list[dict[str, Any]]]
) -> None:
    older = graph.service.world()
    question = question_of(older, headline("demo", 1).need, graph.policy)
    ask(older, question, NOW.date(), policy=graph.policy)
    for table, cells in (
        ("talents", {"weekly_hours": 0}),
        ("flex_needs", {"hours_per_week": 3}),
        ("ownerships", {"share": 1}),
    ):
        held = {key: dict(value) for key, value in older.talents.memo.items() if isinstance(value, dict)}
        _load(graph, tmp_path, {table: [{**city[table][0], **cells}]})
        newer = refreshed(older, graph.store, graph.policy, graph.schema)
        assert newer is not None
        assert not newer.talents.memo
        ask(newer, question, NOW.date(), policy=graph.policy)
        for key, value in held.items():
            assert older.talents.memo[key] == value
            assert newer.talents.memo[key] is not older.talents.memo[key]
        older = newer


def _edit(table: str, row: dict[str, Any], chance: random.Random) -> None:
    match table:
        case "talents":
            row.update(
                weekly_hours=chance.choice((0, 6, 20, None)), district=chance.choice(("990101", "990102"))
            )
        case "talent_skills":
            row.update(level=chance.randrange(1, 6))
        case "certificates":
            row.update(expires=chance.choice(("2026-01-01", "2030-01-01", None)))
        case "engagements":
            row.update(status=chance.choice(("已签", "完成")), hours_per_week=chance.choice((2, 8)))
        case "flex_needs":
            row.update(
                district=chance.choice(("990101", "990102", None)), hours_per_week=chance.choice((2, 4, 8))
            )
        case "ownerships":
            row.update(share=chance.choice((0.2, 0.6, 1)))
        case "travel_times":
            row.update(hours=chance.choice((0.5, 2, 7)))
        case "skills":
            row.update(aliases=(f"别名{chance.randrange(9)}", chance.choice(("主轴振动", "数控编程"))))
        case "skill_relations":
            row.update(strength=chance.choice((0.3, 0.9)))
        case "occupations" | "majors":
            row.update(edition=chance.choice(("2022", "2031")), name=f"名称{chance.randrange(9)}")
        case "enterprises" | "schools":
            row.update(district=chance.choice(("990101", "990102")), aliases=(f"简称{chance.randrange(9)}",))
        case "districts":
            row.update(longitude=100 + chance.random(), latitude=30 + chance.random())
        case "demands" | "offerings":
            row.update({"count" if table == "demands" else "students": chance.randrange(1, 60)})


def test_texts_that_mean_something_else_are_taken_in_too(
    graph: Graph, tmp_path: Path, city: dict[str, list[dict[str, Any]]]
) -> None:
    held = Counter(row["skill"] for row in city["talent_skills"])
    skill, other = (name for name, _ in held.most_common(2))
    trade = next(row["occupation"] for row in city["talents"] if row["occupation"])
    occupation = next(row for row in city["occupations"] if row["code"] == trade)
    host = next(row["host"] for row in city["engagements"])
    firm = next(row for row in city["enterprises"] if row["credit_code"] == host)
    service = {**city["engagements"][0], "engagement_id": "FW9999990", "host": "后来登记的企业有限公司"}
    late = {**firm, "credit_code": "91990102MA00000XXX", "name": "后来登记的企业有限公司", "aliases": None}

    def named(name: str) -> dict[str, Any]:
        return next(row for row in city["skills"] if row["name"] == name)

    changes: list[tuple[dict[str, list[dict[str, Any]]], str]] = [
        ({"engagements": [service]}, ""),
        ({}, skill),
        ({"skills": [{**named(other), "aliases": [skill]}]}, ""),
        ({"skills": [named(skill)]}, ""),
        ({"occupations": [{**occupation, "edition": "2031", "name": "新名称"}]}, ""),
        ({"occupation_crosswalk": [{**city["occupation_crosswalk"][0], "to_edition": "2031"}]}, ""),
        ({"majors": [{**city["majors"][0], "edition": "2031", "occupations": [trade]}]}, ""),
        ({"enterprises": [{**firm, "district": "990105"}, late]}, ""),
        ({"schools": [{**city["schools"][0], "name": firm["name"]}]}, ""),
    ]
    for tables, retired in changes:
        before = graph.service.world()
        if retired:
            _retire(graph, "skills", retired)
        else:
            _load(graph, tmp_path, tables)
        fresh = refreshed(before, graph.store, graph.policy, graph.schema)
        assert fresh is not None
        _assert_alike(fresh, build_world(graph.store, graph.policy))
    forward = _answers(graph)
    graph.service._generations._world = build_world(graph.store, graph.policy)
    assert _answers(graph) == forward


def test_an_erasure_is_taken_like_any_other_change(
    graph: Graph, tmp_path: Path, city: dict[str, list[dict[str, Any]]]
) -> None:
    """Also by who is some revisions behind, has erased persons among those changed, and shared a number with others."""
    first = graph.service.world()
    key = first.talents.of_register(SOURCE, city["achievements"][0]["person_id"]) or ""
    namesake = {**city["achievements"][0], "title": "同号", "person_id": city["talents"][-1]["person_id"]}
    path = tmp_path / "other.json"
    path.write_text(
        json.dumps({"talents": [city["talents"][-1]], "achievements": [namesake]}), encoding="utf-8"
    )
    load_into(graph, [path], source="协会")
    graph.service.world()
    shared = build_world(graph.store, graph.policy)
    _load(graph, tmp_path, {"talents": [{**row, "weekly_hours": 11} for row in city["talents"][:9]]})
    older = [shared, graph.service.world()]
    keys = [key, *sorted(shared.talents.index)[:3]]
    for person in keys:
        graph.service.erase(person, "本人要求", viewer=CLI_VIEWER)
    for table in ("certificates", "skills", "flex_needs", "programs", "wages"):
        row = next(iter(graph.store.rows(table=table)))
        assert graph.store.erase([row.id], actor="test") == 1
    anew = build_world(graph.store, graph.policy)
    for before in older:
        assert before.talents.talent(key) is not None
        fresh = refreshed(before, graph.store, graph.policy, graph.schema)
        assert fresh is not None
        _assert_alike(fresh, anew)
        assert (fresh.unclean, anew.unclean) == (True, False)
        assert [fresh.talents.talent(person) for person in keys] == [None] * len(keys)
        assert len(fresh.talents.changed) <= len(keys) + 9 + 1, (
            "who has a mark of another and lost nothing stays in the arrays"
        )
        graph.service._generations._world = fresh
        told = _answers(graph)
        graph.service._generations._world = anew
        assert _answers(graph) == told


def test_an_erasure_of_which_the_log_does_not_tell_enough_is_a_new_build(graph: Graph) -> None:
    before = graph.service.world()
    graph.store.erase([next(iter(graph.store.rows(table="offerings"))).id], actor="test")
    assert refreshed(before, graph.store, graph.policy, graph.schema) is None
    later = build_world(graph.store, graph.policy)
    graph.store.erase([next(iter(graph.store.rows(table="certificates"))).id], actor="test")
    assert refreshed(later, graph.store, graph.policy, graph.schema) is not None
    cast(Any, graph.store).prune(graph.store.revision())
    assert refreshed(later, graph.store, graph.policy, graph.schema) is None


def _retire(graph: Graph, table: str, key: str) -> None:
    row = next(row for row in graph.store.rows(table=table) if row.id.key == key)
    graph.store.stage("w", [RowChange(id=row.id, row=None)])
    graph.store.publish(Batch(id="", source=SOURCE, actor="test", at=NOW, delivered=()), staged="w")


def test_a_first_delivery_is_no_reason_to_build_anew(
    tmp_path: Path, city: dict[str, list[dict[str, Any]]]
) -> None:
    late = ("programs", "wages", "honours")
    with open_graph(Settings(data=tmp_path / "data"), clock=lambda: NOW) as graph:
        _load(graph, tmp_path, {table: rows for table, rows in city.items() if table not in late})
        for table, taken in (("programs", True), ("wages", True), ("honours", False)):
            before = graph.service.world()
            assert table not in before.delivered
            _load(graph, tmp_path, {table: city[table]})
            fresh = refreshed(before, graph.store, graph.policy, graph.schema)
            assert (fresh is not None) is taken
            forward, world = _answers(graph), graph.service.world()
            anew = build_world(graph.store, graph.policy)
            assert world.delivered == anew.delivered
            graph.service._generations._world = anew
            assert _answers(graph) == forward


class _Reported:
    """The real store, whose newest batch reports more rows than a delta takes."""

    def __init__(self, graph: Graph) -> None:
        self._store = graph.store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def batches(self) -> list[Batch]:
        *earlier, last = self._store.batches()
        return [*earlier, replace(last, report={"totals": {"inserted": MOST_ROWS, "retired": 1}})]


def test_large_batches_are_told_by_their_report_alone(
    graph: Graph, tmp_path: Path, city: dict[str, list[dict[str, Any]]]
) -> None:
    before = graph.service.world()
    _load(graph, tmp_path, {"talents": [{**city["talents"][0], "weekly_hours": 3}]})
    reported: Any = _Reported(graph)
    assert refreshed(before, graph.store, graph.policy, graph.schema) is not None
    assert refreshed(before, reported, graph.policy, graph.schema) is None


class _Interrupted:
    """A store in which somebody publishes once, just before rows are read."""

    def __init__(self, graph: Graph, publish: Callable[[], None]) -> None:
        self._graph = graph
        self._publish: Callable[[], None] | None = publish

    def __getattr__(self, name: str) -> Any:
        if name == "rows" and self._publish is not None:
            publish, self._publish = self._publish, None
            publish()
        return getattr(self._graph.store, name)


@pytest.mark.parametrize("anew", [False, True])
def test_what_was_read_is_of_the_revision_that_it_names(
    graph: Graph, tmp_path: Path, city: dict[str, list[dict[str, Any]]], anew: bool
) -> None:
    before = build_world(graph.store, graph.policy)

    def publish(place: int) -> None:
        _load(graph, tmp_path, {"talents": [{**city["talents"][place], "weekly_hours": 7 + place}]})

    publish(0)
    store = cast(GraphStore, _Interrupted(graph, lambda: publish(1)))
    fresh = (newest if anew else partial(refreshed, before))(store, graph.policy, graph.schema)
    assert fresh is not None
    assert fresh.revision == graph.store.revision() == before.revision + 2
    assert list(fresh.talents) == list(build_world(graph.store, graph.policy).talents)
