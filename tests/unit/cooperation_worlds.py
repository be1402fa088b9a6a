"""Worlds of the oracle, loaded through the loaders into a memory store, and answers in the form of the contract."""

from copy import copy
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from kg.index.world import World, build_world
from kg.matching.cooperation.recommendation import recommend_partners
from kg.model.answers import Answer, Item, Side
from kg.model.graph import NodeRef
from kg.model.rules import Policy
from kg.policy.policy_file import load_policy
from kg.schema import SCHEMA
from kg.sealing.sealer import Sealer
from kg.store.memory_store import MemoryStore
from loaders.pipeline import load
from tests.oracle import world as tables
from tests.oracle.write_tables import write_world

SEALER = Sealer(bytes(range(32)))
POLICY = load_policy()


def clock() -> datetime:
    """The time of recording."""
    return datetime(2026, 1, 1, tzinfo=UTC)


def loaded(world: tables.World, folder: Path, policy: Policy = POLICY) -> World:
    """Write the tables as files, load them, and build the index."""
    return build_world(store_of(world, folder), policy)


def store_of(world: tables.World, folder: Path, before: MemoryStore | None = None) -> MemoryStore:
    """Write the tables as files, and load them into a new store, or into a copy of the one before."""
    store = MemoryStore(clock=clock) if before is None else copy(before)
    for source, home in write_world(world, folder):
        report = load(
            [home], store=store, sealer=SEALER, schema=SCHEMA, source=source, actor="test", clock=clock
        )
        assert not report.rejects, [finding.message for finding in report.rejects]
    return store


def tie_key(entity: str) -> str:
    """The hex by which ties are ordered."""
    return SEALER.tie_key("q", entity)


def ask_partners(world: World, anchor: tuple[str, str], mode: str, as_of: date, **more: Any) -> Answer:
    """Ask the product."""
    return recommend_partners(
        world,
        more.pop("policy", POLICY),
        anchor=NodeRef(*anchor),
        mode=mode,
        as_of=as_of,
        tie_key=tie_key,
        query_id="q",
        **more,
    )


def as_contract(answer: Answer) -> dict[str, Any]:
    """The answer in the form of a recommendation, as far as numbers go."""
    return {
        "pool": {
            "considered": answer.pool.considered,
            "listed": answer.pool.listed,
            "to_verify": answer.pool.to_verify,
            "failed": dict(answer.pool.failed),
        },
        "items": [_item(item) for item in answer.items],
        "to_verify": [_item(item) for item in answer.to_verify],
    }


def _item(item: Item) -> dict[str, Any]:
    match = item.match
    return {
        "rank": item.rank,
        "tied": item.tied,
        "tie_key": item.tie_key,
        "band": item.band.value,
        "node": {"kind": match.node.kind, "key": match.node.key},
        "pair": dict(match.pair or {}),
        "mode": match.mode,
        "score": match.score,
        "coverage": match.coverage,
        "interval": list(match.interval),
        "sides": {name: _side(side) for name, side in match.sides.items()},
        "filters": [{"code": one.code, "status": one.status.value} for one in match.filters],
        "value": item.value,
        "seats": item.seats,
        "allocation": [
            {
                "offering": one.offering,
                "demand": one.demand,
                "seats": one.seats,
                "score": one.score,
                "surplus": one.surplus,
                "supply": one.supply,
                "open": one.open,
                "legal": {
                    "staff_cap": one.staff_cap,
                    "post_cap": one.post_cap,
                    "used_staff": one.used_staff,
                    "used_post": one.used_post,
                    "legal": one.legal,
                },
            }
            for one in item.allocation or ()
        ],
    }


def _side(side: Side) -> dict[str, Any]:
    return {
        "score": side.score,
        "coverage": side.coverage,
        "factors": [
            {
                "code": one.code,
                "weight": one.weight,
                "value": one.value,
                "known": one.known,
                "contribution": one.contribution,
            }
            for one in side.factors
        ],
    }
