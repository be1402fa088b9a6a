"""`migrate`: to the format of this program, and from one kind of store to another; `prune`: forgetting old history."""

from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from kg.audit.audit import Audit
from kg.errors import RefusedError
from kg.model.batches import log_begins
from kg.model.graph import Batch
from kg.operations.backup import backup, restore, write_backup
from kg.operations.replay import Prunable
from kg.operations.sites import Site
from kg.operations.unfinished import begun_restore

Told = dict[str, Any]
_MOVING: Final = "migrate.jtb"


def migrate(site: Site, *, actor: str) -> Told:
    """Bring an embedded store to the format of this program, after a backup; nothing to do is no error.

    A server's store is brought to it when it is opened. The backup lies beside the store and is named in the result.
    Raises StoreNewerError, StoreBusyError, OSError: nothing is changed then, or the steps taken stay whole.
    """
    made: list[str] = []

    def before() -> None:
        path = site.work.with_name(f"before-migration-{site.clock():%Y%m%dT%H%M%S%f}.jtb")
        made.append(write_backup(site, path)["file"])

    reached = [] if site.files is None else site.files.migrate(clock=site.clock, before=before)
    store, ledger = site.open(site.clock)
    with closing(store), closing(ledger):
        if reached:
            Audit(ledger, site.clock).record(actor, "migrate", "store", {"formats": reached})
    return {"store": site.address, "reached": reached, "backup": made[0] if made else None}


def move(source: Site, target: Site, *, actor: str) -> Told:
    """Copy a store into another, empty one: the same revision, batches, rows, log, sealed parts and ledger.

    The source stays as it is, and what is written to it meanwhile stays there alone. Killed, it is repeated with the
    same call. Raises what backup and restore raise.
    """
    if source.address == target.address:
        raise RefusedError("目标就是现在的存储；请写另一个存储地址。", code="same-store")
    path = source.work.with_name(_MOVING)
    if not (path.exists() and _begun(target, path)):
        backup(source, path, actor=actor, replace=True)
    told = restore(target, path, actor=actor)
    path.unlink()
    return {**told, "source": source.address}


def _begun(target: Site, path: Path) -> bool:
    """Return whether the server holds the first half of this file: only then it is taken up again."""
    if target.files is not None:
        return False
    store, ledger = target.open(target.clock)
    with closing(store), closing(ledger):
        begun = begun_restore(ledger)
    return begun is not None and begun.get("file") == path.name


def prune(site: Site, days: int, *, actor: str, dry_run: bool = False) -> Told:
    """Forget the change log of batches older than `days` (at least 1); rows, batches and revisions stay.

    Older states and the undoing of those batches are refused from then on as `history-gone`. Raises RefusedError for
    a store that cannot do it.
    """
    store, ledger = site.open(site.clock)
    with closing(store), closing(ledger):
        batches = store.batches()
        until = oldest_kept(batches, site.clock() - timedelta(days=days))
        told = {"store": site.address, "days": days, "until": until, "entries": 0, "dry_run": dry_run}
        if dry_run or not until:
            return told
        if not isinstance(store, Prunable):
            raise RefusedError("这种存储还不能清理变更日志；历史会一直保留。", code="not-prunable")
        told["entries"] = store.prune(until)  # also finishes what a killed one left
        if until > log_begins(batches):
            detail = {"until": until, "days": days, "entries": told["entries"]}
            Audit(ledger, site.clock).record(actor, "prune", "store", detail)
        return told


def oldest_kept(batches: Sequence[Batch], before: datetime) -> int:
    """Return the newest revision up to which every batch is older than `before`; 0 when none is.

    A clock that went backwards makes no batch older than one of an earlier revision.
    """
    until = 0
    for batch in batches:
        if batch.at >= before:
            break
        until = batch.revision
    return until
