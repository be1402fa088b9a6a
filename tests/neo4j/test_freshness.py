"""Several services on one Neo4j, each a process: what one writes is in the next answer of the others, and an index built anew as soon as it is demanded."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import pytest

from kg.bootstrap import open_graph
from kg.config import Settings
from script.neo4j_server import Running
from tests.crash.killing import ROOT
from tests.crash.operation_kills import city, loaded

SERVICE = """
import json, sys, time
from pathlib import Path
from kg.bootstrap import open_graph
from kg.config import Settings
from kg.model.viewers import CLI_VIEWER
from tests.crash.operation_kills import NOW, rename, set_hours
settings = Settings(data=Path(sys.argv[1]), store=sys.argv[2], neo4j_password_file=Path(sys.argv[3]), key_file=Path(sys.argv[4]))
with open_graph(settings, clock=lambda: NOW) as graph:
    print(json.dumps([graph.service.world().revision]), flush=True)
    for line in sys.stdin:
        verb, number = line.split()
        if verb == "rename":
            told = [rename(graph, settings.data)]
        elif verb == "hours":
            told = [set_hours(graph, settings.data, int(number))]
        else:
            least = int(number) if verb == "at-least" else None
            world = graph.service.world(min_revision=least)
            answer = graph.service.recommend_talents({"need": sys.argv[5]}, viewer=CLI_VIEWER, as_of=NOW.date())
            hours = world.talents.needs[sys.argv[5]].hours_per_week
            told = [world.revision, answer["revision"], hours, sorted(a for a in world.skills.aliases if a.startswith("别名"))]
        print(json.dumps(told), flush=True)
"""


class Service:
    """A service as a process of its own that does what it is told, one line at a time."""

    def __init__(self, *words: object) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVICE, *map(str, words)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def told(self) -> list[object]:
        assert self.process.stdout is not None
        found: list[object] = json.loads(self.process.stdout.readline())
        return found

    def ask(self, verb: str, number: int = 0) -> list[object]:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{verb} {number}\n")
        self.process.stdin.flush()
        return self.told()


@pytest.mark.slow
class TestFreshness:
    engine: ClassVar[str] = "neo4j"

    @contextmanager
    def services(self, running: Running, folder: Path) -> Iterator[list[Service]]:
        """Three processes on one store that holds the demo city."""
        key = folder / "key"
        settings = Settings(
            data=folder / "first",
            store=running.address,
            neo4j_password_file=running.password_file,
            key_file=key,
        )
        tables = city()
        with open_graph(settings) as graph:
            loaded(graph, settings.data, tables)
        need = tables["flex_needs"][0]["need_id"]
        found = [
            Service(folder / f"data{number}", running.address, running.password_file, key, need)
            for number in range(3)
        ]
        try:
            assert [one.told() for one in found] == [[1]] * 3
            yield found
        finally:
            for one in found:
                one.process.kill()
                one.process.communicate()

    def test_what_one_writes_is_in_the_answers_of_all(self, neo4j: Running, tmp_path: Path) -> None:
        """Each of the three writes once, and the two others are asked at once."""
        with self.services(neo4j, tmp_path) as services:
            for hours, writer in enumerate(services, start=3):
                others = [one for one in services if one is not writer]
                (revision,) = writer.ask("hours", hours)
                told: list[object] = [revision, revision, hours]
                assert [one.ask("now")[:3] for one in others] == [told] * 2
                (revision,) = writer.ask("rename")
                told = [revision, revision, hours, [f"别名{revision}"]]
                assert [one.ask("at-least", int(str(revision))) for one in others] == [told] * 2
