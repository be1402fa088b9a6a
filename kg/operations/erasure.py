"""Erasing a person: the graph by its service, and what the service keeps beside it of files that may hold him.

Reports of imports keep cell texts, sealed workbooks hold rows that were never taken in, and drafts are whole files that
wait: whose rows those are nobody can tell, a rejected number may be the very one that is wrong. So everything goes that
may hold a row about a person. Backups and files that people took along are out of reach; the caller names those that
lie in the data folder.
"""

import shutil
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, Final, Protocol, runtime_checkable

from kg.model.reports import scrubbed
from kg.model.viewers import Viewer
from kg.ports import GraphStore, Ledger
from kg.schema import Schema
from kg.service import Service
from kg.service.records import names_persons

_IMPORTS: Final = "imports"
_DRAFTS: Final = "drafts"


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
    """Remove a person for good, as `Service.erase` does, and what `data` and ledger keep that may hold his rows.

    That is: reports and sealed workbooks of imports of his sources and of all imports with a table that names persons,
    and every draft. Repeating it finishes what was interrupted: then the reports of all sources are cleaned. Raises
    what `Service.erase` raises.
    """
    sources = {row.id.source for row in store.rows(persons=[key])}
    told: Mapping[str, Any] = service.erase(key, reason, viewer=viewer)
    personal = {table.key for table in schema.tables if names_persons(table)}
    kept = set[str]()
    for number, record in ledger.items(_IMPORTS):
        report = record.get("report")
        if not isinstance(report, Mapping):
            continue
        if sources and report.get("source") not in sources and not _may_hold_persons(report, personal):
            kept.add(number)
            continue
        fresh = scrubbed(report, schema.by_key)
        if fresh is not None or report.get("error_file"):
            ledger.put(_IMPORTS, number, {**record, "report": {**(fresh or report), "error_file": None}})
    for path in sorted((data / _IMPORTS).glob("*.sealed")):
        if path.name.partition(".")[0] not in kept:
            path.unlink(missing_ok=True)
    for path in sorted((data / _DRAFTS).glob("*")):
        shutil.rmtree(path, ignore_errors=True)
    if isinstance(ledger, Compact):
        ledger.compact()
    return told


def _may_hold_persons(report: Mapping[str, Any], personal: AbstractSet[str]) -> bool:
    """Return whether an import had a table about persons; a report without tables tells of none, so it may."""
    tables = report.get("tables")
    return not isinstance(tables, Mapping) or not tables or not personal.isdisjoint(tables)
