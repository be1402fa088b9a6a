"""Files into an opened graph, as every test does that asks questions about what was loaded."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kg.bootstrap import Graph
from loaders.pipeline import load
from loaders.report import Report


def load_into(graph: Graph, paths: Sequence[Path], *, source: str, **more: Any) -> Report:
    """Load files of one source; `more` are further options of the pipeline. What the report says is the test's to check."""
    return load(
        paths, store=graph.store, sealer=graph.sealer, schema=graph.schema, source=source, actor="test",
        clock=graph.clock, **more,
    )  # fmt: skip
