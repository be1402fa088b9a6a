"""A full disk: a clear refusal, nothing lost, nothing half done, and with room again all goes on (`full_disk.py`)."""

import json
import os
import shutil
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import pytest

from tests.crash.killing import ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="limits and mounts of Linux"),
]
MOUNT = ["unshare", "-Urm", "sh", "-c", 'mount -t tmpfs -o size=24m none "$1" && shift && exec "$@"', "sh"]


@lru_cache
def lacking() -> str:
    """Return why no small file system can be mounted here, "" when one can."""
    if shutil.which("unshare") is None:
        return "no unshare"
    tried = subprocess.run([*MOUNT, "/mnt", "true"], capture_output=True, text=True, check=False)
    return tried.stderr.strip()


def run(folder: Path, how: str, *before: str) -> list[str]:
    """Run the program; return the sentences with which it was refused."""
    done = subprocess.run(
        [*before, sys.executable, "-m", "tests.crash.full_disk", str(folder), how],
        cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["batches"] > 2
    sentences: list[str] = told["told"]
    return sentences


def test_a_full_file_system(tmp_path: Path) -> None:
    if lacking():
        pytest.skip(f"no small file system can be mounted here ({lacking()})")
    written, loaded, copied = run(tmp_path, "disk", *MOUNT, str(tmp_path))
    assert "磁盘空间不足" in written
    assert "磁盘" in loaded.splitlines()[-1]
    assert "Traceback" not in loaded
    assert "磁盘空间不足" in copied or "No space left" in copied


def test_files_that_may_not_grow(tmp_path: Path) -> None:
    written, loaded, copied = run(tmp_path, "limit")
    assert "磁盘" in written
    assert "磁盘" in loaded.splitlines()[-1]
    assert "Traceback" not in loaded
    assert "磁盘" in copied or "too large" in copied
