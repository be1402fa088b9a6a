"""A service whose disk is full: every write is refused with a clear sentence, nothing acknowledged is lost, and with room again it goes on.

Run as a program in a process of its own: `full_disk.py FOLDER limit|disk`. With "limit" no file may grow beyond some
bytes; with "disk" the folder is a small file system of its own that this program fills.
"""

import contextlib
import errno
import io
import json
import os
import resource
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from api.cli import main as command
from kg.audit.audit import Audit
from kg.errors import StoreError
from kg.operations.backup import backup
from kg.operations.checks import check_store
from kg.operations.sites import Site
from kg.schema import SCHEMA
from tests.contract.samples import put, row
from tests.operations.worlds import fill, make_site, opened, publish

PER_BATCH, LIMIT = 40, 600_000


@contextmanager
def no_room(folder: Path, how: str) -> Iterator[None]:
    """Leave little room while the block runs: some hundred KB."""
    if how == "limit":
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, hard))
        yield
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        return
    room = os.statvfs(folder)
    ballast = folder / "ballast"
    with ballast.open("wb") as file:
        file.write(bytes(max(0, room.f_bavail * room.f_frsize - LIMIT)))
    yield
    ballast.unlink()


def refused(work: Callable[[], object]) -> str:
    """Do what must be refused; return the sentence."""
    try:
        work()
    except StoreError as error:
        return error.message
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EFBIG}:
            return f"{error}"
        raise
    raise AssertionError("there is still room")


def write(site: Site, keys: list[str]) -> None:
    """Publish one batch of rows named after the number of batches, and note it in the ledger."""
    with opened(site) as (store, ledger):
        name = f"f{store.revision()}"
        publish(
            store,
            site,
            *(
                put(row(f"{name}-{i}", table="flex_needs", links=[("a:1", "r", f"b:{name}")]))
                for i in range(PER_BATCH)
            ),
        )
        keys.append(name)
        Audit(ledger, site.clock).record("cli", "load", name, {})


def until_full(site: Site, keys: list[str]) -> str:
    """Publish until it is refused; return the sentence."""
    for _ in range(10_000):
        with contextlib.suppress(_WrittenError):
            return refused(lambda: _written(site, keys))
    raise AssertionError("the disk never gets full")


class _WrittenError(Exception):
    pass


def _written(site: Site, keys: list[str]) -> None:
    write(site, keys)
    raise _WrittenError


def whole(site: Site, keys: list[str]) -> None:
    """Look at everything: what was acknowledged is there, and no half of anything else."""
    with opened(site) as (store, ledger):
        found: dict[str, int] = {}
        for one in store.rows():
            if one.id.key.startswith("f"):
                name = one.id.key.partition("-")[0]
                found[name] = found.get(name, 0) + 1
        assert set(keys) <= found.keys()
        assert len(found) <= len(keys) + 1
        assert set(found.values()) == {PER_BATCH}, found
        assert Audit(ledger, site.clock).verify() == []
    for path in (site.work, site.work.with_suffix(".ledger.db")):
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def load(folder: Path) -> str:
    """Load a file by the command; return what it says."""
    file = folder / "districts.csv"
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
        code = command(["load", str(file), "--source", "满"])
    return said.getvalue().strip() if code else "done"


def main(folder: Path, how: str) -> None:
    """Fill the disk, try everything that writes, make room, and go on."""
    os.environ["JIANGTU_DATA"] = str(folder / "data")
    site, keys = make_site(folder / "data"), list[str]()
    lines = "".join(f"{370000 + number},合成区 {'长' * 60}{number}\n" for number in range(9000))
    (folder / "districts.csv").write_text("区划代码,名称\n" + lines, encoding="utf-8")
    fill(site)
    write(site, keys)
    with no_room(folder, how):
        told = [until_full(site, keys)]
        whole(site, keys)
        told.append(load(folder))
        told.append(refused(lambda: [backup(site, folder / f"{n}.jtb", actor="cli") for n in range(50)]))
        whole(site, keys)
    assert list(folder.glob(".jiangtu-working-*")) == []
    whole(site, keys)
    assert load(folder) == "done"
    write(site, keys)
    whole(site, keys)
    findings = check_store(site, SCHEMA)["findings"]
    assert findings == [], findings
    backup(site, folder / "whole.jtb", actor="cli")
    print(json.dumps({"told": told, "batches": len(keys)}, ensure_ascii=False))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
