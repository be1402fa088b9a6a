"""The whole way on a Neo4j server: the synthetic city through the loaders, and both questions as on SQLite, word for word."""

import pickle
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest

from kg.bootstrap import Graph, open_graph
from kg.config import Settings
from kg.index.talents.gathered import Gathered
from kg.index.talents.sharing import Second
from kg.model.viewers import Role, Viewer
from kg.schema import SCHEMA
from loaders.pipeline import load
from loaders.synthetic_city import headline, sources, write_city
from script.neo4j_server import Running
from tests.neo4j_running import driver

DAY, SIZE, SEED = date(2026, 11, 23), "demo", 1
OFFICER = Viewer(name="officer", roles=frozenset({Role.OFFICER}))


def clock() -> datetime:
    return datetime(2026, 11, 23, 8, tzinfo=UTC)


def fill(graph: Graph, files: Path) -> None:
    for source in sources(SIZE):
        report = load(
            [files / source], store=graph.store, sealer=graph.sealer, schema=SCHEMA, source=source,
            actor="test", clock=clock, synthetic=True,
        )  # fmt: skip
        assert report.to_json()["totals"]["rejected"] == 0


def answers(graph: Graph) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield answers to both headline questions and to some more."""
    asked = headline(SIZE, SEED)
    needs = sorted(row.node.key for row in graph.store.rows(table="flex_needs") if row.node)[:3]
    schools = sorted(row.node.key for row in graph.store.rows(table="schools") if row.node)[:2]
    for need in (asked.need, *needs):
        yield need, graph.service.recommend_talents({"need": need}, viewer=OFFICER, as_of=DAY)
    for kind, key in (("enterprise", asked.enterprise), *(("school", key) for key in schools)):
        question = {"anchor": {"kind": kind, "key": key}, "mode": asked.mode}
        yield key, graph.service.recommend_partners(question, viewer=OFFICER, as_of=DAY)


@pytest.mark.slow
class TestStory:
    engine: ClassVar[str] = "neo4j"

    def test_both_questions_are_answered_as_on_sqlite(self, neo4j: Running, tmp_path: Path) -> None:
        files, key_file = tmp_path / "files", tmp_path / "key"
        write_city(files, size=SIZE, seed=SEED, day=DAY)
        ours = Settings(data=tmp_path / "sqlite", key_file=key_file)
        theirs = Settings(
            data=tmp_path / "neo4j",
            store=neo4j.address,
            neo4j_password_file=neo4j.password_file,
            key_file=key_file,
        )
        with open_graph(ours, clock=clock) as sqlite, open_graph(theirs, clock=clock) as graph:
            fill(sqlite, files)
            fill(graph, files)
            assert list(graph.store.rows()) == list(sqlite.store.rows())
            assert list(graph.store.changes(0)) == list(sqlite.store.changes(0))
            for (asked, told), (_, wanted) in zip(answers(graph), answers(sqlite), strict=True):
                assert told["items"], asked
                assert told == wanted, asked
            self.people_read_the_graph(graph, neo4j)
            self.a_second_process_reads_it(graph)

    def a_second_process_reads_it(self, graph: Graph) -> None:
        """It finds server and password by the settings, and reads what this process reads."""
        assert graph.reopen is not None
        talents = graph.service.world().talents
        ranks = {source: place for place, source in enumerate(sources(SIZE))}
        second = Second(graph.reopen)
        try:
            second.begin(graph.store.revision(), pickle.dumps((ranks, graph.schema, talents.context)))
            persons, _ = second.gathered("talents")
            found, _ = second.gathered("certificates")
        finally:
            second.close()
            second.end()
        assert sorted(persons[0]) == list(talents.keys)
        held = Gathered(talents.index, [found]).talents
        assert len(held) == sum(len(one.certificates) for one in talents)

    def people_read_the_graph(self, graph: Graph, running: Running) -> None:
        """Nodes and edges carry the words of the schema, what everyone may see, and nothing that is sealed."""
        read = driver(running).execute_query
        schools = read("MATCH (s:School) RETURN s.name AS name, s._key AS key ORDER BY key").records
        wanted = {row.node.key: row.values["name"] for row in graph.store.rows(table="schools") if row.node}
        assert {found["key"]: found["name"] for found in schools} == wanted
        edges = read("MATCH (:Offering)-[r:OFFERINGS_SCHOOL]->(:School) RETURN count(r) AS total").records[0][
            "total"
        ]
        rows = list(graph.store.rows(table="offerings"))
        assert edges == sum(len(row.targets("offerings.school")) for row in rows) > 0
        total = read("MATCH (:Entity)-[r]->(:Entity) WHERE r._until IS NULL RETURN count(r) AS total").records
        assert total[0]["total"] == sum(len(set(row.links)) for row in graph.store.rows())
        talents = read("MATCH (t:Talent) RETURN t AS node").records
        assert {tuple(sorted(found["node"])) for found in talents} == {("_id", "_key", "_kind", "name")}
        assert all("*" in found["node"]["name"] for found in talents)
        assert (
            read("MATCH (e:Entity) WHERE size(labels(e)) <> 2 RETURN count(e) AS total").records[0]["total"]
            == 0
        )
