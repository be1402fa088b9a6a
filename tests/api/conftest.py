"""A small world with canaries, one client per kind of viewer."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.accounts import Accounts
from api.main import create_app
from kg.bootstrap import Graph, open_graph
from kg.config import Settings
from kg.model.viewers import Role
from tests.api.world import OTHER, OWN, SCHOOL, tables
from tests.filling import load_into
from tests.once import made_once

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
VIEWERS = ("public", "officer", "planner", "enterprise", "school", "administrator")


@dataclass(frozen=True)
class Site:
    """A running service with tokens of every role."""

    graph: Graph
    client: TestClient
    accounts: Accounts
    tokens: dict[str, str]

    def headers(self, viewer: str) -> dict[str, str]:
        token = self.tokens.get(viewer)
        return {} if token is None else {"Authorization": f"Bearer {token}"}

    def get(self, path: str, viewer: str = "officer") -> Any:
        return self.client.get(f"/api/v1{path}", headers=self.headers(viewer))

    def post(self, path: str, body: Any, viewer: str = "officer") -> Any:
        return self.client.post(f"/api/v1{path}", json=body, headers=self.headers(viewer))


def load_tables(graph: Graph, folder: Path, source: str = "市库", *, part: Any = None) -> None:
    """Load the small world, or the part of one that is given."""
    path = folder / "world.json"
    path.write_text(json.dumps(part or tables(), ensure_ascii=False), encoding="utf-8")
    report = load_into(graph, [path], source=source, synthetic=True).to_json()
    assert report["status"] == "done", (report["errors"], report["rejects"])


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder with the small world, loaded once; every test works on a copy."""
    return made_once(tmp_path_factory, "small-world", _load) / "data"


def _load(folder: Path) -> None:
    with open_graph(Settings(data=folder / "data"), clock=lambda: NOW) as opened:
        load_tables(opened, folder)


@pytest.fixture
def graph(loaded: Path, tmp_path: Path) -> Iterator[Graph]:
    shutil.copytree(loaded, tmp_path / "data")
    with open_graph(Settings(data=tmp_path / "data"), clock=lambda: NOW) as opened:
        yield opened


@pytest.fixture
def site(graph: Graph) -> Iterator[Site]:
    accounts = Accounts(graph.ledger, graph.clock)
    tokens: dict[str, str] = {}
    orgs = {Role.ENTERPRISE: OWN, Role.SCHOOL: SCHOOL}
    for role in Role:
        if role is not Role.PUBLIC:
            accounts.add(role.value, role, orgs.get(role))
            tokens[role.value] = accounts.create_token(role.value, 30)
    accounts.add("other", Role.ENTERPRISE, OTHER)
    tokens["other"] = accounts.create_token("other", 30)
    with TestClient(create_app(graph)) as client:
        yield Site(graph, client, accounts, tokens)
