"""The worlds of the oracle go through the real loaders without a rejected row."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from kg.schema.declaration import SCHEMA
from kg.sealing.sealer import Sealer
from kg.store.memory_store import MemoryStore
from loaders.pipeline import load
from tests.golden import golden_a, golden_b
from tests.oracle.generate import random_world
from tests.oracle.world import World
from tests.oracle.write_tables import write_world

WORLDS = [(f"seed {seed}", random_world(seed, mask_defaults=seed % 2 == 1)) for seed in range(8)]
WORLDS += [("golden A", golden_a.golden_a()), ("golden B", golden_b.golden_b())]


def _now() -> datetime:
    return datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.mark.parametrize(("name", "world"), WORLDS)
def test_every_row_loads(name: str, world: World, tmp_path: Path) -> None:
    store, sealer = MemoryStore(clock=_now), Sealer(b"k" * 32)
    for source, folder in write_world(world, tmp_path):
        report = load(
            [folder], store=store, sealer=sealer, schema=SCHEMA, source=source, actor="test", clock=_now
        ).to_json()
        assert report["rejects"] == []
        assert report["errors"] == []
        counts = {table: len(rows) for table, rows in world[source].items()}
        tables = report["tables"]
        assert isinstance(tables, dict)
        assert {table: told["inserted"] for table, told in tables.items()} == counts
