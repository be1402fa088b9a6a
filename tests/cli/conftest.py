"""A folder with a small world, loaded by the command itself; a runner that tells what a command printed."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from api.cli import main
from kg.bootstrap import open_graph
from kg.config import Settings
from tests.api.world import tables


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cli")


@pytest.fixture(scope="module", autouse=True)
def data(folder: Path) -> Iterator[Path]:
    """Set the environment of the module, and load the world."""
    world = folder / "world.json"
    world.write_text(json.dumps(tables(), ensure_ascii=False), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("JIANGTU_")]:
            patch.delenv(name)
        patch.setenv("JIANGTU_DATA", str(folder / "data"))
        patch.chdir(folder)
        assert main(["load", str(world), "--source", "市库", "--json"]) == 0
        yield folder / "data"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a runner of commands inside this process."""

    def ran(*words: str | Path) -> Ran:
        capsys.readouterr()
        code = main([str(word) for word in words])
        told = capsys.readouterr()
        return Ran(code, told.out, told.err)

    return ran


def state(data: Path) -> tuple[int, int, int]:
    """Return what a refused command must not change: revision, rows, batches."""
    with open_graph(Settings(data=data)) as graph:
        return graph.store.revision(), sum(1 for _ in graph.store.rows()), len(graph.store.batches())
