"""Open needs and the talents that pass, from the same arrays and the same scorer as the lists of query B."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from kg.errors import InvalidInputError
from kg.index.talents.columns import ENDS
from kg.index.talents.facts import FINISHED, SIGNED, Talent
from kg.index.world import World
from kg.matching.mobility.nominate import score_all
from kg.matching.mobility.recommendation import Question, parse_need, score_talent
from kg.matching.mobility.survey import survey
from kg.matching.plans.hours_market import Chance, HoursMarket, OpenNeed, Terms
from kg.matching.quantities import SLACK
from kg.model.answers import Status
from kg.model.rules import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursQuestion:
    """Which needs: those of a district (None: all) that are open on a day; `k` best talents of each (None: all)."""

    as_of: date
    district: str | None = None
    k: int | None = None

    def as_asked(self) -> dict[str, object]:
        """Return the question as a plan repeats it."""
        return {"kind": "mobility", "district": self.district, "k": self.k}


def hours_question(world: World, *, as_of: date, district: str | None, k: int | None) -> HoursQuestion:
    """Return the checked question; InvalidInputError names the field that is wrong."""
    if district is not None and district not in world.travel.listed:
        text = f"没有区划代码“{district}”，请填区县表里的六位代码"
        raise InvalidInputError(text, field="district", value=district)
    return HoursQuestion(as_of=as_of, district=district, k=k)


def hours_market(world: World, policy: Policy, asked: HoursQuestion) -> HoursMarket:
    """Return the market of the question; needs that cannot be asked are left out and told with the reason."""
    questions, left_out = _open_needs(world, policy, asked)
    chances = {key: _chances(world, policy, one, asked) for key, one in questions.items()}
    return HoursMarket(
        needs={key: _need(one) for key, one in questions.items()},
        chances=chances,
        signed=lambda talent: _signed(_talent(world, talent)),
        find_terms=lambda need, talent: _terms(
            world, policy, questions[need], _talent(world, talent), asked.as_of
        ),
        concurrent=policy.query_b.concurrent,
        priority_weight=policy.plans.priority_weight,
        left_out=left_out,
    )


def _open_needs(
    world: World, policy: Policy, asked: HoursQuestion
) -> tuple[Mapping[str, Question], Mapping[str, str]]:
    taken = _taken(world)
    found: dict[str, Question] = {}
    left_out: dict[str, str] = {}
    for key, need in sorted(world.talents.needs.items()):
        if need.last is None or need.last < asked.as_of or key in taken:
            continue
        try:
            question = parse_need(world, policy, key)
        except InvalidInputError as error:
            left_out[key] = error.message
            continue
        if asked.district is None or question.district == asked.district:
            found[key] = question
    return found, left_out


def _taken(world: World) -> set[str]:
    """Return the needs that a signed or finished service names."""
    view = world.talents
    services = view.arrays.services
    done = np.isin(services.status, (ENDS[SIGNED], ENDS[FINISHED])) & view.alive[services.talent]
    numbers = set(services.need[done].tolist())
    found = {key for key in view.needs if view.arrays.needs.find(key) in numbers}
    for talent in view.changed.values():
        if talent is not None:
            found |= {one.need for one in talent.engagements if one.status in (SIGNED, FINISHED)}
    return found


def _chances(world: World, policy: Policy, question: Question, asked: HoursQuestion) -> Sequence[Chance]:
    """Return who passes all filters of a need, best for the need first."""
    scored = score_all(survey(world, policy, question, asked.as_of))
    key, keys = question.need.key or "", world.talents.keys
    sure = np.flatnonzero(~scored.unsure)
    found = [
        Chance(key, keys[place], a, b, score)
        for place, a, b, score in zip(
            scored.places[sure].tolist(),
            scored.a[sure].tolist(),
            scored.b[sure].tolist(),
            scored.score[sure].tolist(),
            strict=True,
        )
    ]
    for _, talent in sorted(world.talents.changed.items()):
        if talent is not None:
            match = score_talent(world, policy, question, talent, as_of=asked.as_of)
            if match.status is Status.PASS:
                sides = match.sides
                found.append(Chance(key, talent.key, sides["need"].score, sides["talent"].score, match.score))
    found.sort(key=lambda one: (-one.a, -one.score, one.talent))
    return found if asked.k is None else found[: asked.k]


def _need(question: Question) -> OpenNeed:
    need = question.need
    stated = need.values.get("priority")
    return OpenNeed(
        key=need.key or "",
        title=need.title,
        host=question.host.code,
        priority=float(stated) if isinstance(stated, int | float) else 0.0,
        hours=question.hours,
        weekly=question.weekly,
        weeks_wanted=question.weeks_wanted,
        weeks=question.weeks,
        first=question.first,
        last=question.last,
    )


def _talent(world: World, key: str) -> Talent:
    found = world.talents.talent(key)
    assert found is not None  # the market names talents of this generation only
    return found


def _signed(talent: Talent) -> list[tuple[date, date]]:
    return [
        (one.first or date.min, one.last or date.max) for one in talent.engagements if one.status == SIGNED
    ]


def _terms(world: World, policy: Policy, question: Question, talent: Talent, as_of: date) -> Terms:
    """Return the terms as the scorer of one pair states them."""
    match = score_talent(world, policy, question, talent, as_of=as_of)
    mode, facts, rules = match.mode or "", match.facts, policy.query_b
    travel, weeks = facts["travel"], facts["weeks"]
    assert isinstance(travel, dict)
    assert isinstance(weeks, list)
    counted = mode in rules.trip_modes
    visits = int(travel["visits"] or 0)
    one_way = travel["one_way"]
    limit = travel["limit"]
    return Terms(
        mode=mode,
        visits=visits,
        road=float(travel["hours"] or 0.0),
        counted=counted,
        far=counted and visits > 0 and one_way is not None and one_way >= rules.trip_hours - SLACK,
        free={date.fromisoformat(str(week["monday"])): float(week["free"]) for week in weeks},
        travel_left=None if limit is None else float(limit) - float(travel["used"]),
        trips_left=rules.trips_per_year - float(travel["trips"]),
    )
