"""One synthetic city for all documents, loaded once for all test processes; each document works on its own copy."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.once import made_once

DAY = "2026-11-23"
SOURCES = ("市人才库", "行业协会")
_QUIET = {"JIANGTU_LOG": "warning"}


def shell_environment(data: Path) -> dict[str, str]:
    """Return the environment of a shell in which `jiangtu` is this installation, working on that data folder."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("JIANGTU_")}
    path = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", "")])
    return {**kept, **_QUIET, "PATH": path, "JIANGTU_DATA": str(data), "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8"}


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the store (`data`) and the files (`city`) of the demo city, seed 1, on 2026-11-23."""
    return made_once(tmp_path_factory, "documented-city", _make_city)


def _make_city(folder: Path) -> None:
    run = ["jiangtu", "generate", "--size", "demo", "--seed", "1", "--day", DAY, "-o", "city"]
    commands = [run, *(["jiangtu", "load", f"city/{source}", "--source", source] for source in SOURCES)]
    environment = shell_environment(folder / "data")
    for command in commands:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
