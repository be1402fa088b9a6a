"""Erasing a person: the graph by its service, and what the service keeps beside it of the loads that brought him.

Reports of imports keep cell texts, and sealed workbooks hold rejected rows: both go for the sources that told of the
person. Backups and files that people took along are out of reach; the caller names those that lie in the data folder.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Protocol, runtime_checkable

from kg.model.reports import scrubbed
from kg.model.viewers import Viewer
from kg.ports import GraphStore, Ledger
from kg.schema import Schema
from kg.service import Service

_IMPORTS: Final = "imports"


@runtime_checkable
class Compact(Protocol):
    """A ledger that can take old bytes out of its files."""

    def compact(self) -> None:
        """Leave no byte of what was overwritten."""
        ...


def erase_person(
    service: Service,
    store: GraphStore,
    ledger: Ledger,
    schema: Schema,
    data: Path,
    *,
    key: str,
    reason: str,
    viewer: Viewer,
) -> Mapping[str, Any]:
    """Remove a person for good, as `Service.erase` does, and what `data` and ledger keep of his loads.

    Repeating it finishes what was interrupted: then the reports of all sources are cleaned. Raises what
    `Service.erase` raises.
    """
    sources = {row.id.source for row in store.rows(persons=[key])}
    told: Mapping[str, Any] = service.erase(key, reason, viewer=viewer)
    for number, record in ledger.items(_IMPORTS):
        report = record.get("report")
        if not isinstance(report, Mapping) or (sources and report.get("source") not in sources):
            continue
        for path in sorted((data / "imports").glob(f"{number}.*.sealed")):
            path.unlink(missing_ok=True)
        fresh = scrubbed(report, schema.by_key)
        if fresh is not None or report.get("error_file"):
            ledger.put(_IMPORTS, number, {**record, "report": {**(fresh or report), "error_file": None}})
    if isinstance(ledger, Compact):
        ledger.compact()
    return told
