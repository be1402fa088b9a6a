"""Looking back and undoing on a Neo4j server: the same drawn cases as on the embedded stores."""

import random
from collections.abc import Iterator
from typing import ClassVar

import pytest

from kg.ports import GraphStore
from kg.schema import SCHEMA
from kg.store.neo4j.store import Neo4jStore
from script.neo4j_server import Running
from tests.contract.samples import clock
from tests.neo4j_running import connect
from tests.unit.test_history_past import look_back
from tests.unit.test_history_rollback import random_rollbacks

pytestmark = pytest.mark.slow


class TestNeo4jHistory:
    engine: ClassVar[str] = "neo4j"

    @pytest.fixture
    def store(self, neo4j: Running) -> Iterator[GraphStore]:
        store = Neo4jStore.open(connect(neo4j), key_fingerprint="0" * 16, schema=SCHEMA, clock=clock)
        yield store
        store.close()

    def test_every_older_state_says_what_it_said(self, store: GraphStore) -> None:
        look_back(store, random.Random(5), turns=3)

    def test_random_rollbacks_restore_or_refuse(self, store: GraphStore) -> None:
        restored, refused = random_rollbacks(store, random.Random(5), turns=12)
        assert restored
        assert refused
