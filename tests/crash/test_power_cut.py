"""Sixty power cuts: nothing acknowledged is lost, no batch is half there."""

import random
from collections import Counter
from pathlib import Path

import pytest

from tests.crash.power_cut import image, lacking
from tests.crash.power_images import cut_power, problems, recorded

IMAGES, ROUNDS = 60, 40
pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(lacking()), reason=lacking() or "it can be recorded")]


def test_sixty_power_cuts(tmp_path: Path) -> None:
    events = recorded(tmp_path, ROUNDS)
    kinds = Counter((event.kind, event.name.rpartition("-")[2]) for event in events)
    assert kinds["write", "graph.db"] > ROUNDS, "checkpoints are among the events"
    assert kinds["sync", "wal"] >= 2 * ROUNDS, "every acknowledged commit was synced"
    assert cut_power(tmp_path, events, IMAGES, random.Random(20261123)) == []


def test_the_images_would_show_a_loss(tmp_path: Path) -> None:
    """Without the syncs that were recorded, the same cuts lose acknowledged batches: the harness can fail."""
    events = [event for event in recorded(tmp_path, ROUNDS) if event.kind != "sync"]
    chance = random.Random(20261123)
    lost = 0
    for number in range(12):
        folder = tmp_path / f"image{number}"
        acknowledged = image(events, chance.randrange(len(events) // 2, len(events) + 1), chance, folder)
        try:
            lost += bool(problems(folder, acknowledged))
        except Exception:  # an image cut without syncs may be broken in any way: unreadable counts as lost
            lost += 1
    assert lost == 12
