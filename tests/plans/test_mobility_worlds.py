"""Plans of hours in worlds that went through the loaders: who is in the market, and that what is planned can be signed."""

import csv
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from kg.index.world import World, build_world
from kg.matching.mobility.recommendation import parse_need, score_talent
from kg.matching.plans.checking.document import check_document
from kg.matching.plans.hours_certificate import hours_certificate, hours_digest
from kg.matching.plans.hours_market import HoursMarket
from kg.matching.plans.hours_plan import plan_hours
from kg.matching.plans.mobility_market import hours_market, hours_question
from kg.model.answers import Status
from kg.model.rules import Policy
from kg.policy.policy_file import load_policy
from kg.schema import SCHEMA
from kg.sealing.sealer import Sealer
from kg.store.memory_store import MemoryStore
from loaders.pipeline import load
from loaders.synthetic_city import sources, write_city

Json = dict[str, Any]
DAY = date(2026, 11, 23)
POLICY = load_policy()
COLUMNS = (
    "engagement_id",
    "person_id",
    "host",
    "mode",
    "hours_per_week",
    "valid_from",
    "valid_to",
    "trips",
    "status",
    "need_id",
)


def clock() -> datetime:
    return datetime(2026, 11, 23, 8, tzinfo=UTC)


def load_into(store: MemoryStore, path: Path, source: str) -> None:
    report = load(
        [path], store=store, sealer=Sealer(b"h" * 32), schema=SCHEMA, source=source, actor="test", clock=clock,
        synthetic=True,
    )  # fmt: skip
    assert report.to_json()["status"] == "done"


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> tuple[MemoryStore, World]:
    folder = tmp_path_factory.mktemp("city")
    write_city(folder, size="demo", seed=3, day=DAY)
    store = MemoryStore(clock=clock)
    for source in sources("demo"):
        load_into(store, folder / source, source)
    return store, build_world(store, POLICY)


def market_in(world: World, policy: Policy = POLICY, **asked: Any) -> HoursMarket:
    question = {"as_of": DAY, "district": None, "k": None} | asked
    return hours_market(world, policy, hours_question(world, **question))


def signed_need(told: Json, key: str) -> str | None:
    return next((entry["talent"] for entry in told["allocation"] if entry["need"] == key), None)


def test_chances_are_those_who_pass_the_plain_scorer(city: tuple[MemoryStore, World]) -> None:
    _, world = city
    market = market_in(world)
    passing = 0
    for key in sorted(market.chances):
        question, chances = parse_need(world, POLICY, key), market.chances[key]
        expected = {}
        for talent in world.talents:
            match = score_talent(world, POLICY, question, talent, as_of=DAY)
            if match.status is Status.PASS:
                expected[talent.key] = (match.sides["need"].score, match.sides["talent"].score, match.mode)
        assert {one.talent for one in chances} == set(expected), key
        for one in chances:
            assert (one.a, one.b) == pytest.approx(expected[one.talent][:2], abs=1e-12)
            assert market.terms(key, one.talent).mode == expected[one.talent][2]
        assert [one.a for one in chances] == sorted((one.a for one in chances), reverse=True)
        passing += len(chances)
    assert passing > 20


def test_only_open_needs_are_planned(city: tuple[MemoryStore, World]) -> None:
    """A need that has ended, or that a signed or finished service names, is not asked again."""
    _, world = city
    market = market_in(world)
    done = {
        one.need for talent in world.talents for one in talent.engagements if one.status in {"已签", "完成"}
    }
    shut = 0
    for key, one in world.talents.needs.items():
        over = one.last is None or one.last < DAY
        assert (key in market.needs) == (not over and key not in done and key not in market.left_out), key
        shut += key not in market.needs
    assert shut > 0
    later = market_in(world, as_of=date(2027, 6, 30))
    assert set(later.needs) < set(market.needs)


def test_a_district_and_k_narrow_the_market(city: tuple[MemoryStore, World]) -> None:
    _, world = city
    whole, parts = market_in(world), 0
    for district in sorted(world.travel.listed):
        part = market_in(world, district=district)
        assert all(parse_need(world, POLICY, key).district == district for key in part.needs)
        parts += len(part.needs)
    assert parts == len(whole.needs)
    for key, chances in market_in(world, k=2).chances.items():
        assert list(chances) == list(whole.chances[key])[:2]


def test_the_plan_is_stable_certified_and_the_same_again(city: tuple[MemoryStore, World]) -> None:
    _, world = city
    market = market_in(world)
    told = plan_hours(market, 0.5)
    head: Json = {"question": {}, "as_of": DAY.isoformat(), "policy": {}, "revision": 1}
    certificate = json.loads(json.dumps(hours_certificate(market, {**head, **told})))
    verdict = check_document(certificate)
    assert verdict.holds, verdict.problems
    assert told["stable"]
    assert told["allocation"]
    again = market_in(world)
    assert plan_hours(again, 0.5) == told
    assert hours_digest(again) == certificate["rankings"]["digest"]


def test_priority_gives_a_contested_talent_to_the_key_project(city: tuple[MemoryStore, World]) -> None:
    """With the weight of the policy at 0 priorities change nothing; with it, no key project loses to a plain need."""
    _, world = city
    flat = replace(POLICY, plans=replace(POLICY.plans, priority_weight=0.0))
    with_weight, without = (plan_hours(market_in(world, policy), 0.5) for policy in (POLICY, flat))
    market = market_in(world)
    key = [one for one, need in market.needs.items() if need.priority >= 0.9]
    for need in key:
        values = [
            next((c.a for c in market.chances[need] if c.talent == signed_need(told, need)), 0.0)
            for told in (with_weight, without)
        ]
        assert values[0] >= values[1] - 1e-9, need
    assert key
    assert with_weight["stable"]
    assert without["stable"]
    assert market_in(world, flat).chances == market.chances


def test_what_is_planned_can_be_signed(city: tuple[MemoryStore, World], tmp_path: Path) -> None:
    """Sign all but one of each talent's planned services through the loaders: the last one still passes B6, B7, B8."""
    store, world = city
    market = market_in(world)
    mine: dict[str, list[Json]] = {}
    for entry in plan_hours(market, 0.5)["allocation"]:
        mine.setdefault(entry["talent"], []).append(entry)
    several = {talent: entries for talent, entries in mine.items() if len(entries) > 1}
    assert several
    path = tmp_path / "engagements.csv"
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, COLUMNS)
        writer.writeheader()
        for talent, entries in several.items():
            writer.writerows(_row(world, market, talent, entry) for entry in entries[:-1])
    load_into(store, path, world.talents.talent(next(iter(several))).registers[0][0])  # type: ignore[union-attr]
    after = build_world(store, POLICY)
    for talent, entries in several.items():
        found = after.talents.talent(talent)
        assert found is not None
        match = score_talent(after, POLICY, parse_need(after, POLICY, entries[-1]["need"]), found, as_of=DAY)
        states = {one.code: one.status for one in match.filters}
        assert {states[code] for code in ("B6", "B7", "B8")} == {Status.PASS}, (talent, states)


def _row(world: World, market: HoursMarket, talent: str, entry: Json) -> Json:
    found, need = world.talents.talent(talent), market.needs[entry["need"]]
    assert found is not None
    return {
        "engagement_id": f"PLAN-{entry['need']}",
        "person_id": found.registers[0][1],
        "host": need.host,
        "mode": entry["mode"],
        "hours_per_week": need.pace,
        "valid_from": need.first.isoformat(),
        "valid_to": need.last.isoformat(),
        "trips": entry["visits"],
        "status": "已签",
        "need_id": entry["need"],
    }
