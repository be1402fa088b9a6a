"""What a Neo4j store refuses, and that the sentence says what to do."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from neo4j.exceptions import DatabaseError

from kg.bootstrap import open_graph
from kg.config import Settings
from kg.errors import SettingsError, StoreBusyError, StoreError, StoreNewerError, WrongKeyError
from kg.schema import SCHEMA
from kg.store.neo4j.connection import Connection, check_server, read_password, translated
from kg.store.neo4j.store import Neo4jStore
from script.neo4j_server import Running
from tests.contract.samples import batch, clock, load, put, retire, row
from tests.neo4j_running import connect, driver
from tests.ports import free_port
from tests.waiting import HANG


def open_store(running: Running, *, key: str = "0" * 16, busy_seconds: float = 30.0) -> Neo4jStore:
    connection = connect(running)
    try:
        return Neo4jStore.open(
            connection, key_fingerprint=key, schema=SCHEMA, clock=clock, busy_seconds=busy_seconds
        )
    except StoreError:
        connection.close()
        raise


class TestRefusals:
    engine: ClassVar[str] = "neo4j"

    @pytest.fixture
    def store(self, neo4j: Running) -> Iterator[Neo4jStore]:
        store = open_store(neo4j)
        yield store
        store.close()

    def test_no_server_is_told_at_once(self) -> None:
        """Without the tries that a server which goes away in mid-work is worth: it would take as long as they may."""
        start = time.monotonic()
        with pytest.raises(StoreError, match="连不上"):
            Connection.open(f"neo4j://127.0.0.1:{free_port()}", password="x", retry_seconds=HANG)
        assert time.monotonic() - start < HANG

    @pytest.mark.parametrize("scheme", ["neo4j+s", "bolt+s", "neo4j+ssc", "bolt+ssc"])
    def test_a_server_without_encryption_is_refused_by_an_encrypted_address(
        self, neo4j: Running, scheme: str
    ) -> None:
        with pytest.raises(StoreError, match="证书"):
            Connection.open(f"{scheme}://127.0.0.1:{neo4j.port}", password=read_password(neo4j.password_file))

    def test_both_plain_schemes_reach_the_server(self, neo4j: Running) -> None:
        for scheme in ("neo4j", "bolt"):
            password = read_password(neo4j.password_file)
            Connection.open(f"{scheme}://127.0.0.1:{neo4j.port}", password=password).close()

    def test_a_wrong_password_is_refused(self, neo4j: Running) -> None:
        with pytest.raises(StoreError, match="JIANGTU_NEO4J_PASSWORD_FILE"):
            Connection.open(neo4j.address, password="not the password")
        connect(neo4j).close()

    def test_a_wrong_address_is_refused(self) -> None:
        with pytest.raises(StoreError, match="写法不对"):
            Connection.open("http://127.0.0.1:1", password="x")

    def test_a_missing_database_is_refused(self, neo4j: Running) -> None:
        with pytest.raises(StoreError, match="JIANGTU_NEO4J_DATABASE"):
            Connection.open(neo4j.address, password=read_password(neo4j.password_file), database="nowhere")

    @pytest.mark.parametrize(
        ("found", "told"),
        [
            ({"name": "Neo4j Kernel", "versions": ["5.25.1"], "edition": "community"}, "太旧"),
            ({"name": "Neo4j Kernel", "versions": ["4.4.40"], "edition": "enterprise"}, "太旧"),
            ({"name": "Something", "versions": ["5.26.0"], "edition": "community"}, "不是可用的 Neo4j"),
            ({"name": "Neo4j Kernel", "versions": ["5.26.0"], "edition": "trial"}, "不是可用的 Neo4j"),
            ({}, "不是可用的 Neo4j"),
        ],
    )
    def test_another_kind_of_server_is_refused(self, found: dict[str, object], told: str) -> None:
        with pytest.raises(StoreError, match=told):
            check_server(found, "neo4j://somewhere")

    def test_supported_versions_are_taken(self) -> None:
        for version in ("5.26.0", "5.26.25", "2025.11.2", "2026.09.0", "2027.01.0-beta"):
            check_server({"name": "Neo4j Kernel", "versions": [version], "edition": "community"}, "neo4j://x")

    def test_a_password_file_must_hold_one(self, tmp_path: Path) -> None:
        (tmp_path / "empty").write_text("\n", encoding="utf-8")
        for path in (None, tmp_path / "none", tmp_path / "empty", tmp_path):
            with pytest.raises(StoreError, match="密码"):
                read_password(path)

    def test_another_key_is_refused(self, store: Neo4jStore, neo4j: Running) -> None:
        with pytest.raises(WrongKeyError, match="不配套"):
            open_store(neo4j, key="f" * 16)

    def test_a_newer_store_is_refused(self, store: Neo4jStore, neo4j: Running) -> None:
        driver(neo4j).execute_query("MATCH (s:_Store) SET s._format = 99")
        with pytest.raises(StoreNewerError, match="升级程序"):
            open_store(neo4j)

    def test_a_database_with_other_data_is_refused_and_left_alone(self, neo4j: Running) -> None:
        driver(neo4j).execute_query("CREATE (:Film {title: 'x'})")
        with pytest.raises(StoreError, match="别的数据"):
            open_store(neo4j)
        found = driver(neo4j).execute_query(
            "MATCH (n) RETURN count(n) AS total, collect(labels(n)) AS labels"
        )
        assert found.records[0].values() == [1, [["Film"]]]

    def test_a_read_only_member_is_told(self, neo4j: Running) -> None:
        with pytest.raises(StoreError, match="只读"), translated("neo4j://x"):
            driver(neo4j).execute_query("CREATE (:X)", routing_="r")

    @pytest.mark.parametrize(
        "code", ["TransactionLogError", "TransactionCommitFailed", "TransactionStartFailed"]
    )
    def test_a_server_whose_disk_is_full_is_told(self, code: str) -> None:
        """The three that a server with a full disk gives: at the write that finds no room, then at everything."""

        error = type("FullError", (DatabaseError,), {"code": f"Neo.DatabaseError.Transaction.{code}"})
        with pytest.raises(StoreError, match="磁盘满了"), translated("neo4j://x"):
            raise error

    def test_a_key_that_no_index_holds_is_refused(self, store: Neo4jStore) -> None:
        with pytest.raises(StoreError, match="太长"):
            store.stage("x", [put(row("k" * 5000))])
        with pytest.raises(StoreError, match="太长"):
            store.stage("x", [put(row("1", links=[("a:1", "r", f"b:{'中' * 2000}")]))])
        load(store, put(row("中" * 1000, at=f"need:{'文' * 1000}")))
        assert [len(found.id.key) for found in store.rows()] == [1000]

    def test_a_publication_waits_for_another_and_then_gives_up(
        self, neo4j: Running, store: Neo4jStore
    ) -> None:
        hasty = open_store(neo4j, busy_seconds=0.2)
        store.stage("x", [put(row("1"))])
        with store.lease("another"):
            with pytest.raises(StoreBusyError, match="稍后重试"):
                load(hasty, put(row("2")))
            assert hasty.revision() == 0
        assert hasty.publish(batch(), staged="load").revision == 1
        hasty.close()

    def test_a_server_clock_that_went_backwards_keeps_nobody_waiting(
        self, neo4j: Running, store: Neo4jStore
    ) -> None:
        """Both who held the lease and who waited for it died on another host, an hour ahead of now."""
        driver(neo4j).execute_query(
            """MATCH (s:_Store) SET s._lease = 'x', s._holder = 'elsewhere\t1\t1',
                s._leased = timestamp() + 3600000, s._waiting = ['y ' + (timestamp() + 3600000)]"""
        )
        assert load(store, put(row("k1"))).revision == 1

    def test_a_lost_turn_publishes_nothing(self, neo4j: Running, store: Neo4jStore) -> None:
        store.stage("x", [put(row("1"))])
        taken = "MATCH (s:_Store) SET s._lease = 'another', s._holder = 'h\t1\t1', s._leased = 0"
        with store.lease("slow"):
            driver(neo4j).execute_query(taken)
            with pytest.raises(StoreBusyError, match="接手"):
                store._lease.run("slow", [], {})
        assert store.publish(batch(), staged="x").revision == 1

    def test_staged_batches_of_the_dead_go_on_opening(self, neo4j: Running, store: Neo4jStore) -> None:
        store.stage("dead", [put(row(str(number))) for number in range(2500)])
        store.stage("alive", [put(row("1"))])
        driver(neo4j).execute_query(
            "MATCH (g:_Staging {_name: 'dead'}) SET g._holder = split(g._holder, '\t')[0] + '\t1\t0'"
        )
        open_store(neo4j).close()
        counted = driver(neo4j).execute_query("MATCH (v:_Row) RETURN count(v) AS total").records[0]["total"]
        assert counted == 1
        with pytest.raises(StoreError, match="已被清理"):
            store.stage("dead", [put(row("2"))])

    def test_erasure_under_a_long_read_is_told(
        self, store: Neo4jStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("kg.store.neo4j.store.SCAN", 10)
        load(store, *(put(row(f"{number:02d}")) for number in range(40)))
        stream = store.rows()
        assert next(stream).id.key == "00"
        store.erase([row("39").id], actor="admin")
        with pytest.raises(StoreBusyError, match="重试"):
            list(stream)
        assert len(list(store.rows())) == 39

    def test_nothing_of_an_erased_row_stays(self, store: Neo4jStore, neo4j: Running) -> None:
        one = row("CanaryKey", at="need:CanaryKey", mark="m", values={"title": "CanaryValue"}, person="CanaryPerson",
                  links=[("need:CanaryKey", "r", "skill:CanarySkill"), ("firm:CanaryFirm", "q", "need:CanaryKey")])  # fmt: skip
        kept = put(row("2", links=[("need:2", "r", "skill:kept")]))
        load(store, put(one, b"CanarySealed"), kept)
        load(store, retire(one.id), kept)
        load(store, put(one, b"CanarySealed"))
        store.stage("waiting", [put(one, b"CanaryStaged")])
        assert store.erase([one.id], actor="admin") == 1
        assert "Canary" not in everything(neo4j)
        assert len(list(store.changes(0))) == 3
        assert [edge.link.end.key for edge in store.edges([one.links[0].start], direction="out")] == []

    def test_nothing_stays_of_an_erased_row_that_was_retired_before(
        self, store: Neo4jStore, neo4j: Running
    ) -> None:
        one = row("CanaryKey", at="need:CanaryKey", mark="m", values={"title": "CanaryValue"},
                  links=[("need:CanaryKey", "r", "skill:CanarySkill")])  # fmt: skip
        load(store, put(one, b"CanarySealed"))
        load(store, retire(one.id))
        assert "CanaryValue" in everything(neo4j)
        assert store.erase([one.id], actor="admin") == 0
        assert "Canary" not in everything(neo4j)
        assert [known.revision for known in store.batches()] == [1, 2]

    def test_analysts_see_no_node_that_nothing_names_any_more(
        self, store: Neo4jStore, neo4j: Running
    ) -> None:
        shared = ("need:1", "r", "skill:a")
        load(store, put(row("1", at="need:1", links=[shared, ("need:1", "r", "skill:b")])), put(row("2", at="need:2", links=[("need:2", "r", "skill:a")])))  # fmt: skip
        load(store, retire(row("1").id))
        found = driver(neo4j).execute_query("MATCH (e:Entity) RETURN e._id AS id ORDER BY id").records
        assert [record["id"] for record in found] == ["need:2", "skill:a"]

    def test_analysts_keep_a_node_of_which_an_erased_view_was_retired_before(
        self, store: Neo4jStore, neo4j: Running
    ) -> None:
        gone = row("1", at="need:1")
        load(store, put(gone), put(row("2", at="need:1")))
        load(store, retire(gone.id))
        assert store.erase([gone.id], actor="admin") == 0
        found = driver(neo4j).execute_query("MATCH (e:Entity) RETURN e._id AS id").records
        assert [record["id"] for record in found] == ["need:1"]


def everything(running: Running) -> str:
    """Return every property of every node and relationship as one text."""
    found = driver(running).execute_query(
        "MATCH (n) OPTIONAL MATCH (n)-[r]-() RETURN properties(n) AS node, collect(properties(r)) AS edges"
    )
    assert found.records
    return repr([record.data() for record in found.records])


def test_a_missing_driver_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "kg.store.neo4j.connection", None)
    with pytest.raises(SettingsError, match="pip install"):
        open_graph(Settings(data=tmp_path, store="neo4j://127.0.0.1:1"))


def test_a_service_without_password_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="JIANGTU_NEO4J_PASSWORD_FILE"):
        open_graph(Settings(data=tmp_path, store="neo4j://127.0.0.1:1"))
