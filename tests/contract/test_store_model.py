"""Random work on the stores and on their readable model: every read must agree after every step.

How many sequences: `JIANGTU_SEQUENCES` for SQLite (200), `JIANGTU_NEO4J_SEQUENCES` for both together (8).
"""

import os
from contextlib import closing
from functools import partial
from typing import ClassVar

import pytest

from script.neo4j_server import Running
from tests.contract.differential import play
from tests.contract.stores_made import fresh_neo4j, fresh_sqlite
from tests.neo4j_running import connect


class TestSqlite:
    engine: ClassVar[str] = "sqlite"

    def test_the_sqlite_store_equals_its_model(self) -> None:
        play([fresh_sqlite], sequences=int(os.environ.get("JIANGTU_SEQUENCES", "200")))


@pytest.mark.slow
class TestNeo4j:
    engine: ClassVar[str] = "neo4j"

    def test_both_stores_equal_their_model(self, neo4j: Running) -> None:
        with closing(connect(neo4j)) as connection:
            play(
                [fresh_sqlite, partial(fresh_neo4j, neo4j, connection)],
                sequences=int(os.environ.get("JIANGTU_NEO4J_SEQUENCES", "8")),
            )
