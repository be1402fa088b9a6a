"""Keeping a store on a Neo4j server: backup, restore, moving both ways, forgetting old history, checking."""

import json
import threading
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from kg.bootstrap import open_graph
from kg.config import Settings
from kg.errors import RefusedError, StoreBusyError, StoreError, WrongKeyError
from kg.history.history import known_at
from kg.history.rollback import roll_back
from kg.model.batches import LOG_GONE
from kg.model.viewers import CLI_VIEWER
from kg.operations.backup import backup, restore
from kg.operations.checks import check_store
from kg.operations.erasure import erase_person
from kg.operations.migration import migrate, move, prune
from kg.operations.sites import Site
from kg.schema import SCHEMA
from kg.store.neo4j.store import Neo4jStore
from loaders.pipeline import load
from script.neo4j_server import Running
from tests.contract.samples import put, row
from tests.crash.killing import Brood
from tests.neo4j_running import driver, wipe
from tests.operations.test_erasure import SECRETS, tables, talent
from tests.operations.test_migration import aged
from tests.operations.worlds import (
    START,
    Ticking,
    fill,
    make_site,
    opened,
    publish,
    sealed_row,
    state,
    without_operations,
)
from tests.waiting import HANG, until

IMPORTS = """
from pathlib import Path
from kg.operations.backup import restore
from kg.store.neo4j.store import Neo4jStore
from tests.operations.worlds import make_site
"""
RESTORING = """
site = make_site(Path(words[0]), store=words[1], neo4j_password_file=Path(words[2]))
publish = Neo4jStore.publish

def told(self, *rest, **more):
    found = publish(self, *rest, **more)
    child.tell(found.revision)
    return found

Neo4jStore.publish = told
child.ready()
restore(site, Path(words[3]), actor="cli")
child.tell("done")
"""


@pytest.mark.slow
class TestOperations:
    engine: ClassVar[str] = "neo4j"

    @pytest.fixture
    def server(self, neo4j: Running, tmp_path: Path) -> Site:
        """A site on the server, which is empty."""
        return self.site(neo4j, tmp_path / "server")

    def site(self, running: Running, folder: Path, **more: Any) -> Site:
        return make_site(folder, store=running.address, neo4j_password_file=running.password_file, **more)

    def test_a_store_moves_there_and_back_equal(self, server: Site, tmp_path: Path) -> None:
        ours, back = make_site(tmp_path / "ours"), make_site(tmp_path / "back")
        fill(ours)
        expected = without_operations(state(ours))
        assert move(ours, server, actor="cli")["revision"] == 5
        assert without_operations(state(server)) == expected
        assert check_store(server, SCHEMA)["findings"] == []
        assert migrate(server, actor="cli")["reached"] == []
        assert move(server, back, actor="cli")["revision"] == 5
        assert without_operations(state(back)) == expected
        assert check_store(back, SCHEMA)["findings"] == []
        with opened(back) as (store, _), opened(ours) as (first, _):
            told = [sorted(one.sealed_history()) for one in (store, first)]  # type: ignore[attr-defined]  # embedded stores
            assert told[0] == told[1], "also the sealed parts that only undoing needs"

    def test_what_was_undone_after_a_move_finds_its_sealed_part(self, server: Site, tmp_path: Path) -> None:
        ours = make_site(tmp_path / "ours")
        with opened(ours) as (store, _):
            publish(store, ours, sealed_row(ours, "t1", "王一"))
            publish(store, ours, sealed_row(ours, "t1", "王一改名"))
        move(ours, server, actor="cli")
        with opened(server) as (store, _):
            roll_back(store, "b-000002", actor="cli", clock=server.clock)
            (found,) = store.rows()
            part = store.sealed([found.id])[found.id]
            assert server.sealer.unseal(part, found.id) == {"name": "王一"}

    def test_a_backup_while_others_write_is_one_moment(self, server: Site, tmp_path: Path) -> None:
        fill(server)
        stop, published, failures = threading.Event(), [5], list[BaseException]()

        def write() -> None:
            try:
                with opened(server) as (store, _):
                    while not stop.is_set():
                        change = sealed_row(server, f"w{len(published)}", "写")
                        published.append(publish(store, server, change).revision)
            except BaseException as error:
                failures.append(error)

        writer = threading.Thread(target=write)
        writer.start()
        try:
            revisions = list[int]()
            for number in range(3):
                wanted = len(published) + 2
                until(lambda wanted=wanted: len(published) >= wanted or failures, "what the other writes")  # type: ignore[misc]  # bound now
                revisions.append(backup(server, tmp_path / f"{number}.jtb", actor="cli")["revision"])
        finally:
            stop.set()
            writer.join()
        assert failures == []
        assert published == list(range(5, len(published) + 5))
        assert revisions == sorted(set(revisions))
        for number, revision in enumerate(revisions):
            copy = make_site(tmp_path / f"copy{number}")
            restore(copy, tmp_path / f"{number}.jtb", actor="cli")
            found = state(copy)
            assert (found["revision"], len(found["rows"])) == (revision, 3 + revision - 5)
            assert len(found["sealed"]) == 1 + revision - 5
            assert check_store(copy, SCHEMA)["findings"] == []

    def test_a_restore_that_is_killed_keeps_everybody_out_until_it_is_repeated(
        self, server: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ours = make_site(tmp_path / "ours")
        fill(ours)
        for name in ("a", "b"):
            backup(ours, tmp_path / f"{name}.jtb", actor="cli")
        self._stop_after(monkeypatch, 3)
        with pytest.raises(KeyboardInterrupt):
            restore(server, tmp_path / "a.jtb", actor="cli")
        monkeypatch.undo()
        with opened(server) as (store, _):
            assert 0 < store.revision() < 5
        settings = Settings(
            data=server.work.parent,
            store=server.address,
            neo4j_password_file=self.password,
        )
        with pytest.raises(StoreError, match="再执行一次同样的恢复") as caught:
            open_graph(settings)
        assert caught.value.code == "unfinished"
        with pytest.raises(RefusedError, match="另一份备份"):
            restore(server, tmp_path / "b.jtb", actor="cli")
        restore(server, tmp_path / "a.jtb", actor="cli")
        assert without_operations(state(server)) == without_operations(state(ours))
        open_graph(settings).close()

    @pytest.fixture(autouse=True)
    def _password(self, neo4j: Running) -> None:
        self.password = neo4j.password_file

    @staticmethod
    def _stop_after(monkeypatch: pytest.MonkeyPatch, revision: int) -> None:
        whole = Neo4jStore.publish

        def stopping(self: Any, batch: Any, **more: Any) -> Any:
            if batch.revision == revision:
                raise KeyboardInterrupt
            return whole(self, batch, **more)

        monkeypatch.setattr(Neo4jStore, "publish", stopping)

    def test_a_process_killed_while_it_restores_is_followed_at_once(
        self, server: Site, tmp_path: Path, neo4j: Running
    ) -> None:
        ours = make_site(tmp_path / "ours")
        with opened(ours) as (store, _):
            for number in range(30):
                publish(store, ours, sealed_row(ours, f"t{number}", "王一"))
        backup(ours, tmp_path / "a.jtb", actor="cli")
        words = [server.work.parent, neo4j.address, neo4j.password_file, tmp_path / "a.jtb"]
        with Brood(IMPORTS, RESTORING) as brood:
            told = brood.kill(*words, after=10, seconds=0.01)
        with opened(server) as (store, _):
            assert 10 <= len(told) <= store.revision() < 30
        assert restore(server, tmp_path / "a.jtb", actor="cli")["revision"] == 30
        assert without_operations(state(server)) == without_operations(state(ours))

    def test_a_server_that_holds_something_is_not_replaced(
        self, server: Site, tmp_path: Path, neo4j: Running
    ) -> None:
        ours = make_site(tmp_path / "ours")
        fill(ours)
        backup(ours, tmp_path / "a.jtb", actor="cli")
        with opened(server) as (store, _):
            publish(store, server, put(row("mine")))
        for more, word in (({}, "--replace"), ({"replace": True}, "清空数据库")):
            with pytest.raises(RefusedError, match=word):
                restore(server, tmp_path / "a.jtb", actor="cli", **more)
        with opened(server) as (store, _):
            assert [one.id.key for one in store.rows()] == ["mine"]
        wipe(neo4j)
        other = self.site(neo4j, tmp_path / "other", key=b"eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg=\n")
        with pytest.raises(WrongKeyError, match="另一个密钥"):
            restore(other, tmp_path / "a.jtb", actor="cli")

    def test_two_that_restore_at_once_are_as_one(self, server: Site, tmp_path: Path) -> None:
        ours = make_site(tmp_path / "ours")
        fill(ours)
        backup(ours, tmp_path / "a.jtb", actor="cli")
        together, told = threading.Barrier(2), list[object]()

        def run() -> None:
            together.wait(timeout=HANG)
            try:
                told.append(restore(server, tmp_path / "a.jtb", actor="cli")["revision"])
            except StoreBusyError as error:
                told.append(error.message)
            except RefusedError as error:
                told.append(error.code)

        threads = [threading.Thread(target=run) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        (done,) = (one for one in told if one == 5)
        (other,) = (one for one in told if one is not done)
        assert other == "store-not-empty" or "正在做这次恢复" in str(other)
        assert without_operations(state(server)) == without_operations(state(ours))

    def test_old_history_is_forgotten_and_nothing_else(
        self, server: Site, tmp_path: Path, neo4j: Running
    ) -> None:
        ours = make_site(aged(tmp_path / "ours"), clock=Ticking(START + timedelta(days=101)))
        move(ours, server, actor="cli")
        server = replace(server, clock=Ticking(START + timedelta(days=101)))
        before = state(server)
        with opened(server) as (store, _):
            states = [known_at(store.rows(), store.changes(n), n) for n in range(7)]
        assert prune(server, 30, actor="cli", dry_run=True)["until"] == 5
        assert without_operations(state(server)) == without_operations(before)
        told = prune(server, 30, actor="cli")
        assert (told["until"], told["entries"]) == (5, 8)
        after = state(server)
        same = ("revision", "rows", "edges", "sealed", "records")
        assert {key: after[key] for key in same} == {key: before[key] for key in same}
        assert [bool(one.report.get(LOG_GONE)) for one in after["batches"]] == [True] * 5 + [False]
        assert [one for one in after["log"] if one.revision == 6] == [
            one for one in before["log"] if one.revision == 6
        ]
        assert {one.id.key for one in after["log"] if one.revision < 6} == {""}
        count = "MATCH (v:_Row) WHERE v._until <= 5 OR (v._body IS NULL AND v._since <= 5) RETURN count(v) AS total"
        assert driver(neo4j).execute_query(count).records[0]["total"] == 0
        assert prune(ours, 30, actor="cli")["entries"] == 8
        assert [one.id for one in state(ours)["log"]] == [one.id for one in after["log"]], "as on SQLite"
        with opened(server) as (store, _):
            assert known_at(store.rows(), store.changes(5), 5) == states[5]
            with pytest.raises(RefusedError) as caught:
                roll_back(store, "b-000005", actor="cli", clock=server.clock)
            assert caught.value.code == "history-gone"
            roll_back(store, "b-000006", actor="cli", clock=server.clock)
            assert [(one.id, one.values) for one in store.rows()] == [
                (one.id, one.values) for one in states[5]
            ]
            assert len(store.sealed([one.id for one in store.rows()])) == 1
        assert check_store(server, SCHEMA)["findings"] == []
        assert prune(server, 30, actor="cli")["entries"] == 0

    def test_pruning_carries_a_sealed_part_that_an_older_state_held(self, server: Site) -> None:
        start = Ticking()
        aged_site, later = replace(server, clock=start), replace(server, clock=Ticking(START + timedelta(days=90)))  # fmt: skip
        with opened(aged_site) as (store, _):
            first = sealed_row(aged_site, "t1", "王一")
            publish(store, aged_site, first)
            kept = replace(first.row, values={"v": 2})
            publish(store, aged_site, put(kept))
        with opened(later) as (store, _):
            publish(store, later, put(replace(kept, values={"v": 3})))
        prune(later, 30, actor="cli")
        with closing(later.open(later.clock)[0]) as store:
            assert store.sealed([kept.id]) == {kept.id: first.sealed}
            roll_back(store, "b-000003", actor="cli", clock=later.clock)
            assert store.sealed([kept.id]) == {kept.id: first.sealed}

    def test_no_property_tells_of_an_erased_person(self, neo4j: Running, tmp_path: Path) -> None:
        """In the graph, its history, the batches and the ledger. Files of the server keep bytes until it writes over them."""
        settings = Settings(
            data=tmp_path / "data", store=neo4j.address, neo4j_password_file=neo4j.password_file
        )
        with open_graph(settings) as graph:
            for topic in ("深孔绝活甲", "深孔绝活乙"):
                path = tmp_path / "in.json"
                path.write_text(json.dumps(tables(topic), ensure_ascii=False), encoding="utf-8")
                load([path], store=graph.store, sealer=graph.sealer, schema=SCHEMA, source="市库", actor="t", clock=graph.clock)  # fmt: skip
            key = talent(graph)
            parts = [bytes(data) for _, _, data in graph.store.sealed_history()]  # type: ignore[attr-defined]  # both stores on disk can
            graph.service.reveal(key, "核对", viewer=CLI_VIEWER)
            assert "宝塔镗削社" in self.everything(neo4j)
            erase_person(
                graph.service, graph.store, graph.ledger, SCHEMA, settings.data,
                key=key, reason="本人要求", viewer=CLI_VIEWER,
            )  # fmt: skip
            told = self.everything(neo4j)
            assert [secret for secret in SECRETS if secret in told] == []
            left = [bytes(data) for _, _, data in graph.store.sealed_history()]  # type: ignore[attr-defined]  # same
            gone = [part for part in parts if part not in left]
            assert gone
            assert not any(repr(part) in told for part in gone), "nor a sealed part of his"
            assert graph.audit.verify() == []
            assert sum(1 for _ in graph.store.rows(table="talents")) == 1

    @staticmethod
    def everything(running: Running) -> str:
        """Return every property of every node and relationship as one text."""
        found = driver(running).execute_query(
            "MATCH (n) OPTIONAL MATCH (n)-[r]-() RETURN properties(n) AS node, collect(properties(r)) AS edges"
        )
        return repr([record.data() for record in found.records])
