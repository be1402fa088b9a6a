"""From files to a published batch: the one entry of the loaders (`files.md`)."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from kg.ports import GraphStore
from kg.schema import Schema
from kg.sealing.sealer import Sealer
from loaders.batch import Order, Progress, load_readings
from loaders.error_workbook import write_error_workbook
from loaders.reading import read_paths
from loaders.report import Report
from loaders.sources.raw import RefusedFileError

__all__ = ["Order", "Progress", "Report", "load", "load_readings"]


def load(
    paths: Sequence[Path],
    *,
    store: GraphStore,
    sealer: Sealer,
    schema: Schema,
    source: str,
    actor: str,
    clock: Callable[[], datetime],
    table: str | None = None,
    mapping: Path | None = None,
    dry_run: bool = False,
    full: bool = False,
    confirm_retire: int | None = None,
    errors_to: Path | None = None,
    synthetic: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> Report:
    """Load files as one batch of a source and return the report; nothing is changed unless all of it is published.

    `clock` gives the time of recording (UTC). `errors_to` is where the workbook of rejected rows goes. Refusals are
    in the report (`exit_code` 1); only a store that cannot be used raises (`kg.errors.StoreError`).
    """
    order = Order(
        store=store,
        sealer=sealer,
        schema=schema,
        source=source,
        actor=actor,
        clock=clock,
        dry_run=dry_run,
        full=full,
        confirm_retire=confirm_retire,
        synthetic=synthetic,
        progress=progress,
    )
    try:
        readings = read_paths(paths, schema=schema, table=table, mapping=mapping)
    except RefusedFileError as refusal:
        report = Report(schema=schema, source=source, dry_run=dry_run, full=full, revision=store.revision())
        report.refuse(refusal.findings)
        return report
    report = load_readings(readings, order)
    if errors_to is not None and report.rejects:
        write_error_workbook(report, paths, errors_to)
        report.error_file = str(errors_to)
    return report
