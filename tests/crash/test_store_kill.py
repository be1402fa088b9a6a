"""Kill -9 at random moments of staging and publishing: what was acknowledged is there, batches are whole or absent."""

import random
from pathlib import Path
from typing import ClassVar

import pytest

from tests.crash.store_kills import kill_writers

KILLS = 60


@pytest.mark.slow
class TestKill:
    engine: ClassVar[str] = "sqlite"

    def test_sixty_kills(self, tmp_path: Path) -> None:
        assert kill_writers(tmp_path / "graph.db", KILLS, random.Random(20260301)) > KILLS
