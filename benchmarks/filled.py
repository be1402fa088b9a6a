"""A synthetic city in a data folder, loaded once and kept where a benchmark is given a folder of its own."""

import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from kg.bootstrap import open_graph
from kg.config import Settings
from loaders.pipeline import load
from loaders.synthetic_city import sources, write_city

DAY: Final = date(2026, 11, 23)
_LOADED: Final = "loaded"


def filled(folder: Path, size: str, seed: int = 1) -> Settings:
    """Return the settings of the city in `folder`; it is made and loaded when it is not there yet."""
    settings = Settings(data=folder / f"{size}-{seed}")
    if (settings.data / _LOADED).exists():
        return settings
    start = time.perf_counter()
    write_city(folder / "files", size=size, seed=seed, day=DAY)
    with open_graph(settings, clock=lambda: datetime(2026, 11, 23, 8, tzinfo=UTC)) as graph:
        for source in sources(size):
            load(
                [folder / "files" / source], store=graph.store, sealer=graph.sealer, schema=graph.schema,
                source=source, actor="benchmark", clock=graph.clock, synthetic=True,
            )  # fmt: skip
    (settings.data / _LOADED).touch()
    print(f"loaded a synthetic {size} in {time.perf_counter() - start:.0f} s", flush=True)
    return settings
