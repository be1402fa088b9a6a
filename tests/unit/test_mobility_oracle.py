"""Query B against the brute-force oracle on random worlds, and the arrays against the plain scorer on every talent."""

from collections import Counter
from datetime import date
from typing import Any

import pytest

from kg.index.world import World
from kg.matching.mobility.nominate import score_all
from kg.matching.mobility.recommendation import Question, parse_need, recommend_talents, score_talent
from kg.matching.mobility.survey import survey
from kg.model.answers import Match, Status
from tests.oracle.compare import assert_same
from tests.oracle.generate import random_questions, random_world
from tests.oracle.talents import answer_talents
from tests.unit.mobility_worlds import POLICY, as_json, world_of

CHUNK = 20
CHUNKS = [
    pytest.param(start, marks=() if start < 2 * CHUNK else pytest.mark.slow)
    for start in range(0, 12 * CHUNK, CHUNK)
]


def talent_questions(tables: Any, seed: int) -> list[dict[str, Any]]:
    """The random questions about talents, as arguments."""
    found = (dict(question) for question in random_questions(tables, seed))
    return [question for question in found if question.pop("kind") == "talents"]


@pytest.mark.parametrize("start", CHUNKS)
def test_answers_equal_the_oracle(start: int) -> None:
    for seed in range(start, start + CHUNK):
        tables = random_world(seed, mask_defaults=seed % 2 == 1)
        world = world_of(tables)
        for asked in talent_questions(tables, seed):
            question = parse_need(world, POLICY, asked["need"])
            answer = recommend_talents(
                world,
                POLICY,
                question,
                as_of=asked["as_of"],
                k=asked["k"],
                exposures=lambda _: 0,
                tie_key=lambda query: lambda entity: query + entity,
                query_id="q",
            )
            assert_same(as_json(world, answer), answer_talents(tables, **asked))
            check_arrays(world, question, asked["as_of"])


def check_arrays(world: World, question: Question, as_of: date) -> None:
    """Status, counts, score and coverage of every talent, by arrays and by the plain scorer."""
    found = survey(world, POLICY, question, as_of)
    scored = score_all(found)
    left = dict(
        zip(
            scored.places.tolist(),
            zip(scored.unsure.tolist(), scored.score.tolist(), scored.coverage.tolist(), strict=True),
            strict=True,
        )
    )
    failed: Counter[str] = Counter()
    for place in range(len(world.talents.keys)):
        match = score_talent(world, POLICY, question, world.talents.at(place), as_of=as_of)
        if match.first_failing is not None:
            failed[match.first_failing] += 1
            assert place not in left
            continue
        unsure, score, coverage = left[place]
        assert unsure == (match.status is Status.UNKNOWN)
        assert score == pytest.approx(match.score, abs=1e-12)
        assert coverage == pytest.approx(match.coverage, abs=1e-12)
        check_ledger(match)
    assert found.failed == failed


def check_ledger(match: Match) -> None:
    """Contributions add up to the sides, sides to the score, and every line says something."""
    need, talent = match.sides["need"].score, match.sides["talent"].score
    expected = 2 * need * talent / (need + talent) if need > 0 and talent > 0 else 0.0
    assert match.score == pytest.approx(expected, abs=1e-12)
    low, high = match.interval
    assert low - 1e-12 <= match.score <= high + 1e-12
    assert sum(factor.weight for factor in match.sides["need"].factors) == pytest.approx(1)
    assert all(factor.text for side in match.sides.values() for factor in side.factors)
    assert all(result.text for result in match.filters)
    assert all(result.check for result in match.filters if result.status is Status.UNKNOWN)
    assert match.summary.endswith("。")
