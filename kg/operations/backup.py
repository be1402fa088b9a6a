"""`backup` and `restore`, and with the two moving a store to another kind of store."""

from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, Final

from kg.audit.audit import Audit
from kg.errors import RefusedError, WrongKeyError
from kg.operations.archive import FILES, ROWS, Manifest, read_archive, write_archive
from kg.operations.content import Content, StoreContent, ledger_entries
from kg.operations.mapping_files import put_mappings, read_mappings, write_mappings
from kg.operations.replay import SetClock, replay_graph, replay_ledger
from kg.operations.rows_archive import RowsContent, write_rows
from kg.operations.sites import Site
from kg.operations.unfinished import held
from kg.operations.working import working_folder
from kg.ports import GraphStore, Ledger

Told = dict[str, Any]
_COPY: Final = "copy"


def backup(site: Site, path: Path, *, actor: str, replace: bool = False) -> Told:
    """Write the store and the mapping files into the one file `path`, while others read and write; return manifest and size.

    The manifest names the revision of the cut. The key is not in it. Raises RefusedError when there is such a file
    and not `replace`, StoreError, OSError; no file is left then.
    """
    told = write_backup(site, path, replace=replace)
    _record(site, actor, {"file": path.name, "revision": told["revision"]})
    return told


def write_backup(site: Site, path: Path, *, replace: bool = False) -> Told:
    """Do as `backup`, without a note in the audit log: for a store that cannot be opened before it is migrated."""
    if path.exists() and not replace:
        raise RefusedError(f"已经有文件 {path}；请换一个文件名，或加 --replace 覆盖它。", code="file-exists")
    with working_folder(path.parent) as folder:
        write_mappings(site.mappings, folder)
        manifest = _write_parts(site, folder)
        size = write_archive(path, manifest, folder)
    return {**manifest.json(), "file": str(path), "bytes": size}


def _record(site: Site, actor: str, detail: Told) -> None:
    store, ledger = site.open(site.clock)
    with closing(store), closing(ledger):
        Audit(ledger, site.clock).record(actor, "backup", "store", detail)


def _write_parts(site: Site, folder: Path) -> Manifest:
    at = site.clock().isoformat()
    if site.files is None:
        store, ledger = site.open(site.clock)
        with closing(store), closing(ledger):
            revision, counts = write_rows(store, ledger, folder)
        return Manifest(
            kind=ROWS, revision=revision, at=at, key_fingerprint=site.key_fingerprint, counts=counts
        )
    site.files.copy(folder)
    site.files.seal_copy(folder)
    counts = dict(site.files.counts(folder))
    return Manifest(
        kind=FILES, revision=counts["batches"], at=at, key_fingerprint=site.key_fingerprint, counts=counts
    )


def restore(site: Site, path: Path, *, actor: str, replace: bool = False) -> Told:
    """Put the backup `path` in the place of the store of `site`, whole or not at all; return its manifest.

    Killed in the middle, the old store is there; or the restore is finished by whoever opens the store next, and on a
    server, which is refused to everybody meanwhile, by repeating the command. Raises RefusedError when the store is
    not empty and not `replace`, StoreBusyError while a program has an embedded store open, WrongKeyError when the
    backup belongs to another key, StoreError (`bad-backup`, cut short or damaged), StoreNewerError, OSError.
    """
    with working_folder(site.work.parent) as folder:
        manifest = read_archive(path, folder)
        if manifest.key_fingerprint != site.key_fingerprint:
            raise WrongKeyError(
                f"备份 {path} 属于另一个密钥（指纹 {manifest.key_fingerprint}，现在的是 {site.key_fingerprint}）；"
                "请先放回备份那时的密钥文件。",
                found=site.key_fingerprint,
            )
        mappings = read_mappings(folder, path)
        detail = {"file": path.name, "revision": manifest.revision, "taken": manifest.at}
        if site.files is None:
            _into_server(site, folder, manifest, detail, actor, replace=replace)
        else:
            if not replace and not site.files.is_empty():
                raise _not_empty(site)
            _into_files(site, folder, manifest, detail, actor)
            site.files.land(folder / _COPY, replace=replace)
        put_mappings(mappings, site.mappings)
    return {**manifest.json(), "file": str(path), "store": site.address}


def _not_empty(site: Site) -> RefusedError:
    return RefusedError(
        f"存储 {site.address} 里已有内容，没有恢复；确定要用备份替换它，请加 --replace。",
        code="store-not-empty",
    )


def _into_files(site: Site, folder: Path, manifest: Manifest, detail: Told, actor: str) -> None:
    """Make the whole store in a folder of its own."""
    assert site.files is not None
    copy = folder / _COPY
    copy.mkdir(mode=0o700)
    if manifest.kind == FILES:
        for name in ("graph.db", "ledger.db"):
            (folder / name).rename(copy / name)
    clock = SetClock(site.clock)
    store, ledger = site.open_copy(copy, clock)
    with closing(store), closing(ledger):
        store.discard("")
        if manifest.kind == ROWS:
            _replay(RowsContent(folder), store, ledger, clock)
        Audit(ledger, site.clock).record(actor, "restore", "store", detail)
    site.files.seal_copy(copy)


def _replay(
    content: Content,
    store: GraphStore,
    ledger: Ledger,
    clock: SetClock,
    check: Callable[[], None] | None = None,
) -> None:
    """Tell the store and the ledger everything; `check` is asked after each batch whether to go on."""
    may_go_on = check or _always
    replay_graph(content, store, clock, heard=lambda _: may_go_on())
    replay_ledger(content.entries(), ledger)


def _always() -> None:
    pass


def _into_server(
    site: Site, folder: Path, manifest: Manifest, detail: Told, actor: str, *, replace: bool
) -> None:
    """Tell the server everything, behind a mark that keeps everybody out until all is there."""
    clock = SetClock(site.clock)
    store, ledger = site.open(clock)
    with closing(store), closing(ledger):
        empty = partial(_demand_empty, site, store, ledger, replace=replace)
        with held(ledger, site.clock, detail, first=empty) as check:
            if manifest.kind == ROWS:
                _replay(RowsContent(folder), store, ledger, clock, check)
            else:
                source, source_ledger = site.open_copy(folder, site.clock)
                with closing(source), closing(source_ledger):
                    _replay(StoreContent(source, source_ledger), store, ledger, clock, check)
            Audit(ledger, site.clock).record(actor, "restore", "store", detail)


def _demand_empty(site: Site, store: GraphStore, ledger: Ledger, *, replace: bool) -> None:
    if store.revision() or next(ledger_entries(ledger), None) is not None:
        if replace:
            raise RefusedError(
                f"服务器上的存储 {site.address} 不能整个替换；请先清空数据库或换一个空的数据库，再恢复。",
                code="store-not-empty",
            )
        raise _not_empty(site)
