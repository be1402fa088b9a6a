"""Sites in a folder, a small history with everything that a copy could lose, and what two stores must have in common."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from kg.audit.audit import Audit
from kg.bootstrap import open_site
from kg.config import Settings
from kg.model.graph import Batch, RowId
from kg.operations.sites import Site
from kg.ports import GraphStore, Ledger
from tests.contract.samples import put, retire, row

KEY = b"MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\n"
START = datetime(2026, 3, 1, 8, tzinfo=UTC)


class Ticking:
    """A clock that goes on by a second with every look."""

    def __init__(self, start: datetime = START) -> None:
        self.now = start

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def make_site(
    folder: Path, *, clock: Callable[[], datetime] | None = None, key: bytes = KEY, **settings: Any
) -> Site:
    """Return the site of a data folder, made with the key when new."""
    folder.mkdir(parents=True, exist_ok=True)
    key_file = folder / "jiangtu.key"
    if not key_file.exists():
        key_file.write_bytes(key)
        key_file.chmod(0o600)
    return open_site(Settings(data=folder, **settings), clock=clock or Ticking())


@contextmanager
def opened(site: Site) -> Iterator[tuple[GraphStore, Ledger]]:
    """Give the store and the ledger of a site."""
    store, ledger = site.open(site.clock)
    with closing(store), closing(ledger):
        yield store, ledger


def publish(store: GraphStore, site: Site, *changes: Any, source: str = "s1", report: Any = None) -> Batch:
    store.stage("load", changes)
    batch = Batch(
        id="",
        source=source,
        actor="导入员",
        at=site.clock(),
        delivered=("needs",),
        report=report or {"totals": {"inserted": 1}},
    )
    return store.publish(batch, staged="load")


def sealed_row(site: Site, key: str, name: str, **more: Any) -> Any:
    """Return the change that puts a person whose name is sealed."""
    sealer = site.sealer
    mark = sealer.mark({"name": name})
    one = row(key, table="talents", at=f"talent:{key}", person=key, mark=mark, **more)
    return put(one, sealer.seal({"name": name}, one.id))


def fill(site: Site) -> None:
    """Publish a small history: new, changed, retired and returning rows, an empty batch, an erasure, a ledger."""
    with opened(site) as (store, ledger):
        publish(
            store,
            site,
            put(
                row(
                    "n1",
                    table="flex_needs",
                    at="need:n1",
                    links=[("need:n1", "need.by", "enterprise:e1")],
                    values={"title": "数控"},
                )
            ),
            put(
                row(
                    "n2",
                    table="flex_needs",
                    at="need:n2",
                    links=[("need:n2", "need.by", "enterprise:e2")],
                    owners=("c1",),
                    public=False,
                )
            ),
            sealed_row(site, "t1", "王一"),
            sealed_row(site, "t2", "王二"),
            sealed_row(site, "t3", "王三"),
        )
        publish(
            store,
            site,
            sealed_row(site, "t1", "王一改名", values={"list": ("甲", "乙")}),
            retire(RowId("s1", "flex_needs", "n2")),
        )
        publish(store, site, source="s2")
        store.erase([RowId("s1", "talents", "t3"), RowId("s1", "flex_needs", "none")], actor="管理员")
        publish(
            store,
            site,
            put(row("n2", table="flex_needs", at="need:n2", values={"title": "焊接", "count": 3})),
            retire(RowId("s1", "talents", "t2")),
        )
        audit = Audit(ledger, site.clock)
        audit.record("cli", "load", "b-000001", {"rows": 5})
        audit.record("cli", "look", "talent:t1", {}, chain=False)
        audit.record("cli", "load", "b-000002", {"大": 2**70})
        ledger.append("questions", {"asked": "谁能来"})
        ledger.put("users", "王经办", {"role": "officer"})


def told(store: GraphStore, ledger: Ledger) -> dict[str, Any]:
    """Return everything that both stores must tell alike."""
    rows = list(store.rows())
    nodes = sorted({one.node for one in rows if one.node} | {link.end for one in rows for link in one.links})
    return {
        "revision": store.revision(),
        "batches": list(store.batches()),
        "rows": rows,
        "log": list(store.changes(0)),
        "edges": [store.edges(nodes, direction=direction, limit=10_000) for direction in ("in", "out")],
        "sealed": dict(store.sealed([one.id for one in rows])),
        "journals": [list(ledger.entries(name)) for name in ("audit", "questions", "decisions")],
        "records": [ledger.items(name) for name in ("users", "sessions", "imports", "operations")],
    }


def state(site: Site) -> dict[str, Any]:
    """Return what the store of a site tells."""
    with opened(site) as (store, ledger):
        return told(store, ledger)


def without_operations(found: dict[str, Any]) -> dict[str, Any]:
    """Return it without the audit entries that backup and restore themselves write."""
    audit, *others = found["journals"]
    kept = [one for one in audit if one[1]["action"] not in {"backup", "restore"}]
    return {**found, "journals": [kept, *others]}
