"""Kill -9 in the middle of migration, backup, restore and building the index, as often as wanted.

Each function returns what the kills came upon, and raises AssertionError when something is lost or half there.
"""

import json
import random
import shutil
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from time import process_time
from typing import Any

from kg.bootstrap import open_graph
from kg.config import Settings
from kg.index.world import build_world
from kg.operations.archive import read_archive
from kg.operations.backup import backup, restore, write_backup
from kg.operations.sites import Site
from kg.store.sqlite.operations.migrations import Migration, format_of
from kg.store.sqlite.operations.migrations import migrate as take_steps
from loaders.pipeline import load
from loaders.synthetic_city import generate, sources
from tests.contract.samples import NOW, put, row
from tests.crash.killing import Brood
from tests.operations.worlds import fill, make_site, opened, publish, state, without_operations

ROWS = 3_000
STEPS = (
    Migration(
        2,
        (
            "ALTER TABLE source_row ADD COLUMN note TEXT",
            "UPDATE source_row SET note = 'n' || key",
            "PRAGMA user_version = 2",
        ),
    ),
    Migration(
        3,
        (
            "CREATE INDEX row_note ON source_row (note)",
            "UPDATE change SET before_batch = before_batch",
            "PRAGMA user_version = 3",
        ),
    ),
)
IMPORTS = "from pathlib import Path\nfrom tests.crash.operation_kills import *"
_BEGIN = """
folder = Path(words[0])
site = make_site(folder / "data")
child.ready()
"""
MIGRATING = _BEGIN + "child.tell(migrated(site, folder, copy=words[1] == 'copy'))"
BACKING_UP = (
    _BEGIN
    + """
for number in range(1000):
    told = backup(site, folder / f"{words[1]}-{number}.jtb", actor="cli")
    child.tell(f"{words[1]}-{number}", told["revision"])
"""
)
RESTORING = (
    _BEGIN
    + """
restore(site, Path(words[1]), actor="cli", replace=True)
child.tell("done")
"""
)
INDEXING = """
with open_city(Path(words[0])) as graph:
    child.ready()
    while True:
        revision = rename(graph, Path(words[0]))
        assert graph.service.world(min_revision=revision).revision == revision
        child.tell(revision)
"""


def _large(folder: Path) -> Site:
    """Return the site of a store with a history and some thousand rows."""
    site = make_site(folder)
    fill(site)
    with opened(site) as (store, _):
        publish(store, site, *(put(row(f"m{number}", at=f"need:m{number}")) for number in range(ROWS)))
    return site


def _timed(work: Callable[[], object]) -> float:
    """Return the seconds of processor that some work takes."""
    start = process_time()
    work()
    return process_time() - start


def migrated(site: Site, folder: Path, *, copy: bool = True) -> list[int]:
    """Take the steps, after a backup."""
    made = folder / "before.jtb"

    def before() -> None:
        if copy:
            write_backup(site, made, replace=True)

    return take_steps(site.work, STEPS, clock=site.clock, before=before)


def content(path: Path) -> str:
    """Return a digest of everything that format 1 has, and of nothing else."""
    told = sha256()
    with closing(sqlite3.connect(path)) as connection:
        for table, columns in (
            ("source_row", "id, tbl, key, source, batch, body, node, public, person, identity"),
            ("change", "*"),
            ("edge", "*"),
            ("batch", "*"),
            ("sealed", "*"),
            ("node", "*"),
            ("meta", "*"),
        ):
            for found in connection.execute(f"SELECT {columns} FROM {table} ORDER BY 1, 2"):
                told.update(repr(found).encode())
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    return told.hexdigest()


def format_now(path: Path) -> int:
    """Return the format of the store, after a look whether all that belongs to it is there and nothing more."""
    version = format_of(path)
    with closing(sqlite3.connect(path)) as connection:
        columns = {name for _, name, *_ in connection.execute("PRAGMA table_info(source_row)")}
        assert ("note" in columns) == (version >= 2)
        if version >= 2:
            unfilled = "SELECT COUNT(*) FROM source_row WHERE note IS NOT 'n' || key"
            assert connection.execute(unfilled).fetchone() == (0,)
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        assert ("row_note" in tables) == (version == 3)
        steps = connection.execute("SELECT version FROM schema_version ORDER BY 1") if version > 1 else ()
        assert [number for (number,) in steps] == list(range(2, version + 1))
    return version


def kill_migrations(folder: Path, times: int, chance: random.Random) -> Counter[str]:
    """Kill a migration; the store is of one format or of the next, never between.

    Every other one begins with a backup, as always; the rest without, so that more kills come in the steps.
    """
    made = folder / "made"
    _large(made / "data")
    took = dict[str, float]()
    for how in ("copy", "bare"):
        shutil.copytree(made, folder / how)
        site = make_site(folder / how / "data")
        took[how] = _timed(lambda how=how, site=site: migrated(site, folder / how, copy=how == "copy"))  # type: ignore[misc]  # bound now
    seen: Counter[str] = Counter()
    with Brood(IMPORTS, MIGRATING) as brood:
        for turn in range(times):
            how = ("copy", "bare")[turn % 2]
            _kill_migration(
                brood, folder / f"turn{turn}", made, how, _moment(chance, turn, 1.4 * took[how]), seen
            )
    return seen


def _moment(chance: random.Random, turn: int, most: float) -> float:
    """Return when a child is killed: the first in the middle of its work, however long that takes this time."""
    return chance.uniform(0, most) if turn else 0.3 * most


def _kill_migration(
    brood: Brood, place: Path, made: Path, how: str, seconds: float, seen: Counter[str]
) -> None:
    shutil.copytree(made, place)
    store, copy = place / "data" / "jiangtu.db", place / "before.jtb"
    expected = content(store)
    done = brood.kill(place, how, seconds=seconds)
    reached = format_now(store)
    assert content(store) == expected
    assert not done or reached == 3
    seen[f"format {reached}"] += 1
    seen["cut off"] += not done
    if copy.exists():
        (place / "unpacked").mkdir()
        assert read_archive(copy, place / "unpacked").revision == 6
    assert copy.exists() or reached == 1 or how == "bare", "no step before the backup"
    assert migrated(make_site(place / "data"), place) == list(range(reached + 1, 4))
    assert (format_now(store), content(store)) == (3, expected)
    shutil.rmtree(place)


def kill_backups(folder: Path, times: int, chance: random.Random) -> Counter[str]:
    """Kill a service that writes one backup after the other, while another one publishes."""
    site = _large(folder / "data")
    took = _timed(lambda: backup(site, folder / "first.jtb", actor="cli"))
    published, stop, failures = [6], threading.Event(), list[BaseException]()

    def write() -> None:
        try:
            with opened(site) as (store, _):
                while not stop.wait(0.02):
                    published.append(publish(store, site, put(row(f"w{len(published)}"))).revision)
        except BaseException as error:
            failures.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    seen: Counter[str] = Counter()
    brood = Brood(IMPORTS, BACKING_UP)
    try:
        for turn in range(times):
            told = brood.kill(folder, turn, after=turn % 3, seconds=chance.uniform(0, 1.1 * took))
            done = dict(line.split() for line in told)
            found = sorted(folder.glob(f"{turn}-*.jtb"))
            assert done.keys() <= {path.stem for path in found}
            for path in found:
                (folder / "unpacked").mkdir()
                kept = str(read_archive(path, folder / "unpacked").revision)
                assert done.get(path.stem, kept) == kept
                shutil.rmtree(folder / "unpacked")
                path.unlink()
            seen["whole"] += len(found)
            seen["cut off"] += len(list(folder.glob(".jiangtu-working-*")))
    finally:
        brood.__exit__(None, None, None)
        stop.set()
        writer.join()
    assert failures == []
    last = backup(site, folder / "last.jtb", actor="cli")
    assert list(folder.glob(".jiangtu-working-*")) == [], (
        "the next backup clears away what the killed ones left"
    )
    assert last["revision"] == published[-1]
    copy = make_site(folder / "copy")
    restore(copy, folder / "last.jtb", actor="cli")
    assert without_operations(state(copy)) == without_operations(state(site))
    return seen


def kill_restores(folder: Path, times: int, chance: random.Random) -> Counter[str]:
    """Kill a restore that replaces a store: the store is the old one or that of the backup."""
    site, other = _large(folder / "data"), make_site(folder / "other")
    fill(other)
    backups = []
    for number, one in enumerate((site, other)):
        backups.append(folder / f"{number}.jtb")
        backup(one, backups[-1], actor="cli")
    states = [without_operations(state(one)) for one in (site, other)]
    took = max(_timed(lambda path=path: restore(site, path, actor="cli", replace=True)) for path in backups)
    now, seen = 1, Counter[str]()
    with Brood(IMPORTS, RESTORING) as brood:
        for turn in range(times):
            wanted = 1 - now
            done = brood.kill(folder, backups[wanted], seconds=_moment(chance, turn, 1.1 * took))
            found = without_operations(state(make_site(folder / "data")))
            assert found in states
            now = states.index(found)
            assert not done or now == wanted
            seen["the backup" if now == wanted else "the old store"] += 1
            seen["cut off"] += not done
    restore(site, backups[0], actor="cli", replace=True)
    assert without_operations(state(site)) == states[0]
    left = {path.name.partition("-")[0] for path in (folder / "data").iterdir()}
    assert left <= {"jiangtu.db", "jiangtu.ledger.db", "jiangtu.key", "jiangtu.db.lock"}
    return seen


def open_city(folder: Path) -> Any:
    """Open the city in a folder."""
    return open_graph(Settings(data=folder / "data"), clock=lambda: NOW)


def loaded(graph: Any, folder: Path, tables: dict[str, list[dict[str, Any]]]) -> int:
    """Load tables from a file; return the revision."""
    path = folder / "part.json"
    path.write_text(json.dumps(tables, ensure_ascii=False), encoding="utf-8")
    report = load(
        [path], store=graph.store, sealer=graph.sealer, schema=graph.schema, source=sources("demo")[0],
        actor="test", clock=graph.clock,
    ).to_json()  # fmt: skip
    assert report["status"] in {"done", "done-with-rejects"}, report["errors"]
    return int(graph.store.revision())


def city() -> dict[str, list[dict[str, Any]]]:
    """Return the tables of one register of the demo city."""
    listed = generate("demo", seed=1, day=NOW.date(), source=sources("demo")[0])
    return {table: [dict(one) for one in rows] for table, rows in listed}


def rename(graph: Any, folder: Path) -> int:
    """Publish another alias of a skill, for which the index must be built anew; return the revision."""
    alias = f"别名{graph.store.revision() + 1}"
    return loaded(graph, folder, {"skills": [{**_first(graph, "skills"), "aliases": [alias]}]})


def set_hours(graph: Any, folder: Path, hours: int) -> int:
    """Publish other weekly hours of the first need, which the index takes as a small change; return the revision."""
    need = {**_first(graph, "flex_needs"), "hours_per_week": hours}
    return loaded(graph, folder, {"flex_needs": [need]})


def _first(graph: Any, table: str) -> dict[str, Any]:
    """Return the first row of a table as it is loaded."""
    row = min(graph.store.rows(table=table), key=lambda one: one.id)
    return {key: list(value) if isinstance(value, tuple) else value for key, value in row.values.items()}


def kill_indexing(folder: Path, times: int, chance: random.Random) -> Counter[str]:
    """Kill a service that publishes and builds its index anew; the next one builds it from all that was acknowledged."""
    with open_city(folder) as graph:
        loaded(graph, folder, city())
        took = _timed(lambda: build_world(graph.store, graph.policy))
    seen: Counter[str] = Counter()
    with Brood(IMPORTS, INDEXING) as brood:
        for turn in range(times):
            told = brood.kill(folder, after=turn % 3, seconds=chance.uniform(0, 2 * took))
            with open_city(folder) as graph:
                revision, world = graph.store.revision(), graph.service.world()
                assert world.revision == revision >= int(told[-1] if told else 1)
                assert revision == 1 or f"别名{revision}" in world.skills.aliases
                assert f"别名{revision + 1}" not in world.skills.aliases
            known = {"jiangtu.db", "jiangtu.ledger.db", "jiangtu.key"}
            assert {path.name.partition("-")[0] for path in (folder / "data").iterdir()} <= known
            seen["generations"] += len(told)
    return seen


__all__ = ["backup", "make_site", "migrated", "open_city", "rename", "restore"]
