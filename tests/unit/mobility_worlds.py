"""Worlds for the tests of query B: the oracle's worlds through the loaders into memory, and an item as JSON has it."""

from copy import copy
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kg.index.world import World, build_world
from kg.matching.mobility.recommendation import Question, parse_need, recommend_talents
from kg.model.answers import Answer, Item
from kg.model.rules import Policy
from kg.policy.policy_file import load_policy
from kg.schema.declaration import SCHEMA
from kg.sealing.sealer import Sealer
from kg.store.memory_store import MemoryStore
from loaders.pipeline import load
from tests.oracle.world import World as Tables
from tests.oracle.write_tables import write_world

POLICY = load_policy()


def now() -> datetime:
    """A fixed clock."""
    return datetime(2026, 11, 23, 8, tzinfo=UTC)


def loaded(tables: Tables, before: MemoryStore | None = None) -> MemoryStore:
    """Load the tables, source after source, through the real loaders, into a new store or a copy of the one before."""
    store, sealer = MemoryStore(clock=now) if before is None else copy(before), Sealer(b"k" * 32)
    with TemporaryDirectory() as folder:
        for source, home in write_world(tables, Path(folder)):
            report = load(
                [home], store=store, sealer=sealer, schema=SCHEMA, source=source, actor="test", clock=now
            )
            assert report.to_json()["rejects"] == []
    return store


def world_of(tables: Tables, policy: Policy = POLICY) -> World:
    """Return the index of the tables."""
    return build_world(loaded(tables), policy)


def ask(world: World, question: Question, as_of: date, *, k: int = 20, policy: Policy = POLICY) -> Answer:
    """Ask with fixed tie keys."""
    return recommend_talents(
        world,
        policy,
        question,
        as_of=as_of,
        k=k,
        exposures=lambda _: 0,
        tie_key=lambda query: lambda entity: f"{query}{entity}",
        query_id="q",
    )


def question_of(world: World, need: str, policy: Policy = POLICY) -> Question:
    """Return a stored need as a question."""
    return parse_need(world, policy, need)


def as_json(world: World, answer: Answer) -> dict[str, Any]:
    """Return an answer in the form of the contract, as far as numbers go."""
    return {
        "pool": {
            "considered": answer.pool.considered,
            "listed": answer.pool.listed,
            "to_verify": answer.pool.to_verify,
            "failed": dict(answer.pool.failed),
        },
        "items": [_item(world, item) for item in answer.items],
        "to_verify": [_item(world, item) for item in answer.to_verify],
    }


def _item(world: World, item: Item) -> dict[str, Any]:
    match = item.match
    talent = world.talents.talent(match.node.key)
    assert talent is not None
    return {
        "rank": item.rank,
        "tied": item.tied,
        "band": item.band.value,
        "mode": match.mode,
        "score": match.score,
        "coverage": match.coverage,
        "interval": list(match.interval),
        "tie_key": item.tie_key,
        "node": {
            "key": match.node.key,
            "sources": [{"source": source, "person_id": number} for source, number in talent.registers],
        },
        "filters": [{"code": found.code, "status": found.status.value} for found in match.filters],
        "sides": {
            name: {
                "score": side.score,
                "coverage": side.coverage,
                "factors": [
                    {
                        "code": factor.code,
                        "weight": factor.weight,
                        "value": factor.value,
                        "known": factor.known,
                        "contribution": factor.contribution,
                    }
                    for factor in side.factors
                ],
            }
            for name, side in match.sides.items()
        },
    }
