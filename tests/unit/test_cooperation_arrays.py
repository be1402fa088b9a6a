"""Arrays over all pairs against the scorer of one pair: same counts, same filters, same scores, same lists."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from kg.index.world import World, build_world
from kg.matching.cooperation.fits import occupation_fits
from kg.matching.cooperation.nominate import Field, survey
from kg.matching.cooperation.partners import (
    Ordering,
    Pair,
    Partner,
    arrange,
    make_draft,
    make_partner,
)
from kg.matching.cooperation.recommendation import ask
from kg.matching.cooperation.scorer import Figures, Scorer
from kg.model.answers import Band, Status
from kg.model.graph import NodeRef
from kg.schema import SCHEMA
from kg.store.memory_store import MemoryStore
from loaders.pipeline import load
from loaders.synthetic.writing import csv_writers
from loaders.synthetic_city import generate, sources
from tests.oracle.generate import random_questions, random_world
from tests.unit.cooperation_worlds import POLICY, SEALER, ask_partners, loaded, tie_key

DAY = date(2026, 11, 23)
BANDS = (Band.RANKED, Band.LOW_COVERAGE, Band.TO_VERIFY)


@dataclass
class Judged:
    """What judging every pair one by one gives."""

    alive: dict[tuple[str, str], Figures] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)

    @property
    def groups(self) -> dict[tuple[str, str], list[Figures]]:
        found: dict[tuple[str, str], list[Figures]] = {}
        for figures in self.alive.values():
            found.setdefault((figures.offering.school, figures.demand.enterprise), []).append(figures)
        return found


def judge_one_by_one(scorer: Scorer) -> Judged:
    view, judged = scorer.world.cooperation, Judged()
    for offering in view.offerings.values():
        for demand in view.demands.values():
            if scorer.considers(offering, demand):
                statuses = scorer.statuses(offering, demand)
                code = next((code for code, status in statuses.items() if status is Status.FAIL), None)
                if code is None:
                    judged.alive[offering.id, demand.id] = scorer.figures(offering, demand)
                else:
                    judged.failed[code] = judged.failed.get(code, 0) + 1
    return judged


def partners_one_by_one(scorer: Scorer, judged: Judged, *, verify: bool) -> list[Partner]:
    """Every partner of a list, from the plain scores of all its pairs."""
    found = []
    floor = scorer.policy.common.coverage_floor
    for members in judged.groups.values():
        passing = [one for one in members if one.status is Status.PASS]
        if bool(passing) is not verify:
            ordered = sorted(
                passing or members,
                key=lambda one: (
                    BANDS.index(one.band(floor)),
                    -round(one.score, 9),
                    one.offering.id,
                    one.demand.id,
                ),
            )
            pairs: list[tuple[Pair, float]] = [((one.offering, one.demand), one.score) for one in ordered]
            found.append(make_partner(scorer, make_draft(scorer, pairs, verify=verify)))
    return found


def assert_same_pairs(judged: Judged, found: Field) -> None:
    assert dict(found.pool.failed) == judged.failed
    assert found.pool.considered == len(judged.alive) + sum(judged.failed.values())
    arrays = found.tables.arrays
    rows = zip(found.pairs.cohort.tolist(), found.pairs.post.tolist(), strict=True)
    keys = [(arrays.offerings[cohort].id, arrays.demands[post].id) for cohort, post in rows]
    assert sorted(keys) == sorted(judged.alive)
    for number, key in enumerate(keys):
        figures = judged.alive[key]
        assert bool(found.pairs.unknown[number]) is (figures.status is Status.UNKNOWN)
        assert abs(found.scores.score[number] - figures.score) <= 1e-12, key
        assert abs(found.scores.coverage[number] - figures.coverage) <= 1e-12, key


def check(world: World, anchor: tuple[str, str], mode: str, as_of: date, k: int = 20, **more: Any) -> int:
    """Compare one question; return how many pairs do not fail."""
    question = ask(world, anchor=NodeRef(*anchor), mode=mode, as_of=as_of, **more)
    scorer = Scorer.of(world, POLICY, question)
    judged = judge_one_by_one(scorer)
    assert_same_pairs(judged, survey(scorer))
    answer = ask_partners(world, anchor, mode, as_of, k=k, **more)
    shown = Ordering(exposures=lambda _: 0, tie_key=tie_key, k=k)
    for verify, items in ((False, answer.items), (True, answer.to_verify)):
        placed = arrange(scorer, partners_one_by_one(scorer, judged, verify=verify), shown)
        assert [
            (one.rank, one.tied, one.tie_key, one.payload.best.offering.id, one.payload.best.demand.id)
            for one in placed
        ] == [(one.rank, one.tied, one.tie_key, *(one.match.pair or {}).values()) for one in items]
        if question.in_seats:
            assert [(one.payload.seats, one.payload.value) for one in placed] == [
                (one.seats, one.value) for one in items
            ]
    return len(judged.alive)


@pytest.mark.parametrize("first", range(0, 30, 10))
def test_random_worlds(first: int, tmp_path: Path) -> None:
    for seed in range(first, first + 10):
        tables = random_world(seed, mask_defaults=seed % 2 == 1)
        world = loaded(tables, tmp_path / str(seed))
        for question in random_questions(tables, seed):
            if question.pop("kind") == "partners":
                check(world, **question)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> World:
    return synthetic_city("county", tmp_path_factory.mktemp("county"))


def synthetic_city(size: str, folder: Path) -> World:
    """The organisations and cooperation tables of a synthetic city."""
    people = {table.key for table in SCHEMA.tables if table.is_person_table} | {"mentorships"}
    source = sources(size)[0]
    for table, rows in generate(size, seed=3, day=DAY, source=source):
        if table not in people:
            with csv_writers(folder, (table,)) as writers:
                for row in rows:
                    writers[table](row)
    store = MemoryStore(clock=lambda: datetime(2026, 11, 1, tzinfo=UTC))
    report = load(
        [folder],
        store=store,
        sealer=SEALER,
        schema=SCHEMA,
        source=source,
        actor="test",
        clock=lambda: datetime(2026, 11, 1, tzinfo=UTC),
    )
    assert not report.rejects
    return build_world(store, POLICY)


def some(codes: Sequence[str], count: int) -> list[str]:
    return sorted(codes)[:: max(1, len(codes) // count)][:count]


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["internship", "order_class", "joint_rd", "assessment"])
@pytest.mark.parametrize("order", ["value", "seats", "score"])
def test_a_city(city: World, mode: str, order: str) -> None:
    view = city.cooperation
    seen = 0
    for code in some(list(view.demands_of), 6):
        seen += check(city, ("enterprise", code), mode, DAY, k=3, order=order)
    for code in some(list(view.offerings_of), 2):
        seen += check(city, ("school", code), mode, DAY, k=5, order=order, radius_hours=1.0)
    assert seen > 0


@pytest.mark.slow
def test_a_district(city: World) -> None:
    view = city.cooperation
    places = {view.enterprise(code).district for code in view.demands_of}
    assert check(city, ("district", min(code for code in places if code)), "internship", DAY, k=4) > 0


def test_fits_agree_with_the_look_up(city: World) -> None:
    occupations = city.occupations
    wanted = sorted({one.occupation for one in city.cooperation.demands.values()})[:60]
    leads = sorted({lead.occupation for one in city.cooperation.majors.values() for lead in one.occupations})[
        :60
    ]
    found = occupation_fits(occupations, leads, wanted)
    for row, lead in enumerate(leads):
        for column, occupation in enumerate(wanted):
            fit = occupations.fit(lead, occupation)
            assert (fit is None and found[row, column] != found[row, column]) or fit == found[row, column]
