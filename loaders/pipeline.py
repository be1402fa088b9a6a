"""From files to a published batch: the one entry of the loaders (`files.md`)."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from kg.model.rules import LinkageRules
from kg.ports import GraphStore
from kg.schema import Schema
from kg.sealing.sealer import Sealer
from loaders.batch import Order, Progress, load_readings
from loaders.error_workbook import write_error_workbook
from loaders.kept_titles import kept_titles
from loaders.reading import load_mapping, read_paths
from loaders.report import Report
from loaders.rows import Finding
from loaders.sources.limits import Limits
from loaders.sources.packed import unpacked
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
    linkage: LinkageRules | None = None,
) -> Report:
    """Load files as one batch of a source; nothing is changed unless all of it is published. Refusals are in the report.

    `clock` gives the time of recording (UTC), `linkage` how sure a title must be (None: the policy that ships);
    `errors_to` is where the workbook of rejected rows goes. Only an unusable store raises (`kg.errors.StoreError`).
    """
    order = Order(
        store=store, sealer=sealer, schema=schema, source=source, actor=actor, clock=clock, dry_run=dry_run, full=full,
        confirm_retire=confirm_retire, synthetic=synthetic, progress=progress, linkage=linkage,
    )  # fmt: skip
    try:
        chosen = None if mapping is None else load_mapping(mapping, schema)
    except RefusedFileError as refusal:
        return refused(order, refusal.findings)
    try:
        with unpacked(paths, Limits()) as files:
            kept = kept_titles(store, schema, source)
            report = load_readings(
                read_paths(files, schema=schema, table=table, mapping=chosen, kept=kept), order
            )
            if errors_to is not None and report.rejects:
                write_error_workbook(report, errors_to, mapping=chosen)
                report.error_file = str(errors_to)
            return report
    except RefusedFileError as refusal:
        return refused(order, refusal.findings)


def refused(order: Order, findings: Sequence[Finding]) -> Report:
    """Return the report of a batch that was refused before any file was opened."""
    report = Report(
        schema=order.schema,
        source=order.source,
        dry_run=order.dry_run,
        full=order.full,
        revision=order.store.revision(),
    )
    report.refuse(findings)
    return report
