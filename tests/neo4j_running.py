"""The Neo4j servers of one test session: started when first asked for, ended with the session, however it ends."""

import os
from functools import lru_cache
from pathlib import Path
from typing import Final

from neo4j import Driver, GraphDatabase

from kg.store.neo4j.connection import Connection, read_password
from script.neo4j_server import CALENDAR, LONG_TERM, Running, fitting_java, jars, start
from tests.ports import free_port

VERSIONS: Final = {"neo4j": LONG_TERM, "neo4j-calendar": CALENDAR}


@lru_cache
def lacking(engine: str) -> str:
    """Return why the server of that engine cannot be started here, "" when it can."""
    version = VERSIONS[engine]
    if fitting_java(version) is None:
        return f"no Java for Neo4j {version}"
    if jars(version) is None:
        return f"no jars of Neo4j {version}: run script/neo4j install --version {version}"
    return ""


@lru_cache
def server(engine: str, folder: Path) -> Running:
    """Return the running server of this process; it ends with the process."""
    return start(VERSIONS[engine], folder / engine, port=free_port(), owner=os.getpid(), brief=True)


def connect(running: Running, *, retry_seconds: float = 30.0) -> Connection:
    """Return a new connection of the product to a server."""
    return Connection.open(
        running.address, password=read_password(running.password_file), retry_seconds=retry_seconds
    )


@lru_cache
def driver(running: Running) -> Driver:
    """Return a plain driver for looking behind the store; it lives as long as the process."""
    password = running.password_file.read_text(encoding="utf-8").strip()
    return GraphDatabase.driver(running.address, auth=("neo4j", password), notifications_min_severity="OFF")


def wipe(running: Running) -> None:
    """Remove everything; constraints stay, which the store makes only where they are missing."""
    with driver(running).session(database="neo4j") as session:
        session.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS").consume()


def bare(running: Running) -> None:
    """Remove everything, also constraints and the indexes that no constraint owns."""
    wipe(running)
    for what, left in (("CONSTRAINT", "SHOW CONSTRAINTS"), ("INDEX", "SHOW INDEXES WHERE type <> 'LOOKUP'")):
        for one in driver(running).execute_query(left).records:
            driver(running).execute_query(f"DROP {what} `{one['name']}`")
